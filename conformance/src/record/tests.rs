use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ipc_model::mechanism::operations;
use ipc_model::operation::{Actor, Arg, Call};
use ipc_model::outcome::{Outcome, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::samples::{RECORDED, histories};
use super::{read, validate, write};
use crate::history::{End, Event, EventKind, History};
use crate::text::samples::fixed;

fn written(history: &History) -> String {
    let mut file = Vec::new();
    write(history, &mut file).expect("a vector takes everything");
    String::from_utf8(file).expect("JSON is UTF-8")
}

/// The error of a text that is no history, in one line.
fn refusal(text: &str) -> String {
    let error = read("test.jsonl", text).expect_err("the text is not a history");
    assert!(!error.message.is_empty() && !error.help.is_empty() && !error.to_string().is_empty());
    format!("{}:{} {}", error.line, error.column, error.message)
}

/// The error after `from` has been replaced by `to` in a good history.
fn changed(from: &str, to: &str) -> String {
    assert!(RECORDED.contains(from), "{from} is not in the sample");
    refusal(&RECORDED.replacen(from, to, 1))
}

#[test]
fn a_recorded_history_says_what_happened() {
    let history = read("test.jsonl", RECORDED).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(history.head.numbers.pipe_capacity, 65_536);
    let EventKind::Call { actor, line: 3, call } = &history.events[6].kind else {
        panic!("{:?} is not a call in line 4", history.events[6]);
    };
    assert_eq!((*actor, call.operation.key().as_str()), (Actor::first(1), "fcntl F_SETFL"));
    assert_eq!(call.args, [Arg::Fd(4), Arg::Command, Arg::Flags(1)]);
    let EventKind::Return { outcome: Outcome::Success(Value::Data(data)), .. } =
        &history.events[9].kind
    else {
        panic!("{:?} does not return data", history.events[9]);
    };
    assert_eq!(data.to_string(), "w5[0..8] x\"00ff\"");
    assert_eq!(written(&history), RECORDED);
}

#[test]
fn a_history_from_before_limits_were_told_is_read() {
    let limits = ",\"pipe_max\":1048576,\"beyond_pipe_max\":false,\"beyond_pipe_pages\":false\
                  ,\"privileged\":false,\"name_max\":255,\"path_max\":4096,\"noatime\":false,\"stream_piece\":0";
    let before = RECORDED.replacen(limits, "", 1);
    assert!(before.len() < RECORDED.len());
    let history = read("old.jsonl", &before).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(written(&history), RECORDED);
}

#[test]
fn what_is_not_a_history_is_refused_with_its_place() {
    let told = [
        refusal(""),
        refusal("ELF\u{0}\n"),
        refusal("{\"events\":[]}\n"),
        changed("\"version\":1", "\"version\":2"),
        changed("\"nofile\":16,", ""),
        changed("\"roots\":[\"A\"]", "\"roots\":[\"C\"]"),
        changed("\"roots\":[\"A\"]", "\"roots\":[\"A\",\"B\"]"),
        changed("A: fork -> B\\n", "A: frok -> B\\n"),
        changed("\"ticket\":8,", "\"ticket\":\"8\","),
        changed("\"line\":4,", "\"line\":0,"),
        changed("\"call\":\"writev\"", "\"call\":\"writew\""),
        changed("[4,[10,6]]", "[4,[10,-6]]"),
        changed("\"args\":[3,16]", "\"args\":[3]"),
        changed("\"event\":\"ended\"", "\"event\":\"fell\""),
        changed("w5[0..8]", "w5[8..8]"),
        changed("w5[0..8]", "w5[0..18446744073709551615]"),
        changed("00ff", "00f"),
        changed("\"errno\":\"ESRCH\"", "\"errno\":\"EWHATEVER\""),
        changed("O_WRONLY|", "O_WRONGLY|"),
        changed("\"status\":\"exited 3\"", "\"status\":\"left\""),
        changed("\"proof\":\"proven\"", "\"proof\":\"guessed\""),
        changed("\"end\":\"complete\"", "\"end\":\"deadline\""),
        changed("{\"event\":\"end\",\"end\":\"complete\"}\n", ""),
        refusal(&format!("{RECORDED}\n")),
        refusal(&RECORDED[..RECORDED.len() - 40]),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
1:1 this is not a recorded history
1:1 this is not a recorded history
1:1 this is not a recorded history
1:25 the history's version is 2, and this program reads 1
1:283 the line cannot be read: missing field `nofile`
1:316 a root is not among the actors
1:1 the actors are not those of the program
1:1 line 2 of the program cannot be read: unknown call `frok`
9:13 the line cannot be read: invalid type: string "8", expected u64
8:40 no program has such a line
10:33 `writew` is no call that is known here
10:65 `writev` cannot be called with this
7:63 `read` cannot be called with this
16:14 `fell` is no kind of event
11:43 this call has no such result
11:43 this call has no such result
11:43 this call has no such result
18:43 this call has no such result
14:43 this call has no such result
16:42 `left` is no way to end
22:65 the line cannot be read: unknown variant `guessed`, expected one of `proven`, `waited`, `expired`
23:10 `deadline` has `busy`, `broken` a `reason`, no other any
22:1 the history is cut off: it does not say how the run ended
24:1 there is something behind the end of the history
22:59 the line is cut off
"#);
}

#[test]
fn what_cannot_have_happened_is_refused_with_its_place() {
    let line = |number: usize| RECORDED.lines().nth(number - 1).expect("there is such a line");
    let without = |number| refusal(&RECORDED.replacen(&format!("{}\n", line(number)), "", 1));
    let told = [
        changed("\"ticket\":6,", "\"ticket\":5,"),
        changed("\"ticket\":8,", "\"ticket\":18446744073709551615,"),
        without(2),
        without(3),
        without(4),
        without(5),
        without(22),
        changed("\"line\":3,", "\"line\":4,"),
        changed("\"line\":3,", "\"line\":65536,"),
        changed("\"line\":8,", "\"line\":3,"),
        changed("\"args\":[3,16]", "\"args\":[3,17]"),
        changed("\"args\":[\"B\",", "\"args\":[\"A\","),
        changed("\"call\":\"read\"", "\"call\":\"write\""),
        changed("\"line\":5,", "\"line\":5,\"tag\":7,"),
        changed(
            "\"actor\":\"A\",\"event\":\"call\",\"line\":3",
            "\"actor\":\"A/1\",\"event\":\"call\",\"line\":3",
        ),
        changed("{\"child\":\"B\"}", "{\"child\":\"A\"}"),
        changed("{\"number\":16}", "{\"data\":[]}"),
        changed("{\"fds\":[3,4]}", "{\"fds\":[3]}"),
        changed(
            "\"actor\":\"B\",\"status\":\"exited 3\"",
            "\"actor\":\"A\",\"status\":\"exited 3\"",
        ),
        changed("\"asleep\":[\"A\"]", "\"asleep\":[]"),
        changed("\"asleep\":[\"A\"]", "\"asleep\":[\"A\",\"A\"]"),
        changed("\"asleep\":[\"A\"]", "\"asleep\":[\"B\"]"),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
7:1 ticket 5 comes behind ticket 5
10:1 ticket 9 comes behind ticket 18446744073709551615
2:1 A returns, but is in no call
3:1 A is in two calls at once
4:1 B begins, but nobody forks it
7:1 B calls before it has begun
21:1 the run is called complete, but nobody has seen that it came to rest
7:1 A has no line 4 in the program
7:1 A has no line 65536 in the program
17:1 A calls line 3 after line 3
7:1 line 3 of the program is `read r 16`, and not read(3, buf, 17)
17:1 line 8 of the program is `kill B SIGKILL`, and not kill(#0, SIGKILL)
7:1 line 3 of the program is `read r 16`, and not write(3, buf, 16)
10:1 the payload of line 5 is marked 7
7:1 A has no thread 1
6:1 `fork` cannot give process #0
12:1 `writev` cannot give 0 bytes
3:1 `pipe` cannot give 3
17:1 A calls after its end
22:1 nothing can move any more, but A is in a call and not said to sleep
22:1 A is said to sleep twice
22:1 B is said to sleep, but is in no call
"#);
}

#[test]
fn errors_show_the_place_and_the_remedy() {
    let text = RECORDED.replacen("\"ticket\":8,", "\"ticket\":\"8\",", 1);
    let error = read("pipe.jsonl", &text).expect_err("a ticket is a number");
    insta::assert_snapshot!(error.to_string(), @r#"
error: the line cannot be read: invalid type: string "8", expected u64
 --> pipe.jsonl:9:13
  |
9 | {"ticket":"8","actor":"B","event":"return","result":"nothing"}
  |             ^
  |
  = help: the file was changed after it was written, or cut off: record it again
"#);
    let text = RECORDED.replacen("\"ticket\":13,", "\"ticket\":12,", 1);
    let error = read("pipe.jsonl", &text).expect_err("ticket 12 is there twice");
    insta::assert_snapshot!(error.to_string(), @r#"
error: ticket 12 comes behind ticket 12
  --> pipe.jsonl:14:1
   |
14 | {"ticket":12,"actor":"B","event":"return","result":{"flags":"O_WRONLY|O_NONBLOCK"}}
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: the file was changed, or the harness is at fault: record it again
"#);
}

/// Many times more than a history of this size needs, and far from what a quadratic one would.
#[test]
fn long_histories_take_no_longer_than_their_length_asks() {
    let calls = 50_000;
    let mut history = read("test.jsonl", RECORDED).unwrap_or_else(|error| panic!("{error}"));
    history.head.program = "A: sigpending\n".repeat(calls) + "A: fork -> B\n";
    history.events.clear();
    let operation = operations().find(|one| one.name == "sigpending").expect("it is registered");
    let actor = Actor::first(0);
    for line in 0..calls as u16 {
        let call = Call { operation, args: Vec::new(), tag: u32::from(line) + 1 };
        let outcome = Outcome::Success(Value::Flags(1));
        let call = EventKind::Call { actor, line, call };
        for kind in [call, EventKind::Return { actor, outcome, probed: None }] {
            history.events.push(Event { ticket: history.events.len() as u64, kind });
        }
    }
    history.end = End::Broken { reason: "the test is over".to_owned() };
    let start = Instant::now();
    let again = read("long", &written(&history)).unwrap_or_else(|error| panic!("{error}"));
    assert!(start.elapsed() < Duration::from_secs(5), "it took {:?}", start.elapsed());
    assert_eq!(again, history);
}

#[test]
fn the_samples_have_every_kind_of_event_and_result() {
    let mut runner = TestRunner::new(fixed(1));
    let mut kinds = BTreeSet::new();
    for _ in 0..400 {
        let sample = histories().new_tree(&mut runner).expect("every choice makes a history");
        let text = written(&sample.current());
        for line in text.lines().skip(1) {
            let value: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
            let result = match &value["result"] {
                serde_json::Value::Object(fields) => fields.keys().next().map(String::as_str),
                other => other.as_str(),
            };
            kinds.extend([value["event"].as_str(), result, value["end"].as_str()].map(owned));
        }
    }
    let every = "absent begun broken call child complete data deadline end ended errno events fds \
                 flags group handled info infos nothing number passed quiescent ready return status waited word";
    assert_eq!(kinds.into_iter().flatten().collect::<Vec<_>>(), Vec::from_iter(every.split(' ')));
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

proptest! {
    #![proptest_config(fixed(256))]

    #[test]
    fn what_is_written_reads_back(history in histories()) {
        prop_assert_eq!(validate(&history), Ok(()));
        let again = read("written", &written(&history));
        prop_assert_eq!(again.map_err(|error| error.to_string()), Ok(history));
    }

    #[test]
    fn no_text_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(read("any", &text).is_err_and(|error| !error.to_string().is_empty()));
    }

    #[test]
    fn no_change_to_a_file_is_too_odd(
        history in histories(),
        at in any::<prop::sample::Index>(),
        out in 0..12usize,
        new in "[\"\\[\\]{}:,0-9A-C#|x.\u{e9}\n -]{0,8}",
    ) {
        let text = written(&history);
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len() + 1);
        let end = (at + out).min(chars.len());
        chars.splice(at..end, new.chars());
        match read("changed", &chars.into_iter().collect::<String>()) {
            Ok(history) => prop_assert_eq!(validate(&history), Ok(())),
            Err(error) => prop_assert!(error.to_string().contains("help")),
        }
    }

    #[test]
    fn no_history_is_cut_off_unseen(history in histories(), at in any::<prop::sample::Index>()) {
        let text = written(&history);
        let whole = text.trim_end();
        let cut: String = whole.chars().take(at.index(whole.chars().count())).collect();
        prop_assert!(read("cut", &cut).is_err());
    }
}
