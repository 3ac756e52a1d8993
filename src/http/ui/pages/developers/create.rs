//! Making API credentials, and giving them another secret.

use super::view::{self, ROOT};
use super::{found, platform};
use crate::access::permit;
use crate::apps::{self, AppScope, ApplicationType, NewApplication, NewSecret};
use crate::base::id::ApplicationId;
use crate::base::{DisplayName, Problem, ScopeSet};
use crate::catalogue::Scope;
use crate::http::kit::form::Fields;
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use actix_web::{HttpResponse, web};

const TITLE: &str = "Create API credentials";

/// `GET /admin/developers/settings/create`.
pub async fn create_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    platform::<permit::WriteApplications>(&ctx)?;
    let ticked = ["admin:read", "admin:write"].map(|scope| ("scopes", scope.to_owned()));
    ctx.page(TITLE, nav::DEVELOPERS, &view::create(&Form::with(ticked), &ctx.csrf()))
}

/// `POST /admin/developers/settings/create`.
pub async fn create(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = platform::<permit::WriteApplications>(&ctx)?;
    let form = match read(&fields) {
        Ok(new) => {
            let (id, now) = (ctx.stack.new_id::<ApplicationId>(), ctx.stack.now());
            let (row, secret) = NewSecret::make(ctx.stack.new_id());
            match ctx.stack.store.write(move |tx| apps::create(tx, &granted, &new, id, &row, now)).await {
                Ok(made) => {
                    let to = format!("{ROOT}/{}/credentials", made.id);
                    return Ok(ctx.done_once(&to, &made.id.to_string(), secret.expose()));
                }
                Err(problem) => refused(kept(&fields), problem)?,
            }
        }
        Err(form) => form,
    };
    ctx.refused_page(TITLE, nav::DEVELOPERS, &form, &view::create(&form, &ctx.csrf()))
}

fn kept(fields: &Fields) -> Form {
    fields.form(view::INPUTS)
}

/// What the form says, or the form with its errors beside the fields.
fn read(fields: &Fields) -> Result<NewApplication, Form> {
    let offered = |scope: &&str| Scope::named(scope).is_some_and(view::is_offered);
    let scopes = ScopeSet::from_texts(fields.all("scopes").filter(offered)).ok().filter(|scopes| !scopes.is_empty());
    match (DisplayName::parse(fields.text("name")), scopes) {
        (Ok(name), Some(allowed_scopes)) => {
            let new = NewApplication::new(name, ApplicationType::Service, AppScope::Global);
            Ok(NewApplication { allowed_scopes, ..new })
        }
        (name, scopes) => {
            let mut form = kept(fields);
            if let Err(rule) = name {
                form = form.error("name", rule);
            }
            if scopes.is_none() {
                form = form.error("scopes", "must be one at least");
            }
            Err(form)
        }
    }
}

/// `GET /admin/developers/settings/{id}/rotate`.
pub async fn rotate_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    platform::<permit::WriteApplications>(&ctx)?;
    let (application, csrf, form) = (found(&ctx, &id)?, ctx.csrf(), Form::default());
    let action = format!("{ROOT}/{}/rotate", application.id);
    ctx.confirm(nav::DEVELOPERS, &view::rotate(&application, &action, &csrf, &form))
}

/// `POST /admin/developers/settings/{id}/rotate`.
pub async fn rotate(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let granted = platform::<permit::WriteApplications>(&ctx)?;
    let application = found(&ctx, &id)?;
    let (row, secret) = NewSecret::make(ctx.stack.new_id());
    let (id, now) = (application.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| apps::rotate_secret(tx, &granted, id, &row, None, now)).await?;
    Ok(ctx.done_once(&format!("{ROOT}/{id}/credentials"), &id.to_string(), secret.expose()))
}
