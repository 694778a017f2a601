//! Accesses of which more than one byte is told: a word that is stored and loaded at once, aligned or
//! across two lines of the cache. Both halves of what is stored are 1.

use std::sync::atomic::Ordering;

use ipc_model::order::shapes::Way;
use ipc_model::order::test::Step;

use super::arena::{Arena, STRIDE};
use super::code::{Op, PLACES, STRANGE, own};
use crate::real::AgentFault;

/// What is stored.
const STORED: u32 = 0x0001_0001;
/// Where a word begins of which two bytes lie in the next line of the cache.
pub(super) const ACROSS: usize = 62;

/// Makes the access of a process once; its registers, as [`super::code::run`] has them.
///
/// # Safety
///
/// `cell` times `stride` bytes behind the first place, and [`ACROSS`] more for a word in two lines,
/// are four bytes of memory that is mapped, and that nobody uses but so meanwhile.
pub(super) unsafe fn run(
    way: Way,
    ops: &[Op],
    places: [*mut u32; PLACES],
    offset: usize,
    fault: Option<AgentFault>,
) -> u32 {
    let across = if way == Way::Across { ACROSS } else { 0 };
    let word = places[0].wrapping_byte_add(offset + across);
    let stores = ops.iter().any(|op| matches!(op.step, Step::Write(..)));
    if stores && fault == Some(AgentFault::StoreSplit) {
        let half = word.cast::<u16>();
        // SAFETY: the first two bytes of what the caller says is there.
        unsafe { own::store_half(half, 1) };
        // SAFETY: the other two.
        unsafe { own::store_half(half.wrapping_add(1), 1) };
        return 0;
    }
    if stores {
        // SAFETY: the caller's. The instruction asks for no alignment.
        unsafe { own::store(word, STORED) };
        return 0;
    }
    // SAFETY: as above.
    let value = unsafe { own::load(word) };
    match (way, value) {
        (Way::Across, _) => half(value & 0xffff) | half(value >> 16) << 2,
        (_, 0) => 0,
        (_, STORED) => 1,
        _ => STRANGE,
    }
}

fn half(value: u32) -> u32 {
    value.min(STRANGE)
}

/// Makes the word of an iteration 0 again, when nobody uses it.
pub(super) fn clear(arena: &Arena, cell: usize) {
    for at in [ACROSS - 2, ACROSS + 2] {
        arena.part(0, cell * STRIDE + at).store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use ipc_model::order::shapes::classic;

    use super::super::code::code;
    use super::*;

    #[test]
    fn a_half_is_told_from_the_whole_and_both_are_cleared() {
        let (arena, _memory) = Arena::create().expect("memory");
        for (name, both) in [("Whole+aligned", 1), ("Halves+across", 0b0101)] {
            let one = classic(name).expect("it is there");
            let test = one.test();
            let ops: Vec<Vec<Op>> = test.threads.iter().map(|steps| code(steps, None)).collect();
            let run = |actor: usize| {
                // SAFETY: the words are this function's own.
                unsafe { run(one.flavour.way, &ops[actor], arena.places(), 3 * STRIDE, None) }
            };
            assert_eq!((run(1), run(0), run(1)), (0, 0, both), "{name}");
            clear(&arena, 3);
            arena.cell(0, 3, STRIDE).store(0, Ordering::Relaxed);
            assert_eq!(run(1), 0, "{name}");
            let half = arena.part(0, 3 * STRIDE + if both == 1 { 0 } else { 64 });
            half.store(1, Ordering::Relaxed);
            assert_eq!(run(1), if both == 1 { STRANGE } else { 0b0100 }, "{name}");
            clear(&arena, 3);
            half.store(0, Ordering::Relaxed);
        }
    }
}
