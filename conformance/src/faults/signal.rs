//! What is wrong with signals in systems that are known.

use ipc_model::operation::{Actor, Param};
use ipc_model::outcome::{Code, Signal, Status};
use ipc_model::signal::{SA_RESTART, SIGTIMEDWAIT, SIGWAIT, SIGWAITINFO, Signals, is_realtime};
use ipc_model::world::{Activity, Life, Process, World};

use super::named::{Deviation, Planting};
use super::{Wakes, Wrong};

/// The process that the call of an actor sends to.
fn receiver(world: &mut World, actor: Actor) -> Option<&mut Process> {
    let call = world.in_call(actor)?;
    let named = call.call.find(|param| matches!(param, Param::Process));
    world.process_mut(named.map_or(actor.process, |number| number as u8))
}

fn mine(world: &mut World, actor: Actor) -> Option<&mut Signals> {
    Some(&mut world.process_mut(actor.process)?.signals)
}

/// What does nothing by itself is dropped, though it is blocked.
fn drops_what_does_nothing(world: &mut World, actor: Actor) {
    let Some(process) = receiver(world, actor) else { return };
    let signals = &mut process.signals;
    let all = signals.queue.iter().map(|pending| pending.signal);
    let idle: Vec<u8> = all.filter(|signal| signals.does_nothing(*signal)).collect();
    idle.into_iter().for_each(|signal| signals.discard(signal));
}

/// A real-time signal is pending once.
fn collapses(world: &mut World, actor: Actor) {
    let Some(process) = receiver(world, actor) else { return };
    let queue = &mut process.signals.queue;
    let Some(last) = queue.last().copied().filter(|last| is_realtime(last.signal)) else { return };
    if queue.iter().filter(|pending| pending.signal == last.signal).count() > 1 {
        queue.pop();
    }
}

/// What was sent to oneself is delivered some time.
fn comes_late(world: &mut World, actor: Actor) {
    if let Some(signals) = mine(world, actor) {
        signals.owed = false;
    }
}

fn forgets_restart(world: &mut World, actor: Actor) {
    if let Some(signals) = mine(world, actor) {
        signals.handlers.iter_mut().for_each(|handler| handler.flags &= !SA_RESTART);
    }
}

fn always_restarts(world: &mut World, actor: Actor) {
    if let Some(signals) = mine(world, actor) {
        signals.handlers.iter_mut().for_each(|handler| handler.flags |= SA_RESTART);
    }
}

/// The handler runs, and the call waits on.
fn only_wakes(world: &mut World, actor: Actor) {
    if let Some(call) = world.in_call_mut(actor) {
        call.interrupted = false;
    }
}

/// The mask of the call stays.
fn keeps_the_mask(world: &mut World, actor: Actor) {
    if let Some(signals) = mine(world, actor) {
        signals.saved = Some(signals.blocked);
    }
}

/// Who waits for signals does not end.
fn swallows_the_end(world: &mut World, actor: Actor) {
    let Some(process) = receiver(world, actor) else { return };
    let waits = |process: &Process| match &process.activity {
        Activity::InCall(call) => {
            [&SIGWAIT, &SIGWAITINFO, &SIGTIMEDWAIT].contains(&call.call.operation)
        }
        _ => false,
    };
    if matches!(process.life, Life::Dying(_)) && waits(process) {
        process.life = Life::Live;
    }
}

/// What a parent is told of a child that has ended is that it was killed.
fn tells_of_a_kill(world: &mut World, actor: Actor) {
    let parent = world.process(actor.process).and_then(|process| process.parent);
    let Some(parent) = parent.and_then(|parent| world.process_mut(parent)) else { return };
    for pending in &mut parent.signals.queue {
        if let Code::Child(Status::Exited(code)) = pending.code
            && pending.from == Some(actor.process)
        {
            pending.code = Code::Child(Status::Signaled(Signal::Other(code.into())));
        }
    }
}

/// Who is stopped ends.
fn ends_who_is_stopped(world: &mut World, actor: Actor) {
    if let Some(process) = world.process_mut(actor.process).filter(|process| process.stopped) {
        process.stopped = false;
        process.untold.clear();
        process.life = Life::Dying(Status::Signaled(Signal::SIGSTOP));
    }
}

pub(super) static DEVIATIONS: &[Deviation] = &[
    Deviation {
        number: 70,
        name: "deviation-70-sigsuspend-succeeds",
        text: "StarryOS: sigsuspend returned 0 once a handler had run.",
        link: "https://github.com/Starry-OS/StarryOS/pull/83",
        planting: Planting::Own("signal.interrupted.eintr", &[Wrong::Success]),
    },
    Deviation {
        number: 70,
        name: "deviation-70-waits-on-for-what-is-blocked",
        text: "StarryOS: sigwaitinfo was not woken by the signal that it blocks and waits for.",
        link: "https://github.com/rcore-os/tgoskits/commit/8a3a00fcf",
        planting: Planting::Own("signal.send.pends", &[Wrong::Wakes(Wakes::Nobody)]),
    },
    Deviation {
        number: 70,
        name: "deviation-70-drops-what-does-nothing",
        text: "StarryOS and gVisor: a signal that does nothing by default was dropped, though it was blocked and waited for.",
        link: "https://github.com/google/gvisor/commit/0380bcb3a",
        planting: Planting::Own("signal.send.pends", &[Wrong::Also(drops_what_does_nothing)]),
    },
    Deviation {
        number: 70,
        name: "deviation-70-no-restart",
        text: "StarryOS: SA_RESTART did nothing.",
        link: "https://github.com/rcore-os/tgoskits/pull/247",
        planting: Planting::Own("signal.sigaction.catches", &[Wrong::Also(forgets_restart)]),
    },
    Deviation {
        number: 70,
        name: "deviation-70-only-wakes",
        text: "StarryOS: a signal woke who waits, and did not interrupt the call.",
        link: "https://github.com/rcore-os/tgoskits/pull/1018",
        planting: Planting::Own("signal.delivery.interrupts", &[Wrong::Also(only_wakes)]),
    },
    Deviation {
        number: 71,
        name: "deviation-71-sigtimedwait-swallows-the-end",
        text: "gVisor: sigtimedwait could swallow SIGKILL.",
        link: "https://github.com/google/gvisor/commit/b52cbd602",
        planting: Planting::Own("process.kill.kills", &[Wrong::Also(swallows_the_end)]),
    },
    Deviation {
        number: 70,
        name: "deviation-70-every-end-is-a-kill",
        text: "StarryOS: SIGCHLD said CLD_KILLED of a child that had called exit_group.",
        link: "https://github.com/rcore-os/tgoskits/pull/925",
        planting: Planting::Own("process.death.tells", &[Wrong::Also(tells_of_a_kill)]),
    },
    Deviation {
        number: 70,
        name: "deviation-70-sigstop-kills",
        text: "StarryOS: SIGSTOP ended its target.",
        link: "https://github.com/rcore-os/tgoskits/pull/925",
        planting: Planting::Own("signal.delivery.stops", &[Wrong::Also(ends_who_is_stopped)]),
    },
    Deviation {
        number: 73,
        name: "deviation-73-sigcont-resumes-nobody",
        text: "Redox: SIGCONT and who was to go on waited for each other.",
        link: "https://gitlab.redox-os.org/redox-os/kernel/-/commit/05bde858",
        planting: Planting::Own("signal.send.resumes", &[Wrong::Missing(1)]),
    },
    Deviation {
        number: 73,
        name: "deviation-73-no-queue",
        text: "Redox: what should have queued did not.",
        link: "https://gitlab.redox-os.org/redox-os/relibc/-/commit/0b8bae20",
        planting: Planting::Own("signal.send.pends", &[Wrong::Also(collapses)]),
    },
    Deviation {
        number: 73,
        name: "deviation-73-comes-late",
        text: "Redox: a signal to oneself came only after the call had returned.",
        link: "https://gitlab.redox-os.org/redox-os/kernel/-/commit/239bd317",
        planting: Planting::Own("signal.send.pends", &[Wrong::Also(comes_late)]),
    },
    Deviation {
        number: 74,
        name: "deviation-74-keeps-the-mask",
        text: "Asterinas: the mask of pselect stayed behind the call.",
        link: "https://github.com/asterinas/asterinas/commit/1c66e5f64",
        planting: Planting::Own("signal.mask.swaps", &[Wrong::Also(keeps_the_mask)]),
    },
    Deviation {
        number: 74,
        name: "deviation-74-busy-loops",
        text: "Asterinas: signals did not come to a process that makes no calls.",
        link: "https://github.com/asterinas/asterinas/commit/e1480f94e",
        planting: Planting::Waits("programs that compute without making a call"),
    },
    Deviation {
        number: 76,
        name: "deviation-76-always-restarts",
        text: "macOS: a handler that was set without flags restarted reads.",
        link: "https://github.com/NixOS/nix/pull/6995",
        planting: Planting::Own("signal.sigaction.catches", &[Wrong::Also(always_restarts)]),
    },
];
