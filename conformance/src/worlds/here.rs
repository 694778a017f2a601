//! One look at a state: what every call could do in it.

use ipc_model::clause::{Clause, Envelope};
use ipc_model::operation::Actor;
use ipc_model::outcome::Outcome;
use ipc_model::spec::{Spec, obliges};
use ipc_model::step::Step;
use ipc_model::view::{Choice, View};
use ipc_model::world::{Activity, InCall, World};

use super::space::{Action, Space, State};

/// A state, and what every call and every dying process could do in it.
pub(super) struct Here<'h, 'a> {
    /// The state.
    pub(super) state: &'h State,
    /// The calls, by process.
    pub(super) calls: Vec<Standing<'h, 'a>>,
    /// The steps of the dying, and the counts that each can have.
    pub(super) deaths: Vec<(Step<'a>, (u64, u64))>,
}

/// How a call stands.
pub(super) struct Standing<'h, 'a> {
    /// Whose it is.
    pub(super) actor: Actor,
    /// The call.
    pub(super) call: &'h InCall,
    /// The clauses that it can use now, sleep aside.
    pub(super) ways: Vec<Way<'a>>,
    /// The clause that lets it sleep, if it may.
    pub(super) sleeps: Option<&'a Clause>,
}

/// A clause that a call can use now.
pub(super) struct Way<'a> {
    /// The clause.
    pub(super) clause: &'a Clause,
    /// The counts that can be chosen, from the first to the second.
    pub(super) counts: (u64, u64),
    /// Whether it obliges.
    pub(super) obliges: bool,
}

impl<'h, 'a> Here<'h, 'a> {
    /// Looks at a state.
    pub(super) fn look(space: &Space<'a>, state: &'h State) -> Here<'h, 'a> {
        let (spec, world) = (space.spec, &state.world);
        let (mut calls, mut deaths) = (Vec::new(), Vec::new());
        for process in 0..world.processes.len() as u8 {
            let actor = Actor::first(process);
            if let Activity::InCall(call) = world.activity(actor) {
                calls.push(Standing::of(spec, world, actor, call));
            }
            let due = spec.unasked(world, process);
            deaths.extend(due.map(|step| (step, spec.counts(world, &step))));
        }
        Here { state, calls, deaths }
    }

    /// Whether nothing can happen but that a call is made.
    pub(super) fn is_at_rest(&self) -> bool {
        self.deaths.is_empty() && self.calls.iter().all(|call| call.steps().next().is_none())
    }
}

impl<'h, 'a> Standing<'h, 'a> {
    /// How a call stands by these rules.
    pub(super) fn of(
        spec: &'a Spec,
        world: &World,
        actor: Actor,
        call: &'h InCall,
    ) -> Standing<'h, 'a> {
        let view = View::new(spec, world, actor);
        let (mut ways, mut can_sleep) = (Vec::new(), false);
        for clause in spec.enabled(world, actor) {
            if matches!(clause.envelope, Envelope::Sleep) {
                can_sleep = true;
                continue;
            }
            let counts = spec.range(world, actor, clause);
            ways.push(Way { clause, counts, obliges: obliges(&view, clause) });
        }
        let sleeps = if can_sleep { spec.sleeps(world, actor) } else { None };
        Standing { actor, call, ways, sleeps }
    }

    /// Every step that can be followed, with every count.
    pub(super) fn steps(&self) -> impl Iterator<Item = Action<'a>> {
        let actor = self.actor;
        let judged = |way: &&Way<'_>| !matches!(way.clause.envelope, Envelope::Anything);
        self.ways.iter().filter(judged).flat_map(move |way| {
            let step = Step { actor, clause: way.clause, unasked: false };
            (way.counts.0..=way.counts.1).map(move |count| Action::Step { step, count })
        })
    }
}

impl Way<'_> {
    /// Everything that can be answered so; one `None` where the call never returns.
    pub(super) fn outcomes(
        &self,
        spec: &Spec,
        world: &World,
        actor: Actor,
    ) -> Vec<Option<Outcome>> {
        let outcome =
            |count| spec.outcome(world, actor, self.clause, Choice { count, probed: None });
        (self.counts.0..=self.counts.1).map(outcome).collect()
    }
}
