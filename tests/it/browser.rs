//! A browser without a script: it keeps cookies and the token of the forms on its last page.

use super::server::Server;
use super::wire::{Answer, Call};
use std::cell::RefCell;
use std::collections::BTreeMap;

pub const EMAIL: &str = "first@example.com";
pub const PASSWORD: &str = "a few words to remember";

/// A browser: it keeps cookies, and the token of the forms on its last page.
pub struct Browser<'a> {
    server: &'a Server,
    cookies: RefCell<BTreeMap<String, String>>,
    pub csrf: RefCell<String>,
}

impl<'a> Browser<'a> {
    pub fn new(server: &'a Server) -> Self {
        Self { server, cookies: RefCell::default(), csrf: RefCell::default() }
    }

    pub fn call(&self, method: &str, target: &str) -> Call {
        let cookies: Vec<_> = self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let call = self.server.call(method, target).header("User-Agent", "test browser");
        if cookies.is_empty() { call } else { call.header("Cookie", &cookies.join("; ")) }
    }

    /// Sends, and keeps what a browser keeps.
    pub fn send(&self, call: &Call) -> Answer {
        let answer = call.send();
        for (_, value) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (pair, attributes) = value.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{attributes}");
            assert!(attributes.contains("Path=/") && !attributes.contains("Domain"), "{attributes}");
            if attributes.contains("Max-Age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.server.secret(value);
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(token) = field(&answer.text(), "csrf") {
            *self.csrf.borrow_mut() = token;
        }
        answer
    }

    pub fn get(&self, target: &str) -> Answer {
        self.send(&self.call("GET", target))
    }

    /// Sends a form with the token of the last page.
    pub fn post(&self, target: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf.borrow().clone();
        let answer = self.send(&self.call("POST", target).form(&form(&[fields, &[("csrf", &csrf)]].concat())));
        match answer.header("location") {
            // The page that gives a form back has an address of its own.
            Some(page) if answer.status == 303 && page.starts_with("/admin/answers/") => self.get(page),
            _ => answer,
        }
    }

    pub fn session(&self) -> String {
        self.cookies.borrow().get("scaistack").cloned().unwrap_or_default()
    }

    pub fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.get("/admin/sign-in");
        self.post("/admin/sign-in", &[("email", email), ("password", password)])
    }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The value of a hidden field of a page.
pub fn field(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\""))?;
    let (_, value) = rest.split_once("value=\"")?;
    Some(value.split('"').next()?.to_owned())
}

#[track_caller]
pub fn leads_to(answer: &Answer, target: &str) {
    assert_eq!((answer.status, answer.header("location")), (303, Some(target)), "{}", answer.text());
}

/// A server with its first administrator.
pub fn set_up() -> Server {
    set_up_on(Server::start())
}

/// Makes the first administrator on a fresh server.
pub fn set_up_on(server: Server) -> Server {
    let browser = Browser::new(&server);
    let token = server.setup_token();
    assert_eq!(browser.get(&format!("/setup?token={token}")).status, 200);
    server.secret(PASSWORD);
    let claim = [("token", token.as_str()), ("email", EMAIL), ("name", "First"), ("password", PASSWORD)];
    leads_to(&browser.post("/setup", &claim), "/admin/");
    assert_eq!(browser.get("/admin/").status, 200, "signed in at once");
    server
}

pub fn signed_in(server: &Server) -> Browser<'_> {
    let browser = Browser::new(server);
    leads_to(&browser.sign_in(EMAIL, PASSWORD), "/admin/");
    assert_eq!(browser.get("/admin/").status, 200);
    browser
}
