//! The examples do what they say.

use std::path::PathBuf;
use std::process::Command;

/// What an example prints. Cargo builds the examples before it runs the tests beside them.
fn run(name: &str, args: &[&str]) -> String {
    let test = std::env::current_exe().expect("a test knows where it is");
    let target = test.parent().and_then(|deps| deps.parent()).expect("it is in deps");
    let example: PathBuf = target.join("examples").join(name);
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
