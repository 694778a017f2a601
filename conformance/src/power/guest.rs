//! Inside the guest: its first process tells what is on the disk, and makes the calls of a program,
//! each in a process of its own, until the power goes.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{FileExt as _, FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

use ipc_model::power::{Call, PAGE};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::mount::{MsFlags, mount};
use nix::sys::stat::Mode;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork, mkfifo};

use super::Skip;
use super::words::{self, END, MARK, UP};

/// Where the disk is mounted: a directory that every system has.
const DISK: &str = "/tmp";

/// The guest's first process. It has three words: what it leaves out though it says that it was done,
/// the number of the first step, and the program. It never returns.
pub(super) fn guest(skip: &str, first: u32, program: &str) -> ! {
    let mut out = Out(None);
    if let Err(trouble) = work(&mut out, Skip::parse(skip), first, program) {
        out.say(&trouble);
    }
    loop {
        nix::unistd::pause();
    }
}

fn work(out: &mut Out, skip: Option<Skip>, first: u32, program: &str) -> Result<(), String> {
    let none: Option<&str> = None;
    let mounted = mount(Some("dev"), "/dev", Some("devtmpfs"), MsFlags::empty(), none);
    *out = Out(OpenOptions::new().write(true).open("/dev/tty0").ok());
    mounted.or_else(unless_there).map_err(|errno| format!("no /dev: {errno}"))?;
    mount(Some("/dev/ubda"), DISK, Some("ext4"), MsFlags::empty(), none)
        .map_err(|errno| format!("the disk cannot be mounted: {errno}"))?;
    std::env::set_current_dir(DISK).map_err(|error| format!("no {DISK}: {error}"))?;
    tell(out).map_err(|error| format!("the disk cannot be read: {error}"))?;
    keeps_registers()?;
    out.say(UP);
    let program = words::split(program).ok_or("the program cannot be read")?;
    for (number, call) in (first..).zip(program) {
        match apart(call, number, skip) {
            0 => out.say(&format!("done {number}")),
            errno => out.say(&format!("refused {number} {errno}")),
        }
    }
    out.say(END);
    Ok(())
}

/// That a copy to a page that was never touched is whole. Where the C library copies through registers
/// that the guest's kernel loses at a page fault, what is found on the disk says nothing of the disk.
fn keeps_registers() -> Result<(), String> {
    let bytes = words::filled(u32::MAX - 1);
    let mut page = memmap2::MmapOptions::new()
        .len(PAGE)
        .map_anon()
        .map_err(|error| format!("no memory: {error}"))?;
    page.copy_from_slice(&bytes);
    if page[..] == bytes[..] {
        return Ok(());
    }
    Err("the guest's kernel loses registers at page faults that memcpy uses here: another \
         GLIBC_TUNABLES is needed for this processor"
        .to_owned())
}

fn unless_there(errno: Errno) -> Result<(), Errno> {
    if errno == Errno::EBUSY { Ok(()) } else { Err(errno) }
}

/// The guest's terminal. What is said there has left the guest when the call returns.
struct Out(Option<File>);

impl Out {
    fn say(&mut self, line: &str) {
        if let Some(file) = &mut self.0 {
            // If nobody listens any more there is nobody to tell.
            let _ = file.write_all(format!("{MARK}{line}\n").as_bytes());
        }
    }
}

/// Everything on the disk.
fn tell(out: &mut Out) -> std::io::Result<()> {
    for entry in fs::read_dir(".")? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        if kind.is_fifo() {
            let mut fifo = reading().custom_flags(OFlag::O_NONBLOCK.bits()).open(&name)?;
            let mut bytes = Vec::new();
            // EAGAIN: somebody can write, but has not.
            match fifo.read_to_end(&mut bytes) {
                Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => return Err(error),
                _ => out.say(&format!("fifo {name} {}", bytes.len())),
            }
        } else if kind.is_file() {
            let bytes = fs::read(&name)?;
            let mut line = format!("file {name} {}", bytes.len());
            for page in bytes.chunks_exact(PAGE) {
                line.push(' ');
                line.push_str(&words::sectors(page));
            }
            out.say(&line);
        }
    }
    Ok(())
}

/// A call, by a process that has ended then; its errno, or 0.
fn apart(call: Call, number: u32, skip: Option<Skip>) -> i32 {
    // SAFETY: this process has one thread.
    match unsafe { fork() } {
        Ok(ForkResult::Child) => {
            let errno = match make(call, number, skip) {
                Ok(()) => 0,
                Err(error) => error.raw_os_error().unwrap_or(Errno::EIO as i32),
            };
            std::process::exit(errno);
        }
        Ok(ForkResult::Parent { child }) => match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, status)) => status,
            // A page that cannot be stored to, for one: no errno says that.
            _ => Errno::EFAULT as i32,
        },
        Err(errno) => errno as i32,
    }
}

fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

fn open(name: char) -> std::io::Result<File> {
    reading().write(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(name.to_string())
}

fn make(call: Call, number: u32, skip: Option<Skip>) -> std::io::Result<()> {
    let is = |which| skip == Some(which);
    match call {
        Call::Create(name) => {
            OpenOptions::new().write(true).create_new(true).open(name.to_string()).map(drop)
        }
        Call::MakeFifo(name) => Ok(mkfifo(Path::new(&name.to_string()), Mode::S_IRWXU)?),
        Call::Unlink(name) => fs::remove_file(name.to_string()),
        Call::Rename(from, to) => fs::rename(from.to_string(), to.to_string()),
        Call::SyncDirectory if is(Skip::Directory) => Ok(()),
        Call::SyncDirectory => File::open(".")?.sync_all(),
        Call::Write(name, page) => write(regular(name)?, page, number),
        Call::WriteDsync(name, page) => {
            let flags = if is(Skip::Dsync) { OFlag::empty() } else { OFlag::O_DSYNC };
            drop(regular(name)?);
            write(
                OpenOptions::new().write(true).custom_flags(flags.bits()).open(name.to_string())?,
                page,
                number,
            )
        }
        Call::Store(name, page) => {
            mapped(name, page)?.copy_from_slice(&words::filled(number));
            Ok(())
        }
        Call::Truncate(name, size) => regular(name)?.set_len(u64::from(size) * PAGE as u64),
        Call::Fsync(name) => {
            let file = regular(name)?;
            if is(Skip::Fsync) { Ok(()) } else { file.sync_all() }
        }
        Call::Fdatasync(name) => {
            let file = regular(name)?;
            if is(Skip::Fdatasync) { Ok(()) } else { file.sync_data() }
        }
        Call::Msync(name, page) => {
            let mapping = mapped(name, page)?;
            if is(Skip::Msync) { Ok(()) } else { mapping.flush() }
        }
        Call::Hold(name) => hold(name),
    }
}

/// A regular file; a FIFO is refused as the calls on files that it does not know would be.
fn regular(name: char) -> std::io::Result<File> {
    let file = open(name)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(Errno::EINVAL.into()) }
}

fn write(file: File, page: u8, number: u32) -> std::io::Result<()> {
    file.write_all_at(&words::filled(number), u64::from(page) * PAGE as u64)
}

/// A page that the file has, in a mapping of its own.
fn mapped(name: char, page: u8) -> std::io::Result<memmap2::MmapMut> {
    let file = regular(name)?;
    let offset = u64::from(page) * PAGE as u64;
    if file.metadata()?.len() < offset + PAGE as u64 {
        return Err(Errno::EINVAL.into());
    }
    // SAFETY: nobody else runs in this guest, and the page is there.
    unsafe { memmap2::MmapOptions::new().offset(offset).len(PAGE).map_mut(&file) }
}

/// A FIFO with bytes in it, kept open by a child.
fn hold(name: char) -> std::io::Result<()> {
    let mut fifo = open(name)?;
    if !fifo.metadata()?.file_type().is_fifo() {
        return Err(Errno::EINVAL.into());
    }
    fifo.write_all(b"bytes")?;
    // SAFETY: this process has one thread.
    if let ForkResult::Child = unsafe { fork() }? {
        loop {
            nix::unistd::pause();
        }
    }
    Ok(())
}
