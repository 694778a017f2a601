//! Which signals the system says are pending for a process.

use std::io;

/// Those that are pending for the process or its thread, by number: bit 0 is signal 1
/// (`/proc/PID/status`).
pub(super) fn pending(pid: i32) -> io::Result<u64> {
    Ok(parse(&std::fs::read_to_string(format!("/proc/{pid}/status"))?))
}

fn parse(text: &str) -> u64 {
    let set = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or(0)
    };
    set("SigPnd") | set("ShdPnd")
}

/// Whether that signal is pending for a process.
pub(super) fn is_pending(pid: i32, signal: i32) -> bool {
    let bit = u32::try_from(signal - 1).ok().and_then(|place| 1_u64.checked_shl(place));
    pending(pid).is_ok_and(|pending| pending & bit.unwrap_or(0) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pending_for_thread_and_process_is_read() {
        let text = "SigQ:\t0/1\nSigPnd:\t0000000000000200\nShdPnd:\t0000000000002000\nSigBlk:\t1\n";
        assert_eq!(parse(text), 0x2200);
        assert!(pending(std::process::id() as i32).is_ok());
    }
}
