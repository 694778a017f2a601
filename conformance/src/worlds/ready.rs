//! The promise of readiness, once more and in every state: what is surely ready, the call that the law
//! names does without waiting when nobody is in between.

use std::sync::Arc;

use ipc_model::errno::Errno;
use ipc_model::mechanism;
use ipc_model::operation::Actor;
use ipc_model::outcome::Outcome;
use ipc_model::poll::{Law, bits};
use ipc_model::spec::Spec;
use ipc_model::view::{Choice, View};
use ipc_model::world::{Activity, World};

use super::always::Broken;
use super::here::{Here, Standing};
use super::letters::name_of;
use super::space::{Action, Space};

pub(super) fn promised(space: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    let world = &here.state.world;
    if !space.letters.iter().any(|letter| letter.asks()) {
        return Ok(());
    }
    for process in 0..world.processes.len() as u8 {
        let actor = Actor::first(process);
        if !world.may_call(actor) {
            continue;
        }
        for (fd, entry) in world.open_fds(process) {
            let subject = Some(entry.description);
            let chosen = Choice::default();
            let view = View { world, spec: space.spec, actor, call: None, subject, chosen };
            let (sure, _) = bits(&view);
            let kind = world.object_of(entry.description).kind().map(|kind| kind.name());
            let promises =
                |law: &&'static Law| Some(law.kind) == kind && sure >> law.event & 1 != 0;
            for law in mechanism::law().filter(promises) {
                for nonblock in [false, true] {
                    let mut world = world.clone();
                    if let Some(d) = world.descriptions.get_mut(usize::from(entry.description)) {
                        d.nonblock = nonblock;
                    }
                    space.spec.call(
                        &mut world,
                        actor,
                        Arc::new(law.call(space.spec, fd as i32, -1)),
                    );
                    alone(space.spec, actor, world).map_err(|how| {
                        format!(
                            "{}: {fd} is ready, and {} {how}",
                            name_of(process),
                            law.operation.key()
                        )
                    })?;
                }
            }
        }
    }
    Ok(())
}

/// Every way in which the call goes on while nobody else does: none may sleep or be refused for it.
fn alone(spec: &Spec, actor: Actor, world: World) -> Result<(), &'static str> {
    let mut worlds = vec![world];
    while let Some(world) = worlds.pop() {
        match world.activity(actor) {
            Activity::Returning(Outcome::Failure(Errno::EAGAIN)) => return Err("is refused"),
            Activity::InCall(call) => {
                let standing = Standing::of(spec, &world, actor, call);
                if standing.sleeps.is_some() {
                    return Err("may sleep");
                }
                for action in standing.steps() {
                    let Action::Step { step, count } = action else { continue };
                    let mut after = world.clone();
                    spec.make(&mut after, &step, Choice { count, probed: None });
                    worlds.push(after);
                }
            }
            _ => {}
        }
    }
    Ok(())
}
