//! The stylesheet, the scripts and the icons: in the binary, compressed once, kept by browsers for good.
//!
//! A page names an asset with the hash of its bytes, `/assets/app.css?v=…`, so a new version has a new address and the old
//! one never has to be asked for again.

use super::packed::{gzip, takes_gzip};
use crate::crypto::digest::sha256;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use flate2::Compression;
use rust_embed::RustEmbed;
use std::collections::BTreeMap;
use std::sync::OnceLock;

#[derive(RustEmbed)]
#[folder = "assets/"]
#[include = "*.css"]
#[include = "*.js"]
#[include = "*.svg"]
struct Folder;

/// One file, ready to send.
struct Asset {
    bytes: Vec<u8>,
    gzip: Vec<u8>,
    /// The front of the SHA-256 in hex: its version in an address.
    version: String,
    content_type: &'static str,
}

fn assets() -> &'static BTreeMap<String, Asset> {
    static ASSETS: OnceLock<BTreeMap<String, Asset>> = OnceLock::new();
    ASSETS.get_or_init(|| {
        Folder::iter()
            .filter_map(|name| Folder::get(&name).map(|file| (name.into_owned(), file.data.into_owned())))
            .map(|(name, bytes)| {
                let asset = Asset {
                    gzip: gzip(&bytes, Compression::best()),
                    version: sha256(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
                    content_type: content_type(&name),
                    bytes,
                };
                (name, asset)
            })
            .collect()
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// The address of an asset with its version. An unknown name gets an address that answers 404.
pub fn url(name: &str) -> String {
    match assets().get(name) {
        Some(asset) => format!("/assets/{name}?v={}", asset.version),
        None => format!("/assets/{name}"),
    }
}

/// `GET /assets/{name}`.
pub async fn serve(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    let Some(asset) = assets().get(name.as_str()) else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("There is no such file");
    };
    let tag = format!("\"{}\"", asset.version);
    let header_is = |name: header::HeaderName, test: &dyn Fn(&str) -> bool| {
        request.headers().get(name).and_then(|value| value.to_str().ok()).is_some_and(test)
    };
    // Only the address with the right version may be kept for good: behind any other the bytes can change.
    let versioned = request.query_string() == format!("v={}", asset.version);
    let keep = if versioned { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    let mut answer = if header_is(header::IF_NONE_MATCH, &|tags| tags.contains(&tag)) {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((header::CONTENT_TYPE, asset.content_type))
        .insert_header((header::CACHE_CONTROL, keep))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::ETAG, tag.clone()));
    if header_is(header::IF_NONE_MATCH, &|tags| tags.contains(&tag)) {
        return answer.finish();
    }
    if !asset.gzip.is_empty() && takes_gzip(&request) {
        answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(asset.gzip.as_slice())
    } else {
        answer.body(asset.bytes.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{App, test as http_test};
    use std::io::Read as _;

    #[test]
    fn what_a_page_loads_is_there_and_small() {
        let wire: usize = assets().values().map(|asset| asset.gzip.len()).sum();
        assert!(wire < 40 * 1024, "{wire} bytes of assets over the wire");
        for name in ["app.css", "app.js", "htmx.min.js", "icons.svg"] {
            assert!(url(name).contains("?v="), "{name}");
        }
        assert!(!assets().contains_key("htmx.LICENSE"), "the licence is for the repository");
    }

    #[actix_web::test]
    async fn kept_for_good_by_version_and_sent_compressed() {
        let app = http_test::init_service(App::new().route("/assets/{name}", web::get().to(serve))).await;
        let plain =
            http_test::call_service(&app, http_test::TestRequest::get().uri(&url("app.css")).to_request()).await;
        assert_eq!(plain.headers().get("cache-control").unwrap(), "public, max-age=31536000, immutable");
        assert!(plain.headers().get("content-encoding").is_none());
        let etag = plain.headers().get("etag").unwrap().clone();
        let plain = http_test::read_body(plain).await;

        let request = http_test::TestRequest::get().uri(&url("app.css")).insert_header(("accept-encoding", "br, gzip"));
        let packed = http_test::call_service(&app, request.to_request()).await;
        assert_eq!(packed.headers().get("content-encoding").unwrap(), "gzip");
        let packed = http_test::read_body(packed).await;
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain);

        let request = http_test::TestRequest::get().uri("/assets/app.css?v=old").insert_header(("if-none-match", etag));
        let known = http_test::call_service(&app, request.to_request()).await;
        assert_eq!(known.status(), 304);
        assert_eq!(known.headers().get("cache-control").unwrap(), "public, no-cache");
        let unknown =
            http_test::call_service(&app, http_test::TestRequest::get().uri("/assets/x.css").to_request()).await;
        assert_eq!(unknown.status(), 404);
    }

    /// The npm package htmx.org 2.0.11, dist/htmx.min.js, unchanged.
    /// Rows from before invisible characters were refused may have marks of direction in a name.
    #[test]
    fn a_name_cannot_turn_the_text_around_it() {
        let style = String::from_utf8_lossy(&assets()["app.css"].bytes).into_owned();
        let rule = style.lines().find(|line| line.contains("unicode-bidi: isolate")).unwrap();
        assert!(["a,", "span,", "strong "].iter().all(|element| rule.contains(element)), "{rule}");
    }

    #[test]
    fn htmx_is_as_it_was_published() {
        let hash: String = sha256(&assets()["htmx.min.js"].bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717");
    }
}
