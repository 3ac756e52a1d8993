//! The documents of the APIs, as the program carries them: compressed.

use crate::base::Problem;
use crate::crypto::digest::sha256;
use actix_web::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, VARY};
use actix_web::{HttpRequest, HttpResponse};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::io::Read;

include!(concat!(env!("OUT_DIR"), "/documents.rs"));

/// The largest document, in bytes: a bound for unpacking what is our own.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

fn packed(name: &str) -> Result<&'static [u8], Problem> {
    let found = FILES.iter().find(|(file, _)| *file == name).map(|(_, bytes)| *bytes);
    found.ok_or_else(|| Problem::not_found("not_found", "There is no API of this name"))
}

fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut text = Vec::new();
    GzDecoder::new(bytes).take(MAX_BYTES).read_to_end(&mut text).map_err(Problem::internal)?;
    Ok(text)
}

/// The names of all documents.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// A document to look into.
///
/// # Errors
/// `not_found`.
pub(super) fn read(name: &str) -> Result<Value, Problem> {
    serde_json::from_slice(&unpacked(packed(name)?)?).map_err(Problem::internal)
}

/// A document for a program.
///
/// # Errors
/// `not_found`.
pub(super) fn send(name: &str, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let bytes = packed(name)?;
    let tag: String = sha256(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let has = |header, wanted: &str| {
        request.headers().get(header).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(wanted))
    };
    let mut answer = if has(IF_NONE_MATCH, &tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((ETAG, tag.clone()))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((VARY, "Accept-Encoding"))
        .content_type("application/json");
    if has(IF_NONE_MATCH, &tag) {
        return Ok(answer.finish());
    }
    if has(ACCEPT_ENCODING, "gzip") {
        return Ok(answer.insert_header((CONTENT_ENCODING, "gzip")).body(bytes));
    }
    Ok(answer.body(unpacked(bytes)?))
}
