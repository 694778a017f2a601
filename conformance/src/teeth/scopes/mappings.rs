//! Small worlds of mappings.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

pub(super) static MAPPINGS: &[Scope] = &[MAPPED_BESIDE, FOR_READING_ONLY];

const MAPPED_BESIDE: Scope = Scope {
    name: "mappings-and-sleepers",
    text: "Everything that is done to mappings, while another sleeps in a read.",
    numbers: Numbers { nofile: 3, ..TINY },
    start: &["A: pipe", "A: memfd_create x 0", "A: ftruncate 2 2", "A: fork"],
    calls: &[
        "A: mmap 0 2 PROT_READ|PROT_WRITE MAP_SHARED 2 0",
        "A: mmap 2 2 PROT_READ|PROT_WRITE MAP_SHARED,MAP_PRIVATE MAP_ANONYMOUS",
        "A: munmap 0 2",
        "A: mprotect 0 2,4 PROT_READ",
        "A: msync 0 4 MS_SYNC",
        "A: load 0 1",
        "A: store 1 1,2",
        "A: exec",
        "B: read 0 1",
    ],
    bytes: 3,
    ..PLAIN
};

const FOR_READING_ONLY: Scope = Scope {
    name: "mapped-for-reading-only",
    text: "What cannot be made writable, while another sleeps in a read.",
    numbers: Numbers { nofile: 3, ..TINY },
    start: &[
        "A: pipe",
        "A: shm_open /x O_RDWR O_CREAT 600",
        "A: ftruncate 2 2",
        "A: close 2",
        "A: shm_open /x O_RDONLY 0 600",
        "A: mmap 0 2 PROT_READ MAP_SHARED 2 0",
        "A: fork",
    ],
    calls: &[
        "A: mprotect 0 2,4 PROT_READ|PROT_WRITE",
        "A: write 1 1",
        "A: load 0 1",
        "B: read 0 1",
        "B: close 0",
    ],
    bytes: 3,
    ..PLAIN
};
