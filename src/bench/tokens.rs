//! Tokens: the cheap signature, introspection, and what a person's tokens cost in durable writes.

use super::baseline_app as application;
use super::cases::{Floor, at_most, p99};
use super::folder::Folder;
use super::histogram::Histogram;
use super::http1::Request;
use super::people::{CONNECTIONS, Person};
use super::report::{Aim, Figure, Limit, Measured, Target};
use super::server::Server;
use super::{Failure, progress};

/// Tokens for a client, signed with ES256.
///
/// # Errors
/// A measurement that did not come to its end.
pub(super) async fn client_credentials_es256(server: &Server, floor: &Floor<'_>) -> Result<Measured, Failure> {
    progress("client credentials, ES256");
    let load = server.load(floor.bench.connections as usize, [server.token_request("ES256").await?]);
    let (ours, floor) = floor.by_turns(&load, Request::new("GET", application::FIXED, &[], "")).await?;
    let limit = |value, of| Some(Limit { value, of });
    Ok(Measured {
        case: "client-credentials-es256",
        figures: vec![
            Figure {
                what: "rate",
                unit: "/s",
                value: ours.rate(),
                limit: limit(floor.rate(), "/s, handler with a fixed answer"),
                aim: Aim::Figure(Target::AtLeast(15_000.0)),
            },
            Figure {
                what: "CPU a request",
                unit: "us",
                value: ours.cpu_micros(),
                limit: limit(floor.cpu_micros(), "us, handler with a fixed answer"),
                aim: Aim::None,
            },
            p99(&ours, &floor, "ms, handler with a fixed answer", Aim::None),
        ],
        load: Some(ours),
    })
}

/// What a token is worth, asked by a client with its secret.
///
/// # Errors
/// A measurement that did not come to its end.
pub(super) async fn introspection(server: &Server, floor: &Floor<'_>) -> Result<Measured, Failure> {
    progress("introspection");
    let load = server.load(floor.bench.connections as usize, [server.introspection_request().await?]);
    floor.beside_fixed("introspection", &load, (at_most(40.0), Aim::None)).await
}

/// Codes with PKCE, each redeemed and then refreshed once: each of the two is one durable transaction and two signatures. The
/// codes are made meanwhile, which costs the server a durable transaction too, and are not counted.
///
/// # Errors
/// A measurement that did not come to its end.
pub(super) async fn user_tokens(folder: &Folder, floor: &Floor<'_>) -> Result<Measured, Failure> {
    progress("code exchange and refresh");
    let (data, measured) = (folder.path().join("people"), floor.bench.measured());
    let made = data.clone();
    // A store opens, and is waited for, only where no other task may have to run.
    let person = tokio::task::spawn_blocking(move || Person::make(made)).await;
    let person = person.map_err(|error| Failure::failed(error.to_string()))??;
    let server = Server::start_on(&floor.bench.program()?, folder, data, "people").await?;
    let ours = person.load(&server, measured).await?;
    let writes = floor.load(Request::new("PUT", application::WRITE, &[], ""), CONNECTIONS).run(measured / 2).await?;
    server.child.stop().await?;
    let (rate, millis) = (ours.times.count() as f64 / ours.elapsed.as_secs_f64(), |times: &Histogram| {
        times.quantile(0.99).as_secs_f64() * 1e3
    });
    let limit = |value, of| Some(Limit { value, of });
    let cpu = ours.cpu.as_secs_f64() * 1e6 / ours.times.count().max(1) as f64;
    Ok(Measured {
        case: "user-tokens",
        load: None,
        figures: vec![
            Figure {
                what: "rate",
                unit: "/s",
                value: rate,
                limit: limit(writes.rate(), "/s, handler that only writes a row"),
                aim: Aim::Figure(Target::AtLeast(2_000.0)),
            },
            Figure {
                what: "CPU a request, with half a code",
                unit: "us",
                value: cpu,
                limit: limit(writes.cpu_micros(), "us, handler that only writes a row"),
                aim: Aim::None,
            },
            Figure {
                what: "p99",
                unit: "ms",
                value: millis(&ours.times),
                limit: limit(millis(&writes.times), "ms, handler that only writes a row"),
                aim: Aim::None,
            },
        ],
    })
}
