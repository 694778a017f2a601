//! What a process keeps about timers, and moments by the monotonic clock.

use crate::signal::Signals;

/// From how many nanoseconds on a time is long: no program runs for so long.
pub const LONG: u64 = 60_000_000_000;

/// The timers of a process.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timers {
    /// The one that `alarm` and `setitimer(ITIMER_REAL)` are about.
    pub own: Armed,
    /// Those that it has made, by number.
    pub made: Vec<Option<Timer>>,
}

/// How a timer is armed; times in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Armed {
    /// After how long it expires; 0 if it is not armed.
    pub left: u64,
    /// After how long it expires again each time; 0 if it does not.
    pub interval: u64,
    /// From when on that counts.
    pub since: Moment,
}

/// A timer that was made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timer {
    /// What it sends; nothing if it sends none.
    pub notice: Option<Notice>,
    /// How it is armed.
    pub armed: Armed,
    /// It has expired while its signal was ignored, and is to expire again: the signal may come late.
    pub held: bool,
    /// What it goes on telling although it is not armed any more.
    pub still: Armed,
}

/// What a timer sends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Notice {
    /// Which signal, by index in [`crate::signal::SIGNALS`].
    pub signal: u8,
    /// The value that comes with it.
    pub value: i32,
}

/// A moment between two looks at the monotonic clock, in nanoseconds, the first of them modulo
/// 2³⁹. None is known where nobody has looked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Moment {
    /// The first look, and how much later the second was.
    looks: Option<(u64, u64)>,
}

/// Bits of a probed number that say when the first look was.
const FIRST: u32 = 39;
/// Bits of a probed number that say how much later the second was: all set if it does not fit.
const LATER: u32 = 24;

impl Moment {
    /// Looks at the clock as one number, as it is probed with a call.
    pub fn probe(first: u64, second: u64) -> u64 {
        let later = second.saturating_sub(first).min((1 << LATER) - 1);
        (first & ((1 << FIRST) - 1)) << LATER | later
    }

    /// What was probed with a call.
    pub fn probed(number: Option<u64>) -> Moment {
        let later = |number: u64| number & ((1 << LATER) - 1);
        let told = |number: u64| match later(number) {
            // Nobody knows how much.
            unknown if unknown == (1 << LATER) - 1 => (number >> LATER, LONG),
            later => (number >> LATER, later),
        };
        Moment { looks: number.map(told) }
    }

    /// Whether anybody has looked.
    pub fn is_known(self) -> bool {
        self.looks.is_some()
    }

    /// The moment so much later.
    pub fn after(self, time: u64) -> Moment {
        Moment { looks: self.looks.map(|(first, later)| (first.wrapping_add(time), later)) }
    }

    /// How much time at least and at most has passed from this moment to that one: none where nothing is
    /// known of either.
    pub fn until(self, then: Moment) -> (u64, u64) {
        let (Some((from, took)), Some((to, takes))) = (self.looks, then.looks) else {
            return (0, 0);
        };
        // Both are modulo 2³⁹, so the difference is small and may be less than nothing.
        let between = ((to.wrapping_sub(from) << (64 - FIRST)) as i64) >> (64 - FIRST);
        let least = between.saturating_sub_unsigned(took).max(0);
        let most = between.saturating_add_unsigned(takes).max(0);
        (least as u64, most as u64)
    }
}

impl Armed {
    /// It is armed for so long from now on.
    pub fn new(left: u64, interval: u64, since: Moment) -> Armed {
        // What is not armed is nothing else either.
        if left == 0 { Armed::default() } else { Armed { left, interval, since } }
    }

    /// Whether it is to expire while a program runs.
    pub fn is_short(&self) -> bool {
        0 < self.left && self.left < LONG
    }

    /// Whether it is to do so again and again.
    pub fn is_rapid(&self) -> bool {
        self.left > 0 && 0 < self.interval && self.interval < LONG
    }

    /// Whether something of it is another when it has expired: not where it did so before.
    pub fn is_to_change(&self) -> bool {
        self.is_short() && self.left != self.interval
    }

    /// It expires.
    pub fn expire(&mut self) {
        *self = Armed::new(self.interval, self.interval, self.since.after(self.left));
    }

    /// How much is left then, at least and at most, told in whole `unit`s; nothing of what is not armed,
    /// and of what is not nothing.
    pub fn left_at(&self, then: Moment, unit: u64) -> (u64, u64) {
        if self.left == 0 {
            return (0, 0);
        }
        if self.is_rapid() && self.is_short() && then.is_known() {
            // Nobody knows how often it has expired.
            return (unit.min(self.left), self.left);
        }
        let (least, most) = self.since.until(then);
        let down = self.left.saturating_sub(most) / unit * unit;
        let up = self.left.saturating_sub(least).div_ceil(unit) * unit;
        (down.max(unit), up.max(unit))
    }
}

impl Timers {
    /// Whether one of them is to expire while a program runs.
    pub fn await_expiry(&self, signals: &Signals) -> bool {
        self.own_may_expire(signals) || self.each().any(|timer| timer.armed.is_short())
    }

    /// Whether one of them is to expire again and again.
    pub fn go_on(&self, signals: &Signals) -> bool {
        self.own.is_rapid() && !signals.alarm_rests
            || self.each().any(|timer| timer.armed.is_rapid())
    }

    /// Whether somebody hears of it when one of them expires, soon.
    pub fn are_to_send(&self, signals: &Signals) -> bool {
        self.own_may_expire(signals)
            || self.each().any(|timer| timer.notice.is_some() && timer.armed.is_short())
    }

    /// Whether something may come of one of them by itself.
    pub fn may_act(&self, signals: &Signals) -> bool {
        self.own_may_expire(signals)
            || self.sends_next(signals).chain(self.ends_next()).next().is_some()
    }

    /// Whether the one that every process has may expire: it does not while it waits for its signal to be
    /// taken.
    pub fn own_may_expire(&self, signals: &Signals) -> bool {
        self.own.is_short() && !signals.alarm_rests
    }

    fn each(&self) -> impl Iterator<Item = &Timer> {
        self.made.iter().flatten()
    }

    /// The one of that number.
    pub fn get(&self, number: i64) -> Option<&Timer> {
        self.made.get(usize::try_from(number).ok()?)?.as_ref()
    }

    /// The one of that number, to be changed.
    pub fn get_mut(&mut self, number: i64) -> Option<&mut Timer> {
        self.made.get_mut(usize::try_from(number).ok()?)?.as_mut()
    }

    /// The lowest number that none of them has.
    pub fn lowest(&self) -> usize {
        let free = self.made.iter().position(Option::is_none);
        free.unwrap_or(self.made.len())
    }

    /// One more, not armed, under the lowest number that is free.
    pub fn add(&mut self, notice: Option<Notice>) {
        let timer =
            Some(Timer { notice, armed: Armed::default(), held: false, still: Armed::default() });
        match self.lowest() {
            end if end == self.made.len() => self.made.push(timer),
            free => self.made[free] = timer,
        }
    }

    /// That one is there no more.
    pub fn remove(&mut self, number: i64) {
        let place = usize::try_from(number).ok().and_then(|place| self.made.get_mut(place));
        place.into_iter().for_each(|place| *place = None);
        while self.made.last() == Some(&None) {
            self.made.pop();
        }
    }

    /// The numbers of those that may expire now and send something, or that have sent nothing yet: none
    /// has a signal pending. What expires again and again and is ignored has done so once for all.
    pub fn sends_next(&self, signals: &Signals) -> impl Iterator<Item = u8> {
        let pending = |number: u8| signals.queue.iter().any(|one| one.timer == Some(number));
        let sends = move |number: &u8| {
            self.get((*number).into()).is_some_and(|timer| {
                let is_heard = timer.notice.is_some_and(|notice| !signals.drops(notice.signal));
                let may = if timer.held { is_heard } else { timer.armed.is_short() };
                timer.notice.is_some() && may && !pending(*number)
            })
        };
        (0..self.made.len() as u8).filter(sends)
    }

    /// The numbers of those that may expire now, send nothing, and have not gone on and on before.
    pub fn ends_next(&self) -> impl Iterator<Item = u8> {
        let ends = |number: &u8| {
            let timer = self.get((*number).into());
            timer.is_some_and(|timer| timer.notice.is_none() && timer.armed.is_to_change())
        };
        (0..self.made.len() as u8).filter(ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn at(first: u64, later: u64) -> Moment {
        Moment::probed(Some(Moment::probe(first, first + later)))
    }

    #[test]
    fn what_is_left_lies_between_what_the_looks_leave_open() {
        let armed = Armed::new(3600 * SECOND, 0, at(1_000, 10));
        assert_eq!(armed.left_at(at(1_110, 30), 1), (3600 * SECOND - 140, 3600 * SECOND - 100));
        assert_eq!(armed.left_at(at(1_110, 30), SECOND), (3599 * SECOND, 3600 * SECOND));
        assert_eq!(armed.left_at(Moment::default(), 1), (3600 * SECOND, 3600 * SECOND));
        assert_eq!(Armed::default().left_at(at(5, 5), 1), (0, 0));
    }

    #[test]
    fn looks_go_round_and_a_long_way_between_two_is_open() {
        let end = (1 << FIRST) - 5;
        assert_eq!(at(end, 1).until(at((1 << FIRST) + 5, 2)), (9, 12));
        let (least, most) = at(0, 1 << 30).until(at(1 << 31, 0));
        assert_eq!((least, most), (0, 1 << 31));
        assert_eq!(at(50, 1).until(at(40, 1)), (0, 0));
    }

    #[test]
    fn what_expires_again_is_armed_for_its_interval_from_when_it_was_due() {
        let mut armed = Armed::new(5, 3600 * SECOND, at(100, 1));
        armed.expire();
        assert_eq!(armed.left_at(at(205, 0), 1), (3600 * SECOND - 100, 3600 * SECOND - 99));
        let mut once = Armed::new(5, 0, at(100, 1));
        once.expire();
        assert_eq!(once, Armed::default());
    }

    #[test]
    fn numbers_are_the_lowest_that_are_free() {
        let mut timers = Timers::default();
        (0..3).for_each(|_| timers.add(None));
        timers.remove(1);
        assert_eq!(timers.lowest(), 1);
        timers.remove(2);
        assert_eq!((timers.made.len(), timers.lowest()), (1, 1));
        assert!(timers.get(-1).is_none() && timers.get(0).is_some());
    }
}
