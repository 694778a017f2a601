//! What is wrong with segments in systems that are known.

use ipc_model::operation::Actor;
use ipc_model::world::World;

use super::Wrong;
use super::named::{Deviation, Planting};

/// The caller has the segment attached that its call is about.
pub(super) fn has_it(world: &World, actor: Actor) -> bool {
    let number = world.in_call(actor).and_then(|call| u8::try_from(call.call.number(0)).ok());
    let asked = world.segments.iter().find(|one| number.is_some() && one.number == number);
    let space = world.process(actor.process).map(|process| &process.space);
    asked.zip(space).is_some_and(|(one, space)| space.objects().any(|seen| seen == one.object))
}

/// It has not.
pub(super) fn lacks_it(world: &World, actor: Actor) -> bool {
    !has_it(world, actor)
}

pub(super) static DEVIATIONS: &[Deviation] = &[
    Deviation {
        number: 83,
        name: "deviation-83-attached-once",
        text: "StarryOS: a process could not attach a segment a second time.",
        link: "https://github.com/rcore-os/tgoskits/pull/1514",
        planting: Planting::All(&[
            ("segment.shmat.attaches", &[Wrong::Unless(has_it)]),
            ("segment.shmat.err.einval.taken", &[Wrong::Unguarded(2), Wrong::Unless(lacks_it)]),
        ]),
    },
    Deviation {
        number: 83,
        name: "deviation-83-attaches-leak",
        text: "Linux: parts of a segment that became one again by mprotect counted as attached for ever.",
        link: "https://github.com/linux-test-project/ltp/blob/master/testcases/kernel/syscalls/ipc/shmat/shmat04.c",
        planting: Planting::Waits("a count of attaches that is kept, for ours is counted anew"),
    },
    Deviation {
        number: 83,
        name: "deviation-83-file-of-another",
        text: "Linux: what was attached and removed was mapped again as a segment with the same identifier.",
        link: "https://git.kernel.org/torvalds/c/3f05317d9889",
        planting: Planting::Waits("identifiers that are used again, and remap_file_pages"),
    },
];
