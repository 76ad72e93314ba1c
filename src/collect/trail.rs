//! The way from a content to what lies in it: the path, and how deep it leads. It reads nothing.

/// Stands between a container and its member in a path.
const INSIDE: &str = "!/";

/// Where a look inside is.
#[derive(Debug)]
pub(super) struct Trail {
    at: String,
    /// Archives and documents that lie round this place.
    depth: u32,
    /// Compressed streams that lie directly one in another round this place.
    streams: u32,
    /// How many there may be of either.
    limit: u32,
}

/// A place on a trail to which it can go back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    length: usize,
    depth: u32,
    streams: u32,
}

impl Trail {
    /// At the outside. Containers are gone into up to `limit`, one in another.
    pub(super) fn new(limit: u32) -> Self {
        Self { at: String::new(), depth: 0, streams: 0, limit }
    }

    /// The path inside the content, empty at its outside.
    pub(super) fn at(&self) -> &str {
        &self.at
    }

    /// The path of a member; this place's own if the name is empty.
    pub(super) fn to(&self, name: &str) -> String {
        let separator = if name.is_empty() { "" } else { INSIDE };
        format!("{}{separator}{}", self.at, name.trim_start_matches('/'))
    }

    /// Goes to a member.
    pub(super) fn enter(&mut self, name: &str) -> Mark {
        let mark = self.mark();
        self.at = self.to(name);
        mark
    }

    /// Goes into a compressed stream, or into an archive or a document. `None` if it lies too deep.
    pub(super) fn open(&mut self, stream: bool) -> Option<Mark> {
        if self.depth >= self.limit || self.streams >= self.limit {
            return None;
        }
        let mark = self.mark();
        (self.depth, self.streams) =
            if stream { (self.depth, self.streams + 1) } else { (self.depth + 1, 0) };
        Some(mark)
    }

    /// Goes back, from wherever it is.
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
    fn streams_do_not_count_as_archives_but_end_too() {
        let mut trail = Trail::new(2);
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
