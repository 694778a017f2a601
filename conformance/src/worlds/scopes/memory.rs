//! Files of memory, and the names of shared memory.

use ipc_model::profile::Numbers;

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const MEMORY: Scope = Scope {
    name: "memory",
    text: "A file of memory between two processes that share one description, and have one of their own.",
    numbers: Numbers { nofile: 2, ..TINY },
    start: &[
        "A: shm_open /x O_RDWR O_CREAT 600",
        "A: shm_open /x O_RDWR 0 600",
        "A: shm_unlink /x",
        "A: fork",
    ],
    calls: &[
        "A: write 0 2",
        "A: pwrite 1 1 1",
        "A: ftruncate 0 0,1",
        "A: lseek 0 0 SEEK_SET",
        "B: read 0 2",
        "B: pread 1 2 0",
        "B: write 0 2",
        "B: lseek 0 -1 SEEK_CUR",
        "B: _exit 0",
    ],
    bytes: 4,
    sometimes: &[&TORN, &WHOLE_AGAIN, &WAITED_FOR_ITS_TURN, &CUT_UNDER_A_READ],
    states: 14_911,
    transitions: 36_950,
    ..PLAIN
};

pub(super) const ONE_MEMORY: Scope = Scope {
    name: "one-memory",
    text: "One process and one descriptor, of memory, of a counter or of nothing.",
    processes: 1,
    numbers: Numbers { nofile: 1, ..TINY },
    start: &[],
    calls: &[
        "A: memfd_create x 0,O_APPEND",
        "A: shm_open /x O_RDONLY O_CREAT 600",
        "A: eventfd 1 0",
        "A: read 0 1,2",
        "A: write 0 1",
        "A: pread 0 0,1 -1,0,9223372036854775807",
        "A: pwrite 0 1 -1,0",
        "A: ftruncate 0 -1,0,2",
        "A: lseek 0 -1,0 SEEK_SET",
        "A: fstat 0 st_size",
        "A: ioctl 0 FIONREAD",
        "A: fcntl 0 F_SETFL 0,O_DIRECT",
        "A: fcntl 0 F_GETPIPE_SZ",
        "A: close 0",
    ],
    bytes: 3,
    states: 2_804,
    transitions: 4_798,
    ..PLAIN
};

pub(super) const SHARED_NAMES: Scope = Scope {
    name: "shared-names",
    text: "Names of shared memory that are made, opened, cut and removed by who may and who may not.",
    numbers: Numbers { nofile: 1, ..TINY },
    start: &["A: fork"],
    calls: &[
        "*: shm_open /x,/ O_RDWR O_CREAT,O_CREAT|O_EXCL 600",
        "*: shm_open /x O_RDWR 0,O_TRUNC 600",
        "A: shm_open /x O_RDONLY 0 600",
        "A: memfd_create x 0,O_APPEND",
        "*: shm_unlink /x",
        "A: pwrite 0 1 0",
        "*: fstat 0 st_size",
        "*: close 0",
        "B: setuid nobody",
    ],
    bytes: 1,
    sometimes: &[&GENERATION_OF_MEMORY],
    states: 36_322,
    transitions: 153_512,
    ..PLAIN
};

pub(super) const SEALED: Scope = Scope {
    name: "sealed-memory",
    text: "Memory that is sealed, and what is refused for that, with a list that does not take it.",
    processes: 1,
    numbers: Numbers { nofile: 2, ..TINY },
    start: &["A: memfd_create x MFD_EXEC|MFD_ALLOW_SEALING", "A: write 0 1", "A: epoll_create1 0"],
    calls: &[
        "A: memfd_create x MFD_EXEC|MFD_NOEXEC_SEAL",
        "A: fcntl 0,1 F_ADD_SEALS F_SEAL_WRITE,F_SEAL_EXEC",
        "A: mmap 0 2 PROT_READ|PROT_WRITE MAP_SHARED 0 0",
        "A: epoll_ctl 1 EPOLL_CTL_ADD 0 EPOLLIN",
        "A: reopen 0 O_RDWR O_TRUNC",
        "A: fchmod 0 600",
        "A: write 0 1",
        "A: ftruncate 0 0",
        "A: setuid nobody",
        "A: close 1",
    ],
    bytes: 2,
    states: 5_020,
    transitions: 9_301,
    ..PLAIN
};
