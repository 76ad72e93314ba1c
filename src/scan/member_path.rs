//! The path from an input to its nested members, and its nesting depth. Does not read anything.

/// Separates a container from its member in a path.
pub(super) const MEMBER_SEPARATOR: &str = "!/";

/// The path of the current member.
#[derive(Debug)]
pub(super) struct MemberPath {
    at: String,
    /// Number of archives and documents around the current member.
    depth: u32,
    /// Number of compressed streams directly nested around the current member.
    streams: u32,
    /// Maximum of either number.
    limit: u32,
}

/// A saved position to which a trail can return.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    length: usize,
    depth: u32,
    streams: u32,
}

impl MemberPath {
    /// Creates an empty trail. Containers may be nested up to `limit` deep.
    pub(super) fn new(limit: u32) -> Self {
        Self { at: String::new(), depth: 0, streams: 0, limit }
    }

    /// Returns the path inside the input; empty for the input itself.
    pub(super) fn at(&self) -> &str {
        &self.at
    }

    /// Returns the path of the member `name`, or the current path if the name is empty.
    pub(super) fn to(&self, name: &str) -> String {
        let separator = if name.is_empty() { "" } else { MEMBER_SEPARATOR };
        format!("{}{separator}{}", self.at, name.trim_start_matches('/'))
    }

    /// Enters a member. Returns the position to restore afterwards.
    pub(super) fn enter(&mut self, name: &str) -> Mark {
        let mark = self.mark();
        self.at = self.to(name);
        mark
    }

    /// Enters a compressed stream (`stream`), or an archive or a document. Returns `None` if it is nested too deep.
    pub(super) fn open(&mut self, stream: bool) -> Option<Mark> {
        if self.depth >= self.limit || self.streams >= self.limit {
            return None;
        }
        let mark = self.mark();
        (self.depth, self.streams) =
            if stream { (self.depth, self.streams + 1) } else { (self.depth + 1, 0) };
        Some(mark)
    }

    /// Returns to a saved position.
    pub(super) fn back(&mut self, mark: Mark) {
        self.at.truncate(mark.length);
        (self.depth, self.streams) = (mark.depth, mark.streams);
    }

    fn mark(&self) -> Mark {
        Mark { length: self.at.len(), depth: self.depth, streams: self.streams }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_streams_have_their_own_limit() {
        let mut trail = MemberPath::new(2);
        let outside = trail.open(true).unwrap();
        trail.open(false).unwrap();
        trail.enter("/a.tgz");
        trail.open(true).unwrap();
        trail.open(false).unwrap();
        assert_eq!(trail.at(), "!/a.tgz");
        assert!(trail.open(true).is_none() && trail.open(false).is_none());
        trail.back(outside);
        assert_eq!((trail.at(), trail.to("b"), trail.to("")), ("", "!/b".to_owned(), String::new()));
        trail.open(true).unwrap();
        trail.open(true).unwrap();
        assert!(trail.open(true).is_none());
    }
}
