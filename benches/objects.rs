//! `cargo bench --bench objects -- [--threads N] [--needle TEXT] OBJECTS...`: measures a search of all objects in git
//! object directories for one plain word. Prints one line per directory with the time and the counts.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::io::Read;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use memchr::memmem::Finder;
use telleaks::finding::SkipLog;
use telleaks::git::odb::{HashFormat, Kind, ObjectId, ObjectScanner, Store};

/// Searches for one word and counts objects and matches.
struct Needle {
    finder: Finder<'static>,
    searched: AtomicU64,
    visited: AtomicU64,
    unseen: AtomicU64,
}

impl SkipLog<Option<ObjectId>> for Needle {
    fn skipped(&self, id: Option<ObjectId>, reason: String) {
        println!("unseen {id:?}: {reason}");
        self.unseen.fetch_add(1, Ordering::Relaxed);
    }
}

impl ObjectScanner for Needle {
    fn wants(&self, _: &ObjectId) -> bool {
        true
    }

    fn may_match(&self, _: Kind, content: &[u8], ranges: &[Range<usize>]) -> bool {
        ranges.iter().any(|range| self.finder.find(&content[range.clone()]).is_some())
    }

    fn visit(&self, _: &ObjectId, _: Kind, content: &mut dyn Read) {
        self.visited.fetch_add(1, Ordering::Relaxed);
        let read = std::io::copy(content, &mut std::io::sink()).unwrap_or(0);
        self.searched.fetch_add(read, Ordering::Relaxed);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut threads, mut needle) = (2, "KEY01".to_owned());
    let mut paths = Vec::new();
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--threads" => threads = args.next().ok_or("--threads N")?.parse()?,
            "--needle" => needle = args.next().ok_or("--needle TEXT")?,
            _ => paths.push(PathBuf::from(arg)),
        }
    }
    for path in paths {
        let begin = Instant::now();
        let store = Store::open(&path, &[], HashFormat::Sha1);
        let opened = begin.elapsed();
        let count = AtomicU64::new(0);
        let search = Needle {
            finder: Finder::new(needle.as_bytes()).into_owned(),
            searched: AtomicU64::new(0),
            visited: count,
            unseen: AtomicU64::new(0),
        };
        store.scan(threads, &search);
        println!(
            "{:.3} s ({:.3} s to open), {} objects, {} visited ({} bytes), {} unseen: {}",
            begin.elapsed().as_secs_f64(),
            opened.as_secs_f64(),
            store.len(),
            search.visited.into_inner(),
            search.searched.into_inner(),
            search.unseen.into_inner(),
            path.display()
        );
    }
    Ok(())
}
