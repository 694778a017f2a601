//! Histories for people: one event a line, and a call on one line with its return if nothing
//! happened in between.
//!
//! ```text
//!   12  A  read r=3 16 …
//!   13  B  close w=4 = 0
//!   15  A  … read = 0 bytes
//!   16  -  asleep: A (proven)
//!   17  B  ended: exited 3
//! ```
//! The columns are the ticket, who, and what: names of the program with the numbers they stood for,
//! `…` where a call goes on, and where it goes on from.

use std::ops::Range;

use ipc_model::operation::{Actor, Arg, Call, Gives, Param};
use ipc_model::outcome::{Info, Outcome, Passed, Stack, Value};
use ipc_model::payload::{Data, Run};

use crate::history::{End, EventKind, History, Proof};
use crate::program::{Line, Operand, Program};
use crate::record::{actor_text, flags_text, process_text, word_text};
use crate::text::{parse, shown};

/// The most characters in a row.
const WIDTH: usize = 100;
/// The most runs, bytes of a run, and buffers that are told in full.
const RUNS: usize = 4;
const BYTES: usize = 8;
const BUFFERS: usize = 6;

/// What stands on one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The events that it tells, by index: one, or a call and its return.
    pub events: Range<usize>,
    /// The line, at most 100 characters.
    pub text: String,
}

/// The history as text, one row a line; how it ended is told if it did not end well.
pub fn transcript(history: &History) -> String {
    let program = parse("program", &history.head.program).unwrap_or_default();
    let layout = Layout::new(history, &program);
    let ending = match &history.end {
        End::Complete => None,
        End::Deadline { busy } => Some(format!("deadline: {} still busy", layout.names(busy))),
        End::Broken { reason } => Some(format!("broken: {reason}")),
    };
    let ending = ending.map(|what| layout.columns("-", "-", &what));
    let rows = rows(history, &program).into_iter().map(|row| row.text);
    rows.chain(ending).map(|row| row + "\n").collect()
}

/// Every event in its row, in order.
pub fn rows(history: &History, program: &Program) -> Vec<Row> {
    let layout = Layout::new(history, program);
    let mut rows = Vec::new();
    let mut next = 0;
    while next < history.events.len() {
        let row = layout.row(next);
        next = row.events.end;
        rows.push(row);
    }
    rows
}

/// Event `index` as a row; a call that returns at once takes its return along.
pub fn event_line(history: &History, program: &Program, index: usize) -> String {
    Layout::new(history, program).row(index).text
}

/// The call of event `index` as its row tells it, without ticket, actor and result: `read r=3 16`.
/// Empty if that event is no call.
pub fn call_text(history: &History, program: &Program, index: usize) -> String {
    let layout = Layout::new(history, program);
    match history.events.get(index).map(|event| &event.kind) {
        Some(EventKind::Call { line, call, .. }) => layout.call(layout.stated(*line), call),
        _ => String::new(),
    }
}

struct Layout<'a> {
    history: &'a History,
    program: &'a Program,
    /// Characters of the widest ticket.
    tickets: usize,
    /// Characters of the widest actor.
    actors: usize,
}

impl<'a> Layout<'a> {
    fn new(history: &'a History, program: &'a Program) -> Layout<'a> {
        let last = history.events.last().map_or(0, |event| event.ticket);
        let names = history.head.actors.iter().map(|name| name.chars().count());
        Layout {
            history,
            program,
            tickets: last.to_string().len().max(4),
            actors: names.max().unwrap_or(1),
        }
    }

    fn row(&self, index: usize) -> Row {
        let event = &self.history.events[index];
        let (who, what, end) = match &event.kind {
            EventKind::Call { actor, line, call } => {
                let stated = self.stated(*line);
                let text = self.call(stated, call);
                match self.history.events.get(index + 1).map(|event| &event.kind) {
                    Some(EventKind::Return { actor: same, outcome, probed }) if same == actor => {
                        let result = self.result(stated, call.operation.gives, outcome, *probed);
                        (self.name(*actor), text + &result, index + 2)
                    }
                    _ if call.operation.gives == Gives::Never => {
                        (self.name(*actor), text, index + 1)
                    }
                    _ => (self.name(*actor), text + " …", index + 1),
                }
            }
            EventKind::Return { actor, outcome, probed } => {
                (self.name(*actor), self.returned(index, *actor, outcome, *probed), index + 1)
            }
            EventKind::Handled { actor, info } => {
                (self.name(*actor), format!("handler: {}", self.info(info)), index + 1)
            }
            EventKind::Ended { process, status } => {
                let how = status.map_or(String::new(), |status| format!(": {status}"));
                (self.name(Actor::first(*process)), format!("ended{how}"), index + 1)
            }
            EventKind::Quiescent { asleep, proof } => {
                let proof = match proof {
                    Proof::Proven => "proven",
                    Proof::Waited => "waited for",
                    Proof::Expired => "waited for until every timeout had passed",
                };
                let what = match asleep.as_slice() {
                    [] => format!("all at rest ({proof})"),
                    _ => format!("asleep: {} ({proof})", self.names(asleep)),
                };
                ("-".to_owned(), what, index + 1)
            }
        };
        let text = self.columns(&event.ticket.to_string(), &who, &what);
        Row { events: index..end, text }
    }

    fn columns(&self, ticket: &str, who: &str, what: &str) -> String {
        let (tickets, actors) = (self.tickets, self.actors);
        let row = format!("{ticket:>tickets$}  {who:<actors$}  {what}");
        let most = if row.chars().nth(WIDTH).is_some() { WIDTH - 1 } else { WIDTH };
        shown(&row, most)
    }

    /// A return whose call stands somewhere above.
    fn returned(
        &self,
        index: usize,
        actor: Actor,
        outcome: &Outcome,
        probed: Option<u64>,
    ) -> String {
        if *outcome == Outcome::Success(Value::Begun) {
            let is_birth = |line: &&Line| line.child == Some(actor.process);
            let by = |line: &Line| {
                let (parent, leader) = (line.actor, self.program.leader(actor.process));
                if leader == actor.process {
                    format!(" (forked by {})", self.name(Actor::first(parent)))
                } else {
                    format!(" (a thread of {})", self.name(Actor::first(leader)))
                }
            };
            let birth = self.program.lines.iter().find(is_birth);
            return "begins".to_owned() + &birth.map_or(String::new(), by);
        }
        let above = self.history.events[..index].iter().rev();
        let call = above.map(|event| &event.kind).find_map(|kind| match kind {
            EventKind::Call { actor: same, line, call } if *same == actor => Some((*line, call)),
            _ => None,
        });
        match call {
            Some((line, call)) => {
                let gives = call.operation.gives;
                let result = self.result(self.stated(line), gives, outcome, probed);
                format!("… {}{result}", call.operation.key())
            }
            None => format!("… ?{}", self.result(None, Gives::Nothing, outcome, probed)),
        }
    }

    fn stated(&self, line: u16) -> Option<&'a Line> {
        self.program.lines.get(usize::from(line))
    }

    fn name(&self, actor: Actor) -> String {
        actor_text(&self.history.head.actors, actor)
    }

    fn names(&self, actors: &[Actor]) -> String {
        actors.iter().map(|actor| self.name(*actor)).collect::<Vec<_>>().join(", ")
    }

    fn call(&self, stated: Option<&Line>, call: &Call) -> String {
        let mut text = call.operation.name.to_owned();
        for (index, (param, arg)) in call.operation.params.iter().zip(&call.args).enumerate() {
            let operand = stated.and_then(|line| line.args.get(index));
            text.push(' ');
            text.push_str(&self.arg(param, operand, arg));
        }
        text
    }

    fn arg(&self, param: &Param, operand: Option<&Operand>, arg: &Arg) -> String {
        match (param, arg) {
            (Param::Command(word), _) => (*word).to_owned(),
            (Param::Flags(words), Arg::Flags(flags)) => flags_text(words, *flags),
            (Param::Word(words), Arg::Number(index)) => word_text(words, *index),
            (_, Arg::Fd(fd)) => match operand {
                Some(Operand::Name(name)) => self.descriptor(*name, *fd),
                _ => fd.to_string(),
            },
            (Param::Mode, Arg::Number(mode)) => format!("{mode:04o}"),
            (Param::Watches([]), Arg::Watches(watches)) if watches.is_empty() => "0".to_owned(),
            (Param::Watches(words), Arg::Watches(watches)) => {
                let stated = match operand {
                    Some(Operand::Watches(stated)) => stated.as_slice(),
                    _ => &[],
                };
                let one = |(index, (fd, asked)): (usize, &(i32, u32))| {
                    let name = stated.get(index).map(|(name, _)| *name);
                    let fd = name.map_or(fd.to_string(), |name| self.descriptor(name, *fd));
                    match words {
                        [] => fd,
                        _ => format!("{fd}:{}", flags_text(words, *asked)),
                    }
                };
                watches.iter().enumerate().map(one).collect::<Vec<_>>().join(",")
            }
            (_, Arg::Watches(watches)) => format!("{watches:?}"),
            (_, Arg::Path(path)) => format!("\"{path}\""),
            (_, Arg::Number(number)) => number.to_string(),
            (_, Arg::Vector(parts)) => abbreviated(parts, BUFFERS, ",", u64::to_string),
            (_, Arg::Flags(flags)) => flags_text(&[], *flags),
            (_, Arg::Process(process)) => process_text(&self.history.head.actors, *process),
            (_, Arg::Command) => String::new(),
        }
    }

    /// `r=3`.
    fn descriptor(&self, name: u16, fd: i32) -> String {
        match self.program.names.get(usize::from(name)) {
            Some(name) => format!("{name}={fd}"),
            None => fd.to_string(),
        }
    }

    /// What is told of a signal, its sender by name.
    fn info(&self, info: &Info) -> String {
        let text = Info { stack: Stack::Unsaid, ..*info }.to_string();
        let text = match (info.from, text.rsplit_once(" from ")) {
            (Some(from), Some((what, _))) => {
                format!("{what} from {}", self.name(Actor::first(from)))
            }
            _ => text,
        };
        text + info.stack.words()
    }

    /// What stands behind the call: ` = 16`, or ` -> r=3 w=4` where results have names.
    fn result(
        &self,
        stated: Option<&Line>,
        gives: Gives,
        outcome: &Outcome,
        probed: Option<u64>,
    ) -> String {
        let binds = stated.map_or(&[][..], |line| &line.binds);
        let result = match outcome {
            Outcome::Success(Value::Fds(fds)) if fds.len() == binds.len() => {
                let named = binds.iter().zip(fds).map(|(name, fd)| self.descriptor(*name, *fd));
                format!(" -> {}", named.collect::<Vec<_>>().join(" "))
            }
            Outcome::Success(Value::Passed(passed)) => {
                let name = |(place, fd): (usize, &i32)| match binds.get(place) {
                    Some(name) => self.descriptor(*name, *fd),
                    None => fd.to_string(),
                };
                let fds: Vec<String> = passed.fds.iter().enumerate().map(name).collect();
                let words = if let Gives::Passed(words) = gives { words } else { &[] };
                let rest = Passed { data: Data::new(), ..(**passed).clone() }.text(&fds, words);
                let rest = rest.split_once(',').map_or("", |(_, rest)| rest);
                format!(" = {},{rest}", data_text(&passed.data))
            }
            Outcome::Success(Value::Child(process)) => {
                format!(" -> {}", process_text(&self.history.head.actors, *process))
            }
            Outcome::Success(Value::Info(info)) => format!(" = {}", self.info(info)),
            Outcome::Success(Value::Infos(infos)) => {
                let infos: Vec<String> = infos.iter().map(|info| self.info(info)).collect();
                format!(" = {}", infos.join(", "))
            }
            Outcome::Success(Value::Waited(Some(child), status)) => {
                format!(" = {} {status}", process_text(&self.history.head.actors, *child))
            }
            Outcome::Success(Value::Group(Some(leader))) => {
                format!(" = group {}", process_text(&self.history.head.actors, *leader))
            }
            Outcome::Success(Value::Data(data)) => format!(" = {}", data_text(data)),
            _ => format!(" = {}", outcome.display(gives)),
        };
        result + &probed.map_or(String::new(), |number| format!(" (probed {number})"))
    }
}

/// `16 bytes: w3[0..16]`, abbreviated if there is much of it.
fn data_text(data: &Data) -> String {
    let runs: Vec<&Run> = data.runs().collect();
    let text = |run: &&Run| match run {
        Run::Raw(bytes) if bytes.len() > BYTES => {
            let shown = Run::Raw(bytes[..BYTES].to_vec()).to_string();
            format!("{}…\"", shown.trim_end_matches('"'))
        }
        run => run.to_string(),
    };
    let count = if data.len() == 1 { "1 byte".to_owned() } else { format!("{} bytes", data.len()) };
    match runs.as_slice() {
        [] => count,
        runs => format!("{count}: {}", abbreviated(runs, RUNS, " ", text)),
    }
}

/// The first `most` of a list, and how many there are more.
fn abbreviated<T>(list: &[T], most: usize, between: &str, text: impl Fn(&T) -> String) -> String {
    let told = list.iter().take(most).map(text).collect::<Vec<_>>().join(between);
    match list.len().saturating_sub(most) {
        0 => told,
        more => format!("{told}{between}…(+{more})"),
    }
}

#[cfg(test)]
mod tests {
    use ipc_model::mechanism::operations;
    use proptest::prelude::*;

    use super::*;
    use crate::record::read;
    use crate::record::samples::{RECORDED, histories};
    use crate::text::samples::fixed;

    fn recorded() -> (History, Program) {
        let history = read("recorded", RECORDED).unwrap_or_else(|error| panic!("{error}"));
        let program = parse("program", &history.head.program);
        (history, program.unwrap_or_else(|error| panic!("{error}")))
    }

    #[test]
    fn a_call_stands_with_its_return_unless_something_came_between() {
        let (history, program) = recorded();
        insta::assert_snapshot!(transcript(&history), @r#"
 1  A  pipe -> r=3 w=4 (probed 65536)
 3  A  fork …
 4  B  begins (forked by A)
 5  A  … fork -> B
 6  A  read r=3 16 …
 7  B  fcntl w=4 F_SETFL O_NONBLOCK = 0
 9  B  writev w=4 10,6 …
10  A  … read = 10 bytes: w5[0..8] x"00ff"
11  B  … writev = 16
12  B  fcntl w=4 F_GETFL = O_WRONLY|O_NONBLOCK
14  B  _exit 3
15  B  ended: exited 3
16  A  kill B SIGKILL = ESRCH
18  A  waitpid B = exited 3
20  A  read r=3 16 …
21  -  asleep: A (proven)
"#);
        let line = |index| event_line(&history, &program, index);
        assert_eq!(line(0), "   1  A  pipe -> r=3 w=4 (probed 65536)");
        assert_eq!(line(1), "   2  A  … pipe -> r=3 w=4 (probed 65536)");
        assert_eq!(line(6), "   7  B  fcntl w=4 F_SETFL O_NONBLOCK = 0");
    }

    #[test]
    fn what_did_not_end_well_says_so() {
        let (mut history, _) = recorded();
        history.end =
            End::Deadline { busy: vec![Actor::first(0), Actor { process: 1, thread: 1 }] };
        assert!(transcript(&history).ends_with("   -  -  deadline: A, B/1 still busy\n"));
        history.end = End::Broken { reason: "the zygote\nis gone".to_owned() };
        assert!(transcript(&history).ends_with("   -  -  broken: the zygote�is gone\n"));
    }

    #[test]
    fn without_a_program_the_numbers_are_left() {
        let (mut history, _) = recorded();
        history.head.program = "lost".to_owned();
        let text = transcript(&history);
        assert!(text.contains("  A  pipe = 3 4 (probed 65536)\n"), "{text}");
        assert!(text.contains("  B  begins\n"), "{text}");
    }

    #[test]
    fn much_data_is_abbreviated() {
        let (mut history, program) = recorded();
        let raw = Run::Raw((0..200).collect());
        let of = |from| Run::Of { tag: 3, from, len: 65_536 };
        let data: Data = [of(0), raw, of(1), of(2), of(3), of(4)].into_iter().collect();
        let outcome = Outcome::Success(Value::Data(data));
        history.events[9].kind =
            EventKind::Return { actor: Actor::first(0), outcome, probed: None };
        let operation = operations().find(|one| one.name == "writev").expect("it is registered");
        let args = vec![Arg::Fd(4), Arg::Vector((1000..2000).collect())];
        let call = Call { operation, args, tag: 5 };
        history.events[8].kind = EventKind::Call { actor: Actor::first(1), line: 4, call };
        let line = |index| event_line(&history, &program, index);
        insta::assert_snapshot!([line(8), line(9)].join("\n"), @r#"
 9  B  writev w=4 1000,1001,1002,1003,1004,1005,…(+994) …
10  A  … read = 327880 bytes: w3[0..65536] x"0001020304050607…" w3[1..65537] w3[2..65538] …(+2)
"#);
    }

    proptest! {
        #![proptest_config(fixed(64))]

        #[test]
        fn every_event_has_its_place_in_a_narrow_row(history in histories()) {
            let program = parse("program", &history.head.program);
            let rows = rows(&history, &program.unwrap_or_else(|error| panic!("{error}")));
            let mut next = 0;
            for row in &rows {
                prop_assert_eq!(row.events.start, next);
                prop_assert!(row.text.chars().count() <= WIDTH, "{}", row.text);
                let ticket = history.events[next].ticket.to_string();
                prop_assert_eq!(row.text.split_whitespace().next(), Some(&*ticket));
                next = row.events.end;
            }
            prop_assert_eq!(next, history.events.len());
            let ending = usize::from(history.end != End::Complete);
            prop_assert_eq!(transcript(&history).lines().count(), rows.len() + ending);
        }
    }
}
