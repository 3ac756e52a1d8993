//! What the service tests of the domains stand on: a store in memory with the chained log, actors, and a small world of
//! partners and tenants.

use super::{NewPartner, NewTenant, create_partner, create_tenant};
use crate::access::{Actor, Assignment, Credential, Granted, Origin, Permission, Place, Principal, Role};
use crate::audit;
use crate::base::id::{PartnerId, RequestId, TenantId, UserId};
use crate::base::{DisplayName, Email, Id, JsonObject, Problem, ScopeSet, Slug, Timestamp};
use crate::crypto::digest::MacKey;
use crate::endings::{self, Cause, Ending};
use crate::lifecycle;
use crate::people::{self, NewUser, User};
use crate::setup::{self, Made};
use crate::store::{Hooks, Read, Store, StoreError, WriteTx, file};
use std::fmt::Debug;
use std::sync::Arc;

/// When the tests begin.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

pub(crate) fn mac_key() -> MacKey {
    MacKey::new(&[7; 32])
}

pub(crate) fn store() -> Store {
    let hook = Arc::new(|tx: &mut WriteTx<'_>| audit::before_commit(tx, &mac_key()));
    let hooks = Hooks { before_commit: Some(hook), above: Some(Arc::new(lifecycle::HANDLER)) };
    Store::start(file::in_memory().unwrap(), crate::store::test_token_key(), hooks).unwrap()
}

pub(crate) fn origin() -> Origin {
    Origin { request: RequestId::from_raw(1), ip: Some([192, 0, 2, 1].into()), user_agent: Some("test".to_owned()) }
}

pub(crate) fn actor(principal: Principal, place: Place, roles: Vec<Assignment>, scopes: Option<&str>) -> Arc<Actor> {
    Arc::new(Actor {
        principal,
        tenant: place.tenant().unwrap_or(TenantId::from_raw(2)),
        partner: place.partner().unwrap_or(PartnerId::from_raw(1)),
        credential: Credential::Local,
        proof: crate::access::Proof::Recent,
        roles,
        custom: crate::access::CoreSet::default(),
        scopes: scopes.map(|scopes| ScopeSet::parse(scopes).unwrap()),
        expires_at: None,
        mfa_at: None,
        origin: origin(),
    })
}

pub(crate) fn operator() -> Arc<Actor> {
    actor(Principal::Operator, Place::Platform, Vec::new(), None)
}

/// Ends everything that a user is signed in to.
pub(crate) fn sign_out(tx: &mut WriteTx<'_>, user: UserId, now: Timestamp) -> Result<u64, StoreError> {
    let cause = Cause::by(&operator(), now);
    Ok(endings::raise(tx, &Ending::UserSuspended { user }, &cause)?.sessions)
}

/// Somebody without a row, with one role.
pub(crate) fn holder(role: Role, place: Place) -> Arc<Actor> {
    let principal = Principal::User { id: UserId::from_raw(999_999), email: email("holder@test.example") };
    actor(principal, place, vec![Assignment { role, place }], None)
}

/// A user with the roles that they have in the store.
pub(crate) fn acting(store: &Store, user: &User, place: Place, now: Timestamp) -> Arc<Actor> {
    let roles = people::assignments(&store.read(), user, now).unwrap();
    actor(Principal::User { id: user.id, email: user.email.clone() }, place, roles, None)
}

pub(crate) fn grant<P: Permission>(actor: &Arc<Actor>, place: Place) -> Granted<P> {
    actor.grant(place).unwrap()
}

/// The operator's grant for the whole platform.
pub(crate) fn all<P: Permission>() -> Granted<P> {
    grant(&operator(), Place::Platform)
}

/// The code of a refusal.
pub(crate) fn code<T: Debug>(result: Result<T, Problem>) -> &'static str {
    result.unwrap_err().code
}

/// What the log says was done, the newest first.
pub(crate) fn actions(tx: &impl Read) -> Vec<String> {
    let page = audit::list(tx, Place::Platform, &audit::Filter::default(), None, 0, 10_000).unwrap();
    page.rows.iter().map(|(_, row)| row.event.action.clone()).collect()
}

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

pub(crate) fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).unwrap()
}

pub(crate) fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

pub(crate) fn new_partner(text: &str) -> NewPartner {
    NewPartner {
        slug: slug(text),
        name: name(text),
        contact_email: None,
        max_tenants: None,
        max_users_per_tenant: None,
        max_applications_per_tenant: None,
    }
}

pub(crate) fn new_tenant(text: &str, partner: PartnerId) -> NewTenant {
    NewTenant {
        slug: Some(slug(text)),
        name: name(text),
        partner,
        contact_email: None,
        settings: JsonObject::default(),
        branding: JsonObject::default(),
        details: super::Details::default(),
    }
}

/// Partner 1 `default` with tenant 2 `default`; partner 10 `p` with tenants 11 `a` and 12 `b`; partner 20 `q` with 21 `c`.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) default: Place,
    pub(crate) a: Place,
    pub(crate) b: Place,
    pub(crate) c: Place,
}

impl World {
    pub(crate) fn new() -> Self {
        let store = store();
        let made = Made { partner_id: PartnerId::from_raw(1), tenant_id: TenantId::from_raw(2) };
        store.write_blocking(move |tx| setup::bootstrap(tx, &made, NOW)).unwrap();
        store
            .write_blocking(|tx| {
                for (text, id) in [("p", p()), ("q", q())] {
                    create_partner(tx, &all(), &new_partner(text), id, NOW)?;
                }
                for (text, partner, id) in [("a", p(), 11), ("b", p(), 12), ("c", q(), 21)] {
                    create_tenant(tx, &all(), &new_tenant(text, partner), TenantId::from_raw(id), NOW)?;
                }
                Ok::<_, Problem>(())
            })
            .unwrap();
        let place = |partner, tenant| Place::Tenant { partner, tenant: TenantId::from_raw(tenant) };
        Self {
            store,
            default: place(PartnerId::from_raw(1), 2),
            a: place(p(), 11),
            b: place(p(), 12),
            c: place(q(), 21),
        }
    }

    /// Makes a user with a first membership.
    pub(crate) fn user(&self, id: u64, address: &str, place: Place, role: Role) -> User {
        let new = NewUser::local(email(address), place.tenant().unwrap(), role);
        self.store.write_blocking(move |tx| people::create(tx, &all(), &new, UserId::from_raw(id), NOW)).unwrap()
    }

    /// Gives a user a role by assignment.
    pub(crate) fn give(&self, user: &User, role: Role, place: Place, until: Option<Timestamp>) -> User {
        let id = user.id;
        self.store.write_blocking(move |tx| people::grant_role(tx, &all(), id, role, place, until, NOW)).unwrap()
    }

    /// A write that should end in a problem or a value.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        run: impl FnMut(&mut WriteTx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.store.write_blocking(run)
    }
}

pub(crate) fn p() -> PartnerId {
    PartnerId::from_raw(10)
}

pub(crate) fn q() -> PartnerId {
    PartnerId::from_raw(20)
}
