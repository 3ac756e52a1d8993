//! One's own account: the bodies, and what is answered.

use super::at;
use crate::apps::Application;
use crate::base::id::{SessionId, TenantId};
use crate::base::{DisplayName, ScopeSet, Secret};
use crate::http::reply::Moment;
use crate::mfa::{Factors, Setup};
use crate::oauth::consent::Consent;
use crate::sessions::Session;
use crate::tenancy::MfaPolicy;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};

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
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "PasswordAgain"))]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// The password, when the sign-in is not recent.
    pub password: Option<Secret<String>>,
}

/// The body of the other `POST /me/mfa/…`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "MfaCode"))]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// A code of the app; for `disable`, a recovery code as well.
    pub code: Secret<String>,
    /// The password, when the sign-in is not recent.
    pub password: Option<Secret<String>>,
}

/// Shows a secret to whom it is for.
pub fn shown<S: Serializer>(secret: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// As [`shown`], several.
pub fn all_shown<S: Serializer>(secrets: &[Secret<String>], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(secrets.len()))?;
    for secret in secrets {
        list.serialize_element(secret.expose())?;
    }
    list.end()
}

/// A kind of second factor.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum MfaMethod {
    /// A code of an authenticator app.
    Totp,
    /// One of the backup codes, each of which works once.
    BackupCode,
}

/// That the password is another one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PasswordChanged {
    /// Always true.
    pub changed: bool,
}

/// An app to set up.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TotpSetup {
    /// In base32, for typing.
    #[serde(serialize_with = "shown")]
    secret: Secret<String>,
    /// `otpauth://totp/…`, for a QR code.
    #[serde(serialize_with = "shown")]
    otpauth_uri: Secret<String>,
}

impl TotpSetup {
    /// All of it.
    pub fn of(setup: Setup) -> Self {
        Self { secret: setup.secret, otpauth_uri: setup.uri }
    }
}

/// That an app is set up.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MfaEnabled {
    /// Always true.
    pub enabled: bool,
    /// For the day when the app is lost; shown once.
    #[serde(serialize_with = "all_shown")]
    pub backup_codes: Vec<Secret<String>>,
}

/// That no app is set up any more.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MfaDisabled {
    /// Always false.
    pub enabled: bool,
}

/// New backup codes; the old ones are dead.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BackupCodes {
    /// For the day when the app is lost; shown once.
    #[serde(serialize_with = "all_shown")]
    pub backup_codes: Vec<Secret<String>>,
}

/// One's second factors.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MfaFactors {
    /// Whether a second factor is asked for at a sign-in.
    enabled: bool,
    /// Who must have one, as the tenant's settings say.
    policy: MfaPolicy,
    /// What is set up.
    methods: Vec<MfaFactor>,
    backup_codes: BackupCodesLeft,
}

/// A second factor that is set up.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct MfaFactor {
    #[serde(rename = "type")]
    kind: MfaMethod,
    /// Always true.
    enabled: bool,
    /// When its first code was right.
    confirmed_at: Moment,
}

/// What is left of the backup codes.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BackupCodesLeft {
    /// How many still work.
    remaining: usize,
    /// When they were made; null: there are none.
    generated_at: Option<Moment>,
}

impl MfaFactors {
    /// Without their secrets.
    pub fn of(factors: &Factors, policy: MfaPolicy) -> Self {
        let method =
            |confirmed_at| MfaFactor { kind: MfaMethod::Totp, enabled: true, confirmed_at: Moment(confirmed_at) };
        Self {
            enabled: factors.is_enrolled(),
            policy,
            methods: factors.totp.iter().map(|app| method(app.confirmed_at)).collect(),
            backup_codes: BackupCodesLeft {
                remaining: factors.recovery_left(),
                generated_at: at(factors.recovery_made_at),
            },
        }
    }
}

/// One of one's own sessions.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OwnSession {
    id: SessionId,
    /// The tenant that was signed in to.
    tenant_id: TenantId,
    /// Whether it is the one that this request comes from.
    current: bool,
    created_at: Moment,
    /// To about a minute.
    last_seen_at: Moment,
    /// When a password or a passkey was last given.
    authenticated_at: Moment,
    /// When a second factor was last given; null: none was.
    mfa_at: Option<Moment>,
    /// When it ends at the latest.
    expires_at: Moment,
    /// The address that it began from.
    ip_address: Option<String>,
    /// What the browser says it is.
    user_agent: Option<String>,
}

impl OwnSession {
    /// Without its secrets.
    pub fn of(row: &Session, current: bool) -> Self {
        Self {
            id: row.id,
            tenant_id: row.tenant,
            current,
            created_at: Moment(row.created_at),
            last_seen_at: Moment(row.last_seen_at),
            authenticated_at: Moment(row.evidence().at()),
            mfa_at: at(row.evidence().second_factor_at()),
            expires_at: Moment(row.expires_at),
            ip_address: row.ip.clone(),
            user_agent: row.user_agent.clone(),
        }
    }
}

/// That other sessions were ended.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OtherSessionsRevoked {
    /// How many sessions of the user were ended.
    pub revoked: u64,
}

/// An application that one has authorised.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AuthorizedApp {
    client_id: String,
    name: DisplayName,
    /// The tenant as whose member one has agreed.
    tenant_id: TenantId,
    /// All that was ever agreed to.
    scopes: ScopeSet,
    /// When for the first time.
    authorized_at: Moment,
    /// When for the last time.
    updated_at: Moment,
}

impl AuthorizedApp {
    /// All of it.
    pub fn of((consent, application): &(Consent, Application)) -> Self {
        Self {
            client_id: application.client_id(),
            name: application.name.clone(),
            tenant_id: consent.tenant,
            scopes: consent.scopes.clone(),
            authorized_at: Moment(consent.created_at),
            updated_at: Moment(consent.updated_at),
        }
    }
}

/// That an application is no longer authorised.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AppRevoked {
    /// The application's id in OAuth.
    pub client_id: String,
    /// Always true.
    pub revoked: bool,
}
