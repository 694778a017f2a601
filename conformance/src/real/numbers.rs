//! What a program may rely on of this machine: asked, or tried.

use ipc_model::profile::Numbers;

use nix::libc;
use nix::unistd::{SysconfVar, sysconf};

use super::life;
use crate::program::Program;
use crate::system::SystemError;

pub(super) fn numbers() -> Result<Numbers, SystemError> {
    use std::os::fd::AsRawFd;
    let doing = "probing a pipe";
    let (reader, _writer) =
        nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).map_err(|e| life::because(doing, e))?;
    let pipe_buf = nix::unistd::fpathconf(&reader, nix::unistd::PathconfVar::PIPE_BUF);
    let page_size = sysconf(SysconfVar::PAGE_SIZE).ok().flatten().unwrap_or(4096);
    let capacity = ipc_impls::pipe::capacity(reader.as_raw_fd()).unwrap_or(0);
    Ok(Numbers {
        page_size: page_size as u64,
        // `_POSIX_PIPE_BUF`, where the system does not tell.
        pipe_buf: pipe_buf.ok().flatten().unwrap_or(512) as u64,
        nofile: Program::NOFILE.into(),
        pipe_capacity: capacity as u64,
        pipe_max: pipe_max(),
        beyond_pipe_max: is_privileged(&[CAP_SYS_RESOURCE]),
        beyond_pipe_pages: is_privileged(&[CAP_SYS_RESOURCE, CAP_SYS_ADMIN]),
        privileged: [CAP_DAC_OVERRIDE, CAP_SETGID, CAP_SETUID]
            .iter()
            .all(|bit| is_privileged(&[*bit])),
        name_max: limit("/", nix::unistd::PathconfVar::NAME_MAX).unwrap_or(255),
        path_max: limit("/", nix::unistd::PathconfVar::PATH_MAX).unwrap_or(4096),
        noatime: nix::sys::statvfs::statvfs(&std::env::temp_dir())
            .is_ok_and(|told| told.flags().contains(nix::sys::statvfs::FsFlags::ST_NOATIME)),
        stream_piece: stream_piece(),
    })
}

/// The bits of `CapEff` (`capabilities(7)`, Linux).
const CAP_DAC_OVERRIDE: u32 = 1;
const CAP_SETGID: u32 = 6;
const CAP_SETUID: u32 = 7;
const CAP_SYS_ADMIN: u32 = 21;
const CAP_SYS_RESOURCE: u32 = 24;

/// A limit of the files in a directory.
fn limit(path: &str, which: nix::unistd::PathconfVar) -> Option<u64> {
    nix::unistd::pathconf(path, which).ok().flatten().map(|limit| limit as u64)
}

/// What Linux starts with, where the system does not tell.
fn pipe_max() -> u64 {
    let told = std::fs::read_to_string("/proc/sys/fs/pipe-max-size").ok();
    told.and_then(|text| text.trim().parse().ok()).unwrap_or(1 << 20)
}

/// Whether this process, and so every agent, has one of these capabilities where they count: in the
/// first user namespace, which maps every user to itself.
pub fn is_privileged(capabilities: &[u32]) -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let first = map.split_ascii_whitespace().eq(["0", "0", "4294967295"]);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let held = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let held = held.and_then(|text| u64::from_str_radix(text.trim(), 16).ok()).unwrap_or(0);
    first && capabilities.iter().any(|bit| held & (1 << bit) != 0)
}

/// Buffers that are tried, in bytes as they are asked for.
const BUFFERS: [i32; 12] = {
    let mut all = [40_000; 12];
    let mut place = 1;
    while place < all.len() {
        all[place] = all[place - 1] + 6_000;
        place += 1;
    }
    all
};

/// Bytes of a long send that go into a stream at once: a send that may not wait takes a whole number of
/// pieces, whatever the buffer, and not always as many. Pieces smaller than a page are none.
fn stream_piece() -> u64 {
    let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten().unwrap_or(4096) as u64;
    let taken = BUFFERS.iter().map(|buffer| taken(*buffer));
    let (sum, piece) = taken.fold((0, 0), |(most, all), n| (n.max(most), common_divisor(all, n)));
    // One number for all buffers tells nothing.
    if piece >= page && piece < sum { piece } else { 0 }
}

/// How much goes in at once with a buffer of that size; 0 where it cannot be tried.
fn taken(buffer: i32) -> u64 {
    use ipc_impls::socket;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
    let Ok(pair) = socket::socketpair(libc::SOCK_STREAM | libc::SOCK_CLOEXEC) else { return 0 };
    // SAFETY: each is new, and nobody else's.
    let [one, _other] = pair.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    if socket::set_send_buffer(one.as_raw_fd(), buffer).is_err() {
        return 0;
    }
    let sent = socket::send(one.as_raw_fd(), &[0; 1 << 20], libc::MSG_DONTWAIT);
    sent.map_or(0, |n| n as u64)
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
