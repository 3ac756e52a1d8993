//! The smallest application on our listener: what `scaistack bench` holds the real one against. It has no state, no store,
//! no middleware and no checks, so its rate is what the listener, the machine and the load generator allow.

use super::listener::{self, ListenerConfig, Running, Unimplemented};
use crate::crypto::jwt::Signer;
use actix_web::{App, HttpResponse, http::StatusCode, web};
use serde_json::json;
use std::io;
use std::sync::Arc;

/// Where a request costs one signature.
pub const SIGN: &str = "/sign";
/// Where a request costs nothing but itself.
pub const FIXED: &str = "/fixed";

/// An answer as long as that of a secret with 100 bytes.
const ANSWER: &str = r#"{"path":"bench/secret-0000","secret_type":"json","version":1,"data":{"value":"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"},"metadata":{},"created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z"}"#;

/// Serves [`SIGN`] and [`FIXED`] until it is stopped.
///
/// # Errors
/// As [`listener::serve`].
pub async fn serve(config: ListenerConfig, signer: Arc<Signer>) -> io::Result<Running> {
    let app = move || {
        let signer = Arc::clone(&signer);
        let sign = move || {
            let signer = Arc::clone(&signer);
            async move { signed(&signer) }
        };
        App::new().route(SIGN, web::post().to(sign)).route(FIXED, web::get().to(fixed))
    };
    listener::serve(config, app, Arc::new(Unimplemented)).await
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
