//! Regular files.

use ipc_model::profile::{Numbers, POSIX2024};

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const REGULAR: Scope = Scope {
    name: "regular-files",
    text: "A regular file that two processes move bytes to and from by one offset, and that is cut beside that.",
    numbers: Numbers { nofile: 1, ..TINY },
    start: &["A: open r O_RDWR O_CREAT 0 600", "A: fork"],
    calls: &[
        "A: write 0 2",
        "A: pwrite 0 1 1",
        "A: ftruncate 0 0",
        "A: lseek 0 0 SEEK_SET",
        "B: read 0 2",
        "B: pread 0 2 0",
        "B: write 0 2",
        "B: lseek 0 -1 SEEK_CUR",
        "B: truncate r",
        "B: _exit 0",
    ],
    bytes: 4,
    sometimes: &[&TORN, &WHOLE_AGAIN, &WAITED_FOR_ITS_TURN, &CUT_UNDER_A_READ],
    states: 8_872,
    transitions: 21_501,
    ..PLAIN
};

pub(super) const REGULAR_POSIX: Scope = Scope {
    name: "regular-files-posix",
    text: "The same by the standard alone: each read and each write is one instant.",
    profile: &POSIX2024,
    sometimes: &[&WAITED_FOR_ITS_TURN],
    states: 6_323,
    transitions: 15_078,
    ..REGULAR
};

pub(super) const NAMED: Scope = Scope {
    name: "files-by-name",
    text: "Regular files that are made, opened, cut and removed by names, by who may and who may not.",
    processes: 1,
    numbers: Numbers { nofile: 1, name_max: 1, ..TINY },
    start: &["A: mkdir d 755", "A: symlink s l"],
    calls: &[
        "A: open r,d,l O_RDONLY,O_WRONLY O_CREAT 0,O_EXCL 600",
        "A: open d/r,n/r O_RDWR O_CREAT 0 644",
        "A: open r,s O_RDONLY,O_RDWR O_DIRECTORY,O_PATH,O_TRUNC",
        "A: open r O_RDONLY,O_WRONLY 0",
        "A: truncate r,d",
        "A: write 0 1",
        "A: read 0 1",
        "A: pread 0 1 -1,4294967296",
        "A: pwrite 0 1 4294967296",
        "A: lseek 0 -1 SEEK_SET",
        "A: fcntl 0 F_SETFL O_DIRECT",
        "A: fcntl 0 F_ADD_SEALS F_SEAL_WRITE",
        "A: unlink r",
        "A: setuid nobody",
        "A: close 0",
    ],
    bytes: 1,
    states: 15_928,
    transitions: 37_790,
    ..PLAIN
};

pub(super) const MOUNTED: Scope = Scope {
    name: "files-mounted",
    text: "A regular file and a FIFO that are seen by a mount for reading only at times, and by none.",
    processes: 1,
    numbers: Numbers { nofile: 1, ..TINY },
    start: &[
        "A: mkdir d 755",
        "A: mkdir e 755",
        "A: mkfifo d/f 644",
        "A: open d/r O_RDWR O_CREAT 0 644",
        "A: close 0",
        "A: mount d e MS_BIND",
    ],
    calls: &[
        "A: mount e,d MS_REMOUNT 0,MS_RDONLY",
        "A: open e/r,d/r O_RDONLY,O_RDWR 0",
        "A: open e/r,e/s O_WRONLY O_CREAT O_TRUNC 644",
        "A: truncate e/r,d/r,d/f",
        "A: setuid nobody",
        "A: close 0",
    ],
    bytes: 0,
    states: 576,
    transitions: 1_193,
    ..PLAIN
};
