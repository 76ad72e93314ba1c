//! The times that some formats have to hold. A report of the same files is the same byte for byte but for these; for builds
//! that are reproduced, `SOURCE_DATE_EPOCH` says what time it is.

use jiff::Timestamp;

/// When a run began, and what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    started: Timestamp,
    stands: bool,
}

impl Clock {
    /// A clock that begins now, or that stands at `epoch`: the value of `SOURCE_DATE_EPOCH`, seconds since 1970, if that
    /// is set and can be read.
    pub fn start(epoch: Option<&str>) -> Self {
        let fixed = epoch.and_then(|text| text.parse().ok()).and_then(|at| Timestamp::from_second(at).ok());
        Self { started: fixed.unwrap_or_else(Timestamp::now), stands: fixed.is_some() }
    }

    /// When the run began.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        if self.stands { self.started } else { Timestamp::now().max(self.started) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_stands_where_it_is_told_to() {
        let clock = Clock::start(Some("1763798400"));
        assert_eq!(clock.started().to_string(), "2025-11-22T08:00:00Z");
        assert_eq!(clock.now(), clock.started());
        for odd in [None, Some(""), Some("yesterday"), Some("99999999999999999999")] {
            let clock = Clock::start(odd);
            assert!(clock.now() >= clock.started() && !clock.stands);
        }
    }
}
