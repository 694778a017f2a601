//! Whether nothing can move any more.
//!
//! Linux says of every process in which system call it sleeps, with which arguments
//! (`/proc/PID/syscall`; agents have one thread), and how often it was given a processor (the third number of
//! `schedstat`). Look twice at all who are in a call. Whoever is asleep in that very call both times,
//! and was given no processor between, was asleep all the time between its looks; those stretches
//! overlap, so there was an instant at which all were asleep at once. In a closed system, where only
//! one of them could wake another, that is final. The number for being given a processor counts up
//! before a woken process runs. One that is woken and does not run yet shows as `running`, save for
//! an instant when another processor is to run it: then only its state in `stat` tells, which is not
//! `S` any more. So the state is read between the two looks
//! (see the findings in the book).

use std::fs::File;
use std::os::unix::fs::FileExt;

use nix::libc;

/// The call that a process should be asleep in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sleep {
    /// The number of the system call.
    pub number: libc::c_long,
    /// Its first argument, if that is known.
    pub first: Option<i32>,
}

/// What a look at one process showed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Look {
    /// It is asleep in the call that was asked about, and has been given a processor so often.
    Asleep(u64),
    /// It is on its way.
    Moving,
    /// It is somewhere else, or cannot be looked at.
    Unknown,
}

/// The files of one process in `/proc`, kept open.
#[derive(Debug)]
pub struct Window {
    syscall: File,
    schedstat: File,
    stat: File,
}

impl Window {
    /// Opens them, if this system has them and we may.
    pub fn open(pid: i32) -> Option<Window> {
        let open = |name| File::open(format!("/proc/{pid}/{name}")).ok();
        Some(Window {
            syscall: open("syscall")?,
            schedstat: open("schedstat")?,
            stat: open("stat")?,
        })
    }

    /// Looks whether the process is asleep in that call; in a call that nobody should sleep in, it is
    /// on its way or somewhere unknown.
    pub fn look(&self, expected: Option<Sleep>) -> Look {
        let mut buffer = [0; 256];
        match read(&self.syscall, &mut buffer) {
            Some(text) if text.starts_with("running") => return Look::Moving,
            Some(text) if expected.is_some_and(|expected| says(text, expected)) => {}
            _ => return Look::Unknown,
        }
        self.count().map_or(Look::Unknown, Look::Asleep)
    }

    /// How often it has been given a processor.
    pub fn count(&self) -> Option<u64> {
        let mut buffer = [0; 256];
        let text = read(&self.schedstat, &mut buffer)?;
        text.split_ascii_whitespace().nth(2)?.parse().ok()
    }

    /// Whether its sleep can be interrupted, so that it waits for an event and not for a page of
    /// memory or for a lock within the kernel.
    pub fn waits(&self) -> bool {
        let mut buffer = [0; 256];
        let text = read(&self.stat, &mut buffer);
        text.and_then(|text| text.rsplit_once(") ")).is_some_and(|(_, rest)| rest.starts_with('S'))
    }
}

fn read<'a>(file: &File, buffer: &'a mut [u8]) -> Option<&'a str> {
    let n = file.read_at(buffer, 0).ok().filter(|n| *n > 0)?;
    std::str::from_utf8(&buffer[..n]).ok()
}

/// `0 0x3 0x7ffc… …` is call number 0 with 3 as its first argument.
fn says(text: &str, expected: Sleep) -> bool {
    let mut words = text.split_ascii_whitespace();
    let number = words.next().and_then(|word| word.parse::<libc::c_long>().ok());
    let first = words.next().and_then(|word| word.strip_prefix("0x"));
    let first = first.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    // An `int` may come in a register whose upper half is anything.
    let same = |known: i32| first.map(|first| first as i32) == Some(known);
    number == Some(expected.number) && expected.first.is_none_or(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_that_call_on_that_descriptor_counts() {
        let expected = Sleep { number: 0, first: Some(3) };
        assert!(says("0 0x3 0x7fe8e6676000 0x20000", expected));
        assert!(!says("0 0x4 0x7fe8e6676000 0x20000", expected));
        assert!(!says("1 0x3 0x7fe8e6676000 0x20000", expected));
        assert!(!says("-1 0x7ffdf1d41aa8 0x7fe8e67f22ad", expected));
        assert!(!says("running", expected));
        assert!(says("61 0xffffffffffffffff 0x0", Sleep { number: 61, first: Some(-1) }));
    }
}
