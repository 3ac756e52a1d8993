//! Tokens: the cheap signature, introspection, and what a person's tokens cost in durable writes.

use super::cases::{Floor, at_most, p99};
use super::folder::Folder;
use super::histogram::Histogram;
use super::http1::Request;
use super::report::{Aim, Figure, Limit, Measured, Target};
use super::server::Server;
use super::{Failure, limits, progress};
use crate::access::{Actor, CoreSet, Credential, Origin, Place, Principal, Role, permit};
use crate::apps::{self, AppScope, Application, ApplicationType, NewApplication, NewSecret};
use crate::base::id::{RequestId, TenantId};
use crate::base::{Clock, DisplayName, Email, Id, Problem, ScopeSet};
use crate::config::{Config, UnsealWith};
use crate::crypto::jwt::SigningAlg;
use crate::crypto::random;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::families::Authentication;
use crate::http::ceiling as application;
use crate::oauth::code::{self, NewCode};
use crate::oauth::pkce::Challenge;
use crate::oauth::{Flavour, TokenRequest, TokenResponse, admit};
use crate::people::{self, NewUser};
use crate::sessions::{self, CsrfSecret, NewSession, Session};
use crate::stack::{self, Stack};
use crate::telemetry::metrics::Metrics;
use crate::tenancy;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many people's programs ask at the same time.
const TASKS: usize = 64;
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CALLBACK: &str = "https://bench.example/callback";

/// Tokens for a client, signed with ES256.
///
/// # Errors
/// A measurement that did not come to its end.
pub(super) async fn client_credentials_es256(server: &Server, floor: &Floor<'_>) -> Result<Measured, Failure> {
    progress("client credentials, ES256");
    let load = server.load(floor.bench.connections as usize, [server.token_request("ES256").await?]);
    let (ours, floor) = floor.by_turns(&load, Request::new("GET", application::FIXED, &[], "")).await?;
    let limit = |value, of| Some(Limit { value, of });
    Ok(Measured {
        case: "client-credentials-es256",
        figures: vec![
            Figure {
                what: "rate",
                unit: "/s",
                value: ours.rate(),
                limit: limit(floor.rate(), "/s, handler with a fixed answer"),
                aim: Aim::Figure(Target::AtLeast(15_000.0)),
            },
            Figure {
                what: "CPU a request",
                unit: "us",
                value: ours.cpu_micros(),
                limit: limit(floor.cpu_micros(), "us, handler with a fixed answer"),
                aim: Aim::None,
            },
            p99(&ours, &floor, "ms, handler with a fixed answer", Aim::None),
        ],
        load: Some(ours),
    })
}

/// What a token is worth, asked by a client with its secret.
///
/// # Errors
/// A measurement that did not come to its end.
pub(super) async fn introspection(server: &Server, floor: &Floor<'_>) -> Result<Measured, Failure> {
    progress("introspection");
    let load = server.load(floor.bench.connections as usize, [server.introspection_request().await?]);
    let (ours, floor) = floor.by_turns(&load, Request::new("GET", application::FIXED, &[], "")).await?;
    Ok(Measured {
        case: "introspection",
        figures: vec![
            Figure {
                what: "CPU a request",
                unit: "us",
                value: ours.cpu_micros(),
                limit: Some(Limit { value: floor.cpu_micros(), of: "us, handler with a fixed answer" }),
                aim: at_most(40.0),
            },
            p99(&ours, &floor, "ms, handler with a fixed answer", Aim::None),
        ],
        load: Some(ours),
    })
}

/// Codes with PKCE, each redeemed and then refreshed once, in this process: each of the two is one durable transaction
/// and two signatures. The codes are made meanwhile, and not counted.
///
/// # Errors
/// A measurement that did not come to its end.
pub(super) async fn user_tokens(folder: &Folder, measured: Duration) -> Result<Measured, Failure> {
    progress("code exchange and refresh");
    let bare = limits::bare_store(folder, TASKS, measured / 2).await?;
    // A store opens, and is waited for, only where no other task may have to run.
    let data = folder.path().join("people");
    let made = tokio::task::spawn_blocking(move || People::make(data)).await;
    let people = Arc::new(made.map_err(failed)??);
    let until = Instant::now() + measured;
    let tasks: Vec<_> = (0..TASKS).map(|_| tokio::task::spawn_local(Arc::clone(&people).work(until))).collect();
    let mut times = Histogram::new();
    for task in tasks {
        times.add(&task.await.map_err(|error| Failure::failed(error.to_string()))??);
    }
    people.stack.store.close();
    let millis = times.quantile(0.99).as_secs_f64() * 1e3;
    Ok(Measured {
        case: "user-tokens",
        load: None,
        figures: vec![
            Figure {
                what: "rate, without HTTP",
                unit: "/s",
                value: times.count() as f64 / measured.as_secs_f64(),
                limit: Some(Limit { value: bare.rate(), of: "/s, rows of the bare store" }),
                aim: Aim::Figure(Target::AtLeast(2_000.0)),
            },
            Figure { what: "p99", unit: "ms", value: millis, limit: None, aim: Aim::None },
        ],
    })
}

/// An instance with somebody who is signed in, and a client.
struct People {
    stack: Stack,
    application: Application,
    session: Session,
    email: Email,
    tenant: TenantId,
    origin: Origin,
}

fn failed(problem: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("no tokens: {problem}"))
}

impl People {
    fn make(data: PathBuf) -> Result<Self, Failure> {
        let mut config = Config::default();
        config.storage.data = data;
        let key = UnsealWith::KeyFile(config.storage.key_file());
        let (stack, _) = stack::open(config, &key, Clock::System, Metrics::install()).map_err(failed)?;
        Self::fill(stack).map_err(|problem| failed(problem.message))
    }

    fn fill(stack: Stack) -> Result<Self, Problem> {
        let origin = Origin { request: RequestId::from_raw(1), ip: None, user_agent: None };
        let tenant = tenancy::default_tenant(&stack.store.read())?.ok_or_else(|| Problem::internal("no tenant"))?;
        let operator = Arc::new(Actor {
            principal: Principal::Operator,
            tenant: tenant.id,
            partner: tenant.partner,
            credential: Credential::Local,
            roles: Vec::new(),
            custom: CoreSet::default(),
            scopes: None,
            expires_at: None,
            mfa_at: None,
            origin: origin.clone(),
        });
        let (now, tenant) = (stack.now(), tenant.id);
        let email = Email::parse("ann@bench.example").map_err(Problem::internal)?;
        let writes = operator.grant::<permit::WriteUsers>(Place::Platform)?;
        let (new, id) = (NewUser::local(email.clone(), tenant, Role::TenantUser), stack.new_id());
        let user = stack.store.write_blocking(move |tx| people::create(tx, &writes, &new, id, now))?;
        let session = NewSession {
            id: stack.new_id(),
            digest: TokenDigest::of("bench"),
            user: user.id,
            tenant,
            csrf_secret: CsrfSecret(random::bytes()),
            mfa_at: None,
            life_secs: None,
            email: email.clone(),
            method: "password",
            origin: origin.clone(),
        };
        let session = stack.store.write_blocking(move |tx| sessions::create(tx, &session, now))?;
        let name = DisplayName::parse("bench").map_err(Problem::internal)?;
        let mut new = NewApplication::new(name, ApplicationType::Native, AppScope::Global);
        new.allowed_scopes = ScopeSet::parse("openid offline_access").map_err(Problem::internal)?;
        new.signing_alg = SigningAlg::Es256;
        let registers = operator.grant::<permit::WriteApplications>(Place::Platform)?;
        let (id, (secret, _)) = (stack.new_id(), NewSecret::make(stack.new_id()));
        let application = stack.store.write_blocking(move |tx| apps::create(tx, &registers, &new, id, &secret, now))?;
        Ok(Self { stack, application, session, email, tenant, origin })
    }

    /// Gets tokens and refreshes them, over and over. Gives how long each of the two took.
    async fn work(self: Arc<Self>, until: Instant) -> Result<Histogram, Failure> {
        let mut times = Histogram::new();
        let client_id = self.application.client_id();
        while Instant::now() < until {
            let code = self.code().await.map_err(|problem| failed(problem.message))?;
            let form = format!(
                "grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&code_verifier={VERIFIER}&client_id={client_id}"
            );
            let tokens = self.timed(&form, &mut times).await?;
            let token = tokens.refresh_token.unwrap_or_default();
            let form = format!("grant_type=refresh_token&refresh_token={token}&client_id={client_id}");
            self.timed(&form, &mut times).await?;
        }
        Ok(times)
    }

    async fn code(&self) -> Result<String, Problem> {
        let (code, now) = (token::make(TokenKind::GrantCode), self.stack.now());
        let new = NewCode {
            digest: TokenDigest::of(code.expose()),
            application: self.application.id,
            user: self.session.user,
            email: self.email.clone(),
            session: self.session.id,
            tenant: self.tenant,
            redirect_uri: CALLBACK.to_owned(),
            redirect_uri_given: true,
            scope: ScopeSet::parse("openid offline_access").map_err(Problem::internal)?,
            nonce: Some("n".to_owned()),
            challenge: Some(Challenge::of(VERIFIER)),
            authentication: Authentication::by_password(now, None),
            environment: false,
            origin: self.origin.clone(),
        };
        self.stack.store.write(move |tx| code::create(tx, &new, now)).await?;
        Ok(code.expose().clone())
    }

    async fn timed(&self, form: &str, times: &mut Histogram) -> Result<TokenResponse, Failure> {
        use crate::oauth::grant::Grant;
        let started = Instant::now();
        let request = TokenRequest::parse(None, form.as_bytes()).map_err(failed)?;
        let approved = admit(&self.stack.store.read(), &Flavour::Platform, &request.client, self.stack.now());
        let approved = approved.map_err(|refused| failed(refused.error))?;
        let Grant::User(wanted) = request.grant else { return Err(failed("another grant")) };
        let tokens = self.stack.grant_user_tokens(approved, wanted, &self.origin).await;
        let tokens = tokens.map_err(|refused| failed(refused.error))?;
        times.record(started.elapsed());
        Ok(tokens)
    }
}
