//! Which account, and whether the application may.

use super::Scene;
use crate::base::id::TenantId;
use crate::catalogue::Scope;
use crate::http::kit::parts::{Facts, Form, bare, form_error, head, hidden, icon};
use crate::oauth::authorize::Request;
use crate::tenancy::Tenant;
use maud::{Markup, html};

/// Which account and which tenant.
pub fn account(scene: &Scene<'_>, form: &Form, tenants: &[Tenant]) -> Markup {
    let title = if tenants.len() > 1 { "Choose an organisation" } else { "Choose an account" };
    let who = scene.who.unwrap_or_default();
    bare(
        title,
        &html! {
            (head(title, scene.lead()))
            (form_error(form))
            form.accounts method="post" action="/login/account" {
                (scene.hidden())
                @for tenant in tenants {
                    button.account name="tenant" value=(tenant.id) {
                        span { b { (tenant.name) } small { (who) } }
                        (icon("forward"))
                    }
                }
                button.account name="tenant" value="other" {
                    span { b { "Use another account" } small { "Signs " (who) " out here" } }
                    (icon("forward"))
                }
            }
            (scene.cancel())
        },
    )
}

/// The account that is signed in cannot use the application.
pub fn no_access(scene: &Scene<'_>, form: &Form) -> Markup {
    let title = "This account has no access";
    let where_to = scene.tenant.unwrap_or(scene.application);
    bare(
        title,
        &html! {
            (head(title, ""))
            (form_error(form))
            section.card {
                p {
                    "You are signed in as " b { (scene.who.unwrap_or_default()) } ", which is not a member of "
                    b { (where_to) } ". Ask an administrator there to invite you, or use another account."
                }
                form method="post" action="/login/account" {
                    (scene.hidden())
                    button.primary.full name="tenant" value="other" { "Use another account" }
                }
            }
            (scene.cancel())
        },
    )
}

/// Whether the application may have what it asks for, as a member of this tenant with this name.
pub fn consent(scene: &Scene<'_>, form: &Form, (tenant, name): (TenantId, &str), request: &Request) -> Markup {
    let title = format!("Allow {}?", scene.application);
    let (known, own): (Vec<_>, Vec<_>) =
        request.scope.iter().map(|name| (name, Scope::named(name))).partition(|(_, scope)| scope.is_some());
    bare(
        &title,
        &html! {
            (head(&title, "It asks for access to your account."))
            (form_error(form))
            section.card {
                (Facts::new()
                    .fact("Account", scene.who.unwrap_or_default())
                    .fact("Organisation", name)
                    .fact("Sends you to", html! { span.mono { (destination(&request.back.redirect_uri)) } }))
                div.asks {
                    h2 { (scene.application) " will be able to" }
                    ul {
                        @for scope in known.iter().filter_map(|(_, scope)| *scope) {
                            li { (icon("check")) span { (scope.consent) } }
                        }
                        @for (scope, _) in &own {
                            li { (icon("check")) span { "Use its permission " code { (scope) } } }
                        }
                    }
                }
                form.actions.even method="post" action="/login/consent" {
                    (scene.hidden())
                    (hidden("tenant", &tenant.to_string()))
                    button name="decision" value="deny" { "Do not allow" }
                    button.primary name="decision" value="allow" { "Allow" }
                }
                p.muted.small { "You can take this back at any time in your account, under authorised apps." }
            }
            (scene.switch("Use another account"))
        },
    )
}

/// Where an address leads, as a person should read it: the origin, or the scheme of an app.
fn destination(redirect_uri: &str) -> &str {
    match redirect_uri.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            redirect_uri.get(..scheme.len() + 3 + end).unwrap_or(redirect_uri)
        }
        _ => redirect_uri.split(':').next().unwrap_or(redirect_uri),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_where_they_are_sent() {
        for (uri, words) in [
            ("https://app.example/cb?x=https://bank.example", "https://app.example"),
            ("https://app.example", "https://app.example"),
            ("http://127.0.0.1:4711/cb", "http://127.0.0.1:4711"),
            ("com.example.app:/cb", "com.example.app"),
            ("com.example.app://bank.example/cb", "com.example.app"),
        ] {
            assert_eq!(destination(uri), words);
        }
    }
}
