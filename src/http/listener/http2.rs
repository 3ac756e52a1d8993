//! An HTTP/2 connection: gRPC goes to the dispatcher, everything else over the bridge to the application.

use super::answer::{Answer, AnswerBody};
use super::bridge::{from_actix, to_actix};
use super::connection::Connection;
use super::grpc::{GrpcBody, is_grpc, trailers_only};
use super::io::Io;
use super::limits::MAX_HTTP2_HEAD;
use super::site::Site;
use super::streams::{Silence, Streams};
use super::turn::{Ended, gather};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Requests at a time on one connection.
const MAX_STREAMS: u32 = 100;
/// Streams that a client may reset before we have looked at them; more ends the connection (CVE-2023-44487).
const MAX_PENDING_RESETS: usize = 20;
/// How often a silent client is asked whether it is there, and how long it has to answer.
const PING_EVERY: Duration = Duration::from_secs(30);
const PING_ANSWER: Duration = Duration::from_secs(20);
/// How long an idle client has to answer our GOAWAY before the connection is dropped.
const GOAWAY_ANSWER: Duration = Duration::from_millis(250);

/// Runs tasks on the worker's own thread.
#[derive(Clone)]
struct OnThisThread;

impl<F: Future + 'static> hyper::rt::Executor<F> for OnThisThread {
    fn execute(&self, task: F) {
        drop(actix_rt::spawn(async move {
            task.await;
        }));
    }
}

/// Serves the connection until the client goes, asks for nothing or takes nothing for long, or the listener stops. Requests in flight are
/// finished.
pub(super) async fn serve(io: Io, site: Rc<Site>) {
    let connection = io.connection();
    let streams = Rc::new(Streams::default());
    let (limits, drain, spare) = (site.limits, Arc::clone(&site.drain), Rc::clone(&site.spare));
    let counted = Rc::clone(&streams);
    let service = service_fn(move |request| {
        let (site, in_flight) = (Rc::clone(&site), counted.begin());
        async move {
            let answer = answer(request, connection, &site).await;
            Ok::<_, Infallible>(answer.map(|body| Answer::new(body, in_flight)))
        }
    });
    let mut builder = Builder::new(OnThisThread);
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_ANSWER)
        .max_concurrent_streams(MAX_STREAMS)
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
        .max_header_list_size(u32::try_from(MAX_HTTP2_HEAD).unwrap_or(u32::MAX));
    let (io, outgoing) = gather(io, &spare);
    let mut served = pin!(builder.serve_connection(TokioIo::new(io), service));
    tokio::select! {
        ended = outgoing.with(served.as_mut()) => return log(ended),
        () = drain.begun() => {}
        silence = streams.silence(limits.http2_idle, limits.stall) => if silence == Silence::Stuck {
            return tracing::debug!("an HTTP/2 client left its answer");
        },
    }
    served.as_mut().graceful_shutdown();
    tokio::select! {
        ended = outgoing.with(served.as_mut()) => log(ended),
        _ = streams.silence(GOAWAY_ANSWER, limits.stall) => {}
    }
}

fn log(ended: Result<(), Ended<hyper::Error>>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP/2 connection ended");
    }
}

async fn answer(request: http::Request<Incoming>, connection: Connection, site: &Site) -> http::Response<AnswerBody> {
    if is_grpc(request.method(), request.headers()) {
        return call(request, connection, site).await.map(AnswerBody::Grpc);
    }
    let head_only = request.method() == http::Method::HEAD;
    match to_actix(request, connection, site.limits) {
        Ok(request) => from_actix((site.app.call)(request).await, head_only),
        Err((status, request)) => {
            let mut refused = from_actix((site.app.call)(request).await, head_only);
            *refused.status_mut() = status;
            refused
        }
    }
}

/// Reads the whole call and hands it over. The client's own time limit (`grpc-timeout`) needs no clock here: a client whose time is up resets
/// the stream, which drops this future.
async fn call(request: http::Request<Incoming>, connection: Connection, site: &Site) -> http::Response<GrpcBody> {
    let (parts, body) = request.into_parts();
    let max = usize::try_from(site.limits.max_body).unwrap_or(usize::MAX);
    let body = match timeout(site.limits.body, Limited::new(body, max).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return trailers_only(8, "the message is too large"),
        Ok(Err(_)) => return trailers_only(1, "the call was not sent to its end"),
        Err(_) => return trailers_only(4, "the call took too long to send"),
    };
    let mut request = http::Request::from_parts(parts, body);
    request.extensions_mut().insert(connection);
    site.grpc.call(request).await
}
