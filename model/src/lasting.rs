//! How long things last: for each part of what a mechanism keeps, the event that ends it.
//!
//! Nothing is decided here. What really goes follows from the clauses; this is the sentence about it,
//! and whoever reads it can hold the clauses to it, event by event.

use crate::clause::Source;

/// What may happen to who has a thing, or to its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// `close` of each of its descriptors.
    Close,
    /// `exec`, with the descriptors as they are.
    Exec,
    /// `exec`, with each of its descriptors marked `FD_CLOEXEC`.
    ExecMarked,
    /// `_exit`.
    Exit,
    /// `SIGKILL`, at any moment.
    Kill,
    /// The removal of its name.
    Unlink,
    /// The removal of its name, and then `close` of each of its descriptors.
    UnlinkAndClose,
}

/// What ends a thing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ending {
    /// The last descriptor that leads to it goes: by `close`, by `exec` if it is marked, or with its
    /// process.
    LastClose,
    /// Its name is removed.
    Unlink,
    /// Its last name is removed and no descriptor leads to it any more, whichever is later.
    UnlinkAndLastClose,
    /// Its identifier is removed and nobody has it attached any more, whichever is later.
    UnlinkAndLastDetach,
    /// The process ends.
    Process,
    /// The process ends, or becomes another program by `exec`.
    Image,
}

/// Where a thing is, which says whether it is there after the system was started anew.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    /// In the system's memory: gone.
    Memory,
    /// On a medium: there, if its directory was written there before the power went, and perhaps there
    /// if not.
    Medium,
}

/// A part of what a mechanism keeps, and how long it lasts.
#[derive(Clone, Copy, Debug)]
pub struct Lasting {
    /// Whose part, as [`crate::object::Kind::name`] has it, or what has no object: `process`.
    pub kind: &'static str,
    /// Which.
    pub part: &'static str,
    /// What ends it.
    pub ends: Ending,
    /// Where it is.
    pub place: Place,
    /// Who says so.
    pub source: Source,
}

impl Ending {
    /// Whether the event, to one process, ends the thing. `shared`: somebody else has a descriptor that
    /// leads to it, or has it attached.
    pub fn by(self, event: Event, shared: bool) -> bool {
        use Event::{Close, Exec, ExecMarked, Exit, Kill, Unlink, UnlinkAndClose};
        match (self, event) {
            (Ending::LastClose, Close | ExecMarked | Exit | Kill | UnlinkAndClose) => !shared,
            (Ending::LastClose, Exec | Unlink) => false,
            (Ending::Unlink, _) => matches!(event, Unlink | UnlinkAndClose),
            (Ending::UnlinkAndLastClose, _) => event == UnlinkAndClose && !shared,
            (Ending::UnlinkAndLastDetach, _) => matches!(event, Unlink | UnlinkAndClose) && !shared,
            (Ending::Process, _) => matches!(event, Exit | Kill),
            (Ending::Image, _) => matches!(event, Exec | ExecMarked | Exit | Kill),
        }
    }

    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Ending::LastClose => "the last close",
            Ending::Unlink => "the removal of its name",
            Ending::UnlinkAndLastClose => "the removal of its last name and the last close",
            Ending::UnlinkAndLastDetach => "its removal and the last detach",
            Ending::Process => "the end of the process",
            Ending::Image => "`exec`, or the end of the process",
        }
    }
}

impl Place {
    /// What becomes of it, in words.
    pub fn text(self) -> &'static str {
        match self {
            Place::Memory => "gone",
            Place::Medium => "there, if it was synced",
        }
    }
}

impl Event {
    /// Each.
    pub const ALL: [Event; 7] = [
        Event::Close,
        Event::Exec,
        Event::ExecMarked,
        Event::Exit,
        Event::Kill,
        Event::Unlink,
        Event::UnlinkAndClose,
    ];

    /// In the field's words.
    pub fn text(self) -> &'static str {
        match self {
            Event::Close => "`close`",
            Event::Exec => "`exec`",
            Event::ExecMarked => "`exec`, `FD_CLOEXEC`",
            Event::Exit => "`_exit`",
            Event::Kill => "`SIGKILL`",
            Event::Unlink => "`unlink`",
            Event::UnlinkAndClose => "`unlink`, `close`",
        }
    }
}
