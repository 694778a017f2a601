//! One actor of a batch: a process that runs its lines of one iteration after the other, and waits
//! for the others by looking at shared words.
//!
//! Waiting is looking again and again, and letting others run in between: no sleep, for that would
//! cost more than the calls; and no mere spinning, for there may be one processor. It ends when the
//! condition holds, when the batch is stopped, or at the deadline.

use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ipc_impls::process::exit;
use ipc_model::operation::{Gives, Param};
use ipc_model::payload;
use nix::libc;

use super::arena::{ALIVE, Arena, ENDED, IN_CALL, Word};
use super::plan::Plan;
use super::value;
use crate::program::{Edge, Line, Operand, Program};
use crate::real::agent::Agent;
use crate::real::calls::{Driver, driver_of};
use crate::real::fault::perform;
use crate::real::wire::{Answer, List, Step};
use crate::seed::Seeded;
use crate::stage::Pick;

/// How often to look before letting others run.
const LOOKS: u32 = 64;
/// How often others are let run between two looks at the clock and at children.
const YIELDS: u32 = 8;
/// The exit status of an actor that has seen something go wrong, and said what.
pub(super) const TROUBLED: i32 = 81;

/// What can go wrong, as it is written down: the kind above, the line below.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trouble {
    /// A process could not be made.
    Fork,
    /// A line above the forks failed.
    Make,
    /// A pipe is smaller than this system's pipes were when it was asked.
    Capacity,
    /// A line gives more different values than there is room for.
    Values,
    /// The deadline came.
    Late,
}

impl Trouble {
    const ALL: [Trouble; 5] =
        [Trouble::Fork, Trouble::Make, Trouble::Capacity, Trouble::Values, Trouble::Late];

    /// As a word that is not 0.
    pub(super) fn word(self, line: usize) -> u32 {
        let place = Trouble::ALL.iter().position(|one| *one == self).unwrap_or(0);
        (place as u32 + 1) << 16 | line as u32
    }

    /// What such a word says.
    pub(super) fn of(word: u32) -> Option<(Trouble, usize)> {
        let place = (word >> 16).checked_sub(1)? as usize;
        Some((*Trouble::ALL.get(place)?, (word & 0xffff) as usize))
    }
}

/// What all actors of a batch know.
pub(super) struct Scene<'a> {
    pub(super) program: &'a Program,
    pub(super) plan: Plan,
    pub(super) arena: Arena,
    /// What a new pipe holds.
    pub(super) capacity: u64,
    /// How long to wait for anything.
    pub(super) deadline: Duration,
    /// How many looks before others are let run: none where all share a processor.
    pub(super) looks: u32,
}

/// A line, ready to be run.
struct Act {
    line: usize,
    driver: &'static Driver,
    step: Step,
    /// The arguments that are descriptors, and the names of those.
    fds: Vec<(usize, u16)>,
    /// The arguments that are processes.
    processes: Vec<(usize, u8)>,
    /// How many of its lines each other actor must have got through.
    needs: Vec<(usize, u32)>,
    together: Together,
}

/// Where a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Together {
    No,
    /// The actor's first line that stands together with others.
    First,
    More,
}

/// An actor, in its process.
pub(super) struct Player<'a, 's> {
    scene: &'s Scene<'a>,
    agent: &'s mut Agent,
    me: usize,
    /// The first iteration of these among all.
    first: usize,
    acts: Vec<Act>,
    /// For each actor how many lines it has below the forks.
    counts: Vec<u32>,
    /// Who else has lines that stand together.
    company: Vec<usize>,
    /// For each set of what was made the descriptors by name.
    names: Vec<Vec<i32>>,
    /// The children, by actor; only the root has some.
    children: Vec<(usize, libc::pid_t)>,
    /// What was last written into the area.
    filled: Option<(u32, usize)>,
    random: Seeded,
}

/// The batch goes on no further.
pub(super) struct Stopped;

impl<'a, 's> Player<'a, 's> {
    /// An actor that has what the root has made, for the iterations from `first` on.
    pub(super) fn new(
        scene: &'s Scene<'a>,
        agent: &'s mut Agent,
        (me, first): (usize, usize),
        names: Vec<Vec<i32>>,
        random: Seeded,
    ) -> Player<'a, 's> {
        let program = scene.program;
        let below = scene.plan.forks..program.lines.len();
        let own = |actor: usize| {
            let lines = program.lines[below.clone()].iter();
            lines.filter(|line| usize::from(line.actor) == actor).count() as u32
        };
        let counts = (0..program.actors.len()).map(own).collect();
        let mut company: Vec<usize> = program.together.clone().map(usize::from).collect();
        company.iter_mut().for_each(|line| *line = usize::from(program.lines[*line].actor));
        company.sort_unstable();
        company.dedup();
        if company.contains(&me) {
            company.retain(|actor| *actor != me);
        }
        let acts = acts(program, below, me);
        let (children, filled) = (Vec::new(), None);
        Player { scene, agent, me, first, acts, counts, company, names, children, filled, random }
    }

    /// As the root: these are its children.
    pub(super) fn with_children(self, children: Vec<(usize, libc::pid_t)>) -> Player<'a, 's> {
        Player { children, ..self }
    }

    /// Runs the actor's lines of an iteration of the batch, with that set of what was made.
    pub(super) fn iterate(&mut self, iteration: usize, set: usize) -> Result<(), Stopped> {
        for index in 0..self.acts.len() {
            self.await_turn(iteration, index)?;
            self.act(iteration, set, index);
            let through = iteration as u32 * self.acts.len() as u32 + index as u32 + 1;
            self.scene.arena.set(Word::Progress(self.me), through);
        }
        Ok(())
    }

    /// As the root: waits until everybody is through with an iteration; whether all still live.
    pub(super) fn await_all(&self, iteration: usize) -> Result<bool, Stopped> {
        let others = self.counts.iter().enumerate().filter(|(actor, _)| *actor != self.me);
        for (actor, count) in others {
            let through = (iteration as u32 + 1) * count;
            self.wait(|arena| arena.get(Word::Progress(actor)) >= through)?;
        }
        let lives = |(actor, _): &(usize, _)| self.scene.arena.get(Word::Progress(*actor)) != ENDED;
        Ok(self.children.iter().all(lives))
    }

    /// Waits until the root lets an iteration begin.
    pub(super) fn await_go(&self, iteration: usize) -> Result<(), Stopped> {
        self.wait(|arena| arena.get(Word::Go) as usize > iteration)
    }

    fn await_turn(&mut self, iteration: usize, index: usize) -> Result<(), Stopped> {
        let iteration = iteration as u32;
        for need in 0..self.acts[index].needs.len() {
            let (actor, count) = self.acts[index].needs[need];
            let through = iteration * self.counts[actor] + count;
            self.wait(|arena| arena.get(Word::Progress(actor)) >= through)?;
        }
        let together = self.acts[index].together;
        if together == Together::First {
            self.scene.arena.set(Word::Arrived(self.me), iteration + 1);
            for other in 0..self.company.len() {
                let other = self.company[other];
                self.wait(|arena| {
                    arena.get(Word::Arrived(other)) > iteration
                        || arena.get(Word::Progress(other)) == ENDED
                })?;
            }
        }
        if together != Together::No {
            self.dawdle();
        }
        Ok(())
    }

    /// Lets a random and mostly short time pass, or lets others go first: on one processor nothing
    /// else changes the order.
    fn dawdle(&mut self) {
        let one_in = if self.scene.looks == 0 { 2 } else { 8 };
        if self.random.below(one_in) == 0 {
            let _ = nix::sched::sched_yield();
        }
        let shift = self.random.below(10);
        let most = if shift < 4 { 0 } else { 1 << (shift - 3) };
        for _ in 0..self.random.below(most + 1) {
            std::hint::spin_loop();
        }
    }

    fn act(&mut self, iteration: usize, set: usize, index: usize) {
        let act = &mut self.acts[index];
        for (arg, name) in &act.fds {
            act.step.args[*arg][0] = self.names[set][usize::from(*name)].into();
        }
        for (arg, actor) in &act.processes {
            let pid = self.scene.arena.get(Word::Pid((*actor).into()));
            act.step.args[*arg][0] = pid.into();
        }
        let line = act.line;
        let text = &self.scene.program.lines[line];
        let at = self.first + iteration;
        let (tag, len) = (act.step.tag, text.sends() as usize);
        if text.operation.sends() && self.filled != Some((tag, len)) {
            payload::fill(tag, 0, self.agent.area(len));
            self.filled = Some((tag, len));
        }
        let result = self.scene.arena.result(at, line);
        result.store(IN_CALL, Ordering::Release);
        let answer = perform(self.agent, act.driver, &act.step);
        let received = answer.received();
        if received > 0 {
            self.filled = None;
        }
        let meant = match text.operation.gives {
            Gives::TargetFd => Some(act.step.fd(1)),
            _ => None,
        };
        let target = act.processes.first().map(|(_, actor)| usize::from(*actor));
        let seen = value::seen(&answer, self.agent.area(received), meant);
        match self.scene.arena.number(line, seen) {
            Some(number) => result.store(number, Ordering::Release),
            None => self.give_up(Trouble::Values, line),
        }
        self.learn(at, set, text, target, &answer);
    }

    /// What an answer says about names and other processes.
    fn learn(
        &mut self,
        at: usize,
        set: usize,
        text: &Line,
        target: Option<usize>,
        answer: &Answer,
    ) {
        match answer {
            Answer::Fd(_) | Answer::Fds(_) => {
                for (name, fd) in text.binds.iter().zip(answer.fds()) {
                    self.names[set][usize::from(*name)] = *fd;
                }
            }
            Answer::Status(status) => {
                let Some(target) = target else { return };
                let end = value::end(*status);
                self.scene.arena.end(at, target).store(end, Ordering::Release);
                self.scene.arena.set(Word::Progress(target), ENDED);
                self.children.retain(|(actor, _)| *actor != target);
            }
            _ => {}
        }
    }

    fn wait(&self, holds: impl Fn(&Arena) -> bool) -> Result<(), Stopped> {
        let arena = &self.scene.arena;
        for _ in 0..=self.scene.looks.min(LOOKS) {
            if holds(arena) {
                return Ok(());
            }
            std::hint::spin_loop();
        }
        let mut since: Option<Instant> = None;
        let mut yields = 0_u32;
        while !holds(arena) {
            if arena.get(Word::Stop) != 0 {
                return Err(Stopped);
            }
            let _ = nix::sched::sched_yield();
            yields += 1;
            if yields.is_multiple_of(YIELDS) {
                self.look_for_ended();
                if since.get_or_insert_with(Instant::now).elapsed() > self.scene.deadline {
                    self.give_up(Trouble::Late, 0);
                }
            }
        }
        Ok(())
    }

    /// As the root: lets nobody wait for children that have ended. They are not collected: a number
    /// is not used anew while somebody may name it.
    fn look_for_ended(&self) {
        for (actor, pid) in &self.children {
            // SAFETY: all zeros is a valid `siginfo_t`.
            let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
            let how = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
            // SAFETY: `waitid` writes one `siginfo_t`.
            let told = unsafe { libc::waitid(libc::P_PID, *pid as u32, &raw mut info, how) };
            // SAFETY: it was filled by `waitid`, or is all zeros: then nobody has ended.
            if told == 0 && unsafe { info.si_pid() } == *pid {
                self.scene.arena.set(Word::Progress(*actor), ENDED);
            }
        }
    }

    /// As the root: lets everybody go, collects the children, and writes down how those ended in
    /// the last iteration who did.
    pub(super) fn dismiss(&mut self, last: usize) {
        self.scene.arena.set(Word::Stop, 1);
        for (actor, pid) in std::mem::take(&mut self.children) {
            let ended = self.scene.arena.get(Word::Progress(actor)) == ENDED;
            let Ok(Some(status)) = ipc_impls::process::waitpid(pid) else { continue };
            let killed = matches!(status, ipc_impls::process::Status::Signaled(_));
            if ended || killed {
                let end = self.scene.arena.end(self.first + last, actor);
                end.store(value::end(status), Ordering::Release);
            }
        }
    }

    fn give_up(&self, trouble: Trouble, line: usize) -> ! {
        give_up(&self.scene.arena, trouble, line)
    }
}

/// Says what went wrong, and ends.
pub(super) fn give_up(arena: &Arena, trouble: Trouble, line: usize) -> ! {
    arena.set(Word::Trouble, trouble.word(line));
    arena.set(Word::Stop, 1);
    exit(TROUBLED)
}

/// Nobody has ended yet in these iterations.
pub(super) fn all_alive(scene: &Scene<'_>, iterations: Range<usize>) {
    for iteration in iterations {
        for actor in 0..scene.program.actors.len() {
            scene.arena.end(iteration, actor).store(ALIVE, Ordering::Relaxed);
        }
    }
}

/// The lines of an actor among these, ready to be run.
fn acts(program: &Program, lines: Range<usize>, me: usize) -> Vec<Act> {
    let together = usize::from(program.together.start)..usize::from(program.together.end);
    let mut come = false;
    let own = lines.clone().filter(|line| usize::from(program.lines[*line].actor) == me);
    own.map(|line| {
        let place = match (together.contains(&line), come) {
            (false, _) => Together::No,
            (true, false) => Together::First,
            (true, true) => Together::More,
        };
        come |= place == Together::First;
        act(program, &lines, me, line, place)
    })
    .collect()
}

fn act(program: &Program, lines: &Range<usize>, me: usize, line: usize, together: Together) -> Act {
    let text = &program.lines[line];
    let above = match (program.stepwise, together) {
        (false, _) => lines.start,
        (true, Together::No) => line,
        (true, _) => usize::from(program.together.start),
    };
    let count = |actor: usize, end: usize| {
        let before = program.lines[lines.start..end.max(lines.start)].iter();
        before.filter(|other| usize::from(other.actor) == actor).count() as u32
    };
    let mut needs: Vec<(usize, u32)> =
        (0..program.actors.len()).map(|actor| (actor, count(actor, above))).collect();
    for edge in &text.edges {
        if let Edge::After(before) = edge {
            let before = usize::from(*before);
            let actor = usize::from(program.lines[before].actor);
            needs.push((actor, count(actor, before + 1)));
        }
    }
    needs.retain(|(actor, count)| *actor != me && *count > 0);
    let (step, driver) = step(program, line);
    let args = || text.args.iter().enumerate();
    let fds = args().filter_map(|(index, arg)| match arg {
        Operand::Name(name) => Some((index, *name)),
        _ => None,
    });
    let processes = args().filter_map(|(index, arg)| match arg {
        Operand::Process(actor) => Some((index, *actor)),
        _ => None,
    });
    let (fds, processes) = (fds.collect(), processes.collect());
    Act { line, driver, step, fds, processes, needs, together }
}

/// The call of a line, with room for what is known only when it is made.
pub(super) fn step(program: &Program, line: usize) -> (Step, &'static Driver) {
    let text = &program.lines[line];
    let (operation, driver) = driver_of(text.operation).expect("every operation has a driver");
    let arg = |(param, operand): (&Param, &Operand)| match (param, operand) {
        (_, Operand::Name(_) | Operand::Process(_)) => List::one(-1),
        (_, Operand::Number(number)) => List::one(*number),
        (_, Operand::Vector(parts)) => parts.iter().map(|part| *part as i64).collect(),
        (_, Operand::Flags(flags)) => List::one((*flags).into()),
        (_, Operand::Path(path)) => List::text(path),
        // No litmus program asks about descriptors.
        (_, Operand::Watches(_) | Operand::Command) => List::default(),
    };
    let args = text.operation.params.iter().zip(&text.args).map(arg).collect();
    let step = Step { line: line as u16, operation, tag: line as u32 + 1, child: 0, gate: 0, args };
    (step, driver)
}
