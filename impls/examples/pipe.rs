//! The classic introduction: a parent reads from a pipe what its child wrote.
//!
//! `cargo run -p ipc-impls --example pipe`

use ipc_impls::errno::Result;
use ipc_impls::process::{Forked, exit, fork, waitpid};
use ipc_impls::{descriptor, pipe};

const MESSAGE: &[u8] = b"hello from the child";

fn main() -> Result<()> {
    let [read_end, write_end] = pipe::pipe()?;
    println!("parent: made a pipe, reads from {read_end}, writes to {write_end}");

    // SAFETY: this process has one thread.
    match unsafe { fork() }? {
        Forked::Child => {
            let told = child(read_end, write_end);
            exit(if told.is_ok() { 0 } else { 1 })
        }
        Forked::Parent(child) => {
            // As long as anybody has a write end, the reader is never told the end of the file.
            descriptor::close(write_end)?;
            println!("parent: closed its write end, reads until the end of the file");
            let mut buffer = [0; 64];
            loop {
                match descriptor::read(read_end, &mut buffer)? {
                    0 => break,
                    n => println!(
                        "parent: read {n} bytes: {:?}",
                        buffer[..n].escape_ascii().to_string()
                    ),
                }
            }
            println!("parent: end of file, nobody can write any more");
            let status = waitpid(child)?;
            println!("parent: its child ended: {status:?}");
        }
    }
    Ok(())
}

fn child(read_end: i32, write_end: i32) -> Result<()> {
    descriptor::close(read_end)?;
    println!("child:  closed its read end, writes {} bytes", MESSAGE.len());
    let written = descriptor::write(write_end, MESSAGE)?;
    println!("child:  wrote {written} bytes, closes its write end and exits");
    descriptor::close(write_end)
}
