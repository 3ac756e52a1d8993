//! Signing in and one's own account: the bodies, and what is answered.

use super::at;
use crate::base::Secret;
use crate::mfa::{Factors, Setup};
use crate::oauth::TokenResponse;
use crate::sessions::Session;
use crate::signin::Challenge;
use crate::tenancy::Tenant;
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `POST /auth/identify`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Identify {
    /// As it was typed.
    pub email: String,
}

/// The body of `POST /auth/authenticate`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Authenticate {
    /// The token that `identify` answered with.
    pub flow_token: String,
    /// The password, as it was typed.
    pub password: Secret<String>,
    /// Which of several tenants, by id or slug.
    pub tenant_id: Option<String>,
}

/// The body of the one-step logins.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// As it was typed.
    pub email: String,
    /// The password, as it was typed.
    pub password: Secret<String>,
    /// Which of several tenants, by id or slug.
    pub tenant_id: Option<String>,
}

/// The body of `mfa/verify`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// From the challenge.
    pub mfa_token: String,
    /// A code of the app or a recovery code.
    pub code: Secret<String>,
    /// From the challenge; checked if it is sent.
    pub user_id: Option<String>,
}

/// The body of `refresh`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The token that came last.
    pub refresh_token: Secret<String>,
}

/// The body of `POST /me/password`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The one that is to go.
    pub current_password: Secret<String>,
    /// The one that is to come.
    pub new_password: Secret<String>,
}

/// The body of `POST /me/mfa/totp/setup`.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// The password, when the sign-in is not recent.
    pub password: Option<Secret<String>>,
}

/// The body of the other `POST /me/mfa/…`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// A code of the app; for `disable`, a recovery code as well.
    pub code: Secret<String>,
    /// The password, when the sign-in is not recent.
    pub password: Option<Secret<String>>,
}

/// A tenant to choose.
pub fn choice(tenant: &Tenant) -> Value {
    json!({ "id": tenant.id, "slug": tenant.slug, "name": tenant.name })
}

/// Tokens after a sign-in.
pub fn tokens(tokens: &TokenResponse, session: &Session) -> Value {
    let mut body = json!(tokens);
    if let Some(body) = body.as_object_mut() {
        body.insert("mfa_required".to_owned(), json!(false));
        body.insert("session_id".to_owned(), json!(session.id));
        body.insert("user_id".to_owned(), json!(session.user));
        body.insert("tenant_id".to_owned(), json!(session.tenant));
    }
    body
}

/// The question for a second factor; with `setup`, one has to be set up by its first code.
pub fn challenge(challenge: &Challenge, setup: Option<&Setup>) -> Value {
    json!({
        "mfa_required": true,
        "mfa_token": challenge.mfa_token,
        "user_id": challenge.user,
        "methods": if setup.is_some() { json!(["totp"]) } else { json!(["totp", "backup_code"]) },
        "enrollment_required": setup.is_some(),
        "totp": setup.map(totp),
        "expires_in": challenge.expires_in,
    })
}

/// An app to set up.
pub fn totp(setup: &Setup) -> Value {
    json!({ "secret": setup.secret.expose(), "otpauth_uri": setup.uri.expose() })
}

/// Recovery codes, this once.
pub fn codes(codes: &[Secret<String>]) -> Value {
    codes.iter().map(|code| json!(code.expose())).collect()
}

/// One's second factors.
pub fn factors(factors: &Factors, policy: &str) -> Value {
    let methods: Vec<Value> = factors
        .totp
        .iter()
        .map(|app| json!({ "type": "totp", "enabled": true, "confirmed_at": at(Some(app.confirmed_at)) }))
        .collect();
    json!({
        "enabled": factors.is_enrolled(),
        "policy": policy,
        "methods": methods,
        "backup_codes": { "remaining": factors.recovery_left(), "generated_at": at(factors.recovery_made_at) },
    })
}

/// One of one's own sessions.
pub fn session(session: &Session, current: bool) -> Value {
    json!({
        "id": session.id,
        "tenant_id": session.tenant,
        "current": current,
        "created_at": at(Some(session.created_at)),
        "last_seen_at": at(Some(session.last_seen_at)),
        "authenticated_at": at(Some(session.authenticated_at)),
        "mfa_at": at(session.mfa_at),
        "expires_at": at(Some(session.expires_at)),
        "ip_address": session.ip,
        "user_agent": session.user_agent,
    })
}
