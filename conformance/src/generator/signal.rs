//! Signals that are ignored, held back and asked about.

use ipc_model::signal::{SIGACTION, SIGPENDING, SIGPROCMASK};

use super::walk::Walk;
use super::{Draft, Maker};
use crate::program::Operand;

pub(super) static MAKER: Maker = Maker { calls: &[Draft::new(8, signals)], ..Maker::NONE };

fn signals(walk: &mut Walk<'_>, actor: u8) {
    let which = Operand::Number(walk.pick.below(2) as i64);
    match walk.pick.below(5) {
        0 => walk.add(actor, &SIGPENDING, vec![]),
        1 | 2 => walk.add(actor, &SIGACTION, vec![Operand::Number(0), which]),
        _ => walk.add(actor, &SIGPROCMASK, vec![which, Operand::Flags(1)]),
    }
}
