//! `/api/v1/admin/applications/{id}/secrets`: a new client secret beside the older one, and the end of one that has leaked.

use super::applications::reach;
use super::wire::application::{Rotate, with_secret};
use super::wire::id_in_path;
use super::{Services, created, gone};
use crate::access::permit;
use crate::apps::{self, NewSecret};
use crate::base::Problem;
use crate::base::id::ClientSecretId;
use crate::http::extract::{Caller, OptionalJson};
use actix_web::{HttpResponse, web};

/// `POST /applications/{id}/secrets`. The answer shows the new secret, once. A body is not needed.
pub async fn rotate(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    OptionalJson(body): OptionalJson<Rotate>,
) -> Result<HttpResponse, Problem> {
    let (id, granted) = reach::<permit::WriteApplications>(&stack.store.read(), &actor, &id)?;
    let (kept, secret) = NewSecret::make(stack.new_id());
    let (keep, now) = (body.unwrap_or_default().keep_old_secs, stack.now());
    let application = stack.store.write(move |tx| apps::rotate_secret(tx, &granted, id, &kept, keep, now)).await?;
    Ok(created(&with_secret(&application, secret.expose())))
}

/// `DELETE /applications/{id}/secrets/{secret_id}`.
pub async fn revoke(
    stack: Services,
    Caller(actor): Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, granted) = reach::<permit::WriteApplications>(&stack.store.read(), &actor, &path.0)?;
    let secret: ClientSecretId = id_in_path(&path.1, "client_secret_not_found")?;
    let now = stack.now();
    stack.store.write(move |tx| apps::revoke_secret(tx, &granted, id, secret, now)).await?;
    Ok(gone())
}
