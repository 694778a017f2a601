//! The places that the system has chosen for what a process maps: programs call the addresses in the
//! n-th by numbers of its own, whatever the system told.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ipc_model::mapping::PLACE;

/// Address and length of each that was chosen, in order; none where it is unmapped.
static CHOSEN: Mutex<Vec<Option<(usize, usize)>>> = Mutex::new(Vec::new());

fn chosen() -> MutexGuard<'static, Vec<Option<(usize, usize)>>> {
    CHOSEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a program's address lies in such a place.
pub(super) fn is_in_one(at: i64) -> bool {
    at >= PLACE as i64
}

fn number(at: i64) -> Option<usize> {
    usize::try_from(at / PLACE as i64).ok()?.checked_sub(1)
}

/// The address of so many bytes, if they lie in such a place, and whether they are all of it.
pub(super) fn find(at: i64, len: usize) -> Option<(usize, bool)> {
    let (begin, size) = (*chosen().get(number(at)?)?)?;
    let off = (at % PLACE as i64) as usize;
    let inside = off < size && off.checked_add(len).is_some_and(|end| end <= size);
    inside.then_some((begin + off, off == 0 && len == size))
}

/// The system has chosen a place: what programs call its address; none where something of ours is there.
pub(super) fn choose(begin: usize, len: usize) -> Option<i64> {
    let mut all = chosen();
    let over = |(other, size): &(usize, usize)| *other < begin + len && begin < other + size;
    if all.iter().flatten().any(over) {
        return None;
    }
    all.push(Some((begin, len)));
    Some(all.len() as i64 * PLACE as i64)
}

/// A place has another length, or is none any more.
pub(super) fn becomes(at: i64, len: usize) {
    let mut all = chosen();
    if let Some(place) = number(at).and_then(|number| all.get_mut(number)) {
        *place = place.map(|(begin, _)| (begin, len)).filter(|_| len > 0);
    }
}

/// Forgets all, and says which are still mapped.
pub(super) fn clear() -> Vec<(usize, usize)> {
    std::mem::take(&mut *chosen()).into_iter().flatten().collect()
}
