//! `/v1/secrets`: write, read, list, delete.

use super::wire::{self, DeleteQuery, ListQuery, PutBody, ReadQuery};
use crate::access::permit;
use crate::base::{Problem, SecretPath};
use crate::http::extract::{Caller, Json, Query};
use crate::stack::Stack;
use crate::vault::{self, Prefix, service};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde_json::json;
use std::future::{Ready, ready};
use std::sync::Arc;

type Services = web::Data<Stack>;

fn ok() -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header(("Cache-Control", "no-store"));
    answer
}

/// The path in the address. What is percent-encoded is taken as the character that it stands for, but a slash only where
/// a slash was sent: `a%2fb` is not the path `a/b`.
pub struct At(SecretPath);

#[cfg(test)]
impl crate::http::openapi::Part for At {
    fn tell(scribe: &mut crate::http::openapi::Scribe<'_>) {
        scribe.told.refusals.insert(404);
    }
}

impl FromRequest for At {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // The router leaves %2F, %2B and %25 as they are, and a path holds no percent sign.
        ready(vault::parse_path(request.match_info().get("path").unwrap_or_default()).map(Self))
    }
}

/// `GET /v1/secrets/{path}`: the value, or with `view=versions` the history.
pub async fn read(
    stack: Services,
    Caller(actor): Caller,
    At(path): At,
    Query(query): Query<ReadQuery>,
) -> Result<HttpResponse, Problem> {
    match query.view.as_deref() {
        None | Some("value") => {}
        Some("versions") => {
            let granted = actor.grant::<permit::ListSecrets>(actor.home())?;
            let history = service::versions(&stack.store.read(), &granted, &path)?;
            return Ok(ok().json(wire::history(&history)));
        }
        Some(_) => return Err(Problem::invalid_at("query", "view", "must be value or versions")),
    }
    let granted = actor.grant::<permit::ReadSecrets>(actor.home())?;
    let secret = service::get(&stack.store.read(), &stack.tenant_keys, &granted, &path, query.version)?;
    stack.audit_read(service::read_event(&granted, &path, secret.version, stack.now())).await?;
    Ok(ok().content_type("application/json").body(wire::value(&secret)?))
}

/// `PUT /v1/secrets/{path}`: a new secret or a new version.
pub async fn write(
    stack: Services,
    Caller(actor): Caller,
    At(path): At,
    Json(body): Json<PutBody>,
) -> Result<HttpResponse, Problem> {
    let put = body.at(path)?;
    let granted = actor.grant::<permit::WriteSecrets>(actor.home())?;
    let sealed = service::prepare(&stack.store.read(), &stack.tenant_keys, &granted, put, &stack.vault_limits())?;
    let (keys, now) = (Arc::clone(&stack.tenant_keys), stack.now());
    let written = stack.store.write(move |tx| service::put(tx, &keys, &sealed, now)).await?;
    let mut answer = if written.created { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.insert_header(("Cache-Control", "no-store")).json(wire::written(&written)))
}

/// `GET /v1/secrets`: the secrets whose path starts with `prefix`.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let prefix = Prefix::parse(&query.prefix)?;
    let granted = actor.grant::<permit::ListSecrets>(actor.home())?;
    let snapshot = stack.store.read();
    let listing =
        service::list(&snapshot, stack.keyring.pepper(), &granted, &prefix, query.limit, query.cursor.as_deref())?;
    stack.audit_read(service::list_event(&granted, &prefix, listing.secrets.len(), stack.now())).await?;
    Ok(ok().json(json!({
        "secrets": listing.secrets.iter().map(wire::summary).collect::<Vec<_>>(),
        "cursor": listing.cursor,
        "has_more": listing.cursor.is_some(),
    })))
}

/// `DELETE /v1/secrets/{path}`: into the trash, with `permanent=true` for good, with `version=N` that version's value only.
pub async fn delete(
    stack: Services,
    Caller(actor): Caller,
    At(path): At,
    Query(query): Query<DeleteQuery>,
) -> Result<HttpResponse, Problem> {
    let granted = actor.grant::<permit::DeleteSecrets>(actor.home())?;
    let (limits, now) = (stack.vault_limits(), stack.now());
    if let Some(version) = query.version {
        let at = path.clone();
        stack.store.write(move |tx| service::destroy_version(tx, &granted, &at, version, now)).await?;
        return Ok(ok().json(json!({ "path": path, "version": version, "destroyed": true })));
    }
    let deleted =
        stack.store.write(move |tx| service::delete(tx, &granted, &path, query.permanent, &limits, now)).await?;
    Ok(ok().json(wire::deleted(&deleted)))
}

/// `POST /v1/secrets/{path}?action=restore`: out of the trash again.
pub async fn act(
    stack: Services,
    Caller(actor): Caller,
    At(path): At,
    Query(query): Query<wire::ActQuery>,
) -> Result<HttpResponse, Problem> {
    if query.action != "restore" {
        return Err(Problem::invalid_at("query", "action", "must be restore"));
    }
    let granted = actor.grant::<permit::DeleteSecrets>(actor.home())?;
    let now = stack.now();
    let restored = stack.store.write(move |tx| service::restore(tx, &granted, &path, now)).await?;
    Ok(ok().json(wire::summary(&restored)))
}
