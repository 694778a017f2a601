//! Pipes: bytes in order from those who can write to those who can read, and an end when nobody can.

use crate::operation::{Gives, Operation, Param};

/// The flags of `pipe2`; `O_APPEND` stands for one that it does not take.
pub const PIPE_FLAGS: &[&str] = &["O_CLOEXEC", "O_NONBLOCK", "O_CLOFORK", "O_APPEND"];

/// `int pipe(int fildes[2])`.
pub static PIPE: Operation =
    Operation { name: "pipe", params: &[], gives: Gives::Fds, c: "pipe(fds)" };

/// `int pipe2(int fildes[2], int flag)`.
pub static PIPE2: Operation = Operation {
    name: "pipe2",
    params: &[Param::Flags(PIPE_FLAGS)],
    gives: Gives::Fds,
    c: "pipe2(fds, %0)",
};

/// `int fcntl(int fd, F_GETPIPE_SZ)`: the capacity in bytes.
pub static GETPIPE_SZ: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_GETPIPE_SZ")],
    gives: Gives::Number,
    c: "fcntl(%0, F_GETPIPE_SZ)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[&PIPE, &PIPE2, &GETPIPE_SZ];
