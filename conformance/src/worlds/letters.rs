//! The alphabet of a scope: calls as text, with everything that their arguments are drawn from.
//!
//! `A,B: read fd 1,3` lets the first two processes read one or three bytes from any descriptor that
//! they have open; `*: kill other SIGKILL` lets everybody kill anybody else.

use ipc_model::mechanism;
use ipc_model::operation::{Actor, Arg, Call, Operation, Param};
use ipc_model::world::{Life, World};

/// A call that some processes can make, over and over.
#[derive(Debug)]
pub(super) struct Letter {
    /// Bit *p* is set if process *p* can make it.
    pub(super) who: u32,
    /// What is called.
    pub(super) operation: &'static Operation,
    draws: Vec<Draw>,
}

/// Where an argument comes from.
#[derive(Debug)]
enum Draw {
    /// Each of these.
    Among(Vec<Arg>),
    /// Each descriptor that the caller has open.
    Open,
    /// Each other process that has been born, ended or not.
    Others,
    /// The caller.
    Caller,
}

impl Letter {
    /// Reads a letter for a scope of so many processes.
    pub(super) fn parse(text: &str, processes: u8) -> Result<Letter, String> {
        let wrong = |what: &str| format!("{text:?}: {what}");
        let (who, call) = text.split_once(": ").ok_or_else(|| wrong("nobody makes the call"))?;
        let who = match who {
            "*" => (1 << processes) - 1,
            names => names.split(',').try_fold(0, |set, name| {
                let number = number_of(name).filter(|number| *number < processes);
                number.map(|number| set | 1 << number).ok_or_else(|| wrong("who is that?"))
            })?,
        };
        let words: Vec<&str> = call.split(' ').collect();
        let fits = |operation: &&&Operation| {
            operation.name == words[0]
                && operation.params.len() + 1 == words.len()
                && operation
                    .params
                    .iter()
                    .zip(&words[1..])
                    .all(|(param, word)| has_place(param, word))
        };
        // One whose command is given goes before one that has none.
        let all: Vec<&'static Operation> = mechanism::operations().collect();
        let operation = all
            .iter()
            .filter(fits)
            .max_by_key(|one| one.command().is_some())
            .copied()
            .ok_or_else(|| wrong("there is no such call"))?;
        let draws = operation.params.iter().zip(&words[1..]);
        let draws = draws.map(|(param, word)| draw(param, word));
        let draws = draws.collect::<Option<_>>().ok_or_else(|| wrong("no such argument"))?;
        Ok(Letter { who, operation, draws })
    }

    /// Whether it names a process, which is then like no other.
    pub(super) fn names_a_process(&self) -> bool {
        let names = |draw: &Draw| matches!(draw, Draw::Among(args) if args.iter().any(is_process));
        self.draws.iter().any(names)
    }

    /// Whether it asks what is ready.
    pub(super) fn asks(&self) -> bool {
        self.operation
            .params
            .iter()
            .any(|param| matches!(param, Param::Watches(words) if !words.is_empty()))
    }

    /// Every call that the letter stands for when `actor` makes it now, without a tag.
    pub(super) fn calls(&self, world: &World, actor: Actor) -> Vec<Call> {
        let mut rows: Vec<Vec<Arg>> = vec![Vec::new()];
        for draw in &self.draws {
            let options = draw.options(world, actor);
            let longer =
                |row: &Vec<Arg>, arg: &Arg| [row.as_slice(), std::slice::from_ref(arg)].concat();
            rows = rows
                .iter()
                .flat_map(|row| options.iter().map(move |arg| longer(row, arg)))
                .collect();
        }
        rows.into_iter().map(|args| Call { operation: self.operation, args, tag: 0 }).collect()
    }
}

impl Draw {
    fn options(&self, world: &World, actor: Actor) -> Vec<Arg> {
        match self {
            Draw::Among(args) => args.clone(),
            Draw::Open => world.open_fds(actor.process).map(|(fd, _)| Arg::Fd(fd as i32)).collect(),
            Draw::Others => {
                let born = |number: &u8| {
                    *number != actor.process
                        && world.process(*number).is_some_and(|p| p.life != Life::Unborn)
                };
                (0..world.processes.len() as u8).filter(born).map(Arg::Process).collect()
            }
            Draw::Caller => vec![Arg::Process(actor.process)],
        }
    }
}

/// Whether a word can stand where the operation has that parameter, as far as commands go.
fn has_place(param: &Param, word: &str) -> bool {
    match param {
        Param::Command(command) => *command == word,
        _ => true,
    }
}

fn is_process(arg: &Arg) -> bool {
    matches!(arg, Arg::Process(_))
}

/// The process that a letter of the alphabet names.
fn number_of(name: &str) -> Option<u8> {
    let letter = name.bytes().next().filter(|letter| letter.is_ascii_uppercase())?;
    (name.len() == 1).then(|| letter - b'A')
}

/// How traces and scopes name a process.
pub(super) fn name_of(process: u8) -> char {
    char::from(b'A' + process % 26)
}

fn draw(param: &Param, word: &str) -> Option<Draw> {
    let each = |read: &dyn Fn(&str) -> Option<Arg>| {
        word.split(',').map(read).collect::<Option<Vec<Arg>>>().map(Draw::Among)
    };
    match param {
        Param::Fd if word == "fd" => Some(Draw::Open),
        Param::Fd | Param::TargetFd => each(&|one| one.parse().ok().map(Arg::Fd)),
        Param::Process if word == "other" => Some(Draw::Others),
        Param::Process if word == "self" => Some(Draw::Caller),
        Param::Process => each(&|one| number_of(one).map(Arg::Process)),
        Param::Command(command) => (*command == word).then(|| Draw::Among(vec![Arg::Command])),
        Param::Receive | Param::Send | Param::Number | Param::Timeout => {
            each(&|one| one.parse().ok().map(Arg::Number))
        }
        Param::ReceiveVector | Param::SendVector => each(&|one| {
            let parts: Option<Vec<u64>> = one.split('+').map(|part| part.parse().ok()).collect();
            parts.map(Arg::Vector)
        }),
        Param::Path | Param::SharedName | Param::Address => {
            each(&|one| Some(Arg::Path(one.into())))
        }
        Param::Mode => each(&|one| i64::from_str_radix(one, 8).ok().map(Arg::Number)),
        // `3+4`, several descriptors that are sent along, or `none`.
        Param::Watches([]) => each(&|one| {
            let pair = |part: &str| part.parse().ok().map(|fd: i32| (fd, 0));
            let all = one.split('+').filter(|_| one != "none");
            all.map(pair).collect::<Option<_>>().map(Arg::Watches)
        }),
        // `3:POLLIN+4:POLLOUT`, several descriptors in one call.
        Param::Watches(words) => each(&|one| {
            let pair = |part: &str| {
                let (fd, asked) = part.split_once(':')?;
                Some((fd.parse().ok()?, flags(words, asked)?))
            };
            one.split('+').map(pair).collect::<Option<_>>().map(Arg::Watches)
        }),
        Param::Flags(words) => each(&|one| flags(words, one).map(Arg::Flags)),
        Param::Word(words) => each(&|one| {
            words.iter().position(|known| *known == one).map(|index| Arg::Number(index as i64))
        }),
    }
}

fn flags(words: &[&str], text: &str) -> Option<u32> {
    if text == "0" {
        return Some(0);
    }
    text.split('|').try_fold(0, |set, flag| {
        words.iter().position(|known| *known == flag).map(|bit| set | 1 << bit)
    })
}
