//! The classic introduction: a message that one run leaves in shared memory, and that a later one, which
//! is no relation of the first, finds there.
//!
//! `cargo run -p ipc-impls --example message leave TEXT`, and then `… --example message take`. Without a
//! word it does both, by two processes, the first of which has ended before the second begins.
//!
//! The message stays while no process is there at all, until it is taken or the system is started anew.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::FromRawFd as _;
use std::process::Command;

use ipc_impls::errno::Errno;
use ipc_impls::memory::{shm_open, shm_unlink};
use memmap2::{Mmap, MmapMut};
use nix::libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR};

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // A name for every user, and one for whoever asks for another.
    let user = nix::unistd::getuid();
    let name = std::env::var("MESSAGE_NAME").unwrap_or_else(|_| format!("/ipc-message-{user}"));
    let name = CString::new(name)?;
    match words[..] {
        ["leave", text] => leave(&name, text),
        ["take"] => take(&name).map(|text| println!("somebody has left: {text}")),
        [] => both(),
        _ => Err(io::Error::other("usage: message [leave TEXT | take]")),
    }
}

fn leave(name: &CString, text: &str) -> io::Result<()> {
    let file = opened(shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600))
        .map_err(|error| io::Error::new(error.kind(), format!("is one there already? {error}")))?;
    // A new object has no bytes: it is as long as it is made.
    file.set_len(text.len() as u64)?;
    if !text.is_empty() {
        // SAFETY: the object is as long as the mapping, and nobody but this user can cut it.
        let mut mapping = unsafe { MmapMut::map_mut(&file) }?;
        mapping.copy_from_slice(text.as_bytes());
    }
    println!("left {} bytes", text.len());
    Ok(())
}

fn take(name: &CString) -> io::Result<String> {
    let file = opened(shm_open(name, O_RDONLY, 0))
        .map_err(|error| io::Error::new(error.kind(), format!("nobody has left any: {error}")))?;
    // The name is gone at once; the object, with the last who has it open or mapped.
    shm_unlink(name).map_err(error)?;
    if file.metadata()?.len() == 0 {
        return Ok(String::new());
    }
    // SAFETY: whoever made it has ended, and it has no name any more.
    let mapping = unsafe { Mmap::map(&file) }?;
    Ok(String::from_utf8_lossy(&mapping).into_owned())
}

fn both() -> io::Result<()> {
    let itself = std::env::current_exe()?;
    let name = format!("/ipc-message-{}", std::process::id());
    for words in [&["leave", "gone to lunch"][..], &["take"]] {
        let status = Command::new(&itself).args(words).env("MESSAGE_NAME", &name).status()?;
        println!("a process has ended: {status}");
    }
    Ok(())
}

fn opened(said: Result<i32, Errno>) -> io::Result<File> {
    // SAFETY: the descriptor was made this moment, and nobody else knows of it.
    said.map(|fd| unsafe { File::from_raw_fd(fd) }).map_err(error)
}

fn error(errno: Errno) -> io::Error {
    io::Error::from_raw_os_error(errno.0)
}
