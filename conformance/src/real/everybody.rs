//! Sending to everybody, `kill(-1)`: only where everybody is ours, which is in a process id namespace whose
//! first process is the controller. That one is never sent anything; the anchor and the zygote block it.

use ipc_impls::errno::Errno;
use ipc_model::signal::{KILL_ALL, KILL_SIGNALS};

use super::family::processes;
use crate::program::{Operand, Program};

/// What there is not where others can be reached.
pub(super) const NO_OTHERS: &str = "process id namespace of its own";

/// The first process of a namespace.
const FIRST: i32 = 1;

/// Whether a program sends to everybody.
pub(super) fn is_sent_to_by(program: &Program) -> bool {
    program.lines.iter().any(|line| *line.operation == KILL_ALL)
}

/// Whether it sends everybody what the anchor and the zygote cannot block.
pub(super) fn ends_with(program: &Program) -> bool {
    let deadly = |word: &Operand| {
        let word = match word {
            Operand::Number(word) => KILL_SIGNALS.get(*word as usize),
            _ => None,
        };
        word.is_some_and(|word| ["SIGKILL", "SIGSTOP"].contains(word))
    };
    let to_all = program.lines.iter().filter(|line| *line.operation == KILL_ALL);
    to_all.flat_map(|line| &line.args).any(deadly)
}

/// Whether this process is the first of a namespace, and the only one there. To be asked of a controller
/// that has started nobody yet.
pub(super) fn is_ours() -> bool {
    std::process::id() as i32 == FIRST && processes().eq([FIRST])
}

/// In a zygote: whether its controller is the first process of a namespace.
pub(super) fn is_below_the_first() -> bool {
    std::os::unix::process::parent_id() as i32 == FIRST
}

/// In an agent, whose controller has made sure that it is alone.
pub(super) fn send(signal: i32) -> Result<(), Errno> {
    ipc_impls::process::kill(-1, signal)
}
