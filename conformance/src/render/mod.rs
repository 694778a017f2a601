//! What people read: everything in here builds text from values, and reads and prints nothing.

mod clause;
mod deviation;
mod example;
mod lists;
mod probe;
mod summary;

pub use clause::explain;
pub use deviation::{card, headline};
pub use example::example;
pub use lists::{clauses, faults, litmus, operations, scenarios};
pub use probe::{Probed, platform, probe};
pub(crate) use summary::uses;
pub use summary::{Summary, summary};

/// The width that text is broken at.
const WIDTH: usize = 100;

/// The text broken at spaces so that each line, behind `indent` spaces, fits; ends with a newline.
fn wrapped(indent: usize, text: &str) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            lines.push('\n');
            column = 0;
        }
        if column == 0 {
            lines.push_str(&" ".repeat(indent));
            column = indent + length;
        } else {
            lines.push(' ');
            column += 1 + length;
        }
        lines.push_str(word);
    }
    lines + "\n"
}

/// Rows with their columns in line, two spaces between them, and none at the ends.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}  "));
        cells.collect::<String>().trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// The text, at most `most` characters of it.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
