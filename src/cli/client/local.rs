//! The services in this process, for when no server runs.

use super::{Answer, Call, Sink, Transport, TransportError};
use crate::base::Clock;
use crate::cli::failure::Failure;
use crate::config::{ConfigSources, Loaded, Log, LogFormat};
use crate::http::local;
use crate::stack::{self, Stack};
use crate::telemetry::logs;
use crate::telemetry::metrics::Metrics;
use futures_util::future::LocalBoxFuture;
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
            let body = call.body.map(String::into_bytes);
            let answer = local::call(Arc::clone(&self.0), call.method.as_str(), &call.path, body).await;
            answered(answer)
        })
    }

    fn stream<'a>(&'a self, call: Call, sink: Sink<'a>) -> LocalBoxFuture<'a, Result<Answer, TransportError>> {
        Box::pin(async move {
            let answer = local::stream(Arc::clone(&self.0), call.method.as_str(), &call.path, sink).await;
            answered(answer)
        })
    }
}

fn answered(answer: std::io::Result<local::Answer>) -> Result<Answer, TransportError> {
    let local::Answer { status, request_id, body } =
        answer.map_err(|error| TransportError::Broken(error.to_string()))?;
    Ok(Answer { status, request_id, retry_after_secs: None, body })
}

/// Opens the data file and gives a way to the API without a port, as the local operator.
///
/// # Errors
/// [`Failure::WrongKey`] if the data file does not open with the key at hand; otherwise what stands in the way, first of all that there is
/// no data file: a mistyped folder must not become a new instance.
pub async fn open(loaded: &Loaded, sources: &ConfigSources) -> Result<Box<dyn Transport>, Failure> {
    let config = loaded.config.clone();
    if !config.storage.data_file().exists() {
        let folder = std::path::absolute(&config.storage.data).unwrap_or_else(|_| config.storage.data.clone());
        return Err(Failure::failed(format!(
            "there is no server in the data folder {} and no data file; name the folder of your server with --data DIR or \
             SCAISTACK_DATA, or a server elsewhere with --server URL. A new one is started with: scaistack serve",
            folder.display()
        )));
    }
    let unseal = config.storage.unseal_with(sources)?;
    // A failure is told by its command; the log adds what nobody would see otherwise. That it runs already is of no matter.
    let _ = logs::start(&Log { format: LogFormat::Text, level: "warn".to_owned() });
    let opened = tokio::task::spawn_blocking(move || {
        stack::open(config, &unseal, Clock::System, Metrics::install(), crate::schema::STEPS)
    });
    let (stack, _) = opened.await.map_err(|error| Failure::failed(error.to_string()))??;
    Ok(Box::new(Local(Arc::new(stack))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::client::Client;
    use crate::cli::session::block_on;
    use http::Method;
    use serde_json::json;

    fn loaded(folder: &std::path::Path) -> (Loaded, ConfigSources) {
        let mut sources = ConfigSources::none();
        sources.environment.insert("SCAISTACK_DATA".into(), folder.display().to_string());
        let loaded = Loaded::read(&sources).unwrap();
        (loaded, sources)
    }

    #[test]
    fn commands_work_without_a_server() {
        let folder = tempfile::tempdir().unwrap();
        let (here, mut sources) = loaded(folder.path());
        let unseal = here.config.storage.unseal_with(&sources).unwrap();
        let none = block_on(open(&here, &sources)).err().unwrap();
        assert!(none.to_string().contains(&folder.path().display().to_string()), "{none}");
        assert!(!here.config.storage.data_file().exists());

        // The first start of a server.
        let (made, _) =
            stack::open(here.config.clone(), &unseal, Clock::System, Metrics::install(), crate::schema::STEPS).unwrap();
        made.store.close();
        drop(made);

        let body = json!({ "data": { "k": "v" } });
        block_on(async {
            let client = Client::boxed(open(&here, &sources).await?);
            client.call(Method::PUT, "/v1/secrets/a/b", Some(body.clone())).await
        })
        .unwrap();
        let read = block_on(async {
            let client = Client::boxed(open(&here, &sources).await?);
            let missing = client.get("/v1/secrets/c").await.unwrap_err();
            assert!(missing.to_string().contains("secret_not_found, HTTP 404, request req_"), "{missing}");
            client.get("/v1/secrets/a/b").await
        });
        assert_eq!(read.unwrap()["data"], body["data"]);

        let other = folder.path().join("other.key");
        stack::make_key(&other).unwrap();
        sources.environment.insert("SCAISTACK_STORAGE_KEY_FILE".into(), other.display().to_string());
        let here = Loaded::read(&sources).unwrap();
        let wrong = block_on(open(&here, &sources)).err().unwrap();
        assert_eq!(wrong.code(), 2);
        assert!(wrong.to_string().starts_with("wrong key for this data file"), "{wrong}");
    }
}
