//! Compressed answers. Only what is the same for everybody and repeats nothing of a request: beside a secret or what a request
//! says, the length of a compressed page tells of the secret (BREACH, CVE-2013-3587).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use maud::Markup;
use std::io::Write as _;

/// The bytes, compressed.
pub(super) fn gzip(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    // Writing into memory does not fail; if it did, the empty answer is told apart and the plain bytes are sent.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// Whether a browser takes gzip (RFC 9110 §12.5.3).
pub(super) fn takes_gzip(request: &HttpRequest) -> bool {
    let encodings = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    encodings.unwrap_or_default().split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.replace(' ', "");
        name.trim().eq_ignore_ascii_case("gzip") && !weight.starts_with("q=0.0") && weight != "q=0"
    })
}

/// A page that is the same for everybody, with nothing of the request in it.
pub(in crate::http) fn public_html(request: &HttpRequest, markup: &Markup) -> HttpResponse {
    let packed = if takes_gzip(request) { gzip(markup.0.as_bytes(), Compression::default()) } else { Vec::new() };
    if packed.is_empty() {
        return super::html(&mut HttpResponse::Ok(), markup);
    }
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept-Encoding, HX-Request"))
        .insert_header((header::CONTENT_ENCODING, "gzip"))
        .body(packed)
}
