//! Signing in: the bodies, and what is answered.

use super::account::{MfaMethod, TotpSetup, all_shown};
use crate::authentication::{Challenge, FLOW_SECS, Identified};
use crate::base::id::{SessionId, TenantId, UserId};
use crate::base::{DisplayName, Secret, Slug};
use crate::mfa::Setup;
use crate::oauth::TokenResponse;
use crate::sessions::Session;
use crate::tenancy::Tenant;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// The body of `POST /auth/identify`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Identify {
    /// The e-mail, as it was typed.
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
    /// The e-mail, as it was typed.
    pub email: String,
    /// The password, as it was typed.
    pub password: Secret<String>,
    /// Which of several tenants, by id or slug.
    pub tenant_id: Option<String>,
}

/// The body of `mfa/verify`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "VerifyMfa"))]
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
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "RefreshTokens"))]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The token that came last.
    pub refresh_token: Secret<String>,
}

/// A sign-in that has begun: the password comes next.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SignInFlow {
    /// For `authenticate`.
    flow_token: String,
    /// How long it holds, in seconds.
    expires_in: i64,
    /// The tenants to choose from; empty where the settings do not show them before the password.
    tenants: Vec<TenantChoice>,
}

/// A tenant to choose.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TenantChoice {
    id: TenantId,
    slug: Slug,
    name: DisplayName,
}

impl SignInFlow {
    /// What `identify` answers.
    pub fn of(found: Identified) -> Self {
        let choice = |tenant: Tenant| TenantChoice { id: tenant.id, slug: tenant.slug, name: tenant.name };
        Self {
            flow_token: found.flow_token,
            expires_in: FLOW_SECS,
            tenants: found.tenants.into_iter().map(choice).collect(),
        }
    }
}

/// What follows a right password: tokens, or the question for a second factor. `mfa_required` says which.
#[derive(Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum SignIn {
    /// It is done.
    Tokens(Box<SignInTokens>),
    /// A code is asked for.
    Challenge(MfaChallenge),
}

/// Tokens after a sign-in.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SignInTokens {
    #[serde(flatten)]
    tokens: TokenResponse,
    /// False: nothing is left to do.
    #[cfg_attr(test, schemars(extend("const" = false)))]
    mfa_required: bool,
    session_id: SessionId,
    user_id: UserId,
    /// The tenant that was signed in to.
    tenant_id: TenantId,
    /// Shown once, after an app was set up in the course of the sign-in; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "some_shown")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    backup_codes: Option<Vec<Secret<String>>>,
}

/// As [`all_shown`], of what is skipped when there is none.
fn some_shown<S: Serializer>(secrets: &Option<Vec<Secret<String>>>, serializer: S) -> Result<S::Ok, S::Error> {
    all_shown(secrets.as_deref().unwrap_or_default(), serializer)
}

impl SignInTokens {
    /// Of a session that has begun; `backup_codes` are those of an app that was set up on the way.
    pub fn of(tokens: TokenResponse, session: &Session, backup_codes: Option<Vec<Secret<String>>>) -> Self {
        Self {
            tokens,
            mfa_required: false,
            session_id: session.id,
            user_id: session.user,
            tenant_id: session.tenant,
            backup_codes,
        }
    }
}

/// The question for a second factor.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MfaChallenge {
    /// True: send a code to `mfa/verify`.
    #[cfg_attr(test, schemars(extend("const" = true)))]
    mfa_required: bool,
    /// For `mfa/verify`.
    mfa_token: String,
    user_id: UserId,
    /// What may be sent as `code`.
    methods: &'static [MfaMethod],
    /// Whether an app has to be set up first, by its first code.
    enrollment_required: bool,
    /// The app to set up; null: there is one.
    totp: Option<TotpSetup>,
    /// How long the question stands, in seconds.
    expires_in: i64,
}

impl MfaChallenge {
    /// Asks; with `setup`, for the first code of an app to set up.
    pub fn of(challenge: Challenge, setup: Option<Setup>) -> Self {
        Self {
            mfa_required: true,
            mfa_token: challenge.mfa_token,
            user_id: challenge.user,
            methods: if setup.is_some() { &[MfaMethod::Totp] } else { &[MfaMethod::Totp, MfaMethod::BackupCode] },
            enrollment_required: setup.is_some(),
            totp: setup.map(TotpSetup::of),
            expires_in: challenge.expires_in,
        }
    }
}

/// A refusal of somebody who has several tenants and named none.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TenantRequired {
    detail: TenantRequiredDetail,
}

/// Which tenants there are to choose from.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TenantRequiredDetail {
    /// `tenant_required`
    code: &'static str,
    /// The same in words.
    message: String,
    /// The tenants; send the id or slug of one as `tenant_id`.
    #[cfg_attr(test, schemars(with = "Vec<TenantChoice>"))]
    tenants: Value,
}

impl TenantRequired {
    /// `tenants` as the refusal names them.
    pub fn of(code: &'static str, message: String, tenants: Value) -> Self {
        Self { detail: TenantRequiredDetail { code, message, tenants } }
    }
}

/// That the session is over.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LoggedOut {
    /// Always true.
    pub logged_out: bool,
}

/// An answer that only says something.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Message {
    /// What was done, for people to read.
    pub message: &'static str,
}
