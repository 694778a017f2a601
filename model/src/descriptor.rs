//! Descriptors and open file descriptions: the table, `dup`, flags, and the calls that every object
//! answers (`read`, `write`, `close`, `fstat`, `lseek`).

mod act;
mod rules;
mod terms;

pub use self::act::LOWEST;
pub use self::rules::not_open;
pub use self::terms::{
    A_FREE_ONE, DONE, FOREIGN_STATUS, FREE_FDS, IS_OPEN, LEFT, LEN, MAY_NOT_WAIT, MAY_WAIT,
    NONBLOCK, NONE_FREE, NOT_OPEN, OPEN, READS, SLEPT, WRITES,
};
use crate::clause::Clause;
use crate::operation::{Gives, Operation, Param};
use crate::pipe::{FSTAT_ATIME, FSTAT_MTIME};

/// The flags that a descriptor itself can carry.
pub const FD_FLAGS: &[&str] = &["FD_CLOEXEC"];
/// The status flags and access modes that `F_GETFL` tells of. `O_RDONLY` is no bit: it is the
/// absence of the two others.
pub const STATUS_FLAGS: &[&str] = &["O_WRONLY", "O_RDWR", "O_NONBLOCK", "O_DIRECT", "O_PATH"];
/// The status flags that `F_SETFL` can change here.
pub const SETTABLE_FLAGS: &[&str] = &["O_NONBLOCK", "O_DIRECT"];
/// The file types that `fstat` tells apart; `0` is none of them.
pub const FILE_TYPES: &[&str] =
    &["S_IFIFO", "S_IFREG", "S_IFDIR", "S_IFCHR", "S_IFBLK", "S_IFSOCK", "0"];
/// Where `lseek` counts from.
pub const WHENCE: &[&str] = &["SEEK_SET", "SEEK_CUR", "SEEK_END"];

/// `ssize_t read(int fildes, void *buf, size_t nbyte)`.
pub static READ: Operation = Operation {
    name: "read",
    params: &[Param::Fd, Param::Receive],
    gives: Gives::Data,
    c: "read(%0, buf, %1)",
};

/// `ssize_t readv(int fildes, const struct iovec *iov, int iovcnt)`.
pub static READV: Operation = Operation {
    name: "readv",
    params: &[Param::Fd, Param::ReceiveVector],
    gives: Gives::Data,
    c: "readv(%0, %1)",
};

/// `ssize_t write(int fildes, const void *buf, size_t nbyte)`.
pub static WRITE: Operation = Operation {
    name: "write",
    params: &[Param::Fd, Param::Send],
    gives: Gives::Sent,
    c: "write(%0, buf, %1)",
};

/// `ssize_t writev(int fildes, const struct iovec *iov, int iovcnt)`.
pub static WRITEV: Operation = Operation {
    name: "writev",
    params: &[Param::Fd, Param::SendVector],
    gives: Gives::Sent,
    c: "writev(%0, %1)",
};

/// `int close(int fildes)`.
pub static CLOSE: Operation =
    Operation { name: "close", params: &[Param::Fd], gives: Gives::Nothing, c: "close(%0)" };

/// `int dup(int fildes)`.
pub static DUP: Operation =
    Operation { name: "dup", params: &[Param::Fd], gives: Gives::Fd, c: "dup(%0)" };

/// `int dup2(int fildes, int fildes2)`.
pub static DUP2: Operation = Operation {
    name: "dup2",
    params: &[Param::Fd, Param::TargetFd],
    gives: Gives::TargetFd,
    c: "dup2(%0, %1)",
};

/// `int dup3(int fildes, int fildes2, int flag)`.
pub static DUP3: Operation = Operation {
    name: "dup3",
    params: &[Param::Fd, Param::TargetFd, Param::Flags(&["O_CLOEXEC"])],
    gives: Gives::TargetFd,
    c: "dup3(%0, %1, %2)",
};

/// `int fcntl(int fildes, F_GETFL)`.
pub static GETFL: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_GETFL")],
    gives: Gives::Flags(STATUS_FLAGS),
    c: "fcntl(%0, F_GETFL)",
};

/// `int fcntl(int fildes, F_SETFL, int flags)`.
pub static SETFL: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_SETFL"), Param::Flags(SETTABLE_FLAGS)],
    gives: Gives::Nothing,
    c: "fcntl(%0, F_SETFL, %2)",
};

/// `int fcntl(int fildes, F_GETFD)`.
pub static GETFD: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_GETFD")],
    gives: Gives::Flags(FD_FLAGS),
    c: "fcntl(%0, F_GETFD)",
};

/// `int fcntl(int fildes, F_SETFD, int flags)`.
pub static SETFD: Operation = Operation {
    name: "fcntl",
    params: &[Param::Fd, Param::Command("F_SETFD"), Param::Flags(FD_FLAGS)],
    gives: Gives::Nothing,
    c: "fcntl(%0, F_SETFD, %2)",
};

/// `int fstat(int fildes, struct stat *buf)`, of which the file type is told.
pub static FSTAT: Operation = Operation {
    name: "fstat",
    params: &[Param::Fd],
    gives: Gives::Word(FILE_TYPES),
    c: "fstat(%0, &st)",
};

/// `int fstat(int fildes, struct stat *buf)`, of which the size is told.
pub static FSTAT_SIZE: Operation = Operation {
    name: "fstat",
    params: &[Param::Fd, Param::Command("st_size")],
    gives: Gives::Number,
    c: "fstat(%0, &st), st.st_size",
};

/// `off_t lseek(int fildes, off_t offset, int whence)`.
pub static LSEEK: Operation = Operation {
    name: "lseek",
    params: &[Param::Fd, Param::Number, Param::Word(WHENCE)],
    gives: Gives::Number,
    c: "lseek(%0, %1, %2)",
};

/// `ssize_t pread(int fildes, void *buf, size_t nbyte, off_t offset)`.
pub static PREAD: Operation = Operation {
    name: "pread",
    params: &[Param::Fd, Param::Receive, Param::Number],
    gives: Gives::Data,
    c: "pread(%0, buf, %1, %2)",
};

/// `ssize_t pwrite(int fildes, const void *buf, size_t nbyte, off_t offset)`.
pub static PWRITE: Operation = Operation {
    name: "pwrite",
    params: &[Param::Fd, Param::Send, Param::Number],
    gives: Gives::Sent,
    c: "pwrite(%0, buf, %1, %2)",
};

/// `int ftruncate(int fildes, off_t length)`.
pub static FTRUNCATE: Operation = Operation {
    name: "ftruncate",
    params: &[Param::Fd, Param::Number],
    gives: Gives::Nothing,
    c: "ftruncate(%0, %1)",
};

/// `int ioctl(int fd, FIONREAD, int *n)`: how many bytes are stored.
pub static FIONREAD: Operation = Operation {
    name: "ioctl",
    params: &[Param::Fd, Param::Command("FIONREAD")],
    gives: Gives::Number,
    c: "ioctl(%0, FIONREAD, &n)",
};

/// What programs can call here.
pub static OPERATIONS: &[&Operation] = &[
    &READ,
    &READV,
    &WRITE,
    &WRITEV,
    &CLOSE,
    &DUP,
    &DUP2,
    &DUP3,
    &GETFL,
    &SETFL,
    &GETFD,
    &SETFD,
    &FSTAT_SIZE,
    &FSTAT,
    &LSEEK,
    &PREAD,
    &PWRITE,
    &FTRUNCATE,
    &FIONREAD,
];

/// The clauses, in the order of the page.
pub static CLAUSES: &[&[Clause]] = &[rules::CLAUSES, crate::anonymous::CLAUSES];

/// Whether a call takes descriptors that stand for a name as well (Linux open(2), `O_PATH`).
pub fn is_for_names(operation: &'static Operation) -> bool {
    [
        &CLOSE,
        &DUP,
        &DUP2,
        &DUP3,
        &GETFL,
        &GETFD,
        &SETFD,
        &FSTAT,
        &FSTAT_SIZE,
        &FSTAT_ATIME,
        &FSTAT_MTIME,
        &crate::fifo::REOPEN,
    ]
    .contains(&operation)
}
