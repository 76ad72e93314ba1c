//! Second pass over inputs with matches, which needs the whole content: resolves source maps and locates matches in the
//! structure of JSON documents.
//!
//! Reads only members with matches and the source maps next to them.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU64;

use super::member_path::MemberPath;
use super::scanner::{SNIFF_BYTES, Scanner};
use crate::detect::Match;
use crate::documents::{self, MapAt};
use crate::finding::{Original, SecretKey};
use crate::input::{Content, ReadSeek};
use crate::unpack::{self, Budget, Sink};

/// Content and source maps larger than this many bytes are left out of the second pass.
const MAX_CONTENT_BYTES: u64 = 64 << 20;
/// Maximum number of bytes processed for the matches of one input; a document full of secrets has as many matches as
/// lines.
pub(super) const MAX_WORK_BYTES: u64 = 1 << 30;
/// File extensions of bundles and of structured documents.
const STRUCTURED_EXTENSIONS: [&str; 16] = [
    "js",
    "mjs",
    "cjs",
    "jsx",
    "css",
    "html",
    "htm",
    "bundle",
    "jsbundle",
    "json",
    "jsonl",
    "ipynb",
    "har",
    "tfstate",
    "webmanifest",
    "map",
];
/// Suffix of the usual name of a source map next to its bundle.
const MAP_SUFFIX: &str = ".map";

impl Scanner<'_> {
    /// Adds source map locations and JSON paths to the matches of `content`. Does nothing if the content cannot be read
    /// again.
    pub(super) fn add_locations(&self, name: &str, found: &mut [Match], content: &mut dyn Content) {
        let path_of = |one: &Match| one.location.path.clone();
        let inside: HashSet<String> =
            found.iter().map(path_of).filter(|path| is_worth_it(name, path)).collect();
        let mut texts = HashMap::new();
        if inside.contains("")
            && let Some(bytes) = content.random().and_then(|mut whole| read(&mut whole))
        {
            texts.insert(String::new(), bytes);
        }
        let members: HashSet<String> = inside.into_iter().filter(|path| !path.is_empty()).collect();
        if !members.is_empty() {
            self.fetch_members(members, content, &mut texts);
        }
        let maps = HashMap::new();
        let mut pass =
            SecondPass { texts: &texts, content, maps, seen: HashSet::new(), left: MAX_WORK_BYTES };
        for one in found {
            if !pass.annotate(one) {
                return;
            }
        }
    }

    /// Reads the members at `paths` again, and the source maps that may be next to them.
    fn fetch_members(
        &self,
        paths: HashSet<String>,
        content: &mut dyn Content,
        texts: &mut HashMap<String, Vec<u8>>,
    ) {
        let Some(whole) = content.random() else { return };
        let maps: Vec<String> = paths.iter().map(|path| format!("{path}{MAP_SUFFIX}")).collect();
        // Bytes expanded again count against a separate budget for this input.
        let total = AtomicU64::new(0);
        let budget = Budget::new(self.limits(), &total);
        let wanted = paths.into_iter().chain(maps).collect();
        let trail = MemberPath::new(self.limits().depth);
        let mut fetcher = MemberFetcher { budget: &budget, wanted, trail, texts };
        let mut again = RewoundContent(whole);
        let mut input = budget.input(&mut again as &mut dyn Content, 0);
        // Errors and panics of the format readers occurred and were reported in the first pass.
        let _reported = catch_unwind(AssertUnwindSafe(|| fetcher.content("", &mut input)));
    }
}

/// What the second pass over one input knows.
struct SecondPass<'c> {
    /// The content of each path in the input that has matches.
    texts: &'c HashMap<String, Vec<u8>>,
    /// The input, next to which there may be a source map.
    content: &'c mut dyn Content,
    /// The source map of each path, if it has one.
    maps: HashMap<String, Option<Vec<u8>>>,
    /// The secrets that were annotated, and their paths.
    seen: HashSet<(SecretKey, String)>,
    /// Remaining bytes of [`MAX_WORK_BYTES`].
    left: u64,
}

impl SecondPass<'_> {
    /// Adds the locations to a match, if it is the first of its secret in its member. Returns false if the limit is
    /// reached.
    fn annotate(&mut self, one: &mut Match) -> bool {
        let path = &one.location.path;
        let Some(bytes) = self.texts.get(path) else { return true };
        if !self.seen.insert((one.secret_key(), path.clone())) {
            return true;
        }
        let map_size = self.maps.get(path).and_then(Option::as_ref).map_or(0, Vec::len);
        let Some(left) = self.left.checked_sub((bytes.len() + map_size) as u64) else { return false };
        self.left = left;
        let at = usize::try_from(one.location.byte_start).unwrap_or(usize::MAX);
        if matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
            one.within = documents::place_in_json(bytes, at);
        }
        let read_map = || map_of(bytes, path, self.texts, self.content);
        let map = self.maps.entry(path.clone()).or_insert_with(read_map);
        one.original = map.as_ref().and_then(|map| original(map, bytes, one));
        true
    }
}

/// Returns whether the file `name`, or its member at `path`, has an extension of [`STRUCTURED_EXTENSIONS`].
fn is_worth_it(name: &str, path: &str) -> bool {
    let name = if path.is_empty() { name } else { path };
    let last = name.rsplit('/').next().unwrap_or_default();
    match last.rsplit_once('.') {
        Some((_, ending)) => STRUCTURED_EXTENSIONS.iter().any(|one| ending.eq_ignore_ascii_case(one)),
        // A git object, whose name is not known here.
        None => path.is_empty(),
    }
}

/// Returns the source map of a generated file.
fn map_of(
    bytes: &[u8],
    path: &str,
    texts: &HashMap<String, Vec<u8>>,
    content: &mut dyn Content,
) -> Option<Vec<u8>> {
    match documents::map_of(bytes)? {
        MapAt::Inline(map) => Some(map),
        MapAt::Beside(name) if path.is_empty() => read(&mut *content.beside(&name)?),
        // Of members, only the usual map name was read.
        MapAt::Beside(name) => {
            let map = texts.get(&format!("{path}{MAP_SUFFIX}"))?;
            path.ends_with(name.strip_suffix(MAP_SUFFIX)?).then(|| map.clone())
        }
    }
}

/// Resolves the location of a match in the original source.
fn original(map: &[u8], bytes: &[u8], found: &Match) -> Option<Original> {
    let at = usize::try_from(found.location.byte_start).ok().filter(|at| *at <= bytes.len())?;
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |before| before + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
    let line = String::from_utf8_lossy(&bytes[start..end]);
    documents::original(map, &line, found.location.start_line, found.location.start_column)
}

/// Reads the whole content, or returns `None` if it is larger than [`MAX_CONTENT_BYTES`] or cannot be read.
pub(super) fn read(content: impl Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    content.take(MAX_CONTENT_BYTES + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MAX_CONTENT_BYTES).then_some(bytes)
}

/// Content that is read again from its beginning.
struct RewoundContent<'c>(Box<dyn ReadSeek + 'c>);

impl Read for RewoundContent<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Content for RewoundContent<'_> {
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        self.0.rewind().ok()?;
        Some(Box::new(&mut self.0))
    }
}

/// Expands the containers on the paths of the wanted members, and collects those members.
struct MemberFetcher<'r> {
    budget: &'r Budget<'r>,
    wanted: HashSet<String>,
    trail: MemberPath,
    texts: &'r mut HashMap<String, Vec<u8>>,
}

impl MemberFetcher<'_> {
    fn content(&mut self, name: &str, content: &mut dyn Content) {
        let leads_on = self.wanted.iter().any(|path| path.starts_with(self.trail.at()));
        if !leads_on {
            return;
        }
        let mut head = Vec::new();
        // The error recurs at the next read.
        let _later = (&mut *content).take(SNIFF_BYTES).read_to_end(&mut head);
        let mut opened = unpack::Opened::new(&head, content);
        // Errors and excessive nesting were reported in the first pass.
        if let Some(kind) = unpack::sniff(&head, &|| name.to_owned()) {
            if let Some(mark) = self.trail.open(kind.is_stream()) {
                let _reported = unpack::expand(kind, &mut opened, self.budget, self);
                self.trail.back(mark);
            }
        } else if self.wanted.contains(self.trail.at()) {
            if let Some(bytes) = read(&mut opened) {
                self.texts.insert(self.trail.at().to_owned(), bytes);
            }
        } else if let Some(document) = documents::sniff(&head, name)
            && let Some(mark) = self.trail.open(false)
        {
            let _reported = documents::extract(document, &mut opened, self.budget, self);
            self.trail.back(mark);
        }
    }
}

impl Sink for MemberFetcher<'_> {
    fn member(&mut self, name: &str, content: &mut dyn Content) {
        let outside = self.trail.enter(name);
        self.content(name, content);
        self.trail.back(outside);
    }

    fn metadata(&mut self, _offset: u64, _bytes: &[u8]) {}

    fn unseen(&mut self, _name: &str, _reason: &str) {}
}
