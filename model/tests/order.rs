//! The models of memory against the literature, against machines that run the same tests, and each
//! without one of its parts.

use std::collections::BTreeSet;

use ipc_model::order::axioms::LeftOut;
use ipc_model::order::axioms::{ARMV8, MODELS, Model, NO_THIN_AIR, RC11, SC, X86_TSO};
use ipc_model::order::compile::{AARCH64, MACHINES, What, X86_64};
use ipc_model::order::machine::{self, Stores};
use ipc_model::order::shapes::{Classic, FLAVOURS, SHAPES, Way, classic, classics};
use ipc_model::order::test::{Order, Outcome, Place, Step, Test};
use ipc_model::order::verdict::{Verdict, endings, is_of_language};

/// The shapes of which the model allows the ending that is asked for, in that flavour.
fn allowing(model: &Model, flavour: &str) -> String {
    let of = classics().filter(|one| one.flavour.name == flavour);
    let allows = |one: &Classic| endings(model, &one.test(), None).contains(&one.asked());
    of.filter(allows).map(|one| one.shape.name).collect::<Vec<_>>().join(" ")
}

const EVERYTHING: &str = "SB MP LB R S 2+2W SB-xchg iwp2.4 n6 WRC RWC ISA2 IRIW";

#[test]
fn sequential_consistency_allows_nothing_that_is_asked_for() {
    for flavour in FLAVOURS {
        assert_eq!(allowing(&SC, flavour.name), "", "{}", flavour.name);
    }
}

/// Owens, Sarkar, Sewell 2009, and the tables of Alglave, Maranget, Tautschnig 2014 for TSO.
#[test]
fn x86_lets_loads_pass_stores_and_nothing_else() {
    assert_eq!(allowing(&X86_TSO, "machine"), "SB R iwp2.4 n6 RWC");
    assert_eq!(allowing(&X86_TSO, "machine-fence"), "");
}

/// Pulte and others 2018: without dependencies everything passes everything, and yet a store is seen
/// by all others at once (IRIW and WRC are allowed for the order of the loads alone).
#[test]
fn armv8_keeps_no_order_that_is_not_asked_for() {
    let plain = "SB MP LB R S 2+2W SB-xchg iwp2.4 n6 WRC RWC ISA2 IRIW";
    assert_eq!(allowing(&ARMV8, "machine"), plain);
    assert_eq!(allowing(&ARMV8, "machine-fence"), "");
    let acquiring = |shape: &str| {
        let compiled = AARCH64.compile(&test(shape, "release-acquire"));
        endings(&ARMV8, &compiled, None).contains(&asked(shape))
    };
    for shape in ["MP", "LB", "S", "WRC", "ISA2", "IRIW", "SB", "R", "2+2W", "RWC"] {
        assert!(!acquiring(shape), "{shape}: stlr and ldar are in one order");
    }
}

/// Lahav and others 2017: relaxed accesses have coherence, and never a value from nowhere; releases
/// and acquires pass messages; what is sequentially consistent is in one order.
#[test]
fn the_language_allows_what_the_paper_says() {
    let but_lb = EVERYTHING.replace("LB ", "");
    assert_eq!(allowing(&RC11, "relaxed"), but_lb);
    let no_message = "SB R 2+2W SB-xchg iwp2.4 n6 RWC IRIW";
    assert_eq!(allowing(&RC11, "release-acquire"), no_message);
    assert_eq!(allowing(&RC11, "acqrel-fence"), no_message);
    assert_eq!(allowing(&RC11, "sc"), "");
    assert_eq!(allowing(&RC11, "sc-fence"), "");
    let lb = test("LB", "relaxed");
    let without = LeftOut { axiom: NO_THIN_AIR, part: None };
    assert!(endings(&RC11, &lb, Some(without)).contains(&asked("LB")));
}

fn test(shape: &str, flavour: &str) -> Test {
    classic(&format!("{shape}+{flavour}")).expect("there is that test").test()
}

fn asked(shape: &str) -> Outcome {
    let shape = SHAPES.iter().find(|one| one.name == shape).expect("there is that shape");
    Outcome(shape.asked.to_vec())
}

/// The relaxed halves of the fence tests of the paper: what one side has, the other does not make up
/// for.
#[test]
fn a_message_needs_both_sides() {
    use Order::{Acquire, Relaxed, Release};
    let (x, y) = (Place(0), Place(1));
    let both = |store, load| Test {
        threads: vec![
            vec![Step::Write(x, 1, Relaxed), Step::Write(y, 1, store)],
            vec![Step::Read(y, load), Step::Read(x, Relaxed)],
        ],
    };
    let lost = |test: &Test| endings(&RC11, test, None).contains(&Outcome(vec![1, 0]));
    assert!(!lost(&both(Release, Acquire)));
    assert!(lost(&both(Relaxed, Acquire)) && lost(&both(Release, Relaxed)));
    // A fence does for one side what the order does for the other.
    let mut fenced = both(Relaxed, Acquire);
    fenced.threads[0].insert(1, Step::Fence(Release));
    assert!(!lost(&fenced));
    fenced.threads[0][1] = Step::Fence(Acquire);
    assert!(lost(&fenced));
}

/// A release sequence goes through exchanges, and not through other stores of other processes.
#[test]
fn a_release_sequence_goes_on_through_exchanges() {
    let (x, y) = (Place(0), Place(1));
    use Order::{Acquire, Relaxed, Release};
    let through = |between: Step| Test {
        threads: vec![
            vec![Step::Write(x, 1, Relaxed), Step::Write(y, 1, Release)],
            vec![between],
            vec![Step::Read(y, Acquire), Step::Read(x, Relaxed)],
        ],
    };
    let exchanged = endings(&RC11, &through(Step::Exchange(y, 2, Relaxed)), None);
    // The exchange found 1, the reader what the exchange stored, and the message must be there.
    let lost = |all: &BTreeSet<Outcome>, found: &[u8]| {
        all.iter().any(|outcome| outcome.0.starts_with(found))
    };
    assert!(lost(&exchanged, &[1, 2, 1]) && !lost(&exchanged, &[1, 2, 0]), "{exchanged:?}");
    let stored = endings(&RC11, &through(Step::Write(y, 2, Relaxed)), None);
    assert!(lost(&stored, &[2, 0]), "{stored:?}");
}

#[test]
fn every_asked_ending_is_a_candidate_and_every_name_is_there_once() {
    let mut names = BTreeSet::new();
    for one in classics() {
        assert!(names.insert(one.name()), "{} is there twice", one.name());
        let test = one.test();
        assert_eq!(test.observed().len(), one.shape.asked.len(), "{}", one.name());
        let mut found = false;
        ipc_model::order::execution::candidates(&test, |_, outcome| {
            found |= outcome == one.asked();
        });
        // A part of a word is nothing that any step stores.
        let is_part = one.flavour.way == Way::Whole;
        assert_ne!(found, is_part, "{} asks for what no execution could be", one.name());
        assert!(one.shape.question.ends_with('?'), "{}", one.name());
        assert!(classic(&one.name()).is_some_and(|known| known.test() == test));
    }
    assert_eq!(names.len(), 13 * 7 + 6 * 4 + 4 + 4);
    assert!(MODELS.iter().all(|model| !model.source.is_empty()));
}

/// SplitMix64, so that the random tests are the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % bound
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Two or three processes, at most six steps, of which at most three stores to one word.
    fn test(&mut self, language: bool) -> Test {
        use Order::{AcqRel, Acquire, Plain, Relaxed, Release, SeqCst};
        let threads = 2 + self.below(2);
        let least = if threads == 2 { 2 } else { 1 };
        let mut stores = [0; 2];
        let mut last = 0;
        let mut next = |random: &mut Random| {
            // Mostly the other word: tests of one word are all alike.
            last = if random.below(5) == 0 { last } else { 1 - last };
            let place = Place(last);
            let count = &mut stores[usize::from(place.0)];
            let kind = random.below(9);
            let order = |random: &mut Random, of: &[Order]| {
                if language { random.one_of(of) } else { Plain }
            };
            if (4..8).contains(&kind) && *count == 3 || kind < 4 {
                return Step::Read(place, order(random, &[Relaxed, Acquire, SeqCst]));
            }
            if kind == 8 {
                return Step::Fence(order(random, &[Acquire, Release, AcqRel, SeqCst]));
            }
            *count += 1;
            let value = *count;
            if kind == 7 {
                let orders = [Relaxed, Acquire, Release, AcqRel, SeqCst];
                return Step::Exchange(place, value, order(random, &orders));
            }
            Step::Write(place, value, order(random, &[Relaxed, Release, SeqCst]))
        };
        let mut thread = |random: &mut Random| {
            let steps = least + random.below(2);
            (0..steps).map(|_| next(random)).collect()
        };
        Test { threads: (0..threads).map(|_| thread(self)).collect() }
    }
}

fn random_tests(seed: u64, count: usize, language: bool) -> Vec<Test> {
    let mut random = Random(seed);
    (0..count).map(|_| random.test(language)).collect()
}

fn shipped(flavours: &[&str]) -> Vec<Test> {
    let fits = |one: &Classic| flavours.contains(&one.flavour.name);
    classics().filter(fits).map(|one| one.test()).collect()
}

/// What the axioms allow is what the machines come to: no more and no less.
#[test]
fn axioms_and_machines_agree() {
    let mut weak = 0;
    let all = [shipped(&["machine", "machine-fence"]), random_tests(1, 3_000, false)].concat();
    for test in all {
        let at_once = machine::run(&test, Stores::AtOnce);
        assert_eq!(endings(&SC, &test, None), at_once, "SC\n{test}");
        let buffered = machine::run(&test, Stores::Buffered);
        assert_eq!(endings(&X86_TSO, &test, None), buffered, "x86-TSO\n{test}");
        weak += usize::from(buffered != at_once);
    }
    assert!(weak > 100, "only {weak} tests tell the two apart");
}

/// As it is proven in the papers: whoever keeps to the machine keeps to the language, save for what
/// the mapping gives up; and each model allows what the stronger one allows.
#[test]
fn what_is_compiled_stays_within_the_language() {
    let flavours = ["relaxed", "acqrel-fence", "sc-fence", "release-acquire", "sc"];
    let all = [shipped(&flavours), random_tests(2, 2_000, true)].concat();
    let mut narrower = 0;
    for test in all {
        for machine in MACHINES {
            let verdict = Verdict::of(machine, &test);
            assert!(is_of_language(&test) || verdict.language.is_none());
            let Some(language) = &verdict.language else { continue };
            assert!(verdict.machine.is_subset(language), "{}\n{test}{verdict:?}", machine.name);
            assert_eq!(verdict.allowed(), verdict.machine);
            narrower += usize::from(verdict.machine.len() < language.len());
            let in_order = endings(&SC, &test, None);
            assert!(in_order.is_subset(&verdict.machine), "{}\n{test}", machine.name);
        }
    }
    assert!(narrower > 100, "only {narrower}");
}

#[test]
fn armv8_allows_what_x86_allows() {
    for test in [shipped(&["machine"]), random_tests(3, 1_000, false)].concat() {
        // An exchange is a barrier on x86 and none on Armv8, and a fence is one on both.
        let (x86, armv8) = (endings(&X86_TSO, &test, None), endings(&ARMV8, &test, None));
        assert!(x86.is_subset(&armv8), "{test}");
    }
}

/// A store that is sequentially consistent may be compiled either way.
#[test]
fn a_store_and_a_fence_are_as_good_as_an_exchange() {
    for test in shipped(&["sc"]).into_iter().chain(random_tests(4, 300, true)) {
        let fenced = X86_64.compile(&test);
        let mut exchanged = X86_64.compile(&Test { threads: Vec::new() });
        let mut dropped = Vec::new();
        let mut register = 0;
        for steps in &test.threads {
            let mut thread = Vec::new();
            for step in steps {
                register += usize::from(step.reads());
                if let Step::Write(place, value, Order::SeqCst) = *step {
                    dropped.push(register);
                    register += 1;
                    thread.push(Step::Exchange(place, value, Order::Plain));
                } else {
                    let alone = X86_64.compile(&Test { threads: vec![vec![*step]] });
                    thread.extend(&alone.threads[0]);
                }
            }
            exchanged.threads.push(thread);
        }
        let project = |outcome: &Outcome| {
            let kept = outcome.0.iter().enumerate().filter(|(at, _)| !dropped.contains(at));
            Outcome(kept.map(|(_, value)| *value).collect())
        };
        let one = endings(&X86_TSO, &fenced, None);
        let two: BTreeSet<Outcome> =
            endings(&X86_TSO, &exchanged, None).iter().map(project).collect();
        assert_eq!(one, two, "{test}");
    }
}

/// Each axiom, and each part of one, forbids something that nothing else does.
#[test]
fn without_any_part_of_a_model_more_is_allowed() {
    let machine = ["machine", "machine-fence"];
    let language = ["relaxed", "acqrel-fence", "sc-fence", "release-acquire", "sc"];
    for model in MODELS {
        let (flavours, compile) = match model.name {
            "RC11" => (&language[..], None),
            "Armv8" => (&language[..], Some(&AARCH64)),
            _ => (&machine[..], None),
        };
        let in_language = flavours.contains(&"relaxed");
        let mut tests = [shipped(flavours), random_tests(5, 3_000, in_language)].concat();
        if let Some(machine) = compile {
            tests = tests.iter().map(|test| machine.compile(test)).collect();
            tests.extend(shipped(&["machine-fence"]));
            // A message that is received by a fence: no flavour has one that only acquires.
            let mut message = machine.compile(&test("MP", "release-acquire"));
            message.threads[1][0] = Step::Read(Place(1), Order::Plain);
            message.threads[1].insert(1, Step::Fence(Order::Acquire));
            tests.push(message);
            tests.push(machine.compile(&exchange_that_is_read_at_once()));
        }
        for less in model.can_be_left_out() {
            let differs =
                |test: &Test| endings(model, test, Some(less)) != endings(model, test, None);
            assert!(tests.iter().any(differs), "{}: nothing needs {less:?}", model.name);
        }
    }
}

/// Store buffering in which one process reads its own exchange before it goes on.
fn exchange_that_is_read_at_once() -> Test {
    let (x, y) = (Place(0), Place(1));
    use Order::{Acquire, Relaxed, SeqCst};
    Test {
        threads: vec![
            vec![Step::Exchange(x, 1, Relaxed), Step::Read(x, Acquire), Step::Read(y, Relaxed)],
            vec![Step::Write(y, 1, Relaxed), Step::Fence(SeqCst), Step::Read(x, Relaxed)],
        ],
    }
}

/// So that [`ipc_model::order::compile`] never meets a step that it has no row for.
#[test]
fn every_order_of_every_step_is_mapped_once() {
    use Order::{AcqRel, Acquire, Plain, Relaxed, Release, SeqCst};
    let orders: [(What, &[Order]); 4] = [
        (What::Read, &[Plain, Relaxed, Acquire, SeqCst]),
        (What::Write, &[Plain, Relaxed, Release, SeqCst]),
        (What::Exchange, &[Plain, Relaxed, Acquire, Release, AcqRel, SeqCst]),
        (What::Fence, &[Plain, Acquire, Release, AcqRel, SeqCst]),
    ];
    for machine in MACHINES {
        for (what, orders) in orders {
            for order in orders {
                let rows = machine.mapping.iter();
                let rows = rows.filter(|row| row.what == what && row.orders.contains(order));
                assert_eq!(rows.count(), 1, "{} {what:?} {order:?}", machine.name);
            }
        }
    }
}
