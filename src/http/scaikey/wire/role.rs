//! Roles by name, and those that are held beyond memberships.

use super::at;
use crate::access::{Place, Role};
use crate::base::id::{PartnerId, TenantId, UserId};
use crate::base::{Email, Timestamp};
use crate::http::reply::Moment;
use crate::people::{self, AdminRole as Held};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

/// A role by its name, in either case.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RoleName(#[cfg_attr(test, schemars(with = "Role"))] pub Role);

impl<'de> Deserialize<'de> for RoleName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Role::parse(&text).map(Self).ok_or_else(|| {
            let known: Vec<_> = Role::ALL.into_iter().map(Role::name).collect();
            D::Error::custom(format!("must be one of {}", known.join(", ")))
        })
    }
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

/// The id of an assignment: who, as what, where. It needs no row of its own.
fn assignment_id(user: UserId, held: &Held) -> String {
    let role = held.role.name();
    match held.place {
        Place::Platform => format!("{user}.{role}"),
        Place::Partner(partner) => format!("{user}.{role}.{partner}"),
        Place::Tenant { tenant, .. } => format!("{user}.{role}.{tenant}"),
    }
}

/// A role in capital letters: `TENANT_ADMIN`.
#[derive(Clone, Copy, Debug)]
struct CapitalRole(Role);

impl Serialize for CapitalRole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.name().to_ascii_uppercase())
    }
}

#[cfg(test)]
impl schemars::JsonSchema for CapitalRole {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CapitalRole".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "enum": Role::ALL.map(|role| role.name().to_ascii_uppercase()) })
    }
}

/// That a user holds a role by an assignment of its own, not by a membership.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AdminRole {
    /// Made of the user, the role and the place: `usr_4.tenant_admin.tnt_7`.
    id: String,
    user_id: UserId,
    user_email: Email,
    role: CapitalRole,
    /// The partner that a partner role is for; null for any other role.
    partner_id: Option<PartnerId>,
    /// The tenant that a tenant role is for; null for any other role.
    tenant_id: Option<TenantId>,
    /// Until when; null: until it is taken.
    expires_at: Option<Moment>,
    /// Whether it has not run out.
    is_active: bool,
    /// Since when they hold it.
    created_at: Moment,
}

impl AdminRole {
    /// A role that `user` holds.
    pub fn of(user: &people::User, held: &Held, now: Timestamp) -> Self {
        Self {
            id: assignment_id(user.id, held),
            user_id: user.id,
            user_email: user.email.clone(),
            role: CapitalRole(held.role),
            partner_id: if let Place::Partner(partner) = held.place { Some(partner) } else { None },
            tenant_id: held.place.tenant(),
            expires_at: at(held.expires_at),
            is_active: held.is_live(now),
            created_at: Moment(held.granted_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Id;
    use crate::http::extract::parse_json;

    #[test]
    fn an_assignment_is_named_by_what_it_is() {
        let user = UserId::from_raw(4);
        let place = Place::Tenant { partner: PartnerId::from_raw(1), tenant: TenantId::from_raw(7) };
        let at = Timestamp::from_secs(0);
        let held = |role, place| Held { role, place, expires_at: None, granted_at: at };
        assert_eq!(assignment_id(user, &held(Role::SuperAdmin, Place::Platform)), "usr_4.super_admin");
        assert_eq!(assignment_id(user, &held(Role::TenantAdmin, place)), "usr_4.tenant_admin.tnt_7");
    }

    #[test]
    fn roles_are_read_in_either_case() {
        let body =
            r#"{"user_id":"usr_4","role":"TENANT_ADMIN","tenant_id":"acme","expires_at":"2030-01-01T00:00:00Z"}"#;
        let assign: AssignRole = parse_json(body.as_bytes()).unwrap();
        assert!(assign.role.0 == Role::TenantAdmin && assign.expires_at.is_some());
        let bad = parse_json::<AssignRole>(br#"{"user_id":"usr_4","role":"king"}"#).err().unwrap();
        assert_eq!(bad.fields[0].field, "role");
        assert_eq!(serde_json::json!(CapitalRole(Role::TenantAdmin)), "TENANT_ADMIN");
    }
}
