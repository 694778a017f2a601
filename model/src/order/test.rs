//! What a litmus test of the memory is: a few steps of a few processes, and an ending that is asked
//! for.

use std::fmt;

/// A word of the shared memory. All begin at 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place(pub u8);

impl Place {
    /// How it is called: `x`, `y`, `z`.
    pub fn name(self) -> char {
        char::from(b'x' + self.0 % 3)
    }
}

/// How a step is ordered with others. On the level of a machine only [`Order::Plain`] is on all of
/// them: an access as it is, or the strongest fence. Armv8 has [`Order::Acquire`] (`LDAR`, `DMB
/// ISHLD`), [`Order::Release`] (`STLR`) and both (`LDAXR` with `STLXR`) besides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Order {
    /// The machine's own.
    Plain,
    /// `memory_order_relaxed`.
    Relaxed,
    /// `memory_order_acquire`.
    Acquire,
    /// `memory_order_release`.
    Release,
    /// `memory_order_acq_rel`.
    AcqRel,
    /// `memory_order_seq_cst`.
    SeqCst,
}

impl Order {
    /// Whether it acquires, in a language.
    pub fn acquires(self) -> bool {
        matches!(self, Order::Acquire | Order::AcqRel | Order::SeqCst)
    }

    /// Whether it releases, in a language.
    pub fn releases(self) -> bool {
        matches!(self, Order::Release | Order::AcqRel | Order::SeqCst)
    }
}

/// What a process does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// A load, into the next register of the process.
    Read(Place, Order),
    /// A store of a number.
    Write(Place, u8, Order),
    /// The old value goes into the next register, and a number takes its place, in one.
    Exchange(Place, u8, Order),
    /// A fence.
    Fence(Order),
}

impl Step {
    /// The word that it is about.
    pub fn place(self) -> Option<Place> {
        match self {
            Step::Read(place, _) | Step::Write(place, ..) | Step::Exchange(place, ..) => {
                Some(place)
            }
            Step::Fence(_) => None,
        }
    }

    /// How it is ordered.
    pub fn order(self) -> Order {
        match self {
            Step::Read(_, order)
            | Step::Write(_, _, order)
            | Step::Exchange(_, _, order)
            | Step::Fence(order) => order,
        }
    }

    /// Whether it fills a register.
    pub fn reads(self) -> bool {
        matches!(self, Step::Read(..) | Step::Exchange(..))
    }

    /// The number that it stores.
    pub fn writes(self) -> Option<u8> {
        match self {
            Step::Write(_, value, _) | Step::Exchange(_, value, _) => Some(value),
            Step::Read(..) | Step::Fence(_) => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Step::Read(place, _) => write!(f, "read {}", place.name())?,
            Step::Write(place, value, _) => write!(f, "write {} {value}", place.name())?,
            Step::Exchange(place, value, _) => write!(f, "exchange {} {value}", place.name())?,
            Step::Fence(_) => write!(f, "fence")?,
        }
        match self.order() {
            Order::Plain => Ok(()),
            order => write!(f, " {order:?}"),
        }
    }
}

/// What is observed of a run: the registers of the processes in order, and then the last value of
/// each word that is written more than once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Outcome(pub Vec<u8>);

/// What can be observed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Observed {
    /// Register `1` of process `0`.
    Register(usize, usize),
    /// What a word is in the end.
    Last(Place),
}

/// A litmus test of the memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Test {
    /// What each process does.
    pub threads: Vec<Vec<Step>>,
}

impl Test {
    /// All steps.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        self.threads.iter().flatten().copied()
    }

    /// How many words it uses.
    pub fn places(&self) -> usize {
        self.steps()
            .filter_map(Step::place)
            .map(|place| usize::from(place.0) + 1)
            .max()
            .unwrap_or(0)
    }

    /// What is observed, in the order of an [`Outcome`].
    pub fn observed(&self) -> Vec<Observed> {
        let mut all = Vec::new();
        for (thread, steps) in self.threads.iter().enumerate() {
            let reads = steps.iter().filter(|step| step.reads()).count();
            all.extend((0..reads).map(|register| Observed::Register(thread, register)));
        }
        let writes = |place: &Place| {
            self.steps().filter(|s| s.place() == Some(*place) && s.writes().is_some()).count()
        };
        let places = (0..self.places() as u8).map(Place);
        all.extend(places.filter(|place| writes(place) > 1).map(Observed::Last));
        all
    }

    /// An ending in words: `P0 r0=0, P1 r0=1, x=2`.
    pub fn words(&self, outcome: &Outcome) -> String {
        let word = |(observed, value): (&Observed, &u8)| match observed {
            Observed::Register(thread, register) => format!("P{thread} r{register}={value}"),
            Observed::Last(place) => format!("{}={value}", place.name()),
        };
        let words: Vec<String> = self.observed().iter().zip(&outcome.0).map(word).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    }
}

impl fmt::Display for Test {
    /// A line a process.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (thread, steps) in self.threads.iter().enumerate() {
            let steps: Vec<String> = steps.iter().map(Step::to_string).collect();
            writeln!(f, "P{thread}: {}", steps.join("; "))?;
        }
        Ok(())
    }
}
