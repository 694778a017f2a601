//! Loom stays here: nothing that ships, and nothing that ships is tested with, depends on it.

use std::collections::{BTreeMap, BTreeSet};

/// Every package of the lock file with the packages that it names as its dependencies, those of its
/// tests and build scripts included.
fn packages(lock: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut packages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in lock.split("[[package]]").skip(1) {
        let name = entry
            .lines()
            .find(|line| line.starts_with("name = "))
            .and_then(|line| line.split('"').nth(1))
            .expect("every package of a lock file has a name");
        let listed = entry.lines().filter(|line| line.starts_with(" \""));
        let names = listed.filter_map(|line| line.split(['"', ' ']).find(|part| !part.is_empty()));
        packages.entry(name).or_default().extend(names);
    }
    packages
}

/// What a package needs, and what that needs, to the end.
fn needs<'a>(packages: &BTreeMap<&'a str, BTreeSet<&'a str>>, of: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![of];
    while let Some(name) = open.pop() {
        let more = packages.get(name).into_iter().flatten();
        open.extend(more.copied().filter(|name| found.insert(*name)));
    }
    found
}

#[test]
fn only_this_crate_depends_on_loom() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
    let lock = std::fs::read_to_string(path).expect("the lock file is committed");
    let packages = packages(&lock);
    assert!(
        needs(&packages, "ipc-loom-tests").contains("loom"),
        "the lock file was not understood"
    );
    for member in ["ipc-model", "ipc-impls", "ipc-conformance"] {
        assert!(packages.contains_key(member), "{member} is not in the lock file");
        assert!(!needs(&packages, member).contains("loom"), "{member} depends on loom");
    }
}
