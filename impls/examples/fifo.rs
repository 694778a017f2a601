//! The classic introduction: one process makes a FIFO and prints what arrives, with line numbers, while
//! another writes a file into it.
//!
//! `cargo run -p ipc-impls --example fifo [FILE]`
//!
//! The FIFO has its own directory below the one for temporary files; both are gone once the two have
//! met.

use std::ffi::{CStr, CString};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use ipc_impls::errno::Errno;
use ipc_impls::process::{Forked, exit, fork, waitpid};
use ipc_impls::{descriptor, fifo, name};
use nix::libc::{O_RDONLY, O_WRONLY};

const WORDS: &str = "first come\nfirst served\nand nothing is kept\n";

fn main() -> io::Result<()> {
    let text = match std::env::args_os().nth(1) {
        Some(path) => std::fs::read(path)?,
        None => WORDS.as_bytes().to_vec(),
    };
    let directory = std::env::temp_dir().join(format!("fifo-example-{}", std::process::id()));
    std::fs::create_dir(&directory)?;
    show(&directory, &text).inspect_err(|_| drop(std::fs::remove_dir_all(&directory)))
}

fn show(directory: &Path, text: &[u8]) -> io::Result<()> {
    let path = CString::new(directory.join("lines").as_os_str().as_bytes())?;
    fifo::mkfifo(&path, 0o600).map_err(error)?;
    // SAFETY: this process has one thread.
    match unsafe { fork() }.map_err(error)? {
        Forked::Child => exit(if write_all(&path, text).is_ok() { 0 } else { 1 }),
        Forked::Parent(child) => {
            // It waits until somebody opens the FIFO for writing.
            let end = ReadEnd(fifo::open(&path, O_RDONLY).map_err(error)?);
            // The name has done its work: who has the FIFO open keeps it.
            name::unlink(&path).map_err(error)?;
            std::fs::remove_dir(directory)?;
            for (number, line) in (1..).zip(BufReader::new(end).lines()) {
                println!("{number:>4}  {}", line?);
            }
            println!("end of file: nobody can write any more");
            let status = waitpid(child).map_err(error)?;
            println!("the writer ended: {status:?}");
            Ok(())
        }
    }
}

/// In the child: waits for the reader, and writes everything, however often that takes.
fn write_all(path: &CStr, mut text: &[u8]) -> Result<(), Errno> {
    let end = fifo::open(path, O_WRONLY)?;
    while !text.is_empty() {
        let written = descriptor::write(end, text)?;
        text = &text[written..];
    }
    descriptor::close(end)
}

/// An end that is read like any stream.
struct ReadEnd(i32);

impl Read for ReadEnd {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        descriptor::read(self.0, buffer).map_err(error)
    }
}

fn error(errno: Errno) -> io::Error {
    io::Error::from_raw_os_error(errno.0)
}
