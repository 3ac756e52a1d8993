//! The state of a row that a caller has seen, and telling it to them.

use crate::base::Problem;
use crate::store::{Expected, Versioned};
use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, HeaderValue, IF_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use std::future::{Ready, ready};

/// `If-Match`; without one, anything fits.
#[derive(Clone, Debug)]
pub struct IfMatch(pub Expected);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = request.headers().get_all(IF_MATCH).peekable();
        if values.peek().is_none() {
            return ready(Ok(Self(Expected::Any)));
        }
        // Several lines of a field are one list (RFC 9110 §5.3).
        let all: Vec<&str> = values.map(|value| value.to_str().unwrap_or("?")).collect();
        ready(Expected::of_header(&all.join(",")).map(Self))
    }
}

/// An answer with the version of the row that it shows, as its `ETag`.
pub fn tagged(mut answer: HttpResponse, row: &impl Versioned) -> HttpResponse {
    if let Ok(tag) = HeaderValue::from_str(&row.version().tag()) {
        answer.headers_mut().insert(ETAG, tag);
    }
    answer
}
