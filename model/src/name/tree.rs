//! The tree of names: which names there are, what they stand for, and how a path is followed.

use std::sync::Arc;

use super::mounts::covering;
use crate::errno::Errno;
use crate::object::{Kind, Object, feed};
use crate::profile::Numbers;
use crate::world::{User, World};

/// Symbolic links that are followed on the way, at most (Linux `path_resolution(7)`).
const LINKS_MAX: u32 = 40;

/// What a name leads to, whatever kind of file it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Node {
    /// The permission bits.
    pub mode: u16,
    /// It was made by a process that had become nobody.
    pub nobodys: bool,
}

/// A directory: what is in it, [`Names`] tells.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Directory {
    /// Its permissions and owner.
    pub node: Node,
}

/// A symbolic link.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Link {
    /// Its permissions, which nobody asks for, and owner.
    pub node: Node,
    /// The path that stands in its place.
    pub target: Arc<str>,
}

/// All names, below the directory that a program has to itself: whole paths, in order, each with the
/// object that it stands for.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Names {
    all: Vec<(Arc<str>, u16)>,
}

/// Where a path leads: every directory on the way is there and may be searched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spot {
    /// The whole path, links resolved, and mounts.
    pub path: String,
    /// By which of the mounts that the caller sees: 0 is none of them, others count from 1.
    pub mount: u8,
    /// What stands there.
    pub object: Option<u16>,
}

impl Kind for Directory {
    fn file_type(&self) -> &'static str {
        "S_IFDIR"
    }

    fn node(&self) -> Option<&Node> {
        Some(&self.node)
    }

    fn node_mut(&mut self) -> Option<&mut Node> {
        Some(&mut self.node)
    }

    fn outline(&self, mix: &mut dyn std::hash::Hasher) {
        feed(self, mix);
    }
}

impl Kind for Link {
    fn file_type(&self) -> &'static str {
        "S_IFLNK"
    }

    fn node(&self) -> Option<&Node> {
        Some(&self.node)
    }

    fn outline(&self, mix: &mut dyn std::hash::Hasher) {
        feed(self, mix);
    }
}

impl Names {
    /// What the path stands for.
    pub fn get(&self, path: &str) -> Option<u16> {
        let place = self.all.binary_search_by(|(name, _)| (**name).cmp(path)).ok()?;
        Some(self.all[place].1)
    }

    /// The path stands for this from now on.
    pub fn set(&mut self, path: &str, object: u16) {
        match self.all.binary_search_by(|(name, _)| (**name).cmp(path)) {
            Ok(place) => self.all[place].1 = object,
            Err(place) => self.all.insert(place, (path.into(), object)),
        }
    }

    /// The path stands for nothing any more.
    pub fn remove(&mut self, path: &str) {
        self.all.retain(|(name, _)| **name != *path);
    }

    /// Everything at and below the one path is at and below the other.
    pub fn rename(&mut self, from: &str, to: &str) {
        let below = |name: &str| name == from || is_below(name, from);
        let (moved, kept) = self.all.drain(..).partition(|(name, _)| below(name));
        self.all = kept;
        let moved: Vec<(Arc<str>, u16)> = moved;
        for (name, object) in moved {
            self.set(&format!("{to}{}", &name[from.len()..]), object);
        }
    }

    /// Whether anything is in that directory.
    pub fn has_below(&self, path: &str) -> bool {
        self.all.iter().any(|(name, _)| is_below(name, path))
    }

    /// Whether any name stands for that object.
    pub fn has(&self, object: u16) -> bool {
        self.all.iter().any(|(_, named)| *named == object)
    }

    /// Every name, in order, with its object.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u16)> {
        self.all.iter().map(|(name, object)| (&**name, *object))
    }
}

fn is_below(name: &str, directory: &str) -> bool {
    match name.strip_prefix(directory) {
        Some(rest) => directory.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

/// The directory that a path is in.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Follows a path (POSIX.1-2024 Base Definitions, 4.16 Pathname Resolution); a link at its end, and what
/// is mounted there, only if `follow` says so.
///
/// # Errors
///
/// `ENOENT`, `ENOTDIR`, `EACCES`, `ELOOP` and `ENAMETOOLONG`, for what is on the way.
pub fn resolve(
    world: &World,
    numbers: &Numbers,
    user: User,
    path: &str,
    follow: bool,
) -> Result<Spot, Errno> {
    if path.len() as u64 >= numbers.path_max {
        return Err(Errno::ENAMETOOLONG);
    }
    // Most paths are one word, and most words are no links.
    let one_word = !path.is_empty() && path.len() as u64 <= numbers.name_max && !path.contains('/');
    let mounts = world.mounts_of(user.namespace);
    let one_word = one_word && mounts.is_empty();
    if one_word && may(world, numbers, user, "", 1) {
        let object = world.names.get(path);
        let links = object.is_some_and(|o| matches!(world.object_at(o), Object::Link(_)));
        if !(links && follow) {
            return Ok(Spot { path: path.to_owned(), mount: 0, object });
        }
    }
    let mut links = 0;
    let (mut here, mut mount) = (String::new(), 0);
    let mut rest: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    if path.is_empty() {
        return Err(Errno::ENOENT);
    }
    while let Some(word) = rest.pop() {
        if !may(world, numbers, user, &here, 1) {
            return Err(Errno::EACCES);
        }
        if word.len() as u64 > numbers.name_max {
            return Err(Errno::ENAMETOOLONG);
        }
        let next = if here.is_empty() { word } else { format!("{here}/{word}") };
        let object = world.names.get(&next);
        let last = rest.is_empty();
        match object.map(|index| (index, world.object_at(index))) {
            Some((_, Object::Link(link))) if !last || follow => {
                links += 1;
                if links > LINKS_MAX {
                    return Err(Errno::ELOOP);
                }
                rest.extend(link.target.split('/').rev().map(str::to_owned));
            }
            _ if last && follow => {
                let (mount, path) = covering(mounts, mount, next);
                let object = world.names.get(&path);
                return Ok(Spot { path, mount, object });
            }
            _ if last => return Ok(Spot { path: next, mount, object }),
            Some((_, Object::Directory(_))) => (mount, here) = covering(mounts, mount, next),
            Some(_) => return Err(Errno::ENOTDIR),
            None => return Err(Errno::ENOENT),
        }
    }
    Err(Errno::ENOENT)
}

/// Whether a process may do to a file or directory what these three permission bits say: 4 to read, 2
/// to write, 1 to search. The empty path is the program's own directory, mode 0755.
pub fn may(world: &World, numbers: &Numbers, user: User, path: &str, wanted: u16) -> bool {
    let object = world.names.get(path).map(|index| world.object_at(index));
    let root = Node { mode: 0o755, nobodys: false };
    let node = match path {
        "" => Some(&root),
        _ => object.and_then(Object::node),
    };
    node.is_none_or(|node| allows(node, numbers, user, wanted))
}

/// Whether the permission bits of a file give that process these rights.
pub fn allows(node: &Node, numbers: &Numbers, user: User, wanted: u16) -> bool {
    let all = numbers.privileged && !user.nobody;
    let bits = if node.nobodys == user.nobody { node.mode >> 6 } else { node.mode };
    all || bits & wanted == wanted
}
