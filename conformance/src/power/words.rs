//! The words between the controller and the guest: a program, and what the guest tells, a line each.

use std::fmt::Write as _;

use ipc_model::power::{Call, Content, Name, PAGE, SECTOR, SeenFile};

/// At the head of every line that the guest says; its kernel says other things.
pub(super) const MARK: &str = "@ ";
/// It is up, and has told everything that it found.
pub(super) const UP: &str = "up";
/// The program is at its end.
pub(super) const END: &str = "end";

/// A program in one word, for a kernel's command line.
pub(super) fn joined(program: &[Call]) -> String {
    let words: Vec<String> =
        program.iter().map(|call| call.to_string().replace(' ', ",")).collect();
    words.join("+")
}

/// The same back.
pub(super) fn split(word: &str) -> Option<Vec<Call>> {
    word.split('+').filter(|call| !call.is_empty()).map(call).collect()
}

fn call(word: &str) -> Option<Call> {
    let mut words = word.split(',');
    let verb = words.next()?;
    let first = words.next()?;
    let name = || first.chars().next();
    let mut page = || words.next()?.parse().ok();
    Some(match verb {
        "create" => Call::Create(name()?),
        "mkfifo" => Call::MakeFifo(name()?),
        "unlink" => Call::Unlink(name()?),
        "rename" => Call::Rename(name()?, words.next()?.chars().next()?),
        "fsync" if first == "." => Call::SyncDirectory,
        "fsync" => Call::Fsync(name()?),
        "fdatasync" => Call::Fdatasync(name()?),
        "pwrite" => Call::Write(name()?, page()?),
        "pwrite-dsync" => Call::WriteDsync(name()?, page()?),
        "store" => Call::Store(name()?, page()?),
        "ftruncate" => Call::Truncate(name()?, page()?),
        "msync" => Call::Msync(name()?, page()?),
        "hold" => Call::Hold(name()?),
        _ => return None,
    })
}

/// What the guest says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Said {
    /// What it found behind a name.
    Found(Name, SeenFile),
    /// It has told all that it found.
    Up,
    /// The step of this number has returned; with this error, if it was refused.
    Done(u32, Option<i32>),
    /// The program is at its end.
    End,
    /// It cannot go on.
    Trouble(String),
}

impl Said {
    /// What a line says; `None` for what the guest's kernel says.
    pub(super) fn parse(line: &str) -> Option<Said> {
        let line = line.trim_end().strip_prefix(MARK)?;
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut words = rest.split(' ');
        let mut word = || words.next().filter(|word| !word.is_empty());
        let said = match verb {
            "fifo" => {
                Some(Said::Found(word()?.chars().next()?, SeenFile::Fifo(word()?.parse().ok()?)))
            }
            "file" => {
                let name = word()?.chars().next()?;
                let size: u64 = word()?.parse().ok()?;
                let pages: Option<Vec<_>> = words.map(page).collect();
                let file = SeenFile::Regular(pages?, size % PAGE as u64);
                Some(Said::Found(name, file))
            }
            UP => Some(Said::Up),
            "done" => Some(Said::Done(word()?.parse().ok()?, None)),
            "refused" => Some(Said::Done(word()?.parse().ok()?, Some(word()?.parse().ok()?))),
            END => Some(Said::End),
            _ => None,
        };
        Some(said.unwrap_or_else(|| Said::Trouble(line.to_owned())))
    }
}

/// The sectors of a page in one word: each run of equal ones, and how many.
pub(super) fn sectors(page: &[u8]) -> String {
    let all: Vec<Content> = page.chunks(SECTOR).map(content).collect();
    let mut text = String::new();
    for run in all.chunk_by(|one, other| one == other) {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = match run[0] {
            Content::Tag(step) => write!(text, "{comma}{step}*{}", run.len()),
            Content::Zero => write!(text, "{comma}z*{}", run.len()),
            _ => write!(text, "{comma}?*{}", run.len()),
        };
    }
    text
}

fn page(word: &str) -> Option<Vec<Content>> {
    let mut all = Vec::new();
    for run in word.split(',') {
        let (what, count) = run.split_once('*')?;
        let content = match what {
            "z" => Content::Zero,
            "?" => Content::Foreign,
            step => Content::Tag(step.parse().ok()?),
        };
        all.extend(std::iter::repeat_n(content, count.parse().ok()?));
    }
    (all.len() == PAGE / SECTOR).then_some(all)
}

/// What the step of this number puts into a page.
pub(super) fn filled(step: u32) -> Vec<u8> {
    step.to_le_bytes().repeat(PAGE / 4)
}

fn content(sector: &[u8]) -> Content {
    let words =
        || sector.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap_or([0; 4])));
    match words().next() {
        Some(first) if words().all(|word| word == first) => match first {
            0 => Content::Zero,
            step => Content::Tag(step),
        },
        _ => Content::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::super::program;
    use super::*;
    use crate::seed::Seeded;

    #[test]
    fn a_program_comes_back_as_it_was() {
        for number in 0..200 {
            let program = program::random(&mut Seeded::new(1, number));
            assert_eq!(split(&joined(&program)), Some(program));
        }
        assert_eq!(split("pwrite,a"), None);
        assert_eq!(split("sing,a"), None);
    }

    #[test]
    fn a_page_comes_back_as_it_was() {
        let mut bytes = filled(17);
        assert_eq!(page(&sectors(&bytes)), Some(vec![Content::Tag(17); 8]));
        bytes[512..1024].fill(0);
        bytes[1030] = 99;
        let seen = page(&sectors(&bytes)).expect("eight sectors");
        assert_eq!(seen[1..4], [Content::Zero, Content::Foreign, Content::Tag(17)]);
        assert_eq!(page("17*7"), None);
    }

    #[test]
    fn what_the_kernel_says_is_passed_over() {
        assert_eq!(Said::parse("EXT4-fs (ubda): recovery complete\r\n"), None);
        assert_eq!(Said::parse("@ done 7\r\n"), Some(Said::Done(7, None)));
        assert_eq!(Said::parse("@ refused 7 28"), Some(Said::Done(7, Some(28))));
        let empty = SeenFile::Regular(Vec::new(), 0);
        assert_eq!(Said::parse("@ file a 0"), Some(Said::Found('a', empty)));
        let trouble = "no disk: ENOENT".to_owned();
        assert_eq!(Said::parse("@ no disk: ENOENT"), Some(Said::Trouble(trouble)));
    }
}
