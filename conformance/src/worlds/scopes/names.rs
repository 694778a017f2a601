//! FIFOs, names and directories.

use ipc_model::profile::{Numbers, POSIX2024};

use super::{PLAIN, THREE_AND_A_FIFO, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const OPENS: Scope = Scope {
    name: "opens",
    text: "Three processes, alike, that open and close the ends of a FIFO, waiting or not.",
    processes: 3,
    numbers: Numbers { nofile: 1, ..TINY },
    start: THREE_AND_A_FIFO,
    calls: &[
        "*: open f O_RDONLY 0",
        "*: open f O_WRONLY 0,O_NONBLOCK",
        "*: read 0 1",
        "*: close 0",
    ],
    sometimes: &[
        &RENDEZVOUS,
        &MET_IN_PASSING,
        &NOBODY_THERE,
        &GENERATION,
        &END,
        &NONE_FREE,
        &WOKEN_BY_END,
    ],
    bytes: 0,
    states: 40_779,
    transitions: 178_734,
    ..PLAIN
};

pub(super) const OPENS_POSIX: Scope = Scope {
    name: "opens-posix",
    profile: &POSIX2024,
    states: 40_779,
    transitions: 180_064,
    large: true,
    ..OPENS
};

pub(super) const NAMES: Scope = Scope {
    name: "names",
    text: "A FIFO whose name goes and comes, is moved and given twice, while others open it.",
    processes: 2,
    numbers: Numbers { nofile: 1, ..TINY },
    start: &["A: fork"],
    calls: &[
        "A: mkfifo f 644",
        "A: unlink f,g",
        "A: rename f g",
        "A: link g f",
        "A: open f O_WRONLY 0,O_NONBLOCK",
        "B: open f,g O_RDONLY 0,O_NONBLOCK",
        "B: read 0 2",
        "A: write 0 1",
        "*: close 0",
    ],
    sometimes: &[&RENDEZVOUS, &NOBODY_THERE, &GENERATION, &TWO_OF_A_NAME, &READER_WAKES, &LOST],
    pipes: 3,
    bytes: 1,
    states: 34_507,
    transitions: 115_159,
    ..PLAIN
};

pub(super) const DIRECTORIES: Scope = Scope {
    name: "directories",
    text: "Directories, a link that leads to itself, and files, moved and removed by a process that may give up what it may do.",
    processes: 1,
    numbers: Numbers { nofile: 1, name_max: 1, ..TINY },
    start: &[],
    calls: &[
        "A: mkdir d,e 755",
        "A: mkdir d/d 700",
        "A: mkfifo f 600",
        "A: symlink l l",
        "A: link d,f d/g",
        "A: unlink d,f",
        "A: rmdir d,f",
        "A: rename d e,d/d",
        "A: rename f d",
        "A: stat f/f,l/f,ff,d/f",
        "A: open f O_RDWR 0",
        "A: setuid nobody",
    ],
    states: 30_872,
    transitions: 61_140,
    ..PLAIN
};

pub(super) const OPENED: Scope = Scope {
    name: "opened",
    text: "A directory that is opened in every way, and whatever can be asked of it then.",
    processes: 1,
    numbers: Numbers { nofile: 2, ..TINY },
    start: &["A: mkdir d 755", "A: mkfifo f 600"],
    calls: &[
        "A: open d,f O_RDONLY,O_WRONLY 0,O_DIRECTORY|O_NONBLOCK",
        "A: open d O_RDONLY O_PATH,O_TRUNC",
        "A: reopen 0 O_RDONLY,O_WRONLY 0",
        "A: readv 0 0+0,1+1",
        "A: read 0 0,1",
        "A: write 0 1",
        "A: ftruncate 0 0",
        "A: ioctl 0 FIONREAD",
        "A: fcntl 0 F_GETPIPE_SZ",
        "A: fcntl 0 F_SETFL 0,O_DIRECT",
        "A: lseek 0 0 SEEK_SET",
        "A: pread 0 1 0",
        "A: fchmod 0 755,0",
        "A: fstat 0",
        "A: rmdir d",
        "A: setuid nobody",
        "A: close 0",
    ],
    bytes: 1,
    states: 3006,
    transitions: 5974,
    ..PLAIN
};

pub(super) const MOUNTED: Scope = Scope {
    name: "mounted-over",
    text: "A directory that is seen by two mounts, one of them for reading only at times, and names in both.",
    processes: 1,
    numbers: Numbers { nofile: 1, name_max: 1, ..TINY },
    start: &["A: mkdir d 755", "A: mkdir e 755", "A: mkfifo d/f 600", "A: mount d e MS_BIND"],
    calls: &[
        "A: mount e MS_REMOUNT MS_RDONLY,0",
        "A: mkfifo e/g,d/g 600",
        "A: link e/f e/g,d/g",
        "A: rename e/f e/g,d/g",
        "A: rename e x",
        "A: unlink e/f,e/g",
        "A: rmdir e",
        "A: stat e/f,d/f",
        "A: setuid nobody",
    ],
    states: 320,
    transitions: 677,
    ..PLAIN
};
