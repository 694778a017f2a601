//! The schedule: which line may begin now, by the program's own order and its edges.

use crate::program::{Edge, Program};

/// How far each line of a running program is.
#[derive(Clone)]
pub struct Schedule<'p> {
    program: &'p Program,
    lines: Vec<Progress>,
    /// For each actor its lines, in order, and how many of them have begun or been given up.
    own: Vec<(Vec<u16>, usize)>,
    /// Up to where all lines are over, which they stay.
    over: u16,
}

/// How far a line is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Progress {
    /// It has not begun.
    Waiting,
    /// Its call has not returned.
    InCall,
    /// As [`Progress::InCall`], and nothing can happen any more unless another line begins.
    Asleep,
    /// It has returned, or will never run: nothing need wait for it.
    Over,
}

impl<'p> Schedule<'p> {
    /// A program that has not begun.
    pub fn new(program: &'p Program) -> Schedule<'p> {
        let mut own = vec![(Vec::new(), 0); program.actors.len()];
        for (index, line) in program.lines.iter().enumerate() {
            own[usize::from(line.actor)].0.push(index as u16);
        }
        Schedule { program, lines: vec![Progress::Waiting; program.lines.len()], own, over: 0 }
    }

    /// How far each line is; what may begin follows from that alone.
    pub fn progress(&self) -> &[Progress] {
        &self.lines
    }

    /// The next line of an actor that is there and between two calls, if it may begin.
    pub fn next(&self, actor: u8) -> Option<u16> {
        let (lines, begun) = self.own.get(usize::from(actor))?;
        let line = *lines.get(*begun)?;
        self.may_begin(line).then_some(line)
    }

    fn may_begin(&self, line: u16) -> bool {
        let index = usize::from(line);
        let edges = &self.program.lines[index].edges;
        let together = &self.program.together;
        let has_begun = |line: u16| self.lines[usize::from(line)] != Progress::Waiting;
        // What stands together waits for what is above all of it, and once: when one line has begun,
        // those who slept are awake again for all we know, and the others must not wait for that.
        let ordered = match together.contains(&line) {
            _ if !self.program.stepwise => true,
            true if together.clone().any(has_begun) => true,
            true => (self.over..together.start).all(|above| self.is_settled(above)),
            false => (self.over..line).all(|above| self.is_settled(above)),
        };
        ordered
            && edges.iter().all(|edge| match edge {
                Edge::After(before) => self.lines[usize::from(*before)] == Progress::Over,
                Edge::WhenBlocked(actor) => {
                    self.last_above(*actor, line).is_none_or(|last| self.is_settled(last))
                }
            })
    }

    /// Whether nothing more is to be expected of a line before something else happens: it is over,
    /// or asleep, or its actor is asleep in an earlier one.
    fn is_settled(&self, line: u16) -> bool {
        match self.lines[usize::from(line)] {
            Progress::Over | Progress::Asleep => true,
            Progress::InCall => false,
            Progress::Waiting => {
                let (own, begun) =
                    &self.own[usize::from(self.program.lines[usize::from(line)].actor)];
                let current = begun.checked_sub(1).map(|index| usize::from(own[index]));
                current.is_some_and(|current| self.lines[current] == Progress::Asleep)
            }
        }
    }

    fn last_above(&self, actor: u8, line: u16) -> Option<u16> {
        self.own[usize::from(actor)].0.iter().copied().rfind(|own| *own < line)
    }

    /// A line has begun.
    pub fn began(&mut self, line: u16) {
        self.lines[usize::from(line)] = Progress::InCall;
        self.own[usize::from(self.program.lines[usize::from(line)].actor)].1 += 1;
    }

    /// A line has returned.
    pub fn returned(&mut self, line: u16) {
        self.lines[usize::from(line)] = Progress::Over;
        self.look_on();
    }

    fn look_on(&mut self) {
        let rest = &self.lines[usize::from(self.over)..];
        self.over += rest.iter().take_while(|line| **line == Progress::Over).count() as u16;
    }

    /// A line is asleep in its call. What it waited for may still come.
    pub fn asleep(&mut self, line: u16) {
        self.lines[usize::from(line)] = Progress::Asleep;
    }

    /// Something is about to happen: whoever was asleep may not be any more.
    pub fn stir(&mut self) {
        for (own, begun) in &self.own {
            let Some(current) = begun.checked_sub(1).map(|index| usize::from(own[index])) else {
                continue;
            };
            if self.lines[current] == Progress::Asleep {
                self.lines[current] = Progress::InCall;
            }
        }
    }

    /// An actor has ended: whatever it had still to do is over.
    pub fn ended(&mut self, actor: u8) {
        let (own, begun) = &mut self.own[usize::from(actor)];
        for line in own.iter() {
            self.lines[usize::from(*line)] = Progress::Over;
        }
        *begun = own.len();
        self.look_on();
    }

    /// The line that an actor is in.
    pub fn current(&self, actor: u8) -> Option<u16> {
        let (own, begun) = self.own.get(usize::from(actor))?;
        let line = *own.get(begun.checked_sub(1)?)?;
        let progress = self.lines[usize::from(line)];
        matches!(progress, Progress::InCall | Progress::Asleep).then_some(line)
    }

    /// A line cannot be run although its turn has come, for it names what is not there; it is over.
    pub fn dropped(&mut self, line: u16) {
        self.began(line);
        self.returned(line);
    }
}
