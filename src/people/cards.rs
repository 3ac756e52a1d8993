//! What the lists know of users: where each stands, in which state, and by which words a search finds them.
//!
//! The lists of a tenant that has only invited somebody, and of its partner, know of them what its administrators see: the
//! address, and that they wait ([`sight`]).

use super::rows::{all_tenants_of, belonging};
use super::{Membership, Status, User, sight};
use crate::access::Place;
use crate::base::Id;
use crate::base::id::{PartnerId, TenantId, UserId};
use crate::store::{Card, Entity, Partly, Read, StoreError};
use crate::tenancy;
use std::collections::BTreeSet;

/// The top bit tells a partner's list from a tenant's: ids never have it.
const PARTNER: u64 = 1 << 63;

/// The list of everybody who belongs to a tenant of a partner.
pub(super) fn partner_scope(partner: PartnerId) -> u64 {
    partner.raw() | PARTNER
}

/// Whether a list is a partner's.
pub(super) fn is_partner_scope(scope: u64) -> bool {
    scope & PARTNER != 0
}

/// The cards of users as they are now; those who are gone have none.
pub(super) fn cards_of(tx: &impl Read, users: &[UserId]) -> Result<Vec<Card<UserId>>, StoreError> {
    let mut cards = Vec::with_capacity(users.len());
    for id in users {
        if let Some(user) = tx.get(&User::TABLE, id)? {
            cards.extend(card(tx, &user)?);
        }
    }
    Ok(cards)
}

/// The card of a user as it is now, or as it was when a tenant was still a partner's.
pub(super) fn card_with(
    tx: &impl Read,
    id: UserId,
    was: Option<(TenantId, Option<PartnerId>)>,
) -> Result<Option<Card<UserId>>, StoreError> {
    match tx.get(&User::TABLE, &id)? {
        Some(user) => card_as(tx, &user, was),
        None => Ok(None),
    }
}

/// The card of a user; none of somebody who was deleted.
pub(super) fn card(tx: &impl Read, user: &User) -> Result<Option<Card<UserId>>, StoreError> {
    card_as(tx, user, None)
}

fn card_as(
    tx: &impl Read,
    user: &User,
    was: Option<(TenantId, Option<PartnerId>)>,
) -> Result<Option<Card<UserId>>, StoreError> {
    if user.deleted_at.is_some() {
        return Ok(None);
    }
    card_anyway(tx, user, was).map(Some)
}

/// The card that a deleted user would have: deleted ones stand in no list and are looked through one by one.
pub(super) fn former_card(tx: &impl Read, user: &User) -> Result<Card<UserId>, StoreError> {
    card_anyway(tx, user, None)
}

fn card_anyway(
    tx: &impl Read,
    user: &User,
    was: Option<(TenantId, Option<PartnerId>)>,
) -> Result<Card<UserId>, StoreError> {
    let tenants = all_tenants_of(tx, user.id)?;
    let mut seats = Vec::with_capacity(tenants.len());
    for tenant in tenants {
        let partner = match was {
            Some((moved, from)) if moved == tenant => from,
            _ => tenancy::place_of(tx, tenant)?.and_then(Place::partner),
        };
        let waits = belonging(tx, tenant, user.id)?.is_some_and(|row| sight::is_invited_only(user, &row));
        seats.push(Seat { tenant, partner, waits });
    }
    Ok(card_in(user, &seats))
}

/// The card of a user who has just been made, with nothing but this membership, of a tenant at `place`: nothing has to be
/// looked up.
pub(super) fn first_card(user: &User, membership: &Membership, place: Place) -> Card<UserId> {
    let waits = sight::is_invited_only(user, membership);
    card_in(user, &[Seat { tenant: membership.tenant, partner: place.partner(), waits }])
}

/// A tenant that somebody belongs to or is invited to.
struct Seat {
    tenant: TenantId,
    partner: Option<PartnerId>,
    /// The tenant has only invited them, and knows less of them.
    waits: bool,
}

fn card_in(user: &User, seats: &[Seat]) -> Card<UserId> {
    let (mut scopes, mut invited) = (BTreeSet::new(), BTreeSet::new());
    for seat in seats {
        let seen_in = if seat.waits { &mut invited } else { &mut scopes };
        seen_in.extend([seat.tenant.raw()].into_iter().chain(seat.partner.map(partner_scope)));
    }
    let invited: Vec<u64> = invited.difference(&scopes).copied().collect();
    // What is not seen of them is not to be found either, or a search would tell what a row hides.
    let partly = (!invited.is_empty()).then(|| Partly {
        scopes: invited,
        status: Status::Invited.number(),
        texts: [&user.email].map(ToString::to_string).into(),
    });
    Card { id: user.id, scopes: scopes.into_iter().collect(), status: user.status.number(), texts: texts(user), partly }
}

fn texts(user: &User) -> Vec<String> {
    let mut texts = vec![user.email.to_string()];
    texts.extend([&user.display_name, &user.last_name].into_iter().flatten().map(ToString::to_string));
    if let Some(first) = &user.first_name {
        texts.push(user.last_name.as_ref().map_or_else(|| first.to_string(), |last| format!("{first} {last}")));
    }
    texts.extend(user.external_id.as_ref().map(ToString::to_string));
    texts
}

/// What a listed user is found by in a list: there where they were only invited, by the address alone.
pub(super) fn texts_in(tx: &impl Read, scope: u64, id: UserId) -> Result<Option<Vec<String>>, StoreError> {
    Ok(card_with(tx, id, None)?.and_then(|card| card.texts_in(scope)))
}

/// The cards of all users whose rows can be read.
pub(super) fn cards(tx: &impl Read) -> Result<Vec<Card<UserId>>, StoreError> {
    tx.readable_rows(&User::TABLE)?.iter().filter_map(|user| card(tx, user).transpose()).collect()
}
