//! Signals that are read; not in POSIX. Signals are plain numbers.

use std::os::fd::RawFd;

use nix::libc;

use crate::errno::{Result, int, size};
use crate::signal::{Info, set_of};

/// `int signalfd(int fd, const sigset_t *mask, int flags)`: a new one if `fd` is -1; `flags` are `SFD_*`
/// bits.
///
/// Errors and source: `signalfd(2)` of Linux man-pages 6.9; not in POSIX.
pub fn signalfd(fd: RawFd, signals: &[i32], flags: i32) -> Result<RawFd> {
    let set = set_of(signals)?;
    // SAFETY: the pointer is to a whole `sigset_t`.
    int(unsafe { libc::signalfd(fd, &raw const set, flags) })
}

/// `ssize_t read(int fd, struct signalfd_siginfo infos[], size_t n * sizeof *infos)`: what was taken.
///
/// Errors and source: `signalfd(2)` of Linux man-pages 6.9; not in POSIX.
pub fn signalfd_read(fd: RawFd, n: usize) -> Result<Vec<Info>> {
    // SAFETY: all zeros is a valid `signalfd_siginfo`, which is made of numbers.
    let mut infos: Vec<libc::signalfd_siginfo> = vec![unsafe { std::mem::zeroed() }; n];
    let room = size_of_val(infos.as_slice());
    // SAFETY: the pointer is to as many bytes as the call may fill.
    let filled = size(unsafe { libc::read(fd, infos.as_mut_ptr().cast(), room) })?;
    infos.truncate(filled / size_of::<libc::signalfd_siginfo>());
    Ok(infos.iter().map(told).collect())
}

fn told(info: &libc::signalfd_siginfo) -> Info {
    let signal = info.ssi_signo as i32;
    let value = match info.ssi_code {
        libc::SI_QUEUE | libc::SI_TIMER => info.ssi_int,
        code if signal == libc::SIGCHLD && code > 0 => info.ssi_status,
        _ => 0,
    };
    let pid = if info.ssi_code == libc::SI_TIMER { 0 } else { info.ssi_pid as libc::pid_t };
    Info { signal, code: info.ssi_code, pid, value }
}
