//! `/api/v1/admin/applications/{id}/secrets`: a new client secret beside the older one, and the end of one that has leaked.

use super::Services;
use super::applications::reach;
use super::wire::application::{ApplicationWithSecret, NewClientSecret, Rotate};
use super::wire::id_in_path;
use crate::access::permit;
use crate::apps::{self, NewSecret};
use crate::base::Problem;
use crate::base::id::ClientSecretId;
use crate::http::extract::{Caller, OptionalJson};
use crate::http::reply::{Created, NoContent, Reply};
use actix_web::web;

/// `POST /applications/{id}/secrets`: makes a new client secret beside the older one. The answer shows it, once.
pub async fn rotate(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    OptionalJson(body): OptionalJson<Rotate>,
) -> Result<Created<ApplicationWithSecret>, Problem> {
    let (id, granted) = reach::<permit::WriteApplications>(&stack.store.read(), &actor, &id)?;
    let (kept, secret) = NewSecret::make(stack.new_id());
    let (keep, now) = (body.unwrap_or_default().keep_old_secs, stack.now());
    let shown = NewClientSecret::new(secret, kept.id);
    let application = stack.store.write(move |tx| apps::rotate_secret(tx, &granted, id, &kept, keep, now)).await?;
    Ok(Reply(ApplicationWithSecret::new(&application, shown)))
}

/// `DELETE /applications/{id}/secrets/{secret_id}`: ends one client secret at once.
pub async fn revoke(
    stack: Services,
    Caller(actor): Caller,
    path: web::Path<(String, String)>,
) -> Result<NoContent, Problem> {
    let (id, granted) = reach::<permit::WriteApplications>(&stack.store.read(), &actor, &path.0)?;
    let secret: ClientSecretId = id_in_path(&path.1, "client_secret_not_found")?;
    let now = stack.now();
    stack.store.write(move |tx| apps::revoke_secret(tx, &granted, id, secret, now)).await?;
    Ok(NoContent)
}
