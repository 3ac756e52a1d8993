//! Libraries and servers that others sign people in with, unmodified: each goes the whole way of a web application, and
//! refuses an answer that was not meant for it.
//!
//! The applications are in `tests/clients/rp/`. Each shows at one address what the library holds of whoever is signed in.

mod apache;
mod spa;

use super::conformance::browser::{Browser, Callback, Journey, Visit};
use super::conformance::person::{Person, Seen};
use super::running::{Running, free_port};
use super::server::{Server, clients, unique};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;
use url::Url;

const PASSWORD: &str = "nine lanterns over the canal";

/// A text as a parameter has it.
fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What differs between the applications: their addresses, and what their library knows.
struct Library {
    /// The program, from what it is told.
    command: fn(&Site) -> Command,
    login: &'static str,
    callback: &'static str,
    /// Where it shows whoever is signed in, or answers 401.
    whoami: &'static str,
    /// Where it uses its refresh token. `{access_token}` stands for the present one.
    refresh: Option<&'static str>,
    /// Where it signs out, at the provider too. `{left}` stands for the address that the provider then leads to.
    bye: &'static str,
    /// Where the provider sends people after that.
    left: &'static str,
    /// Whether it sends a code challenge.
    pkce: bool,
}

/// The addresses that the applications here have in common.
const COMMON: Library = Library {
    command: |_| unreachable!(),
    login: "/login",
    callback: "/callback",
    whoami: "/whoami",
    refresh: Some("/refresh"),
    bye: "/bye",
    left: "/left",
    pkce: true,
};

/// A program of `tests/clients/rp/`, which finds what it is told in `TOLD`.
fn python(site: &Site, script: &str) -> Command {
    let mut command = Command::new(clients().join(".venv/bin/python"));
    command.args(["-W", "ignore"]).arg(clients().join("rp").join(script)).env("TOLD", site.told.to_string());
    command
}

fn node(site: &Site, script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(clients().join("rp").join(script)).env("TOLD", site.told.to_string());
    command
}

/// An application that runs, and somebody who uses it.
struct Site {
    library: Library,
    server: Arc<Server>,
    origin: String,
    port: u16,
    /// Where the program keeps what it needs.
    folder: TempDir,
    /// What the program is told: issuer, credentials, its own address.
    told: Value,
    person: Person,
}

impl Site {
    fn new(library: Library) -> Self {
        let (server, port, folder) = (Server::shared(), free_port(), TempDir::new().unwrap());
        let operator = server.admin();
        let name = unique("library");
        let email = format!("{name}@clients.example");
        let user = json!({ "email": email, "password": server.secret(PASSWORD), "display_name": "Sam Doe" });
        server.call("POST", "/api/v1/admin/users").bearer(&operator).json(&user).send().expect(201);
        let origin = format!("http://localhost:{port}");
        let app = json!({
            "name": name, "application_type": "WEB", "scope": "GLOBAL", "require_pkce": library.pkce,
            "redirect_uris": [format!("{origin}{}", library.callback)],
            "post_logout_redirect_uris": [format!("{origin}{}", library.left)],
            "allowed_scopes": ["openid", "profile", "email", "offline_access"],
        });
        let made = server.call("POST", "/api/v1/admin/applications").bearer(&operator).json(&app).send().expect(201);
        let made = made.get("data").unwrap_or(&made);
        let told = json!({
            "issuer": format!("{}/platform", server.url), "client_id": made["client_id"],
            "client_secret": server.secret(made["client_secret"].as_str().unwrap()), "origin": origin, "port": port,
            "end_session_endpoint": format!("{}/api/v1/platform/oauth/logout", server.url),
        });
        let person = Person::new(&email, PASSWORD);
        Self { library, server, origin, port, folder, told, person }
    }

    fn run(&self) -> Running {
        let said = self.folder.path().join("said");
        Running::start_quietly((self.library.command)(self), self.port, said)
    }

    fn at(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.origin)).unwrap()
    }

    /// Goes there and on, through the pages of the provider too.
    fn go(&self, browser: &Browser, url: Url) -> Journey {
        browser.visit(Visit::get(url), &[], &self.person)
    }

    /// Signs in, as far as the answer to the application, which is not sent.
    fn answer(&self, browser: &Browser) -> Callback {
        let callback = self.at(self.library.callback);
        let login = self.at(self.library.login);
        browser.visit(Visit::get(login), &[callback.as_str()], &self.person).callback().clone()
    }

    /// What the application holds of whoever sits at this browser.
    fn whoami(&self, browser: &Browser) -> Option<Value> {
        let journey = browser.visit(Visit::get(self.at(self.library.whoami)), &[], &self.person.looking());
        let page = journey.page();
        assert!([200, 401].contains(&page.status), "{}: {}", page.status, page.html);
        (page.status == 200).then(|| serde_json::from_str(&page.html).unwrap())
    }

    /// An access token that the library shows, which userinfo takes.
    #[track_caller]
    fn token(&self, shown: &Value) -> String {
        let token = self.server.secret(shown["access_token"].as_str().unwrap_or_else(|| panic!("{shown:#}")));
        let userinfo = self.server.get_as(&token, "/api/v1/platform/oauth/userinfo").expect(200);
        assert_eq!(userinfo["sub"], shown["userinfo"]["sub"]);
        token
    }
}

/// Sign-in, what is known of the person, refresh, sign-out.
fn goes_the_whole_way(site: &Site) {
    let browser = Browser::default();
    assert_eq!(site.whoami(&browser), None, "nobody at first");
    let login = site.go(&browser, site.at(site.library.login));
    assert_eq!(login.seen, [Seen::Identify, Seen::SignIn, Seen::Agree], "{:?}", login.end);
    assert_eq!((login.page().status, login.page().url.port()), (200, Some(site.port)), "{}", login.page().html);
    let shown = site.whoami(&browser).expect("somebody");
    let userinfo = &shown["userinfo"];
    assert!(userinfo["sub"].as_str().is_some_and(|sub| sub.starts_with("usr_")), "{shown:#}");
    assert_eq!((&userinfo["email"], &userinfo["name"]), (&json!(site.person.login), &json!("Sam Doe")), "{shown:#}");
    let first = site.token(&shown);
    if let Some(refresh) = site.library.refresh {
        let refreshed = site.go(&browser, site.at(&refresh.replace("{access_token}", &first)));
        assert_eq!(refreshed.page().status, 200, "{}", refreshed.page().html);
        let second = site.token(&site.whoami(&browser).expect("still somebody"));
        assert_ne!(first, second, "a new access token by the refresh token");
    }
    let left = site.at(site.library.left);
    let bye = site.library.bye.replace("{left}", &encode(left.as_str()));
    let bye = site.go(&browser, site.at(&bye));
    let page = bye.page();
    assert_eq!((page.status, page.url.origin(), page.url.path()), (200, left.origin(), left.path()), "{}", page.html);
    assert_eq!(site.whoami(&browser), None, "signed out at the application");
    let again = browser.visit(Visit::get(site.at(site.library.login)), &[], &site.person.looking());
    assert_eq!(again.seen, [Seen::Identify, Seen::SignIn], "signed out at the provider");
}

/// An answer with another state, and one with the code of somebody else's browser, sign nobody in (RFC 9700 §4.5).
fn refuses_what_is_not_its_own(site: &Site) {
    let (browser, other) = (Browser::default(), Browser::default());
    let stolen = site.answer(&other).fields["code"].clone();
    for (name, value) in [("state", "another"), ("code", stolen.as_str())] {
        let answer = site.answer(&browser);
        assert_ne!(answer.fields[name], value);
        let mut url = answer.address.clone();
        let fields = answer.fields.iter().map(|(key, own)| (key.as_str(), if key == name { value } else { own }));
        url.query_pairs_mut().clear().extend_pairs(fields);
        site.go(&browser, url);
        assert_eq!(site.whoami(&browser), None, "with another {name}");
    }
    // The same answers, unchanged, sign in.
    site.go(&browser, site.answer(&browser).address);
    assert!(site.whoami(&browser).is_some(), "with its own answer");
}

fn works(library: Library) {
    let site = Site::new(library);
    let _running = site.run();
    goes_the_whole_way(&site);
    refuses_what_is_not_its_own(&site);
}

#[test]
fn flask_pyoidc_goes_the_whole_way() {
    works(Library { command: |site| python(site, "flask_app.py"), left: "/bye", pkce: false, ..COMMON });
}

#[test]
fn django_allauth_goes_the_whole_way() {
    works(Library {
        command: |site| {
            let mut command = python(site, "django_site.py");
            command.arg("allauth");
            command
        },
        login: "/accounts/oidc/ours/login/",
        callback: "/accounts/oidc/ours/login/callback/",
        // It keeps a refresh token and never uses it.
        refresh: None,
        ..COMMON
    });
}

#[test]
fn social_auth_goes_the_whole_way() {
    works(Library {
        command: |site| {
            let mut command = python(site, "django_site.py");
            command.arg("social");
            command
        },
        callback: "/complete/oidc/",
        ..COMMON
    });
}

#[test]
fn the_authenticator_of_jupyterhub_goes_the_whole_way() {
    works(Library {
        command: |site| {
            let mut command = Command::new(clients().join(".venv/bin/python"));
            command.args(["-W", "ignore", "-m", "jupyterhub", "--log-level=INFO", "-f"]);
            command.arg(clients().join("rp/hub.py")).env("TOLD", site.told.to_string());
            command.current_dir(site.folder.path());
            command
        },
        login: "/hub/oauth_login?next=%2Fhub%2Fwhoami",
        callback: "/hub/oauth_callback",
        whoami: "/hub/whoami",
        refresh: Some("/hub/refresh"),
        bye: "/hub/logout",
        left: "/hub/left",
        pkce: true,
    });
}

#[test]
fn express_openid_connect_goes_the_whole_way() {
    works(Library { command: |site| node(site, "express_app.mjs"), ..COMMON });
}

#[test]
fn passport_openidconnect_goes_the_whole_way() {
    works(Library { command: |site| node(site, "passport_app.mjs"), refresh: None, pkce: false, ..COMMON });
}
