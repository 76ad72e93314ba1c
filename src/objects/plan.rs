//! The plan for decoding a pack: all entries in the order of the pack, which is made from which, and where to begin.
//! It reads the headers of entries and inflates nothing. Branches in which nothing is wanted are not in it.

use std::sync::Mutex;

use super::entry::{self, Body};
use super::file::Bytes;
use super::id::Kind;
use super::pack::Pack;
use super::threads;

/// No entry.
const NONE: u32 = u32::MAX;
/// Trees that weigh more begin first, the heaviest before the others, so that no thread is left with one at the end.
const HEAVY: u32 = 16_000;
/// Headers that a thread reads at a time.
const SLICE: usize = 4096;

/// What the header pass learns of an entry.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// The entry it is made from; [`NONE`] for what is whole, damaged or made from something outside.
    parent: u32,
    /// Estimated cost of its branch: a unit for every entry and for every 64 bytes that are inflated.
    weight: u32,
    kind: Option<Kind>,
    wanted: bool,
    /// It or something made from it is wanted.
    needed: bool,
}

/// All entries in the order of the pack. Places that the index cannot give stand at the end, where no pack reaches.
#[derive(Debug)]
pub(super) struct Order {
    /// Where each entry begins, ascending.
    offsets: Vec<u64>,
    /// The position of each entry in the index.
    positions: Vec<u32>,
}

/// Which entries to decode, and in which order.
#[derive(Debug)]
pub(super) struct Plan {
    order: Order,
    wanted: Vec<bool>,
    /// `children[first[e]..first[e + 1]]` are made from entry `e`; the heaviest comes last.
    first: Vec<u32>,
    children: Vec<u32>,
    /// Where to begin: what is not made from another entry of the pack.
    pub(super) roots: Vec<u32>,
}

impl Plan {
    /// Makes the plan. `wants` is asked once for each entry, by its position in the index; with `kinds`, whole branches
    /// of other kinds are left out.
    pub(super) fn new(
        (pack, bytes): (&Pack, &Bytes),
        order: Order,
        threads: usize,
        kinds: Option<&[Kind]>,
        wants: &(dyn Fn(u32) -> bool + Sync),
    ) -> Self {
        let mut nodes = headers(pack, bytes, threads, &order, wants);
        // A base outside the pack is unknown: such an entry may be of any kind.
        let kind_wanted = |node: &Node| match (kinds, node.kind) {
            (Some(kinds), Some(kind)) => kinds.contains(&kind),
            _ => true,
        };
        sum_up(&mut nodes);
        let roots =
            (0..).zip(&nodes).filter(|(_, node)| node.parent == NONE && node.needed && kind_wanted(node));
        let (mut heavy, light): (Vec<_>, Vec<_>) = roots.partition(|(_, node)| node.weight > HEAVY);
        heavy.sort_by_key(|(_, node)| std::cmp::Reverse(node.weight));
        let roots = heavy.into_iter().chain(light).map(|(number, _)| number).collect();
        let (first, children) = branches(&nodes);
        let wanted = nodes.iter().map(|node| node.wanted).collect();
        Self { order, wanted, first, children, roots }
    }

    /// The order of entries, for another plan.
    pub(super) fn into_order(self) -> Order {
        self.order
    }

    /// Where an entry begins in the pack, and where the next does (none: behind the last).
    pub(super) fn place(&self, number: u32) -> Option<(u64, Option<u64>)> {
        let number = number as usize;
        let offsets = &self.order.offsets;
        Some((*offsets.get(number)?, offsets.get(number + 1).copied()))
    }

    /// The position of an entry in the index.
    pub(super) fn position(&self, number: u32) -> usize {
        self.order.positions.get(number as usize).map_or(usize::MAX, |position| *position as usize)
    }

    /// Whether an entry itself is wanted, not only what is made from it.
    pub(super) fn is_wanted(&self, number: u32) -> bool {
        self.wanted.get(number as usize).copied().unwrap_or_default()
    }

    /// The places in [`child`](Self::child) of what is made from an entry.
    pub(super) fn children(&self, number: u32) -> std::ops::Range<u32> {
        let number = number as usize;
        match (self.first.get(number), self.first.get(number + 1)) {
            (Some(start), Some(end)) => *start..*end,
            _ => 0..0,
        }
    }

    /// The entry at a place of the list of children.
    pub(super) fn child(&self, place: u32) -> Option<u32> {
        self.children.get(place as usize).copied()
    }
}

impl Order {
    /// That of a pack, as its index says. The pack itself is not needed.
    pub(super) fn of(pack: &Pack) -> Self {
        let offset = |position: u32| pack.index.offset(position as usize).unwrap_or(u64::MAX);
        let count = u32::try_from(pack.index.count()).unwrap_or(u32::MAX);
        let mut order: Vec<(u64, u32)> = (0..count).map(|position| (offset(position), position)).collect();
        order.sort_unstable();
        let (offsets, positions) = order.into_iter().unzip();
        Self { offsets, positions }
    }
}

/// Reads all headers, on several threads.
fn headers(
    pack: &Pack,
    bytes: &Bytes,
    threads: usize,
    Order { offsets, positions }: &Order,
    wants: &(dyn Fn(u32) -> bool + Sync),
) -> Vec<Node> {
    let empty = Node { parent: NONE, weight: 1, kind: None, wanted: false, needed: false };
    let mut nodes = vec![empty; offsets.len()];
    let slices = Mutex::new(nodes.chunks_mut(SLICE).zip(positions.chunks(SLICE)).enumerate());
    threads::each(threads, || {
        loop {
            let next = slices.lock().ok().and_then(|mut slices| slices.next());
            let Some((slice, (nodes, positions))) = next else { return };
            for (at, (node, position)) in nodes.iter_mut().zip(positions).enumerate() {
                let number = slice * SLICE + at;
                node.wanted = wants(*position);
                node.needed = node.wanted;
                header(pack, bytes, offsets, number, node);
            }
        }
    });
    nodes
}

/// Fills in what the header of entry `number` says; a damaged one leaves a root without a kind.
fn header(pack: &Pack, bytes: &Bytes, offsets: &[u64], number: usize, node: &mut Node) -> Option<()> {
    let offset = *offsets.get(number)?;
    let mut room = [0; entry::LONGEST];
    let header = entry::parse(bytes.head(offset, &mut room).ok()?, pack.format)?;
    node.weight = 1 + u32::try_from(header.size / 64).unwrap_or(u32::MAX / 2);
    let parent = match header.body {
        Body::Whole(kind) => {
            node.kind = Some(kind);
            return Some(());
        }
        Body::Before(distance) => before(offsets, number, offset.checked_sub(distance)?)?,
        Body::Named(id) => {
            let base = pack.index.offset(pack.index.find(&id)?)?;
            offsets.binary_search(&base).ok()?
        }
    };
    node.parent = u32::try_from(parent).ok()?;
    Some(())
}

/// The entry before `number` that begins at `offset`. Bases are near, so the steps back begin small.
fn before(offsets: &[u64], number: usize, offset: u64) -> Option<usize> {
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

/// Carries needs and weights from every entry to that it is made from. Entries that are made from themselves, over
/// however many others, become roots that cannot be decoded.
fn sum_up(nodes: &mut [Node]) {
    let forward = |(number, node): (usize, &Node)| node.parent != NONE && node.parent as usize >= number;
    if nodes.iter().enumerate().any(forward) {
        for number in top_down(nodes).into_iter().rev() {
            carry(nodes, number as usize);
        }
    } else {
        (0..nodes.len()).rev().for_each(|number| carry(nodes, number));
    }
}

/// Carries the need and the weight of one entry to the one it is made from.
fn carry(nodes: &mut [Node], number: usize) {
    let Some(node) = nodes.get(number).copied().filter(|node| node.needed) else { return };
    if let Some(parent) = nodes.get_mut(node.parent as usize) {
        parent.needed = true;
        parent.weight = parent.weight.saturating_add(node.weight);
    }
}

/// All entries, each behind the one it is made from; entries in a circle are cut out of it and stand at the end.
fn top_down(nodes: &mut [Node]) -> Vec<u32> {
    let (first, children) = lists(nodes, |_| true);
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

/// The children of each entry for which something is needed; the heaviest comes last, because its base need not be
/// kept meanwhile: then never more than the logarithm of a tree's size is held.
fn branches(nodes: &[Node]) -> (Vec<u32>, Vec<u32>) {
    let (first, mut children) = lists(nodes, |node| node.needed);
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

/// The children of each entry, as one list and where each entry's part of it begins.
fn lists(nodes: &[Node], counts: impl Fn(&Node) -> bool) -> (Vec<u32>, Vec<u32>) {
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
    // Entry `e` now has its end at `e + 2` and its beginning at `e + 1`, which moves up to its end while it is filled.
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
