//! The one binary. It has a `main` of C, so that nothing has run before: a process that is an agent
//! must have the signal dispositions that it inherited, and the runtime of Rust would change them.

#![no_main]

use std::ffi::{CStr, c_char, c_int};

/// The entry point (ISO C, 5.1.2.2.1).
///
/// # Safety
///
/// For the C runtime alone, which gives `count` pointers to strings that last as long as the process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn main(count: c_int, words: *const *const c_char) -> c_int {
    // SAFETY: what the C runtime gives, see above.
    let words = unsafe { std::slice::from_raw_parts(words, count as usize) };
    // SAFETY: as above; each string ends in a zero byte.
    let args: Vec<&CStr> = words.iter().map(|word| unsafe { CStr::from_ptr(*word) }).collect();
    ipc_conformance::real::hidden(&args).unwrap_or(2)
}
