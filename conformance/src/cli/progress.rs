//! How far a run is: a bar on a terminal, a line now and then elsewhere, both on standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::campaign::Progress;

/// How long nothing is said where there is no terminal.
const SILENCE: Duration = Duration::from_secs(5);

pub(super) enum Shown {
    Bar(ProgressBar),
    Lines { began: Instant, last: Instant },
}

impl Shown {
    pub(super) fn new() -> Shown {
        if !io::stderr().is_terminal() {
            let now = Instant::now();
            return Shown::Lines { began: now, last: now };
        }
        let bar = ProgressBar::new(0);
        let template = "[{bar:24}] {pos}/{len}  {msg}eta {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        Shown::Bar(bar)
    }

    pub(super) fn tell(&mut self, progress: &Progress) {
        match self {
            Shown::Bar(bar) => {
                // Without an end there is no length: what is done is all that is known.
                let open = progress.total == u64::MAX;
                bar.set_length(if open { progress.done } else { progress.total });
                bar.set_position(progress.done);
                let red = progress.red;
                bar.set_message(if red > 0 { format!("RED {red}  ") } else { String::new() });
            }
            Shown::Lines { began, last } if last.elapsed() >= SILENCE => {
                *last = Instant::now();
                let _ = writeln!(io::stderr(), "{}", line(progress, began.elapsed()));
            }
            Shown::Lines { .. } => {}
        }
    }

    pub(super) fn end(self) {
        if let Shown::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// `after 15 s: 612 of 2058 programs, 1 red`.
fn line(progress: &Progress, after: Duration) -> String {
    let of = match progress.total {
        u64::MAX => String::new(),
        total => format!(" of {total}"),
    };
    format!("after {} s: {}{of} programs, {} red", after.as_secs(), progress.done, progress.red)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        let progress = Progress { done: 612, total: 2058, red: 1 };
        let after = Duration::from_secs(15);
        assert_eq!(line(&progress, after), "after 15 s: 612 of 2058 programs, 1 red");
        let open = Progress { total: u64::MAX, ..progress };
        assert_eq!(line(&open, after), "after 15 s: 612 programs, 1 red");
    }
}
