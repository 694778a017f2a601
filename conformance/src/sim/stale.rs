//! Descriptors that were closed, as a kernel with stale references has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipc_model::operation::Actor;
use ipc_model::pipe::Pipe;
use ipc_model::world::{Description, Entry, Object, World};

/// What each closed descriptor led to, by process and number.
#[derive(Clone, Default)]
pub struct Graves(BTreeMap<(u8, i64), (Entry, Description, Arc<Object>)>);

impl Graves {
    /// Remembers what was open before and is not any more.
    pub(super) fn dig(&mut self, before: &World, after: &World) {
        for process in 0..before.processes.len() as u8 {
            for (fd, entry) in before.open_fds(process) {
                let place = (process, fd as i64);
                if after.entry(process, fd as i64).is_some() {
                    self.0.remove(&place);
                    continue;
                }
                let Some(description) = before.descriptions.get(usize::from(entry.description))
                else {
                    continue;
                };
                let Some(object) = before.objects.get(usize::from(description.object)) else {
                    continue;
                };
                self.0.insert(place, (entry, *description, Arc::clone(object)));
            }
        }
    }

    /// Whatever the closed descriptor of the actor's call may have led to: either end, however it was
    /// set, of each pipe that is there, and of one that is gone.
    pub fn possible(world: &World, actor: Actor) -> Vec<Graves> {
        let fd = world.in_call(actor).and_then(|call| call.call.fd()).map(i64::from);
        let Some(fd) = fd.filter(|fd| world.entry(actor.process, *fd).is_none()) else {
            return Vec::new();
        };
        let gone = (world.objects.len(), Arc::new(Object::Pipe(Pipe::default())));
        let there =
            world.objects.iter().enumerate().map(|(index, object)| (index, Arc::clone(object)));
        let pipes = there.filter(|(_, object)| **object != Object::None).chain([gone]);
        let ends = pipes.flat_map(|(index, object)| {
            (0..8_u8).map(move |bits| {
                let (reads, nonblock, direct) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0);
                let end = Description {
                    object: index as u16,
                    reads,
                    writes: !reads,
                    nonblock,
                    direct,
                    ..Description::default()
                };
                (end, Arc::clone(&object))
            })
        });
        let entry = Entry { description: 0, cloexec: false };
        let place = (actor.process, fd);
        ends.map(|(end, object)| Graves(BTreeMap::from([(place, (entry, end, object))]))).collect()
    }

    /// The world with the closed descriptor of the actor's call open again, and that descriptor.
    pub(super) fn raise(&self, world: &World, actor: Actor) -> Option<(World, i64)> {
        let fd = i64::from(world.in_call(actor)?.call.fd()?);
        if world.entry(actor.process, fd).is_some() {
            return None;
        }
        let (entry, description, object) = self.0.get(&(actor.process, fd))?;
        let mut raised = world.clone();
        let mut description = Description { references: 0, ..*description };
        let gone = raised.objects.get(usize::from(description.object));
        if gone.is_none_or(|now| **now == Object::None) {
            description.object = raised.add_object((**object).clone());
        }
        let place = raised.add_description(description);
        raised.install(actor.process, fd, Entry { description: place, ..*entry });
        Some((raised, fd))
    }
}
