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
    /// What its accesses are made of.
    pub way: Way,
}

/// What the accesses of a test are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Each is one of a word of its own.
    Words,
    /// Those to the flag are calls: what was done before one is seen after the other, as if a
    /// release had been met by an acquire. A flag that reads 0 is a message that has not come.
    Through(Edge),
    /// A word of which every byte is told is loaded and stored at once.
    Whole,
    /// The two are halves of one word, which lies in two lines of the cache and is loaded and stored
    /// at once.
    Across,
}

/// A mechanism by which one process tells another to go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edge {
    /// A byte that is written to a pipe, and read.
    Pipe,
    /// A number that is added to a counter, and taken.
    Eventfd,
    /// Who sleeps on a word is woken (`futex(2)`).
    Futex,
    /// A lock of an open file description is given up, and taken (POSIX.1-2024 `fcntl()`).
    Ofd,
}

impl Flavour {
    /// Whether its loads and stores are the machine's own.
    pub fn is_machines_own(&self) -> bool {
        self.reads == Order::Plain
    }

    /// Whether some of its accesses are calls.
    pub fn makes_calls(&self) -> bool {
        matches!(self.way, Way::Through(_))
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
        way: Way::Words,
    },
    Flavour {
        name: "machine-fence",
        text: "the same, with the machine's strongest fence between any two: `mfence`, `dmb ish`",
        reads: Order::Plain,
        writes: Order::Plain,
        exchanges: Order::Plain,
        fence: Some(Order::Plain),
        way: Way::Words,
    },
    Flavour {
        name: "relaxed",
        text: "relaxed atomics",
        reads: Order::Relaxed,
        writes: Order::Relaxed,
        exchanges: Order::Relaxed,
        fence: None,
        way: Way::Words,
    },
    Flavour {
        name: "acqrel-fence",
        text: "relaxed atomics with acquiring and releasing fences between any two",
        reads: Order::Relaxed,
        writes: Order::Relaxed,
        exchanges: Order::Relaxed,
        fence: Some(Order::AcqRel),
        way: Way::Words,
    },
    Flavour {
        name: "sc-fence",
        text: "relaxed atomics with sequentially consistent fences between any two",
        reads: Order::Relaxed,
        writes: Order::Relaxed,
        exchanges: Order::Relaxed,
        fence: Some(Order::SeqCst),
        way: Way::Words,
    },
    Flavour {
        name: "release-acquire",
        text: "acquiring loads, releasing stores",
        reads: Order::Acquire,
        writes: Order::Release,
        exchanges: Order::AcqRel,
        fence: None,
        way: Way::Words,
    },
    Flavour {
        name: "sc",
        text: "sequentially consistent atomics",
        reads: Order::SeqCst,
        writes: Order::SeqCst,
        exchanges: Order::SeqCst,
        fence: None,
        way: Way::Words,
    },
];

const fn through(name: &'static str, text: &'static str, edge: Edge) -> Flavour {
    let (reads, writes, exchanges) = (Order::Relaxed, Order::Relaxed, Order::Relaxed);
    Flavour { name, text, reads, writes, exchanges, fence: None, way: Way::Through(edge) }
}

const fn own(name: &'static str, text: &'static str, order: Order, way: Way) -> Flavour {
    Flavour { name, text, reads: order, writes: order, exchanges: order, fence: None, way }
}

/// Flavours of [`SHAPES`]' message that is passed by a call.
pub static EDGES: &[Flavour] = &[
    through("pipe", "relaxed atomics, and the flag is a byte in a pipe", Edge::Pipe),
    through("eventfd", "relaxed atomics, and the flag is a number in a counter", Edge::Eventfd),
    through("futex", "relaxed atomics, and the flag is a sleeper that is woken", Edge::Futex),
    through("ofd", "relaxed atomics, and the flag is an OFD lock that is given up", Edge::Ofd),
];

/// What keeps no order, and is asked about how far an access goes: shapes and flavours for each other
/// only. Sequential consistency allows what the first and the last of them ask for.
pub static ALONE: &[(Shape, &[Flavour])] = &[
    (
        shape(
            "2RW",
            "Lost update: do both processes read the same old value, so that one's store is lost?",
            &[&[R(PX), W(PX, 1)], &[R(PX), W(PX, 2)]],
            &[0, 0, 2],
        ),
        &[
            own(
                "load-store",
                "the machine's own load and then its own store",
                Order::Plain,
                Way::Words,
            ),
            own(
                "sc-load-store",
                "a sequentially consistent load and then such a store",
                Order::SeqCst,
                Way::Words,
            ),
        ],
    ),
    (
        shape(
            "Whole",
            "Tearing: is a part of an aligned word seen (3: a value that nobody stores)?",
            &[&[W(PX, 1)], &[R(PX)]],
            &[3],
        ),
        &[own(
            "aligned",
            "the machine's own accesses of four bytes at a multiple of four",
            Order::Plain,
            Way::Whole,
        )],
    ),
    (
        shape(
            "Halves",
            "Tearing: is the first half of a word in two lines seen, and the second not?",
            &[&[W(PX, 1), W(PY, 1)], &[R(PX), R(PY)]],
            &[1, 0],
        ),
        &[own(
            "across",
            "halves of one access of the machine's own that lies in two lines of the cache",
            Order::Plain,
            Way::Across,
        )],
    ),
];

/// Every shape in every flavour that makes a difference: fences only where there are several words,
/// and something to stand between. Then the message that is passed by calls, and what is asked
/// [`ALONE`].
pub fn classics() -> impl Iterator<Item = Classic> {
    let fits = |one: &Classic| one.flavour.fence.is_none() || one.has_several_places();
    let all = |shape| FLAVOURS.iter().map(move |flavour| Classic { shape, flavour });
    let message = SHAPES.iter().filter(|shape| shape.name == "MP");
    let passed =
        message.flat_map(|shape| EDGES.iter().map(move |flavour| Classic { shape, flavour }));
    let alone = ALONE
        .iter()
        .flat_map(|(shape, of)| of.iter().map(move |flavour| Classic { shape, flavour }));
    SHAPES.iter().flat_map(all).filter(fits).chain(passed).chain(alone)
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
            R(place) if self.is_flag(place) => Step::Read(place, Order::Acquire),
            W(place, value) if self.is_flag(place) => Step::Write(place, value, Order::Release),
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

    /// Whether accesses to it are calls.
    pub fn is_flag(&self, place: Place) -> bool {
        self.flavour.makes_calls() && place == PY
    }

    fn has_several_places(&self) -> bool {
        let accesses = self.shape.threads.iter().copied().flatten();
        let place = |access: &Access| match *access {
            R(place) | W(place, _) | X(place, _) => place,
        };
        accesses.clone().any(|access| place(access) != PX)
    }
}
