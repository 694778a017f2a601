//! What agents report, as outcomes; and what outcomes say about processes.

use std::io;
use std::sync::LazyLock;

use ipc_impls::process::Status as Ended;
use ipc_model::errno::Errno;
use ipc_model::operation::{Actor, Call, Param};
use ipc_model::outcome::{Code, Info, Outcome, Passed, Signal, Stack, Status, Value};
use nix::libc;

use super::calls::driver_of;
use super::calls::signal::numbers;
use super::fleet::Hand;
use super::player::{Stage, ends_a_group, ends_another};
use super::run::Run;
use super::wire::{Answer, Report, Returned};
use crate::history::EventKind;

impl Run<'_> {
    /// Takes in what has been reported.
    pub(super) fn receive(&mut self) -> io::Result<()> {
        for actor in 0..self.actors.len() {
            while self.actors[actor].may_report() {
                match self.fleet.try_report(self.actors[actor].slot)? {
                    Some(Report::Returned(returned)) => self.returned(actor, returned)?,
                    Some(other) => return Err(io::Error::other(format!("unasked: {other:?}"))),
                    None => break,
                }
                self.changed = true;
            }
        }
        Ok(())
    }

    fn returned(&mut self, actor: usize, returned: Returned) -> io::Result<()> {
        let who = Actor::first(actor as u8);
        if let Answer::Begun(pid) = returned.answer {
            self.born(actor, pid);
            self.actors[actor].stage = Stage::Live;
            let outcome = Outcome::Success(Value::Begun);
            self.tell(returned.back, EventKind::Return { actor: who, outcome, probed: None });
            return Ok(());
        }
        let Some((line, call)) =
            self.actors[actor].call.take_if(|(line, _)| *line == returned.line)
        else {
            return Err(io::Error::other(format!("not in that call: {returned:?}")));
        };
        self.actors[actor].seen = returned.call;
        let outcome = self.outcome(actor, line, &returned.answer);
        let lasting = driver_of(call.operation).is_some_and(|(_, driver)| driver.lasting);
        self.actors[actor].marked |= lasting && matches!(outcome, Outcome::Success(_));
        self.learn(line, &call, &returned.answer, &outcome);
        self.bindings.bind(self.program, line, &outcome);
        self.schedule.returned(line);
        if let Some((next, call)) = self.actors[actor].queue.pop_front() {
            self.schedule.began(next);
            self.actors[actor].enter(next, call);
        }
        self.tell(returned.call, EventKind::Call { actor: who, line, call });
        let probed = returned.probed;
        self.tell(returned.back, EventKind::Return { actor: who, outcome, probed });
        Ok(())
    }

    fn outcome(&mut self, actor: usize, line: u16, answer: &Answer) -> Outcome {
        Outcome::Success(match answer {
            Answer::Failed(errno) => return Outcome::Failure(errno_of(*errno)),
            Answer::Absent(name) => return Outcome::Absent((*name).to_owned()),
            Answer::Nothing | Answer::Reached(_) => Value::Nothing,
            Answer::Number(number) => Value::Number(*number),
            Answer::Data(len) => {
                let bytes = self.fleet.received(self.actors[actor].slot, *len as usize);
                Value::Data(self.decoder.decode(bytes))
            }
            Answer::Passed(len, fds, said) => {
                let bytes = self.fleet.received(self.actors[actor].slot, *len as usize);
                let data = self.decoder.decode(bytes);
                match (fds.as_slice(), said) {
                    ([], 0) => Value::Data(data),
                    _ => Value::Passed(Box::new(Passed { data, fds: fds.clone(), said: *said })),
                }
            }
            Answer::Fd(_) | Answer::Fds(_) => Value::Fds(answer.fds().to_vec()),
            Answer::Flags(flags) => Value::Flags(*flags),
            Answer::Word(index) => Value::Word(*index),
            Answer::Ready(found) => Value::Ready(found.clone()),
            Answer::Events(found) => Value::Events(found.clone()),
            Answer::Child(_) => {
                Value::Child(self.program.lines[usize::from(line)].child.unwrap_or(u8::MAX))
            }
            Answer::Begun(_) => Value::Begun,
            Answer::Status(status) | Answer::Collected(_, status) => {
                Value::Status(status_of(*status))
            }
            Answer::Waited(pid, status) => Value::Waited(self.who(*pid), status_of(*status)),
            Answer::Group(pgid) => Value::Group(self.who(*pgid)),
            Answer::Info(info) => Value::Info(self.info(info)),
            Answer::Infos(infos) => {
                Value::Infos(infos.iter().map(|info| self.info(info)).collect())
            }
        })
    }

    /// What is told of a signal, its sender as an actor.
    fn info(&self, told: &ipc_impls::signal::Info) -> Info {
        let code = match told.code {
            libc::SI_USER => Code::SI_USER,
            libc::SI_QUEUE => Code::SI_QUEUE,
            libc::SI_TKILL => Code::SI_TKILL,
            libc::SI_TIMER => Code::SI_TIMER,
            libc::SI_KERNEL => Code::SI_KERNEL,
            other => match Ended::of_child(other, told.value) {
                Some(status) if told.signal == libc::SIGCHLD => Code::Child(status_of(status)),
                _ => Code::Other(other),
            },
        };
        let value = if let Code::Child(_) = code { 0 } else { told.value };
        let signal = place(told.signal).unwrap_or(u8::MAX);
        Info { signal, code, value, from: self.who(told.pid), stack: Stack::Unsaid }
    }

    /// The actor of a process id: the last that has it, should one before have had it too. Who was lost
    /// with a signal has the number 0.
    fn who(&self, pid: i32) -> Option<u8> {
        let place = self.actors.iter().rposition(|player| pid > 0 && player.pid() == pid);
        place.map(|actor| actor as u8)
    }

    /// The handlers that ran, as events; false if there were too many to be told of.
    pub(super) fn tell_of_handlers(&mut self) -> bool {
        let catches =
            |line: &crate::program::Line| line.operation == &ipc_model::signal::SIGACTION_HANDLER;
        if !self.program.lines.iter().any(catches) {
            return true;
        }
        let mut all = true;
        for actor in 0..self.actors.len() {
            let Some((count, notes)) = self.fleet.handled(self.actors[actor].slot) else {
                continue;
            };
            all &= count <= super::handled::NOTES;
            let over = self.over.unwrap_or(u64::MAX);
            for (ticket, told, stack) in notes.into_iter().filter(|(ticket, ..)| *ticket < over) {
                let (actor, info) = (Actor::first(actor as u8), self.info(&told));
                let info = Info { stack, ..info };
                self.tell(ticket, EventKind::Handled { actor, info });
            }
        }
        all
    }

    /// What a return says about other processes.
    fn learn(&mut self, line: u16, call: &Call, answer: &Answer, outcome: &Outcome) {
        let child = self.program.lines[usize::from(line)].child.map(usize::from);
        match (child, answer) {
            (Some(child), Answer::Child(pid)) => self.born(child, *pid),
            (Some(child), _) => self.never(child),
            (None, _) => {}
        }
        if ends_a_group(call) {
            // Who was in it, only they can tell.
            self.suspect_all();
            return;
        }
        let about = match (answer, outcome) {
            // A process that the call names by a descriptor.
            (Answer::Reached(pid) | Answer::Collected(pid, _), _) => {
                self.actors.iter().position(|player| player.pid() == *pid && !player.collected)
            }
            (_, Outcome::Success(Value::Waited(child, _))) => child.map(usize::from),
            _ => call.find(|param| matches!(param, Param::Process)).map(|about| about as usize),
        };
        let Some(target) = about.and_then(|about| self.actors.get_mut(about)) else {
            return;
        };
        match outcome {
            Outcome::Success(Value::Waited(_, Status::Stopped(_) | Status::Continued)) => {}
            Outcome::Success(Value::Status(status) | Value::Waited(_, status)) => {
                target.status = Some(*status);
                target.collected |= !call.has_flag("WNOWAIT");
            }
            Outcome::Success(_) if ends_another(call) && target.stage != Stage::Gone => {
                target.doomed = true;
            }
            _ => {}
        }
    }

    /// Anybody may have been sent `SIGKILL`.
    pub(super) fn suspect_all(&mut self) {
        self.actors.iter_mut().for_each(|player| player.suspect = true);
    }

    /// A process is there: from now on its end is watched.
    fn born(&mut self, child: usize, pid: i32) {
        let leader = usize::from(self.program.leader(child as u8));
        let process = (leader != child).then(|| self.actors[leader].pid());
        let player = &mut self.actors[child];
        if player.hand.is_none() {
            let slot = player.slot;
            player.hand = Some(match process {
                Some(process) => Hand::of_thread(slot, pid, process, self.nofile),
                None => Hand::forked(slot, pid, self.nofile),
            });
        }
        if player.stage == Stage::Forking {
            player.stage = Stage::Coming;
        }
    }

    /// An actor will never be, nor those that it would have made.
    pub(super) fn never(&mut self, actor: usize) {
        self.actors[actor].stage = Stage::Gone;
        self.schedule.ended(actor as u8);
        self.changed = true;
        for line in self.program.lines.iter().filter(|line| usize::from(line.actor) == actor) {
            if let Some(child) = line.child.map(usize::from)
                && self.actors[child].stage == Stage::Unborn
            {
                self.never(child);
            }
        }
    }
}

/// The place of a signal among those that programs speak of.
fn place(number: i32) -> Option<u8> {
    numbers().iter().position(|known| *known == number).map(|place| place as u8)
}

/// By its name, which is looked up once.
fn errno_of(errno: ipc_impls::errno::Errno) -> Errno {
    static KNOWN: LazyLock<Vec<Errno>> = LazyLock::new(|| (0..200).map(by_name).collect());
    match -errno.0 {
        libc::SIGBUS => return Errno::SIGBUS,
        libc::SIGSEGV => return Errno::SIGSEGV,
        _ => {}
    }
    let known = usize::try_from(errno.0).ok().and_then(|number| KNOWN.get(number));
    known.copied().unwrap_or(Errno::Other(errno.0))
}

fn by_name(number: i32) -> Errno {
    let name = ipc_impls::errno::Errno(number).name();
    name.and_then(|name| name.parse().ok()).unwrap_or(Errno::Other(number))
}

pub(super) fn status_of(status: Ended) -> Status {
    match status {
        Ended::Exited(code) => Status::Exited(code),
        Ended::Signaled(number) => Status::Signaled(signal_of(number)),
        Ended::Stopped(number) => Status::Stopped(signal_of(number)),
        Ended::Continued => Status::Continued,
    }
}

fn signal_of(number: i32) -> Signal {
    match (number, place(number)) {
        (libc::SIGKILL, _) => Signal::SIGKILL,
        (_, Some(place)) => Signal::named(place),
        (other, None) => Signal::Other(other),
    }
}
