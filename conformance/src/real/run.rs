//! One program, once: lines are issued as their order allows, reports become events, and whenever
//! nothing moves any more that is an event too.

use std::collections::VecDeque;
use std::fmt::Write;
use std::io;
use std::time::{Duration, Instant};

use ipc_model::mutex;
use ipc_model::operation::{Actor, Call, Gives, Param};
use ipc_model::process::SET_PDEATHSIG;
use ipc_model::segment::SHMGET;

use super::calls::driver_of;
use super::calls::signal::numbers;
use super::decode::Decoder;
use super::fleet::Fleet;
use super::life::{because, readable, readable_asked};
use super::player::{Player, Stage, drops_children, ends_a_group, stops};
use super::report::status_of;
use super::still::Rest;
use super::{Real, RealOptions, pending, rings};
use crate::alarms::{self, Alarms, Awaited};
use crate::bindings::Bindings;
use crate::history::{End, Event, EventKind, Head, History, Numbers, Proof};
use crate::program::Program;
use crate::schedule::Schedule;
use crate::system::{System, SystemError};

/// How long to keep asking without sleeping in between.
const EAGER: Duration = Duration::from_millis(1);
/// How long to sleep at most once that is over, unless something is reported: whoever falls asleep or
/// is given a processor does not say so.
const DOZE: Duration = Duration::from_millis(10);

/// For how long behind its time a timer is waited for of which nothing need be seen.
const GRACE: Duration = Duration::from_millis(10);

/// A program under way.
pub(super) struct Run<'a> {
    pub(super) fleet: &'a mut Fleet,
    pub(super) options: &'a RealOptions,
    pub(super) program: &'a Program,
    pub(super) schedule: Schedule<'a>,
    pub(super) actors: Vec<Player>,
    pub(super) events: Vec<Event>,
    /// When something last happened.
    pub(super) since: Instant,
    /// When it was last looked whether anybody moves.
    pub(super) looked: Instant,
    /// How much of the patience is used up.
    pub(super) spent: Duration,
    /// All slept, and nothing has been heard since; some of them look again by themselves.
    pub(super) rest: Option<Rest>,
    /// Whether something has happened after which more lines may begin.
    pub(super) changed: bool,
    /// Whether a process may be left that nobody knows of.
    pub(super) tainted: bool,
    pub(super) bindings: Bindings,
    pub(super) decoder: Decoder,
    deadline: Instant,
    pub(super) nofile: u32,
    pub(super) spare: VecDeque<usize>,
    /// Whether the program may stop somebody.
    pub(super) stops: bool,
    /// Who was stopped while it was about a call when nothing moved, and the ticket of that moment.
    pub(super) halted: Vec<(u64, Actor)>,
    /// The timers of the program, if it has any.
    pub(super) alarms: Option<Alarms>,
    /// The ticket at which the program was over, where somebody might still move.
    pub(super) over: Option<u64>,
}

/// Runs a program; also whether the fleet is as good as before.
pub fn run(
    fleet: &mut Fleet,
    program: &Program,
    real: &Real,
) -> Result<(History, bool), SystemError> {
    check(program)?;
    fleet.begin_program();
    let roots = program.roots();
    let nofile = program.nofile.unwrap_or(Program::NOFILE);
    let head = Head {
        system: real.name(),
        numbers: Numbers { nofile: nofile.into(), ..real.numbers() },
        program: text(program),
        actors: program.actors.clone(),
        roots: roots.clone(),
    };
    let hands = fleet.take(roots.len(), nofile)?;
    let spare = fleet.spare_slots(&hands, program.actors.len() - roots.len())?;
    let mut actors: Vec<Player> = program.actors.iter().map(|_| Player::unborn()).collect();
    for (root, hand) in roots.iter().zip(hands) {
        actors[usize::from(*root)] = Player::played_by(hand);
    }
    let now = Instant::now();
    let mut run = Run {
        fleet,
        options: &real.options,
        program,
        schedule: Schedule::new(program),
        actors,
        events: Vec::with_capacity(4 * program.lines.len()),
        since: now,
        looked: now,
        spent: Duration::ZERO,
        rest: None,
        changed: true,
        tainted: false,
        bindings: Bindings::new(program),
        decoder: Decoder::default(),
        deadline: now + real.options.deadline,
        nofile,
        spare: spare.into(),
        stops: program.lines.iter().any(stops),
        halted: Vec::new(),
        alarms: alarms::are_used_by(program).then(Alarms::default),
        over: None,
    };
    let mut end = run.execute().unwrap_or_else(|e| End::Broken { reason: e.to_string() });
    if !run.tell_of_handlers() {
        end = End::Broken { reason: "more handlers ran than there is room to tell of".to_owned() };
    }
    let events = run.take_events();
    let clean = run.clean_up(end == End::Complete)?;
    Ok((History { head, events, end }, clean))
}

/// The program's text.
fn text(program: &Program) -> String {
    let mut text = String::with_capacity(64 * (program.lines.len() + 4));
    write!(text, "{program}").expect("a text takes all that is written to it");
    text
}

/// What a program must keep to for us to run it; text is held to it when it is read.
fn check(program: &Program) -> Result<(), SystemError> {
    let refuse = |cause: String| Err(because("running the program", io::Error::other(cause)));
    if program.actors.len() > Program::MAX_ACTORS {
        return refuse(format!("it has more than {} actors", Program::MAX_ACTORS));
    }
    let mut born = vec![false; program.actors.len()];
    for (index, line) in program.lines.iter().enumerate() {
        let label = || program.label(index);
        if driver_of(line.operation).is_none() {
            return refuse(format!("{} makes a call that no driver is for", label()));
        }
        if let Some(child) = line.child.map(usize::from)
            && std::mem::replace(&mut born[child], true)
        {
            return refuse(format!("{} makes an actor that is made before", label()));
        }
        if line.operation.gives == Gives::Process && line.child.is_none() {
            return refuse(format!("{} makes a process without a name", label()));
        }
    }
    Ok(())
}

/// Whether who sleeps in that call goes back to sleep when it is nudged.
fn is_stubborn(call: &Call) -> bool {
    driver_of(call.operation).is_some_and(|(_, driver)| driver.stubborn)
}

impl Run<'_> {
    fn execute(&mut self) -> io::Result<End> {
        let mut fruitless = 0;
        // Nothing moves, and somebody is to come back by itself.
        let mut awaits = false;
        loop {
            if std::mem::take(&mut self.changed) {
                self.stirs();
                self.rest = None;
                awaits = false;
                // If nobody was sent a command, those who sleep may be looked at all the sooner.
                fruitless = u32::from(!self.issue()?);
            }
            // Who was woken by its command has mostly been and gone.
            self.receive()?;
            if !self.changed {
                nix::sched::sched_yield()?;
                self.receive()?;
            }
            if self.changed {
                continue;
            }
            fruitless += 1;
            // Whoever was just sent a command is on its way, and costs nothing to wait for.
            if fruitless >= 2 && !awaits {
                if self.is_still()? {
                    if self.issue()? {
                        fruitless = 0;
                    } else if self.awaits_time().is_some() || self.awaits_alarm() {
                        awaits = true;
                    } else if self.is_over() {
                        return Ok(End::Complete);
                    }
                } else if !self.changed {
                    // Ends are rare, and asked for only where nothing else has come.
                    self.bury()?;
                }
            }
            if awaits && self.alarms.is_some() {
                self.bury()?;
                // What a timer has done may show anywhere.
                awaits = self.awaits_time().is_some() || self.awaits_alarm();
            }
            if fruitless > 16 && !self.doze() {
                return Ok(self.time_is_up());
            }
        }
    }

    /// Whether nobody has moved since it was recorded that nobody does. A timer that expires later does
    /// so behind the end of the program.
    fn is_over(&mut self) -> bool {
        if self.alarms.is_none() {
            return true;
        }
        // A timer may have woken who waits for its signal, which is pending until that one takes it.
        let last = self.events.last().map(|event| &event.kind);
        let proven = matches!(last, Some(EventKind::Quiescent { proof: Proof::Proven, .. }));
        let callers = self.those(|run, actor| run.actors[actor].call.is_some());
        if proven && !callers.into_iter().all(|actor| self.waits(actor)) {
            return false;
        }
        let rest = self.events.last().map_or(0, |event| event.ticket);
        let ticket = self.fleet.board().draw();
        let is_over = ticket == rest + 1;
        self.over = is_over.then_some(ticket);
        is_over
    }

    /// The longest time, in milliseconds, after which somebody who is in a call comes back by itself.
    pub(super) fn awaits_time(&self) -> Option<u64> {
        self.actors.iter().filter_map(|player| player.call.as_ref()?.1.timeout()).max()
    }

    /// Whether a timer is to expire yet of whose signal something would be seen, and nothing is.
    fn awaits_alarm(&self) -> bool {
        let all = self.alarms.as_ref().map_or(&[][..], Alarms::awaited);
        all.iter().any(|awaited| {
            let player = &self.actors[usize::from(awaited.process)];
            player.stage == Stage::Live && !self.is_heard_of(player, awaited)
        })
    }

    fn is_heard_of(&self, player: &Player, awaited: &Awaited) -> bool {
        let number = numbers()[usize::from(awaited.signal)];
        let handled = self.fleet.handled(player.slot).is_some_and(|(_, notes)| {
            notes.iter().any(|(ticket, info, _)| *ticket > awaited.since && info.signal == number)
        });
        // It may have come and left no trace, if it came at all.
        let grace = Duration::from_millis(awaited.time) + GRACE;
        let doubtful = || alarms::may_leave_no_trace(self.program, awaited.signal);
        handled
            || pending::is_pending(player.pid(), number)
            || self.since.elapsed() > grace && doubtful()
    }

    /// The deadline has come. Where all that is left are sleepers, and one of them should have come back
    /// long ago, that is what happened.
    fn time_is_up(&mut self) -> End {
        let asleep =
            matches!(self.events.last(), Some(Event { kind: EventKind::Quiescent { .. }, .. }));
        let long_ago = |time| Duration::from_millis(time) * 2 < self.options.deadline;
        let armed = self.alarms.as_ref().map_or(&[][..], Alarms::awaited).iter();
        let time = self.awaits_time().into_iter().chain(armed.map(|one| one.time)).max();
        if !asleep || !time.is_some_and(long_ago) {
            return End::Deadline { busy: self.busy() };
        }
        let in_call = |(_, player): &(u8, &Player)| player.call.is_some();
        let sleepers = (0u8..).zip(&self.actors).filter(in_call);
        let asleep = sleepers.map(|(actor, _)| Actor::first(actor)).collect();
        let ticket = self.fleet.board().draw();
        self.over = Some(ticket);
        self.tell(ticket, EventKind::Quiescent { asleep, proof: Proof::Expired });
        End::Complete
    }

    /// Tells of everybody who has ended since.
    pub(super) fn bury(&mut self) -> io::Result<()> {
        let ended = self.ended();
        if !ended.is_empty() && self.fleet.is_lost() {
            return Err(io::Error::other("the process that forks the agents has ended"));
        }
        // What the dead reported while they lived comes first.
        self.receive()?;
        for actor in &ended {
            self.end(*actor);
        }
        Ok(())
    }

    fn ended(&self) -> Vec<usize> {
        let there = |player: &Player| matches!(player.stage, Stage::Coming | Stage::Live);
        let lives = self.actors.iter().enumerate().filter(|(_, player)| there(player));
        let lives = lives.filter_map(|(actor, player)| Some((actor, &player.hand.as_ref()?.life)));
        let (watched, others): (Vec<_>, Vec<_>) =
            lives.partition(|(_, life)| life.pollable().is_some());
        let mut asked: Vec<_> =
            watched.iter().filter_map(|(_, life)| life.pollable()).map(readable_asked).collect();
        let mut ended: Vec<usize> =
            others.iter().filter(|(_, life)| life.ended()).map(|(actor, _)| *actor).collect();
        if readable(&mut asked, Duration::ZERO) {
            let told = watched.iter().zip(&asked).filter(|(_, asked)| asked.revents != 0);
            ended.extend(told.map(|((actor, _), _)| *actor));
        }
        ended
    }

    fn end(&mut self, actor: usize) {
        self.tell_open_call(actor);
        let player = &mut self.actors[actor];
        let interrupted = player.call.take();
        player.queue.clear();
        player.doomed = false;
        let status = player.hand.as_ref().and_then(|hand| hand.life.status()).map(status_of);
        // Its children may have asked to be sent a signal, whatever that is.
        let bequeaths = self.program.lines.iter().any(|line| line.operation == &SET_PDEATHSIG);
        if bequeaths || interrupted.as_ref().is_some_and(|(_, call)| ends_a_group(call)) {
            self.suspect_all();
        } else if let Some((_, call)) = interrupted
            && let Some(target) = call.find(|param| matches!(param, Param::Process))
        {
            self.actors[target as usize].suspect = true;
        }
        self.actors[actor].collected |= self.program.lines.iter().any(drops_children);
        self.never(actor);
        let ticket = self.fleet.board().draw();
        self.tell(ticket, EventKind::Ended { process: actor as u8, status });
        // Its threads have ended with it, and before.
        let is_there = |player: &Player| matches!(player.stage, Stage::Coming | Stage::Live);
        let threads = self.those(|run, other| {
            let is_its = other != actor && usize::from(run.program.leader(other as u8)) == actor;
            is_its && is_there(&run.actors[other])
        });
        threads.into_iter().for_each(|thread| self.end(thread));
    }

    /// The call that an actor is in, if it has come to that, is part of the history too.
    fn tell_open_call(&mut self, actor: usize) {
        let Some((line, call)) = &self.actors[actor].call else { return };
        let announced = self.fleet.board().announced(self.actors[actor].slot);
        let Some(open) = announced.filter(|open| open.line == *line) else { return };
        let in_time = self.over.is_none_or(|over| open.ticket < over);
        if open.ticket > self.actors[actor].seen && in_time {
            let actor = Actor::first(actor as u8);
            self.tell(open.ticket, EventKind::Call { actor, line: *line, call: call.clone() });
        }
    }

    pub(super) fn tell(&mut self, ticket: u64, kind: EventKind) {
        if let Some(alarms) = &mut self.alarms {
            alarms.note(ticket, &kind);
        }
        self.events.push(Event { ticket, kind });
    }

    /// Lets time pass until something may have happened; false when the deadline has come.
    fn doze(&mut self) -> bool {
        let now = Instant::now();
        let idle = now.duration_since(self.since);
        if idle > EAGER {
            let reporting = self.actors.iter().filter(|player| player.may_report());
            let slots: Vec<usize> = reporting.map(|player| player.slot).collect();
            self.fleet.listen(&slots, (idle / 4).min(DOZE));
        }
        now < self.deadline
    }

    fn busy(&self) -> Vec<Actor> {
        let busy = |player: &Player| {
            player.call.is_some() || player.doomed || player.stage == Stage::Coming
        };
        let busy = (0u8..).zip(&self.actors).filter(|(_, player)| busy(player));
        busy.map(|(actor, _)| Actor::first(actor)).collect()
    }

    fn take_events(&mut self) -> Vec<Event> {
        for actor in 0..self.actors.len() {
            self.tell_open_call(actor);
        }
        let mut events = std::mem::take(&mut self.events);
        // An event is large, a ticket is not.
        events.sort_by_cached_key(|event| event.ticket);
        for event in &mut events {
            if let EventKind::Ended { process, status: status @ None } = &mut event.kind {
                *status = self.actors[usize::from(*process)].status;
            }
        }
        super::still::say_of_the_stopped(&mut events, &self.halted);
        super::still::drop_mistaken(&mut events);
        events
    }

    /// Ends whatever the program made, and gives the rest back; whether that is all. Whoever was there
    /// before and sleeps is got out of its call first, for the end of others may be its end too.
    fn clean_up(&mut self, orderly: bool) -> Result<bool, SystemError> {
        let (mut kept, mut others) = (Vec::new(), Vec::new());
        for (actor, player) in self.actors.iter_mut().enumerate() {
            let Some(hand) = player.hand.take() else { continue };
            // Who may be stopped cannot be asked for anything.
            let disturbed = self.alarms.as_ref().is_some_and(|all| all.may_disturb(actor as u8));
            let stays = orderly
                && !self.stops
                // A timer might end it at any moment.
                && !disturbed
                && hand.root
                && player.stage == Stage::Live
                && !player.suspect
                && !player.marked;
            let is_idle = match &player.call {
                None => true,
                Some((_, call)) if stays && player.queue.is_empty() && !is_stubborn(call) => {
                    self.fleet.rouse(&hand).map_err(|e| because("waking an agent", e))?
                }
                Some(_) => false,
            };
            if stays && is_idle { kept.push(hand) } else { others.push(hand) }
        }
        if !orderly {
            others.iter().for_each(|hand| hand.life.kill());
            return Ok(false);
        }
        let ended = !others.is_empty();
        self.fleet.dispose(others)?;
        self.fleet.give_back(kept)?;
        let names = |param: Param| {
            self.program.lines.iter().any(|line| line.operation.params.contains(&param))
        };
        if names(Param::Path) || names(Param::Address) {
            self.fleet.clear_scratch()?;
        }
        if names(Param::SharedName) {
            self.fleet.clear_shared()?;
        }
        if self.program.lines.iter().any(|line| mutex::OPERATIONS.contains(&line.operation)) {
            self.fleet.clear_mutexes()?;
        }
        if rings::are_used_by(self.program) {
            self.fleet.clear_rings()?;
        }
        if self.program.lines.iter().any(|line| line.operation == &SHMGET) {
            self.fleet.clear_segments()?;
        }
        if ended {
            self.fleet.reap()?;
        }
        Ok(!self.tainted)
    }
}
