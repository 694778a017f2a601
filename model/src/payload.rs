//! Tagged payload: byte *k* of write *w* is a keyed function of (*w*, *k*), so that what a reader
//! got says where it came from.
//!
//! Eight bytes at a multiple of eight are one block, and a block is an invertible mix of the tag and
//! the block's index: any aligned block names its source and offset by itself.

use std::fmt;

/// Says which write the bytes belong to: the number of its line in the program.
pub type Tag = u32;

const KEY: u64 = 0x9e37_79b9_7f4a_7c15;
/// The constant of Stafford's variant 13, and its inverse modulo 2⁶⁴.
const FACTOR: u64 = 0xbf58_476d_1ce4_e5b9;
const INVERSE: u64 = 0x96de_1b17_3f11_9089;
const BLOCK: u64 = 8;

/// Byte `offset` of the payload that is tagged `tag`.
pub fn byte(tag: Tag, offset: u64) -> u8 {
    block(tag, offset / BLOCK)[(offset % BLOCK) as usize]
}

/// Fills `buffer` with the payload tagged `tag`, from byte `from` on.
pub fn fill(tag: Tag, from: u64, buffer: &mut [u8]) {
    let skip = (from % BLOCK) as usize;
    let ahead = buffer.len().min((BLOCK as usize - skip) % BLOCK as usize);
    let (head, rest) = buffer.split_at_mut(ahead);
    head.copy_from_slice(&block(tag, from / BLOCK)[skip..skip + ahead]);
    // Whole blocks have a length that is known when this is compiled.
    let (blocks, tail) = rest.as_chunks_mut::<{ BLOCK as usize }>();
    let mut index = (from + ahead as u64) / BLOCK;
    let lone = blocks.len().min((index.wrapping_neg() % STEPS.len() as u64) as usize);
    let (first, rest) = blocks.split_at_mut(lone);
    let (groups, last) = rest.as_chunks_mut::<{ STEPS.len() }>();
    fill_blocks(tag, &mut index, first);
    for group in groups {
        // What is left of the product when the index's last bits are 0.
        let base = input(tag, index) & !(STEPS.len() as u64 - 1);
        let base = base.wrapping_mul(FACTOR);
        for (bytes, step) in group.iter_mut().zip(STEPS) {
            *bytes = fold(base.wrapping_add(step)).to_le_bytes();
        }
        index += STEPS.len() as u64;
    }
    fill_blocks(tag, &mut index, last);
    tail.copy_from_slice(&block(tag, index)[..tail.len()]);
}

/// What the last bits of an index add to the product that [`mix`] makes: blocks whose indices differ in
/// nothing else need one product between them.
const STEPS: [u64; 8] = {
    let mut steps = [0; 8];
    let mut last = 0;
    while last < steps.len() {
        steps[last] = ((KEY ^ last as u64) & 7).wrapping_mul(FACTOR);
        last += 1;
    }
    steps
};

fn fill_blocks(tag: Tag, index: &mut u64, blocks: &mut [[u8; BLOCK as usize]]) {
    for bytes in blocks {
        *bytes = block(tag, *index);
        *index += 1;
    }
}

/// The source of eight bytes, if they are a whole block of some payload: its tag and offset.
///
/// Bytes that were not made here give a tag or an offset that no program has, in all but one of
/// about 2³² cases; callers compare what they get with the writes there were.
pub fn source(bytes: [u8; 8]) -> (Tag, u64) {
    let mixed = unmix(u64::from_le_bytes(bytes)) ^ KEY;
    ((mixed >> 32) as Tag, (mixed & 0xffff_ffff) * BLOCK)
}

fn block(tag: Tag, index: u64) -> [u8; 8] {
    mix(input(tag, index)).to_le_bytes()
}

fn input(tag: Tag, index: u64) -> u64 {
    (u64::from(tag) << 32 | (index & 0xffff_ffff)) ^ KEY
}

/// Invertible, and as cheap as can be, for long transfers are made of it: a product with an odd number
/// spreads each bit to those above it, and the upper half is folded onto the lower.
fn mix(x: u64) -> u64 {
    fold(x.wrapping_mul(FACTOR))
}

fn fold(x: u64) -> u64 {
    x ^ (x >> 32)
}

/// The inverse of [`mix`].
fn unmix(x: u64) -> u64 {
    (x ^ (x >> 32)).wrapping_mul(INVERSE)
}

/// A stretch of bytes, by where it came from if that is known.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Run {
    /// `len` bytes of the payload tagged `tag`, from byte `from` on.
    Of {
        /// The write.
        tag: Tag,
        /// The first byte's offset in that write's payload.
        from: u64,
        /// How many bytes, never 0.
        len: u64,
    },
    /// Bytes as they are.
    Raw(Vec<u8>),
}

impl Run {
    /// How many bytes.
    pub fn len(&self) -> u64 {
        match self {
            Run::Of { len, .. } => *len,
            Run::Raw(bytes) => bytes.len() as u64,
        }
    }

    /// Whether there is no byte in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Byte `index` of the run.
    fn byte(&self, index: u64) -> u8 {
        match self {
            Run::Of { tag, from, .. } => byte(*tag, from + index),
            Run::Raw(bytes) => bytes[index as usize],
        }
    }

    /// The first `n` bytes and the rest.
    fn split(self, n: u64) -> (Run, Run) {
        match self {
            Run::Of { tag, from, len } => {
                (Run::Of { tag, from, len: n }, Run::Of { tag, from: from + n, len: len - n })
            }
            Run::Raw(mut bytes) => {
                let rest = bytes.split_off(n as usize);
                (Run::Raw(bytes), Run::Raw(rest))
            }
        }
    }
}

/// A sequence of bytes, kept as runs. Equality is of the runs; [`Data::same_bytes`] asks for more.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Data {
    runs: std::collections::VecDeque<Run>,
    len: u64,
}

impl Data {
    /// No bytes.
    pub fn new() -> Data {
        Data::default()
    }

    /// How many bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The runs, in order; none is empty, and no two neighbours could be one.
    pub fn runs(&self) -> impl ExactSizeIterator<Item = &Run> {
        self.runs.iter()
    }

    /// The last of the runs.
    pub fn last(&self) -> Option<&Run> {
        self.runs.back()
    }

    /// Puts a run behind the others.
    pub fn push(&mut self, run: Run) {
        self.len += run.len();
        match (self.runs.back_mut(), run) {
            (_, run) if run.is_empty() => {}
            (Some(Run::Of { tag, from, len }), Run::Of { tag: t, from: f, len: more })
                if *tag == t && *from + *len == f =>
            {
                *len += more;
            }
            (Some(Run::Raw(bytes)), Run::Raw(more)) => bytes.extend(more),
            (_, run) => self.runs.push_back(run),
        }
    }

    /// Takes the first `n` bytes out, or all there are.
    pub fn take(&mut self, n: u64) -> Data {
        let mut taken = Data::new();
        let mut left = n.min(self.len);
        self.len -= left;
        while left > 0 {
            let run = self.runs.pop_front().expect("`len` counts the bytes of all runs");
            let whole = run.len();
            if whole <= left {
                left -= whole;
                taken.push(run);
            } else {
                let (first, rest) = run.split(left);
                taken.push(first);
                self.runs.push_front(rest);
                left = 0;
            }
        }
        taken
    }

    /// The first `n` bytes, or all there are; they stay where they are.
    pub fn prefix(&self, n: u64) -> Data {
        let mut first = Data::new();
        for run in &self.runs {
            let left = n - first.len;
            if run.len() >= left {
                if left > 0 {
                    first.push(run.clone().split(left).0);
                }
                break;
            }
            first.push(run.clone());
        }
        first
    }

    /// Where byte `at` comes from: the write and its offset there, if that is known.
    pub fn source(&self, at: u64) -> Option<(Tag, u64)> {
        let mut left = at;
        for run in &self.runs {
            if left < run.len() {
                return match run {
                    Run::Of { tag, from, .. } => Some((*tag, from + left)),
                    Run::Raw(_) => None,
                };
            }
            left -= run.len();
        }
        None
    }

    /// Whether `other` is what the first bytes are.
    pub fn starts_with(&self, other: &Data) -> bool {
        other.len <= self.len && self.agrees(other, other.len)
    }

    /// Whether the bytes are the same, however they are kept.
    pub fn same_bytes(&self, other: &Data) -> bool {
        self.len == other.len && self.agrees(other, self.len)
    }

    /// The bytes one by one: for printing and for tests.
    pub fn bytes(&self) -> Vec<u8> {
        let each = |run: &Run| (0..run.len()).map(|i| run.byte(i)).collect::<Vec<_>>();
        self.runs.iter().flat_map(each).collect()
    }

    /// Whether the first `n` bytes are the same in both, which have as many.
    fn agrees(&self, other: &Data, n: u64) -> bool {
        let (mut mine, mut theirs) = (self.runs.iter(), other.runs.iter());
        let (mut a, mut b) = (mine.next(), theirs.next());
        let (mut i, mut j, mut left) = (0, 0, n);
        while left > 0 {
            let (Some(x), Some(y)) = (a, b) else { return false };
            let step = (x.len() - i).min(y.len() - j).min(left);
            if !same(x, i, y, j, step) {
                return false;
            }
            (i, j, left) = (i + step, j + step, left - step);
            if i == x.len() {
                (a, i) = (mine.next(), 0);
            }
            if j == y.len() {
                (b, j) = (theirs.next(), 0);
            }
        }
        true
    }
}

/// Whether `n` bytes of `x` from `i` on are `n` bytes of `y` from `j` on.
fn same(x: &Run, i: u64, y: &Run, j: u64, n: u64) -> bool {
    match (x, y) {
        (Run::Of { tag: t, from: f, .. }, Run::Of { tag: u, from: g, .. })
            if t == u && f + i == g + j =>
        {
            true
        }
        _ => (0..n).all(|k| x.byte(i + k) == y.byte(j + k)),
    }
}

impl FromIterator<Run> for Data {
    fn from_iter<I: IntoIterator<Item = Run>>(runs: I) -> Data {
        let mut data = Data::new();
        runs.into_iter().for_each(|run| data.push(run));
        data
    }
}

impl fmt::Display for Run {
    /// `w3[0..16]` for bytes 0 to 15 of the write in line 3, `x"00ff"` for bytes of no known source.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Run::Of { tag, from, len } => write!(f, "w{tag}[{from}..{}]", from + len),
            Run::Raw(bytes) => {
                f.write_str("x\"")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str("\"")
            }
        }
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Data {
    /// The runs with a space between them, `nothing` if there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.runs.is_empty() {
            return f.write_str("nothing");
        }
        for (i, run) in self.runs.iter().enumerate() {
            write!(f, "{}{run}", if i > 0 { " " } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tag: Tag, from: u64, len: u64) -> Run {
        Run::Of { tag, from, len }
    }

    #[test]
    fn a_whole_block_names_its_source() {
        for (tag, offset) in [(0, 0), (1, 8), (77, 65_528), (u32::MAX, 8 * 0xffff_ffff)] {
            let mut bytes = [0; 8];
            fill(tag, offset, &mut bytes);
            assert_eq!(source(bytes), (tag, offset));
        }
    }

    #[test]
    fn filling_in_pieces_gives_the_same_bytes() {
        let mut whole = [0; 100];
        fill(9, 3, &mut whole);
        for (i, expected) in whole.iter().enumerate() {
            assert_eq!(byte(9, 3 + i as u64), *expected);
        }
    }

    #[test]
    fn blocks_of_one_product_are_blocks_like_others() {
        for from in (0..80).chain([8 * 0xffff_ffff - 61]) {
            for len in [0, 1, 63, 64, 65, 200] {
                let mut bytes = vec![0; len];
                fill(5, from, &mut bytes);
                let expected: Vec<u8> = (from..).take(len).map(|at| byte(5, at)).collect();
                assert_eq!(bytes, expected, "{len} bytes from {from}");
            }
        }
    }

    #[test]
    fn neighbouring_runs_become_one() {
        let data: Data = [of(1, 0, 4), of(1, 4, 4), of(2, 0, 1)].into_iter().collect();
        assert_eq!(data.to_string(), "w1[0..8] w2[0..1]");
    }

    #[test]
    fn what_is_taken_and_what_is_left_are_what_there_was() {
        let mut data: Data = [of(1, 0, 10), Run::Raw(vec![1, 2, 3])].into_iter().collect();
        let whole = data.bytes();
        assert_eq!([0, 10, 11, 99].map(|n| data.prefix(n).len()), [0, 10, 11, 13]);
        assert_eq!(data.prefix(11).bytes(), whole[..11]);
        assert_eq!([9, 10, 13].map(|at| data.source(at)), [Some((1, 9)), None, None]);
        let taken = data.take(11);
        assert_eq!([taken.bytes(), data.bytes()].concat(), whole);
        assert_eq!((taken.len(), data.len()), (11, 2));
    }

    #[test]
    fn data_is_compared_by_its_bytes() {
        let tagged: Data = [of(5, 2, 9)].into_iter().collect();
        let raw: Data = [Run::Raw(tagged.bytes())].into_iter().collect();
        assert!(tagged.same_bytes(&raw));
        assert!(!tagged.same_bytes(&[of(5, 3, 9)].into_iter().collect()));
        assert!(tagged.starts_with(&[of(5, 2, 4)].into_iter().collect()));
        assert!(!tagged.starts_with(&[of(5, 2, 10)].into_iter().collect()));
    }
}
