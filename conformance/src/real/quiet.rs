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
//!
//! Where all have one processor between them, nobody can move while the one who looks has it, and the
//! kernel says of that one how often it was away ([`Absences`]). Whether somebody has moved from one
//! look to a later one, its processor time tells, which is cheaper to ask for than `schedstat` and
//! grows whenever it runs.

use std::cell::OnceCell;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use nix::libc;

use super::life::Life;

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
    /// It is asleep in the call that was asked about, and has been given a processor so often, or has
    /// used so much of the only one's time: a number that changes when it moves.
    Asleep(u64),
    /// It is on its way.
    Moving,
    /// It is somewhere else, or cannot be looked at.
    Unknown,
}

/// The files of one process in `/proc`, kept open.
#[derive(Debug)]
pub struct Window {
    pid: i32,
    place: String,
    syscall: File,
    stat: File,
    /// Not opened before it is needed, which it is not where all share a processor.
    schedstat: OnceCell<Option<File>>,
}

impl Window {
    /// Opens them, if this system has them and we may.
    pub fn open(life: &Life) -> Option<Window> {
        let (pid, place) = (life.pid, life.place());
        let (syscall, stat) = (open(&place, "syscall")?, open(&place, "stat")?);
        Some(Window { pid, place, syscall, stat, schedstat: OnceCell::new() })
    }

    /// Looks whether the process is asleep in that call; in a call that nobody should sleep in, it is
    /// on its way or somewhere unknown. `alone`: it and we have one processor between us.
    pub fn look(&self, expected: Option<Sleep>, alone: bool) -> Look {
        let mut buffer = [0; 256];
        match read(&self.syscall, &mut buffer) {
            // -1 is a process in no call at all, that is kept waiting for a page of its memory.
            Some(text) if text.starts_with("running") || text.starts_with("-1 ") => {
                return Look::Moving;
            }
            Some(text) if expected.is_some_and(|expected| says(text, expected)) => {}
            _ => return Look::Unknown,
        }
        self.mark(alone).map_or(Look::Unknown, Look::Asleep)
    }

    /// By what it is known whether it has moved. Of one thread among several its processor time is not
    /// told to other processes.
    fn mark(&self, alone: bool) -> Option<u64> {
        let used = if alone { self.used() } else { None };
        used.or_else(|| self.count())
    }

    /// How much processor time it has had, in nanoseconds. It does not run, so that is exact.
    fn used(&self) -> Option<u64> {
        // As `clock_getcpuclockid(3)` makes it: all threads of the process, by the scheduler's clock.
        let clock = (!self.pid << 3 | 2) as libc::clockid_t;
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the time is a whole `timespec`, of ours.
        let told = unsafe { libc::clock_gettime(clock, &raw mut time) } == 0;
        told.then_some(time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64)
    }

    /// How often it has been given a processor.
    pub fn count(&self) -> Option<u64> {
        let mut buffer = [0; 256];
        let schedstat = self.schedstat.get_or_init(|| open(&self.place, "schedstat"));
        let text = read(schedstat.as_ref()?, &mut buffer)?;
        text.split_ascii_whitespace().nth(2)?.parse().ok()
    }

    /// Whether its sleep can be interrupted, so that it waits for an event and not for a page of
    /// memory or for a lock within the kernel; or it is stopped.
    pub fn waits(&self) -> bool {
        matches!(self.state(), Some('S' | 'T'))
    }

    /// Looks whether the process is stopped, whatever it was about; nothing if it is not.
    ///
    /// It has that state before it sends its parent `SIGCHLD`, and gives its processor away behind that.
    /// Whoever reads in which call it is waits until it has (`wait_task_inactive`), or is told that it
    /// runs.
    pub fn look_for_a_stop(&self, alone: bool) -> Option<Look> {
        if self.state() != Some('T') {
            return None;
        }
        let mut buffer = [0; 256];
        match read(&self.syscall, &mut buffer) {
            Some(text) if text.starts_with("running") => return Some(Look::Moving),
            Some(_) => {}
            None => return Some(Look::Unknown),
        }
        Some(self.mark(alone).map_or(Look::Unknown, Look::Asleep))
    }

    fn state(&self) -> Option<char> {
        let mut buffer = [0; 256];
        let text = read(&self.stat, &mut buffer)?;
        text.rsplit_once(") ")?.1.chars().next()
    }
}

/// How often the calling thread has been without a processor. Of one that never sleeps between two
/// asks and has the same number both times, nobody else was given its processor between.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Absences {
    asleep: libc::c_long,
    displaced: libc::c_long,
}

impl Absences {
    /// As of now.
    pub fn so_far() -> io::Result<Absences> {
        let mut usage = std::mem::MaybeUninit::<libc::rusage>::uninit();
        // SAFETY: `getrusage` fills the structure that it is given.
        if unsafe { libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call succeeded, and so has filled it.
        let usage = unsafe { usage.assume_init() };
        Ok(Absences { asleep: usage.ru_nvcsw, displaced: usage.ru_nivcsw })
    }
}

fn open(place: &str, name: &str) -> Option<File> {
    File::open(format!("{place}/{name}")).ok()
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
    fn who_has_slept_was_away_and_who_runs_uses_time() {
        let window = Window::open(&Life::of(std::process::id() as i32)).expect("it is Linux");
        let (absences, used) = (Absences::so_far().expect("it tells"), window.used());
        let (reader, mut writer) = io::pipe().expect("a pipe");
        let other = std::thread::spawn(move || {
            let mut reader = reader;
            io::Read::read(&mut reader, &mut [0]).expect("a byte");
        });
        io::Write::write_all(&mut writer, &[0]).expect("there is a reader");
        other.join().expect("it read");
        let stamp = Absences::so_far().expect("it tells");
        let grown = (stamp.asleep + stamp.displaced) >= (absences.asleep + absences.displaced);
        assert!(grown, "{absences:?} {stamp:?}");
        assert!(used.is_some() && window.used() > used);
    }

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
