//! Users.

use super::profile::{Profile, ProfileFields};
use super::role::RoleName;
use super::{at, given, nullable, one_of, partner_filter, tenant_filter, text};
use crate::base::id::{TenantId, UserId};
use crate::base::{DisplayName, Email, ExternalId, JsonObject, Metadata, Problem, Secret};
use crate::http::reply::Moment;
use crate::people::{self, IdentitySource, Status, UserFilter, UserPatch};
use crate::store::Read;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of `POST /users`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "CreateUser"))]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// The name to sign in with.
    pub email: Email,
    /// The home tenant, by id or slug; the caller's own if not said. `tenant` is the same.
    #[serde(alias = "tenant")]
    pub tenant_id: Option<String>,
    /// The role in it; `tenant_user` if not said.
    pub role: Option<RoleName>,
    /// Without one they are invited by mail, unless `status` says otherwise.
    pub password: Option<Secret<String>>,
    /// Given name.
    pub first_name: Option<DisplayName>,
    /// Family name.
    pub last_name: Option<DisplayName>,
    /// What to call them.
    pub display_name: Option<DisplayName>,
    /// If not said, `ACTIVE` with a password and `INVITED` without.
    pub status: Option<Status>,
    /// Whether the address is known to be theirs.
    #[serde(default)]
    pub email_verified: bool,
    /// What to keep about them.
    #[serde(default)]
    pub custom_attributes: JsonObject,
    /// What they tell about themselves.
    #[serde(default)]
    pub profile: ProfileFields,
    /// What another program calls them.
    pub external_id: Option<ExternalId>,
    /// What a program keeps about them.
    #[serde(default)]
    pub metadata: Metadata,
}

/// The body of `PATCH /users/{id}`. There is no password here: `reset-password` sets it.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "UpdateUser"))]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// The name to sign in with. Another one is unconfirmed, unless `email_verified` says otherwise.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Email"))]
    email: Option<Email>,
    /// Given name.
    #[serde(default, deserialize_with = "nullable")]
    first_name: Option<Option<DisplayName>>,
    /// Family name.
    #[serde(default, deserialize_with = "nullable")]
    last_name: Option<Option<DisplayName>>,
    /// What to call them.
    #[serde(default, deserialize_with = "nullable")]
    display_name: Option<Option<DisplayName>>,
    /// Whether they may come in.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Status"))]
    status: Option<Status>,
    /// Whether the address is known to be theirs.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "bool"))]
    email_verified: Option<bool>,
    /// What administrators and directories keep about them.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "JsonObject"))]
    custom_attributes: Option<Value>,
    /// What they tell about themselves.
    #[serde(default)]
    profile: ProfileFields,
    /// What another program calls them, unique on the instance.
    #[serde(default, deserialize_with = "nullable")]
    external_id: Option<Option<ExternalId>>,
    /// What a program keeps about them, all of it: texts by name. `{}` empties it.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Metadata"))]
    metadata: Option<Metadata>,
}

impl From<UserChange> for UserPatch {
    fn from(body: UserChange) -> Self {
        Self {
            email: body.email,
            first_name: body.first_name,
            last_name: body.last_name,
            display_name: body.display_name,
            status: body.status,
            email_verified: body.email_verified,
            custom_attributes: body.custom_attributes,
            custom_texts: None,
            identity_source: None,
            profile: body.profile.into(),
            external_id: body.external_id,
            metadata: body.metadata,
        }
    }
}

/// The body of `POST /users/{id}/reset-password`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// The new one; none: the user gets a mail with a link to set one. `new_password` is the same.
    #[serde(alias = "new_password")]
    pub password: Option<Secret<String>>,
}

/// The filters of `GET /users`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UserQuery {
    /// A part of the e-mail or of a name.
    search: Option<String>,
    /// Whether they may come in, in either case.
    #[cfg_attr(test, schemars(with = "Option<Status>"))]
    status: Option<String>,
    /// Those of this home tenant: an id or a slug.
    tenant_id: Option<String>,
    /// Those whose home tenant is of this partner: an id or a slug.
    partner_id: Option<String>,
}

impl UserQuery {
    /// Whether it lets everybody through.
    pub fn is_empty(&self) -> bool {
        [&self.search, &self.status, &self.tenant_id, &self.partner_id].into_iter().all(Option::is_none)
    }

    /// As the service takes them. None: nothing can fit.
    ///
    /// # Errors
    /// A problem that names the parameter.
    pub fn read(&self, tx: &impl Read) -> Result<Option<UserFilter>, Problem> {
        let status = one_of("status", &self.status, Status::parse, "ACTIVE, INVITED, DISABLED, SUSPENDED")?;
        let search = text(&self.search).map(str::to_owned);
        let tenant = tenant_filter(tx, &self.tenant_id)?.filter();
        let partner = partner_filter(tx, &self.partner_id)?.filter();
        Ok(tenant.zip(partner).map(|(tenant, partner)| UserFilter { search, status, tenant, partner }))
    }
}

/// A user. Of the password only whether there is one, and since when.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct User {
    id: UserId,
    #[serde(flatten)]
    address: UserAddress,
    #[serde(flatten)]
    names: UserNames,
    /// Whether they may come in.
    status: Status,
    /// The home tenant, which owns the account.
    tenant_id: TenantId,
    #[serde(flatten)]
    origin: UserOrigin,
    /// What they tell about themselves.
    profile: Profile,
    #[serde(flatten)]
    times: UserTimes,
}

/// How to write to a user.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct UserAddress {
    /// The name to sign in with, unique on the instance.
    email: Email,
    /// Whether the address is known to be theirs.
    email_verified: bool,
}

/// How to call a user.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct UserNames {
    /// Given name.
    first_name: Option<DisplayName>,
    /// Family name.
    last_name: Option<DisplayName>,
    /// What to call them.
    display_name: Option<DisplayName>,
}

/// Where a user comes from, and what others keep about them.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct UserOrigin {
    /// What another program calls them, unique on the instance.
    external_id: Option<ExternalId>,
    /// What a program keeps about them: texts by name.
    metadata: Metadata,
    /// Where the account comes from.
    identity_source: IdentitySource,
    /// What administrators and directories keep about them.
    custom_attributes: JsonObject,
}

/// What happened to a user, and when.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct UserTimes {
    /// Whether a password was ever set.
    has_password: bool,
    /// When the password was last set.
    password_changed_at: Option<Moment>,
    /// When they last signed in.
    last_login_at: Option<Moment>,
    created_at: Moment,
    updated_at: Moment,
}

impl User {
    /// All of them that administrators see.
    pub fn of(row: &people::User) -> Self {
        Self {
            id: row.id,
            address: UserAddress::of(row),
            names: UserNames::of(row),
            status: row.status,
            tenant_id: row.home_tenant,
            origin: UserOrigin::of(row),
            profile: Profile::of(&row.profile),
            times: UserTimes::of(row),
        }
    }
}

impl UserAddress {
    pub(super) fn of(row: &people::User) -> Self {
        Self { email: row.email.clone(), email_verified: row.email_verified }
    }
}

impl UserNames {
    pub(super) fn of(row: &people::User) -> Self {
        Self {
            first_name: row.first_name.clone(),
            last_name: row.last_name.clone(),
            display_name: row.display_name.clone(),
        }
    }
}

impl UserOrigin {
    pub(super) fn of(row: &people::User) -> Self {
        Self {
            external_id: row.external_id.clone(),
            metadata: row.metadata.clone(),
            identity_source: row.identity_source,
            custom_attributes: row.custom_attributes.clone(),
        }
    }
}

impl UserTimes {
    pub(super) fn of(row: &people::User) -> Self {
        Self {
            has_password: row.password_hash.is_some(),
            password_changed_at: at(row.password_changed_at),
            last_login_at: at(row.last_login_at),
            created_at: Moment(row.created_at),
            updated_at: Moment(row.updated_at),
        }
    }
}

/// A user whose source says a provider that does not stand behind them.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct IdentityMismatch {
    user_id: UserId,
    email: Email,
    /// The home tenant.
    tenant_id: TenantId,
    /// What the account says.
    identity_source: IdentitySource,
    /// What it ought to say.
    expected: IdentitySource,
    /// Whether this request has put it right.
    fixed: bool,
}

impl IdentityMismatch {
    /// Of a user who ought to be local.
    pub fn of(row: &people::User, fixed: bool) -> Self {
        Self {
            user_id: row.id,
            email: row.email.clone(),
            tenant_id: row.home_tenant,
            identity_source: row.identity_source,
            expected: IdentitySource::Local,
            fixed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::parse_json;

    #[test]
    fn a_password_is_never_patched() {
        let bad = parse_json::<UserChange>(br#"{"password":"hunter2 hunter2"}"#).err().unwrap();
        assert_eq!(
            (bad.fields[0].field.as_str(), bad.fields[0].message.as_str()),
            ("password", "is not a known field")
        );
    }
}
