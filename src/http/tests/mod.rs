//! The matrix of permissions: every operation of every surface, called with every kind of credential.
//!
//! A row says which permissions an operation asks for and holds a request that fits; the columns are [`outcome::Column`].
//! What each cell must come to is derived from the permission table. An operation without a row fails, and so does a row
//! without an operation. Refusals are tried before the first call that is let through, with the same things: they change
//! nothing.

mod outcome;
mod row;
mod safe;
pub(in crate::http) mod wires;
mod world;

use crate::config::Config;
use crate::http::testkit::browser;
use crate::stack::testkit::stack_of;
use actix_http::Request;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use futures_util::FutureExt as _;
use outcome::{Column, Outcome, columns, expected};
use row::{Asks, Called, Case, Deviation, Row, cases, is_own, table};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use wires::Names;
use world::{Person, World};

/// What a case came to where it should not have.
type Faults = Vec<String>;

/// Calls a case on each of its wires: what it comes to, and the answers' text.
async fn called<B: MessageBody, S: Service<Request, Response = ServiceResponse<B>, Error = Error>>(
    world: &mut World<S>,
    case: &Case,
    person: &Person,
    names: &Names,
    binary: bool,
) -> (Outcome, String) {
    if binary && let Some((path, frame)) = wires::over_grpc(case, names) {
        let (code, message, body) = world.call(person, &path, frame).await;
        return (Outcome::of_grpc(code, &message), String::from_utf8_lossy(&body).into_owned());
    }
    let got = world.ask(person, case.is_page(), wires::over_http(case, names)).await;
    (Outcome::of_http(&got), got.body)
}

/// What is wrong with what an answer shows: all that was made for this row is the target tenant's, and nobody outside sees
/// it.
fn shown(case: &Case, column: Column, text: &str, names: &Names, known: &Names) -> Option<String> {
    let listed = case.row.lists.as_ref().map(|thing| names[thing].as_str());
    if !matches!(column, Column::Foreign | Column::Pending | Column::Former) {
        let inside = matches!(column, Column::Sufficient(_));
        return listed.filter(|id| inside && !text.contains(id)).map(|id| format!("it does not show {id}"));
    }
    let is_id = |id: &str| id.split_once('_').is_some_and(|(_, digits)| digits.len() > 12);
    let made = names.iter().filter(|(name, _)| !is_own(name) && !known.contains_key(*name)).map(|(_, id)| id.as_str());
    made.filter(|id| is_id(id)).chain(listed).find(|id| text.contains(id)).map(|id| format!("it shows {id}"))
}

/// Tries all columns of a case.
async fn tried<B: MessageBody, S: Service<Request, Response = ServiceResponse<B>, Error = Error>>(
    world: &mut World<S>,
    case: &Case,
    faults: &mut Faults,
) -> usize {
    let wires: &[bool] = if matches!(case.called, Called::Operation(_)) { &[false, true] } else { &[false] };
    let first = world.things(case, None).await;
    let own = case.row.with.iter().any(|thing| is_own(thing));
    let (refused, done): (Vec<Column>, Vec<Column>) =
        columns(case).into_iter().partition(|column| expected(case, *column) != Outcome::Done);
    // The first call that is let through is about what the refusals were about.
    let (mut cells, mut untouched) = (0, true);
    for (column, binary) in
        refused.iter().chain(&done).flat_map(|column| wires.iter().map(move |wire| (*column, *wire)))
    {
        let want = expected(case, column);
        let person = world.person(case, column).await;
        let by_nobody =
            matches!(column, Column::Nobody | Column::Forged | Column::Expired | Column::Suspended | Column::Another);
        let names = match (own, want == Outcome::Done) {
            (true, _) if !by_nobody => world.things(case, Some(&person)).await,
            (false, true) if !untouched && !case.only_reads() => world.things(case, Some(&person)).await,
            _ => first.clone(),
        };
        untouched &= want != Outcome::Done;
        let (got, text) = called(world, case, &person, &names, binary).await;
        cells += 1;
        let what = format!("{}{} with {column:?}", case.name, if binary { " over gRPC" } else { "" });
        if matches!(case.asks, Asks::Public) {
            if matches!(got, Outcome::Other(500.., _)) {
                faults.push(format!("{what}: {got:?}"));
            }
        } else if got != want {
            faults.push(format!("{what}: {want:?} is right, and it is {got:?}"));
        } else if let (Outcome::Done, Some(fault)) = (got, shown(case, column, &text, &names, world.fixed())) {
            faults.push(format!("{what}: {fault}"));
        }
    }
    cells
}

/// The settings of an instance whose clock stands still: as many requests as one likes, in the same moment.
fn settings() -> Config {
    let mut config = Config::default();
    let grid = &mut config.scaigrid;
    for limit in [&mut grid.limit_per_key, &mut grid.limit_per_user, &mut grid.limit_per_tenant] {
        *limit = 1_000_000;
    }
    (grid.limit_per_partner, grid.limit_per_address) = (1_000_000, 1_000_000);
    // There is no folder for the local authority's certificate.
    config.tls.enabled = false;
    config
}

fn rows_of(surface: &str) -> BTreeMap<String, Row> {
    table(surface)
}

/// All cases.
fn all() -> Vec<Case> {
    cases(rows_of).unwrap_or_else(|faults| panic!("{}", faults.join("\n")))
}

/// An operation without a row is no operation that passes, nor is a row without an operation.
#[test]
fn an_operation_needs_a_row_and_a_row_an_operation() {
    let wrong = |surface: &str, change: &dyn Fn(&mut BTreeMap<String, Row>)| {
        let rows_of = |name: &str| {
            let mut rows = rows_of(name);
            if name == surface {
                change(&mut rows);
            }
            rows
        };
        cases(rows_of).err().unwrap_or_default()
    };
    let missing = wrong("scaikey", &|rows| drop(rows.remove("GET /api/v1/admin/users")));
    assert_eq!(missing, ["GET /api/v1/admin/users: say in rows/scaikey.toml which permission it asks for"]);
    let missing = wrong("scalekit", &|rows| drop(rows.remove("GetUser external")));
    assert_eq!(missing, ["GetUser at /api/v1/users:external/{external_id}: it needs a row in rows/scalekit.toml"]);
    let over = wrong("health", &|rows| drop(rows.insert("GET /gone".to_owned(), rows["GET /health"].clone())));
    assert_eq!(over, ["GET /gone: rows/health.toml knows it, but no route"]);
    let open = wrong("scaikey", &|rows| {
        let public = rows["POST /api/v1/auth/login"].clone();
        rows.insert("GET /api/v1/admin/partners".to_owned(), public);
    });
    assert_eq!(open, ["GET /api/v1/admin/partners: its row asks for Public, its route for Credential"]);
}

/// What a row says beside its permissions changes what is right in some cell.
#[test]
fn every_deviation_is_needed() {
    let mut used = Vec::new();
    for case in all() {
        let matters =
            |plain: &Case| columns(&case).iter().any(|column| expected(&case, *column) != expected(plain, *column));
        for deviation in &case.row.but {
            let mut plain = case.clone();
            plain.row.but.retain(|other| other != deviation);
            assert!(matters(&plain), "{}: {deviation:?} changes nothing", case.name);
            used.push(*deviation);
        }
        if case.otherwise.is_some() {
            assert!(matters(&Case { otherwise: None, ..case.clone() }), "{}: otherwise changes nothing", case.name);
        }
        if case.sees.is_some() {
            assert!(matters(&Case { sees: None, ..case.clone() }), "{}: sees changes nothing", case.name);
        }
    }
    for deviation in Deviation::ALL {
        assert!(used.contains(&deviation), "no row needs {deviation:?}");
    }
}

#[actix_web::test]
async fn every_operation_answers_every_credential_as_its_permission_says() {
    let stack = stack_of(settings());
    let browser = browser(&stack).await;
    let mut world = World::over(&stack, browser).await;
    let (mut faults, mut cells) = (Vec::new(), 0);
    // To look at some of them: a part of their names.
    let only = std::env::var("MATRIX").unwrap_or_default();
    for case in all().iter().filter(|case| case.name.contains(&only)) {
        // What breaks on the way to a cell is a fault of its row, and the others are tried all the same.
        match AssertUnwindSafe(tried(&mut world, case, &mut faults)).catch_unwind().await {
            Ok(tried) => cells += tried,
            Err(broken) => faults.push(format!("{}: {:?}", case.name, broken.downcast_ref::<String>())),
        }
    }
    assert!(faults.is_empty(), "of {cells} cells {} are wrong:\n{}", faults.len(), faults.join("\n"));
}
