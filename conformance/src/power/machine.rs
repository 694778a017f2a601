//! The guest: User-mode Linux with a disk in memory of ours, and its power switch.

use std::io::{BufRead as _, BufReader};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use nix::libc;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::words::Said;

/// The word that makes our own executable the guest's first process.
pub(super) const GUEST: &std::ffi::CStr = c"__power-guest";
/// The guest's kernel, a program.
const KERNEL: &str = "linux.uml";
/// Makes the file system.
const MKFS: &str = "mkfs.ext4";
/// Bytes of the disk.
const DISK: u64 = 32 << 20;
/// What the vector registers have beyond 128 bits is lost at every page fault in the guest, see
/// [`without_xstate`]: its C library does without. The last is what its `memcpy` goes by.
const TUNABLES: &str = "GLIBC_TUNABLES=glibc.cpu.hwcaps=\
    -AVX512F,-AVX512VL,-AVX512BW,-AVX2,-AVX,-ERMS,-FSRM,-XSAVEC,-XSAVE,-EVEX,-RTM,\
    -AVX_Fast_Unaligned_Load";

/// A disk. It is memory that has no name, so nothing is left of it, whoever is killed.
pub(super) struct Disk(OwnedFd);

impl Disk {
    /// A disk with an empty file system on it.
    pub(super) fn new() -> Result<Disk, String> {
        let failed = |error: &dyn std::fmt::Display| format!("no memory for a disk: {error}");
        let fd = memfd_create(c"disk", MFdFlags::empty()).map_err(|errno| failed(&errno))?;
        nix::unistd::ftruncate(&fd, DISK as i64).map_err(|errno| failed(&errno))?;
        let disk = Disk(fd);
        let mut command = Command::new(found(MKFS)?);
        command.args(["-q", "-F", "-E", "nodiscard", &disk.path()]);
        let output = command.output().map_err(|error| format!("{MKFS} cannot be run: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{MKFS} failed: {}", said.trim()));
        }
        Ok(disk)
    }

    /// Its path, for whoever has it open.
    fn path(&self) -> String {
        format!("/proc/self/fd/{}", self.0.as_raw_fd())
    }
}

/// From now on this process is the parent of what a guest leaves behind.
pub(super) fn adopt() -> Result<(), String> {
    nix::sys::prctl::set_child_subreaper(true)
        .map_err(|errno| format!("a guest's processes cannot be waited for: {errno}"))
}

/// Where a program is, which an unprivileged user need not have in the path.
fn found(program: &str) -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let also = ["/usr/sbin", "/sbin", "/usr/bin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(also)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .ok_or_else(|| {
            format!(
                "{program} is not there: power cuts need User-mode Linux (Debian: user-mode-linux) \
                 and e2fsprogs"
            )
        })
}

/// A guest that is on.
pub(super) struct Machine {
    kernel: Child,
    on: bool,
    lines: Receiver<String>,
    /// What its kernel said of itself, for who has to find out why it did not come up.
    pub(super) noise: Vec<String>,
}

impl Machine {
    /// Turns it on: `exe` is its first process, with these words.
    pub(super) fn start(disk: &Disk, exe: &Path, words: &[String]) -> Result<Machine, String> {
        let mut command = Command::new(found(KERNEL)?);
        command
            .args(["mem=128M", "uml_dir=/dev/null", "rootfstype=hostfs", "rootflags=/", "ro"])
            .args(["con=null", "con0=fd:0,fd:1", "quiet", TUNABLES])
            .arg(format!("ubda={}", disk.path()))
            .arg(format!("init={}", exe.display()))
            .args(["--", GUEST.to_str().expect("a word")])
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        let disk = disk.0.as_raw_fd();
        // SAFETY: between fork and exec only system calls are made.
        unsafe { command.pre_exec(move || alone(disk)) };
        let mut kernel =
            command.spawn().map_err(|error| format!("{KERNEL} cannot be started: {error}"))?;
        let out = kernel.stdout.take().expect("it was asked for");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut out = BufReader::new(out);
            let mut line = Vec::new();
            while out.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
                line.clear();
            }
        });
        Ok(Machine { kernel, on: true, lines, noise: Vec::new() })
    }

    /// What it says next, if it says something before `deadline`.
    pub(super) fn hear(&mut self, deadline: Instant) -> Result<Said, RecvTimeoutError> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left)?;
            match Said::parse(&line) {
                Some(said) => return Ok(said),
                None => self.noise.push(line.trim_end().to_owned()),
            }
        }
    }

    /// Cuts the power, and gives what the guest had said by then. Nothing of it runs any more when
    /// this returns: nobody has the other end of what it said it through.
    pub(super) fn cut(mut self) -> Result<Vec<Said>, String> {
        self.off();
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut said = Vec::new();
        loop {
            match self.hear(deadline) {
                Ok(more) => said.push(more),
                Err(RecvTimeoutError::Disconnected) => return Ok(said),
                Err(RecvTimeoutError::Timeout) => {
                    return Err("something of the guest runs on without power".to_owned());
                }
            }
        }
    }

    fn off(&mut self) {
        // The group is the kernel's own, and the kernel is not waited for yet: it is still that group.
        let group = Pid::from_raw(self.kernel.id().cast_signed());
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.kernel.wait();
        // The kernel's children are ours now, see [`adopt`].
        while waitpid(Pid::from_raw(-group.as_raw()), None).is_ok() {}
        self.on = false;
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if self.on {
            self.off();
        }
    }
}

/// What a guest needs before it begins: the disk, an end with whoever turned it on, and no way to the
/// extended state of a processor.
fn alone(disk: i32) -> std::io::Result<()> {
    // SAFETY: a number of ours, and it is open.
    if unsafe { libc::fcntl(disk, libc::F_SETFD, 0) } == -1 {
        return Err(std::io::Error::last_os_error());
    }
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    nix::sys::prctl::set_no_new_privs()?;
    without_xstate()
}

/// From now on `ptrace(PTRACE_GETREGSET, …, NT_X86_XSTATE, …)` fails with `EINVAL`. The process must have
/// no way to new privileges (`PR_SET_NO_NEW_PRIVS`).
///
/// User-mode Linux 6.1 takes the extended state of a processor to be at most 2,696 bytes, and dies at
/// its first process where it is more (AMX has 11,008). Where the call fails at the beginning it is
/// content with the older calls.
fn without_xstate() -> std::io::Result<()> {
    const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    const NT_X86_XSTATE: u32 = 0x202;
    const ERRNO: u32 = libc::SECCOMP_RET_ERRNO | libc::EINVAL as u32;
    let line = |code, k| libc::sock_filter { code, jt: 0, jf: 0, k };
    let unless = |k, jf| libc::sock_filter { code: EQUAL, jt: 0, jf, k };
    // Offsets in `struct seccomp_data`: the call's number, then its arguments, eight bytes each.
    let mut filter = [
        line(LOAD, 0),
        unless(libc::SYS_ptrace as u32, 5),
        line(LOAD, 16),
        unless(libc::PTRACE_GETREGSET, 3),
        line(LOAD, 32),
        unless(NT_X86_XSTATE, 1),
        line(RETURN, ERRNO),
        line(RETURN, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: the program and its lines are alive during the call.
    let said =
        unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    if said == -1 { Err(std::io::Error::last_os_error()) } else { Ok(()) }
}
