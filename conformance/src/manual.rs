//! What the book's directives stand for: the model, the scenarios and the program, said in Markdown.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ipc_model::clause::{Clause, Duty, Envelope, Source};
use ipc_model::descriptor::MAY_NOT_WAIT;
use ipc_model::mechanism::{self, MECHANISMS, Mechanism};
use ipc_model::operation::{Gives, Operation, Param};
use ipc_model::pipe::SPLICE_MAY_NOT_WAIT;
use ipc_model::print;
use ipc_model::profile::{LINUX, Numbers, PROFILES, Profile};
use ipc_model::signal::SIGNALS;

use crate::scenario;
use crate::sim::Simulated;
use crate::stage::First;
use crate::system::System;

/// What a directive stands for, for a repository at `root`.
pub fn expand(root: &Path, name: &str, argument: &str) -> Result<String, String> {
    match name {
        "clauses" => Ok(clauses(named(argument)?)),
        "operations" => Ok(operations(named(argument)?)),
        "clause" => mechanism::clause(argument)
            .map(|clause| block(clause, &citations()))
            .ok_or_else(|| format!("there is no clause {argument:?}")),
        "blocking" => Ok(blocking()),
        "clause-index" => Ok(index()),
        "profiles" => Ok(profiles()),
        "interruption" => Ok(crate::interruption::table()),
        "readiness" => Ok(crate::readiness::table()),
        "readiness-law" => Ok(crate::readiness::law()),
        "persistence" => Ok(crate::persistence::table()),
        "lifetimes" => Ok(crate::persistence::lifetimes()),
        "power" => Ok(crate::power::table()),
        "power-figures" => file(root, "power-cut.md"),
        "contradictions" => Ok(contradictions()),
        "history-example" => history_example(),
        "figures" => file(root, "figures.md"),
        "false-alarms" => file(root, "false-alarms.md"),
        "worlds" => Ok(crate::worlds::table()),
        "walk" => Ok(format!("```text\n{}```\n", crate::worlds::walk_example())),
        "litmus" => Ok(crate::litmus::report::catalogue(Numbers::EXAMPLE)),
        "litmus-figures" => file(root, "litmus.md"),
        "memory-tests" => Ok(crate::litmus::memory::page::tests()),
        "memory-flavours" => Ok(crate::litmus::memory::page::flavours()),
        "memory-verdicts" => Ok(crate::litmus::memory::page::verdicts()),
        "memory-models" => Ok(crate::litmus::memory::page::models()),
        "memory-mappings" => Ok(crate::litmus::memory::page::mappings()),
        "memory-figures" => file(root, "memory-order.md"),
        "judging" => file(root, "judging.md"),
        "teeth" => file(root, "teeth.md"),
        _ => Err(format!("there is no directive {name:?}")),
    }
}

fn named(mechanism: &str) -> Result<&'static Mechanism, String> {
    MECHANISMS
        .iter()
        .find(|known| known.name == mechanism)
        .ok_or_else(|| format!("there is no mechanism {mechanism:?}"))
}

/// What a campaign or a benchmark printed, as it was committed.
fn file(root: &Path, name: &str) -> Result<String, String> {
    let path = root.join("docs/figures").join(name);
    fs::read_to_string(&path).map_err(|error| format!("docs/figures/{name}: {error}"))
}

/// For each clause the scenarios that must exercise it, and those that may.
struct Citations(Vec<(String, &'static str, bool)>);

fn citations() -> Citations {
    let mut all = Vec::new();
    for scenario in scenario::all() {
        let Ok(program) = scenario.program() else { continue };
        all.extend(program.covers.into_iter().map(|m| (m.clause, scenario.name, true)));
        all.extend(program.may_cover.into_iter().map(|m| (m.clause, scenario.name, false)));
    }
    Citations(all)
}

impl Citations {
    fn of(&self, id: &str, must: bool) -> Vec<&'static str> {
        let fits = |(clause, _, is_must): &&(String, &str, bool)| clause == id && *is_must == must;
        self.0.iter().filter(fits).map(|(_, name, _)| *name).collect()
    }
}

fn clauses(mechanism: &Mechanism) -> String {
    let citations = citations();
    let all = mechanism.clauses.iter().copied().flatten();
    all.map(|clause| block(clause, &citations)).collect::<Vec<_>>().join("\n")
}

/// One clause: address, sentence, head, rule, guards in words, profiles, scenarios.
fn block(clause: &Clause, citations: &Citations) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "<a id=\"{}\"></a>\n\n### `{}`\n", clause.id, clause.id);
    let _ = writeln!(text, "{}\n\n*{}*\n", clause.text, print::head(clause));
    let rule = print::rule(clause);
    let lines: Vec<&str> = rule.lines().skip(2).collect();
    let _ = writeln!(text, "```text\n{}\n```\n", lines.join("\n"));
    let guards = print::guards(clause);
    if !guards.is_empty() {
        let _ = writeln!(text, "When: {}.\n", guards.join("; "));
    }
    for (profile, sentence, source) in restrictions(clause.id) {
        let source = print::source(source);
        let _ = writeln!(text, "Not under `{}`: {sentence} ({source})\n", profile.name);
    }
    for (must, what) in [(true, "Scenarios"), (false, "May be exercised by")] {
        let names = citations.of(clause.id, must);
        if !names.is_empty() {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let _ = writeln!(text, "{what}: {}\n", names.join(", "));
        }
    }
    text
}

pub(crate) fn restrictions(id: &str) -> Vec<(&'static Profile, &'static str, &'static Source)> {
    let of = |profile: &'static Profile| {
        let all = profile.denies.iter().chain(profile.contradicts);
        all.filter(|denial| denial.clause == id)
            .map(move |denial| (profile, denial.text, &denial.source))
            .collect::<Vec<_>>()
    };
    PROFILES.iter().flat_map(|profile| of(profile)).collect()
}

fn operations(mechanism: &Mechanism) -> String {
    let mut text = String::from("| in programs | in C | gives |\n|---|---|---|\n");
    for operation in mechanism.operations {
        let usage = usage(operation).replace('|', "\\|");
        let _ = writeln!(
            text,
            "| `{usage}` | `{}` | {} |",
            in_c(operation).replace('|', "\\|"),
            gives(operation.gives)
        );
    }
    text
}

/// For each operation that may sleep: by which clauses, and what it answers in place of that where
/// `O_NONBLOCK` is set.
fn blocking() -> String {
    let mut text = String::from("| call | sleeps by | with `O_NONBLOCK` set |\n|---|---|---|\n");
    let sleeps = |clause: &&Clause| matches!(clause.envelope, Envelope::Sleep);
    for operation in mechanism::operations() {
        let of = || mechanism::clauses().filter(|clause| clause.on.contains(&operation));
        let waits: Vec<String> = of().filter(sleeps).map(|clause| link(clause.id)).collect();
        let instead = of()
            .filter(|c| {
                c.answers() && (c.requires(&MAY_NOT_WAIT) || c.requires(&SPLICE_MAY_NOT_WAIT))
            })
            .map(|clause| format!("{}: {}", link(clause.id), print::envelope(&clause.envelope)));
        let instead: Vec<String> = instead.collect();
        if !waits.is_empty() {
            let (key, waits) = (operation.key(), waits.join("<br>"));
            let instead = if instead.is_empty() { "–".into() } else { instead.join("<br>") };
            let _ = writeln!(text, "| `{key}` | {waits} | {instead} |");
        }
    }
    text
}

/// How the call is written in programs: `fcntl FD F_SETFL FLAGS`.
pub fn usage(operation: &Operation) -> String {
    let first = operation.params.iter().position(|param| *param == Param::Fd);
    let word = |(index, param): (usize, &Param)| match param {
        Param::Fd if first != Some(index) => "FD2".to_owned(),
        Param::Fd => "FD".to_owned(),
        Param::TargetFd => "FD2".to_owned(),
        Param::Command(word) => (*word).to_owned(),
        Param::Receive | Param::Send => "BYTES".to_owned(),
        Param::ReceiveVector | Param::SendVector => "BYTES,BYTES…".to_owned(),
        Param::Number => "N".to_owned(),
        Param::Timeout => "MS".to_owned(),
        Param::Flags(words) => format!("0|{}", words.join("|")),
        Param::Word(words) => words.join("|"),
        Param::Process => "ACTOR".to_owned(),
        Param::Path => "\"PATH\"".to_owned(),
        Param::SharedName => "\"/NAME\"".to_owned(),
        Param::Address => "\"PATH\"|\"@NAME\"".to_owned(),
        Param::Mode => "0MODE".to_owned(),
        Param::Watches([]) => "0|FD,…".to_owned(),
        Param::Watches(words) => format!("FD:{},…", words.join("|")),
    };
    let mut words = vec![operation.name.to_owned()];
    words.extend(operation.params.iter().enumerate().map(word));
    let binds = match operation.gives {
        Gives::Fd => " -> FD",
        Gives::Fds => " -> FD FD",
        Gives::Passed(_) => " -> FD…",
        Gives::Process => " -> ACTOR",
        _ => "",
    };
    words.join(" ") + binds
}

/// How the call is written in C, with words for what it is given: `fcntl(fd, F_SETFL, flags)`.
pub fn in_c(operation: &Operation) -> String {
    let first = operation.params.iter().position(|param| *param == Param::Fd);
    (0..operation.params.len()).fold(operation.c.to_owned(), |text, index| {
        let name = match operation.params[index] {
            Param::Fd if first != Some(index) => "fd2",
            Param::Fd => "fd",
            Param::TargetFd => "fd2",
            Param::Receive | Param::Send => "n",
            Param::ReceiveVector | Param::SendVector => "iov, iovcnt",
            Param::Process => "pid",
            Param::Path => "path",
            Param::SharedName | Param::Address => "name",
            Param::Mode => "mode",
            Param::Watches(_) => "fds",
            Param::Flags(_) => "flags",
            Param::Number => "number",
            Param::Timeout => "timeout",
            Param::Word(_) | Param::Command(_) => "word",
        };
        text.replace(&format!("%{index}"), name)
    })
}

fn gives(gives: Gives) -> &'static str {
    match gives {
        Gives::Nothing => "0",
        Gives::Fd => "a descriptor",
        Gives::TargetFd => "the target",
        Gives::Fds => "two descriptors",
        Gives::Sent => "the bytes sent",
        Gives::Data => "the bytes received",
        Gives::Passed(_) => "the bytes received, and descriptors",
        Gives::Message => "the message, or the end",
        Gives::Number => "a number",
        Gives::Mode => "permission bits",
        Gives::Ready(_) => "what each is ready for",
        Gives::Events(_) => "who is ready, and for what",
        Gives::Flags(_) => "flags",
        Gives::Word(words) if words == SIGNALS => "a signal",
        Gives::Word(_) => "a type",
        Gives::Infos(_) => "signals, how each was sent and by whom, and its value",
        Gives::Info(_) => "a signal, how it was sent and by whom, and its value",
        Gives::Process => "a process, which begins by returning too",
        Gives::Status => "how it ended",
        Gives::Waited => "which child, and how it ended",
        Gives::Group => "a process group",
        Gives::Never => "does not return",
    }
}

fn index() -> String {
    let mut text = String::from("| clause | duty | aspect | source |\n|---|---|---|---|\n");
    for clause in mechanism::clauses() {
        let _ = writeln!(
            text,
            "| [`{id}`]({page}.md#{id}) | {} | {:?} | {} |",
            print::duty(clause.duty),
            clause.aspect,
            print::source(&clause.source),
            id = clause.id,
            page = clause.mechanism(),
        );
    }
    let open = mechanism::clauses().filter(|clause| clause.duty == Duty::Unspecified).count();
    let _ = writeln!(text, "\n{} clauses, {open} of them about what the standard leaves open.", {
        mechanism::clauses().count()
    });
    text
}

fn profiles() -> String {
    let mut text = String::new();
    for profile in PROFILES {
        let _ = writeln!(text, "**`{}`**: {}\n", profile.name, profile.text);
        for denial in profile.denies {
            let source = print::source(&denial.source);
            let _ = writeln!(text, "- without {}: {} ({source})", link(denial.clause), denial.text);
        }
        text.push('\n');
    }
    text
}

fn contradictions() -> String {
    let mut text = String::from("| profile | clause | what it does instead | source |\n");
    text.push_str("|---|---|---|---|\n");
    for profile in PROFILES {
        for denial in profile.contradicts {
            let (link, source) = (link(denial.clause), print::source(&denial.source));
            let _ = writeln!(text, "| `{}` | {link} | {} | {source} |", profile.name, denial.text);
        }
    }
    text
}

fn link(id: &str) -> String {
    let page = id.split('.').next().unwrap_or(id);
    format!("[`{id}`]({page}.md#{id})")
}

/// A short history, as a file: of the simulated system, so that it is the same everywhere.
fn history_example() -> Result<String, String> {
    let name = "pipe/reader-sleeps-until-last-close";
    let scenario = scenario::all().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("there is no scenario {name}"))?;
    let program = scenario.program().map_err(|error| error.to_string())?;
    let mut system = Simulated::new(&LINUX, Numbers::EXAMPLE, First);
    let history = system.run(&program).map_err(|error| error.to_string())?;
    let mut lines = Vec::new();
    crate::record::write(&history, &mut lines).map_err(|error| error.to_string())?;
    Ok(format!("```json\n{}```\n", String::from_utf8_lossy(&lines)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mechanism_has_its_page() {
        for mechanism in MECHANISMS {
            let clauses = clauses(mechanism);
            for clause in mechanism.clauses.iter().copied().flatten() {
                let anchor = format!("<a id=\"{}\"></a>", clause.id);
                assert_eq!(clauses.matches(&anchor).count(), 1, "{}", clause.id);
            }
            let rows = operations(mechanism).lines().count();
            assert_eq!(rows, mechanism.operations.len() + 2, "{}", mechanism.name);
        }
    }

    #[test]
    fn an_unknown_directive_is_an_error() {
        let root = Path::new(".");
        assert!(expand(root, "nonsense", "").is_err());
        assert!(expand(root, "clauses", "nonsense").is_err());
        assert!(expand(root, "clause", "pipe.read.nonsense").is_err());
    }

    #[test]
    fn a_restriction_is_told_at_its_clause() {
        let clause = mechanism::clause("pipe.pipe2.clofork").expect("it is registered");
        let text = block(clause, &citations());
        assert!(text.contains("Not under `linux`: There is no O_CLOFORK."), "{text}");
    }
}
