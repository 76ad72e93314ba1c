//! Revisions and ranges as a person or git writes them.

use crate::git::database::Database;
use crate::git::refs::Refs;
use crate::objects::ObjectId;

/// Where git looks for a short name, in this order.
const PLACES: [&str; 5] = ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/", ""];

/// Commits to take, and commits whose history to leave out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Range {
    /// Take these and their history.
    pub include: Vec<ObjectId>,
    /// But not these and their history.
    pub exclude: Vec<ObjectId>,
    /// Pairs of which the common history is left out.
    pub symmetric: Vec<(ObjectId, ObjectId)>,
    /// Names of refs that come with it, and what each will lead to.
    pub names: Vec<(String, ObjectId)>,
    /// Of a push: what each ref led to before, and for a new one where the default branch leads; `None` where neither is
    /// known.
    pub olds: Vec<Option<ObjectId>>,
}

/// A range that cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    /// A revision leads nowhere.
    #[error(
        "{0}: unknown revision; if it lies in history that was not fetched, fetch it (git fetch --unshallow), else \
         check the spelling"
    )]
    Unknown(String),
    /// An option of git that is not understood.
    #[error(
        "{0}: not understood here; write A..B, A...B, ^A, B, --all, --branches, --tags, --remotes, --not"
    )]
    Option(String),
    /// Both ends are missing, as where a variable is not set.
    #[error("{0}: names no commit on either side; are the variables set that it is made of?")]
    Empty(String),
    /// A line of standard input that is not as git writes it.
    #[error("line {0} of standard input is not `<old> <new> <ref>` or `<ref> <new> <remote ref> <old>`")]
    Line(usize),
}

impl Range {
    /// Reads words as `git rev-list` would.
    ///
    /// # Errors
    /// A revision leads nowhere, or an option is not known.
    pub fn parse(words: &[String], refs: &Refs, database: &Database) -> Result<Self, RangeError> {
        let mut range = Self::default();
        let mut not = false;
        for word in words.iter().flat_map(|word| word.split_ascii_whitespace()) {
            if word == "--not" {
                not = !not;
            } else if word.starts_with("--") {
                range.group(word, refs, not)?;
            } else {
                range.word(word, not, &Names { refs, database })?;
            }
        }
        Ok(range)
    }

    /// Adds `ids` to what is taken, or to what is left out.
    pub fn add(&mut self, not: bool, ids: impl IntoIterator<Item = ObjectId>) {
        if not { &mut self.exclude } else { &mut self.include }.extend(ids);
    }

    /// `--all`, `--branches`, `--tags`, `--remotes`, the last three also with `=PATTERN`, of which only a plain name is
    /// understood.
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

    fn word(&mut self, word: &str, not: bool, names: &Names<'_>) -> Result<(), RangeError> {
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

    /// Reads the lines that git gives the hooks pre-receive (`<old> <new> <ref>`) and pre-push (`<local ref> <new>
    /// <remote ref> <old>`). A line that deletes a ref adds nothing. `remote` is where a pre-push hook sends to; what
    /// other remotes have may be secret there.
    ///
    /// # Errors
    /// A line is neither.
    pub fn of_push(
        text: &str,
        remote: Option<&str>,
        refs: &Refs,
        database: &Database,
    ) -> Result<Self, RangeError> {
        let mut range = Self::default();
        let remotes = remote.map_or("refs/remotes/".to_owned(), |name| format!("refs/remotes/{name}/"));
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            // The name of a ref has no blank; the local one can be an expression that has, such as `HEAD@{1 day ago}`.
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
            // What the other side has: in a push what was fetched from it, on a server every ref that is there.
            let there = refs.tips.iter().filter(|tip| !pushed || tip.name.starts_with(&remotes));
            range.exclude.extend(there.map(|tip| tip.id));
        }
        Ok(range)
    }
}

/// Where the default branch leads: here, or in a push on the side to which it goes.
fn default_branch(refs: &Refs, pushed: Option<Option<&str>>) -> Option<ObjectId> {
    let Some(remote) = pushed else { return refs.head };
    let remote = remote.unwrap_or("origin");
    ["HEAD", "main", "master"].iter().find_map(|name| refs.get(&format!("refs/remotes/{remote}/{name}")))
}

/// What names lead to.
struct Names<'a> {
    refs: &'a Refs,
    database: &'a Database,
}

impl Names<'_> {
    /// What `text` leads to: a name with any number of `~N`, `^N`, `^{…}` behind it.
    fn find(&self, text: &str) -> Result<ObjectId, RangeError> {
        let unknown = || RangeError::Unknown(text.to_owned());
        let base = text.find(['~', '^']).unwrap_or(text.len());
        let mut id = self.base(&text[..base]).ok_or_else(unknown)?;
        let mut rest = &text[base..];
        while let Some(sign) = rest.chars().next() {
            rest = &rest[1..];
            if let Some(behind) = rest.strip_prefix('{') {
                // `^{}` and `^{commit}`: tags are followed in any case.
                let (_, behind) = behind.split_once('}').ok_or_else(unknown)?;
                rest = behind;
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
        full.or_else(|| PLACES.iter().find_map(|place| self.refs.get(&format!("{place}{name}"))))
            .or_else(|| self.refs.get(&format!("refs/remotes/{name}/HEAD")))
            .or_else(|| self.database.by_prefix(name))
    }
}
