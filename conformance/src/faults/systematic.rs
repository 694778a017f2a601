//! The systematic faults: every clause, every way in which its data can be wrong.

use ipc_model::clause::{Clause, Cond, Envelope, Force, Guard, Num};
use ipc_model::errno::Errno;
use ipc_model::mechanism;
use ipc_model::operation::{Gives, Param};
use ipc_model::poll;
use ipc_model::profile::LINUX;

use super::{Fault, Slip, Spoilt, Startled, Wakes, Wrong};

/// The systematic faults of every clause, in the order of the pages.
///
/// A permission that is used less is no fault; nor is anything about what nobody judges.
pub fn systematic() -> Vec<Fault> {
    let judged = |clause: &&Clause| !matches!(clause.envelope, Envelope::Anything);
    mechanism::clauses().filter(judged).flat_map(of).collect()
}

/// The first descriptor beyond the limit has no name in any program.
const NO_NAME: &str =
    "a program names only descriptors that were open, and none beyond the limit was";

/// What was found is looked at only where the descriptors are right.
const REFUSED: &str =
    "a call that is refused for its descriptors has found something, which nobody looks at";
/// What the library makes of something that is no counter is not judged.
const NO_SUCH_BYTES: &str =
    "no payload is eight bytes 0xff, and eventfd_write is for counters only";

/// A look alone is not seen.
const LOOKED_IN_VAIN: &str =
    "a call that is refused for its descriptor has looked where to begin, which nobody sees";

/// Waiting alone is not seen either.
const WAITED_IN_VAIN: &str =
    "a call that is refused for its descriptor has found where it would wait, which nobody sees";

/// A mapping takes the place of what was there.
const MAPPED_AGAIN: &str = "a mapping that is made again in its own place is as new as the first, which nobody has touched";

/// What is mounted twice covers itself.
const MOUNTED_AGAIN: &str = "a directory that is mounted twice at one place is seen there as if it were once, and \
    the lower mount is not seen at all";
/// A namespace without a process is seen by nobody.
const LEFT_AT_ONCE: &str =
    "who parts twice has left the first namespace that it made, which nobody else sees";

/// No clause says what `truncate` tells of a directory.
const NOT_SAID: &str = "what truncate makes of what is no FIFO is not said here";

/// Who is first in line may be first without being so.
const FIRST_ANYHOW: &str =
    "those that come first next time are all that are ready, and any of them may come first";

/// Looks are not seen.
const FOR_NOTHING: &str =
    "who looks again without need finds what it would have found had it looked that late at first";

/// A mask is lent to a call until it answers.
const GIVEN_BACK: &str =
    "a call that is refused has had its mask for no time: it is given back with the answer";

/// Let through, `SIGPIPE` does at once what the other clauses say.
const LET_THROUGH: &str = "a SIGPIPE that is pending and neither blocked nor caught is delivered, or \
    discarded, before the call returns: it ends its process, or EPIPE is all that is told, as without";
/// A mark is followed by its message, or by a death.
const FOLLOWED: &str = "whoever has put a mark in puts its message in behind it, or dies, and either wakes the same sleeper";
/// What is sent to nobody is nowhere.
const TO_NOBODY: &str = "nobody can receive from a ring whose consumer has closed, nor send to it";
/// A mark that was told is passed on the way to something else.
const PASSED: &str = "whoever passes a mark takes out what is behind it, and that wakes the same sleeper; where nothing is behind it there is room, and nobody sleeps for that";
/// What the consumer was told matters to it alone.
const TOLD_ALONE: &str = "that the consumer was told of a death lets nobody go on";
/// Somebody is at the other end, and nobody else.
const ONE_SLEEPER: &str = "a side has one process at its other end, and nobody else sleeps for it";

/// Faults that make a difference which no program can show, and why.
const UNSEEN: &[(&str, &str)] = &[
    ("stale-descriptor:socket.connect.waits", WAITED_IN_VAIN),
    ("guard-off:descriptor.dup2.replaces:the-target-is-a-possible-one:-1", NO_NAME),
    ("guard-off:descriptor.dup2.err.range:the-target-is-not-a-possible-one:+1", NO_NAME),
    ("done-though-refused:descriptor.dup2.err.range:descriptor.dup2.replaces", NO_NAME),
    ("guard-off:descriptor.dup3.replaces:the-target-is-a-possible-one:-1", NO_NAME),
    ("guard-off:descriptor.dup3.err.range:the-target-is-not-a-possible-one:+1", NO_NAME),
    ("done-though-refused:descriptor.dup3.err.range:descriptor.dup3.replaces", NO_NAME),
    ("stale-descriptor:pipe.splice.finds", REFUSED),
    ("stale-descriptor:pipe.tee.finds", REFUSED),
    ("stale-descriptor:memory.read.looks", LOOKED_IN_VAIN),
    ("effect-twice:mapping.mmap.anonymous", MAPPED_AGAIN),
    ("stale-descriptor:memory.write.looks", LOOKED_IN_VAIN),
    ("stale-descriptor:file.read.looks", LOOKED_IN_VAIN),
    ("stale-descriptor:file.write.looks", LOOKED_IN_VAIN),
    ("effect-twice:name.mount.binds", MOUNTED_AGAIN),
    ("effect-twice:name.unshare.parts", LEFT_AT_ONCE),
    (
        "guard-ignored:pipe.splice.finds:from-a-pipe-open-for-reading-to-another-open-for-writing",
        REFUSED,
    ),
    ("guard-ignored:eventfd.write.err.einval.number:it-is-a-counter", NO_SUCH_BYTES),
    ("done-though-refused:eventfd.write.err.einval.number:eventfd.write.adds.bytes", NO_SUCH_BYTES),
    ("guard-ignored:fifo.truncate.err.einval:it-is-a-fifo", NOT_SAID),
    ("done-though-refused:epoll.wait.err.einval:epoll.wait.answers.full", FIRST_ANYHOW),
    ("done-though-refused:poll.select.err.ebadf:signal.mask.swaps", GIVEN_BACK),
    ("done-though-refused:epoll.wait.err.einval:signal.mask.swaps", GIVEN_BACK),
    ("done-though-refused:epoll.wait.err.ebadf:signal.mask.swaps", GIVEN_BACK),
    ("done-though-refused:epoll.wait.err.einval.first:signal.mask.swaps", GIVEN_BACK),
    ("stale-descriptor:signal.mask.swaps", GIVEN_BACK),
    ("guard-ignored:pipe.write.epipe.pending:sigpipe-is-blocked-or-caught", LET_THROUGH),
    ("guard-ignored:pipe.splice.epipe.pending:sigpipe-is-blocked-or-caught", LET_THROUGH),
    ("guard-ignored:pipe.tee.epipe.pending:sigpipe-is-blocked-or-caught", LET_THROUGH),
    ("guard-ignored:poll.ask.again:one-is-ready-now", FOR_NOTHING),
    ("guard-off:poll.ask.again:one-is-ready-now:-1", FOR_NOTHING),
    ("guard-ignored:poll.ask.again.perhaps:one-may-be-ready-now-and-none-surely-is", FOR_NOTHING),
    ("guard-off:poll.ask.again.perhaps:one-may-be-ready-now-and-none-surely-is.1:-1", FOR_NOTHING),
    ("guard-ignored:epoll.wait.again.perhaps:it-has-not-looked-again-without-need", FOR_NOTHING),
    ("guard-off:epoll.wait.again.perhaps:it-has-not-looked-again-without-need:-1", FOR_NOTHING),
    ("guard-ignored:epoll.wait.again:all-have-been-looked-at", FOR_NOTHING),
    ("wakes-nobody:ring.send.marks", FOLLOWED),
    ("wakes-one:ring.death.lets-go", ONE_SLEEPER),
    ("done-though-refused:ring.send.err.epipe:ring.send.puts", TO_NOBODY),
    ("done-though-refused:ring.send.err.epipe:ring.send.marks", TO_NOBODY),
    ("wakes-nobody:ring.recv.passes", PASSED),
    ("wakes-one:ring.recv.passes", ONE_SLEEPER),
    ("wakes-nobody:ring.recv.err.econnreset", TOLD_ALONE),
    ("wakes-one:ring.recv.err.econnreset", TOLD_ALONE),
    ("guard-ignored:epoll.wait.again:one-is-to-be-reported-now", FOR_NOTHING),
    ("guard-off:epoll.wait.again:one-is-to-be-reported-now:-1", FOR_NOTHING),
    ("guard-ignored:epoll.wait.again.perhaps:all-have-been-looked-at", FOR_NOTHING),
    ("guard-off:epoll.wait.again.perhaps:all-have-been-looked-at:-1", FOR_NOTHING),
    (
        "guard-ignored:epoll.wait.again.perhaps:one-may-be-reported-now-and-none-must-be",
        FOR_NOTHING,
    ),
    (
        "guard-off:epoll.wait.again.perhaps:one-may-be-reported-now-and-none-must-be.1:-1",
        FOR_NOTHING,
    ),
    (
        "guard-off:epoll.wait.again.perhaps:one-may-be-reported-now-and-none-must-be.2:-1",
        FOR_NOTHING,
    ),
];

struct Maker {
    clause: &'static Clause,
    found: Vec<Fault>,
}

impl Maker {
    fn add(&mut self, kind: &str, detail: &str, wrong: Wrong) {
        let id = self.clause.id;
        let name = match detail {
            "" => format!("{kind}:{id}"),
            detail => format!("{kind}:{id}:{detail}"),
        };
        let slips = vec![Slip { clause: self.clause, wrong }];
        let unseen = UNSEEN.iter().find(|(fault, _)| *fault == name).map(|(_, why)| *why);
        self.found.push(Fault { name, slips, unseen });
    }

    /// The call returns success where it should end its caller, which goes on.
    fn returns(&mut self) {
        let clause = self.clause;
        let missing = (0..clause.effects.len()).map(Wrong::Missing);
        let wrong = missing.chain([Wrong::Success]);
        let slips = wrong.map(|wrong| Slip { clause, wrong }).collect();
        self.found.push(Fault { name: format!("returns:{}", clause.id), slips, unseen: None });
    }
}

fn of(clause: &'static Clause) -> Vec<Fault> {
    let mut maker = Maker { clause, found: Vec::new() };
    guards(&mut maker);
    answers(&mut maker);
    effects(&mut maker);
    wakes(&mut maker);
    maker.found
}

/// A guard's name as a part of a fault's.
fn slug(guard: &Guard) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { ' ' };
    let text: String = guard.name.to_lowercase().chars().map(letter).collect();
    text.split_whitespace().collect::<Vec<_>>().join("-")
}

fn guards(maker: &mut Maker) {
    let clause = maker.clause;
    for (place, guard) in clause.guards.iter().enumerate() {
        let slug = slug(guard);
        maker.add("guard-ignored", &slug, Wrong::Unguarded(place));
        let mut leaves = Vec::new();
        comparisons(&guard.cond, true, &mut leaves);
        let several = leaves.len() > 1;
        for (leaf, offs) in leaves.into_iter().enumerate() {
            let at = if several { format!(".{}", leaf + 1) } else { String::new() };
            for (by, stricter) in offs {
                if !stricter || obliges(clause) {
                    maker.add(
                        "guard-off",
                        &format!("{slug}{at}:{by:+}"),
                        Wrong::Off(place, leaf, by),
                    );
                }
            }
        }
    }
    if obliges(clause) {
        maker.add("never-fires", "", Wrong::Never);
    }
    let names_fd = |param: &Param| matches!(param, Param::Fd);
    let has_fd = clause.on.iter().any(|operation| operation.params.iter().any(names_fd));
    let refuses = matches!(clause.envelope, Envelope::Error(_) | Envelope::Sleep);
    if has_fd && !refuses {
        maker.add("stale-descriptor", "", Wrong::Stale);
    }
}

/// Whether a caller can count on it, some time at least.
fn obliges(clause: &Clause) -> bool {
    !matches!(clause.force, Force::Permits) && !matches!(clause.envelope, Envelope::Sleep)
}

/// The comparisons of a condition, in the order in which they are written, each with what can be
/// added to its left side, and whether the condition is then stricter.
fn comparisons(cond: &Cond, positive: bool, found: &mut Vec<Vec<(i64, bool)>>) {
    match cond {
        Cond::Lt(..) | Cond::Le(..) => found.push(vec![(-1, !positive), (1, positive)]),
        Cond::Eq(_, Num::N(0)) => found.push(vec![(-1, false)]),
        Cond::Eq(_, Num::N(_)) => found.push(vec![(1, false)]),
        Cond::Eq(..) => found.push(vec![(-1, false), (1, false)]),
        Cond::Not(inner) => comparisons(inner, !positive, found),
        Cond::All(all) | Cond::Any(all) => {
            all.iter().for_each(|one| comparisons(one, positive, found));
        }
    }
}

/// An error that some other clause about the same operation tells, or else one that none does.
fn another(clause: &Clause, not: Option<Errno>) -> Errno {
    let same = |other: &&Clause| other.on.iter().any(|operation| clause.on.contains(operation));
    let errors = mechanism::clauses().filter(same).filter_map(|other| match other.envelope {
        Envelope::Error(errno) => Some(errno),
        _ => None,
    });
    errors.into_iter().find(|errno| Some(*errno) != not).unwrap_or(Errno::EIO)
}

fn answers(maker: &mut Maker) {
    let clause = maker.clause;
    let count = |maker: &mut Maker, told: bool| {
        maker.add("count-less", "", Wrong::Count(-1));
        maker.add("count-more", "", Wrong::Count(1));
        if told {
            maker.add("told-less", "", Wrong::Told(-1));
            maker.add("told-more", "", Wrong::Told(1));
        }
    };
    match clause.envelope {
        Envelope::Error(errno) => {
            maker.add("errno", "", Wrong::Error(another(clause, Some(errno))));
            maker.add("success-for-error", "", Wrong::Success);
            borrowed(maker);
            return;
        }
        Envelope::Count(..) => count(maker, true),
        Envelope::Data(..) => {
            count(maker, true);
            maker.add("data-reordered", "", Wrong::Data(Spoilt::Reordered));
            maker.add("data-altered", "", Wrong::Data(Spoilt::Altered));
            maker.add("data-elsewhere", "", Wrong::Data(Spoilt::Elsewhere));
        }
        Envelope::Step(..) => return count(maker, false),
        Envelope::Exactly(_) if gives_number(clause) => {
            maker.add("told-less", "", Wrong::Told(-1));
            maker.add("told-more", "", Wrong::Told(1));
        }
        Envelope::Exactly(_) | Envelope::Among(..) | Envelope::Passed(..) => {
            maker.add("told-other", "", Wrong::ToldOther);
        }
        Envelope::Is(event) => return another_event(maker, event),
        Envelope::Nothing | Envelope::Newborn | Envelope::Absent(_) => {}
        Envelope::Never => return maker.returns(),
        Envelope::Sleep | Envelope::Anything => return,
    }
    let kind = if clause.effects.is_empty() { "error-for-success" } else { "error-though-done" };
    maker.add(kind, "", Wrong::Error(another(clause, None)));
}

/// Another event that the same kinds of objects can have.
fn another_event(maker: &mut Maker, event: u32) {
    let all = [poll::IN, poll::OUT, poll::HUP, poll::ERR];
    let place = all.iter().position(|other| *other == event).map_or(0, |place| place + 1);
    maker.add("another-event", "", Wrong::Event(all[place % all.len()]));
}

fn gives_number(clause: &Clause) -> bool {
    clause.on.iter().any(|operation| matches!(operation.gives, Gives::Number | Gives::Sent))
}

/// The effects of the clauses that do what this one refuses, by the profile of the simulated kernel. What
/// is done to an object of another kind than the one that is there is nothing.
fn borrowed(maker: &mut Maker) {
    let clause = maker.clause;
    let does = |other: &&Clause| {
        other.on.iter().any(|operation| clause.on.contains(operation))
            && !other.effects.is_empty()
            && !matches!(other.envelope, Envelope::Error(_) | Envelope::Never)
            && LINUX.has(other)
            && !mechanism::exclude_each_other(clause, other)
    };
    for other in mechanism::clauses().filter(does) {
        maker.add("done-though-refused", other.id, Wrong::Borrowed(other));
    }
}

fn effects(maker: &mut Maker) {
    let clause = maker.clause;
    let is_data = matches!(clause.envelope, Envelope::Data(..));
    for (place, effect) in clause.effects.iter().enumerate() {
        let detail = match clause.effects.len() {
            1 => String::new(),
            _ => (place + 1).to_string(),
        };
        let missing = if is_data { "data-repeated" } else { "effect-missing" };
        maker.add(missing, &detail, Wrong::Missing(place));
        let twice = if is_data { "data-lost" } else { "effect-twice" };
        maker.add(twice, &detail, Wrong::Twice(place));
        if !matches!(effect.amount, Num::N(_)) {
            maker.add("effect-less", &detail, Wrong::Moved(place, -1));
            maker.add("effect-more", &detail, Wrong::Moved(place, 1));
        }
    }
}

fn wakes(maker: &mut Maker) {
    if maker.clause.effects.is_empty() {
        return;
    }
    maker.add("wakes-nobody", "", Wrong::Wakes(Wakes::Nobody));
    maker.add("wakes-one", "", Wrong::Wakes(Wakes::One));
    let startled = [
        ("nothing", Startled::Nothing),
        ("eagain", Startled::Error(Errno::EAGAIN)),
        ("eintr", Startled::Error(Errno::EINTR)),
    ];
    for (detail, startled) in startled {
        maker.add("wakes-for-nothing", detail, Wrong::Startles(startled));
    }
}
