//! The bytes of a file of memory: stretches of payload at their offsets, and zeros everywhere else.

use crate::payload::{Data, Run, Tag};

/// Some bytes of one payload, at an offset.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Stretch {
    at: u64,
    len: u64,
    tag: Tag,
    from: u64,
}

impl Stretch {
    fn end(&self) -> u64 {
        self.at.saturating_add(self.len)
    }

    /// What of it lies from one offset to another.
    fn within(&self, from: u64, to: u64) -> Option<Stretch> {
        let (at, end) = (self.at.max(from), self.end().min(to));
        let len = end.checked_sub(at).filter(|len| *len > 0)?;
        Some(Stretch { at, len, tag: self.tag, from: self.from + (at - self.at) })
    }
}

/// Bytes by offset, without an end.
///
/// Invariant: the stretches are in order, none is empty, no two overlap, and no two neighbours could be
/// one.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Content {
    stretches: Vec<Stretch>,
}

impl Content {
    /// `len` bytes of the payload tagged `tag`, from its byte `from` on, lie at `at` from now on.
    pub fn write(&mut self, at: u64, tag: Tag, from: u64, len: u64) {
        if len == 0 {
            return;
        }
        self.clear(at, at.saturating_add(len));
        let place = self.stretches.partition_point(|stretch| stretch.at < at);
        self.stretches.insert(place, Stretch { at, len, tag, from });
        self.join(place + 1);
        self.join(place);
    }

    /// From `from` to `to` are zeros from now on.
    pub fn clear(&mut self, from: u64, to: u64) {
        if from >= to {
            return;
        }
        let parts = |stretch: &Stretch| [stretch.within(0, from), stretch.within(to, u64::MAX)];
        self.stretches = self.stretches.iter().flat_map(parts).flatten().collect();
    }

    /// `len` bytes at `at` are those of another from `from` on.
    pub fn lay(&mut self, at: u64, other: &Content, from: u64, len: u64) {
        self.clear(at, at.saturating_add(len));
        let end = from.saturating_add(len);
        for part in other.stretches.iter().filter_map(|stretch| stretch.within(from, end)) {
            self.write(at + (part.at - from), part.tag, part.from, part.len);
        }
    }

    /// The `len` bytes at `at`.
    pub fn read(&self, at: u64, len: u64) -> Data {
        let (mut data, mut next) = (Data::new(), at);
        let end = at.saturating_add(len);
        let zeros = |from: u64, to: u64| Run::Raw(vec![0; (to - from) as usize]);
        for part in self.stretches.iter().filter_map(|stretch| stretch.within(at, end)) {
            data.push(zeros(next, part.at));
            data.push(Run::Of { tag: part.tag, from: part.from, len: part.len });
            next = part.end();
        }
        data.push(zeros(next, end));
        data
    }

    /// Where something was written, whatever it was: from one offset to another each, as far apart as can
    /// be.
    pub fn written(&self) -> Vec<(u64, u64)> {
        let mut all: Vec<(u64, u64)> = Vec::new();
        for stretch in &self.stretches {
            match all.last_mut() {
                Some((_, end)) if *end == stretch.at => *end = stretch.end(),
                _ => all.push((stretch.at, stretch.end())),
            }
        }
        all
    }

    /// Makes one of the stretch at `place` and the one before it, if they could be.
    fn join(&mut self, place: usize) {
        let Some(before) = place.checked_sub(1) else { return };
        let (Some(a), Some(b)) = (self.stretches.get(before), self.stretches.get(place)) else {
            return;
        };
        if a.end() == b.at && a.tag == b.tag && a.from + a.len == b.from {
            self.stretches[before].len += self.stretches[place].len;
            self.stretches.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by single bytes.
    fn bytes(writes: &[(u64, Tag, u64)], len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        for (at, tag, n) in writes {
            crate::payload::fill(*tag, 0, &mut bytes[*at as usize..][..*n as usize]);
        }
        bytes
    }

    #[test]
    fn the_last_write_is_what_is_there_and_the_rest_is_zero() {
        let writes = [(4, 1, 10), (6, 2, 3), (0, 3, 5), (20, 4, 4), (14, 5, 6)];
        let mut content = Content::default();
        writes.iter().for_each(|(at, tag, n)| content.write(*at, *tag, 0, *n));
        for (from, to) in [(0, 30), (3, 9), (13, 25), (24, 30)] {
            let expected = &bytes(&writes, 30)[from..to];
            assert_eq!(content.read(from as u64, (to - from) as u64).bytes(), expected);
        }
        assert_eq!(content.written(), [(0, 24)]);
    }

    #[test]
    fn what_is_cleared_is_zero_and_what_is_beside_stays() {
        let mut content = Content::default();
        content.write(0, 1, 0, 10);
        content.clear(3, 5);
        let mut expected = bytes(&[(0, 1, 10)], 10);
        expected[3..5].fill(0);
        assert_eq!(content.read(0, 10).bytes(), expected);
        assert_eq!(content.written(), [(0, 3), (5, 10)]);
    }

    #[test]
    fn pieces_of_one_payload_that_lie_side_by_side_are_one() {
        let (mut whole, mut pieces) = (Content::default(), Content::default());
        whole.write(5, 7, 0, 9);
        [(0, 4), (6, 3), (4, 2)].iter().for_each(|(from, n)| pieces.write(5 + from, 7, *from, *n));
        assert_eq!(whole, pieces);
    }
}
