//! Signals.

use std::time::Duration;

use ipc_impls::signal::{self as sys, Disposition, Info};
use ipc_model::signal::{
    KILL_ALL, KILL_GROUP, KILL_OWN_GROUP, KILL_SIGNALS, PAUSE, RAISE, SENT, SETRLIMIT, SIGACTION,
    SIGACTION_HANDLER, SIGALTSTACK, SIGALTSTACK_ASK, SIGNALS, SIGPENDING, SIGPROCMASK, SIGQUEUE,
    SIGSUSPEND, SIGTIMEDWAIT, SIGWAIT, SIGWAITINFO, STACKS,
};
use nix::libc;

use super::process::named as named_process;
use super::{Driver, answer, nothing};
use crate::real::wire::{Answer, Step};
use crate::real::{everybody, handled};

/// The numbers of `ipc_model::signal::SIGNALS`.
pub fn numbers() -> [i32; SIGNALS.len()] {
    let first = libc::SIGRTMIN();
    [
        libc::SIGPIPE,
        libc::SIGUSR1,
        libc::SIGUSR2,
        libc::SIGTERM,
        libc::SIGWINCH,
        libc::SIGCHLD,
        libc::SIGCONT,
        libc::SIGTSTP,
        libc::SIGSTOP,
        libc::SIGALRM,
        first,
        first + 1,
    ]
}

/// The number of a word of `KILL_SIGNALS`.
pub(super) fn sent(word: usize) -> i32 {
    const _: () = assert!(KILL_SIGNALS.len() == SENT + SIGNALS.len() + 1);
    match word {
        0 => libc::SIGKILL,
        1 => 0,
        other => numbers().get(other - SENT).copied().unwrap_or(-1),
    }
}

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&SIGACTION, |_, step| {
        handled::touches();
        let dispositions = [Disposition::Default, Disposition::Ignore];
        nothing(sys::sigaction(numbers()[step.word(0)], dispositions[step.word(1)]))
    }),
    Driver::new(&SIGACTION_HANDLER, |_, step| {
        handled::catches();
        let all = [
            libc::SA_RESTART,
            libc::SA_RESETHAND,
            libc::SA_NODEFER,
            libc::SA_NOCLDWAIT,
            libc::SA_NOCLDSTOP,
            libc::SA_ONSTACK,
        ];
        let set = |(bit, flag): (usize, &i32)| if step.bits(2) & 1 << bit != 0 { *flag } else { 0 };
        let flags = all.iter().enumerate().map(set).sum();
        let signal = numbers()[step.word(0)];
        // SAFETY: the handler is made of atomics alone.
        nothing(unsafe { sys::catch(signal, handled::note, flags, &named(step.bits(3))) })
    }),
    Driver::new(&SIGPROCMASK, |_, step| {
        handled::touches();
        let how = [libc::SIG_BLOCK, libc::SIG_UNBLOCK, libc::SIG_SETMASK];
        nothing(sys::sigprocmask(how[step.word(0)], &named(step.bits(1))))
    }),
    Driver::new(&SIGPENDING, |_, _| {
        let numbers = numbers();
        answer(sys::sigpending(&numbers), |pending| {
            let is = |(bit, number)| u32::from(pending.contains(number)) << bit;
            Answer::Flags(numbers.iter().enumerate().map(is).sum())
        })
    }),
    Driver::new(&RAISE, |_, step| nothing(sys::raise(sent(step.word(0))))),
    Driver::new(&SIGQUEUE, |_, step| match step.pid(0) {
        // Whole groups are never meant.
        pid if pid <= 1 => Answer::Failed(ipc_impls::errno::Errno(libc::ESRCH)),
        pid => nothing(sys::sigqueue(pid, sent(step.word(1)), step.number(2) as i32)),
    }),
    Driver::new(&KILL_GROUP, |_, step| {
        nothing(ipc_impls::process::kill(-named_process(step.pid(0)), sent(step.word(1))))
    }),
    // The group of an agent is never that of the harness.
    Driver::new(&KILL_OWN_GROUP, |_, step| {
        nothing(ipc_impls::process::kill(0, sent(step.word(1))))
    }),
    Driver::new(&KILL_ALL, |_, step| nothing(everybody::send(sent(step.word(1))))),
    Driver::new(&SIGWAIT, |_, step| {
        answer(sys::sigwait(&named(step.bits(0))), |signal| {
            let place = numbers().iter().position(|number| *number == signal);
            Answer::Word(place.map_or(u8::MAX, |place| place as u8))
        })
    })
    .sleeps_at(libc::SYS_rt_sigtimedwait),
    Driver::new(&SIGWAITINFO, |_, step| info(sys::sigwaitinfo(&named(step.bits(0)))))
        .sleeps_at(libc::SYS_rt_sigtimedwait),
    Driver::new(&SIGTIMEDWAIT, |_, step| timed(step)).sleeps_at(libc::SYS_rt_sigtimedwait),
    Driver::new(&SIGSUSPEND, |_, step| nothing(sys::sigsuspend(&named(step.bits(0)))))
        .sleeps_at(libc::SYS_rt_sigsuspend),
    Driver::new(&SETRLIMIT, |_, _| {
        handled::touches();
        nothing(sys::limit_pending(0))
    }),
    Driver::new(&SIGALTSTACK, |_, step| {
        handled::touches();
        const _: () = assert!(STACKS.len() == 5);
        let (flags, size) = match step.word(0) {
            0 => (libc::SS_DISABLE, 0),
            1 => (0, sys::STACK_SIZE),
            2 => (0, 1),
            3 => (libc::SS_ONSTACK, sys::STACK_SIZE),
            _ => (-1, sys::STACK_SIZE),
        };
        nothing(sys::sigaltstack(flags, size))
    }),
    Driver::new(&SIGALTSTACK_ASK, |_, _| {
        answer(sys::stack_flags(), |flags| Answer::Word(u8::from(flags & libc::SS_DISABLE == 0)))
    }),
    Driver::new(&PAUSE, |_, _| nothing(sys::pause())).sleeps_at(PAUSES_IN),
];

/// What the C library makes of `pause`.
#[cfg(target_arch = "x86_64")]
const PAUSES_IN: libc::c_long = libc::SYS_pause;
/// What the C library makes of `pause`.
#[cfg(not(target_arch = "x86_64"))]
const PAUSES_IN: libc::c_long = libc::SYS_ppoll;

fn timed(step: &Step) -> Answer {
    let timeout = u64::try_from(step.number(1)).ok().map(Duration::from_millis);
    info(sys::sigtimedwait(&named(step.bits(0)), timeout))
}

fn info(result: ipc_impls::errno::Result<Info>) -> Answer {
    answer(result, Answer::Info)
}

/// The numbers of a set.
pub(super) fn named(set: u32) -> Vec<i32> {
    let chosen = |(bit, number): (usize, &i32)| (set & (1 << bit) != 0).then_some(*number);
    numbers().iter().enumerate().filter_map(chosen).collect()
}

/// All signals that programs speak of, a mask with none of them, and as many pending as may be.
pub fn clear() {
    // A pending signal is discarded by being ignored; unblocked first, it would kill.
    for signal in numbers() {
        let _ = sys::sigaction(signal, Disposition::Ignore);
    }
    let _ = sys::sigprocmask(libc::SIG_SETMASK, &[]);
    let _ = sys::limit_pending(libc::RLIM_INFINITY);
    let _ = sys::sigaltstack(libc::SS_DISABLE, 0);
    for signal in numbers() {
        let _ = sys::sigaction(signal, Disposition::Default);
    }
}

/// Keeps handlers from running, if there may be any: the mask to go back to.
pub(super) fn hold_back() -> Option<libc::sigset_t> {
    let before = if handled::may_run() { sys::mask().ok() } else { None };
    if before.is_some() {
        let _ = sys::sigprocmask(libc::SIG_BLOCK, &numbers());
    }
    before
}

/// Lets them run again.
pub fn let_through(before: Option<libc::sigset_t>) {
    if let Some(before) = before {
        let _ = sys::set_mask(&before);
    }
}
