//! Plants bugs: copies of the shipped files, each with one place altered, and the models of that file
//! beside each copy. Orderings, fences and wakings need no copy: see `src/sync.rs`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// A bug: its name, the number of the model that shall notice, what stands in the shipped file,
/// exactly once, and what stands there instead.
type Bug = (&'static str, usize, &'static str, &'static str);

const RING: &[Bug] = &[
    (
        "no_second_look_before_sleep",
        0,
        "        sleep_fence();\n        if ready() {",
        "        sleep_fence();\n        if false {",
    ),
    ("bell_is_not_armed", 0, "bell.swap(1, Ordering::Relaxed);\n", ""),
    ("sleeps_on_a_disarmed_bell", 0, "bell.wait(1, timeout)", "bell.wait(0, timeout)"),
    (
        "bell_stays_armed_and_silent",
        0,
        "        bell.wake();\n    }\n}\n\n/// Rings whether",
        "    }\n}\n\n/// Rings whether",
    ),
    (
        "end_is_asked_after_the_last_look",
        0,
        "            self.ended = lane.flow.producer_left();\n            self.look(lane)?;",
        "            self.look(lane)?;\n            self.ended = lane.flow.producer_left();",
    ),
    (
        "death_is_told_before_the_last_record",
        2,
        "if ready == Woken::Dead && moved() {",
        "if ready == Woken::Dead && false {",
    ),
    (
        "room_of_a_dead_consumer_is_not_seen",
        3,
        "if ready == Woken::Dead && self.reserve(",
        "if ready == Woken::Dead && false && self.reserve(",
    ),
    (
        "position_before_the_record",
        0,
        "        lane.words[place.word].write(header(kind, place.length as u64, self.next));\n        let size = (place.length as u64).next_multiple_of(8) + HEADER;\n        self.next = self.next.wrapping_add(size);",
        "        let at = self.next;\n        let size = (place.length as u64).next_multiple_of(8) + HEADER;\n        self.next = self.next.wrapping_add(size);\n        self.publish(lane);\n        lane.words[place.word].write(header(kind, place.length as u64, at));",
    ),
    (
        "padding_is_not_written",
        0,
        "            lane.words[lane.index(self.next)].write(padding);\n",
        "            let _ = padding;\n",
    ),
    (
        "padding_is_not_counted_as_room",
        0,
        "        if self.free(lane) < size + skipped {\n            self.look",
        "        if self.free(lane) < size {\n            self.look",
    ),
    (
        "one_word_too_many_is_free",
        0,
        "lane.capacity() - self.next",
        "lane.capacity() + 8 - self.next",
    ),
    ("leaving_rings_nobody", 0, "        ring(self.data);\n        ring(&self.flow.room);\n", ""),
    (
        "a_successor_is_not_told_of",
        4,
        "succeeds: before != 0 && !closed",
        "succeeds: before != 0 && closed",
    ),
    (
        "a_successor_begins_at_nothing",
        4,
        "let next = lane.flow.tail.0.load(Ordering::Relaxed);\n        let head",
        "let next = 0 * lane.flow.tail.0.load(Ordering::Relaxed);\n        let head",
    ),
];

const LANES: &[Bug] = &[
    (
        "one_lane_is_not_looked_at_before_sleep",
        0,
        "sources.iter().any(Source::has_moved)",
        "sources.iter().take(1).any(Source::has_moved)",
    ),
    (
        "the_end_of_one_lane_is_that_of_all",
        0,
        "self.sources.iter().all(Source::is_over)",
        "self.sources.iter().any(Source::is_over)",
    ),
    (
        "lanes_have_bells_of_their_own",
        0,
        "sources[0].origin.lane().data",
        "&sources[1].origin.lane().flow.data",
    ),
    ("room_in_a_lane_is_not_told", 2, "        source.receiver.consume(place);\n", ""),
    ("a_death_is_told_again", 1, "                source.told = true;\n", ""),
    (
        "a_death_is_told_before_the_last_message",
        1,
        "if source.is_dead() && !source.has_moved() {",
        "if source.is_dead() {",
    ),
    (
        "one_that_closed_is_taken_for_dead",
        1,
        "!self.told && !self.broken && !left &&",
        "!self.told && !self.broken && (left || true) &&",
    ),
    (
        "the_dead_keep_the_others_waiting",
        1,
        "self.broken || self.told || self.ended",
        "self.broken || self.ended",
    ),
    (
        "a_message_is_found_by_who_asks_for_the_end",
        4,
        "            if joined && self.sources",
        "            for source in &mut self.sources {\n                let _ = source.receiver.peek(source.origin.lane());\n            }\n            if joined && self.sources",
    ),
    ("it_is_always_the_same_ones_turn", 2, "self.turn = number + 1", "self.turn = 0 * number"),
    (
        "a_successor_is_taken_for_the_dead",
        3,
        "if !std::mem::take(&mut source.told) {",
        "if std::mem::take(&mut source.told) {",
    ),
];

const MUTEX: &[Bug] = &[
    ("death_is_not_looked_for", 1, "    proof.begin(word);\n", ""),
    (
        "death_is_not_looked_for_in_the_release",
        1,
        "    let name = proof.name();\n    let ours = if lost",
        "    let name = proof.name();\n    proof.end();\n    let ours = if lost",
    ),
    (
        "waiters_of_a_dead_owner_are_forgotten",
        2,
        "word.compare_exchange(seen, name | seen & WAITERS, Ordering::Acquire)",
        "word.compare_exchange(seen, name, Ordering::Acquire)",
    ),
    (
        "death_is_not_told",
        1,
        "Ok(_) if seen & DIED != 0 => return Ok(Locked::OwnerDied)",
        "Ok(_) if seen == u32::MAX => return Ok(Locked::OwnerDied)",
    ),
    ("waits_without_saying_so", 0, "let waited = seen | WAITERS;", "let waited = seen;"),
    (
        "released_and_woken_apart",
        2,
        "        word.set_and_wake(if lost { LOST } else { 0 });",
        "        word.swap(if lost { LOST } else { 0 }, Ordering::Release);\n        word.wake();",
    ),
    (
        "lost_is_not_said",
        4,
        "word.set_and_wake(if lost { LOST } else { 0 })",
        "word.set_and_wake(0)",
    ),
    (
        "lost_wakes_nobody",
        4,
        "        word.set_and_wake(if lost { LOST } else { 0 });",
        "        if lost {\n            word.swap(LOST, Ordering::Release);\n        } else {\n            word.set_and_wake(0);\n        }",
    ),
    (
        "released_without_a_look_at_waiters",
        0,
        "            Err(seen) => seen & !WAITERS == name,",
        "            Err(_) => {\n                word.swap(0, Ordering::Release);\n                false\n            }",
    ),
    (
        "the_living_are_taken_for_dead",
        3,
        "proof.is_dead(waited & OWNER)",
        "(true || proof.is_dead(waited & OWNER))",
    ),
    (
        "the_dead_are_taken_for_living",
        3,
        "if now == waited && proof.is_dead(waited & OWNER)",
        "if now == waited && false && proof.is_dead(waited & OWNER)",
    ),
    (
        "who_only_tries_is_refused_for_the_dead",
        6,
        "if proof.is_dead(seen & OWNER) {",
        "if false && proof.is_dead(seen & OWNER) {",
    ),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo says where it is"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo says where it may write"));
    plant(&here, &out, "ring", "ring/flow", RING);
    plant(&here, &out, "lanes", "ring/gather", LANES);
    plant(&here, &out, "mutex", "mutex/word", MUTEX);
}

/// What a copy finds beside itself as it is shipped; its own copy comes before that.
const BESIDE: &str = "use crate::*;\n";

/// Writes `OUT_DIR/NAME.rs`: a module for each bug of the shipped file, and a table of them.
fn plant(here: &Path, out: &Path, name: &str, shipped: &str, bugs: &[Bug]) {
    let file = shipped.rsplit('/').next().expect("it has a last part");
    let shipped = here.join(format!("../impls/src/{shipped}.rs"));
    let models = here.join(format!("tests/shared/{name}/models.rs"));
    println!("cargo::rerun-if-changed={}", shipped.display());
    println!("cargo::rerun-if-changed={}", models.display());
    let text = fs::read_to_string(&shipped).expect("the shipped file is there");
    let (mut modules, mut table) = (String::new(), String::new());
    for (bug, model, from, to) in bugs {
        let count = text.matches(from).count();
        assert_eq!(count, 1, "{bug}: what it alters is {count} times in {}", shipped.display());
        let folder = out.join(bug);
        fs::create_dir_all(&folder).expect("there is room");
        let copy = folder.join(format!("{file}.rs"));
        fs::write(&copy, text.replace(from, to)).expect("there is room");
        writeln!(
            modules,
            "#[allow(warnings, clippy::all)]\npub(crate) mod {bug} {{\n    {BESIDE}    #[path = {copy:?}]\n    \
             pub mod {file};\n    #[path = {models:?}]\n    pub(crate) mod models;\n}}"
        )
        .expect("a string takes all");
        writeln!(table, "    ({bug:?}, {model}, {bug}::models::MODELS),")
            .expect("a string takes all");
    }
    let text =
        format!("{modules}\npub(crate) const BUGS: &[(&str, usize, Models)] = &[\n{table}];\n");
    fs::write(out.join(format!("{name}.rs")), text).expect("there is room");
}
