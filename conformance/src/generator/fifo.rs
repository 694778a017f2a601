//! FIFOs that are made, opened and met at: in these programs most ends come from opens.

use std::sync::Arc;

use ipc_model::descriptor::SETFL;
use ipc_model::fifo::{MKFIFO, OPEN, REOPEN, TRUNCATE};
use ipc_model::operation::Actor;
use ipc_model::world::Object;

use super::name::{FILES, a_mode};
use super::walk::{End, Walk};
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    joins: |pick, _| pick.below(3) == 0,
    sources: &[Draft::new(8, source)],
    calls: &[
        Draft::new(24, open_some),
        Draft::new(4, make),
        Draft::new(6, reopen),
        Draft::new(3, by_path),
        Draft::new(2, |walk, actor| {
            let path = some_path(walk);
            walk.add(actor, &TRUNCATE, vec![path]);
        }),
    ],
    waits: &[Draft::new(12, open_alone)],
    wake,
};

/// Words of how to open.
const RDONLY: i64 = 0;
const WRONLY: i64 = 1;
const RDWR: i64 = 2;
/// Bits of its flags.
pub(super) const NONBLOCK: u32 = 1;
pub(super) const CLOEXEC: u32 = 2;
pub(super) const TRUNC: u32 = 4;
const PATH: u32 = 8;

/// How to open for writing only.
pub(super) const TO_WRITE: Operand = Operand::Number(WRONLY);
/// With a flag that keeps the open from waiting.
pub(super) const AT_ONCE: Operand = Operand::Flags(NONBLOCK);

/// A FIFO that has a name.
#[derive(Clone)]
struct Fifo {
    path: Arc<str>,
    object: u16,
    readers: bool,
    writers: bool,
}

/// Those where files are. One that was renamed to where directories are is left alone: where calls
/// overlap, a directory may be there by then, and what becomes of one that is opened is not said.
fn fifos(walk: &Walk<'_>) -> Vec<Fifo> {
    let world = &walk.stage.world;
    let fifo = |(path, object): (&str, u16)| match world.object_at(object) {
        Object::Pipe(pipe) => {
            let (readers, writers) = (pipe.readers > 0, pipe.writers > 0);
            Some(Fifo { path: path.into(), object, readers, writers })
        }
        _ => None,
    };
    world.names.iter().filter(|(path, _)| FILES.contains(path)).filter_map(fifo).collect()
}

fn some_fifo(walk: &mut Walk<'_>) -> Option<Fifo> {
    let all = fifos(walk);
    let place = walk.pick.below(all.len().max(1) as u64) as usize;
    all.into_iter().nth(place)
}

/// The path of a FIFO; now and then one that may lead nowhere.
fn some_path(walk: &mut Walk<'_>) -> Operand {
    let known = if walk.pick.below(12) == 0 { None } else { some_fifo(walk) };
    let path = known.map(|fifo| fifo.path);
    Operand::Path(
        path.unwrap_or_else(|| FILES[walk.pick.below(FILES.len() as u64) as usize].into()),
    )
}

/// A FIFO where there is none; else an end of one. The first FIFO is mostly open both ways at once, as
/// a pipe is, for others to inherit.
fn source(walk: &mut Walk<'_>, actor: u8) {
    let first = fifos(walk).is_empty();
    if !first && walk.pick.below(8) != 0 {
        return open_some(walk, actor);
    }
    make(walk, actor);
    if !first || walk.pick.below(2) == 0 {
        return;
    }
    let Some(fifo) = some_fifo(walk) else { return };
    if walk.pick.below(6) == 0 {
        return open(walk, actor, &fifo.path, RDWR, 0);
    }
    open(walk, actor, &fifo.path, RDONLY, NONBLOCK);
    let reading = walk.some_fitting(actor, |end| end.serves(true));
    open(walk, actor, &fifo.path, WRONLY, 0);
    if let Some(name) = reading.filter(|_| walk.pick.below(4) != 0) {
        walk.add(actor, &SETFL, vec![Operand::Name(name), Operand::Command, Operand::Flags(0)]);
    }
}

fn make(walk: &mut Walk<'_>, actor: u8) {
    let first = walk.program.lines.is_empty();
    let among = if first || walk.pick.below(3) != 0 { 2 } else { FILES.len() as u64 };
    let path = Operand::Path(FILES[walk.pick.below(among) as usize].into());
    let mode = if first { Operand::Number(0o644) } else { a_mode(walk) };
    walk.add(actor, &MKFIFO, vec![path, mode]);
}

fn open(walk: &mut Walk<'_>, actor: u8, path: &Arc<str>, access: i64, flags: u32) {
    let path = Operand::Path(Arc::clone(path));
    walk.add(actor, &OPEN, vec![path, Operand::Number(access), Operand::Flags(flags)]);
}

/// An end that the actor does not have, so that it does not wait where others cannot come.
fn open_some(walk: &mut Walk<'_>, actor: u8) {
    let Some(fifo) = some_fifo(walk).filter(|_| walk.pick.below(20) != 0) else {
        let (path, access) = (some_path(walk), Operand::Number(walk.pick.below(3) as i64));
        return walk.add(actor, &OPEN, vec![path, access, Operand::Flags(NONBLOCK)]);
    };
    let has = |walk: &Walk<'_>, reads| {
        let is = |end: End| end.is_of(fifo.object) && end.serves(reads);
        !walk.names(actor, |fd| walk.end(actor, fd).is_some_and(is)).is_empty()
    };
    let access = match (has(walk, true), has(walk, false)) {
        _ if walk.pick.below(10) == 0 => RDWR,
        (true, false) => WRONLY,
        (false, true) => RDONLY,
        _ => walk.pick.below(2) as i64,
    };
    let met = if access == RDONLY { fifo.writers } else { fifo.readers };
    // Who opens for writing without waiting is refused where nobody reads.
    let at_once = match (met, access) {
        (true, _) | (_, RDWR) => 4,
        (false, WRONLY) => 12,
        (false, _) => 3,
    };
    let flags = flags(walk, at_once, access);
    open(walk, actor, &fifo.path, access, flags);
}

/// Flags, one in so many times with `O_NONBLOCK`.
fn flags(walk: &mut Walk<'_>, at_once: u64, access: i64) -> u32 {
    let mut flags = if walk.pick.below(at_once) == 0 { NONBLOCK } else { 0 };
    flags |= if walk.pick.below(6) == 0 { CLOEXEC } else { 0 };
    if access != RDONLY && walk.pick.below(16) == 0 { flags | TRUNC } else { flags }
}

/// An end for which another is needed that is not there; a FIFO, if there is none of which that holds.
fn open_alone(walk: &mut Walk<'_>, actor: u8) {
    let all: Vec<Fifo> =
        fifos(walk).into_iter().filter(|fifo| !fifo.readers || !fifo.writers).collect();
    let place = walk.pick.below(all.len().max(1) as u64) as usize;
    let Some(fifo) = all.into_iter().nth(place) else { return make(walk, actor) };
    let reads = !fifo.writers && (fifo.readers || walk.pick.below(2) == 0);
    open(walk, actor, &fifo.path, if reads { RDONLY } else { WRONLY }, 0);
}

/// `O_PATH`, in `OPEN_FLAGS`.
const BY_PATH: u32 = 1 << 3;

/// What a descriptor leads to, once more.
fn reopen(walk: &mut Walk<'_>, actor: u8) {
    let Some(name) = walk.some_name(actor) else { return };
    let access = walk.pick.below(3) as i64;
    // What a name is good for of a file without one is not said, and others may be quicker.
    let flags = flags(walk, 3, access) & !BY_PATH;
    let args = vec![Operand::Name(name), Operand::Number(access), Operand::Flags(flags)];
    walk.add(actor, &REOPEN, args);
}

/// A descriptor for the name alone.
fn by_path(walk: &mut Walk<'_>, actor: u8) {
    let path = some_path(walk);
    let access = Operand::Number(walk.pick.below(3) as i64);
    let flags = PATH | walk.pick.below(4) as u32;
    walk.add(actor, &OPEN, vec![path, access, Operand::Flags(flags)]);
}

/// The other end, for whoever sleeps in an open.
fn wake(walk: &mut Walk<'_>, actor: u8, sleeper: u8) -> bool {
    let world = &walk.stage.world;
    let held = world.in_call(Actor::first(sleeper)).and_then(|call| call.holds);
    let Some(waits) = held.and_then(|held| world.descriptions.get(usize::from(held))) else {
        return false;
    };
    let (object, reads) = (waits.object, waits.reads);
    let access = match walk.pick.below(8) {
        0 => RDWR,
        _ if reads => WRONLY,
        _ => RDONLY,
    };
    let flags = flags(walk, 3, access);
    let path = fifos(walk).into_iter().find(|fifo| fifo.object == object).map(|fifo| fifo.path);
    let leads = |fd: i32| {
        let entry = walk.stage.world.entry(actor, fd.into());
        let description =
            entry.and_then(|e| walk.stage.world.descriptions.get(usize::from(e.description)));
        description.is_some_and(|description| description.object == object)
    };
    let again = walk.names(actor, leads).first().copied();
    match (path, again) {
        (Some(path), _) => open(walk, actor, &path, access, flags),
        (None, Some(name)) => {
            let args = vec![Operand::Name(name), Operand::Number(access), Operand::Flags(flags)];
            walk.add(actor, &REOPEN, args);
        }
        (None, None) => return false,
    }
    true
}
