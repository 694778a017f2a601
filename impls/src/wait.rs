//! How long to look before going to sleep.
//!
//! To be woken takes microseconds, to see a word change some nanoseconds; but on one processor the
//! other cannot go on while this one looks. So how long is learnt from how it went before.

/// Looks at most this many times, about ten microseconds.
const MOST: u32 = 2048;
/// Looks this many times when it tries again after it had given up.
const TRIAL: u32 = 256;
/// Tries again after this many waits without a look.
const REST: u32 = 128;

/// What one side has learnt of how long its waits are.
#[derive(Debug)]
pub struct Spin {
    budget: u32,
    rested: u32,
}

impl Default for Spin {
    fn default() -> Spin {
        Spin { budget: TRIAL, rested: 0 }
    }
}

impl Spin {
    /// Looks until `ready`, or until it is not worth it. Says whether it was.
    #[inline]
    pub fn until(&mut self, mut ready: impl FnMut() -> bool) -> bool {
        for _ in 0..self.budget {
            if ready() {
                self.budget = (self.budget * 2).min(MOST);
                return true;
            }
            std::hint::spin_loop();
        }
        self.failed();
        false
    }

    #[cold]
    fn failed(&mut self) {
        if self.budget > 0 {
            // From the top it takes eight vain waits until there is no looking at all.
            self.budget = if self.budget < 16 { 0 } else { self.budget / 2 };
            self.rested = 0;
        } else {
            self.rested += 1;
            if self.rested == REST {
                self.budget = TRIAL;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(spin: &mut Spin, ready_at: u32) -> u32 {
        let mut looks = 0;
        spin.until(|| {
            looks += 1;
            looks == ready_at
        });
        looks
    }

    #[test]
    fn vain_looking_ends_and_is_tried_again() {
        let mut spin = Spin::default();
        let looked: Vec<u32> = (0..400).map(|_| looks(&mut spin, u32::MAX)).collect();
        assert_eq!(looked[0], TRIAL);
        let idle = looked.iter().filter(|looks| **looks == 0).count();
        assert!(idle > 350, "{idle} of 400 waits without a look");
        assert!(looked[50..].contains(&TRIAL), "never tried again");
    }

    #[test]
    fn looking_that_pays_goes_on_longer() {
        let mut spin = Spin::default();
        for _ in 0..10 {
            looks(&mut spin, 1);
        }
        assert_eq!(looks(&mut spin, u32::MAX), MOST);
    }
}
