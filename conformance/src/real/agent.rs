//! An agent: one process, one system call per command, every descriptor accounted for.
//!
//! An agent has one thread and no runtime: it comes from the zygote by `fork`, or from `exec` through a
//! `main` of C, so nothing has touched the signal dispositions that it has or inherited.

use std::convert::Infallible;
use std::ffi::{CStr, CString};
use std::ops::Deref;
use std::os::fd::{BorrowedFd, RawFd};

use ipc_impls::errno::Errno;
use ipc_impls::mutex::raw::{Holder, RawMutex};
use ipc_impls::process::exit;
use ipc_model::payload;
use nix::libc;

use super::calls::{Driver, drivers};
use super::fault::{AgentFault, Faults};
use super::futex;
use super::layout::{BOARD_FD, FIRST_FD, HARNESS_FD_BASE, HARNESS_FD_END, LINK_FD};
use super::mapping::Mapping;
use super::portables::Handles;
use super::rings::Sides;
use super::wire::{Answer, Command, Report, Returned, Step};

/// The hidden subcommand that an agent execs, with its slot, its limit of descriptors, its fault, and what
/// the system calls its timers.
pub const AGENT: &CStr = c"__agent";

/// The state of an agent that is not the kernel's.
pub struct Agent {
    slot: usize,
    nofile: u32,
    mapping: Mapping,
    drivers: Vec<&'static Driver>,
    faults: Faults,
    /// How many commands of the slot have been taken.
    heard: u32,
    /// How many reports have been given since the last command.
    told: usize,
    /// How many bytes have been received since.
    received: usize,
    /// What the names of shared memory really begin with.
    shared: String,
    /// What is known of the mutex that the process has.
    holder: Holder,
    /// The sides of rings that the process has.
    sides: Sides,
    /// The handles of portable mutexes that the process has.
    handles: Handles,
    /// The mask of a child that has not said yet that it has begun.
    held_back: Option<libc::sigset_t>,
    /// It is one more thread of its process, and is to end.
    leaves: bool,
}

/// What runs behind `exec`: reports that the call has returned, and goes on as before.
pub fn agent_main(args: &[&CStr]) -> i32 {
    let numbers = args.iter().map(|arg| arg.to_str().ok());
    let [Some(slot), Some(nofile), Some(fault), Some(timers)] = numbers.collect::<Vec<_>>()[..]
    else {
        return 2;
    };
    let (Ok(slot), Ok(nofile)) = (slot.parse(), nofile.parse()) else { return 2 };
    let Some(mut agent) = Agent::new(slot, nofile, AgentFault::parse(fault)) else { return 2 };
    super::calls::pidfd::look_for_rules();
    limit_descriptors(nofile);
    super::calls::timer::inherit(timers);
    // What the old program did about signals is partly in force.
    super::handled::touches();
    let board = agent.mapping.board();
    let back = board.draw();
    let Some(call) = board.announced(slot) else { return 2 };
    let (line, call) = (call.line, call.ticket);
    agent.report(Returned { line, call, back, probed: None, answer: Answer::Nothing });
    agent.serve()
}

/// What a thread runs that an agent has made: it says that it is there, lets through what it was to hold
/// back until then, and takes commands as any agent.
/// It returns when the thread is to end.
pub fn thread_main(slot: usize, nofile: u32, mask: Option<libc::sigset_t>) {
    let Some(mut agent) = Agent::new(slot, nofile, None) else { exit(2) };
    let back = agent.mapping.board().draw();
    let answer = Answer::Begun(ipc_impls::thread::id());
    agent.report(Returned { line: 0, call: 0, back, probed: None, answer });
    super::calls::signal::let_through(mask);
    agent.take_commands();
    // A handler may yet run in this thread, and draws its ticket where the last agent said.
    std::mem::forget(agent);
}

impl Agent {
    /// An agent for a slot, in a process that has the harness's descriptors in their places.
    pub fn new(slot: usize, nofile: u32, fault: Option<AgentFault>) -> Option<Agent> {
        // SAFETY: whoever made this process has put the board there, and nothing ever closes it.
        let board = unsafe { BorrowedFd::borrow_raw(BOARD_FD) };
        let mapping = Mapping::of(board).ok()?;
        super::nudge::be_roused();
        super::handled::leave_notes_at(mapping.board(), mapping.notes(slot));
        let (drivers, faults) = (drivers(), Faults::new(fault));
        let heard = mapping.mail(slot).commands();
        let (told, received, shared) = (0, 0, super::shared::prefix());
        let holder = Holder::default();
        Some(Agent {
            slot,
            nofile,
            mapping,
            drivers,
            faults,
            heard,
            told,
            received,
            shared,
            holder,
            sides: Sides::default(),
            handles: Handles::default(),
            held_back: None,
            leaves: false,
        })
    }

    /// Serves until it is killed.
    pub fn serve(&mut self) -> ! {
        self.take_commands();
        exit(2)
    }

    fn take_commands(&mut self) {
        while !self.leaves {
            match self.command() {
                Some(Command::Step(step)) => self.step(&step),
                Some(Command::Batch { count, far }) => self.batch(count, far),
                Some(Command::Reset { nofile }) => self.reset(nofile),
                None => exit(2),
            }
        }
    }

    /// Sleeps until there is a command, and takes it.
    fn command(&mut self) -> Option<Command> {
        let mail = self.mapping.mail(self.slot);
        while mail.commands() == self.heard {
            futex::wait(mail.word(), self.heard, None);
        }
        self.heard = mail.commands();
        (self.told, self.received) = (0, 0);
        // SAFETY: the command has been counted and its report has not.
        Command::decode(unsafe { self.mapping.command(self.slot) })
    }

    /// `len` bytes of the slot's memory, behind those that have been received.
    #[allow(clippy::mut_from_ref)] // the memory is not in `self`, see `Mapping::area`
    pub fn area(&self, len: usize) -> &mut [u8] {
        self.mapping.touch(self.slot, self.received, len);
        // SAFETY: from a command to its report the area is this agent's, and no driver asks for it
        // twice.
        unsafe { self.mapping.area(self.slot, self.received, len) }
    }

    /// The real name of shared memory that a program calls so.
    pub fn shared_name(&self, name: &CStr) -> CString {
        super::shared::real(&self.shared, name)
    }

    /// A name that no other program has, for what has its names in no directory.
    pub fn own_name(&self, name: &[u8]) -> Vec<u8> {
        [self.shared.as_bytes(), name].concat()
    }

    /// A mutex, and what this process knows of the one that it has.
    pub fn mutex(&mut self, place: usize) -> (&mut Holder, &RawMutex) {
        (&mut self.holder, &self.mapping.mutexes()[place])
    }

    /// The sides of rings that this process has.
    pub fn sides(&mut self) -> &mut Sides {
        &mut self.sides
    }

    /// The handles of portable mutexes that this process has.
    pub fn handles(&mut self) -> &mut Handles {
        &mut self.handles
    }

    /// How many descriptors its program may have.
    pub fn nofile(&self) -> u32 {
        self.nofile
    }

    /// The numbers of segments.
    pub fn segments(&self) -> &super::segments::Segments {
        self.mapping.segments()
    }

    /// What is known of mounts.
    pub fn mounts(&self) -> &super::mounts::Mounts {
        self.mapping.mounts()
    }

    /// In a child that was just made: takes over its slot. No command comes before its first report.
    pub fn begin(&mut self, slot: usize) -> Answer {
        self.take_slot(slot);
        super::calls::mutex::begin();
        super::calls::thread::forget();
        super::calls::timer::leave_behind();
        self.sides.be_of_a_child();
        self.handles.be_of_a_child();
        // By a function of the C library that the process has touched already.
        // SAFETY: takes nothing and cannot fail.
        Answer::Begun(unsafe { libc::syscall(libc::SYS_getpid) } as i32)
    }

    /// In one more thread of a process: it is to end.
    pub fn leave(&mut self) {
        self.leaves = true;
    }

    /// In a child: this is the mask again once it was said that it has begun.
    pub fn hold_back(&mut self, mask: Option<libc::sigset_t>) {
        self.held_back = mask;
    }

    /// From now on the commands of that slot are meant, those that have been given excepted.
    pub fn take_slot(&mut self, slot: usize) {
        self.slot = slot;
        super::handled::leave_notes_at(self.mapping.board(), self.mapping.notes(slot));
        self.heard = self.mapping.mail(slot).commands();
        (self.told, self.received) = (0, 0);
    }

    /// Runs the same program anew, in the same slot.
    pub fn exec(&mut self) -> Result<Infallible, Errno> {
        let text = |text: String| CString::new(text).expect("digits and names have no zero byte");
        let fault = text(self.faults.name().to_owned());
        let (slot, nofile) = (text(self.slot.to_string()), text(self.nofile.to_string()));
        let timers = text(super::calls::timer::names());
        // The dynamic loader opens files before the new program can be asked anything, and the old
        // one may have used all the numbers it has.
        limit_descriptors(u32::MAX);
        let args = [c"ipc-conformance", AGENT, &slot, &nofile, &fault, &timers];
        // An image that is not there is refused, and the process goes on.
        let Err(_) = ipc_impls::process::exec(super::frozen::IMAGE, &args);
        let failed = ipc_impls::process::exec(c"/proc/self/exe", &args);
        limit_descriptors(self.nofile);
        failed
    }

    fn batch(&mut self, count: u32, far: bool) {
        let mut at = 0;
        for _ in 0..count {
            // SAFETY: the command has been counted and the last of its reports has not.
            let list = unsafe { self.mapping.list(self.slot, far) };
            let Some((step, len)) = list.get(at..).and_then(Step::decode) else { exit(2) };
            self.step(&step);
            at += len;
            if self.leaves {
                return;
            }
        }
    }

    fn step(&mut self, step: &Step) {
        let Some(driver) = self.drivers.get(usize::from(step.operation)).copied() else { exit(2) };
        if driver.operation.sends() {
            payload::fill(step.tag, 0, self.area(step.len(1)));
        }
        let call = self.mapping.board().announce(self.slot, step.line);
        self.pass(step.gate);
        let answer = super::fault::perform(self, driver, step);
        // That call does not return, and no other is made.
        if self.leaves {
            return;
        }
        let back = self.mapping.board().draw();
        let probed = driver.probe.and_then(|probe| probe(&answer));
        let received = answer.received();
        self.report(Returned { line: step.line, call, back, probed, answer });
        self.received += received;
        // It may die of one of them: nobody is to hear of a handler in who was not heard to begin.
        super::calls::signal::let_through(self.held_back.take());
    }

    /// Waits until that gate is open.
    fn pass(&self, number: u32) {
        let gate = self.mapping.gate();
        // Numbers go round.
        let is_shut = |opened: u32| number != 0 && (opened.wrapping_sub(number) as i32) < 0;
        let mut opened = gate.opened();
        while is_shut(opened) {
            futex::wait(gate.word(), opened, None);
            opened = gate.opened();
        }
    }

    fn report(&mut self, returned: Returned) {
        self.send(&Report::Returned(returned));
    }

    fn send(&mut self, report: &Report) {
        // SAFETY: until the report is counted it is ours.
        if report.encode(unsafe { self.mapping.report(self.slot, self.told) }).is_none() {
            exit(2);
        }
        self.told += 1;
        self.mapping.mail(self.slot).report();
        let bell = self.mapping.bell();
        if bell.ring() {
            futex::wake(bell.word());
        }
    }

    /// Makes the process as it was when it was new: whatever a program can have changed.
    fn reset(&mut self, nofile: u32) {
        close_range(FIRST_FD, HARNESS_FD_BASE - 1);
        close_range(HARNESS_FD_END, i32::MAX);
        // What they have sent is cleared with the other signals.
        super::calls::timer::clear();
        if super::handled::set_right() {
            super::calls::signal::clear();
        }
        // SAFETY: takes a number and cannot fail.
        unsafe { libc::umask(0o022) };
        lead_a_group();
        while reap_one() {}
        super::calls::mapping::clear();
        super::calls::mutex::clear(&mut self.holder, self.mapping.mutexes());
        self.sides.clear();
        self.handles.clear();
        self.faults.forget();
        self.nofile = nofile;
        limit_descriptors(nofile);
        self.send(&Report::Fresh { lowest: lowest_free() });
    }

    /// The faults that are planted here.
    pub fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }
}

/// A text for a call; without memory of its own where it is short.
pub enum Text {
    /// The text and a zero byte.
    Short([u8; SHORT]),
    /// A longer one.
    Long(CString),
}

/// How many bytes a short text has, the zero byte included.
const SHORT: usize = 32;

impl Deref for Text {
    type Target = CStr;

    fn deref(&self) -> &CStr {
        match self {
            Text::Short(bytes) => CStr::from_bytes_until_nul(bytes).unwrap_or_default(),
            Text::Long(text) => text,
        }
    }
}

impl Step {
    /// The `index`-th argument as a number, 0 if there is none.
    pub fn number(&self, index: usize) -> i64 {
        self.args.get(index).and_then(|arg| arg.first()).copied().unwrap_or(0)
    }

    /// The `index`-th argument as a descriptor.
    pub fn fd(&self, index: usize) -> RawFd {
        self.number(index) as RawFd
    }

    /// The `index`-th argument as a process id.
    pub fn pid(&self, index: usize) -> i32 {
        self.number(index) as i32
    }

    /// The `index`-th argument as flags by index.
    pub fn bits(&self, index: usize) -> u32 {
        self.number(index) as u32
    }

    /// The `index`-th argument as the index of a word.
    pub fn word(&self, index: usize) -> usize {
        self.number(index) as usize
    }

    /// The `index`-th argument as a text, see [`super::wire::List::text`].
    pub fn text(&self, index: usize) -> Text {
        let numbers = self.args.get(index).unwrap_or_default();
        let (len, words) = numbers.split_first().unwrap_or((&0, &[]));
        let bytes = words.iter().flat_map(|word| word.to_le_bytes()).take(*len as usize);
        let mut short = [0; SHORT];
        if (*len as usize) < SHORT {
            short.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
            return Text::Short(short);
        }
        Text::Long(CString::new(bytes.collect::<Vec<u8>>()).unwrap_or_default())
    }

    /// The `index`-th argument as descriptors with flags by index.
    pub fn watches(&self, index: usize) -> impl Iterator<Item = (RawFd, u32)> + '_ {
        let numbers = self.args.get(index).unwrap_or_default();
        numbers.chunks_exact(2).map(|pair| (pair[0] as RawFd, pair[1] as u32))
    }

    /// The `index`-th argument as a number of bytes, of all buffers together.
    pub fn len(&self, index: usize) -> usize {
        self.args.get(index).map_or(0, |arg| arg.iter().sum::<i64>() as usize)
    }
}

/// What an agent begins with, in a child of the zygote: no descriptor of the zygote's own, and an end
/// with the zygote's, should nobody be left to bring it about. What it forks does not inherit that,
/// and must not: a program sees what the end of a parent does to its children.
pub fn begin_as_root(zygote: u32, nofile: u32) {
    // SAFETY: takes numbers and no memory.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0) };
    if std::os::unix::process::parent_id() != zygote {
        exit(2);
    }
    lead_a_group();
    let _ = ipc_impls::descriptor::close(LINK_FD);
    limit_descriptors(nofile);
}

/// Makes the calling process the leader of a process group, whatever group it was in: nobody is in it but
/// what it makes, and who joins it. In no other may an agent begin, for programs send signals to groups.
fn lead_a_group() {
    // SAFETY: takes numbers and no memory.
    if unsafe { libc::setpgid(0, 0) } != 0 {
        exit(2);
    }
}

/// Sets the soft `RLIMIT_NOFILE`, to the hard one at most.
pub fn limit_descriptors(soft: u32) {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard.min(soft.into()), hard);
    }
}

/// Closes every descriptor from `first` to `last`.
pub fn close_range(first: RawFd, last: RawFd) {
    // SAFETY: takes numbers and no memory; what is in the range is ours to close.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    if done == 0 {
        return;
    }
    // Linux before 5.9, and kernels that imitate one: what a process may have had at most.
    let open = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE);
    let highest = open.map_or(1 << 16, |(_, hard)| hard.min(1 << 16)) as RawFd;
    for fd in first..=last.min(highest) {
        let _ = ipc_impls::descriptor::close(fd);
    }
}

fn reap_one() -> bool {
    // SAFETY: a null status is allowed.
    unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) > 0 }
}

/// The lowest free descriptor, which stays free.
fn lowest_free() -> i32 {
    // SAFETY: takes numbers and no memory; 0 is `/dev/null`.
    let fd = unsafe { libc::fcntl(0, libc::F_DUPFD_CLOEXEC, 0) };
    let _ = ipc_impls::descriptor::close(fd);
    fd
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::wire::List;

    #[test]
    fn a_text_arrives_whole_however_long_it_is() {
        for len in [0, 1, 8, SHORT - 1, SHORT, SHORT + 1, 4096] {
            let text = "f".repeat(len);
            let step = Step { args: [List::text(&text)].into_iter().collect(), ..Step::default() };
            let told = step.text(0);
            assert_eq!(told.to_str(), Ok(text.as_str()));
            assert_eq!(matches!(told, Text::Short(_)), len < SHORT, "{len}");
        }
    }
}
