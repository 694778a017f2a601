//! Random numbers that are the same for the same seed: campaigns and tests draw from here.

use crate::stage::Pick;

/// The seed that is written so: decimal or 0x….
pub fn read(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014), one stream for each number of a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seeded(u64);

impl Seeded {
    /// The stream of program `number` of a campaign with this seed.
    pub fn new(seed: u64, number: u64) -> Seeded {
        let mut mixer = Seeded(seed);
        let high = mixer.draw();
        Seeded(high ^ number.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}

impl Pick for Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound.max(1)
    }
}

/// Random numbers that lie at about the same place of their range for a while: of several processes one
/// goes on and on, and the others stay where they are, in the middle of a call perhaps. So it is where
/// processes share a processor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bursts {
    seeded: Seeded,
    at: u64,
    left: u64,
}

/// How long such a while is at most.
const WHILE: u64 = 400;

impl Bursts {
    /// The stream that is drawn from `seeded`.
    pub fn new(seeded: Seeded) -> Bursts {
        Bursts { seeded, at: 0, left: 0 }
    }
}

impl Pick for Bursts {
    fn below(&mut self, bound: u64) -> u64 {
        if self.left == 0 {
            self.at = self.seeded.draw();
            self.left = 1 + self.seeded.below(WHILE);
        }
        self.left -= 1;
        ((u128::from(self.at) * u128::from(bound)) >> 64) as u64
    }
}
