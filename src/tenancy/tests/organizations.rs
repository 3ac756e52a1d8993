//! What a tenant has as an organisation: keys of other programs, made slugs, limits of sessions and of users.

use super::*;
use crate::base::{DisplayName, Email, JsonObject, Slug, Timestamp};
use crate::base::{ExternalId, Metadata, Problem};
use crate::people::{self, NewUser, UserRef};
use crate::store::{Entity, Read, Row, Seek, Slice, Table, Window};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

fn key(text: &str) -> ExternalId {
    ExternalId::parse(text).unwrap()
}

fn pairs(count: usize) -> Metadata {
    Metadata::new((0..count).map(|at| (format!("key{at}"), "value".to_owned())).collect(), 20).unwrap()
}

fn named(text: &str, external_id: Option<&str>) -> NewTenant {
    let details = Details { external_id: external_id.map(key), ..Details::default() };
    NewTenant { slug: None, name: name(text), details, ..new_tenant("x", p()) }
}

fn make(world: &World, id: u64, new: NewTenant) -> Result<Tenant, Problem> {
    world.write(move |tx| create_tenant(tx, &all(), &new, tenant_id(id), NOW))
}

fn change(world: &World, id: u64, details: DetailsPatch) -> Result<Tenant, Problem> {
    let patch = TenantPatch { details, ..TenantPatch::default() };
    world.write(move |tx| update_tenant(tx, &all(), tenant_id(id), &patch, NOW.plus_secs(1)))
}

/// The field that a problem names, and what it says of it.
fn wrong<T: std::fmt::Debug>(result: Result<T, Problem>) -> (String, String) {
    let field = result.unwrap_err().fields.remove(0);
    (field.field, field.message)
}

#[test]
fn a_slug_is_made_from_the_name() {
    let world = World::new();
    let slug_of = |id, text: &str| make(&world, id, named(text, None)).unwrap().slug.to_string();
    assert_eq!(slug_of(50, "Acme Corp"), "acme-corp");
    assert_eq!(slug_of(51, "ACME corp!"), "acme-corp-51", "the name's is taken");
    assert_eq!(slug_of(52, "日本"), "org");
    // Given up by name, and made again.
    let patch = TenantPatch { slug: Some(None), name: Some(name("Other Name")), ..TenantPatch::default() };
    let tenant = world.write(move |tx| update_tenant(tx, &all(), tenant_id(50), &patch, NOW)).unwrap();
    assert_eq!(tenant.slug.as_str(), "other-name");
    // A new name alone changes no address.
    let patch = TenantPatch { name: Some(name("Third")), ..TenantPatch::default() };
    let tenant = world.write(move |tx| update_tenant(tx, &all(), tenant_id(50), &patch, NOW)).unwrap();
    assert_eq!((tenant.slug.as_str(), tenant.name.as_str()), ("other-name", "Third"));
    let reset = TenantPatch { slug: Some(None), ..TenantPatch::default() };
    let kept = world.write(move |tx| update_tenant(tx, &all(), tenant_id(2), &reset, NOW)).unwrap();
    assert_eq!(kept.slug.as_str(), DEFAULT_SLUG, "its name gives the same");
}

#[test]
fn an_external_id_belongs_to_one_live_tenant() {
    let world = World::new();
    make(&world, 50, named("One", Some("crm 1"))).unwrap();
    let again = make(&world, 51, named("Two", Some("crm 1"))).unwrap_err();
    assert_eq!((again.code, again.fields[0].field.as_str()), ("external_id_taken", "external_id"));
    make(&world, 52, named("Three", Some("CRM 1"))).expect("case counts");
    let taken = DetailsPatch { external_id: Some(Some(key("crm 1"))), ..DetailsPatch::default() };
    assert_eq!(code(change(&world, 52, taken.clone())), "external_id_taken");
    let found = |text: &str| tenant_with_external_id(&world.store.read(), &key(text)).unwrap().map(|id| id.raw());
    assert_eq!((found("crm 1"), found("CRM 1"), found("crm")), (Some(50), Some(52), None));
    // Emptied, it is free; of a deleted one as well.
    change(&world, 50, DetailsPatch { external_id: Some(None), ..DetailsPatch::default() }).unwrap();
    assert_eq!(found("crm 1"), None);
    change(&world, 52, taken).unwrap();
    world.write(|tx| delete_tenant(tx, &all(), tenant_id(52), NOW)).unwrap();
    assert_eq!(found("crm 1"), None);
    make(&world, 53, named("Four", Some("crm 1"))).unwrap();
    assert_eq!(found("crm 1"), Some(53));
}

#[test]
fn a_patch_of_details_tells_absent_from_empty() {
    let world = World::new();
    let logo = LogoUrl::parse("https://cdn.example/Logo.png").unwrap();
    let details = Details {
        external_id: Some(key("e")),
        metadata: pairs(10),
        logo_url: Some(logo.clone()),
        region: Some(Region::Eu),
        ..Details::default()
    };
    make(&world, 50, NewTenant { details: details.clone(), ..named("One", None) }).unwrap();
    let sso = DetailsPatch { features: vec![(Feature::Sso, true)], ..DetailsPatch::default() };
    let tenant = change(&world, 50, sso).unwrap();
    let mut want = Details { features: Features { sso: true, dir_sync: false }, ..details };
    assert_eq!(tenant.details, want);
    let patch = DetailsPatch {
        metadata: Some(pairs(1)),
        logo_url: Some(None),
        region: Some(None),
        features: vec![(Feature::DirSync, true), (Feature::Sso, false)],
        max_users: Some(Some(3)),
        ..DetailsPatch::default()
    };
    (want.metadata, want.logo_url, want.region, want.max_users) = (pairs(1), None, None, Some(3));
    want.features = Features { sso: false, dir_sync: true };
    assert_eq!(change(&world, 50, patch).unwrap().details, want);
    assert_eq!(tenant_by_text(&world.store.read(), "tnt_50").unwrap().unwrap().details, want);
}

#[test]
fn what_breaks_a_rule_is_named() {
    let world = World::new();
    let metadata = |count| Details { metadata: pairs(count), ..Details::default() };
    let new = |details, text: &str| NewTenant { details, ..named(text, None) };
    assert!(make(&world, 50, new(metadata(10), &"é".repeat(200))).is_ok());
    assert_eq!(
        wrong(make(&world, 51, new(metadata(11), "A"))),
        ("metadata".into(), "must have at most 10 pairs".into())
    );
    assert_eq!(wrong(make(&world, 51, new(metadata(1), &"n".repeat(201)))).0, "name");
    assert_eq!(
        wrong(change(&world, 50, DetailsPatch { metadata: Some(pairs(11)), ..DetailsPatch::default() })).0,
        "metadata"
    );
    let long = format!("https://cdn.example/{}", "l".repeat(1024));
    for bad in
        ["", "logo.png", "ftp://a.example/l", "javascript:alert(1)", "https://u:p@a.example/", "https://a b/", &long]
    {
        assert!(LogoUrl::parse(bad).is_err(), "{bad}");
    }
    let policy = |session_policy| DetailsPatch { session_policy, ..DetailsPatch::default() };
    let hours = |value| SessionPolicyPatch {
        absolute: Some(value),
        absolute_unit: Some(TimeUnit::Hours),
        ..SessionPolicyPatch::default()
    };
    for value in [0, 365 * 24 + 1, u32::MAX] {
        let field = ("absolute_session_timeout".into(), "must be between 1 minute and 365 days".into());
        assert_eq!(wrong(change(&world, 50, policy(hours(value)))), field, "{value}");
    }
    let unit_alone = SessionPolicyPatch { idle_unit: Some(TimeUnit::Days), ..SessionPolicyPatch::default() };
    assert_eq!(
        wrong(change(&world, 50, policy(unit_alone))),
        ("idle_session_timeout".into(), "is required with its unit".into())
    );
    assert_eq!(make(&world, 51, named("B", None)).unwrap().details, Details::default(), "nothing was written before");
}

#[test]
fn a_policy_keeps_its_own_values_while_the_instances_hold() {
    let world = World::new();
    let change = |patch| {
        change(&world, 11, DetailsPatch { session_policy: patch, ..DetailsPatch::default() })
            .unwrap()
            .details
            .session_policy
    };
    let own = change(SessionPolicyPatch {
        source: Some(PolicySource::Custom),
        absolute: Some(2),
        absolute_unit: Some(TimeUnit::Days),
        idle_enabled: Some(false),
        ..SessionPolicyPatch::default()
    });
    let shown = own.effective(43_200, 7200);
    assert_eq!(shown.absolute, Timeout { value: 2, unit: TimeUnit::Days });
    assert_eq!((shown.idle_enabled, shown.idle), (false, Timeout { value: 2, unit: TimeUnit::Hours }));
    assert_eq!((own.own().absolute(), own.own().idle(7200)), (Some(172_800), None));
    let app = change(SessionPolicyPatch { source: Some(PolicySource::Application), ..SessionPolicyPatch::default() });
    let shown = app.effective(43_200, 5400);
    assert_eq!(shown.absolute, Timeout { value: 12, unit: TimeUnit::Hours });
    assert_eq!((shown.idle_enabled, shown.idle), (true, Timeout { value: 90, unit: TimeUnit::Minutes }));
    assert_eq!((app.own().absolute(), app.own().idle(5400)), (None, Some(5400)));
    // A value keeps its unit, a unit its value.
    let minutes = SessionPolicyPatch {
        source: Some(PolicySource::Custom),
        absolute: Some(3),
        idle_enabled: Some(true),
        idle: Some(5),
        ..SessionPolicyPatch::default()
    };
    let own = change(minutes);
    assert_eq!(own.absolute, Some(Timeout { value: 3, unit: TimeUnit::Days }));
    assert_eq!(own.own().idle(7200), Some(300));
    let own = change(SessionPolicyPatch { absolute_unit: Some(TimeUnit::Hours), ..SessionPolicyPatch::default() });
    assert_eq!(own.own().absolute(), Some(3 * 3600));
}

#[test]
fn a_tenant_takes_as_many_users_as_it_may_have() {
    let world = World::new();
    let limit = |max| change(&world, 11, DetailsPatch { max_users: Some(max), ..DetailsPatch::default() }).unwrap();
    let join = |id: u64| {
        let new = NewUser::local(email(&format!("u{id}@a.example")), tenant_id(11), Role::TenantUser);
        world.write(move |tx| people::create(tx, &all(), &new, crate::base::id::UserId::from_raw(id), NOW))
    };
    let guest = world.user(200, "guest@b.example", world.b, Role::TenantUser);
    limit(Some(2));
    join(100).unwrap();
    join(101).unwrap();
    let full = join(102).unwrap_err();
    assert_eq!(
        (full.code, &full.details[0].1, &full.details[1].1),
        ("quota_exceeded", &json!("max_allowed_users"), &json!(2))
    );
    let id = guest.id;
    let invited = world.write(move |tx| {
        people::add_membership(
            tx,
            &all(),
            &UserRef::Id(id),
            tenant_id(11),
            &people::NewMembership::at_once(Role::TenantUser),
            NOW,
        )
    });
    assert_eq!(code(invited), "quota_exceeded");
    // The partner's quota holds as well, whichever is smaller.
    let patch = PartnerPatch { max_users_per_tenant: Some(Some(3)), ..PartnerPatch::default() };
    world.write(move |tx| update_partner(tx, &all(), p(), &patch, NOW)).unwrap();
    limit(Some(9));
    join(102).unwrap();
    assert_eq!(join(103).unwrap_err().details[0].1, json!("max_users_per_tenant"));
    limit(None);
    assert_eq!(code(join(103)), "quota_exceeded");
}

#[test]
fn lists_are_cut_newest_first_within_the_grant() {
    let world = World::new();
    for id in 50..60 {
        make(&world, id, named(&format!("Company {id}"), Some(&format!("crm-{id}")))).unwrap();
    }
    let tx = world.store.read();
    let ids = |slice: &Slice<Arc<Tenant>>| slice.items.iter().map(|tenant| tenant.id.raw()).collect::<Vec<_>>();
    let window = Window::new(Seek::Start, 4);
    let first = slice_tenants(&tx, &all(), None, window).unwrap();
    assert_eq!((ids(&first), first.total), (vec![59, 58, 57, 56], 14));
    let found = slice_tenants(&tx, &all(), Some("crm-5"), Window::new(Seek::NewerThan(57), 4)).unwrap();
    assert_eq!((ids(&found), found.total, found.prev), (vec![59, 58], 10, None));
    let by_id = |text: &str| ids(&slice_tenants(&tx, &all(), Some(text), window).unwrap());
    assert_eq!(
        (by_id("tnt_55"), by_id("org_55"), by_id(" org_55 "), by_id("org_99")),
        (vec![55], vec![55], vec![55], vec![])
    );
    let of_partner = holder(Role::PartnerAdmin, Place::Partner(q()));
    let granted = grant::<permit::ReadTenants>(&of_partner, Place::Partner(q()));
    assert_eq!(ids(&slice_tenants(&tx, &granted, None, window).unwrap()), [21]);
    assert_eq!(ids(&slice_tenants(&tx, &granted, Some("org_55"), window).unwrap()), [0; 0]);
    let of_tenant = holder(Role::TenantAdmin, world.a);
    let granted = grant::<permit::ReadTenants>(&of_tenant, world.a);
    assert_eq!(ids(&slice_tenants(&tx, &granted, None, window).unwrap()), [11]);
    assert_eq!(ids(&slice_tenants(&tx, &granted, Some("company"), window).unwrap()), [0; 0]);
    assert_eq!(ids(&slice_tenants(&tx, &granted, None, Window::new(Seek::OlderThan(11), 4)).unwrap()), [0; 0]);
}

/// A tenant as version 1 of the row had it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OldTenant {
    id: TenantId,
    slug: Slug,
    name: DisplayName,
    status: Status,
    contact_email: Option<Email>,
    partner: PartnerId,
    settings: JsonObject,
    branding: JsonObject,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
}
impl Row for OldTenant {}

#[test]
fn a_row_of_the_version_before_reads_with_empty_details() {
    const OLD: Table<TenantId, OldTenant> = Table::new(0x0310, "tenants before");
    assert_eq!(Tenant::TABLE.number, OLD.number);
    let world = World::new();
    let now = world.store.read().get(&Tenant::TABLE, &tenant_id(11)).unwrap().unwrap();
    let Tenant { id, slug, name, status, contact_email, partner, settings, branding, created_at, updated_at, .. } =
        now.clone();
    let deleted_at = None;
    let old = OldTenant {
        id,
        slug,
        name,
        status,
        contact_email,
        partner,
        settings,
        branding,
        created_at,
        updated_at,
        deleted_at,
    };
    world.write(move |tx| Ok(tx.put(&OLD, &old.id, &old)?)).unwrap();
    assert_eq!(world.store.read().get(&Tenant::TABLE, &tenant_id(11)).unwrap().unwrap(), now);
    // And its standing: a partner and a status were all there was.
    const OLD_STANDING: Table<TenantId, OldStanding> = Table::new(0x0315, "standing before");
    let (partner, status) = (now.partner, now.status);
    world.write(move |tx| Ok(tx.put(&OLD_STANDING, &tenant_id(11), &OldStanding { partner, status })?)).unwrap();
    assert_eq!(live_place(&world.store.read(), tenant_id(11)).unwrap(), Some(world.a));
    assert_eq!(own_limits(&world.store.read(), tenant_id(11)).unwrap(), OwnLimits::default());
}

#[derive(Clone, Serialize, Deserialize)]
struct OldStanding {
    partner: PartnerId,
    status: Status,
}
impl Row for OldStanding {}
