//! A small world for the tests of `apps` and `oauth`: two partners, three tenants, somebody to act in each place.

use super::{AppScope, Application, ApplicationType, NewApplication, NewSecret, client, rotate_secret};
use crate::access::{Actor, Assignment, Credential, Granted, Origin, Permission, Place, Principal, Role, permit};
use crate::audit::{self, Event};
use crate::base::id::{ApplicationId, PartnerId, RequestId, TenantId, UserId};
use crate::base::{DisplayName, Email, Id, JsonObject, Kind, Problem, ScopeSet, Slug, Timestamp};
use crate::crypto::token::TokenDigest;
use crate::roles;
use crate::store::{Store, WriteTx};
use crate::tenancy::{self, NewPartner, NewTenant};
use std::cell::Cell;
use std::sync::Arc;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

pub(crate) struct World {
    pub store: Store,
    /// The partner `default`, with the tenants `default` and `acme`.
    pub one: PartnerId,
    /// The partner `two`, with the tenant `other`.
    pub two: PartnerId,
    pub home: TenantId,
    pub acme: TenantId,
    pub other: TenantId,
    last_id: Cell<u64>,
}

pub(crate) fn origin() -> Origin {
    Origin { request: RequestId::from_raw(7), ip: Some([192, 0, 2, 1].into()), user_agent: Some("curl".to_owned()) }
}

pub(crate) fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).unwrap()
}

pub(crate) fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

pub(crate) fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

impl World {
    pub fn new() -> Self {
        let world = Self {
            store: tenancy::testkit::store(),
            one: PartnerId::from_raw(1),
            two: PartnerId::from_raw(2),
            home: TenantId::from_raw(11),
            acme: TenantId::from_raw(12),
            other: TenantId::from_raw(21),
            last_id: Cell::new(1000),
        };
        for (id, text) in [(world.one, "default"), (world.two, "two")] {
            let granted = world.may(Place::Platform);
            world.write(move |tx| {
                let new = NewPartner {
                    slug: slug(text),
                    name: name(text),
                    contact_email: None,
                    max_tenants: None,
                    max_users_per_tenant: None,
                    max_applications_per_tenant: None,
                };
                tenancy::create_partner(tx, &granted, &new, id, NOW)
            });
        }
        for (partner, id, text) in
            [(world.one, world.home, "default"), (world.one, world.acme, "acme"), (world.two, world.other, "other")]
        {
            let granted = world.may(Place::Platform);
            world.write(move |tx| {
                let new = NewTenant {
                    slug: Some(slug(text)),
                    name: name(text),
                    partner,
                    contact_email: None,
                    settings: JsonObject::default(),
                    branding: JsonObject::default(),
                    details: tenancy::Details::default(),
                };
                tenancy::create_tenant(tx, &granted, &new, id, NOW)
            });
        }
        world
    }

    /// A number that no row has.
    pub fn id<I: Id>(&self) -> I {
        self.last_id.set(self.last_id.get() + 1);
        I::from_raw(self.last_id.get())
    }

    pub fn write<T: Send + 'static>(
        &self,
        run: impl FnMut(&mut WriteTx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> T {
        self.store.write_blocking(run).unwrap()
    }

    pub fn try_write<T: Send + 'static>(
        &self,
        run: impl FnMut(&mut WriteTx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.store.write_blocking(run)
    }

    pub fn tenant(&self, tenant: TenantId) -> Place {
        let partner = if tenant == self.other { self.two } else { self.one };
        Place::Tenant { partner, tenant }
    }

    /// The permission of somebody who is admin at exactly this place.
    pub fn may<P: Permission>(&self, place: Place) -> Granted<P> {
        let role = match place {
            Place::Platform => Role::SuperAdmin,
            Place::Partner(_) => Role::PartnerAdmin,
            Place::Tenant { .. } => Role::TenantAdmin,
        };
        let actor = Actor {
            principal: Principal::User { id: UserId::from_raw(5), email: Email::parse("ann@example.com").unwrap() },
            tenant: self.home,
            partner: self.one,
            credential: Credential::Local,
            proof: crate::access::Proof::Recent,
            roles: vec![Assignment { role, place }],
            custom: crate::access::CoreSet::default(),
            scopes: None,
            expires_at: None,
            mfa_at: None,
            origin: origin(),
        };
        Arc::new(actor).grant(place).unwrap()
    }

    pub fn try_register(&self, by: Place, new: NewApplication) -> Result<(Application, String), Problem> {
        let granted = self.may(by);
        let id: ApplicationId = self.id();
        let (kept, secret) = NewSecret::make(self.id());
        let application = self.try_write(move |tx| super::create(tx, &granted, &new, id, &kept, NOW))?;
        Ok((application, secret.expose().clone()))
    }

    /// An application that may have `allowed`, and its secret.
    pub fn register(&self, kind: ApplicationType, scope: AppScope, allowed: &str) -> (Application, String) {
        let mut new = NewApplication::new(name(&format!("{} {}", scope.level().name(), kind.name())), kind, scope);
        new.allowed_scopes = scopes(allowed);
        self.try_register(Place::Platform, new).unwrap()
    }

    /// Gives a permission of applications its name, if it has none yet: the scope of somebody's own API.
    pub fn name_permission(&self, name: &'static str) {
        let (granted, id) = (self.may::<permit::WriteRoles>(Place::Platform), self.id());
        let made = self.try_write(move |tx| {
            let name = roles::PermissionName::parse(name).unwrap();
            roles::permissions::create(tx, &granted, (&name, ""), id, NOW)
        });
        assert!(made.as_ref().err().is_none_or(|problem| problem.code == "permission_exists"), "{made:?}");
    }

    /// The whole log, the oldest first.
    pub fn events(&self) -> Vec<Event> {
        let page =
            audit::list(&self.store.read(), Place::Platform, &audit::Filter::default(), None, 0, 10_000).unwrap();
        page.rows.into_iter().rev().map(|(_, row)| Event::clone(&row.event)).collect()
    }

    pub fn last_event(&self) -> Event {
        self.events().pop().unwrap()
    }
}

pub(crate) fn detail<'a>(event: &'a Event, name: &str) -> Option<&'a str> {
    event.details.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
}

/// The field that a refusal names.
pub(super) fn field(problem: &Problem) -> &str {
    assert_eq!(problem.kind, Kind::Invalid, "{problem:?}");
    &problem.fields[0].field
}

/// A new secret for the application, as an administrator of the server makes it.
pub(super) fn rotate(
    world: &World,
    id: ApplicationId,
    keep: Option<u32>,
    now: Timestamp,
) -> Result<(Application, String), Problem> {
    let granted = world.may(Place::Platform);
    let (new, secret) = NewSecret::make(world.id());
    let application = world.try_write(move |tx| rotate_secret(tx, &granted, id, &new, keep, now))?;
    Ok((application, secret.expose().clone()))
}

/// Which of the secrets hold at `now`.
pub(super) fn live(application: &Application, secrets: &[&String], now: Timestamp) -> Vec<bool> {
    let holds = |text: &&String| {
        application
            .secret_with(&TokenDigest::of(text).kept_under(&crate::store::test_token_key()))
            .is_some_and(|row| row.is_live(now))
    };
    secrets.iter().map(holds).collect()
}

/// The application as it is now in the store.
pub(super) fn reread(world: &World, application: &Application) -> Option<Application> {
    client(&world.store.read(), &application.client_id()).unwrap().map(Arc::unwrap_or_clone)
}
