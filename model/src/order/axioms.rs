//! The models: each is a few axioms, and an axiom says that some relation does not go round in a
//! circle, or is not there at all. What a relation is made of is listed part by part, so that each
//! part can be left out, to show that it is needed.

use super::execution::{Event, Execution, Kind};
use super::language;
use super::relation::Relation;
use super::test::Order;

/// A part of the relation that an axiom is about.
#[derive(Debug)]
pub struct Part {
    /// Its name in the literature.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub text: &'static str,
    /// The pairs.
    pub pairs: fn(&Execution) -> Relation,
}

/// What an axiom demands of all its parts together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Demand {
    /// No number of steps leads back to where they began.
    Acyclic,
    /// No single step leads back to where it began.
    Irreflexive,
    /// There is no step.
    Empty,
}

/// One axiom.
#[derive(Debug)]
pub struct Axiom {
    /// Its name in the literature.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub text: &'static str,
    /// What it demands.
    pub demand: Demand,
    /// Of what.
    pub parts: &'static [Part],
}

/// A model of memory.
#[derive(Debug)]
pub struct Model {
    /// Its name.
    pub name: &'static str,
    /// Whose order it is.
    pub text: &'static str,
    /// Where it is from.
    pub source: &'static str,
    /// What an execution must keep to be allowed.
    pub axioms: &'static [Axiom],
}

/// What is left out of a model: an axiom, or a part of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// The axiom's name.
    pub axiom: &'static str,
    /// The part's name; all of it, if there is none.
    pub part: Option<&'static str>,
}

impl Model {
    /// Whether the execution keeps every axiom, save for what is left out.
    pub fn allows(&self, execution: &Execution, left_out: Option<LeftOut>) -> bool {
        self.axioms.iter().all(|axiom| {
            let less = left_out.filter(|less| less.axiom == axiom.name);
            match less {
                Some(LeftOut { part: None, .. }) => true,
                Some(LeftOut { part: Some(part), .. }) => axiom.holds(execution, Some(part)),
                None => axiom.holds(execution, None),
            }
        })
    }

    /// Everything that can be left out: each axiom, and each part where there are several.
    pub fn can_be_left_out(&self) -> Vec<LeftOut> {
        let each = |axiom: &'static Axiom| {
            let parts = axiom.parts.iter().filter(|_| axiom.parts.len() > 1);
            let parts = parts.map(|part| Some(part.name));
            let of = |part| LeftOut { axiom: axiom.name, part };
            std::iter::once(None).chain(parts).map(of)
        };
        self.axioms.iter().flat_map(each).collect()
    }
}

impl Axiom {
    fn holds(&self, execution: &Execution, without: Option<&str>) -> bool {
        let parts = self.parts.iter().filter(|part| Some(part.name) != without);
        let all = parts.fold(execution.none(), |all, part| all | (part.pairs)(execution));
        match self.demand {
            Demand::Acyclic => all.is_acyclic(),
            Demand::Irreflexive => all.is_irreflexive(),
            Demand::Empty => all.is_empty(),
        }
    }
}

/// All models, from the strongest machine to the language.
pub static MODELS: &[&Model] = &[&SC, &X86_TSO, &ARMV8, &RC11];

/// Sequential consistency.
pub static SC: Model = Model {
    name: "SC",
    text: "All steps of all processes happen one after the other.",
    source: "Lamport 1979; as axioms: Shasha, Snir 1988; Alglave, Maranget, Tautschnig 2014, 4.8",
    axioms: &[
        Axiom {
            name: "sc",
            text: "There is one order of everything, and each process keeps to its own in it.",
            demand: Demand::Acyclic,
            parts: &[
                Part { name: "po", text: "program order", pairs: |e| e.po.clone() },
                RF,
                CO,
                FR,
            ],
        },
        ATOMICITY,
    ],
};

/// What x86 promises.
pub static X86_TSO: Model = Model {
    name: "x86-TSO",
    text: "Processors of the x86 family: each has a buffer of stores, first in, first out.",
    source: "Owens, Sarkar, Sewell 2009; as axioms: x86tso.cat of herd7, and Alglave, Maranget, \
             Tautschnig 2014, 4.8",
    axioms: &[
        UNIPROC,
        ATOMICITY,
        Axiom {
            name: "ghb",
            text: "There is one order in which everything becomes visible to all; a load may come \
                   before an earlier store of its own processor, and may see that store early.",
            demand: Demand::Acyclic,
            parts: &[
                Part {
                    name: "ppo",
                    text: "program order, but for a store with a later load",
                    pairs: |e| {
                        let in_order = |a: &Event, b: &Event| {
                            is_access(a) && is_access(b) && (is_read(a) || is_write(b))
                        };
                        e.po.clone() & e.pairs(in_order)
                    },
                },
                Part {
                    name: "mfence",
                    text: "what a fence stands between",
                    pairs: |e| between(e, |fence| fence.order == Order::Plain),
                },
                Part {
                    name: "implied",
                    text: "a store with a later load where one of them is part of an exchange",
                    pairs: |e| {
                        let locked = |a: &Event, b: &Event| {
                            is_write(a) && is_read(b) && (a.locked || b.locked)
                        };
                        e.po.clone() & e.pairs(locked)
                    },
                },
                Part {
                    name: "rfe",
                    text: "a store with a load of another process that reads it",
                    pairs: |e| e.external(&e.rf),
                },
                CO,
                FR,
            ],
        },
    ],
};

/// What Armv8 promises, as far as there are no dependencies: the tests have none.
pub static ARMV8: Model = Model {
    name: "Armv8",
    text: "Processors of the Armv8 family, for steps that do not depend on each other.",
    source: "Pulte, Flur, Deacon, French, Sarkar, Sewell 2018; Arm Architecture Reference Manual, \
             B2.3; aarch64.cat of herd7",
    axioms: &[
        UNIPROC,
        ATOMICITY,
        Axiom {
            name: "ob",
            text: "There is one order in which everything becomes visible to all; only barriers, \
                   acquiring loads and releasing stores keep program order in it.",
            demand: Demand::Acyclic,
            parts: &[
                Part {
                    name: "obs",
                    text: "what a process observes of another: rfe, coe, fre",
                    pairs: |e| e.external(&(e.rf.clone() | e.co.clone() | e.fr.clone())),
                },
                Part {
                    name: "dmb ish",
                    text: "what a full barrier stands between",
                    pairs: |e| between(e, |fence| fence.order == Order::Plain),
                },
                Part {
                    name: "dmb ishld",
                    text: "a load, and what comes after it and a barrier for loads",
                    pairs: |e| {
                        let after = between(e, |fence| fence.order == Order::Acquire);
                        e.those(is_read).then(&after)
                    },
                },
                Part {
                    name: "acquire",
                    text: "an acquiring load with what comes after it",
                    pairs: |e| e.those(|a| is_read(a) && a.order.acquires()).then(&e.po),
                },
                Part {
                    name: "release",
                    text: "a releasing store with what comes before it, and a store to its word \
                           after it",
                    pairs: |e| {
                        let release = e.po.then(&e.those(|b| is_write(b) && b.order.releases()));
                        release.clone() | release.then(&e.internal(&e.co))
                    },
                },
                Part {
                    name: "release-acquire",
                    text: "a releasing store with a later acquiring load",
                    pairs: |e| {
                        let released = e.those(|a| is_write(a) && a.order.releases());
                        let acquired = e.those(|b| is_read(b) && b.order.acquires());
                        released.then(&e.po).then(&acquired)
                    },
                },
                Part {
                    name: "aob",
                    text: "the load of an exchange with its store, and that with an acquiring load \
                           of the same process that reads it",
                    pairs: |e| {
                        let acquired = e.those(|b| is_read(b) && b.order.acquires());
                        let stored = e.those(|a| is_write(a) && a.locked);
                        e.rmw.clone() | stored.then(&e.internal(&e.rf)).then(&acquired)
                    },
                },
            ],
        },
    ],
};

/// What C, C++ and Rust promise of their atomics.
pub static RC11: Model = Model {
    name: "RC11",
    text: "The atomics of C, C++ and Rust, as C++20 has repaired them.",
    source: "Lahav, Vafeiadis, Kang, Hur, Dreyer 2017; rc11.cat of herd7; C++20 [atomics.order], \
             which the documentation of Rust's std::sync::atomic names",
    axioms: &[
        Axiom {
            name: "coherence",
            text: "Nothing that happens before a step is overruled by how words are read and \
                   written.",
            demand: Demand::Irreflexive,
            parts: &[Part {
                name: "hb;eco?",
                text: "see the paper, 3",
                pairs: language::incoherent,
            }],
        },
        ATOMICITY,
        Axiom {
            name: "sc",
            text: "Sequentially consistent accesses and fences are in one order.",
            demand: Demand::Acyclic,
            parts: &[
                Part { name: "psc-base", text: "see the paper, 3.3", pairs: language::psc_base },
                Part { name: "psc-fence", text: "see the paper, 3.3", pairs: language::psc_fence },
            ],
        },
        Axiom {
            name: NO_THIN_AIR,
            text: "No value is read because of itself. C++20 only recommends it, and processors \
                   that are weaker than x86 do not keep it for relaxed accesses.",
            demand: Demand::Acyclic,
            parts: &[Part { name: "sb", text: "program order", pairs: |e| e.po.clone() }, RF],
        },
    ],
};

/// The axiom of [`RC11`] that C++20 does not have.
pub const NO_THIN_AIR: &str = "no-thin-air";

const RF: Part = Part { name: "rf", text: "a write with its readers", pairs: |e| e.rf.clone() };
const CO: Part =
    Part { name: "co", text: "a write with later ones of its word", pairs: |e| e.co.clone() };
const FR: Part = Part {
    name: "fr",
    text: "a read with the writes that come after the one it reads",
    pairs: |e| e.fr.clone(),
};

const UNIPROC: Axiom = Axiom {
    name: "sc-per-location",
    text: "Of each word alone, all steps happen one after the other.",
    demand: Demand::Acyclic,
    parts: &[Part {
        name: "po-loc, rf, co, fr",
        text: "program order of one word, and how it is read and written",
        pairs: |e| e.same_place(&e.po) | e.rf.clone() | e.co.clone() | e.fr.clone(),
    }],
};

const ATOMICITY: Axiom = Axiom {
    name: "atomicity",
    text: "Nothing is written between the read and the write of an exchange.",
    demand: Demand::Empty,
    parts: &[Part {
        name: "rmw in fr;co",
        text: "the read of an exchange with its write, if another write comes between",
        pairs: |e| e.rmw.clone() & e.fr.then(&e.co),
    }],
};

fn is_read(event: &Event) -> bool {
    event.kind == Kind::Read
}

fn is_write(event: &Event) -> bool {
    event.kind == Kind::Write
}

fn is_access(event: &Event) -> bool {
    event.kind != Kind::Fence
}

/// The accesses of one process that such a fence stands between.
fn between(execution: &Execution, fence: impl Fn(&Event) -> bool) -> Relation {
    let fences = execution.those(|event| event.kind == Kind::Fence && fence(event));
    let (before, after) = (execution.those(is_access), execution.those(is_access));
    before.then(&execution.po).then(&fences).then(&execution.po).then(&after)
}
