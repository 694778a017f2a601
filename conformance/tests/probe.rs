//! `probe`, as people meet it: on this system, and on one that lacks what it needs.

use std::process::{Command, Output};

use serde_json::Value;

fn probe(args: &[&str], folder: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ipc-conformance"));
    command.args(args);
    if let Some(folder) = folder {
        command.env("TMPDIR", folder);
    }
    command.output().expect("the program runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn where_the_tests_run_the_agents_run() {
    let said = probe(&["probe", "--json", "/dev/stdout"], None);
    let text = text(&said);
    assert_eq!(said.status.code(), Some(0), "{text}");
    let (screen, json) = text.split_at(text.find("\n{\n").expect("an object") + 1);
    assert!(screen.contains("ladder      level 5 of 5: the agents run"), "{screen}");
    assert!(screen.contains("pipe_buf ") && screen.contains("will run "), "{screen}");
    let told: Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(told["schema"], "ipc-conformance-platform/1");
    assert_eq!((&told["fit"], &told["level"]), (&Value::Bool(true), &Value::from(5)));
    let tried = told["tried"].as_array().expect("a list");
    let needed = tried.iter().filter(|one| one["level"] != "optional");
    assert!(needed.clone().count() > 15 && needed.clone().all(|one| one["there"] == true));
    let unsupported = told["unsupported"].as_object().expect("reasons");
    let unsupported: u64 = unsupported.values().filter_map(Value::as_u64).sum();
    assert!(unsupported < told["scenarios"].as_u64().expect("a number"), "{told}");
}

#[test]
fn what_is_missing_is_named_with_what_to_do() {
    let said = probe(&["probe"], Some("/nonexistent"));
    let told = text(&said);
    assert_eq!(said.status.code(), Some(6), "{told}");
    assert!(told.contains("ladder      level 3 of 5: the agents do not run"), "{told}");
    let line = "a directory for temporary files: NO (ENOENT); TMPDIR names another";
    assert!(told.contains(line), "{told}");
    // And whoever runs programs all the same is told where to ask, once, and not of each program.
    let said = probe(&["run", "pipe/"], Some("/nonexistent"));
    let told = text(&said);
    assert_eq!(said.status.code(), Some(6), "{told}");
    assert!(told.contains("`ipc-conformance probe` tells what is missing here"), "{told}");
    assert!(told.lines().count() < 12, "{told}");
}

#[test]
fn what_the_standard_leaves_open_is_listed() {
    let said = probe(&["probe", "--choices"], None);
    let told = text(&said);
    assert_eq!(said.status.code(), Some(0), "{told}");
    assert!(told.contains("of what POSIX.1-2024 leaves open"), "{told}");
    assert!(told.contains("            socket.read.zero\n"), "{told}");
    assert!(!told.contains("            pipe.read.eof\n"), "the standard says that: {told}");
}
