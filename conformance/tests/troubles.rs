//! Surroundings that are not as they should be: what is in the way is told, with an exit status that is
//! no pass and blames nobody, nothing crashes, and nothing is left behind.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use libtest_mimic::{Arguments, Trial};
use nix::libc;

/// A scenario that makes a name of shared memory.
const SHARED: &str = "memory/a-name-for-everybody";
const NOBODY: u32 = 65_534;

fn main() {
    let test = |name: &str, run: fn()| {
        Trial::test(name, move || {
            run();
            Ok(())
        })
    };
    let mut tests = vec![
        test("a_name_that_somebody_has_left_is_removed", a_name_that_somebody_has_left_is_removed),
        test(
            "a_name_that_is_anothers_is_told_and_stays",
            a_name_that_is_anothers_is_told_and_stays,
        ),
        test(
            "a_directory_that_is_in_use_is_told_and_stays",
            a_directory_that_is_in_use_is_told_and_stays,
        ),
        test(
            "without_a_place_for_temporary_files_nothing_is_run",
            without_a_place_for_temporary_files_nothing_is_run,
        ),
    ];
    let full = test(
        "full_shared_memory_is_told_and_not_blamed_on_the_system",
        full_shared_memory_is_told_and_not_blamed_on_the_system,
    );
    // Counted as ignored, with the reason beside its name.
    tests.push(match apart("true").status() {
        Err(error) if !is_root() => {
            let why = format!("no mount namespace: {error}");
            full.with_kind(why).with_ignored_flag(true)
        }
        _ => full,
    });
    libtest_mimic::run(&Arguments::from_args(), tests).exit();
}

/// A directory that anybody may look into, with the program in it and temporary files.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ipc-troubles-{}-{number}", std::process::id());
        let place = Place(std::env::temp_dir().join(name));
        fs::create_dir_all(place.tmp()).expect("there is room for temporary files");
        let program = env!("CARGO_BIN_EXE_ipc-conformance");
        // By another process: what is open for writing here, a shell that another test starts just then
        // has too, and what somebody may write to is not executed.
        let copied = Command::new("cp").arg(program).arg(place.0.join("program")).status();
        assert!(copied.is_ok_and(|status| status.success()), "there is room for the program");
        for (path, mode) in [(&place.0, 0o755), (&place.tmp(), 0o777)] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
        }
        place
    }

    fn tmp(&self) -> PathBuf {
        self.0.join("tmp")
    }

    /// The scenario, begun once a line comes in: the process has its number before.
    fn waiting(&self, user: Option<u32>) -> Child {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "read line; exec ../program run \"$0\"", SHARED]);
        command.current_dir(self.tmp()).env("TMPDIR", self.tmp());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        command.spawn().expect("a shell can be started")
    }

    /// Nothing is in the directory of temporary files.
    #[track_caller]
    fn is_empty(&self) {
        let left: Vec<_> = fs::read_dir(self.tmp()).expect("it is there").flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What came of it: the exit status, and all that was said.
fn goes_on(mut child: Child) -> (Option<i32>, String) {
    let mut input = child.stdin.take().expect("it was asked for");
    input.write_all(b"go on\n").expect("it waits for a line");
    drop(input);
    said(child.wait_with_output().expect("it ends"))
}

fn said(output: Output) -> (Option<i32>, String) {
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("it speaks UTF-8"))
}

/// A name of shared memory that the first programs of a process would make.
fn name_of(child: &Child) -> PathBuf {
    Path::new("/dev/shm").join(format!("ipc-conformance-{}-0.x", child.id()))
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

fn a_name_that_somebody_has_left_is_removed() {
    let place = Place::new();
    let child = place.waiting(None);
    let name = name_of(&child);
    fs::write(&name, "left").expect("there is room in shared memory");
    let (status, text) = goes_on(child);
    assert_eq!(status, Some(0), "{text}");
    assert!(!name.exists(), "{text}");
    place.is_empty();
}

/// Without privileges nobody can make what belongs to another: then it is asked who would be refused.
fn a_name_that_is_anothers_is_told_and_stays() {
    let place = Place::new();
    let other = is_root().then_some(NOBODY);
    let child = place.waiting(other);
    let name = name_of(&child);
    fs::write(&name, "of another").expect("there is room in shared memory");
    let (status, text) = goes_on(child);
    let stays = name.exists();
    let _ = fs::remove_file(&name);
    assert_eq!(stays, other.is_some(), "{text}");
    let (told, wanted) = (text.contains(&name.display().to_string()), stays);
    assert_eq!(told, wanted, "{text}");
    // The next directory of the same process has another name, and there the scenario conforms.
    assert_eq!(status, Some(0), "{text}");
    place.is_empty();
}

fn a_directory_that_is_in_use_is_told_and_stays() {
    let place = Place::new();
    let child = place.waiting(None);
    let directory = place.tmp().join(format!("ipc-conformance-{}-0", child.id()));
    fs::create_dir(&directory).expect("the name is free");
    fs::write(directory.join("file"), "of another").expect("there is room");
    let (status, text) = goes_on(child);
    assert!(text.contains("File exists") && text.contains("set TMPDIR"), "{text}");
    assert_eq!(status, Some(0), "{text}");
    assert!(directory.join("file").exists(), "{text}");
}

fn without_a_place_for_temporary_files_nothing_is_run() {
    let place = Place::new();
    let child = place.waiting(None);
    fs::remove_dir(place.tmp()).expect("nothing is in it");
    let (status, text) = goes_on(child);
    assert_eq!(status, Some(6), "{text}");
    assert!(text.contains("set TMPDIR") && !text.contains("panicked"), "{text}");
}

/// In a mount namespace of its own, which takes privileges.
fn full_shared_memory_is_told_and_not_blamed_on_the_system() {
    let place = Place::new();
    let script = "mount -t tmpfs -o \"$1\" none /dev/shm || exit 99
                  ../program run memory; echo status $?; ls -A /dev/shm";
    for size in ["size=4k", "size=8m,nr_inodes=8"] {
        let mut command = apart(script);
        command.args(["sh", size]).current_dir(place.tmp()).env("TMPDIR", place.tmp());
        let (status, text) = said(command.output().expect("it was possible before"));
        assert_eq!(status, Some(0), "{text}");
        assert!(text.contains("/dev/shm is full") && text.contains("broken"), "{text}");
        // What needs no name was run; what was not is no pass, and no deviation either.
        assert!(text.contains("conforms") && !text.contains("panicked"), "{text}");
        assert!(text.trim_end().ends_with("status 5"), "{text}");
        place.is_empty();
    }
}

/// A script that is run in a mount namespace of its own.
fn apart(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]).stdin(Stdio::null());
    // SAFETY: between `fork` and `exec` it makes two system calls, and allocates nothing.
    unsafe { command.pre_exec(be_apart) };
    command
}

/// A mount namespace of its own, from which nothing gets out.
fn be_apart() -> std::io::Result<()> {
    let (root, none) = (c"/".as_ptr(), std::ptr::null());
    // SAFETY: takes a number and no memory.
    let apart = unsafe { libc::unshare(libc::CLONE_NEWNS) } == 0;
    let private = libc::MS_REC | libc::MS_PRIVATE;
    // SAFETY: one path that ends in a zero byte; the others are not looked at.
    if apart && unsafe { libc::mount(none, root, none, private, none.cast()) } == 0 {
        return Ok(());
    }
    Err(std::io::Error::last_os_error())
}
