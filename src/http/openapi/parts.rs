//! What the parts of requests are in a document.

use super::handler::{Part, Scribe};
use crate::http::extract::{Caller, IfMatch, Json, OptionalJson, Query};
use crate::stack::Stack;
use actix_web::{Error, HttpRequest, web};
use schemars::JsonSchema;

impl Part for web::Data<Stack> {
    fn tell(_: &mut Scribe<'_>) {}
}

impl Part for HttpRequest {
    fn tell(_: &mut Scribe<'_>) {}
}

/// That it asks for a credential stands in the route table.
impl Part for Caller {
    fn tell(_: &mut Scribe<'_>) {}
}

/// Parameters of the path stand in the path.
impl<T> Part for web::Path<T> {
    fn tell(scribe: &mut Scribe<'_>) {
        scribe.told.refusals.insert(404);
    }
}

impl<T: JsonSchema> Part for Query<T> {
    fn tell(scribe: &mut Scribe<'_>) {
        scribe.takes_query::<T>();
    }
}

impl<T: JsonSchema> Part for Json<T> {
    fn tell(scribe: &mut Scribe<'_>) {
        scribe.takes_body::<T>(true);
    }
}

impl<T: JsonSchema> Part for OptionalJson<T> {
    fn tell(scribe: &mut Scribe<'_>) {
        scribe.takes_body::<T>(false);
    }
}

impl Part for IfMatch {
    fn tell(scribe: &mut Scribe<'_>) {
        scribe.takes_header("If-Match", "Only if the row is still as its `ETag` said.");
        scribe.told.refusals.extend([400, 412]);
    }
}

/// A body that is read by hand: a form.
impl Part for Result<web::Bytes, Error> {
    fn tell(scribe: &mut Scribe<'_>) {
        scribe.told.is_untyped = true;
    }
}
