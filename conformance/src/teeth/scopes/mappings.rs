//! Small worlds of mappings.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

pub(super) static MAPPINGS: &[Scope] =
    &[MAPPED_BESIDE, IN_PLACE_OF, FOR_READING_ONLY, MAPPED_ELSEWHERE, MOVED_BESIDE];

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

const IN_PLACE_OF: Scope = Scope {
    name: "refused-in-place-of-another",
    text: "What cannot be mapped, in place of what is, while another sleeps in a read.",
    numbers: Numbers { nofile: 6, ..TINY },
    start: &[
        "A: pipe",
        "A: memfd_create x 0",
        "A: ftruncate 2 2",
        "A: reopen 2 O_RDONLY 0",
        "A: socketpair SOCK_STREAM 0",
        "A: fork",
    ],
    calls: &[
        "A: mmap 0 2 PROT_READ|PROT_WRITE MAP_SHARED 0,2,3 0",
        "A: mmap 0,1,31 0,2 PROT_READ MAP_SHARED,0 4 0,1",
        "A: mmap 0 2 PROT_READ MAP_SHARED 4 9223372036854775806",
        "A: load 0 1",
        "B: read 0 1",
    ],
    bytes: 0,
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

const MAPPED_ELSEWHERE: Scope = Scope {
    name: "mapped-elsewhere",
    text: "What gets another length and another place, or a place that the system chooses.",
    processes: 1,
    numbers: Numbers { nofile: 2, ..TINY },
    start: &[
        "A: memfd_create x 0",
        "A: ftruncate 0 2",
        "A: mmap 0 2 PROT_READ|PROT_WRITE MAP_SHARED 0 0",
    ],
    calls: &[
        "A: mmap NULL 0,2 PROT_READ|PROT_WRITE MAP_SHARED,MAP_PRIVATE,0 0,1 0,1",
        "A: mmap 2 2,4 PROT_READ|PROT_WRITE MAP_PRIVATE MAP_ANONYMOUS",
        "A: mremap 0,1,2,8 0,2,4 0,2,4 0,MREMAP_MAYMOVE 0",
        "A: mremap 0,2,8 0,2,4 2,4 MREMAP_MAYMOVE|MREMAP_FIXED,MREMAP_FIXED 2,4,5",
        "A: mmap 28 4 PROT_READ|PROT_WRITE MAP_SHARED,MAP_PRIVATE 0 0",
        "A: mremap 28,30,31,40 0,2,4 2,6,34 0,MREMAP_MAYMOVE 0",
        "A: mremap 0,2 0,2 34 0,MREMAP_MAYMOVE 0",
        "A: mremap 2 4 6 0,MREMAP_MAYMOVE 0",
        "A: mremap 4294967296 2 2 MREMAP_MAYMOVE|MREMAP_FIXED 4",
        "A: load 0,2,4,4294967296 1",
        "A: store 0,2,4294967296 1",
        "A: munmap 4294967296 2",
        "A: eventfd 0 0",
        "A: exec",
    ],
    bytes: 3,
    ..PLAIN
};

const MOVED_BESIDE: Scope = Scope {
    name: "moved-beside-sleepers",
    text: "What gets another length and another place, while another sleeps in a read.",
    numbers: Numbers { nofile: 3, ..TINY },
    start: &[
        "A: pipe",
        "A: memfd_create x 0",
        "A: ftruncate 2 2",
        "A: mmap 0 2 PROT_READ|PROT_WRITE MAP_SHARED 2 0",
        "A: fork",
    ],
    calls: &[
        "A: mmap NULL 2 PROT_READ MAP_SHARED 2 0",
        "A: mremap 0 2 2,4 0 0",
        "A: mremap 0 4 2 0 0",
        "A: mremap 0 0,2 2 MREMAP_MAYMOVE|MREMAP_FIXED 8",
        "A: mmap 0 2 PROT_READ|PROT_WRITE MAP_SHARED 2 0",
        "B: read 0 1",
    ],
    bytes: 0,
    ..PLAIN
};
