//! The rules of users, memberships and roles.

mod belonging;
mod deleted;
mod guard;
mod invitations;
mod roles;
mod scale;
mod second_factor;
mod text;
mod users;

use super::*;
use crate::access::{Actor, Assignment, Evidence, Granted, Method, Permission, Principal, permit};
use crate::access::{Place, Role};
use crate::base::id::{PartnerId, RequestId, SessionId};
use crate::base::id::{TenantId, UserId};
use crate::base::{Id, Problem};
use crate::crypto::token::TokenDigest;
use crate::sessions::{self, CsrfSecret, NewSession};
use crate::store::Paging;
use crate::tenancy::testkit::*;
use crate::tenancy::{self, PartnerPatch, TenantPatch};
use serde_json::json;
use std::sync::Arc;

fn user_id(id: u64) -> UserId {
    UserId::from_raw(id)
}

fn tenant_of(place: Place) -> TenantId {
    place.tenant().unwrap()
}

fn new_user(address: &str, place: Place, role: Role) -> NewUser {
    NewUser::local(email(address), tenant_of(place), role)
}

/// Tries something with the rights that an actor has at a place.
fn as_at<P: Permission, T: Send + 'static>(
    world: &World,
    actor: &Arc<Actor>,
    place: Place,
    mut run: impl FnMut(&mut crate::store::WriteTx<'_>, &Granted<P>) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let granted = actor.grant::<P>(place)?;
    world.write(move |tx| run(tx, &granted))
}

fn sign_in(world: &World, user: &User, id: u64) {
    let new = NewSession {
        id: SessionId::from_raw(id),
        digest: TokenDigest::of(&format!("cookie {id}")),
        user: user.id,
        tenant: user.home_tenant,
        csrf_secret: CsrfSecret([1; 32]),
        life_secs: None,
        email: user.email.clone(),
        evidence: Evidence::of(&[Method::Password], NOW),
        origin: origin(),
    };
    world.write(move |tx| sessions::create(tx, &new, NOW)).unwrap();
}

fn is_signed_in(world: &World, id: u64) -> bool {
    let state = sessions::resolve_id(&world.store.read(), SessionId::from_raw(id), NOW, 3600).unwrap();
    matches!(state, sessions::State::Live { .. })
}
