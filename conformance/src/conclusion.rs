//! What it all comes to: one word, and one exit status.

use crate::campaign::Results;
use crate::trial::Status;

/// What a run, or a judgement, comes to; the later ones are the worse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Conclusion {
    /// Everything conforms, and everything that was to be run was run.
    Conforms,
    /// There was nothing to run.
    NothingSelected,
    /// It was ended from outside.
    Interrupted,
    /// The system could not be started.
    CannotRun,
    /// Nothing is known to be wrong, but not everything is known.
    Incomplete,
    /// Nothing deviates, but a scenario did not exercise what it covers.
    NotExercised,
    /// Something deviates.
    Deviates,
}

impl Conclusion {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Conclusion::Conforms => "conforms",
            Conclusion::Deviates => "deviates",
            Conclusion::NotExercised => "not-exercised",
            Conclusion::Incomplete => "incomplete",
            Conclusion::NothingSelected => "nothing-selected",
            Conclusion::CannotRun => "cannot-run",
            Conclusion::Interrupted => "interrupted",
        }
    }

    /// The exit status of the program that comes to it.
    pub fn exit_status(self) -> i32 {
        match self {
            Conclusion::Conforms => 0,
            Conclusion::Deviates | Conclusion::NotExercised => 1,
            Conclusion::NothingSelected => 4,
            Conclusion::Incomplete => 5,
            Conclusion::CannotRun => 6,
            Conclusion::Interrupted => 130,
        }
    }

    /// Of several statuses, none of which makes up for another: one that shows nothing, for it is
    /// unsupported or a listed contradiction, is passed over if another conforms.
    pub fn of<'a>(statuses: impl IntoIterator<Item = &'a Status>) -> Conclusion {
        let all: Vec<&Status> = statuses.into_iter().collect();
        if all.contains(&&Status::Deviates) {
            Conclusion::Deviates
        } else if all.iter().any(|status| status.is_red()) {
            Conclusion::NotExercised
        } else if all.iter().any(|status| status.is_incomplete()) {
            Conclusion::Incomplete
        } else if all.contains(&&Status::Conforms) {
            Conclusion::Conforms
        } else {
            Conclusion::Incomplete
        }
    }

    /// Of a campaign in which `asked` random programs were to be run, or as many as there was time
    /// for.
    pub fn of_campaign(results: &Results, asked: Option<u64>) -> Conclusion {
        let random = &results.random_tally;
        if results.interrupted {
            return Conclusion::Interrupted;
        }
        if results.system.is_none() {
            return Conclusion::CannotRun;
        }
        if results.named.is_empty() && asked == Some(0) {
            return Conclusion::NothingSelected;
        }
        let named = results.named.iter().map(|status| status.as_ref().unwrap_or(&Status::NotRun));
        let decided = random.inconclusive.is_empty() && random.broken.is_empty();
        let complete = decided && asked.is_none_or(|asked| random.programs() >= asked);
        let random = match random.conforming {
            _ if random.deviating > 0 => Some(Status::Deviates),
            _ if !complete => Some(Status::NotRun),
            0 => None,
            _ => Some(Status::Conforms),
        };
        Conclusion::of(named.chain(&random))
    }
}

#[cfg(test)]
mod tests {
    use ipc_model::profile::Numbers;

    use super::*;

    fn of(named: &[Option<Status>], asked: Option<u64>, programs: u64) -> Conclusion {
        let mut results = Results {
            system: Some(("test".to_owned(), Numbers::EXAMPLE)),
            named: named.to_vec(),
            ..Results::default()
        };
        results.random_tally.conforming = programs;
        Conclusion::of_campaign(&results, asked)
    }

    #[test]
    fn only_what_conforms_and_is_complete_passes() {
        let reason = || "why".to_owned();
        let pass = Some(Status::Conforms);
        assert_eq!(of(std::slice::from_ref(&pass), Some(0), 0), Conclusion::Conforms);
        assert_eq!(of(&[], Some(3), 3), Conclusion::Conforms);
        assert_eq!(of(&[], None, 3), Conclusion::Conforms);
        assert_eq!(of(&[], Some(0), 0), Conclusion::NothingSelected);
        assert_eq!(of(&[], None, 0), Conclusion::Incomplete);
        assert_eq!(of(&[], Some(4), 3), Conclusion::Incomplete);
        let contradicted = Some(Status::Contradiction(vec!["x"]));
        let unsupported = Some(Status::Unsupported(reason()));
        for other in [&contradicted, &unsupported] {
            assert_eq!(of(&[pass.clone(), other.clone()], Some(0), 0), Conclusion::Conforms);
            assert_eq!(of(std::slice::from_ref(other), Some(0), 0), Conclusion::Incomplete);
        }
        for other in [None, Some(Status::NotRun), Some(Status::Broken(reason()))] {
            assert_eq!(of(&[pass.clone(), other], Some(0), 0), Conclusion::Incomplete);
        }
        let missed = Some(Status::NotExercised(vec![reason()]));
        assert_eq!(of(&[pass.clone(), missed.clone(), None], Some(9), 0), Conclusion::NotExercised);
        let all = [pass, missed, Some(Status::Deviates), None];
        assert_eq!(of(&all, Some(9), 0), Conclusion::Deviates);
    }

    #[test]
    fn what_could_not_start_or_was_ended_says_so() {
        let mut results = Results::default();
        assert_eq!(Conclusion::of_campaign(&results, None), Conclusion::CannotRun);
        results.interrupted = true;
        assert_eq!(Conclusion::of_campaign(&results, None), Conclusion::Interrupted);
    }
}
