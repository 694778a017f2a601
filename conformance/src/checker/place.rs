//! A place: how far a run of the model has come in the history.

use std::hash::{Hash, Hasher};

use ipc_model::operation::Actor;
use ipc_model::world::{InCall, Object, World};

use super::order::NONE;

/// How far a run of the model has come in the history.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) world: World,
    /// The event that comes next, by index.
    pub(super) event: usize,
    /// How many calls have begun.
    pub(super) begun: u32,
    /// For each process its last call, by number; one thread each.
    pub(super) current: Vec<u32>,
    /// For each stream how many pieces are known to have gone in, no more than have.
    pub(super) gone_in: Vec<u32>,
    /// Processes in calls that can be answered only for an instant: bit *i* is process *i*.
    pub(super) picky: u64,
    /// Processes in calls that are taken not to have looked for room before they find it, likewise.
    pub(super) awake: u64,
}

impl Place {
    pub(super) fn new(world: World) -> Place {
        let current = vec![NONE; world.processes.len()];
        Place { world, event: 0, begun: 0, current, gone_in: Vec::new(), picky: 0, awake: 0 }
    }

    /// The call that an actor is in: its state and its number.
    pub(super) fn call(&self, actor: Actor) -> Option<(&InCall, usize)> {
        let call = self.world.in_call(actor)?;
        let number = *self.current.get(usize::from(actor.process))?;
        (number != NONE).then_some((call, number as usize))
    }

    /// The next call of a process has begun.
    pub(super) fn begin(&mut self, process: u8) {
        self.begun += 1;
        self.awake &= !bit(process);
    }

    /// An actor's call does not fall asleep.
    pub(super) fn stays_awake(&mut self, actor: Actor) {
        self.awake |= bit(actor.process);
    }

    /// Whether an actor's call may fall asleep.
    pub(super) fn may_sleep(&self, actor: Actor) -> bool {
        self.awake & bit(actor.process) == 0
    }

    /// Every thread that is in a call.
    pub(super) fn callers(&self) -> Vec<Actor> {
        self.world.calls().map(|(actor, _)| actor).collect()
    }

    /// The place in 128 bits: two places with the same are taken for one.
    pub(super) fn mark(&self) -> u128 {
        let mut marker = Marker::default();
        (self.event, self.awake, &self.world).hash(&mut marker);
        marker.mark()
    }

    /// How many bytes it takes to keep it, roughly: what another world may share is counted as well.
    pub(super) fn weight(&self) -> usize {
        let tables = self.world.processes.iter().map(|p| 160 + p.table.len() * 6);
        let contents = self.world.objects.iter().map(|object| match &**object {
            Object::None => 16,
            object => 200 + object.front().map_or(0, |data| data.runs().len() * 40),
        });
        256 + self.current.len() * 4
            + self.gone_in.len() * 4
            + self.world.descriptions.len() * 8
            + tables.sum::<usize>()
            + contents.sum::<usize>()
    }
}

/// Stands for a process; processes beyond 64 have none.
pub(super) fn bit(process: u8) -> u64 {
    1_u64.checked_shl(process.into()).unwrap_or(0)
}

/// Two lanes of multiply and rotate: fast, and the same in every run. Worlds are not chosen by an
/// adversary, and 128 bits are enough for billions of them.
#[derive(Default)]
pub(crate) struct Marker {
    low: u64,
    high: u64,
}

impl Marker {
    #[inline(always)]
    fn mix(&mut self, word: u64) {
        self.low = (self.low.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
        self.high = (self.high ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }

    pub(crate) fn mark(mut self) -> u128 {
        self.mix(0);
        self.mix(1);
        let spread = |x: u64| (x ^ (x >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        u128::from(spread(self.low)) << 64 | u128::from(spread(self.high))
    }
}

impl Hasher for Marker {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
        self.mix(bytes.len() as u64);
    }

    fn write_u8(&mut self, n: u8) {
        self.mix(u64::from(n));
    }

    fn write_u16(&mut self, n: u16) {
        self.mix(u64::from(n));
    }

    fn write_u32(&mut self, n: u32) {
        self.mix(u64::from(n));
    }

    fn write_u64(&mut self, n: u64) {
        self.mix(n);
    }

    fn write_usize(&mut self, n: usize) {
        self.mix(n as u64);
    }

    fn write_isize(&mut self, n: isize) {
        self.mix(n as u64);
    }

    fn finish(&self) -> u64 {
        self.low ^ self.high
    }
}
