//! Random programs for a medium.

use ipc_model::power::{Call, MAX_PAGES, Name};

use crate::stage::Pick;

const NAMES: [Name; 4] = ['a', 'b', 'c', 'd'];
/// Steps of a program.
const STEPS: u64 = 40;

/// A program; what of it a file system refuses is known by whoever follows it.
pub(super) fn random(pick: &mut dyn Pick) -> Vec<Call> {
    (0..STEPS).map(|_| call(pick)).collect()
}

fn call(pick: &mut dyn Pick) -> Call {
    let name = NAMES[pick.below(NAMES.len() as u64) as usize];
    let page = pick.below(u64::from(MAX_PAGES)) as u8;
    match pick.below(32) {
        0..3 => Call::Create(name),
        3 => Call::MakeFifo(name),
        4 => Call::Unlink(name),
        5 => {
            let others: Vec<Name> = NAMES.into_iter().filter(|other| *other != name).collect();
            Call::Rename(name, others[pick.below(others.len() as u64) as usize])
        }
        6..9 => Call::SyncDirectory,
        9..14 => Call::Write(name, page),
        14..16 => Call::WriteDsync(name, page),
        16..20 => Call::Store(name, page),
        20 => Call::Truncate(name, pick.below(u64::from(MAX_PAGES) + 1) as u8),
        21..23 => Call::Fsync(name),
        23..25 => Call::Fdatasync(name),
        25..30 => Call::Msync(name, page),
        _ => Call::Hold(name),
    }
}
