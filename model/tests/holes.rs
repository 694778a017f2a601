//! No call on a counter, an interest list, memory, signals that are read, a process or a socket is
//! without a rule,
//! whatever its arguments.

use std::sync::Arc;

use ipc_model::clause::Envelope;
use ipc_model::mechanism;
use ipc_model::operation::{Actor, Arg, Call, Operation, Param};
use ipc_model::outcome::{Outcome, Value};
use ipc_model::poll;
use ipc_model::profile::{LINUX, Numbers};
use ipc_model::spec::{Spec, obliges};
use ipc_model::view::{Choice, View};
use ipc_model::world::{Activity, World};
use ipc_model::{epoll, eventfd, fifo, memory, pidfd, pipe, signalfd, socket};

const A: Actor = Actor::first(0);

fn call(operation: &'static Operation, args: Vec<Arg>) -> Arc<Call> {
    Arc::new(Call { operation, args, tag: 1 })
}

/// Takes what is enabled first, until the call is answered or cannot go on.
fn answer(spec: &Spec, world: &mut World, call: Arc<Call>) -> Option<Outcome> {
    spec.call(world, A, call);
    loop {
        let acts = |clause: &ipc_model::clause::Clause| !matches!(clause.envelope, Envelope::Sleep);
        let clause = *spec.enabled_among(world, A, acts).first().copied()?;
        let (_, count) = spec.range(world, A, &clause);
        spec.take(world, A, &clause, Choice { count, probed: None });
        if let Activity::Returning(outcome) = world.activity(A).clone() {
            world.set_activity(A, Activity::Running);
            return Some(outcome);
        }
    }
}

/// A counter at 3, an interest list at 4 with the counter in it, a pipe at 5 and 6, memory at 7 and, open
/// for reading only, at 8, signals that are read at 9, the process itself at 10, a pair of
/// sockets at 11 and 12.
fn world(spec: &Spec) -> World {
    let mut world = World::new(2, &[0], 3);
    let fd = Arg::Fd;
    for (operation, args) in [
        (&eventfd::EVENTFD, vec![Arg::Number(1), Arg::Flags(0)]),
        (&epoll::EPOLL_CREATE1, vec![Arg::Flags(0)]),
        (&pipe::PIPE, vec![]),
        (&epoll::EPOLL_ADD, vec![fd(4), Arg::Command, fd(3), Arg::Flags(1)]),
        (&memory::MEMFD_CREATE, vec![Arg::Path("x".into()), Arg::Flags(0)]),
        (&fifo::REOPEN, vec![fd(7), Arg::Number(0), Arg::Flags(0)]),
        (&signalfd::SIGNALFD, vec![Arg::Flags(1), Arg::Flags(0)]),
        (&pidfd::PIDFD_OPEN, vec![Arg::Process(0), Arg::Flags(0)]),
        (&socket::SOCKETPAIR, vec![Arg::Number(0), Arg::Flags(0)]),
    ] {
        assert!(answer(spec, &mut world, call(operation, args)).is_some(), "{}", operation.key());
    }
    world
}

fn options(param: &Param, place: usize, fd: i32) -> Vec<Arg> {
    let numbers = |all: &[i64]| all.iter().copied().map(Arg::Number).collect();
    match param {
        Param::Fd if place == 0 => vec![Arg::Fd(fd)],
        Param::Fd => [3, 4, 5, 6, 7, 9, 10, 11, 13].map(Arg::Fd).to_vec(),
        Param::TargetFd => vec![Arg::Fd(13)],
        Param::Command(_) => vec![Arg::Command],
        Param::Receive | Param::Send => numbers(&[0, 1, 8, 9, 128]),
        Param::ReceiveVector | Param::SendVector => {
            [vec![0], vec![8], vec![4, 4], vec![0, 8], vec![8, 9], vec![9]].map(Arg::Vector).into()
        }
        Param::Number => numbers(&[-2, -1, 0, 1, 4096]),
        Param::Timeout => numbers(&[-1, 0, 1]),
        Param::Flags(words) => {
            (0..words.len()).map(|bit| Arg::Flags(1 << bit)).chain([Arg::Flags(0)]).collect()
        }
        Param::Word(words) => (0..words.len() as i64).map(Arg::Number).collect(),
        Param::Watches(_) => vec![Arg::Watches(vec![(fd, 0b11)])],
        Param::Mode => numbers(&[0o600]),
        Param::Process | Param::Path | Param::SharedName => Vec::new(),
        Param::Address => vec![Arg::Path("n".into()), Arg::Path("@n".into())],
    }
}

#[test]
fn every_call_on_what_has_no_name_has_a_rule() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let begin = world(&spec);
    let mut asked = 0;
    for fd in [3, 4, 5, 7, 8, 9, 10, 11] {
        for operation in mechanism::operations() {
            if !matches!(operation.params.first(), Some(Param::Fd | Param::Watches(_))) {
                continue;
            }
            // What a pipe says to its own calls is asked elsewhere.
            let about = eventfd::OPERATIONS.iter().chain(epoll::OPERATIONS);
            let about = about
                .chain(signalfd::OPERATIONS)
                .chain(pidfd::OPERATIONS)
                .chain(socket::OPERATIONS);
            if fd == 5 && !about.into_iter().any(|own| *own == operation) {
                continue;
            }
            let mut rows: Vec<Vec<Arg>> = vec![Vec::new()];
            for (place, param) in operation.params.iter().enumerate() {
                let all = options(param, place, fd);
                let longer = |row: &Vec<Arg>| {
                    let row = row.clone();
                    all.clone().into_iter().map(move |arg| [row.clone(), vec![arg]].concat())
                };
                rows = rows.iter().flat_map(longer).collect();
            }
            for args in rows {
                let mut world = begin.clone();
                let call = call(operation, args);
                spec.call(&mut world, A, call.clone());
                assert!(!spec.enabled(&world, A).is_empty(), "no rule for {call}");
                asked += 1;
                // A descriptor leads to one object, which is of one kind.
                let view = View::new(&spec, &world, A);
                let kinds: Vec<_> =
                    mechanism::kinds().filter(|kind| (kind.read)(&view) == 1).collect();
                let expected = usize::from(call.fd().is_some());
                assert_eq!(kinds.len(), expected, "{call}: {kinds:?}");
            }
        }
    }
    assert!(asked > 300, "{asked} calls");
}

#[test]
fn what_is_said_to_be_ready_does_not_make_its_caller_wait() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let begin = world(&spec);
    for (fd, name) in [(3, "eventfd"), (4, "epoll")] {
        let mut world = begin.clone();
        let rows: Vec<_> = mechanism::law().filter(|law| law.kind == name).collect();
        assert!(!rows.is_empty(), "{name} has no row");
        let asks = vec![Arg::Watches(vec![(fd, u32::MAX >> 1)]), Arg::Number(0)];
        let found = answer(&spec, &mut world, call(&poll::POLL, asks));
        let Some(Outcome::Success(Value::Ready(found))) = found else { panic!("{found:?}") };
        for law in rows {
            assert_ne!(found[0] & 1 << law.event, 0, "{name} at first");
            let mut world = world.clone();
            let told = answer(&spec, &mut world, Arc::new(law.call(&spec, fd, -1)));
            assert!(matches!(told, Some(Outcome::Success(_))), "{name}: {told:?}");
        }
    }
}

/// News is what is there that was not, and what the object calls so; it is told once.
#[test]
fn a_write_beside_stored_bytes_is_news_once() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let mut world = world(&spec);
    let edge = vec![Arg::Fd(4), Arg::Command, Arg::Fd(5), Arg::Flags(1 | epoll::EDGE)];
    let drop = vec![Arg::Fd(4), Arg::Command, Arg::Fd(3)];
    answer(&spec, &mut world, call(&epoll::EPOLL_DEL, drop));
    answer(&spec, &mut world, call(&epoll::EPOLL_ADD, edge));
    let wait = |world: &mut World| {
        let args = vec![Arg::Fd(4), Arg::Number(4), Arg::Number(0)];
        match answer(&spec, world, call(&epoll::EPOLL_WAIT, args)) {
            Some(Outcome::Success(Value::Events(events))) => events.len(),
            other => panic!("{other:?}"),
        }
    };
    let write = |world: &mut World| {
        let args = vec![Arg::Fd(6), Arg::Number(1)];
        answer(&spec, world, call(&ipc_model::descriptor::WRITE, args));
    };
    assert_eq!(wait(&mut world), 0);
    for _ in 0..2 {
        write(&mut world);
        assert_eq!((wait(&mut world), wait(&mut world)), (1, 0));
    }
}

#[test]
fn no_more_than_one_of_these_rules_must_hold_at_a_time_where_they_contradict() {
    let spec = Spec::new(&LINUX, Numbers::EXAMPLE);
    let mut world = world(&spec);
    for value in [0, 1, -2, -1] {
        spec.call(
            &mut world,
            A,
            call(&eventfd::EVENTFD_WRITE, vec![Arg::Fd(3), Arg::Number(value)]),
        );
        let view = View::new(&spec, &world, A);
        let obliging = spec.enabled(&world, A).into_iter().filter(|c| obliges(&view, c)).count();
        assert!(obliging <= 1, "{value}: {obliging}");
    }
}
