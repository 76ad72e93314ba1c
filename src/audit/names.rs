//! Names of refs, which are published like content.

use super::Audit;
use crate::collect::{grouped, masked, scan, suspicious};
use crate::finding::{GitInfo, ReachedBy};
use crate::git::{Refs, shown};

/// Searches the name of every ref.
pub(super) fn scan_names(audit: &Audit<'_>, refs: &Refs) {
    for name in &refs.names {
        if !suspicious(audit.detector, name) {
            continue;
        }
        let text = shown(name);
        let path = format!("{}.git/{}", audit.prefix, masked(audit.detector, &text));
        let mut findings = grouped(audit.detector, &path, scan(audit.detector, &mut &name[..]).found);
        for finding in &mut findings {
            let refs = vec![masked(audit.detector, &text).into_owned()];
            finding.git = Some(GitInfo { refs, ..GitInfo::bare(ReachedBy::RefName) });
        }
        audit.collector.add(findings);
    }
}
