//! The rules of partners and tenants.

use super::testkit::*;
use super::*;
use crate::access::{Place, Role, permit};
use crate::audit;
use crate::base::Id;
use crate::base::id::{PartnerId, TenantId};
use crate::store::Paging;
use serde_json::json;

mod deleted;
mod organizations;
mod scale;

fn tenant_id(id: u64) -> TenantId {
    TenantId::from_raw(id)
}

#[test]
fn another_tenants_row_is_not_found() {
    let world = World::new();
    let tx = world.store.read();
    let admin = holder(Role::TenantAdmin, world.a);
    let granted = grant::<permit::ReadTenants>(&admin, world.a);
    assert_eq!(get_tenant(&tx, &granted, tenant_id(11)).unwrap().slug.as_str(), "a");
    for other in [12, 21, 2, 777] {
        assert_eq!(code(get_tenant(&tx, &granted, tenant_id(other))), "tenant_not_found");
    }
    let partner_admin = holder(Role::PartnerAdmin, Place::Partner(p()));
    let granted = grant::<permit::ReadTenants>(&partner_admin, Place::Partner(p()));
    assert!(get_tenant(&tx, &granted, tenant_id(12)).is_ok());
    assert_eq!(code(get_tenant(&tx, &granted, tenant_id(21))), "tenant_not_found");
    let granted = grant::<permit::ReadPartners>(&partner_admin, Place::Partner(p()));
    assert!(get_partner(&tx, &granted, p()).is_ok());
    assert_eq!(code(get_partner(&tx, &granted, q())), "partner_not_found");
}

#[test]
fn slugs_are_unique_and_stay_taken() {
    let world = World::new();
    assert_eq!(
        code(world.write(|tx| create_tenant(tx, &all(), &new_tenant("a", q()), tenant_id(50), NOW))),
        "slug_taken"
    );
    assert_eq!(
        code(world.write(|tx| create_partner(tx, &all(), &new_partner("p"), PartnerId::from_raw(50), NOW))),
        "slug_taken"
    );
    world.write(|tx| delete_tenant(tx, &all(), tenant_id(11), NOW)).unwrap();
    assert_eq!(
        code(world.write(|tx| create_tenant(tx, &all(), &new_tenant("a", q()), tenant_id(50), NOW))),
        "slug_taken"
    );
    let patch = TenantPatch { slug: Some(Some(slug("a"))), ..TenantPatch::default() };
    assert_eq!(code(world.write(move |tx| update_tenant(tx, &all(), tenant_id(12), &patch, NOW))), "slug_taken");
    // A tenant and a partner may share one, and a slug that was given up is free.
    world.write(|tx| create_tenant(tx, &all(), &new_tenant("p", q()), tenant_id(51), NOW)).unwrap();
    let patch = TenantPatch { slug: Some(Some(slug("renamed"))), ..TenantPatch::default() };
    world.write(move |tx| update_tenant(tx, &all(), tenant_id(51), &patch, NOW)).unwrap();
    world.write(|tx| create_tenant(tx, &all(), &new_tenant("p", q()), tenant_id(52), NOW)).unwrap();
    let tx = world.store.read();
    assert_eq!(tenant_by_text(&tx, "p").unwrap().unwrap().id, tenant_id(52));
    assert_eq!(tenant_by_text(&tx, "tnt_51").unwrap().unwrap().slug.as_str(), "renamed");
    assert_eq!(partner_by_text(&tx, "prt_10").unwrap().unwrap().slug.as_str(), "p");
    for nothing in ["a", "tnt_11", "prt_12", "no such", "org_12", ""] {
        assert!(tenant_by_text(&tx, nothing).unwrap().is_none(), "{nothing}");
    }
}

#[test]
fn a_deleted_tenant_is_gone_everywhere() {
    let world = World::new();
    world.write(|tx| delete_tenant(tx, &all(), tenant_id(11), NOW)).unwrap();
    let tx = world.store.read();
    assert!(tenant(&tx, tenant_id(11)).unwrap().is_none());
    assert!(tenant_by_slug(&tx, &slug("a")).unwrap().is_none());
    assert!(place_of(&tx, tenant_id(11)).unwrap().is_none());
    assert!(!is_active(&tx, tenant_id(11)).unwrap());
    assert_eq!(tenants_of(&tx, p()).unwrap(), [tenant_id(12)]);
    assert_eq!(code(get_tenant(&tx, &all(), tenant_id(11))), "tenant_not_found");
    assert_eq!(code(world.write(|tx| delete_tenant(tx, &all(), tenant_id(11), NOW))), "tenant_not_found");
    assert_eq!(
        code(world.write(|tx| update_tenant(tx, &all(), tenant_id(11), &TenantPatch::default(), NOW))),
        "tenant_not_found"
    );
}

#[test]
fn a_partner_with_tenants_stays() {
    let world = World::new();
    assert_eq!(code(world.write(|tx| delete_partner(tx, &all(), q(), NOW))), "partner_not_empty");
    world.write(|tx| delete_tenant(tx, &all(), tenant_id(21), NOW)).unwrap();
    world.write(|tx| delete_partner(tx, &all(), q(), NOW)).unwrap();
    assert!(partner(&world.store.read(), q()).unwrap().is_none());
    assert_eq!(
        code(world.write(|tx| create_tenant(tx, &all(), &new_tenant("x", q()), tenant_id(60), NOW))),
        "partner_not_found"
    );
}

#[test]
fn the_default_ones_are_kept() {
    let world = World::new();
    let (partner, tenant) = (PartnerId::from_raw(1), tenant_id(2));
    assert_eq!(code(world.write(move |tx| delete_tenant(tx, &all(), tenant, NOW))), "default_is_kept");
    assert_eq!(code(world.write(move |tx| delete_partner(tx, &all(), partner, NOW))), "default_is_kept");
    for patch in [
        TenantPatch { status: Some(Status::Suspended), ..TenantPatch::default() },
        TenantPatch { slug: Some(Some(slug("x"))), ..TenantPatch::default() },
        TenantPatch { partner: Some(p()), ..TenantPatch::default() },
    ] {
        assert_eq!(code(world.write(move |tx| update_tenant(tx, &all(), tenant, &patch, NOW))), "default_is_kept");
    }
    let patch = PartnerPatch { status: Some(Status::Suspended), ..PartnerPatch::default() };
    assert_eq!(code(world.write(move |tx| update_partner(tx, &all(), partner, &patch, NOW))), "default_is_kept");
    let patch = TenantPatch { name: Some(name("Ours")), ..TenantPatch::default() };
    assert_eq!(world.write(move |tx| update_tenant(tx, &all(), tenant, &patch, NOW)).unwrap().name.as_str(), "Ours");
}

#[test]
fn a_patch_tells_absent_from_null() {
    let world = World::new();
    let patch = PartnerPatch {
        contact_email: Some(Some(email("x@p.example"))),
        max_tenants: Some(Some(9)),
        ..PartnerPatch::default()
    };
    world.write(move |tx| update_partner(tx, &all(), p(), &patch, NOW)).unwrap();
    let patch = PartnerPatch { contact_email: Some(None), ..PartnerPatch::default() };
    let later = NOW.plus_secs(5);
    let row = world.write(move |tx| update_partner(tx, &all(), p(), &patch, later)).unwrap();
    assert_eq!((row.contact_email, row.max_tenants, row.updated_at, row.created_at), (None, Some(9), later, NOW));

    let settings = |value| TenantPatch { settings: Some(value), ..TenantPatch::default() };
    let patch = settings(json!({"mfa": {"required": true}, "session_hours": 4}));
    world.write(move |tx| update_tenant(tx, &all(), tenant_id(11), &patch, NOW)).unwrap();
    let patch = settings(json!({"session_hours": null, "x": 1}));
    let row = world.write(move |tx| update_tenant(tx, &all(), tenant_id(11), &patch, NOW)).unwrap();
    assert_eq!(row.settings.value(), json!({"mfa": {"required": true}, "x": 1}));
    assert_eq!(row.branding.value(), json!({}));
    let patch = settings(json!([1]));
    assert_eq!(code(world.write(move |tx| update_tenant(tx, &all(), tenant_id(11), &patch, NOW))), "validation_error");
}

#[test]
fn a_quota_holds_for_new_and_for_moved_tenants() {
    let world = World::new();
    let patch = PartnerPatch { max_tenants: Some(Some(2)), ..PartnerPatch::default() };
    world.write(move |tx| update_partner(tx, &all(), q(), &patch, NOW)).unwrap();
    world.write(|tx| create_tenant(tx, &all(), &new_tenant("d", q()), tenant_id(22), NOW)).unwrap();
    let refused = world.write(|tx| create_tenant(tx, &all(), &new_tenant("e", q()), tenant_id(23), NOW)).unwrap_err();
    assert_eq!((refused.code, refused.kind), ("quota_exceeded", crate::base::Kind::Conflict));
    let moves = |partner| TenantPatch { partner: Some(partner), ..TenantPatch::default() };
    let patch = moves(q());
    assert_eq!(code(world.write(move |tx| update_tenant(tx, &all(), tenant_id(11), &patch, NOW))), "quota_exceeded");
    world.write(|tx| delete_tenant(tx, &all(), tenant_id(22), NOW)).unwrap();
    let patch = moves(q());
    world.write(move |tx| update_tenant(tx, &all(), tenant_id(11), &patch, NOW)).unwrap();
    let tx = world.store.read();
    assert_eq!(place_of(&tx, tenant_id(11)).unwrap(), Some(Place::Tenant { partner: q(), tenant: tenant_id(11) }));
    assert_eq!(tenants_of(&tx, p()).unwrap(), [tenant_id(12)]);
    assert_eq!(tenants_of(&tx, q()).unwrap(), [tenant_id(11), tenant_id(21)]);
}

#[test]
fn a_suspended_partner_stops_its_tenants() {
    let world = World::new();
    let suspend = PartnerPatch { status: Some(Status::Suspended), ..PartnerPatch::default() };
    world.write(move |tx| update_partner(tx, &all(), p(), &suspend, NOW)).unwrap();
    let tx = world.store.read();
    assert!(!is_active(&tx, tenant_id(11)).unwrap() && !is_active(&tx, tenant_id(12)).unwrap());
    assert!(is_active(&tx, tenant_id(21)).unwrap());
    assert_eq!(live_place(&tx, tenant_id(11)).unwrap(), None);
    assert_eq!(place_of(&tx, tenant_id(11)).unwrap(), Some(world.a), "it is still there for admins");
    let resume = PartnerPatch { status: Some(Status::Active), ..PartnerPatch::default() };
    world.write(move |tx| update_partner(tx, &all(), p(), &resume, NOW)).unwrap();
    assert_eq!(live_place(&world.store.read(), tenant_id(11)).unwrap(), Some(world.a));
}

#[test]
fn lists_stay_within_the_grant() {
    let world = World::new();
    let tx = world.store.read();
    let slugs = |granted: &crate::access::Granted<permit::ReadTenants>, filter: &TenantFilter| {
        let listed = list_tenants(&tx, granted, filter, Paging::default()).unwrap();
        assert_eq!(listed.total as usize, listed.items.len());
        listed.items.iter().map(|tenant| tenant.slug.to_string()).collect::<Vec<_>>()
    };
    let partner = holder(Role::PartnerViewer, Place::Partner(p()));
    let granted = grant(&partner, Place::Partner(p()));
    let any = TenantFilter::default();
    assert_eq!(slugs(&granted, &any), ["a", "b"]);
    assert_eq!(slugs(&granted, &TenantFilter { partner: Some(q()), ..any.clone() }), Vec::<String>::new());
    assert_eq!(slugs(&granted, &TenantFilter { search: Some("B".to_owned()), ..any.clone() }), ["b"]);
    assert_eq!(slugs(&granted, &TenantFilter { search: Some("c".to_owned()), ..any.clone() }), Vec::<String>::new());
    let admin = holder(Role::TenantAdmin, world.b);
    let granted = grant(&admin, world.b);
    assert_eq!(slugs(&granted, &any), ["b"]);
    assert_eq!(slugs(&granted, &TenantFilter { status: Some(Status::Suspended), ..any.clone() }), Vec::<String>::new());
    assert_eq!(slugs(&granted, &TenantFilter { partner: Some(q()), ..any.clone() }), Vec::<String>::new());
    assert_eq!(slugs(&all(), &any), ["default", "a", "b", "c"]);
    assert_eq!(slugs(&all(), &TenantFilter { partner: Some(q()), ..any }), ["c"]);
    let own = grant(&partner, Place::Partner(p()));
    let listed = list_partners(&tx, &own, &PartnerFilter::default(), Paging::default()).unwrap();
    assert_eq!(listed.items.iter().map(|partner| partner.id).collect::<Vec<_>>(), [p()]);
}

#[test]
fn two_thousand_tenants_page_and_search() {
    let world = World::new();
    world
        .write(|tx| {
            for n in 0..2000 {
                let mut new = new_tenant(&format!("bulk-{n}"), q());
                new.name = name(&format!("Bulk Café No. {n}"));
                create_tenant(tx, &all(), &new, tenant_id(10_000 + n), NOW)?;
            }
            let patch = TenantPatch { status: Some(Status::Suspended), ..TenantPatch::default() };
            for n in 0..30 {
                update_tenant(tx, &all(), tenant_id(10_000 + n * 7), &patch, NOW)?;
            }
            delete_tenant(tx, &all(), tenant_id(10_999), NOW)
        })
        .unwrap();
    let tx = world.store.read();
    let page = |filter: &TenantFilter, page, per_page| {
        list_tenants(&tx, &all(), filter, Paging::new(page, per_page).unwrap()).unwrap()
    };
    let ours = TenantFilter { partner: Some(q()), ..TenantFilter::default() };
    let first = page(&ours, 1, 50);
    assert_eq!((first.total, first.items.len(), first.items[1].slug.as_str()), (2000, 50, "bulk-0"));
    let last = page(&ours, 40, 50);
    assert_eq!((last.items.len(), last.items[49].slug.as_str()), (50, "bulk-1999"));
    assert_eq!((page(&ours, 41, 50).items.len(), page(&ours, 41, 50).total), (0, 2000));
    assert_eq!(page(&TenantFilter::default(), 1, 20).total, 2003);
    // All pages together hold each row once.
    let mut seen = std::collections::BTreeSet::new();
    for number in 1..=40 {
        seen.extend(page(&ours, number as u32, 50).items.iter().map(|tenant| tenant.id));
    }
    assert_eq!(seen.len(), 2000);
    let search =
        |text: &str, status| page(&TenantFilter { search: Some(text.to_owned()), status, partner: None }, 1, 200).total;
    assert_eq!(search("bulk-19", None), 111, "19, 190 to 199, 1900 to 1999");
    assert_eq!(search("café NO. 19", None), 111);
    assert_eq!(search("CAFÉ", None), 1999);
    assert_eq!(search("ulk", None), 0, "the front of a word, not its middle");
    assert_eq!(search("bulk-999", None), 0, "deleted");
    assert_eq!(search("bulk", Some(Status::Suspended)), 30);
    assert_eq!(
        page(&TenantFilter { status: Some(Status::Suspended), ..TenantFilter::default() }, 2, 20).items.len(),
        10
    );
    assert_eq!(page(&TenantFilter { status: Some(Status::Active), ..ours }, 1, 1).total, 1970);
    assert!(Paging::new(0, 1).is_err() && Paging::new(1, 0).is_err() && Paging::new(1, 201).is_err());
}

#[test]
fn changes_leave_their_rows_in_the_log() {
    let world = World::new();
    let admin = holder(Role::SuperAdmin, Place::Platform);
    let granted = grant(&admin, Place::Platform);
    let patch = TenantPatch { partner: Some(q()), ..TenantPatch::default() };
    world.write(move |tx| update_tenant(tx, &granted, tenant_id(11), &patch, NOW)).unwrap();
    let tx = world.store.read();
    let rows = audit::list(&tx, Place::Platform, &audit::Filter::default(), None, 0, 1).unwrap().rows;
    let event = &rows[0].1.event;
    assert_eq!((event.action.as_str(), event.resource_id.as_str()), ("tenant.update", "tnt_11"));
    assert_eq!(event.actor.name, "holder@test.example");
    assert!(event.details.contains(&("moved_from".to_owned(), "prt_10".to_owned())));
    assert!(audit::verify(&tx, &mac_key(), None).unwrap().is_ok());
}
