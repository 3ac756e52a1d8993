//! Users, memberships and admin roles.

use super::profile::{self, ProfileFields};
use super::{at, given, nullable, one_of, partner_filter, tenant_filter, text};
use crate::access::{OwnData, Place, Role};
use crate::base::id::UserId;
use crate::base::{DisplayName, Email, ExternalId, JsonObject, Metadata, Problem, Secret, Timestamp};
use crate::people::{AdminRole, Membership, ProfilePatch, Status, User, UserFilter, UserPatch};
use crate::store::Read;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::{Map, Value, json};

/// A role by its name, in either case.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RoleName(#[cfg_attr(test, schemars(with = "String"))] pub Role);

impl<'de> Deserialize<'de> for RoleName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Role::parse(&text).map(Self).ok_or_else(|| {
            let known: Vec<_> = Role::ALL.into_iter().map(Role::name).collect();
            D::Error::custom(format!("must be one of {}", known.join(", ")))
        })
    }
}

/// The body of `POST /users`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The name to sign in with.
    pub email: Email,
    /// The home tenant, by id or slug; the caller's own if not said.
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Update {
    #[serde(default, deserialize_with = "given")]
    email: Option<Email>,
    #[serde(default, deserialize_with = "nullable")]
    first_name: Option<Option<DisplayName>>,
    #[serde(default, deserialize_with = "nullable")]
    last_name: Option<Option<DisplayName>>,
    #[serde(default, deserialize_with = "nullable")]
    display_name: Option<Option<DisplayName>>,
    #[serde(default, deserialize_with = "given")]
    status: Option<Status>,
    #[serde(default, deserialize_with = "given")]
    email_verified: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    custom_attributes: Option<Value>,
    #[serde(default)]
    profile: ProfileFields,
    #[serde(default, deserialize_with = "nullable")]
    external_id: Option<Option<ExternalId>>,
    /// All of it; `{}` empties it.
    #[serde(default, deserialize_with = "given")]
    metadata: Option<Metadata>,
}

impl From<Update> for UserPatch {
    fn from(body: Update) -> Self {
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

/// The body of `PATCH /me`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    #[serde(default, deserialize_with = "nullable")]
    first_name: Option<Option<DisplayName>>,
    #[serde(default, deserialize_with = "nullable")]
    last_name: Option<Option<DisplayName>>,
    #[serde(default, deserialize_with = "nullable")]
    display_name: Option<Option<DisplayName>>,
    #[serde(default)]
    profile: ProfileFields,
}

impl From<Profile> for ProfilePatch {
    fn from(Profile { first_name, last_name, display_name, profile }: Profile) -> Self {
        Self { first_name, last_name, display_name, profile: profile.into() }
    }
}

/// The body of `POST /users/{id}/reset-password`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// The new one; none: the user gets a mail with a link to set one.
    #[serde(alias = "new_password")]
    pub password: Option<Secret<String>>,
}

/// The body of `POST /users/{id}/memberships`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddMembership {
    /// An id or a slug.
    #[serde(alias = "tenant")]
    pub tenant_id: String,
    /// `tenant_user` if not said.
    pub role: Option<RoleName>,
    /// What to keep about it.
    #[serde(default)]
    pub metadata: Metadata,
}

/// The body of `PATCH /users/{id}/memberships/{tenant}`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateMembership {
    /// The new role; none: as it was.
    pub role: Option<RoleName>,
    /// All that is to be kept about it; none: as it was.
    #[serde(default, deserialize_with = "given")]
    pub metadata: Option<Metadata>,
}

/// The body of `POST /admin-roles`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignRole {
    /// The user who gets the role.
    pub user_id: UserId,
    /// The role, by its name.
    pub role: RoleName,
    /// For partner roles: an id or a slug.
    pub partner_id: Option<String>,
    /// For tenant roles: an id or a slug.
    pub tenant_id: Option<String>,
    /// Until when; null or absent: until it is taken.
    #[serde(default, deserialize_with = "moment")]
    pub expires_at: Option<Timestamp>,
}

/// A moment in ISO 8601, or null.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| Timestamp::parse(&text).map_err(D::Error::custom)).transpose()
}

/// The filters of `GET /users`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Filter {
    search: Option<String>,
    status: Option<String>,
    tenant_id: Option<String>,
    partner_id: Option<String>,
}

impl Filter {
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
pub fn render(user: &User) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "email_verified": user.email_verified,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "display_name": user.display_name,
        "status": user.status.name(),
        "tenant_id": user.home_tenant,
        "external_id": user.external_id,
        "metadata": user.metadata,
        "identity_source": user.identity_source.name(),
        "custom_attributes": user.custom_attributes.value(),
        "profile": profile::render(&user.profile),
        "has_password": user.password_hash.is_some(),
        "password_changed_at": at(user.password_changed_at),
        "last_login_at": at(user.last_login_at),
        "created_at": user.created_at.iso_secs(),
        "updated_at": user.updated_at.iso_secs(),
    })
}

/// A user as their own credential sees them: the members of [`render`] that it may be told.
pub fn render_own(user: &User, seen: OwnData) -> Map<String, Value> {
    let (Value::Object(mut all), Value::Object(mut profile)) = (render(user), profile::render(&user.profile)) else {
        return Map::new();
    };
    profile.retain(|name, _| match name.as_str() {
        "phone_number" | "phone_number_verified" => seen.phone,
        "address" => seen.address,
        "groups" => seen.groups,
        "metadata" => seen.account,
        _ => seen.profile,
    });
    all.retain(|name, _| match name.as_str() {
        "id" | "tenant_id" => seen.id,
        "email" | "email_verified" => seen.email,
        "first_name" | "last_name" | "display_name" => seen.name,
        // What is new here is nobody's but the account's.
        _ => seen.account,
    });
    if !profile.is_empty() {
        all.insert("profile".to_owned(), Value::Object(profile));
    }
    all
}

/// A membership, as answers show it.
pub fn membership(membership: &Membership) -> Value {
    json!({
        "user_id": membership.user,
        "tenant_id": membership.tenant,
        "role": membership.role.name(),
        "joined_at": membership.joined_at.iso_secs(),
        "metadata": membership.metadata,
        "inviter_email": membership.inviter,
        "invitation": membership.invitation.as_ref().map(|invitation| json!({
            "created_at": invitation.created_at.iso_secs(),
            "expires_at": invitation.expires_at.iso_secs(),
            "accepted_at": at(invitation.accepted_at),
            "resent_at": at(invitation.resent_at),
            "resent_count": invitation.resent_count,
        })),
    })
}

/// The id of an assignment: who, as what, where. It needs no row of its own.
pub fn assignment_id(user: UserId, held: &AdminRole) -> String {
    let role = held.role.name();
    match held.place {
        Place::Platform => format!("{user}.{role}"),
        Place::Partner(partner) => format!("{user}.{role}.{partner}"),
        Place::Tenant { tenant, .. } => format!("{user}.{role}.{tenant}"),
    }
}

/// Who has a role where.
pub fn assignment(user: &User, held: &AdminRole, now: Timestamp) -> Value {
    json!({
        "id": assignment_id(user.id, held),
        "user_id": user.id,
        "user_email": user.email,
        "role": held.role.name().to_ascii_uppercase(),
        "partner_id": if let Place::Partner(partner) = held.place { Some(partner) } else { None },
        "tenant_id": held.place.tenant(),
        "expires_at": at(held.expires_at),
        "is_active": held.is_live(now),
        "created_at": held.granted_at.iso_secs(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Id;
    use crate::base::id::{PartnerId, TenantId};
    use crate::http::extract::parse_json;

    #[test]
    fn an_assignment_is_named_by_what_it_is() {
        let user = UserId::from_raw(4);
        let place = Place::Tenant { partner: PartnerId::from_raw(1), tenant: TenantId::from_raw(7) };
        let at = Timestamp::from_secs(0);
        let held = |role, place| AdminRole { role, place, expires_at: None, granted_at: at };
        assert_eq!(assignment_id(user, &held(Role::SuperAdmin, Place::Platform)), "usr_4.super_admin");
        assert_eq!(assignment_id(user, &held(Role::TenantAdmin, place)), "usr_4.tenant_admin.tnt_7");
    }

    #[test]
    fn roles_are_read_in_either_case_and_a_password_is_never_patched() {
        let body =
            r#"{"user_id":"usr_4","role":"TENANT_ADMIN","tenant_id":"acme","expires_at":"2030-01-01T00:00:00Z"}"#;
        let assign: AssignRole = parse_json(body.as_bytes()).unwrap();
        assert!(assign.role.0 == Role::TenantAdmin && assign.expires_at.is_some());
        let bad = parse_json::<AssignRole>(br#"{"user_id":"usr_4","role":"king"}"#).err().unwrap();
        assert_eq!(bad.fields[0].field, "role");
        let bad = parse_json::<Update>(br#"{"password":"hunter2 hunter2"}"#).err().unwrap();
        assert_eq!(
            (bad.fields[0].field.as_str(), bad.fields[0].message.as_str()),
            ("password", "is not a known field")
        );
    }
}
