//! What must be seen somewhere in a scope: a world in which nothing happens keeps every promise.

use ipc_model::descriptor::LSEEK;
use ipc_model::errno::Errno;
use ipc_model::eventfd::EVENTFD_WRITE;
use ipc_model::fifo::OPEN;
use ipc_model::mutex::{MUTEX_LOCK, MUTEX_TIMEDLOCK, MUTEX_TRYLOCK};
use ipc_model::operation::{Actor, Operation};
use ipc_model::outcome::{Code, Outcome, Signal, Status, Value};
use ipc_model::payload::{Data, Run};
use ipc_model::pipe::{SETPIPE_SZ, SPLICE, TEE};
use ipc_model::poll::{ERR, HUP, IN, OUT};
use ipc_model::ring::{RECEIVES, SENDS};
use ipc_model::socket::{ACCEPT4, CONNECT};
use ipc_model::thread::PTHREAD_JOIN;
use ipc_model::world::{Activity, InCall, Life, Object, World};

use super::bytes::{packets_of, relays};
use super::space::{Action, Edge, Moved, contents};

/// Something that must happen at some time.
pub struct Sometimes {
    /// One sentence.
    pub name: &'static str,
    pub(super) seen: fn(&Edge<'_>) -> bool,
}

/// Names something that must happen.
const fn sometimes(name: &'static str, seen: fn(&Edge<'_>) -> bool) -> Sometimes {
    Sometimes { name, seen }
}

pub(super) static READER_WAKES: Sometimes = sometimes("a read that slept gets bytes", |edge| {
    edge.answer().is_some_and(|(call, told)| call.slept && received(told) > 0)
});
pub(super) static WRITER_WAKES: Sometimes = sometimes("a write that slept goes through", |edge| {
    edge.answer().is_some_and(|(call, told)| call.slept && sent(told) == Some(call.call.len()))
});
pub(super) static INTERRUPTED: Sometimes = sometimes("a call is interrupted", |edge| {
    edge.answer().is_some_and(|(_, told)| *told == Outcome::Failure(Errno::EINTR))
});
pub(super) static VALUE_TAKEN: Sometimes =
    sometimes("a signal is taken with its value, by who slept", |edge| {
        let value =
            |told: &Outcome| matches!(told, Outcome::Success(Value::Info(i)) if i.value != 0);
        edge.answer().is_some_and(|(call, told)| call.slept && value(told))
    });
pub(super) static PARENT_TOLD: Sometimes =
    sometimes("a parent that slept is told how its child ended", |edge| {
        let told = |told: &Outcome| matches!(told, Outcome::Success(Value::Status(_)));
        edge.answer().is_some_and(|(call, outcome)| call.slept && told(outcome))
    });
pub(super) static TIMER_EXPIRED: Sometimes =
    sometimes("the timer that every process has sends its signal", |edge| {
        let sent = |process: &std::sync::Arc<ipc_model::world::Process>| {
            process.signals.queue.iter().any(|one| one.code == Code::SI_KERNEL)
        };
        edge.after.world.processes.iter().any(sent)
    });
pub(super) static TIMER_WAKES: Sometimes = sometimes(
    "who slept takes the signal of a timer",
    |edge| {
        let timer = |told: &Outcome| matches!(told, Outcome::Success(Value::Info(i)) if i.code == Code::SI_TIMER);
        edge.answer().is_some_and(|(call, told)| call.slept && timer(told))
    },
);
pub(super) static THREAD_TAKES: Sometimes =
    sometimes("a thread takes what its process is sent", |edge| {
        let number = edge.action.actor().process;
        let is_thread = edge.before.world.leader(number) != number;
        let took = |call: &InCall| call.slept && call.taken.iter().any(|taken| !taken.thread);
        is_thread && edge.answer().is_some_and(|(call, _)| took(call))
    });
pub(super) static THREAD_JOINED: Sometimes =
    sometimes("who slept is told that a thread has ended", |edge| {
        edge.answer().is_some_and(|(call, _)| call.slept && call.call.operation == &PTHREAD_JOIN)
    });
pub(super) static SIGNALS_READ_ASLEEP: Sometimes =
    sometimes("a signal is read by who slept", |edge| {
        let read = |told: &Outcome| matches!(told, Outcome::Success(Value::Infos(_)));
        edge.answer().is_some_and(|(call, told)| call.slept && read(told))
    });
pub(super) static OVERLOOKED: Sometimes =
    sometimes("who sleeps is not told of a new set", |edge| {
        let is = |object: &std::sync::Arc<Object>| match &**object {
            Object::Watched(watched) => !watched.overlooked.is_empty(),
            _ => false,
        };
        edge.after.world.objects.iter().any(is)
    });
pub(super) static ENDED_BY_SIGNAL: Sometimes = sometimes("a signal ends who sleeps", |edge| {
    let is = |p: &std::sync::Arc<ipc_model::world::Process>| {
        p.life == Life::Dying(Status::Signaled(Signal::SIGUSR1))
    };
    let slept = |world: &World| world.in_call(edge.action.actor()).is_some_and(|c| c.slept);
    edge.after.world.processes.iter().any(is) && slept(&edge.before.world)
});
pub(super) static NUMBER_WAKES: Sometimes =
    sometimes("a read of a counter that slept gets a number", |edge| {
        edge.answer().is_some_and(|(call, told)| {
            call.slept && matches!(told, Outcome::Success(Value::Number(_)))
        })
    });
pub(super) static ROOM_WAKES: Sometimes =
    sometimes("a write to a counter that slept goes through", |edge| {
        let is = |call: &InCall| call.slept && call.call.operation == &EVENTFD_WRITE;
        edge.answer().is_some_and(|(call, told)| is(call) && *told == Outcome::NOTHING)
    });
fn locks(call: &InCall) -> bool {
    [&MUTEX_LOCK, &MUTEX_TIMEDLOCK, &MUTEX_TRYLOCK].contains(&call.call.operation)
}
pub(super) static TAKEN_ASLEEP: Sometimes =
    sometimes("who slept for a mutex has it", |edge| match edge.answer() {
        Some((call, told)) => call.slept && locks(call) && *told == Outcome::NOTHING,
        None => false,
    });
pub(super) static OWNER_DIED: Sometimes = sometimes("an owner's death is told", |edge| {
    refused(edge, Errno::EOWNERDEAD, |call| !call.slept)
});
pub(super) static OWNER_DIED_ASLEEP: Sometimes =
    sometimes("an owner's death is told to who slept", |edge| {
        refused(edge, Errno::EOWNERDEAD, |call| call.slept)
    });
pub(super) static ALL_IS_LOST: Sometimes =
    sometimes("who slept for a mutex is told that it is lost", |edge| {
        refused(edge, Errno::ENOTRECOVERABLE, |call| call.slept)
    });
pub(super) static TOO_LATE: Sometimes =
    sometimes("who slept for a mutex is told that its time is over", |edge| {
        refused(edge, Errno::ETIMEDOUT, |call| call.slept)
    });
pub(super) static NOBODY_WAKES: Sometimes =
    sometimes("whoever may have been woken for a dead owner's mutex dies too", |edge| {
        let missed = |world: &World| world.mutexes.iter().any(|mutex| mutex.missed);
        !missed(&edge.before.world) && missed(&edge.after.world)
    });
pub(super) static MESSAGE_WAKES: Sometimes =
    sometimes("who slept for a message has one", |edge| match edge.answer() {
        Some((call, Outcome::Success(Value::Data(_)))) => {
            call.slept && RECEIVES.contains(&call.call.operation)
        }
        _ => false,
    });
pub(super) static SPACE_WAKES: Sometimes =
    sometimes("a message goes in of who slept for room", |edge| {
        let slept = |call: &InCall| call.slept && SENDS.contains(&call.call.operation);
        edge.answer().is_some_and(|(call, told)| slept(call) && *told == Outcome::NOTHING)
    });
pub(super) static ENDED_ASLEEP: Sometimes =
    sometimes("who slept for a message is told the end", |edge| {
        let slept = |call: &InCall| call.slept && RECEIVES.contains(&call.call.operation);
        edge.answer().is_some_and(|(call, told)| slept(call) && *told == Outcome::NOTHING)
    });
pub(super) static DEATH_TOLD_ASLEEP: Sometimes =
    sometimes("the death of the other side is told to who slept", |edge| {
        refused(edge, Errno::ECONNRESET, |call| call.slept)
    });
pub(super) static DEATH_TOLD_BEFORE: Sometimes =
    sometimes("a death is told before what the successor sent", |edge| {
        let marked = edge.before.world.rings.at(0).is_some_and(|ring| !ring.records.is_empty());
        marked && refused(edge, Errno::ECONNRESET, |call| RECEIVES.contains(&call.call.operation))
    });
pub(super) static MARK_PASSED: Sometimes =
    sometimes("who was told of a death is not told again", |edge| {
        let told = |world: &World| world.rings.at(0).is_some_and(|ring| ring.told);
        told(&edge.before.world) && !told(&edge.after.world)
    });
/// How many events a call is told.
fn events(told: &Outcome) -> Option<usize> {
    match told {
        Outcome::Success(Value::Events(events)) => Some(events.len()),
        _ => None,
    }
}
pub(super) static TOLD_AWAKE: Sometimes = sometimes("events are told at once", |edge| {
    edge.answer().is_some_and(|(call, told)| !call.slept && events(told) > Some(0))
});
pub(super) static TOLD_ASLEEP: Sometimes = sometimes("events are told to who slept", |edge| {
    edge.answer().is_some_and(|(call, told)| call.slept && events(told) > Some(0))
});
pub(super) static TOLD_NOTHING: Sometimes =
    sometimes("it is told that there is no event", |edge| {
        edge.answer().is_some_and(|(_, told)| events(told) == Some(0))
    });
pub(super) static ACCEPTED_ASLEEP: Sometimes =
    sometimes("who slept has a connection that was made meanwhile", |edge| {
        let accepts = |call: &InCall| call.slept && call.call.operation == &ACCEPT4;
        edge.answer()
            .is_some_and(|(call, told)| accepts(call) && matches!(told, Outcome::Success(_)))
    });
pub(super) static CONNECTED_ASLEEP: Sometimes =
    sometimes("who slept for room is connected", |edge| {
        let connects = |call: &InCall| call.slept && call.call.operation == &CONNECT;
        edge.answer().is_some_and(|(call, told)| connects(call) && *told == Outcome::NOTHING)
    });
pub(super) static REFUSED_ASLEEP: Sometimes =
    sometimes("who slept for room is told that nobody takes connections", |edge| {
        refused(edge, Errno::ECONNREFUSED, |call| call.slept)
    });
pub(super) static END: Sometimes = sometimes("a read is at end-of-file", is_end);
pub(super) static WOKEN_BY_END: Sometimes =
    sometimes("a read that slept is at end-of-file", |edge| {
        is_end(edge) && edge.call().is_some_and(|call| call.slept)
    });
pub(super) static SHORT_READ: Sometimes = sometimes("a read gets less than it asks for", |edge| {
    edge.answer().is_some_and(|(call, told)| {
        let got = received(told);
        0 < got && got < call.call.len()
    })
});
pub(super) static TWO_WRITES: Sometimes =
    sometimes("a read gets bytes of two writes", |edge| match edge.answer() {
        Some((_, Outcome::Success(Value::Data(data)))) => {
            tags(data).windows(2).any(|w| w[0] != w[1])
        }
        _ => false,
    });
pub(super) static BETWEEN: Sometimes =
    sometimes("another write comes between the pieces of a long one", |edge| {
        let Some(call) = edge.call() else { return false };
        let into = |(_, moved): &&(usize, Moved)| matches!(moved, Moved::In(_));
        let last = edge.seen.moves.iter().find(into).and_then(|(index, _)| {
            let data = contents(&edge.before.world.objects[*index])?;
            tags(data).last().copied()
        });
        let begun = edge.before.moved[usize::from(edge.action.actor().process)] > 0;
        begun && last.is_some_and(|tag| tag != call.call.tag)
    });
pub(super) static PARTIAL: Sometimes =
    sometimes("a write tells that less went in than it brought", |edge| {
        edge.answer().is_some_and(|(call, told)| sent(told).is_some_and(|n| n < call.call.len()))
    });
pub(super) static CUT_SHORT: Sometimes =
    sometimes("a write that slept tells that less went in than it brought", |edge| {
        edge.call().is_some_and(|call| call.slept) && (PARTIAL.seen)(edge)
    });
pub(super) static READ_REFUSED: Sometimes = sometimes("a read is refused by EAGAIN", |edge| {
    refused(edge, Errno::EAGAIN, |call| call.call.operation.gives.is_data())
});
pub(super) static WRITE_REFUSED: Sometimes = sometimes("a write is refused by EAGAIN", |edge| {
    refused(edge, Errno::EAGAIN, |call| call.call.operation.sends())
});
pub(super) static LATE_REFUSED: Sometimes =
    sometimes("a call that slept is refused by EAGAIN", |edge| {
        refused(edge, Errno::EAGAIN, |call| call.slept)
    });
pub(super) static NOBODY_READS: Sometimes =
    sometimes("a write is told EPIPE", |edge| refused(edge, Errno::EPIPE, |_| true));
pub(super) static RESET: Sometimes =
    sometimes("a call is told ECONNRESET", |edge| refused(edge, Errno::ECONNRESET, |_| true));
pub(super) static WRONG_END: Sometimes =
    sometimes("a call on the wrong end is refused", |edge| refused(edge, Errno::EBADF, |_| true));
pub(super) static NONE_FREE: Sometimes =
    sometimes("a process has no descriptor left", |edge| refused(edge, Errno::EMFILE, |_| true));
pub(super) static RENDEZVOUS: Sometimes =
    sometimes("an open that slept has met the other end", |edge| {
        opened(edge).is_some_and(|call| call.slept)
    });
pub(super) static MET_IN_PASSING: Sometimes =
    sometimes("an open that may wait returns when whom it has met is gone", |edge| {
        let here = |call: &InCall| {
            let description = edge.before.world.descriptions.get(usize::from(call.holds?))?;
            let Object::Pipe(pipe) = edge.before.world.object_at(description.object) else {
                return None;
            };
            let peers = if description.reads { pipe.writers } else { pipe.readers };
            Some(peers == 0 && !description.nonblock)
        };
        opened(edge).and_then(here) == Some(true)
    });
pub(super) static NOBODY_THERE: Sometimes =
    sometimes("an open is refused by ENXIO", |edge| refused(edge, Errno::ENXIO, |_| true));
pub(super) static GENERATION: Sometimes =
    sometimes("what was at its end for a reader can be written again", |edge| {
        let writers = |world: &World, object: u16| match world.object_at(object) {
            Object::Pipe(pipe) => pipe.writers,
            _ => 0,
        };
        let (before, after) = (&edge.before.world, &edge.after.world);
        let over = |d: &&ipc_model::world::Description| d.references > 0 && d.reads && !d.alone;
        before
            .descriptions
            .iter()
            .filter(over)
            .any(|d| writers(before, d.object) == 0 && writers(after, d.object) > 0)
    });
pub(super) static TWO_OF_A_NAME: Sometimes =
    sometimes("two FIFOs are open that had one name", |edge| {
        let pipes = edge.after.world.objects.iter().filter(|o| matches!(***o, Object::Pipe(_)));
        pipes.count() > 1
    });
pub(super) static POLL_WOKEN_BY_DATA: Sometimes =
    sometimes("who slept is told that there is data", |edge| told_of(edge, IN, true));
pub(super) static POLL_WOKEN_BY_ROOM: Sometimes =
    sometimes("who slept is told that there is room", |edge| told_of(edge, OUT, true));
pub(super) static POLL_WOKEN_BY_HUP: Sometimes =
    sometimes("who slept is told of a hang-up", |edge| told_of(edge, HUP, true));
pub(super) static POLL_WOKEN_BY_ERR: Sometimes =
    sometimes("who slept is told of an error", |edge| told_of(edge, ERR, true));
pub(super) static POLL_IN_VAIN: Sometimes =
    sometimes("who was woken looks, and finds nothing", |edge| {
        let looks = edge.call().is_some_and(|call| call.slept);
        let after = edge.after.world.in_call(edge.action.actor());
        let whole = |call: &InCall| call.seen.len() == call.call.watches().len();
        let nothing = |call: &InCall| whole(call) && call.seen.iter().all(|found| *found == 0);
        let before = edge.call().is_some_and(|call| !whole(call));
        looks && before && after.is_some_and(nothing)
    });
pub(super) static POLL_NOTHING: Sometimes =
    sometimes("who may not wait is told of nothing", |edge| {
        let nothing = |told: &Outcome| match told {
            Outcome::Success(Value::Ready(found)) => found.iter().all(|found| *found == 0),
            _ => false,
        };
        edge.answer().is_some_and(|(_, told)| nothing(told))
    });

/// The open that is answered with success.
fn opened<'e>(edge: &'e Edge<'_>) -> Option<&'e InCall> {
    let (call, told) = edge.answer()?;
    (call.call.operation == &OPEN && matches!(told, Outcome::Success(_))).then_some(call)
}

/// A `poll` is told of such an event.
fn told_of(edge: &Edge<'_>, event: u32, slept: bool) -> bool {
    let has = |told: &Outcome| match told {
        Outcome::Success(Value::Ready(found)) => found.iter().any(|bits| bits >> event & 1 != 0),
        _ => false,
    };
    edge.answer().is_some_and(|(call, told)| call.slept == slept && has(told))
}
pub(super) static NO_CHILD: Sometimes =
    sometimes("a wait is told ECHILD", |edge| refused(edge, Errno::ECHILD, |_| true));
pub(super) static KILLED_BY_SIGPIPE: Sometimes =
    sometimes("SIGPIPE ends a writer", |edge| ends(edge, Status::Signaled(Signal::SIGPIPE)));
pub(super) static PENDING: Sometimes = sometimes("SIGPIPE is pending", |edge| {
    edge.after.world.processes.iter().any(|process| process.signals.pending != 0)
});
pub(super) static KILLED_ASLEEP: Sometimes =
    sometimes("a process is killed in its sleep", |edge| {
        let killed = Life::Dying(Status::Signaled(Signal::SIGKILL));
        edge.after.world.processes.iter().enumerate().any(|(number, process)| {
            let asleep = edge.before.world.in_call(Actor::first(number as u8));
            process.life == killed && asleep.is_some_and(|call| call.slept) && newly(edge, number)
        })
    });
pub(super) static CUT_BY_DEATH: Sometimes =
    sometimes("a process dies with a write half done", |edge| {
        let Action::Step { step, .. } = edge.action else { return false };
        let done = edge.before.moved[usize::from(step.actor.process)];
        step.unasked && done > 0
    });
pub(super) static TOLD_OF_END: Sometimes = sometimes("a wait that slept is answered", |edge| {
    edge.answer().is_some_and(|(call, told)| {
        call.slept && matches!(told, Outcome::Success(Value::Status(_)))
    })
});
pub(super) static LOST: Sometimes = sometimes("a pipe goes with bytes in it", |edge| {
    let lost = |(index, moved): &(usize, Moved)| {
        *moved == Moved::Lost
            && contents(&edge.before.world.objects[*index]).is_some_and(|data| !data.is_empty())
    };
    edge.seen.moves.iter().any(lost)
});

pub(super) static PACKET_ENDS: Sometimes =
    sometimes("a read ends at a packet, though it asks for more and more is stored", |edge| {
        let more =
            |index: &usize| !contents(&edge.after.world.objects[*index]).is_none_or(Data::is_empty);
        (SHORT_READ.seen)(edge) && edge.seen.moves.iter().any(|(index, _)| more(index))
    });
pub(super) static PACKET_CUT: Sometimes = sometimes("a read drops the rest of a packet", |edge| {
    edge.answer().is_some_and(|(_, told)| received(told) > 0 && received(told) < went_out(edge))
});
pub(super) static MIXED: Sometimes =
    sometimes("a read gets bytes that are no packet and a packet behind them", |edge| {
        edge.answer().is_some_and(|(_, told)| {
            let starts = |(index, _): &(usize, Moved)| {
                packets_of(edge.before, *index).first().map_or(0, |(start, _)| *start)
            };
            edge.seen.moves.iter().any(|moved| (1..received(told)).contains(&starts(moved)))
        })
    });
pub(super) static GROWS_UNDER_SLEEPER: Sometimes =
    sometimes("a pipe grows while a write sleeps that finds no room", |edge| {
        let sleeps = |number: u8| {
            let call = edge.before.world.in_call(Actor::first(number));
            call.is_some_and(|call| call.slept && call.call.operation.sends())
        };
        let resized = edge.answer().is_some_and(|(call, told)| {
            call.call.operation == &SETPIPE_SZ && matches!(told, Outcome::Success(_))
        });
        let grew = capacity(&edge.before.world) < capacity(&edge.after.world);
        resized && grew && (0..edge.before.world.processes.len() as u8).any(sleeps)
    });
pub(super) static BUSY: Sometimes =
    sometimes("a capacity is refused for its pages, though all bytes had room in it", |edge| {
        let stored = |world: &World| {
            world.objects.iter().filter_map(|o| contents(o)).map(Data::len).sum::<u64>()
        };
        refused(edge, Errno::EBUSY, |call| {
            u64::try_from(call.call.number(2)).is_ok_and(|n| stored(&edge.before.world) <= n)
        })
    });
pub(super) static SPLICED: Sometimes = sometimes("a splice that slept moves bytes", |edge| {
    relayed(edge, &SPLICE, |n| n > 0) && slept(edge)
});
pub(super) static COPIED: Sometimes = sometimes("a tee that slept copies bytes", |edge| {
    relayed(edge, &TEE, |n| n > 0) && slept(edge)
});
pub(super) static TEE_OF_NOTHING: Sometimes =
    sometimes("a tee that had found input finds nothing any more", |edge| {
        let writers = |object: &std::sync::Arc<Object>| match &**object {
            Object::Pipe(pipe) => pipe.writers,
            _ => 1,
        };
        relayed(edge, &TEE, |n| n == 0) && edge.before.world.objects.iter().all(|o| writers(o) > 0)
    });
pub(super) static NOTHING_MORE: Sometimes =
    sometimes("a splice is at end-of-file", |edge| relayed(edge, &SPLICE, |n| n == 0));
pub(super) static MAY_NOT_RELAY: Sometimes =
    sometimes("a splice or tee is refused by EAGAIN", |edge| refused(edge, Errno::EAGAIN, relays));
pub(super) static PACKET_SPLIT: Sometimes =
    sometimes("a splice takes a part of a packet", |edge| {
        let parts = |(index, moved): &(usize, Moved)| match moved {
            Moved::Out(data) => packets_of(edge.before, *index)
                .iter()
                .any(|(start, end)| *start < data.len() && data.len() < *end),
            _ => false,
        };
        relayed(edge, &SPLICE, |n| n > 0) && edge.seen.moves.iter().any(parts)
    });

fn relayed(edge: &Edge<'_>, by: &Operation, so: impl Fn(u64) -> bool) -> bool {
    edge.answer().is_some_and(|(call, told)| {
        call.call.operation == by && !call.call.is_empty() && sent(told).is_some_and(so)
    })
}

/// What a read of memory got, though others were in their calls.
pub(super) static TORN: Sometimes =
    sometimes("a read gets a part of what one write puts in, before the rest is there", |edge| {
        edge.answer().is_some_and(|(_, told)| match told {
            Outcome::Success(Value::Data(data)) => data.runs().any(|run| {
                let Run::Of { tag, from, len } = run else { return false };
                let world = &edge.before.world;
                let writer = world.processes.iter().map(|process| &process.activity);
                writer.into_iter().any(|thread| match thread {
                    Activity::InCall(call) => call.call.tag == *tag && from + len < call.call.len(),
                    _ => false,
                })
            }),
            _ => false,
        })
    });
pub(super) static WHOLE_AGAIN: Sometimes =
    sometimes("a write that waited for another puts all of its bytes in", |edge| {
        edge.answer().is_some_and(|(call, told)| {
            call.slept && sent(told) == Some(call.call.len()) && !call.call.is_empty()
        })
    });
pub(super) static WAITED_FOR_ITS_TURN: Sometimes =
    sometimes("a call that waited for its turn with the offset goes on", |edge| {
        edge.answer().is_some_and(|(call, told)| {
            call.slept && call.call.operation == &LSEEK && matches!(told, Outcome::Success(_))
        })
    });
pub(super) static CUT_UNDER_A_READ: Sometimes =
    sometimes("a read gets less than there was when it began, for the file was cut", |edge| {
        edge.answer().is_some_and(|(call, told)| {
            let at = call.moving.as_ref().map_or(0, |moving| moving.at);
            let size = edge.call().and_then(|call| call.call.fd()).and_then(|fd| {
                let world = &edge.before.world;
                let entry = world.entry(edge.action.actor().process, i64::from(fd))?;
                match world.object_of(entry.description) {
                    Object::Memory(file) => Some(file.size),
                    _ => None,
                }
            });
            received(told) > 0 && size.is_some_and(|size| size < at + received(told))
        })
    });
pub(super) static GENERATION_OF_MEMORY: Sometimes = sometimes(
    "two files of memory are there that had one name",
    |edge| {
        let is = |object: &&std::sync::Arc<Object>| matches!(&***object, Object::Memory(file) if file.origin == ipc_model::memory::Origin::Shared);
        edge.after.world.objects.iter().filter(is).count() > 1
    },
);

fn slept(edge: &Edge<'_>) -> bool {
    edge.call().is_some_and(|call| call.slept)
}

fn went_out(edge: &Edge<'_>) -> u64 {
    let bytes = |(_, moved): &(usize, Moved)| match moved {
        Moved::Out(data) => data.len(),
        _ => 0,
    };
    edge.seen.moves.iter().map(bytes).sum()
}

fn capacity(world: &World) -> u64 {
    let each = world.objects.iter().map(|object| match &**object {
        Object::Pipe(pipe) => pipe.capacity,
        _ => 0,
    });
    each.sum()
}

fn received(told: &Outcome) -> u64 {
    match told {
        Outcome::Success(value) => value.data().map_or(0, Data::len),
        _ => 0,
    }
}

fn sent(told: &Outcome) -> Option<u64> {
    match told {
        Outcome::Success(Value::Number(n)) => u64::try_from(*n).ok(),
        _ => None,
    }
}

fn is_end(edge: &Edge<'_>) -> bool {
    edge.answer().is_some_and(|(call, told)| {
        let nothing = matches!(told, Outcome::Success(Value::Data(data)) if data.is_empty());
        nothing && !call.call.is_empty()
    })
}

fn refused(edge: &Edge<'_>, by: Errno, such: impl Fn(&InCall) -> bool) -> bool {
    edge.answer().is_some_and(|(call, told)| *told == Outcome::Failure(by) && such(call))
}

fn ends(edge: &Edge<'_>, so: Status) -> bool {
    let all = edge.after.world.processes.iter().enumerate();
    all.into_iter().any(|(number, process)| process.life == Life::Dying(so) && newly(edge, number))
}

/// Whether the life of a process is not what it was.
fn newly(edge: &Edge<'_>, number: usize) -> bool {
    edge.before.world.processes[number].life != edge.after.world.processes[number].life
}

/// The write that each run of the bytes is of.
fn tags(data: &Data) -> Vec<u32> {
    let tag = |run: &Run| match run {
        Run::Of { tag, .. } => Some(*tag),
        Run::Raw(_) => None,
    };
    data.runs().filter_map(tag).collect()
}
