//! Links between pages: each leads to a file that is there and to a heading or mark in it.

use std::collections::{BTreeMap, BTreeSet};

use super::{code_spans, lines};

const SUMMARY: &str = "SUMMARY.md";

/// What is wrong with the links of a book, one sentence each: links that lead nowhere, and pages
/// that the summary does not list. The pages are those of [`super::pages`], directives replaced.
pub fn broken_links(pages: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (page, text) in pages.iter().filter(|(page, _)| page.ends_with(".md")) {
        for target in targets(text) {
            if let Err(fault) = resolve(pages, page, &target) {
                faults.push(format!("{page}: the link to {target:?} leads nowhere: {fault}"));
            }
        }
    }
    faults.extend(unlisted(pages));
    faults
}

fn unlisted(pages: &BTreeMap<String, String>) -> Vec<String> {
    let Some(summary) = pages.get(SUMMARY) else {
        return vec![format!("there is no {SUMMARY}")];
    };
    let listed: BTreeSet<String> = targets(summary).into_iter().collect();
    pages
        .keys()
        .filter(|page| page.ends_with(".md") && *page != SUMMARY && !listed.contains(*page))
        .map(|page| format!("{page}: {SUMMARY} does not list it"))
        .collect()
}

fn resolve(pages: &BTreeMap<String, String>, from: &str, target: &str) -> Result<(), String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return Ok(());
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(p, a)| (p, Some(a)));
    let file = if path.is_empty() { from.to_owned() } else { join(from, path) };
    let text = pages.get(&file).ok_or_else(|| format!("there is no file {file:?}"))?;
    match anchor {
        Some(anchor) if !anchors(text).contains(anchor) => {
            Err(format!("{file:?} has no place #{anchor}"))
        }
        _ => Ok(()),
    }
}

/// `path` as seen from the folder of the page `from`.
fn join(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|part| *part != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Where the links of a page lead: `](…)`, `[…]: …`, `href="…"` and `src="…"`, outside of code.
fn targets(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for line in lines(text).filter(|(_, prose)| *prose).map(|(line, _)| line) {
        if let Some((label, target)) = line.split_once("]: ")
            && label.starts_with('[')
            && !label.starts_with("[^")
        {
            targets.extend(target.split_whitespace().next().map(str::to_owned));
        }
        for (part, _) in code_spans(line).into_iter().filter(|(_, code)| !code) {
            for (open, close) in [("](", &[')', ' '][..]), ("href=\"", &['"']), ("src=\"", &['"'])]
            {
                let ends = |rest: &str| rest.find(close).map(|end| rest[..end].to_owned());
                targets.extend(part.split(open).skip(1).filter_map(ends));
            }
        }
    }
    targets
}

/// The places of a page that a link can name: headings, as mdBook spells them, and HTML ids.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for line in lines(text).filter(|(_, prose)| *prose).map(|(line, _)| line) {
        let ids = line.split("id=\"").skip(1).filter_map(|rest| rest.split_once('"'));
        anchors.extend(ids.map(|(id, _)| id.to_owned()));
        let level = line.len() - line.trim_start_matches('#').len();
        if !(1..=6).contains(&level) || !line[level..].starts_with(' ') {
            continue;
        }
        let title = line[level..].trim();
        let id = match title.split_once("{#").and_then(|(_, rest)| rest.split_once('}')) {
            Some((id, _)) => id.to_owned(),
            None => heading_id(title),
        };
        let free = (1..).map(|n| format!("{id}-{n}"));
        let fresh = std::iter::once(id.clone()).chain(free).find(|id| !anchors.contains(id));
        anchors.extend(fresh);
    }
    anchors
}

/// A heading's id as mdBook makes it: letters and digits in lower case, `_` and `-` kept, white
/// space as `-`, all else dropped; of a link, its text.
fn heading_id(title: &str) -> String {
    let mut plain = String::new();
    let mut rest = title;
    while let Some(at) = rest.find("](") {
        plain.push_str(&rest[..at]);
        rest = rest[at..].split_once(')').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    let spell = |c: char| match c {
        c if c.is_alphanumeric() || matches!(c, '_' | '-') => Some(c.to_ascii_lowercase()),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    };
    plain.chars().filter_map(spell).collect()
}
