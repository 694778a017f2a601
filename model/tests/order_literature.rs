//! Verdicts of the literature on tests that are not among those which are run: the axioms, and the
//! machine with buffers of stores, must say the same.

use ipc_model::order::axioms::{Model, RC11, SC, X86_TSO};
use ipc_model::order::compile::X86_64;
use ipc_model::order::machine::{Stores, run};
use ipc_model::order::test::{Order, Outcome, Place, Step, Test};
use ipc_model::order::verdict::endings;

const X: Place = Place(0);
const Y: Place = Place(1);
const Z: Place = Place(2);

use Order::{Acquire, Plain, Relaxed, Release, SeqCst};

fn r(place: Place) -> Step {
    Step::Read(place, Plain)
}

fn w(place: Place, value: u8) -> Step {
    Step::Write(place, value, Plain)
}

fn xchg(place: Place, value: u8) -> Step {
    Step::Exchange(place, value, Plain)
}

const MFENCE: Step = Step::Fence(Plain);
const FENCE_SC: Step = Step::Fence(SeqCst);

fn test(threads: &[&[Step]]) -> Test {
    Test { threads: threads.iter().map(|steps| steps.to_vec()).collect() }
}

fn allows(model: &Model, test: &Test, ending: &[u8]) -> bool {
    endings(model, test, None).contains(&Outcome(ending.to_vec()))
}

/// By the axioms and by the machine; with one order of everything it is never allowed.
#[track_caller]
fn x86(allowed: bool, threads: &[&[Step]], ending: &[u8]) {
    let test = test(threads);
    assert_eq!(test.observed().len(), ending.len(), "{test}");
    assert_eq!(allows(&X86_TSO, &test, ending), allowed, "the axioms\n{test}");
    let buffered = run(&test, Stores::Buffered);
    assert_eq!(buffered.contains(&Outcome(ending.to_vec())), allowed, "the machine\n{test}");
    assert_eq!(endings(&X86_TSO, &test, None), buffered, "{test}");
    assert!(!allows(&SC, &test, ending), "{test}");
}

/// Owens, Sarkar, Sewell, "A better x86 memory model: x86-TSO", 2009, and Sewell, Sarkar, Owens, Zappa
/// Nardelli, Myreen, "x86-TSO: a rigorous and usable programmer's model", CACM 53(7), 2010; their
/// names, of which `iwp` and `amd` are the tests of the vendors' manuals.
#[test]
fn the_tests_of_the_x86_tso_papers_come_out_as_they_say() {
    // n7: an own store is read early, and nobody else knows of it yet.
    x86(true, &[&[w(X, 1), r(X), r(Y)], &[w(Y, 1)], &[r(Y), r(X)]], &[1, 0, 1, 0]);
    x86(false, &[&[w(X, 1), MFENCE, r(X), r(Y)], &[w(Y, 1)], &[r(Y), r(X)]], &[1, 0, 1, 0]);
    // n5, n4b: of one word, each process reads what the other stored and not what it stored itself.
    x86(false, &[&[w(X, 1), r(X)], &[w(X, 2), r(X)]], &[2, 1, 1]);
    x86(false, &[&[w(X, 1), r(X)], &[w(X, 2), r(X)]], &[2, 1, 2]);
    x86(false, &[&[r(X), w(X, 1)], &[r(X), w(X, 2)]], &[2, 1, 1]);
    x86(false, &[&[r(X), w(X, 1)], &[r(X), w(X, 2)]], &[2, 1, 2]);
    // amd5, amd10: store buffering with fences, and with a load of the own store behind them.
    x86(false, &[&[w(X, 1), MFENCE, r(Y)], &[w(Y, 1), MFENCE, r(X)]], &[0, 0]);
    let (own_x, own_y) = ([w(X, 1), MFENCE, r(X), r(Y)], [w(Y, 1), MFENCE, r(Y), r(X)]);
    x86(false, &[&own_x, &own_y], &[1, 0, 1, 0]);
    // A fence on one side is not enough.
    x86(true, &[&[w(X, 1), MFENCE, r(Y)], &[w(Y, 1), r(X)]], &[0, 0]);
    // iwp2.6: two processes see two stores to one word in opposite orders.
    x86(false, &[&[w(X, 1)], &[w(X, 2)], &[r(X), r(X)], &[r(X), r(X)]], &[1, 2, 2, 1, 1]);
    x86(false, &[&[w(X, 1)], &[w(X, 2)], &[r(X), r(X)], &[r(X), r(X)]], &[1, 2, 2, 1, 2]);
    // iwp2.7: independent reads of two exchanges; iwp2.8.b: a message by way of an exchange.
    x86(false, &[&[xchg(X, 1)], &[xchg(Y, 1)], &[r(X), r(Y)], &[r(Y), r(X)]], &[0, 0, 1, 0, 1, 0]);
    x86(false, &[&[xchg(X, 1), w(Y, 1)], &[r(Y), r(X)]], &[0, 1, 0]);
    // An exchange of another word drains the buffer as well.
    x86(false, &[&[w(X, 1), xchg(Z, 1), r(Y)], &[w(Y, 1), xchg(Z, 2), r(X)]], &[0, 0, 1, 0, 2]);
}

/// The shapes of three processes of Maranget, Sarkar, Sewell, "A tutorial introduction to the Arm and
/// POWER relaxed memory models", 2012: total store order allows exactly
/// those in which a process stores and then loads another word.
#[test]
fn three_processes_pass_each_other_only_where_one_loads_behind_its_store() {
    // 3.SB, W+RWC, Z6.4, WRW+WR.
    x86(true, &[&[w(X, 1), r(Y)], &[w(Y, 1), r(Z)], &[w(Z, 1), r(X)]], &[0, 0, 0]);
    x86(true, &[&[w(X, 1), w(Y, 1)], &[r(Y), r(Z)], &[w(Z, 1), r(X)]], &[1, 0, 0]);
    x86(true, &[&[w(X, 1), w(Y, 1)], &[w(Y, 2), r(Z)], &[w(Z, 1), r(X)]], &[0, 0, 2]);
    x86(true, &[&[w(X, 1)], &[r(X), w(Y, 1)], &[w(Y, 2), r(X)]], &[1, 0, 2]);
    // 3.LB, 3.2W, Z6.3, WWC, WRR+2W, WRW+2W.
    x86(false, &[&[r(X), w(Y, 1)], &[r(Y), w(Z, 1)], &[r(Z), w(X, 1)]], &[1, 1, 1]);
    x86(false, &[&[w(X, 2), w(Y, 1)], &[w(Y, 2), w(Z, 1)], &[w(Z, 2), w(X, 1)]], &[2, 2, 2]);
    x86(false, &[&[w(X, 1), w(Y, 1)], &[w(Y, 2), w(Z, 1)], &[r(Z), r(X)]], &[1, 0, 2]);
    x86(false, &[&[w(X, 2)], &[r(X), w(Y, 1)], &[r(Y), w(X, 1)]], &[2, 1, 2]);
    x86(false, &[&[w(X, 2)], &[r(X), r(Y)], &[w(Y, 1), w(X, 1)]], &[2, 0, 2]);
    x86(false, &[&[w(X, 2)], &[r(X), w(Y, 1)], &[w(Y, 2), w(X, 1)]], &[2, 2, 2]);
}

/// By the language; and what is compiled for x86-64 never comes to what the language forbids.
#[track_caller]
fn rc11(allowed: bool, threads: &[&[Step]], ending: &[u8]) {
    let test = test(threads);
    assert_eq!(test.observed().len(), ending.len(), "{test}");
    assert_eq!(allows(&RC11, &test, ending), allowed, "{test}");
    let on_x86 = allows(&X86_TSO, &X86_64.compile(&test), ending);
    assert!(allowed || !on_x86, "{test}");
}

/// The examples of Lahav, Vafeiadis, Kang, Hur, Dreyer, "Repairing sequential consistency in C/C++11",
/// PLDI 2017, sections 1 to 3: where RC11 is weaker than C11 was, and where it is stronger.
#[test]
fn the_examples_of_the_rc11_paper_come_out_as_it_says() {
    let read = Step::Read;
    let write = Step::Write;
    // Z6.U and IRIW-acq-sc: C11 forbade them, and compilers for POWER did not keep to it.
    let z6_u: [&[Step]; 3] = [
        &[write(X, 1, SeqCst), write(Y, 1, Release)],
        &[Step::Exchange(Y, 2, SeqCst), read(Y, Relaxed)],
        &[write(Y, 3, SeqCst), read(X, SeqCst)],
    ];
    rc11(true, &z6_u, &[1, 3, 0, 3]);
    let iriw_acq_sc: [&[Step]; 4] = [
        &[write(X, 1, SeqCst)],
        &[read(X, Acquire), read(Y, SeqCst)],
        &[read(Y, Acquire), read(X, SeqCst)],
        &[write(Y, 1, SeqCst)],
    ];
    rc11(true, &iriw_acq_sc, &[1, 0, 1, 0]);
    // RWC+syncs and W+RWC with fences: C11 allowed them, since its fences were too weak.
    let rwc: [&[Step]; 3] = [
        &[write(X, 1, Relaxed)],
        &[read(X, Relaxed), FENCE_SC, read(Y, Relaxed)],
        &[write(Y, 1, Relaxed), FENCE_SC, read(X, Relaxed)],
    ];
    rc11(false, &rwc, &[1, 0, 0]);
    let w_rwc: [&[Step]; 3] = [
        &[write(X, 1, Relaxed), write(Y, 1, Release)],
        &[read(Y, Acquire), FENCE_SC, read(Z, Relaxed)],
        &[write(Z, 1, Relaxed), FENCE_SC, read(X, Relaxed)],
    ];
    rc11(false, &w_rwc, &[1, 0, 0]);
    // Store buffering needs a fence in both processes, or all four accesses in one order.
    let sb = |one: Option<Step>, order: Order, other: Order| {
        let first: Vec<Step> =
            [Some(write(X, 1, order)), one, Some(read(Y, order))].into_iter().flatten().collect();
        let second = [write(Y, 1, other), FENCE_SC, read(X, other)];
        test(&[&first[..], &second[..]])
    };
    assert!(!allows(&RC11, &sb(Some(FENCE_SC), Relaxed, Relaxed), &[0, 0]));
    assert!(allows(&RC11, &sb(None, Relaxed, Relaxed), &[0, 0]));
    assert!(!allows(&RC11, &sb(None, SeqCst, Relaxed), &[0, 0]), "accesses here, a fence there");
    // Coherence and thin air.
    rc11(false, &[&[read(X, Relaxed), write(X, 1, Relaxed)]], &[1]);
    let lb: [&[Step]; 2] =
        [&[read(X, Relaxed), write(Y, 1, Relaxed)], &[read(Y, Relaxed), write(X, 1, Relaxed)]];
    rc11(false, &lb, &[1, 1]);
}
