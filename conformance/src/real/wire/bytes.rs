//! Bytes: numbers and lists, put one behind the other and read again.

/// A message in the making, in memory that is there already.
pub(super) struct Out<'a> {
    room: &'a mut [u8],
    used: usize,
    full: bool,
}

impl Out<'_> {
    pub(super) fn message(room: &mut [u8], put: impl FnOnce(&mut Out<'_>)) -> Option<usize> {
        let mut out = Out { room, used: 0, full: false };
        put(&mut out);
        (!out.full).then_some(out.used)
    }

    pub(super) fn push(&mut self, byte: u8) {
        self.extend([byte]);
    }

    pub(super) fn extend<const N: usize>(&mut self, bytes: [u8; N]) {
        match self.room.get_mut(self.used..self.used + N) {
            Some(place) => place.copy_from_slice(&bytes),
            None => self.full = true,
        }
        self.used += N;
    }
}

/// A list: its length and its elements.
pub(super) fn put_list<T>(out: &mut Out<'_>, items: &[T], put: impl Fn(&mut Out<'_>, &T)) {
    let len = u16::try_from(items.len()).unwrap_or_else(|_| {
        out.full = true;
        0
    });
    out.extend(len.to_ne_bytes());
    items.iter().for_each(|item| put(out, item));
}

/// What has not been read yet of a message.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl Cursor<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.bytes().map(u8::from_ne_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.bytes().map(u16::from_ne_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_ne_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_ne_bytes)
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.bytes().map(i32::from_ne_bytes)
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        self.bytes().map(i64::from_ne_bytes)
    }

    pub(super) fn list<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let len = self.u16()?;
        (0..len).map(|_| item(self)).collect()
    }
}
