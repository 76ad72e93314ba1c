//! Detection of leaked Telnyx credentials in bytes.
//!
//! [`rules`] is the model of the rules and reads them; [`detect`] searches content for them, in all their written forms;
//! [`finding`] is the data model of the results; [`assignments`] finds the literal values of names. Does not open inputs,
//! does not unpack archives, and does not know about git.
//!
//! ```
//! use telleaks_detection::detect::{Detector, Scratch};
//! use telleaks_detection::rules::{RuleSet, RuleTexts, extend_from_text};
//!
//! let none = RuleTexts { files: &[], published: "sha256 = []", suppressions: ("none.toml", "") };
//! let mut rules = RuleSet::from_texts(&none)?;
//! let rule = r#"
//!     [[rule]]
//!     id = "ticket"
//!     name = "Ticket"
//!     message = "A ticket number"
//!     summary = "A ticket number."
//!     severity = "warning"
//!     confidence = "high"
//!     fix = "Remove it."
//!     docs = "https://example.org"
//!     anchors = ["TICKET-"]
//!     regex = '(TICKET-[0-9]{4})'
//! "#;
//! extend_from_text(&mut rules, "mine.toml".as_ref(), rule)?;
//! let detector = Detector::new(rules, false)?;
//! let scan = detector.scan_reader(&mut &b"one line\nsee TICKET-0042"[..], &mut Scratch::default());
//! assert_eq!(scan.found[0].location.start_line, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod assignments;
pub mod detect;
pub mod finding;
pub mod rules;
