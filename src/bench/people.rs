//! What tokens for people cost: an instance with somebody who is signed in, and 64 connections, each of which gets a code,
//! redeems it with PKCE, and refreshes, over and over. All three are durable transactions.

use super::Failure;
use super::histogram::Histogram;
use super::http1::{self, Request};
use super::load::{block_on, on_own_thread};
use super::process;
use super::server::Server;
use scaistack::access::{Actor, CoreSet, Credential, Evidence, Method, Origin, Place, Principal, Proof, Role, permit};
use scaistack::apps::{self, AppScope, ApplicationType, NewApplication, NewSecret};
use scaistack::base::id::{PartnerId, RequestId, TenantId};
use scaistack::base::{Clock, DisplayName, Email, Id, Problem, ScopeSet};
use scaistack::config::{Config, UnsealWith};
use scaistack::crypto::jwt::SigningAlg;
use scaistack::crypto::random;
use scaistack::crypto::token::{self, TokenDigest, TokenKind};
use scaistack::http::extract::cookie_name;
use scaistack::oauth::consent;
use scaistack::people::{self, NewUser, User};
use scaistack::sessions::{self, CsrfSecret, NewSession, Session};
use scaistack::stack::{self, Stack};
use scaistack::telemetry::metrics::Metrics;
use scaistack::tenancy;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How many connections there are.
pub(super) const CONNECTIONS: usize = 64;
/// For caches and the first growth of buffers; not counted.
const WARM_UP: Duration = Duration::from_millis(500);
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// A verifier and its challenge: RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "https://bench.example/callback";
const SCOPE: &str = "openid offline_access";
const AUTHORIZE: &str = "/api/v1/platform/oauth/authorize";
const TOKEN: &str = "/api/v1/platform/oauth/token";

/// Somebody who is signed in and has agreed to what an application may do.
#[derive(Clone, Debug)]
pub(super) struct Person {
    client_id: String,
    cookie: String,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Outcome {
    /// How long it was measured.
    pub(super) elapsed: Duration,
    /// The answers of the token endpoint, by the time they took: half of them to codes, half to refresh tokens.
    pub(super) times: Histogram,
    /// CPU time of the server, for the codes too.
    pub(super) cpu: Duration,
}

fn failed(problem: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("no tokens: {problem}"))
}

impl Person {
    /// Makes a data folder with the person in it, in this process, and closes it: a password would have to be hashed, and
    /// pages filled in, for what is not measured here. Blocks.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub(super) fn make(data: PathBuf) -> Result<Self, Failure> {
        let mut config = Config::default();
        config.storage.data = data;
        let key = UnsealWith::KeyFile(config.storage.key_file());
        let (stack, _) =
            stack::open(config, &key, Clock::System, Metrics::install(), scaistack::schema::STEPS).map_err(failed)?;
        let person = Self::fill(&stack).map_err(|problem| failed(problem.message));
        stack.store.close();
        person
    }

    fn fill(stack: &Stack) -> Result<Self, Problem> {
        let tenant = tenancy::default_tenant(&stack.store.read())?.ok_or_else(|| Problem::internal("no tenant"))?;
        let (now, at) = (stack.now(), (tenant.partner, tenant.id));
        let operator = Arc::new(actor(Principal::Operator, Credential::Local, at));
        let writes = operator.grant::<permit::WriteUsers>(Place::Platform)?;
        let email = Email::parse("ann@bench.example").map_err(Problem::internal)?;
        let (new, id) = (NewUser::local(email, tenant.id, Role::TenantUser), stack.new_id());
        let user = stack.store.write_blocking(move |tx| people::create(tx, &writes, &new, id, now))?;
        let (cookie, session) = sign_in(stack, &user)?;
        let name = DisplayName::parse("bench").map_err(Problem::internal)?;
        let mut new = NewApplication::new(name, ApplicationType::Native, AppScope::Global);
        new.allowed_scopes = ScopeSet::parse(SCOPE).map_err(Problem::internal)?;
        new.redirect_uris = vec![apps::RedirectUri::parse(CALLBACK).map_err(Problem::internal)?];
        new.signing_alg = SigningAlg::Es256;
        let registers = operator.grant::<permit::WriteApplications>(Place::Platform)?;
        let (id, (secret, _)) = (stack.new_id(), NewSecret::make(stack.new_id()));
        let application = stack.store.write_blocking(move |tx| apps::create(tx, &registers, &new, id, &secret, now))?;
        let client_id = application.client_id();
        let credential = Credential::Session { id: session.id };
        let ann = actor(Principal::User { id: user.id, email: user.email }, credential, at);
        let scopes = application.allowed_scopes.clone();
        stack.store.write_blocking(move |tx| consent::give(tx, &ann, &application, at.1, &scopes, now))?;
        Ok(Self { client_id, cookie })
    }

    fn authorize(&self) -> Request {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", CALLBACK)
            .append_pair("scope", SCOPE)
            .append_pair("state", "s")
            .append_pair("nonce", "n")
            .append_pair("code_challenge", CHALLENGE)
            .append_pair("code_challenge_method", "S256")
            .finish();
        let cookie = format!("Cookie: {}={}", cookie_name(false), self.cookie);
        Request::new("GET", &format!("{AUTHORIZE}?{query}"), &[cookie], "")
    }

    fn redeem(&self, code: &str) -> Request {
        let client_id = &self.client_id;
        token_request(&format!(
            "grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&code_verifier={VERIFIER}&client_id={client_id}"
        ))
    }

    fn refresh(&self, token: &str) -> Request {
        token_request(&format!("grant_type=refresh_token&refresh_token={token}&client_id={}", self.client_id))
    }

    /// Gets tokens and refreshes them on all connections for half a second and then, measured, for `measured`.
    ///
    /// # Errors
    /// An answer that is not what it should be.
    pub(super) async fn load(self, server: &Server, measured: Duration) -> Result<Outcome, Failure> {
        let (addr, pid) = (server.addr, server.child.pid());
        on_own_thread(move || block_on(self.drive(addr, pid, measured))?).await
    }

    async fn drive(self, addr: SocketAddr, pid: u32, measured: Duration) -> Result<Outcome, Failure> {
        let from = Instant::now() + WARM_UP;
        let until = from + measured;
        let mut connections = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let line = Line { stream: TcpStream::connect(addr).await?, buffer: Vec::with_capacity(8 * 1024) };
            line.stream.set_nodelay(true)?;
            connections.spawn_local(self.clone().work(line, from, until));
        }
        sleep(from.saturating_duration_since(Instant::now())).await;
        let before = process::cpu(pid)?;
        sleep(until.saturating_duration_since(Instant::now())).await;
        let cpu = process::cpu(pid)?.saturating_sub(before);
        let mut times = Histogram::new();
        while let Some(done) = connections.join_next().await {
            times.add(&done.map_err(failed)??);
        }
        Ok(Outcome { elapsed: measured, times, cpu })
    }

    async fn work(self, mut line: Line, from: Instant, until: Instant) -> Result<Histogram, Failure> {
        let (mut times, authorize) = (Histogram::new(), self.authorize());
        let mut record = |sent: Instant| {
            let now = Instant::now();
            if sent >= from && now <= until {
                times.record(now - sent);
            }
        };
        while Instant::now() < until {
            let answer = line.ask(&authorize, 303).await?;
            let code = between(&answer, "code=", "&").ok_or_else(|| failed("a redirect without a code"))?;
            let sent = Instant::now();
            let answer = line.ask(&self.redeem(code), 200).await?;
            record(sent);
            let token = between(&answer, "\"refresh_token\":\"", "\"").ok_or_else(|| failed("no refresh token"))?;
            let sent = Instant::now();
            line.ask(&self.refresh(token), 200).await?;
            record(sent);
        }
        Ok(times)
    }
}

/// A session of a user, and its cookie.
fn sign_in(stack: &Stack, user: &User) -> Result<(String, Session), Problem> {
    let (cookie, now) = (token::make(TokenKind::SessionId), stack.now());
    let session = NewSession {
        id: stack.new_id(),
        digest: TokenDigest::of(cookie.expose()),
        user: user.id,
        tenant: user.home_tenant,
        csrf_secret: CsrfSecret(random::bytes()),
        life_secs: None,
        email: user.email.clone(),
        evidence: Evidence::of(&[Method::Password], now),
        origin: origin(),
    };
    let session = stack.store.write_blocking(move |tx| sessions::create(tx, &session, now))?;
    Ok((cookie.expose().clone(), session))
}

fn origin() -> Origin {
    Origin { request: RequestId::from_raw(1), ip: None, user_agent: None }
}

fn actor(principal: Principal, credential: Credential, (partner, tenant): (PartnerId, TenantId)) -> Actor {
    Actor {
        principal,
        tenant,
        partner,
        credential,
        proof: Proof::Recent,
        roles: Vec::new(),
        custom: CoreSet::default(),
        scopes: None,
        expires_at: None,
        mfa_at: None,
        origin: origin(),
    }
}

fn token_request(form: &str) -> Request {
    Request::new("POST", TOKEN, &["Content-Type: application/x-www-form-urlencoded".to_owned()], form)
}

fn between<'a>(text: &'a str, before: &str, behind: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(behind).map(|(found, _)| found)
}

/// A kept connection.
struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    /// Sends a request and gives the whole answer, which must have this status.
    async fn ask(&mut self, request: &Request, status: u16) -> Result<String, Failure> {
        timeout(ANSWER, self.exchange(request, status)).await.map_err(|_| failed("an answer took too long"))?
    }

    async fn exchange(&mut self, request: &Request, status: u16) -> Result<String, Failure> {
        self.stream.write_all(&request.0).await?;
        let found = http1::read(&mut self.stream, &mut self.buffer).await.map_err(failed)?;
        let whole = String::from_utf8_lossy(self.buffer.get(..found.end).unwrap_or_default()).into_owned();
        self.buffer.drain(..found.end);
        if found.status == status { Ok(whole) } else { Err(failed(format!("HTTP {}", found.status))) }
    }
}
