//! Mappings of files and of nothing.

use ipc_model::profile::Numbers;

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;

pub(super) const MAPPED: Scope = Scope {
    name: "mapped",
    text: "A file that a process has mapped, shared and privately, which a child writes to, cuts and extends.",
    numbers: Numbers { nofile: 1, ..TINY },
    start: &[
        "A: memfd_create x 0",
        "A: ftruncate 0 3",
        "A: mmap 0 4 PROT_READ|PROT_WRITE MAP_SHARED 0 0",
        "A: mmap 4 2 PROT_READ|PROT_WRITE MAP_PRIVATE 0 0",
        "A: fork",
    ],
    calls: &[
        "A: load 1,3 2",
        "A: load 4 1",
        "A: store 1,3 1",
        "A: store 4 1",
        "A: munmap 2 2",
        "B: pwrite 0 1 0,3",
        "B: ftruncate 0 0,3,4",
        "B: pread 0 2 2",
        "B: load 5 1",
    ],
    bytes: 2,
    states: 12_404,
    transitions: 36_772,
    ..PLAIN
};

pub(super) const ONE_MAPPING: Scope = Scope {
    name: "one-mapping",
    text: "Mappings that one process makes, replaces and removes, as it may and may not.",
    processes: 1,
    numbers: Numbers { nofile: 1, ..TINY },
    start: &["A: shm_open /x O_RDWR O_CREAT 600", "A: ftruncate 0 2"],
    calls: &[
        "A: mmap 0,1 0,2 PROT_READ|PROT_WRITE MAP_SHARED,MAP_PRIVATE,0 0 0",
        "A: mmap 0 2 PROT_READ,0 MAP_SHARED 0 1,2,-2",
        "A: mmap 0,1 0,2 PROT_READ|PROT_WRITE MAP_SHARED,MAP_PRIVATE,0 MAP_ANONYMOUS",
        "A: munmap 0,1 0,1",
        "A: mprotect 0,1 0,4 PROT_READ|PROT_WRITE",
        "A: msync 0,1 0,4 MS_SYNC,MS_SYNC|MS_ASYNC",
        "A: load 0,1 0,2",
        "A: store 0,1 2",
        "A: eventfd 0 0",
        "A: shm_open /x O_RDONLY 0 600",
        "A: close 0",
        "A: exec",
    ],
    bytes: 2,
    states: 10_722,
    transitions: 24_919,
    ..PLAIN
};
