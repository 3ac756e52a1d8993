//! The figures: counted anywhere through the `metrics` macros, read as Prometheus text.

use super::durations::{BUCKETS, HTTP_REQUESTS};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// What the names of durations end with; they are histograms in seconds.
const DURATIONS: &str = "_seconds";

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
        let mut text = self.0.render();
        HTTP_REQUESTS.render(&mut text);
        text
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
