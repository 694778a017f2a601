//! A peer that lies, led by what it has reached in the code so far.
//!
//! What is done with the bytes of an input is what `tests/hostile` does with random numbers. `.ci/run
//! fuzz` builds it with counters in the code, and once more under AddressSanitizer.

#![no_main]

#[path = "../../tests/hostile/lies.rs"]
mod lies;

use ipc_impls::shm::WORDS;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

use lies::{
    BELLS, HEAD, PAYLOAD, Step, TAIL, lied_to, lied_to_on_the_first_page, lied_to_over_a_mutex,
    lied_to_over_lanes,
};

/// An input is no longer than that many steps, or that many lies where each may cost some waiting.
const STEPS: usize = 40;
const LIES: usize = 6;

fuzz_target!(|input: &[u8]| {
    // What is too short for what it says is no input.
    let _ = told(&mut Unstructured::new(input));
});

fn told(input: &mut Unstructured<'_>) -> Result<()> {
    match input.int_in_range(0..=3)? {
        0 => lied_to(all(input, STEPS, step)?),
        1 => lied_to_over_lanes(all(input, LIES, |input| Ok((place(input)?, lie(input)?)))?),
        2 => {
            let word = |input: &mut Unstructured<'_>| {
                Ok((
                    if input.arbitrary()? { 0 } else { input.int_in_range(32..=39)? },
                    lie(input)? as u32,
                ))
            };
            lied_to_over_a_mutex(all(input, LIES, word)?);
        }
        _ => {
            let kind = input.int_in_range(0..=3)?;
            let word = |input: &mut Unstructured<'_>| {
                Ok((input.int_in_range(0..=WORDS - 1)?, lie(input)?))
            };
            lied_to_on_the_first_page(&all(input, LIES, word)?, kind);
        }
    }
    Ok(())
}

/// As many as there are.
fn all<T>(
    input: &mut Unstructured<'_>,
    most: usize,
    mut one: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut all = Vec::new();
    while !input.is_empty() && all.len() < most {
        all.push(one(input)?);
    }
    Ok(all)
}

/// A word of what is shared beside the payload, of the payload, or of the first page.
fn place(input: &mut Unstructured<'_>) -> Result<u64> {
    Ok(match input.int_in_range(0..=4)? {
        0 => TAIL,
        1 => HEAD,
        2 => BELLS + input.int_in_range(0..=2)? * 8,
        3 => PAYLOAD + input.int_in_range(0..=15)? * 8,
        _ => input.int_in_range(0..=15)? * 8,
    })
}

/// Numbers that are near to what could be, and any others.
fn lie(input: &mut Unstructured<'_>) -> Result<u64> {
    Ok(match input.int_in_range(0..=4)? {
        0 => input.int_in_range(0..=255)?,
        1 => input.int_in_range(0..=40)? * 8,
        2 => 1 << input.int_in_range(0..=63)?,
        3 => u64::MAX - input.int_in_range(0..=255)?,
        _ => input.arbitrary()?,
    })
}

fn step(input: &mut Unstructured<'_>) -> Result<Step> {
    Ok(match input.int_in_range(0..=6)? {
        0 => Step::Lie(place(input)?, lie(input)?),
        1 => {
            let length = if input.arbitrary()? {
                input.int_in_range(0..=20)? * 8
            } else {
                input.arbitrary::<u32>()?.into()
            };
            Step::Forge(input.int_in_range(0..=15)?, length, input.int_in_range(0..=20)? * 8)
        }
        2 => Step::Send(input.int_in_range(0..=59)?),
        3 => Step::Grant(input.int_in_range(0..=59)?),
        4 => Step::Receive,
        5 => Step::Peek,
        _ => Step::Reopen,
    })
}
