//! The figures: counted anywhere through the `metrics` macros, read as Prometheus text.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// What the names of durations end with; they are histograms in seconds.
const DURATIONS: &str = "_seconds";

/// Upper bounds of the buckets of a duration, in seconds: from a read out of memory to a request that times out.
const BUCKETS: [f64; 13] = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Reads what has been counted. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Makes every `metrics` macro of this process count from now on. If the process counts elsewhere already, as in tests with several
    /// servers, these figures stay empty.
    pub fn install() -> Self {
        let recorder = builder().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::debug!("figures are counted elsewhere already");
        }
        Self(handle)
    }

    /// The Prometheus text, for `/metrics`. Reading also tidies up the histograms, so that no timer is needed as long as somebody reads.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Tidies up the histograms. For a server that nobody reads: call it every minute or so.
    pub fn tidy(&self) {
        self.0.run_upkeep();
    }
}

fn builder() -> PrometheusBuilder {
    let builder = PrometheusBuilder::new();
    // It fails for an empty list of buckets only.
    builder.set_buckets_for_metric(Matcher::Suffix(DURATIONS.to_owned()), &BUCKETS).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_rendered_for_prometheus() {
        let recorder = builder().build_recorder();
        let metrics = Metrics(recorder.handle());
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("scaistack_requests_total", "status" => "200").increment(2);
            metrics::histogram!("scaistack_request_seconds").record(0.004);
        });
        metrics.tidy();
        let text = metrics.render();
        assert!(text.contains("scaistack_requests_total{status=\"200\"} 2"), "{text}");
        assert!(text.contains("scaistack_request_seconds_bucket{le=\"0.005\"} 1"), "{text}");
        assert!(text.contains("scaistack_request_seconds_count 1"), "{text}");
    }
}
