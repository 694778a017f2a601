//! What a program must keep to where processes have several threads.

use ipc_model::operation::{Operation, Param};
use ipc_model::process::KILL;
use ipc_model::signal::{
    KILL_SIGNALS, PTHREAD_SIGMASK, SENT, SIGACTION, SIGCHLD, SIGNALS, SIGPROCMASK, SIGQUEUE,
    SIGWINCH, bit,
};
use ipc_model::thread::{
    PTHREAD_CREATE, PTHREAD_EXIT, PTHREAD_JOIN, PTHREAD_KILL, keeps_apart, keeps_out,
};

use super::parse::{Parser, Word};
use super::{Fault, quote};
use crate::program::{Line, Operand, Program};

impl Parser {
    /// Refuses a call that says of threads, or makes in a process of several, what no program may.
    pub(super) fn hold_to_threads(
        &self,
        actor: u8,
        operation: &'static Operation,
        args: &[Operand],
        name: Word,
    ) -> Result<(), Fault> {
        let leader = self.leader(actor);
        let several = self.known[usize::from(leader)].several;
        if several && let Some(why) = keeps_apart(operation) {
            let message =
                format!("a process with several threads calls {}", quote(&operation.key()));
            return Err(name.fault(message, why));
        }
        if operation == &PTHREAD_EXIT && leader == actor {
            let message = "the first thread of a process ends by `pthread_exit`".to_owned();
            return Err(name.fault(message, "only those that `pthread_create` has made may"));
        }
        for other in args.iter().filter_map(named) {
            if let Some((message, help)) = self.kept_from(actor, operation, args, other) {
                let about = quote(&self.program.actors[usize::from(other)]);
                return Err(name.fault(format!("{about} {message}"), help));
            }
        }
        Ok(())
    }

    /// Refuses a program with threads that has calls of which nothing is said there, or lines that need not
    /// wait for those above: whether a thread is still there would be a matter of chance.
    pub(super) fn hold_together(&self) -> Result<(), (usize, Fault)> {
        let program = &self.program;
        let makes = |line: &Line| line.operation == &PTHREAD_CREATE;
        let Some(first) = program.lines.iter().position(makes) else { return Ok(()) };
        let fault = |index: usize, message: String, help: &str| {
            let (line, at) = self.calls[index].clone();
            Err((line as usize, Fault { at, message, help: help.to_owned() }))
        };
        if !program.stepwise || !program.together.is_empty() {
            let message = "threads are made where lines need not wait for those above".to_owned();
            return fault(first, message, "write `order stepwise` at the head, and no `together`");
        }
        for (index, line) in program.lines.iter().enumerate() {
            if let Some(why) = keeps_out(line.operation) {
                let call = quote(&line.operation.key());
                return fault(index, format!("a program with threads calls {call}"), why);
            }
            let idle = bit(SIGWINCH) | bit(SIGCHLD);
            let about = idle | idle_and_blocked(program, index);
            if line.operation != &PTHREAD_KILL && named_signals(line) & about != 0 {
                let message = "in a program with threads a process is sent what does nothing";
                let help = "which thread takes that, and when, is not modelled";
                return fault(index, message.to_owned(), help);
            }
        }
        Ok(())
    }

    /// What keeps a call from naming that other actor, and what to do about it.
    fn kept_from(
        &self,
        actor: u8,
        operation: &'static Operation,
        args: &[Operand],
        other: u8,
    ) -> Option<(&'static str, &'static str)> {
        let (own, its) = (self.leader(actor), self.leader(other));
        let joins = operation == &PTHREAD_JOIN;
        if !joins && operation != &PTHREAD_KILL {
            let is_thread = its != other;
            return is_thread.then_some(("is a thread, and no process", "name the process"));
        }
        let joins_it = |line: &Line| {
            line.operation == &PTHREAD_JOIN && line.args.contains(&Operand::Process(actor))
        };
        let joined = |line: &Line| {
            line.operation == &PTHREAD_JOIN && line.args.contains(&Operand::Process(other))
        };
        if its != own {
            Some(("is no thread of the caller's process", "name one that is"))
        } else if joins && (other == own || other == actor) {
            Some((
                "cannot be waited for here",
                "only one that `pthread_create` has made, by another",
            ))
        } else if joins
            && self.program.lines.iter().any(|line| line.actor == other && joins_it(line))
        {
            Some(("waits for the caller", "who waits for each other is told EDEADLK or not"))
        } else if self.program.lines.iter().any(joined) {
            Some(("was waited for", "what is done to it behind that is undefined"))
        } else if args.get(1) == Some(&Operand::Number(0)) {
            Some(("is sent SIGKILL, which is for its process", "send that by `kill`"))
        } else {
            None
        }
    }
}

/// The signals that a line names, as a set.
fn named_signals(line: &Line) -> u32 {
    let words = line.operation.params.iter().zip(&line.args);
    let set = |(param, arg): (&Param, &Operand)| match (param, arg) {
        (Param::Flags(words), Operand::Flags(set)) if *words == SIGNALS => *set,
        (Param::Word(words), Operand::Number(word)) if *words == SIGNALS => bit(*word as u8),
        (Param::Word(words), Operand::Number(word)) if *words == KILL_SIGNALS => {
            word.checked_sub(SENT as i64).map_or(0, |place| bit(place as u8))
        }
        _ => 0,
    };
    words.fold(0, |all, pair| all | set(pair))
}

/// The signals that a process, which the line sends one to, is said to ignore and whose first thread blocks
/// them there: in a program whose lines come one after the other that is known.
fn idle_and_blocked(program: &Program, index: usize) -> u32 {
    let line = &program.lines[index];
    let target =
        line.args.iter().find_map(named).filter(|_| [&KILL, &SIGQUEUE].contains(&line.operation));
    let Some(target) = target else { return 0 };
    let above = &program.lines[..index];
    let ignored = above.iter().filter_map(ignores).fold(0, |set, signal| set | bit(signal));
    ignored & mask_of(program, target, index)
}

/// The mask of an actor above that line.
fn mask_of(program: &Program, actor: u8, index: usize) -> u32 {
    let above = &program.lines[..index];
    let birth = above.iter().position(|line| line.child == Some(actor));
    let inherited = birth.map_or(0, |birth| mask_of(program, above[birth].actor, birth));
    let own = above.iter().filter(|line| line.actor == actor);
    own.fold(inherited, |mask, line| match (line.args.first(), line.args.get(1)) {
        (Some(Operand::Number(how)), Some(Operand::Flags(set)))
            if [&SIGPROCMASK, &PTHREAD_SIGMASK].contains(&line.operation) =>
        {
            [mask | set, mask & !set, *set][(*how as usize).min(2)]
        }
        _ => mask,
    })
}

/// The signal that a line says to ignore.
fn ignores(line: &Line) -> Option<u8> {
    let said = line.operation == &SIGACTION && line.args.get(1) == Some(&Operand::Number(1));
    if let (true, Some(Operand::Number(signal))) = (said, line.args.first()) {
        return Some(*signal as u8);
    }
    None
}

fn named(arg: &Operand) -> Option<u8> {
    if let Operand::Process(other) = arg { Some(*other) } else { None }
}

#[cfg(test)]
mod tests {
    use crate::text::parse;

    #[test]
    fn what_is_not_said_of_threads_is_refused_where_it_stands() {
        let several = "order stepwise\nA: pipe -> r w\nA: pthread_create -> T\n";
        let wrong = [
            "A: sigprocmask SIG_BLOCK SIGUSR1",
            "T: exec",
            "A: kill 0 SIGUSR1",
            "A: pthread_exit",
            "B: kill T SIGUSR1",
            "A: waitpid T",
            "B: pthread_kill T SIGUSR1",
            "T: pthread_kill B SIGUSR1",
            "A: pthread_kill T SIGKILL",
            "T: pthread_join T",
            "T: pthread_join A",
            "A: pthread_join T\nA: pthread_join T",
            "A: pthread_join T\nA: pthread_kill T SIGUSR1",
            "T: pthread_create -> U\nT: exec",
            "T: pthread_create -> U\nB: kill U SIGUSR1",
            "A: pthread_create -> U\nU: pthread_join T\nT: pthread_join U",
            "A: close r",
            "B: alarm 1",
            "B: kill 0 SIGUSR1",
            "B: kill A SIGWINCH",
            "A: pthread_sigmask SIG_BLOCK SIGCHLD",
            "A: pthread_sigmask SIG_BLOCK SIGUSR1|SIGUSR2\nA: pthread_sigmask SIG_UNBLOCK SIGUSR2\nA: sigaction SIGUSR1 SIG_IGN\nA: sigaction SIGUSR2 SIG_IGN\nB: kill A SIGUSR2\nB: kill A SIGUSR1",
            "together\nA: read r 1\nthen",
        ];
        let told = wrong.map(|line| {
            let text = format!("{several}{line}");
            let error = parse("test.ipc", &text).expect_err(&text);
            format!("{}:{} {}\n    {}", error.line, error.column, error.message, error.help)
        });
        insta::assert_snapshot!(told.join("\n"), @r"
        4:4 a process with several threads calls `sigprocmask`
            the standard leaves it unspecified there: write `pthread_sigmask`
        4:4 a program with threads calls `exec`
            the model does not say what that does to threads
        4:4 a program with threads calls `kill 0`
            the model does not say what that does to threads
        4:4 the first thread of a process ends by `pthread_exit`
            only those that `pthread_create` has made may
        4:4 `T` is a thread, and no process
            name the process
        4:4 `T` is a thread, and no process
            name the process
        4:4 `T` is no thread of the caller's process
            name one that is
        4:4 `B` is no thread of the caller's process
            name one that is
        4:4 `T` is sent SIGKILL, which is for its process
            send that by `kill`
        4:4 `T` cannot be waited for here
            only one that `pthread_create` has made, by another
        4:4 `A` cannot be waited for here
            only one that `pthread_create` has made, by another
        5:4 `T` was waited for
            what is done to it behind that is undefined
        5:4 `T` was waited for
            what is done to it behind that is undefined
        5:4 a program with threads calls `exec`
            the model does not say what that does to threads
        5:4 `U` is a thread, and no process
            name the process
        6:4 `U` waits for the caller
            who waits for each other is told EDEADLK or not
        4:4 a process with several threads calls `close`
            another thread may be in a call on that descriptor, and goes on with what it was
        4:4 a program with threads calls `alarm`
            the model does not say what that does to threads
        4:4 a program with threads calls `kill 0`
            the model does not say what that does to threads
        4:4 in a program with threads a process is sent what does nothing
            which thread takes that, and when, is not modelled
        4:4 in a program with threads a process is sent what does nothing
            which thread takes that, and when, is not modelled
        9:4 in a program with threads a process is sent what does nothing
            which thread takes that, and when, is not modelled
        3:4 threads are made where lines need not wait for those above
            write `order stepwise` at the head, and no `together`
        ");
    }

    #[test]
    fn threads_know_the_descriptors_of_their_process_whoever_opens_them() {
        let text = "order stepwise\nA: pthread_create -> T\nT: pthread_create -> U\nT: pipe -> r w\nA: write w 1\nU: read r 1\nA: exec\n";
        let error = parse("test.ipc", text).expect_err("nothing but the last line is wrong");
        assert_eq!((error.line, error.column), (7, 4));
        assert!(parse("test.ipc", text.trim_end_matches("A: exec\n")).is_ok());
        let head = "order stepwise\n";
        assert!(parse("test.ipc", text.trim_start_matches(head)).is_err());
    }

    #[test]
    fn a_process_is_held_apart_behind_its_first_thread_only() {
        let text = "order stepwise\nA: pipe -> r w\nA: sigprocmask SIG_BLOCK SIGUSR1\nA: fork -> B\nA: close r\nA: pthread_create -> T\nB: close w\nB: sigprocmask SIG_BLOCK SIGUSR1\n";
        assert!(parse("test.ipc", text).is_ok());
    }
}
