//! The services in this process, for when no server runs.

use super::{Answer, Call, Transport, TransportError};
use crate::base::Clock;
use crate::cli::failure::Failure;
use crate::config::{ConfigSources, Loaded};
use crate::http::local;
use crate::stack::{self, Stack};
use crate::telemetry::metrics::Metrics;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use std::sync::Arc;

/// The application over the data file, without a port.
struct Local(Arc<Stack>);

impl Drop for Local {
    fn drop(&mut self) {
        // What was queued is committed, and the file is closed, before the process ends.
        self.0.store.close();
    }
}

impl Transport for Local {
    fn send<'a>(&'a self, call: Call) -> LocalBoxFuture<'a, Result<Answer, TransportError>> {
        Box::pin(async move {
            let broken = |error: &dyn std::fmt::Display| TransportError::Broken(error.to_string());
            let body = call.body.as_ref().map(serde_json::to_vec).transpose().map_err(|error| broken(&error))?;
            let answer = local::call(Arc::clone(&self.0), call.method.as_str(), &call.path, body)
                .await
                .map_err(|error| broken(&error))?;
            let body = match answer.body.as_slice() {
                [] => Value::Null,
                bytes => serde_json::from_slice(bytes)
                    .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned())),
            };
            Ok(Answer { status: answer.status, request_id: answer.request_id, retry_after_secs: None, body })
        })
    }
}

/// Opens the data file and gives a way to the API without a port, as the local operator.
///
/// # Errors
/// [`Failure::WrongKey`] if the data file does not open with the key at hand; otherwise what stands in the way.
pub async fn open(loaded: &Loaded, sources: &ConfigSources) -> Result<Box<dyn Transport>, Failure> {
    let config = loaded.config.clone();
    if !config.storage.data_file().exists() {
        return Err(Failure::failed(format!(
            "there is no data file at {}; start a server once: scaistack serve",
            config.storage.data_file().display()
        )));
    }
    let unseal = config.storage.unseal_with(sources)?;
    let opened = tokio::task::spawn_blocking(move || stack::open(config, &unseal, Clock::System, Metrics::install()));
    let (stack, _) = opened.await.map_err(|error| Failure::failed(error.to_string()))??;
    Ok(Box::new(Local(Arc::new(stack))))
}
