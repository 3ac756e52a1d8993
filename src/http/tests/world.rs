//! An instance with two tenants of two partners, people with every kind of credential, and the things that operations are
//! about. All of it is made as its users make it: by calls.

use super::outcome::Column;
use super::row::{self, Case};
use super::wires::{self, Ask, Names};
use crate::access::Role;
use crate::apps;
use crate::catalogue::{Holder, SCOPES};
use crate::http::listener::GrpcDispatch as _;
use crate::http::scalekit::grpc::Dispatch;
use crate::http::testkit::{Browser, Got, PASSWORD};
use crate::jobs::Runner;
use crate::maintenance;
use crate::stack::Stack;
use actix_http::Request;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Longer than a sign-in is recent, and shorter than a session may rest.
const STALE_SECS: i64 = 1000;
/// Longer than anything of a sign-in lives.
const EXPIRED_SECS: i64 = 3 * 86_400;

/// How a thing is made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    /// `POST /api/v1/admin/users`.
    #[serde(default)]
    call: String,
    /// The body of the call.
    body: Option<Value>,
    /// What must be there before, besides what is named.
    #[serde(default)]
    after: Vec<String>,
    /// Where it stands in the answer.
    #[serde(default)]
    take: String,
    /// What it is, where no answer says it.
    give: Option<String>,
    /// It is the number in what was taken.
    #[serde(default)]
    number: bool,
    /// The thing in whose place it is for who may not make one of their own.
    or: Option<String>,
    /// Whose consent it is, by e-mail: they let the application in, and it is the application's client_id.
    consent: Option<String>,
}

/// Somebody and their credentials.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    /// For the APIs.
    pub bearer: String,
    /// That of their own sign-in, if `bearer` is another.
    own: Option<String>,
    cookies: BTreeMap<String, String>,
    csrf: String,
    id: String,
    email: String,
}

/// Which kind of person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Recent(Role),
    Stale(Role),
    ThirdParty(Role),
    Foreign,
    Pending,
    Former,
    Suspended,
    Forged,
    Expired,
}

pub(super) struct World<S> {
    browser: Browser<S>,
    stack: Arc<Stack>,
    grpc: Dispatch,
    recipes: BTreeMap<String, Recipe>,
    /// What is there from the start.
    fixed: Names,
    people: Vec<(Kind, Rc<Person>)>,
    narrowed: BTreeMap<Vec<&'static str>, String>,
    root: Person,
    made: u32,
}

impl<B: MessageBody, S: Service<Request, Response = ServiceResponse<B>, Error = Error>> World<S> {
    pub async fn over(stack: &Arc<Stack>, browser: Browser<S>) -> Self {
        // They stand on the board, and none of them runs.
        Runner::new(Arc::clone(stack), maintenance::all(stack, Vec::new())).unwrap();
        let mut world = Self {
            browser,
            stack: Arc::clone(stack),
            grpc: Dispatch::new(Arc::clone(stack)),
            recipes: row::table("things"),
            fixed: Names::from([("password".to_owned(), PASSWORD.to_owned())]),
            people: Vec::new(),
            narrowed: BTreeMap::new(),
            root: Person::default(),
            made: 0,
        };
        world.browser.set_up(stack).await;
        world.root = world.signed_in("alice@acme.example").await;
        for (prefix, slug) in [("", "target"), ("other_", "other")] {
            let partner = json!({ "slug": slug, "name": slug });
            let partner = world.made("POST /api/v1/admin/partners", Some(&partner), "/id").await;
            let tenant = json!({ "slug": slug, "name": slug, "partner_id": partner });
            let tenant = world.made("POST /api/v1/admin/tenants", Some(&tenant), "/id").await;
            world.fixed.insert(format!("{prefix}org"), tenant.replace("tnt_", "org_"));
            world.fixed.insert(format!("{prefix}partner"), partner);
            world.fixed.insert(format!("{prefix}tenant"), tenant);
        }
        // Whoever makes things works in the target tenant, where ScaiGrid and ScaiVault make what they are asked for.
        let root = world.somebody(Role::SuperAdmin, "tenant").await;
        world.root = world.signed_in(&root.email).await;
        world
    }

    // ---- people

    fn number(&mut self) -> String {
        self.made += 1;
        format!("q{}z", self.made)
    }

    /// A new user with a role.
    async fn somebody(&mut self, role: Role, tenant: &str) -> Person {
        let email = format!("{}@example.com", self.number());
        let inside = matches!(role, Role::TenantAdmin | Role::TenantUser | Role::TenantViewer);
        let least = if inside { role } else { Role::TenantViewer };
        let user =
            json!({ "email": email, "password": PASSWORD, "tenant_id": self.fixed[tenant], "role": least.name() });
        let id = self.made("POST /api/v1/admin/users", Some(&user), "/id").await;
        let mut give = json!({ "user_id": id, "role": role.name() });
        if matches!(role, Role::PartnerAdmin | Role::PartnerViewer) {
            give["partner_id"] = json!(self.fixed["partner"]);
        }
        if !inside {
            self.made("POST /api/v1/admin/admin-roles", Some(&give), "/id").await;
        }
        Person { id, email, ..Person::default() }
    }

    /// Somebody who signs in for the APIs and in a browser.
    async fn signed_in(&mut self, email: &str) -> Person {
        let login = json!({ "email": email, "password": PASSWORD });
        let answer = self.answered("POST /api/v1/auth/login", Some(&login)).await;
        let bearer = found(&answer, "/access_token");
        self.browser.cookies.clear();
        assert_eq!(self.browser.sign_in(email, PASSWORD).await.status, 303, "{email}");
        self.browser.get("/account").await;
        let (cookies, csrf) = (std::mem::take(&mut self.browser.cookies), self.browser.csrf.clone());
        Person { bearer, cookies, csrf, email: email.to_owned(), ..Person::default() }
    }

    /// Somebody whose sign-in was so long ago.
    async fn signed_in_before(&mut self, email: &str, secs: i64) -> Person {
        self.stack.clock.advance_secs(-secs);
        let person = self.signed_in(email).await;
        self.stack.clock.advance_secs(secs);
        person
    }

    async fn make(&mut self, kind: Kind) -> Person {
        match kind {
            Kind::Recent(role) => {
                let new = self.somebody(role, "tenant").await;
                self.signed_in(&new.email).await
            }
            Kind::Stale(role) => {
                let new = self.somebody(role, "tenant").await;
                let own = Some(self.signed_in(&new.email).await.bearer);
                Person { own, ..self.signed_in_before(&new.email, STALE_SECS).await }
            }
            Kind::Expired => {
                let new = self.somebody(Role::SuperAdmin, "tenant").await;
                self.signed_in_before(&new.email, EXPIRED_SECS).await
            }
            Kind::Forged => {
                let new = self.somebody(Role::SuperAdmin, "tenant").await;
                let person = self.signed_in(&new.email).await;
                let cookies = person.cookies.iter().map(|(name, value)| (name.clone(), forged(value))).collect();
                Person { bearer: forged(&person.bearer), cookies, ..person }
            }
            Kind::ThirdParty(role) => {
                let new = self.somebody(role, "tenant").await;
                let own = self.signed_in(&new.email).await.bearer;
                let bearer = self.through_an_application(&new.email).await;
                Person { bearer, own: Some(own), ..new }
            }
            Kind::Foreign => {
                let new = self.somebody(Role::TenantAdmin, "other_tenant").await;
                self.signed_in(&new.email).await
            }
            Kind::Suspended => {
                let new = self.somebody(Role::SuperAdmin, "tenant").await;
                let person = self.signed_in(&new.email).await;
                let call = format!("PATCH /api/v1/admin/users/{}", new.id);
                self.answered(&call, Some(&json!({ "status": "SUSPENDED" }))).await;
                person
            }
            Kind::Pending => {
                let new = self.somebody(Role::TenantUser, "other_tenant").await;
                let membership = json!({ "roles": [{ "name": "admin" }] });
                let at = format!("/api/v1/memberships/organizations/{}/users/{}", self.fixed["org"], new.id);
                let waits = self.answered(&format!("POST {at}?send_invitation_email=true"), Some(&membership)).await;
                assert!(waits.to_string().contains("\"PENDING_INVITE\""), "{waits:#}");
                self.signed_in(&new.email).await
            }
            Kind::Former => {
                let new = self.somebody(Role::TenantAdmin, "tenant").await;
                let at = format!("/api/v1/admin/users/{}/memberships", new.id);
                let other = json!({ "tenant_id": self.fixed["other_tenant"], "role": "tenant_user" });
                self.answered(&format!("POST {at}"), Some(&other)).await;
                self.answered(&format!("DELETE {at}/{}", self.fixed["tenant"]), None).await;
                self.signed_in(&new.email).await
            }
        }
    }

    /// The token of an application that somebody lets in with every scope.
    async fn through_an_application(&mut self, email: &str) -> String {
        let scopes: Vec<_> =
            SCOPES.iter().filter(|scope| scope.is_for(Holder::Application)).map(|it| it.name).collect();
        if !self.fixed.contains_key("notes") {
            let body = json!({ "name": "Notes", "application_type": "SPA", "scope": "GLOBAL", "allowed_scopes": scopes,
                "redirect_uris": ["https://app.example/cb"] });
            let client = self.made("POST /api/v1/admin/applications", Some(&body), "/client_id").await;
            self.fixed.insert("notes".to_owned(), client);
        }
        let app = apps::client(&self.stack.store.read(), &self.fixed["notes"]).unwrap().unwrap();
        self.browser.cookies.clear();
        let tokens = self.browser.tokens("/api/v1/platform/oauth", &app, email, &scopes.join(" ")).await;
        self.browser.cookies.clear();
        found(&tokens, "/access_token")
    }

    /// A super_admin's personal token with every scope but these.
    async fn without(&mut self, scopes: Vec<&'static str>) -> Person {
        if !self.narrowed.contains_key(&scopes) {
            let others = SCOPES.iter().filter(|scope| scope.is_for(Holder::Token) && !scopes.contains(&scope.name));
            let body = json!({ "name": "narrowed", "scopes": others.map(|scope| scope.name).collect::<Vec<_>>() });
            let token = self.made("POST /api/v1/me/personal-tokens", Some(&body), "/token").await;
            self.narrowed.insert(scopes.clone(), token);
        }
        let bearer = self.narrowed[&scopes].clone();
        Person { bearer, own: Some(self.root.bearer.clone()), email: self.root.email.clone(), ..Person::default() }
    }

    /// Who stands in a column of a case.
    pub async fn person(&mut self, case: &Case, column: Column) -> Rc<Person> {
        let weakest = case.roles().first().copied().unwrap_or(Role::SuperAdmin);
        let kind = match column {
            Column::Nobody => return Rc::default(),
            Column::Narrowed(reason) => return Rc::new(self.without(case.scopes()[reason].clone()).await),
            Column::Forged => Kind::Forged,
            Column::Expired => Kind::Expired,
            Column::Suspended => Kind::Suspended,
            Column::Foreign => Kind::Foreign,
            Column::Pending => Kind::Pending,
            Column::Former => Kind::Former,
            Column::Stale => Kind::Stale(weakest),
            Column::ThirdParty => Kind::ThirdParty(weakest),
            Column::Another => Kind::Recent(weakest),
            Column::Lesser(role) | Column::Sufficient(role) => Kind::Recent(role),
        };
        if case.row.ends_itself {
            return Rc::new(self.make(kind).await);
        }
        if let Some((_, person)) = self.people.iter().find(|(known, _)| *known == kind) {
            return Rc::clone(person);
        }
        let person = Rc::new(self.make(kind).await);
        self.people.push((kind, Rc::clone(&person)));
        person
    }

    // ---- things

    /// What is there from the start, and so known to many.
    pub fn fixed(&self) -> &Names {
        &self.fixed
    }

    /// Names for a case's things, all of them new; those of its own for `caller`.
    pub async fn things(&mut self, case: &Case, caller: Option<&Person>) -> Names {
        let mut names = self.fixed.clone();
        names.insert("x".to_owned(), self.number());
        names.insert("me".to_owned(), caller.unwrap_or(&self.root).email.clone());
        for thing in wires::wanted(case).into_iter().chain(case.row.lists.clone()) {
            self.thing(&mut names, &thing, caller).await;
        }
        names
    }

    fn thing<'a>(
        &'a mut self,
        names: &'a mut Names,
        name: &'a str,
        caller: Option<&'a Person>,
    ) -> LocalBoxFuture<'a, ()> {
        Box::pin(async move {
            if names.contains_key(name) {
                return;
            }
            let recipe =
                self.recipes.get(name).unwrap_or_else(|| panic!("say in things.toml how {name} is made")).clone();
            let body = recipe.body.as_ref().map(Value::to_string).unwrap_or_default();
            let told = [&recipe.give, &recipe.consent].map(|text| text.as_deref().unwrap_or_default());
            let text = format!("{} {body} {}", recipe.call, told.join(" "));
            for other in recipe.after.iter().map(String::as_str).chain(wires::named(&text)) {
                self.thing(names, other, caller).await;
            }
            let (call, body) = (wires::filled(&recipe.call, names), recipe.body.as_ref());
            let body = body.map(|body| wires::filled_in(body, names));
            let own = caller.filter(|_| row::is_own(name) && !call.is_empty());
            let answer = match (own, call.as_str()) {
                (_, "") => Value::Null,
                (Some(caller), call) => match (self.tried(caller, call, body.as_ref()).await, &recipe.or) {
                    (Ok(answer), _) => answer,
                    (Err(_), Some(other)) => {
                        self.thing(names, other, None).await;
                        names.insert(name.to_owned(), names[other].clone());
                        return;
                    }
                    (Err(got), None) => panic!("{call} {body:?}: {} {}", got.status, got.body),
                },
                (None, call) => self.answered(call, body.as_ref()).await,
            };
            if let Some(email) = &recipe.consent {
                self.through_an_application(&wires::filled(email, names)).await;
                names.insert(name.to_owned(), self.fixed["notes"].clone());
                return;
            }
            let is = match &recipe.give {
                Some(text) => wires::filled(text, names),
                None if recipe.take.is_empty() => String::new(),
                None => found(&answer, &recipe.take),
            };
            let is = if recipe.number { is.split('_').next_back().unwrap_or_default().to_owned() } else { is };
            names.insert(name.to_owned(), is);
        })
    }

    // ---- calls

    /// Sends a request as somebody.
    pub async fn ask(&mut self, person: &Person, is_page: bool, ask: Ask) -> Got {
        let method: Method = ask.method.parse().unwrap();
        let bearer = format!("Bearer {}", person.bearer);
        let mut headers = vec![("sec-fetch-site", "same-origin")];
        self.browser.cookies.clear();
        if is_page {
            headers.push(("accept", "text/html"));
            self.browser.cookies.clone_from(&person.cookies);
        }
        if !person.bearer.is_empty() && (!is_page || person.cookies.is_empty()) {
            headers.push(("authorization", &bearer));
        }
        let body = match (ask.json, ask.form) {
            (Some(json), _) => {
                headers.push(("content-type", "application/json"));
                Some(json)
            }
            (None, Some(mut fields)) => {
                headers.push(("content-type", "application/x-www-form-urlencoded"));
                fields.push(("csrf".to_owned(), person.csrf.clone()));
                Some(serde_urlencoded::to_string(fields).unwrap())
            }
            (None, None) => None,
        };
        let got = self.browser.send(method, &ask.target, &headers, body).await;
        if is_page { self.browser.given_back(got).await } else { got }
    }

    /// Code and message of a call over gRPC, and its answer.
    pub async fn call(&mut self, person: &Person, path: &str, frame: Bytes) -> (u16, String, Vec<u8>) {
        let mut request =
            http::Request::post(format!("http://localhost{path}")).header("content-type", "application/grpc");
        if !person.bearer.is_empty() {
            request = request.header("authorization", format!("Bearer {}", person.bearer));
        }
        let answer = self.grpc.call(request.body(frame).unwrap()).await;
        let text = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (code, message) = (text("grpc-status"), text("grpc-message").unwrap_or_default());
        let message = percent_encoding::percent_decode_str(&message).decode_utf8_lossy().into_owned();
        let body = http_body_util::BodyExt::collect(answer.into_body()).await.unwrap();
        let trailer = body.trailers().and_then(|last| Some(last.get("grpc-status")?.to_str().ok()?.to_owned()));
        let code = code.or(trailer).unwrap().parse().unwrap();
        (code, message, body.to_bytes().to_vec())
    }

    /// What a call answers that must succeed, as whoever makes things.
    async fn answered(&mut self, call: &str, body: Option<&Value>) -> Value {
        let root = self.root.clone();
        self.tried(&root, call, body).await.unwrap_or_else(|got| panic!("{call} {body:?}: {} {}", got.status, got.body))
    }

    /// What a call answers, as somebody by their own sign-in.
    async fn tried(&mut self, person: &Person, call: &str, body: Option<&Value>) -> Result<Value, Got> {
        let (method, target) = call.split_once(' ').unwrap();
        let method = ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().find(|known| *known == method).unwrap();
        let ask = Ask { method, target: target.to_owned(), json: body.map(Value::to_string), form: None };
        let own = person.own.clone().unwrap_or_else(|| person.bearer.clone());
        let got = self.ask(&Person { bearer: own, ..person.clone() }, false, ask).await;
        let is_good = (200..300).contains(&got.status);
        if is_good { Ok(serde_json::from_str(&got.body).unwrap_or(Value::Null)) } else { Err(got) }
    }

    async fn made(&mut self, call: &str, body: Option<&Value>, take: &str) -> String {
        let answer = self.answered(call, body).await;
        found(&answer, take)
    }
}

/// A token with another letter in its signature, or its secret.
fn forged(token: &str) -> String {
    let mut letters = token.as_bytes().to_vec();
    let at = letters.len().saturating_sub(20);
    letters[at] = if letters[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(letters).unwrap()
}

/// A text in an answer, whether it has an envelope or not.
fn found(answer: &Value, at: &str) -> String {
    let inside = || answer.pointer(&format!("/data{at}"));
    let value = answer.pointer(at).or_else(inside).and_then(Value::as_str);
    value.unwrap_or_else(|| panic!("nothing at {at}: {answer:#}")).to_owned()
}
