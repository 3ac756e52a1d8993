//! Saving users and memberships, with their place in the lists.

pub(super) use super::cards::{
    card, card_with, cards, cards_of, first_card, former_card, is_partner_scope, partner_scope, texts_in,
};
pub(super) use super::rows::{
    BY_DELETED, all_tenants_of, belonging, by_email, by_external_id, holder_of_email, holders, membership, not_local,
    tenants_of, user,
};
use super::rows::{BY_EMAIL, BY_EXTERNAL_ID};
use super::{Membership, User};
use crate::access::Place;
use crate::base::id::{TenantId, UserId};
use crate::base::{Email, ExternalId, Id, Problem};
use crate::store::{Entity, Listing, Read, Report, StoreError, WriteTx};

/// Live users, by each tenant that they belong to; numbers 0x0402 to 0x0404.
pub(super) const LISTING: Listing<UserId> = Listing::new(0x0402, "users listed");
/// Lists all users anew, and finds them by what their e-mails are now compared by. Of two that came to the same, the older one
/// is found; both are readable, and `scaistack check` names them.
pub(super) fn relist_all(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    let cards = cards(tx)?;
    LISTING.rebuild(tx, &cards)?;
    tx.reindex::<User, _, _>(&BY_EMAIL)
}

/// Runs a change to a user or their memberships and brings their place in the lists up to date.
fn relist(
    tx: &mut WriteTx<'_>,
    id: UserId,
    change: impl FnOnce(&mut WriteTx<'_>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let card_now = |tx: &WriteTx<'_>| match tx.get(&User::TABLE, &id)? {
        Some(user) => card(tx, &user),
        None => Ok(None),
    };
    let before = card_now(tx)?;
    change(tx)?;
    let now = card_now(tx)?;
    LISTING.update(tx, before.as_ref(), now.as_ref())?;
    Ok(())
}

fn external_id_taken() -> Problem {
    Problem::conflict("external_id_taken", "There is already a user with this external id").at("external_id")
}

/// Nobody has this external id.
///
/// # Errors
/// `external_id_taken`.
pub(super) fn check_external_id(tx: &impl Read, external: &ExternalId) -> Result<(), Problem> {
    match by_external_id(tx, external)? {
        Some(_) => Err(external_id_taken()),
        None => Ok(()),
    }
}

fn taken(tx: &impl Read, email: &Email, error: StoreError) -> Problem {
    match error {
        StoreError::Taken(index) if index == BY_EXTERNAL_ID.name => external_id_taken(),
        StoreError::Taken(index) if index == BY_EMAIL.name => {
            let deleted = tx
                .find(&BY_EMAIL, &email.key())
                .is_ok_and(|holder: Option<User>| holder.is_some_and(|holder| holder.deleted_at.is_some()));
            let message = if deleted {
                "A deleted user has this e-mail: restore them, or wait until they are purged"
            } else {
                "There is already a user with this e-mail"
            };
            Problem::conflict("email_taken", message).at("email")
        }
        other => other.into(),
    }
}

/// Saves a user with their place in the lists.
pub(super) fn save(tx: &mut WriteTx<'_>, user: &User) -> Result<(), Problem> {
    relist(tx, user.id, |tx| tx.save(user).map_err(|error| taken(tx, &user.email, error)))
}

/// Saves a new user and their first membership, of a tenant at `place`: they are listed once, with both.
pub(super) fn save_new(
    tx: &mut WriteTx<'_>,
    user: &User,
    membership: &Membership,
    place: Place,
) -> Result<(), Problem> {
    tx.save(user).map_err(|error| taken(tx, &user.email, error))?;
    tx.save(membership)?;
    LISTING.update(tx, None, Some(&first_card(user, membership, place)))?;
    Ok(())
}

/// Saves a user whose home has moved: of somebody who waits, the lists of a home know more than those of other tenants.
pub(super) fn save_home(tx: &mut WriteTx<'_>, user: &User) -> Result<(), StoreError> {
    let before = card_with(tx, user.id, None)?;
    tx.save(user)?;
    let now = card_with(tx, user.id, None)?;
    LISTING.update(tx, before.as_ref(), now.as_ref())
}

/// Saves a user whose listed parts did not change: status, names, e-mail and memberships.
pub(super) fn save_quietly(tx: &mut WriteTx<'_>, user: &User) -> Result<(), StoreError> {
    tx.save(user)
}

/// Saves a membership.
pub(super) fn save_membership(tx: &mut WriteTx<'_>, membership: &Membership) -> Result<(), Problem> {
    relist(tx, membership.user, |tx| Ok(tx.save(membership)?))
}

/// Takes a membership away.
pub(super) fn remove_membership(tx: &mut WriteTx<'_>, tenant: TenantId, user: UserId) -> Result<(), Problem> {
    relist(tx, user, |tx| Ok(tx.remove::<Membership>(&(tenant, user))?))
}

/// How many users are members of a tenant or invited to it: one look-up.
///
/// # Errors
/// When the file cannot be read.
pub fn members_count(tx: &impl Read, tenant: TenantId) -> Result<u64, StoreError> {
    LISTING.count(tx, tenant.raw(), None)
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<User>(tx)?;
    report.entity::<Membership>(tx)?;
    report.listing(tx, &LISTING, cards(tx), |tx| {
        let cards = cards(tx)?;
        LISTING.rebuild(tx, &cards)
    })?;
    addresses(tx, report)
}

/// Addresses that are not as they would be kept today: those that can be are brought into the form of today.
fn addresses(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    for user in tx.readable_rows(&User::TABLE)? {
        let id = user.id;
        match Email::parse(user.email.as_str()) {
            Ok(email) if email == user.email => {}
            Ok(email) => {
                let what = "has an e-mail that is not in the form of today";
                report.mendable(User::TABLE.name, id.raw().to_string(), what, move |tx| {
                    // The key of both forms is the same, so nobody else can have it.
                    let Some(user) = tx.get(&User::TABLE, &id)? else { return Ok(()) };
                    let before = card(tx, &user)?;
                    let user = User { email, ..user };
                    tx.save(&user)?;
                    let now = card(tx, &user)?;
                    LISTING.update(tx, before.as_ref(), now.as_ref())
                });
            }
            Err(rule) => report.fault(User::TABLE.name, id.raw().to_string(), format!("has an e-mail that {rule}")),
        }
    }
    Ok(())
}

/// A step of the schema: deleted users are found by when they were deleted.
///
/// # Errors
/// When the file cannot be read or written.
pub fn index_deleted(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.reindex::<User, _, _>(&BY_DELETED)
}

/// A step of the schema: whom a tenant has only invited its lists know by the address and as invited.
///
/// # Errors
/// When the file cannot be read or written.
pub fn list_invited(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    relist_all(tx)
}
