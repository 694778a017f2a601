//! Handlers that ran: each draws a ticket and leaves a note in its agent's shared memory.
//!
//! A handler comes between any two instructions of its agent, those of the harness included. It draws
//! one ticket and writes one note in a place of its own, by atomics alone: another handler may come in
//! between of it, and it changes no `errno`.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, Ordering};

use ipc_impls::signal::Info;
use ipc_model::outcome::Stack;
use nix::libc;

use super::board::Board;

/// How many notes there is room for, more than a program has signals.
pub(super) const NOTES: usize = 512;

/// The notes of one slot; all zeros is a fresh one.
///
/// Invariant: written by the slot's one agent, or by the controller while the slot has none.
#[repr(C)]
pub(super) struct Notes {
    count: AtomicU32,
    all: [Note; NOTES],
}

#[repr(C)]
struct Note {
    ticket: AtomicU64,
    signal: AtomicI32,
    code: AtomicI32,
    pid: AtomicI32,
    value: AtomicI32,
    /// Where it ran, by place in [`WHERE`].
    stack: AtomicU32,
}

/// What a note says: when a handler ran, for what, and where.
pub(super) type Noted = (u64, Info, Stack);

const WHERE: [Stack; 3] = [Stack::Unsaid, Stack::Usual, Stack::Alternate];

impl Notes {
    /// How many handlers have been called, and the notes of those that came to leave one.
    pub(super) fn read(&self) -> (usize, Vec<Noted>) {
        let count = self.count.load(Ordering::Relaxed) as usize;
        let one = |note: &Note| {
            let ticket = note.ticket.load(Ordering::Acquire);
            let info = Info {
                signal: note.signal.load(Ordering::Relaxed),
                code: note.code.load(Ordering::Relaxed),
                pid: note.pid.load(Ordering::Relaxed),
                value: note.value.load(Ordering::Relaxed),
            };
            let stack = WHERE.get(note.stack.load(Ordering::Relaxed) as usize).copied();
            (ticket != 0).then_some((ticket, info, stack.unwrap_or_default()))
        };
        (count, self.all.iter().take(count).filter_map(one).collect())
    }

    /// Forgets them: the slot has no agent, or an idle one.
    pub(super) fn clear(&self) {
        let used = self.count.swap(0, Ordering::Relaxed) as usize;
        self.all.iter().take(used).for_each(|note| note.ticket.store(0, Ordering::Relaxed));
    }

    /// A handler that comes in between takes a place of its own.
    fn leave(&self, ticket: u64, info: &Info, stack: u32) {
        let place = self.count.fetch_add(1, Ordering::Relaxed);
        if let Some(note) = self.all.get(place as usize) {
            note.signal.store(info.signal, Ordering::Relaxed);
            note.code.store(info.code, Ordering::Relaxed);
            note.pid.store(info.pid, Ordering::Relaxed);
            note.value.store(info.value, Ordering::Relaxed);
            note.stack.store(stack, Ordering::Relaxed);
            note.ticket.store(ticket, Ordering::Release);
        }
    }
}

static BOARD: AtomicPtr<Board> = AtomicPtr::new(std::ptr::null_mut());
thread_local! {
    /// Of each thread its own; made with the thread, and nothing is to be done when it ends: a handler may
    /// ask for it at any time.
    static PLACE: Cell<*const Notes> = const { Cell::new(std::ptr::null()) };
}
static CAUGHT: AtomicBool = AtomicBool::new(false);
static TOUCHED: AtomicBool = AtomicBool::new(false);

/// From now on the handlers that run in this thread leave their notes there. Both stay where they are for
/// as long as the process is this program.
pub(super) fn leave_notes_at(board: &Board, notes: &Notes) {
    BOARD.store(std::ptr::from_ref(board).cast_mut(), Ordering::Relaxed);
    PLACE.set(notes);
}

/// The handler.
pub(super) extern "C" fn note(_: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let here = 0_u8;
    let stack = runs_on(&raw const here as usize, context);
    // SAFETY: both are null or what `leave_notes_at` was given, which stays.
    let board = unsafe { BOARD.load(Ordering::Relaxed).as_ref() };
    // SAFETY: as above.
    let notes = unsafe { PLACE.get().as_ref() };
    // SAFETY: the system hands a handler with SA_SIGINFO a whole one.
    let info = unsafe { info.as_ref() };
    if let (Some(board), Some(notes), Some(info)) = (board, notes, info) {
        // SAFETY: the system has filled it.
        let info = unsafe { Info::of(info) };
        notes.leave(board.draw(), &info, stack);
    }
}

/// Where a handler runs whose own memory lies there, by place in [`WHERE`]. Of one that has come within
/// another on the alternate stack that is not told: it runs there whatever it asks for.
fn runs_on(here: usize, context: *mut libc::c_void) -> u32 {
    let alternate = ipc_impls::signal::alternate_stack();
    // SAFETY: the system hands a handler with SA_SIGINFO a whole context.
    let context = unsafe { context.cast::<libc::ucontext_t>().as_ref() };
    match context.and_then(interrupted_at) {
        Some(before) if !alternate.contains(&before) => 1 + u32::from(alternate.contains(&here)),
        _ => 0,
    }
}

/// The stack pointer of what a handler has interrupted, where it is known where to look.
fn interrupted_at(context: &libc::ucontext_t) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    return Some(context.uc_mcontext.gregs[libc::REG_RSP as usize] as usize);
    #[cfg(target_arch = "aarch64")]
    return Some(context.uc_mcontext.sp as usize);
    #[cfg(target_arch = "riscv64")]
    return Some(context.uc_mcontext.__gregs[2] as usize);
    #[allow(unreachable_code)]
    {
        let _ = context;
        None
    }
}

/// A handler is set in this process.
pub(super) fn catches() {
    CAUGHT.store(true, Ordering::Relaxed);
    touches();
}

/// A disposition or the mask of this process may not be what it was when it was new.
pub(super) fn touches() {
    TOUCHED.store(true, Ordering::Relaxed);
}

/// Whether a handler may run in this process.
pub(super) fn may_run() -> bool {
    CAUGHT.load(Ordering::Relaxed)
}

/// Whether dispositions and mask must be set right; they are taken to be from now on.
pub(super) fn set_right() -> bool {
    CAUGHT.store(false, Ordering::Relaxed);
    TOUCHED.swap(false, Ordering::Relaxed)
}
