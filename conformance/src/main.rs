//! The one binary. It has a `main` of C, so that nothing has run before: a process that is an agent
//! must have the signal dispositions that it inherited, and the runtime of Rust would change them.

#![no_main]

use std::ffi::{CStr, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt as _;

/// The entry point (ISO C, 5.1.2.2.1).
#[unsafe(no_mangle)]
pub extern "C" fn main(count: c_int, words: *const *const c_char) -> c_int {
    // SAFETY: the C runtime gives `count` pointers to strings that last as long as the process.
    let words = unsafe { std::slice::from_raw_parts(words, count as usize) };
    // SAFETY: as above; each string ends in a zero byte.
    let args: Vec<&CStr> = words.iter().map(|word| unsafe { CStr::from_ptr(*word) }).collect();
    if let Some(status) = ipc_conformance::real::hidden(&args) {
        return status;
    }
    ipc_conformance::cli::main(args.iter().map(|arg| OsStr::from_bytes(arg.to_bytes()).to_owned()))
}
