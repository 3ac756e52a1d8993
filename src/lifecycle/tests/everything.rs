//! A user who has one of everything, at home and in another tenant.

use super::*;
use crate::access::{Actor, Evidence, Method, Place, Role};
use crate::apps::{self, AppScope, ApplicationType, NewApplication, NewSecret};
use crate::base::ScopeSet;
use crate::base::id::{ApiKeyId, ClientSecretId, FamilyId, GroupId, TokenId};
use crate::crypto::token::TokenDigest;
use crate::keys::api_keys::{self, Fingerprint, NewApiKey};
use crate::keys::{self, NewToken, Owner};
use crate::mfa;
use crate::oauth::consent;
use crate::people::groups::{self, GroupType, Member, NewGroup};
use crate::roles::{self, ModuleSet};
use crate::token_families::Family;
use std::sync::Arc;

pub(super) struct Everything {
    pub(super) world: World,
    pub(super) user: UserId,
    pub(super) home: TenantId,
    pub(super) other: TenantId,
    pub(super) application: ApplicationId,
    pub(super) session_at_home: SessionId,
}

impl Everything {
    pub(super) fn new() -> Self {
        let world = World::new();
        let user = world.user(100, "alice@a.example", world.a, Role::TenantUser);
        let (home, other) = (user.home_tenant, world.b.tenant().unwrap());
        let id = user.id;
        world
            .write(move |tx| {
                let new = NewMembership::at_once(Role::TenantUser);
                people::add_membership(tx, &all(), &id.into(), other, &new, NOW.plus_secs(1))
            })
            .unwrap();
        let mut new = NewApplication::new(name("An app"), ApplicationType::Web, AppScope::Global);
        new.allowed_scopes = ScopeSet::parse("openid").unwrap();
        let (secret, _) = NewSecret::make(ClientSecretId::from_raw(1));
        let application = ApplicationId::from_raw(300);
        let made = world.write(move |tx| apps::create(tx, &all(), &new, application, &secret, NOW)).unwrap();
        for (number, place) in [(1, world.a), (2, world.b)] {
            let actor = acting(&world.store, &user, place, NOW);
            signed_in(&world, &user, number, place, &made);
            consented(&world, &actor, &made, place);
            with_keys(&world, &actor, number, place);
            in_a_group(&world, id, number, place);
            world.give(&user, Role::TenantViewer, place, None);
        }
        let keyring = crate::crypto::keyring::Keyring::new(&[7; 32]);
        let sealed = mfa::seal_secret(&keyring, id, &crate::crypto::totp::new_secret());
        world.write(move |tx| mfa::begin(tx, id, [1; 32], &sealed, NOW)).unwrap();
        Self { world, user: id, home, other, application, session_at_home: SessionId::from_raw(1) }
    }

    pub(super) fn raise(&self, ending: Ending) {
        let cause = Cause::by(&operator(), NOW);
        self.world.write(move |tx| Ok(crate::endings::raise(tx, &ending, &cause)?)).unwrap();
    }

    pub(super) fn has(&self) -> Has {
        let tx = self.world.store.read();
        let places = [self.world.a, self.world.b];
        let in_tenants = |there: &dyn Fn(Place, TenantId) -> bool| {
            let both = places.iter().map(|place| (*place, place.tenant().unwrap()));
            both.filter(|(place, tenant)| there(*place, *tenant)).map(|(_, tenant)| tenant).collect::<Vec<_>>()
        };
        let families = token_families::of_user(&tx, self.user).unwrap();
        let live = |id| matches!(sessions::resolve_id(&tx, id, NOW, 3600), Ok(sessions::State::Live { .. }));
        let user = people::user(&tx, self.user).unwrap();
        let scope = ScopeSet::parse("openid").unwrap();
        let keys = |place| {
            let filter = api_keys::Filter { state: None, user: Some(self.user) };
            let found = api_keys::list_all(&tx, &grant(&operator(), place), filter, None, 9, NOW).unwrap();
            !found.is_empty()
        };
        let tokens = keys::list(&tx, &all(), Some(Owner::User(self.user)), None, 9).unwrap();
        Has {
            families: in_tenants(&|_, tenant| families.iter().any(|family| family.tenant == tenant)),
            sessions: in_tenants(&|place, _| live(SessionId::from_raw(if place == places[0] { 1 } else { 2 }))),
            consents: in_tenants(&|_, tenant| {
                consent::covers(&tx, self.user, self.application, tenant, &scope).unwrap()
            }),
            keys: in_tenants(&|place, _| keys(place)),
            tokens: in_tenants(&|_, tenant| {
                tokens.iter().any(|token| token.tenant == tenant && token.revoked_at.is_none())
            }),
            factors: mfa::factors(&tx, self.user).unwrap() != mfa::Factors::none(self.user),
            groups: in_tenants(&|_, tenant| !groups::groups_of(&tx, self.user, Some(tenant)).unwrap().is_empty()),
            roles: in_tenants(&|place, _| {
                roles::module_permissions(&tx, place, self.user).is_ok_and(|modules| !modules.is_empty())
            }),
            assigned: in_tenants(&|_, tenant| {
                user.iter().flat_map(|user| &user.admin_roles).any(|held| held.place.tenant() == Some(tenant))
            }),
            members: people::tenants_of(&tx, self.user).unwrap(),
            home: user.map(|user| user.home_tenant),
        }
    }
}

fn signed_in(world: &World, user: &people::User, number: u64, place: Place, application: &apps::Application) {
    let tenant = place.tenant().unwrap();
    let new = NewSession {
        id: SessionId::from_raw(number),
        digest: TokenDigest::of(&format!("cookie {number}")),
        user: user.id,
        tenant,
        csrf_secret: CsrfSecret([1; 32]),
        life_secs: None,
        email: user.email.clone(),
        evidence: Evidence::of(&[Method::Password], NOW),
        origin: origin(),
    };
    let family = Family {
        id: FamilyId::from_raw(number),
        application: application.id,
        user: user.id,
        session: new.id,
        tenant,
        scope: ScopeSet::parse("openid").unwrap(),
        evidence: Evidence::of(&[Method::Password], NOW),
        offline: true,
        refresh: None,
        created_at: NOW,
        expires_at: NOW.plus_secs(86_400),
        ended: None,
        forbidden: Vec::new(),
        environment: false,
    };
    world
        .write(move |tx| {
            sessions::create(tx, &new, NOW)?;
            Ok(token_families::create(tx, &family)?)
        })
        .unwrap();
}

fn consented(world: &World, actor: &Arc<Actor>, application: &apps::Application, place: Place) {
    let (actor, application, tenant) = (Arc::clone(actor), application.clone(), place.tenant().unwrap());
    let scope = ScopeSet::parse("openid").unwrap();
    world.write(move |tx| consent::give(tx, &actor, &application, tenant, &scope, NOW)).unwrap();
}

fn with_keys(world: &World, actor: &Arc<Actor>, number: u64, place: Place) {
    let fingerprint = Fingerprint { digest: TokenDigest::of(&format!("key {number}")), hint: "WXYZ".to_owned() };
    let scopes = ScopeSet::default();
    let key = NewApiKey { fingerprint, name: name("a key"), scopes, limit: None, expires_at: None };
    let granted = grant(actor, place);
    world.write(move |tx| api_keys::create(tx, &granted, &key, 60, ApiKeyId::from_raw(number), NOW)).unwrap();
    let token = NewToken {
        digest: TokenDigest::of(&format!("token {number}")),
        hint: "WXYZ".to_owned(),
        name: name("a token"),
        tenant: place.tenant().unwrap(),
        scopes: ScopeSet::parse("secrets:read").unwrap(),
        life_secs: None,
    };
    let granted = grant(actor, place);
    world
        .write(move |tx| keys::create_own(tx, &granted, &token, keys::MAX_LIFE_SECS, TokenId::from_raw(number), NOW))
        .unwrap();
}

fn in_a_group(world: &World, user: UserId, number: u64, place: Place) {
    let tenant = place.tenant().unwrap();
    let new = NewGroup { tenant, name: name("A group"), description: None, group_type: GroupType::Security };
    let id = GroupId::from_raw(number);
    let modules = ModuleSet::parse(["reports:read"]).unwrap();
    let granted = grant(&holder(Role::TenantAdmin, place), place);
    world
        .write(move |tx| {
            groups::create(tx, &all(), &new, id, NOW)?;
            groups::add_member(tx, &all(), id, Member::User(user), NOW)?;
            roles::set_module_permissions(tx, &granted, user, &modules, NOW)
        })
        .unwrap();
}
