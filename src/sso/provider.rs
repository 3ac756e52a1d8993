//! Discovery, keys and ID tokens of a provider (OpenID Connect Discovery §4, Core §3.1.3).

use super::Settings;
use crate::base::{Email, Problem, Timestamp};
use crate::crypto::digest::constant_time_eq;
use crate::crypto::jwt::{Expect, Verifier, VerifyError};
use crate::outbound::{Answer, Limits};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// How long what a provider says about itself is believed, in seconds.
const KEEP_SECS: i64 = 3600;
/// How often its keys are asked for again when a token names one that is not known, in seconds.
const AGAIN_SECS: i64 = 60;
/// How far its clock may be off, in seconds.
const LEEWAY_SECS: u32 = 60;

/// What a provider says about itself.
#[derive(Clone, Debug)]
pub struct Discovered {
    /// Where a sign-in begins.
    pub authorization_endpoint: String,
    token_endpoint: Url,
    verifier: Verifier,
    at: Timestamp,
}

/// The providers that have been asked.
#[derive(Debug, Default)]
pub struct Providers(Mutex<HashMap<String, Arc<Discovered>>>);

/// What an ID token says that counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct IdClaims {
    /// Who, at the provider.
    pub sub: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default, deserialize_with = "truth")]
    email_verified: bool,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    azp: Option<String>,
    /// How somebody signed in there (RFC 8176).
    #[serde(default)]
    amr: Vec<String>,
}

/// Some providers write `"true"`.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(value) => value,
        Value::String(text) => text == "true",
        _ => false,
    })
}

impl IdClaims {
    /// Whether the provider says that it asked for more than one factor (`mfa` in `amr`, RFC 8176 §2).
    pub fn second_factor(&self) -> bool {
        self.amr.iter().any(|method| method == "mfa")
    }

    /// The e-mail, if the provider has verified it: an address that anybody may type in names nobody.
    pub fn verified_email(&self) -> Option<Email> {
        self.email.as_deref().filter(|_| self.email_verified).and_then(|text| Email::parse(text).ok())
    }
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// That a provider does not answer as it should. The cause is for the log.
fn unavailable(cause: impl std::fmt::Display) -> Problem {
    let mut problem = Problem::busy("The sign-in provider does not answer; try again");
    problem.internal = Some(cause.to_string());
    problem
}

fn refused(cause: impl std::fmt::Display) -> Problem {
    let mut problem = Problem::unauthenticated("provider_refused", "The sign-in provider refused");
    problem.internal = Some(cause.to_string());
    problem
}

impl Providers {
    fn known(&self, issuer: &str) -> Option<Arc<Discovered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned()
    }

    /// What a provider says about itself: asked once an hour. What it said before is believed on while it does not answer.
    ///
    /// # Errors
    /// Busy, when it does not answer as it should and never did.
    pub async fn discovered(&self, settings: &Settings, now: Timestamp) -> Result<Arc<Discovered>, Problem> {
        let known = self.known(&settings.issuer);
        match known {
            Some(known) if now < known.at.plus_secs(KEEP_SECS) => Ok(known),
            known => match self.ask(settings, now).await {
                Err(problem) => known.ok_or(problem),
                asked => asked,
            },
        }
    }

    async fn ask(&self, settings: &Settings, now: Timestamp) -> Result<Arc<Discovered>, Problem> {
        let base = settings.issuer.trim_end_matches('/');
        let address = Url::parse(&format!("{base}/.well-known/openid-configuration")).map_err(unavailable)?;
        let document = settings.client.json(&address, Limits::DOCUMENT).await.map_err(unavailable)?;
        let document: Document = serde_json::from_value(document).map_err(unavailable)?;
        // OpenID Connect Discovery §4.3: letter for letter, or somebody else answers in its name.
        if document.issuer != settings.issuer {
            return Err(unavailable("the provider calls itself by another issuer"));
        }
        let endpoint = |text: &str| -> Result<Url, Problem> {
            let url = Url::parse(text).map_err(unavailable)?;
            if settings.client.may_name(&url) {
                Ok(url)
            } else {
                Err(unavailable("an endpoint of the provider is not https"))
            }
        };
        let jwks = settings.client.json(&endpoint(&document.jwks_uri)?, Limits::DOCUMENT).await.map_err(unavailable)?;
        let discovered = Arc::new(Discovered {
            authorization_endpoint: endpoint(&document.authorization_endpoint)?.into(),
            token_endpoint: endpoint(&document.token_endpoint)?,
            verifier: Verifier::from_jwks(&jwks),
            at: now,
        });
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(settings.issuer.clone(), Arc::clone(&discovered));
        Ok(discovered)
    }

    /// Redeems a code and checks the ID token that comes for it: signature, issuer, audience, time and nonce (Core §3.1.3.7).
    ///
    /// # Errors
    /// Busy, when the provider does not answer; unauthenticated, when it refuses or its token does not hold.
    pub async fn redeem(
        &self,
        settings: &Settings,
        (code, verifier, redirect_uri): (&str, &str, &str),
        nonce: &str,
        now: Timestamp,
    ) -> Result<IdClaims, Problem> {
        let discovered = self.discovered(settings, now).await?;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        let login = settings.client_secret.as_ref().map(|secret| (settings.client_id.as_str(), secret));
        if login.is_none() {
            fields.push(("client_id", &settings.client_id));
        }
        let asked = settings.client.form(&discovered.token_endpoint, Limits::DOCUMENT, login, &fields).await;
        let Answer { status, body } = asked.map_err(unavailable)?;
        if status >= 500 {
            return Err(unavailable(format!("the token endpoint answered {status}")));
        }
        if status != 200 {
            return Err(refused(format!("the token endpoint answered {status}")));
        }
        let tokens: Tokens = serde_json::from_slice(&body).map_err(|_| refused("no ID token in the answer"))?;
        self.check(settings, &discovered, &tokens.id_token, nonce, now).await
    }

    async fn check(
        &self,
        settings: &Settings,
        discovered: &Discovered,
        token: &str,
        nonce: &str,
        now: Timestamp,
    ) -> Result<IdClaims, Problem> {
        let issuers = [settings.issuer.as_str()];
        let expect =
            Expect { audience: Some(&settings.client_id), leeway_secs: LEEWAY_SECS, ..Expect::new(&issuers, now) };
        let claims = match discovered.verifier.verify::<IdClaims>(token, &expect) {
            // Its keys may have been changed since.
            Err(VerifyError::UnknownKey) if now >= discovered.at.plus_secs(AGAIN_SECS) => {
                self.ask(settings, now).await?.verifier.verify(token, &expect)
            }
            checked => checked,
        }
        .map_err(refused)?;
        let same = claims.nonce.as_deref().is_some_and(|given| constant_time_eq(given.as_bytes(), nonce.as_bytes()));
        if !same {
            return Err(refused("the ID token is for another sign-in"));
        }
        if claims.azp.as_deref().is_some_and(|azp| azp != settings.client_id) {
            return Err(refused("the ID token is for another client"));
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(claims: Value) -> Option<String> {
        serde_json::from_value::<IdClaims>(claims).unwrap().verified_email().map(|email| email.to_string())
    }

    #[test]
    fn only_a_verified_e_mail_names_somebody() {
        use serde_json::json;
        let who = Some("a@b.example".to_owned());
        assert_eq!(email(json!({"sub": "1", "email": "A@b.example", "email_verified": true})), who);
        assert_eq!(email(json!({"sub": "1", "email": "a@b.example", "email_verified": "true"})), who);
        for unverified in [json!(false), json!("false"), json!(1), json!(null)] {
            assert_eq!(email(json!({"sub": "1", "email": "a@b.example", "email_verified": unverified})), None);
        }
        assert_eq!(email(json!({"sub": "1", "email": "a@b.example"})), None);
        assert_eq!(email(json!({"sub": "1", "email_verified": true})), None);
    }
}
