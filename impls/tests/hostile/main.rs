//! A peer that stores whatever it likes: to any word of the memory, before and between the steps of
//! the other side. Nothing panics, nobody is hung, and nothing is touched outside of the ring; what
//! comes out is a message or an error.

mod lies;

use ipc_impls::shm::WORDS;
use proptest::collection::vec;
use proptest::prelude::*;

use lies::{
    BELLS, HEAD, PAYLOAD, Step, TAIL, lied_to, lied_to_on_the_first_page, lied_to_over_a_mutex,
    lied_to_over_lanes,
};

/// A word of what is shared beside the payload, of the payload, or of the first page.
fn place() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => Just(TAIL),
        3 => Just(HEAD),
        2 => (0..3_u64).prop_map(|word| BELLS + word * 8),
        3 => (0..16_u64).prop_map(|word| PAYLOAD + word * 8),
        1 => (0..16_u64).prop_map(|word| word * 8),
    ]
}

/// Numbers that are near to what could be, and any others.
fn lie() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..200_u64,
        (0..40_u64).prop_map(|words| words * 8),
        (0..64_u32).prop_map(|bit| 1 << bit),
        (0..200_u64).prop_map(|less| u64::MAX - less),
        any::<u64>(),
    ]
}

fn kind() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(1_u64), 2 => Just(2_u64), 1 => Just(3_u64), 1 => 0..16_u64]
}

fn length() -> impl Strategy<Value = u64> {
    prop_oneof![4 => (0..20_u64).prop_map(|words| words * 8), 1 => 0..200_u64, 1 => any::<u32>().prop_map(u64::from)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (place(), lie()).prop_map(|(at, word)| Step::Lie(at, word)),
        4 => (kind(), length(), 0..20_u64)
            .prop_map(|(kind, length, tail)| Step::Forge(kind, length, tail * 8)),
        3 => (0..60_usize).prop_map(Step::Send),
        1 => (0..60_usize).prop_map(Step::Grant),
        6 => Just(Step::Receive),
        1 => Just(Step::Peek),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_lie_leads_out_of_a_ring(steps in vec(step(), 1..60)) {
        lied_to(steps);
    }

    #[test]
    fn no_lie_leads_out_of_a_lane(lies in vec((place(), lie()), 1..6)) {
        lied_to_over_lanes(lies);
    }

    #[test]
    fn no_lie_hangs_a_mutex(
        lies in vec((prop_oneof![Just(0_u64), 32..40_u64], any::<u32>()), 1..6)
    ) {
        lied_to_over_a_mutex(lies);
    }

    #[test]
    fn no_first_page_is_attached_to_that_says_what_cannot_be(
        words in vec((0..WORDS, lie()), 1..4), kind in 0..4_usize,
    ) {
        lied_to_on_the_first_page(&words, kind);
    }
}
