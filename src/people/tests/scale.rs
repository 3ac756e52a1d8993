//! Lists and searches with many tenants and users: no request reads more than its page needs.

use super::*;
use crate::access::{Place, Role};
use crate::base::ExternalId;
use crate::base::id::TenantId;
use crate::people::groups::{self, GroupFilter};
use crate::store::{Seek, Window};
use crate::tenancy::{NewTenant, TenantFilter};
use std::time::Instant;

const FIRST: [&str; 10] = ["Ada", "Ben", "Chloe", "Daan", "Elif", "Femke", "Goran", "Hana", "Igor", "Julia"];
const LAST: [&str; 10] = ["Jansen", "Smit", "Yilmaz", "Novak", "Garcia", "Rossi", "Mueller", "Dubois", "Kim", "Okafor"];

/// A world with so many tenants of one partner, and ten users in each.
fn world(tenants: u64) -> World {
    let world = World::new();
    for batch in (0..tenants).collect::<Vec<_>>().chunks(50) {
        let batch = batch.to_vec();
        world
            .write(move |tx| {
                for &number in &batch {
                    let id = TenantId::from_raw(1_000_000 + number);
                    let new = NewTenant {
                        name: name(&format!("Company {number}")),
                        ..new_tenant(&format!("t{number}"), p())
                    };
                    tenancy::create_tenant(tx, &all(), &new, id, NOW)?;
                    for nth in 0..10u64 {
                        let user = number * 10 + nth;
                        let (first, last) = (FIRST[nth as usize], LAST[(user / 7 % 10) as usize]);
                        let address =
                            format!("{}.{}{user}@company{number}.example", first.to_lowercase(), last.to_lowercase());
                        let new = NewUser {
                            first_name: Some(name(first)),
                            last_name: Some(name(last)),
                            external_id: Some(ExternalId::parse(&format!("crm-{user}")).unwrap()),
                            status: if user % 20 == 0 { Status::Disabled } else { Status::Active },
                            ..NewUser::local(email(&address), id, Role::TenantUser)
                        };
                        create(tx, &all(), &new, user_id(10_000_000 + user), NOW)?;
                    }
                }
                Ok(())
            })
            .unwrap();
    }
    world
}

/// The time below which 95 of 100 lie, and the longest, in microseconds.
fn measure(what: &str, mut times: Vec<u128>) -> u128 {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    println!("{what:<44} p50 {:>7} µs   p95 {:>7} µs   max {:>7} µs", at(50), at(95), times[times.len() - 1]);
    at(95)
}

/// Every kind of question that an admin's list asks, each `rounds` times. Gives the worst p95.
fn ask(world: &World, tenants: u64, rounds: u64) -> u128 {
    let super_admin = holder(Role::SuperAdmin, Place::Platform);
    let partner_admin = holder(Role::PartnerAdmin, Place::Partner(p()));
    let mine = Place::Tenant { partner: p(), tenant: TenantId::from_raw(1_000_000 + tenants / 2) };
    let tenant_admin = holder(Role::TenantAdmin, mine);
    let users = tenants * 10;
    let tx = world.store.read();
    let mut worst = 0;
    let mut run = |what: &str, question: &dyn Fn(u64) -> u64| {
        let mut times = Vec::new();
        for round in 0..rounds {
            // A number that wanders over all of them.
            let at = round.wrapping_mul(7_919) % tenants;
            let start = Instant::now();
            let found = question(at);
            times.push(start.elapsed().as_micros());
            assert!(found > 0, "{what} {at}");
        }
        worst = worst.max(measure(what, times));
    };
    let people = |actor: &Arc<Actor>, place: Place, filter: UserFilter, page: u32| {
        list(&tx, &grant(actor, place), &filter, Paging::new(page, 100).unwrap()).unwrap().items.len() as u64
    };
    let all_of = |place| if place == Place::Platform { &super_admin } else { &partner_admin };
    let any = UserFilter::default;
    for (who, place) in [("super_admin", Place::Platform), ("partner_admin", Place::Partner(p()))] {
        let actor = all_of(place);
        run(&format!("{who}: users, first page"), &|_| people(actor, place, any(), 1));
        let pages = (users / 100).max(1);
        run(&format!("{who}: users, any page"), &|at| people(actor, place, any(), (at % pages + 1) as u32));
        let active = || UserFilter { status: Some(Status::Disabled), ..any() };
        run(&format!("{who}: users, by status"), &|_| people(actor, place, active(), 1));
        let of_tenant = |at| UserFilter { tenant: Some(TenantId::from_raw(1_000_000 + at)), ..any() };
        run(&format!("{who}: users, of a tenant"), &|at| people(actor, place, of_tenant(at), 1));
        let search = |text: String| UserFilter { search: Some(text), ..any() };
        run(&format!("{who}: search, a whole address"), &|at| {
            people(
                actor,
                place,
                search(format!(
                    "ada.{}{}@company{at}.example",
                    LAST[(at * 10 / 7 % 10) as usize].to_lowercase(),
                    at * 10
                )),
                1,
            )
        });
        run(&format!("{who}: search, first and last name"), &|at| {
            let last = LAST[((at * 10 + at % 10) / 7 % 10) as usize];
            people(actor, place, search(format!("{} {last}", FIRST[(at % 10) as usize])), 1)
        });
        run(&format!("{who}: search, what everybody has"), &|_| people(actor, place, search("example".into()), 1));
        run(&format!("{who}: search, one letter"), &|at| {
            people(actor, place, search(FIRST[(at % 10) as usize][..1].to_owned()), 1)
        });
    }
    run("super_admin: a user by external id", &|at| {
        let external = ExternalId::parse(&format!("crm-{}", at * 10 + 3)).unwrap();
        u64::from(by_external_id(&tx, &external).unwrap().is_some())
    });
    let stretch = |seek: Seek, search: Option<String>| {
        let filter = UserFilter { search, ..any() };
        let granted = grant(&super_admin, Place::Platform);
        slice(&tx, &granted, &filter, Window::new(seek, 100)).unwrap().items.len() as u64
    };
    run("super_admin: users, the newest", &|_| stretch(Seek::Start, None));
    run("super_admin: users, from any place on", &|at| stretch(Seek::OlderThan(10_000_001 + at * 10), None));
    run("super_admin: search, the newest", &|at| stretch(Seek::Start, Some(FIRST[(at % 10) as usize].to_owned())));
    run("super_admin: users of a partner", &|_| {
        people(&super_admin, Place::Platform, UserFilter { partner: Some(p()), ..any() }, 1)
    });
    run("tenant_admin: users", &|_| people(&tenant_admin, mine, any(), 1));
    let search = |text: &str| UserFilter { search: Some(text.to_owned()), ..any() };
    run("tenant_admin: search", &|at| people(&tenant_admin, mine, search(FIRST[(at % 10) as usize]), 1));
    let companies = |filter: TenantFilter, page: u32| {
        let granted = grant(&super_admin, Place::Platform);
        tenancy::list_tenants(&tx, &granted, &filter, Paging::new(page, 100).unwrap()).unwrap().items.len() as u64
    };
    run("super_admin: tenants, any page", &|at| {
        companies(TenantFilter::default(), (at % (tenants / 100).max(1) + 1) as u32)
    });
    let by = |text: String| TenantFilter { search: Some(text), ..TenantFilter::default() };
    run("super_admin: tenants, search by slug", &|at| companies(by(format!("t{at}")), 1));
    run("super_admin: tenants, what all have", &|_| companies(by("company".into()), 1));
    run("tenant_admin: tenants", &|_| {
        let listed =
            tenancy::list_tenants(&tx, &grant(&tenant_admin, mine), &TenantFilter::default(), Paging::default());
        listed.unwrap().total
    });
    assert_eq!(groups::list(&tx, &all(), &GroupFilter::default(), Paging::default()).unwrap().total, 0);
    worst
}

/// The same questions as the large test asks, without its figures: a machine that runs much beside it is slow.
#[test]
fn lists_and_searches_answer_with_two_hundred_tenants() {
    ask(&world(200), 200, 5);
}

#[test]
#[ignore = "makes 10,000 tenants and 100,000 users; run it alone, with --release, for its figures"]
fn lists_and_searches_take_20_ms_at_most_with_10_000_tenants_and_100_000_users() {
    let worst = ask(&world(10_000), 10_000, 200);
    assert!(worst <= 20_000, "the worst p95 is {worst} µs");
}
