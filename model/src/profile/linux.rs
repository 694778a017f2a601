//! What Linux chooses, denies and contradicts.

mod sockets;

use super::{Denial, Order, Profile, Room, Selection};
use crate::clause::{Standard, linux};
use crate::outcome::Code;

/// Linux, from 5.14 on.
pub static LINUX: Profile = Profile {
    name: "linux",
    text: "Linux 5.14 and later: exact about page slots, with its extensions and contradictions.",
    standards: &[Standard::Posix2024, Standard::Linux, Standard::Own],
    room: Room::PageSlots,
    death: Order::SharedFirst,
    signals: Selection::ThreadFirst,
    raised: Code::SI_TKILL,
    raised_by_system: Code::SI_USER,
    denies: &DENIES,
    contradicts: &CONTRADICTS,
};

static DENIES: [Denial; DENIED.len() + sockets::DENIED.len()] = both(DENIED, sockets::DENIED);
static CONTRADICTS: [Denial; CONTRADICTED.len() + sockets::CONTRADICTED.len()] =
    both(CONTRADICTED, sockets::CONTRADICTED);

/// One list behind the other.
const fn both<const N: usize>(one: &[Denial], other: &[Denial]) -> [Denial; N] {
    let mut all = [one[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < one.len() { one[at] } else { other[at - one.len()] };
        at += 1;
    }
    all
}

const DENIED: &[Denial] = &[
    Denial {
        clause: "pipe.read.unspecified.duplex",
        source: linux("pipe(7)", "DESCRIPTION"),
        text: "Each end of a pipe is open one way only.",
    },
    Denial {
        clause: "pipe.write.unspecified.duplex",
        source: linux("pipe(7)", "DESCRIPTION"),
        text: "Each end of a pipe is open one way only.",
    },
    Denial {
        clause: "pipe.write.unspecified.zero",
        source: linux("fs/pipe.c", "6.18, pipe_write"),
        text: "A write of no bytes returns 0 before anything is looked at.",
    },
    Denial {
        clause: "pipe.write.epipe.discarded",
        source: linux("kernel/signal.c", "6.18, sig_ignored"),
        text: "A blocked signal is never discarded for being ignored.",
    },
    Denial {
        clause: "pipe.write.long.cut.quiet",
        source: linux("fs/pipe.c", "6.18, pipe_write"),
        text: "A write that loses its last reader raises SIGPIPE whatever it has moved.",
    },
    Denial {
        clause: "pipe.pipe2.unspecified.flag",
        source: linux("pipe(2)", "ERRORS"),
        text: "Unknown flags are refused.",
    },
    Denial {
        clause: "pipe.fstat.stamp.elsewhere",
        source: linux("fs/pipe.c", "6.15, fifo_pipe_read"),
        text: "Only bytes that were moved mark one.",
    },
    Denial {
        clause: "pipe.pread.err.ebadf",
        source: linux("fs/read_write.c", "6.18, pread64"),
        text: "That there is no offset is seen first.",
    },
    Denial {
        clause: "pipe.pwrite.err.ebadf",
        source: linux("fs/read_write.c", "6.18, pwrite64"),
        text: "That there is no offset is seen first.",
    },
    Denial {
        clause: "pipe.ftruncate.unspecified",
        source: linux("ftruncate(2)", "ERRORS"),
        text: "What is no regular file is refused.",
    },
    Denial {
        clause: "descriptor.ftruncate.err.einval",
        source: linux("ftruncate(2)", "ERRORS"),
        text: "A descriptor that is not open is refused as such.",
    },
    Denial {
        clause: "descriptor.setfl.err.einval",
        source: linux("F_SETFL(2const)", "DESCRIPTION"),
        text: "Flags that cannot be changed are ignored; O_DIRECT can.",
    },
    Denial {
        clause: "descriptor.setfl.unspecified.flag",
        source: linux("F_SETFL(2const)", "DESCRIPTION"),
        text: "Flags that cannot be changed are ignored; O_DIRECT can.",
    },
    Denial {
        clause: "fifo.open.undefined.rdwr",
        source: linux("fifo(7)", "NOTES"),
        text: "An open for both is defined.",
    },
    Denial {
        clause: "fifo.open.unspecified.path",
        source: linux("open(2)", "O_PATH"),
        text: "O_PATH is defined.",
    },
    Denial {
        clause: "fifo.open.undefined.trunc",
        source: linux("fs/pipe.c", "6.18, fifo_open"),
        text: "A FIFO is not cut; that its permission bits let the caller write is asked.",
    },
    Denial {
        clause: "fifo.open.err.enxio.waiting",
        source: linux("fs/pipe.c", "6.18, fifo_open"),
        text: "Who waits in its open counts.",
    },
    Denial {
        clause: "fifo.read.eof.opening",
        source: linux("fs/pipe.c", "6.18, fifo_open"),
        text: "Who waits in its open counts.",
    },
    Denial {
        clause: "fifo.truncate.err.eacces",
        source: linux("fs/open.c", "6.18, vfs_truncate"),
        text: "That it is no regular file is seen first.",
    },
    Denial {
        clause: "name.directory.unspecified.read",
        source: linux("read(2)", "ERRORS"),
        text: "They cannot.",
    },
    Denial {
        clause: "name.directory.ftruncate.err.ebadf",
        source: linux("ftruncate(2)", "ERRORS"),
        text: "It is EINVAL.",
    },
    Denial {
        clause: "name.directory.ready.in.perhaps",
        source: linux("include/linux/poll.h", "6.18, DEFAULT_POLLMASK"),
        text: "It always is.",
    },
    Denial {
        clause: "name.directory.ready.out.perhaps",
        source: linux("include/linux/poll.h", "6.18, DEFAULT_POLLMASK"),
        text: "It always is.",
    },
    Denial {
        clause: "name.fchmod.err.einval",
        source: linux("fchmod(2)", "ERRORS"),
        text: "They have.",
    },
    Denial {
        clause: "process.exec.unspecified.sigchld",
        source: linux("kernel/signal.c", "6.18, flush_signal_handlers"),
        text: "What is ignored stays so.",
    },
    Denial {
        clause: "process.exec.unspecified.timers",
        source: linux("kernel/signal.c", "6.18, flush_itimer_signals"),
        text: "They always are.",
    },
    Denial {
        clause: "process.death.tells.again",
        source: linux("kernel/signal.c", "6.18, legacy_queue"),
        text: "An ordinary signal is pending once.",
    },
    Denial {
        clause: "process.death.tells.discards",
        source: linux("kernel/signal.c", "6.18, sig_ignored"),
        text: "A blocked signal is never discarded for being ignored.",
    },
    Denial {
        clause: "process.stop.tells.again",
        source: linux("kernel/signal.c", "6.18, legacy_queue"),
        text: "An ordinary signal is pending once.",
    },
    Denial {
        clause: "process.stop.tells.discards",
        source: linux("kernel/signal.c", "6.18, sig_ignored"),
        text: "A blocked signal is never discarded for being ignored.",
    },
    Denial {
        clause: "process.stop.drops.pends",
        source: linux("kernel/signal.c", "6.18, do_notify_parent_cldstop"),
        text: "It is not sent at all.",
    },
    Denial {
        clause: "signal.sigaction.unspecified.default",
        source: linux("kernel/signal.c", "6.18, do_sigaction"),
        text: "It is refused.",
    },
    Denial {
        clause: "process.death.drops.pends",
        source: linux("kernel/signal.c", "6.18, do_notify_parent"),
        text: "It is not sent at all.",
    },
    Denial {
        clause: "process.death.drops.quietly",
        source: linux("kernel/signal.c", "6.18, do_notify_parent"),
        text: "It is sent.",
    },
    Denial {
        clause: "process.waitid.keeps",
        source: linux("kernel/exit.c", "6.18, wait_task_zombie"),
        text: "It always does, see process.waitpid.keeps.",
    },
    Denial {
        clause: "process.waitpid.blocks.all",
        source: linux("kernel/exit.c", "6.18, __do_wait"),
        text: "Only who is asked about counts.",
    },
    Denial {
        clause: "process.waitpid.err.einval.last",
        source: linux("kernel/exit.c", "6.18, kernel_wait4"),
        text: "The options are looked at first.",
    },
    Denial {
        clause: "name.rename.err.eacces.nested",
        source: linux("fs/namei.c", "6.18, do_renameat2"),
        text: "Which of the two is below the other is looked at before the permissions.",
    },
    Denial {
        clause: "process.setpgid.err.eperm.first",
        source: linux("kernel/sys.c", "6.18, setpgid"),
        text: "The group is looked at last.",
    },
    Denial {
        clause: "signal.killpg.err.einval.first",
        source: linux("kernel/signal.c", "6.18, __kill_pgrp_info"),
        text: "That nobody is in the group is seen first.",
    },
    Denial {
        clause: "signal.send.queues",
        source: linux("kernel/signal.c", "6.18, legacy_queue"),
        text: "An ordinary signal is pending once.",
    },
    Denial {
        clause: "signal.send.once",
        source: linux("signal(7)", "Real-time signals"),
        text: "Real-time signals queue whatever is done about them.",
    },
    Denial {
        clause: "signal.send.discards.blocked",
        source: linux("kernel/signal.c", "6.18, sig_ignored"),
        text: "A blocked signal is never discarded for being ignored.",
    },
    Denial {
        clause: "signal.send.err.einval.first",
        source: linux("kernel/signal.c", "6.18, kill_proc_info"),
        text: "That there is no such process is seen first.",
    },
    Denial {
        clause: "signal.wait.unspecified.timeout",
        source: linux("sigtimedwait(2)", "DESCRIPTION"),
        text: "Without a timeout it waits for ever.",
    },
    Denial {
        clause: "timer.expiry.alarm.queues",
        source: linux("kernel/signal.c", "6.18, legacy_queue"),
        text: "An ordinary signal is pending once.",
    },
    Denial {
        clause: "timer.undefined.unknown",
        source: linux("timer_settime(2)", "ERRORS"),
        text: "It is refused.",
    },
    Denial {
        clause: "signal.delivery.restarts.perhaps",
        source: linux(
            "signal(7)",
            "Interruption of system calls and library functions by signal handlers",
        ),
        text: "These never begin anew.",
    },
    Denial {
        clause: "poll.ready.pipe.in.eof",
        source: linux("fs/pipe.c", "6.18, pipe_poll"),
        text: "At end-of-file a pipe is hung up and not readable.",
    },
    Denial {
        clause: "poll.ready.fifo.hup.never",
        source: linux("fs/pipe.c", "6.18, fifo_open"),
        text: "Who opens a FIFO without waiting sees no hang-up before there was a writer.",
    },
    Denial {
        clause: "poll.ready.pipe.err",
        source: linux("fs/pipe.c", "6.18, pipe_poll"),
        text: "It always is.",
    },
    Denial {
        clause: "poll.ready.pipe.hup.write",
        source: linux("fs/pipe.c", "6.18, pipe_poll"),
        text: "A writing end is never hung up.",
    },
    Denial {
        clause: "memory.move.unspecified",
        source: linux("shm_overview(7)", "DESCRIPTION"),
        text: "Shared memory is a file like others.",
    },
    Denial {
        clause: "mapping.touch.unspecified",
        source: linux("mmap(2)", "NOTES"),
        text: "All of it is said.",
    },
    Denial {
        clause: "mapping.range.unspecified.page",
        source: linux("mmap(2)", "ERRORS"),
        text: "It must.",
    },
    Denial {
        clause: "mapping.mprotect.unspecified.part",
        source: linux("mm/mprotect.c", "6.18, do_mprotect_pkey"),
        text: "Those before the first of them.",
    },
    Denial {
        clause: "mapping.msync.unspecified.way",
        source: linux("msync(2)", "DESCRIPTION"),
        text: "It is as if it were later.",
    },
    Denial {
        clause: "mapping.mmap.unspecified.there",
        source: linux("mm/mmap.c", "6.18, do_mmap"),
        text: "All of it, but for a socket, of which nothing.",
    },
    Denial {
        clause: "mapping.mmap.unspecified.offset",
        source: linux("mm/mmap.c", "6.18, do_mmap"),
        text: "It is EOVERFLOW.",
    },
    Denial {
        clause: "memory.ftruncate.err.ebadf",
        source: linux("ftruncate(2)", "ERRORS"),
        text: "What is not open for writing is refused with EINVAL.",
    },
    Denial {
        clause: "memory.fstat.size.unspecified",
        source: linux("inode(7)", "st_size"),
        text: "What is no file of bytes has none.",
    },
    Denial {
        clause: "memory.fstat.type.unspecified",
        source: linux("shm_overview(7)", "DESCRIPTION"),
        text: "Shared memory is a regular file.",
    },
    Denial {
        clause: "file.open.undefined.trunc",
        source: linux("fs/namei.c", "6.18, do_open"),
        text: "The file is cut, if the caller may write to it.",
    },
    Denial {
        clause: "memory.shm-open.undefined.excl",
        source: linux("open(2)", "O_EXCL"),
        text: "It does nothing there.",
    },
    Denial {
        clause: "memory.shm-open.undefined.trunc",
        source: linux("fs/namei.c", "6.18, do_open"),
        text: "The object is cut, if the caller may write to it.",
    },
    Denial {
        clause: "segment.stat.attaches.unspecified",
        source: linux("ipc/shm.c", "6.18, shm_open"),
        text: "Each part counts.",
    },
    Denial {
        clause: "segment.id.unspecified.removed",
        source: linux("shmctl(2)", "IPC_RMID"),
        text: "It is good for the same as before, until the last detach.",
    },
    Denial {
        clause: "segment.shmat.unspecified.remap",
        source: linux("shmat(2)", "SHM_REMAP"),
        text: "What is attached replaces what was mapped there.",
    },
    Denial {
        clause: "name.write.err.eacces",
        source: linux("fs/namei.c", "6.18, may_open"),
        text: "It is EISDIR.",
    },
    Denial {
        clause: "name.rmdir.err.eexist",
        source: linux("rmdir(2)", "ERRORS"),
        text: "It is ENOTEMPTY.",
    },
    Denial {
        clause: "name.rename.err.eexist",
        source: linux("fs/namei.c", "6.18, vfs_rename"),
        text: "It is ENOTEMPTY.",
    },
];

const CONTRADICTED: &[Denial] = &[
    Denial {
        clause: "pipe.pipe2.clofork",
        source: linux("pipe(2)", "DESCRIPTION"),
        text: "There is no O_CLOFORK.",
    },
    Denial {
        clause: "pipe.fstat.stamp.marked.nameless",
        source: linux("fs/pipe.c", "6.15, pipeanon_fops"),
        text: "Nothing marks the stamps of a pipe without a name.",
    },
    Denial {
        clause: "file.read.receives",
        source: linux("mm/filemap.c", "6.18, filemap_read"),
        text: "A read beside a write may see a part of it.",
    },
    Denial {
        clause: "file.write.puts",
        source: linux("mm/filemap.c", "6.18, generic_perform_write"),
        text: "A write is in before all of it is.",
    },
    Denial {
        clause: "process.waitpid.clears",
        source: linux("kernel/exit.c", "6.18, wait_task_zombie"),
        text: "SIGCHLD stays pending.",
    },
    Denial {
        clause: "process.waitid.blocks.ended",
        source: linux("kernel/exit.c", "6.18, wait_consider_task"),
        text: "It is ECHILD.",
    },
    Denial {
        clause: "process.waitid.nothing.ended",
        source: linux("kernel/exit.c", "6.18, wait_consider_task"),
        text: "It is ECHILD.",
    },
    Denial {
        clause: "signal.kill.all.self",
        source: linux("kernel/signal.c", "6.18, kill_something_info"),
        text: "The caller is left out.",
    },
    Denial {
        clause: "signal.kill.all.sent",
        source: linux("kernel/signal.c", "6.18, kill_something_info"),
        text: "The caller is left out, and it succeeds without it.",
    },
    Denial {
        clause: "timer.settime.cancels.quiet",
        source: linux("kernel/time/posix-timers.c", "6.18, common_timer_get"),
        text: "What was left goes on being told.",
    },
    Denial {
        clause: "signal.altstack.err.einval",
        source: linux("sigaltstack(2)", "BUGS"),
        text: "SS_ONSTACK is taken, and says nothing.",
    },
    Denial {
        clause: "signal.delivery.stops.continues",
        source: linux(
            "signal(7)",
            "Interruption of system calls and library functions by stop signals",
        ),
        text: "A call that has moved something is over behind a stop, and some are so in any case; others begin anew.",
    },
    Denial {
        clause: "name.unlink.err.eperm",
        source: linux("unlink(2)", "ERRORS"),
        text: "It is EISDIR.",
    },
];
