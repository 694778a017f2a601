//! Transfers by pipes, and by whatever else ends as they do; and what pipes have to themselves.

use ipc_model::descriptor::{READ, READV, WRITE, WRITEV};
use ipc_model::operation::{Arg, Operation};
use ipc_model::pipe::{
    FSTAT_ATIME, FSTAT_MTIME, FUTIMENS, GETPIPE_SZ, PIPE, PIPE2, SETPIPE_SZ, SPLICE, TEE,
};
use ipc_model::world::Object;

use super::walk::{End, Walk};
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker {
    sources: &[Draft::new(1, make)],
    calls: &[
        Draft::new(104, write),
        Draft::new(124, |walk, actor| transfer(walk, actor, &READ)),
        Draft::new(16, over),
        Draft::new(16, |walk, actor| transfer(walk, actor, &WRITEV)),
        Draft::new(16, |walk, actor| transfer(walk, actor, &READV)),
        Draft::new(12, |walk, actor| walk.source(actor)),
        Draft::new(4, |walk, actor| {
            if let Some(name) = walk.some_name(actor) {
                resize(walk, actor, name);
            }
        }),
        Draft::new(2, |walk, actor| {
            if let Some(name) = walk.some_name(actor) {
                walk.add(actor, &GETPIPE_SZ, vec![Operand::Name(name), Operand::Command]);
            }
        }),
        Draft::new(2, stamps),
    ],
    waits: &[Draft::new(3, over), Draft::new(21, sleep)],
    wake,
    ..Maker::NONE
};

/// Sizes of transfers: small ones, and those around a page and around what a pipe holds.
const SIZES: &[u64] = &[
    1, 1, 2, 5, 8, 13, 16, 24, 32, 50, 64, 100, 128, 200, 512, 1000, 3995, 4095, 4096, 4097, 5000,
    8192, 12_288, 20_000, 61_440, 65_536, 66_000,
];
/// How many of them are small.
const SMALL: u64 = 16;
/// As much as there can be.
const ALL: i64 = 1 << 17;

/// Capacities to be asked for: mostly small ones, for what is never full never keeps anybody waiting.
const CAPACITIES: &[i64] =
    &[0, 4096, 4096, 8192, 8192, 12_288, 16_384, 65_536, 131_072, 1 << 20, 1 << 21, -1];

fn make(walk: &mut Walk<'_>, actor: u8) {
    if walk.program.lines.is_empty() || walk.pick.below(3) == 0 {
        return walk.add(actor, &PIPE, vec![]);
    }
    let flags = [0, 1, 2, 2, 2, 3, 8, 16, 18][walk.pick.below(9) as usize];
    walk.add(actor, &PIPE2, vec![Operand::Flags(flags)]);
}

pub(super) fn write(walk: &mut Walk<'_>, actor: u8) {
    transfer(walk, actor, &WRITE);
}

fn transfer(walk: &mut Walk<'_>, actor: u8, operation: &'static Operation) {
    let Some(name) = walk.some_end(actor, !operation.sends()) else { return walk.source(actor) };
    let size = size(walk);
    let amount = if operation == &READV || operation == &WRITEV {
        let first = walk.pick.below(size + 1);
        Operand::Vector(vec![first, size - first])
    } else {
        Operand::Number(size as i64)
    };
    walk.add(actor, operation, vec![Operand::Name(name), amount]);
}

fn size(walk: &mut Walk<'_>) -> u64 {
    let small = walk.pick.below(10) < 8;
    let among = if small { SMALL } else { SIZES.len() as u64 };
    let size = SIZES[walk.pick.below(among) as usize];
    if walk.pick.below(60) == 0 { 0 } else { size }
}

fn small(walk: &mut Walk<'_>) -> Operand {
    Operand::Number(SIZES[walk.pick.below(SMALL) as usize] as i64)
}

/// Sets the stamps of a pipe that has none; else asks for one.
fn stamps(walk: &mut Walk<'_>, actor: u8) {
    let reads = walk.pick.below(2) == 0;
    let Some(name) = walk.some_end(actor, reads) else { return };
    let Some(end) = walk.end(actor, walk.number(actor, name)) else { return };
    let (world, object) = (&walk.stage.world, end.description.object);
    if !matches!(world.object_at(object), Object::Pipe(_)) {
        return;
    }
    if world.stamps.of(object).is_none() {
        return walk.add(actor, &FUTIMENS, vec![Operand::Name(name)]);
    }
    let operation = if walk.pick.below(2) == 0 { &FSTAT_ATIME } else { &FSTAT_MTIME };
    walk.add(actor, operation, vec![Operand::Name(name), Operand::Command]);
}

/// From one pipe to another; now and then between what does not fit.
fn over(walk: &mut Walk<'_>, actor: u8) {
    let Some(from) = walk.some_end(actor, true) else { return walk.source(actor) };
    let here = walk.end(actor, walk.number(actor, from)).map(|end| end.description.object);
    let to = match walk.pick.below(20) {
        0 => walk.some_name(actor),
        _ => walk
            .some_fitting(actor, |end| end.serves(false) && Some(end.description.object) != here),
    };
    let Some(to) = to else { return walk.source(actor) };
    let operation = if walk.pick.below(3) == 0 { &TEE } else { &SPLICE };
    let size = Operand::Number(size(walk) as i64);
    let flags = Operand::Flags(u32::from(walk.pick.below(3) == 0));
    walk.add(actor, operation, vec![Operand::Name(from), Operand::Name(to), size, flags]);
}

fn resize(walk: &mut Walk<'_>, actor: u8, name: u16) {
    let size = CAPACITIES[walk.pick.below(CAPACITIES.len() as u64) as usize];
    walk.add(
        actor,
        &SETPIPE_SZ,
        vec![Operand::Name(name), Operand::Command, Operand::Number(size)],
    );
}

/// A read of what is empty, or a write of more than there is room for.
fn sleep(walk: &mut Walk<'_>, actor: u8) {
    let waits = |end: &End| end.serves(true) && !end.description.nonblock && end.stored == 0;
    // A long sleeper that writes packets and is woken page by page can have gone on in more ways than
    // a checker can try.
    let plain = |end: &End| end.serves(false) && !end.description.direct;
    if let Some(name) = walk.some_fitting(actor, waits) {
        let args = vec![Operand::Name(name), small(walk)];
        walk.add(actor, &READ, args);
    } else if let Some(name) = walk.some_fitting(actor, plain) {
        let much = Operand::Number(66_000 + walk.pick.below(4_000) as i64);
        walk.add(actor, &WRITE, vec![Operand::Name(name), much]);
    }
}

/// Bytes for a reader, room for a writer.
fn wake(walk: &mut Walk<'_>, actor: u8, sleeper: u8) -> bool {
    let Some((object, room)) = lacks(walk, sleeper) else { return false };
    bring(walk, actor, object, room)
}

/// What a sleeper lacks: room in a pipe, or (`false`) bytes in one.
fn lacks(walk: &Walk<'_>, sleeper: u8) -> Option<(u16, bool)> {
    let call = walk.call_of(sleeper)?;
    let mut fds = call.args.iter().filter_map(|arg| match arg {
        Arg::Fd(fd) => Some(*fd),
        _ => None,
    });
    let first = walk.end(sleeper, fds.next()?)?;
    match fds.next().and_then(|fd| walk.end(sleeper, fd)) {
        Some(second) if first.stored > 0 => Some((second.description.object, true)),
        _ => Some((first.description.object, call.operation.sends())),
    }
}

/// Makes room in a pipe, or (`false`) brings bytes; false if the actor has no end for that.
pub(super) fn bring(walk: &mut Walk<'_>, actor: u8, object: u16, room: bool) -> bool {
    let fits = |end: &End| end.is_of(object) && end.serves(room);
    let Some(name) = walk.some_fitting(actor, fits) else { return false };
    if room && walk.pick.below(8) == 0 {
        resize(walk, actor, name);
    } else if room {
        walk.add(actor, &READ, vec![Operand::Name(name), Operand::Number(ALL)]);
    } else {
        let args = vec![Operand::Name(name), small(walk)];
        walk.add(actor, &WRITE, args);
    }
    true
}

/// Reads until everything that was written has been seen.
pub(super) fn drain(walk: &mut Walk<'_>) {
    walk.others_idle = false;
    for actor in 0..walk.shape.actors {
        for name in walk.names(actor, |_| true) {
            let stored = |walk: &Walk<'_>| {
                let end = walk.end(actor, walk.number(actor, name));
                end.is_some_and(|end| end.serves(true) && end.stored > 0)
            };
            // Of packets a read takes one.
            for _ in 0..4 {
                if walk.stage.is_idle(actor) && stored(walk) {
                    walk.add(actor, &READ, vec![Operand::Name(name), Operand::Number(ALL)]);
                }
            }
        }
    }
}
