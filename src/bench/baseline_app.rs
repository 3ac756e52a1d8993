//! The smallest application on our listener: what the real one is held against. It has no middleware and no
//! checks, and each of its routes does one thing, so its rate is what the listener, the machine and the load generator allow.

use actix_web::{App, HttpResponse, http::StatusCode, web};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use http_body_util::{BodyExt, Full};
use scaistack::crypto::jwt::Signer;
use scaistack::http::listener::{self, GrpcBody, GrpcDispatch, ListenerConfig, Running, trailers_only};
use scaistack::store::{Store, StoreError, Table};
use serde_json::json;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where a request costs one signature.
pub const SIGN: &str = "/sign";
/// Where a request costs nothing but itself.
pub const FIXED: &str = "/fixed";
/// Where a request costs one durable row of 300 bytes.
pub const WRITE: &str = "/write";

/// The gRPC method that costs nothing but itself.
pub const FIXED_CALL: &str = "/bench.Baseline/Fixed";
/// The gRPC method that costs one durable row of 300 bytes.
pub const WRITE_CALL: &str = "/bench.Baseline/Write";

/// The rows of [`WRITE`], and of the bare store; no other store has this table.
pub const ROWS: Table<(u64,), Vec<u8>> = Table::new(0xFF01, "bench rows");

/// An answer as long as that of a secret with 100 bytes.
const ANSWER: &str = r#"{"path":"bench/secret-0000","secret_type":"json","version":1,"data":{"value":"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"},"metadata":{},"created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z"}"#;

/// Serves [`SIGN`], [`FIXED`] and [`WRITE`] until it is stopped.
///
/// # Errors
/// As [`listener::bind`] and [`listener::serve`].
pub async fn serve(addr: SocketAddr, signer: Arc<Signer>, store: Store) -> io::Result<Running> {
    let numbers = Arc::new(AtomicU64::new(0));
    // Keys of their own, behind those of the other wire.
    let grpc = Arc::new(Calls { store: store.clone(), numbers: Arc::new(AtomicU64::new(1 << 62)) });
    let app = move || {
        let (signer, store, numbers) = (Arc::clone(&signer), store.clone(), Arc::clone(&numbers));
        let sign = move || {
            let signer = Arc::clone(&signer);
            async move { signed(&signer) }
        };
        let write = move || {
            let (store, number) = (store.clone(), numbers.fetch_add(1, Ordering::Relaxed));
            async move { written(&store, number).await }
        };
        App::new()
            .route(SIGN, web::post().to(sign))
            .route(FIXED, web::get().to(fixed))
            .route(WRITE, web::put().to(write))
    };
    listener::serve(listener::bind(addr)?, ListenerConfig::default(), app, grpc).await
}

/// The claims are about as many as those of a client's token.
fn signed(signer: &Signer) -> HttpResponse {
    let id = "skc_7289000000000000000";
    let claims = json!({ "iss": "http://127.0.0.1:8080/platform", "aud": id, "sub": id, "scope": "openid",
        "token_type": "client_credentials", "exp": 1_900_000_000, "iat": 1_900_000_000, "jti": "0123456789012345678901",
        "client_id": id, "app_scope": "GLOBAL", "platform_token": true });
    match signer.sign("at+jwt", &claims) {
        Ok(token) => HttpResponse::Ok().content_type("application/json").body(token),
        Err(_) => HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

async fn fixed() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(ANSWER)
}

/// Answers [`FIXED_CALL`] and [`WRITE_CALL`].
struct Calls {
    store: Store,
    numbers: Arc<AtomicU64>,
}

impl GrpcDispatch for Calls {
    fn call(&self, request: http::Request<Bytes>) -> LocalBoxFuture<'_, http::Response<GrpcBody>> {
        Box::pin(async move {
            if request.uri().path() == WRITE_CALL {
                let (number, row) = (self.numbers.fetch_add(1, Ordering::Relaxed), vec![0; 300]);
                if self.store.write(move |tx| tx.put(&ROWS, &(number,), &row)).await.is_err() {
                    return trailers_only(14, "the store takes no more");
                }
            }
            let trailers = [(http::HeaderName::from_static("grpc-status"), http::HeaderValue::from_static("0"))];
            let trailers = std::future::ready(Some(Ok(trailers.into_iter().collect())));
            let mut answer = http::Response::new(Full::new(framed()).with_trailers(trailers).boxed_unsync());
            let kind = http::HeaderValue::from_static("application/grpc");
            answer.headers_mut().insert(http::header::CONTENT_TYPE, kind);
            answer
        })
    }
}

/// A message as long as a list of ten organisations, in its frame.
fn framed() -> Bytes {
    const LENGTH: u16 = 1200;
    let mut frame = vec![0; 5 + usize::from(LENGTH)];
    if let Some(length) = frame.get_mut(3..5) {
        length.copy_from_slice(&LENGTH.to_be_bytes());
    }
    frame.into()
}

/// Every row has a new key, behind all others.
async fn written(store: &Store, number: u64) -> HttpResponse {
    let row = vec![number as u8; 300];
    match store.write(move |tx| tx.put(&ROWS, &(number,), &row)).await {
        Ok(()) => HttpResponse::Ok().content_type("application/json").body(ANSWER),
        Err(StoreError::Full) => HttpResponse::new(StatusCode::SERVICE_UNAVAILABLE),
        Err(_) => HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
