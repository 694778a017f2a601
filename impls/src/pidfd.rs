//! Processes on descriptors; not in POSIX. Processes and signals are plain numbers.

use std::mem::MaybeUninit;
use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int};
use crate::process::Status;

/// `int pidfd_open(pid_t pid, unsigned int flags)`: `flags` are `PIDFD_*` bits.
///
/// Errors and source: `pidfd_open(2)` of Linux man-pages 6.9; not in POSIX.
pub fn pidfd_open(pid: libc::pid_t, flags: u32) -> Result<RawFd> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) } as i32)
}

/// `int pidfd_send_signal(int pidfd, int sig, NULL, 0)`.
///
/// Errors and source: `pidfd_send_signal(2)` of Linux man-pages 6.9; not in POSIX.
pub fn pidfd_send_signal(pidfd: RawFd, signal: i32) -> Result<()> {
    let no_info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: takes numbers, and a null pointer is allowed.
    let done = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd, signal, no_info, 0) };
    int(done as i32).map(drop)
}

/// `int waitid(P_PIDFD, id_t fd, siginfo_t *info, WEXITED)`: who has ended, by its number, and how. Without
/// other options only an end is told, so `None` is what no system should answer.
///
/// Errors and source: `waitid(2)` of Linux man-pages 6.9; POSIX has no `P_PIDFD`.
pub fn waitid(pidfd: RawFd) -> Result<Option<(libc::pid_t, Status)>> {
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    // SAFETY: the call fills the structure.
    int(unsafe { libc::waitid(libc::P_PIDFD, pidfd as u32, info.as_mut_ptr(), libc::WEXITED) })?;
    // SAFETY: all zeros is a valid one, and the call has filled it.
    let info = unsafe { info.assume_init() };
    // SAFETY: what tells of a child has it, and zeros are a number as well.
    let pid = unsafe { info.si_pid() };
    // SAFETY: as above.
    let status = unsafe { info.si_status() };
    Ok(match info.si_code {
        libc::CLD_EXITED => Some((pid, Status::Exited(status as u8))),
        libc::CLD_KILLED | libc::CLD_DUMPED => Some((pid, Status::Signaled(status))),
        _ => None,
    })
}

/// `int pidfd_getfd(int pidfd, int targetfd, unsigned int flags)`: `flags` must be 0.
///
/// Errors and source: `pidfd_getfd(2)` of Linux man-pages 6.9; not in POSIX.
pub fn pidfd_getfd(pidfd: RawFd, target: RawFd, flags: u32) -> Result<RawFd> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::syscall(libc::SYS_pidfd_getfd, pidfd, target, flags) } as i32)
}

/// The number of the process, as `ioctl(pidfd, PIDFD_GET_INFO)` tells it, if this system has that and the
/// process was not waited for.
///
/// Source: `include/uapi/linux/pidfd.h` of Linux 6.13.
pub fn pid(pidfd: RawFd) -> Option<libc::pid_t> {
    /// `struct pidfd_info` in its first version.
    #[repr(C)]
    struct Info {
        mask: u64,
        cgroupid: u64,
        pid: u32,
        tgid: u32,
        ppid: u32,
        ids: [u32; 8],
        spare: u32,
    }
    const _: () = assert!(size_of::<Info>() == 64);
    // `_IOWR(0xFF, 11, struct pidfd_info)`.
    const GET_INFO: u32 = 3 << 30 | 64 << 16 | 0xff << 8 | 11;
    let mut info = Info { mask: 1, cgroupid: 0, pid: 0, tgid: 0, ppid: 0, ids: [0; 8], spare: 0 };
    // SAFETY: the pointer is to as many bytes as the number of the request says.
    let done = unsafe { libc::ioctl(pidfd, GET_INFO as _, &raw mut info) };
    (done == 0).then_some(info.tgid as libc::pid_t)
}
