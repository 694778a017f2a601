//! What is wrong with a text, where, and what to do about it.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// What is wrong with a program's or a history's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextError {
    /// The file, or whatever the text came from.
    pub source_name: String,
    /// The line, from 1.
    pub line: usize,
    /// The first character at fault in that line, from 1.
    pub column: usize,
    /// How many characters are at fault, at least 1.
    pub span: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// The line itself.
    pub excerpt: String,
}

impl TextError {
    /// An error about the bytes `at` of `excerpt`, which is line `line` of the source.
    pub fn new(source_name: &str, line: usize, excerpt: &str, at: Range<usize>) -> TextError {
        let chars = |range: Range<usize>| excerpt.get(range).map_or(0, |part| part.chars().count());
        TextError {
            source_name: source_name.to_owned(),
            line,
            column: chars(0..at.start) + 1,
            span: chars(at).max(1),
            message: String::new(),
            help: String::new(),
            excerpt: excerpt.to_owned(),
        }
    }

    /// The same error, saying what is wrong and what to do about it.
    pub fn saying(self, message: impl Into<String>, help: impl Into<String>) -> TextError {
        TextError { message: message.into(), help: help.into(), ..self }
    }

    /// The bytes at fault in the excerpt.
    fn bytes(&self) -> Range<usize> {
        let byte = |char: usize| {
            let found = self.excerpt.char_indices().nth(char);
            found.map_or(self.excerpt.len(), |(at, _)| at)
        };
        byte(self.column - 1)..byte(self.column - 1 + self.span)
    }
}

impl fmt::Display for TextError {
    /// As `rustc` shows errors, without colour.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = Snippet::source(&self.excerpt)
            .line_start(self.line)
            .path(&self.source_name)
            .annotation(AnnotationKind::Primary.span(self.bytes()));
        let report = Level::ERROR
            .primary_title(&self.message)
            .element(place)
            .element(Level::HELP.message(&self.help));
        f.write_str(&Renderer::plain().render(&[report]))
    }
}

impl std::error::Error for TextError {}

/// What is wrong with a line, while nobody has asked yet which line of which source it is.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The bytes of the line that are at fault.
    pub(crate) at: Range<usize>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: String,
}

impl Fault {
    /// The fault's place in full.
    pub(crate) fn located(self, source_name: &str, line: usize, excerpt: &str) -> TextError {
        TextError::new(source_name, line, excerpt, self.at).saying(self.message, self.help)
    }
}

/// A word of the user's as it can be repeated in a message: short, and without control characters.
pub(crate) fn quote(word: &str) -> String {
    match word {
        "" => "an empty word".to_owned(),
        word => format!("`{}`", shown(word, 40)),
    }
}

/// The first `most` characters of a text, those that print.
pub(crate) fn shown(text: &str, most: usize) -> String {
    let shown = text.chars().take(most).map(|c| if c.is_control() { '�' } else { c });
    shown.chain(text.chars().nth(most).map(|_| '…')).collect()
}

/// The candidate that was probably meant by `word`, if one is near.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let near = |candidate: &&str| {
        let length = candidate.len().max(word.len());
        distance(word, candidate) < length.min(2 + candidate.len() / 4)
    };
    candidates.into_iter().filter(near).min_by_key(|candidate| distance(word, candidate))
}

/// How many letters must be put in, taken out or changed to come from one word to the other
/// (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.chars().enumerate() {
            let changed = diagonal + usize::from(!a.eq_ignore_ascii_case(&b));
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}
