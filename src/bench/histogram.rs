//! How long things took: counted in buckets whose width grows with the time, so that a quantile is right within 3 %.

use std::time::Duration;

/// Buckets for each doubling of the time.
const STEPS: u64 = 32;
/// Enough for every number of nanoseconds.
const SLOTS: usize = 60 * STEPS as usize;

/// How often which time was measured, in buckets.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    slots: Box<[u64]>,
    count: u64,
}

impl Histogram {
    /// With nothing counted.
    pub(super) fn new() -> Self {
        Self { slots: vec![0; SLOTS].into_boxed_slice(), count: 0 }
    }

    /// Counts one time.
    pub(super) fn record(&mut self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        if let Some(slot) = self.slots.get_mut(slot_of(nanos)) {
            *slot += 1;
            self.count += 1;
        }
    }

    /// Counts what another has counted.
    pub(super) fn add(&mut self, other: &Self) {
        for (own, count) in self.slots.iter_mut().zip(&other.slots) {
            *own += count;
        }
        self.count += other.count;
    }

    /// How many were counted.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The time that a share `quantile` (0 to 1) of all did not exceed; zero if there are none.
    pub(super) fn quantile(&self, quantile: f64) -> Duration {
        let rank = ((self.count as f64 * quantile).ceil() as u64).max(1);
        let mut below = 0;
        for (slot, count) in self.slots.iter().enumerate() {
            below += count;
            if below >= rank {
                return Duration::from_nanos(middle_of(slot));
            }
        }
        Duration::ZERO
    }
}

/// The first 64 slots hold one nanosecond each; from there on each doubling has 32.
fn slot_of(nanos: u64) -> usize {
    let shift = u64::from((63 - (nanos | (STEPS * 2 - 1)).leading_zeros()) - 5);
    (shift * STEPS + (nanos >> shift)) as usize
}

fn middle_of(slot: usize) -> u64 {
    let slot = slot as u64;
    let shift = (slot / STEPS).saturating_sub(1);
    let low = (slot - shift * STEPS) << shift;
    low + (1 << shift) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_of_a_thousand_even_steps() {
        let mut histogram = Histogram::new();
        assert_eq!(histogram.quantile(0.5), Duration::ZERO);
        for micros in 1..=1000 {
            histogram.record(Duration::from_micros(micros));
        }
        let mut other = Histogram::new();
        other.add(&histogram);
        let histogram = other;
        assert_eq!(histogram.count(), 1000);
        for (quantile, micros) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1000.0), (0.0, 1.0)] {
            let found = histogram.quantile(quantile).as_secs_f64() * 1e6;
            assert!((found / micros - 1.0).abs() < 0.03, "{quantile}: {found}");
        }
    }

    proptest! {
        #[test]
        fn every_time_has_a_slot_that_tells_it_within_three_percent(nanos: u64, shift in 0u32..64) {
            let nanos = nanos >> shift;
            let slot = slot_of(nanos);
            prop_assert!(slot < SLOTS);
            let middle = middle_of(slot);
            prop_assert!(middle.abs_diff(nanos) as f64 <= nanos as f64 * 0.03 + 1.0, "{} {}", nanos, middle);
        }
    }
}
