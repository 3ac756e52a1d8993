//! By which of its two names a request means an organisation or a person: the field `id`, or `external_id`.

use super::proto::organizations::{delete_organization_request, get_organization_request, update_organization_request};
use super::proto::users::{
    create_membership_request, delete_membership_request, delete_user_request, get_user_request,
    update_membership_request, update_user_request,
};
use super::rules;
use crate::access::Place;
use crate::base::id::{TenantId, UserId};
use crate::base::{ExternalId, Problem};
use crate::people;
use crate::store::Read;
use crate::tenancy;

/// What the oneof `identities` of a request holds.
#[derive(Clone, Debug)]
pub(super) enum Identity {
    /// Our own id: `org_…`, `usr_…`.
    Id(String),
    /// What the caller calls it.
    ExternalId(String),
    /// The request names neither.
    Missing,
}

/// Each request has a type of its own for the same oneof.
macro_rules! identities {
    ($($request:ident)*) => {$(
        impl From<Option<$request::Identities>> for Identity {
            fn from(given: Option<$request::Identities>) -> Self {
                match given {
                    Some($request::Identities::Id(id)) => Self::Id(id),
                    Some($request::Identities::ExternalId(id)) => Self::ExternalId(id),
                    None => Self::Missing,
                }
            }
        }
    )*};
}

identities! {
    get_organization_request update_organization_request delete_organization_request
    get_user_request update_user_request delete_user_request
    create_membership_request update_membership_request delete_membership_request
}

fn missing() -> Problem {
    Problem::invalid("id", "or external_id is required")
}

impl Identity {
    /// Which organisation it is; whether the caller may know of it is for the service to say.
    ///
    /// # Errors
    /// Invalid, with the field; not found.
    pub fn organization(&self, tx: &impl Read) -> Result<TenantId, Problem> {
        match self {
            Self::Id(id) => rules::organization_id("id", id),
            Self::ExternalId(text) => {
                if text.is_empty() {
                    return Err(Problem::invalid("external_id", "is required"));
                }
                // What no organisation can be called, none is called.
                let external_id = ExternalId::parse(text).map_err(|_| rules::no_organization())?;
                tenancy::tenant_with_external_id(tx, &external_id)?.ok_or_else(rules::no_organization)
            }
            Self::Missing => Err(missing()),
        }
    }

    /// Who it is, and where their home is; whether the caller may know of them is for the service to say.
    ///
    /// # Errors
    /// Invalid, with the field; not found.
    pub fn user(&self, tx: &impl Read) -> Result<(UserId, Option<Place>), Problem> {
        let user = match self {
            Self::Id(id) => people::user(tx, rules::user_id("id", id)?)?,
            Self::ExternalId(text) => {
                rules::length("external_id", text, 1..=510)?;
                // What nobody can be called, nobody is called.
                let external_id = ExternalId::parse(text).map_err(|_| rules::no_user())?;
                people::by_external_id(tx, &external_id)?
            }
            Self::Missing => return Err(missing()),
        };
        let user = user.ok_or_else(rules::no_user)?;
        Ok((user.id, tenancy::place_of(tx, user.home_tenant)?))
    }
}
