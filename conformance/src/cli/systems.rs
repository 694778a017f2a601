//! What programs are run on.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ipc_model::profile::Numbers;
use ipc_model::spec::Spec;
use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

use super::args::{Kind, On};
use crate::faults::Fault;
use crate::history::History;
use crate::probe::Pace;
use crate::program::Program;
use crate::real::{Real, RealOptions};
use crate::seed::Seeded;
use crate::sim::Simulated;
use crate::store::hash;
use crate::system::{System, SystemError};

/// Makes the system of a worker of so many, pinned to a processor of its own where there are enough.
pub(super) fn make(
    on: &On,
    seed: u64,
    worker: usize,
    workers: usize,
) -> Result<Box<dyn System>, SystemError> {
    let processors = processors();
    let cpu = match processors.len() {
        0 => None,
        all => Some(processors[worker % all]),
    };
    start(on, seed, cpu, workers == 1)
}

/// Makes a system whose processes run wherever there is a processor.
pub(super) fn unpinned(on: &On, seed: u64) -> Result<Box<dyn System>, SystemError> {
    start(on, seed, None, true)
}

fn start(
    on: &On,
    seed: u64,
    cpu: Option<usize>,
    only: bool,
) -> Result<Box<dyn System>, SystemError> {
    if let Kind::Sim(fault) = on.system {
        let rules = Arc::new(Spec::new(on.profile, Numbers::EXAMPLE));
        return Ok(Box::new(Reproducible { rules, seed, fault, last: (0, 0) }));
    }
    let deadline = Duration::from_secs(on.deadline) * factor();
    let (proof, fault) = (!on.no_proof, on.fault);
    let options = RealOptions { cpu, deadline, proof, fault, only, ..RealOptions::default() };
    Ok(Box::new(Real::start(options)?))
}

/// How many times as long as usual everything may take here: measured once.
fn factor() -> u32 {
    static FACTOR: OnceLock<u32> = OnceLock::new();
    *FACTOR.get_or_init(|| Pace::measure().map_or(1, |pace| pace.factor()))
}

/// The processors that this process may use.
pub(super) fn processors() -> Vec<usize> {
    let may = sched_getaffinity(Pid::from_raw(0));
    let is_ours = |cpu: &usize| may.is_ok_and(|set| set.is_set(*cpu).unwrap_or(false));
    (0..CpuSet::count()).filter(is_ours).collect()
}

/// The simulated system, which does with a program always the same under the same seed, whoever runs
/// it; and each time anew when it is run several times in a row.
struct Reproducible {
    /// Made once: that takes as long as a program.
    rules: Arc<Spec>,
    seed: u64,
    fault: Option<&'static Fault>,
    /// The program that was run last, and how often.
    last: (u64, u64),
}

impl Reproducible {
    fn system(&self, pick: Seeded) -> Simulated<Seeded> {
        let (profile, numbers) = (self.rules.profile, self.rules.numbers);
        let sound = Simulated::new(profile, numbers, pick).by(Arc::clone(&self.rules));
        match self.fault {
            Some(fault) => sound.with(fault),
            None => sound,
        }
    }
}

impl System for Reproducible {
    fn numbers(&self) -> Numbers {
        self.rules.numbers
    }

    fn name(&self) -> String {
        self.system(Seeded::new(0, 0)).name()
    }

    fn be_patient(&mut self, _: u32) {}

    fn run(&mut self, program: &Program) -> Result<History, SystemError> {
        let key = hash(&program.to_string());
        let times = if self.last.0 == key { self.last.1 + 1 } else { 0 };
        self.last = (key, times);
        let pick = Seeded::new(self.seed ^ key, times);
        self.system(pick).run(program)
    }
}
