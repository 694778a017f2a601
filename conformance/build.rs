//! Embeds every scenario under `scenarios/` and every litmus program under `litmus/` into the library,
//! so that the binary needs no files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    embed("scenarios")?;
    embed("litmus")
}

/// Makes a table of the programs in a folder, by name.
fn embed(folder: &str) -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let programs = root.join(folder);
    println!("cargo::rerun-if-changed={}", programs.display());
    let mut found = Vec::new();
    collect(&programs, &mut found)?;
    found.sort();
    let mut table = String::from("&[\n");
    for path in &found {
        let name = path.strip_prefix(&programs).expect("it was found there").with_extension("");
        let name = name.to_string_lossy().replace('\\', "/");
        println!("cargo::rerun-if-changed={}", path.display());
        let _ = writeln!(table, "    ({name:?}, include_str!({:?})),", path.display().to_string());
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join(folder).with_extension("rs"), table)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "ipc") {
            found.push(path);
        }
    }
    Ok(())
}
