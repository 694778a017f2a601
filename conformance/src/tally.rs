//! Counts over many trials: the mix of calls, and which clauses were exercised.

use std::collections::BTreeMap;

use ipc_model::operation::{Actor, Gives, Operation};
use ipc_model::outcome::{Outcome, Value};
use ipc_model::{fifo, poll};
use serde::Serialize;

use crate::history::{EventKind, History};
use crate::trial::{Status, Trial};

/// What was done and seen in many trials.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Programs that conform.
    pub conforming: u64,
    /// Programs that deviate.
    pub deviating: u64,
    /// Programs that could not be decided, by reason.
    pub inconclusive: BTreeMap<String, u64>,
    /// Programs that the harness could not run, by reason.
    pub broken: BTreeMap<String, u64>,
    /// Programs that need what cannot be had here, by reason.
    pub unsupported: BTreeMap<String, u64>,
    /// For each of these reasons the first program that met it, by the name to replay it.
    pub first: BTreeMap<String, String>,
    /// The calls that were made.
    pub mix: Mix,
    /// How often each clause was used on accepted runs.
    pub used: BTreeMap<&'static str, u64>,
}

/// Which calls were made. The report for machines has these fields, by these names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Mix {
    /// Processes that took part.
    pub processes: u64,
    /// Calls.
    pub calls: u64,
    /// Calls that were seen asleep.
    pub asleep: u64,
    /// Calls that were to move bytes.
    pub transfers: u64,
    /// Calls that moved at least one byte.
    pub moved: u64,
    /// Processes that were made.
    pub forks: u64,
    /// Descriptors that were duplicated.
    pub dups: u64,
    /// Processes that ended.
    pub deaths: u64,
    /// Handlers that ran.
    pub handled: u64,
    /// Calls that make or open FIFOs.
    pub fifo: u64,
    /// Calls that ask what is ready.
    pub poll: u64,
    /// Rests that were waited for, not proven.
    pub unproven: u64,
    /// Histories.
    pub histories: u64,
    /// Histories in which somebody called while another's call was under way and not asleep.
    pub overlapping: u64,
}

impl Tally {
    /// Counts a trial.
    pub fn add(&mut self, trial: &Trial) {
        self.mix.add(&trial.history);
        self.count(&trial.bare_status());
        if trial.judgement.conforms() {
            for (clause, times) in &trial.judgement.used {
                *self.used.entry(clause).or_default() += times;
            }
        }
    }

    /// Counts what became of a program, whether it ran or not.
    pub fn count(&mut self, status: &Status) {
        match status {
            Status::Conforms | Status::NotExercised(_) | Status::Contradiction(_) => {
                self.conforming += 1;
            }
            Status::Deviates => self.deviating += 1,
            Status::Inconclusive(why) => *self.inconclusive.entry(why.clone()).or_default() += 1,
            Status::Broken(why) => *self.broken.entry(why.clone()).or_default() += 1,
            Status::Unsupported(why) => *self.unsupported.entry(why.clone()).or_default() += 1,
            Status::NotRun => {}
        }
    }

    /// Remembers which program met this first, if it is one of the reasons.
    pub fn name(&mut self, status: &Status, name: impl FnOnce() -> String) {
        if let Status::Inconclusive(why) | Status::Broken(why) | Status::Unsupported(why) = status
            && !self.first.contains_key(why)
        {
            self.first.insert(why.clone(), name());
        }
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: Tally) {
        self.conforming += other.conforming;
        self.deviating += other.deviating;
        self.mix.merge(other.mix);
        for (sum, more) in [
            (&mut self.inconclusive, other.inconclusive),
            (&mut self.broken, other.broken),
            (&mut self.unsupported, other.unsupported),
        ] {
            more.into_iter().for_each(|(why, n)| *sum.entry(why).or_default() += n);
        }
        other.first.into_iter().for_each(|(why, name)| {
            self.first.entry(why).or_insert(name);
        });
        other.used.into_iter().for_each(|(id, n)| *self.used.entry(id).or_default() += n);
    }

    /// Programs that were run, that the harness failed to run, or that cannot be run here.
    pub fn programs(&self) -> u64 {
        let undecided = self.inconclusive.values().chain(self.broken.values());
        let undecided = undecided.chain(self.unsupported.values());
        self.conforming + self.deviating + undecided.sum::<u64>()
    }
}

impl Mix {
    /// Counts the calls of a history.
    pub fn add(&mut self, history: &History) {
        self.processes += history.head.actors.len() as u64;
        let mut overlap = false;
        let mut open: BTreeMap<Actor, (&'static Operation, bool)> = BTreeMap::new();
        for event in &history.events {
            match &event.kind {
                EventKind::Call { actor, call, .. } => {
                    self.calls += 1;
                    self.transfers += u64::from(!call.is_empty());
                    self.fifo += u64::from(fifo::OPERATIONS.contains(&call.operation));
                    self.poll += u64::from(poll::OPERATIONS.contains(&call.operation));
                    overlap |= open.values().any(|(_, slept)| !slept);
                    if call.operation.gives != Gives::Never {
                        open.insert(*actor, (call.operation, false));
                    }
                }
                EventKind::Return { actor, outcome, .. } => {
                    if let Some((operation, _)) = open.remove(actor) {
                        self.returned(operation, outcome);
                    }
                }
                EventKind::Handled { .. } => self.handled += 1,
                EventKind::Ended { process, .. } => {
                    self.deaths += 1;
                    open.remove(&Actor::first(*process));
                }
                EventKind::Quiescent { asleep, proof } => {
                    self.unproven += u64::from(!proof.is_certain());
                    for actor in asleep {
                        if let Some((_, slept)) = open.get_mut(actor)
                            && !std::mem::replace(slept, true)
                        {
                            self.asleep += 1;
                        }
                    }
                }
            }
        }
        self.histories += 1;
        self.overlapping += u64::from(overlap);
    }

    fn returned(&mut self, operation: &Operation, outcome: &Outcome) {
        match (outcome, operation.gives) {
            (Outcome::Success(Value::Number(1..)), Gives::Sent) => self.moved += 1,
            (Outcome::Success(value), _) if value.data().is_some_and(|data| !data.is_empty()) => {
                self.moved += 1;
            }
            (Outcome::Success(Value::Child(_)), _) => self.forks += 1,
            (Outcome::Success(Value::Fds(_)), Gives::Fd | Gives::TargetFd) => self.dups += 1,
            _ => {}
        }
    }

    fn merge(&mut self, other: Mix) {
        self.processes += other.processes;
        self.calls += other.calls;
        self.transfers += other.transfers;
        self.fifo += other.fifo;
        self.poll += other.poll;
        self.unproven += other.unproven;
        self.asleep += other.asleep;
        self.moved += other.moved;
        self.forks += other.forks;
        self.dups += other.dups;
        self.deaths += other.deaths;
        self.handled += other.handled;
        self.histories += other.histories;
        self.overlapping += other.overlapping;
    }
}

#[cfg(test)]
mod tests {
    use ipc_model::profile::{LINUX, Numbers};

    use super::*;
    use crate::sim::Simulated;
    use crate::stage::First;
    use crate::trial::{Rules, try_once};

    const TEXT: &str = "order stepwise\nA: pipe -> r w\nA: fork -> B\nA: read r 4\nB: dup w -> v\n\
                        B: write v 4\nB: _exit 0\nA: waitpid B\nA: close r\n";

    fn trial() -> Trial {
        let program = crate::text::parse("test", TEXT).expect("a program");
        let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, First);
        try_once(&mut system, &program, &Rules::of(&LINUX)).expect("it runs")
    }

    #[test]
    fn calls_are_counted_by_what_they_did() {
        let mut mix = Mix::default();
        mix.add(&trial().history);
        let seen = Mix {
            processes: 2,
            calls: 8,
            asleep: 1,
            transfers: 2,
            moved: 2,
            forks: 1,
            dups: 1,
            deaths: 1,
            handled: 0,
            fifo: 0,
            poll: 0,
            unproven: 0,
            histories: 1,
            overlapping: 0,
        };
        assert_eq!(mix, seen);
    }

    #[test]
    fn the_first_program_for_a_reason_is_named() {
        let mut tally = Tally::default();
        let undecided = Status::Inconclusive("it is too long".to_owned());
        for (status, name) in [(&Status::Conforms, "3"), (&undecided, "7"), (&undecided, "9")] {
            tally.name(status, || name.to_owned());
        }
        let mut all = Tally::default();
        all.merge(tally);
        let named: Vec<(&str, &str)> =
            all.first.iter().map(|(why, name)| (why.as_str(), name.as_str())).collect();
        assert_eq!(named, [("it is too long", "7")]);
    }

    #[test]
    fn two_tallies_make_one() {
        let trial = trial();
        let mut once = Tally::default();
        once.add(&trial);
        let mut twice = once.clone();
        twice.add(&trial);
        twice.count(&Status::Broken("no".to_owned()));
        let mut merged = once.clone();
        merged.count(&Status::Broken("no".to_owned()));
        merged.merge(once);
        assert_eq!(merged, twice);
        assert_eq!((twice.programs(), twice.conforming), (3, 2));
        assert_eq!(twice.used["process.fork.shares"], 2);
    }
}
