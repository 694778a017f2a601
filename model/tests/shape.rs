//! The shape of a clause is right if machines can work on it without knowing which one it is.

use std::sync::Arc;

use ipc_model::clause::{Clause, Envelope, Num, effect_of};
use ipc_model::errno::Errno;
use ipc_model::operation::{Actor, Arg, Call, Operation};
use ipc_model::outcome::{Outcome, Value};
use ipc_model::profile::{LINUX, Numbers};
use ipc_model::spec::Spec;
use ipc_model::view::Choice;
use ipc_model::world::{Activity, Life, World};
use ipc_model::{descriptor, fifo, mechanism, name, pipe, poll, print, process};

const A: Actor = Actor::first(0);
const B: Actor = Actor::first(1);

/// A small machine: makes calls, and takes the first answer there is.
struct Machine {
    spec: Spec,
    world: World,
}

impl Machine {
    fn new(clauses: impl IntoIterator<Item = Clause>) -> Machine {
        let spec = Spec::with_clauses(&LINUX, Numbers::EXAMPLE, clauses);
        Machine { spec, world: World::new(2, &[0], 3) }
    }

    fn start(&mut self, actor: Actor, operation: &'static Operation, args: Vec<Arg>) {
        let call = Call { operation, args, tag: 1 };
        self.spec.call(&mut self.world, actor, Arc::new(call));
    }

    /// Takes every step and answer that is enabled, the first first, until the call is over.
    fn finish(&mut self, actor: Actor) -> Option<Outcome> {
        for _ in 0..10 {
            let enabled = self.spec.enabled(&self.world, actor);
            let all: Vec<Clause> = enabled.into_iter().copied().collect();
            let Some(clause) = all.iter().find(|c| !matches!(c.envelope, Envelope::Sleep)) else {
                break;
            };
            let (_, count) = self.spec.range(&self.world, actor, clause);
            self.spec.take(&mut self.world, actor, clause, Choice { count, probed: None });
            if let Activity::Returning(outcome) = self.world.activity(actor).clone() {
                self.world.set_activity(actor, Activity::Running);
                return Some(outcome);
            }
        }
        None
    }

    fn call(
        &mut self,
        actor: Actor,
        operation: &'static Operation,
        args: Vec<Arg>,
    ) -> Option<Outcome> {
        self.start(actor, operation, args);
        self.finish(actor)
    }
}

/// What a call could have used, and what it returned.
type Step = (Vec<&'static str>, Option<Outcome>);

/// A write of five bytes, a read of three, a close and a read to the end: what a reader sees.
fn story(clauses: impl IntoIterator<Item = Clause>) -> Vec<Step> {
    let mut machine = Machine::new(clauses);
    let fd = Arg::Fd;
    let calls: Vec<(&'static Operation, Vec<Arg>)> = vec![
        (&pipe::PIPE, vec![]),
        (&descriptor::WRITE, vec![fd(4), Arg::Number(5)]),
        (&descriptor::READ, vec![fd(3), Arg::Number(3)]),
        (&descriptor::CLOSE, vec![fd(4)]),
        (&descriptor::READ, vec![fd(3), Arg::Number(9)]),
        (&descriptor::READ, vec![fd(3), Arg::Number(9)]),
        (&descriptor::WRITE, vec![fd(4), Arg::Number(5)]),
    ];
    let mut steps = Vec::new();
    for (operation, args) in calls {
        machine.start(A, operation, args);
        let usable =
            machine.spec.enabled(&machine.world, A).iter().map(|clause| clause.id).collect();
        steps.push((usable, machine.finish(A)));
    }
    steps
}

fn all() -> Vec<Clause> {
    Spec::new(&LINUX, Numbers::EXAMPLE).all().into_iter().copied().collect()
}

#[test]
fn any_guard_of_any_clause_can_be_ignored() {
    let sound = story(all());
    let mut told_apart = 0;
    for (index, clause) in all().iter().enumerate() {
        for guard in 0..clause.guards.len() {
            let mut guards = clause.guards.to_vec();
            guards.remove(guard);
            let mut faulty = all();
            faulty[index] = Clause { guards: guards.leak(), ..*clause };
            told_apart += usize::from(story(faulty) != sound);
        }
    }
    assert!(told_apart >= 15, "one short story tells {told_apart} ignored guards");
}

#[test]
fn any_effect_of_any_clause_can_be_lost() {
    let sound = story(all());
    let mut lost = Vec::new();
    for (index, clause) in all().iter().enumerate() {
        for effect in 0..clause.effects.len() {
            let mut effects = clause.effects.to_vec();
            effects.remove(effect);
            let mut faulty = all();
            faulty[index] = Clause { effects: effects.leak(), ..*clause };
            if story(faulty) != sound {
                lost.push(clause.id);
            }
        }
    }
    let noticed = ["descriptor.close.releases", "pipe.pipe.creates", "pipe.read.full"];
    assert!(noticed.iter().all(|id| lost.contains(id)), "{lost:?}");
}

#[test]
fn any_clause_prints_as_a_rule() {
    for clause in mechanism::clauses() {
        let rule = print::rule(clause);
        assert!(rule.starts_with(clause.id) && rule.contains('─') && rule.contains("──▶"));
        assert!(clause.effects.is_empty() || rule.matches(';').count() >= 3, "{rule}");
    }
    let id = "pipe.write.atomic";
    insta::assert_snapshot!(print::rule(mechanism::clause(id).expect("it is registered")), @r"
    pipe.write.atomic  (obliges when all of it surely fits; shall, Atomicity; POSIX.1-2024 write(), DESCRIPTION)
      A write of at most PIPE_BUF bytes goes in whole, nothing between its bytes.
      (pipe(fd) = 1 ∧ writes(fd) = 1)   0 < len   0 < readers   len ≤ PIPE_BUF   len ≤ most   packets = 0
      ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      ⟨write, writev⟩ ──▶ returns n = len; the next len bytes of the call go in, behind the others, and mark the last write
    ");
}

#[test]
fn fork_returns_twice() {
    let mut machine = Machine::new(all());
    let child = machine.call(A, &process::FORK, vec![]);
    assert_eq!(child, Some(Outcome::Success(Value::Child(1))));
    let born = machine.world.process(1).expect("its place is there");
    assert_eq!(born.life, Life::Live);
    assert_eq!(*machine.world.activity(B), Activity::Returning(Outcome::Success(Value::Begun)));
}

#[test]
fn a_call_can_ask_about_several_objects() {
    let mut machine = Machine::new(all());
    for _ in 0..2 {
        machine.call(A, &pipe::PIPE, vec![]);
    }
    let ask = |one, other, timeout| {
        vec![Arg::Watches(vec![(one, 0b11), (other, 0b11)]), Arg::Number(timeout)]
    };
    let found = |one, other| Some(Outcome::Success(Value::Ready(vec![one, other])));
    machine.start(A, &poll::POLL, ask(3, 5, -1));
    assert_eq!(machine.finish(A), None);
    assert!(machine.spec.sleeps(&machine.world, A).is_some(), "both are empty");
    machine.world.set_activity(A, Activity::Running);

    machine.call(A, &descriptor::WRITE, vec![Arg::Fd(6), Arg::Number(1)]);
    assert_eq!(machine.call(A, &poll::POLL, ask(3, 5, -1)), found(0, 1 << poll::IN));
    assert_eq!(machine.call(A, &poll::POLL, ask(4, 9, 0)), found(1 << poll::OUT, 1 << poll::NVAL));
    assert_eq!(machine.call(A, &poll::SELECT, ask(3, 6, 0)), found(0, 1 << 1));
    machine.call(A, &descriptor::CLOSE, vec![Arg::Fd(4)]);
    assert_eq!(machine.call(A, &poll::POLL, ask(3, 6, 0)), found(1 << poll::HUP, 1 << poll::OUT));
}

#[test]
fn a_fifo_is_opened_by_two_who_wait_for_each_other() {
    let mut machine = Machine::new(all());
    machine.call(A, &process::FORK, vec![]);
    machine.world.set_activity(B, Activity::Running);
    let path = |text: &str| Arg::Path(text.into());
    let made = machine.call(A, &fifo::MKFIFO, vec![path("f"), Arg::Number(0o644)]);
    assert_eq!(made, Some(Outcome::NOTHING));
    let open = |access, flags| vec![path("f"), Arg::Number(access), Arg::Flags(flags)];
    let refused = machine.call(A, &fifo::OPEN, open(1, 1));
    assert_eq!(refused, Some(Outcome::Failure(Errno::ENXIO)));
    machine.start(A, &fifo::OPEN, open(0, 0));
    assert_eq!(machine.finish(A), None);
    assert!(machine.spec.sleeps(&machine.world, A).is_some(), "nobody writes");
    let opened = Some(Outcome::Success(Value::Fds(vec![3])));
    assert_eq!(machine.call(B, &fifo::OPEN, open(1, 0)), opened);
    machine.call(B, &descriptor::CLOSE, vec![Arg::Fd(3)]);
    assert_eq!(machine.finish(A), opened, "a writer was there");
    let nothing = machine.call(A, &descriptor::READ, vec![Arg::Fd(3), Arg::Number(1)]);
    assert_eq!(nothing, Some(Outcome::Success(Value::Data(ipc_model::payload::Data::new()))));
    assert_eq!(machine.call(A, &name::UNLINK, vec![path("f")]), Some(Outcome::NOTHING));
    let gone = machine.call(A, &fifo::OPEN, open(0, 1));
    assert_eq!(gone, Some(Outcome::Failure(Errno::ENOENT)));
}

/// The example of the pipe page: a full ring with 3,995 bytes free in its last page.
#[test]
fn room_in_a_pipe_is_a_matter_of_pages() {
    let mut machine = Machine::new(all());
    let sent = |machine: &mut Machine, n| {
        machine.call(A, &descriptor::WRITE, vec![Arg::Fd(4), Arg::Number(n)])
    };
    let count = |n| Some(Outcome::Success(Value::Number(n)));
    machine.call(A, &pipe::PIPE2, vec![Arg::Flags(2)]);
    assert_eq!(sent(&mut machine, 15 * 4096 + 101), count(15 * 4096 + 101));
    assert_eq!(sent(&mut machine, 8192), Some(Outcome::Failure(Errno::EAGAIN)));
    assert_eq!(sent(&mut machine, 5000), count(904));
}

static ON_WRITE: &[&Operation] = &[&descriptor::WRITE];

#[test]
fn effects_are_total() {
    let base = mechanism::clause("pipe.write.atomic").expect("it is registered");
    for effect in mechanism::clauses().flat_map(|clause| clause.effects) {
        for amount in [0, 1, 1 << 20] {
            let clause = Clause {
                on: ON_WRITE,
                guards: &[],
                envelope: Envelope::Step(Num::N(0), Num::N(u64::MAX)),
                effects: vec![effect_of(effect.action, Num::Chosen)].leak(),
                ..*base
            };
            let mut machine = Machine::new(all());
            machine.call(A, &pipe::PIPE, vec![]);
            machine.start(A, &descriptor::WRITE, vec![Arg::Fd(4), Arg::Number(7)]);
            let choice = Choice { count: amount, probed: None };
            machine.spec.take(&mut machine.world, A, &clause, choice);
            assert_eq!(machine.world.processes.len(), 2, "{}", effect.action.name);
        }
    }
}
