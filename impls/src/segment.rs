//! System V shared memory.

use nix::libc;

use crate::errno::{Errno, Result, int};

/// What `shmctl(IPC_STAT)` tells of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Status {
    /// How often it is attached.
    pub attaches: u64,
    /// How many bytes it has.
    pub size: u64,
    /// Its permission bits, and what else is in its mode.
    pub mode: u32,
}

/// `int shmget(key_t key, size_t size, int shmflg)`.
///
/// Errors and source: POSIX.1-2024 `shmget()`.
pub fn shmget(key: i32, size: usize, flags: i32) -> Result<i32> {
    // SAFETY: takes numbers and no memory.
    int(unsafe { libc::shmget(key, size, flags) })
}

/// `void *shmat(int shmid, const void *shmaddr, int shmflg)`, the address.
///
/// Errors and source: POSIX.1-2024 `shmat()`; `SHM_REMAP`: `shmat(2)` of Linux man-pages 6.9.
///
/// # Safety
///
/// Nothing that anybody relies on lies where the segment is to be, whole pages.
pub unsafe fn shmat(id: i32, addr: usize, flags: i32) -> Result<usize> {
    // SAFETY: the caller has nothing there.
    let at = unsafe { libc::shmat(id, addr as *const libc::c_void, flags) } as usize;
    if at == usize::MAX { Err(Errno::last()) } else { Ok(at) }
}

/// `int shmdt(const void *shmaddr)`.
///
/// Errors and source: POSIX.1-2024 `shmdt()`.
///
/// # Safety
///
/// Nobody relies on what is attached there.
pub unsafe fn shmdt(addr: usize) -> Result<()> {
    // SAFETY: the caller needs nothing of what is there.
    int(unsafe { libc::shmdt(addr as *const libc::c_void) }).map(drop)
}

/// `int shmctl(int shmid, IPC_RMID, NULL)`.
///
/// Errors and source: POSIX.1-2024 `shmctl()`.
pub fn remove(id: i32) -> Result<()> {
    // SAFETY: the third argument is not looked at.
    int(unsafe { libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut()) }).map(drop)
}

/// `int shmctl(int shmid, IPC_STAT, struct shmid_ds *buf)`.
///
/// Errors and source: POSIX.1-2024 `shmctl()`.
pub fn status(id: i32) -> Result<Status> {
    let all = raw_status(id)?;
    let mode = u32::from(all.shm_perm.mode);
    Ok(Status { attaches: all.shm_nattch, size: all.shm_segsz as u64, mode })
}

/// `int shmctl(int shmid, IPC_SET, struct shmid_ds *buf)`: the bits. Who owns it stays, for who may not
/// ask that is refused.
///
/// Errors and source: POSIX.1-2024 `shmctl()`.
pub fn set_mode(id: i32, mode: u32) -> Result<()> {
    // SAFETY: all zeros is a valid `shmid_ds`, which is made of numbers.
    let none: libc::shmid_ds = unsafe { std::mem::zeroed() };
    let mut all = raw_status(id).unwrap_or(none);
    all.shm_perm.mode = mode as _;
    // SAFETY: the structure is only read.
    int(unsafe { libc::shmctl(id, libc::IPC_SET, &raw mut all) }).map(drop)
}

/// The identifiers of all segments that there are (Linux `shmctl(2)`, `SHM_STAT`).
pub fn all() -> Vec<i32> {
    /// `SHM_STAT` and `SHM_INFO`, by number: which arguments they take is not in every C library's
    /// headers.
    const SHM_STAT: i32 = 13;
    const SHM_INFO: i32 = 14;
    // SAFETY: all zeros is a valid `shmid_ds`, which is larger than a `shm_info`.
    let mut any: libc::shmid_ds = unsafe { std::mem::zeroed() };
    // SAFETY: as much is written as a `shm_info` has.
    let last = unsafe { libc::shmctl(0, SHM_INFO, &raw mut any) };
    // SAFETY: the structure is large enough and ours.
    let id = |index| unsafe { libc::shmctl(index, SHM_STAT, &raw mut any) };
    (0..=last).map(id).filter(|id| *id >= 0).collect()
}

fn raw_status(id: i32) -> Result<libc::shmid_ds> {
    // SAFETY: all zeros is a valid `shmid_ds`, which is made of numbers.
    let mut all: libc::shmid_ds = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is ours to be written.
    int(unsafe { libc::shmctl(id, libc::IPC_STAT, &raw mut all) })?;
    Ok(all)
}
