//! One organisation.

use super::address::{ROOT, address};
use super::listing::state;
use crate::base::Id;
use crate::http::kit::parts::{
    Choice, Confirm, Crumb, Detail, Facts, Form, OneTime, SWITCH, Table, Tone, badge, choices, copyable, crumbs, fence,
    head, hidden, icon, many, shown_already, version, when,
};
use crate::http::ui::pages::retention::Retention;
use crate::tenancy::{DEFAULT_SLUG, EffectivePolicy, Feature, PolicySource, Status, Tenant, Timeout};
use maud::{Markup, html};

/// What the reader may do.
#[derive(Clone, Copy, Debug)]
pub struct OrganizationRights {
    pub change: bool,
    pub delete: bool,
    pub link: bool,
    pub people: bool,
    /// Whether the pages can go over to it.
    pub enter: bool,
}

/// What stands on the page.
#[derive(Debug)]
pub struct One<'a> {
    pub tenant: &'a Tenant,
    pub people: u64,
    /// The most users that the partner lets it have.
    pub quota: Option<u32>,
    pub policy: EffectivePolicy,
    pub retention: Retention,
    /// The form of its features.
    pub features: &'a Form,
    pub may: OrganizationRights,
}

/// `8 hours`, as somebody set it.
pub(super) fn span(timeout: Timeout) -> String {
    many(timeout.value.into(), timeout.unit.name().to_lowercase().trim_end_matches('s'))
}

/// A feature's name and what the mark does.
fn words(feature: Feature) -> (&'static str, &'static str) {
    match feature {
        Feature::Sso => {
            ("Single sign-on", "The portal and the API say that it is on; this server connects no identity provider")
        }
        Feature::DirSync => {
            ("Directory sync", "The portal and the API say that it is on; this server reads no directory")
        }
    }
}

/// The page of one organisation.
pub fn one(one: &One<'_>, csrf: &str) -> Detail {
    let tenant = one.tenant;
    let here = address(tenant.id);
    let actions = html! {
        @if one.may.enter { (enter(tenant, csrf)) }
        @if one.may.change { a.button href={ (here) "/edit" } { "Edit" } }
    };
    let all = html! { @if one.may.people { a.button.small href={ (here) "/members" } { "Show members" } } };
    let policy = html! { @if one.may.change { a.button.small href={ (here) "/sessions" } { "Change" } } };
    let page = Detail::of(Crumb::to("Organizations", ROOT), tenant.name.as_str())
        .badges(state(tenant))
        .actions(actions)
        .notice_if(
            tenant.status == Status::Suspended,
            Tone::Warn,
            "Nobody in it can sign in, and none of its credentials works.",
        )
        .facts("About", &facts(one))
        .card_with("Members", "", &all, &html! { (people(one)) })
        .card_with("Sign-in sessions", "", &policy, &html! { (sessions(&one.policy)) })
        .card_with(
            "Portal",
            "What its own admins see is switched on for them, without an account here.",
            &html! {},
            &html! { (portal(one, &here, csrf)) },
        )
        .card("Metadata", &metadata(tenant));
    if one.may.change || one.may.delete { dangers(page, one, &here, csrf) } else { page }
}

/// The way to its own pages, its secrets among them.
fn enter(tenant: &Tenant, csrf: &str) -> Markup {
    html! {
        form method="post" action=(SWITCH) {
            (hidden("csrf", csrf))
            (hidden("tenant", &tenant.id.to_string()))
            button { "Work in this tenant" }
        }
    }
}

fn facts(one: &One<'_>) -> Facts {
    let (tenant, details) = (one.tenant, &one.tenant.details);
    Facts::new()
        .fact("Organization ID", copyable("organization", &tenant.id.display_as("org")))
        .fact("Slug", html! { code.mono { (tenant.slug) } })
        .fact_if("External ID", details.external_id.as_ref().map(|id| copyable("external", id.as_str())))
        .fact_if("Region", details.region.map(crate::tenancy::Region::name))
        .fact_if(
            "Logo",
            details.logo_url.as_ref().map(|url| {
                html! {
                    a href=(url) rel="noreferrer" { (url) }
                }
            }),
        )
        .fact_if("Contact", tenant.contact_email.as_ref().map(ToString::to_string))
        .fact("Created", when(tenant.created_at))
        .fact("Changed", when(tenant.updated_at))
}

fn people(one: &One<'_>) -> Markup {
    let most = [one.tenant.details.max_users, one.quota].into_iter().flatten().min();
    html! {
        p {
            (many(one.people, "member"))
            @if let Some(most) = most { " of " (many(most.into(), "seat")) }
            "."
        }
    }
}

fn sessions(policy: &EffectivePolicy) -> Markup {
    html! {
        p {
            "Everybody signs in again after " b { (span(policy.absolute)) }
            @if policy.idle_enabled { ", or when a session lies unused for " b { (span(policy.idle)) } }
            ". "
            @if policy.source == PolicySource::Custom { (badge(Tone::Info, "Its own policy")) }
            @else { (badge(Tone::Plain, "As on this server")) }
        }
    }
}

fn portal(one: &One<'_>, here: &str, csrf: &str) -> Markup {
    let on = one.tenant.details.features;
    let boxes = Feature::ALL.map(|feature| Choice::new(feature.name(), words(feature).0, words(feature).1));
    html! {
        @if one.may.change {
            form.form method="post" action={ (here) "/features" } {
                (hidden("csrf", csrf))
                (version(one.features))
                (choices(one.features, "features", "What they find there", "", &boxes))
                div.actions { button { "Save" } }
            }
        } @else if on.is_empty() {
            p.muted { "Nothing is switched on." }
        } @else {
            ul { @for feature in on.on() { li { (words(feature).0) } } }
        }
        @if one.may.link && one.tenant.status == Status::Active {
            (fence("Link", "It works once, for a week, for whoever has it.", &html! {
                form method="post" action={ (here) "/portal-link" } {
                    (hidden("csrf", csrf))
                    button.small { (icon("plus")) "Create link" }
                }
            }))
        }
    }
}

fn metadata(tenant: &Tenant) -> Markup {
    let pairs = tenant.details.metadata.pairs();
    if pairs.is_empty() {
        return html! { p.muted { "None. Programs keep short texts here, such as a plan." } };
    }
    let mut table = Table::new("Metadata").column("Key").column("Value");
    for (key, value) in pairs {
        table.row(&[html! { code.mono { (key) } }, html! { (value) }]);
    }
    html! { (table) }
}

fn dangers(mut page: Detail, one: &One<'_>, here: &str, csrf: &str) -> Detail {
    let activate = html! {
        form method="post" action={ (here) "/activate" } { (hidden("csrf", csrf)) button.small { "Activate" } }
    };
    if one.tenant.slug.as_str() == DEFAULT_SLUG {
        return page.part(html! { p.muted { "The default organization stays, and stays active." } });
    }
    if one.may.change && one.tenant.status == Status::Active {
        let what = "Nobody in it can sign in until it is active again.";
        page = page.danger("Suspend", what, &Confirm::opener(&format!("{here}/suspend"), "Suspend", true));
    } else if one.may.change {
        page = page.danger("Activate", "Its people can sign in again.", &activate);
    }
    if one.may.delete {
        let what = format!("Nothing in it can be reached any more. {}", one.retention.words("slug"));
        page = page.danger("Delete", &what, &Confirm::opener(&format!("{here}/delete"), "Delete", true));
    }
    page
}

/// Asks before an organisation is suspended.
pub fn suspend<'a>(
    tenant: &'a Tenant,
    people: u64,
    (action, back): (&'a str, &'a str),
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    Confirm::destructive(
        "Suspend the organization?",
        "Suspend organization",
        (action, back),
        (csrf, form),
        html! {
            p { strong { (tenant.name) } " has " (many(people, "member")) ". They are signed out of it and cannot sign in to it; its applications, keys and tokens stop working at once." }
            p.muted { "Nothing is deleted. Activate it, and all of that works again; who was signed in signs in anew." }
        },
    )
}

/// Asks before an organisation is deleted.
pub fn delete<'a>(
    tenant: &'a Tenant,
    retention: Retention,
    (action, back): (&'a str, &'a str),
    csrf: &'a str,
    form: &'a Form,
) -> Confirm<'a> {
    Confirm::destructive("Delete the organization?", "Delete organization", (action, back), (csrf, form), html! {
            p { "The secrets, applications, keys and memberships of " strong { (tenant.name) } " are out of reach, and its people are signed out. Accounts whose home it is move to their oldest other organization; those without another one can be reached by administrators of the whole instance only." }
            p.muted { (retention.words("slug")) " Its external ID is free at once." }
        }).typed(tenant.slug.as_str())
}

/// The link to the portal, once.
pub fn link(tenant: &Tenant, link: Option<&str>, csrf: &str) -> Markup {
    let here = address(tenant.id);
    let way = crumbs(&[
        Crumb::to("Organizations", ROOT),
        Crumb::to(tenant.name.as_str(), here.as_str()),
        Crumb::here("Portal link"),
    ]);
    let again = html! {
        div.actions {
            form method="post" action={ (here) "/portal-link" } { (hidden("csrf", csrf)) button { "Create another link" } }
            a.button.primary href=(here) { "Done" }
        }
    };
    let Some(link) = link else {
        return html! {
            (way)
            (head("Portal link", ""))
            (shown_already("link", "create another one."))
            (again)
        };
    };
    html! {
        (way)
        (head("Portal link", format!("Send it to an admin of {}. It opens the portal once, within a week.", tenant.name)))
        (OneTime {
            values: &[("Portal link", "PORTAL_LINK", link)],
            file: "portal-link.env",
            lost: "If it is lost, create another one.",
        }.card())
        (again)
    }
}
