//! How single values are spelled in history files, there and back.

use ipc_model::operation::{Actor, flag_text};
use ipc_model::outcome::Status;
use ipc_model::payload::{Data, Run};

use crate::text::MAX_BYTES;

/// `A`, or `A/1` for another thread than the first.
pub(crate) fn actor_text(actors: &[String], actor: Actor) -> String {
    let name = process_text(actors, actor.process);
    if actor.thread == 0 { name } else { format!("{name}/{}", actor.thread) }
}

/// The actor of that spelling.
pub(super) fn actor(actors: &[String], text: &str) -> Option<Actor> {
    let (name, thread) = match text.split_once('/') {
        Some((name, thread)) => (name, thread.parse().ok()?),
        None => (text, 0),
    };
    Some(Actor { process: process(actors, name)?, thread })
}

/// The process's name.
pub(crate) fn process_text(actors: &[String], process: u8) -> String {
    actors.get(usize::from(process)).cloned().unwrap_or_else(|| format!("#{process}"))
}

/// The process of that name.
pub(super) fn process(actors: &[String], name: &str) -> Option<u8> {
    actors.iter().position(|known| known == name)?.try_into().ok()
}

/// Flags by name, as a number if one has no name.
pub(crate) fn flags_text(words: &[&str], flags: u32) -> String {
    let named = flags.checked_shr(words.len() as u32).unwrap_or(0) == 0;
    if named { flag_text(words, flags) } else { format!("{flags:#x}") }
}

/// The flags of that spelling.
pub(super) fn flags(words: &[&str], text: &str) -> Option<u32> {
    if text == "0" {
        return Some(0);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return u32::from_str_radix(digits, 16).ok();
    }
    text.split('|').try_fold(0, |flags, word| {
        let bit = words.iter().position(|known| *known == word)?;
        Some(flags | 1 << bit)
    })
}

/// A word by its index, as a number if there is none.
pub(crate) fn word_text(words: &[&str], index: i64) -> String {
    let word = usize::try_from(index).ok().and_then(|index| words.get(index));
    word.map_or_else(|| format!("#{index}"), |word| (*word).to_owned())
}

/// The index of the word of that spelling.
pub(super) fn word(words: &[&str], text: &str) -> Option<i64> {
    match text.strip_prefix('#') {
        Some(number) => number.parse().ok(),
        None => words.iter().position(|known| *known == text).map(|index| index as i64),
    }
}

/// The status of that spelling, which is its `Display`.
pub(super) fn status(text: &str) -> Option<Status> {
    if let Some(code) = text.strip_prefix("exited ") {
        return code.parse().ok().map(Status::Exited);
    }
    if let Some(signal) = text.strip_prefix("stopped by ") {
        return signal.parse().ok().map(Status::Stopped);
    }
    if text == "continued" {
        return Some(Status::Continued);
    }
    text.strip_prefix("killed by ")?.parse().ok().map(Status::Signaled)
}

/// The data of those runs, each spelled as its `Display`; at most as long as a call may move.
pub(super) fn data(runs: &[String]) -> Option<Data> {
    let runs: Vec<Run> = runs.iter().map(|text| run(text)).collect::<Option<_>>()?;
    let total = runs.iter().try_fold(0u64, |sum, run| sum.checked_add(run.len()));
    total.filter(|total| *total <= MAX_BYTES).map(|_| runs.into_iter().collect())
}

fn run(text: &str) -> Option<Run> {
    if let Some(digits) = text.strip_prefix("x\"").and_then(|rest| rest.strip_suffix('"')) {
        return hex(digits).map(Run::Raw);
    }
    let (tag, range) = text.strip_prefix('w')?.strip_suffix(']')?.split_once('[')?;
    let (from, to) = range.split_once("..")?;
    let (from, to): (u64, u64) = (from.parse().ok()?, to.parse().ok()?);
    let len = to.checked_sub(from).filter(|len| *len > 0)?;
    Some(Run::Of { tag: tag.parse().ok()?, from, len })
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(pair).collect()
}
