//! What the rules of processes speak of in more than one place.

use crate::clause::{Number, number};
use crate::profile::Order;
use crate::view::View;
use crate::world::{Entry, Life};

pub(super) fn open_fds(v: &View<'_>) -> u64 {
    v.world.open_fds(v.actor.process).count() as u64
}

fn cloexec_fds(v: &View<'_>) -> u64 {
    v.world.open_fds(v.actor.process).filter(|(_, entry)| entry.cloexec).count() as u64
}

/// Which of some open descriptors may go next, the first and the last of them by place.
///
/// Linux (`fs/file.c` `close_files`, `fs/file_table.c` `fput`, 6.18) goes through the table in ascending
/// order, but what no reference is left to is put on a list, and the list is gone through from its end.
pub(super) fn next_to_go(v: &View<'_>, wanted: impl Fn(&Entry) -> bool) -> (u64, u64) {
    let references = |entry: Entry| {
        v.world.descriptions.get(usize::from(entry.description)).map_or(0, |d| d.references)
    };
    let entries = v.world.open_fds(v.actor.process).map(|(_, entry)| entry).filter(wanted);
    let last: Vec<bool> =
        entries.map(|entry| entry.description != 0 && references(entry) == 1).collect();
    let end = last.len().saturating_sub(1);
    let place = last.iter().position(|last| !last).unwrap_or(end);
    match v.spec.profile.death {
        Order::Any => (0, end as u64),
        Order::SharedFirst => (place as u64, place as u64),
    }
}

pub(super) fn life(v: &View<'_>, process: Option<u8>) -> Life {
    process.and_then(|number| v.world.process(number)).map_or(Life::Reaped, |process| process.life)
}

pub(super) static CLOEXEC_FDS: Number =
    number("marked", "Descriptors of the caller with FD_CLOEXEC.", cloexec_fds);
