//! What must hold of every clause, whichever it is.

use std::collections::BTreeSet;

use ipc_model::clause::{Clause, Cond, Duty, Envelope, Force, Standard};
use ipc_model::descriptor::{MAY_NOT_WAIT, MAY_WAIT};
use ipc_model::mechanism::{self, MECHANISMS};
use ipc_model::pipe::{SPLICE_MAY_NOT_WAIT, SPLICE_MAY_WAIT};
use ipc_model::profile::{LINUX, Numbers, POSIX2024, PROFILES};
use ipc_model::spec::Spec;

#[test]
fn ids_are_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for clause in mechanism::clauses() {
        assert!(seen.insert(clause.id), "{} is there twice", clause.id);
        let words: Vec<&str> = clause.id.split('.').collect();
        assert!(words.len() >= 3, "{}: mechanism.operation.aspect", clause.id);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(words.iter().all(|word| !word.is_empty() && word.chars().all(plain)));
        assert!(MECHANISMS.iter().any(|mechanism| mechanism.name == words[0]), "{}", clause.id);
    }
}

#[test]
fn every_sentence_is_one_sentence() {
    for clause in mechanism::clauses() {
        assert!(clause.text.ends_with('.'), "{}", clause.id);
        assert_eq!(clause.text.matches(". ").count(), 0, "{}: one obligation each", clause.id);
    }
}

#[test]
fn every_operation_has_a_clause() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    for operation in mechanism::operations() {
        assert!(!spec.clauses(operation).is_empty(), "{}", operation.key());
    }
}

#[test]
fn what_a_profile_takes_out_is_there_to_be_taken() {
    for profile in PROFILES {
        for denial in profile.denies.iter().chain(profile.contradicts) {
            let clause = mechanism::clause(denial.clause);
            assert!(clause.is_some(), "{}: no clause {}", profile.name, denial.clause);
        }
        for denial in profile.denies {
            let clause = mechanism::clause(denial.clause).expect("shown above");
            let permits = matches!(clause.force, Force::Permits);
            assert!(permits, "{} withdraws {}, which obliges", profile.name, clause.id);
        }
    }
    assert!(POSIX2024.denies.is_empty() && POSIX2024.contradicts.is_empty());
}

#[test]
fn what_is_beyond_the_base_says_so() {
    for clause in mechanism::clauses() {
        let beyond = clause.source.standard != Standard::Posix2024;
        assert_eq!(beyond, clause.duty == Duty::Extension, "{}", clause.id);
    }
}

#[test]
fn what_nobody_judges_obliges_nobody() {
    for clause in mechanism::clauses() {
        if matches!(clause.envelope, Envelope::Anything | Envelope::Sleep) {
            assert!(matches!(clause.force, Force::Permits), "{}", clause.id);
        }
    }
}

#[test]
fn who_may_sleep_registers_a_blocks_clause() {
    for clause in mechanism::clauses() {
        let sleeps = matches!(clause.envelope, Envelope::Sleep);
        assert_eq!(sleeps, clause.id.contains(".blocks"), "{}", clause.id);
    }
}

/// What may sleep because `O_NONBLOCK` is clear has an answer that is owed when it is set.
#[test]
fn whoever_may_wait_is_answered_at_once_when_it_may_not() {
    let mut asked = 0;
    for operation in mechanism::operations() {
        let of = |wanted: &dyn Fn(&Clause) -> bool| {
            mechanism::clauses().filter(|clause| clause.on.contains(&operation)).any(wanted)
        };
        let sleeps = |clause: &Clause| {
            matches!(clause.envelope, Envelope::Sleep)
                && (clause.requires(&MAY_WAIT) || clause.requires(&SPLICE_MAY_WAIT))
        };
        let owed = |clause: &Clause| {
            let permits = matches!(clause.force, Force::Permits);
            let instead = clause.requires(&MAY_NOT_WAIT) || clause.requires(&SPLICE_MAY_NOT_WAIT);
            clause.answers() && instead && !permits
        };
        if of(&sleeps) {
            asked += 1;
            assert!(of(&owed), "{} has no answer for O_NONBLOCK", operation.key());
        }
    }
    assert!(asked >= 6, "read, readv, write, writev, splice and tee wait");
}

#[test]
fn guards_of_one_clause_are_not_the_same_twice() {
    let text = |cond: &Cond| ipc_model::print::condition(cond);
    for clause in mechanism::clauses() {
        let all: Vec<String> = clause.guards.iter().map(|guard| text(&guard.cond)).collect();
        let distinct: BTreeSet<&String> = all.iter().collect();
        assert_eq!(all.len(), distinct.len(), "{}", clause.id);
    }
}

#[test]
fn specs_that_share_their_clauses_differ_in_what_they_were_told() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let ids = |spec: &Spec| -> Vec<&str> { spec.all().iter().map(|clause| clause.id).collect() };
    let few = spec.with_numbers(Numbers { nofile: 4, ..Numbers::EXAMPLE });
    assert_eq!((few.numbers.nofile, ids(&few)), (4, ids(&spec)));

    let gone = "descriptor.write.err.ebadf";
    let less = spec.without(gone);
    assert!(spec.find(gone).is_some() && less.find(gone).is_none());
    assert!(ids(&less).into_iter().eq(ids(&spec).into_iter().filter(|id| *id != gone)));

    let bare = |clause: &Clause| Clause { guards: &[], ..*clause };
    let bent = spec.altered(|clause| clause.id == gone, bare);
    for (one, other) in spec.all().into_iter().zip(bent.all()) {
        let guards = if one.id == gone { 0 } else { one.guards.len() };
        assert_eq!((one.id, guards), (other.id, other.guards.len()));
    }
}
