//! The examples do what they say.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Where an example is. Cargo builds the examples before it runs the tests beside them.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let target = test.parent().and_then(|deps| deps.parent()).expect("it is in deps");
    target.join("examples").join(name)
}

/// What an example prints.
fn run(name: &str, args: &[&str]) -> String {
    let example = example(name);
    let output = Command::new(&example).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", example.display()));
    assert!(output.status.success(), "{name}: {output:?}");
    String::from_utf8(output.stdout).expect("they print text")
}

#[test]
fn a_parent_reads_what_its_child_wrote() {
    let told = run("pipe", &[]);
    assert!(told.contains("read 20 bytes: \"hello from the child\""), "{told}");
    assert!(told.trim_end().ends_with("its child ended: Some(Exited(0))"), "{told}");
}

#[test]
fn lines_are_numbered_as_they_come_out_of_a_fifo() {
    let file = std::env::temp_dir().join(format!("example-{}", std::process::id()));
    let lines: Vec<String> = (0..20_000).map(|line| format!("line {line} of many")).collect();
    std::fs::write(&file, lines.join("\n")).expect("there is room for a file");
    let told = run("fifo", &[file.to_str().expect("its name is text")]);
    std::fs::remove_file(&file).expect("it was there");
    let numbered = (1..).zip(&lines).map(|(number, line)| format!("{number:>4}  {line}"));
    assert!(told.lines().take(lines.len()).eq(numbered), "{} lines", told.lines().count());
    assert!(
        told.trim_end().ends_with("the writer ended: Some(Exited(0))"),
        "{:?}",
        told.lines().last()
    );
}

#[test]
fn two_processes_talk_by_signals_with_values() {
    let told = run("signal", &["7", "-3"]);
    let lines: Vec<&str> = told.lines().collect();
    let expected =
        ["     7 squared is 49", "    -3 squared is 9", "the other ended: Some(Exited(0))"];
    assert_eq!(lines, expected);
}

#[test]
fn a_message_outlives_whoever_left_it() {
    let told = run("message", &[]);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "left 13 bytes",
            "a process has ended: exit status: 0",
            "somebody has left: gone to lunch",
            "a process has ended: exit status: 0",
        ]
    );
}

/// A terminal of the example: what is typed is answered, if it is an empty line.
struct Terminal(std::process::Child);

impl Terminal {
    fn new(file: &std::path::Path) -> Terminal {
        let command = Command::new(example("shared_file"))
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        Terminal(command.expect("the example is there"))
    }

    fn types(&mut self, line: &str) {
        let keyboard = self.0.stdin.as_mut().expect("it was asked for");
        keyboard.write_all(line.as_bytes()).expect("it reads");
    }

    fn shows(&mut self) -> String {
        self.types("\n");
        let mut line = String::new();
        let screen = self.0.stdout.as_mut().expect("it was asked for");
        loop {
            let mut byte = [0];
            screen.read_exact(&mut byte).expect("it answers");
            if byte == *b"\n" {
                return line;
            }
            line.push(char::from(byte[0]));
        }
    }

    fn ends(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().expect("it is ours").success());
    }
}

#[test]
fn two_terminals_share_a_file() {
    let file = std::env::temp_dir().join(format!("example-shared-{}", std::process::id()));
    let (mut one, mut other) = (Terminal::new(&file), Terminal::new(&file));
    one.types("hello\n");
    // It has taken the line when it answers the next.
    assert_eq!(one.shows(), "hello");
    assert_eq!(other.shows(), "hello");
    other.types("hello yourself\n");
    assert_eq!(other.shows(), "hello yourself");
    assert_eq!(one.shows(), "hello yourself");
    one.ends();
    other.ends();
    let mut later = Terminal::new(&file);
    assert_eq!(later.shows(), "hello yourself", "the file has it after them");
    later.ends();
    std::fs::remove_file(&file).expect("it was there");
}

/// That additions are lost is seen where two processes run at once; that none is, everywhere.
#[test]
fn updates_are_lost_that_are_made_in_two_steps() {
    let told = run("lost_update", &[]);
    let number = |line: &str| -> u32 {
        let words = line.split(' ').rev().nth(2).expect("a number of so many");
        words.parse().unwrap_or_else(|error| panic!("{line}: {error}"))
    };
    let numbers: Vec<u32> = told.lines().map(number).collect();
    let [apart, locked] = numbers[..] else { panic!("{told}") };
    assert_eq!(locked, 2_000_000, "{told}");
    let several = std::thread::available_parallelism().is_ok_and(|count| count.get() > 1);
    assert!(apart >= 2 && (apart < 2_000_000 || !several), "{told}");
}

#[test]
fn what_a_killed_producer_had_sent_is_read_to_the_end() {
    let told = run("ring", &[]);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "killed it after \"message 999\"");
    let (text, number) = lines[1].split_once("\", message number ").expect("it tells the last");
    assert_eq!(text, format!("read on to \"message {number}"), "all of them, and none twice");
    assert_eq!(lines[2..], ["and then: the producer has died"]);
}

/// A name in use is nobody else's: who leaves a message there is told, and so is who finds none.
#[test]
fn a_message_is_not_left_where_one_is() {
    let name = format!("/ipc-message-test-{}", std::process::id());
    let told = |args: &[&str]| {
        let mut command = Command::new(example("message"));
        let output = command.args(args).env("MESSAGE_NAME", &name).output().expect("it is there");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).expect("they print text"))
    };
    let (first, second) = (told(&["leave", "one"]), told(&["leave", "another"]));
    let (taken, none) = (told(&["take"]), told(&["take"]));
    assert_eq!((first.0, taken.0), (Some(0), Some(0)), "{first:?} {taken:?}");
    assert!(second.0 == Some(1) && second.1.contains("is one there already?"), "{second:?}");
    assert!(taken.1.contains("somebody has left: one"), "{taken:?}");
    assert!(none.0 == Some(1) && none.1.contains("nobody has left any"), "{none:?}");
}
