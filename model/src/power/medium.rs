//! A medium: what must be on it, and what may be.

use std::collections::BTreeMap;

use super::promise::{self, Promise};
use super::{Call, Content, MAX_PAGES, Name, Refused};

/// A page of a file.
#[derive(Clone, Debug)]
pub struct Page {
    /// What each of its sectors may have in it: first what was promised, last what it has for whoever
    /// reads it now.
    pub may_be: Vec<Content>,
    /// From which of them on it has them now: several, where its sectors differ.
    pub now: usize,
    /// Who promised the first.
    pub by: &'static Promise,
    /// The last was stored through a mapping, not written.
    pub stored: bool,
}

impl Page {
    /// The file ends before it now.
    fn is_absent(&self) -> bool {
        self.may_be[self.now] == Content::Absent
    }

    /// Nothing was ever put there.
    fn is_hole(&self) -> bool {
        self.may_be[self.now] == Content::Zero
    }

    fn becomes(&mut self, content: Content, stored: bool) {
        self.now = self.may_be.len();
        self.may_be.push(content);
        self.stored = stored;
    }

    fn kept(&mut self, by: &'static Promise) {
        self.may_be.drain(..self.now);
        self.now = 0;
        self.by = by;
    }

    /// The file reaches beyond it on the medium.
    fn is_within(&mut self) {
        for content in self.may_be.iter_mut().filter(|content| **content == Content::Absent) {
            *content = Content::Zero;
        }
    }
}

/// A file.
#[derive(Clone, Debug)]
pub enum File {
    /// A FIFO; nothing of it but its name is on a medium.
    Fifo,
    /// A regular file.
    Regular([Page; MAX_PAGES as usize]),
}

/// The names that there are at a moment, and the files behind them.
pub type Names = BTreeMap<Name, usize>;

/// A medium with one directory.
#[derive(Clone, Debug)]
pub struct Medium {
    /// All files that there were.
    pub files: Vec<File>,
    /// The names: first as they were promised, last as they are.
    pub names: Vec<Names>,
    /// Who promised the first.
    pub names_by: &'static Promise,
}

impl Default for Medium {
    /// Nothing is on it.
    fn default() -> Medium {
        Medium { files: Vec::new(), names: vec![Names::new()], names_by: &promise::RESTART }
    }
}

impl File {
    pub(super) fn empty() -> File {
        File::of(|_| Content::Absent)
    }

    /// A file of which everything is on the medium.
    pub(super) fn of(content: impl Fn(u8) -> Content) -> File {
        File::Regular(std::array::from_fn(|page| Page {
            may_be: vec![content(page as u8)],
            now: 0,
            by: &promise::RESTART,
            stored: false,
        }))
    }
}

impl Medium {
    /// The names as they are.
    pub fn now(&self) -> &Names {
        self.names.last().expect("there is at least one")
    }

    /// The step of this number is made, and has returned if `returned`; if not, it may have done
    /// anything of what it does, and has promised nothing.
    ///
    /// # Errors
    /// It is one that a file system refuses: nothing happens.
    pub fn step(&mut self, number: u32, call: Call, returned: bool) -> Result<(), Refused> {
        let tag = Content::Tag(number);
        match call {
            Call::Create(name) => self.make(name, File::empty()),
            Call::MakeFifo(name) => self.make(name, File::Fifo),
            Call::Unlink(name) => {
                let mut names = self.now().clone();
                names.remove(&name).ok_or(Refused)?;
                self.names.push(names);
                Ok(())
            }
            Call::Rename(from, to) => self.rename(from, to),
            Call::SyncDirectory => {
                if returned {
                    self.names = vec![self.now().clone()];
                    self.names_by = &promise::DIRECTORY;
                }
                Ok(())
            }
            Call::Hold(name) => match self.files[*self.now().get(&name).ok_or(Refused)?] {
                File::Fifo => Ok(()),
                File::Regular(_) => Err(Refused),
            },
            Call::Write(name, page) => {
                write(self.pages(name)?, page, tag);
                Ok(())
            }
            Call::WriteDsync(name, page) => {
                let pages = self.pages(name)?;
                write(pages, page, tag);
                keep(pages, page, &promise::DSYNC, returned);
                Ok(())
            }
            Call::Store(name, page) => {
                let page = self.mapped(name, page)?;
                page.becomes(tag, true);
                Ok(())
            }
            Call::Truncate(name, size) => {
                truncate(self.pages(name)?, size);
                Ok(())
            }
            Call::Fsync(name) => {
                sync(self.pages(name)?.iter_mut(), &promise::FSYNC, returned);
                Ok(())
            }
            Call::Fdatasync(name) => {
                // That the file is shorter is not needed to read what is in it.
                let there = self.pages(name)?.iter_mut().filter(|page| !page.is_absent());
                sync(there, &promise::FDATASYNC, returned);
                Ok(())
            }
            Call::Msync(name, page) => {
                if self.mapped(name, page)?.is_hole() {
                    // Nothing was stored to it, so nothing has to be brought to the medium.
                    return Ok(());
                }
                keep(self.pages(name)?, page, &promise::MSYNC, returned);
                Ok(())
            }
        }
    }

    fn make(&mut self, name: Name, file: File) -> Result<(), Refused> {
        let mut names = self.now().clone();
        if names.insert(name, self.files.len()).is_some() {
            return Err(Refused);
        }
        self.files.push(file);
        self.names.push(names);
        Ok(())
    }

    fn rename(&mut self, from: Name, to: Name) -> Result<(), Refused> {
        let mut names = self.now().clone();
        let file = names.remove(&from).ok_or(Refused)?;
        names.insert(to, file);
        self.names.push(names);
        Ok(())
    }

    /// The pages of a regular file.
    fn pages(&mut self, name: Name) -> Result<&mut [Page], Refused> {
        let file = *self.now().get(&name).ok_or(Refused)?;
        match &mut self.files[file] {
            File::Regular(pages) => Ok(pages),
            File::Fifo => Err(Refused),
        }
    }

    /// A page that can be used through a mapping.
    fn mapped(&mut self, name: Name, page: u8) -> Result<&mut Page, Refused> {
        let page = &mut self.pages(name)?[usize::from(page)];
        if page.is_absent() { Err(Refused) } else { Ok(page) }
    }
}

/// A page is written; the file then reaches to its end.
fn write(pages: &mut [Page], page: u8, content: Content) {
    let (before, rest) = pages.split_at_mut(usize::from(page));
    for hole in before.iter_mut().filter(|page| page.is_absent()) {
        hole.becomes(Content::Zero, false);
    }
    let page = &mut rest[0];
    if page.is_absent() {
        // Its size may come to the medium with another page, and before what is in it.
        page.becomes(Content::Zero, false);
    }
    page.becomes(content, false);
}

fn truncate(pages: &mut [Page], size: u8) {
    for (place, page) in pages.iter_mut().enumerate() {
        match (place < usize::from(size), page.is_absent()) {
            (true, true) => page.becomes(Content::Zero, false),
            (false, false) => page.becomes(Content::Absent, false),
            _ => {}
        }
    }
}

/// All pages are promised, by this or for what is stored by another.
fn sync<'a>(pages: impl Iterator<Item = &'a mut Page>, by: &'static Promise, returned: bool) {
    if returned {
        for page in pages {
            let by = if page.stored { &promise::FSYNC_STORES } else { by };
            page.kept(by);
        }
    }
}

/// A page is promised, and so is that the file reaches beyond those before.
fn keep(pages: &mut [Page], page: u8, by: &'static Promise, returned: bool) {
    if returned {
        for before in &mut pages[..usize::from(page)] {
            before.is_within();
        }
        pages[usize::from(page)].kept(by);
    }
}
