//! What the orderings of a language become on a machine: the usual mapping.

use super::axioms::{ARMV8, Model, NO_THIN_AIR, X86_TSO};
use super::test::{Order, Step, Test};

/// A family of processors.
#[derive(Debug)]
pub struct Machine {
    /// Its name, as Rust has it for targets.
    pub name: &'static str,
    /// What it promises.
    pub model: &'static Model,
    /// What becomes of each kind of step of a language.
    pub mapping: &'static [Row],
    /// What of RC11 the mapping does not keep.
    pub gives_up: Option<&'static str>,
    /// Where the mapping is from.
    pub source: &'static str,
}

/// Kinds of steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// [`Step::Read`].
    Read,
    /// [`Step::Write`].
    Write,
    /// [`Step::Exchange`].
    Exchange,
    /// [`Step::Fence`].
    Fence,
}

/// A row of a mapping.
#[derive(Debug)]
pub struct Row {
    /// Of these steps.
    pub what: What,
    /// With one of these orders.
    pub orders: &'static [Order],
    /// The instructions.
    pub text: &'static str,
    /// The access, if it is one, as the machine orders it.
    pub access: Option<Order>,
    /// A fence behind it, or the fence that it is.
    pub fence: Option<Order>,
}

use Order::{AcqRel, Acquire, Plain, Relaxed, Release, SeqCst};

const fn access(what: What, orders: &'static [Order], text: &'static str, order: Order) -> Row {
    Row { what, orders, text, access: Some(order), fence: None }
}

const fn fence(orders: &'static [Order], text: &'static str, fence: Option<Order>) -> Row {
    Row { what: What::Fence, orders, text, access: None, fence }
}

/// The machines that there is a model of.
pub static MACHINES: &[&Machine] = &[&X86_64, &AARCH64];

/// x86-64.
pub static X86_64: Machine = Machine {
    name: "x86_64",
    model: &X86_TSO,
    mapping: &[
        access(What::Read, &[Plain, Relaxed, Acquire, SeqCst], "mov", Plain),
        access(What::Write, &[Plain, Relaxed, Release], "mov", Plain),
        Row {
            what: What::Write,
            orders: &[SeqCst],
            text: "mov; mfence (or xchg, which is as good)",
            access: Some(Plain),
            fence: Some(Plain),
        },
        access(What::Exchange, &[Plain, Relaxed, Acquire, Release, AcqRel, SeqCst], "xchg", Plain),
        fence(&[Acquire, Release, AcqRel], "nothing", None),
        fence(&[Plain, SeqCst], "mfence", Some(Plain)),
    ],
    gives_up: None,
    source: "Batty, Owens, Sarkar, Sewell, Weber 2011; Lahav and others 2017, 6",
};

/// Armv8 in its 64 bits.
pub static AARCH64: Machine = Machine {
    name: "aarch64",
    model: &ARMV8,
    mapping: &[
        access(What::Read, &[Plain, Relaxed], "ldr", Plain),
        access(What::Read, &[Acquire, SeqCst], "ldar", Acquire),
        access(What::Write, &[Plain, Relaxed], "str", Plain),
        access(What::Write, &[Release, SeqCst], "stlr", Release),
        access(What::Exchange, &[Relaxed], "ldxr; stxr", Plain),
        access(What::Exchange, &[Acquire], "ldaxr; stxr", Acquire),
        access(What::Exchange, &[Release], "ldxr; stlxr", Release),
        access(What::Exchange, &[Plain, AcqRel, SeqCst], "ldaxr; stlxr", AcqRel),
        fence(&[Acquire], "dmb ishld", Some(Acquire)),
        fence(&[Plain, Release, AcqRel, SeqCst], "dmb ish", Some(Plain)),
    ],
    // Relaxed accesses may change places there, as C++20 allows.
    gives_up: Some(NO_THIN_AIR),
    source: "Arm, C/C++ Atomics ABI for the Arm 64-bit architecture, 2024",
};

impl Machine {
    /// The machine of that name.
    pub fn named(name: &str) -> Option<&'static Machine> {
        MACHINES.iter().copied().find(|machine| machine.name == name)
    }

    /// The row for a step. Every order that a step of that kind can have is in one.
    fn row(&self, step: Step) -> &Row {
        let what = match step {
            Step::Read(..) => What::Read,
            Step::Write(..) => What::Write,
            Step::Exchange(..) => What::Exchange,
            Step::Fence(_) => What::Fence,
        };
        let fits = |row: &&Row| row.what == what && row.orders.contains(&step.order());
        self.mapping.iter().find(fits).expect("no language has other orders, as a test shows")
    }

    /// The test as the machine sees it.
    pub fn compile(&self, test: &Test) -> Test {
        let compiled = |step: &Step| {
            let row = self.row(*step);
            let access = row.access.and_then(|order| match *step {
                Step::Read(place, _) => Some(Step::Read(place, order)),
                Step::Write(place, value, _) => Some(Step::Write(place, value, order)),
                Step::Exchange(place, value, _) => Some(Step::Exchange(place, value, order)),
                Step::Fence(_) => None,
            });
            access.into_iter().chain(row.fence.map(Step::Fence))
        };
        let thread = |steps: &Vec<Step>| steps.iter().flat_map(compiled).collect();
        Test { threads: test.threads.iter().map(thread).collect() }
    }
}
