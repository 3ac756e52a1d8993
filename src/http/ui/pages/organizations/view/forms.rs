//! The forms of organisations.

use super::one::span;
use super::{ROOT, address};
use crate::http::kit::parts::{
    Choice, Crumb, Field, Form, choice_cards, choices, crumbs, form_error, head, hidden, version,
};
use crate::tenancy::{DEFAULT_SLUG, EffectivePolicy, Tenant, TimeUnit};
use maud::{Markup, html};

fn name(form: &Form) -> Field<'_> {
    Field::text(form, "name", "Name").attr("maxlength", "200").attr("autocomplete", "off")
}

fn slug<'a>(form: &'a Form, help: &'static str) -> Field<'a> {
    Field::text(form, "slug", "Slug").optional().mono().attr("maxlength", "253").attr("autocomplete", "off").help(help)
}

/// What a program knows an organisation by, and keeps about it.
fn for_programs(form: &Form) -> Markup {
    let regions = [("", "Not said"), ("US", "United States"), ("EU", "European Union")];
    let regions = regions.map(|(code, words)| (code.to_owned(), words.to_owned()));
    html! {
        (Field::text(form, "external_id", "External ID").optional().mono().attr("maxlength", "510").attr("autocomplete", "off")
            .help("What your own program calls it."))
        (Field::select(form, "region", "Region", regions).optional())
        (Field::input(form, "url", "logo_url", "Logo URL").optional().attr("maxlength", "1024")
            .attr("placeholder", "https://").help("Programs may show it."))
        (Field::area(form, "metadata", "Metadata", 4).optional().mono().attr("placeholder", "plan=pro")
            .help("One pair to a line, ten at most. Keys have 3 to 25 characters."))
    }
}

/// The form for a new one.
pub(in super::super) fn create(form: &Form, csrf: &str) -> Markup {
    html! {
        (crumbs(&[Crumb::to("Organizations", ROOT), Crumb::here("Create")]))
        (head("Create organization", "A customer with its own people, roles and sign-in."))
        (form_error(form))
        form.form.card method="post" action={ (ROOT) "/create" } {
            (hidden("csrf", csrf))
            (name(form))
            (slug(form, "Its short name in addresses. Left empty, one is made from the name."))
            (for_programs(form))
            div.actions { button.primary { "Create organization" } a.button href=(ROOT) { "Cancel" } }
        }
    }
}

fn way(tenant: &Tenant, here: &str, step: &str) -> Markup {
    crumbs(&[Crumb::to("Organizations", ROOT), Crumb::to(tenant.name.as_str(), here), Crumb::here(step)])
}

/// The form to change one.
pub(in super::super) fn edit(tenant: &Tenant, form: &Form, csrf: &str) -> Markup {
    let here = address(tenant.id);
    let slug_help = if tenant.slug.as_str() == DEFAULT_SLUG {
        "The default organization keeps it."
    } else {
        "Its short name in addresses; links with the old one stop working. Left empty, one is made from the name."
    };
    html! {
        (way(tenant, &here, "Edit"))
        (head("Edit organization", ""))
        (form_error(form))
        form.form.card method="post" action={ (here) "/edit" } {
            (hidden("csrf", csrf))
            (version(form))
            (name(form))
            (slug(form, slug_help))
            (Field::input(form, "email", "contact_email", "Contact").optional().attr("autocomplete", "off").help("Whom to write to."))
            (Field::input(form, "number", "max_users", "Most members").optional().attr("min", "1").attr("inputmode", "numeric")
                .help("Left empty, as many as the partner allows. Those beyond stay; no more can join."))
            (for_programs(form))
            div.actions { button.primary { "Save changes" } a.button href=(here) { "Cancel" } }
        }
    }
}

/// The form for the session policy. `standard` is what holds on this server.
pub(in super::super) fn policy(tenant: &Tenant, standard: &EffectivePolicy, form: &Form, csrf: &str) -> Markup {
    let here = address(tenant.id);
    let units = || TimeUnit::ALL.map(|unit| (unit.name().to_owned(), unit.name().to_lowercase()));
    let as_here = format!("Signed in for {}, {} unused", span(standard.absolute), span(standard.idle));
    let sources = [
        Choice::new("application", "As on this server", as_here),
        Choice::new("custom", "Its own", "By the limits below"),
    ];
    let idle = [Choice::new("on", "End sessions that lie unused", "")];
    html! {
        (way(tenant, &here, "Session policy"))
        (head("Session policy", "A shorter life holds at once, also for who is signed in; a longer one from the next sign-in on."))
        (form_error(form))
        form.form.card method="post" action={ (here) "/sessions" } {
            (hidden("csrf", csrf))
            (version(form))
            (choice_cards(form, "source", "Limits", "", &sources))
            div.columns {
                (Field::input(form, "number", "absolute_session_timeout", "Longest session").attr("min", "1").attr("inputmode", "numeric"))
                (Field::select(form, "absolute_session_timeout_unit", "Unit of the longest session", units()))
            }
            (choices(form, "idle", "Unused sessions", "", &idle))
            div.columns {
                (Field::input(form, "number", "idle_session_timeout", "Unused for").attr("min", "1").attr("inputmode", "numeric"))
                (Field::select(form, "idle_session_timeout_unit", "Unit of the time unused", units()))
            }
            div.actions { button.primary { "Save policy" } a.button href=(here) { "Cancel" } }
        }
    }
}
