//! Overflow chains that no record refers to: deleted rows. A free page keeps its bytes, and its first four bytes still
//! hold the number of the next page of its chain. The remains of the record end with the number of the first page.

use std::collections::HashMap;
use std::io::{self, Read};

use super::Walk;
use super::chains::Chain;
use super::store::{HEADER, number};

/// Maximum number of pages of a database in which such chains are searched.
const MOST_PAGES: u32 = 1 << 24;
/// Maximum number of references to one chain that are used.
const MOST_PLACES: usize = 4;
/// Maximum number of bytes of a chain that are read.
const MOST_BYTES: u64 = 16 << 20;

/// The pages that belong to no record.
struct Loose {
    /// For each slot: 0 if its page belongs to a b-tree or to a chain that was read, otherwise 1 plus the next slot of
    /// its chain.
    next: Vec<u32>,
    /// Whether another of these pages refers to the slot.
    follows: Vec<bool>,
}

impl Walk<'_, '_, '_> {
    /// Scans the chains that no record refers to.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read or a limit is reached.
    pub(super) fn stale(&mut self) -> io::Result<()> {
        if !self.store.is_file() || self.store.slots() > MOST_PAGES {
            return Ok(());
        }
        let loose = self.loose()?;
        let slots = 0..loose.next.len();
        let heads: Vec<u32> = slots
            .filter(|slot| loose.next[*slot] > 0 && !loose.follows[*slot])
            .map(|slot| slot as u32)
            .collect();
        if heads.is_empty() {
            return Ok(());
        }
        let places = self.places(&heads, &loose)?;
        for head in heads {
            match places.get(&head) {
                Some(places) => {
                    for (slot, at) in places {
                        self.join(Some((*slot, *at)), head)?;
                    }
                }
                // A single page is scanned with the raw bytes.
                None if loose.next[head as usize] > 1 => self.join(None, head)?,
                None => {}
            }
        }
        Ok(())
    }

    /// Finds the pages that belong to no record, and their order in chains.
    fn loose(&mut self) -> io::Result<Loose> {
        let slots = self.store.slots();
        let mut loose = Loose { next: vec![0; slots as usize], follows: vec![false; slots as usize] };
        let mut page = Vec::new();
        for slot in 0..slots {
            if self.trees.get(slot as usize).copied().unwrap_or(true) || !self.visits.is_free(slot) {
                continue;
            }
            self.store.read_next(slot, &mut page)?;
            let next = self.store.find(number(&page, 0, 4) as u32, slot);
            loose.next[slot as usize] = 1 + next.unwrap_or(0);
            if let Some(next) = next {
                loose.follows[next as usize] = true;
            }
        }
        Ok(loose)
    }

    /// Finds the offsets that hold the number of a page in `heads`, in all pages that are not parts of a chain, also in
    /// free pages.
    fn places(&mut self, heads: &[u32], loose: &Loose) -> io::Result<HashMap<u32, Vec<(u32, usize)>>> {
        let mut wanted = vec![false; self.store.slots() as usize];
        heads.iter().for_each(|head| wanted[*head as usize] = true);
        let mut out: HashMap<u32, Vec<(u32, usize)>> = HashMap::new();
        let mut page = Vec::new();
        for slot in 0..self.store.slots() {
            let is_tree = self.trees.get(slot as usize).copied().unwrap_or(false);
            if !is_tree && loose.next[slot as usize] == 0 {
                continue;
            }
            self.store.read_next(slot, &mut page)?;
            let from = match (slot, is_tree) {
                (0, _) => HEADER,
                (_, true) => 0,
                (_, false) => list_of_free(&page),
            };
            for (at, bytes) in page.windows(4).enumerate().skip(from) {
                let named = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                let head = named.wrapping_sub(1);
                if wanted.get(head as usize).copied().unwrap_or(false) {
                    let places = out.entry(head).or_default();
                    if places.len() < MOST_PLACES {
                        places.push((slot, at));
                    }
                }
            }
        }
        Ok(out)
    }

    /// Scans the bytes before `place`, if given, together with the chain that starts at `head`.
    fn join(&mut self, place: Option<(u32, usize)>, head: u32) -> io::Result<()> {
        let mut text = Vec::new();
        if let Some((slot, at)) = place {
            self.store.read(slot, &mut text)?;
            text.truncate(at);
            text.drain(..if slot == 0 { HEADER } else { 0 });
        }
        let chain = Chain::new(&mut self.store, &mut self.visits, head, head + 1, MOST_BYTES);
        chain.take(MOST_BYTES).read_to_end(&mut text)?;
        let page = place.map_or(head, |(slot, _)| slot) + 1;
        self.hand_over(&format!("page {page}"), &text)
    }
}

/// Returns the offset at which earlier content remains on a free page: after the number of the next trunk page, and
/// after the numbers of other free pages if there are any.
fn list_of_free(page: &[u8]) -> usize {
    let count = number(page, 4, 4);
    let end = 8 + 4 * count;
    if end <= page.len() as u64 { end as usize } else { 4 }
}
