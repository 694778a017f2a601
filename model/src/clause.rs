//! The shape of a rule: clauses are data, made of closed vocabularies that have one evaluator
//! ([`crate::view`]), one executor ([`crate::spec`]) and one printer ([`crate::print`]) each.
//!
//! Only numbers, answers and actions are computed by code; each has a name and a sentence.

use crate::errno::Errno;
use crate::operation::Operation;
use crate::outcome::{Outcome, Value};
use crate::view::{Change, View};

/// One obligation or permission.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// `mechanism.operation.aspect[.case]`, never reused.
    pub id: &'static str,
    /// The operations it speaks of.
    pub on: &'static [&'static Operation],
    /// Whether the caller may count on it.
    pub force: Force,
    /// How binding the source is.
    pub duty: Duty,
    /// Which question it answers.
    pub aspect: Aspect,
    /// Where it comes from.
    pub source: Source,
    /// One sentence, ours.
    pub text: &'static str,
    /// When it applies: all of them hold.
    pub guards: &'static [Guard],
    /// What may be answered.
    pub envelope: Envelope,
    /// What becomes of the world, in this order.
    pub effects: &'static [Effect],
}

/// Whether the caller may count on a clause that is enabled.
#[derive(Clone, Copy, Debug)]
pub enum Force {
    /// While it is enabled, the call may not stay asleep.
    Obliges,
    /// It may be used; nobody may count on it.
    Permits,
    /// It may be used, and from where this holds on the call may not stay asleep.
    ObligesWhen(Guard),
}

/// How binding the source of a clause is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Duty {
    /// The source requires it.
    Shall,
    /// The source allows it among other things.
    May,
    /// The source leaves it open, without a list.
    Unspecified,
    /// The source leaves it to the system, which must say what it does.
    ImplDefined,
    /// It is beyond the base standard.
    Extension,
    /// The source promises nothing at all: what rests on it is never judged.
    Undefined,
}

/// The question that a clause answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Aspect {
    /// In which order bytes, messages or events come.
    Ordering,
    /// What outlives what.
    Persistence,
    /// When a call may sleep.
    Blocking,
    /// When there is nothing more to come.
    Eof,
    /// What is never seen in part.
    Atomicity,
    /// What a thing's existence hangs on.
    Lifetime,
    /// How a call fails.
    Error,
    /// What may be done without sleeping.
    Readiness,
    /// Who keeps whom out.
    Exclusion,
}

/// The document that a clause is taken from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standard {
    /// POSIX.1-2024 (IEEE Std 1003.1-2024).
    Posix2024,
    /// Linux: a manual page, or the kernel's own source with its version.
    Linux,
    /// What this project ships: the documentation of `ipc-impls`, the same on every system.
    Own,
}

/// Where a clause comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source {
    /// The document.
    pub standard: Standard,
    /// Its function or page.
    pub page: &'static str,
    /// The section of that page.
    pub part: &'static str,
}

/// POSIX.1-2024, by function and section.
pub const fn posix(page: &'static str, part: &'static str) -> Source {
    Source { standard: Standard::Posix2024, page, part }
}

/// Linux, by manual page or source file, and section or version.
pub const fn linux(page: &'static str, part: &'static str) -> Source {
    Source { standard: Standard::Linux, page, part }
}

/// What `ipc-impls` ships, by module and section of its documentation.
pub const fn own(page: &'static str, part: &'static str) -> Source {
    Source { standard: Standard::Own, page, part }
}

/// A condition with a name for people.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// For people.
    pub name: &'static str,
    /// For machines.
    pub cond: Cond,
}

/// A condition on numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Cond {
    /// The first is less.
    Lt(Num, Num),
    /// The first is not greater.
    Le(Num, Num),
    /// They are equal.
    Eq(Num, Num),
    /// It does not hold.
    Not(&'static Cond),
    /// All hold.
    All(&'static [Cond]),
    /// One at least holds.
    Any(&'static [Cond]),
}

/// A number that a clause can speak of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Num {
    /// Itself.
    N(u64),
    /// One that the world, the call, the profile or the system tells.
    Of(&'static Number),
    /// What was chosen from the envelope.
    Chosen,
    /// The lesser.
    Min(&'static Num, &'static Num),
    /// The greater.
    Max(&'static Num, &'static Num),
}

/// A named number: the only place where a condition is computed by code.
pub struct Number {
    /// As printed in rules.
    pub name: &'static str,
    /// One sentence.
    pub text: &'static str,
    /// Its value: 0 where it makes no sense.
    pub read: fn(&View<'_>) -> u64,
    /// Whether the [`sort`](View::sort) of the descriptor says all about it.
    pub by_sort: bool,
}

/// What may be answered, or what happens without an answer.
#[derive(Clone, Copy, Debug)]
pub enum Envelope {
    /// Success, and nothing to tell.
    Nothing,
    /// A number in this range.
    Count(Num, Num),
    /// This many bytes from the front of the subject's contents.
    Data(Num, Num),
    /// So many bytes from the front of the subject's contents, and what comes along with them.
    Passed(Num, Num, &'static Answer),
    /// This error.
    Error(Errno),
    /// Exactly this.
    Exactly(&'static Answer),
    /// This, of one of several: of the one that was chosen, from the first number to the second.
    Among(Num, Num, &'static Answer),
    /// A process that was not born yet, which begins by returning from the same call.
    Newborn,
    /// No answer of a call: what the descriptor is said to be ready for, by index in
    /// [`crate::poll::EVENTS`].
    Is(u32),
    /// No answer yet: a hidden step that moves as much as this.
    Step(Num, Num),
    /// No answer yet: the call falls asleep. Lawful only while no clause obliges.
    Sleep,
    /// No answer ever.
    Never,
    /// This system has no such thing.
    Absent(&'static str),
    /// Whatever it likes: what rests on it is not judged.
    Anything,
}

/// A named answer that follows from the world.
pub struct Answer {
    /// As printed in rules.
    pub name: &'static str,
    /// Its value.
    pub value: fn(&View<'_>) -> Value,
}

/// Something done to the world, so many times or to such an extent.
#[derive(Clone, Copy, Debug)]
pub struct Effect {
    /// What.
    pub action: &'static Action,
    /// How much: taken before the first effect of the clause.
    pub amount: Num,
}

/// A named change of the world. Total: with any amount, in any world, it never panics.
pub struct Action {
    /// As printed in rules; `%` is the amount.
    pub name: &'static str,
    /// Does it.
    pub run: fn(&mut Change<'_>, u64),
}

/// Does an action whose amount says nothing.
pub const fn effect(action: &'static Action) -> Effect {
    Effect { action, amount: Num::N(0) }
}

/// Does an action to this extent.
pub const fn effect_of(action: &'static Action, amount: Num) -> Effect {
    Effect { action, amount }
}

/// Names a number.
pub const fn number(name: &'static str, text: &'static str, read: fn(&View<'_>) -> u64) -> Number {
    Number { name, text, read, by_sort: false }
}

/// Names a number that is the same for all descriptors of a [`sort`](View::sort), whoever asks.
pub const fn by_sort(name: &'static str, text: &'static str, read: fn(&View<'_>) -> u64) -> Number {
    Number { name, text, read, by_sort: true }
}

/// Names an action.
pub const fn action(name: &'static str, run: fn(&mut Change<'_>, u64)) -> Action {
    Action { name, run }
}

/// A rule of an extension, with its sentence, its guards, and what is answered and done. It obliges,
/// unless it lets the call sleep or is not judged.
pub const fn extension(
    id: &'static str,
    on: &'static [&'static Operation],
    (aspect, source, text): (Aspect, Source, &'static str),
    guards: &'static [Guard],
    envelope: Envelope,
    effects: &'static [Effect],
) -> Clause {
    let force = match envelope {
        Envelope::Sleep | Envelope::Anything => Force::Permits,
        _ => Force::Obliges,
    };
    let duty = Duty::Extension;
    Clause { id, on, force, duty, aspect, source, text, guards, envelope, effects }
}

impl Clause {
    /// The mechanism it belongs to: the first word of its id.
    pub fn mechanism(&self) -> &'static str {
        self.id.split('.').next().unwrap_or(self.id)
    }

    /// Whether the guard is among its own.
    pub fn requires(&self, guard: &Guard) -> bool {
        self.guards.iter().any(|own| own.cond == guard.cond)
    }

    /// Whether it applies only where the number is 1: its guards say so themselves.
    pub fn demands(&self, number: &Number) -> bool {
        self.guards.iter().any(|guard| guard.cond.demands(number))
    }

    /// Whether it gives the call its answer (or its end), and is not a step on the way.
    pub fn answers(&self) -> bool {
        !matches!(self.envelope, Envelope::Step(..) | Envelope::Sleep)
    }
}

impl Cond {
    fn demands(&self, number: &Number) -> bool {
        match self {
            Cond::Eq(Num::Of(own), Num::N(1)) => *own == number,
            Cond::All(all) => all.iter().any(|one| one.demands(number)),
            _ => false,
        }
    }
}

impl Envelope {
    /// Whether an outcome is of the kind that it admits, in some world.
    pub fn is_like(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Envelope::Anything, _) => true,
            (Envelope::Error(errno), Outcome::Failure(got)) => errno == got,
            (Envelope::Absent(name), Outcome::Absent(got)) => name == got,
            (Envelope::Data(_, Num::N(n)), Outcome::Success(Value::Data(data))) => data.len() <= *n,
            (Envelope::Data(..), Outcome::Success(Value::Data(_)))
            | (Envelope::Passed(..), Outcome::Success(Value::Passed(_)))
            | (Envelope::Count(..), Outcome::Success(Value::Number(_)))
            | (Envelope::Nothing, Outcome::Success(Value::Nothing))
            | (Envelope::Newborn, Outcome::Success(Value::Child(_)))
            | (Envelope::Exactly(_) | Envelope::Among(..), Outcome::Success(_)) => true,
            _ => false,
        }
    }
}

impl Num {
    /// Whether the [`sort`](View::sort) of the descriptor says all about it.
    fn is_by_sort(&self) -> bool {
        match self {
            Num::N(_) => true,
            Num::Of(number) => number.by_sort,
            Num::Chosen | Num::Min(..) | Num::Max(..) => false,
        }
    }
}

impl Cond {
    /// Whether the [`sort`](View::sort) of the descriptor says all about it.
    pub fn is_by_sort(&self) -> bool {
        match self {
            Cond::Lt(a, b) | Cond::Le(a, b) | Cond::Eq(a, b) => a.is_by_sort() && b.is_by_sort(),
            Cond::Not(cond) => cond.is_by_sort(),
            Cond::All(conds) | Cond::Any(conds) => conds.iter().all(Cond::is_by_sort),
        }
    }
}

impl PartialEq for Number {
    /// Every number is one `static`: the same place is the same number.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
