//! When a job is due.

use super::table::LastRun;
use crate::base::Timestamp;

/// How long a job waits after its first failure, in seconds; a job with a shorter period waits for that.
const FIRST_RETRY_SECS: i64 = 60;
/// The longest that a job with a short period waits after failures, in seconds.
const LONGEST_RETRY_SECS: i64 = 300;

/// When a job with this period is due next. Without a run it is due at once.
///
/// After a success that is one period behind its start, so that long runs do not shift it. After failures it is sooner than
/// the period or later: the wait doubles with each one, up to the period and to [`LONGEST_RETRY_SECS`], whichever is longer.
pub(super) fn next(every_secs: u32, last: Option<&LastRun>) -> Option<Timestamp> {
    let (last, every) = (last?, i64::from(every_secs));
    let wait = match last.failures.checked_sub(1) {
        None => every,
        Some(before) => {
            let first = FIRST_RETRY_SECS.min(every);
            let doubled = first.checked_mul(1 << before.min(16)).unwrap_or(i64::MAX);
            doubled.min(every.max(LONGEST_RETRY_SECS))
        }
    };
    Some(last.started_at.plus_secs(wait))
}

#[cfg(test)]
mod tests {
    use super::super::table::Outcome;
    use super::*;

    fn after(every_secs: u32, failures: u32) -> i64 {
        let started_at = Timestamp::from_secs(1000);
        let last = LastRun { started_at, took_millis: 5, outcome: Outcome::Done(0), succeeded_at: None, failures };
        next(every_secs, Some(&last)).unwrap().secs() - 1000
    }

    #[test]
    fn a_job_comes_again_after_its_period_and_after_failures_later_each_time() {
        assert_eq!(next(3600, None), None, "at once");
        assert_eq!(after(3600, 0), 3600);
        let hourly: Vec<i64> = (1..=9).map(|failures| after(3600, failures)).collect();
        assert_eq!(hourly, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        let every_second: Vec<i64> = [0, 1, 2, 5, 9, 10, u32::MAX].map(|failures| after(1, failures)).into();
        assert_eq!(every_second, [1, 1, 2, 16, 256, 300, 300]);
    }
}
