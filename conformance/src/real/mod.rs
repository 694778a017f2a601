//! The real system: programs are run by real processes.
//!
//! ```text
//!              fork requests, and the link whose end is the end of all
//! controller ─────────────────────────────────────► anchor ──► zygote
//!     │                                                           │ forks
//!     └── shared memory: a command, a call, a report ───────► agents, and what they fork
//! ```
//! Read in this order: [`run`] executes one program, `issue` begins its lines, `report` takes in what agents tell, `still` and
//! [`quiet`] say when nothing moves any more; [`fleet`] keeps the processes; [`zygote`], [`agent`] and
//! [`calls`] are the other side, and `frozen` is the program that they are; [`wire`], [`mail`] and
//! [`board`] are what lies between.

pub mod agent;
mod birth;
pub mod board;
pub mod calls;
pub mod decode;
mod everybody;
pub mod family;
pub mod fault;
pub mod fleet;
mod frozen;
mod futex;
mod handled;
mod issue;
pub mod layout;
pub mod life;
pub mod mail;
pub mod mapping;
pub mod mounts;
mod nudge;
mod numbers;
mod pending;
mod player;
pub mod portables;
pub mod quiet;
mod report;
pub mod rings;
pub mod run;
pub mod scratch;
pub mod segments;
pub mod shared;
pub mod socket;
mod still;
pub mod touch;
pub mod wire;
pub mod zygote;

use std::ffi::CStr;
use std::path::PathBuf;
use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

pub use agent::agent_main;
pub use fault::AgentFault;
pub use zygote::zygote_main;

use crate::history::{End, History, Numbers};
use crate::program::Program;
use crate::system::{System, SystemError};
use everybody::NO_OTHERS;
use fleet::Fleet;
use mounts::NO_MOUNTS;
pub use numbers::is_privileged;
use portables::NO_PORTABLES;
use rings::NO_RINGS;
use segments::NO_NAMESPACE;

/// How the real system is to be driven.
#[derive(Clone, Debug)]
pub struct RealOptions {
    /// The executable that has [`hidden`] in its `main`: it is run as zygote and, by `exec`, as agent.
    pub program: PathBuf,
    /// The one processor for controller and agents. Much faster than several, and still any order of
    /// events can come up, for agents are preempted anywhere.
    pub cpu: Option<usize>,
    /// How long a program may take.
    pub deadline: Duration,
    /// Whether sleep is proven where this system allows it; otherwise by [`RealOptions::patience`].
    pub proof: bool,
    /// How long nothing must have happened before everybody counts as asleep, without proof.
    pub patience: Duration,
    /// A bug to plant in the agents.
    pub fault: Option<AgentFault>,
    /// Whether this process drives no other programs beside: they would be sent what everybody is.
    pub only: bool,
}

impl Default for RealOptions {
    fn default() -> RealOptions {
        RealOptions {
            program: PathBuf::from("/proc/self/exe"),
            cpu: None,
            deadline: Duration::from_secs(10),
            proof: true,
            patience: Duration::from_millis(50),
            fault: None,
            only: false,
        }
    }
}

/// This machine.
pub struct Real {
    options: RealOptions,
    name: String,
    numbers: Numbers,
    /// Whether programs can have segments of System V shared memory.
    segments: bool,
    /// Whether they can mount directories.
    mounts: bool,
    /// Whether they can have rings.
    rings: bool,
    /// Whether they can have portable mutexes.
    portables: bool,
    /// Whether nobody but they could be sent a signal when this was started.
    alone: bool,
    fleet: Option<Fleet>,
    /// How many times as patient as the options say.
    times: u32,
    /// The processors of the calling thread before it was pinned.
    unpinned: Option<CpuSet>,
}

impl Real {
    /// Starts the processes that run programs, and asks the system for its numbers. If
    /// [`RealOptions::cpu`] is given, the calling thread is pinned to it until this is dropped; programs
    /// should be run from that same thread.
    pub fn start(options: RealOptions) -> Result<Real, SystemError> {
        let unpinned = options.cpu.map(pin).transpose()?;
        let alone = options.only && everybody::is_ours();
        let fleet = Fleet::start(&options)?;
        let (segments, rings, portables, mounts) =
            (fleet.has_segments(), fleet.has_rings(), fleet.has_portables(), fleet.has_mounts());
        let fleet = Some(fleet);
        let (name, numbers) = (name(), numbers::numbers()?);
        let times = 1;
        Ok(Real {
            options,
            name,
            numbers,
            segments,
            mounts,
            rings,
            portables,
            alone,
            fleet,
            times,
            unpinned,
        })
    }

    /// Makes sure, as late as can be, that a program reaches nobody but its own processes: not even an
    /// agent that waits for the next program, who is one of everybody.
    fn be_alone(&mut self, program: &Program) -> Result<(), SystemError> {
        drop(self.fleet.take());
        let is_safe = self.options.only && everybody::is_ours() && !everybody::ends_with(program);
        is_safe.then_some(()).ok_or_else(|| SystemError {
            doing: "sending a signal to everybody".to_owned(),
            cause: format!("there are others, for this process has no {NO_OTHERS}; see `--jobs`"),
        })
    }

    /// The zygote's process id, while there is a zygote.
    pub fn zygote(&self) -> Option<i32> {
        self.fleet.as_ref().map(Fleet::zygote)
    }
}

impl System for Real {
    fn numbers(&self) -> Numbers {
        self.numbers
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn lacks(&self, program: &Program) -> Option<String> {
        if !self.segments && segments::are_made_by(program) {
            return Some(format!(
                "this process cannot have {NO_NAMESPACE}: that takes CAP_SYS_ADMIN"
            ));
        }
        if !self.mounts && mounts::are_made_by(program) {
            return Some(format!("this process cannot have {NO_MOUNTS}: that takes CAP_SYS_ADMIN"));
        }
        if everybody::ends_with(program) {
            return Some("what nobody can block would end the harness with everybody".to_owned());
        }
        if !self.alone && everybody::is_sent_to_by(program) {
            return Some(format!(
                "this process has no {NO_OTHERS}: `unshare --pid --fork --mount-proc` gives it one, and `--jobs 1` keeps it"
            ));
        }
        if !self.portables && portables::are_used_by(program) {
            return Some(format!("this process cannot have {NO_PORTABLES}: see memfd_create(2)"));
        }
        (!self.rings && rings::are_used_by(program))
            .then(|| format!("this process cannot have {NO_RINGS}: see membarrier(2)"))
    }

    fn be_patient(&mut self, times: u32) {
        let (before, times) = (self.times, times.max(1));
        self.options.patience = self.options.patience / before * times;
        self.options.deadline = self.options.deadline / before * times;
        self.times = times;
    }

    fn run(&mut self, program: &Program) -> Result<History, SystemError> {
        shared::has_room_for(program)?;
        if everybody::is_sent_to_by(program) {
            self.be_alone(program)?;
        }
        // Out of `self` while it is in use: what does not come back in order is thrown away.
        let mut fleet = match self.fleet.take().filter(|fleet| !fleet.is_lost()) {
            Some(fleet) => fleet,
            None => Fleet::start(&self.options)?,
        };
        let (history, clean) = run::run(&mut fleet, program, self)?;
        if clean && history.end == End::Complete {
            self.fleet = Some(fleet);
        }
        Ok(history)
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        if let Some(unpinned) = &self.unpinned {
            let _ = sched_setaffinity(Pid::from_raw(0), unpinned);
        }
    }
}

/// What a process does that was started for a hidden purpose, and its exit status; `None` for any
/// other. To be asked in `main` before anything else, and with nothing having run before `main`
/// either: the runtime of Rust would change the dispositions of signals that `exec` passes on.
pub fn hidden(args: &[&CStr]) -> Option<i32> {
    match args.get(1) {
        Some(word) if *word == zygote::ZYGOTE => Some(zygote_main(&args[2..])),
        Some(word) if *word == zygote::RESUMED => Some(zygote::resume(&args[2..])),
        Some(word) if *word == crate::litmus::runner::LITMUS => {
            Some(crate::litmus::runner::litmus_main(&args[2..]))
        }
        Some(word) if *word == crate::litmus::memory::runner::MEMORY => {
            Some(crate::litmus::memory::runner::memory_main(&args[2..]))
        }
        Some(word) if *word == agent::AGENT => Some(agent_main(&args[2..])),
        _ => None,
    }
}

fn pin(cpu: usize) -> Result<CpuSet, SystemError> {
    let doing = format!("pinning to processor {cpu}");
    let failed = |errno: nix::errno::Errno| life::because(&doing, errno);
    let before = sched_getaffinity(Pid::from_raw(0)).map_err(failed)?;
    let mut one = CpuSet::new();
    one.set(cpu).map_err(failed)?;
    sched_setaffinity(Pid::from_raw(0), &one).map_err(failed)?;
    Ok(before)
}

/// The system in words: its name, release and machine.
pub fn name() -> String {
    let Ok(told) = nix::sys::utsname::uname() else { return "unknown".to_owned() };
    let words = [told.sysname(), told.release(), told.machine()];
    words.map(|word| word.to_string_lossy().into_owned()).join(" ")
}
