//! The cases over gRPC: kept connections in clear text, each with one call at a time.

use super::baseline_app;
use super::cases::{Floor, at_most, p99};
use super::load::{self, Outcome, Shared};
use super::report::{Aim, Figure, Limit, Measured, Target};
use super::server::Server;
use super::{Failure, progress};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use h2::client::SendRequest;
use prost::Message;
use scaistack::http::scalekit::proto::organizations::{
    CreateOrganization, CreateOrganizationRequest, CreateOrganizationResponse, ListOrganizationsRequest,
};
use scaistack::http::scalekit::proto::users::{CreateUser, CreateUserAndMembershipRequest, CreateUserProfile};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub(super) const LIST: &str = "/scalekit.v1.organizations.OrganizationService/ListOrganization";
const CREATE: &str = "/scalekit.v1.organizations.OrganizationService/CreateOrganization";
const CREATE_USER: &str = "/scalekit.v1.users.UserService/CreateUserAndMembership";

/// How many organisations there are.
const ORGANIZATIONS: u32 = 100;
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// The bytes in front of a message.
const FRAME: usize = 5;

/// What is called, again and again.
#[derive(Clone)]
struct Calls {
    addr: SocketAddr,
    pid: u32,
    connections: usize,
    path: &'static str,
    token: String,
    /// The next request, framed.
    next: Arc<dyn Fn() -> Bytes + Send + Sync>,
}

impl Calls {
    async fn run(&self, measured: Duration) -> Result<Outcome, Failure> {
        let calls = self.clone();
        let done = load::on_own_thread(move || {
            load::drive(calls.pid, calls.connections, measured, |shared| connection(calls.clone(), shared))
        });
        load::judged(done.await?)
    }

    /// The same load on the smallest application.
    fn bare(&self, floor: &Floor<'_>, path: &'static str) -> Self {
        let (addr, pid) = floor.place();
        Self { addr, pid, path, ..self.clone() }
    }

    async fn by_turns(&self, floor: &Floor<'_>, path: &'static str) -> Result<(Outcome, Outcome), Failure> {
        let bare = self.bare(floor, path);
        load::by_turns(floor.bench.measured(), |turn| self.run(turn), |turn| bare.run(turn)).await
    }
}

/// A connection in clear text.
///
/// # Errors
/// It is not taken.
pub(super) async fn open(addr: SocketAddr) -> Result<SendRequest<Bytes>, Failure> {
    open_over(connect(addr).await?).await
}

/// A stream that sends at once what it is given.
///
/// # Errors
/// It is not taken.
pub(super) async fn connect(addr: SocketAddr) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A connection over a stream, which belongs to this thread.
///
/// # Errors
/// It is not taken.
pub(super) async fn open_over(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
) -> Result<SendRequest<Bytes>, Failure> {
    let broken = |error: h2::Error| Failure::failed(error.to_string());
    let (client, connection) = h2::client::handshake(stream).await.map_err(broken)?;
    tokio::task::spawn_local(async move {
        // Whoever waits for an answer sees the failure.
        let _ = connection.await;
    });
    Ok(client)
}

/// One call: the message of its answer.
///
/// # Errors
/// A status other than 0, or a connection that breaks.
pub(super) async fn call(
    client: &mut SendRequest<Bytes>,
    path: &str,
    token: &str,
    request: Bytes,
) -> Result<Bytes, Failure> {
    let broken = |error: h2::Error| Failure::failed(error.to_string());
    let head = http::Request::post(format!("http://127.0.0.1{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", token)
        .body(())
        .map_err(|error| Failure::failed(error.to_string()))?;
    let mut ready = client.clone().ready().await.map_err(broken)?;
    let (answer, mut send) = ready.send_request(head, false).map_err(broken)?;
    send.send_data(request, true).map_err(broken)?;
    let (head, mut body) = answer.await.map_err(broken)?.into_parts();
    let mut message = BytesMut::new();
    while let Some(chunk) = body.data().await {
        let chunk = chunk.map_err(broken)?;
        body.flow_control().release_capacity(chunk.len()).map_err(broken)?;
        message.put(chunk);
    }
    let trailers = body.trailers().await.map_err(broken)?;
    let status = trailers.as_ref().unwrap_or(&head.headers).get("grpc-status").map(|status| status.as_bytes().to_vec());
    if status.as_deref() != Some(b"0") {
        let told = head.headers.get("grpc-message").and_then(|told| told.to_str().ok()).unwrap_or_default();
        let status = status.map(|status| String::from_utf8_lossy(&status).into_owned()).unwrap_or_default();
        return Err(Failure::failed(format!("status {status}: {told}")));
    }
    let mut message = message.freeze();
    // What stands before a message is its frame.
    message.advance(FRAME.min(message.len()));
    Ok(message)
}

/// Calls until there is no more to do; ends with the first failure.
async fn connection(calls: Calls, shared: Rc<Shared>) {
    let worked = async {
        let mut client = open(calls.addr).await?;
        while shared.goes_on() {
            let (request, sent) = ((calls.next)(), Instant::now());
            let answer = timeout(ANSWER, call(&mut client, calls.path, &calls.token, request)).await;
            answer.map_err(|_| Failure::failed("an answer took too long"))??;
            shared.answered(sent.elapsed());
        }
        Ok::<_, Failure>(())
    };
    if let Err(failure) = worked.await {
        shared.failed(failure.to_string());
    }
}

/// A message in its frame.
pub(super) fn framed(message: &impl Message) -> Bytes {
    let mut frame = BytesMut::with_capacity(FRAME + message.encoded_len());
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.encoded_len()).unwrap_or(u32::MAX));
    frame.put_slice(&message.encode_to_vec());
    frame.freeze()
}

/// Environment credentials and a hundred organisations.
pub(super) struct Ready {
    token: String,
    organization: String,
}

/// Makes what the cases need.
///
/// # Errors
/// The server does not take it.
pub(super) async fn prepare(server: &Server) -> Result<Ready, Failure> {
    let token = format!("Bearer {}", server.environment_token().await?);
    let (addr, bearer) = (server.addr, token.clone());
    let made = load::on_own_thread(move || {
        load::block_on(async move {
            let mut client = open(addr).await?;
            let mut last = String::new();
            for number in 0..ORGANIZATIONS {
                let organization = CreateOrganization {
                    display_name: format!("Organization {number}"),
                    external_id: Some(format!("customer-{number}")),
                    metadata: [("plan".to_owned(), "business".to_owned())].into(),
                    ..CreateOrganization::default()
                };
                let request = CreateOrganizationRequest { organization: Some(organization) };
                let answer = call(&mut client, CREATE, &bearer, framed(&request)).await?;
                let answer = CreateOrganizationResponse::decode(answer);
                let answer = answer.map_err(|error| Failure::failed(error.to_string()))?;
                last = answer.organization.unwrap_or_default().id;
            }
            Ok(last)
        })?
    });
    Ok(Ready { token, organization: made.await? })
}

impl Ready {
    /// The value of the header with which the environment's client asks.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    fn calls(
        &self,
        server: &Server,
        connections: u32,
        path: &'static str,
        next: impl Fn() -> Bytes + Send + Sync + 'static,
    ) -> Calls {
        Calls {
            addr: server.addr,
            pid: server.child.pid(),
            connections: connections as usize,
            path,
            token: self.token.clone(),
            next: Arc::new(next),
        }
    }
}

/// Lists of ten.
///
/// # Errors
/// A load that did not come to its end.
pub(super) async fn list(server: &Server, floor: &Floor<'_>, ready: &Ready) -> Result<Measured, Failure> {
    progress("lists over gRPC");
    let request = framed(&ListOrganizationsRequest { page_size: 10, ..ListOrganizationsRequest::default() });
    let calls = ready.calls(server, floor.bench.connections, LIST, move || request.clone());
    let (ours, limit) = calls.by_turns(floor, baseline_app::FIXED_CALL).await?;
    Ok(Measured {
        case: "grpc-list",
        figures: vec![
            Figure {
                what: "CPU a request",
                unit: "us",
                value: ours.cpu_micros(),
                limit: Some(Limit { value: limit.cpu_micros(), of: "us, call with a fixed answer" }),
                aim: at_most(60.0),
            },
            p99(&ours, &limit, "ms, call with a fixed answer", Aim::None),
        ],
        load: Some(ours),
    })
}

/// People, each with a membership, each durable.
///
/// # Errors
/// A load that did not come to its end.
pub(super) async fn create_user(server: &Server, floor: &Floor<'_>, ready: &Ready) -> Result<Measured, Failure> {
    progress("people made over gRPC");
    let (organization, number) = (ready.organization.clone(), AtomicU64::new(0));
    let next = move || {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let user_profile = CreateUserProfile {
            given_name: "Ann".to_owned(),
            family_name: format!("Lee {number}"),
            ..CreateUserProfile::default()
        };
        let email = format!("person-{number}@example.com");
        let user = CreateUser { email, user_profile: Some(user_profile), ..CreateUser::default() };
        framed(&CreateUserAndMembershipRequest {
            organization_id: organization.clone(),
            user: Some(user),
            send_invitation_email: Some(false),
        })
    };
    let calls = ready.calls(server, floor.bench.connections * 2, CREATE_USER, next);
    let (ours, limit) = calls.by_turns(floor, baseline_app::WRITE_CALL).await?;
    Ok(Measured {
        case: "grpc-create-user",
        figures: vec![
            Figure {
                what: "rate",
                unit: "/s",
                value: ours.rate(),
                limit: Some(Limit { value: limit.rate(), of: "/s, call that only writes a row" }),
                aim: Aim::Figure(Target::AtLeast(2000.0)),
            },
            Figure {
                what: "CPU a request",
                unit: "us",
                value: ours.cpu_micros(),
                limit: Some(Limit { value: limit.cpu_micros(), of: "us, call that only writes a row" }),
                aim: Aim::None,
            },
            p99(&ours, &limit, "ms, call that only writes a row", Aim::None),
        ],
        load: Some(ours),
    })
}
