//! One process of a test: it runs its steps once for each iteration of a batch, counts its share of
//! the endings, and waits for the others by looking at shared words.
//!
//! Within a batch nobody waits for anybody, or all do every few iterations: to wait at each would cost
//! more than the steps. Nor do they wait by fences, which would make late stores visible. And nobody
//! waits there for one that has no processor just then: on a busy machine that would take a turn of
//! the scheduler each time. How often they wait, who begins a little later, in which order the
//! iterations come, and how far apart their words lie, differs from batch to batch; without that some
//! endings are hardly ever seen.

use std::sync::atomic::Ordering;

use ipc_model::order::shapes::{Classic, Way};
use ipc_model::order::test::Test;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

use super::arena::{Arena, CELLS, Observer, STRIDE, Word};
use super::code::{self, Op};
use super::edge::{self, Link};
use super::wide;
use crate::real::AgentFault;
use crate::seed::Seeded;
use crate::stage::Pick;

/// How often to look before letting others run: the others are on processors of their own.
const LOOKS: u32 = 4096;
/// Batches in a row with the processes in the same places.
const STAY: u32 = 256;
/// How far apart the words of one place lie: in one line of the cache, in lines of their own, in
/// pairs of lines that are fetched together.
const STRIDES: [usize; 3] = [4, 64, 128];
/// After how many iterations all wait for each other within a batch; in one of three batches never.
const TOGETHER: [usize; 3] = [4, 16, usize::MAX];
/// Iterations of a batch in which messages are passed: in each somebody is waited for, which on a busy
/// machine takes a turn of the scheduler.
const MESSAGES: usize = 64;
/// The most turns of an empty loop by which a process begins later.
const LATER: u64 = 128;

/// What all processes of a run know.
pub(super) struct Scene<'a> {
    pub(super) classic: Classic,
    pub(super) test: &'a Test,
    pub(super) arena: Arena,
    pub(super) iterations: u64,
    pub(super) seed: u64,
    pub(super) fault: Option<AgentFault>,
    /// The processors, at least one for each process.
    pub(super) processors: &'a [usize],
}

/// The plan of a batch, which all processes draw alike.
struct Batch {
    cells: usize,
    stride: usize,
    shuffled: bool,
    together: usize,
    random: Seeded,
}

impl Batch {
    fn of(scene: &Scene<'_>, number: u32) -> Option<Batch> {
        let most = if scene.classic.flavour.makes_calls() { MESSAGES } else { CELLS } as u64;
        let left = scene.iterations.saturating_sub(u64::from(number) * most);
        if left == 0 {
            return None;
        }
        let mut random = Seeded::new(scene.seed, number.into());
        let stride = STRIDES[random.below(STRIDES.len() as u64) as usize];
        let in_two_lines = scene.classic.flavour.way == Way::Across;
        Some(Batch {
            cells: left.min(most) as usize,
            stride: if in_two_lines { STRIDE } else { stride },
            shuffled: random.below(2) == 0,
            together: TOGETHER[random.below(TOGETHER.len() as u64) as usize],
            random,
        })
    }
}

/// The part of one process, to the end.
pub(super) fn play(scene: &Scene<'_>, actor: usize, link: Option<&Link>) {
    let ops = code::code(&scene.test.threads[actor], scene.fault);
    let observer = Observer::of(scene.test);
    let mut own = Seeded::new(scene.seed ^ 0xac70, actor as u64);
    let mut order: Vec<u32> = Vec::with_capacity(CELLS);
    let prepare = || link.filter(|_| actor == 0).into_iter().for_each(Link::prepare);
    prepare();
    scene.arena.address(actor).store(scene.arena.own_address(), Ordering::Relaxed);
    scene.arena.set(Word::Ready(actor), 1);
    for number in 0_u32.. {
        let Some(mut batch) = Batch::of(scene, number) else { return };
        if number % STAY == 0 {
            move_to(scene, actor, number / STAY);
        }
        plan(&mut order, &mut batch);
        if !begin(scene, actor, number) {
            return;
        }
        for _ in 0..own.below(LATER) {
            std::hint::spin_loop();
        }
        match link {
            Some(link) => {
                edge::run((scene, link), actor, &ops, &order, batch.stride, &mut own, number);
            }
            None => run(scene, actor, &ops, &order, &batch, number),
        }
        scene.arena.set(Word::Ran(actor), number + 1);
        all(scene, Word::Ran, number + 1);
        count(scene, actor, &observer, &batch, number);
        prepare();
        scene.arena.set(Word::Ready(actor), number + 2);
    }
}

/// In which order the iterations come.
fn plan(order: &mut Vec<u32>, batch: &mut Batch) {
    order.clear();
    order.extend(0..batch.cells as u32);
    if batch.shuffled {
        for at in (1..batch.cells).rev() {
            order.swap(at, batch.random.below(at as u64 + 1) as usize);
        }
    }
}

/// Waits for the beginning of a batch, or makes it; false if there is none.
fn begin(scene: &Scene<'_>, actor: usize, number: u32) -> bool {
    let arena = &scene.arena;
    if actor == 0 {
        all(scene, Word::Ready, number + 1);
        arena.set(Word::Done, number);
        let enough = arena.get(Word::Enough) != 0;
        arena.set(Word::Go, if enough { u32::MAX } else { number + 1 });
        return !enough;
    }
    let mut go = 0;
    wait(|| {
        go = arena.get(Word::Go);
        go > number
    });
    go != u32::MAX
}

fn run(scene: &Scene<'_>, actor: usize, ops: &[Op], order: &[u32], batch: &Batch, number: u32) {
    let (places, way) = (scene.arena.places(), scene.classic.flavour.way);
    let mut through = number.wrapping_mul(CELLS as u32);
    let mut meets = true;
    for part in order.chunks(batch.together.min(order.len())) {
        for cell in part {
            let cell = *cell as usize;
            let offset = cell * batch.stride;
            let registers = match way {
                // SAFETY: as below; a word in two lines has more than four bytes behind its beginning.
                Way::Whole | Way::Across => unsafe {
                    wide::run(way, ops, places, offset, scene.fault)
                },
                // SAFETY: the words of `CELLS` iterations lie behind each place, at most `STRIDE`
                // apart, at multiples of 4; nobody uses them otherwise before all have been through
                // the batch.
                Way::Words | Way::Through(_) => unsafe { code::run(ops, places, offset) },
            };
            scene.arena.row(actor, cell).store(registers, Ordering::Relaxed);
        }
        if batch.together < order.len() {
            through = through.wrapping_add(part.len() as u32);
            scene.arena.set(Word::Step(actor), through);
            let others = 0..scene.test.threads.len();
            // Others are ahead by a part at most, and behind by no more.
            let is_there =
                |other| scene.arena.get(Word::Step(other)).wrapping_sub(through) < CELLS as u32;
            // Who is not there soon has no processor now, and would have to be waited for each time.
            meets = meets && soon(|| others.clone().all(is_there));
        }
    }
}

/// Counts what a process has to count of a batch that all have been through, and makes the words
/// ready for the next.
fn count(scene: &Scene<'_>, actor: usize, observer: &Observer, batch: &Batch, number: u32) {
    let (arena, actors) = (&scene.arena, scene.test.threads.len());
    // Not always the same share, so that not always the same cache has the words.
    let part = (actor + number as usize) % actors;
    for cell in part * batch.cells / actors..(part + 1) * batch.cells / actors {
        let count = arena.count(actor, observer.code(arena, cell, batch.stride));
        count.store(count.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        for place in 0..scene.test.places() {
            arena.cell(place, cell, batch.stride).store(0, Ordering::Relaxed);
        }
        if scene.classic.flavour.way == Way::Across {
            wide::clear(arena, cell);
        }
    }
}

/// Waits until all have come so far.
fn all(scene: &Scene<'_>, word: fn(usize) -> Word, number: u32) {
    for other in 0..scene.test.threads.len() {
        wait(|| scene.arena.get(word(other)) >= number);
    }
}

/// Looks for a while; whether it came to hold.
fn soon(holds: impl Fn() -> bool) -> bool {
    for _ in 0..LOOKS {
        if holds() {
            return true;
        }
        std::hint::spin_loop();
    }
    false
}

/// Looks again and again. The deadline is the controller's, which ends everybody.
pub(super) fn wait(mut holds: impl FnMut() -> bool) {
    let mut looks = 0_u32;
    while !holds() {
        looks = looks.wrapping_add(1);
        if looks >= LOOKS {
            let _ = nix::sched::sched_yield();
        }
        std::hint::spin_loop();
    }
}

/// Goes to a processor where none of the others is: another one from time to time, since how far
/// apart two processors are makes a difference.
fn move_to(scene: &Scene<'_>, actor: usize, round: u32) {
    let mut random = Seeded::new(scene.seed ^ 0xc0de, round.into());
    let mut processors = scene.processors.to_vec();
    for at in (1..processors.len()).rev() {
        processors.swap(at, random.below(at as u64 + 1) as usize);
    }
    let mut set = CpuSet::new();
    if let Some(processor) = processors.get(actor) {
        let _ = set.set(*processor);
        let _ = sched_setaffinity(Pid::from_raw(0), &set);
    }
}
