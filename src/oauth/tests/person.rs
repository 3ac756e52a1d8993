//! Somebody who is signed in, and applications that get tokens for them.

use super::*;
use crate::access::{Actor, Evidence, Method, Principal};
use crate::apps::testkit::scopes;
use crate::apps::{AppScope, Application, ApplicationType, NewApplication};
use crate::base::Email;
use crate::base::id::{FamilyId, SessionId, TenantId, UserId};
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::oauth::code::{self, NewCode};
use crate::oauth::consent;
use crate::oauth::grant::{Asked, UserGrant};
use crate::oauth::pkce::Challenge;
use crate::oauth::user_tokens::{Lifetimes, sign};
use crate::people::{self, NewUser, User};
use crate::sessions::{self, CsrfSecret, NewSession};
use crate::store::StoreError;
use crate::tenancy;
use std::sync::Arc;

/// RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CALLBACK: &str = "https://app.example/cb";
pub const IDLE: i64 = 7200;
pub const SECS: SignInSecs = SignInSecs { idle: IDLE, step_up: 900 };
pub const DAY: i64 = 86_400;
pub const LIFETIMES: Lifetimes = Lifetimes { session_idle: IDLE, refresh_idle: 14 * DAY, refresh_max: 90 * DAY };

/// A world with somebody in the tenant `acme`, signed in.
pub struct Person {
    pub world: World,
    pub user: User,
    pub session: SessionId,
}

impl Person {
    pub fn new() -> Self {
        let world = World::new();
        let user = user(&world, world.acme);
        let session = sign_in(&world, &user, world.acme, NOW);
        Self { world, user, session }
    }

    /// An application of the tenant, with everything about a person allowed.
    pub fn app(&self, kind: ApplicationType) -> Client {
        let scope = AppScope::Tenant(self.world.acme);
        self.app_of(kind, scope, "openid profile email address phone groups offline_access secrets:read")
    }

    pub fn app_of(&self, kind: ApplicationType, scope: AppScope, allowed: &str) -> Client {
        let mut new = NewApplication::new(crate::apps::testkit::name("Notes"), kind, scope);
        new.allowed_scopes = scopes(allowed);
        let (application, secret) = self.world.try_register(crate::access::Place::Platform, new).unwrap();
        let secret = kind.is_confidential().then_some(secret);
        let flavour = match scope {
            AppScope::Global => Flavour::Platform,
            _ => at("acme"),
        };
        Client { application, secret, flavour, is_sdk: false }
    }

    /// What the authorization endpoint would give for `scope`.
    pub fn code(&self, client: &Client, scope: &str) -> String {
        self.code_with(client, scope, NOW, |_| ())
    }

    pub fn code_with(&self, client: &Client, scope: &str, now: Timestamp, change: impl FnOnce(&mut NewCode)) -> String {
        let code = token::make(TokenKind::GrantCode);
        let mut new = NewCode {
            digest: TokenDigest::of(code.expose()),
            application: client.application.id,
            user: self.user.id,
            email: self.user.email.clone(),
            session: self.session,
            tenant: self.world.acme,
            redirect_uri: CALLBACK.to_owned(),
            redirect_uri_given: true,
            scope: scopes(scope),
            nonce: Some("n-0S6_WzA2Mj".to_owned()),
            challenge: Some(Challenge::of(VERIFIER)),
            evidence: Evidence::of(&[Method::Password], NOW),
            environment: false,
            origin: origin(),
        };
        change(&mut new);
        let (actor, application) = (self.actor(new.tenant), client.application.clone());
        self.world.write(move |tx| {
            // As the page does it: what was agreed to, and the code, in one transaction.
            consent::give(tx, &actor, &application, new.tenant, &new.scope, now)?;
            code::create(tx, &new, now)
        });
        code.expose().clone()
    }

    /// The person in a tenant.
    pub fn actor(&self, tenant: TenantId) -> Arc<Actor> {
        let place = tenancy::place_of(&self.world.store.read(), tenant).unwrap().unwrap();
        let principal = Principal::User { id: self.user.id, email: self.user.email.clone() };
        crate::tenancy::testkit::actor(principal, place, Vec::new(), None)
    }

    /// Redeems a code as it should be.
    pub fn redeem(&self, client: &Client, code: &str, now: Timestamp) -> Result<TokenResponse, OAuthError> {
        self.ask(client, &[("grant_type", "authorization_code"), ("code", code)], now)
    }

    pub fn refresh(&self, client: &Client, token: &str, now: Timestamp) -> Result<TokenResponse, OAuthError> {
        self.ask(client, &[("grant_type", "refresh_token"), ("refresh_token", token)], now)
    }

    /// Tokens for a scope.
    pub fn tokens(&self, client: &Client, scope: &str) -> TokenResponse {
        self.redeem(client, &self.code(client, scope), NOW).unwrap()
    }

    /// A request to the token endpoint; that with a code has redirect_uri and verifier unless it names them itself.
    pub fn ask(&self, client: &Client, params: &[(&str, &str)], now: Timestamp) -> Result<TokenResponse, OAuthError> {
        let mut params: Vec<(&str, &str)> = params.to_vec();
        let client_id = client.application.client_id();
        if params.contains(&("grant_type", "authorization_code")) {
            for usual in [("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)] {
                if !params.iter().any(|(name, _)| *name == usual.0) {
                    params.push(usual);
                }
            }
        }
        let header = client.secret.as_ref().map(|secret| basic(&client_id, secret));
        if header.is_none() {
            params.push(("client_id", &client_id));
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        let request = TokenRequest::parse(header.as_deref(), body.as_bytes())?;
        let request = TokenRequest { for_sdk: client.is_sdk, ..request };
        let approved =
            approve(&self.world.store.read(), &client.flavour, &request, now).map_err(|refused| refused.error)?;
        let Asked::ForPerson(wanted) = request.grant.asked else {
            return issue(&KEYS, &issuers(), &approved, &new_jti(approved.issuer), now);
        };
        let ring = keyring();
        let grant =
            Arc::new(UserGrant::new(wanted, approved.issuer, LIFETIMES, ring.pepper(), self.world.id::<FamilyId>()));
        let running = Arc::clone(&grant);
        let issued = self.world.store.write_blocking(move |tx| running.run(tx, &approved, &origin(), now));
        let issued = issued.map_err(|error: StoreError| OAuthError::from(error))?.map_err(|refused| refused.error)?;
        sign(
            Mint { keys: &KEYS, issuers: &issuers(), pepper: ring.pepper(), for_sdk: client.is_sdk },
            &issued,
            grant.jti(),
            now,
        )
    }

    /// Whether our own endpoints take an access token.
    pub fn holds(&self, token: &str, now: Timestamp) -> bool {
        let Ok(claims) = verify_access_token(&KEYS, &issuers(), token, now) else { return false };
        actor_for(&self.world.store.read(), &claims, origin(), now, SECS).is_ok()
    }
}

/// An application and how it signs in.
#[derive(Clone)]
pub struct Client {
    pub application: Application,
    pub secret: Option<String>,
    pub flavour: Flavour,
    /// Whether it is one of Scalekit's SDKs.
    pub is_sdk: bool,
}

pub fn user(world: &World, tenant: TenantId) -> User {
    let (granted, id): (_, UserId) =
        (world.may::<crate::access::permit::WriteUsers>(crate::access::Place::Platform), world.id());
    let mut new = NewUser::local(
        Email::parse(&format!("ann.{}@example.com", id.raw())).unwrap(),
        tenant,
        crate::access::Role::TenantUser,
    );
    new.first_name = Some(crate::apps::testkit::name("Ann"));
    new.last_name = Some(crate::apps::testkit::name("Lee"));
    new.email_verified = true;
    world.write(move |tx| people::create(tx, &granted, &new, id, NOW))
}

pub fn sign_in(world: &World, user: &User, tenant: TenantId, now: Timestamp) -> SessionId {
    let id: SessionId = world.id();
    let new = NewSession {
        id,
        digest: TokenDigest::of(&format!("cookie {id}")),
        user: user.id,
        tenant,
        csrf_secret: CsrfSecret([1; 32]),
        life_secs: None,
        email: user.email.clone(),
        evidence: Evidence::of(&[Method::Password], now),
        origin: origin(),
    };
    world.write(move |tx| sessions::create(tx, &new, now).map(|_| ()));
    id
}
