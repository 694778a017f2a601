//! What a program must keep to where processes have several threads.

use ipc_model::operation::Operation;
use ipc_model::thread::{PTHREAD_EXIT, PTHREAD_JOIN, PTHREAD_KILL, keeps_apart};

use super::parse::{Parser, Word};
use super::{Fault, quote};
use crate::program::{Line, Operand};

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
        } else if self.program.lines.iter().any(joined) {
            Some(("was waited for", "what is done to it behind that is undefined"))
        } else if args.get(1) == Some(&Operand::Number(0)) {
            Some(("is sent SIGKILL, which is for its process", "send that by `kill`"))
        } else {
            None
        }
    }
}

fn named(arg: &Operand) -> Option<u8> {
    if let Operand::Process(other) = arg { Some(*other) } else { None }
}

#[cfg(test)]
mod tests {
    use crate::text::parse;

    #[test]
    fn what_is_not_said_of_threads_is_refused_where_it_stands() {
        let several = "A: pipe -> r w\nA: pthread_create -> T\n";
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
        ];
        let told = wrong.map(|line| {
            let text = format!("{several}{line}");
            let error = parse("test.ipc", &text).expect_err(&text);
            format!("{}:{} {}\n    {}", error.line, error.column, error.message, error.help)
        });
        insta::assert_snapshot!(told.join("\n"), @r"
        3:4 a process with several threads calls `sigprocmask`
            the standard leaves it unspecified there: write `pthread_sigmask`
        3:4 a process with several threads calls `exec`
            the model does not say what it does there
        3:4 a process with several threads calls `kill 0`
            the model does not say what it does there
        3:4 the first thread of a process ends by `pthread_exit`
            only those that `pthread_create` has made may
        3:4 `T` is a thread, and no process
            name the process
        3:4 `T` is a thread, and no process
            name the process
        3:4 `T` is no thread of the caller's process
            name one that is
        3:4 `B` is no thread of the caller's process
            name one that is
        3:4 `T` is sent SIGKILL, which is for its process
            send that by `kill`
        3:4 `T` cannot be waited for here
            only one that `pthread_create` has made, by another
        3:4 `A` cannot be waited for here
            only one that `pthread_create` has made, by another
        4:4 `T` was waited for
            what is done to it behind that is undefined
        4:4 `T` was waited for
            what is done to it behind that is undefined
        4:4 a process with several threads calls `exec`
            the model does not say what it does there
        4:4 `U` is a thread, and no process
            name the process
        ");
    }

    #[test]
    fn threads_know_the_descriptors_of_their_process_whoever_opens_them() {
        let text = "A: pthread_create -> T\nT: pthread_create -> U\nT: pipe -> r w\nA: write w 1\nU: read r 1\nA: exec\n";
        let error = parse("test.ipc", text).expect_err("nothing but the last line is wrong");
        assert_eq!((error.line, error.column), (6, 4));
        assert!(parse("test.ipc", text.trim_end_matches("A: exec\n")).is_ok());
    }

    #[test]
    fn a_process_is_held_to_that_behind_its_first_thread_only() {
        let text = "A: sigprocmask SIG_BLOCK SIGUSR1\nB: exec\nA: pthread_create -> T\nB: exec\n";
        assert!(parse("test.ipc", text).is_ok());
    }
}
