//! The numbers and conditions that the clauses about pipes speak of.

use crate::clause::Cond::{All, Any, Eq, Le, Lt};
use crate::clause::{Guard, Num, Number, Standard, by_sort, number};
use crate::descriptor::{DONE, FREE_FDS, LEFT, LEN, NONBLOCK, READS, SLEPT, WRITES};
pub(super) use crate::descriptor::{MAY_NOT_WAIT, MAY_WAIT};
use crate::pipe::{Layout, Pipe};
use crate::profile::Room;
use crate::signal::{SIGPIPE_BLOCKED, SIGPIPE_IGNORED};
use crate::view::View;
use crate::world::Object;

pub(super) fn pipe<'a>(v: &View<'a>) -> Option<&'a Pipe> {
    match v.object() {
        Object::Pipe(pipe) => Some(pipe),
        _ => None,
    }
}

pub(super) fn layout(v: &View<'_>) -> Option<Layout> {
    let fresh = v.num(&Num::Of(&DONE)) == 0 && v.num(&Num::Of(&SLEPT)) == 0;
    let page = v.spec.numbers.page_size.max(1);
    match v.spec.profile.room {
        Room::PageSlots => Some(Layout { page, fresh, packets: false }),
        Room::Promised => None,
    }
}

/// The bytes of the call that surely go in now.
pub(super) fn sure(v: &View<'_>) -> u64 {
    let Some(pipe) = pipe(v) else { return 0 };
    let left = v.num(&Num::Of(&LEFT));
    match layout(v) {
        Some(layout) => pipe.page_room(left, layout),
        None if pipe.data.is_empty() => left.min(v.spec.numbers.pipe_buf),
        None => 0,
    }
}

/// The bytes of the call that may go in now.
pub(super) fn most(v: &View<'_>) -> u64 {
    match layout(v) {
        Some(_) => sure(v),
        None => v.num(&Num::Of(&LEFT)),
    }
}

/// Whether `PIPE_BUF` bytes go into a pipe at once, whoever writes them: 1 or 0.
pub struct PipeRoom;

/// Whether `PIPE_BUF` bytes go into a pipe at once.
pub static PIPE_ROOM: PipeRoom = PipeRoom;

impl PipeRoom {
    /// Surely. On Linux a whole page must be free, whatever the last one has room for (fs/pipe.c,
    /// pipe_poll).
    pub fn sure(&self, v: &View<'_>, pipe: &Pipe) -> u64 {
        match v.spec.profile.room {
            Room::PageSlots => u64::from(pipe.free(v.spec.numbers.page_size) > 0),
            Room::Promised => u64::from(pipe.data.is_empty() && pipe.readers > 0),
        }
    }

    /// Perhaps.
    pub fn most(&self, v: &View<'_>, pipe: &Pipe) -> u64 {
        match v.spec.profile.room {
            Room::PageSlots => self.sure(v, pipe),
            Room::Promised => 1,
        }
    }
}

/// Whether the descriptor leads there.
pub static IS_PIPE: Number =
    by_sort("pipe(fd)", "1 if the descriptor leads to a pipe.", |v| u64::from(pipe(v).is_some()));
/// How many bytes are in the pipe.
pub static STORED: Number =
    number("|data|", "The bytes in the pipe.", |v| pipe(v).map_or(0, |p| p.data.len()));
pub(super) static READERS: Number = number("readers", "Descriptions open for reading it.", |v| {
    pipe(v).map_or(0, |pipe| u64::from(pipe.readers))
});
pub(super) static WRITERS: Number = number("writers", "Descriptions open for writing it.", |v| {
    pipe(v).map_or(0, |pipe| u64::from(pipe.writers))
});
pub(super) static PIPE_BUF: Number =
    number("PIPE_BUF", "The bytes that go in at once.", |v| v.spec.numbers.pipe_buf);
pub(super) static SURE: Number =
    number("sure", "The bytes of the call that surely go in now.", sure);
pub(super) static MOST: Number = number("most", "The bytes of the call that may go in now.", most);
pub(super) static GRAIN: Number =
    number("grain", "The least that goes in where something does.", |v| {
        match v.spec.profile.room {
            Room::PageSlots => most(v),
            Room::Promised => 1,
        }
    });
pub(super) static BAD_FLAG: Number =
    number("bad flag", "1 if a flag is set that pipes do not know.", |v| {
        let packets = v.spec.profile.standards.contains(&Standard::Linux);
        u64::from(v.flag("O_APPEND") || v.flag("O_DIRECT") && !packets)
    });
pub(super) static CLOFORK: Number =
    number("clofork", "1 if O_CLOFORK is asked for.", |v| u64::from(v.flag("O_CLOFORK")));

/// Whether the descriptor writes in packets.
pub(super) static PACKETS: Number =
    number("packets", "1 if what is written to the descriptor is packets.", |v| {
        v.description().map_or(0, |description| u64::from(description.direct))
    });
pub(super) static MEETS_PACKET: Number =
    number("packet", "1 if the read comes to a packet.", |v| {
        let len = v.num(&Num::Of(&LEN));
        pipe(v).map_or(0, |pipe| u64::from(pipe.meets_packet(len)))
    });

pub(super) const PLAIN: Guard =
    Guard { name: "O_DIRECT is clear", cond: Eq(Num::Of(&PACKETS), Num::N(0)) };
pub(super) const IN_PACKETS: Guard =
    Guard { name: "O_DIRECT is set", cond: Eq(Num::Of(&PACKETS), Num::N(1)) };
pub(super) const NO_PACKET: Guard =
    Guard { name: "no packet is met", cond: Eq(Num::Of(&MEETS_PACKET), Num::N(0)) };
pub(super) const A_PACKET: Guard =
    Guard { name: "a packet is met", cond: Eq(Num::Of(&MEETS_PACKET), Num::N(1)) };
pub(super) const A_PIPE: Guard =
    Guard { name: "it is a pipe", cond: Eq(Num::Of(&IS_PIPE), Num::N(1)) };
/// A pipe or FIFO, open for reading.
pub const READABLE: Guard = Guard {
    name: "a pipe, open for reading",
    cond: All(&[Eq(Num::Of(&IS_PIPE), Num::N(1)), Eq(Num::Of(&READS), Num::N(1))]),
};
/// A pipe or FIFO, open for writing.
pub const WRITABLE: Guard = Guard {
    name: "a pipe, open for writing",
    cond: All(&[Eq(Num::Of(&IS_PIPE), Num::N(1)), Eq(Num::Of(&WRITES), Num::N(1))]),
};
pub(super) const READS_NOT: Guard = Guard {
    name: "a pipe, not open for reading",
    cond: All(&[Eq(Num::Of(&IS_PIPE), Num::N(1)), Eq(Num::Of(&READS), Num::N(0))]),
};
pub(super) const WRITES_NOT: Guard = Guard {
    name: "a pipe, not open for writing",
    cond: All(&[Eq(Num::Of(&IS_PIPE), Num::N(1)), Eq(Num::Of(&WRITES), Num::N(0))]),
};
/// The call asks for bytes.
pub const ASKS: Guard = Guard { name: "it asks for bytes", cond: Lt(Num::N(0), Num::Of(&LEN)) };
/// It asks for no bytes.
pub const ASKS_NOTHING: Guard =
    Guard { name: "it asks for no bytes", cond: Eq(Num::Of(&LEN), Num::N(0)) };
pub(super) const ENOUGH: Guard =
    Guard { name: "as much is stored", cond: Le(Num::Of(&LEN), Num::Of(&STORED)) };
pub(super) const SOME_LESS: Guard = Guard {
    name: "something is stored, but less",
    cond: All(&[Lt(Num::N(0), Num::Of(&STORED)), Lt(Num::Of(&STORED), Num::Of(&LEN))]),
};
/// Nothing is stored.
pub const EMPTY: Guard = Guard { name: "nothing is stored", cond: Eq(Num::Of(&STORED), Num::N(0)) };
/// Something is stored.
pub const SOMETHING: Guard =
    Guard { name: "something is stored", cond: Lt(Num::N(0), Num::Of(&STORED)) };
pub(super) const A_READER: Guard =
    Guard { name: "somebody can read", cond: Lt(Num::N(0), Num::Of(&READERS)) };
/// Nobody can read from it.
pub const NO_READER: Guard =
    Guard { name: "nobody can read", cond: Eq(Num::Of(&READERS), Num::N(0)) };
pub(super) const A_WRITER: Guard =
    Guard { name: "somebody can write", cond: Lt(Num::N(0), Num::Of(&WRITERS)) };
/// Nobody can write to it.
pub const NO_WRITER: Guard =
    Guard { name: "nobody can write", cond: Eq(Num::Of(&WRITERS), Num::N(0)) };
pub(super) const SLEEPS_ON: Guard = Guard {
    name: "O_NONBLOCK was set when the call had slept or moved something",
    cond: All(&[
        Eq(Num::Of(&NONBLOCK), Num::N(1)),
        Any(&[Lt(Num::N(0), Num::Of(&SLEPT)), Lt(Num::N(0), Num::Of(&DONE))]),
    ]),
};
pub(super) const WAS_AWAKE: Guard =
    Guard { name: "the call has not been asleep", cond: Eq(Num::Of(&SLEPT), Num::N(0)) };
pub(super) const SHORT: Guard =
    Guard { name: "no more than PIPE_BUF", cond: Le(Num::Of(&LEN), Num::Of(&PIPE_BUF)) };
pub(super) const LONG: Guard =
    Guard { name: "more than PIPE_BUF", cond: Lt(Num::Of(&PIPE_BUF), Num::Of(&LEN)) };
pub(super) const ALL_MAY_FIT: Guard =
    Guard { name: "all of it may fit", cond: Le(Num::Of(&LEN), Num::Of(&MOST)) };
pub(super) const ALL_SURELY_FITS: Guard =
    Guard { name: "all of it surely fits", cond: Le(Num::Of(&LEN), Num::Of(&SURE)) };
pub(super) const SOME_MAY_FIT: Guard =
    Guard { name: "something may fit", cond: Lt(Num::N(0), Num::Of(&MOST)) };
pub(super) const SOME_SURELY_FITS: Guard =
    Guard { name: "something surely fits", cond: Lt(Num::N(0), Num::Of(&SURE)) };
pub(super) const MAY_NOT_FIT: Guard =
    Guard { name: "all of it may fail to fit", cond: Lt(Num::Of(&SURE), Num::Of(&LEN)) };
pub(super) const CANNOT_FIT: Guard =
    Guard { name: "all of it cannot fit", cond: Lt(Num::Of(&MOST), Num::Of(&LEN)) };
pub(super) const NOTHING_SURELY_FITS: Guard =
    Guard { name: "perhaps nothing fits", cond: Eq(Num::Of(&SURE), Num::N(0)) };
pub(super) const NOTHING_FITS: Guard =
    Guard { name: "nothing fits", cond: Eq(Num::Of(&MOST), Num::N(0)) };
pub(super) const SOME_LEFT: Guard =
    Guard { name: "something is left to move", cond: Lt(Num::N(0), Num::Of(&LEFT)) };
pub(super) const ALL_MOVED: Guard =
    Guard { name: "all of it has moved", cond: Eq(Num::Of(&LEFT), Num::N(0)) };
pub(super) const NONE_MOVED: Guard =
    Guard { name: "nothing has moved", cond: Eq(Num::Of(&DONE), Num::N(0)) };
pub(super) const SOME_MOVED: Guard =
    Guard { name: "something has moved", cond: Lt(Num::N(0), Num::Of(&DONE)) };
/// SIGPIPE ends the caller.
pub const DEADLY: Guard = Guard {
    name: "SIGPIPE is neither blocked nor caught nor ignored",
    cond: All(&[
        Eq(Num::Of(&SIGPIPE_BLOCKED), Num::N(0)),
        Eq(Num::Of(&SIGPIPE_IGNORED), Num::N(0)),
    ]),
};
/// The caller ignores SIGPIPE.
pub const IGNORED: Guard = Guard {
    name: "SIGPIPE is ignored, not blocked",
    cond: All(&[
        Eq(Num::Of(&SIGPIPE_BLOCKED), Num::N(0)),
        Eq(Num::Of(&SIGPIPE_IGNORED), Num::N(1)),
    ]),
};
/// The caller blocks SIGPIPE.
pub const BLOCKED: Guard =
    Guard { name: "SIGPIPE is blocked or caught", cond: Eq(Num::Of(&SIGPIPE_BLOCKED), Num::N(1)) };
pub(super) const BLOCKED_IGNORED: Guard = Guard {
    name: "SIGPIPE is blocked and ignored",
    cond: All(&[
        Eq(Num::Of(&SIGPIPE_BLOCKED), Num::N(1)),
        Eq(Num::Of(&SIGPIPE_IGNORED), Num::N(1)),
    ]),
};
pub(super) const TWO_FREE: Guard =
    Guard { name: "two descriptors are free", cond: Le(Num::N(2), Num::Of(&FREE_FDS)) };
pub(super) const NOT_TWO_FREE: Guard =
    Guard { name: "fewer than two descriptors are free", cond: Lt(Num::Of(&FREE_FDS), Num::N(2)) };
pub(super) const KNOWN_FLAGS: Guard =
    Guard { name: "every flag is known", cond: Eq(Num::Of(&BAD_FLAG), Num::N(0)) };
pub(super) const UNKNOWN_FLAG: Guard =
    Guard { name: "a flag is unknown", cond: Eq(Num::Of(&BAD_FLAG), Num::N(1)) };
pub(super) const NO_CLOFORK: Guard =
    Guard { name: "O_CLOFORK is not asked for", cond: Eq(Num::Of(&CLOFORK), Num::N(0)) };
pub(super) const ASKS_CLOFORK: Guard =
    Guard { name: "O_CLOFORK is asked for", cond: Eq(Num::Of(&CLOFORK), Num::N(1)) };
