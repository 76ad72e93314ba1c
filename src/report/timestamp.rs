//! Timestamps in reports. Apart from them, a report of the same files is byte-identical. For reproducible builds,
//! `SOURCE_DATE_EPOCH` sets the time.

use jiff::Timestamp;

/// The start time of a run, and the current time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    started: Timestamp,
    stands: bool,
}

impl Clock {
    /// Returns a clock that starts now or, if `epoch` is a valid number of seconds since 1970 (the value of
    /// `SOURCE_DATE_EPOCH`), is stopped at that time.
    pub fn start(epoch: Option<&str>) -> Self {
        let fixed = epoch.and_then(|text| text.parse().ok()).and_then(|at| Timestamp::from_second(at).ok());
        Self { started: fixed.unwrap_or_else(Timestamp::now), stands: fixed.is_some() }
    }

    /// Returns the start time of the run.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Returns the current time, or the fixed time.
    pub fn now(&self) -> Timestamp {
        if self.stands { self.started } else { Timestamp::now().max(self.started) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_is_fixed_by_source_date_epoch() {
        let clock = Clock::start(Some("1763798400"));
        assert_eq!(clock.started().to_string(), "2025-11-22T08:00:00Z");
        assert_eq!(clock.now(), clock.started());
        for odd in [None, Some(""), Some("yesterday"), Some("99999999999999999999")] {
            let clock = Clock::start(odd);
            assert!(clock.now() >= clock.started() && !clock.stands);
        }
    }
}
