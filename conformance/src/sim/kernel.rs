//! The kernel of the simulated system: the rules, and what is wrong with it.

use std::ops::Range;

use ipc_model::clause::{Clause, Envelope};
use ipc_model::epoll::Deed;
use ipc_model::errno::Errno;
use ipc_model::operation::Actor;
use ipc_model::outcome::{Outcome, Value};
use ipc_model::spec::Spec;
use ipc_model::step::Step;
use ipc_model::view::{Change, Choice, View};
use ipc_model::world::{Activity, Life, World};

use super::off;
use super::spoil;
use super::stale::Graves;
use crate::faults::{Slip, Wrong};

/// Rules, and slips in some of them. Without slips it does what the rules say.
#[derive(Clone, Copy)]
pub struct Kernel<'a> {
    /// The rules.
    pub spec: &'a Spec,
    /// What is wrong.
    pub slips: &'a [Slip],
}

impl<'a> Kernel<'a> {
    /// Every step that a call or a death can take, falling asleep aside. What nobody judges is left
    /// out, unless there is nothing else: no system does it.
    pub fn steps(&self, world: &World, graves: &Graves) -> Vec<Step<'a>> {
        let all = 0..world.processes.len() as u8;
        self.slipped(self.spec.steps(world), world, graves, all)
    }

    /// Those of them that these processes have, of whom the rules know these steps.
    pub fn slipped(
        &self,
        mut steps: Vec<Step<'a>>,
        world: &World,
        graves: &Graves,
        processes: Range<u8>,
    ) -> Vec<Step<'a>> {
        let judged: Vec<Actor> =
            steps.iter().filter(|step| !step.is_open_ended()).map(|step| step.actor).collect();
        let else_nothing = |step: &Step<'_>| {
            !judged.contains(&step.actor) && self.spec.sleeps(world, step.actor).is_none()
        };
        steps.retain(|step| {
            !self.is_bent(step.clause) && (!step.is_open_ended() || else_nothing(step))
        });
        if !self.slips.is_empty() {
            steps.retain(|step| self.goes_on(world, step));
        }
        for clause in self.bent() {
            for process in processes.clone() {
                self.bent_steps(world, process, clause, &mut steps);
            }
        }
        if self.slips.iter().any(|slip| matches!(slip.wrong, Wrong::Stale)) {
            self.stale_steps(world, graves, processes, &mut steps);
        }
        steps
    }

    /// The step by which a call falls asleep, if it may.
    pub fn sleep(&self, world: &World, actor: Actor) -> Option<Step<'a>> {
        let call = world.in_call(actor)?;
        let sleeps = |clause: &&Clause| matches!(clause.envelope, Envelope::Sleep);
        let view = View::new(self.spec, world, actor);
        let bent = self
            .bent()
            .filter(sleeps)
            .find(|clause| clause.on.contains(&call.operation()) && self.is_enabled(&view, clause));
        let sound = || self.spec.sleeps(world, actor).filter(|clause| !self.is_bent(clause));
        let clause = bent.or_else(sound)?;
        Some(Step { actor, clause, unasked: false })
    }

    /// The counts that a step can have: from the first to the second, both included.
    pub fn counts(&self, world: &World, step: &Step<'_>) -> (u64, u64) {
        let (lo, hi) = self.spec.counts(world, step);
        let slips = self.slips_in(step.clause).filter_map(|wrong| match wrong {
            Wrong::Count(by) if by < 0 => Some(lo.saturating_sub(1)),
            Wrong::Count(_) => Some(hi.saturating_add(1)),
            _ => None,
        });
        slips.map(|count| (count, count)).last().unwrap_or((lo, hi))
    }

    /// The step is made.
    pub fn make(&self, world: &mut World, graves: &Graves, step: &Step<'_>, choice: Choice) {
        if step.is_open_ended() {
            let answer = Outcome::Failure(Errno::EINVAL);
            return world.set_activity(step.actor, Activity::Returning(answer));
        }
        if self.slips_in(step.clause).next().is_none() {
            return self.spec.make(world, step, choice);
        }
        let raised = graves
            .raise(world, step.actor)
            .filter(|_| self.slips_in(step.clause).any(|wrong| matches!(wrong, Wrong::Stale)));
        match raised {
            Some((mut raised, fd)) => {
                self.bend(&mut raised, step, choice);
                raised.remove(step.actor.process, fd);
                *world = raised;
            }
            None => self.bend(world, step, choice),
        }
    }

    /// What is wrong with the clause.
    pub fn slips_in(&self, clause: &Clause) -> impl Iterator<Item = Wrong> + use<'a> {
        let id = clause.id;
        self.slips.iter().filter(move |slip| slip.clause.id == id).map(|slip| slip.wrong)
    }

    /// The clauses of which it is wrong when they apply.
    fn bent(&self) -> impl Iterator<Item = &'static Clause> + use<'a> {
        let slips = self.slips;
        let first = move |place: usize, slip: &Slip| {
            !slips[..place].iter().any(|s| s.wrong.bends() && s.clause.id == slip.clause.id)
        };
        let bent = slips.iter().enumerate().filter(|(_, slip)| slip.wrong.bends());
        bent.filter(move |(place, slip)| first(*place, slip)).map(|(_, slip)| slip.clause)
    }

    fn is_bent(&self, clause: &Clause) -> bool {
        self.slips_in(clause).any(|wrong| wrong.bends())
    }

    /// Whether the clause applies, as this kernel has it.
    pub fn is_enabled(&self, view: &View<'_>, clause: &Clause) -> bool {
        applies(self.slips, view, clause)
    }

    fn bent_steps(
        &self,
        world: &World,
        process: u8,
        clause: &'static Clause,
        steps: &mut Vec<Step<'a>>,
    ) {
        if matches!(clause.envelope, Envelope::Sleep) {
            return;
        }
        let mut befalls = ipc_model::spec::befalls(world, process);
        if befalls.any(|operation| clause.on.contains(&operation)) {
            let view = View::unasked(self.spec, world, process);
            let step = Step { actor: Actor::first(process), clause, unasked: true };
            if self.is_enabled(&view, clause) && self.goes_on(world, &step) {
                steps.push(step);
            }
        }
        let actor = Actor::first(process);
        let Some(call) = world.in_call(actor) else { return };
        let view = View::new(self.spec, world, actor);
        if clause.on.contains(&call.operation()) && self.is_enabled(&view, clause) {
            let step = Step { actor, clause, unasked: false };
            if self.goes_on(world, &step) {
                steps.push(step);
            }
        }
    }

    /// Whether the step leads anywhere: one that is spoilt so that it does not would be made for ever.
    fn goes_on(&self, world: &World, step: &Step<'_>) -> bool {
        let answers = step.clause.answers() && !step.unasked;
        if answers || self.slips_in(step.clause).next().is_none() {
            return true;
        }
        let mut after = world.clone();
        let (_, count) = self.counts(world, step);
        self.make(&mut after, &Graves::default(), step, Choice { count, probed: None });
        after != *world
    }

    /// Calls with a closed descriptor, to which a clause applies as if it were open.
    fn stale_steps(
        &self,
        world: &World,
        graves: &Graves,
        processes: Range<u8>,
        steps: &mut Vec<Step<'a>>,
    ) {
        let stale = self.slips.iter().filter(|slip| matches!(slip.wrong, Wrong::Stale));
        for clause in stale.map(|slip| slip.clause) {
            for actor in processes.clone().map(Actor::first) {
                let Some(call) = world.in_call(actor) else { continue };
                let Some((raised, _)) = graves.raise(world, actor) else { continue };
                let view = View::new(self.spec, &raised, actor);
                if clause.on.contains(&call.call.operation) && self.is_enabled(&view, clause) {
                    steps.retain(|step| step.actor != actor);
                    steps.push(Step { actor, clause, unasked: false });
                }
            }
        }
    }

    /// The step is made as a clause with slips has it.
    fn bend(&self, world: &mut World, step: &Step<'_>, choice: Choice) {
        let (clause, actor) = (step.clause, step.actor);
        let outcome = match step.unasked {
            true => None,
            false => self.spec.outcome(world, actor, clause, choice),
        };
        let mut answer = outcome;
        for wrong in self.slips_in(clause) {
            answer = self.told(world, step, choice, &wrong, answer);
        }
        if step.unasked
            && let Some(dying) = world.process_mut(actor.process)
            && matches!(dying.life, Life::Dying(_))
        {
            dying.activity = Activity::Gone;
        }
        self.effects(world, step, choice);
        match (&clause.envelope, answer) {
            (Envelope::Sleep, _) => {
                if let Some(call) = world.in_call_mut(actor) {
                    call.slept = true;
                }
            }
            (_, Some(answer)) => world.answer(actor, answer),
            (Envelope::Never, None) => world.set_activity(actor, Activity::Gone),
            _ => {}
        }
    }

    /// What the caller is told where it would have been told `answer`.
    fn told(
        &self,
        world: &World,
        step: &Step<'_>,
        choice: Choice,
        wrong: &Wrong,
        answer: Option<Outcome>,
    ) -> Option<Outcome> {
        let gives = world.in_call(step.actor).map(|call| call.call.operation.gives);
        match *wrong {
            Wrong::Error(errno) => Some(Outcome::Failure(errno)),
            Wrong::Success => Some(Outcome::Success(spoil::nothing(gives))),
            Wrong::Told(by) => answer.map(|answer| match answer {
                Outcome::Success(Value::Data(_)) => {
                    let count = choice.count.saturating_add_signed(by);
                    let choice = Choice { count, ..choice };
                    let told = self.spec.outcome(world, step.actor, step.clause, choice);
                    told.unwrap_or(answer)
                }
                other => spoil::count(other, by),
            }),
            Wrong::ToldOther => answer.map(spoil::other),
            Wrong::Tells(what) => answer.map(what),
            Wrong::Data(how) => answer.map(|answer| {
                let choice = Choice { count: choice.count.saturating_add(1), ..choice };
                let more = self.spec.outcome(world, step.actor, step.clause, choice);
                spoil::data(answer, more, how)
            }),
            _ => answer,
        }
    }

    fn effects(&self, world: &mut World, step: &Step<'_>, choice: Choice) {
        let (spec, clause, actor) = (self.spec, step.clause, step.actor);
        let view = match step.unasked {
            true => View::unasked(spec, world, actor.process),
            false => View::new(spec, world, actor),
        };
        let subject = view.subject;
        let mut run: Vec<(&'static ipc_model::clause::Action, u64, Choice)> = Vec::new();
        for (place, effect) in clause.effects.iter().enumerate() {
            let mut amount = View { chosen: choice, ..view }.num(&effect.amount);
            let mut times = 1;
            for wrong in self.slips_in(clause) {
                match wrong {
                    Wrong::Missing(at) if at == place => times = 0,
                    Wrong::Twice(at) if at == place => times = 2,
                    Wrong::Moved(at, by) if at == place => {
                        amount = amount.saturating_add_signed(by);
                    }
                    _ => {}
                }
            }
            run.extend(std::iter::repeat_n((effect.action, amount, choice), times));
        }
        let operation = world.in_call(actor).map(|call| call.call.operation);
        for wrong in self.slips_in(clause) {
            // What the call could have done had it not been refused.
            if let Wrong::Borrowed(other) = wrong
                && operation.is_some_and(|operation| other.on.contains(&operation))
            {
                let (_, count) = spec.range(world, actor, other);
                let chosen = Choice { count, probed: None };
                let amount = |num| View { chosen, ..view }.num(num);
                run.extend(other.effects.iter().map(|e| (e.action, amount(&e.amount), chosen)));
            }
        }
        let partial = matches!(clause.envelope, Envelope::Step(..));
        let act = |world: &mut World| {
            for (action, amount, chosen) in run {
                (action.run)(&mut Change { world, spec, actor, subject, chosen }, amount);
            }
        };
        match clause.envelope {
            Envelope::Sleep => act(world),
            _ => spec.stirring(world, Deed { actor, partial }, act),
        }
        for wrong in self.slips_in(clause) {
            if let Wrong::Also(also) = wrong {
                also(world, actor);
            }
        }
    }
}

/// Whether a clause applies where these slips are.
pub(super) fn applies(slips: &[Slip], view: &View<'_>, clause: &Clause) -> bool {
    let id = clause.id;
    let mine = || slips.iter().filter(move |slip| slip.clause.id == id).map(|slip| slip.wrong);
    let may = mine().all(|wrong| match wrong {
        Wrong::Never => false,
        Wrong::Unless(cond) => !cond(view.world, view.actor),
        _ => true,
    });
    let guard = |(place, guard): (usize, &ipc_model::clause::Guard)| {
        for wrong in mine() {
            match wrong {
                Wrong::Unguarded(at) if at == place => return true,
                Wrong::Off(at, leaf, by) if at == place => {
                    return off::holds(view, &guard.cond, leaf, by);
                }
                _ => {}
            }
        }
        view.holds(&guard.cond)
    };
    may && clause.guards.iter().enumerate().all(guard)
}
