//! Scans the names of refs, which are published like content.

use super::Audit;
use crate::finding::{GitInfo, ReachedBy};
use crate::git::{Refs, shown};

/// Scans the name of every ref.
pub(super) fn scan_names(audit: &Audit<'_>, refs: &Refs) {
    for name in &refs.names {
        if !audit.inspector.suspicious(name) {
            continue;
        }
        let text = shown(name);
        let path = format!("{}.git/{}", audit.prefix, audit.inspector.masked(&text));
        let mut findings = audit.inspector.grouped(&path, audit.inspector.scan_name(name));
        for finding in &mut findings {
            let refs = vec![audit.inspector.masked(&text).into_owned()];
            finding.git = Some(GitInfo { refs, ..GitInfo::bare(ReachedBy::RefName) });
        }
        audit.collector.add(findings);
    }
}
