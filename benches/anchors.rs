//! `cargo bench --bench anchors -- FILE...`: measures how often each literal occurs in the files, how many of its hits
//! need verification, and the cost of that. Without files it uses the sources of this project.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::path::PathBuf;
use std::time::Duration;
use telleaks::detect::Detector;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let detector = Detector::new(telleaks::rules::builtin()?, false)?;
    let mut files: Vec<PathBuf> =
        std::env::args_os().skip(1).filter(|arg| arg != "--bench").map(PathBuf::from).collect();
    if files.is_empty() {
        files = [
            "crates/detection/src/detect/mod.rs",
            "crates/detection/src/detect/multi_literal.rs",
            "Cargo.lock",
        ]
        .map(PathBuf::from)
        .to_vec();
    }
    for file in files {
        let content = std::fs::read(&file)?;
        let megabytes = content.len() as f64 / 1e6;
        println!("{} ({megabytes:.1} MB)", file.display());
        let (literals, hits, time) = detector.measure_search(&content);
        println!(
            "  {literals} literals, {:.0} hits/MB, {:.1} µs/MB, {:.2} GB/s",
            hits as f64 / megabytes,
            time.as_secs_f64() * 1e6 / megabytes,
            content.len() as f64 / time.as_secs_f64() / 1e9
        );
        let mut costs = detector.measure_literals(&content);
        costs.sort_by_key(|cost| std::cmp::Reverse(cost.hits));
        println!(
            "  {:14} {:>9} {:>12} {:>12} {:>12}",
            "literal", "meanings", "hits/MB", "confirmed/MB", "ns a hit"
        );
        for cost in costs.iter().filter(|cost| cost.hits > 0) {
            let each = cost.confirming.as_nanos() as f64 / cost.hits as f64;
            let per_mb = |count: u64| count as f64 / megabytes;
            println!(
                "  {:14} {:>9} {:>12.3} {:>12.4} {:>12.0}",
                cost.literal,
                cost.meanings,
                per_mb(cost.hits),
                per_mb(cost.confirmed),
                each
            );
        }
        let all: Duration = costs.iter().map(|cost| cost.confirming).sum();
        println!("  confirming all: {:.1} µs/MB", all.as_secs_f64() * 1e6 / megabytes);
    }
    Ok(())
}
