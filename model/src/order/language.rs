//! The relations of RC11 (Lahav, Vafeiadis, Kang, Hur, Dreyer, "Repairing sequential consistency in
//! C/C++11", PLDI 2017, section 3), under their names there. `mo` is `co`, and `rb` is `fr`.

use super::execution::{Event, Execution, Kind};
use super::relation::Relation;
use super::test::Order;

/// `sb`: program order. What the words begin with comes before everything.
fn sb(e: &Execution) -> Relation {
    e.po.clone() | e.pairs(|a, b| a.thread.is_none() && b.thread.is_some())
}

/// `rs`, the release sequence: a write, later ones of its process to its word, and exchanges that
/// read from these.
fn rs(e: &Execution) -> Relation {
    let writes = e.those(|event| event.kind == Kind::Write);
    let atomic = e.those(|event| event.kind == Kind::Write && is_atomic(event));
    let onward = e.rf.then(&e.rmw).closure().maybe();
    writes.then(&e.same_place(&sb(e)).maybe()).then(&atomic).then(&onward)
}

/// `sw`: what releases synchronises with what acquires.
fn sw(e: &Execution) -> Relation {
    let fences = e.those(|event| event.kind == Kind::Fence);
    let releasing = e.those(|event| is_atomic(event) && event.order.releases());
    let acquiring = e.those(|event| is_atomic(event) && event.order.acquires());
    let reads = e.those(|event| event.kind == Kind::Read && is_atomic(event));
    let to_write = fences.then(&sb(e)) | identity(e);
    let from_read = sb(e).then(&fences) | identity(e);
    releasing
        .then(&to_write)
        .then(&rs(e))
        .then(&e.rf)
        .then(&reads)
        .then(&from_read)
        .then(&acquiring)
}

/// `hb`: happens before.
fn hb(e: &Execution) -> Relation {
    (sb(e) | sw(e)).closure()
}

/// `eco`: the order of the accesses to one word.
fn eco(e: &Execution) -> Relation {
    (e.rf.clone() | e.co.clone() | e.fr.clone()).closure()
}

/// `hb ; eco?`.
pub(super) fn incoherent(e: &Execution) -> Relation {
    hb(e).then(&eco(e).maybe())
}

/// `psc_base`.
pub(super) fn psc_base(e: &Execution) -> Relation {
    let (sb, hb) = (sb(e), hb(e));
    let far = e.other_place(&sb);
    let scb = sb | far.then(&hb).then(&far) | e.same_place(&hb) | e.co.clone() | e.fr.clone();
    let before = e.those(is_sc) | sc_fences(e).then(&hb.maybe());
    let after = e.those(is_sc) | hb.maybe().then(&sc_fences(e));
    before.then(&scb).then(&after)
}

/// `psc_F`.
pub(super) fn psc_fence(e: &Execution) -> Relation {
    let hb = hb(e);
    let between = hb.clone() | hb.then(&eco(e)).then(&hb);
    sc_fences(e).then(&between).then(&sc_fences(e))
}

fn identity(e: &Execution) -> Relation {
    e.those(|_| true)
}

/// Not what the words begin with, and not an access of the machine's own.
fn is_atomic(event: &Event) -> bool {
    event.order != Order::Plain
}

fn is_sc(event: &Event) -> bool {
    event.order == Order::SeqCst
}

fn sc_fences(e: &Execution) -> Relation {
    e.those(|event| event.kind == Kind::Fence && is_sc(event))
}
