//! What was wrong with robust mutexes in systems that are known.

use ipc_model::errno::Errno;
use ipc_model::mutex::{Mutex, State};
use ipc_model::operation::Actor;
use ipc_model::world::World;

use super::Wrong;
use super::named::{Deviation, Planting};

pub(super) static DEVIATIONS: &[Deviation] = &[
    Deviation {
        number: 85,
        name: "deviation-85-woken-by-address",
        text: "Asterinas: a futex was known by its address in each process, and nobody woke another's.",
        link: "https://github.com/asterinas/asterinas/pull/2515",
        planting: Planting::Made(&[
            "wakes-nobody:mutex.unlock.releases",
            "wakes-nobody:mutex.unlock.loses",
            "wakes-nobody:mutex.death.tells",
            "wakes-nobody:process.death.ends",
        ]),
    },
    Deviation {
        number: 88,
        name: "deviation-88-pending-entry-skipped",
        text: "StarryOS: the mutex that a dead thread was about to take or to release was left as it was.",
        link: "https://github.com/rcore-os/tgoskits/pull/259",
        planting: Planting::Made(&[
            "never-fires:mutex.death.tells",
            "guard-ignored:process.death.ends:it-has-no-mutex",
        ]),
    },
    Deviation {
        number: 88,
        name: "deviation-88-owner-death-untold",
        text: "musl: the kernel had put a bit in the owner's place, and nobody was told of the owner's death.",
        link: "https://git.musl-libc.org/cgit/musl/commit/?id=384d103d94dba0472a587861f67d7ed6e8955f86",
        planting: Planting::Made(&["success-for-error:mutex.lock.owner-died"]),
    },
    Deviation {
        number: 88,
        name: "deviation-88-waiters-forgotten",
        text: "glibc before 2.25: who took a dead owner's mutex forgot that others waited, and woke nobody.",
        link: "https://sourceware.org/bugzilla/show_bug.cgi?id=20973",
        planting: Planting::Made(&["wakes-nobody:mutex.unlock.releases"]),
    },
    Deviation {
        number: 88,
        name: "deviation-88-tried-in-vain",
        text: "Shadesmar, as proposed: who only tried a dead owner's lock was refused as if it lived.",
        link: "https://github.com/Squadrick/shadesmar/pull/11",
        planting: Planting::Own(
            "mutex.lock.owner-died",
            &[Wrong::Error(Errno::EBUSY), Wrong::Missing(0)],
        ),
    },
    Deviation {
        number: 88,
        name: "deviation-88-child-gives-back",
        text: "aws-c-common: a child gave up its parent's lock of a description with its own.",
        link: "https://github.com/awslabs/aws-c-common/pull/1192",
        planting: Planting::Own(
            "mutex.death.lets-go",
            &[Wrong::Missing(0), Wrong::Also(die_for_all)],
        ),
    },
    Deviation {
        number: 88,
        name: "deviation-88-number-used-again",
        text: "firstmate: the number of a dead owner was somebody else's by then, and it was taken for living.",
        link: "https://github.com/kunchenguid/firstmate/pull/4030",
        planting: Planting::Made(&[
            "never-fires:mutex.death.lets-go",
            "guard-ignored:process.death.ends:it-has-no-mutex",
        ]),
    },
];

/// Whatever a process counts as the owner of nobody has any more, whoever else counts as that.
fn die_for_all(world: &mut World, actor: Actor) {
    for mutex in world.mutexes.iter_mut().filter(|mutex| mutex.is_held_by(actor.process)) {
        *mutex = Mutex { state: State::Died, ..Mutex::default() };
    }
}
