//! The client's side: requests, redeeming codes, checking ID tokens (OpenID Connect Core §3.1), asking for claims.

use super::browser::Via;
use super::browser::{Callback, Fields, Journey, Visit, call, encode};
use super::person::Person;
use super::provider::{Client, Run};
use crate::wire::Answer;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::Value;
use std::time::{SystemTime, UNIX_EPOCH};

/// An authorization request in the making.
#[derive(Clone, Debug)]
pub struct Ask {
    pub fields: Fields,
}

/// A text that no other request has.
pub fn fresh(front: &str) -> String {
    format!("{front}-{:016x}", rand::random::<u64>())
}

/// The time here, in seconds: the suite checks the provider's clock against it.
#[expect(clippy::disallowed_methods, reason = "the provider is another process, on the machine's own clock")]
pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

impl Ask {
    /// What most modules send: a code, for `scope`, with state and nonce.
    pub fn new(run: &Run<'_>, scope: &str) -> Self {
        let ask = Self { fields: Vec::new() }
            .set("response_type", "code")
            .set("client_id", &run.op.client.id)
            .set("redirect_uri", &run.op.redirect_uri)
            .set("scope", scope)
            .set("state", &fresh("state"))
            .set("nonce", &fresh("nonce"));
        if run.mode == Via::FormPost { ask.set("response_mode", "form_post") } else { ask }
    }

    pub fn set(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(have, _)| have != name);
        self
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

/// What the token endpoint gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub id_token: String,
    /// The claims of the ID token.
    pub id: Value,
    pub refresh: Option<String>,
}

impl Tokens {
    #[track_caller]
    pub fn auth_time(&self) -> i64 {
        self.id["auth_time"].as_i64().unwrap_or_else(|| panic!("no auth_time in {:#}", self.id))
    }
}

impl Run<'_> {
    /// Sends the browser to the provider; the person does what is asked.
    pub fn authorize(&self, ask: &Ask) -> Journey {
        self.authorize_as(ask, &self.op.person())
    }

    pub fn authorize_as(&self, ask: &Ask, person: &Person) -> Journey {
        let mut url = self.endpoint("authorization_endpoint");
        url.query_pairs_mut().extend_pairs(&ask.fields);
        self.follow(Visit::get(url), person)
    }

    pub fn follow(&self, visit: Visit, person: &Person) -> Journey {
        let journey = self.browser.visit(visit, &[&self.op.redirect_uri, &self.op.post_logout_redirect_uri], person);
        for value in self.browser.cookie_values().into_iter().filter(|value| value.len() >= 16) {
            self.secret(&value);
        }
        journey
    }

    /// What holds for every answer of the authorization endpoint: the state is the request's, the issuer is named.
    #[track_caller]
    pub fn answered<'j>(&self, journey: &'j Journey, ask: &Ask) -> &'j Callback {
        let callback = journey.callback();
        let get = |name: &str| callback.fields.get(name).map(String::as_str);
        assert_eq!(get("state"), ask.get("state"), "state: {callback:?}");
        if self.flag("authorization_response_iss_parameter_supported", false) {
            assert_eq!(get("iss"), self.metadata["issuer"].as_str(), "RFC 9207: {callback:?}");
        }
        assert_eq!(callback.address.fragment(), None);
        let mode =
            if self.mode == Via::FormPost && ask.get("response_mode").is_some() { Via::FormPost } else { Via::Query };
        assert_eq!(callback.via, mode, "{callback:?}");
        if mode == Via::FormPost {
            assert_eq!(callback.address.query(), None, "nothing in the query of a form post");
        }
        callback
    }

    /// The code of a request that must succeed.
    #[track_caller]
    pub fn code(&self, journey: &Journey, ask: &Ask) -> String {
        let callback = self.answered(journey, ask);
        assert_eq!(callback.fields.get("error"), None, "{callback:?}");
        let code = callback.fields.get("code").unwrap_or_else(|| panic!("no code: {callback:?}"));
        self.secret(code)
    }

    /// The error that a request must end with, one of these.
    #[track_caller]
    pub fn refused(&self, journey: &Journey, ask: &Ask, errors: &[&str]) {
        let callback = self.answered(journey, ask);
        let error = callback.fields.get("error").unwrap_or_else(|| panic!("no error: {callback:?}"));
        assert!(errors.contains(&error.as_str()), "{errors:?}: {callback:?}");
        assert!(!callback.fields.contains_key("code"), "{callback:?}");
    }

    /// As [`Run::refused`], or a page that says so.
    #[track_caller]
    pub fn refused_anyhow(&self, journey: &Journey, ask: &Ask, errors: &[&str]) {
        match &journey.end {
            super::browser::End::Client(_) => self.refused(journey, ask, errors),
            super::browser::End::Page(page) => assert!(page.status >= 400, "{} {}", page.status, page.html),
        }
    }

    /// A request to the token endpoint with Basic.
    pub fn token(&self, client: &Client, fields: &[(&str, &str)]) -> Answer {
        let form: Fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let form_encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let url = self.endpoint("token_endpoint");
        let call = call("POST", &url).basic(&form_encoded(&client.id), &form_encoded(&client.secret));
        call.form(&encode(&form)).try_send().unwrap()
    }

    pub fn redeem(&self, code: &str, more: &[(&str, &str)]) -> Answer {
        let fields =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", self.op.redirect_uri.as_str())];
        self.token(&self.op.client, &[&fields, more].concat())
    }

    /// From a callback to tokens, all checked.
    #[track_caller]
    pub fn tokens(&self, journey: &Journey, ask: &Ask) -> Tokens {
        let code = self.code(journey, ask);
        self.checked(&self.redeem(&code, &[]), &self.op.client, ask.get("nonce"))
    }

    /// The whole way: request, sign-in, code, tokens.
    #[track_caller]
    pub fn sign_in(&self, ask: &Ask) -> Tokens {
        let journey = self.authorize(ask);
        self.tokens(&journey, ask)
    }

    /// What must hold for an answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
    #[track_caller]
    pub fn checked(&self, answer: &Answer, client: &Client, nonce: Option<&str>) -> Tokens {
        let body = answer.expect(200);
        let header = |name: &str| answer.header(name).unwrap_or_default().to_ascii_lowercase();
        assert!(header("content-type").starts_with("application/json"), "{:?}", answer.headers);
        assert!(header("cache-control").contains("no-store"), "{:?}", answer.headers);
        assert!(body["token_type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")), "{body:#}");
        assert!(body["expires_in"].is_u64(), "{body:#}");
        let text = |name: &str| body[name].as_str().map(|token| self.secret(token));
        let access = text("access_token").unwrap_or_else(|| panic!("no access_token: {body:#}"));
        let id_token = text("id_token").unwrap_or_else(|| panic!("no id_token: {body:#}"));
        let id = self.id_token(&id_token, client);
        assert_eq!(id["nonce"].as_str(), nonce, "nonce: {id:#}");
        if let Some(hash) = id["at_hash"].as_str() {
            assert_eq!(hash, half_hash(&access), "at_hash");
        }
        Tokens { access, id_token, id, refresh: text("refresh_token") }
    }

    /// Verifies an ID token as §3.1.3.7 has it; gives its claims.
    #[track_caller]
    pub fn id_token(&self, token: &str, client: &Client) -> Value {
        let head = decode_header(token).unwrap();
        let kid = head.kid.unwrap_or_else(|| panic!("no kid in {token}"));
        let key = self.keys.find(&kid).unwrap_or_else(|| panic!("{kid} is not among the published keys"));
        let mut rules = Validation::new(head.alg);
        rules.set_issuer(&[self.metadata["issuer"].as_str().unwrap()]);
        rules.set_audience(&[&client.id]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims: Value = decode(token, &DecodingKey::from_jwk(key).unwrap(), &rules).unwrap().claims;
        let number = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("{name} in {claims:#}"));
        assert!((number("iat") - now()).abs() <= 300 && number("exp") > now(), "{claims:#}");
        let sub = claims["sub"].as_str().unwrap();
        assert!(!sub.is_empty() && sub.len() <= 255 && sub.is_ascii(), "{sub}");
        if claims["aud"].as_array().is_some_and(|audience| audience.len() > 1) || !claims["azp"].is_null() {
            assert_eq!(claims["azp"].as_str(), Some(client.id.as_str()), "azp: {claims:#}");
        }
        claims
    }

    /// Asks for claims with the token in the header.
    #[track_caller]
    pub fn userinfo(&self, tokens: &Tokens) -> Value {
        let answer = call("GET", &self.endpoint("userinfo_endpoint")).bearer(&tokens.access).try_send().unwrap();
        self.claims(&answer, tokens)
    }

    /// What must hold for an answer of the userinfo endpoint (§5.3.2): above all, the subject is the ID token's.
    #[track_caller]
    pub fn claims(&self, answer: &Answer, tokens: &Tokens) -> Value {
        let claims = answer.expect(200);
        assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("application/json")));
        assert_eq!(claims["sub"], tokens.id["sub"], "{claims:#}");
        claims
    }
}

/// The left half of the SHA-256 of a token, for a token signed with a 256-bit algorithm (§3.1.3.6).
fn half_hash(token: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}
