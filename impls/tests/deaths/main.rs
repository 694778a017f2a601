//! Processes that are killed: at any time, and after every single instruction.
//!
//! `IPC_DEATHS_ROLE` makes this program one of the processes: its standard input is the shared
//! memory. `IPC_DEATHS_KILLS` is how many are killed in each test, 30 if it is not set.

mod every_instruction;
mod kills;
mod release;

use std::os::fd::{AsFd as _, BorrowedFd};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use libtest_mimic::{Arguments, Trial};

/// Nothing here takes as long, on any machine: who waits longer has been forgotten.
pub(crate) const FORGOTTEN: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    if let Ok(role) = std::env::var("IPC_DEATHS_ROLE") {
        let stdin = std::io::stdin();
        play(&role, stdin.as_fd());
        return ExitCode::SUCCESS;
    }
    let trial = |name: &str, run: fn()| {
        Trial::test(name, move || {
            run();
            Ok(())
        })
    };
    let mut trials = vec![
        trial("a_ring_outlives_its_producers", kills::a_ring_outlives_its_producers),
        trial("a_ring_outlives_its_consumers", kills::a_ring_outlives_its_consumers),
        trial("lanes_outlive_their_producers", kills::lanes_outlive_their_producers),
        trial("a_mutex_outlives_its_owners", kills::a_mutex_outlives_its_owners),
        trial("a_portable_mutex_outlives_its_owners", kills::a_portable_mutex_outlives_its_owners),
    ];
    trials.push(trial(
        "an_owner_is_dead_though_it_has_handed_the_memory_on",
        kills::an_owner_is_dead_though_it_has_handed_the_memory_on,
    ));
    let traced = every_instruction::is_permitted();
    for (name, run) in every_instruction::TESTS {
        let run = *run;
        if traced {
            trials.push(trial(name, run));
        } else {
            // Counted as ignored: it is the machine that does not permit it.
            trials.push(Trial::test(*name, || Ok(())).with_ignored_flag(true));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn play(role: &str, memory: BorrowedFd<'_>) {
    match role {
        "producer" => kills::produce(memory),
        "consumer" => kills::consume(memory),
        "lane" => kills::produce_in_a_lane(memory),
        "owner" => kills::own(memory),
        "hander" => kills::hand_on(memory),
        "heir" => kills::inherit(memory),
        role => every_instruction::play(role, memory),
    }
}

/// A process with that role over that memory, mapped wherever it likes.
pub(crate) fn process(role: &str, memory: BorrowedFd<'_>) -> Process {
    let memory = memory.try_clone_to_owned().expect("there are descriptors");
    let child = Command::new(std::env::current_exe().expect("a test knows where it is"))
        .env("IPC_DEATHS_ROLE", role)
        .stdin(Stdio::from(memory))
        .spawn();
    Process(child.expect("there are processes"))
}

/// Killed when it is dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn id(&self) -> i32 {
        self.0.id() as i32
    }

    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("it is ours").is_some()
    }

    /// What it has ended with by itself.
    pub(crate) fn code(&mut self) -> Option<i32> {
        self.0.try_wait().expect("it is ours")?.code()
    }

    /// Until it has ended by itself.
    pub(crate) fn wait(&mut self) {
        self.0.wait().expect("it is ours");
    }

    fn end(&mut self) {
        self.0.kill().expect("it is ours");
        self.0.wait().expect("it is ours");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
