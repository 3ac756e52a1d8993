//! Registering an application.

use super::super::tenant_field::{self, TenantChoice};
use super::view::{self, Tenants};
use super::{kind, level};
use crate::access::{Place, permit};
use crate::apps::{self, AppScope, GrantType, LogoUri, NewApplication, NewSecret, RedirectUri, WebOrigin};
use crate::base::id::{ApplicationId, TenantId};
use crate::base::{DisplayName, Problem, ScopeSet};
use crate::catalogue::{Scope, scope};
use crate::crypto::jwt::SigningAlg;
use crate::http::kit::form::Fields;
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::store::Versioned;
use actix_web::HttpResponse;
use maud::Markup;
use std::collections::BTreeSet;
use std::fmt::Display;

/// The tenants that the form offers.
fn tenants(ctx: &Ctx) -> Result<Tenants, Problem> {
    let may_global = ctx.actor().may::<permit::WriteApplications>(Place::Platform);
    let tenants = TenantChoice::of(ctx)?;
    Ok(Tenants { tenants: if may_global { tenants.or_none() } else { tenants }, may_global })
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
        ("tenant_id", if tenants.may_global { String::new() } else { tenants.tenants.here(&ctx)? }),
        ("token_lifetime", ctx.stack.config.tokens.access_secs.to_string()),
        ("signing_alg", ctx.stack.config.tokens.signing_alg.as_str().to_owned()),
        ("switches", "pkce".to_owned()),
    ]);
    ctx.page("Create application", nav::APPLICATIONS, &self::form(&ctx, &form)?)
}

/// `POST /admin/applications/create`.
pub async fn create(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::WriteApplications>()?;
    let named = fields.text("tenant_id");
    let tenant = if named.is_empty() { None } else { Some(tenant_field::named(&ctx, named)?) };
    let form = match read(&fields, tenant) {
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
fn read(fields: &Fields, tenant: Option<Result<TenantId, String>>) -> Result<NewApplication, Form> {
    let mut form = fields.form(view::INPUTS);
    let kind = kind(fields.text("application_type"));
    if kind.is_none() {
        form = form.error("application_type", "must be chosen");
    }
    let scope = match level(fields.text("scope")) {
        Some(level) => {
            // The field for the tenant stands in the form whatever the scope, and counts for one of them.
            let tenant = match tenant {
                Some(_) if level != apps::ScopeLevel::Tenant => {
                    let rule = "is for an application of one tenant: choose that scope, or no tenant";
                    form = form.error("tenant_id", rule);
                    None
                }
                Some(Err(rule)) => return Err(form.error("tenant_id", rule)),
                Some(Ok(tenant)) => Some(tenant),
                None => None,
            };
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
    let (pkce, introspection) = (changes.is_on("pkce"), changes.is_on("introspection"));
    let (first_party, groups_by_name) = (changes.is_on("first_party"), changes.is_on("groups_by_name"));
    let new = NewApplication::new(changes.name, kind, scope);
    Ok(NewApplication {
        description: changes.description,
        allowed_scopes: changes.allowed_scopes.unwrap_or(new.allowed_scopes),
        redirect_uris: changes.redirect_uris,
        post_logout_redirect_uris: changes.post_logout_redirect_uris,
        allowed_origins: changes.allowed_origins,
        token_lifetime: changes.token_lifetime,
        signing_alg: changes.signing_alg.unwrap_or(new.signing_alg),
        // Without a secret there is no choice.
        require_pkce: pkce || !kind.is_confidential(),
        logo_uri: changes.logo_uri,
        introspect_any_token: introspection,
        first_party,
        groups_by_name,
        grant_types: if changes.grant_types.is_empty() { new.grant_types } else { changes.grant_types },
        refresh_token_lifetime: changes.refresh_token_lifetime,
        name: new.name,
        application_type: kind,
        scope,
    })
}

/// What both forms, to create and to edit, have.
pub(super) struct Common {
    pub name: DisplayName,
    pub description: Option<String>,
    /// None: nothing was chosen and nothing typed.
    pub allowed_scopes: Option<ScopeSet>,
    pub redirect_uris: Vec<RedirectUri>,
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    pub allowed_origins: Vec<WebOrigin>,
    pub token_lifetime: u32,
    /// None: it was not said.
    pub signing_alg: Option<SigningAlg>,
    pub logo_uri: Option<LogoUri>,
    /// Empty: none was chosen.
    pub grant_types: BTreeSet<GrantType>,
    pub refresh_token_lifetime: Option<u32>,
    switches: Vec<String>,
}

impl Common {
    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.switches.iter().any(|on| on == name)
    }
}

/// The lines of a field, each read; the rule that the first bad one breaks.
fn lines<T, E: Display>(
    fields: &Fields,
    field: &'static str,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, (&'static str, String)> {
    let lines = fields.text(field).lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .enumerate()
        .map(|(at, line)| read(line).map_err(|rule| (field, format!("in line {}: {rule}", at + 1))))
        .collect()
}

/// Reads those fields; the errors with their fields otherwise, all of them.
pub(super) fn common(fields: &Fields) -> Result<Common, Vec<(&'static str, String)>> {
    let mut wrong = Vec::new();
    let mut keep = |fault: (&'static str, String)| wrong.push(fault);
    let name = DisplayName::parse(fields.text("name")).map_err(|rule| keep(("name", rule.into_owned())));
    let others = scope::written(fields.text("other_scopes"));
    let scopes = ScopeSet::from_texts(fields.all("allowed_scopes").chain(others))
        .map_err(|rule| keep(("other_scopes", rule.to_owned())));
    let redirect_uris = lines(fields, "redirect_uris", RedirectUri::parse).map_err(&mut keep);
    let post_logout = lines(fields, "post_logout_redirect_uris", RedirectUri::parse).map_err(&mut keep);
    let origins = lines(fields, "allowed_origins", WebOrigin::parse).map_err(&mut keep);
    let lifetime = fields.text("token_lifetime").parse::<u32>();
    let lifetime = lifetime.map_err(|_| keep(("token_lifetime", "must be a number of seconds".to_owned())));
    let alg = match fields.text("signing_alg") {
        "" => Ok(None),
        name => match SigningAlg::ALL.into_iter().find(|alg| alg.as_str() == name) {
            Some(alg) => Ok(Some(alg)),
            None => {
                keep(("signing_alg", "must be RS256, ES256 or EdDSA".to_owned()));
                Err(())
            }
        },
    };
    let logo = Some(fields.text("logo_uri")).filter(|text| !text.is_empty());
    let logo = logo.map(LogoUri::parse).transpose().map_err(|rule| keep(("logo_uri", rule.to_owned())));
    let refresh = Some(fields.text("refresh_token_lifetime")).filter(|text| !text.is_empty()).map(str::parse::<u32>);
    let refresh =
        refresh.transpose().map_err(|_| keep(("refresh_token_lifetime", "must be a number of seconds".to_owned())));
    let grant = |name: &str| GrantType::ALL.into_iter().find(|grant| grant.name() == name);
    match (name, scopes, redirect_uris, post_logout, origins, lifetime, alg, logo, refresh) {
        (
            Ok(name),
            Ok(scopes),
            Ok(redirect_uris),
            Ok(post_logout),
            Ok(origins),
            Ok(lifetime),
            Ok(alg),
            Ok(logo_uri),
            Ok(refresh_token_lifetime),
        ) => Ok(Common {
            name,
            description: Some(fields.text("description").to_owned()).filter(|text| !text.is_empty()),
            allowed_scopes: (!scopes.is_empty()).then_some(scopes),
            redirect_uris,
            post_logout_redirect_uris: post_logout,
            allowed_origins: origins,
            token_lifetime: lifetime,
            signing_alg: alg,
            logo_uri,
            grant_types: fields.all("grant_types").filter_map(grant).collect(),
            refresh_token_lifetime,
            switches: fields.all("switches").map(str::to_owned).collect(),
        }),
        _ => Err(wrong),
    }
}

/// The values of the edit form, from the application as it is.
pub(super) fn values(application: &apps::Application) -> Form {
    let offered = |scope: &&str| Scope::exists(scope);
    let ticked = application.allowed_scopes.iter().filter(offered).map(|scope| ("allowed_scopes", scope.to_owned()));
    let others: Vec<_> = application.allowed_scopes.iter().filter(|scope| !offered(scope)).collect();
    let addresses = |all: &[RedirectUri]| all.iter().map(RedirectUri::as_str).collect::<Vec<_>>().join("\n");
    let origins: Vec<_> = application.allowed_origins.iter().map(WebOrigin::as_str).collect();
    let on = [
        ("pkce", application.require_pkce),
        ("introspection", application.introspect_any_token),
        ("first_party", application.first_party),
        ("groups_by_name", application.groups_by_name),
    ];
    let grants = application.grant_types.iter().map(|grant| ("grant_types", grant.name().to_owned()));
    let switches = on.into_iter().filter(|(_, on)| *on).map(|(name, _)| ("switches", name.to_owned()));
    Form::with(
        [
            ("name", application.name.to_string()),
            ("description", application.description.clone().unwrap_or_default()),
            ("other_scopes", others.join(" ")),
            ("redirect_uris", addresses(&application.redirect_uris)),
            ("post_logout_redirect_uris", addresses(&application.post_logout_redirect_uris)),
            ("allowed_origins", origins.join("\n")),
            ("token_lifetime", application.token_lifetime.to_string()),
            (
                "refresh_token_lifetime",
                application.refresh_token_lifetime.map(|secs| secs.to_string()).unwrap_or_default(),
            ),
            ("signing_alg", application.signing_alg.as_str().to_owned()),
            ("logo_uri", application.logo_uri.as_ref().map(ToString::to_string).unwrap_or_default()),
        ]
        .into_iter()
        .chain(ticked)
        .chain(grants)
        .chain(switches),
    )
    .at(application.version())
}
