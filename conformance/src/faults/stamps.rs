//! What is wrong with time stamps, in systems that are known.

use ipc_model::operation::Actor;
use ipc_model::pipe::{forget_marks, mark_all};
use ipc_model::world::World;

use super::Wrong;
use super::named::{Deviation, Planting, object_of};

/// The stamps of the file are marked, whatever the call does.
fn marks(world: &mut World, actor: Actor) {
    if let Some(object) = object_of(world, actor) {
        mark_all(world, actor, object);
    }
}

const NOTHING: &[Wrong] = &[Wrong::Also(forget_marks)];
const ALL: &[Wrong] = &[Wrong::Also(marks)];

pub(super) static DEVIATIONS: &[Deviation] = &[
    Deviation {
        number: 106,
        name: "deviation-106-no-read-marks",
        text: "Occlum NGO: a read did not mark when a file was last read.",
        link: "https://github.com/occlum/ngo/issues/237",
        planting: Planting::All(&[("pipe.read.full", NOTHING), ("pipe.read.short", NOTHING)]),
    },
    Deviation {
        number: 106,
        name: "deviation-106-no-write-marks",
        text: "Phoenix-RTOS: only regular files had their stamps marked; here by writes.",
        link: "https://github.com/phoenix-rtos/phoenix-rtos-project/issues/1245",
        planting: Planting::All(&[
            ("pipe.write.atomic", NOTHING),
            ("pipe.write.long.step", NOTHING),
            ("pipe.write.long.nonblock", NOTHING),
        ]),
    },
    Deviation {
        number: 106,
        name: "deviation-106-the-end-marks",
        text: "By the letter of POSIX: a read that finds the end marks when the file was last read. Linux documents no such mark.",
        link: "https://pubs.opengroup.org/onlinepubs/9799919799/functions/read.html",
        planting: Planting::Own("pipe.read.eof", ALL),
    },
    Deviation {
        number: 106,
        name: "deviation-106-splice-marks",
        text: "Linux, between pipe and file: splice marks the stamps of the file. Between FIFOs it marks none.",
        link: "https://man7.org/linux/man-pages/man2/splice.2.html",
        planting: Planting::Own("pipe.splice.moves", ALL),
    },
];
