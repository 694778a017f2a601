//! From bytes back to where they came from.

use std::collections::BTreeMap;

use ipc_model::outcome::Outcome;
use ipc_model::payload::{Data, Run, Tag, byte, fill, source};

use crate::history::{EventKind, History};

const BLOCK: usize = 8;

/// Knows the writes of one program, and how far each has been seen by readers.
#[derive(Default)]
pub struct Decoder {
    /// The writes that were issued: how many bytes each has.
    writes: BTreeMap<Tag, u64>,
    /// The places where the next bytes may come from: the unseen rest of each write.
    open: Vec<(Tag, u64)>,
}

/// The history with its received bytes named as if each reader had been listened to before the next:
/// some names are wrong then, as they can be of real processes.
pub fn named_by_reader(mut history: History) -> History {
    let mut decoder = Decoder::default();
    for event in &history.events {
        if let EventKind::Call { call, .. } = &event.kind
            && call.operation.sends()
        {
            decoder.expect(call.tag, call.len());
        }
    }
    for process in 0..history.head.actors.len() as u8 {
        for event in &mut history.events {
            if let EventKind::Return { actor, outcome, .. } = &mut event.kind
                && let Outcome::Success(value) = outcome
                && let Some(data) = value.data_mut()
                && actor.process == process
            {
                *data = decoder.decode(&data.bytes());
            }
        }
    }
    history
}

impl Decoder {
    /// A write is about to be made.
    pub fn expect(&mut self, tag: Tag, len: u64) {
        if len > 0 && self.writes.insert(tag, len).is_none() {
            self.open.push((tag, 0));
        }
    }

    /// The same bytes by their sources, raw where none is known.
    pub fn decode(&mut self, bytes: &[u8]) -> Data {
        let mut data = Data::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (run, len) = self.next(rest);
            data.push(run);
            rest = &rest[len..];
        }
        data
    }

    fn next(&mut self, bytes: &[u8]) -> (Run, usize) {
        let found = self.by_block(bytes).or_else(|| self.by_open(bytes));
        let Some((tag, from, len)) = found else {
            return (Run::Raw(bytes[..1].to_vec()), 1);
        };
        self.saw(tag, from + len as u64);
        (Run::Of { tag, from, len: len as u64 }, len)
    }

    /// The rest of a write that has been seen in part, or one that has not been seen at all.
    fn by_open(&self, bytes: &[u8]) -> Option<(Tag, u64, usize)> {
        let matches = self.open.iter().filter(|(tag, from)| byte(*tag, *from) == bytes[0]);
        let lengths = matches.map(|(tag, from)| (*tag, *from, self.agreeing(*tag, *from, bytes)));
        let best = lengths.max_by_key(|(_, _, len)| *len)?;
        // Fewer bytes may agree by chance, unless they are all there is to agree.
        let whole = best.2 == bytes.len() || best.1 + best.2 as u64 == self.writes[&best.0];
        (best.2 >= BLOCK || whole).then_some(best)
    }

    /// A place that a whole block names, at whichever offset the block begins.
    fn by_block(&self, bytes: &[u8]) -> Option<(Tag, u64, usize)> {
        for (skip, window) in bytes.windows(BLOCK).take(BLOCK).enumerate() {
            let (tag, at) = source(window.try_into().expect("windows are one block long"));
            let Some(from) = at.checked_sub(skip as u64) else { continue };
            let len = self.agreeing(tag, from, bytes);
            if len >= skip + BLOCK {
                return Some((tag, from, len));
            }
        }
        None
    }

    /// How many of the first bytes are those of that write from there on.
    fn agreeing(&self, tag: Tag, from: u64, bytes: &[u8]) -> usize {
        let Some(left) = self.writes.get(&tag).and_then(|len| len.checked_sub(from)) else {
            return 0;
        };
        let bytes = &bytes[..bytes.len().min(left as usize)];
        let mut payload = [0; 4096];
        let mut agreed = 0;
        for chunk in bytes.chunks(payload.len()) {
            let payload = &mut payload[..chunk.len()];
            fill(tag, from + agreed as u64, payload);
            if payload == chunk {
                agreed += chunk.len();
                continue;
            }
            let differs = payload.iter().zip(chunk).position(|(a, b)| a != b);
            return agreed + differs.expect("unequal slices of one length differ somewhere");
        }
        agreed
    }

    /// Readers have come to there in that write.
    fn saw(&mut self, tag: Tag, to: u64) {
        let Some(place) = self.open.iter().position(|(open, _)| *open == tag) else { return };
        if to == self.writes[&tag] {
            self.open.swap_remove(place);
        } else {
            self.open[place].1 = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(tag: Tag, from: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        fill(tag, from, &mut bytes);
        bytes
    }

    fn decoder(writes: &[(Tag, u64)]) -> Decoder {
        let mut decoder = Decoder::default();
        writes.iter().for_each(|(tag, len)| decoder.expect(*tag, *len));
        decoder
    }

    #[test]
    fn whole_and_partial_writes_are_named() {
        let mut decoder = decoder(&[(2, 100), (3, 5), (4, 4096)]);
        let bytes = [payload(2, 0, 100), payload(3, 0, 5), payload(4, 0, 10)].concat();
        assert_eq!(decoder.decode(&bytes).to_string(), "w2[0..100] w3[0..5] w4[0..10]");
        assert_eq!(decoder.decode(&payload(4, 10, 3)).to_string(), "w4[10..13]");
    }

    #[test]
    fn a_stretch_from_the_middle_is_named_at_every_alignment() {
        for from in 0..BLOCK as u64 {
            let mut decoder = decoder(&[(1, 7), (9, 65_536)]);
            let bytes = payload(9, 1000 + from, 30_000);
            let expected = format!("w9[{}..{}]", 1000 + from, 31_000 + from);
            assert_eq!(decoder.decode(&bytes).to_string(), expected);
        }
    }

    #[test]
    fn what_nobody_wrote_stays_raw_and_the_bytes_are_the_same() {
        let mut decoder = decoder(&[(1, 64)]);
        let mut bytes = payload(1, 0, 64);
        bytes[32] ^= 0x55;
        let data = decoder.decode(&bytes);
        assert_eq!(data.bytes(), bytes);
        assert!(data.runs().any(|run| matches!(run, Run::Raw(_))), "{data}");
        assert_eq!(decoder.decode(&payload(8, 0, 20)).bytes(), payload(8, 0, 20));
    }

    #[test]
    fn one_byte_at_a_time_keeps_to_its_write() {
        let mut decoder = decoder(&[(5, 3)]);
        let told: Vec<String> =
            payload(5, 0, 3).iter().map(|byte| decoder.decode(&[*byte]).to_string()).collect();
        assert_eq!(told, ["w5[0..1]", "w5[1..2]", "w5[2..3]"]);
    }
}
