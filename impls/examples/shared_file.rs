//! The classic introduction: a file that two terminals share, each through a mapping of its own.
//!
//! `cargo run -p ipc-impls --example shared_file FILE`, in two terminals. A line that is typed into one
//! is stored to the mapping; an empty line shows what is there, whoever stored it.
//!
//! Nothing is written and nothing is read: the two have the same memory, and the file has it after them.

use std::fs::OpenOptions;
use std::io::{self, BufRead as _};
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use memmap2::{MmapMut, MmapOptions};

/// Bytes of the file: how long the text is, and the text.
const SIZE: usize = 4096;
const HEAD: usize = size_of::<AtomicU32>();

fn main() -> io::Result<()> {
    let path = std::env::args_os().nth(1).ok_or_else(|| io::Error::other("which file?"))?;
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    if file.metadata()?.len() < SIZE as u64 {
        file.set_len(SIZE as u64)?;
    }
    // SAFETY: the file has that many bytes. Should somebody cut it, this process is sent SIGBUS; what
    // others store is read and written by atomic operations only.
    let board = Board(unsafe { MmapOptions::new().len(SIZE).map_mut(&file) }?);
    for line in io::stdin().lock().lines() {
        match line?.as_str() {
            "" => println!("{}", board.show()),
            text => board.put(text),
        }
    }
    Ok(())
}

struct Board(MmapMut);

impl Board {
    fn length(&self) -> &AtomicU32 {
        // SAFETY: a mapping begins at a page, so it is aligned, and it is long enough.
        unsafe { &*self.0.as_ptr().cast() }
    }

    fn bytes(&self) -> &[AtomicU8] {
        // SAFETY: the bytes behind the length are in the mapping, and an atomic byte is a byte.
        unsafe {
            std::slice::from_raw_parts(self.0.as_ptr().wrapping_add(HEAD).cast(), SIZE - HEAD)
        }
    }

    /// What does not fit is left out. Two who do this at once mix what they say: shared memory keeps
    /// nobody out.
    fn put(&self, text: &str) {
        let bytes = self.bytes();
        let length = text.len().min(bytes.len());
        for (place, byte) in bytes.iter().zip(text.bytes()) {
            place.store(byte, Ordering::Relaxed);
        }
        // Whoever sees the length sees the text.
        self.length().store(length as u32, Ordering::Release);
    }

    fn show(&self) -> String {
        // The other side may be anybody: its number is not believed.
        let length = (self.length().load(Ordering::Acquire) as usize).min(SIZE - HEAD);
        let bytes = self.bytes()[..length].iter().map(|byte| byte.load(Ordering::Relaxed));
        String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
    }
}
