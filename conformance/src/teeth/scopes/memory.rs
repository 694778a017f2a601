//! Small worlds of files of memory.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

pub(super) static MEMORY: &[Scope] = &[
    Scope {
        name: "memory-reopened",
        text: "A file of memory that is opened once more, moved to and from as it may and may not be.",
        numbers: Numbers { nofile: 2, ..TINY },
        processes: 1,
        start: &["A: shm_open /x O_RDWR O_CREAT 600"],
        calls: &[
            "A: reopen 0,1 O_RDONLY,O_WRONLY,O_RDWR 0,O_TRUNC,O_PATH",
            "A: read 1 0,1",
            "A: readv 1 1+1",
            "A: pread 1 1 0,9223372036854775807",
            "A: write 1 0,1",
            "A: writev 1 1+1",
            "A: pwrite 1 1 0,9223372036854775807",
            "A: lseek 1 9223372036854775807 SEEK_SET",
            "A: ftruncate 1 0,1",
            "A: fcntl 1 F_GETPIPE_SZ",
            "A: fcntl 1 F_SETPIPE_SZ 4",
            "A: setuid nobody",
            "A: close 1",
        ],
        bytes: 2,
        ..PLAIN
    },
    Scope {
        name: "memory-and-sleepers",
        text: "Everything that is done to memory, while one sleeps in a read and one waits for news.",
        numbers: Numbers { nofile: 4, ..TINY },
        processes: 3,
        start: &["A: pipe", "A: shm_open /x O_RDWR O_CREAT 600", "A: fork", "A: fork"],
        calls: &[
            "A: memfd_create x 0",
            "A: shm_open /x O_RDWR O_CREAT,O_TRUNC 600",
            "A: shm_unlink /x",
            "A: reopen 2 O_RDWR 0",
            "A: read 2 1",
            "A: write 2 1",
            "A: lseek 2 0 SEEK_SET",
            "A: ftruncate 2 0,1",
            "A: close 3",
            "B: read 0 1",
            "C: poll 0:POLLIN -1",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "memory-in-lists",
        text: "An interest list, and memory that cannot be in it beside a counter that can.",
        numbers: Numbers { nofile: 3, ..TINY },
        processes: 1,
        start: &["A: memfd_create x 0", "A: eventfd 1 0", "A: epoll_create1 0"],
        calls: &[
            "A: epoll_ctl 2 EPOLL_CTL_ADD 0,1 EPOLLIN",
            "A: epoll_ctl 2 EPOLL_CTL_MOD 0,1 EPOLLIN|EPOLLET",
            "A: epoll_ctl 2 EPOLL_CTL_DEL 0,1",
            "A: epoll_wait 2 1 0",
            "A: close 0,1",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "memory-sealed",
        text: "Memory that is sealed step by step, what its seals keep off, and what has none.",
        numbers: Numbers { nofile: 2, ..TINY },
        processes: 1,
        start: &["A: memfd_create x MFD_ALLOW_SEALING", "A: ftruncate 0 2"],
        calls: &[
            "A: fcntl 0,1 F_ADD_SEALS F_SEAL_SEAL,F_SEAL_SHRINK,F_SEAL_GROW,F_SEAL_WRITE",
            "A: fcntl 0,1 F_GET_SEALS",
            "A: reopen 0 O_RDONLY,O_RDWR O_TRUNC,O_TRUNC|O_PATH",
            "A: eventfd 0 0",
            "A: ftruncate 0,1 -1,0,3",
            "A: write 0 1",
            "A: pwrite 0,1 0,1 1",
            "A: close 1",
        ],
        bytes: 3,
        pipes: 2,
        ..PLAIN
    },
    Scope {
        name: "memory-executed",
        text: "Memory that can be executed, or never can be, and the seals that keep it so.",
        numbers: Numbers { nofile: 2, ..TINY },
        processes: 1,
        start: &[],
        calls: &[
            "A: memfd_create x MFD_ALLOW_SEALING,MFD_EXEC|MFD_ALLOW_SEALING,MFD_NOEXEC_SEAL,MFD_EXEC|MFD_NOEXEC_SEAL",
            "A: fcntl 0 F_ADD_SEALS F_SEAL_EXEC,F_SEAL_SEAL",
            "A: fcntl 0 F_GET_SEALS",
            "A: ftruncate 0 0,1",
            "A: write 0 1",
            "A: mmap 0 2 PROT_READ|PROT_WRITE MAP_SHARED 0 0",
        ],
        bytes: 2,
        pipes: 2,
        ..PLAIN
    },
    Scope {
        name: "memory-sealed-and-mapped",
        text: "Memory that is mapped as its seals let it, and sealed as its mappings let it.",
        numbers: Numbers { nofile: 2, ..TINY },
        processes: 1,
        start: &[
            "A: memfd_create x MFD_ALLOW_SEALING",
            "A: ftruncate 0 2",
            "A: reopen 0 O_RDONLY 0",
        ],
        calls: &[
            "A: fcntl 0,1 F_ADD_SEALS F_SEAL_SEAL,F_SEAL_WRITE,F_SEAL_FUTURE_WRITE",
            "A: mmap 0,1,31 0,2 PROT_READ|PROT_WRITE MAP_SHARED,MAP_PRIVATE,0 0,1 0",
            "A: mmap 0 2 PROT_READ MAP_SHARED 0,1 0",
            "A: mmap 0 2 PROT_READ|PROT_WRITE MAP_SHARED 0 1,9223372036854775806",
            "A: mprotect 0 2 PROT_READ,PROT_READ|PROT_WRITE",
            "A: munmap 0 2",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "seals-and-sleepers",
        text: "Memory that one writes to and another seals, while a third sleeps in a read.",
        numbers: Numbers { nofile: 3, ..TINY },
        processes: 3,
        start: &[
            "A: pipe",
            "A: memfd_create x MFD_ALLOW_SEALING",
            "A: ftruncate 2 2",
            "A: fork",
            "A: fork",
        ],
        calls: &[
            "A: pwrite 2 2 0",
            "B: fcntl 2 F_ADD_SEALS F_SEAL_SEAL,F_SEAL_WRITE,F_SEAL_EXEC",
            "B: ftruncate 2 1",
            "B: pread 2 2 0",
            "C: read 0 1",
        ],
        bytes: 4,
        ..PLAIN
    },
];
