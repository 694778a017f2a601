//! The program that agents become by `exec`: a zygote's memory, frozen into an executable file.
//!
//! `exec` is the kernel's work, and that is what is tried. What a program then does before its `main`,
//! loading libraries, relocating them and asking the processor what it can do (`cpuid`, which a virtual
//! machine traps), takes longer than all the calls of a program together. So the zygote writes what it
//! has in memory, once, to a file without a name: an ELF file whose segments are its mappings, at their
//! addresses, and whose entry is `thaw`. Whoever execs that is a new process image like any other,
//! and goes on in `main`'s place with everything loaded. The zygote does so first: what relocation has
//! written to is pages of a file then, which `fork` need not copy, and there are fewer mappings.
//!
//! What lies side by side in memory is one segment, code and data alike: each `fork` copies the list of
//! mappings, and of a mapping that is written to it copies the page table too, so that a child need not
//! take a fault for every page of code that its parent has used already. And the file is made of huge
//! pages where the kernel makes some, of which one fault maps 2 MiB and one step drops as much.
//!
//! What is not in the file: stacks, for `exec` makes one; what the kernel maps by itself; and shared
//! memory, which is mapped anew. The C library remembers where the auxiliary vector and the kernel's
//! clock were, so nothing that runs there may ask for either, as for the time; agents do not.
//!
//! The addresses are free again in a new process: below them all lies what a stack can need
//! (`mmap_base()` of `arch/x86/mm/util.c`, Linux 5.3 to 6.18), and nothing else is mapped before the
//! segments. The image is tried once before it is used. Where it cannot be made or does not start,
//! it is left empty, which no `exec` takes, and agents exec the program's own file.

use std::ffi::CStr;

/// The path of the image in every agent; an empty file if there is none.
pub(super) const IMAGE: &CStr = c"/proc/self/fd/901";
const _: () = assert!(super::layout::IMAGE_FD == 901);
/// The hidden subcommand that ends at once: whether an image starts, and has memory to give.
pub(super) const THAWED: &CStr = c"__thawed";

pub(super) use imp::{freeze, reserve};

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod imp {
    use std::ffi::{CStr, c_char, c_uint};
    use std::fs::File;
    use std::mem::ManuallyDrop;
    use std::os::fd::{AsRawFd, FromRawFd};
    use std::os::unix::fs::FileExt;
    use std::sync::atomic::AtomicUsize;

    use ipc_impls::process::{self, Forked, Status, exit};
    use nix::libc;
    use nix::sys::memfd::{MFdFlags, memfd_create};

    use super::{IMAGE, THAWED};
    use crate::real::birth::fork;
    use crate::real::layout::IMAGE_FD;

    /// Of an ELF file (`elf(5)`), its program headers, and a page.
    const HEADER: usize = 64;
    const ENTRY: usize = 56;
    const PAGE: usize = 4096;
    /// A huge page. What lies at an address lies in the file at the same place within one of these.
    const HUGE: usize = 2 << 20;
    const PT_LOAD: u32 = 1;
    const PT_GNU_STACK: u32 = 0x6474_e551;
    /// How an image ends that was only to start.
    const STARTED: u8 = 42;
    /// How long it may take to start: many thousand times as long as it takes.
    const TRIAL_SECONDS: c_uint = 10;

    /// The thread's pointer (`arch_prctl(ARCH_SET_FS)`), which `exec` forgets.
    static POINTER: AtomicUsize = AtomicUsize::new(0);

    /// Makes the empty file, in its place.
    pub(in crate::real) fn reserve() -> Option<()> {
        let file = memfd_create(c"ipc-conformance", MFdFlags::MFD_CLOEXEC).ok()?;
        ipc_impls::descriptor::dup3(file.as_raw_fd(), IMAGE_FD, 0).ok().map(drop)
    }

    /// Freezes this process, which has one thread; whether there is an image now.
    pub(in crate::real) fn freeze() -> bool {
        // SAFETY: the place is this file's, and `ManuallyDrop` leaves it open.
        let mut file = ManuallyDrop::new(unsafe { File::from_raw_fd(IMAGE_FD) });
        let is_frozen = write_image(&mut file).is_some() && starts();
        if !is_frozen {
            let _ = file.set_len(0);
        }
        is_frozen
    }

    fn write_image(file: &mut File) -> Option<()> {
        const ARCH_GET_FS: libc::c_int = 0x1003;
        // SAFETY: the kernel writes one word, to an atomic that nobody else uses meanwhile.
        let told = unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_GET_FS, POINTER.as_ptr()) };
        (told == 0).then_some(())?;
        let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
        let mut parts: Vec<Part> = Vec::new();
        maps.lines().filter_map(part).for_each(|part| add(&mut parts, part));
        let len = place(&mut parts);
        file.write_all_at(&head(&parts), 0).ok()?;
        // From here on nothing is allocated: what is written is of one instant.
        parts.iter().try_for_each(|part| write_part(file, part))?;
        file.set_len(len as u64).ok()?;
        enlarge(file, len);
        Some(())
    }

    fn write_part(file: &File, part: &Part) -> Option<()> {
        let mut at = part.start;
        while at < part.end {
            let place = std::ptr::with_exposed_provenance::<libc::c_void>(at);
            let offset = (part.offset + at - part.start) as libc::off_t;
            // SAFETY: the kernel only reads, and refuses what cannot be read.
            let n = unsafe { libc::pwrite(file.as_raw_fd(), place, part.end - at, offset) };
            at += usize::try_from(n).ok().filter(|n| *n > 0)?;
        }
        Some(())
    }

    /// Has the file be made of huge pages (madvise(2), `MADV_COLLAPSE`, Linux 6.1 and later); where the
    /// kernel does not, it stays as it is.
    fn enlarge(file: &File, len: usize) {
        use libc::{MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED, PROT_NONE, PROT_READ};
        let (null, fd) = (std::ptr::null_mut(), file.as_raw_fd());
        // SAFETY: the kernel chooses a place that is free.
        let room =
            unsafe { libc::mmap(null, len + HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) };
        if room == libc::MAP_FAILED {
            return;
        }
        let start = room.map_addr(|addr| addr.next_multiple_of(HUGE));
        // SAFETY: within the place that was just given, which nobody uses.
        let view = unsafe { libc::mmap(start, len, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) };
        if view != libc::MAP_FAILED {
            // SAFETY: it changes no memory that anybody can see.
            unsafe { libc::madvise(view, len, libc::MADV_COLLAPSE) };
        }
        // SAFETY: the place is ours, and nothing refers to it.
        unsafe { libc::munmap(room, len + HUGE) };
    }

    /// A stretch of this process's memory.
    struct Part {
        start: usize,
        end: usize,
        /// As in a program header: 1 to execute, 2 to write, 4 to read.
        flags: u32,
        /// Where it is in the file.
        offset: usize,
    }

    /// A line of `/proc/PID/maps` (`proc_pid_maps(5)`), if it belongs into the image.
    fn part(line: &str) -> Option<Part> {
        let mut words = line.split_ascii_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let address = |digits| usize::from_str_radix(digits, 16).ok();
        let (start, end) = (address(start)?, address(end)?);
        let rights = words.next()?;
        let name = words.nth(3).unwrap_or("");
        let ours = rights.starts_with('r') && rights.ends_with('p');
        let kernels = name.starts_with("[stack") || name.starts_with("[v");
        let bits = [('r', 4), ('w', 2), ('x', 1)];
        let flags = bits.iter().filter(|(letter, _)| rights.contains(*letter));
        let flags = flags.fold(0, |all, (_, bit)| all | bit);
        (ours && !kernels).then_some(Part { start, end, flags, offset: 0 })
    }

    /// What lies side by side is one part.
    fn add(parts: &mut Vec<Part>, part: Part) {
        match parts.last_mut().filter(|last| last.end == part.start) {
            Some(last) => (last.end, last.flags) = (part.end, last.flags | part.flags),
            None => parts.push(part),
        }
    }

    /// Gives each part its place in the file, behind the header; how long the file is.
    fn place(parts: &mut [Part]) -> usize {
        let mut at = HEADER + ENTRY * (parts.len() + 1);
        for part in parts {
            let ahead = part.start.wrapping_sub(at) % HUGE;
            part.offset = at + ahead;
            at = part.offset + (part.end - part.start);
        }
        at.next_multiple_of(HUGE)
    }

    /// The header and the program headers, up to the first segment.
    fn head(parts: &[Part]) -> Vec<u8> {
        let mut head = Vec::new();
        // 64 bits, little-endian, version 1, System V.
        head.extend([0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let (executable, x86_64) = (2_u16, 62_u16);
        head.extend(executable.to_le_bytes());
        head.extend(x86_64.to_le_bytes());
        head.extend(1_u32.to_le_bytes());
        for word in [thaw as *const () as usize, HEADER, 0] {
            head.extend(word.to_le_bytes());
        }
        head.extend(0_u32.to_le_bytes());
        for half in [HEADER, ENTRY, parts.len() + 1, 0, 0, 0] {
            head.extend((half as u16).to_le_bytes());
        }
        put_entry(&mut head, PT_GNU_STACK, 6, [0; 6]);
        for Part { start, end, flags, offset } in parts {
            // The first begins with a huge page: below it there is nothing, and the head is no secret.
            let ahead = if *start == parts[0].start { start % HUGE } else { 0 };
            let (start, offset) = (start - ahead, offset - ahead);
            let size = end - start;
            put_entry(&mut head, PT_LOAD, *flags, [offset, start, start, size, size, PAGE]);
        }
        head
    }

    fn put_entry(head: &mut Vec<u8>, kind: u32, flags: u32, words: [usize; 6]) {
        head.extend(kind.to_le_bytes());
        head.extend(flags.to_le_bytes());
        words.iter().for_each(|word| head.extend(word.to_le_bytes()));
    }

    /// Whether a process that execs the image comes to its `main`.
    fn starts() -> bool {
        let become_it = || {
            let _ = process::exec(IMAGE, &[c"ipc-conformance", THAWED]);
        };
        // SAFETY: this process has one thread.
        unsafe { comes_to_its_end(TRIAL_SECONDS, become_it) }
    }

    /// Whether a child that does this has [`STARTED`] in time. Who has not is ended by `SIGALRM`, which
    /// `exec` leaves set (POSIX.1-2024 `alarm()`).
    ///
    /// # Safety
    ///
    /// As for [`fork`].
    unsafe fn comes_to_its_end(seconds: c_uint, child: impl FnOnce()) -> bool {
        // SAFETY: the caller keeps to it.
        match unsafe { fork() } {
            Ok(Forked::Child) => {
                nix::unistd::alarm::set(seconds);
                child();
                exit(1)
            }
            Ok(Forked::Parent(pid)) => {
                matches!(process::waitpid(pid), Ok(Some(Status::Exited(STARTED))))
            }
            Err(_) => false,
        }
    }

    /// Where the image begins: what the kernel put on the stack is passed on, with the thread's pointer
    /// set. `arch_prctl` is 158, `ARCH_SET_FS` is 0x1002. The stack goes on from the start of a page, so
    /// that what an agent uses of it, and each `fork` copies, is as few pages as can be.
    ///
    /// # Safety
    ///
    /// Nobody calls it: the kernel enters here behind `exec`.
    #[unsafe(naked)]
    unsafe extern "C" fn thaw() -> ! {
        std::arch::naked_asm!(
            "mov rbx, rsp",
            "mov edi, 0x1002",
            "mov rsi, [rip + {pointer}]",
            "mov eax, 158",
            "syscall",
            "mov rdi, rbx",
            "xor ebp, ebp",
            "and rsp, -4096",
            "call {main}",
            "ud2",
            pointer = sym POINTER,
            main = sym main,
        )
    }

    unsafe extern "C" {
        /// Where the C library looks for the environment (POSIX.1-2024 `exec`).
        static mut environ: *const *const c_char;
    }

    /// What runs in the image, with the stack as the kernel makes it: a count, so many words, a null,
    /// and the environment.
    unsafe extern "C" fn main(stack: *const usize) -> ! {
        // SAFETY: see above.
        let count = unsafe { *stack };
        // SAFETY: as above.
        let words = unsafe { stack.add(1) }.cast::<*const c_char>();
        // SAFETY: as above.
        let environment = unsafe { words.add(count + 1) };
        // SAFETY: there is one thread, and nobody has asked for it yet.
        unsafe { environ = environment };
        // `malloc` asks for more behind what it has, as it remembers it, and the kernel has begun anew.
        // SAFETY: asks where the end of the data is, and changes nothing.
        let end = unsafe { libc::syscall(libc::SYS_brk, 0) };
        // SAFETY: as above; it tells the C library.
        unsafe { libc::brk(std::ptr::without_provenance_mut(end as usize)) };
        // SAFETY: as above; the stack stays where it is.
        let words = unsafe { std::slice::from_raw_parts(words, count) };
        // SAFETY: as above; each string ends in a zero byte.
        let args: Vec<&CStr> = words.iter().map(|word| unsafe { CStr::from_ptr(*word) }).collect();
        if args.get(1) == Some(&THAWED) {
            // More than was left to give out when the image was made.
            let blocks: Vec<Vec<u8>> = (0..8).map(|n| vec![n; 1 << 15]).collect();
            let last = std::hint::black_box(blocks).last().and_then(|block| block.last().copied());
            exit(if last == Some(7) { STARTED.into() } else { 1 });
        }
        exit(crate::real::hidden(&args).unwrap_or(2))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_image_that_never_starts_is_not_waited_for_for_ever() {
            let for_ever = || {
                loop {
                    nix::unistd::pause();
                }
            };
            // SAFETY: the child makes system calls and nothing else.
            let hangs = unsafe { comes_to_its_end(1, for_ever) };
            // SAFETY: as above.
            let starts = unsafe { comes_to_its_end(10, || exit(STARTED.into())) };
            assert!(!hangs && starts);
        }
    }
}

/// Elsewhere agents exec the program's own file.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
mod imp {
    pub(in crate::real) fn reserve() -> Option<()> {
        Some(())
    }

    pub(in crate::real) fn freeze() -> bool {
        false
    }
}
