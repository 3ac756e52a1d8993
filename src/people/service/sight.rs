//! How much of a user those who administer a place see.
//!
//! An accepted membership shows the account. An invitation that waits shows the address and that it waits: whoever knows an
//! address can send one, and learns nothing by that about who has the account. (The class of CVE-2026-32131.)

use super::super::{IdentitySource, Membership, Profile, Status, User, rows};
use crate::access::Place;
use crate::base::{JsonObject, Metadata};
use crate::store::{Read, StoreError};
use crate::tenancy;

/// How much of a user is seen from a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::people) enum Sight {
    /// They belong to a tenant of the place, or the account was made there and waits for its first acceptance.
    Whole,
    /// A tenant of the place has invited them, and they have not accepted.
    Invited(Box<Membership>),
    /// They are nobody there.
    Nothing,
}

/// Whether a membership shows of somebody only the address and that they wait.
pub(in crate::people) fn is_invited_only(user: &User, membership: &Membership) -> bool {
    membership.is_pending() && !(user.status == Status::Invited && user.home_tenant == membership.tenant)
}

/// How much of a user those who administer `place` see. One look-up for a tenant, more for a partner, none for the platform.
pub(in crate::people) fn of(tx: &impl Read, place: Place, user: &User) -> Result<Sight, StoreError> {
    let tenants = match place {
        Place::Platform => return Ok(Sight::Whole),
        Place::Tenant { tenant, .. } => vec![tenant],
        Place::Partner(_) => rows::all_tenants_of(tx, user.id)?,
    };
    let mut sight = Sight::Nothing;
    for tenant in tenants {
        // A tenant that is asked for by itself is the asker's own.
        if place.tenant() != Some(tenant) && !tenancy::place_of(tx, tenant)?.is_some_and(|there| place.covers(there)) {
            continue;
        }
        match rows::belonging(tx, tenant, user.id)? {
            Some(row) if is_invited_only(user, &row) => {
                sight = Sight::Invited(Box::new(row));
            }
            Some(_) => return Ok(Sight::Whole),
            None => {}
        }
    }
    Ok(sight)
}

/// A user as those who administer `place` may see them; none: they are nobody there.
pub(in crate::people) fn shown(tx: &impl Read, place: Place, user: User) -> Result<Option<User>, StoreError> {
    Ok(match of(tx, place, &user)? {
        Sight::Whole => Some(user),
        Sight::Invited(membership) => Some(invited(user, &membership)),
        Sight::Nothing => None,
    })
}

/// Somebody who was invited and has not accepted: who it is and that it waits.
fn invited(user: User, membership: &Membership) -> User {
    let since = membership.invitation.as_ref().map_or(membership.joined_at, |invitation| invitation.created_at);
    User {
        mailbox_proven_at: None,
        id: user.id,
        email: user.email,
        home_tenant: membership.tenant,
        first_name: None,
        last_name: None,
        display_name: None,
        status: Status::Invited,
        password_hash: None,
        password_changed_at: None,
        email_verified: false,
        admin_roles: Vec::new(),
        custom_attributes: JsonObject::default(),
        identity_source: IdentitySource::Local,
        created_at: since,
        updated_at: since,
        deleted_at: None,
        last_login_at: None,
        profile: Profile::default(),
        external_id: None,
        metadata: Metadata::default(),
    }
}
