//! The markup of Developers → Settings.

use crate::apps::{Application, ApplicationStatus};
use crate::base::{ScopeSet, Timestamp};
use crate::catalogue::{Group, Holder, SDK_SCOPES, Scope};
use crate::http::kit::parts::{
    Confirm, Crumb, Facts, Form, Input, OneTime, Table, Tone, ago, badge, card, card_with, code, copyable, count,
    crumbs, empty, form_error, head, hidden, icon, scope_choices, scopes, shown_already, snippets as tabs,
};
use crate::http::ui::pages::snippets::{self, Credentials};
use maud::{Markup, html};

/// Where this page stands.
pub(super) const ROOT: &str = "/admin/developers/settings";
/// What the local authority's certificate is saved as.
pub(super) const CA_FILE: &str = "scaistack-ca.pem";

/// Whether the form offers a scope: the wide ones, and those that an operation of the SDKs asks for.
pub(super) fn is_offered(scope: &Scope) -> bool {
    scope.group == Group::Administration || SDK_SCOPES.contains(&scope.name)
}

/// What a program has to know of this server.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    /// The public address, without a slash at its end.
    pub url: String,
    /// Whether the certificate is of the local authority, which nobody trusts by himself.
    pub local_authority: bool,
}

/// The page of the environment's settings.
pub(super) fn settings(
    environment: &Environment,
    (listed, total): (&[(Application, ScopeSet)], u64),
    may_write: bool,
    now: Timestamp,
) -> Markup {
    let example = Credentials { url: &environment.url, client_id: "skc_…", secret: "…" };
    html! {
        (head("Settings", "Where programs reach this environment, and what they sign in with."))
        (card("Environment", &html! {
            (Facts::new()
                .fact("Environment URL", copyable("environment-url", &environment.url))
                .fact("Token endpoint", copyable("token-endpoint", &format!("{}/oauth/token", environment.url)))
                .fact("Public keys", copyable("public-keys", &format!("{}/keys", environment.url))))
        }))
        (credentials((listed, total), may_write, now))
        (trust(environment))
        (card_with("Try it", "Put your own credentials in place of the dots.", &html! {},
            &tabs("try", &snippets::environment(&example))))
    }
}

fn credentials((listed, total): (&[(Application, ScopeSet)], u64), may_write: bool, now: Timestamp) -> Markup {
    let create = html! {
        @if may_write { a.button.primary href={ (ROOT) "/create" } { (icon("plus")) "Create API credentials" } }
    };
    if listed.is_empty() {
        let what = "A client ID and a secret with which your backend calls the API of this environment.";
        return card("API credentials", &empty("token", "No API credentials yet", what, &create));
    }
    let mut table =
        Table::new("API credentials").column("Name").column("Client ID").column("Scopes").column("Last used");
    if may_write {
        table = table.actions("Rotate");
    }
    for (application, existing) in listed {
        let used = application.secrets.iter().filter_map(|secret| secret.last_used).max();
        table.row(&[
            html! {
                a href={ "/admin/applications/" (application.id) } { (application.name) }
                @if application.status == ApplicationStatus::Disabled { " " (badge(Tone::Warn, "Disabled")) }
            },
            copyable(&format!("client-{}", application.id), &application.client_id()),
            scopes(application.allowed_scopes.iter(), |scope| existing.has(scope)),
            html! { @if let Some(at) = used { (ago(at, now)) } @else { span.muted { "Never" } } },
            html! {
                (Confirm::opener(&format!("{ROOT}/{}/rotate", application.id), "Rotate secret", false))
            },
        ]);
    }
    let lead = "Each is an application of the type Service for the whole platform.";
    card_with(
        "API credentials",
        lead,
        &create,
        &html! {
            (table)
            @if total > listed.len() as u64 {
                p.muted {
                    (count(total)) " in all: "
                    a href="/admin/applications?type=SERVICE&scope=GLOBAL" { "see them among the applications" } "."
                }
            }
        },
    )
}

/// How to trust a certificate that is of no public authority.
fn trust(environment: &Environment) -> Markup {
    if !environment.local_authority {
        return card(
            "Certificate",
            &html! {
                p { "The certificate of this server comes from files of yours. If no public authority has signed it, give programs the root that they are to trust:" }
                (code("trust", &trust_lines("/path/to/root.pem")))
            },
        );
    }
    let download = html! {
        a.button href={ (ROOT) "/ca.pem" } download=(CA_FILE) { (icon("download")) "Download the CA" }
    };
    card_with(
        "Certificate",
        "TLS stands on the same port, with a certificate that this server has signed itself.",
        &download,
        &html! {
            p { "Scalekit's SDK for Python always speaks TLS, also with an http address. Save the CA where your program runs, and set these before it starts:" }
            (code("trust", &trust_lines(&format!("$PWD/{CA_FILE}"))))
        },
    )
}

/// The settings by which the SDKs and curl trust a root of one's own.
fn trust_lines(path: &str) -> String {
    format!(
        "# Python, for gRPC\n\
         export GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=\"{path}\"\n\
         # With an https address: Python for the token, Node, curl\n\
         export REQUESTS_CA_BUNDLE=\"{path}\"\n\
         export NODE_EXTRA_CA_CERTS=\"{path}\"\n\
         export CURL_CA_BUNDLE=\"{path}\"\n"
    )
}

const NAME: Input = Input::text("name", "Name").hint("Audit rows show it.").with(&[
    ("maxlength", "200"),
    ("autocomplete", "off"),
    ("placeholder", "Backend"),
]);
const SCOPES: Input =
    Input::options("scopes", "Scopes").hint("What the program may do. admin:write covers all that changes something.");

/// What the form for new ones asks for.
pub(super) const INPUTS: &[Input] = &[NAME, SCOPES];

/// The form for new ones.
pub(super) fn create(form: &Form, csrf: &str) -> Markup {
    html! {
        (crumbs(&[Crumb::to("Settings", ROOT), Crumb::here("Create")]))
        (head("Create API credentials", "You get a client ID, and a secret that is shown once."))
        (form_error(form))
        form.form.card method="post" action={ (ROOT) "/create" } {
            (hidden("csrf", csrf))
            (NAME.field(form))
            (scope_choices(form, &SCOPES, Holder::Application, is_offered))
            div.actions { button.primary { "Create API credentials" } a.button href=(ROOT) { "Cancel" } }
        }
    }
}

/// What is shown once after a secret was made; none: it was shown already.
pub(super) fn once(environment: &Environment, application: &Application, secret: Option<&str>) -> Markup {
    let way = crumbs(&[Crumb::to("Settings", ROOT), Crumb::here("Credentials")]);
    let title = format!("Credentials of {}", application.name);
    let Some(secret) = secret else {
        return html! {
            (way)
            (head(&title, ""))
            (shown_already("secret", "rotate the secret to get another one."))
            div.actions { a.button.primary href=(ROOT) { "Go to Settings" } }
        };
    };
    let client_id = application.client_id();
    let filled = Credentials { url: &environment.url, client_id: &client_id, secret };
    html! {
        (way)
        (head(&title, "Put them where your backend keeps its settings."))
        (OneTime {
            values: &[
                ("Environment URL", "SCALEKIT_ENVIRONMENT_URL", &environment.url),
                ("Client ID", "SCALEKIT_CLIENT_ID", &client_id),
                ("Client secret", "SCALEKIT_CLIENT_SECRET", secret),
            ],
            file: "scalekit.env",
            lost: "If it is lost, rotate the secret.",
        }.card())
        (card_with("Try it", "With your values filled in.", &html! {}, &tabs("try", &snippets::environment(&filled))))
        (trust(environment))
        div.actions { a.button.primary href=(ROOT) { "Done" } }
    }
}

/// Asks before a secret is rotated.
pub(super) fn rotate<'a>(application: &Application, action: &'a str, csrf: &'a str, form: &'a Form) -> Confirm<'a> {
    Confirm::plain(
        "Rotate the client secret?",
        "Rotate secret",
        (action, ROOT),
        (csrf, form),
        html! {
            p { "You get a new secret for " strong { (application.name) } ". The one that is the newest now holds for another 24 hours, so that the program can change over." }
            @if application.secrets.len() > 1 { p { strong { "The older of the two secrets ends at once." } } }
        },
    )
}
