//! The controller's side of the processes: one zygote, and the agents that it forked.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command as Program, Stdio};
use std::time::{Duration, Instant};

use ipc_impls::mutex::raw::RawMutex;
use nix::libc;

use super::RealOptions;
use super::board::{Board, SLOTS};
use super::futex;
use super::handled::Noted;
use super::layout::{DEFAULT_NOFILE, FIRST_FD};
use super::life::{Life, because, readable, readable_asked};
use super::mapping::Mapping;
use super::nudge;
use super::portables::Portables;
use super::quiet::Window;
use super::rings::Rings;
use super::scratch::Scratch;
use super::shared;
use super::socket::{self, Received};
use super::wire::{BATCH_MAX, Command, Reply, Report, Request, Step};
use super::zygote::ZYGOTE;
use crate::system::SystemError;

/// How long the harness's own processes may take for what should take no time. Nothing that is under
/// test happens meanwhile, so that this only bounds how long a broken machine is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many may have ended before they are collected for their own sake.
const UNCOLLECTED: usize = 64;
/// How often others are let run for one to get out of its call, and then how often it is slept for.
const ROUSING: u32 = 16;
/// How long to sleep until a report, before it is asked whether there is anybody to give it.
const LISTENING: Duration = Duration::from_millis(10);

/// A zygote, its anchor and agents, and what connects them with us.
///
/// Dropping it leaves no process behind.
pub struct Fleet {
    anchor: Child,
    anchor_life: Life,
    zygote: Life,
    link: Option<OwnedFd>,
    mapping: Mapping,
    /// The rings that programs share, if there can be any.
    rings: Option<Rings>,
    /// The portable mutexes that programs share, if there can be any, and rings.
    portables: Option<Portables>,
    scratch: Scratch,
    /// How many reports of each slot have been taken in.
    heard: [u32; SLOTS],
    /// How many of these, and how many received bytes, since the slot's last command.
    since: [(usize, usize); SLOTS],
    /// The number of the last gate.
    gate: u32,
    /// How many programs were begun.
    programs: u32,
    /// How many have ended and were not collected yet.
    uncollected: usize,
    idle: Vec<Hand>,
}

/// An agent.
#[derive(Debug)]
pub struct Hand {
    /// Its place on the board, and its channel.
    pub slot: usize,
    /// Its process.
    pub life: Life,
    /// Whether the zygote forked it, rather than another agent.
    pub root: bool,
    nofile: u32,
    window: Option<Option<Window>>,
}

impl Hand {
    /// An agent that another one forked.
    pub fn forked(slot: usize, pid: i32, nofile: u32) -> Hand {
        Hand { slot, life: Life::of(pid), root: false, nofile, window: None }
    }

    /// One more thread of a process.
    pub fn of_thread(slot: usize, number: i32, process: i32, nofile: u32) -> Hand {
        let life = Life::of_thread(number, process);
        Hand { slot, life, root: false, nofile, window: None }
    }

    /// What `/proc` shows of it, opened when it is first asked for.
    pub fn window(&mut self) -> Option<&Window> {
        self.window.get_or_insert_with(|| Window::open(&self.life)).as_ref()
    }
}

impl Fleet {
    /// Starts a zygote.
    pub fn start(options: &RealOptions) -> Result<Fleet, SystemError> {
        let doing = "starting the process that forks the agents";
        let (link, theirs) = socket::pair().map_err(|e| because(doing, e))?;
        let mut scratch = Scratch::choose()?;
        let (mapping, memory) = Mapping::create().map_err(|e| because(doing, e))?;
        let mut program = Program::new(&options.program);
        program.arg(OsStr::from_bytes(ZYGOTE.to_bytes()));
        program.args(options.fault.map(|fault| fault.name()));
        // Without restartable sequences, which nobody uses here: the kernel writes to them whenever a
        // process is given a processor, and after each `fork` that is a page to copy in both.
        program.env("GLIBC_TUNABLES", "glibc.pthread.rseq=0");
        // A group of its own: what a terminal sends to ours does not reach it.
        program
            .process_group(0)
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // SAFETY: between `fork` and `exec` it makes a few system calls, and touches no memory.
        unsafe { program.pre_exec(scratch.maker()) };
        // SAFETY: as above.
        unsafe { program.pre_exec(be_compact) };
        let anchor = program.spawn().map_err(|e| scratch.blame(doing, e))?;
        scratch.is_made();
        let anchor_life = Life::of(anchor.id() as i32);
        // Until the zygote has told that it is there, stand in with the anchor.
        let zygote = Life::of(anchor.id() as i32);
        let rings = Rings::create();
        let mut fleet = Fleet {
            anchor,
            anchor_life,
            zygote,
            link: Some(link),
            mapping,
            portables: rings.as_ref().and_then(|_| Portables::create()),
            rings,
            scratch,
            heard: [0; SLOTS],
            since: [(0, 0); SLOTS],
            gate: 0,
            programs: 0,
            uncollected: 0,
            idle: Vec::new(),
        };
        fleet.hand_over(&memory).map_err(|e| because(doing, e))?;
        Ok(fleet)
    }

    fn hand_over(&mut self, memory: &OwnedFd) -> io::Result<()> {
        use std::os::fd::AsFd;
        let link = self.link.as_ref().expect("the link is there until the end");
        let rings = self.rings.as_ref().map(Rings::fds).unwrap_or_default();
        let mutexes = self.portables.as_ref().map(Portables::fds).unwrap_or_default();
        let all: Vec<RawFd> =
            [memory.as_raw_fd()].into_iter().chain(rings).chain(mutexes).collect();
        socket::put_fds(link.as_fd(), &all)?;
        match self.reply()? {
            Reply::Ready { zygote } => self.zygote = Life::of(zygote),
            other => return Err(io::Error::other(format!("it answered {other:?}"))),
        }
        Ok(())
    }

    /// The board.
    pub fn board(&self) -> &Board {
        self.mapping.board()
    }

    /// The next `len` bytes that the agent of a slot has received since its last command.
    pub fn received(&mut self, slot: usize, len: usize) -> &[u8] {
        let start = self.since[slot].1;
        self.since[slot].1 += len;
        // SAFETY: asked for only between the report that tells of them and the next command.
        unsafe { self.mapping.area(slot, start, len) }
    }

    /// A program begins.
    pub fn begin_program(&mut self) {
        self.programs = self.programs.wrapping_add(1);
    }

    /// How many programs were begun: the number of this one.
    pub fn programs(&self) -> u32 {
        self.programs
    }

    /// A gate that is shut.
    pub fn new_gate(&mut self) -> u32 {
        // 0 is no gate.
        self.gate = self.gate.checked_add(1).unwrap_or(1);
        self.gate
    }

    /// Opens the gate that was made last.
    pub fn open_gate(&self) {
        let gate = self.mapping.gate();
        gate.open(self.gate);
        futex::wake(gate.word());
    }

    /// Empties the directory of the programs.
    pub fn clear_scratch(&self) -> Result<(), SystemError> {
        let doing = || format!("emptying {}", self.scratch.path().display());
        self.scratch.clear().map_err(|e| because(&doing(), e))
    }

    /// Removes the programs' names of shared memory.
    pub fn clear_shared(&self) -> Result<(), SystemError> {
        let doing = || format!("removing shared memory of {}", self.scratch.path().display());
        shared::clear(self.scratch.path()).map_err(|e| because(&doing(), e))
    }

    /// Makes the programs' mutexes as new, once nobody is left who has one or waits for one.
    pub fn clear_mutexes(&mut self) -> Result<(), SystemError> {
        self.mapping.mutexes().iter().for_each(RawMutex::renew);
        let cleared = self.portables.as_mut().map_or(Ok(()), Portables::renew);
        cleared.map_err(|e| because("making mutexes as new", e))
    }

    /// Whether programs can have portable mutexes.
    pub fn has_portables(&self) -> bool {
        self.portables.is_some()
    }

    /// Whether programs can have rings.
    pub fn has_rings(&self) -> bool {
        self.rings.is_some()
    }

    /// Makes the programs' rings as new, once nobody is left who has a side of one.
    pub fn clear_rings(&self) -> Result<(), SystemError> {
        let cleared = self.rings.as_ref().map_or(Ok(()), Rings::renew);
        cleared.map_err(|e| because("making rings as new", e))
    }

    /// Whether programs can have segments of System V shared memory.
    pub fn has_segments(&self) -> bool {
        self.mapping.segments().are_ours()
    }

    /// Whether programs can mount directories.
    pub fn has_mounts(&self) -> bool {
        self.mapping.mounts().are_ours()
    }

    /// Removes the segments of the programs, if there are any, and forgets their numbers.
    pub fn clear_segments(&mut self) -> Result<(), SystemError> {
        let segments = self.mapping.segments();
        if !segments.is_used() {
            return Ok(());
        }
        segments.forget();
        match self.request(Request::Segments) {
            Ok(Reply::Removed(_)) => Ok(()),
            Ok(other) => Err(because("removing segments", io::Error::other(format!("{other:?}")))),
            Err(e) => Err(because("removing segments", e)),
        }
    }

    /// The zygote's process id.
    pub fn zygote(&self) -> i32 {
        self.zygote.pid
    }

    /// Whether the zygote has ended, which must not be.
    pub fn is_lost(&self) -> bool {
        self.zygote.ended()
    }

    /// Gives `count` agents with that limit of descriptors, as new.
    pub fn take(&mut self, count: usize, nofile: u32) -> Result<Vec<Hand>, SystemError> {
        let doing = "making agents";
        let mut hands = self.idle.split_off(self.idle.len().saturating_sub(count));
        let other: Vec<usize> = (0..hands.len()).filter(|i| hands[*i].nofile != nofile).collect();
        self.reset(&mut hands, &other, nofile).map_err(|e| because(doing, e))?;
        while hands.len() < count {
            let taken =
                |slot: &usize| hands.iter().chain(&self.idle).all(|hand| hand.slot != *slot);
            let slot = (0..SLOTS).find(taken).expect("no more roots than slots");
            hands.push(self.spawn(slot).map_err(|e| because(doing, e))?);
            if nofile != DEFAULT_NOFILE {
                let last = [hands.len() - 1];
                self.reset(&mut hands, &last, nofile).map_err(|e| because(doing, e))?;
            }
        }
        hands.iter().for_each(|hand| self.clear(hand.slot));
        Ok(hands)
    }

    /// Slots for `count` agents that will be forked, beside those of `hands`.
    pub fn spare_slots(&mut self, hands: &[Hand], count: usize) -> Result<Vec<usize>, SystemError> {
        while SLOTS - hands.len() - self.idle.len() < count {
            let Some(surplus) = self.idle.pop() else { break };
            self.dispose(vec![surplus])?;
        }
        let taken = |slot: &usize| hands.iter().chain(&self.idle).all(|hand| hand.slot != *slot);
        let slots: Vec<usize> = (0..SLOTS).filter(taken).take(count).collect();
        slots.iter().for_each(|slot| self.clear(*slot));
        Ok(slots)
    }

    /// How many handlers have run in a slot, and what their notes say.
    pub fn handled(&self, slot: usize) -> Option<(usize, Vec<Noted>)> {
        (slot < SLOTS).then(|| self.mapping.notes(slot).read())
    }

    fn clear(&mut self, slot: usize) {
        self.board().clear(slot);
        self.mapping.notes(slot).clear();
        self.since[slot] = (0, 0);
    }

    fn spawn(&mut self, slot: usize) -> io::Result<Hand> {
        self.uncollected = 0;
        match self.request(Request::Spawn { slot: slot as u16 })? {
            Reply::Spawned(Ok(pid)) => Ok(Hand {
                slot,
                life: Life::of(pid),
                root: true,
                nofile: DEFAULT_NOFILE,
                window: None,
            }),
            Reply::Spawned(Err(errno)) => Err(io::Error::other(format!("fork: {errno}"))),
            other => Err(io::Error::other(format!("the zygote answered {other:?}"))),
        }
    }

    /// Takes agents back that are between two calls: they forget the program, and wait for the next.
    pub fn give_back(&mut self, mut hands: Vec<Hand>) -> Result<(), SystemError> {
        let all: Vec<usize> = (0..hands.len()).collect();
        let nofile: Vec<u32> = hands.iter().map(|hand| hand.nofile).collect();
        let limit = nofile.first().copied().unwrap_or(DEFAULT_NOFILE);
        self.reset(&mut hands, &all, limit).map_err(|e| because("resetting agents", e))?;
        self.idle.extend(hands);
        Ok(())
    }

    fn reset(&mut self, hands: &mut [Hand], which: &[usize], nofile: u32) -> io::Result<()> {
        for index in which {
            hands[*index].nofile = nofile;
            self.command(hands[*index].slot, &Command::Reset { nofile })?;
        }
        for index in which {
            let slot = hands[*index].slot;
            let mut wait = Wait::new();
            let lowest = loop {
                match self.try_report(slot)? {
                    Some(Report::Fresh { lowest }) => break lowest,
                    Some(Report::Returned(late)) => {
                        return Err(io::Error::other(format!("an idle agent reported {late:?}")));
                    }
                    None => wait.report(self, &[slot], &hands[*index].life)?,
                }
            };
            if lowest != FIRST_FD {
                let what = format!("an agent's lowest free descriptor is {lowest} after its reset");
                return Err(io::Error::other(what));
            }
        }
        Ok(())
    }

    /// Gets an agent out of the call that it sleeps in, and takes in its report of it; whether that
    /// worked. Who has made others go on need not wait: the agent may sleep again, and is to be ended.
    pub fn rouse(&mut self, hand: &Hand) -> io::Result<bool> {
        nudge::rouse(&hand.life);
        for tries in 0..2 * ROUSING {
            if self.try_report(hand.slot)?.is_some() {
                return Ok(true);
            }
            match tries < ROUSING {
                true => nix::sched::sched_yield()?,
                false => self.listen(&[hand.slot], LISTENING),
            }
        }
        Ok(false)
    }

    /// Ends agents, waits until they are gone, and leaves no trace of them.
    pub fn dispose(&mut self, hands: Vec<Hand>) -> Result<(), SystemError> {
        if hands.is_empty() {
            return Ok(());
        }
        hands.iter().for_each(|hand| hand.life.kill());
        self.uncollected += hands.len();
        let deadline = Instant::now() + PATIENCE;
        for hand in &hands {
            if !hand.life.wait(deadline) {
                let cause = io::Error::other(format!("process {} does not end", hand.life.pid));
                return Err(because("ending agents", cause));
            }
            // What it reported at last, nobody will ask for.
            self.heard[hand.slot] = self.mapping.mail(hand.slot).reports();
        }
        Ok(())
    }

    /// Has the zygote collect everything that has ended, unless there is little: it does so as well
    /// whenever it makes an agent.
    pub fn reap(&mut self) -> Result<(), SystemError> {
        if self.uncollected < UNCOLLECTED {
            return Ok(());
        }
        self.uncollected = 0;
        match self.request(Request::Reap) {
            Ok(Reply::Reaped(_)) => Ok(()),
            Ok(other) => Err(because("collecting agents", io::Error::other(format!("{other:?}")))),
            Err(e) => Err(because("collecting agents", e)),
        }
    }

    /// Gives an agent a command.
    pub fn command(&mut self, slot: usize, command: &Command) -> io::Result<()> {
        // SAFETY: the agent has reported, and waits for this.
        if command.encode(unsafe { self.mapping.command(slot) }).is_none() {
            return Err(io::Error::other("a command is too long"));
        }
        self.since[slot] = (0, 0);
        let mail = self.mapping.mail(slot);
        mail.command();
        futex::wake(mail.word());
        Ok(())
    }

    /// Gives an agent calls to make one behind the other; says how many, for there may be too many.
    pub fn batch(&mut self, slot: usize, steps: &[Step]) -> io::Result<usize> {
        let near = self.put_list(slot, steps, false);
        let far = near < steps.len();
        let count = if far { self.put_list(slot, steps, true) } else { near };
        self.command(slot, &Command::Batch { count: count as u32, far })?;
        Ok(count)
    }

    /// Leaves calls in one of an agent's lists; how many there is room for.
    fn put_list(&self, slot: usize, steps: &[Step], far: bool) -> usize {
        // SAFETY: the agent has reported, and waits for what is left here.
        let list = unsafe { self.mapping.list(slot, far) };
        let mut used = 0;
        let lengths = steps.iter().take(BATCH_MAX).map_while(|step| {
            used += step.encode(list.get_mut(used..)?)?;
            Some(())
        });
        lengths.count()
    }

    /// What an agent has reported, if it has.
    pub fn try_report(&mut self, slot: usize) -> io::Result<Option<Report>> {
        if !self.has_report(slot) {
            return Ok(None);
        }
        self.heard[slot] = self.heard[slot].wrapping_add(1);
        let place = self.since[slot].0;
        self.since[slot].0 += 1;
        let unknown = || io::Error::other("an agent's report makes no sense");
        // SAFETY: it has been counted, and no command has been sent since.
        Report::decode(unsafe { self.mapping.report(slot, place) }).map(Some).ok_or_else(unknown)
    }

    fn has_report(&self, slot: usize) -> bool {
        self.mapping.mail(slot).reports() != self.heard[slot]
    }

    /// Sleeps until one of the slots has a report, or that time is over.
    pub fn listen(&self, slots: &[usize], time: Duration) {
        let bell = self.mapping.bell();
        let rings = bell.listen();
        if !slots.iter().any(|slot| self.has_report(*slot)) {
            futex::wait(bell.word(), rings, Some(time));
        }
        bell.ignore();
    }

    fn request(&mut self, request: Request) -> io::Result<Reply> {
        let link = self.link.as_ref().expect("the link is there until the end");
        socket::put(link.as_raw_fd(), &request.encode())?;
        self.reply()
    }

    fn reply(&mut self) -> io::Result<Reply> {
        let mut wait = Wait::new();
        let link = self.link.as_ref().expect("the link is there until the end").as_raw_fd();
        let mut message = [0; 16];
        loop {
            match socket::try_get(link, &mut message)? {
                Received::Message(n) => {
                    let unknown = || io::Error::other("the zygote's answer makes no sense");
                    return Reply::decode(&message[..n]).ok_or_else(unknown);
                }
                Received::Nothing => wait.readable(link, &self.zygote)?,
                Received::Closed => return Err(io::Error::other("the zygote is gone")),
            }
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        // The end of the link is the zygote's sign to end everything.
        drop(self.link.take());
        if !self.zygote.wait(Instant::now() + PATIENCE) {
            self.zygote.kill();
        }
        // Had the zygote no time to do it, its anchor does.
        if !self.anchor_life.wait(Instant::now() + PATIENCE) {
            let _ = self.anchor.kill();
        }
        self.idle.iter().for_each(|hand| hand.life.kill());
        let deadline = Instant::now() + PATIENCE;
        self.idle.iter().for_each(|hand| {
            hand.life.wait(deadline);
        });
        let _ = self.anchor.wait();
    }
}

/// Has the kernel lay out the calling process's memory as closely as it does (personality(2),
/// `ADDR_NO_RANDOMIZE`): what lies in one gigabyte needs one page of page tables for all of it, in each
/// agent anew. Where that is forbidden, nothing is lost but a little time.
fn be_compact() -> io::Result<()> {
    // SAFETY: takes a number and no memory.
    unsafe { libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong) };
    Ok(())
}

/// A wait for a process of ours that has something to do at once: first by letting it run, which on
/// one processor is all it takes, then asleep.
struct Wait {
    tries: u32,
    deadline: Instant,
}

impl Wait {
    fn new() -> Wait {
        Wait { tries: 0, deadline: Instant::now() + PATIENCE }
    }

    /// Waits until the slots have a report, or perhaps have; fails if that process has ended instead.
    fn report(&mut self, fleet: &Fleet, slots: &[usize], life: &Life) -> io::Result<()> {
        self.tries += 1;
        if self.tries < 16 {
            return Ok(nix::sched::sched_yield()?);
        }
        if Instant::now() > self.deadline {
            return Err(io::Error::other(format!("process {} does not answer", life.pid)));
        }
        let ended = life.ended();
        fleet.listen(slots, LISTENING);
        let told = slots.iter().any(|slot| fleet.has_report(*slot));
        if ended && !told {
            return Err(io::Error::other(format!("process {} has ended", life.pid)));
        }
        Ok(())
    }

    /// Waits until a descriptor is readable, or perhaps is; fails if that process has ended instead.
    fn readable(&mut self, fd: RawFd, life: &Life) -> io::Result<()> {
        self.tries += 1;
        if self.tries < 16 {
            return Ok(nix::sched::sched_yield()?);
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::other(format!("process {} does not answer", life.pid)));
        }
        let mut asked = vec![readable_asked(fd)];
        asked.extend(life.pollable().map(readable_asked));
        readable(&mut asked, left);
        if asked[0].revents == 0 && life.ended() {
            return Err(io::Error::other(format!("process {} has ended", life.pid)));
        }
        Ok(())
    }
}
