//! Depth, size, time and descriptors.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};

use super::super::Limits;
use super::super::input::Intake;
use super::super::roots::Plan;
use super::super::walker::Walker;
use super::*;

/// Makes `depth` nested directories with a file in the last one and, with `wide`, an empty directory beside each and a
/// file in every hundredth.
fn deep_tree(root: &Path, depth: usize, wide: bool) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut dir = openat(CWD, root, flags, Mode::empty()).unwrap();
    let new_file = |dir: &_, name: &str| {
        openat(dir, name, OFlags::CREATE | OFlags::WRONLY, Mode::RUSR | Mode::WUSR).unwrap();
    };
    for level in 0..depth {
        mkdirat(&dir, "deep", Mode::RWXU).unwrap();
        if wide {
            mkdirat(&dir, "side", Mode::RWXU).unwrap();
            if level % 100 == 0 {
                new_file(&openat(&dir, "side", flags, Mode::empty()).unwrap(), "file");
            }
        }
        dir = openat(&dir, "deep", flags, Mode::empty()).unwrap();
    }
    new_file(&dir, "bottom");
}

/// `TempDir` cannot remove paths longer than `PATH_MAX`.
fn remove(dir: TempDir) {
    assert!(Command::new("rm").arg("-rf").arg(dir.keep()).status().unwrap().success());
}

#[test]
fn directory_5000_deep_is_scanned() {
    for in_git in [false, true] {
        let dir = TempDir::new().unwrap();
        if in_git {
            git(dir.path(), &["init", "-q"]);
        }
        deep_tree(dir.path(), 5000, false);
        let seen = visited(&options(&[dir.path()]));
        assert_eq!(seen, [format!("{}bottom", "deep/".repeat(5000))]);
        remove(dir);
    }
}

#[test]
fn deep_tree_needs_few_descriptors() {
    let dir = TempDir::new().unwrap();
    deep_tree(dir.path(), 600, true);
    let recorder = Recorder::default();
    let plan = Plan::new(&[dir.path().to_path_buf()], false).unwrap();
    let progress = crate::progress::Progress::default();
    let intake = Intake::new(&recorder, None, &progress);
    let exclude = super::super::gitignore::from_globs(&[]).unwrap();
    for open_dirs in [0, 3] {
        let limits = Limits { threads: 2, open_dirs };
        let walker = Walker::new(&intake, exclude.clone(), false, &limits);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        pool.scope(|scope| walker.start(scope, &plan.trees[0]));
        let visited = std::mem::take(&mut *recorder.visited.lock().unwrap());
        assert_eq!(visited.len(), 7, "{open_dirs}");
        assert!(recorder.unseen.lock().unwrap().is_empty());
    }
    remove(dir);
}

#[test]
fn limits_follow_the_descriptor_limit() {
    let limits = |threads, files| {
        let limits = Limits::new(threads, files);
        (limits.threads, limits.open_dirs)
    };
    assert_eq!(limits(8, 12), (1, 0));
    assert_eq!(limits(8, 24), (2, 2));
    assert_eq!(limits(8, 1024), (8, 484));
    assert_eq!(limits(8, usize::MAX), (8, Limits::MAX_OPEN_DIRS));
    assert!(limits(0, 1024).0 >= 1);
}

#[test]
fn files_above_max_file_size_are_skipped() {
    let dir = TempDir::new().unwrap();
    write(&dir.path().join("fits"), [0; 100]);
    write(&dir.path().join("big"), [0; 101]);
    let limited = Options { max_file_size: Some(100), ..options(&[dir.path()]) };
    let seen = scan(&limited);
    assert_eq!(seen.visited, ["fits"]);
    assert_eq!(seen.unseen, ["big: larger than --max-file-size (101 bytes, the limit is 100)"]);
    let named = Options { paths: vec![dir.path().join("big")], ..limited };
    assert_eq!(scan(&named).unseen.len(), 1);
}

#[test]
fn growing_file_is_read_to_its_initial_size() {
    let dir = TempDir::new().unwrap();
    let path = write(&dir.path().join("log"), vec![b'x'; 1 << 20]);
    let stop = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let mut log = OpenOptions::new().append(true).open(&path).unwrap();
            while !stop.load(Ordering::Relaxed) {
                log.write_all(&[b'y'; 4096]).unwrap();
            }
        });
        let seen = scan(&options(&[dir.path()]));
        stop.store(true, Ordering::Relaxed);
        assert!(seen.sizes[0] >= 1 << 20 && seen.unseen.is_empty());
    });
}

#[test]
fn proc_files_are_read() {
    if Path::new("/proc/self/status").exists() {
        assert!(scan(&options(&["/proc/self/status"])).sizes[0] > 100);
    }
}
