//! Bytes that are moved and copied between pipes.

use ipc_model::profile::Numbers;

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const SPLICES: Scope = Scope {
    name: "splices",
    text: "A process that moves bytes from one pipe to another, between a writer and a reader.",
    numbers: Numbers { nofile: 4, ..TINY },
    processes: 3,
    start: &[
        "A: pipe",
        "A: pipe",
        "A: fork",
        "A: fork",
        "A: close 0",
        "A: close 2",
        "A: close 3",
        "B: close 1",
        "B: close 2",
        "C: close 0",
        "C: close 1",
        "C: close 3",
    ],
    calls: &[
        "A: write 1 1,3",
        "A: close 1",
        "B: splice 0 3 3 0,SPLICE_F_NONBLOCK",
        "B: close 3",
        "C: read 2 2",
        "C: close 2",
    ],
    pipes: 2,
    bytes: 5,
    sometimes: &[
        &SPLICED,
        &NOTHING_MORE,
        &MAY_NOT_RELAY,
        &READER_WAKES,
        &WRITER_WAKES,
        &END,
        &TWO_WRITES,
        &KILLED_BY_SIGPIPE,
        &LOST,
    ],
    states: 29_047,
    transitions: 110_024,
    ..PLAIN
};

pub(super) const SPLICED_PACKETS: Scope = Scope {
    name: "spliced-packets",
    text: "Packets that are moved from one pipe to another, whole or in parts.",
    start: &[
        "A: pipe2 O_DIRECT",
        "A: pipe",
        "A: fork",
        "A: fork",
        "A: close 0",
        "A: close 2",
        "A: close 3",
        "B: close 1",
        "B: close 2",
        "C: close 0",
        "C: close 1",
        "C: close 3",
    ],
    calls: &["A: write 1 2,3", "B: splice 0 3 1,3 0", "B: write 3 1", "C: read 2 1,3"],
    sometimes: &[&SPLICED, &PACKET_SPLIT, &PACKET_CUT, &PACKET_ENDS, &MIXED],
    states: 20_916,
    transitions: 62_339,
    ..SPLICES
};

pub(super) const TEES: Scope = Scope {
    name: "tees",
    text: "A process that copies bytes from one pipe to another, and one that takes them away.",
    calls: &[
        "A: write 1 3",
        "A: close 1",
        "B: tee 0 3 1,3 0",
        "B: splice 0 3 1 0",
        "B: close 3",
        "C: read 0 2",
        "C: read 2 2",
    ],
    start: &[
        "A: pipe",
        "A: pipe",
        "A: fork",
        "A: fork",
        "A: close 0",
        "A: close 2",
        "A: close 3",
        "B: close 1",
        "B: close 2",
        "C: close 1",
        "C: close 3",
    ],
    sometimes: &[&COPIED, &TEE_OF_NOTHING, &READER_WAKES, &WRITER_WAKES, &END, &TWO_WRITES],
    states: 43_854,
    transitions: 151_689,
    ..SPLICES
};

pub(super) const RELAYS: Scope = Scope {
    name: "relays",
    text: "One process that splices and tees from either end of a pipe to itself and to another.",
    processes: 1,
    start: &["A: pipe", "A: pipe"],
    calls: &[
        "A: write 1 1",
        "A: splice 0,1 1,3 0,1 0,SPLICE_F_NONBLOCK",
        "A: tee 0,1 1,3 0,1 0,SPLICE_F_NONBLOCK",
        "A: close 2,3",
        "A: sigaction SIGPIPE SIG_IGN",
        "A: sigprocmask SIG_BLOCK SIGPIPE",
    ],
    bytes: 2,
    sometimes: &[&MAY_NOT_RELAY, &NOBODY_READS, &PENDING, &WRONG_END, &KILLED_BY_SIGPIPE],
    states: 5_277,
    transitions: 9_992,
    ..SPLICES
};
