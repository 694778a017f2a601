//! Segments of System V shared memory.

use ipc_model::profile::Numbers;

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;

pub(super) const SEGMENTS: Scope = Scope {
    name: "segments",
    text: "A segment that two processes attach, store to, detach and remove.",
    numbers: Numbers { nofile: 1, ..TINY },
    start: &["A: shmget KEY_A 2 IPC_CREAT 600", "A: shmat 0 0 0", "A: fork"],
    calls: &[
        "A: shmget KEY_A 2 0 600",
        "A: shmdt 0",
        "A: shmctl 0 IPC_RMID",
        "A: shmctl 0 IPC_SET 604",
        "A: store 0 1",
        "B: setuid nobody",
        "B: shmget KEY_A 2 0 400,600",
        "B: shmat 0 0 SHM_RDONLY,SHM_REMAP",
        "B: shmctl 0 shm_nattch",
        "B: shmctl 0 IPC_RMID",
        "B: load 0 2",
        "B: shmdt 0",
        "B: _exit 0",
    ],
    bytes: 1,
    states: 9_614,
    transitions: 30_444,
    ..PLAIN
};

pub(super) const ONE_SEGMENT: Scope = Scope {
    name: "one-segment",
    text: "Segments that one process makes, finds, attaches and changes, as it may and may not.",
    processes: 1,
    numbers: Numbers { nofile: 1, ..TINY },
    start: &[],
    calls: &[
        "A: shmget KEY_A 0,4,-1 0,IPC_CREAT,IPC_CREAT|IPC_EXCL 640",
        "A: shmget KEY_A 5 0 640",
        "A: shmat 0 0,1 0,SHM_RND",
        "A: shmdt 0,1",
        "A: munmap 2 1",
        "A: shmctl 0 shm_perm.mode",
        "A: shmctl 0 shm_segsz",
        "A: shmctl 0 shm_nattch",
        "A: shmctl 0 IPC_SET 600",
        "A: load 0 1",
    ],
    bytes: 1,
    states: 245,
    transitions: 447,
    ..PLAIN
};
