//! Messages that are passed by a call, and what was stored before them.
//!
//! Each iteration is told when its receiver begins, and both wait a little then: so the message comes
//! before the receiver has looked in some, and after that in others. A receiver that has looked in
//! vain has its answer, and takes the message later, for the next one is another iteration's.

use std::io;
use std::os::fd::{IntoRawFd as _, RawFd};
use std::sync::atomic::Ordering;
use std::time::Duration;

use ipc_impls::errno::Errno;
use ipc_impls::{descriptor, eventfd, pipe, poll};
use ipc_model::order::shapes::Edge;
use ipc_model::order::test::Step;
use nix::libc;

use super::actor::{Scene, wait};
use super::arena::{CELLS, Word};
use super::code::{self, Op};
use crate::seed::Seeded;
use crate::stage::Pick;

/// The most turns of an empty loop before one side begins, and before the other: who sleeps comes
/// first, and who only looks comes as late as the sender is slow.
const SOON: u64 = 64;
const LATE: u64 = 1024;
/// How long the receiver sleeps at most where nobody wakes it.
const NAP: Duration = Duration::from_millis(1);

/// What the messages go through.
#[derive(Debug)]
pub(super) struct Link {
    edge: Edge,
    receives: RawFd,
    sends: RawFd,
}

impl Link {
    /// Makes it, in the process that makes all others.
    pub(super) fn make(edge: Edge) -> Result<Link, Errno> {
        let [receives, sends] = match edge {
            Edge::Pipe => pipe::pipe2(libc::O_NONBLOCK)?,
            Edge::Eventfd => [eventfd::eventfd(0, libc::EFD_SEMAPHORE | libc::EFD_NONBLOCK)?; 2],
            Edge::Futex | Edge::Ofd => [-1; 2],
        };
        Ok(Link { edge, receives, sends })
    }

    /// What a process has of its own: locks belong to a description, so each opens the memory anew.
    pub(super) fn own(&mut self) -> io::Result<()> {
        if self.edge == Edge::Ofd {
            let memory = std::fs::File::options().read(true).write(true).open("/proc/self/fd/0")?;
            let memory = memory.into_raw_fd();
            (self.receives, self.sends) = (memory, memory);
        }
        Ok(())
    }

    /// Before a batch, in the sender: it holds every lock.
    pub(super) fn prepare(&self) {
        if self.edge == Edge::Ofd {
            self.must(lock(self.sends, libc::F_OFD_SETLK, libc::F_WRLCK, 0, CELLS));
        }
    }

    /// Behind a batch, in the receiver: it holds none.
    pub(super) fn finish(&self) {
        if self.edge == Edge::Ofd {
            self.must(lock(self.receives, libc::F_OFD_SETLK, libc::F_UNLCK, 0, CELLS));
        }
    }

    /// Sends the message of the iteration that comes at this place.
    fn send(&self, scene: &Scene<'_>, at: usize, word: usize) {
        match self.edge {
            Edge::Pipe => self.must(descriptor::write(self.sends, &[1]).map(drop)),
            Edge::Eventfd => self.must(eventfd::eventfd_write(self.sends, 1)),
            Edge::Ofd => self.must(lock(self.sends, libc::F_OFD_SETLK, libc::F_UNLCK, at, 1)),
            Edge::Futex => {
                let flag = scene.arena.part(FLAG, word);
                flag.store(1, Ordering::Relaxed);
                // SAFETY: the word outlives the call.
                unsafe { libc::syscall(libc::SYS_futex, flag.as_ptr(), libc::FUTEX_WAKE, 1) };
            }
        }
    }

    /// Looks once whether the message is there, and takes it.
    fn receive(&self, scene: &Scene<'_>, at: usize, word: usize) -> bool {
        let came = match self.edge {
            Edge::Pipe => descriptor::read(self.receives, &mut [0]).map(drop),
            Edge::Eventfd => eventfd::eventfd_read(self.receives).map(drop),
            Edge::Ofd => lock(self.receives, libc::F_OFD_SETLK, libc::F_WRLCK, at, 1),
            Edge::Futex => return is_woken(scene, word),
        };
        match came {
            Err(Errno(libc::EAGAIN | libc::EACCES)) => false,
            came => {
                self.must(came);
                true
            }
        }
    }

    /// Takes the message that was not there when it was looked for.
    fn settle(&self, scene: &Scene<'_>, at: usize, word: usize) {
        match self.edge {
            Edge::Pipe | Edge::Eventfd => {
                let events = libc::POLLIN;
                let mut asked = [libc::pollfd { fd: self.receives, events, revents: 0 }];
                self.must(poll::poll(&mut asked, -1).map(drop));
                while !self.receive(scene, at, word) {}
            }
            Edge::Ofd => self.must(lock(self.receives, libc::F_OFD_SETLKW, libc::F_WRLCK, at, 1)),
            Edge::Futex => {
                let flag = scene.arena.part(FLAG, word);
                wait(|| flag.load(Ordering::Acquire) != 0);
            }
        }
    }

    /// Without what it is about there is nothing to be seen.
    fn must(&self, done: Result<(), Errno>) {
        if done.is_err() {
            ipc_impls::process::exit(super::runner::Trouble::Call as i32);
        }
    }
}

/// The place whose words are flags.
const FLAG: usize = 1;

/// Sleeps on the flag, and whether it was woken: that the flag was seen set says nothing of what came
/// before.
fn is_woken(scene: &Scene<'_>, word: usize) -> bool {
    let flag = scene.arena.part(FLAG, word);
    let nap = libc::timespec { tv_sec: 0, tv_nsec: NAP.subsec_nanos().into() };
    let (call, op) = (libc::SYS_futex, libc::FUTEX_WAIT);
    // SAFETY: the word and the time outlive the call.
    let woken = unsafe { libc::syscall(call, flag.as_ptr(), op, 0, &raw const nap) } == 0;
    // A wake-up for no reason is allowed, `futex(2)`.
    woken && flag.load(Ordering::Relaxed) != 0
}

/// `fcntl` with a lock of an open file description: of so many bytes, from there on.
fn lock(fd: RawFd, command: i32, kind: i32, from: usize, len: usize) -> Result<(), Errno> {
    let lock = libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: from as libc::off_t,
        l_len: len as libc::off_t,
        l_pid: 0,
    };
    // SAFETY: the lock is only read by these commands.
    let done = unsafe { libc::fcntl(fd, command, &raw const lock) };
    if done == 0 { Ok(()) } else { Err(Errno::last()) }
}

/// Runs a batch of a test whose flag is a call: actor 0 sends, actor 1 receives.
pub(super) fn run(
    (scene, link): (&Scene<'_>, &Link),
    actor: usize,
    ops: &[Op],
    order: &[u32],
    stride: usize,
    own: &mut Seeded,
    number: u32,
) {
    let places = scene.arena.places();
    for (at, cell) in order.iter().enumerate() {
        let (cell, word) = (*cell as usize, *cell as usize * stride);
        let turn = number.wrapping_mul(CELLS as u32).wrapping_add(at as u32 + 1);
        meet(scene, link.edge, actor, turn, own);
        let (mut registers, mut missed) = (0, false);
        for op in ops {
            let is_flag = op.step.place().is_some_and(|place| scene.classic.is_flag(place));
            match op.step {
                Step::Write(..) if is_flag => link.send(scene, at, word),
                _ if is_flag => {
                    let came = link.receive(scene, at, word);
                    missed |= !came;
                    registers |= u32::from(came) << (2 * op.register);
                }
                // SAFETY: as in [`super::actor`]: the words of `CELLS` iterations lie behind each
                // place, and nobody uses them otherwise before all have been through the batch.
                _ => registers |= unsafe { code::run(std::slice::from_ref(op), places, word) },
            }
        }
        scene.arena.row(actor, cell).store(registers, Ordering::Relaxed);
        if missed {
            link.settle(scene, at, word);
        }
    }
    if actor == 1 {
        link.finish();
    }
}

/// The receiver says that it begins, and the sender waits for that.
fn meet(scene: &Scene<'_>, edge: Edge, actor: usize, turn: u32, own: &mut Seeded) {
    let sleeps = edge == Edge::Futex;
    let most = if sleeps == (actor == 1) { SOON } else { LATE };
    if actor == 1 {
        scene.arena.set(Word::Step(1), turn);
    } else {
        wait(|| scene.arena.get(Word::Step(1)).wrapping_sub(turn) < CELLS as u32);
    }
    for _ in 0..own.below(most) {
        std::hint::spin_loop();
    }
}
