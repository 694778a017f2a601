//! Candidate executions: every way in which the reads of a test may take their values from its
//! writes, and the writes to one word may follow each other.

use super::relation::Relation;
use super::test::{Observed, Order, Outcome, Place, Step, Test};

/// What an event is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A load.
    Read,
    /// A store.
    Write,
    /// A fence.
    Fence,
}

/// One access, or one fence. An exchange is a read and a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event {
    /// Whose it is; nobody's are the writes of what the words begin with.
    pub thread: Option<usize>,
    /// What it is.
    pub kind: Kind,
    /// Its word; of a fence, none.
    pub place: Option<Place>,
    /// What a write writes.
    pub value: u8,
    /// How it is ordered.
    pub order: Order,
    /// Whether it is half of an exchange.
    pub locked: bool,
}

/// A candidate, with the relations of the literature.
#[derive(Clone, Debug)]
pub struct Execution {
    /// What happens.
    pub events: Vec<Event>,
    /// `po`, *program order*: of one process, the earlier step with the later.
    pub po: Relation,
    /// `rf`, *reads from*: a write with each read that has its value from there.
    pub rf: Relation,
    /// `co`, *coherence order*: of the writes to one word, the earlier with the later.
    pub co: Relation,
    /// `fr`, *from reads*: a read with each write that comes, in `co`, after the one that it reads.
    pub fr: Relation,
    /// `rmw`: the read of an exchange with its write.
    pub rmw: Relation,
}

impl Execution {
    /// No pair of its events.
    pub fn none(&self) -> Relation {
        Relation::none(self.events.len())
    }

    /// The pairs of its events of which this holds.
    pub fn pairs(&self, holds: impl Fn(&Event, &Event) -> bool) -> Relation {
        Relation::of(self.events.len(), |from, to| holds(&self.events[from], &self.events[to]))
    }

    /// Each event of which this holds, with itself: `[S]`.
    pub fn those(&self, holds: impl Fn(&Event) -> bool) -> Relation {
        Relation::of(self.events.len(), |from, to| from == to && holds(&self.events[from]))
    }

    /// The pairs of a relation whose events are of different processes: `rfe` of `rf`, and so on.
    pub fn external(&self, of: &Relation) -> Relation {
        of.only(|from, to| self.events[from].thread != self.events[to].thread)
    }

    /// The pairs of a relation whose events are of the same process.
    pub fn internal(&self, of: &Relation) -> Relation {
        of.only(|from, to| self.events[from].thread == self.events[to].thread)
    }

    /// The pairs of a relation whose events are about the same word.
    pub fn same_place(&self, of: &Relation) -> Relation {
        of.only(|from, to| {
            let place = self.events[from].place;
            place.is_some() && place == self.events[to].place
        })
    }

    /// The pairs of a relation whose events are not about the same word.
    pub fn other_place(&self, of: &Relation) -> Relation {
        let same = self.same_place(of);
        of.only(|from, to| !same.has(from, to))
    }

    /// What is observed of it.
    fn outcome(&self, observed: &[Observed]) -> Outcome {
        let value_read = |event: usize| {
            let from = (0..self.events.len()).find(|write| self.rf.has(*write, event));
            from.map_or(0, |write| self.events[write].value)
        };
        let value = |one: &Observed| match one {
            Observed::Register(thread, register) => {
                let is_read =
                    |event: &Event| event.thread == Some(*thread) && event.kind == Kind::Read;
                let reads = (0..self.events.len()).filter(|at| is_read(&self.events[*at]));
                reads.clone().nth(*register).map_or(0, value_read)
            }
            Observed::Last(place) => {
                let is_last = |at: &usize| {
                    let event = &self.events[*at];
                    let overwritten = (0..self.events.len()).any(|to| self.co.has(*at, to));
                    event.kind == Kind::Write && event.place == Some(*place) && !overwritten
                };
                (0..self.events.len()).find(is_last).map_or(0, |at| self.events[at].value)
            }
        };
        Outcome(observed.iter().map(value).collect())
    }
}

/// Shows every candidate of a test, with what is observed of it.
pub fn candidates(test: &Test, mut show: impl FnMut(&Execution, Outcome)) {
    let (events, rmw) = events(test);
    let count = events.len();
    let comes_before = |from: usize, to: usize| {
        from < to && events[from].thread.is_some() && events[from].thread == events[to].thread
    };
    let po = Relation::of(count, comes_before);
    let observed = test.observed();
    let orders = coherence_orders(&events, test.places());
    for sources in sources(&events) {
        let rf = Relation::of(count, |from, to| sources[to] == Some(from));
        for co in &orders {
            let fr = rf.inverse().then(co).only(|from, to| from != to);
            let (events, po) = (events.clone(), po.clone());
            let (rf, co, rmw) = (rf.clone(), co.clone(), rmw.clone());
            let execution = Execution { events, po, rf, co, fr, rmw };
            let outcome = execution.outcome(&observed);
            show(&execution, outcome);
        }
    }
}

/// The events: first what the words begin with, then process by process; and `rmw`.
fn events(test: &Test) -> (Vec<Event>, Relation) {
    let begin = |place: u8| Event {
        thread: None,
        kind: Kind::Write,
        place: Some(Place(place)),
        value: 0,
        order: Order::Plain,
        locked: false,
    };
    let mut events: Vec<Event> = (0..test.places() as u8).map(begin).collect();
    let mut exchanges = Vec::new();
    for (thread, steps) in test.threads.iter().enumerate() {
        for step in steps {
            let locked = matches!(step, Step::Exchange(..));
            let event = |kind, value| Event {
                thread: Some(thread),
                kind,
                place: step.place(),
                value,
                order: step.order(),
                locked,
            };
            if step.reads() {
                events.push(event(Kind::Read, 0));
            }
            if locked {
                exchanges.push((events.len() - 1, events.len()));
            }
            match step.writes() {
                Some(value) => events.push(event(Kind::Write, value)),
                None if step.reads() => {}
                None => events.push(event(Kind::Fence, 0)),
            }
        }
    }
    let count = events.len();
    (events, Relation::of(count, |from, to| exchanges.contains(&(from, to))))
}

/// For each event the write that it reads from, if it is a read; in every way that there is.
fn sources(events: &[Event]) -> Vec<Vec<Option<usize>>> {
    let mut all = vec![Vec::new()];
    for read in events {
        let fits = |write: &usize| {
            events[*write].kind == Kind::Write && events[*write].place == read.place
        };
        let choices: Vec<Option<usize>> = match read.kind {
            Kind::Read => (0..events.len()).filter(fits).map(Some).collect(),
            Kind::Write | Kind::Fence => vec![None],
        };
        let longer = |known: Vec<Option<usize>>| {
            choices.iter().map(move |choice| [&known[..], &[*choice]].concat()).collect::<Vec<_>>()
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}

/// `co` in every way that there is: each word begins with what nobody wrote.
fn coherence_orders(events: &[Event], places: usize) -> Vec<Relation> {
    let mut all = vec![Relation::none(events.len())];
    for place in (0..places as u8).map(Place) {
        let is_write =
            |at: &usize| events[*at].kind == Kind::Write && events[*at].place == Some(place);
        let writes: Vec<usize> = (0..events.len()).filter(is_write).collect();
        let Some((first, others)) = writes.split_first() else { continue };
        let order = |row: Vec<usize>| {
            let row = [&[*first][..], &row].concat();
            let place = |event| row.iter().position(|one| *one == event);
            Relation::of(events.len(), |from, to| {
                place(from).zip(place(to)).is_some_and(|(from, to)| from < to)
            })
        };
        let orders: Vec<Relation> = permutations(others).into_iter().map(order).collect();
        let both = |known: &Relation| {
            orders.iter().map(|order| known.clone() | order.clone()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(both).collect();
    }
    all
}

fn permutations(of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, first) in of.iter().enumerate() {
        let rest = [&of[..at], &of[at + 1..]].concat();
        let with_first = |row: Vec<usize>| [&[*first][..], &row].concat();
        all.extend(permutations(&rest).into_iter().map(with_first));
    }
    all
}
