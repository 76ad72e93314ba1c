//! Tests of the documents through their common door.
