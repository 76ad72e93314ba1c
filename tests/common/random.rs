//! Deterministic random numbers, and keys and filler text made from them. Keys are made at run time so that the
//! repository does not contain a whole one.

pub const UPPER_HEX: &str = "0123456789ABCDEF";
pub const LOWER_HEX: &str = "0123456789abcdef";
pub const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";

/// The SplitMix64 generator.
pub struct Random(u64);

impl Random {
    /// Creates a generator whose numbers depend only on `name` and `variant`.
    pub fn new(name: &str, variant: usize) -> Self {
        let fold = |seed: u64, byte: u8| (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        Self(name.bytes().fold(0xCBF2_9CE4_8422_2325 + variant as u64, fold))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// Returns a number in `low..high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + (self.next() % (high - low) as u64) as usize
    }

    /// Returns one of `things`.
    pub fn pick<'a, T: ?Sized>(&mut self, things: &[&'a T]) -> &'a T {
        things[self.between(0, things.len())]
    }

    /// Returns `true` with a probability of `percent` %.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.between(0, 100) < percent
    }

    /// Returns `count` characters of an alphabet.
    pub fn chars(&mut self, alphabet: &str, count: usize) -> String {
        (0..count).map(|_| char::from(alphabet.as_bytes()[self.between(0, alphabet.len())])).collect()
    }

    /// Returns `count` random bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }

    /// Returns a word of `count` lower-case letters.
    pub fn word(&mut self, count: usize) -> String {
        self.chars(LETTERS, count)
    }

    /// Returns `count` bytes of words and blanks that do not end with a character of a key.
    pub fn words(&mut self, count: usize) -> String {
        let mut out = String::new();
        while out.len() < count {
            let length = self.between(2, 9);
            out += &self.word(length);
            out.push(' ');
        }
        out.truncate(count.saturating_sub(1));
        if count > 0 {
            out.push('=');
        }
        out
    }

    /// Returns up to eight lines of words, each after `before`.
    pub fn some_lines(&mut self, before: &str) -> String {
        let count = self.between(0, 9);
        self.lines(count, before)
    }

    /// Returns `count` lines of words, each after `before`.
    pub fn lines(&mut self, count: usize, before: &str) -> String {
        (0..count)
            .map(|_| {
                let length = self.between(20, 60);
                format!("{before}{}\n", self.words(length))
            })
            .collect()
    }

    /// Returns `count` bytes of cheap text, with line ends if `lines` is set.
    pub fn filler(&mut self, count: usize, lines: bool) -> Vec<u8> {
        let piece = if lines { self.lines(200, "") } else { self.words(9_973) };
        piece.bytes().cycle().take(count).collect()
    }

    /// Returns an API v2 key created in the years 2020 to 2025.
    pub fn key(&mut self) -> String {
        let time = 1_580_000_000_000 + self.next() % 170_000_000_000;
        self.key_of(time)
    }

    /// Returns an API v2 key created at `time` (Unix milliseconds).
    pub fn key_of(&mut self, time: u64) -> String {
        format!("KEY{time:012X}{}_{}", self.chars(UPPER_HEX, 20), self.chars(BASE62, 22))
    }

    /// Returns a key of 2019, whose id is a random UUID of version 4.
    pub fn old_key(&mut self) -> String {
        let (a, b) = (self.chars("23456789ABCDEF", 1), self.chars(UPPER_HEX, 11));
        let (c, d) = (self.chars(UPPER_HEX, 3), self.chars("89AB", 1));
        format!("KEY{a}{b}4{c}{d}{}_{}", self.chars(UPPER_HEX, 15), self.chars(BASE62, 22))
    }

    /// Returns at most `count` sorted offsets within a key at which a program may split it. Odd variants include one in
    /// `KEY01`.
    pub fn cuts(&mut self, variant: usize, count: usize) -> Vec<usize> {
        let mut cuts: Vec<usize> = (0..count).map(|_| self.between(6, 57)).collect();
        if variant % 2 == 1 {
            cuts[0] = self.between(1, 5);
        }
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }
}
