//! Moves: what could have happened, unseen, before the next event.

use ipc_model::clause::{Clause, Envelope};
use ipc_model::errno::Errno;
use ipc_model::operation::{Actor, Param};
use ipc_model::outcome::{Info, Outcome, Value};
use ipc_model::poll;
use ipc_model::signal::{self, Signals};
use ipc_model::spec::Spec;
use ipc_model::step::Step;
use ipc_model::timer::EXPIRY;
use ipc_model::view::{Choice, View};
use ipc_model::world::{Life, World};

use super::future::{Future, Returned};
use super::place::Place;

/// An unseen step that can be made now, and how far it goes.
#[derive(Clone, Copy)]
pub(super) struct Move<'a> {
    pub(super) step: Step<'a>,
    pub(super) choice: Choice,
}

impl<'a> Move<'a> {
    fn of_call(actor: Actor, clause: &'a Clause, choice: Choice) -> Move<'a> {
        Move { step: Step { actor, clause, unasked: false }, choice }
    }

    /// Whether both are one and the same.
    pub(super) fn is_same(&self, other: &Move<'_>) -> bool {
        std::ptr::eq(self.step.clause, other.step.clause)
            && (self.step.actor, self.step.unasked) == (other.step.actor, other.step.unasked)
            && self.choice == other.choice
    }

    /// Makes the move.
    pub(super) fn make(&self, spec: &Spec, world: &mut World) {
        spec.make(world, &self.step, self.choice);
    }

    /// Whether a call falls asleep by it.
    pub(super) fn is_sleep(&self) -> bool {
        matches!(self.step.clause.envelope, Envelope::Sleep)
    }

    /// Whether it makes what may happen a matter of nobody's judgement.
    pub(super) fn is_open_ended(&self) -> bool {
        self.step.is_open_ended()
    }
}

/// Of a range with so many counts or more only the ends are tried, and what the history tells of.
const WIDE: u64 = 64;

/// The moves of one search, and whether one was passed over.
pub(super) struct Moves<'a> {
    pub(super) spec: &'a Spec,
    pub(super) future: Future<'a>,
    /// A range was too wide to try every count in it: a refusal proves nothing.
    pub(super) sampled: bool,
}

impl<'a> Moves<'a> {
    /// Every move in `world` that can bring about `wanted`'s return or else its own process's
    /// progress: the likelier first.
    pub(super) fn before(&mut self, place: &Place, wanted: Option<Actor>) -> Vec<Move<'a>> {
        let mut found = Vec::new();
        let mut unlikely = Vec::new();
        if let Some(actor) = wanted {
            self.answers(place, actor, &mut found);
            self.steps(place, actor, &mut found, &mut unlikely);
        }
        let callers = place.callers();
        self.deaths(&place.world, &mut found, &mut unlikely);
        for actor in callers.iter().filter(|actor| Some(**actor) != wanted) {
            self.steps(place, *actor, &mut found, &mut unlikely);
            self.answers(place, *actor, &mut found);
        }
        found.append(&mut unlikely);
        for actor in callers {
            self.falls_asleep(&place.world, actor, &mut found);
        }
        // What nobody judges comes last: everything else might explain the history as well.
        found.sort_by_key(Move::is_open_ended);
        found
    }

    /// Every move in `world` that can bring about that a handler of that process runs for that signal: the
    /// likelier first. It is delivered; else whoever is in a call sends it, its own process last.
    pub(super) fn before_handler(
        &mut self,
        place: &Place,
        actor: Actor,
        info: &Info,
    ) -> Vec<Move<'a>> {
        let (mut found, mut unlikely) = (Vec::new(), Vec::new());
        let wanted = |signals: &Signals| signals.deliverable() & signal::bit(info.signal) != 0;
        let comes = place.world.process(actor.process).is_some_and(|p| wanted(&p.signals));
        if comes {
            self.deliveries(place, actor, &mut found);
        }
        let mut callers = place.callers();
        let sends = |caller: &Actor| {
            let call = place.call(*caller).map(|(call, _)| &call.call);
            let target = call.and_then(|call| call.find(|param| matches!(param, Param::Process)));
            target == Some(actor.process.into())
        };
        callers.sort_by_key(|caller| (!sends(caller), *caller == actor));
        for caller in &callers {
            self.answers(place, *caller, &mut found);
            self.steps(place, *caller, &mut found, &mut unlikely);
        }
        if !comes {
            self.deliveries(place, actor, &mut found);
        }
        let mut expiries = Vec::new();
        self.deaths(&place.world, &mut unlikely, &mut expiries);
        unlikely.append(&mut expiries);
        found.append(&mut unlikely);
        for caller in callers {
            self.falls_asleep(&place.world, caller, &mut found);
        }
        found.sort_by_key(Move::is_open_ended);
        found
    }

    /// What a signal for that process can come to: that it interrupts first, where the call is seen to
    /// fail of that.
    fn deliveries(&self, place: &Place, actor: Actor, found: &mut Vec<Move<'a>>) {
        let returned = place.call(actor).and_then(|(_, number)| self.future.calls[number].returned);
        let done = place.call(actor).is_some_and(|(call, _)| call.done > 0);
        let fails = returned
            .is_some_and(|returned| *returned.outcome == Outcome::Failure(Errno::EINTR) || done);
        let mut all = Vec::new();
        for step in self.spec.unasked(&place.world, actor.process) {
            let (lo, hi) = self.spec.counts(&place.world, &step);
            let choice = |count| Choice { count, probed: None };
            all.extend((lo..=hi).map(|count| Move { step, choice: choice(count) }));
        }
        if fails {
            all.reverse();
        }
        found.append(&mut all);
    }

    /// A way for the call to take effect with the outcome that it is seen to have, if there is one now.
    pub(super) fn answer(&mut self, place: &Place, actor: Actor) -> Option<Move<'a>> {
        let (_, number) = place.call(actor)?;
        let known = self.future.calls.get(number)?;
        let Some(returned) = known.returned else {
            let mut found = Vec::new();
            self.answers(place, actor, &mut found);
            return found.into_iter().find(|answer| !answer.is_open_ended());
        };
        if known.asleep_at.is_some_and(|event| event >= place.event) {
            return None;
        }
        let (spec, world) = (self.spec, &place.world);
        let fits = |clause: &Clause| {
            let open = matches!(clause.envelope, Envelope::Anything);
            !open && clause.envelope.is_like(returned.outcome)
        };
        spec.first_enabled(world, actor, fits, |clause| {
            let choice = spec.admits(world, actor, clause, returned.outcome, returned.probed)?;
            Some(Move::of_call(actor, clause, choice))
        })
    }

    /// Falling asleep, if the call is seen asleep later and can do so now.
    pub(super) fn sleep(&self, place: &Place, actor: Actor) -> Option<Move<'a>> {
        let (_, number) = place.call(actor)?;
        let later = self.future.calls[number].asleep_at.is_some_and(|event| event >= place.event);
        if later { self.fall_asleep(place, actor) } else { None }
    }

    /// Falling asleep, if the call has not slept and can do so now.
    pub(super) fn fall_asleep(&self, place: &Place, actor: Actor) -> Option<Move<'a>> {
        if place.call(actor)?.0.slept {
            return None;
        }
        let clause = self.spec.sleeps(&place.world, actor)?;
        Some(Move::of_call(actor, clause, Choice::default()))
    }

    /// A step of a call that moves just this much, if there is one now.
    pub(super) fn step_of(&self, place: &Place, actor: Actor, count: u64) -> Option<Move<'a>> {
        let spec = self.spec;
        let is_step = |clause: &Clause| matches!(clause.envelope, Envelope::Step(..));
        let fits = |clause: &&'a Clause| {
            let (lo, hi) = spec.range(&place.world, actor, clause);
            (lo..=hi).contains(&count)
        };
        let clause = spec.enabled_among(&place.world, actor, is_step).into_iter().find(fits)?;
        Some(Move::of_call(actor, clause, Choice { count, probed: None }))
    }

    /// The steps of the sleepers, and nothing else: what can happen on the way to stillness. A call of
    /// which nothing is said may stay asleep too.
    pub(super) fn settling(&mut self, place: &Place, asleep: &[Actor]) -> Vec<Move<'a>> {
        let (mut found, mut unlikely) = (Vec::new(), Vec::new());
        for actor in asleep {
            self.steps(place, *actor, &mut found, &mut unlikely);
            let is_open = |clause: &Clause| matches!(clause.envelope, Envelope::Anything);
            let open = self.spec.enabled_among(&place.world, *actor, is_open).into_iter();
            unlikely.extend(open.map(|clause| Move::of_call(*actor, clause, Choice::default())));
        }
        found.append(&mut unlikely);
        found
    }

    /// The ways in which a call can take its effect with the outcome that it is seen to have.
    fn answers(&mut self, place: &Place, actor: Actor, found: &mut Vec<Move<'a>>) {
        let Some((_, number)) = place.call(actor) else { return };
        let Some(known) = self.future.calls.get(number) else { return };
        // Who is seen asleep later has not been answered yet.
        if known.asleep_at.is_some_and(|event| event >= place.event) {
            return;
        }
        let (spec, returned) = (self.spec, known.returned);
        // Who ends, or is stopped for good, may have been answered.
        let never = self.future.ends(actor) || self.future.stops;
        let ends = returned.is_none() && never;
        // What the call is not seen to get need not be asked for: most clauses are about errors.
        let fits = |clause: &Clause| match returned {
            Some(returned) => clause.envelope.is_like(returned.outcome),
            None => ends && clause.answers(),
        };
        for clause in spec.enabled_among(&place.world, actor, fits) {
            match returned {
                Some(returned) => {
                    let (outcome, probed) = (returned.outcome, returned.probed);
                    if let Some(choice) = spec.admits(&place.world, actor, clause, outcome, probed)
                    {
                        found.push(Move::of_call(actor, clause, choice));
                    }
                }
                // Its caller ended before it could tell.
                None => self.each_choice(&place.world, actor, clause, found),
            }
        }
    }

    /// The steps that a call can take on the way. Where there is one of exactly the amount that the
    /// call is known to move in the end, that one is likely and all others are not.
    fn steps(
        &mut self,
        place: &Place,
        actor: Actor,
        likely: &mut Vec<Move<'a>>,
        unlikely: &mut Vec<Move<'a>>,
    ) {
        let Some((call, number)) = place.call(actor) else { return };
        let (spec, world) = (self.spec, &place.world);
        let is_step = |clause: &Clause| matches!(clause.envelope, Envelope::Step(..));
        for clause in spec.enabled_among(world, actor, is_step) {
            let (lo, hi) = self.spec.range(world, actor, clause);
            let known = self.future.reaches(number).map(|n| n.saturating_sub(call.done));
            if lo != hi && poll::looks_at(clause) {
                self.looks(place, actor, clause, likely, unlikely);
                continue;
            }
            if lo == hi {
                self.each_choice(world, actor, clause, likely);
                continue;
            }
            if let Some(count) = known.filter(|count| (lo..=hi).contains(count)) {
                let choice = Choice { count, probed: None };
                likely.push(Move::of_call(actor, clause, choice));
            }
            self.each_choice(world, actor, clause, unlikely);
        }
    }

    /// The looks at one of the descriptors that a call asks about: likely is that it finds what it is
    /// seen to tell in the end, or nothing, and looks again.
    fn looks(
        &self,
        place: &Place,
        actor: Actor,
        clause: &'a Clause,
        likely: &mut Vec<Move<'a>>,
        unlikely: &mut Vec<Move<'a>>,
    ) {
        let Some((call, number)) = place.call(actor) else { return };
        let told = match self.future.calls.get(number).and_then(|known| known.returned) {
            Some(Returned { outcome: Outcome::Success(Value::Ready(words)), .. }) => {
                words.get(call.seen.len()).copied()
            }
            _ => None,
        };
        let view = View::new(self.spec, &place.world, actor);
        let (lo, hi) = self.spec.range(&place.world, actor, clause);
        let looks = (lo..=hi).map(|way| (way, poll::finds(&view, way)));
        let (mut telling, others): (Vec<_>, Vec<_>) =
            looks.partition(|(_, found)| Some(*found) == told || *found == 0);
        telling.sort_by_key(|(_, found)| Some(*found) != told);
        let look =
            |(count, _): (u64, u32)| Move::of_call(actor, clause, Choice { count, probed: None });
        likely.extend(telling.into_iter().map(look));
        unlikely.extend(others.into_iter().map(look));
    }

    /// The steps of the dying, and of those whom a signal comes to; that a timer expires is not likely
    /// where nothing asks for it.
    fn deaths(&self, world: &World, found: &mut Vec<Move<'a>>, unlikely: &mut Vec<Move<'a>>) {
        for process in 0..world.processes.len() as u8 {
            for step in self.spec.unasked(world, process) {
                let (lo, hi) = self.spec.counts(world, &step);
                let choice = |count| Choice { count, probed: None };
                let all = (lo..=hi).map(|count| Move { step, choice: choice(count) });
                match step.clause.on.contains(&&EXPIRY) {
                    true => unlikely.extend(all),
                    false => found.extend(all),
                }
            }
        }
    }

    /// A call that could fall asleep now, and has not.
    fn falls_asleep(&self, world: &World, actor: Actor, found: &mut Vec<Move<'a>>) {
        let Some(call) = world.in_call(actor) else { return };
        if !call.slept
            && let Some(clause) = self.spec.sleeps(world, actor)
        {
            found.push(Move::of_call(actor, clause, Choice::default()));
        }
    }

    /// Every count of the clause's range; of a wide one the ends.
    fn each_choice(
        &mut self,
        world: &World,
        actor: Actor,
        clause: &'a Clause,
        found: &mut Vec<Move<'a>>,
    ) {
        let (lo, hi) = self.spec.range(world, actor, clause);
        let newborn = matches!(clause.envelope, Envelope::Newborn);
        if newborn {
            let born = (0..world.processes.len() as u64).filter(|n| self.future.begins(*n));
            let unborn = |n: &u64| world.process(*n as u8).is_some_and(|p| p.life == Life::Unborn);
            for count in born.filter(unborn).chain([lo]) {
                let choice = Choice { count, probed: None };
                found.push(Move::of_call(actor, clause, choice));
            }
            return;
        }
        if lo > hi {
            return;
        }
        let wide = hi - lo >= WIDE;
        self.sampled |= wide;
        let choice = |count| Move::of_call(actor, clause, Choice { count, probed: None });
        match wide {
            true => found.extend([hi, lo].map(choice)),
            false => found.extend((lo..=hi).rev().map(choice)),
        }
    }
}
