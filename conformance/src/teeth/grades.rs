//! Three grades for a clause: *cited*, a scenario names it; *exercised*, it was used on an accepted run;
//! *discriminating*, a fault in it is caught, and where it is a permission, forbidding it alarms falsely.

use std::collections::BTreeSet;

use ipc_model::clause::{Clause, Force};
use ipc_model::spec::Spec;
use serde::Serialize;

use super::{BUDGET, Matrix};
use crate::checker::{Judgement, Verdict, check};
use crate::history::History;
use crate::scenario;

/// The grades of one clause.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Grades {
    /// The clause.
    pub clause: &'static str,
    /// A scenario names it.
    pub cited: bool,
    /// It was used on an accepted run.
    pub exercised: bool,
    /// A fault in it is caught, and it cannot be forbidden without a false alarm.
    pub discriminating: bool,
}

impl Grades {
    /// `ced`, with a dash for each that it has not.
    pub fn letters(&self) -> String {
        let all = [(self.cited, 'c'), (self.exercised, 'e'), (self.discriminating, 'd')];
        all.iter().map(|(has, letter)| if *has { *letter } else { '–' }).collect()
    }
}

/// The grades of every clause of the rules.
pub fn grades(spec: &Spec, matrix: &Matrix) -> Vec<Grades> {
    let mut cited = BTreeSet::new();
    for program in scenario::all().filter_map(|scenario| scenario.program().ok()) {
        cited.extend(program.covers.into_iter().chain(program.may_cover).map(|m| m.clause));
    }
    let caught: BTreeSet<&str> =
        matrix.rows.iter().filter(|row| row.caught.is_some()).map(|row| row.clause).collect();
    let one = |clause: &&Clause| {
        let id = clause.id;
        let missed = !is_permission(clause) || matrix.control.missed.contains(id);
        Grades {
            clause: id,
            cited: cited.contains(id),
            exercised: matrix.control.used.contains_key(id),
            discriminating: caught.contains(id) && missed,
        }
    };
    spec.all().iter().map(one).collect()
}

fn is_permission(clause: &Clause) -> bool {
    matches!(clause.force, Force::Permits)
}

/// The permissions that an accepted run used and without which it is refused; not those known already.
pub(super) fn missed(
    spec: &Spec,
    history: &History,
    judgement: &Judgement,
    known: &BTreeSet<&'static str>,
) -> Vec<&'static str> {
    let used = judgement.used.keys().filter_map(|id| spec.find(id));
    let used = used.filter(|clause| is_permission(clause) && !known.contains(clause.id));
    let is_missed = |clause: &&Clause| {
        let less = spec.without(clause.id).with_numbers(history.head.numbers);
        let verdict = check(&less, history, BUDGET).verdict;
        matches!(verdict, Verdict::Deviates(_))
    };
    used.filter(is_missed).map(|clause| clause.id).collect()
}
