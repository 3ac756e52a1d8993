//! How long things took, counted where they happen. The exporter's own histograms keep every single measurement until
//! somebody reads them; for what happens at every request these keep a number for each bucket.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets in seconds: from a read out of memory to a request that times out.
pub(super) const BUCKETS: [f64; 13] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// The same in microseconds.
const MICROS: [u64; 13] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000, 30_000_000];

/// Answers to requests.
pub static HTTP_REQUESTS: Durations = Durations::new("scaistack_http_request_seconds");

/// A histogram of durations.
#[derive(Debug)]
pub struct Durations {
    name: &'static str,
    /// One more than there are bounds, for what took longer.
    counts: [AtomicU64; 14],
    micros: AtomicU64,
}

impl Durations {
    const fn new(name: &'static str) -> Self {
        Self { name, counts: [const { AtomicU64::new(0) }; 14], micros: AtomicU64::new(0) }
    }

    /// Counts one that took this long.
    pub fn record(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = MICROS.iter().position(|bound| micros <= *bound).unwrap_or(MICROS.len());
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
            self.micros.fetch_add(micros, Ordering::Relaxed);
        }
    }

    /// As Prometheus text.
    pub(super) fn render(&self, text: &mut String) {
        let name = self.name;
        let mut below = 0;
        let _ = writeln!(text, "# TYPE {name} histogram");
        let bounds = BUCKETS.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(&self.counts) {
            below += count.load(Ordering::Relaxed);
            let _ = writeln!(text, "{name}_bucket{{le=\"{bound}\"}} {below}");
        }
        let seconds = Duration::from_micros(self.micros.load(Ordering::Relaxed)).as_secs_f64();
        let _ = writeln!(text, "{name}_sum {seconds}\n{name}_count {below}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_in_its_bucket_and_in_those_above() {
        assert!(BUCKETS.iter().zip(MICROS).all(|(secs, micros)| (secs * 1e6 - micros as f64).abs() < 1e-6));
        let durations = Durations::new("x_seconds");
        for micros in [1, 250, 251, 4_000, 60_000_000] {
            durations.record(Duration::from_micros(micros));
        }
        let mut text = String::new();
        durations.render(&mut text);
        for line in [
            "# TYPE x_seconds histogram",
            "x_seconds_bucket{le=\"0.00025\"} 2",
            "x_seconds_bucket{le=\"0.0005\"} 3",
            "x_seconds_bucket{le=\"0.0025\"} 3",
            "x_seconds_bucket{le=\"0.005\"} 4",
            "x_seconds_bucket{le=\"30\"} 4",
            "x_seconds_bucket{le=\"+Inf\"} 5",
            "x_seconds_sum 60.004502",
            "x_seconds_count 5",
        ] {
            assert!(text.lines().any(|have| have == line), "{line}: {text}");
        }
    }
}
