//! Processes: birth by `fork`, another program by `exec`, end by `_exit` or a signal, and what the
//! parent learns of it.

use crate::operation::{Gives, Operation, Param};

/// The signals that `kill` sends here.
pub const KILL_SIGNALS: &[&str] = &["SIGKILL"];

/// `pid_t fork(void)`: returns in the parent and, once more, in the child.
pub static FORK: Operation =
    Operation { name: "fork", params: &[], gives: Gives::Process, c: "fork()" };

/// `int execve(...)`: the process runs the same program anew; the program text goes on behind it.
pub static EXEC: Operation =
    Operation { name: "exec", params: &[], gives: Gives::Nothing, c: "execve(self)" };

/// `void _exit(int status)`.
pub static EXIT: Operation =
    Operation { name: "_exit", params: &[Param::Number], gives: Gives::Never, c: "_exit(%0)" };

/// `pid_t waitpid(pid_t pid, int *stat_loc, 0)`.
pub static WAITPID: Operation = Operation {
    name: "waitpid",
    params: &[Param::Process],
    gives: Gives::Status,
    c: "waitpid(%0, &status, 0)",
};

/// `int kill(pid_t pid, int sig)`.
pub static KILL: Operation = Operation {
    name: "kill",
    params: &[Param::Process, Param::Word(KILL_SIGNALS)],
    gives: Gives::Nothing,
    c: "kill(%0, %1)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[&FORK, &EXEC, &EXIT, &WAITPID, &KILL];
