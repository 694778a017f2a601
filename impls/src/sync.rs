//! What the shared-memory code here knows of the machine: atomics, memory that a peer may write at
//! any time, sleeping, and time. `loom-tests` includes the files that use it with a `sync` of its
//! own, and finds every interleaving.

use std::sync::atomic::compiler_fence;
use std::time::{Duration, Instant};

use nix::libc;

pub use crate::wait::Spin;
pub use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Eight bytes of payload in shared memory.
///
/// They are ordered by the positions beside them, so nothing is said of order here. They are atomic
/// because a peer that does not keep to the protocol may write them at any time: then what is read
/// is wrong, and nothing worse.
#[derive(Debug)]
#[repr(transparent)]
pub struct Word(AtomicU64);

impl Word {
    /// A word that holds `value`.
    pub fn new(value: u64) -> Word {
        Word(AtomicU64::new(value))
    }

    /// What is there. It is read once: no later look at the copy looks at the memory.
    #[inline]
    pub fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Puts `value` there.
    #[inline]
    pub fn write(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// Copies `bytes` to the beginning of `words`, the last word filled up with zeros.
///
/// # Panics
///
/// If there are fewer words than that takes.
#[inline]
pub fn copy_in(words: &[Word], bytes: &[u8]) {
    let words = &words[..bytes.len().div_ceil(8)];
    let (whole, rest) = bytes.as_chunks::<8>();
    for (word, bytes) in words.iter().zip(whole) {
        word.write(u64::from_le_bytes(*bytes));
    }
    if let (Some(word), false) = (words.last(), rest.is_empty()) {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        word.write(u64::from_le_bytes(last));
    }
}

/// Copies the beginning of `words` to `bytes`.
///
/// # Panics
///
/// If there are fewer words than that takes.
#[inline]
pub fn copy_out(words: &[Word], bytes: &mut [u8]) {
    let words = &words[..bytes.len().div_ceil(8)];
    let (whole, rest) = bytes.as_chunks_mut::<8>();
    for (word, bytes) in words.iter().zip(whole) {
        *bytes = word.read().to_le_bytes();
    }
    if let (Some(word), false) = (words.last(), rest.is_empty()) {
        rest.copy_from_slice(&word.read().to_le_bytes()[..rest.len()]);
    }
}

/// Orders a store before a later load, against [`sleep_fence`] on the other side. It costs nothing:
/// the other side makes up for it.
#[inline]
pub fn publish_fence() {
    compiler_fence(Ordering::SeqCst);
}

/// Orders a store before a later load, and makes each [`publish_fence`] of every process that has
/// called [`register_fence`] do the same.
pub fn sleep_fence() {
    std::sync::atomic::fence(Ordering::SeqCst);
    membarrier(libc::MEMBARRIER_CMD_GLOBAL_EXPEDITED);
}

/// Makes this process one that [`sleep_fence`] reaches, and says whether the system can.
pub fn register_fence() -> bool {
    membarrier(libc::MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED)
}

/// `int membarrier(int cmd, unsigned int flags, int cpu_id)`: `membarrier(2)`.
fn membarrier(command: libc::c_int) -> bool {
    // SAFETY: neither of the two commands that come here touches memory of ours.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
}

/// A word to sleep on, in memory that processes share.
#[derive(Debug)]
#[repr(transparent)]
pub struct Futex(AtomicU32);

impl Futex {
    /// A word that holds `value`.
    pub fn new(value: u32) -> Futex {
        Futex(AtomicU32::new(value))
    }

    /// The value.
    #[inline]
    pub fn load(&self, order: Ordering) -> u32 {
        self.0.load(order)
    }

    /// Puts `value` there, and gives what was there before.
    #[inline]
    pub fn swap(&self, value: u32, order: Ordering) -> u32 {
        self.0.swap(value, order)
    }

    /// Puts `new` there if `current` is there; what was there either way.
    #[inline]
    pub fn compare_exchange(&self, current: u32, new: u32, success: Ordering) -> Result<u32, u32> {
        self.0.compare_exchange(current, new, success, Ordering::Relaxed)
    }

    /// `FUTEX_WAIT`: sleeps while `expected` is there, until somebody wakes, `timeout` has passed, or
    /// for no reason.
    pub fn wait(&self, expected: u32, timeout: Option<Duration>) {
        let timeout = timeout.map(|timeout| libc::timespec {
            tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        });
        let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: the word is there as long as `self`, the timeout as long as this call.
        unsafe {
            libc::syscall(libc::SYS_futex, self.0.as_ptr(), libc::FUTEX_WAIT, expected, timeout)
        };
    }

    /// `FUTEX_WAKE`: wakes all that sleep here, of every process.
    pub fn wake(&self) {
        // SAFETY: the word is only an address here.
        unsafe { libc::syscall(libc::SYS_futex, self.0.as_ptr(), libc::FUTEX_WAKE, i32::MAX) };
    }

    /// `FUTEX_WAKE_OP`: puts `value` there and wakes all that sleep here, in one call. Who is killed
    /// has done both or neither. The store releases.
    ///
    /// `value` is 0 or a single bit: the call takes no other.
    pub fn set_and_wake(&self, value: u32) {
        let word = self.0.as_ptr();
        std::sync::atomic::fence(Ordering::Release);
        // SAFETY: the word is ours to set, and aligned.
        let done = unsafe {
            libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAKE_OP, i32::MAX, 0, word, set(value))
        };
        if done == -1 {
            // It is told by no manual when this could be. Then death may come between the two.
            self.0.store(value, Ordering::Release);
            self.wake();
        }
    }
}

/// The operation word of `FUTEX_WAKE_OP` that sets `value`. The comparison, with -1, is one that no
/// word that is held satisfies: nobody is woken a second time.
fn set(value: u32) -> u32 {
    const EQUAL: u32 = 0;
    const SET: u32 = 0;
    const SHIFTED: u32 = 8;
    let (operation, operand) = match value {
        0 => (SET, 0),
        bit => (SET | SHIFTED, bit.trailing_zeros()),
    };
    operation << 28 | EQUAL << 24 | operand << 12 | 0xfff
}

/// Until when to wait.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(End);

#[derive(Clone, Copy, Debug)]
enum End {
    Never,
    At(Instant),
    By(fn() -> Duration, Duration),
}

impl Deadline {
    /// For ever.
    pub const NEVER: Deadline = Deadline(End::Never);

    /// That long from now; for ever, if that is beyond all clocks.
    pub fn after(timeout: Duration) -> Deadline {
        Deadline(Instant::now().checked_add(timeout).map_or(End::Never, End::At))
    }

    /// That long from now by a clock of the caller's own, which must go at least as fast as the kernel's.
    pub fn by(clock: fn() -> Duration, timeout: Duration) -> Deadline {
        Deadline(clock().checked_add(timeout).map_or(End::Never, |end| End::By(clock, end)))
    }

    /// How long to sleep: `at_most`, or what is left. Nothing, if nothing is left.
    pub fn slice(&self, at_most: Option<Duration>) -> Option<Option<Duration>> {
        let left = match self.0 {
            End::Never => return Some(at_most),
            End::At(end) => end.saturating_duration_since(Instant::now()),
            End::By(clock, end) => end.saturating_sub(clock()),
        };
        let slice = at_most.map_or(left, |at_most| at_most.min(left));
        (!left.is_zero()).then_some(Some(slice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_as_they_went_in_at_every_length() {
        let words: Vec<Word> = (0..4).map(|_| Word::new(u64::MAX)).collect();
        let bytes: Vec<u8> = (1..=32).collect();
        for length in 0..=bytes.len() {
            copy_in(&words, &bytes[..length]);
            let mut copy = vec![0; length];
            copy_out(&words, &mut copy);
            assert_eq!(copy, bytes[..length]);
        }
    }

    #[test]
    fn a_word_is_set_by_the_call_that_wakes() {
        for value in [0, 1, 1 << 29, 1 << 31] {
            let word = Futex::new(4711);
            word.set_and_wake(value);
            assert_eq!(word.load(Ordering::Relaxed), value);
        }
    }

    #[test]
    fn a_deadline_that_has_passed_leaves_nothing() {
        assert_eq!(Deadline::after(Duration::ZERO).slice(None), None);
        assert_eq!(Deadline::NEVER.slice(None), Some(None));
        let stopped = || Duration::from_secs(7);
        assert_eq!(Deadline::by(stopped, Duration::ZERO).slice(None), None);
        let second = Duration::from_secs(1);
        assert_eq!(Deadline::by(stopped, second).slice(None), Some(Some(second)));
        let hour = Duration::from_secs(3600);
        assert_eq!(Deadline::after(2 * hour).slice(Some(hour)), Some(Some(hour)));
    }
}
