//! ScaiGrid over HTTP: each route with its exact answers, and each refusal with its code.

mod audit_log;
mod auth;
mod keys;
mod provider;
mod users;

use crate::access::{self, Evidence, Origin, Role, permit};
use crate::base::id::{RequestId, SessionId, TenantId, UserId};
use crate::base::{DisplayName, Email, Id, Slug};
use crate::crypto::random;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::server::application;
use crate::http::testkit;
use crate::oauth::TokenResponse;
use crate::people::{self, NewUser, User};
use crate::sessions::{self, CsrfSecret, NewSession, Session};
use crate::stack::Stack;
use crate::tenancy::testkit::all;
use crate::tenancy::{self, NewTenant};
use actix_web::http::Method;
use actix_web::{test, web};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A server in memory.
struct World {
    stack: Arc<Stack>,
}

/// An answer.
struct Got {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The data of a success.
    fn data(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        let body = self.json();
        assert_eq!(body["status"], "ok");
        assert_eq!(self.headers["cache-control"], "no-store");
        body["data"].clone()
    }

    /// That it is exactly this refusal.
    fn refused(&self, status: u16, code: &str, message: &str) {
        let id = &self.headers["x-request-id"];
        let error = json!({ "code": code, "message": message });
        let body = json!({ "status": "error", "error": error, "meta": { "request_id": id } });
        assert_eq!((self.status, self.json()), (status, body));
    }

    /// That a field was refused.
    fn invalid(&self, field: &str, message: &str) {
        let id = &self.headers["x-request-id"];
        let body = json!({
            "status": "error",
            "error": {
                "code": "VALIDATION_ERROR",
                "message": format!("{field} {message}"),
                "details": [{ "field": field, "message": message }],
            },
            "meta": { "request_id": id },
        });
        assert_eq!((self.status, self.json()), (422, body));
    }
}

const DENIED: &str = "User lacks required permission";
const CANNOT: &str = "You cannot give or take a permission that you do not hold yourself";

impl World {
    fn new() -> Self {
        Self { stack: testkit::stack() }
    }

    fn tenant(&self) -> TenantId {
        tenancy::default_tenant(&self.stack.store.read()).unwrap().unwrap().id
    }

    async fn other_tenant(&self, slug: &str) -> TenantId {
        let (id, now): (TenantId, _) = (self.stack.new_id(), self.stack.now());
        let partner = tenancy::default_tenant(&self.stack.store.read()).unwrap().unwrap().partner;
        let new = NewTenant {
            slug: Some(Slug::parse(slug).unwrap()),
            name: DisplayName::parse(slug).unwrap(),
            partner,
            contact_email: None,
            settings: Default::default(),
            branding: Default::default(),
            details: Default::default(),
        };
        self.stack.store.write(move |tx| tenancy::create_tenant(tx, &all(), &new, id, now)).await.unwrap();
        id
    }

    async fn user_in(&self, email: &str, tenant: TenantId, role: Role) -> User {
        let (id, now): (UserId, _) = (self.stack.new_id(), self.stack.now());
        let new = NewUser { email_verified: true, ..NewUser::local(Email::parse(email).unwrap(), tenant, role) };
        self.stack.store.write(move |tx| people::create(tx, &all::<permit::WriteUsers>(), &new, id, now)).await.unwrap()
    }

    async fn user(&self, email: &str, role: Role) -> User {
        self.user_in(email, self.tenant(), role).await
    }

    /// An empty security group of the default tenant.
    async fn group(&self, name: &str) -> crate::base::id::GroupId {
        let (tenant, id, now) = (self.tenant(), self.stack.new_id(), self.stack.now());
        let new = people::groups::NewGroup {
            tenant,
            name: DisplayName::parse(name).unwrap(),
            description: None,
            group_type: people::groups::GroupType::Security,
        };
        self.stack.store.write(move |tx| people::groups::create(tx, &all(), &new, id, now)).await.unwrap().id
    }

    fn origin() -> Origin {
        Origin { request: RequestId::from_raw(1), ip: None, user_agent: None }
    }

    async fn session(&self, user: &User) -> Session {
        let (cookie, now) = (token::make(TokenKind::SessionId), self.stack.now());
        let new = NewSession {
            id: self.stack.new_id::<SessionId>(),
            digest: TokenDigest::of(cookie.expose()),
            user: user.id,
            tenant: user.home_tenant,
            csrf_secret: CsrfSecret(random::bytes()),
            life_secs: None,
            email: user.email.clone(),
            evidence: Evidence::of(&[access::Method::Password], now),
            origin: Self::origin(),
        };
        self.stack.store.write(move |tx| sessions::create(tx, &new, now)).await.unwrap()
    }

    async fn tokens(&self, user: &User) -> TokenResponse {
        let session = self.session(user).await;
        self.stack.first_party_tokens(&session, None, &Self::origin()).await.unwrap()
    }

    /// A JWT of somebody who has signed in.
    async fn jwt(&self, user: &User) -> String {
        self.tokens(user).await.access_token
    }

    /// Somebody new with this role, signed in.
    async fn with_role(&self, email: &str, role: Role) -> String {
        let user = self.user(email, role).await;
        self.jwt(&user).await
    }

    async fn call(&self, method: Method, target: &str, bearer: Option<&str>, body: Option<&Value>) -> Got {
        let app = test::init_service(application(web::Data::from(Arc::clone(&self.stack)))).await;
        let mut request = test::TestRequest::default().method(method).uri(target);
        if let Some(bearer) = bearer {
            request = request.insert_header(("authorization", format!("Bearer {bearer}")));
        }
        if let Some(body) = body {
            request = request.insert_header(("content-type", "application/json")).set_payload(body.to_string());
        }
        let answer = test::call_service(&app, request.to_request()).await;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
            .collect();
        Got { status, headers, body: test::read_body(answer).await.to_vec() }
    }

    async fn get(&self, bearer: &str, target: &str) -> Got {
        self.call(Method::GET, target, Some(bearer), None).await
    }

    async fn put(&self, bearer: &str, target: &str, body: Value) -> Got {
        self.call(Method::PUT, target, Some(bearer), Some(&body)).await
    }

    async fn post(&self, bearer: &str, target: &str, body: Value) -> Got {
        self.call(Method::POST, target, Some(bearer), Some(&body)).await
    }

    async fn delete(&self, bearer: &str, target: &str) -> Got {
        self.call(Method::DELETE, target, Some(bearer), None).await
    }

    /// Until what nobody waits for is written, too: rows about reads and refusals.
    async fn settle(&self) {
        self.stack.store.write(|_| Ok::<_, crate::base::Problem>(())).await.unwrap();
    }

    fn wait(&self, secs: i64) {
        self.stack.clock.advance_secs(secs);
    }
}
