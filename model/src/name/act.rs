//! What calls with names tell, and what they do.

use std::sync::Arc;

use super::mounts;
use super::terms::{spot, spot_of};
use super::tree::{Directory, Link, Node, Spot};
use crate::clause::{Action, Answer, action};
use crate::outcome::Value;
use crate::view::Change;
use crate::world::Object;

pub(super) static MODE: Answer = Answer {
    name: "the permission bits",
    value: |v| {
        let node = spot(v).and_then(|spot| v.world.object_at(spot.object?).node().copied());
        Value::Number(node.map_or(0, |node| node.mode.into()))
    },
};
pub(super) static OLD_MASK: Answer = Answer {
    name: "the mask until now",
    value: |v| Value::Number(v.process().map_or(0, |process| process.user.umask.into())),
};

/// A node as the caller makes it, with these permission bits less its mask.
pub fn new_node(c: &Change<'_>, mode: u64) -> Node {
    let user = c.world.process(c.actor.process).map(|process| process.user);
    let umask = user.map_or(0, |user| user.umask);
    let nobodys = user.is_some_and(|user| user.nobody);
    Node { mode: mode as u16 & 0o777 & !umask, nobodys }
}

/// Gives an object the name that the call's last path is.
pub fn give_name(c: &mut Change<'_>, object: Object) {
    let view = c.view();
    let last = view.call.map_or(0, |call| call.call.args.len().saturating_sub(1));
    let place =
        (0..=last).rev().find(|index| view.call.is_some_and(|c| c.call.path(*index).is_some()));
    let spot = place.and_then(|index| spot_of(&view, index, false).ok());
    if let Some(Spot { path, object: None, .. }) = spot {
        let index = c.world.add_object(object);
        Arc::make_mut(&mut c.world.names).set(&path, index);
    }
}

pub(super) static MAKE_DIRECTORY: Action =
    action("a directory with the bits % less the mask", |c, mode| {
        let node = new_node(c, mode);
        give_name(c, Object::Directory(Directory { node }));
    });
pub(super) static MAKE_LINK: Action = action("a symbolic link to the first path", |c, _| {
    let target = c.view().call.and_then(|call| call.call.path(0)).map(Arc::from);
    if let Some(target) = target {
        let node = Node { mode: 0o777, ..new_node(c, 0) };
        give_name(c, Object::Link(Link { node, target }));
    }
});
pub(super) static REMOVE: Action =
    action("the name is gone, and the file with its last", |c, _| {
        if let Some(Spot { path, object: Some(object), .. }) = spot(&c.view()) {
            Arc::make_mut(&mut c.world.names).remove(&path);
            mounts::removed(c.world, &path);
            c.world.forget(object);
        }
    });
pub(super) static NAME_TOO: Action =
    action("the second path is a name of the same file", |c, _| {
        let view = c.view();
        if let (Some(Spot { object: Some(object), .. }), Ok(to)) =
            (spot(&view), spot_of(&view, 1, false))
        {
            Arc::make_mut(&mut c.world.names).set(&to.path, object);
        }
    });
pub(super) static MOVE: Action =
    action("the second path is its name, and no other file's", |c, _| {
        let view = c.view();
        if let (Some(from), Ok(to)) = (spot(&view), spot_of(&view, 1, false)) {
            let names = Arc::make_mut(&mut c.world.names);
            names.remove(&to.path);
            names.rename(&from.path, &to.path);
            mounts::removed(c.world, &to.path);
            mounts::renamed(c.world, &from.path, &to.path);
            if let Some(object) = to.object {
                c.world.forget(object);
            }
        }
    });
pub(super) static SET_MASK: Action = action("the mask is %", |c, mask| {
    if let Some(process) = c.process() {
        process.user.umask = mask as u16 & 0o777;
    }
});
pub(super) static BE_NOBODY: Action = action("the process is nobody's", |c, _| {
    if let Some(process) = c.process() {
        process.user.nobody = true;
        process.user.undumpable = true;
    }
});
