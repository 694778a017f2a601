//! Small worlds of regular files.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

pub(super) static FILES: &[Scope] = &[
    Scope {
        name: "files-made",
        text: "Files that are made, opened and cut by their names, by links, and where something else is.",
        numbers: Numbers { nofile: 1, name_max: 1, ..TINY },
        processes: 1,
        start: &["A: mkdir d 777", "A: mkdir c 755", "A: symlink x l", "A: mkfifo f 666"],
        calls: &[
            "A: open r,d,l,f,c/x O_RDONLY,O_WRONLY O_CREAT 0,O_EXCL 644",
            "A: open r O_RDWR O_CREAT O_TRUNC,O_NONBLOCK|O_CLOEXEC 600",
            "A: open f O_RDWR,O_WRONLY O_CREAT O_NONBLOCK 600",
            "A: open xy,n/x,r/x O_RDWR O_CREAT 0 600",
            "A: open r,x O_RDONLY,O_WRONLY,O_RDWR 0,O_TRUNC,O_PATH,O_DIRECTORY",
            "A: truncate r,x,f",
            "A: unlink r",
            "A: setuid nobody",
            "A: write 0 1",
            "A: fstat 0",
            "A: fstat 0 st_size",
            "A: close 0",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "files-nowhere",
        text: "Files on paths that are too long, go round, lead through a file, or where nobody may search.",
        numbers: Numbers { nofile: 1, name_max: 1, ..TINY },
        processes: 1,
        start: &[
            "A: mkdir k 700",
            "A: symlink q q",
            "A: open r O_RDWR O_CREAT 0 666",
            "A: close 0",
        ],
        calls: &[
            "A: open k/x,q/x,r/x,xy O_RDWR O_CREAT 0 600",
            "A: open k/x,r O_RDWR 0",
            "A: truncate k/x,q/x,r/x,xy,r",
            "A: setuid nobody",
            "A: write 0 1",
            "A: close 0",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "files-moved",
        text: "A regular file that is moved to and from as it may and may not be.",
        numbers: Numbers { nofile: 2, ..TINY },
        processes: 1,
        start: &["A: open r O_RDWR O_CREAT 0 600"],
        calls: &[
            "A: open r O_RDONLY,O_WRONLY,O_RDWR 0,O_TRUNC",
            "A: reopen 0 O_RDONLY,O_RDWR 0,O_TRUNC",
            "A: read 1 0,1",
            "A: readv 1 1+1",
            "A: pread 1 1 -1,0,4294967295,4294967296",
            "A: write 1 0,1",
            "A: writev 1 1+1",
            "A: pwrite 1 1 -1,0,4294967296",
            "A: lseek 1 -1,0,1,4294967297 SEEK_SET,SEEK_CUR,SEEK_END",
            "A: ftruncate 1 -1,0,1,4294967297",
            "A: fcntl 1 F_SETFL 0,O_NONBLOCK,O_DIRECT",
            "A: fcntl 1 F_GET_SEALS",
            "A: fcntl 1 F_ADD_SEALS F_SEAL_WRITE",
            "A: close 1",
        ],
        bytes: 2,
        ..PLAIN
    },
    Scope {
        name: "files-side-by-side",
        text: "Two that move bytes by one offset or by places, and one that cuts the file beside them.",
        numbers: Numbers { nofile: 1, ..TINY },
        processes: 3,
        start: &["A: open r O_RDWR O_CREAT 0 600", "A: fork", "A: fork"],
        calls: &[
            "A: write 0 2",
            "B: read 0 1",
            "B: pwrite 0 2 0",
            "C: truncate r",
            "C: lseek 0 0 SEEK_SET",
        ],
        bytes: 4,
        ..PLAIN
    },
    Scope {
        name: "files-and-sleepers",
        text: "Everything that is done to a regular file, while another sleeps in a read.",
        numbers: Numbers { nofile: 4, ..TINY },
        start: &["A: pipe", "A: open r O_RDWR O_CREAT 0 600", "A: fork"],
        calls: &[
            "A: open r,s O_RDWR O_CREAT O_TRUNC 600",
            "A: open r O_RDWR 0,O_TRUNC",
            "A: truncate r",
            "A: unlink r",
            "A: read 2 1",
            "A: write 2 1",
            "A: lseek 2 0 SEEK_SET",
            "A: ftruncate 2 0,1",
            "A: close 3",
            "B: read 0 1",
        ],
        bytes: 1,
        ..PLAIN
    },
    Scope {
        name: "files-mapped",
        text: "A regular file that is mapped, cut and extended, and touched before and behind its end.",
        numbers: Numbers { nofile: 2, ..TINY },
        processes: 1,
        start: &[
            "A: open r O_RDWR O_CREAT 0 600",
            "A: ftruncate 0 2",
            "A: mmap 0 2 PROT_READ|PROT_WRITE MAP_SHARED 0 0",
        ],
        calls: &[
            "A: open r O_RDWR O_TRUNC",
            "A: truncate r",
            "A: ftruncate 0 0,1,2",
            "A: store 0 1,2",
            "A: store 1 1",
            "A: load 0 2",
            "A: pread 0 2 0",
            "A: pwrite 0 1 1",
            "A: close 1",
        ],
        bytes: 3,
        ..PLAIN
    },
    Scope {
        name: "files-mounted",
        text: "A regular file that is seen by a mount for reading only, and by none.",
        numbers: Numbers { nofile: 2, ..TINY },
        processes: 1,
        start: &[
            "A: mkdir d 755",
            "A: mkdir e 755",
            "A: open d/r O_RDWR O_CREAT 0 644",
            "A: write 0 1",
            "A: mount d e MS_BIND",
        ],
        calls: &[
            "A: mount e MS_REMOUNT 0,MS_RDONLY",
            "A: open e/r,d/r O_RDONLY,O_RDWR 0,O_TRUNC",
            "A: open e/r,e/s O_RDONLY,O_WRONLY O_CREAT 0,O_TRUNC 644",
            "A: truncate e/r,d/r",
            "A: reopen 0 O_RDONLY,O_RDWR 0",
            "A: fstat 0 st_size",
            "A: close 1",
        ],
        bytes: 1,
        ..PLAIN
    },
];
