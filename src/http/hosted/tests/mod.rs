//! The pages, driven by a browser without a script.

mod applications;
mod journeys;
mod leaving;
mod methods;
mod old_pages;
mod rules;

use crate::access::{Actor, Credential, Origin, Place, Principal, Role, permit};
use crate::apps::{self, AppScope, Application, ApplicationType, NewApplication, NewSecret, RedirectUri, WebOrigin};
use crate::base::id::{RequestId, TenantId};
use crate::base::{DisplayName, Email, Id, JsonObject, ScopeSet, Secret, Slug};
use crate::crypto::totp;
use crate::http::testkit::{Browser, Got, PASSWORD, browser, stack};
use crate::people::NewMembership;
use crate::people::{self, NewUser, User, UserRef};
use crate::stack::Stack;
use crate::tenancy::{self, NewTenant};
use actix_http::Request;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use serde_json::json;
use std::sync::Arc;

const CALLBACK: &str = "https://app.example/cb";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const PLATFORM: &str = "/api/v1/platform/oauth/authorize";

fn operator(stack: &Stack) -> Arc<Actor> {
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap();
    Arc::new(Actor {
        principal: Principal::Operator,
        tenant: tenant.id,
        partner: tenant.partner,
        credential: Credential::Local,
        proof: crate::access::Proof::Recent,
        roles: Vec::new(),
        custom: Default::default(),
        scopes: None,
        expires_at: None,
        mfa_at: None,
        origin: Origin { request: RequestId::from_raw(1), ip: None, user_agent: None },
    })
}

async fn tenant(stack: &Stack, slug: &str, settings: serde_json::Value) -> TenantId {
    let (actor, id, now) = (operator(stack), stack.new_id(), stack.now());
    let granted = actor.grant::<permit::WriteTenants>(Place::Platform).unwrap();
    let new = NewTenant {
        slug: Some(Slug::parse(slug).unwrap()),
        name: DisplayName::parse(&slug.to_uppercase()).unwrap(),
        partner: actor.partner,
        contact_email: None,
        settings: serde_json::from_value(settings).unwrap(),
        branding: JsonObject::default(),
        details: tenancy::Details::default(),
    };
    stack.store.write(move |tx| tenancy::create_tenant(tx, &granted, &new, id, now)).await.unwrap();
    id
}

/// Somebody with the password of all, at home in `home`, a member of the others.
async fn person(stack: &Stack, email: &str, home: TenantId, also: &[TenantId]) -> User {
    let (actor, id, now) = (operator(stack), stack.new_id(), stack.now());
    let granted = actor.grant::<permit::WriteUsers>(Place::Platform).unwrap();
    let phc = stack.passwords.hash(Secret::new(PASSWORD.to_owned())).await.unwrap();
    let mut new = NewUser::local(Email::parse(email).unwrap(), home, Role::TenantUser);
    new.password_hash = Some(phc);
    let also = also.to_vec();
    let make = move |tx: &mut crate::store::WriteTx<'_>| {
        let user = people::create(tx, &granted, &new, id, now)?;
        for tenant in &also {
            people::add_membership(
                tx,
                &granted,
                &UserRef::Id(user.id),
                *tenant,
                &NewMembership::at_once(Role::TenantUser),
                now,
            )?;
        }
        Ok::<_, crate::base::Problem>(user)
    };
    stack.store.write(make).await.unwrap()
}

async fn application(stack: &Stack, scope: AppScope) -> Application {
    let (actor, id, now) = (operator(stack), stack.new_id(), stack.now());
    let (named, may) = (stack.new_id(), actor.grant::<permit::WriteRoles>(Place::Platform).unwrap());
    let name = move |tx: &mut crate::store::WriteTx<'_>| {
        let name = crate::roles::PermissionName::parse("files:read").unwrap();
        crate::roles::permissions::create(tx, &may, (&name, ""), named, now)
    };
    // A second application finds it named.
    let _ = stack.store.write(name).await;
    let granted = actor.grant::<permit::WriteApplications>(Place::Platform).unwrap();
    let mut new = NewApplication::new(DisplayName::parse("Notes").unwrap(), ApplicationType::Web, scope);
    new.allowed_scopes = ScopeSet::parse("openid profile email files:read").unwrap();
    new.redirect_uris = vec![RedirectUri::parse(CALLBACK).unwrap()];
    new.post_logout_redirect_uris = vec![RedirectUri::parse("https://app.example/bye").unwrap()];
    new.allowed_origins = vec![WebOrigin::parse("https://www.app.example").unwrap()];
    let (secret, _) = NewSecret::make(stack.new_id());
    stack.store.write(move |tx| apps::create(tx, &granted, &new, id, &secret, now)).await.unwrap()
}

fn home(stack: &Stack) -> TenantId {
    tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id
}

fn request(at: &str, app: &Application, more: &[(&str, &str)]) -> String {
    let client_id = app.client_id();
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", &client_id),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile"),
        ("state", "xyz"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    pairs.extend(more);
    format!("{at}?{}", serde_urlencoded::to_string(pairs).unwrap())
}

/// The parameter of an answer at the client's address.
fn answer<'a>(got: &'a Got, name: &str) -> Option<&'a str> {
    let query = got.location().strip_prefix(CALLBACK).unwrap_or_else(|| panic!("{}", got.location()));
    query[1..].split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The sealed request on a page.
fn sealed(got: &Got) -> String {
    got.between("name=\"request\" value=\"", "\"").to_owned()
}

impl<B: MessageBody, S: Service<Request, Response = ServiceResponse<B>, Error = Error>> Browser<S> {
    /// Goes where an answer of ours leads, until a page or the client's address.
    async fn follow(&mut self, mut got: Got) -> Got {
        while got.status == 303 && got.location().starts_with('/') {
            let to = got.location().to_owned();
            got = self.get(&to).await;
        }
        got
    }

    /// Sends the form of a page that sends itself on to one of ours, as for a request that is too long for an address.
    async fn carry(&mut self, got: Got) -> Got {
        if got.status != 200 || !got.body.contains("action=\"/login\"") {
            return self.follow(got).await;
        }
        self.post("/login", &[("request", &sealed(&got))]).await
    }

    async fn open(&mut self, address: &str) -> Got {
        let got = self.get(address).await;
        self.follow(got).await
    }

    /// Sends a form of the page that was last seen, with what stands hidden in it.
    async fn submit(&mut self, page: &Got, to: &str, fields: &[(&str, &str)]) -> Got {
        let (sealed, tenant) = (sealed(page), "type=\"hidden\" name=\"tenant\" value=\"");
        self.csrf = page.between("name=\"csrf\" value=\"", "\"").to_owned();
        let mut fields: Vec<_> = fields.iter().copied().chain([("request", sealed.as_str())]).collect();
        if page.body.contains(tenant) && to == "/login/consent" {
            fields.push(("tenant", page.between(tenant, "\"")));
        }
        let got = self.post(to, &fields).await;
        self.follow(got).await
    }

    /// From the page for the e-mail to what comes after the password.
    async fn sign_in_here(&mut self, page: &Got, email: &str) -> Got {
        let page = self.submit(page, "/login/email", &[("email", email)]).await;
        assert!(page.body.contains("action=\"/login/password\""), "{}", page.body);
        self.submit(&page, "/login/password", &[("email", email), ("password", PASSWORD)]).await
    }
}

/// The bytes of a key that a person types.
fn unbase32(key: &str) -> Vec<u8> {
    let (mut out, mut bits, mut have) = (Vec::new(), 0u32, 0);
    for letter in key.bytes() {
        let value = if letter.is_ascii_uppercase() { letter - b'A' } else { letter - b'2' + 26 };
        bits = (bits << 5 | u32::from(value)) & 0xFFFF;
        have += 5;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
        }
    }
    out
}

fn policy(got: &Got) -> &str {
    &got.headers["content-security-policy"]
}
