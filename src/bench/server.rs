//! The child that is measured, and what it needs before.

use super::Failure;
use super::child::Child;
use super::folder::Folder;
use super::http1::Request;
use super::load::Load;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scaistack::cli::client::{Client, HttpTransport};
use scaistack::cli::find::{self, APPS, USERS, text};
use scaistack::config::{FILE_NAME, Storage};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where a server says whether it can work.
const READY: &str = "/health/ready";
/// How many secrets there are.
const SECRETS: usize = 1000;
/// How long each is, in bytes.
const VALUE: usize = 100;

/// Of the users of a server that lives for a minute.
const PASSWORD: &str = "nobody signs in with this one";

/// Three models to list, and limits that the load does not reach.
const SETTINGS: &str = r#"
[scaigrid]
limit_per_key = 1_000_000_000
limit_per_user = 1_000_000_000
limit_per_tenant = 1_000_000_000
limit_per_partner = 1_000_000_000

[[scaigrid.models]]
slug = "bench/chat"
modality = "chat"
context_window = 128000
max_output_tokens = 16384

[[scaigrid.models]]
slug = "bench/embedding"
modality = "embedding"
context_window = 8192

[[scaigrid.models]]
slug = "bench/image"
modality = "image"
context_window = 4096
"#;

/// The server that is measured.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) child: Child,
    pub(super) addr: SocketAddr,
    program: PathBuf,
    data: PathBuf,
    starts: u32,
}

impl Server {
    /// Starts one with a new data folder, on a port that the system chooses.
    ///
    /// # Errors
    /// It does not start.
    pub(super) async fn start(program: &Path, folder: &Folder) -> Result<Self, Failure> {
        std::fs::write(folder.path().join(FILE_NAME), SETTINGS)?;
        Self::start_on(program, folder, folder.path().join("data"), "server-0").await
    }

    /// Starts one on a data folder; `name` is that of its log.
    ///
    /// # Errors
    /// It does not start.
    pub(super) async fn start_on(program: &Path, folder: &Folder, data: PathBuf, name: &str) -> Result<Self, Failure> {
        let mut child = serve(program, folder, &data, "127.0.0.1:0", &format!("{name}.log"))?;
        let addr = child.address().await?;
        child.ready(addr, READY).await?;
        Ok(Self { child, addr, program: program.to_owned(), data, starts: 0 })
    }

    /// Stops it and starts it again on the same data and the same port. Gives the time from the start of the process to the
    /// first good answer.
    ///
    /// # Errors
    /// It does not stop or start.
    pub(super) async fn restart(self, folder: &Folder) -> Result<(Self, Duration), Failure> {
        let Self { child, addr, program, data, starts } = self;
        child.stop().await?;
        let starts = starts + 1;
        let started = Instant::now();
        let mut child = serve(&program, folder, &data, &addr.to_string(), &format!("server-{starts}.log"))?;
        child.ready(addr, READY).await?;
        Ok((Self { child, addr, program, data, starts }, started.elapsed()))
    }

    fn storage(&self) -> Storage {
        Storage { data: self.data.clone(), ..Storage::default() }
    }

    /// Where the certificate of its authority is.
    pub(super) fn tls_folder(&self) -> PathBuf {
        self.storage().tls_folder()
    }

    /// The size of its data file in bytes.
    pub(super) fn file_len(&self) -> Result<u64, Failure> {
        Ok(std::fs::metadata(self.storage().data_file())?.len())
    }

    /// Load on it.
    pub(super) fn load(&self, connections: usize, requests: impl Into<Arc<[Request]>>) -> Load {
        Load { addr: self.addr, pid: self.child.pid(), connections, requests: requests.into() }
    }

    /// Makes an application whose tokens are signed so; gives the headers with which it asks.
    async fn application(&self, signing_alg: &str) -> Result<[String; 2], Failure> {
        let body = json!({ "name": "bench", "application_type": "SERVICE", "scope": "GLOBAL",
            "allowed_scopes": ["openid"], "redirect_uris": [], "signing_alg": signing_alg });
        let made = self.client()?.post(APPS, body).await?;
        let credentials = format!("{}:{}", text(&made, "client_id")?, text(&made, "client_secret")?);
        Ok([
            format!("Authorization: Basic {}", STANDARD.encode(credentials)),
            "Content-Type: application/x-www-form-urlencoded".to_owned(),
        ])
    }

    /// Makes an application, and gives the request that asks for a token.
    ///
    /// # Errors
    /// The server does not take it.
    pub(super) async fn token_request(&self, signing_alg: &str) -> Result<Request, Failure> {
        Ok(token_request(&self.application(signing_alg).await?))
    }

    /// Makes an application and a token of it, and gives the request that asks what the token is worth.
    ///
    /// # Errors
    /// The server does not take it.
    pub(super) async fn introspection_request(&self) -> Result<Request, Failure> {
        let headers = self.application("RS256").await?;
        let answer = self.load(1, [token_request(&headers)]).answer().await?;
        let answer: Value = serde_json::from_str(&answer).map_err(|error| Failure::failed(error.to_string()))?;
        let form = format!("token={}", text(&answer, "access_token")?);
        Ok(Request::new("POST", "/api/v1/platform/oauth/introspect", &headers, &form))
    }

    /// Makes a user with a password, and gives the request that signs them in.
    ///
    /// # Errors
    /// The server does not take it.
    pub(super) async fn sign_in_request(&self) -> Result<Request, Failure> {
        let client = self.client()?;
        let tenant = find::tenant(&client, "default").await?;
        let email = "crowd@example.com";
        let body = json!({ "email": email, "tenant_id": tenant, "role": "tenant_user", "password": PASSWORD });
        client.post(USERS, body).await?;
        let body = json!({ "email": email, "password": PASSWORD }).to_string();
        let kind = "Content-Type: application/json".to_owned();
        Ok(Request::new("POST", "/api/v1/auth/login", &[kind], &body))
    }

    /// Makes a user with an API key, and gives the request that asks for the models with it.
    ///
    /// # Errors
    /// The server does not take it.
    pub(super) async fn key_request(&self) -> Result<Request, Failure> {
        let client = self.client()?;
        let tenant = find::tenant(&client, "default").await?;
        let body = json!({ "email": "bench@example.com", "tenant_id": tenant, "role": "tenant_user",
            "password": PASSWORD });
        let user = client.post(USERS, body).await?;
        let body = json!({ "name": "bench", "assigned_user_id": text(&user, "id")? });
        let made = client.post("/v1/api-keys", body).await?;
        let header = format!("Authorization: Bearer {}", text(&made, "key")?);
        Ok(Request::new("GET", "/v1/models", &[header], ""))
    }

    /// Makes environment credentials, and gives an access token of theirs.
    ///
    /// # Errors
    /// The server does not take it.
    pub(super) async fn environment_token(&self) -> Result<String, Failure> {
        let body = json!({ "name": "bench environment", "application_type": "SERVICE", "scope": "GLOBAL",
            "allowed_scopes": ["admin:read", "admin:write"], "redirect_uris": [] });
        let made = self.client()?.post(APPS, body).await?;
        let form = serde_urlencoded::to_string([
            ("grant_type", "client_credentials"),
            ("client_id", text(&made, "client_id")?),
            ("client_secret", text(&made, "client_secret")?),
        ]);
        let form = form.map_err(|error| Failure::failed(error.to_string()))?;
        let headers = ["Content-Type: application/x-www-form-urlencoded".to_owned()];
        let request = Request::new("POST", "/oauth/token", &headers, &form);
        let answer = self.load(1, [request]).answer().await?;
        let answer: Value = serde_json::from_str(&answer).map_err(|error| Failure::failed(error.to_string()))?;
        Ok(text(&answer, "access_token")?.to_owned())
    }

    /// Makes a token and a thousand secrets, and gives the requests that read and those that write them.
    ///
    /// # Errors
    /// The server does not take it.
    pub(super) async fn secret_requests(&self) -> Result<(Vec<Request>, Vec<Request>), Failure> {
        let body = json!({ "name": "bench", "scopes": ["secrets:read", "secrets:write"] });
        let made = self.client()?.post("/api/v1/admin/personal-tokens", body).await?;
        let token = format!("Authorization: Bearer {}", text(&made, "token")?);
        let headers = [token, "Content-Type: application/json".to_owned()];
        let secret = json!({ "data": { "value": "x".repeat(VALUE) }, "secret_type": "json" }).to_string();
        let targets = || (0..SECRETS).map(|n| format!("/v1/secrets/bench/secret-{n:04}"));
        let reads = targets().map(|target| Request::new("GET", &target, &headers[..1], "")).collect();
        let writes: Vec<_> = targets().map(|target| Request::new("PUT", &target, &headers, &secret)).collect();
        self.load(32, writes.clone()).each().await?;
        Ok((reads, writes))
    }

    fn client(&self) -> Result<Client, Failure> {
        Ok(Client::new(HttpTransport::unix(&self.data.join("scaistack.sock"))?))
    }
}

fn token_request(headers: &[String]) -> Request {
    Request::new("POST", "/api/v1/platform/oauth/token", headers, "grant_type=client_credentials")
}

fn serve(program: &Path, folder: &Folder, data: &Path, listen: &str, log: &str) -> Result<Child, Failure> {
    let words = ["serve", "--listen", listen, "--data"].map(OsStr::new);
    let arguments = [&words[..], &[data.as_os_str()]].concat();
    Child::start(program, &arguments, folder.path(), log)
}
