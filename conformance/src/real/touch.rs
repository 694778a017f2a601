//! Loads and stores that may be refused by a signal, and come back all the same.
//!
//! An access is one instruction, and where to go on behind it is written down before: the handler of
//! `SIGSEGV` and `SIGBUS` notes what it was told, and lets the process go on there. A signal that comes
//! when no access is under way ends the process as it would have.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};

use nix::libc;

/// Where to go on behind the access that is under way; 0 if none is.
static BEHIND: AtomicUsize = AtomicUsize::new(0);
/// The signal that refused it, 0 if none did, and its `si_code`.
static SIGNAL: AtomicI32 = AtomicI32::new(0);
static CODE: AtomicI32 = AtomicI32::new(0);
/// The handler is there. A new image has neither it nor this.
static READY: AtomicBool = AtomicBool::new(false);

/// The signal that refused an access, and its `si_code`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// `SIGSEGV` or `SIGBUS`.
    pub signal: i32,
    /// Why.
    pub code: i32,
}

/// Whether accesses can be made here and survived.
pub const KNOWN: bool =
    cfg!(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")));

/// From now on accesses that are refused are survived in this process.
fn be_ready() {
    if READY.swap(true, Ordering::Relaxed) {
        return;
    }
    // SAFETY: all zeros is a valid `sigaction`: an empty mask and no flags.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = refused as *const () as libc::sighandler_t;
    action.sa_flags = libc::SA_SIGINFO;
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: the handler uses atomics and its arguments alone, which it may do anywhere.
        unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    }
}

extern "C" fn refused(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let behind = BEHIND.swap(0, Ordering::Relaxed);
    if behind == 0 {
        // SAFETY: takes numbers; the access that is made again then ends the process.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
        return;
    }
    // SAFETY: with `SA_SIGINFO` the system passes a valid `siginfo_t`.
    CODE.store(unsafe { (*info).si_code }, Ordering::Relaxed);
    SIGNAL.store(signal, Ordering::Relaxed);
    // SAFETY: with `SA_SIGINFO` the system passes the interrupted context, which is ours to change.
    unsafe { go_on_at(context.cast(), behind) };
}

#[cfg(target_arch = "x86_64")]
unsafe fn go_on_at(context: *mut libc::ucontext_t, behind: usize) {
    // SAFETY: the caller passes a valid context.
    unsafe { (*context).uc_mcontext.gregs[libc::REG_RIP as usize] = behind as i64 };
}

#[cfg(target_arch = "aarch64")]
unsafe fn go_on_at(context: *mut libc::ucontext_t, behind: usize) {
    // SAFETY: the caller passes a valid context.
    unsafe { (*context).uc_mcontext.pc = behind as u64 };
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
unsafe fn go_on_at(_: *mut libc::ucontext_t, _: usize) {}

/// Loads `into.len()` bytes at an address, whatever is there.
pub fn load(address: usize, into: &mut [u8]) -> Result<(), Refused> {
    be_ready();
    match (into.len(), address % into.len().max(1)) {
        (1, 0) => into[0] = load_1(address)?,
        (2, 0) => into.copy_from_slice(&load_2(address)?.to_ne_bytes()),
        (4, 0) => into.copy_from_slice(&load_4(address)?.to_ne_bytes()),
        (8, 0) => into.copy_from_slice(&load_8(address)?.to_ne_bytes()),
        _ => {
            for (index, byte) in into.iter_mut().enumerate() {
                *byte = load_1(address.wrapping_add(index))?;
            }
        }
    }
    Ok(())
}

/// Stores bytes at an address, whatever is there.
pub fn store(address: usize, from: &[u8]) -> Result<(), Refused> {
    be_ready();
    match (from, address % from.len().max(1)) {
        ([a], 0) => store_1(address, *a),
        ([a, b], 0) => store_2(address, u16::from_ne_bytes([*a, *b])),
        ([a, b, c, d], 0) => store_4(address, u32::from_ne_bytes([*a, *b, *c, *d])),
        ([a, b, c, d, e, f, g, h], 0) => {
            store_8(address, u64::from_ne_bytes([*a, *b, *c, *d, *e, *f, *g, *h]))
        }
        _ => {
            let mut bytes = from.iter().enumerate();
            bytes.try_for_each(|(index, byte)| store_1(address.wrapping_add(index), *byte))
        }
    }
}

/// What became of the access that was just made.
fn outcome() -> Result<(), Refused> {
    BEHIND.store(0, Ordering::Relaxed);
    match SIGNAL.swap(0, Ordering::Relaxed) {
        0 => Ok(()),
        signal => Err(Refused { signal, code: CODE.load(Ordering::Relaxed) }),
    }
}

macro_rules! accesses {
    ($($load:ident $store:ident $kind:ty, $x86:literal $register:ident, $arm_load:literal $arm_store:literal;)*) => {
        $(
            #[cfg(target_arch = "x86_64")]
            fn $load(address: usize) -> Result<$kind, Refused> {
                let value: $kind;
                // SAFETY: the one access is refused by a signal that is survived, or reads memory that
                // no Rust object is in.
                unsafe {
                    std::arch::asm!(
                        "lea {at}, [rip + 2f]",
                        "mov [{behind}], {at}",
                        concat!("mov ", $x86, ", [{address}]"),
                        "2:",
                        at = out(reg) _,
                        behind = in(reg) BEHIND.as_ptr(),
                        address = in(reg) address,
                        value = out($register) value,
                        options(nostack)
                    );
                }
                outcome().map(|()| value)
            }

            #[cfg(target_arch = "x86_64")]
            fn $store(address: usize, value: $kind) -> Result<(), Refused> {
                // SAFETY: as above; the memory is no Rust object's.
                unsafe {
                    std::arch::asm!(
                        "lea {at}, [rip + 2f]",
                        "mov [{behind}], {at}",
                        concat!("mov [{address}], ", $x86),
                        "2:",
                        at = out(reg) _,
                        behind = in(reg) BEHIND.as_ptr(),
                        address = in(reg) address,
                        value = in($register) value,
                        options(nostack)
                    );
                }
                outcome()
            }

            #[cfg(target_arch = "aarch64")]
            fn $load(address: usize) -> Result<$kind, Refused> {
                let value: u64;
                // SAFETY: the one access is refused by a signal that is survived, or reads memory that
                // no Rust object is in.
                unsafe {
                    std::arch::asm!(
                        "adr {at}, 2f",
                        "str {at}, [{behind}]",
                        concat!($arm_load, ", [{address}]"),
                        "2:",
                        at = out(reg) _,
                        behind = in(reg) BEHIND.as_ptr(),
                        address = in(reg) address,
                        value = out(reg) value,
                        options(nostack)
                    );
                }
                outcome().map(|()| value as $kind)
            }

            #[cfg(target_arch = "aarch64")]
            fn $store(address: usize, value: $kind) -> Result<(), Refused> {
                let value = value as u64;
                // SAFETY: as above; the memory is no Rust object's.
                unsafe {
                    std::arch::asm!(
                        "adr {at}, 2f",
                        "str {at}, [{behind}]",
                        concat!($arm_store, ", [{address}]"),
                        "2:",
                        at = out(reg) _,
                        behind = in(reg) BEHIND.as_ptr(),
                        address = in(reg) address,
                        value = in(reg) value,
                        options(nostack)
                    );
                }
                outcome()
            }

            #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
            fn $load(_: usize) -> Result<$kind, Refused> {
                Err(Refused { signal: 0, code: 0 })
            }

            #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
            fn $store(_: usize, _: $kind) -> Result<(), Refused> {
                Err(Refused { signal: 0, code: 0 })
            }
        )*
    };
}

// In the order of the bytes, as far as others see: by themselves on x86-64, by acquiring and releasing
// elsewhere.
accesses! {
    load_1 store_1 u8, "{value}" reg_byte, "ldarb {value:w}" "stlrb {value:w}";
    load_2 store_2 u16, "{value:x}" reg, "ldarh {value:w}" "stlrh {value:w}";
    load_4 store_4 u32, "{value:e}" reg, "ldar {value:w}" "stlr {value:w}";
    load_8 store_8 u64, "{value:r}" reg, "ldar {value:x}" "stlr {value:x}";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_told_and_survived() {
        let mut bytes = [1_u8, 2, 3, 4, 5, 6, 7, 8, 9];
        let address = (&raw mut bytes).addr();
        let mut got = [0; 9];
        assert_eq!(load(address, &mut got), Ok(()));
        assert_eq!(got, bytes);
        assert_eq!(store(address, &[9, 9, 9]), Ok(()));
        let refused = Refused { signal: libc::SIGSEGV, code: 1 };
        assert_eq!(load(4096, &mut got[..8]), Err(refused));
        assert_eq!(store(4097, &got[..3]), Err(refused));
        assert_eq!(load(address, &mut got[..3]), Ok(()));
        assert_eq!(got[..3], [9, 9, 9]);
    }
}
