//! Signals: dispositions, the mask, and what is pending. Signals are plain numbers.

use std::mem::MaybeUninit;
use std::time::Duration;

use nix::libc;

use crate::errno::{Errno, Result, int};

/// What a process does about a signal that it has no handler for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposition {
    /// `SIG_DFL`.
    Default,
    /// `SIG_IGN`.
    Ignore,
}

/// `int sigaction(int sig, const struct sigaction *act, NULL)`.
///
/// Errors and source: POSIX.1-2024 `sigaction()`.
pub fn sigaction(signal: i32, disposition: Disposition) -> Result<()> {
    // SAFETY: all zeros is a valid `sigaction`: no flags, an empty mask, `SIG_DFL`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = match disposition {
        Disposition::Default => libc::SIG_DFL,
        Disposition::Ignore => libc::SIG_IGN,
    };
    // SAFETY: the pointer is to a whole `sigaction` that names no handler.
    int(unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) }).map(drop)
}

/// `int sigprocmask(int how, const sigset_t *set, NULL)`: `how` is `SIG_BLOCK`, `SIG_UNBLOCK` or
/// `SIG_SETMASK`.
///
/// Errors and source: POSIX.1-2024 `sigprocmask()`, for a process with one thread.
pub fn sigprocmask(how: i32, signals: &[i32]) -> Result<()> {
    let set = set_of(signals)?;
    // SAFETY: the pointer is to a whole `sigset_t`.
    int(unsafe { libc::sigprocmask(how, &raw const set, std::ptr::null_mut()) }).map(drop)
}

/// `int sigprocmask(0, NULL, sigset_t *oldset)`: the mask.
pub fn mask() -> Result<libc::sigset_t> {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the call fills the set that it is given.
    int(unsafe { libc::sigprocmask(libc::SIG_BLOCK, std::ptr::null(), set.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, and so has filled it.
    Ok(unsafe { set.assume_init() })
}

/// `int sigprocmask(SIG_SETMASK, const sigset_t *set, NULL)` with what [`mask`] gave.
pub fn set_mask(set: &libc::sigset_t) -> Result<()> {
    // SAFETY: the pointer is to a whole `sigset_t`.
    int(unsafe { libc::sigprocmask(libc::SIG_SETMASK, set, std::ptr::null_mut()) }).map(drop)
}

/// `int sigpending(sigset_t *set)`: which of `asked` are pending.
///
/// Errors and source: POSIX.1-2024 `sigpending()`.
pub fn sigpending(asked: &[i32]) -> Result<Vec<i32>> {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `sigpending` fills the set that it is given.
    int(unsafe { libc::sigpending(set.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, and so has filled it.
    let set = unsafe { set.assume_init() };
    // SAFETY: `sigismember` only looks at an initialised set.
    let pending = |signal: &i32| unsafe { libc::sigismember(&raw const set, *signal) } == 1;
    Ok(asked.iter().copied().filter(pending).collect())
}

/// A function that handles a signal: its number, what is told along with it, and the context.
pub type Handler = extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void);

/// `int sigaction(int sig, const struct sigaction *act, NULL)` with a handler that is told about the
/// signal (`SA_SIGINFO` is added to the flags), and with the signals that it blocks besides its own.
///
/// Errors and source: POSIX.1-2024 `sigaction()`.
///
/// # Safety
///
/// The handler is called between any two instructions: it does nothing but what is
/// async-signal-safe, and leaves `errno` alone.
pub unsafe fn catch(signal: i32, handler: Handler, flags: i32, mask: &[i32]) -> Result<()> {
    // SAFETY: all zeros is a valid `sigaction`: no flags, an empty mask, `SIG_DFL`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as *const () as libc::sighandler_t;
    action.sa_flags = flags | libc::SA_SIGINFO;
    action.sa_mask = set_of(mask)?;
    // SAFETY: the pointer is to a whole `sigaction`, and the caller answers for the handler.
    int(unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) }).map(drop)
}

/// `int raise(int sig)`.
///
/// Errors and source: POSIX.1-2024 `raise()`.
pub fn raise(signal: i32) -> Result<()> {
    // SAFETY: takes a number and no memory.
    int(unsafe { libc::raise(signal) }).map(drop)
}

/// `int sigqueue(pid_t pid, int signo, const union sigval value)` with the value's `sival_int`.
///
/// Errors and source: POSIX.1-2024 `sigqueue()`.
pub fn sigqueue(pid: libc::pid_t, signal: i32, value: i32) -> Result<()> {
    // The integer lies where the pointer begins.
    let mut bytes = [0; size_of::<usize>()];
    bytes[..size_of::<i32>()].copy_from_slice(&value.to_ne_bytes());
    let sival_ptr = std::ptr::without_provenance_mut(usize::from_ne_bytes(bytes));
    // SAFETY: takes numbers; the pointer is looked at by nobody.
    int(unsafe { libc::sigqueue(pid, signal, libc::sigval { sival_ptr }) }).map(drop)
}

/// `int setrlimit(RLIMIT_SIGPENDING, const struct rlimit *rlim)`: the soft limit on what may be pending for
/// all processes of the user, the hard one where that is less.
///
/// Errors and source: `setrlimit(2)` of Linux man-pages 6.9; POSIX does not have this limit.
pub fn limit_pending(soft: libc::rlim_t) -> Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a whole structure, which the call fills.
    int(unsafe { libc::getrlimit(libc::RLIMIT_SIGPENDING, &raw mut limit) })?;
    limit.rlim_cur = soft.min(limit.rlim_max);
    // SAFETY: the pointer is to a whole structure.
    int(unsafe { libc::setrlimit(libc::RLIMIT_SIGPENDING, &raw const limit) }).map(drop)
}

/// How large [`alternate_stack`] is, in bytes: more than `sysconf(_SC_SIGSTKSZ)` asks for on x86-64, and on
/// others without very long vectors.
pub const STACK_SIZE: usize = 128 << 10;

/// Memory that the system writes to, and nobody else.
struct Reserved(std::cell::UnsafeCell<[u8; STACK_SIZE]>);

// SAFETY: nobody makes a reference to what is in it.
unsafe impl Sync for Reserved {}

static STACK: Reserved = Reserved(std::cell::UnsafeCell::new([0; STACK_SIZE]));

/// Where the one alternate stack of a process lies, whether it is in use or not.
pub fn alternate_stack() -> std::ops::Range<usize> {
    let start = STACK.0.get() as usize;
    start..start + STACK_SIZE
}

/// `int sigaltstack(const stack_t *ss, NULL)` with [`alternate_stack`], of which `size` bytes are named.
///
/// Errors and source: POSIX.1-2024 `sigaltstack()`; for a process with one thread.
pub fn sigaltstack(flags: i32, size: usize) -> Result<()> {
    let stack = libc::stack_t {
        ss_sp: STACK.0.get().cast(),
        ss_flags: flags,
        ss_size: size.min(STACK_SIZE),
    };
    // SAFETY: the pointer is to a whole structure; the stack that it names is there for as long as the
    // process is, and used for nothing else.
    int(unsafe { libc::sigaltstack(&raw const stack, std::ptr::null_mut()) }).map(drop)
}

/// `int sigaltstack(NULL, stack_t *oss)`: `ss_flags`.
///
/// Errors and source: POSIX.1-2024 `sigaltstack()`.
pub fn stack_flags() -> Result<i32> {
    let mut stack = MaybeUninit::<libc::stack_t>::uninit();
    // SAFETY: the call fills the structure that it is given.
    int(unsafe { libc::sigaltstack(std::ptr::null(), stack.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, and so has filled it.
    Ok(unsafe { stack.assume_init() }.ss_flags)
}

/// What is told along with a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Info {
    /// The signal's number.
    pub signal: i32,
    /// `si_code`.
    pub code: i32,
    /// `si_pid`; 0 where a timer sent it.
    pub pid: libc::pid_t,
    /// `si_value`'s `sival_int` where the code is `SI_QUEUE` or `SI_TIMER`; `si_status` where a child's end sent it;
    /// else 0.
    pub value: i32,
}

impl Info {
    /// Reads what a system has filled for a signal that was sent by a process.
    ///
    /// # Safety
    ///
    /// A system has filled it: for a handler, or for who waited.
    pub unsafe fn of(info: &libc::siginfo_t) -> Info {
        // SAFETY: whoever sends a signal is told of in every kind of `siginfo_t` that is sent here.
        let pid = unsafe { info.si_pid() };
        // A timer has its number there.
        let pid = if info.si_code == libc::SI_TIMER { 0 } else { pid };
        // SAFETY: it lies within the structure; where nothing was sent along, it is not used.
        let sent = unsafe { info.si_value() }.sival_ptr.addr().to_ne_bytes();
        let value = match info.si_code {
            libc::SI_QUEUE | libc::SI_TIMER => {
                i32::from_ne_bytes([sent[0], sent[1], sent[2], sent[3]])
            }
            // SAFETY: the end of a child sent it, so it is there.
            code if info.si_signo == libc::SIGCHLD && code > 0 => unsafe { info.si_status() },
            _ => 0,
        };
        Info { signal: info.si_signo, code: info.si_code, pid, value }
    }
}

/// `int sigwait(const sigset_t *set, int *sig)`: the signal that was taken.
///
/// Errors and source: POSIX.1-2024 `sigwait()`, which gives its error as its value.
pub fn sigwait(signals: &[i32]) -> Result<i32> {
    let set = set_of(signals)?;
    let mut signal = 0;
    // SAFETY: the set is a whole one, and the call writes one `int`.
    match unsafe { libc::sigwait(&raw const set, &raw mut signal) } {
        0 => Ok(signal),
        error => Err(Errno(error)),
    }
}

/// `int sigwaitinfo(const sigset_t *set, siginfo_t *info)`.
///
/// Errors and source: POSIX.1-2024 `sigwaitinfo()`.
pub fn sigwaitinfo(signals: &[i32]) -> Result<Info> {
    let set = set_of(signals)?;
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    // SAFETY: the set is a whole one, and the call fills the structure.
    int(unsafe { libc::sigwaitinfo(&raw const set, info.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, and so has filled it.
    let info = unsafe { info.assume_init() };
    // SAFETY: as above.
    Ok(unsafe { Info::of(&info) })
}

/// `int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)`; without
/// a timeout the pointer is null.
///
/// Errors and source: POSIX.1-2024 `sigtimedwait()`.
pub fn sigtimedwait(signals: &[i32], timeout: Option<Duration>) -> Result<Info> {
    let set = set_of(signals)?;
    let time = timeout.map(|time| libc::timespec {
        tv_sec: time.as_secs() as libc::time_t,
        tv_nsec: time.subsec_nanos().into(),
    });
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    // SAFETY: set and time are whole ones or null, and the call fills the structure.
    int(unsafe { libc::sigtimedwait(&raw const set, info.as_mut_ptr(), time) })?;
    // SAFETY: the call succeeded, and so has filled it.
    let info = unsafe { info.assume_init() };
    // SAFETY: as above.
    Ok(unsafe { Info::of(&info) })
}

/// `int sigsuspend(const sigset_t *sigmask)`, which never succeeds.
///
/// Errors and source: POSIX.1-2024 `sigsuspend()`.
pub fn sigsuspend(mask: &[i32]) -> Result<()> {
    let set = set_of(mask)?;
    // SAFETY: the pointer is to a whole `sigset_t`.
    int(unsafe { libc::sigsuspend(&raw const set) }).map(drop)
}

/// `int pause(void)`, which never succeeds.
///
/// Errors and source: POSIX.1-2024 `pause()`.
pub fn pause() -> Result<()> {
    // SAFETY: takes nothing.
    int(unsafe { libc::pause() }).map(drop)
}

/// A set of signals, for the calls that take a mask.
pub(crate) fn set_of(signals: &[i32]) -> Result<libc::sigset_t> {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `sigemptyset` initialises the set that it is given.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: initialised by `sigemptyset`, which fails for no set.
    let mut set = unsafe { set.assume_init() };
    for signal in signals {
        // SAFETY: the set is initialised.
        int(unsafe { libc::sigaddset(&raw mut set, *signal) })?;
    }
    Ok(set)
}
