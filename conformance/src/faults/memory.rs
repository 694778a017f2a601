//! What is wrong with files of memory in systems that are known.

use ipc_model::errno::Errno;
use ipc_model::memory::File;
use ipc_model::operation::Actor;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::world::{Object, World};

use super::Wrong;
use super::named::{Deviation, Planting, object_of};

/// The size of the memory behind the descriptor of the call that an actor is in.
fn size(world: &World, actor: Actor) -> u64 {
    let object = object_of(world, actor);
    match object.map(|object| world.object_at(object)) {
        Some(Object::Memory(file)) => file.size,
        _ => 0,
    }
}

/// The memory has a size already.
fn has_a_size(world: &World, actor: Actor) -> bool {
    size(world, actor) > 0
}

/// The memory has no size yet.
fn has_no_size(world: &World, actor: Actor) -> bool {
    !has_a_size(world, actor)
}

/// The memory behind the descriptor of the call that an actor is in, to be changed.
fn file_of(world: &mut World, actor: Actor) -> Option<&mut File> {
    let object = object_of(world, actor)?;
    match std::sync::Arc::make_mut(world.objects.get_mut(usize::from(object))?) {
        Object::Memory(file) => Some(file),
        _ => None,
    }
}

/// Zeros are put where a write is about to put its bytes.
fn clears_the_way(world: &mut World, actor: Actor) {
    let Some(call) = world.in_call(actor) else { return };
    let (len, at) = (call.call.len(), call.moving.as_deref().map(|moving| moving.at));
    if let (Some(at), Some(file)) = (at, file_of(world, actor)) {
        file.content.clear(at, at.saturating_add(len));
    }
}

/// The size is as asked, and the bytes of the page that the end is in are as before.
fn cuts_and_keeps_the_page(world: &mut World, actor: Actor) {
    let asked = world.in_call(actor).map_or(0, |call| call.call.number(1).max(0) as u64);
    if let Some(file) = file_of(world, actor) {
        file.content.clear(asked.next_multiple_of(4096), u64::MAX);
        file.size = asked;
    }
}

/// A size in whole pages.
fn in_pages(answer: Outcome) -> Outcome {
    match answer {
        Outcome::Success(Value::Number(size)) => {
            let pages = (size.max(0) as u64).div_ceil(4096);
            Outcome::Success(Value::Number((pages * 4096) as i64))
        }
        other => other,
    }
}

pub(super) static DEVIATIONS: &[Deviation] = &[
    Deviation {
        number: 77,
        name: "deviation-77-sized-once",
        text: "macOS: shared memory gets a size once, and is refused another by EINVAL.",
        link: "https://github.com/osvenskan/posix_ipc/issues/5",
        planting: Planting::All(&[
            ("memory.ftruncate.sets", &[Wrong::Unless(has_a_size)]),
            (
                "memory.ftruncate.err.einval.reading",
                &[Wrong::Unguarded(1), Wrong::Unless(has_no_size)],
            ),
        ]),
    },
    Deviation {
        number: 77,
        name: "deviation-77-size-in-pages",
        text: "macOS: the size of shared memory that is told is one of whole pages.",
        link: "https://github.com/eclipse-iceoryx/iceoryx2/issues/156",
        planting: Planting::Own("memory.fstat.size", &[Wrong::Tells(in_pages)]),
    },
    Deviation {
        number: 77,
        name: "deviation-77-not-cut",
        text: "macOS: O_TRUNC cuts nothing off shared memory.",
        link: "https://github.com/davedoesdev/shared-memory-disruptor/pull/6",
        planting: Planting::Made(&["effect-missing:memory.shm-open.opens:2"]),
    },
    Deviation {
        number: 77,
        name: "deviation-77-no-fchmod",
        text: "macOS: fchmod of shared memory failed with EINVAL.",
        link: "https://github.com/osvenskan/posix_ipc/issues/5",
        planting: Planting::Own(
            "name.fchmod.sets",
            &[Wrong::Missing(0), Wrong::Error(Errno::EINVAL)],
        ),
    },
    Deviation {
        number: 77,
        name: "deviation-77-memory-leaks",
        text: "macOS: what was given a size after its name had been removed was never freed.",
        link: "https://github.com/lionheart/openradar-mirror/issues/11589",
        planting: Planting::Waits("how much memory is left, which no call here tells"),
    },
    Deviation {
        number: 79,
        name: "deviation-79-zeros-beside-a-write",
        text: "OpenZFS: who had a file mapped loaded zeros where a write was on its way.",
        link: "https://github.com/openzfs/zfs/issues/14548",
        planting: Planting::Own("memory.write.looks", &[Wrong::Also(clears_the_way)]),
    },
    Deviation {
        number: 79,
        name: "deviation-79-stored-and-lost",
        text: "OpenZFS: what was stored in a mapping was not on the disk after an orderly end.",
        link: "https://github.com/openzfs/zfs/issues/255",
        planting: Planting::Waits(
            "programs that map files of a disk; power-cut asks after msync alone",
        ),
    },
    Deviation {
        number: 80,
        name: "deviation-80-bytes-behind-the-end",
        text: "Linux: bytes behind the end of a file were not zero for who mapped it next; here those of a file that was cut, for what is stored there this Linux shows still, see the findings.",
        link: "https://github.com/llvm/llvm-project/pull/152595",
        planting: Planting::Own(
            "memory.ftruncate.sets",
            &[Wrong::Missing(0), Wrong::Also(cuts_and_keeps_the_page)],
        ),
    },
    Deviation {
        number: 82,
        name: "deviation-82-zeros-behind-the-end",
        text: "Asterinas: a page behind the end of a file that was cut was one of zeros, without SIGBUS.",
        link: "https://github.com/rcore-os/tgoskits/pull/1534",
        planting: Planting::Made(&["success-for-error:mapping.touch.sigbus"]),
    },
];
