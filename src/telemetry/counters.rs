//! Counters of one name that are told apart by a label.

use metrics::Counter;
use std::fmt;
use std::sync::OnceLock;

/// `N` counters of one name. Their handles are made once, at the first count, so that counting is one addition.
pub struct Counters<const N: usize> {
    make: fn(usize) -> Counter,
    made: OnceLock<[Counter; N]>,
}

impl<const N: usize> Counters<N> {
    /// `make` gives the counter of a number below `N`.
    pub const fn new(make: fn(usize) -> Counter) -> Self {
        Self { make, made: OnceLock::new() }
    }

    /// Counts one, if there is a counter of this number.
    pub fn count(&self, number: usize) {
        let made = self.made.get_or_init(|| std::array::from_fn(self.make));
        if let Some(counter) = made.get(number) {
            counter.increment(1);
        }
    }
}

impl<const N: usize> fmt::Debug for Counters<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} counters")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics_exporter_prometheus::PrometheusBuilder;

    #[test]
    fn each_number_has_its_counter() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let counters = Counters::<3>::new(|at| metrics::counter!("x_total", "at" => at.to_string()));
        metrics::with_local_recorder(&recorder, || [1, 1, 0, 3].map(|number| counters.count(number)));
        let text = recorder.handle().render();
        for line in ["x_total{at=\"0\"} 1", "x_total{at=\"1\"} 2", "x_total{at=\"2\"} 0"] {
            assert!(text.lines().any(|have| have == line), "{line}: {text}");
        }
    }
}
