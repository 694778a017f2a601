//! Histories as files: recorded on one machine, judged on another.
//!
//! A file is JSON Lines, version 1: the head, one object an event, and an object that says how the
//! run ended. A file without that last line was cut off, and is refused.
//!
//! ```text
//! {"format":"ipc-history","version":1,"system":"Linux 6.12","numbers":{"page_size":4096,…},
//!  "actors":["A","B"],"roots":["A"],"program":"A: pipe -> r w\nA: fork -> B\n…"}
//! {"ticket":1,"actor":"A","event":"call","line":1,"call":"pipe","args":[]}
//! {"ticket":2,"actor":"A","event":"return","result":{"fds":[3,4]},"probed":65536}
//! {"ticket":9,"actor":"B","event":"call","line":5,"call":"fcntl F_SETFL","args":[3,"O_NONBLOCK"]}
//! {"ticket":12,"actor":"A","event":"return","result":{"data":["w6[0..16]","x\"00ff\""]}}
//! {"ticket":13,"event":"ended","actor":"B","status":"exited 3"}
//! {"ticket":14,"event":"quiescent","asleep":["A"],"proof":"proven"}
//! {"event":"end","end":"complete"}
//! ```
//!
//! **The head** is one line (broken here to fit the page). `numbers` are what was probed of the
//! system; `program` is the text that was run, and `actors` and `roots` are those of that text.
//!
//! **An actor** is named as in the program; that is its first thread, `A/1` would be its second.
//!
//! **A call** has its `line` in the program, from 1, and its `args` in the order of the program
//! text: descriptors as numbers (-1 where the name has none), counts, lists of counts, flags and
//! words by name, processes by actor. The command is part of the name: `fcntl F_SETFL`. The
//! payload's `tag` is told only where it is not the line.
//!
//! **A result** is one of `"nothing"` (success, and nothing to tell), `"begun"` (a new process's
//! first word), `{"number":16}`, `{"data":[…]}`, `{"fds":[3,4]}`, `{"flags":"O_RDWR|O_NONBLOCK"}`,
//! `{"word":"S_IFIFO"}`, `{"child":"B"}`, `{"status":"killed by SIGPIPE"}`, `{"errno":"EAGAIN"}`
//! (`E#4711` where we have no name), `{"absent":"pipe2"}` (this system has no such call). What has
//! no name is told by number: flags as `0x10`, words as `#7`. `probed` is a number that was asked
//! for right behind the call: the capacity of a new pipe.
//!
//! **Data** is a list of runs: `w6[0..16]` are the bytes 0 to 15 of the payload of line 6,
//! `x"00ff"` are bytes of no known source, in hexadecimal.
//!
//! **The end** is `complete`; or `deadline`, with the `busy` actors; or `broken`, with the
//! `reason`.

mod plain;
mod read;
mod spelling;
mod validate;
mod wire;
mod write;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

pub use plain::{PLAIN, plain};
pub use read::read;
pub(crate) use spelling::{actor_text, flags_text, process_text, word_text};
pub use validate::{Invalid, validate, validate_run};
pub use write::write;

/// The numbers of a system by their names, as a history has them.
pub(crate) fn numbers(
    numbers: &crate::history::Numbers,
) -> serde_json::Map<String, serde_json::Value> {
    wire::numbers(numbers)
}

/// What the head calls the format.
pub const FORMAT: &str = "ipc-history";
/// The version of the format that is written, and the newest that is read.
pub const VERSION: u64 = 1;
