//! The first start, and a hundred who want to be first.

use super::*;
use crate::access::{Place, Role};
use crate::audit;
use crate::base::id::{PartnerId, TenantId, UserId};
use crate::base::{Id, Problem};
use crate::crypto::token::TokenDigest;
use crate::people::{self, Status, User};
use crate::store::Store;
use crate::tenancy;
use crate::tenancy::testkit::*;

fn digest(text: &str) -> TokenDigest {
    TokenDigest::of(text)
}

fn started() -> Store {
    let store = store();
    let made = Made { partner_id: PartnerId::from_raw(1), tenant_id: TenantId::from_raw(2) };
    store.write_blocking(move |tx| bootstrap(tx, &made, NOW)).unwrap();
    store.write_blocking(|tx| new_link(tx, digest("link"), Purpose::First, NOW)).unwrap();
    store
}

fn admin(n: u64) -> NewAdmin {
    NewAdmin {
        email: email(&format!("admin{n}@example.com")),
        name: Some(name("Admin")),
        password_hash: format!("phc {n}"),
        user_id: UserId::from_raw(1000 + n),
        origin: origin(),
    }
}

fn claim_it(store: &Store, link: &str, new: NewAdmin, now: Timestamp) -> Result<User, Problem> {
    let digest = digest(link);
    store.write_blocking(move |tx| claim(tx, &digest, &new, now))
}

#[test]
fn starting_again_makes_nothing_again() {
    let store = started();
    let head = audit::head(&store.read()).unwrap();
    let again = Made { partner_id: PartnerId::from_raw(77), tenant_id: TenantId::from_raw(78) };
    let tenant = store.write_blocking(move |tx| bootstrap(tx, &again, NOW.plus_secs(9))).unwrap();
    assert_eq!((tenant.id, tenant.slug.as_str(), tenant.created_at), (TenantId::from_raw(2), "default", NOW));
    assert_eq!(audit::head(&store.read()).unwrap(), head);
    assert_eq!(tenancy::tenants_of(&store.read(), PartnerId::from_raw(1)).unwrap().len(), 1);
}

#[test]
fn a_hundred_claims_make_one_admin() {
    let store = started();
    assert!(needed(&store.read()).unwrap());
    let claims: Vec<_> = (0..100)
        .map(|n| {
            let store = store.clone();
            std::thread::spawn(move || claim_it(&store, "link", admin(n), NOW))
        })
        .collect();
    let results: Vec<_> = claims.into_iter().map(|claim| claim.join().unwrap()).collect();
    let won: Vec<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    assert_eq!(won.len(), 1);
    assert!(results.iter().filter_map(|result| result.as_ref().err()).all(|problem| problem.code == "setup_link_used"));
    let tx = store.read();
    assert!(!needed(&tx).unwrap());
    assert_eq!(people::members_count(&tx, TenantId::from_raw(2)).unwrap(), 1, "the others left nothing");
    let held = people::assignments(&tx, won[0], NOW).unwrap();
    let roles: Vec<_> = held.iter().map(|held| (held.role, held.place == Place::Platform)).collect();
    assert_eq!(roles, [(Role::SuperAdmin, true), (Role::TenantAdmin, false)]);
    assert_eq!(link(&tx).unwrap().unwrap().used_at, Some(NOW));
    assert!(audit::verify(&tx, &mac_key(), None).unwrap().is_ok());
}

#[test]
fn a_newer_link_kills_the_older() {
    let store = started();
    store.write_blocking(|tx| new_link(tx, digest("newer"), Purpose::First, NOW)).unwrap();
    assert_eq!(code(claim_it(&store, "link", admin(1), NOW)), "setup_link_unknown");
    assert_eq!(code(claim_it(&store, "guess", admin(1), NOW)), "setup_link_unknown");
    assert!(needed(&store.read()).unwrap());
    claim_it(&store, "newer", admin(1), NOW.plus_secs(900 * 86_400)).unwrap();
}

#[test]
fn the_first_link_dies_with_the_first_super_admin_however_made() {
    let store = started();
    let new = people::NewUser::local(email("cli@example.com"), TenantId::from_raw(2), Role::TenantAdmin);
    store
        .write_blocking(move |tx| {
            let user = people::create(tx, &all(), &new, UserId::from_raw(5), NOW)?;
            people::grant_role(tx, &all(), user.id, Role::SuperAdmin, Place::Platform, None, NOW)
        })
        .unwrap();
    assert_eq!(code(claim_it(&store, "link", admin(1), NOW)), "setup_link_used");
}

#[test]
fn recovery_brings_an_admin_back() {
    let store = started();
    let root = claim_it(&store, "link", admin(1), NOW).unwrap();
    store.write_blocking(|tx| new_link(tx, digest("recover"), Purpose::Recover, NOW)).unwrap();
    let end = NOW.plus_secs(RECOVERY_SECS);
    assert_eq!(code(claim_it(&store, "recover", admin(1), end)), "setup_link_expired");
    let mut again = admin(1);
    again.user_id = UserId::from_raw(4444);
    again.password_hash = "new phc".to_owned();
    let back = claim_it(&store, "recover", again, end.plus_secs(-1)).unwrap();
    assert_eq!((back.id, back.password_hash.as_deref(), back.status), (root.id, Some("new phc"), Status::Active));
    assert_eq!(back.admin_roles.len(), 1);
    assert_eq!(code(claim_it(&store, "recover", admin(2), NOW)), "setup_link_used");
    // With another e-mail it makes another one.
    store.write_blocking(|tx| new_link(tx, digest("more"), Purpose::Recover, NOW)).unwrap();
    assert_ne!(claim_it(&store, "more", admin(2), NOW).unwrap().id, root.id);
}

#[test]
fn whoever_recovers_lives_where_they_can_sign_in() {
    let store = started();
    let partner = PartnerId::from_raw(1);
    let gone = TenantId::from_raw(30);
    store
        .write_blocking(move |tx| tenancy::create_tenant(tx, &all(), &new_tenant("gone", partner), gone, NOW))
        .unwrap();
    let new = people::NewUser::local(email("admin7@example.com"), gone, Role::TenantAdmin);
    store.write_blocking(move |tx| people::create(tx, &all(), &new, UserId::from_raw(40), NOW)).unwrap();
    store.write_blocking(move |tx| tenancy::delete_tenant(tx, &all(), gone, NOW)).unwrap();
    let back = claim_it(&store, "link", admin(7), NOW).unwrap();
    assert_eq!((back.id, back.home_tenant), (UserId::from_raw(40), TenantId::from_raw(2)));
    let entered = people::tenant_to_enter(&store.read(), &back, NOW).unwrap();
    assert_eq!(entered, Some(TenantId::from_raw(2)));
}
