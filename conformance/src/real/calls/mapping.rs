//! Mappings, in the window that each process has to itself.

use std::sync::atomic::{AtomicBool, Ordering};

use ipc_impls::errno::Errno;
use ipc_impls::mapping as sys;
use ipc_model::mapping::{
    LOAD, MMAP, MMAP_ANONYMOUS, MMAP_ANYWHERE, MPROTECT, MREMAP, MSYNC, MUNMAP, STORE, WINDOW_PAGES,
};
use nix::libc;

use super::{Driver, answer, nothing, places};
use crate::real::agent::Agent;
use crate::real::touch::{self, Refused};
use crate::real::wire::{Answer, Step};

/// Where the window begins: far from whatever a loader or an allocator takes by itself.
const WINDOW: usize = 0x1000_0000_0000;

/// Something has been mapped in this process, or in one that it comes from.
static USED: AtomicBool = AtomicBool::new(false);

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&MMAP_ANONYMOUS, |_, step| map(step, libc::MAP_ANONYMOUS, -1, 0)),
    Driver::new(&MMAP, |_, step| map(step, 0, step.fd(4), step.number(5))),
    Driver::new(&MMAP_ANYWHERE, map_anywhere),
    Driver::new(&MUNMAP, unmap),
    Driver::new(&MREMAP, remap),
    Driver::new(&MPROTECT, |_, step| match address(step) {
        // SAFETY: nothing but what programs map lies in the window.
        Some((at, len)) => nothing(unsafe { sys::mprotect(at, len, protection(step)) }),
        None => OUTSIDE,
    }),
    Driver::new(&MSYNC, |_, step| {
        let Some((at, len)) = address(step) else { return OUTSIDE };
        let ways = [libc::MS_SYNC, libc::MS_ASYNC, libc::MS_INVALIDATE];
        let asked = (0..).zip(ways).filter(|(bit, _)| step.bits(2) >> bit & 1 != 0);
        let flags = asked.fold(0, |all, (_, one)| all | one);
        // SAFETY: nothing but what programs map lies in the window.
        nothing(unsafe { sys::msync(at, len, flags) })
    }),
    Driver::new(&LOAD, load),
    Driver::new(&STORE, store),
];

/// What is not the program's is not touched, whatever the system would say.
pub(super) const OUTSIDE: Answer = Answer::Failed(Errno(libc::EFAULT));

/// How long the window is.
fn size() -> usize {
    // SAFETY: takes a number and cannot fail for this name.
    WINDOW_PAGES as usize * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize
}

/// The address and the length that a call names, if they lie in the window or in a place that was chosen.
fn address(step: &Step) -> Option<(usize, usize)> {
    let len = step.len(1);
    let at = match places::is_in_one(step.number(0)) {
        true => places::find(step.number(0), len)?.0,
        false => place(step.number(0), len)?,
    };
    Some((at, len))
}

fn whole(len: usize) -> usize {
    len.next_multiple_of(size() / WINDOW_PAGES as usize)
}

/// The address of so many bytes, if they lie in the window.
pub(super) fn place(at: i64, len: usize) -> Option<usize> {
    let at = usize::try_from(at).ok()?;
    let is_inside = at.checked_add(len).is_some_and(|end| end <= size());
    is_inside.then_some(WINDOW + at)
}

/// An address as programs have it.
pub(super) fn told(at: usize) -> Answer {
    Answer::Number((at as i64).wrapping_sub(WINDOW as i64))
}

/// Something is about to be mapped in the window.
pub(super) fn use_it() {
    USED.store(true, Ordering::Relaxed);
}

fn protection(step: &Step) -> i32 {
    let protections = [(1, libc::PROT_READ), (2, libc::PROT_WRITE)];
    let asked = protections.iter().filter(|(bit, _)| step.bits(2) & bit != 0);
    asked.fold(libc::PROT_NONE, |all, (_, one)| all | one)
}

fn map(step: &Step, anonymous: i32, fd: i32, offset: i64) -> Answer {
    let len = step.len(1);
    let Some(at) = place(step.number(0), len) else { return OUTSIDE };
    let (prot, flags) = (protection(step), libc::MAP_FIXED | anonymous | whose(step));
    use_it();
    // SAFETY: nothing but what programs map lies in the window.
    nothing(unsafe { sys::mmap(at, len, prot, flags, fd, offset) })
}

fn whose(step: &Step) -> i32 {
    let types = [libc::MAP_SHARED, libc::MAP_PRIVATE, 0];
    types.get(step.word(3)).copied().unwrap_or(0)
}

/// What programs call a place that the system has chosen; where something of theirs is, as that is.
fn chosen(at: usize, len: usize) -> Answer {
    let overlaps = at < WINDOW + size() && WINDOW < at + len;
    match places::choose(at, whole(len)).filter(|_| !overlaps) {
        Some(name) => Answer::Number(name),
        None => told(at),
    }
}

fn map_anywhere(_: &mut Agent, step: &Step) -> Answer {
    let len = step.len(1);
    if len > size() {
        return OUTSIDE;
    }
    use_it();
    let mapped = sys::mmap_anywhere(len, protection(step), whose(step), step.fd(4), step.number(5));
    answer(mapped, |at| chosen(at, len))
}

fn unmap(_: &mut Agent, step: &Step) -> Answer {
    let (name, len) = (step.number(0), step.len(1));
    if !places::is_in_one(name) {
        let Some(at) = place(name, len) else { return OUTSIDE };
        // SAFETY: nothing but what programs map lies in the window.
        return nothing(unsafe { sys::munmap(at, len) });
    }
    let found = if len > size() { None } else { places::find(name, whole(len)) };
    let Some((at, true)) = found else { return OUTSIDE };
    // SAFETY: it was chosen for a program, and is all that was.
    answer(unsafe { sys::munmap(at, len) }, |()| {
        places::becomes(name, 0);
        Answer::Nothing
    })
}

fn remap(_: &mut Agent, step: &Step) -> Answer {
    let (name, old, new) = (step.number(0), step.len(1), step.len(2));
    if old > size() || new > size() {
        return OUTSIDE;
    }
    let fixed = step.bits(3) & 2 != 0;
    let placed = places::is_in_one(name);
    let from = match placed {
        true => places::find(name, whole(old)).filter(|(_, all)| *all || old == 0),
        false => {
            let stays = if fixed { 0 } else { whole(new) };
            place(name, whole(old).max(stays)).map(|at| (at, true))
        }
    };
    let to = if fixed { place(step.number(4), whole(new)) } else { Some(0) };
    let grows = placed && !fixed && old > 0 && whole(new) > whole(old);
    let (Some((from, _)), Some(to), false) = (from, to, grows) else {
        return OUTSIDE;
    };
    let flags = [(1, libc::MREMAP_MAYMOVE), (2, libc::MREMAP_FIXED)];
    let asked = flags.iter().filter(|(bit, _)| step.bits(3) & bit != 0);
    let flags = asked.fold(0, |all, (_, one)| all | one);
    use_it();
    // SAFETY: both places are a program's.
    answer(unsafe { sys::mremap((from, old), new, flags, to) }, |at| {
        if placed && old > 0 {
            places::becomes(name, if at == from { whole(new) } else { 0 });
        }
        match at {
            _ if at == from => Answer::Number(name),
            _ if (WINDOW..WINDOW + size()).contains(&at) => told(at),
            _ => chosen(at, new),
        }
    })
}

fn load(agent: &mut Agent, step: &Step) -> Answer {
    let Some((at, len)) = address(step) else { return OUTSIDE };
    touched(touch::load(at, agent.area(len)), Answer::Data(len as u32))
}

fn store(agent: &mut Agent, step: &Step) -> Answer {
    let Some((at, len)) = address(step) else { return OUTSIDE };
    touched(touch::store(at, agent.area(len)), Answer::Nothing)
}

/// A refusal by a signal has the number of the signal below zero.
fn touched(result: Result<(), Refused>, success: Answer) -> Answer {
    match result {
        _ if !touch::KNOWN => Answer::Absent("accesses that survive a signal"),
        Ok(()) => success,
        Err(refused) => Answer::Failed(Errno(-refused.signal)),
    }
}

/// Nothing is mapped in the window any more.
pub fn clear() {
    if USED.swap(false, Ordering::Relaxed) {
        // SAFETY: nothing but what programs map lies in the window.
        let _ = unsafe { sys::munmap(WINDOW, size()) };
        for (at, len) in places::clear() {
            // SAFETY: it was chosen for a program.
            let _ = unsafe { sys::munmap(at, len) };
        }
    }
}
