//! `/v1/secrets`: write, read, list, delete.

use super::wire::{self, DeleteQuery, ListQuery, PutSecret, ReadQuery};
use super::wire::{DeletedSecret, DestroyedVersion, NewSecret, NewVersion};
use super::wire::{SecretHistory, SecretList, SecretSummary, SecretText};
use crate::access::permit;
use crate::base::{Problem, SecretPath};
use crate::http::extract::{Caller, Json, Query};
use crate::http::reply::{Created, Reply};
use crate::stack::Stack;
use crate::vault::{self, Prefix, service};
use actix_web::dev::Payload;
use actix_web::{Either, FromRequest, HttpRequest, web};
use std::future::{Ready, ready};
use std::sync::Arc;

type Services = web::Data<Stack>;

/// The path in the address. What is percent-encoded is taken as the character that it stands for, but a slash only where
/// a slash was sent: `a%2fb` is not the path `a/b`.
pub struct AddressedPath(SecretPath);

#[cfg(test)]
impl crate::http::openapi::Part for AddressedPath {
    fn tell(scribe: &mut crate::http::openapi::Scribe<'_>) {
        scribe.told.refusals.insert(404);
    }
}

impl FromRequest for AddressedPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // The router leaves %2F, %2B and %25 as they are, and a path holds no percent sign.
        ready(vault::parse_path(request.match_info().get("path").unwrap_or_default()).map(Self))
    }
}

/// `GET /v1/secrets/{path}`: a secret with its value, or with `view=versions` its history without any value.
pub async fn read(
    stack: Services,
    Caller(actor): Caller,
    AddressedPath(path): AddressedPath,
    Query(query): Query<ReadQuery>,
) -> Result<Either<SecretText, Reply<SecretHistory>>, Problem> {
    match query.view.as_deref() {
        None | Some("value") => {}
        Some("versions") => {
            let granted = actor.grant::<permit::ListSecrets>(actor.home())?;
            let history = service::versions(&stack.store.read(), &granted, &path)?;
            return Ok(Either::Right(Reply(history.into())));
        }
        Some(_) => return Err(Problem::invalid_at("query", "view", "must be value or versions")),
    }
    let granted = actor.grant::<permit::ReadSecrets>(actor.home())?;
    let secret = service::get(&stack.store.read(), &stack.tenant_keys, &granted, &path, query.version)?;
    stack.audit_read(service::read_event(&granted, &path, secret.version, stack.now())).await?;
    Ok(Either::Left(SecretText::of(&secret)?))
}

/// `PUT /v1/secrets/{path}`: writes a secret, or a new version of one that is there.
pub async fn write(
    stack: Services,
    Caller(actor): Caller,
    AddressedPath(path): AddressedPath,
    Json(body): Json<PutSecret>,
) -> Result<Either<Created<NewSecret>, Reply<NewVersion>>, Problem> {
    let put = body.at(path)?;
    let granted = actor.grant::<permit::WriteSecrets>(actor.home())?;
    let sealed = service::prepare(&stack.store.read(), &stack.tenant_keys, &granted, put, &stack.vault_limits())?;
    let (keys, now) = (Arc::clone(&stack.tenant_keys), stack.now());
    let written = stack.store.write(move |tx| service::put(tx, &keys, &sealed, now)).await?;
    Ok(wire::written(written))
}

/// `GET /v1/secrets`: the secrets whose path starts with `prefix`, without their values.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(query): Query<ListQuery>,
) -> Result<Reply<SecretList>, Problem> {
    let prefix = Prefix::parse(&query.prefix)?;
    let granted = actor.grant::<permit::ListSecrets>(actor.home())?;
    let snapshot = stack.store.read();
    let listing =
        service::list(&snapshot, stack.keyring.pepper(), &granted, &prefix, query.limit, query.cursor.as_deref())?;
    stack.audit_read(service::list_event(&granted, &prefix, listing.secrets.len(), stack.now())).await?;
    Ok(Reply(listing.into()))
}

/// `DELETE /v1/secrets/{path}`: moves a secret into the trash. With `permanent=true` it is deleted for good; with `version=N`
/// only that version's value is destroyed.
pub async fn delete(
    stack: Services,
    Caller(actor): Caller,
    AddressedPath(path): AddressedPath,
    Query(query): Query<DeleteQuery>,
) -> Result<Either<Reply<DestroyedVersion>, Reply<DeletedSecret>>, Problem> {
    let granted = actor.grant::<permit::DeleteSecrets>(actor.home())?;
    let (limits, now) = (stack.vault_limits(), stack.now());
    if let Some(version) = query.version {
        let at = path.clone();
        stack.store.write(move |tx| service::destroy_version(tx, &granted, &at, version, now)).await?;
        return Ok(Either::Left(Reply(DestroyedVersion::new(path, version))));
    }
    let deleted =
        stack.store.write(move |tx| service::delete(tx, &granted, &path, query.permanent, &limits, now)).await?;
    Ok(Either::Right(Reply(deleted.into())))
}

/// `POST /v1/secrets/{path}?action=restore`: takes a secret out of the trash again.
pub async fn act(
    stack: Services,
    Caller(actor): Caller,
    AddressedPath(path): AddressedPath,
    Query(query): Query<wire::ActQuery>,
) -> Result<Reply<SecretSummary>, Problem> {
    match query.action.as_deref() {
        Some("restore") => {}
        Some(_) => return Err(Problem::invalid_at("query", "action", "must be restore")),
        None => {
            let rule = "is required: POST takes ?action=restore; to write a secret, send the same body with PUT";
            return Err(Problem::invalid_at("query", "action", rule));
        }
    }
    let granted = actor.grant::<permit::DeleteSecrets>(actor.home())?;
    let now = stack.now();
    let restored = stack.store.write(move |tx| service::restore(tx, &granted, &path, now)).await?;
    Ok(Reply(restored.into()))
}
