//! Writing a secret: a new one, or a new version.

use super::{OneQuery, values, view};
use crate::access::permit;
use crate::base::{Problem, Secret, SecretPath};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::vault::{History, MetadataPatch, Put, SecretType, Written, service};
use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The secret at a path, if there is one: the form is then for a new version.
fn existing(ctx: &Ctx, path: &str) -> Option<History> {
    let path = SecretPath::parse(path).ok()?;
    let granted = ctx.here::<permit::ListSecrets>().ok()?;
    service::versions(&ctx.stack.store.read(), &granted, &path).ok()
}

/// `GET /admin/secrets/write`, with the path of a secret or the front of one.
pub async fn write_page(ctx: Ctx, query: web::Query<OneQuery>) -> Result<HttpResponse, Problem> {
    ctx.here::<permit::WriteSecrets>()?;
    let history = existing(&ctx, &query.path);
    let form = match &history {
        Some(history) => Form::with([
            ("path", query.path.clone()),
            ("secret_type", history.summary.secret_type.name().to_owned()),
            ("description", history.metadata.description.clone().unwrap_or_default()),
            ("tags", history.metadata.tags.join(", ")),
        ]),
        None => Form::with([("path", query.path.clone()), ("secret_type", SecretType::default().name().to_owned())]),
    };
    show(&ctx, &form, history.map(|history| history.summary.version))
}

fn show(ctx: &Ctx, form: &Form, version: Option<u32>) -> Result<HttpResponse, Problem> {
    let body = view::write(form, version, ctx.stack.vault_limits().max_value_bytes, &ctx.csrf());
    let title = if version.is_some() { "New version" } else { "New secret" };
    ctx.form_page(title, nav::SECRETS, form, &body)
}

/// `POST /admin/secrets/write`.
pub async fn write(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let kept = || fields.form(view::INPUTS);
    let form = match read(&fields) {
        Ok(put) => match put_it(&ctx, put).await {
            Ok(written) => {
                let message = if written.created {
                    "The secret is written.".to_owned()
                } else {
                    format!("Version {} is written.", written.version)
                };
                return Ok(ctx.done(&view::address(written.path.as_str()), &message));
            }
            Err(problem) => refused(kept(), problem)?,
        },
        Err((field, rule)) => kept().error(field, rule),
    };
    // A new secret comes with cas 0: it must not become a version of another one that has the same path by chance.
    let is_new = fields.text("cas").is_empty();
    let version =
        if is_new { None } else { existing(&ctx, fields.text("path")).map(|history| history.summary.version) };
    show(&ctx, &form, version)
}

async fn put_it(ctx: &Ctx, put: Put) -> Result<Written, Problem> {
    let granted = ctx.here::<permit::WriteSecrets>()?;
    let stack = &ctx.stack;
    let sealed = service::prepare(&stack.store.read(), &stack.tenant_keys, &granted, put, &stack.vault_limits())?;
    let (keys, now) = (Arc::clone(&stack.tenant_keys), stack.now());
    stack.store.write(move |tx| service::put(tx, &keys, &sealed, now)).await
}

fn read(fields: &Fields) -> Result<Put, (&'static str, String)> {
    let path = SecretPath::parse(fields.text("path")).map_err(|rule| ("path", rule.to_owned()))?;
    let data = values::parse(fields.raw("data")).map_err(|rule| ("data", rule))?;
    let kind = SecretType::ALL.into_iter().find(|kind| kind.name() == fields.text("secret_type"));
    let cas = fields.text("cas");
    let cas = if cas.is_empty() { 0 } else { cas.parse().map_err(|_| ("path", "is of no version".to_owned()))? };
    let description = match fields.text("description") {
        "" => Value::Null,
        text => Value::from(text),
    };
    let tags: Vec<_> = fields.text("tags").split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect();
    let tags = if tags.is_empty() { Value::Null } else { Value::from(tags) };
    let metadata = Map::from_iter([("description".to_owned(), description), ("tags".to_owned(), tags)]);
    let metadata = MetadataPatch::from_json(metadata).map_err(|problem| match problem.fields.first() {
        Some(field) if field.field.starts_with("metadata.description") => ("description", field.message.clone()),
        _ => ("tags", "must be at most 50 of at most 100 characters".to_owned()),
    })?;
    let mut put = Put::new(path, Vec::new());
    put.data = Secret::new(data);
    put.secret_type = kind;
    put.metadata = Some(metadata);
    put.cas = Some(cas);
    Ok(put)
}
