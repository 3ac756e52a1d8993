//! That HEAD changes nothing, at any address: all rows of the store are compared before and after. What may change are the audit
//! log, for a look is one whether its answer has a body or not, and what is kept of the limits, for HEAD counts as GET does.

use super::outcome::Column;
use super::row::{Called, Case};
use super::wires::{self, Ask};
use super::world::World;
use super::{all, columns, expected, settings};
use crate::crypto::digest::sha256;
use crate::http::testkit::browser;
use crate::stack::Stack;
use crate::stack::testkit::stack_of;
use crate::store::{Direction, RawRead, StoreError};
use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

/// By their numbers: the tables of the audit log, and that of the requests that were let through.
const MAY_CHANGE: [u16; 4] = [0xF201, 0x0202, 0x0203, 0x0E00];

/// A digest of each table but these.
async fn digests(stack: &Stack) -> BTreeMap<u16, [u8; 32]> {
    // Behind all that waits to be written.
    stack.store.write(|_| Ok::<_, StoreError>(())).await.unwrap();
    let mut tables: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
    let snapshot = stack.store.read();
    let mut keep = |key: &[u8], row: &[u8]| {
        let number = u16::from_be_bytes([key[0], key[1]]);
        if !MAY_CHANGE.contains(&number) {
            let rows = tables.entry(number).or_default();
            rows.extend_from_slice(&sha256(key));
            rows.extend_from_slice(&sha256(row));
        }
        Ok(ControlFlow::Continue(()))
    };
    snapshot.raw_scan(Bound::Unbounded, Bound::Unbounded, Direction::Forward, &mut keep).unwrap();
    tables.into_iter().map(|(number, rows)| (number, sha256(&rows))).collect()
}

/// Who calls: the strongest who is let through, or nobody.
fn caller(case: &Case) -> Column {
    let done = |column: &Column| *column != Column::Nobody && expected(case, *column) == super::Outcome::Done;
    columns(case).into_iter().rfind(done).unwrap_or(Column::Nobody)
}

#[actix_web::test]
async fn head_changes_nothing_at_any_address() {
    let stack = stack_of(settings());
    let mut world = World::over(&stack, browser(&stack).await).await;
    let (mut faults, mut safe, mut refused) = (Vec::new(), 0, 0);
    for case in &all() {
        let method = match case.called {
            Called::Route(route) => route.method,
            Called::Operation(_) => wires::over_http(case, &world.things(case, None).await).method,
        };
        let person = world.person(case, caller(case)).await;
        let names = world.things(case, Some(&person)).await;
        let ask = wires::over_http(case, &names);
        let head = Ask { method: "HEAD", json: None, form: None, target: ask.target.clone() };
        let before = digests(&stack).await;
        let got = world.ask(&person, case.is_page(), head).await;
        let after = digests(&stack).await;
        let changed: Vec<_> = after.iter().filter(|(table, rows)| before.get(*table) != Some(*rows)).collect();
        if before.len() != after.len() || !changed.is_empty() {
            faults.push(format!("{}: tables {changed:x?} are others", case.name));
        }
        let is_safe = !matches!(case.called, Called::Route(route) if !route.safe);
        let answers = method == "GET" && is_safe;
        let allow = got.headers.get("allow").map(|allow| allow.contains("HEAD"));
        match (answers, got.status) {
            // An address with a GET beside has HEAD as well.
            (false, 405) if method == "GET" && allow != Some(false) => faults.push(format!("{}: {allow:?}", case.name)),
            (false, 405) => refused += 1,
            (false, _) if method != "GET" => {}
            (true, 405) | (false, _) => faults.push(format!("{}: {} {:?}", case.name, got.status, got.headers)),
            (true, status) => {
                safe += 1;
                let get =
                    world.ask(&person, case.is_page(), Ask { method: "GET", json: None, form: None, ..ask }).await;
                // Who is not signed in is sent to sign in only where the way back makes sense.
                let is_sent = get.status == 303 && get.headers["location"].starts_with("/admin/sign-in");
                if get.status != status && !is_sent {
                    faults.push(format!("{}: HEAD {status}, GET {}", case.name, get.status));
                }
                let own = |name: &&String| !name.starts_with("x-") && *name != "date";
                let headers =
                    |got: &crate::http::testkit::Got| got.headers.keys().filter(own).cloned().collect::<Vec<_>>();
                if get.status == status && headers(&get) != headers(&got) {
                    faults.push(format!("{}: HEAD {:?}, GET {:?}", case.name, headers(&got), headers(&get)));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(safe > 150 && refused > 100, "{safe} {refused}");
}
