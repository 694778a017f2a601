//! The book's generated parts: directives in its pages are replaced by what the model and the
//! program say of themselves, so that page and rule cannot drift apart.
//!
//! A directive is `{{name}}` or `{{name argument}}` in running text, outside of code. Directives
//! that begin with `#` are mdBook's own and stay. What each name stands for is the caller's to say:
//! see [`Expand`]. The same directives fill the marked places of files that are committed as they
//! are read, such as the README: see [`regenerate`].

mod links;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::{fs, io};

use serde_json::Value;

pub use links::broken_links;

/// What a directive stands for: its name and argument in, Markdown out.
///
/// The argument is empty if there is none. An error says what is wrong with the directive.
pub type Expand<'a> = &'a dyn Fn(&str, &str) -> Result<String, String>;

/// The committed files with generated places, from the top of the repository.
pub const GENERATED: &[&str] = &["README.md"];

/// The hidden command `__book`. Without arguments it is mdBook's preprocessor; `supports RENDERER`
/// is the question that mdBook asks first; `check` says whether the generated places of the
/// repository at `root` are up to date and every link of the book resolves; `write` fills the places.
pub fn command(args: &[&str], root: &Path, expand: Expand<'_>) -> Result<(), String> {
    match args {
        [] => {
            let mut input = String::new();
            io::stdin().read_to_string(&mut input).map_err(|e| format!("reading the book: {e}"))?;
            let book = preprocess(&input, expand)?;
            io::stdout().write_all(book.as_bytes()).map_err(|e| format!("writing the book: {e}"))
        }
        ["supports", renderer] if supports(renderer) => Ok(()),
        ["supports", renderer] => Err(format!("there is nothing here for {renderer:?}")),
        ["check"] => check(root, expand),
        ["write"] => refresh(root, expand),
        _ => Err("usage: __book [supports RENDERER | check | write]".to_owned()),
    }
}

fn check(root: &Path, expand: Expand<'_>) -> Result<(), String> {
    let mut faults = Vec::new();
    for (name, old, new) in generated(root, expand)? {
        if old != new {
            faults.push(format!("{name}: generated places are out of date: run `__book write`"));
        }
    }
    let src = root.join("docs/src");
    let mut pages = pages(&src).map_err(|e| format!("{}: {e}", src.display()))?;
    for (name, text) in &mut pages {
        *text = expand_page(text, expand).map_err(|e| format!("{name}, {e}"))?;
    }
    faults.extend(broken_links(&pages));
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

fn refresh(root: &Path, expand: Expand<'_>) -> Result<(), String> {
    for (name, old, new) in generated(root, expand)? {
        if old != new {
            fs::write(root.join(name), new).map_err(|e| format!("{name}: {e}"))?;
        }
    }
    Ok(())
}

/// Each file of [`GENERATED`]: its name, what it says, what it should say.
fn generated(
    root: &Path,
    expand: Expand<'_>,
) -> Result<Vec<(&'static str, String, String)>, String> {
    let fill = |name: &&'static str| {
        let old = fs::read_to_string(root.join(name)).map_err(|e| format!("{name}: {e}"))?;
        let new = regenerate(&old, expand).map_err(|e| format!("{name}: {e}"))?;
        Ok((*name, old, new))
    };
    GENERATED.iter().map(fill).collect()
}

/// Whether the preprocessor has anything to say to a renderer of mdBook.
pub fn supports(renderer: &str) -> bool {
    renderer == "html"
}

/// mdBook's preprocessor protocol: `[context, book]` as JSON in, the book as JSON out, with every
/// directive of every chapter replaced.
pub fn preprocess(input: &str, expand: Expand<'_>) -> Result<String, String> {
    let input: Value =
        serde_json::from_str(input).map_err(|e| format!("the book is not JSON: {e}"))?;
    let Value::Array(mut pair) = input else {
        return Err("the book is not a pair of context and book".to_owned());
    };
    let (Some(mut book), 1) = (pair.pop(), pair.len()) else {
        return Err("the book is not a pair of context and book".to_owned());
    };
    let Some(items) = book.get_mut("items").and_then(Value::as_array_mut) else {
        return Err("the book has no items: this speaks to mdBook 0.5".to_owned());
    };
    preprocess_items(items, expand)?;
    Ok(book.to_string())
}

fn preprocess_items(items: &mut [Value], expand: Expand<'_>) -> Result<(), String> {
    for chapter in items.iter_mut().filter_map(|item| item.get_mut("Chapter")) {
        let name = chapter.get("name").and_then(Value::as_str).unwrap_or("?").to_owned();
        if let Some(content) = chapter.get_mut("content") {
            let text = content.as_str().unwrap_or_default();
            let text = expand_page(text, expand).map_err(|e| format!("chapter {name:?}, {e}"))?;
            *content = Value::String(text);
        }
        if let Some(nested) = chapter.get_mut("sub_items").and_then(Value::as_array_mut) {
            preprocess_items(nested, expand)?;
        }
    }
    Ok(())
}

/// A page with its directives replaced; code, fenced or in line, stays as it is.
pub fn expand_page(text: &str, expand: Expand<'_>) -> Result<String, String> {
    let mut page = String::with_capacity(text.len());
    for (index, (line, prose)) in lines(text).enumerate() {
        if prose {
            expand_line(line, expand, &mut page).map_err(|e| format!("line {}: {e}", index + 1))?;
        } else {
            page.push_str(line);
        }
    }
    Ok(page)
}

fn expand_line(line: &str, expand: Expand<'_>, page: &mut String) -> Result<(), String> {
    for (part, code) in code_spans(line) {
        let mut rest = part;
        while let Some(at) = rest.find("{{").filter(|_| !code) {
            let Some(len) = rest[at..].find("}}") else {
                return Err("a directive has no end: `}}` is missing".to_owned());
            };
            let (before, directive) = (&rest[..at], &rest[at + 2..at + len]);
            page.push_str(before);
            rest = &rest[at + len + 2..];
            if directive.starts_with('#') {
                page.extend(["{{", directive, "}}"]);
                continue;
            }
            let directive = directive.trim();
            let (name, argument) = directive.split_once(' ').unwrap_or((directive, ""));
            let markdown =
                expand(name, argument.trim()).map_err(|e| format!("{{{{{directive}}}}}: {e}"))?;
            page.push_str(markdown.trim_end_matches('\n'));
        }
        page.push_str(rest);
    }
    Ok(())
}

/// The lines of a page with their line ends, and whether each is prose: not fenced code.
fn lines(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut fence: Option<&str> = None;
    text.split_inclusive('\n').map(move |line| {
        let mark = fence_mark(line);
        let prose = fence.is_none() && mark.is_none();
        match (fence, mark) {
            (None, _) => fence = mark,
            (Some(open), Some(mark)) if mark.starts_with(open) && line.trim() == mark => {
                fence = None;
            }
            (Some(_), _) => {}
        }
        (line, prose)
    })
}

/// The backticks or tildes that a line begins with, if they open or close fenced code.
fn fence_mark(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let len = line.len() - line.trim_start_matches(mark).len();
    (len >= 3).then(|| &line[..len])
}

/// A line cut at its backticks: the pieces, and whether each is code. The backticks are code.
fn code_spans(line: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let ticks = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let (before, code) = rest.split_at(at);
        let closing = code[ticks..].find(&code[..ticks]);
        let len = closing.map_or(ticks, |inner| ticks + inner + ticks);
        pieces.extend([(before, false), (&code[..len], true)]);
        rest = &code[len..];
    }
    pieces.push((rest, false));
    pieces
}

/// A file with its generated places filled anew. A place lies between the lines
/// `<!-- generated: name argument -->` and `<!-- end -->`, which stay.
pub fn regenerate(text: &str, expand: Expand<'_>) -> Result<String, String> {
    let mut fresh = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        fresh.push_str(line);
        let Some(directive) = line
            .trim()
            .strip_prefix("<!-- generated:")
            .and_then(|rest| rest.strip_suffix("-->"))
            .map(str::trim)
        else {
            continue;
        };
        let Some(end) = lines.by_ref().find(|line| line.trim() == "<!-- end -->") else {
            return Err(format!("the generated place {directive:?} has no `<!-- end -->`"));
        };
        let (name, argument) = directive.split_once(' ').unwrap_or((directive, ""));
        let markdown = expand(name, argument.trim()).map_err(|e| format!("{directive:?}: {e}"))?;
        fresh.extend([markdown.trim_end_matches('\n'), "\n", end]);
    }
    Ok(fresh)
}

/// The files of a book's `src` folder by their path in it, with the content of the Markdown ones
/// as it is written; other files have none.
pub fn pages(src: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut pages = BTreeMap::new();
    let mut folders = vec![src.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let markdown = path.extension().is_some_and(|extension| extension == "md");
            let content = if markdown { fs::read_to_string(&path)? } else { String::new() };
            let name = path.strip_prefix(src).unwrap_or(&path).to_string_lossy().into_owned();
            pages.insert(name, content);
        }
    }
    Ok(pages)
}

#[cfg(test)]
mod tests;
