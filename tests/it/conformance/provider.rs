//! The provider under test, as somebody describes it to the suite, and one run of a module against it.

use super::browser::{self, Browser, Via};
use super::person::Person;
use crate::wire::Answer;
use jsonwebtoken::jwk::JwkSet;
use serde_json::Value;
use std::cell::RefCell;
use url::Url;

/// A client that is registered at the provider, with the redirect URI of [`Provider`].
#[derive(Clone, Debug)]
pub struct Client {
    pub id: String,
    pub secret: String,
}

/// Any OpenID provider, with three clients that need no PKCE and somebody who has every standard claim.
#[derive(Debug)]
pub struct Provider {
    /// The address of its metadata.
    pub discovery: String,
    /// Authenticates with Basic.
    pub client: Client,
    /// Authenticates with its secret in the form.
    pub post_client: Client,
    /// Another one than `client`.
    pub other: Client,
    pub redirect_uri: String,
    pub post_logout_redirect_uri: String,
    pub login: String,
    pub password: String,
}

impl Provider {
    /// From the JSON that an outside provider prints about itself.
    pub fn described(text: &str) -> Self {
        let told: Value = serde_json::from_str(text).unwrap();
        let get = |value: &Value, name: &str| value[name].as_str().unwrap_or_else(|| panic!("no {name}")).to_owned();
        let client = |name: &str| {
            let client = &told["clients"][name];
            Client { id: get(client, "id"), secret: get(client, "secret") }
        };
        Self {
            discovery: get(&told, "discovery"),
            client: client("basic"),
            post_client: client("post"),
            other: client("other"),
            redirect_uri: get(&told, "redirect_uri"),
            post_logout_redirect_uri: get(&told, "post_logout_redirect_uri"),
            login: get(&told, "login"),
            password: get(&told, "password"),
        }
    }

    pub fn person(&self) -> Person {
        Person::new(&self.login, &self.password)
    }
}

/// One run of a module: what is known of the provider, and what the module finds.
pub struct Run<'a> {
    pub op: &'a Provider,
    pub metadata: Value,
    pub keys: JwkSet,
    /// How the provider is asked to answer.
    pub mode: Via,
    pub browser: Browser,
    /// What the suite would print in yellow: allowed, and not as it should be.
    pub warnings: RefCell<Vec<String>>,
    /// Secrets that came along, which no log may hold.
    pub secrets: RefCell<Vec<String>>,
}

impl<'a> Run<'a> {
    /// Reads the metadata and the keys.
    pub fn new(op: &'a Provider, mode: Via) -> Self {
        let metadata = get_json(&op.discovery);
        let keys = metadata["jwks_uri"].as_str().unwrap_or_else(|| panic!("no jwks_uri: {metadata:#}"));
        let keys = serde_json::from_value(get_json(keys)).unwrap();
        let (warnings, secrets) = (RefCell::default(), RefCell::default());
        Self { op, metadata, keys, mode, browser: Browser::default(), warnings, secrets }
    }

    /// The address of an endpoint.
    #[track_caller]
    pub fn endpoint(&self, name: &str) -> Url {
        let address = self.metadata[name].as_str().unwrap_or_else(|| panic!("no {name} in {:#}", self.metadata));
        Url::parse(address).unwrap()
    }

    /// Whether the metadata list a value under a name.
    pub fn lists(&self, name: &str, value: &str) -> bool {
        self.metadata[name].as_array().is_some_and(|values| values.iter().any(|one| one == value))
    }

    /// The value of a flag, which has a default.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.metadata[name].as_bool().unwrap_or(default)
    }

    pub fn warn(&self, what: impl Into<String>) {
        self.warnings.borrow_mut().push(what.into());
    }

    /// Remembers what is secret, and gives it back.
    pub fn secret(&self, text: &str) -> String {
        self.secrets.borrow_mut().push(text.to_owned());
        text.to_owned()
    }
}

pub fn get(url: &str) -> Answer {
    let url = Url::parse(url).unwrap();
    browser::call("GET", &url).try_send().unwrap_or_else(|error| panic!("{url}: {error}"))
}

pub fn get_json(url: &str) -> Value {
    get(url).expect(200)
}
