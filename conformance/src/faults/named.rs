//! The known deviations of real systems in pipes, and the faults that stand for them. Whatever can be
//! is made of systematic faults; the numbers are those of the survey that they are taken from, and
//! have gaps.

use ipc_model::clause::Clause;
use ipc_model::epoll::{Interest, News, forget_news};
use ipc_model::errno::Errno;
use ipc_model::mechanism;
use ipc_model::operation::Actor;
use ipc_model::world::{Object, World};

use super::systematic::systematic;
use super::{
    Fault, Slip, Wrong, ask, memory, mutex, open, passing, pidfd, segment, signal, signalfd,
    socket, stamps, thread, timer,
};

/// Something that a real system has done.
pub struct Deviation {
    /// Its number in the survey.
    pub number: u32,
    /// The name of its fault, `deviation-NUMBER` and what happens.
    pub name: &'static str,
    /// What was seen, on what.
    pub text: &'static str,
    /// Where that is told.
    pub link: &'static str,
    /// What stands for it here.
    pub planting: Planting,
}

/// What stands for a deviation.
pub enum Planting {
    /// These systematic faults at once.
    Made(&'static [&'static str]),
    /// All this, wrong with that clause.
    Own(&'static str, &'static [Wrong]),
    /// All this, wrong with each of those clauses.
    All(&'static [(&'static str, &'static [Wrong])]),
    /// Nothing yet: it waits for this.
    Waits(&'static str),
}

/// All of them: those below, and of newer mechanisms those beside what is wrong with them.
pub fn deviations() -> impl Iterator<Item = &'static Deviation> {
    let own = [
        memory::DEVIATIONS,
        mutex::DEVIATIONS,
        segment::DEVIATIONS,
        signal::DEVIATIONS,
        signalfd::DEVIATIONS,
        pidfd::DEVIATIONS,
        socket::DEVIATIONS,
        passing::DEVIATIONS,
        thread::DEVIATIONS,
        timer::DEVIATIONS,
        stamps::DEVIATIONS,
    ];
    DEVIATIONS.iter().chain(own.into_iter().flatten())
}

impl Deviation {
    /// The fault, if it can be planted yet.
    pub(super) fn fault(&self) -> Option<Fault> {
        let slips = match self.planting {
            Planting::Waits(_) => return None,
            Planting::Own(id, wrong) => {
                let clause = clause(id);
                wrong.iter().map(|wrong| Slip { clause, wrong: *wrong }).collect()
            }
            Planting::All(list) => {
                let one = |(id, wrong): &(&'static str, &'static [Wrong])| {
                    let clause = clause(id);
                    wrong.iter().map(move |wrong| Slip { clause, wrong: *wrong })
                };
                list.iter().flat_map(one).collect()
            }
            Planting::Made(names) => {
                let all = systematic();
                let one = |name: &&str| {
                    let found = all.iter().find(|fault| fault.name == **name);
                    found.unwrap_or_else(|| panic!("there is a fault {name}")).slips.clone()
                };
                names.iter().flat_map(one).collect()
            }
        };
        Some(Fault { name: self.name.to_owned(), slips, unseen: None })
    }
}

fn clause(id: &'static str) -> &'static Clause {
    mechanism::clause(id).unwrap_or_else(|| panic!("there is a clause {id}"))
}

/// A reader of the same pipe waits, and asks for more than would be left of the room.
fn room_is_kept_for_the_reader(world: &World, actor: Actor) -> bool {
    let object = |actor: Actor| {
        let fd = world.in_call(actor)?.call.fd()?;
        let entry = world.entry(actor.process, i64::from(fd))?;
        world.descriptions.get(usize::from(entry.description)).map(|it| (it.object, it.reads))
    };
    let Some((mine, _)) = object(actor) else { return false };
    let others = (0..world.processes.len() as u8).map(Actor::first);
    let pending: u64 = others
        .filter(|other| object(*other) == Some((mine, true)))
        .filter_map(|other| world.in_call(other).map(|call| call.call.len()))
        .sum();
    let len = world.in_call(actor).map_or(0, |call| call.call.len());
    match world.objects.get(usize::from(mine)).map(|object| &**object) {
        Some(Object::Pipe(pipe)) => pending > 0 && pipe.data.len() + pending + len > pipe.capacity,
        _ => false,
    }
}

fn ignores_nothing(world: &mut World, actor: Actor) {
    if let Some(process) = world.process_mut(actor.process) {
        process.signals.ignored = 0;
    }
}

/// The object behind the descriptor of the call that an actor is in.
pub(super) fn object_of(world: &World, actor: Actor) -> Option<u16> {
    let fd = world.in_call(actor)?.call.fd()?;
    let entry = world.entry(actor.process, i64::from(fd))?;
    world.descriptions.get(usize::from(entry.description)).map(|it| it.object)
}

/// More is stored than the call has brought: no news of it.
fn no_news_beside_bytes(world: &mut World, actor: Actor) {
    let Some(object) = object_of(world, actor) else { return };
    let len = world.in_call(actor).map_or(0, |call| call.call.len());
    if world.object_at(object).front().is_some_and(|data| data.len() > len) {
        forget_news(world, Some(object));
    }
}

/// The counter has come to more than the call has brought: no news of it.
fn no_news_beside_a_number(world: &mut World, actor: Actor) {
    let Some(object) = object_of(world, actor) else { return };
    let brought = world.in_call(actor).map_or(0, |call| call.call.number(1) as u64);
    if matches!(world.object_at(object), Object::Counter(counter) if counter.count > brought) {
        forget_news(world, Some(object));
    }
}

/// The registrations of the list that the call is about are changed.
fn in_the_list(world: &mut World, actor: Actor, change: impl Fn(&mut Interest)) {
    let Some(object) = object_of(world, actor) else { return };
    if let Some(place) = world.objects.get_mut(usize::from(object))
        && let Object::Interests(list) = std::sync::Arc::make_mut(place)
    {
        list.items.iter_mut().for_each(change);
    }
}

fn forgets_what_is_told(world: &mut World, actor: Actor) {
    let seen = world.in_call(actor).map_or_else(Vec::new, |call| call.seen.clone());
    let told = |id: u8| seen.chunks(2).any(|s| s[0] == u32::from(id) && s[1] & 0xffff != 0);
    in_the_list(world, actor, |item| {
        item.news = if told(item.id) { News::None } else { item.news };
    });
}

fn forgets_the_list(world: &mut World, actor: Actor) {
    in_the_list(world, actor, |item| item.news = News::None);
}

fn stays_armed(world: &mut World, actor: Actor) {
    in_the_list(world, actor, |item| item.armed = true);
}

/// The list has another in it, and somebody else is in a call.
fn nested_beside_another(world: &World, actor: Actor) -> bool {
    let Some(Object::Interests(list)) = object_of(world, actor).map(|it| world.object_at(it))
    else {
        return false;
    };
    let is_list =
        |item: &Interest| matches!(world.object_of(item.description), Object::Interests(_));
    let others = (0..world.processes.len() as u8).map(Actor::first);
    list.items.iter().any(is_list)
        && others.filter(|other| *other != actor).any(|other| world.in_call(other).is_some())
}

static DEVIATIONS: &[Deviation] = &[
    Deviation {
        number: 1,
        name: "deviation-1-no-edge",
        text: "Linux 5.5 to 5.13: a write into a pipe that was not empty gave EPOLLET no new edge.",
        link: "https://git.kernel.org/torvalds/c/3a34b13a88ca",
        planting: Planting::Own("pipe.write.atomic", &[Wrong::Also(no_news_beside_bytes)]),
    },
    Deviation {
        number: 2,
        name: "deviation-2-close-wakes-one",
        text: "Linux 5.5: the last writer's close woke only one of several readers.",
        link: "https://git.kernel.org/torvalds/c/6551d5c56eb0",
        planting: Planting::Made(&[
            "wakes-one:descriptor.close.releases",
            "wakes-one:process.death.closes",
        ]),
    },
    Deviation {
        number: 4,
        name: "deviation-4-hand-off-to-the-dead",
        text: "Linux 5.5: a write wakes one reader, and the wake-up is lost with it if it is killed.",
        link: "https://git.kernel.org/torvalds/c/0ddad21d3e99",
        // The dead reader's description is shared, so its end wakes nobody either.
        planting: Planting::Made(&[
            "wakes-one:pipe.write.atomic",
            "wakes-nobody:process.kill.kills",
            "wakes-nobody:process.death.closes",
            "wakes-nobody:process.death.ends",
        ]),
    },
    Deviation {
        number: 5,
        name: "deviation-5-sigio-on-change-only",
        text: "Linux 5.5 to 5.14: SIGIO came only when the pipe had been empty.",
        link: "https://git.kernel.org/torvalds/c/fe67f4dd8daa",
        planting: Planting::Waits("O_ASYNC and SIGIO"),
    },
    Deviation {
        number: 7,
        name: "deviation-7-short-writes-are-split",
        text: "Asterinas: a write of at most PIPE_BUF bytes was split where the free space ended.",
        link: "https://github.com/asterinas/asterinas/commit/85d2c9634",
        planting: Planting::Made(&[
            "guard-ignored:pipe.write.long.step:more-than-pipe_buf",
            "guard-ignored:pipe.write.long.done:more-than-pipe_buf",
            "guard-ignored:pipe.write.long.nonblock:more-than-pipe_buf",
            "never-fires:pipe.write.atomic",
            "never-fires:pipe.write.atomic.err.eagain",
        ]),
    },
    Deviation {
        number: 8,
        name: "deviation-8-end-of-file-for-eagain",
        text: "SerenityOS: a non-blocking read of an empty pipe told end-of-file.",
        link: "https://github.com/SerenityOS/serenity/pull/9330",
        planting: Planting::Made(&["success-for-error:pipe.read.err.eagain"]),
    },
    Deviation {
        number: 8,
        name: "deviation-8-non-blocking-write-sleeps",
        text: "SerenityOS: a non-blocking write to a full pipe slept.",
        link: "https://github.com/SerenityOS/serenity/pull/9330",
        planting: Planting::Made(&[
            "never-fires:pipe.write.atomic.err.eagain",
            "guard-ignored:pipe.write.atomic.blocks:o_nonblock-is-clear",
        ]),
    },
    Deviation {
        number: 10,
        name: "deviation-10-writable-when-full",
        text: "Redox: a pipe that was exactly full polled writable.",
        link: "https://gitlab.redox-os.org/redox-os/kernel/-/commit/68e072aa",
        planting: Planting::Made(&["guard-ignored:poll.ready.pipe.out:pipe_buf-bytes-may-go-in"]),
    },
    Deviation {
        number: 11,
        name: "deviation-11-one-byte-unseen",
        text: "NuttX: of what was stored, one byte was not counted.",
        link: "https://github.com/PX4/NuttX/pull/7",
        planting: Planting::Made(&["told-less:pipe.fionread.tells"]),
    },
    Deviation {
        number: 13,
        name: "deviation-13-blocking-write-is-short",
        text: "NuttX: a blocking write told what had fitted instead of waiting for room.",
        link: "https://github.com/apache/nuttx/pull/14950",
        planting: Planting::Made(&["guard-ignored:pipe.write.long.nonblock:o_nonblock-is-set"]),
    },
    Deviation {
        number: 14,
        name: "deviation-14-writer-opens-at-once",
        text: "NuttX: an open of a FIFO for writing never waited for a reader.",
        link: "https://github.com/apache/nuttx/pull/8985",
        planting: Planting::Own("fifo.open.enters.write", &[Wrong::Also(open::has_met)]),
    },
    Deviation {
        number: 16,
        name: "deviation-16-open-not-interrupted",
        text: "StarryOS: an open of a FIFO that waited could not be interrupted; here not even by SIGKILL.",
        link: "https://github.com/rcore-os/tgoskits/issues/709",
        planting: Planting::Own("process.death.closes", &[Wrong::Unless(open::waits)]),
    },
    Deviation {
        number: 17,
        name: "deviation-17-open-misses-its-peer",
        text: "DragonOS: an open of a FIFO missed a peer that had opened and closed meanwhile.",
        link: "https://github.com/DragonOS-Community/DragonOS/commit/79d54c9a8",
        planting: Planting::Own("descriptor.close.releases", &[Wrong::Also(open::forget_who_went)]),
    },
    Deviation {
        number: 19,
        name: "deviation-19-no-hang-up",
        text: "macOS: poll never told of the last writer's close of a FIFO.",
        link: "https://github.com/att/ast/issues/1091",
        planting: Planting::Made(&["never-fires:poll.ready.pipe.hup"]),
    },
    Deviation {
        number: 20,
        name: "deviation-20-write-end-readable",
        text: "macOS: the writing end of a FIFO polled readable while there was data.",
        link: "https://github.com/python/cpython/issues/145030",
        planting: Planting::Made(&["guard-ignored:poll.ready.pipe.in:a-pipe-open-for-reading"]),
    },
    Deviation {
        number: 22,
        name: "deviation-22-hang-up-is-masked",
        text: "macOS: poll without events missed a hang-up.",
        link: "https://github.com/lionheart/openradar-mirror/issues/19355",
        planting: Planting::All(&[
            ("poll.ask.looks", &[Wrong::Also(ask::mask)]),
            ("poll.ask.again", &[Wrong::Unless(ask::finds_what_is_masked)]),
            ("poll.ask.blocks", &[Wrong::Unless(ask::never)]),
        ]),
    },
    Deviation {
        number: 22,
        name: "deviation-22-tells-nothing-without-a-timeout",
        text: "macOS: poll told that nothing was ready although it might have waited for ever.",
        link: "https://github.com/lionheart/openradar-mirror/issues/19356",
        planting: Planting::Made(&["guard-ignored:poll.ask.nothing:the-timeout-is-0"]),
    },
    Deviation {
        number: 23,
        name: "deviation-23-poll-sleeps-at-hang-up",
        text: "OSv: a poll that slept was not woken by a hang-up that it had not asked for.",
        link: "https://github.com/cloudius-systems/osv/commit/554e80f6",
        planting: Planting::All(&[
            ("poll.ask.again", &[Wrong::Unless(ask::finds_what_is_masked)]),
            ("poll.ask.blocks", &[Wrong::Unless(ask::never)]),
        ]),
    },
    Deviation {
        number: 23,
        name: "deviation-23-no-error-at-a-writing-end",
        text: "OSv: a writing end without a reader polled POLLRDHUP, and neither in error nor writable.",
        link: "https://github.com/cloudius-systems/osv/commit/f6d134bc",
        planting: Planting::Made(&[
            "never-fires:poll.ready.pipe.err.sure",
            "never-fires:poll.ready.pipe.out",
        ]),
    },
    Deviation {
        number: 25,
        name: "deviation-25-two-way",
        text: "FreeBSD, Solaris: the reading end can be written; POSIX leaves that open, Linux does not.",
        link: "https://github.com/fmtlib/fmt/issues/179",
        planting: Planting::Made(&[
            "guard-ignored:pipe.write.atomic:a-pipe-open-for-writing",
            "never-fires:pipe.write.err.ebadf",
        ]),
    },
    Deviation {
        number: 26,
        name: "deviation-26-room-for-the-reader",
        text: "Cygwin: the room that a writer found was less what a waiting reader had asked for.",
        link: "https://github.com/git-for-windows/git/issues/4850",
        planting: Planting::Own("pipe.write.atomic", &[Wrong::Unless(room_is_kept_for_the_reader)]),
    },
    Deviation {
        number: 28,
        name: "deviation-28-no-fionread",
        text: "Asterinas: FIONREAD failed on pipes.",
        link: "https://github.com/asterinas/asterinas/pull/3053",
        planting: Planting::Made(&["error-for-success:pipe.fionread.tells"]),
    },
    Deviation {
        number: 28,
        name: "deviation-28-nothing-to-a-closed-peer",
        text: "Asterinas: a write of no bytes failed when nobody could read.",
        link: "https://github.com/asterinas/asterinas/commit/3b44a638f",
        planting: Planting::Made(&[
            "guard-ignored:pipe.write.sigpipe.kills:it-asks-for-bytes",
            "guard-ignored:pipe.write.epipe.ignored:it-asks-for-bytes",
        ]),
    },
    Deviation {
        number: 29,
        name: "deviation-29-length-of-32-bits",
        text: "XNU: a readv of 2³² bytes went on for ever.",
        link: "https://github.com/apple-oss-distributions/xnu/blob/main/tests/pipe_read_infloop_55437634.c",
        planting: Planting::Waits("transfers of more than the 16 MiB that a program may ask for"),
    },
    Deviation {
        number: 34,
        name: "deviation-34-news-while-looking",
        text: "gVisor: an event was lost that came between the look at a descriptor and the report.",
        link: "https://github.com/google/gvisor/commit/81d384cfe",
        planting: Planting::Own("epoll.wait.answers", &[Wrong::Also(forgets_what_is_told)]),
    },
    Deviation {
        number: 35,
        name: "deviation-35-no-edge-of-a-counter",
        text: "WSL 1, Shadow, StarryOS, Miri: a write to a counter that was not 0 gave no edge.",
        link: "https://github.com/microsoft/WSL/issues/2462",
        planting: Planting::Own("eventfd.write.adds", &[Wrong::Also(no_news_beside_a_number)]),
    },
    Deviation {
        number: 37,
        name: "deviation-37-second-piece-lost",
        text: "StarryOS: with EPOLLET, what came between waking and registering anew was lost.",
        link: "https://github.com/rcore-os/tgoskits/commit/1f5beac62",
        planting: Planting::Own("epoll.wait.answers", &[Wrong::Also(forgets_the_list)]),
    },
    Deviation {
        number: 37,
        name: "deviation-37-change-is-no-news",
        text: "StarryOS: EPOLL_CTL_MOD did not queue a descriptor that was ready.",
        link: "https://github.com/rcore-os/tgoskits/commit/502bc049e",
        planting: Planting::Own("epoll.ctl.mod.changes", &[Wrong::Also(forgets_the_list)]),
    },
    Deviation {
        number: 37,
        name: "deviation-37-told-twice",
        text: "StarryOS: one answer told a level-triggered descriptor twice.",
        link: "https://github.com/rcore-os/tgoskits/commit/7ddab4b23",
        planting: Planting::Made(&["told-other:epoll.wait.answers"]),
    },
    Deviation {
        number: 37,
        name: "deviation-37-nested-wake-up-eaten",
        text: "StarryOS: with lists in lists, another waiter ate the wake-up.",
        link: "https://github.com/rcore-os/tgoskits/pull/2378",
        planting: Planting::Own("epoll.wait.again", &[Wrong::Unless(nested_beside_another)]),
    },
    Deviation {
        number: 38,
        name: "deviation-38-one-shot-fires-again",
        text: "OSv: EPOLLONESHOT disarmed a copy of the registration only.",
        link: "https://github.com/cloudius-systems/osv/commit/91207dd7",
        planting: Planting::Own("epoll.wait.looks", &[Wrong::Also(stays_armed)]),
    },
    Deviation {
        number: 40,
        name: "deviation-40-long-writes-of-a-counter",
        text: "Linux before 6.9: a write of more than eight bytes added the first eight.",
        link: "https://github.com/rust-lang/miri/pull/5046",
        planting: Planting::Made(&[
            "never-fires:eventfd.write.err.einval.long",
            "guard-ignored:eventfd.write.adds.bytes:it-brings-eight-bytes-not-all-of-them-0xff",
        ]),
    },
    Deviation {
        number: 40,
        name: "deviation-40-no-offset-of-a-counter",
        text: "Linux before 6.0: lseek on a counter failed with ESPIPE.",
        link: "https://github.com/rust-lang/miri/pull/5046",
        planting: Planting::Own("descriptor.lseek.typeless", &[Wrong::Error(Errno::ESPIPE)]),
    },
    Deviation {
        number: 31,
        name: "deviation-31-events-written",
        text: "gVisor: poll wrote to the events that were asked for as well.",
        link: "https://github.com/google/gvisor/commit/3169ea676",
        planting: Planting::Own("poll.ask.answers", &[Wrong::Tells(ask::with_events_written)]),
    },
    Deviation {
        number: 32,
        name: "deviation-32-closed-is-not-told",
        text: "gVisor: poll did not tell of a descriptor that was closed; here, before the call.",
        link: "https://github.com/google/gvisor/issues/4747",
        planting: Planting::Made(&["never-fires:poll.ready.closed"]),
    },
    Deviation {
        number: 32,
        name: "deviation-32-sleeps-when-closed",
        text: "gVisor: a poll that waited was not told when another thread closed the descriptor.",
        link: "https://github.com/google/gvisor/issues/4747",
        planting: Planting::Waits(
            "threads: nobody else can close a descriptor of a process in a call",
        ),
    },
    Deviation {
        number: 32,
        name: "deviation-32-no-rdhup",
        text: "gVisor: POLLRDHUP was never told.",
        link: "https://github.com/google/gvisor/issues/6015",
        planting: Planting::Waits("connections, which alone have it"),
    },
    Deviation {
        number: 32,
        name: "deviation-32-error-stays",
        text: "gVisor: POLLERR stayed after SO_ERROR had been read.",
        link: "https://github.com/google/gvisor/issues/6666",
        planting: Planting::Waits("SO_ERROR"),
    },
    Deviation {
        number: 41,
        name: "deviation-41-interruption-swallowed",
        text: "Redox: a wait for an interest list that a handler had interrupted was begun again.",
        link: "https://gitlab.redox-os.org/redox-os/relibc/-/commit/0a9095bb",
        planting: Planting::Waits("signal handlers"),
    },
    Deviation {
        number: 43,
        name: "deviation-43-writable-and-refused",
        text: "FreeBSD: select said writable, and the write was refused by EAGAIN.",
        link: "https://github.com/adrienverge/openfortivpn/pull/445",
        planting: Planting::Own("poll.ask.looks", &[Wrong::Also(ask::any_room_is_writable)]),
    },
    Deviation {
        number: 46,
        name: "deviation-46-reference-in-flight",
        text: "macOS: a pipe whose end was passed and closed before it was received told end-of-file.",
        link: "https://github.com/libuv/libuv/issues/2476",
        planting: Planting::Waits("descriptors passed over sockets"),
    },
    Deviation {
        number: 59,
        name: "deviation-59-no-sigpipe",
        text: "Phoenix-RTOS: a write that nobody could read told EPIPE without SIGPIPE.",
        link: "https://github.com/phoenix-rtos/phoenix-rtos-kernel/pull/514",
        planting: Planting::Own(
            "pipe.write.sigpipe.kills",
            &[Wrong::Missing(0), Wrong::Error(Errno::EPIPE)],
        ),
    },
    Deviation {
        number: 73,
        name: "deviation-73-exec-ignores-nothing",
        text: "Redox: what was ignored was not ignored any more after exec.",
        link: "https://gitlab.redox-os.org/redox-os/relibc/-/commit/38e724ec",
        planting: Planting::Own("process.exec.keeps", &[Wrong::Also(ignores_nothing)]),
    },
];
