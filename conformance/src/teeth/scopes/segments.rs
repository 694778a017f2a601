//! Small worlds of segments.

use ipc_model::profile::Numbers;

use crate::worlds::{PLAIN, Scope, TINY};

pub(super) static SEGMENTS: &[Scope] = &[SEGMENTS_BESIDE];

const SEGMENTS_BESIDE: Scope = Scope {
    name: "segments-and-sleepers",
    text: "Everything that is done to segments, while another sleeps in a read.",
    numbers: Numbers { nofile: 3, ..TINY },
    start: &["A: pipe", "A: shmget KEY_A 2 IPC_CREAT 600", "A: fork"],
    calls: &[
        "A: shmget KEY_B 4 IPC_CREAT 600",
        "A: shmget KEY_A 2 0 600",
        "A: shmat 0 0 0",
        "A: shmdt 0",
        "A: shmctl 0 IPC_SET 400",
        "A: shmctl 0 IPC_RMID",
        "A: write 1 1",
        "B: read 0 1",
    ],
    bytes: 1,
    ..PLAIN
};
