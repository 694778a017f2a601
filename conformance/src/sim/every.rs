//! The systematic scheduler: every run that there is, one after the other.

use crate::stage::Pick;

/// Takes every choice that there is, depth first, one run after the other.
#[derive(Clone, Default, Debug)]
pub struct Every {
    taken: Vec<(u64, u64)>,
    place: usize,
}

impl Every {
    /// Sets the choices for the next run; false when all have been.
    pub fn turn(&mut self) -> bool {
        self.place = 0;
        while let Some((value, bound)) = self.taken.pop() {
            if value + 1 < bound {
                self.taken.push((value + 1, bound));
                return true;
            }
        }
        false
    }
}

impl Pick for &mut Every {
    fn below(&mut self, bound: u64) -> u64 {
        if self.place == self.taken.len() {
            self.taken.push((0, bound));
        }
        let (value, _) = self.taken[self.place];
        self.place += 1;
        value
    }
}
