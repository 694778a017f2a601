//! The tests of the literature, as data: shapes, and the flavours that each comes in.
//!
//! Names and endings that are asked for: Maranget, Sarkar, Sewell, "A tutorial introduction to the
//! Arm and POWER relaxed memory models", 2012; Alglave, Maranget, Tautschnig 2014; `iwp2.4` and `n6`
//! from Owens, Sarkar, Sewell 2009.

use super::test::{Order, Outcome, Place, Step, Test};

/// A step without its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// A load.
    R(Place),
    /// A store.
    W(Place, u8),
    /// An exchange.
    X(Place, u8),
}

/// A test without the orders of its steps.
#[derive(Debug)]
pub struct Shape {
    /// Its name in the literature.
    pub name: &'static str,
    /// What it asks.
    pub question: &'static str,
    /// What each process does.
    pub threads: &'static [&'static [Access]],
    /// The ending that is asked for: what would not be if all steps were in one order, or, of `iwp2.4`
    /// and `n6`, what tells a buffer of stores from other explanations.
    pub asked: &'static [u8],
}

/// How the steps of a shape are ordered.
#[derive(Debug)]
pub struct Flavour {
    /// Its name.
    pub name: &'static str,
    /// What it is, in words.
    pub text: &'static str,
    /// Of its loads.
    pub reads: Order,
    /// Of its stores.
    pub writes: Order,
    /// Of its exchanges.
    pub exchanges: Order,
    /// Of the fences between any two steps, if there are some.
    pub fence: Option<Order>,
}

impl Flavour {
    /// Whether its loads and stores are the machine's own.
    pub fn is_machines_own(&self) -> bool {
        self.reads == Order::Plain
    }
}

/// A shape in a flavour.
#[derive(Clone, Copy, Debug)]
pub struct Classic {
    /// The shape.
    pub shape: &'static Shape,
    /// The flavour.
    pub flavour: &'static Flavour,
}

use Access::{R, W, X};

const PX: Place = Place(0);
const PY: Place = Place(1);
const PZ: Place = Place(2);

const fn shape(
    name: &'static str,
    question: &'static str,
    threads: &'static [&'static [Access]],
    asked: &'static [u8],
) -> Shape {
    Shape { name, question, threads, asked }
}

/// All shapes, those of one word last.
pub static SHAPES: &[Shape] = &[
    shape(
        "SB",
        "Store buffering: do both processes miss each other's store?",
        &[&[W(PX, 1), R(PY)], &[W(PY, 1), R(PX)]],
        &[0, 0],
    ),
    shape(
        "MP",
        "Message passing: is the flag seen and the message not?",
        &[&[W(PX, 1), W(PY, 1)], &[R(PY), R(PX)]],
        &[1, 0],
    ),
    shape(
        "LB",
        "Load buffering: does each process read what the other writes afterwards?",
        &[&[R(PX), W(PY, 1)], &[R(PY), W(PX, 1)]],
        &[1, 1],
    ),
    shape(
        "R",
        "Is a store overwritten, and the one before it not seen?",
        &[&[W(PX, 1), W(PY, 1)], &[W(PY, 2), R(PX)]],
        &[0, 2],
    ),
    shape(
        "S",
        "Is a store that follows what was read overwritten by the one before that?",
        &[&[W(PX, 2), W(PY, 1)], &[R(PY), W(PX, 1)]],
        &[1, 2],
    ),
    shape(
        "2+2W",
        "Do the first stores of both processes last?",
        &[&[W(PX, 1), W(PY, 2)], &[W(PY, 1), W(PX, 2)]],
        &[1, 1],
    ),
    shape(
        "SB-xchg",
        "Do both processes miss each other's store if it is an exchange?",
        &[&[X(PX, 1), R(PY)], &[X(PY, 1), R(PX)]],
        &[0, 0, 0, 0],
    ),
    shape(
        "iwp2.4",
        "Do both processes see their own store before the other's?",
        &[&[W(PX, 1), R(PX), R(PY)], &[W(PY, 1), R(PY), R(PX)]],
        &[1, 0, 1, 0],
    ),
    shape(
        "n6",
        "Does a process see its own store first, and is it overwritten by an older one?",
        &[&[W(PX, 1), R(PX), R(PY)], &[W(PY, 2), W(PX, 2)]],
        &[1, 0, 1],
    ),
    shape(
        "WRC",
        "Write-to-read causality: is what another has seen missed by who heard of it?",
        &[&[W(PX, 1)], &[R(PX), W(PY, 1)], &[R(PY), R(PX)]],
        &[1, 1, 0],
    ),
    shape(
        "RWC",
        "Read-to-write causality: is what another has seen missed behind a store?",
        &[&[W(PX, 1)], &[R(PX), R(PY)], &[W(PY, 1), R(PX)]],
        &[1, 0, 0],
    ),
    shape(
        "ISA2",
        "Is a message missed that was passed on over two flags?",
        &[&[W(PX, 1), W(PY, 1)], &[R(PY), W(PZ, 1)], &[R(PZ), R(PX)]],
        &[1, 1, 0],
    ),
    shape(
        "IRIW",
        "Independent reads of independent writes: do two processes see two stores in opposite \
         orders?",
        &[&[W(PX, 1)], &[R(PX), R(PY)], &[W(PY, 1)], &[R(PY), R(PX)]],
        &[1, 0, 1, 0],
    ),
    shape(
        "CoRR",
        "Coherence: does a word that is read twice run back?",
        &[&[W(PX, 1)], &[R(PX), R(PX)]],
        &[1, 0],
    ),
    shape("CoWW", "Coherence: does the first of two stores last?", &[&[W(PX, 1), W(PX, 2)]], &[1]),
    shape(
        "CoRW1",
        "Coherence: does a process read what it writes afterwards?",
        &[&[R(PX), W(PX, 1)]],
        &[1],
    ),
    shape(
        "CoRW2",
        "Coherence: does the store that was read before come after?",
        &[&[R(PX), W(PX, 1)], &[W(PX, 2)]],
        &[2, 2],
    ),
    shape(
        "CoWR",
        "Coherence: is a store read that the reader's own has overwritten?",
        &[&[W(PX, 1), R(PX)], &[W(PX, 2)]],
        &[2, 1],
    ),
    shape(
        "2Xchg",
        "Atomicity: do two exchanges find the same old value?",
        &[&[X(PX, 1)], &[X(PX, 2)]],
        &[0, 0, 2],
    ),
];

/// All flavours.
pub static FLAVOURS: &[Flavour] = &[
    Flavour {
        name: "machine",
        text: "the machine's own accesses: `mov` on x86-64, `ldr` and `str` on aarch64",
        reads: Order::Plain,
        writes: Order::Plain,
        exchanges: Order::Plain,
        fence: None,
    },
    Flavour {
        name: "machine-fence",
        text: "the same, with the machine's strongest fence between any two: `mfence`, `dmb ish`",
        reads: Order::Plain,
        writes: Order::Plain,
        exchanges: Order::Plain,
        fence: Some(Order::Plain),
    },
    Flavour {
        name: "relaxed",
        text: "relaxed atomics",
        reads: Order::Relaxed,
        writes: Order::Relaxed,
        exchanges: Order::Relaxed,
        fence: None,
    },
    Flavour {
        name: "acqrel-fence",
        text: "relaxed atomics with acquiring and releasing fences between any two",
        reads: Order::Relaxed,
        writes: Order::Relaxed,
        exchanges: Order::Relaxed,
        fence: Some(Order::AcqRel),
    },
    Flavour {
        name: "sc-fence",
        text: "relaxed atomics with sequentially consistent fences between any two",
        reads: Order::Relaxed,
        writes: Order::Relaxed,
        exchanges: Order::Relaxed,
        fence: Some(Order::SeqCst),
    },
    Flavour {
        name: "release-acquire",
        text: "acquiring loads, releasing stores",
        reads: Order::Acquire,
        writes: Order::Release,
        exchanges: Order::AcqRel,
        fence: None,
    },
    Flavour {
        name: "sc",
        text: "sequentially consistent atomics",
        reads: Order::SeqCst,
        writes: Order::SeqCst,
        exchanges: Order::SeqCst,
        fence: None,
    },
];

/// Every shape in every flavour that makes a difference: fences only where there are several words,
/// and something to stand between.
pub fn classics() -> impl Iterator<Item = Classic> {
    let fits = |one: &Classic| one.flavour.fence.is_none() || one.has_several_places();
    let all = |shape| FLAVOURS.iter().map(move |flavour| Classic { shape, flavour });
    SHAPES.iter().flat_map(all).filter(fits)
}

/// The classic of that name.
pub fn classic(name: &str) -> Option<Classic> {
    classics().find(|one| one.name() == name)
}

impl Classic {
    /// `SB+machine`.
    pub fn name(&self) -> String {
        format!("{}+{}", self.shape.name, self.flavour.name)
    }

    /// The test.
    pub fn test(&self) -> Test {
        let flavour = self.flavour;
        let step = |access: &Access| match *access {
            R(place) => Step::Read(place, flavour.reads),
            W(place, value) => Step::Write(place, value, flavour.writes),
            X(place, value) => Step::Exchange(place, value, flavour.exchanges),
        };
        let thread = |accesses: &&[Access]| {
            let mut steps = Vec::new();
            for access in *accesses {
                let fence = flavour.fence.filter(|_| !steps.is_empty());
                steps.extend(fence.map(Step::Fence));
                steps.push(step(access));
            }
            steps
        };
        Test { threads: self.shape.threads.iter().map(thread).collect() }
    }

    /// The ending that it asks for.
    pub fn asked(&self) -> Outcome {
        Outcome(self.shape.asked.to_vec())
    }

    fn has_several_places(&self) -> bool {
        let accesses = self.shape.threads.iter().copied().flatten();
        let place = |access: &Access| match *access {
            R(place) | W(place, _) | X(place, _) => place,
        };
        accesses.clone().any(|access| place(access) != PX)
    }
}
