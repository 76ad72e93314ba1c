//! The plan for decoding a pack: its delta forest with all entries in pack order, and the roots to start from. Reads
//! the headers of entries but inflates nothing. Branches without wanted entries are left out.

use std::sync::Mutex;

use super::id::Kind;
use super::pack::Pack;
use super::pack_data::Bytes;
use super::pack_entry::{self, EntryKind};
use super::threads;

/// Marks an entry without a base in the pack.
const NONE: u32 = u32::MAX;
/// Trees with a greater weight start first, heaviest first, so that no thread is left with a large one at the end.
const HEAVY_WEIGHT: u32 = 16_000;
/// Headers that a thread parses at a time.
const HEADERS_PER_STEP: usize = 4096;

/// An entry in the header pass.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// The base in this pack; [`NONE`] for complete or damaged objects and for deltas with a base elsewhere.
    parent: u32,
    /// Estimated cost of its branch: one unit for every entry and for every 64 inflated bytes.
    weight: u32,
    kind: Option<Kind>,
    wanted: bool,
    /// Whether it or one of its descendants is wanted.
    needed: bool,
}

/// All entries in pack order. Entries for which the index gives no offset come last, with an offset past the end of any
/// pack.
#[derive(Debug)]
pub(super) struct PackOrder {
    /// The offset of each entry, ascending.
    offsets: Vec<u64>,
    /// The position of each entry in the index.
    positions: Vec<u32>,
}

/// The entries to decode, and their order.
#[derive(Debug)]
pub(super) struct DeltaTree {
    order: PackOrder,
    wanted: Vec<bool>,
    /// The children of entry `e` are `children[first[e]..first[e + 1]]` (compressed sparse rows); the heaviest comes
    /// last.
    first: Vec<u32>,
    children: Vec<u32>,
    /// The entries to start from: those without a base in the pack.
    pub(super) roots: Vec<u32>,
}

/// The entries of a pack that are wanted.
pub(super) struct WantedEntries<'a> {
    /// If set, trees of other kinds are left out.
    pub(super) kinds: Option<&'a [Kind]>,
    /// Called once for each entry, with its position in the index.
    pub(super) wants: &'a (dyn Fn(u32) -> bool + Sync),
}

impl DeltaTree {
    /// Creates the plan.
    pub(super) fn new(
        pack: &Pack,
        bytes: &Bytes,
        order: PackOrder,
        threads: usize,
        wanted: &WantedEntries<'_>,
    ) -> Self {
        let WantedEntries { kinds, wants } = *wanted;
        let mut nodes = headers(pack, bytes, threads, &order, wants);
        // If the base is outside the pack, the kind is unknown and may be any.
        let kind_wanted = |node: &Node| match (kinds, node.kind) {
            (Some(kinds), Some(kind)) => kinds.contains(&kind),
            _ => true,
        };
        propagate(&mut nodes);
        let roots =
            (0..).zip(&nodes).filter(|(_, node)| node.parent == NONE && node.needed && kind_wanted(node));
        let (mut heavy, light): (Vec<_>, Vec<_>) = roots.partition(|(_, node)| node.weight > HEAVY_WEIGHT);
        heavy.sort_by_key(|(_, node)| std::cmp::Reverse(node.weight));
        let roots = heavy.into_iter().chain(light).map(|(number, _)| number).collect();
        let (first, children) = branches(&nodes);
        let wanted = nodes.iter().map(|node| node.wanted).collect();
        Self { order, wanted, first, children, roots }
    }

    /// Returns the order of entries, for another plan.
    pub(super) fn into_order(self) -> PackOrder {
        self.order
    }

    /// Returns the offset of an entry and of the next one (`None` for the last).
    pub(super) fn place(&self, number: u32) -> Option<(u64, Option<u64>)> {
        let number = number as usize;
        let offsets = &self.order.offsets;
        Some((*offsets.get(number)?, offsets.get(number + 1).copied()))
    }

    /// Returns the position of an entry in the index.
    pub(super) fn position(&self, number: u32) -> usize {
        self.order.positions.get(number as usize).map_or(usize::MAX, |position| *position as usize)
    }

    /// Returns whether an entry itself is wanted, as opposed to only its descendants.
    pub(super) fn is_wanted(&self, number: u32) -> bool {
        self.wanted.get(number as usize).copied().unwrap_or_default()
    }

    /// Returns the range of an entry's children, for [`child`](Self::child).
    pub(super) fn children(&self, number: u32) -> std::ops::Range<u32> {
        let number = number as usize;
        match (self.first.get(number), self.first.get(number + 1)) {
            (Some(start), Some(end)) => *start..*end,
            _ => 0..0,
        }
    }

    /// Returns the entry at an index of the list of children.
    pub(super) fn child(&self, place: u32) -> Option<u32> {
        self.children.get(place as usize).copied()
    }
}

impl PackOrder {
    /// Reads the order from the index of a pack. The pack file is not needed.
    pub(super) fn of(pack: &Pack) -> Self {
        let offset = |position: u32| pack.index.offset(position as usize).unwrap_or(u64::MAX);
        let count = u32::try_from(pack.index.count()).unwrap_or(u32::MAX);
        let mut order: Vec<(u64, u32)> = (0..count).map(|position| (offset(position), position)).collect();
        order.sort_unstable();
        let (offsets, positions) = order.into_iter().unzip();
        Self { offsets, positions }
    }
}

/// Parses all headers on several threads.
fn headers(
    pack: &Pack,
    bytes: &Bytes,
    threads: usize,
    PackOrder { offsets, positions }: &PackOrder,
    wants: &(dyn Fn(u32) -> bool + Sync),
) -> Vec<Node> {
    let empty = Node { parent: NONE, weight: 1, kind: None, wanted: false, needed: false };
    let mut nodes = vec![empty; offsets.len()];
    let slices =
        Mutex::new(nodes.chunks_mut(HEADERS_PER_STEP).zip(positions.chunks(HEADERS_PER_STEP)).enumerate());
    threads::broadcast(threads, || {
        loop {
            let next = slices.lock().ok().and_then(|mut slices| slices.next());
            let Some((slice, (nodes, positions))) = next else { return };
            for (at, (node, position)) in nodes.iter_mut().zip(positions).enumerate() {
                let number = slice * HEADERS_PER_STEP + at;
                node.wanted = wants(*position);
                node.needed = node.wanted;
                header(pack, bytes, offsets, number, node);
            }
        }
    });
    nodes
}

/// Parses the header of entry `number` into `node`. A damaged one becomes a root without a kind.
fn header(pack: &Pack, bytes: &Bytes, offsets: &[u64], number: usize, node: &mut Node) -> Option<()> {
    let offset = *offsets.get(number)?;
    let mut room = [0; pack_entry::MAX_HEADER_BYTES];
    let header = pack_entry::parse(bytes.head(offset, &mut room).ok()?, pack.format)?;
    node.weight = 1 + u32::try_from(header.size / 64).unwrap_or(u32::MAX / 2);
    let parent = match header.kind {
        EntryKind::Base(kind) => {
            node.kind = Some(kind);
            return Some(());
        }
        EntryKind::OffsetDelta(distance) => entry_at(offsets, number, offset.checked_sub(distance)?)?,
        EntryKind::RefDelta(id) => {
            let base = pack.index.offset(pack.index.find(&id)?)?;
            offsets.binary_search(&base).ok()?
        }
    };
    node.parent = u32::try_from(parent).ok()?;
    Some(())
}

/// Returns the entry before `number` that starts at `offset`. Uses a galloping search, because bases are usually near.
fn entry_at(offsets: &[u64], number: usize, offset: u64) -> Option<usize> {
    let (mut high, mut step) = (number, 1);
    let low = loop {
        let low = number.saturating_sub(step);
        if *offsets.get(low)? <= offset || low == 0 {
            break low;
        }
        high = low;
        step *= 2;
    };
    offsets.get(low..high)?.binary_search(&offset).ok().map(|at| low + at)
}

/// Propagates `needed` and `weight` from each delta to its base. Delta cycles are broken and become undecodable roots.
fn propagate(nodes: &mut [Node]) {
    let forward = |(number, node): (usize, &Node)| node.parent != NONE && node.parent as usize >= number;
    if nodes.iter().enumerate().any(forward) {
        for number in top_down(nodes).into_iter().rev() {
            propagate_one(nodes, number as usize);
        }
    } else {
        (0..nodes.len()).rev().for_each(|number| propagate_one(nodes, number));
    }
}

/// Propagates `needed` and `weight` of one entry to its base.
fn propagate_one(nodes: &mut [Node], number: usize) {
    let Some(node) = nodes.get(number).copied().filter(|node| node.needed) else { return };
    if let Some(parent) = nodes.get_mut(node.parent as usize) {
        parent.needed = true;
        parent.weight = parent.weight.saturating_add(node.weight);
    }
}

/// Returns all entries in topological order, bases first. Cycles are broken, and their entries come last.
fn top_down(nodes: &mut [Node]) -> Vec<u32> {
    let (first, children) = child_rows(nodes, |_| true);
    let roots = (0..).zip(&*nodes).filter(|(_, node)| node.parent == NONE).map(|(number, _)| number);
    let mut order: Vec<u32> = roots.collect();
    let mut reached = vec![false; nodes.len()];
    let mut at = 0;
    while let Some(number) = order.get(at).copied() {
        at += 1;
        let number = number as usize;
        if let Some(mark) = reached.get_mut(number) {
            *mark = true;
        }
        if let (Some(start), Some(end)) = (first.get(number), first.get(number + 1)) {
            order.extend(children.get(*start as usize..*end as usize).unwrap_or_default());
        }
    }
    for (number, (node, reached)) in (0..).zip(nodes.iter_mut().zip(reached)) {
        if !reached {
            node.parent = NONE;
            order.push(number);
        }
    }
    order
}

/// Returns the needed children of each entry, with the heaviest last: its base can be freed before it starts, which
/// bounds the buffers held to the logarithm of the tree's size.
fn branches(nodes: &[Node]) -> (Vec<u32>, Vec<u32>) {
    let (first, mut children) = child_rows(nodes, |node| node.needed);
    let weight = |number: u32| nodes.get(number as usize).map_or(0, |node| node.weight);
    for ends in first.windows(2) {
        let Some(list) = children.get_mut(ends[0] as usize..ends[1] as usize) else { continue };
        let heaviest = list.iter().enumerate().max_by_key(|(_, child)| weight(**child));
        if let (Some((heaviest, _)), Some(last)) = (heaviest, list.len().checked_sub(1)) {
            list.swap(heaviest, last);
        }
    }
    (first, children)
}

/// Returns the children of each entry in compressed sparse row form: the start of each row, and the concatenated rows.
fn child_rows(nodes: &[Node], counts: impl Fn(&Node) -> bool) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0_u32; nodes.len() + 2];
    let counted = || nodes.iter().enumerate().filter(|(_, node)| node.parent != NONE && counts(node));
    for (_, node) in counted() {
        if let Some(count) = first.get_mut(node.parent as usize + 2) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for count in &mut first {
        sum += *count;
        *count = sum;
    }
    // The row of entry `e` now starts at `first[e + 1]`, which advances to its end while the row is filled.
    let mut children = vec![0; sum as usize];
    for (number, node) in counted() {
        if let Some(next) = first.get_mut(node.parent as usize + 1) {
            if let Some(place) = children.get_mut(*next as usize) {
                *place = u32::try_from(number).unwrap_or(NONE);
            }
            *next += 1;
        }
    }
    first.truncate(nodes.len() + 1);
    (first, children)
}
