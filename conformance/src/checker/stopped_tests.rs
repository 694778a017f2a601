//! Who is stopped, and goes on.

use ipc_model::profile::{LINUX, Numbers};
use ipc_model::spec::Spec;

use super::tests::{lines, simulate};
use super::{Budget, Verdict, check};
use crate::history::{Event, EventKind};
use crate::text::parse;

#[test]
fn who_stops_itself_may_go_on_before_it_tells_of_either() {
    let program =
        parse("here", "A: fork -> B\nB: raise SIGTSTP\nA: kill B SIGCONT\n").expect("a program");
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let mut early = 0;
    for seed in 0..300 {
        let history = simulate(&LINUX, &program, seed);
        let judgement = check(&spec, &history, Budget::default());
        assert_eq!(judgement.verdict, Verdict::Conforms, "seed {seed}\n{}", lines(&history));
        let returns = |event: &Event| match &event.kind {
            EventKind::Return { actor, .. } => Some(actor.process),
            _ => None,
        };
        let order: Vec<u8> = history.events.iter().filter_map(returns).collect();
        // Its own return is the last but that of `kill`, behind the returns of `fork`.
        early += u64::from(order.ends_with(&[1, 0]) && order.len() == 4);
    }
    assert!(early > 5, "told before who made it go on {early} times");
}
