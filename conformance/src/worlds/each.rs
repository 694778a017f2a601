//! The worlds of a space one after the other, for those who ask something of each.

use std::collections::{HashSet, VecDeque};

use ipc_model::world::World;

use super::here::Here;
use super::space::Space;

/// Shows `look` each world of a space, those that take fewer steps first, but no more than `most`.
/// Returns how many there were, and whether these were all.
pub fn each(space: &Space<'_>, most: usize, look: &mut dyn FnMut(&World)) -> (usize, bool) {
    let first = space.first();
    let mut known = HashSet::from([space.fingerprint(&first)]);
    let mut queue = VecDeque::from([first]);
    let mut complete = true;
    while let Some(state) = queue.pop_front() {
        look(&state.world);
        let here = Here::look(space, &state);
        for action in space.actions(&here) {
            let (after, _) = space.follow(&state, &action);
            let mark = space.fingerprint(&after);
            if known.contains(&mark) {
                continue;
            }
            if known.len() >= most {
                complete = false;
                continue;
            }
            known.insert(mark);
            queue.push_back(after);
        }
    }
    (known.len(), complete)
}
