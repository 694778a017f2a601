//! The arguments of a call, as they travel.

use super::bytes::{Cursor, Out, put_list};

/// Arguments of a call, at most.
pub const ARGS_MAX: usize = 6;

/// The arguments of a call. Without memory of their own where each is a few numbers, for an agent that
/// allocates dirties pages that it and every child of it must copy.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Args {
    lists: [List; ARGS_MAX],
    len: usize,
}

/// One argument: numbers, of which most are one.
#[derive(Clone, PartialEq, Debug)]
pub enum List {
    /// So many of these.
    Few(u8, [i64; FEW]),
    /// More than [`FEW`].
    Many(Vec<i64>),
}

/// Numbers that a list has room for without memory of its own.
const FEW: usize = 4;

impl Default for List {
    fn default() -> List {
        List::Few(0, [0; FEW])
    }
}

impl List {
    /// One number.
    pub fn one(number: i64) -> List {
        List::Few(1, [number, 0, 0, 0])
    }

    /// A text: its length, and its bytes eight to a number.
    pub fn text(text: &str) -> List {
        let word = |chunk: &[u8]| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            i64::from_le_bytes(word)
        };
        std::iter::once(text.len() as i64).chain(text.as_bytes().chunks(8).map(word)).collect()
    }

    fn numbers(&self) -> &[i64] {
        match self {
            List::Few(len, numbers) => &numbers[..usize::from(*len)],
            List::Many(numbers) => numbers,
        }
    }

    fn push(&mut self, number: i64) {
        match self {
            List::Few(len, numbers) => match numbers.get_mut(usize::from(*len)) {
                Some(place) => (*place, *len) = (number, *len + 1),
                None => *self = List::Many(numbers.iter().copied().chain([number]).collect()),
            },
            List::Many(numbers) => numbers.push(number),
        }
    }
}

impl FromIterator<i64> for List {
    fn from_iter<T: IntoIterator<Item = i64>>(numbers: T) -> List {
        let mut list = List::default();
        numbers.into_iter().for_each(|number| list.push(number));
        list
    }
}

impl Args {
    pub(super) fn put(&self, out: &mut Out<'_>) {
        put_list(out, &self.lists[..self.len], |out, arg| {
            put_list(out, arg.numbers(), |out, n| out.extend(n.to_ne_bytes()));
        });
    }

    /// Reads what [`Args::put`] has put.
    pub(super) fn read(from: &mut Cursor<'_>) -> Option<Args> {
        let mut args = Args { len: from.u16()?.into(), ..Args::default() };
        for list in args.lists.get_mut(..args.len)? {
            let len = from.u16()?;
            *list = (0..len).map(|_| from.i64()).collect::<Option<_>>()?;
        }
        Some(args)
    }

    /// The `index`-th argument, if there is one.
    pub fn get(&self, index: usize) -> Option<&[i64]> {
        self.lists[..self.len].get(index).map(List::numbers)
    }
}

impl std::ops::Index<usize> for Args {
    type Output = [i64];

    fn index(&self, index: usize) -> &[i64] {
        self.lists[..self.len][index].numbers()
    }
}

impl std::ops::IndexMut<usize> for Args {
    fn index_mut(&mut self, index: usize) -> &mut [i64] {
        match &mut self.lists[..self.len][index] {
            List::Few(len, numbers) => &mut numbers[..usize::from(*len)],
            List::Many(numbers) => numbers,
        }
    }
}

/// At most [`ARGS_MAX`], which no operation goes beyond.
impl FromIterator<List> for Args {
    fn from_iter<T: IntoIterator<Item = List>>(lists: T) -> Args {
        let mut args = Args::default();
        for list in lists {
            args.lists[args.len] = list;
            args.len += 1;
        }
        args
    }
}
