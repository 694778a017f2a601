//! What makes two states one: 128 bits of everything but names.
//!
//! Descriptions and objects are numbered in the order in which the tables lead to them, processes
//! in each order that their alphabets allow, and of the bytes in a pipe only the number is taken: no
//! two bytes of a state are alike, and no clause asks which one it is.

use std::hash::{Hash, Hasher};

use ipc_model::mutex::Mutexes;
use ipc_model::operation::Arg;
use ipc_model::world::{Activity, Description, InCall, Life, Process, World};

use super::bytes::Packets;
use super::space::{Space, State};

/// 128 bits.
pub(super) type Fingerprint = [u64; 2];

impl Space<'_> {
    /// The fingerprint of a state: the same for all that differ in names only.
    pub(super) fn fingerprint(&self, state: &State) -> Fingerprint {
        if let [only] = self.orders.as_slice() {
            return Walk::of(state, only, self.groups);
        }
        let keys: Vec<u64> = (0..self.scope.processes).map(|number| key(state, number)).collect();
        let ascending = |order: &&Vec<u8>| {
            let key = |place: usize| keys[usize::from(order[place])];
            self.alike.iter().all(|(a, b)| key(*a) <= key(*b))
        };
        let of = |order: &Vec<u8>| Walk::of(state, order, self.groups);
        self.orders.iter().filter(ascending).map(of).min().unwrap_or_default()
    }
}

/// What can be said of a process without a name: who differs in it cannot trade places, so that
/// most orders need not be tried.
fn key(state: &State, number: u8) -> u64 {
    let Some(process) = state.world.process(number) else { return 0 };
    let mut mix = Mix::new();
    (process.life, &process.signals, process.user, state.moved[usize::from(number)]).hash(&mut mix);
    process.timers.hash(&mut mix);
    if let Activity::InCall(call) = &process.activity {
        (std::ptr::from_ref(call.operation()) as usize, call.done, call.slept, call.found)
            .hash(&mut mix);
    }
    for entry in &process.table {
        let description =
            entry.and_then(|entry| state.world.descriptions.get(usize::from(entry.description)));
        description.map(|description| (description.writes, description.references)).hash(&mut mix);
    }
    mix.finish()
}

/// A walk through a world, from the tables to the descriptions and on to the objects.
struct Walk<'a> {
    world: &'a World,
    packets: &'a Packets,
    /// For each process its place in the order.
    places: Vec<u8>,
    /// Whether process groups can be seen.
    groups: bool,
    descriptions: Vec<u16>,
    objects: Vec<u16>,
    mix: Mix,
}

impl Walk<'_> {
    fn of(state: &State, order: &[u8], groups: bool) -> Fingerprint {
        let world = &state.world;
        let mut places = vec![0; order.len()];
        for (place, process) in order.iter().enumerate() {
            places[usize::from(*process)] = place as u8;
        }
        let mix = Mix::new();
        let mut walk = Walk {
            world,
            packets: &state.packets,
            places,
            groups,
            descriptions: vec![],
            objects: vec![],
            mix,
        };
        for process in order {
            walk.process(state, *process);
        }
        // None, unless references are lost.
        for index in 0..world.descriptions.len() as u16 {
            if world.descriptions[usize::from(index)].references > 0 {
                walk.description(index);
            }
        }
        for (name, object) in world.names.iter().chain(world.shared.iter()) {
            name.hash(&mut walk.mix);
            walk.object(object);
        }
        if !world.mounts.is_empty() {
            world.mounts.hash(&mut walk.mix);
        }
        // Most worlds have none that anybody has touched.
        if world.mutexes != Mutexes::default() {
            for mutex in &world.mutexes {
                let owner = mutex.owner.map(|owner| walk.place(owner));
                let held = walk.held(order, |process| mutex.is_held_by(process));
                (owner, held, mutex.state, mutex.missed).hash(&mut walk.mix);
            }
        }
        for ring in world.rings.iter() {
            for side in &ring.sides {
                let held = walk.held(order, |process| side.is_held_by(process));
                let owner = side.owner.map(|owner| walk.place(owner));
                (owner, held, side.joined, side.closed).hash(&mut walk.mix);
            }
            // Of what is in it, the lengths: every payload is another's.
            (&ring.records, ring.tail, ring.owes, ring.told).hash(&mut walk.mix);
        }
        for segment in world.segments.iter() {
            (segment.key, segment.number, segment.removed, segment.torn).hash(&mut walk.mix);
            walk.object(segment.object);
        }
        walk.mix.fingerprint()
    }

    fn process(&mut self, state: &State, number: u8) {
        let Some(process) = self.world.process(number) else { return };
        // Every field has its place here, and a new one has to be given its own.
        let Process {
            life,
            thread_of,
            parent,
            group,
            execed,
            pdeath,
            table,
            user,
            signals,
            stopped,
            news,
            untold,
            space,
            timers,
            activity,
        } = process;
        let parent = parent.map(|parent| self.place(parent));
        (life, parent, signals, user, state.moved[usize::from(number)]).hash(&mut self.mix);
        (stopped, news, untold, timers, pdeath).hash(&mut self.mix);
        thread_of.map(|leader| self.place(leader)).hash(&mut self.mix);
        if self.groups && !matches!(life, Life::Unborn | Life::Reaped) {
            (self.place(*group), execed).hash(&mut self.mix);
        }
        self.activity(activity);
        table.len().hash(&mut self.mix);
        for entry in table {
            match entry {
                Some(entry) => {
                    entry.cloexec.hash(&mut self.mix);
                    self.description(entry.description);
                }
                None => 2_u8.hash(&mut self.mix),
            }
        }
        if !space.is_empty() {
            space.outline().hash(&mut self.mix);
            space.objects().for_each(|object| self.object(object));
        }
    }

    /// Which of the processes something is so of, as bits by their places.
    fn held(&self, order: &[u8], is: impl Fn(u8) -> bool) -> u32 {
        order.iter().map(|process| u32::from(is(*process)) << self.place(*process)).sum()
    }

    fn place(&self, process: u8) -> u8 {
        self.places.get(usize::from(process)).copied().unwrap_or(process)
    }

    fn activity(&mut self, activity: &Activity) {
        std::mem::discriminant(activity).hash(&mut self.mix);
        let in_call = match activity {
            Activity::InCall(in_call) => in_call,
            // Who is stopped may have an answer that it has not been told.
            Activity::Returning(outcome) => return outcome.hash(&mut self.mix),
            Activity::Running | Activity::Gone => return,
        };
        let InCall {
            call,
            done,
            slept,
            overdue,
            found,
            seen,
            holds,
            carries,
            moving,
            taken,
            interrupted,
            overtaken,
        } = in_call;
        let operation = std::ptr::from_ref(call.operation) as usize;
        (operation, done, slept, overdue, found, interrupted, overtaken).hash(&mut self.mix);
        (seen, taken).hash(&mut self.mix);
        moving.as_ref().map(|moving| moving.at).hash(&mut self.mix);
        if let Some(held) = holds {
            self.description(*held);
        }
        carries.iter().for_each(|one| self.description(*one));
        for arg in &call.args {
            match arg {
                Arg::Process(process) => self.place(*process).hash(&mut self.mix),
                other => other.hash(&mut self.mix),
            }
        }
    }

    fn description(&mut self, index: u16) {
        if let Some(place) = self.descriptions.iter().position(|known| *known == index) {
            place.hash(&mut self.mix);
            return;
        }
        self.descriptions.len().hash(&mut self.mix);
        self.descriptions.push(index);
        let Some(description) = self.world.descriptions.get(usize::from(index)) else { return };
        Description { object: 0, ..*description }.hash(&mut self.mix);
        self.object(description.object);
    }

    fn object(&mut self, object: u16) {
        if let Some(place) = self.objects.iter().position(|known| *known == object) {
            place.hash(&mut self.mix);
            return;
        }
        self.objects.len().hash(&mut self.mix);
        self.objects.push(object);
        if let Some(stamps) = self.world.stamps.of(object) {
            stamps.outline().hash(&mut self.mix);
            for process in stamps.processes() {
                self.place(process).hash(&mut self.mix);
            }
        }
        if let Some(packets) = self.packets.get(usize::from(object)) {
            packets.hash(&mut self.mix);
        }
        match self.world.object_at(object).kind() {
            Some(kind) => {
                kind.outline(&mut self.mix);
                for process in kind.processes() {
                    self.place(process).hash(&mut self.mix);
                }
                kind.objects().into_iter().for_each(|joined| self.object(joined));
                kind.descriptions().into_iter().for_each(|one| self.description(one));
            }
            None => 0_u64.hash(&mut self.mix),
        }
    }
}

/// Two lanes of multiply and fold, each with a key of its own: fast, and the same at every run.
struct Mix {
    lanes: [u64; 2],
}

const KEYS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03];

impl Mix {
    fn new() -> Mix {
        Mix { lanes: [0x2545_f491_4f6c_dd1d, 0x5851_f42d_4c95_7f2d] }
    }

    fn fingerprint(mut self) -> Fingerprint {
        self.write_u64(0x1b87_3593);
        self.lanes
    }
}

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.lanes[0]
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.write_u64(u64::from(n));
    }

    fn write_u16(&mut self, n: u16) {
        self.write_u64(u64::from(n));
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }

    // Also where little is inlined: the tests of the small worlds do not much beside it.
    #[inline(always)]
    fn write_u64(&mut self, n: u64) {
        for (lane, key) in self.lanes.iter_mut().zip(KEYS) {
            let folded = u128::from(*lane ^ n) * u128::from(key);
            *lane = (folded as u64 ^ (folded >> 64) as u64).wrapping_add(key.rotate_left(17));
        }
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}
