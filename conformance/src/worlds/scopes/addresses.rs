//! Sockets that are named and connected by name.

use ipc_model::profile::Numbers;

use super::{PLAIN, TINY};
use crate::worlds::scope::Scope;
use crate::worlds::sometimes::*;

pub(super) const CONNECTS: Scope = Scope {
    name: "addresses-connect",
    text: "One that listens and accepts, and another that connects, sends and goes.",
    numbers: Numbers { nofile: 2, ..TINY },
    start: &[
        "A: socket SOCK_STREAM 0",
        "A: bind 0 n",
        "A: listen 0 0",
        "A: fork",
        "B: close 0",
        "B: socket SOCK_STREAM 0",
        "B: socket SOCK_STREAM 0",
    ],
    calls: &[
        "B: connect fd n",
        "B: send 0 1 MSG_NOSIGNAL",
        "B: recv 0 1 0",
        "B: close 0",
        "A: accept4 0 0",
        "A: recv 1 1 MSG_DONTWAIT",
        "A: close fd",
    ],
    bytes: 1,
    sometimes: &[&END, &RESET, &READ_REFUSED, &ACCEPTED_ASLEEP, &CONNECTED_ASLEEP],
    states: 3_727,
    transitions: 10_046,
    ..PLAIN
};

pub(super) const NAMES: Scope = Scope {
    name: "addresses-names",
    text: "Two that give sockets names, in a directory and in none, move and remove them, and connect by them.",
    numbers: Numbers { nofile: 1, ..TINY },
    start: &["A: fork"],
    calls: &[
        "*: socket SOCK_STREAM 0",
        "A: bind 0 n,@n",
        "A: listen 0 0",
        "B: bind 0 n,@n",
        "B: unlink n",
        "B: rename n o",
        "B: connect 0 n,o,@n",
        "*: close 0",
    ],
    bytes: 0,
    sometimes: &[],
    large: true,
    states: 29_088,
    transitions: 96_822,
    ..PLAIN
};

pub(super) const ROOM: Scope = Scope {
    name: "addresses-room",
    text: "Two that connect where there is room for one, which is made, shut down or gone meanwhile.",
    processes: 3,
    numbers: Numbers { nofile: 2, ..TINY },
    start: &[
        "A: socket SOCK_SEQPACKET 0",
        "A: bind 0 n",
        "A: listen 0 0",
        "A: fork",
        "A: fork",
        "B: close 0",
        "C: close 0",
        "B: socket SOCK_SEQPACKET 0",
        "C: socket SOCK_SEQPACKET 0",
    ],
    calls: &[
        "B,C: connect 0 n",
        "A: accept4 0 0",
        "A: close fd",
        "A: shutdown 0 SHUT_RD",
        "A: unlink n",
    ],
    bytes: 0,
    sometimes: &[&CONNECTED_ASLEEP, &REFUSED_ASLEEP],
    states: 10_976,
    transitions: 37_776,
    ..PLAIN
};

pub(super) const DATAGRAMS: Scope = Scope {
    name: "addresses-datagrams",
    text: "Two datagram sockets with names, each connected to itself or the other, over and over.",
    numbers: Numbers { nofile: 1, ..TINY },
    start: &[
        "A: fork",
        "A: socket SOCK_DGRAM 0",
        "A: bind 0 n",
        "B: socket SOCK_DGRAM 0",
        "B: bind 0 m",
    ],
    calls: &["*: connect 0 n,m", "*: send 0 1 0", "*: recv 0 1 0", "*: close 0"],
    bytes: 2,
    sometimes: &[&READER_WAKES, &RESET, &LOST],
    states: 6_669,
    transitions: 18_688,
    ..PLAIN
};

pub(super) const ALONE: Scope = Scope {
    name: "addresses-alone",
    text: "One process with a socket that has a name and takes connections, and what such a one has not.",
    processes: 1,
    numbers: Numbers { nofile: 3, ..TINY },
    start: &["A: socket SOCK_SEQPACKET SOCK_NONBLOCK", "A: bind 0 n"],
    calls: &[
        "A: listen 0 0",
        "A: socket SOCK_SEQPACKET SOCK_NONBLOCK",
        "A: connect 0,1 n,@n",
        "A: accept4 0 0",
        "A: recv 0,1 0 0",
        "A: shutdown 0 SHUT_RD",
        "A: ioctl 0 FIONREAD",
        "A: lseek 0 0 SEEK_CUR",
        "A: ftruncate 0 0",
        "A: fcntl 0 F_SETFL O_DIRECT",
        "A: fcntl 0 F_GETPIPE_SZ",
        "A: open n O_RDONLY 0",
        "A: truncate n",
        "A: read 0 0",
    ],
    bytes: 0,
    sometimes: &[],
    states: 342,
    transitions: 648,
    ..PLAIN
};
