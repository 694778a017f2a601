//! Small worlds of names and FIFOs.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

pub(super) static NAMES: &[Scope] = &[
    Scope {
        name: "denied",
        text: "Calls on what is in a directory that is closed to others, by who may become another.",
        numbers: Numbers { nofile: 1, name_max: 1, ..TINY },
        processes: 1,
        start: &["A: mkdir c 700", "A: mkfifo c/f 666", "A: mkdir d 777"],
        calls: &[
            "A: setuid nobody",
            "A: umask 0,77",
            "A: mkdir c/x,d/x 755",
            "A: mkfifo c/x 644",
            "A: link c/f d/g",
            "A: link d/g c/x,d/x/f",
            "A: symlink l c/x,d/l",
            "A: unlink c/f,d/g,d/g/x",
            "A: rmdir c/x,d/x,d/g/x",
            "A: rename c/f d/g",
            "A: stat c/f,d/g,d",
            "A: truncate c/f,d/g,d/x/f,d/x",
            "A: open c/f,d/g,d/g/x,x/f O_RDONLY O_NONBLOCK,O_PATH",
            "A: open c/f,d/g,d/g/x,x/f O_WRONLY 0,O_NONBLOCK",
            "A: open c/f,d/g,d/g/x,x/f O_RDWR 0",
            "A: open d O_WRONLY,O_RDWR O_NONBLOCK",
            "A: close 0",
        ],
        ..PLAIN
    },
    Scope {
        name: "nowhere",
        text: "Calls on paths that are too long, go round, lead through a file or through nothing.",
        numbers: Numbers { nofile: 1, name_max: 1, ..TINY },
        processes: 1,
        start: &["A: mkfifo f 644", "A: symlink l l"],
        calls: &[
            "A: mkdir xy,l/x,f/x,y/x 755",
            "A: mkfifo xy,l/x,f/x,y/x 644",
            "A: link f xy,l/x,f/x,y/x",
            "A: link xy,l/x g",
            "A: symlink f xy,l/x,f/x,y/x",
            "A: unlink xy,l/x,l,f,f/x,y/x",
            "A: rmdir xy,l/x,l,f/x,y/x",
            "A: rename f xy,l/x,f/x,y/x",
            "A: rename xy,l/x,l,g f",
            "A: open xy,l/x,l,f,f/x,y/x O_RDONLY O_NONBLOCK,O_PATH",
            "A: open xy,l/x,l,f,f/x,y/x O_WRONLY,O_RDWR O_NONBLOCK,0",
            "A: open xy,l/x,l O_RDONLY 0",
            "A: stat f,l",
            "A: close 0",
        ],
        ..PLAIN
    },
    Scope {
        name: "names-and-sleepers",
        text: "Two that wait in opens of a FIFO, while a third makes and removes names.",
        numbers: Numbers { nofile: 2, ..TINY },
        processes: 3,
        start: &["A: mkfifo f 644", "A: fork", "A: fork"],
        calls: &[
            "A: mkdir d 755",
            "A: rmdir d",
            "A: symlink f l",
            "A: umask 77",
            "A: setuid nobody",
            "A: open f O_RDWR 0",
            "A: open f O_RDONLY O_PATH",
            "B: open f O_RDONLY 0",
            "C: open f O_RDONLY,O_WRONLY 0",
            "*: close 0",
        ],
        bytes: 0,
        ..PLAIN
    },
    Scope {
        name: "reopened",
        text: "A FIFO that is opened once more by its descriptors, those that are closed included.",
        numbers: Numbers { nofile: 3, ..TINY },
        processes: 2,
        start: &["A: mkfifo f 644", "A: open f O_RDWR 0", "A: fork"],
        calls: &[
            "A: reopen 0,1,2 O_RDONLY,O_WRONLY,O_RDWR 0,O_NONBLOCK,O_PATH",
            "B: reopen 0 O_RDONLY,O_WRONLY 0",
            "*: close 0,1",
        ],
        bytes: 0,
        ..PLAIN
    },
];
