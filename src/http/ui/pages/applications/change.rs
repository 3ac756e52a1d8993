//! Changing an application, its secrets, and taking it away.

use super::create::{common, values};
use super::view::{self, ask};
use super::{found, none};
use crate::access::permit;
use crate::apps::{self, Application, ApplicationStatus, NewSecret, RedirectUri, UpdateApplication};
use crate::base::id::ClientSecretId;
use crate::base::{Id, Kind, Problem};
use crate::catalogue::Scope;
use crate::http::kit::parts::{Form, Undo};
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::store::{Expected, WriteTx};
use actix_web::{HttpResponse, web};
use maud::Markup;

fn mine(ctx: &Ctx, id: &str) -> Result<Application, Problem> {
    ctx.widest::<permit::WriteApplications>()?;
    found(ctx, &ctx.stack.store.read(), id)
}

/// The form. It offers the scopes that the reader may give; others that the application has stay as they are.
fn body(ctx: &Ctx, application: &Application, form: &Form) -> Result<Markup, Problem> {
    let at = apps::place_of(&ctx.stack.store.read(), application.scope)?.ok_or_else(none)?;
    let may_give = |scope: &Scope| apps::may_hand_on(ctx.actor(), at, scope.name);
    Ok(view::edit(application, form, &may_give, &ctx.csrf()))
}

/// `GET /admin/applications/{id}/edit`.
pub async fn edit_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let application = mine(&ctx, &id)?;
    ctx.page("Edit application", nav::APPLICATIONS, &body(&ctx, &application, &values(&application))?)
}

/// `POST /admin/applications/{id}/edit`.
pub async fn edit(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let application = mine(&ctx, &id)?;
    let kept = fields.form(view::CHANGEABLE);
    let form = match common(&fields) {
        Ok(new) => {
            let change = UpdateApplication {
                require_pkce: Some(new.is_on("pkce") || !application.application_type.is_confidential()),
                introspect_any_token: Some(new.is_on("introspection")),
                first_party: Some(new.is_on("first_party")),
                groups_by_name: Some(new.is_on("groups_by_name")),
                name: Some(new.name),
                description: Some(new.description),
                allowed_scopes: Some(new.allowed_scopes.unwrap_or_default()),
                redirect_uris: Some(new.redirect_uris),
                post_logout_redirect_uris: Some(new.post_logout_redirect_uris),
                allowed_origins: Some(new.allowed_origins),
                token_lifetime: Some(new.token_lifetime),
                signing_alg: new.signing_alg,
                logo_uri: Some(new.logo_uri),
                grant_types: Some(new.grant_types),
                refresh_token_lifetime: Some(new.refresh_token_lifetime),
                ..UpdateApplication::default()
            };
            match update(&ctx, &application, change, fields.seen()).await {
                Ok(changed) => return Ok(ctx.done(&view::address(&changed), "The changes are saved.")),
                Err(problem) if problem.kind == Kind::Stale => fields.met(view::CHANGEABLE, values(&mine(&ctx, &id)?)),
                Err(problem) => refused(kept, problem)?,
            }
        }
        Err(wrong) => wrong.into_iter().fold(kept, |form, (field, rule)| form.error(field, rule)),
    };
    ctx.refused_page("Edit application", nav::APPLICATIONS, &form, &body(&ctx, &application, &form)?)
}

async fn update(
    ctx: &Ctx,
    application: &Application,
    change: UpdateApplication,
    seen: Expected,
) -> Result<Application, Problem> {
    let granted = ctx.widest::<permit::WriteApplications>()?;
    let (id, now) = (application.id, ctx.stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(apps::client(tx, &apps::client_id(id))?.as_deref())?;
        apps::update(tx, &granted, &change, id, now)
    };
    ctx.stack.store.write(write).await
}

/// `POST /admin/applications/{id}/redirect-uris`: registers one more address, from the page that had to refuse it.
pub async fn add_redirect_uri(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let application = mine(&ctx, &id)?;
    let uri = RedirectUri::parse(fields.raw("uri")).map_err(|rule| Problem::invalid("uri", rule))?;
    let mut redirect_uris = application.redirect_uris.clone();
    if !redirect_uris.contains(&uri) {
        redirect_uris.push(uri);
    }
    let change = UpdateApplication { redirect_uris: Some(redirect_uris), ..UpdateApplication::default() };
    // The addresses are sent as a whole: one that was registered meanwhile must not be lost.
    let changed = update(&ctx, &application, change, Expected::just(&application)).await?;
    Ok(ctx.done(&view::address(&changed), "The address is registered. Begin the sign-in again."))
}

/// `GET /admin/applications/{id}/disable`.
pub async fn disable_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let application = mine(&ctx, &id)?;
    let (back, csrf, form) = (view::address(&application), ctx.csrf(), Form::default());
    ctx.confirm(nav::APPLICATIONS, &ask::disable(&application, &format!("{back}/disable"), &back, &csrf, &form))
}

/// `POST /admin/applications/{id}/disable`.
pub async fn disable(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    set_status(&ctx, &id, ApplicationStatus::Disabled, "disabled").await
}

/// `POST /admin/applications/{id}/enable`.
pub async fn enable(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    set_status(&ctx, &id, ApplicationStatus::Active, "enabled").await
}

async fn set_status(ctx: &Ctx, id: &str, status: ApplicationStatus, words: &str) -> Result<HttpResponse, Problem> {
    let application = mine(ctx, id)?;
    let change = UpdateApplication { status: Some(status), ..UpdateApplication::default() };
    let changed = update(ctx, &application, change, Expected::Any).await?;
    let (page, message) = (view::address(&changed), format!("{} is {words}.", changed.name));
    let undo = (status == ApplicationStatus::Disabled).then(|| Undo::at(format!("{page}/enable")));
    Ok(ctx.done_but(&page, &message, undo))
}

/// `GET /admin/applications/{id}/rotate`.
pub async fn rotate_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let application = mine(&ctx, &id)?;
    let (back, csrf, form) = (view::address(&application), ctx.csrf(), Form::default());
    ctx.confirm(nav::APPLICATIONS, &ask::rotate(&application, &format!("{back}/rotate"), &back, &csrf, &form))
}

/// `POST /admin/applications/{id}/rotate`.
pub async fn rotate(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let application = mine(&ctx, &id)?;
    let granted = ctx.widest::<permit::WriteApplications>()?;
    let (row, secret) = NewSecret::make(ctx.stack.new_id());
    let (id, now) = (application.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| apps::rotate_secret(tx, &granted, id, &row, None, now)).await?;
    Ok(ctx.done_once(&format!("{}/credentials", view::address(&application)), &id.to_string(), secret.expose()))
}

/// `GET /admin/applications/{id}/secrets/{secret}/revoke`.
pub async fn revoke_secret_page(ctx: Ctx, path: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (id, secret) = path.into_inner();
    let application = mine(&ctx, &id)?;
    let (secret, now) = (ClientSecretId::parse(&secret).ok_or_else(none)?, ctx.stack.now());
    let live = |secret: &&apps::ClientSecret| secret.is_live(now);
    let ending = application.secrets.iter().filter(live).find(|row| row.id == secret).ok_or_else(none)?;
    let others = application.secrets.iter().filter(live).count() > 1;
    let (back, csrf, form) = (view::address(&application), ctx.csrf(), Form::default());
    let action = format!("{back}/secrets/{secret}/revoke");
    ctx.confirm(nav::APPLICATIONS, &ask::end_secret(ending, others, (&action, &back), &csrf, &form))
}

/// `POST /admin/applications/{id}/secrets/{secret}/revoke`.
pub async fn revoke_secret(
    Posted { ctx, .. }: Posted,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, secret) = path.into_inner();
    let application = mine(&ctx, &id)?;
    let secret = ClientSecretId::parse(&secret).ok_or_else(none)?;
    let granted = ctx.widest::<permit::WriteApplications>()?;
    let (id, now) = (application.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| apps::revoke_secret(tx, &granted, id, secret, now)).await?;
    Ok(ctx.done(&view::address(&application), "The secret has ended."))
}

/// `GET /admin/applications/{id}/delete`.
pub async fn delete_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let application = mine(&ctx, &id)?;
    ask_to_delete(&ctx, &application, &Form::default())
}

fn ask_to_delete(ctx: &Ctx, application: &Application, form: &Form) -> Result<HttpResponse, Problem> {
    let (back, csrf) = (view::address(application), ctx.csrf());
    ctx.confirm(nav::APPLICATIONS, &ask::delete(application, &format!("{back}/delete"), &back, &csrf, form))
}

/// `POST /admin/applications/{id}/delete`.
pub async fn delete(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let application = mine(&ctx, &id)?;
    if fields.text("confirm_name") != application.name.as_str() {
        let form = fields.keep(&["confirm_name"]).error("confirm_name", "is not that of the application");
        return ask_to_delete(&ctx, &application, &form);
    }
    let granted = ctx.widest::<permit::WriteApplications>()?;
    let (id, now) = (application.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| apps::delete(tx, &granted, id, now)).await?;
    Ok(ctx.done(view::ROOT, &format!("{} is deleted.", application.name)))
}
