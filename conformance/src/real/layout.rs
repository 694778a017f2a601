//! Which descriptor is where in a zygote and in its agents. Programs cannot reach any of these: an
//! agent's soft `RLIMIT_NOFILE` is far below, and a descriptor that is open already stays usable.

use std::os::fd::RawFd;

/// How many rings there are.
const RINGS: RawFd = ipc_model::ring::COUNT as RawFd;
/// How many portable mutexes there are.
const PORTABLES: RawFd = ipc_model::mutex::PORTABLE as RawFd;
/// The lowest descriptor of the harness's own in an agent, beside 0, 1 and 2 (`/dev/null`).
pub const HARNESS_FD_BASE: RawFd = 900;
/// The memory of the board.
pub const BOARD_FD: RawFd = HARNESS_FD_BASE;
/// The image that agents become by `exec`.
pub const IMAGE_FD: RawFd = HARNESS_FD_BASE + 1;
/// The first of the rings that programs share; the others are behind it.
pub const RING_FD: RawFd = HARNESS_FD_BASE + 2;
/// The first of the portable mutexes that programs share; the others are behind it.
pub const PORTABLE_FD: RawFd = RING_FD + RINGS;
/// The first number for descriptors that an agent has for its sides of rings, one each, and its handles
/// of portable mutexes, two each, and some more while it takes one.
pub const SIDE_FD: RawFd = PORTABLE_FD + PORTABLES;
/// The first number above those that agents have.
pub const HARNESS_FD_END: RawFd = SIDE_FD + 2 * RINGS + 2 * PORTABLES + 4;
/// The zygote's link to the controller; agents do not have it.
pub const LINK_FD: RawFd = HARNESS_FD_END;
/// The most descriptors that a program's actor may have if the program does not say.
pub const DEFAULT_NOFILE: u32 = crate::program::Program::NOFILE;
/// The most bytes that one call can move.
pub const DATA_MAX: usize = crate::text::MAX_BYTES as usize;
/// A process id that no process has (`PID_MAX_LIMIT` of Linux is 2²²): stands for an actor that was
/// never born, since 0 and -1 would mean whole groups.
pub const NOBODY: i32 = i32::MAX;
/// The first descriptor of a program.
pub const FIRST_FD: RawFd = 3;
