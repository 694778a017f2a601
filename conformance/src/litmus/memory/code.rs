//! The steps of a test as real accesses: the machine's own by inline assembly, for a plain access of
//! Rust to memory that others use would be a data race and no access at all; the others by atomics.

use std::sync::atomic::{AtomicU32, Ordering, fence};

use ipc_model::order::test::{Order, Step};

use crate::real::AgentFault;

/// The most registers of one process.
pub(super) const REGISTERS: usize = 4;
/// The most words.
pub(super) const PLACES: usize = 3;
/// Stands in a register, or for a word, for a value that no step writes.
pub(super) const STRANGE: u32 = 3;

/// One step, and where it puts what it reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Op {
    pub(super) step: Step,
    pub(super) register: u8,
}

/// The steps of a process, with a fault that is planted in them, if there is one.
pub(super) fn code(steps: &[Step], fault: Option<AgentFault>) -> Vec<Op> {
    let mut register = 0;
    let number = |step: &Step| {
        let op = Op { step: *step, register };
        register += u8::from(step.reads());
        op
    };
    let mut ops: Vec<Op> = steps.iter().map(number).collect();
    assert!(usize::from(register) <= REGISTERS, "a process has at most {REGISTERS} registers");
    match fault {
        Some(AgentFault::FenceMissing) => ops.retain(|op| !matches!(op.step, Step::Fence(_))),
        Some(AgentFault::LoadFirst) => {
            let last = ops.iter().rposition(|op| matches!(op.step, Step::Read(..)));
            ops[..last.map_or(0, |last| last + 1)].rotate_right(usize::from(last.is_some()));
        }
        _ => {}
    }
    ops
}

/// Runs the steps once; the registers, two bits each.
///
/// # Safety
///
/// `offset` bytes behind each pointer of a place that the steps use there is an aligned word of
/// memory that is mapped, and that nobody uses but by such steps meanwhile.
#[inline]
pub(super) unsafe fn run(ops: &[Op], places: [*mut u32; PLACES], offset: usize) -> u32 {
    let mut registers = 0;
    for op in ops {
        let word = |place: ipc_model::order::test::Place| {
            places[usize::from(place.0) % PLACES].wrapping_byte_add(offset)
        };
        let value = match op.step {
            // SAFETY: the caller's.
            Step::Read(place, order) => unsafe { read(word(place), order) },
            Step::Exchange(place, value, order) => {
                // SAFETY: the caller's.
                unsafe { exchange(word(place), value.into(), order) }
            }
            Step::Write(place, value, order) => {
                // SAFETY: the caller's.
                unsafe { write(word(place), value.into(), order) };
                continue;
            }
            Step::Fence(order) => {
                stand_between(order);
                continue;
            }
        };
        registers |= value.min(STRANGE) << (2 * op.register);
    }
    registers
}

/// # Safety
///
/// As for [`run`].
#[inline(always)]
unsafe fn read(word: *mut u32, order: Order) -> u32 {
    if order == Order::Plain {
        // SAFETY: the caller's.
        return unsafe { own::load(word) };
    }
    // SAFETY: the caller's; every use of the word is atomic, or by an instruction that is.
    let word = unsafe { AtomicU32::from_ptr(word) };
    match order {
        Order::Plain | Order::Relaxed | Order::Release => word.load(Ordering::Relaxed),
        Order::Acquire | Order::AcqRel => word.load(Ordering::Acquire),
        Order::SeqCst => word.load(Ordering::SeqCst),
    }
}

/// # Safety
///
/// As for [`run`].
#[inline(always)]
unsafe fn write(word: *mut u32, value: u32, order: Order) {
    if order == Order::Plain {
        // SAFETY: the caller's.
        return unsafe { own::store(word, value) };
    }
    // SAFETY: as in `read`.
    let word = unsafe { AtomicU32::from_ptr(word) };
    match order {
        Order::Plain | Order::Relaxed | Order::Acquire => word.store(value, Ordering::Relaxed),
        Order::Release | Order::AcqRel => word.store(value, Ordering::Release),
        Order::SeqCst => word.store(value, Ordering::SeqCst),
    }
}

/// # Safety
///
/// As for [`run`].
#[inline(always)]
unsafe fn exchange(word: *mut u32, value: u32, order: Order) -> u32 {
    // SAFETY: as in `read`.
    let word = unsafe { AtomicU32::from_ptr(word) };
    match order {
        Order::Relaxed => word.swap(value, Ordering::Relaxed),
        Order::Acquire => word.swap(value, Ordering::Acquire),
        Order::Release => word.swap(value, Ordering::Release),
        Order::AcqRel => word.swap(value, Ordering::AcqRel),
        // The machine's own is the strongest: the same instruction on x86-64.
        Order::Plain | Order::SeqCst => word.swap(value, Ordering::SeqCst),
    }
}

#[inline(always)]
fn stand_between(order: Order) {
    match order {
        Order::Plain => own::fence(),
        Order::Acquire => fence(Ordering::Acquire),
        Order::Release => fence(Ordering::Release),
        Order::Relaxed | Order::AcqRel => fence(Ordering::AcqRel),
        Order::SeqCst => fence(Ordering::SeqCst),
    }
}

/// The machine's own instructions.
#[cfg(target_arch = "x86_64")]
pub(super) mod own {
    use std::arch::asm;

    /// # Safety
    ///
    /// `word` is mapped and aligned.
    #[inline(always)]
    pub(in super::super) unsafe fn load(word: *mut u32) -> u32 {
        let value;
        // SAFETY: reads four bytes that the caller says are there. It may not be moved past another
        // one, for each of them may use all memory.
        unsafe {
            asm!("mov {value:e}, dword ptr [{word}]", value = out(reg) value, word = in(reg) word,
                options(nostack, preserves_flags));
        }
        value
    }

    /// # Safety
    ///
    /// `word` is mapped and aligned.
    #[inline(always)]
    pub(in super::super) unsafe fn store(word: *mut u32, value: u32) {
        // SAFETY: as in `load`.
        unsafe {
            asm!("mov dword ptr [{word}], {value:e}", value = in(reg) value, word = in(reg) word,
                options(nostack, preserves_flags));
        }
    }

    /// Two bytes, for a planted fault.
    ///
    /// # Safety
    ///
    /// `half` is mapped and aligned.
    #[inline(always)]
    pub(in super::super) unsafe fn store_half(half: *mut u16, value: u16) {
        // SAFETY: as in `load`, but of two bytes.
        unsafe {
            asm!("mov word ptr [{half}], {value:x}", value = in(reg) value, half = in(reg) half,
                options(nostack, preserves_flags));
        }
    }

    #[inline(always)]
    pub(super) fn fence() {
        // SAFETY: touches no memory itself.
        unsafe { asm!("mfence", options(nostack, preserves_flags)) };
    }
}

/// The machine's own instructions.
#[cfg(target_arch = "aarch64")]
pub(super) mod own {
    use std::arch::asm;

    /// # Safety
    ///
    /// `word` is mapped and aligned.
    #[inline(always)]
    pub(in super::super) unsafe fn load(word: *mut u32) -> u32 {
        let value;
        // SAFETY: reads four bytes that the caller says are there. It may not be moved past another
        // one, for each of them may use all memory.
        unsafe {
            asm!("ldr {value:w}, [{word}]", value = out(reg) value, word = in(reg) word,
                options(nostack, preserves_flags));
        }
        value
    }

    /// # Safety
    ///
    /// `word` is mapped and aligned.
    #[inline(always)]
    pub(in super::super) unsafe fn store(word: *mut u32, value: u32) {
        // SAFETY: as in `load`.
        unsafe {
            asm!("str {value:w}, [{word}]", value = in(reg) value, word = in(reg) word,
                options(nostack, preserves_flags));
        }
    }

    /// Two bytes, for a planted fault.
    ///
    /// # Safety
    ///
    /// `half` is mapped and aligned.
    #[inline(always)]
    pub(in super::super) unsafe fn store_half(half: *mut u16, value: u16) {
        // SAFETY: as in `load`, but of two bytes.
        unsafe {
            asm!("strh {value:w}, [{half}]", value = in(reg) value, half = in(reg) half,
                options(nostack, preserves_flags));
        }
    }

    #[inline(always)]
    pub(super) fn fence() {
        // SAFETY: touches no memory itself.
        unsafe { asm!("dmb ish", options(nostack, preserves_flags)) };
    }
}

/// There is no model of this machine, so no test with its own accesses is run.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) mod own {
    use std::sync::atomic::{AtomicU32, Ordering};

    /// # Safety
    ///
    /// `word` is mapped and aligned.
    pub(in super::super) unsafe fn load(word: *mut u32) -> u32 {
        // SAFETY: the caller's.
        unsafe { AtomicU32::from_ptr(word) }.load(Ordering::Relaxed)
    }

    /// # Safety
    ///
    /// `word` is mapped and aligned.
    pub(in super::super) unsafe fn store(word: *mut u32, value: u32) {
        // SAFETY: the caller's.
        unsafe { AtomicU32::from_ptr(word) }.store(value, Ordering::Relaxed);
    }

    /// # Safety
    ///
    /// `half` is mapped and aligned.
    pub(in super::super) unsafe fn store_half(half: *mut u16, value: u16) {
        // SAFETY: the caller's.
        unsafe { std::sync::atomic::AtomicU16::from_ptr(half) }.store(value, Ordering::Relaxed);
    }

    pub(super) fn fence() {
        std::sync::atomic::fence(Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use ipc_model::order::shapes::{classic, classics};

    use super::*;

    /// What each process comes to alone, one after the other.
    #[test]
    fn alone_every_process_reads_what_was_written_before() {
        for one in classics() {
            let mut words = [0_u32; PLACES];
            let start = words.as_mut_ptr();
            let places = [start, start.wrapping_add(1), start.wrapping_add(2)];
            let mut memory = [0; PLACES];
            for steps in &one.test().threads {
                let mut expected = 0;
                let mut register = 0;
                for step in steps {
                    let Some(place) = step.place() else { continue };
                    let known = &mut memory[usize::from(place.0)];
                    if step.reads() {
                        expected |= *known << (2 * register);
                        register += 1;
                    }
                    *known = step.writes().map_or(*known, u32::from);
                }
                // SAFETY: the words are this function's own.
                let found = unsafe { run(&code(steps, None), places, 0) };
                assert_eq!(found, expected, "{}", one.name());
            }
            assert_eq!(words, memory, "{}", one.name());
        }
    }

    #[test]
    fn a_planted_fault_changes_the_steps_and_not_the_registers() {
        let steps = classic("MP+sc-fence").expect("it is there").test().threads[1].clone();
        let kinds = |fault| -> Vec<(Step, u8)> {
            code(&steps, fault).iter().map(|op| (op.step, op.register)).collect()
        };
        let sound = kinds(None);
        assert_eq!(sound.len(), 3);
        assert_eq!(kinds(Some(AgentFault::FenceMissing)), [sound[0], sound[2]]);
        assert_eq!(kinds(Some(AgentFault::LoadFirst)), [sound[2], sound[0], sound[1]]);
        assert_eq!(kinds(Some(AgentFault::ByteChanged)), sound);
    }
}
