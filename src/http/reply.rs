//! Answers with a type: what a handler says in its signature is what goes over the wire, and what the API's document says.

use super::json;
use crate::base::{Secret, Timestamp};
use crate::store::Versioned;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use serde::{Serialize, Serializer};

/// JSON, which no cache keeps. `STATUS` is a status of success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply<T, const STATUS: u16 = 200>(pub T);

/// What was made.
pub type Created<T> = Reply<T, 201>;
/// What was begun, and goes on behind the answer.
pub type Accepted<T> = Reply<T, 202>;

/// What is there, with the version of its row as `ETag`.
#[derive(Debug)]
pub struct Tagged<T> {
    body: T,
    tag: Option<String>,
}

impl<T> Tagged<T> {
    /// `body` shows `row`.
    pub fn new(body: T, row: &impl Versioned) -> Self {
        Self::maybe(body, Some(row))
    }

    /// `body` shows `row`, or something that has no row and so no version.
    pub fn maybe(body: T, row: Option<&impl Versioned>) -> Self {
        Self { body, tag: row.map(|row| row.version().tag()) }
    }
}

/// A moment in an answer: RFC 3339 in UTC, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.iso_secs())
    }
}

/// As [`Moment`], to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExactMoment(pub Timestamp);

impl Serialize for ExactMoment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.iso_millis())
    }
}

/// 200 with JSON that is written already.
pub(super) fn text(json: Vec<u8>) -> HttpResponse {
    begun(200).insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json"))).body(json)
}

/// A secret in the one answer that shows it. Wiped when the answer is written.
#[derive(Debug)]
pub struct ShownOnce(pub Secret<String>);

impl Serialize for ShownOnce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

/// It is done, and there is nothing to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoContent;

fn begun(status: u16) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
    answer.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    answer
}

impl<T: Serialize, const STATUS: u16> Responder for Reply<T, STATUS> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        json(&mut begun(STATUS), &self.0)
    }
}

impl<T: Serialize> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut answer = json(&mut begun(200), &self.body);
        if let Some(Ok(tag)) = self.tag.as_deref().map(HeaderValue::from_str) {
            answer.headers_mut().insert(ETAG, tag);
        }
        answer
    }
}

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        begun(204).finish()
    }
}

#[cfg(test)]
mod described {
    use super::{ExactMoment, Moment, NoContent, Reply, ShownOnce, Tagged};
    use crate::http::openapi::{Answers, Scribe};
    use actix_web::Either;
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use std::borrow::Cow;

    macro_rules! moments {
        ($($name:ident)*) => {$(
            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }
                fn inline_schema() -> bool {
                    true
                }
                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": "string", "format": "date-time" })
                }
            }
        )*};
    }
    moments! { Moment ExactMoment }

    impl JsonSchema for ShownOnce {
        fn schema_name() -> Cow<'static, str> {
            "ShownOnce".into()
        }
        fn inline_schema() -> bool {
            true
        }
        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({ "type": "string" })
        }
    }

    impl<T: JsonSchema, const STATUS: u16> Answers for Reply<T, STATUS> {
        fn tell(scribe: &mut Scribe<'_>) {
            let description = match STATUS {
                201 => "It was made.",
                202 => "It has begun.",
                _ => "Done.",
            };
            scribe.answers::<T>(STATUS, description);
        }
    }

    impl<T: JsonSchema> Answers for Tagged<T> {
        fn tell(scribe: &mut Scribe<'_>) {
            scribe.answers::<T>(200, "Done.");
            scribe.told.headers.push(("ETag", "The version of the row, for `If-Match`."));
        }
    }

    impl<L: Answers, R: Answers> Answers for Either<L, R> {
        fn tell(scribe: &mut Scribe<'_>) {
            L::tell(scribe);
            R::tell(scribe);
        }
    }

    impl Answers for NoContent {
        fn tell(scribe: &mut Scribe<'_>) {
            scribe.answers_nothing(204, "Done.");
        }
    }
}
