//! The one binary. It has a `main` of C, so that nothing has run before: a process that is an agent
//! must have the signal dispositions that it inherited, and the runtime of Rust would change them.

#![no_main]

use std::ffi::{CStr, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;

/// The entry point (ISO C, 5.1.2.2.1).
///
/// # Safety
/// `words` are `count` pointers to strings that last as long as the process: the C runtime's to see
/// to, and nobody else calls this.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn main(count: c_int, words: *const *const c_char) -> c_int {
    // SAFETY: see above.
    let words = unsafe { std::slice::from_raw_parts(words, count as usize) };
    // SAFETY: as above; each string ends in a zero byte.
    let args: Vec<&CStr> = words.iter().map(|word| unsafe { CStr::from_ptr(*word) }).collect();
    ipc_conformance::power::hidden(&args);
    match ipc_conformance::real::hidden(&args) {
        Some(status) => status,
        None => {
            let words = args.iter().map(|arg| OsStr::from_bytes(arg.to_bytes()).to_owned());
            ipc_conformance::cli::main(words)
        }
    }
}
