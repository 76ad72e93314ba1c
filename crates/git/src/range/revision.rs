//! Parses revisions and ranges, from the command line or from git.

use crate::database::Database;
use crate::odb::ObjectId;
use crate::refs::Refs;

/// Prefixes with which git looks up a short ref name, in this order.
const REF_PREFIXES: [&str; 5] = ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/", ""];

/// The commits to include, and the commits whose history to exclude.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Range {
    /// Include these commits and their history.
    pub include: Vec<ObjectId>,
    /// Exclude these commits and their history.
    pub exclude: Vec<ObjectId>,
    /// Pairs of commits whose common history is excluded.
    pub symmetric: Vec<(ObjectId, ObjectId)>,
    /// Names of the refs that the push updates, and the commit that each will point to.
    pub names: Vec<(String, ObjectId)>,
    /// For a push: what each ref pointed to before; for a new ref, the default branch; `None` if neither is known.
    pub olds: Vec<Option<ObjectId>>,
}

/// An invalid range.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    /// A revision does not resolve.
    #[error(
        "{0}: unknown revision; if it is a path, write it after --; if it is in history that was not fetched, fetch it \
         (git fetch --unshallow), otherwise check the spelling"
    )]
    Unknown(String),
    /// An unsupported option of `git rev-list`.
    #[error("{0}: not supported; use A..B, A...B, ^A, B, --all, --branches, --tags, --remotes, --not")]
    Option(String),
    /// Both ends are missing, as when a variable is not set.
    #[error("{0}: no commit on either side; are all variables in it set?")]
    Empty(String),
    /// A line of standard input that git would not write.
    #[error("line {0} of standard input is not `<old> <new> <ref>` or `<ref> <new> <remote ref> <old>`")]
    Line(usize),
}

impl Range {
    /// Parses arguments as `git rev-list` would.
    ///
    /// # Errors
    /// Returns an error if a revision does not resolve or an option is not supported.
    pub fn parse(words: &[String], refs: &Refs, database: &Database) -> Result<Self, RangeError> {
        let mut range = Self::default();
        let mut not = false;
        for word in words.iter().flat_map(|word| word.split_ascii_whitespace()) {
            if word == "--not" {
                not = !not;
            } else if word.starts_with("--") {
                range.group(word, refs, not)?;
            } else {
                range.word(word, not, &Resolver { refs, database })?;
            }
        }
        Ok(range)
    }

    /// Adds `ids` to the included commits, or to the excluded ones if `not` is set.
    pub fn add(&mut self, not: bool, ids: impl IntoIterator<Item = ObjectId>) {
        if not { &mut self.exclude } else { &mut self.include }.extend(ids);
    }

    /// Adds the refs of `--all`, `--branches`, `--tags` or `--remotes`. The last three accept `=PATTERN`, but only with
    /// a plain name.
    fn group(&mut self, word: &str, refs: &Refs, not: bool) -> Result<(), RangeError> {
        let (option, pattern) = word.split_once('=').unwrap_or((word, ""));
        let root = match option {
            "--all" => "refs/",
            "--branches" => "refs/heads/",
            "--tags" => "refs/tags/",
            "--remotes" => "refs/remotes/",
            _ => return Err(RangeError::Option(word.to_owned())),
        };
        if pattern.contains(['*', '?', '[']) || (option == "--all" && !pattern.is_empty()) {
            return Err(RangeError::Option(word.to_owned()));
        }
        let root = format!("{root}{pattern}");
        let within = |name: &str| {
            name.strip_prefix(&root)
                .is_some_and(|rest| pattern.is_empty() || rest.is_empty() || rest.starts_with('/'))
        };
        self.add(not, refs.tips.iter().filter(|tip| within(&tip.name)).map(|tip| tip.id));
        if option == "--all" {
            self.add(not, refs.head);
        }
        Ok(())
    }

    fn word(&mut self, word: &str, not: bool, names: &Resolver<'_>) -> Result<(), RangeError> {
        let or_head = |name: &str| if name.is_empty() { names.find("HEAD") } else { names.find(name) };
        if matches!(word, ".." | "...") {
            return Err(RangeError::Empty(word.to_owned()));
        }
        if let Some((a, b)) = word.split_once("...") {
            let (a, b) = (or_head(a)?, or_head(b)?);
            self.add(not, [a, b]);
            self.symmetric.push((a, b));
        } else if let Some((a, b)) = word.split_once("..") {
            self.add(!not, [or_head(a)?]);
            self.add(not, [or_head(b)?]);
        } else if let Some(name) = word.strip_prefix('^') {
            self.add(!not, [names.find(name)?]);
        } else {
            self.add(not, [names.find(word)?]);
        }
        Ok(())
    }

    /// Parses the lines that git passes to the hooks pre-receive (`<old> <new> <ref>`) and pre-push (`<local ref> <new>
    /// <remote ref> <old>`). A line that deletes a ref adds nothing. `remote` is the target of a pre-push hook: commits
    /// that only other remotes have are included, because they may be secret there.
    ///
    /// # Errors
    /// Returns an error if a line has neither form.
    pub fn of_push(
        text: &str,
        remote: Option<&str>,
        refs: &Refs,
        database: &Database,
    ) -> Result<Self, RangeError> {
        let mut range = Self::default();
        let remotes = remote.map_or("refs/remotes/".to_owned(), |name| format!("refs/remotes/{name}/"));
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            // A ref name has no space; the local one can be an expression that has, such as `HEAD@{1 day ago}`.
            let words: Vec<&str> = line.split(' ').collect();
            let (old, new, name, pushed) = match words[..] {
                [old, new, name] => (old, new, name, false),
                [_, .., new, name, old] => (old, new, name, true),
                _ => return Err(RangeError::Line(number)),
            };
            let (Some(old), Some(new)) = (ObjectId::from_hex(old), ObjectId::from_hex(new)) else {
                return Err(RangeError::Line(number));
            };
            if new.is_zero() {
                continue;
            }
            range.names.push((name.to_owned(), new));
            range.include.push(new);
            let before = Some(old).filter(|old| !old.is_zero() && database.contains(old));
            range.exclude.extend(before);
            range.olds.push(if old.is_zero() {
                default_branch(refs, pushed.then_some(remote))
            } else {
                before
            });
            // What the other side has: for a push, the refs fetched from that remote; on a server, every existing ref.
            let there = refs.tips.iter().filter(|tip| !pushed || tip.name.starts_with(&remotes));
            range.exclude.extend(there.map(|tip| tip.id));
        }
        Ok(range)
    }
}

/// Returns the commit of the default branch: of this repository, or for a push of the remote that receives it.
fn default_branch(refs: &Refs, pushed: Option<Option<&str>>) -> Option<ObjectId> {
    let Some(remote) = pushed else { return refs.head };
    let remote = remote.unwrap_or("origin");
    ["HEAD", "main", "master"].iter().find_map(|name| refs.get(&format!("refs/remotes/{remote}/{name}")))
}

/// Resolves names.
struct Resolver<'a> {
    refs: &'a Refs,
    database: &'a Database,
}

impl Resolver<'_> {
    /// Resolves a name followed by any number of `~N`, `^N` and `^{…}`.
    fn find(&self, text: &str) -> Result<ObjectId, RangeError> {
        let unknown = || RangeError::Unknown(text.to_owned());
        let base = text.find(['~', '^']).unwrap_or(text.len());
        let mut id = self.base(&text[..base]).ok_or_else(unknown)?;
        let mut rest = &text[base..];
        while let Some(sign) = rest.chars().next() {
            rest = &rest[1..];
            if let Some(group) = rest.strip_prefix('{') {
                // `^{}` and `^{commit}`: tags are always followed.
                let (_, after) = group.split_once('}').ok_or_else(unknown)?;
                rest = after;
                continue;
            }
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let count: usize = if digits == 0 { 1 } else { rest[..digits].parse().map_err(|_| unknown())? };
            rest = &rest[digits..];
            id = self.step(id, sign, count).ok_or_else(unknown)?;
        }
        Ok(id)
    }

    fn step(&self, mut id: ObjectId, sign: char, count: usize) -> Option<ObjectId> {
        let parents = |id: &ObjectId| Some(self.database.commit(id).ok()?.1.parents);
        match (sign, count) {
            ('~', count) => {
                for _ in 0..count {
                    id = *parents(&id)?.first()?;
                }
                Some(id)
            }
            ('^', 0) => Some(id),
            ('^', count) => parents(&id)?.get(count - 1).copied(),
            _ => None,
        }
    }

    fn base(&self, name: &str) -> Option<ObjectId> {
        if matches!(name, "HEAD" | "@") {
            return self.refs.head;
        }
        let full = ObjectId::from_hex(name).filter(|id| self.database.contains(id));
        full.or_else(|| REF_PREFIXES.iter().find_map(|place| self.refs.get(&format!("{place}{name}"))))
            .or_else(|| self.refs.get(&format!("refs/remotes/{name}/HEAD")))
            .or_else(|| self.database.by_prefix(name))
    }
}
