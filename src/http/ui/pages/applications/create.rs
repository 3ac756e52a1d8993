//! Registering an application.

use super::super::tenant_field::TenantChoice;
use super::view::{self, Tenants};
use super::{kind, level};
use crate::access::{Place, permit};
use crate::apps::{self, AppScope, NewApplication, NewSecret, RedirectUri};
use crate::base::id::{ApplicationId, TenantId};
use crate::base::{DisplayName, Id, Problem, ScopeSet};
use crate::catalogue::{Scope, scope};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::store::Versioned;
use actix_web::HttpResponse;
use maud::Markup;

/// The tenants that the form offers.
fn tenants(ctx: &Ctx) -> Result<Tenants, Problem> {
    let may_global = ctx.actor().may::<permit::WriteApplications>(Place::Platform);
    Ok(Tenants { tenants: TenantChoice::of(ctx)?, may_global })
}

/// The form. It offers the scopes that the reader may give where most of their applications are made.
fn form(ctx: &Ctx, form: &Form) -> Result<Markup, Problem> {
    let at = ctx.widest::<permit::WriteApplications>()?.place();
    let may_give = |scope: &Scope| apps::may_hand_on(ctx.actor(), at, scope.name);
    Ok(view::create(form, &tenants(ctx)?, &may_give, &ctx.csrf()))
}

/// `GET /admin/applications/create`.
pub async fn create_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::WriteApplications>()?;
    let tenants = tenants(&ctx)?;
    let form = Form::with([
        ("application_type", "SERVICE".to_owned()),
        ("scope", if tenants.may_global { "GLOBAL" } else { "TENANT" }.to_owned()),
        ("tenant_id", ctx.actor().tenant.to_string()),
        ("allowed_scopes", "openid".to_owned()),
        ("token_lifetime", apps::DEFAULT_TOKEN_LIFETIME.to_string()),
    ]);
    ctx.page("Create application", nav::APPLICATIONS, &self::form(&ctx, &form)?)
}

/// `POST /admin/applications/create`.
pub async fn create(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::WriteApplications>()?;
    let form = match read(&fields) {
        Ok(new) => {
            let (id, now) = (ctx.stack.new_id::<ApplicationId>(), ctx.stack.now());
            let (row, secret) = NewSecret::make(ctx.stack.new_id());
            match ctx.stack.store.write(move |tx| apps::create(tx, &granted, &new, id, &row, now)).await {
                Ok(made) if made.secrets.is_empty() => {
                    return Ok(ctx.done(&view::address(&made), &format!("{} is registered.", made.name)));
                }
                Ok(made) => {
                    let to = format!("{}/credentials", view::address(&made));
                    return Ok(ctx.done_once(&to, &made.id.to_string(), secret.expose()));
                }
                Err(problem) => refused(fields.form(view::INPUTS), problem)?,
            }
        }
        Err(form) => form,
    };
    ctx.refused_page("Create application", nav::APPLICATIONS, &form, &self::form(&ctx, &form)?)
}

/// What the form says, or the form with its errors beside the fields.
fn read(fields: &Fields) -> Result<NewApplication, Form> {
    let mut form = fields.form(view::INPUTS);
    let kind = kind(fields.text("application_type"));
    if kind.is_none() {
        form = form.error("application_type", "must be chosen");
    }
    let scope = match level(fields.text("scope")) {
        Some(level) => {
            // The field for the tenant stands in the form whatever the scope, and counts for one of them.
            let tenant =
                (level == apps::ScopeLevel::Tenant).then(|| TenantId::parse(fields.text("tenant_id"))).flatten();
            match AppScope::new(level, None, tenant) {
                Ok(scope) => Some(scope),
                Err(problem) => {
                    form = form.refused(&problem);
                    None
                }
            }
        }
        None => {
            form = form.error("scope", "must be chosen");
            None
        }
    };
    let changes = match (common(fields), form.is_good()) {
        (Ok(changes), true) => changes,
        (Ok(_), false) => return Err(form),
        (Err(wrong), _) => return Err(wrong.into_iter().fold(form, |form, (field, rule)| form.error(field, rule))),
    };
    let (Some(kind), Some(scope)) = (kind, scope) else { return Err(form) };
    Ok(NewApplication {
        allowed_scopes: changes.allowed_scopes,
        redirect_uris: changes.redirect_uris,
        token_lifetime: changes.token_lifetime,
        ..NewApplication::new(changes.name, kind, scope)
    })
}

/// What both forms, to create and to edit, have.
pub(super) struct Common {
    pub name: DisplayName,
    pub allowed_scopes: ScopeSet,
    pub redirect_uris: Vec<RedirectUri>,
    pub token_lifetime: u32,
}

/// Reads those fields; the errors with their fields otherwise, all of them.
pub(super) fn common(fields: &Fields) -> Result<Common, Vec<(&'static str, String)>> {
    let name = DisplayName::parse(fields.text("name"));
    let others = scope::written(fields.text("other_scopes"));
    let scopes = ScopeSet::from_texts(fields.all("allowed_scopes").chain(others));
    let lines = fields.text("redirect_uris").lines().map(str::trim).filter(|line| !line.is_empty());
    let addresses = lines
        .enumerate()
        .map(|(at, line)| RedirectUri::parse(line).map_err(|rule| format!("in line {}: {rule}", at + 1)))
        .collect::<Result<Vec<_>, _>>();
    let lifetime = fields.text("token_lifetime").parse::<u32>();
    match (name, scopes, addresses, lifetime) {
        (Ok(name), Ok(allowed_scopes), Ok(redirect_uris), Ok(token_lifetime)) => {
            Ok(Common { name, allowed_scopes, redirect_uris, token_lifetime })
        }
        (name, scopes, addresses, lifetime) => Err([
            name.err().map(|rule| ("name", rule.into_owned())),
            scopes.err().map(|rule| ("other_scopes", rule.to_owned())),
            addresses.err().map(|rule| ("redirect_uris", rule)),
            lifetime.err().map(|_| ("token_lifetime", "must be a number of seconds".to_owned())),
        ]
        .into_iter()
        .flatten()
        .collect()),
    }
}

/// The values of the edit form, from the application as it is.
pub(super) fn values(application: &apps::Application) -> Form {
    let offered = |scope: &&str| Scope::exists(scope);
    let ticked = application.allowed_scopes.iter().filter(offered).map(|scope| ("allowed_scopes", scope.to_owned()));
    let others: Vec<_> = application.allowed_scopes.iter().filter(|scope| !offered(scope)).collect();
    let addresses: Vec<_> = application.redirect_uris.iter().map(RedirectUri::as_str).collect();
    Form::with(
        [
            ("name", application.name.to_string()),
            ("other_scopes", others.join(" ")),
            ("redirect_uris", addresses.join("\n")),
            ("token_lifetime", application.token_lifetime.to_string()),
            ("introspection", if application.introspect_any_token { "any" } else { "" }.to_owned()),
        ]
        .into_iter()
        .chain(ticked),
    )
    .at(application.version())
}
