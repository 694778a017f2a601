//! What a process keeps about signals: the mask, the dispositions, and the pending set.

use super::{
    SA_NOCLDSTOP, SA_NOCLDWAIT, SA_NODEFER, SA_ONSTACK, SA_RESETHAND, SIGALRM, SIGCHLD, SIGCONT,
    SIGNALS, SIGRTMIN, SIGSTOP, SIGTSTP, SIGWINCH,
};
use crate::outcome::{Code, Info, Stack};
use crate::profile::Selection;

/// Signal state; bit *i* of each set is the *i*-th of [`SIGNALS`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Signals {
    /// Disposition `SIG_IGN`.
    pub ignored: u32,
    /// A handler; the others have `SIG_DFL`.
    pub caught: u32,
    /// `SA_NOCLDWAIT`, as it was set with what is done about `SIGCHLD`.
    pub leaves_children: bool,
    /// `SA_NOCLDSTOP`, as it was set with that.
    pub stops_untold: bool,
    /// The mask.
    pub blocked: u32,
    /// Generated and not delivered: those of `queue`.
    pub pending: u32,
    /// There is an alternate stack (`sigaltstack`).
    pub stack: bool,
    /// Nothing more queues: only that a signal is pending is kept, where that is all there is to it.
    pub limited: bool,
    /// One of them at least is to be delivered before the present call returns.
    pub owed: bool,
    /// The timer that every process has goes on once SIGALRM was taken that is for the process, and is not
    /// armed before.
    pub alarm_rests: bool,
    /// The mask that comes back when the present call returns.
    pub saved: Option<u32>,
    /// What is pending, the oldest first.
    pub queue: Vec<Pending>,
    /// The handlers, by signal.
    pub handlers: Vec<Handler>,
    /// Handlers that are to run, the next one last.
    pub frames: Vec<Frame>,
}

/// A signal that has been generated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pending {
    /// Which, by index in [`SIGNALS`].
    pub signal: u8,
    /// How it was sent.
    pub code: Code,
    /// What was sent along with it.
    pub value: i32,
    /// By which process; none for its own, 255 if that was not kept.
    pub from: Option<u8>,
    /// It is for the thread, not for the process.
    pub thread: bool,
    /// Which of its timers has sent it.
    pub timer: Option<u8>,
}

/// In the place of a sender: it is not known any more.
pub(crate) const NOBODY: u8 = u8::MAX;

/// What is done about a signal that is caught.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Handler {
    /// Which, by index in [`SIGNALS`].
    pub signal: u8,
    /// By index in [`super::SA_FLAGS`].
    pub flags: u32,
    /// What is blocked as well while it runs.
    pub mask: u32,
}

/// A handler that is to run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Frame {
    /// What was delivered.
    pub what: Pending,
    /// The mask that comes back when it returns.
    pub mask: u32,
    /// It asks for the alternate stack (`SA_ONSTACK`).
    pub asks: bool,
    /// Where it runs. Not said of one that is called within another.
    pub stack: Stack,
}

/// The bit of a signal.
pub fn bit(signal: u8) -> u32 {
    1_u32.checked_shl(signal.into()).unwrap_or(0)
}

/// Whether it stops who has its default.
pub(super) fn is_stop(signal: u8) -> bool {
    signal == SIGSTOP || signal == SIGTSTP
}

/// The signals that one of that number takes away where they are pending, as a set.
pub(super) fn undone_by(signal: u8) -> u32 {
    match signal {
        SIGCONT => bit(SIGSTOP) | bit(SIGTSTP),
        stop if is_stop(stop) => bit(SIGCONT),
        _ => 0,
    }
}

/// What of a set can be blocked.
fn maskable(set: u32) -> u32 {
    set & !bit(SIGSTOP)
}

/// Whether it is one of those that queue.
pub fn is_realtime(signal: u8) -> bool {
    signal >= SIGRTMIN && usize::from(signal) < SIGNALS.len()
}

/// In which order systems number them, which POSIX leaves open for all but the real-time ones.
fn rank(signal: u8) -> u8 {
    // As Linux does on most processors.
    match signal {
        0 => 13,
        1 => 10,
        2 => 12,
        3 => 15,
        SIGWINCH => 28,
        SIGALRM => 14,
        SIGCHLD => 17,
        SIGCONT => 18,
        SIGSTOP => 19,
        SIGTSTP => 20,
        realtime => 34 + realtime,
    }
}

impl Pending {
    /// What the process that takes it, of that number, is told.
    pub fn told(&self, own: u8) -> Info {
        let from = Some(self.from.unwrap_or(own)).filter(|from| *from != NOBODY);
        let stack = Stack::Unsaid;
        Info { signal: self.signal, code: self.code, value: self.value, from, stack }
    }
}

impl Signals {
    /// The signals that are to be delivered.
    pub fn deliverable(&self) -> u32 {
        self.pending & !self.blocked
    }

    /// Whether a signal does nothing: it is ignored, or is so by default.
    pub fn does_nothing(&self, signal: u8) -> bool {
        let bit = bit(signal);
        let idle = [SIGWINCH, SIGCHLD, SIGCONT].contains(&signal);
        self.ignored & bit != 0 || idle && self.caught & bit == 0
    }

    /// Whether a signal that came now would leave no trace.
    pub fn drops(&self, signal: u8) -> bool {
        self.does_nothing(signal) && self.blocked & bit(signal) == 0
    }

    /// Nothing that timers have sent is pending any more, but for the one that every process has.
    pub fn forget_timers(&mut self) {
        self.queue.retain(|pending| pending.timer.is_none());
        self.settle();
    }

    /// Whether of children that end nothing is left, not even how they ended.
    pub fn drops_children(&self) -> bool {
        self.leaves_children || self.ignored & bit(SIGCHLD) != 0
    }

    /// This is done about a signal from now on; nothing of what was before is left.
    pub fn dispose(&mut self, signal: u8, ignore: bool, handler: Option<Handler>) {
        self.forget_handler(signal);
        self.ignored &= !bit(signal);
        if ignore {
            self.ignored |= bit(signal);
        }
        if signal == SIGCHLD {
            let flags = handler.map_or(0, |own| own.flags);
            self.leaves_children = flags & SA_NOCLDWAIT != 0;
            self.stops_untold = flags & SA_NOCLDSTOP != 0;
        }
        if let Some(handler) = handler {
            self.caught |= bit(signal);
            self.handlers.push(handler);
            self.handlers.sort_unstable();
        } else if self.does_nothing(signal) {
            self.discard(signal);
        }
    }

    /// Whatever is caught has its default, as behind `exec`.
    pub fn catch_nothing(&mut self) {
        self.caught = 0;
        self.handlers.clear();
        self.leaves_children = false;
        self.stops_untold = false;
        self.stack = false;
        self.settle();
    }

    /// Whether a signal would end the process.
    pub fn is_deadly(&self, signal: u8) -> bool {
        self.caught & bit(signal) == 0 && !self.does_nothing(signal) && !is_stop(signal)
    }

    /// Whether a signal would stop the process.
    pub fn stops(&self, signal: u8) -> bool {
        is_stop(signal) && (self.caught | self.ignored) & bit(signal) == 0
    }

    /// What is done about it, if it is caught.
    pub fn handler(&self, signal: u8) -> Option<&Handler> {
        self.handlers.iter().find(|handler| handler.signal == signal)
    }

    /// What a signal of that number takes away is pending no more.
    pub fn cancel_for(&mut self, signal: u8) {
        for other in (0..32).filter(|other| undone_by(signal) & bit(*other) != 0) {
            self.discard(other);
        }
    }

    /// A signal is pending.
    pub fn pend(&mut self, what: Pending) {
        self.queue.push(what);
        self.settle();
    }

    /// A pending signal is taken, by its place in the queue.
    pub fn take(&mut self, place: usize) -> Option<Pending> {
        let taken = (place < self.queue.len()).then(|| self.queue.remove(place));
        self.alarm_rests &= !taken.is_some_and(|one| one.signal == SIGALRM && !one.thread);
        self.settle();
        taken
    }

    /// A signal of that number is pending no more.
    pub fn discard(&mut self, signal: u8) {
        self.queue.retain(|pending| pending.signal != signal);
        self.settle();
        // What is gone is not waited for.
        self.owed &= self.deliverable() != 0;
    }

    /// This is the mask now: what it lets through is delivered, one at least before the call returns.
    pub fn let_through(&mut self, mask: u32) {
        self.put_mask(maskable(mask));
        self.owed |= self.deliverable() != 0;
    }

    /// This is the mask now. What it lets through is taken, though nothing be done about it.
    fn put_mask(&mut self, mask: u32) {
        self.blocked = mask;
        let alarm = |one: &Pending| one.signal == SIGALRM && !one.thread;
        self.alarm_rests &= !(self.drops(SIGALRM) && self.queue.iter().any(alarm));
        self.settle();
    }

    /// What would be delivered if that were the mask.
    pub fn behind(&self, mask: u32) -> u32 {
        let acts = |pending: &&Pending| !self.does_nothing(pending.signal);
        let all = self.queue.iter().filter(acts);
        all.fold(0, |set, pending| set | bit(pending.signal)) & !maskable(mask)
    }

    /// What is not blocked and does nothing is gone, and the set is as the queue says.
    fn settle(&mut self) {
        let mut queue = std::mem::take(&mut self.queue);
        let held = |pending: &Pending| self.blocked & bit(pending.signal) != 0;
        queue.retain(|pending| held(pending) || !self.does_nothing(pending.signal));
        self.pending = queue.iter().fold(0, |set, pending| set | bit(pending.signal));
        self.queue = queue;
    }

    /// The places of those pending signals of a set that may be the next to be taken.
    pub fn next_of(&self, set: u32, selection: Selection) -> Vec<usize> {
        let wanted = |pending: &Pending| set & bit(pending.signal) != 0;
        let all = || self.queue.iter().enumerate().filter(|(_, pending)| wanted(pending));
        match selection {
            Selection::ThreadFirst => {
                let key = |(place, p): &(usize, &Pending)| (!p.thread, rank(p.signal), *place);
                all().min_by_key(key).map(|(place, _)| place).into_iter().collect()
            }
            Selection::Any => {
                let lowest = all().map(|(_, p)| p.signal).filter(|s| is_realtime(*s)).min();
                let may = |signal: u8| !is_realtime(signal) || Some(signal) == lowest;
                let first = |place: usize, signal: u8| {
                    !all().any(|(before, p)| before < place && p.signal == signal)
                };
                let next = all().filter(|(place, p)| may(p.signal) && first(*place, p.signal));
                next.map(|(place, _)| place).collect()
            }
        }
    }

    /// A handler is to run for a pending signal, by its place in the queue.
    pub fn call_handler(&mut self, place: usize) {
        let Some(what) = self.take(place) else { return };
        let Some(handler) = self.handler(what.signal).copied() else { return };
        let mask = self.saved.take().unwrap_or(self.blocked);
        let stack = if self.frames.is_empty() { Stack::Usual } else { Stack::Unsaid };
        let asks = handler.flags & SA_ONSTACK != 0;
        self.frames.push(Frame { what, mask, asks, stack });
        let own = if handler.flags & SA_NODEFER == 0 { bit(what.signal) } else { 0 };
        self.blocked |= maskable(handler.mask) | own;
        if handler.flags & SA_RESETHAND != 0 {
            self.forget_handler(what.signal);
        }
        self.owed = false;
        self.settle();
    }

    /// The call that had a mask of its own returns.
    pub fn give_back(&mut self) {
        if let Some(mask) = self.saved.take() {
            self.put_mask(mask);
        }
    }

    /// A signal is not caught any more.
    pub fn forget_handler(&mut self, signal: u8) {
        self.caught &= !bit(signal);
        self.handlers.retain(|handler| handler.signal != signal);
    }

    /// What the handler was called for that is to run next, and where it runs.
    pub fn next_handler(&self) -> Option<&Frame> {
        self.frames.last()
    }

    /// The handler that was to run next has run: the mask is as it was. Whether there was one.
    pub fn handler_returns(&mut self) -> bool {
        let Some(frame) = self.frames.pop() else { return false };
        self.put_mask(frame.mask);
        true
    }

    /// Whether something is to happen before a call returns.
    pub fn holds_up(&self) -> bool {
        self.owed || !self.frames.is_empty()
    }

    /// A signal of that number is pending for the process no more.
    pub(crate) fn discard_shared(&mut self, signal: u8) {
        self.queue.retain(|pending| pending.thread || pending.signal != signal);
        self.settle();
        self.owed &= self.deliverable() != 0;
    }

    /// This is pending for the process now, and no thread has taken it; what is pending for this thread
    /// alone stays.
    pub(crate) fn replace_shared(&mut self, shared: impl Iterator<Item = Pending>) {
        self.queue.retain(|pending| pending.thread);
        self.queue.extend(shared);
        self.settle();
        self.owed &= self.deliverable() != 0;
    }

    /// What a child has of it: all but what is pending.
    pub fn of_child(&self) -> Signals {
        Signals {
            pending: 0,
            owed: false,
            alarm_rests: false,
            saved: None,
            queue: Vec::new(),
            frames: Vec::new(),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGUSR1: u8 = 1;
    const SIGUSR2: u8 = 2;

    fn one(signal: u8, value: i32, thread: bool) -> Pending {
        Pending { signal, code: Code::SI_QUEUE, value, from: None, thread, timer: None }
    }

    fn all_blocked() -> Signals {
        Signals { blocked: u32::MAX, ..Signals::default() }
    }

    fn names(signals: &Signals, selection: Selection) -> Vec<(u8, i32)> {
        let places = signals.next_of(u32::MAX, selection).into_iter();
        places.map(|place| (signals.queue[place].signal, signals.queue[place].value)).collect()
    }

    #[test]
    fn the_lowest_real_time_signal_is_first_and_of_one_number_the_oldest() {
        let mut signals = all_blocked();
        for (signal, value) in [(SIGRTMIN + 1, 1), (SIGRTMIN, 2), (SIGRTMIN, 3), (SIGUSR2, 4)] {
            signals.pend(one(signal, value, false));
        }
        assert_eq!(names(&signals, Selection::Any), [(SIGRTMIN, 2), (SIGUSR2, 4)]);
        assert_eq!(names(&signals, Selection::ThreadFirst), [(SIGUSR2, 4)]);
        signals.pend(one(SIGRTMIN + 1, 5, true));
        assert_eq!(names(&signals, Selection::ThreadFirst), [(SIGRTMIN + 1, 5)]);
    }

    #[test]
    fn what_does_nothing_is_pending_only_while_it_is_blocked() {
        let mut signals = all_blocked();
        signals.pend(one(SIGWINCH, 0, false));
        assert_eq!(signals.pending, bit(SIGWINCH));
        signals.let_through(0);
        assert_eq!((signals.pending, signals.owed), (0, false));
        signals.pend(one(SIGWINCH, 0, false));
        assert_eq!(signals.pending, 0);
    }

    #[test]
    fn handlers_lie_on_each_other_and_give_back_the_mask() {
        let mut signals = Signals { blocked: bit(SIGRTMIN), ..Signals::default() };
        for (signal, flags) in [(SIGUSR1, 0), (SIGUSR2, SA_NODEFER | SA_RESETHAND)] {
            signals.caught |= bit(signal);
            signals.handlers.push(Handler { signal, flags, mask: bit(SIGWINCH) });
            signals.pend(one(signal, 0, false));
        }
        signals.call_handler(0);
        assert_eq!(signals.blocked, bit(SIGRTMIN) | bit(SIGUSR1) | bit(SIGWINCH));
        signals.call_handler(0);
        assert_eq!(signals.caught, bit(SIGUSR1), "SA_RESETHAND");
        assert_eq!(signals.next_handler().map(|frame| frame.what.signal), Some(SIGUSR2));
        assert!(signals.handler_returns() && signals.handler_returns());
        assert_eq!((signals.blocked, signals.pending), (bit(SIGRTMIN), 0));
        assert!(!signals.handler_returns());
    }

    #[test]
    fn the_mask_of_a_call_is_given_back_by_the_handler_that_ends_it() {
        let mut signals = all_blocked();
        signals.caught = bit(SIGUSR1);
        signals.handlers.push(Handler { signal: SIGUSR1, flags: 0, mask: 0 });
        signals.pend(one(SIGUSR1, 0, false));
        signals.saved = Some(signals.blocked);
        signals.let_through(0);
        signals.call_handler(0);
        assert_eq!(signals.blocked, bit(SIGUSR1));
        assert!(signals.handler_returns());
        assert_eq!(signals.blocked, u32::MAX);
    }
}
