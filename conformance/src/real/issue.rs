//! How lines begin: which may, what their calls are told as, and what is sent along with them.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use ipc_model::operation::{Arg, Call, Gives, Param};
use ipc_model::process::EXEC;
use ipc_model::signal::SENDS_TO_SEVERAL;

use super::calls::driver_of;
use super::layout::DATA_MAX;
use super::player::Player;
use super::player::{Stage, sends, signals_another, stops};
use super::run::Run;
use super::wire::{Args, BATCH_MAX, Command, List, Step};
use crate::program::{Line, Operand};
use crate::schedule::Progress;

/// How long others are let run for all to come to a gate.
const ASSEMBLING: Duration = Duration::from_millis(10);

/// How many bytes a line asks to move, as [`Call::len`].
fn moved(line: &Line) -> u64 {
    let moves = |param: &Param| {
        matches!(param, Param::Receive | Param::ReceiveVector | Param::Send | Param::SendVector)
    };
    let place = line.operation.params.iter().position(moves);
    match place.and_then(|index| line.args.get(index)) {
        Some(Operand::Number(number)) => *number as u64,
        Some(Operand::Vector(parts)) => parts.iter().sum(),
        _ => 0,
    }
}

impl Run<'_> {
    /// Issues every line that may begin now; whether there was one.
    pub(super) fn issue(&mut self) -> io::Result<bool> {
        let idle = |player: &Player| {
            player.stage == Stage::Live && player.call.is_none() && !player.doomed
        };
        let idle = (0u8..).zip(&self.actors).filter(|(_, player)| idle(player));
        let mut lines: Vec<u16> = idle.filter_map(|(actor, _)| self.schedule.next(actor)).collect();
        self.let_the_born_begin(&mut lines);
        if lines.is_empty() {
            return Ok(false);
        }
        self.schedule.stir();
        // What may begin at the same time is made to: nobody calls before all have their tickets.
        let together = lines.len() > 1;
        let gate = if together { self.fleet.new_gate() } else { 0 };
        for line in &lines {
            self.begin(*line, gate)?;
        }
        if together {
            self.assemble(&lines)?;
            self.fleet.open_gate();
        }
        self.stirs();
        Ok(true)
    }

    /// Who is stopped before it has said that it is there never says so: while somebody is being born,
    /// lines that may stop somebody are left for later.
    fn let_the_born_begin(&self, lines: &mut Vec<u16>) {
        let line = |line: &u16| &self.program.lines[usize::from(*line)];
        let comes = |player: &Player| matches!(player.stage, Stage::Forking | Stage::Coming);
        if self.stops
            && (self.actors.iter().any(comes) || lines.iter().any(|own| line(own).child.is_some()))
        {
            lines.retain(|own| !stops(line(own)));
        }
    }

    /// Lets those who begin these lines come to the gate; not for ever, for some may be dying.
    fn assemble(&self, lines: &[u16]) -> io::Result<()> {
        let is_there = |line: &u16| {
            let player = &self.actors[usize::from(self.program.lines[usize::from(*line)].actor)];
            let announced = self.fleet.board().announced(player.slot);
            let begins = player.call.as_ref().is_some_and(|(own, _)| own == line);
            !begins || announced.is_some_and(|a| a.line == *line && a.ticket > player.seen)
        };
        let began = Instant::now();
        while !lines.iter().all(is_there) && began.elapsed() < ASSEMBLING {
            nix::sched::sched_yield()?;
        }
        Ok(())
    }

    fn begin(&mut self, line: u16, gate: u32) -> io::Result<()> {
        let text = &self.program.lines[usize::from(line)];
        let call = self.bindings.resolve(self.program, line);
        // Its process id may be anybody's by now: the line cannot be run, and nobody waits for it.
        let target = call.find(|param| matches!(param, Param::Process)).map(|n| n as usize);
        let anybody = |target: usize| {
            let of_a_group = SENDS_TO_SEVERAL.contains(&call.operation);
            self.actors[target].collected && !(of_a_group && self.is_a_group(target))
        };
        // One that is not born yet may be by the time that the call is made, by a number unknown here.
        let unborn = |target: usize| !self.program.stepwise && self.actors[target].hand.is_none();
        let is_lost = signals_another(&call) && target.is_some_and(anybody);
        if is_lost || target.is_some_and(unborn) {
            self.schedule.dropped(line);
            self.changed = true;
            return Ok(());
        }
        let mut step = self.step(line, &call)?;
        step.gate = gate;
        if let Some(child) = text.child {
            let slot = self.spare.pop_front().expect("one for every actor that is no root");
            step.child = slot as u16;
            self.bindings.inherit(child, text.actor);
            let child = &mut self.actors[usize::from(child)];
            (child.stage, child.slot) = (Stage::Forking, slot);
        }
        self.schedule.began(line);
        let actor = usize::from(text.actor);
        self.actors[actor].enter(line, call);
        if let Some(target) = target {
            self.actors[actor].first = self.actors[target].pid();
        }
        let slot = self.actors[actor].slot;
        let more = self.lines_behind(line);
        if more.is_empty() {
            return self.fleet.command(slot, &Command::Step(step));
        }
        let mut steps = vec![step];
        let mut queue = VecDeque::new();
        for line in more {
            let call = self.bindings.resolve(self.program, line);
            steps.push(self.step(line, &call)?);
            queue.push_back((line, call));
        }
        let count = self.fleet.batch(slot, &steps)?;
        queue.truncate(count - 1);
        self.actors[actor].queue = queue;
        Ok(())
    }

    /// Whether one of ours is in the group that is named after an actor: as long as one is, its number is
    /// nobody else's.
    fn is_a_group(&self, leader: usize) -> bool {
        let pid = self.actors[leader].pid();
        let members = self.actors.iter().filter(|player| !player.collected);
        let mut members = members.filter_map(|player| player.hand.as_ref());
        members.any(|hand| hand.life.group() == Some(pid))
    }

    /// The lines that an actor makes behind that one without a word from us: those that wait for
    /// nobody, and that neither need nor change what only we know.
    ///
    /// Where each line waits for all above it, these are the lines right behind, as long as nobody else
    /// is in a call: then they wait for their own actor alone, which they do anyway.
    fn lines_behind(&self, line: u16) -> Vec<u16> {
        let is_plain = |line: &Line| {
            let about_processes =
                line.operation.params.contains(&Param::Process) || sends(line.operation);
            let tells_us = matches!(
                line.operation.gives,
                Gives::Fd
                    | Gives::Fds
                    | Gives::Passed(_)
                    | Gives::Process
                    | Gives::Status
                    | Gives::Waited
            );
            line.edges.is_empty() && !tells_us && !about_processes && line.operation != &EXEC
        };
        let lines = &self.program.lines;
        let together = &self.program.together;
        let is_over = |progress: &Progress| *progress == Progress::Over;
        let above = &self.schedule.progress()[..usize::from(line)];
        let alone = !together.contains(&line) && above.iter().all(is_over);
        let stepwise = self.program.stepwise;
        if stepwise && !alone || !is_plain(&lines[usize::from(line)]) {
            return Vec::new();
        }
        let actor = lines[usize::from(line)].actor;
        let is_next = |line: &u16| {
            !stepwise || lines[usize::from(*line)].actor == actor && !together.contains(line)
        };
        let room = DATA_MAX as u64;
        let mut bytes = moved(&lines[usize::from(line)]);
        let behind = (line + 1..lines.len() as u16)
            .take_while(is_next)
            .filter(|line| lines[usize::from(*line)].actor == actor)
            .take_while(|line| is_plain(&lines[usize::from(*line)]));
        let fitting = behind.take(BATCH_MAX - 1).take_while(|line| {
            bytes += moved(&lines[usize::from(*line)]);
            bytes <= room
        });
        fitting.collect()
    }

    /// The step that makes a call; what it sends is expected from now on.
    fn step(&mut self, line: u16, call: &Call) -> io::Result<Step> {
        let (operation, _) = driver_of(call.operation).expect("checked before the run");
        if call.len() > DATA_MAX as u64 {
            return Err(io::Error::other(format!("a call moves more than {DATA_MAX} bytes")));
        }
        if call.operation.sends() {
            self.decoder.expect(call.tag, call.len());
        }
        let named = call.operation.params.iter().zip(call.args.iter());
        let args: Args = named
            .map(|(param, arg)| match (param, arg) {
                (Param::Address, Arg::Path(path)) => self.address(path),
                _ => self.number(arg),
            })
            .collect();
        Ok(Step { line, operation, tag: call.tag, child: 0, gate: 0, args })
    }

    /// A name of a socket. One in no directory is that of this program: a socket of the one before may
    /// be there for a while, if only such sockets lead to it as nobody can reach.
    fn address(&self, path: &str) -> List {
        match path.strip_prefix('@') {
            Some(name) => List::text(&format!("@{}.{name}", self.fleet.programs())),
            None => List::text(path),
        }
    }

    fn number(&self, arg: &Arg) -> List {
        match arg {
            Arg::Fd(fd) => List::one((*fd).into()),
            Arg::Number(number) => List::one(*number),
            Arg::Vector(parts) => parts.iter().map(|part| *part as i64).collect(),
            Arg::Flags(flags) => List::one((*flags).into()),
            Arg::Process(process) => List::one(self.actors[usize::from(*process)].pid().into()),
            Arg::Path(path) => List::text(path),
            Arg::Watches(watches) => {
                let pair = |(fd, asked): &(i32, u32)| [(*fd).into(), (*asked).into()];
                watches.iter().flat_map(pair).collect()
            }
            Arg::Command => List::default(),
        }
    }
}
