//! The log: one line per event on stderr, as JSON for machines or as words for people.

use crate::config::{Log, LogFormat};
use std::io::{IsTerminal, stderr};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

/// Why the log does not start.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `log.level` does not read as a filter.
    #[error("log.level: {0}")]
    Level(#[from] tracing_subscriber::filter::ParseError),
    /// There is one already.
    #[error("the log has been started before")]
    Started,
}

/// Starts the log of this process on stderr.
///
/// # Errors
/// A level that does not read, or a log that has been started before.
pub fn start(log: &Log) -> Result<(), LogError> {
    subscriber(log, stderr, stderr().is_terminal())?.try_init().map_err(|_| LogError::Started)
}

/// A log of the configured form into `writer`. In a terminal it has colours.
fn subscriber<W>(log: &Log, writer: W, terminal: bool) -> Result<impl Subscriber + Send + Sync + 'static, LogError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let mut filter: Targets = log.level.parse()?;
    // The servers below tell of their threads at each start and end. Whoever wants more or less than usual gets that.
    if filter.default_level() == Some(LevelFilter::INFO) && !log.level.contains("actix") {
        filter = filter.with_target("actix_server", LevelFilter::WARN);
    }
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match log.format.of(terminal) {
        LogFormat::Text => Box::new(fmt::layer().with_ansi(terminal).with_writer(writer).with_filter(filter)),
        LogFormat::Json | LogFormat::Auto => {
            // The fields stand beside the message and the span's fields below it, so that a field has one name wherever it comes from.
            Box::new(
                fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(writer).with_filter(filter),
            )
        }
    };
    Ok(Registry::default().with(lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;
    use std::io;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(log: &Log, run: impl FnOnce()) -> String {
        logged_in(log, false, run)
    }

    fn logged_in(log: &Log, terminal: bool, run: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(log, move || writer.clone(), terminal).unwrap(), run);
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_lines_hold_the_fields_and_no_secret() {
        let text = logged(&Log::default(), || {
            let span = tracing::info_span!("request", request_id = "req_1");
            let _in = span.enter();
            tracing::info!(status = 200, password = ?Secret::new("hunter2".to_owned()), "answered");
            tracing::debug!("not at this level");
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["message"], "answered");
        assert_eq!(line["status"], 200);
        assert_eq!(line["span"]["request_id"], "req_1");
        assert_eq!(line["password"], "[secret]");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
        assert!(!text.contains("hunter2"));
    }

    #[test]
    fn text_lines_are_for_people() {
        let log = Log { format: LogFormat::Text, level: "warn,scaistack::telemetry=debug".into() };
        let text = logged(&log, || tracing::debug!(port = 8080, "listening"));
        assert!(text.contains("DEBUG") && text.contains("listening") && text.contains("port=8080"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn the_server_below_is_never_louder_than_was_asked_for() {
        let told = |level: &str| {
            let log = Log { level: level.to_owned(), ..Log::default() };
            logged(&log, || {
                tracing::warn!(target: "actix_server", "warns");
                tracing::info!(target: "actix_server", "tells");
            })
            .lines()
            .count()
        };
        for (level, lines) in [("off", 0), ("error", 0), ("scaistack=debug", 0), ("warn", 1), ("info", 1), ("debug", 2)]
        {
            assert_eq!(told(level), lines, "{level}");
        }
    }

    #[test]
    fn in_a_terminal_it_is_for_people_unless_the_settings_say_otherwise() {
        let info = || tracing::info!(port = 8080, "listening");
        let text = logged_in(&Log::default(), true, info);
        assert!(text.contains("listening") && text.contains('\u{1b}') && !text.starts_with('{'), "{text}");
        let json = Log { format: LogFormat::Json, ..Log::default() };
        assert!(logged_in(&json, true, info).starts_with('{'));
        assert!(logged(&Log::default(), info).starts_with('{'));
    }
}
