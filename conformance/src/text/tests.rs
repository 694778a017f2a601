use std::collections::BTreeSet;

use ipc_model::mechanism::operations;
use ipc_model::operation::Operation;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::samples::{fixed, programs};
use super::{MAX_BYTES, MAX_WATCHES, parse};
use crate::program::{Edge, Mention, Operand, Program};

const EVERYTHING: &str = "\
# comment
covers pipe.read.blocks pipe.read.eof        # may be repeated
covers pipe.write.atomic
may-cover pipe.write.long.step
order stepwise
limit nofile 16

A: pipe -> r w
A: fork -> B
A: close w
A:   read   r 16                     # comments at line end
B: when A blocked  close w
B: after A.3 when A blocked write w 100
A: pipe2 O_NONBLOCK|O_CLOEXEC -> p q
A: writev w 10,20,30
A: fcntl r F_SETFL O_NONBLOCK
A: fcntl r F_GETFL
A: dup r -> r2
A: dup2 r w
A: dup3 r w O_CLOEXEC
A: ioctl r FIONREAD
A: lseek r -1 SEEK_SET
A: sigaction SIGPIPE SIG_IGN
A: sigprocmask SIG_BLOCK SIGPIPE
C: kill D SIGKILL
A: kill B SIGKILL
A: waitpid B
A: exec
D: pipe2 0 -> r w
B: _exit 3
";

fn read(text: &str) -> Program {
    parse("test.ipc", text).unwrap_or_else(|error| panic!("{error}"))
}

/// The error, as people see it, after a look at what every one must have.
fn refusal(text: &str) -> String {
    let error = parse("test.ipc", text).expect_err("the text is not a program");
    assert!(!error.message.is_empty() && !error.help.is_empty());
    assert_eq!(text.lines().nth(error.line - 1).unwrap_or(""), error.excerpt);
    error.to_string()
}

/// The program as if it had not been read from text.
fn placeless(mut program: Program) -> Program {
    let mentions = program.covers.iter_mut().chain(&mut program.may_cover);
    mentions.for_each(|mention| mention.at = 0);
    program
}

#[test]
fn a_program_says_what_its_text_says() {
    let program = read(EVERYTHING);
    assert_eq!(program.actors, ["A", "B", "C", "D"]);
    assert_eq!(program.roots(), [0, 2, 3]);
    assert_eq!(program.names, ["r", "w", "p", "q", "r2"]);
    assert!(program.stepwise);
    assert_eq!(program.nofile, Some(16));
    assert_eq!(program.covers[2], Mention { clause: "pipe.write.atomic".to_owned(), at: 3 });
    assert_eq!(program.lines[1].child, Some(1));
    assert_eq!(program.lines[4].edges, [Edge::WhenBlocked(0)]);
    assert_eq!(program.lines[5].edges, [Edge::After(2), Edge::WhenBlocked(0)]);
    assert_eq!(program.lines[6].args, [Operand::Flags(0b11)]);
    assert_eq!(program.lines[6].binds, [2, 3]);
    assert_eq!(program.lines[7].args, [Operand::Name(1), Operand::Vector(vec![10, 20, 30])]);
    assert_eq!(program.lines[8].operation.key(), "fcntl F_SETFL");
    assert_eq!(program.line_text(3), "read r 16");
}

#[test]
fn a_program_has_one_spelling() {
    let canonical = read(EVERYTHING).to_string();
    insta::assert_snapshot!(canonical, @r#"
covers pipe.read.blocks pipe.read.eof pipe.write.atomic
may-cover pipe.write.long.step
order stepwise
limit nofile 16
A: pipe -> r w
A: fork -> B
A: close w
A: read r 16
B: when A blocked  close w
B: after A.3  when A blocked  write w 100
A: pipe2 O_CLOEXEC|O_NONBLOCK -> p q
A: writev w 10,20,30
A: fcntl r F_SETFL O_NONBLOCK
A: fcntl r F_GETFL
A: dup r -> r2
A: dup2 r w
A: dup3 r w O_CLOEXEC
A: ioctl r FIONREAD
A: lseek r -1 SEEK_SET
A: sigaction SIGPIPE SIG_IGN
A: sigprocmask SIG_BLOCK SIGPIPE
C: kill D SIGKILL
A: kill B SIGKILL
A: waitpid B
A: exec
D: pipe2 0 -> r w
B: _exit 3
"#);
    assert_eq!(read(&canonical).to_string(), canonical);
}

#[test]
fn lines_that_stand_together_are_marked_off() {
    let text =
        "order stepwise\nA: pipe -> r w\ntogether\nA: write w 1\nA: write w 2\nthen\nA: read r 3\n";
    let program = read(text);
    assert_eq!(program.together, 1..3);
    assert_eq!(program.to_string(), text);
    let open = "order stepwise\nA: pipe -> r w\ntogether\nA: write w 1\n";
    assert_eq!(read(open).together, 1..2);
    assert_eq!(read(&format!("{open}then\n")).to_string(), open);
}

#[test]
fn long_lists_of_clauses_are_broken_and_read_back() {
    let clauses: Vec<String> = (0..40).map(|n| format!("pipe.write.case_{n}")).collect();
    let program = read(&format!("covers {}\nA: pipe -> r w\n", clauses.join(" ")));
    let text = program.to_string();
    assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    assert_eq!(placeless(read(&text)), placeless(program));
}

#[test]
fn a_child_knows_what_its_parent_had_named_before_the_fork() {
    read("A: pipe -> r w\nA: fork -> B\nB: fork -> C\nC: read r 1\n");
    refusal("A: pipe -> r w\nA: fork -> B\nA: dup r -> late\nB: read late 1\n");
    refusal("A: pipe -> r w\nB: read r 1\n");
}

#[test]
fn errors_show_the_place_and_the_remedy() {
    let unknown = refusal("A: pipe -> reader w\nA: fork -> B\nB: read raeder 16\n");
    insta::assert_snapshot!(unknown, @r#"
error: unknown descriptor `raeder`
 --> test.ipc:3:9
  |
3 | B: read raeder 16
  |         ^^^^^^
  |
  = help: did you mean `reader`?
"#);
    insta::assert_snapshot!(refusal("# nothing\n"), @r#"
error: there is no call in this program
 --> test.ipc:1:1
  |
1 | # nothing
  | ^
  |
  = help: write at least one line such as `A: pipe -> r w`
"#);
    insta::assert_snapshot!(refusal("A: pipe -> r w\nA: fcntl r F_SETFLL 0\n"), @r#"
error: `fcntl` has no command `F_SETFLL`
 --> test.ipc:2:12
  |
2 | A: fcntl r F_SETFLL 0
  |            ^^^^^^^^
  |
  = help: did you mean `F_SETFL`?
"#);
    insta::assert_snapshot!(refusal("A: pipe -> r w\n\tA: lseek r 0"), @r#"
error: something is missing behind `0`
 --> test.ipc:2:13
  |
2 |     A: lseek r 0
  |                ^
  |
  = help: write `lseek FD NUMBER SEEK_SET/SEEK_CUR/SEEK_END`
"#);
}

#[test]
fn every_kind_of_mistake_has_its_words() {
    let pipe = |line: &str| format!("A: pipe -> r w\n{line}\n");
    let many: String = (0..33).map(|n| format!("A{n}: pipe -> r w\n")).collect();
    let mistakes = [
        pipe("A: raed r 16"),
        pipe("A: fcntl r"),
        pipe("A: read r"),
        pipe("A: read r 16 17"),
        pipe("A: read r sixteen"),
        pipe(&format!("A: read r {}", MAX_BYTES + 1)),
        pipe("A: readv r 10,,20"),
        pipe("A: readv r 16777216,1"),
        pipe(&format!("A: poll {} 0", vec!["r:POLLIN"; MAX_WATCHES + 1].join(","))),
        pipe(&format!("A: epoll_create1 0 -> p\nA: epoll_wait p {} 0", MAX_WATCHES + 1)),
        pipe("A: pipe2 O_CLOEXEC|O_CLOEXEC -> p q"),
        pipe("A: pipe2 O_CLOEXE -> p q"),
        pipe("A: lseek r 0 SEEK_HOLE"),
        pipe("A: pipe"),
        pipe("A: pipe -> p"),
        pipe("A: pipe -> p p"),
        pipe("A: pipe -> P q"),
        pipe("A: read r 16 -> n"),
        pipe("A:"),
        pipe("a: read r 16"),
        pipe("read r 16"),
        pipe("A: fork -> A"),
        pipe("A: fork -> B\nA: fork -> B"),
        pipe("B: pipe -> r w\nA: fork -> B"),
        pipe("A: kill B SIGKILL\nA: fork -> B"),
        pipe("A: kill B SIGKILL"),
        pipe("A: after A.1 read r 16"),
        pipe("B: after A.2 pipe -> r w"),
        pipe("B: after A pipe -> r w"),
        pipe("B: after"),
        pipe("B: when A pipe -> r w"),
        pipe("B: when C blocked pipe -> r w"),
        pipe("covers pipe.read.eof"),
        "covers\nA: pipe -> r w".to_owned(),
        "covers pipe\nA: pipe -> r w".to_owned(),
        "covers a.b a.b\nA: pipe -> r w".to_owned(),
        "order random\nA: pipe -> r w".to_owned(),
        "order stepwise\norder stepwise\nA: pipe -> r w".to_owned(),
        pipe("together\nA: read r 1"),
        pipe("then"),
        "order stepwise\ntogether\ntogether\nA: pipe -> r w".to_owned(),
        "order stepwise\ntogether\nthen\nA: pipe -> r w".to_owned(),
        "order stepwise\ntogether\nA: pipe -> r w\nthen\nthen".to_owned(),
        "order stepwise\nA: pipe -> r w\ntogether".to_owned(),
        "limit nofile 3\nA: pipe -> r w".to_owned(),
        "limit memory 3\nA: pipe -> r w".to_owned(),
        many,
    ];
    let told = mistakes.map(|text| {
        let error = parse("test.ipc", &text).expect_err(&text);
        refusal(&text);
        format!("{}:{} {}\n    {}", error.line, error.column, error.message, error.help)
    });
    insta::assert_snapshot!(told.join("\n"), @r#"
2:4 unknown call `raed`
    did you mean `read`?
2:4 `fcntl` needs a command
    write `fcntl FD F_GETFL`
2:9 something is missing behind `r`
    write `read FD BYTES`
2:14 `17` is more than `read` takes
    write `read FD BYTES`
2:11 `sixteen` is not a number of bytes
    write a whole number from 0 to 16777216
2:11 `16777217` are more bytes than a call may move here
    at most 16777216 (16 MiB)
2:12 an empty word is not a number of bytes
    write a whole number from 0 to 16777216
2:12 these buffers hold 16777217 bytes, more than a call may move here
    at most 16777216 (16 MiB) in all
2:9 17 descriptors are more than a call may ask about here
    ask about at most 16, and about the others in another call
3:17 17 are more descriptors than a call may be told of here
    ask for at most 16, and for the others in another call
2:10 `O_CLOEXEC` stands here twice
    leave one out
2:10 `O_CLOEXE` is not known here
    did you mean `O_CLOEXEC`?
2:14 `SEEK_HOLE` is not known here
    what can stand here: SEEK_SET, SEEK_CUR, SEEK_END
2:4 `pipe` gives two things that get names
    write `pipe -> FD FD`
2:12 `pipe` gives two things that get names
    write `pipe -> FD FD`
2:14 `p` is bound twice
    give each descriptor a name of its own
2:12 `P` is not a descriptor's name
    a small letter, then small letters, digits and `_`
2:17 `read` gives nothing that gets a name
    write `read FD BYTES`
2:1 there is no call in this line
    write one, as in `A: read r 16`
2:1 `a` is not an actor's name
    a capital letter, then letters, digits and `_`
2:1 `read` begins no line
    a call is written `A: read r 16`, the rest is covers, may-cover, order, limit, together, then
2:12 `A` cannot bring itself to life
    name an actor that is not there yet
3:12 `B` is born twice
    give the second one another name
3:12 `B` has lines above its birth
    move them below, or name another actor
3:12 `B` is named above its birth
    move that line below this one
2:9 unknown actor `B`
    no line is its own, and nobody forks it
2:10 an actor cannot wait for itself
    its lines are in order: leave the edge out
2:10 `A.2` is not above this line
    the last line of A above it is A.1
2:10 `A` is not a line of an actor
    write `after A.3` for A's third line
2:4 this edge is not complete
    write `after A.3`
2:4 this edge is not complete
    write `when A blocked`
2:9 `C` has no line above this one
    an edge points to a line above it
2:1 `covers` stands below a call
    move it above the first call
1:1 `covers` names no clause
    put clause ids behind it
1:8 `pipe` is not the id of a clause
    ids are words with dots between them: `pipe.read.eof`
1:12 `a.b` is named twice
    leave one out
1:1 unknown order
    write `order stepwise`
2:1 `order` stands here twice
    leave one out
2:1 `together` is an exception from an order
    write `order stepwise` in the head
2:1 `then` ends nothing
    write `together` above the lines that are meant
3:1 `together` stands here twice
    leave one out, or make two programs of it
3:1 no line stands together here
    put `then` below lines that stand together
5:1 no line stands together here
    put `then` below lines that stand together
3:1 no line stands together here
    put lines below `together`
1:14 `3` is no such limit
    write a number from 4 to 512
1:1 unknown limit
    write `limit nofile 16`
33:1 there are more than 32 actors
    use fewer
"#);
}

#[test]
fn a_call_that_nobody_knows_is_answered_by_those_there_are() {
    let told = refusal("A: frobnicate");
    assert!(told.contains("known here: _exit, accept4, alarm, bind, close,"), "{told}");
}

#[test]
fn there_is_an_end_to_the_calls_of_a_program() {
    let most = "A: sigpending\n".repeat(Program::MAX_LINES);
    assert_eq!(read(&most).lines.len(), Program::MAX_LINES);
    assert!(refusal(&(most + "A: sigpending\n")).contains("60000"));
}

#[test]
fn the_samples_have_every_operation_and_both_edges() {
    let mut runner = TestRunner::new(fixed(1));
    let (mut keys, mut edges) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..200 {
        let sample = programs().new_tree(&mut runner).expect("every choice makes a program");
        for line in sample.current().lines {
            keys.insert(line.operation.key());
            edges.extend(line.edges.iter().map(|edge| matches!(edge, Edge::After(_))));
        }
    }
    let any = |one: &&Operation| !ipc_model::thread::OPERATIONS.contains(one);
    assert_eq!(keys, operations().filter(any).map(|operation| operation.key()).collect());
    assert_eq!(edges, [false, true].into());
}

/// A change to a text: where, and what is put there instead of how many characters.
fn edit() -> impl Strategy<Value = (prop::sample::Index, usize, String)> {
    let bits = prop::sample::select(vec![
        "",
        " ",
        "\n",
        ":",
        "->",
        "#",
        ".",
        ",",
        "|",
        "0",
        "99999999999999999999",
        "A",
        "B",
        "r",
        "after A.1",
        "when A blocked",
        "fork -> B",
        "pipe -> r w",
        "covers",
        "\u{0}",
        "ß",
        "\r",
        "\t",
    ]);
    (any::<prop::sample::Index>(), 0..6usize, bits.prop_map(str::to_owned))
}

fn edited(text: &str, edits: &[(prop::sample::Index, usize, String)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (index, out, new) in edits {
        let at = index.index(chars.len() + 1);
        let end = (at + out).min(chars.len());
        chars.splice(at..end, new.chars());
    }
    chars.into_iter().collect()
}

/// What holds of any text: it is a program that reads back, or an error that can be shown.
fn read_or_refuse(text: &str) {
    match parse("any", text) {
        Ok(program) => {
            let canonical = program.to_string();
            let again = parse("canonical", &canonical).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(canonical, again.to_string());
            assert_eq!(placeless(program), placeless(again));
        }
        Err(error) => assert!(error.to_string().contains("help")),
    }
}

proptest! {
    #![proptest_config(fixed(256))]

    #[test]
    fn what_is_printed_reads_back(program in programs()) {
        let text = program.to_string();
        let again = parse("printed", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        prop_assert_eq!(placeless(again), program);
    }

    #[test]
    fn no_text_is_too_odd(text in any::<String>()) {
        read_or_refuse(&text);
    }

    #[test]
    fn no_line_is_too_odd(
        text in "([AB]: |)(when|after|[a-z]{1,6}|A|[|,.:0-9#\u{0}-\u{ff}]{0,4}| ){0,12}\n?",
    ) {
        read_or_refuse(&text);
    }

    #[test]
    fn no_change_to_a_program_is_too_odd(
        program in programs(),
        edits in prop::collection::vec(edit(), 1..4),
    ) {
        read_or_refuse(&edited(&program.to_string(), &edits));
    }
}
