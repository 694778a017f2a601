//! A disk that is simulated, with a cache that it writes back when it likes: what is found on it is
//! never refused, and what it does wrong is.

use std::collections::BTreeMap;

use ipc_model::power::{Call, Content, Medium, Name, PAGE, SECTOR, Seen, SeenFile};

use super::{Skip, program};
use crate::seed::Seeded;
use crate::stage::Pick;

/// What the disk, or whoever drives it, does wrong.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Wrong {
    Skips(Skip),
    /// `msync` and the like forget what is stored through mappings.
    ForgetsStores,
    /// A later change of a name is there, one before it is not.
    Reorders,
    /// A sector has what nobody wrote.
    Invents,
    /// The bytes of a FIFO are there.
    KeepsBytes,
    /// A page that was there after a restart is gone after the next.
    Forgets,
}

const SECTORS: usize = PAGE / SECTOR;

#[derive(Clone, Default)]
struct File {
    fifo: bool,
    cached: Vec<(Content, bool)>,
    stored: Vec<[Content; SECTORS]>,
}

#[derive(Clone, Default)]
struct Disk {
    files: Vec<File>,
    names: Vec<BTreeMap<Name, usize>>,
    journal: usize,
}

impl Disk {
    fn new() -> Disk {
        Disk { names: vec![BTreeMap::new()], ..Disk::default() }
    }

    /// Some of the cache goes to the medium.
    fn write_back(&mut self, pick: &mut dyn Pick) {
        if pick.below(3) == 0 {
            self.journal += pick.below((self.names.len() - self.journal) as u64) as usize;
        }
        for file in &mut self.files {
            for page in 0..file.cached.len() {
                if pick.below(6) == 0 {
                    let some = pick.below(1 << SECTORS);
                    file.flush(page, |sector| some & 1 << sector != 0);
                }
            }
        }
    }

    fn regular(&mut self, name: Name) -> Option<&mut File> {
        let file = *self.names.last()?.get(&name)?;
        Some(&mut self.files[file]).filter(|file| !file.fifo)
    }

    fn change(&mut self, change: impl FnOnce(&mut BTreeMap<Name, usize>) -> Option<()>) {
        let mut names = self.names.last().expect("there is one").clone();
        if change(&mut names).is_some() {
            self.names.push(names);
        }
    }

    fn step(&mut self, number: u32, call: Call, wrong: Option<Wrong>) -> Option<()> {
        let tag = Content::Tag(number);
        let next = self.files.len();
        let skips = |skip| wrong == Some(Wrong::Skips(skip));
        let stores = wrong != Some(Wrong::ForgetsStores);
        match call {
            Call::Create(name) | Call::MakeFifo(name) => {
                if self.names.last()?.contains_key(&name) {
                    return None;
                }
                let fifo = matches!(call, Call::MakeFifo(_));
                self.files.push(File { fifo, ..File::default() });
                self.change(|names| names.insert(name, next).map_or(Some(()), |_| None));
            }
            Call::Unlink(name) => self.change(|names| names.remove(&name).map(|_| ())),
            Call::Rename(from, to) => self.change(|names| {
                let file = names.remove(&from)?;
                names.insert(to, file);
                Some(())
            }),
            Call::SyncDirectory if skips(Skip::Directory) => {}
            Call::SyncDirectory => self.journal = self.names.len() - 1,
            Call::Write(name, page) => self.regular(name)?.write(page, tag),
            Call::WriteDsync(name, page) => {
                let file = self.regular(name)?;
                file.write(page, tag);
                if !skips(Skip::Dsync) {
                    file.flush(page.into(), |_| true);
                }
            }
            Call::Store(name, page) => {
                *self.regular(name)?.cached.get_mut(usize::from(page))? = (tag, true);
            }
            Call::Truncate(name, size) => {
                let file = self.regular(name)?;
                file.cached.resize(size.into(), (Content::Zero, false));
            }
            Call::Fsync(name) if !skips(Skip::Fsync) => self.regular(name)?.sync(stores),
            Call::Fdatasync(name) if !skips(Skip::Fdatasync) => self.regular(name)?.sync(stores),
            Call::Msync(name, page) if !skips(Skip::Msync) => {
                let file = self.regular(name)?;
                file.cached.get(usize::from(page))?;
                if stores || !file.cached[usize::from(page)].1 {
                    file.flush(page.into(), |_| true);
                }
            }
            _ => {}
        }
        Some(())
    }

    /// The power goes and comes: what is found, and the disk as it is then.
    fn cut(&mut self, wrong: Option<Wrong>, pick: &mut dyn Pick) -> Seen {
        let mut names = self.names[self.journal].clone();
        if wrong == Some(Wrong::Reorders)
            && let Some(later) = self.names.get(self.journal + 2..)
            && let Some(gone) =
                self.names[self.journal + 1..].iter().flat_map(BTreeMap::keys).next()
        {
            names = later.last().map_or(names, Clone::clone);
            names.remove(gone);
        }
        for file in &mut self.files {
            file.cached = file.stored.iter().map(|sectors| (sectors[0], false)).collect();
        }
        let mut seen = Seen::default();
        for (name, file) in &names {
            let file = &mut self.files[*file];
            if wrong == Some(Wrong::Forgets) && pick.below(8) == 0 {
                file.stored.pop();
                file.cached.pop();
            }
            let mut pages: Vec<Vec<Content>> =
                file.stored.iter().map(|sectors| sectors.to_vec()).collect();
            if wrong == Some(Wrong::Invents)
                && let Some(page) = pages.first_mut()
            {
                page[3] = Content::Foreign;
            }
            let bytes = if wrong == Some(Wrong::KeepsBytes) { 5 } else { 0 };
            let found = if file.fifo { SeenFile::Fifo(bytes) } else { SeenFile::Regular(pages, 0) };
            seen.names.insert(*name, found);
        }
        self.names = vec![names];
        self.journal = 0;
        seen
    }
}

impl File {
    fn write(&mut self, page: u8, content: Content) {
        let size = self.cached.len().max(usize::from(page) + 1);
        self.cached.resize(size, (Content::Zero, false));
        self.cached[usize::from(page)] = (content, false);
    }

    /// Sectors of a page go to the medium, and so does that the file reaches that far; or that it
    /// does not.
    fn flush(&mut self, page: usize, which: impl Fn(usize) -> bool) {
        self.stored.truncate(self.cached.len());
        if self.stored.len() <= page {
            self.stored.resize(page + 1, [Content::Zero; SECTORS]);
        }
        for sector in (0..SECTORS).filter(|sector| which(*sector)) {
            self.stored[page][sector] = self.cached[page].0;
        }
    }

    fn sync(&mut self, stores: bool) {
        self.stored.truncate(self.cached.len());
        for page in 0..self.cached.len() {
            if stores || !self.cached[page].1 {
                self.flush(page, |_| true);
            }
        }
    }
}

/// What a disk does that is cut a few times; the promise that it breaks, if it does.
fn played(seed: u64, wrong: Option<Wrong>) -> Option<&'static str> {
    let mut pick = Seeded::new(seed, 0);
    let (mut disk, mut medium, mut first) = (Disk::new(), Medium::default(), 1);
    for _ in 0..4 {
        let program = program::random(&mut pick);
        let made = pick.below(program.len() as u64 + 1) as usize;
        for (place, (number, call)) in (first..).zip(&program).enumerate() {
            if place < made {
                disk.step(number, *call, wrong);
                disk.write_back(&mut pick);
            }
            // Whether the last has returned by then is not known.
            let _ = medium.step(number, *call, place + 1 < made);
        }
        first += program.len() as u32;
        match medium.judge(&disk.cut(wrong, &mut pick)) {
            Ok((left, _)) => medium = left,
            Err(broken) => return Some(broken.promise.id),
        }
    }
    None
}

#[test]
fn what_a_sound_disk_leaves_is_never_refused() {
    for seed in 0..3000 {
        assert_eq!(played(seed, None), None, "seed {seed}");
    }
}

#[test]
fn what_a_disk_does_wrong_breaks_its_promise() {
    let all = [
        (Wrong::Skips(Skip::Fsync), "power.fsync.keeps"),
        (Wrong::Skips(Skip::Fdatasync), "power.fdatasync.keeps"),
        (Wrong::Skips(Skip::Msync), "power.msync.keeps"),
        (Wrong::Skips(Skip::Dsync), "power.o-dsync.keeps"),
        (Wrong::Skips(Skip::Directory), "power.directory.fsync.keeps"),
        (Wrong::ForgetsStores, "power.fsync.keeps.stores"),
        (Wrong::Reorders, "power.names.in-order"),
        (Wrong::Invents, "power.unsynced.one-of"),
        (Wrong::KeepsBytes, "power.fifo.empty"),
        (Wrong::Forgets, "power.restart.keeps"),
    ];
    for (wrong, promise) in all {
        let broken: Vec<_> = (0..600).filter_map(|seed| played(seed, Some(wrong))).collect();
        assert!(broken.contains(&promise), "{wrong:?}: {broken:?}");
    }
    // One for each.
    assert_eq!(all.len(), ipc_model::power::PROMISES.len());
}
