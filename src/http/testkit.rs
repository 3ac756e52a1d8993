//! A browser for tests: it keeps cookies, fills the token into forms as a reader would, and looks at every page it gets.

use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::kit::parts::check_page;
use crate::http::server::application;
use crate::setup::{self, Purpose};
use crate::stack::Stack;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::{Error, body::MessageBody, test, web};
use maud::PreEscaped;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(in crate::http) const PASSWORD: &str = "correct horse battery";

pub(in crate::http) use crate::stack::testkit::stack;

/// A fresh setup link's token.
pub(in crate::http) async fn setup_token(stack: &Stack) -> String {
    let (token, now) = (token::make(TokenKind::SetupLink), stack.now());
    let digest = TokenDigest::of(token.expose());
    stack.store.write(move |tx| setup::new_link(tx, digest, Purpose::First, now)).await.unwrap();
    token.expose().clone()
}

/// An answer.
pub(in crate::http) struct Got {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub cookies: Vec<String>,
    pub body: String,
}

impl Got {
    /// Where it leads: by a redirect, or by a page that goes on by itself.
    pub fn location(&self) -> &str {
        if let Some(onward) = self.headers.get("refresh").and_then(|value| value.strip_prefix("0; url=")) {
            assert!(self.status == 200 && self.body.contains(">Continue</a>"), "and by a link: {}", self.body);
            return onward;
        }
        assert_eq!(self.status, 303, "{}", self.body);
        &self.headers["location"]
    }

    /// The text between two marks.
    pub fn between(&self, from: &str, to: &str) -> &str {
        let rest = self.body.split_once(from).unwrap_or_else(|| panic!("no {from} in {}", self.body)).1;
        rest.split_once(to).unwrap().0
    }
}

/// A browser that talks to the application `app`.
pub(in crate::http) struct Browser<S> {
    app: S,
    pub cookies: BTreeMap<String, String>,
    pub csrf: String,
}

/// Opens a browser on a new application over the services.
pub(in crate::http) async fn browser(
    stack: &Arc<Stack>,
) -> Browser<
    impl Service<actix_http::Request, Response = ServiceResponse<impl MessageBody + use<>>, Error = Error> + use<>,
> {
    let app = test::init_service(application(web::Data::from(Arc::clone(stack)))).await;
    Browser { app, cookies: BTreeMap::new(), csrf: String::new() }
}

impl<B: MessageBody, S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>> Browser<S> {
    pub async fn get(&mut self, target: &str) -> Got {
        self.send(Method::GET, target, &[("accept", "text/html")], None).await
    }

    /// Sends a form with the token of the last page.
    pub async fn post(&mut self, target: &str, fields: &[(&str, &str)]) -> Got {
        let csrf = self.csrf.clone();
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        let got = self.post_as(target, &fields, &[("sec-fetch-site", "same-origin")]).await;
        self.given_back(got).await
    }

    /// Goes on to the page that gives a form back, which has an address of its own, if an answer leads there.
    pub async fn given_back(&mut self, got: Got) -> Got {
        match got.headers.get("location") {
            Some(page) if got.status == 303 && page.starts_with("/admin/answers/") => self.get(page).await,
            _ => got,
        }
    }

    /// Sends a form exactly as given.
    pub async fn post_as(&mut self, target: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Got {
        let form = [("accept", "text/html"), ("content-type", "application/x-www-form-urlencoded")];
        let headers: Vec<_> = form.into_iter().chain(headers.iter().copied()).collect();
        let body = serde_urlencoded::to_string(fields).unwrap();
        self.send(Method::POST, target, &headers, Some(body)).await
    }

    pub async fn send(&mut self, method: Method, target: &str, headers: &[(&str, &str)], body: Option<String>) -> Got {
        let mut request = test::TestRequest::default().method(method).uri(target);
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.insert_header(("cookie", cookies.join("; ")));
        }
        let answer = test::call_service(&self.app, request.set_payload(body.unwrap_or_default()).to_request()).await;
        let mut got = Got {
            status: answer.status().as_u16(),
            headers: BTreeMap::new(),
            cookies: Vec::new(),
            body: String::new(),
        };
        for (name, value) in answer.headers() {
            let value = value.to_str().unwrap().to_owned();
            if name == "set-cookie" {
                got.cookies.push(value);
            } else {
                got.headers.insert(name.as_str().to_owned(), value);
            }
        }
        got.body = String::from_utf8(test::read_body(answer).await.to_vec()).unwrap();
        self.keep(&got);
        got
    }

    /// Keeps cookies and the token, and looks at what a page is made of.
    fn keep(&mut self, got: &Got) {
        for cookie in &got.cookies {
            let (pair, rest) = cookie.split_once("; ").unwrap();
            assert!(rest.contains("HttpOnly") && rest.contains("SameSite=Lax") && rest.contains("Path=/"), "{cookie}");
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") || value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if got.body.contains("<html") {
            check_page(&PreEscaped(got.body.clone()));
            assert_eq!(got.headers["cache-control"], "no-store");
            assert!(got.headers["content-security-policy"].contains("default-src 'none'"));
            if got.body.contains("name=\"csrf\" value=\"") {
                self.csrf = got.between("name=\"csrf\" value=\"", "\"").to_owned();
            }
        }
    }

    /// Becomes the first administrator.
    pub async fn set_up(&mut self, stack: &Stack) {
        let token = setup_token(stack).await;
        self.get(&format!("/setup?token={token}")).await;
        let fields =
            [("token", token.as_str()), ("email", "alice@acme.example"), ("name", "Alice"), ("password", PASSWORD)];
        assert_eq!(self.post("/setup", &fields).await.location(), "/admin/");
        assert_eq!(self.get("/admin/").await.status, 200);
    }

    pub async fn sign_in(&mut self, email: &str, password: &str) -> Got {
        self.get("/admin/sign-in").await;
        self.post("/admin/sign-in", &[("email", email), ("password", password)]).await
    }
}
