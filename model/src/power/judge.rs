//! Whether what is found after a power cut may be there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::medium::{File, Medium, Names};
use super::promise::{self, Promise};
use super::{Content, MAX_PAGES, Name, PAGE, SECTOR};

/// What is found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Each name, and what is behind it.
    pub names: BTreeMap<Name, SeenFile>,
}

/// What is found behind a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SeenFile {
    /// A FIFO, from which so many bytes could be read.
    Fifo(u64),
    /// A regular file: the sectors of each of its pages, and how many bytes there are beyond the last
    /// whole page.
    Regular(Vec<Vec<Content>>, u64),
}

/// A promise that was not kept.
#[derive(Debug)]
pub struct Broken {
    /// Which.
    pub promise: &'static Promise,
    /// What was found, and what could have been.
    pub text: String,
}

impl Medium {
    /// The medium as it is found, if it may be so, and every promise that was needed to say so.
    ///
    /// # Errors
    /// It may not: the promise that was broken.
    pub fn judge(&self, seen: &Seen) -> Result<(Medium, Vec<&'static Promise>), Broken> {
        let fits = |names: &&Names| self.same_names(names, seen);
        let mut worst = None;
        for names in self.names.iter().rev().filter(fits) {
            match self.judge_files(names, seen) {
                Ok(mut used) => {
                    used.push(if self.names.len() == 1 { self.names_by } else { &promise::ORDER });
                    return Ok((found(seen), used));
                }
                // The latest names are the likeliest.
                Err(broken) => worst = worst.or(Some(broken)),
            }
        }
        Err(worst.unwrap_or_else(|| self.wrong_names(seen)))
    }

    fn same_names(&self, names: &Names, seen: &Seen) -> bool {
        let same = |(name, file): (&Name, &usize)| {
            matches!(
                (seen.names.get(name), &self.files[*file]),
                (Some(SeenFile::Fifo(_)), File::Fifo)
                    | (Some(SeenFile::Regular(..)), File::Regular(_))
            )
        };
        names.len() == seen.names.len() && names.iter().all(same)
    }

    fn wrong_names(&self, seen: &Seen) -> Broken {
        let found: String = seen.names.keys().collect();
        let mut text = format!("the names are {found:?}, and could be");
        for names in &self.names {
            let _ = write!(text, " {:?}", names.keys().collect::<String>());
        }
        let one = self.names.len() == 1;
        Broken { promise: if one { self.names_by } else { &promise::ORDER }, text }
    }

    fn judge_files(&self, names: &Names, seen: &Seen) -> Result<Vec<&'static Promise>, Broken> {
        let mut used = Vec::new();
        for (name, file) in names {
            match (&self.files[*file], &seen.names[name]) {
                (File::Regular(_), SeenFile::Regular(pages, rest)) => {
                    self.judge_pages(*name, *file, (pages, *rest), &mut used)?;
                }
                (_, SeenFile::Fifo(bytes)) if *bytes > 0 => {
                    let text = format!("{bytes} bytes are in the FIFO {name}, and could not be");
                    return Err(Broken { promise: &promise::FIFO, text });
                }
                _ => used.push(&promise::FIFO),
            }
        }
        Ok(used)
    }

    fn judge_pages(
        &self,
        name: Name,
        file: usize,
        (seen, rest): (&[Vec<Content>], u64),
        used: &mut Vec<&'static Promise>,
    ) -> Result<(), Broken> {
        let File::Regular(pages) = &self.files[file] else { return Ok(()) };
        if rest != 0 || seen.len() > usize::from(MAX_PAGES) {
            let text = format!(
                "{name} has {} bytes, and every size that it had is a number of pages up to {MAX_PAGES}",
                (seen.len() * PAGE) as u64 + rest
            );
            return Err(Broken { promise: &promise::UNSYNCED, text });
        }
        let absent = vec![Content::Absent];
        for (place, page) in pages.iter().enumerate() {
            let by = if page.may_be.len() == 1 { page.by } else { &promise::UNSYNCED };
            let sectors = seen.get(place).unwrap_or(&absent);
            if let Some(wrong) = sectors.iter().find(|sector| !page.may_be.contains(sector)) {
                let mut text = format!("page {place} of {name} has {wrong}, and could have");
                let may_be: BTreeSet<&Content> = page.may_be.iter().collect();
                for (number, content) in may_be.iter().enumerate() {
                    let or = if number == 0 { "" } else { " or" };
                    let _ = write!(text, "{or} {content}");
                }
                return Err(Broken { promise: by, text });
            }
            used.push(by);
        }
        Ok(())
    }
}

/// A medium on which that is, and stays.
fn found(seen: &Seen) -> Medium {
    let mut medium = Medium::default();
    let mut names = Names::new();
    for (name, file) in &seen.names {
        names.insert(*name, medium.files.len());
        medium.files.push(match file {
            SeenFile::Fifo(_) => File::Fifo,
            SeenFile::Regular(pages, _) => mixed(pages),
        });
    }
    medium.names = vec![names];
    medium
}

/// A file whose pages have these sectors. A page of which they differ may have any of them: which
/// sector has which is not followed on.
fn mixed(pages: &[Vec<Content>]) -> File {
    let mut file =
        File::of(|page| pages.get(usize::from(page)).map_or(Content::Absent, |sectors| sectors[0]));
    if let File::Regular(kept) = &mut file {
        for (page, sectors) in kept.iter_mut().zip(pages) {
            debug_assert_eq!(sectors.len(), PAGE / SECTOR, "whole pages");
            for sector in sectors {
                if !page.may_be.contains(sector) {
                    page.may_be.push(*sector);
                }
            }
        }
    }
    file
}
