//! Interns the set of findings in each root tree, so that comparing two commits means comparing two numbers.

use std::collections::HashMap;

use super::Graph;
use super::tree_edges::{Leaf, MarkedTrees, prefix};
use crate::odb::ObjectId;

/// Maximum number of directory levels that are searched by scanning all edges; deeper levels use sorted edges.
const MAX_SCANNED_LEVELS: usize = 48;

/// The target of an entry of a flagged tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Child {
    /// A finding.
    Leaf(Leaf),
    /// A directory that contains findings.
    Set(u32),
}

/// The flagged entries of a tree, sorted: the number of the name, and the target.
pub(crate) type Set = Vec<(u32, Child)>;

/// The sets of all commits.
#[derive(Debug, Default)]
pub(crate) struct Roots {
    /// The result of the pass over the trees, with its edges removed to save memory.
    pub(crate) marked: MarkedTrees,
    /// All sets; number 0 is empty.
    pub(crate) sets: Vec<Set>,
    /// The set number of each commit.
    pub(crate) of_commit: Vec<u32>,
    /// Flagged trees that are not part of a commit or another tree, and their sets.
    pub(crate) loose: Vec<(ObjectId, u32)>,
}

/// Trees that contain findings, before they are interned as sets.
#[derive(Default)]
struct FlaggedTrees {
    /// The flagged entries of each flagged tree; directories by the prefix of their id.
    entries: HashMap<u32, Vec<(u32, EntryTarget)>>,
    /// Trees by the prefix of their id.
    by_prefix: HashMap<u64, u32>,
    /// Trees that are entries of another tree.
    named: Vec<u64>,
}

#[derive(Debug, Clone, Copy)]
enum EntryTarget {
    Leaf(Leaf),
    Tree(u64),
}

impl Roots {
    /// Propagates the findings to the root trees of `graph`.
    pub(crate) fn new(mut marked: MarkedTrees, graph: &Graph) -> Self {
        let flagged = FlaggedTrees::new(&marked);
        marked.edges = Vec::new();
        let mut interner = Interner::default();
        interner.number(Vec::new());
        let mut done: HashMap<u32, u32> = HashMap::new();
        let mut trees: Vec<u32> = flagged.entries.keys().copied().collect();
        trees.sort_unstable_by_key(|&tree| marked.trees[tree as usize]);
        for &tree in &trees {
            flagged.intern_bottom_up(tree, &mut interner, &mut done);
        }
        let set_of = |id: &ObjectId| {
            let tree = flagged.by_prefix.get(&prefix(id.as_bytes()));
            tree.and_then(|tree| done.get(tree)).copied().unwrap_or(0)
        };
        let of_commit: Vec<u32> = (0..graph.len() as u32).map(|commit| set_of(&graph.tree(commit))).collect();
        let mut named: Vec<u64> = flagged.named.clone();
        named.extend((0..graph.len() as u32).map(|commit| prefix(graph.tree(commit).as_bytes())));
        named.sort_unstable();
        let is_loose =
            |tree: &&u32| named.binary_search(&prefix(marked.trees[**tree as usize].as_bytes())).is_err();
        let loose =
            trees.iter().filter(is_loose).map(|tree| (marked.trees[*tree as usize], done[tree])).collect();
        Self { sets: interner.sets, of_commit, loose, marked }
    }

    /// Returns whether no tree contains a finding.
    pub(crate) fn is_empty(&self) -> bool {
        self.sets.len() <= 1
    }
}

impl FlaggedTrees {
    /// Flags the trees with a finding, then their parents, level by level up to the roots.
    ///
    /// ```text
    /// root ─ src ─ lib ─ key.txt (finding)      level 0: lib     entries of lib: key.txt
    ///      └ docs                               level 1: src     entries of src: lib
    ///                                           level 2: root    entries of root: src; `docs` is never flagged
    /// ```
    fn new(marked: &MarkedTrees) -> Self {
        let mut flagged = Self::default();
        let mut queue = Vec::new();
        for &(tree, name, leaf) in &marked.marks {
            flagged.add(tree, (name, EntryTarget::Leaf(leaf)), &mut queue);
        }
        // Each level scans all edges, which is cheaper than sorting them. Only trees built to be deep have more than
        // `MAX_SCANNED_LEVELS` levels.
        for _ in 0..MAX_SCANNED_LEVELS {
            let new = flagged.register(&mut queue, marked);
            if new.is_empty() {
                return flagged;
            }
            flagged.flag_parents(new, marked, &mut queue);
        }
        flagged.propagate_deep(queue, marked);
        flagged
    }

    /// Flags the parents of the trees `level`, with one scan of all edges. Most edges are excluded by a table of the
    /// first two bytes of the wanted prefixes.
    fn flag_parents(&mut self, mut level: Vec<u64>, marked: &MarkedTrees, queue: &mut Vec<u32>) {
        level.sort_unstable();
        let mut may_be_wanted = vec![false; 1 << 16];
        for prefix in &level {
            may_be_wanted[first_two_bytes(*prefix)] = true;
        }
        for &(child, parent, name) in &marked.edges {
            if may_be_wanted[first_two_bytes(child)] && level.binary_search(&child).is_ok() {
                self.add(parent, (name, EntryTarget::Tree(child)), queue);
                self.named.push(child);
            }
        }
    }

    /// Registers the trees in `queue` by the prefix of their id, and returns the new prefixes. A second copy of a tree,
    /// read from another pack, is dropped.
    fn register(&mut self, queue: &mut Vec<u32>, marked: &MarkedTrees) -> Vec<u64> {
        let mut new = Vec::new();
        for tree in queue.drain(..) {
            let own = prefix(marked.trees[tree as usize].as_bytes());
            if self.by_prefix.insert(own, tree).is_none() {
                new.push(own);
            }
        }
        new
    }

    /// Propagates the remaining levels with sorted edges.
    fn propagate_deep(&mut self, mut queue: Vec<u32>, marked: &MarkedTrees) {
        let mut edges = marked.edges.clone();
        edges.sort_unstable();
        loop {
            let new = self.register(&mut queue, marked);
            if new.is_empty() {
                return;
            }
            for own in new {
                let first = edges.partition_point(|edge| edge.0 < own);
                for &(_, parent, name) in edges[first..].iter().take_while(|edge| edge.0 == own) {
                    self.add(parent, (name, EntryTarget::Tree(own)), &mut queue);
                    self.named.push(own);
                }
            }
        }
    }

    fn add(&mut self, tree: u32, entry: (u32, EntryTarget), queue: &mut Vec<u32>) {
        let entries = self.entries.entry(tree).or_insert_with(|| {
            queue.push(tree);
            Vec::new()
        });
        entries.push(entry);
    }

    /// Interns the set of `tree` after those of all trees below it: a set refers to the numbers of its directories, so
    /// that equal trees get the same number. Iterative, because trees can be nested deeply: a tree is pushed a second
    /// time, as `ready`, before its directories.
    fn intern_bottom_up(&self, tree: u32, interner: &mut Interner, done: &mut HashMap<u32, u32>) {
        let mut stack = vec![(tree, false)];
        while let Some((tree, ready)) = stack.pop() {
            if done.contains_key(&tree) {
                continue;
            }
            let entries = self.entries.get(&tree).map_or(&[][..], Vec::as_slice);
            if !ready {
                stack.push((tree, true));
                let trees = entries.iter().filter_map(|(_, target)| self.child_tree(*target));
                stack.extend(trees.filter(|child| !done.contains_key(child)).map(|child| (child, false)));
                continue;
            }
            let children = entries.iter().map(|&(name, target)| {
                let child = match target {
                    EntryTarget::Leaf(leaf) => Child::Leaf(leaf),
                    EntryTarget::Tree(_) => Child::Set(
                        self.child_tree(target).and_then(|child| done.get(&child).copied()).unwrap_or(0),
                    ),
                };
                (name, child)
            });
            let mut set: Set = children.collect();
            set.sort_unstable();
            set.dedup();
            let number = interner.number(set);
            done.insert(tree, number);
        }
    }

    fn child_tree(&self, target: EntryTarget) -> Option<u32> {
        match target {
            EntryTarget::Leaf(_) => None,
            EntryTarget::Tree(prefix) => self.by_prefix.get(&prefix).copied(),
        }
    }
}

/// Returns the first two bytes of an id prefix.
fn first_two_bytes(prefix: u64) -> usize {
    (prefix >> 48) as usize
}

#[derive(Default)]
struct Interner {
    sets: Vec<Set>,
    numbers: HashMap<Set, u32>,
}

impl Interner {
    fn number(&mut self, set: Set) -> u32 {
        if let Some(&number) = self.numbers.get(&set) {
            return number;
        }
        let number = self.sets.len() as u32;
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        number
    }
}
