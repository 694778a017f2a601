//! How a slot's controller and agent take turns: each counts what it has left for the other, and the
//! other waits for that count. What is left lies beside, in the slot's memory, and is whole before it
//! is counted.
//!
//! Who waits sleeps on the count itself (`FUTEX_WAIT`), the one call that both sides need. A controller
//! waits for many at once: it sleeps on the bell, which is rung only while it listens.

use crate::sync::{AtomicU32, Ordering, fence};

/// The counts of one slot; all zeros is a fresh one.
///
/// Invariant: `commands` is counted up by the controller, `reports` by the slot's one agent.
#[repr(C)]
pub struct Mail {
    commands: AtomicU32,
    reports: AtomicU32,
}

impl Mail {
    /// Of a slot in which nothing has been said.
    pub fn new() -> Mail {
        Mail { commands: AtomicU32::new(0), reports: AtomicU32::new(0) }
    }

    /// A command lies there, whole.
    pub fn command(&self) {
        self.commands.fetch_add(1, Ordering::Release);
    }

    /// How many commands there have been. Who sees one counted sees all of it.
    pub fn commands(&self) -> u32 {
        self.commands.load(Ordering::Acquire)
    }

    /// A report lies there, whole.
    pub fn report(&self) {
        self.reports.fetch_add(1, Ordering::Release);
    }

    /// How many reports there have been. Who sees one counted sees all of it.
    pub fn reports(&self) -> u32 {
        self.reports.load(Ordering::Acquire)
    }

    /// The word that changes with each command, for an agent to sleep on.
    pub fn word(&self) -> &AtomicU32 {
        &self.commands
    }
}

impl Default for Mail {
    fn default() -> Mail {
        Mail::new()
    }
}

/// What wakes a controller that sleeps; all zeros is a silent one.
#[repr(C)]
pub struct Bell {
    rings: AtomicU32,
    listening: AtomicU32,
}

impl Bell {
    /// A bell that has not been rung.
    pub fn new() -> Bell {
        Bell { rings: AtomicU32::new(0), listening: AtomicU32::new(0) }
    }

    /// Rings, behind a report; whether somebody may be asleep who must be woken.
    ///
    /// Of this fence and the one in [`Bell::listen`] one is first: either the listener is seen here,
    /// or the report is seen there.
    pub fn ring(&self) -> bool {
        self.rings.fetch_add(1, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        self.listening.load(Ordering::Relaxed) != 0
    }

    /// Begins to listen, and says how often it has been rung. Reports are to be looked for after this
    /// and before sleep, which is only for as long as the count stands.
    pub fn listen(&self) -> u32 {
        self.listening.store(1, Ordering::Relaxed);
        let rings = self.rings.load(Ordering::Relaxed);
        fence(Ordering::SeqCst);
        rings
    }

    /// Listens no more.
    pub fn ignore(&self) {
        self.listening.store(0, Ordering::Relaxed);
    }

    /// The word that changes with each ring, for a controller to sleep on.
    pub fn word(&self) -> &AtomicU32 {
        &self.rings
    }
}

impl Default for Bell {
    fn default() -> Bell {
        Bell::new()
    }
}

/// Where agents wait until all that begin together are there; all zeros is one that was never opened.
/// Relaxed, for nothing is handed over here.
#[repr(C)]
pub struct Gate {
    opened: AtomicU32,
}

impl Gate {
    /// Before the first has gone through.
    pub fn new() -> Gate {
        Gate { opened: AtomicU32::new(0) }
    }

    /// The gate with that number, and those before it, are open from now on.
    pub fn open(&self, number: u32) {
        self.opened.store(number, Ordering::Relaxed);
    }

    /// The number of the last gate that was opened.
    pub fn opened(&self) -> u32 {
        self.opened.load(Ordering::Relaxed)
    }

    /// The word that changes with each gate, for agents to sleep on.
    pub fn word(&self) -> &AtomicU32 {
        &self.opened
    }
}

impl Default for Gate {
    fn default() -> Gate {
        Gate::new()
    }
}
