//! The pages of applications, as markup.

pub(super) mod ask;
mod inputs;

pub(super) use inputs::{CHANGEABLE, INPUTS};

use crate::apps::{Application, ApplicationStatus, ApplicationType, GrantType, MAX_SECRETS, RedirectUri, ScopeLevel};
use crate::base::ScopeSet;
use crate::base::Timestamp;
use crate::catalogue::{Holder, Scope};
use crate::crypto::jwt::SigningAlg;
use crate::http::kit::list::{Filter, List, Matches, Nothing, Part, Sorting, by_text};
use crate::http::kit::parts::{
    Choice, Confirm, Crumb, Detail, Facts, Form, OneTime, Table, Tone, ago, badge, card_with, copyable, count, crumbs,
    empty, form_error, head, head_with, hidden, icon, scope_choices, scopes, shown_already, snippets as tabs, version,
    when,
};
use crate::http::ui::pages::snippets::{self, Endpoints};
use crate::http::ui::pages::tenant_field::TenantChoice;
use crate::store::Direction;
use inputs::{
    ALLOWED_SCOPES, DESCRIPTION, GRANTS, LIFETIME, LOGO, NAME, ORIGINS, OTHER_SCOPES, POST_LOGOUT, REDIRECT_URIS,
    REFRESH_LIFETIME, SCOPE, SIGNATURE, SWITCHES, TYPE,
};
use maud::{Markup, html};

pub(super) const ROOT: &str = "/admin/applications";

/// The address of one.
pub(in crate::http::ui::pages) fn address(application: &Application) -> String {
    format!("{ROOT}/{}", application.id)
}

/// What the types are for.
fn type_words(kind: ApplicationType) -> (&'static str, &'static str) {
    match kind {
        ApplicationType::Service => ("Service", "A back end that signs in as itself, with a client secret"),
        ApplicationType::Web => ("Web", "A web application with a server that can keep a secret"),
        ApplicationType::Spa => ("Single-page", "Runs in the browser only: no secret, PKCE always"),
        ApplicationType::Native => ("Native", "Runs on a device: no secret, PKCE always"),
    }
}

fn scope_words(level: ScopeLevel) -> (&'static str, &'static str) {
    match level {
        ScopeLevel::Global => ("Global", "Works across all tenants"),
        ScopeLevel::Partner => ("Partner", "Works across the tenants of one partner"),
        ScopeLevel::Tenant => ("Tenant", "Works in one tenant"),
    }
}

fn state(application: &Application) -> Markup {
    match application.status {
        ApplicationStatus::Active => badge(Tone::Good, "Active"),
        ApplicationStatus::Disabled => badge(Tone::Warn, "Disabled"),
    }
}

/// What narrows the list.
pub(super) fn filters() -> Vec<Filter> {
    let types = ApplicationType::ALL.map(|kind| (kind.name().to_owned(), type_words(kind).0.to_owned()));
    let levels = [ScopeLevel::Global, ScopeLevel::Partner, ScopeLevel::Tenant]
        .map(|level| (level.name().to_owned(), scope_words(level).0.to_owned()));
    vec![
        Filter::search("q", "Search", "Name, description or client ID", Matches::Contains),
        Filter::select("type", "Type", "All types", types),
        Filter::select("scope", "Scope", "All scopes", levels),
    ]
}

/// By what the list is sorted.
pub(super) const SORTING: Sorting<Application> = Sorting {
    age: "created",
    usually: Direction::Forward,
    others: &[
        ("name", |one, other| by_text(one.name.as_str(), other.name.as_str())),
        ("type", |one, other| one.application_type.name().cmp(other.application_type.name())),
        ("scope", |one, other| one.scope.level().name().cmp(other.scope.level().name())),
        ("state", |one, other| one.status.name().cmp(other.status.name())),
    ],
};

/// The page with the list of applications.
pub(super) fn list(list: &List, found: &Part<Application>, may_create: bool, now: Timestamp) -> Markup {
    let create = html! {
        @if may_create { a.button.primary href={ (ROOT) "/create" } { (icon("plus")) "Create application" } }
    };
    let first = empty(
        "apps",
        "No applications yet",
        "Register a program to give it a client ID and a secret. With them it gets access tokens.",
        &create,
    );
    let nothing =
        Nothing { title: "Nothing found", what: "No application matches. Try another word or fewer filters." };
    html! {
        (head_with("Applications", "Programs that sign people in, or sign in as themselves.", &html! {}, &create))
        (list.show(found, nothing, &first, |found| html! { (table(list, found, now)) }))
    }
}

fn table(list: &List, applications: &[Application], now: Timestamp) -> Table {
    let mut table = Table::new("Applications")
        .column("Name")
        .by(list.heading("name"))
        .column("Client ID")
        .column("Type")
        .by(list.heading("type"))
        .column("Scope")
        .by(list.heading("scope"))
        .column("State")
        .by(list.heading("state"))
        .column("Created")
        .by(list.heading("created"));
    for application in applications {
        table.row(&[
            html! { a.row-link href=(address(application)) { (application.name) } },
            html! { code.mono { (application.client_id()) } },
            html! { (type_words(application.application_type).0) },
            html! { (scope_words(application.scope.level()).0) },
            state(application),
            ago(application.created_at, now),
        ]);
    }
    table
}

/// Which tenants a form offers.
#[derive(Debug)]
pub(super) struct Tenants {
    pub tenants: TenantChoice,
    /// Whether applications above tenants may be made.
    pub may_global: bool,
}

/// Says of a scope whether the reader may give it to the application.
pub(super) type MayGive<'a> = &'a dyn Fn(&Scope) -> bool;

/// What the grants are for.
fn grant_words(grant: GrantType) -> (&'static str, &'static str) {
    match grant {
        GrantType::AuthorizationCode => ("Sign people in", "authorization_code"),
        GrantType::RefreshToken => ("Refresh tokens without the person", "refresh_token"),
        GrantType::ClientCredentials => ("Sign in as itself", "client_credentials, for types with a secret"),
    }
}

/// The fields that both forms have behind the scopes. `kind`: of what type it is, if that is known.
fn settings(form: &Form, kind: Option<ApplicationType>) -> Markup {
    let confidential = kind.is_none_or(ApplicationType::is_confidential);
    let algs = SigningAlg::ALL.map(|alg| (alg.as_str().to_owned(), alg.as_str().to_owned()));
    let grants: Vec<_> = GrantType::ALL
        .into_iter()
        .filter(|grant| kind.is_none_or(|kind| grant.is_for(kind)))
        .map(|grant| Choice::new(grant.name(), grant_words(grant).0, grant_words(grant).1))
        .collect();
    let mut switches = Vec::new();
    if confidential {
        switches.push(Choice::new("pkce", "PKCE required", "Always for types without a secret (RFC 9700 §2.1.1)"));
    }
    if kind != Some(ApplicationType::Native) {
        switches.push(Choice::new(
            "first_party",
            "First-party",
            "A part of the same offer: its users are not asked what it may know of them. Not for native applications",
        ));
    }
    switches.push(Choice::new(
        "groups_by_name",
        "Groups by name",
        "The claim groups has names instead of ids; whoever renames a group changes it",
    ));
    if confidential {
        switches.push(Choice::new(
            "introspection",
            "Introspect the tokens of all applications",
            "For a gateway that checks the tokens of others at its issuer",
        ));
    }
    html! {
        (REDIRECT_URIS.field(form)
            .help("One a line. Where browsers may be sent after a sign-in; compared letter by letter."))
        (POST_LOGOUT.field(form))
        (ORIGINS.field(form))
        (GRANTS.boxes(form, &grants))
        (LIFETIME.field(form))
        (REFRESH_LIFETIME.field(form))
        (SIGNATURE.select(form, algs))
        (LOGO.field(form))
        (SWITCHES.boxes(form, &switches))
    }
}

/// The form for a new one.
pub(super) fn create(form: &Form, tenants: &Tenants, may_give: MayGive<'_>, csrf: &str) -> Markup {
    let types: Vec<_> = ApplicationType::ALL
        .map(|kind| Choice::new(kind.name(), type_words(kind).0, type_words(kind).1))
        .into_iter()
        .collect();
    let levels: Vec<_> = [ScopeLevel::Global, ScopeLevel::Tenant]
        .into_iter()
        .filter(|level| *level == ScopeLevel::Tenant || tenants.may_global)
        .map(|level| Choice::new(level.name(), scope_words(level).0, scope_words(level).1))
        .collect();
    html! {
        (crumbs(&[Crumb::to("Applications", ROOT), Crumb::here("Create")]))
        (head("Create application", "You get a client ID, and for types that can keep one, a secret."))
        (form_error(form))
        form.form.card method="post" action={ (ROOT) "/create" } {
            (hidden("csrf", csrf))
            (NAME.field(form).help("Audit rows and consent pages show it."))
            (DESCRIPTION.field(form))
            (TYPE.cards(form, &types))
            (SCOPE.cards(form, &levels))
            (tenants.tenants.field(form, "").when_tenant())
            (scope_fields(form, may_give))
            p.help { "Without a choice, people sign in with openid, profile and email, and a service gets nothing. Without a choice of grants it may use all that its type can." }
            (settings(form, None))
            div.actions { button.primary { "Create application" } a.button href=(ROOT) { "Cancel" } }
        }
    }
}

fn scope_fields(form: &Form, may_give: MayGive<'_>) -> Markup {
    html! {
        (scope_choices(form, &ALLOWED_SCOPES, Holder::Application, may_give))
        (OTHER_SCOPES.field(form))
    }
}

/// What is shown once after a secret was made; none: it was shown already.
pub(super) fn once(application: &Application, secret: Option<&str>, with: &Endpoints) -> Markup {
    let back = address(application);
    let title = format!("Credentials of {}", application.name);
    let way = crumbs(&[
        Crumb::to("Applications", ROOT),
        Crumb::to(application.name.as_str(), back.as_str()),
        Crumb::here("Credentials"),
    ]);
    let Some(secret) = secret else {
        return html! {
            (way)
            (head(&title, ""))
            (shown_already("secret", "rotate the secret to get another one."))
            div.actions { a.button.primary href=(back) { "Go to the application" } }
        };
    };
    let client_id = application.client_id();
    html! {
        (way)
        (head(&title, "Put them where the program keeps its settings."))
        (OneTime {
            values: &[
                ("Issuer", "ISSUER", &with.issuer),
                ("Client ID", "CLIENT_ID", &client_id),
                ("Client secret", "CLIENT_SECRET", secret),
            ],
            file: "credentials.env",
            lost: "If it is lost, rotate the secret.",
        }.card())
        @if application.application_type == ApplicationType::Web && application.may_use(GrantType::AuthorizationCode) {
            (card_with("Sign people in", "With your values filled in.", &html! {},
                &tabs("first-sign-in", &snippets::sign_in(with, application, secret))))
        }
        @if application.may_use(GrantType::ClientCredentials) {
            (card_with("Get an access token", "With your values filled in.", &html! {},
                &tabs("first-token", &snippets::client_credentials(&with.token, application, secret))))
        }
        div.actions { a.button.primary href=(back) { "Done" } }
    }
}

/// What the reader of one application's page may do.
#[derive(Clone, Copy, Debug)]
pub(super) struct ApplicationRights {
    pub write: bool,
}

/// One application; `existing`: those of its scopes that there are.
pub(super) fn one(
    application: &Application,
    existing: &ScopeSet,
    tenant: Option<&str>,
    with: &Endpoints,
    may: ApplicationRights,
    csrf: &str,
    now: Timestamp,
) -> Detail {
    let here = address(application);
    let actions = html! { @if may.write { a.button href={ (here) "/edit" } { "Edit" } } };
    let listed = |all: Vec<&str>| {
        html! {
            @if all.is_empty() { span.muted { "None" } }
            @for one in all { div { code.mono { (one) } } }
        }
    };
    let addresses = |all: &[RedirectUri]| listed(all.iter().map(RedirectUri::as_str).collect());
    let yes_or_no = |on: bool| if on { "Yes" } else { "No" };
    let facts = Facts::new()
        .fact("Client ID", copyable("client-id", &application.client_id()))
        .fact("Type", type_words(application.application_type).0)
        .fact(
            "Scope",
            html! {
                (scope_words(application.scope.level()).0)
                @if let Some(tenant) = tenant { ": " (tenant) }
            },
        )
        .fact("Allowed scopes", scopes(application.allowed_scopes.iter(), |scope| existing.has(scope)))
        .fact("Redirect URIs", addresses(&application.redirect_uris))
        .fact("Sign-out redirect URIs", addresses(&application.post_logout_redirect_uris))
        .fact("Allowed origins", listed(application.allowed_origins.iter().map(|origin| origin.as_str()).collect()))
        .fact("Grants", listed(application.grant_types.iter().map(|grant| grant.name()).collect()))
        .fact("Token lifetime", format!("{} seconds", count(u64::from(application.token_lifetime))))
        .fact(
            "Refresh lifetime",
            match application.refresh_token_lifetime {
                Some(secs) => format!("{} seconds", count(u64::from(secs))),
                None => "As the server's settings have it".to_owned(),
            },
        )
        .fact("Signature", application.signing_alg.as_str())
        .fact(
            "Introspection",
            if application.introspect_any_token { "Tokens of all applications" } else { "Its own tokens" },
        )
        .fact("PKCE required", yes_or_no(application.require_pkce))
        .fact(
            "First-party",
            if application.first_party { "Yes: its users are not asked" } else { "No: its users are asked" },
        )
        .fact("Groups in tokens", if application.groups_by_name { "By name" } else { "By id" })
        .fact("Issuer", copyable("issuer", &with.issuer))
        .fact("Discovery", copyable("discovery", &with.discovery()))
        .fact("Token endpoint", copyable("token-endpoint", &with.token))
        .fact("Created", when(application.created_at))
        .fact("Changed", ago(application.updated_at, now));
    let mut page = Detail::of(Crumb::to("Applications", ROOT), application.name.as_str())
        .lead(application.description.as_deref().unwrap_or_default())
        .badges(state(application))
        .actions(actions)
        .facts("Settings", &facts);
    let sign_in = snippets::sign_in(with, application, "…");
    if application.application_type.is_confidential() {
        page = page.part(secrets(application, may, now));
    }
    if !sign_in.is_empty() && application.may_use(GrantType::AuthorizationCode) {
        page = page.card("Sign people in", &tabs("sign-in", &sign_in));
    }
    if application.may_use(GrantType::ClientCredentials) {
        let calls = tabs("token", &snippets::client_credentials(&with.token, application, "…"));
        page = page.card_with("Get an access token", "Put the secret in place of the dots.", &html! {}, &calls);
    }
    if may.write { dangers(page, application, csrf) } else { page }
}

fn secrets(application: &Application, may: ApplicationRights, now: Timestamp) -> Markup {
    let here = address(application);
    let rotate = html! { @if may.write { (Confirm::opener(&format!("{here}/rotate"), "Rotate secret", false)) } };
    let mut table =
        Table::new("Client secrets").column("Ends with").column("State").column("Created").column("Last used");
    if may.write {
        table = table.actions("End it");
    }
    for secret in application.secrets.iter().rev() {
        let state = match secret.expires_at {
            _ if !secret.is_live(now) => badge(Tone::Bad, "Ended"),
            Some(end) => html! { (badge(Tone::Warn, "Ends")) " " (ago(end, now)) },
            None => badge(Tone::Good, "Active"),
        };
        table.row(&[
            html! { code.mono { "…" (secret.hint) } },
            state,
            ago(secret.created_at, now),
            html! { @if let Some(at) = secret.last_used { (ago(at, now)) } @else { span.muted { "Never" } } },
            html! {
                @if secret.is_live(now) {
                    (Confirm::opener(&format!("{here}/secrets/{}/revoke", secret.id), "End now", true))
                }
            },
        ]);
    }
    let lead = format!("At most {MAX_SECRETS} hold at a time, so that a program can change over without a gap.");
    card_with(
        "Client secrets",
        &lead,
        &rotate,
        &html! {
            @if table.is_empty() { p.muted { "There is no secret: the application gets no token until it is given one." } }
            @else { (table) }
        },
    )
}

fn dangers(page: Detail, application: &Application, csrf: &str) -> Detail {
    let here = address(application);
    let enable = html! {
        form method="post" action={ (here) "/enable" } { (hidden("csrf", csrf)) button.small { "Enable application" } }
    };
    let page = if application.status == ApplicationStatus::Active {
        let what = "It gets no token, and the tokens that it has fail here. It can be enabled again.";
        page.danger("Disable", what, &Confirm::opener(&format!("{here}/disable"), "Disable application", true))
    } else {
        page.danger("Enable", "It gets tokens again.", &enable)
    };
    let delete = Confirm::opener(&format!("{here}/delete"), "Delete application", true);
    page.danger("Delete", "Its secrets are gone for good and its tokens fail here.", &delete)
}

/// The form to change one.
pub(super) fn edit(application: &Application, form: &Form, may_give: MayGive<'_>, csrf: &str) -> Markup {
    let here = address(application);
    html! {
        (crumbs(&[Crumb::to("Applications", ROOT), Crumb::to(application.name.as_str(), here.as_str()), Crumb::here("Edit")]))
        (head("Edit application", "Type and scope stay as they were registered."))
        (form_error(form))
        form.form.card method="post" action={ (here) "/edit" } {
            (hidden("csrf", csrf))
            (version(form))
            (NAME.field(form))
            (DESCRIPTION.field(form))
            (scope_fields(form, may_give))
            (settings(form, Some(application.application_type)))
            div.actions { button.primary { "Save changes" } a.button href=(here) { "Cancel" } }
        }
    }
}
