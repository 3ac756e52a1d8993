//! The forms of organisations.

use super::address::{ROOT, address};
use super::one::span;
use crate::http::kit::parts::{Choice, Crumb, Form, Input, crumbs, form_error, head, hidden, version};
use crate::tenancy::{DEFAULT_SLUG, EffectivePolicy, Tenant, TimeUnit};
use maud::{Markup, html};

pub const NAME: Input = Input::text("name", "Name").with(&[("maxlength", "200"), ("autocomplete", "off")]);
pub const SLUG: Input =
    Input::text("slug", "Slug").optional().mono().with(&[("maxlength", "253"), ("autocomplete", "off")]);
pub const CONTACT: Input = Input::line("email", "contact_email", "Contact")
    .optional()
    .hint("Whom to write to.")
    .with(&[("autocomplete", "off")]);
pub const MAX_USERS: Input = Input::line("number", "max_users", "Most members")
    .optional()
    .hint("Left empty, as many as the partner allows. Those beyond stay; no more can join.")
    .with(&[("min", "1"), ("inputmode", "numeric")]);
pub const EXTERNAL_ID: Input = Input::text("external_id", "External ID")
    .optional()
    .mono()
    .hint("What your own program calls it.")
    .with(&[("maxlength", "510"), ("autocomplete", "off")]);
pub const REGION: Input = Input::options("region", "Region").optional();
pub const LOGO_URL: Input = Input::line("url", "logo_url", "Logo URL")
    .optional()
    .hint("Programs may show it.")
    .with(&[("maxlength", "1024"), ("placeholder", "https://")]);
pub const METADATA: Input = Input::area("metadata", "Metadata", 4)
    .optional()
    .mono()
    .hint("One pair to a line, ten at most. Keys have 3 to 25 characters.")
    .with(&[("placeholder", "plan=pro")]);
/// What the forms of an organisation ask for.
pub const INPUTS: &[Input] = &[NAME, SLUG, CONTACT, MAX_USERS, EXTERNAL_ID, REGION, LOGO_URL, METADATA];

pub const SOURCE: Input = Input::options("source", "Limits");
pub const ABSOLUTE: Input = Input::line("number", "absolute_session_timeout", "Longest session")
    .with(&[("min", "1"), ("inputmode", "numeric")]);
pub const ABSOLUTE_UNIT: Input = Input::options("absolute_session_timeout_unit", "Unit of the longest session");
pub const ENDS_IDLE: Input = Input::options("idle", "Unused sessions");
pub const IDLE: Input =
    Input::line("number", "idle_session_timeout", "Unused for").with(&[("min", "1"), ("inputmode", "numeric")]);
pub const IDLE_UNIT: Input = Input::options("idle_session_timeout_unit", "Unit of the time unused");
/// What the form of the session policy asks for.
pub const POLICY: &[Input] = &[SOURCE, ABSOLUTE, ABSOLUTE_UNIT, ENDS_IDLE, IDLE, IDLE_UNIT];

/// What a program knows an organisation by, and keeps about it.
fn for_programs(form: &Form) -> Markup {
    let regions = [("", "Not said"), ("US", "United States"), ("EU", "European Union")];
    let regions = regions.map(|(code, words)| (code.to_owned(), words.to_owned()));
    html! {
        (EXTERNAL_ID.field(form))
        (REGION.select(form, regions))
        (LOGO_URL.field(form))
        (METADATA.field(form))
    }
}

/// The form for a new one.
pub fn create(form: &Form, csrf: &str) -> Markup {
    html! {
        (crumbs(&[Crumb::to("Organizations", ROOT), Crumb::here("Create")]))
        (head("Create organization", "A customer with its own people, roles and sign-in."))
        (form_error(form))
        form.form.card method="post" action={ (ROOT) "/create" } {
            (hidden("csrf", csrf))
            (NAME.field(form))
            (SLUG.field(form).help("Its short name in addresses. Left empty, one is made from the name."))
            (for_programs(form))
            div.actions { button.primary { "Create organization" } a.button href=(ROOT) { "Cancel" } }
        }
    }
}

fn way(tenant: &Tenant, here: &str, step: &str) -> Markup {
    crumbs(&[Crumb::to("Organizations", ROOT), Crumb::to(tenant.name.as_str(), here), Crumb::here(step)])
}

/// The form to change one.
pub fn edit(tenant: &Tenant, form: &Form, csrf: &str) -> Markup {
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
            (NAME.field(form))
            (SLUG.field(form).help(slug_help))
            (CONTACT.field(form))
            (MAX_USERS.field(form))
            (for_programs(form))
            div.actions { button.primary { "Save changes" } a.button href=(here) { "Cancel" } }
        }
    }
}

/// The form for the session policy. `standard` is what holds on this server.
pub fn policy(tenant: &Tenant, standard: &EffectivePolicy, form: &Form, csrf: &str) -> Markup {
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
            (SOURCE.cards(form, &sources))
            div.columns {
                (ABSOLUTE.field(form))
                (ABSOLUTE_UNIT.select(form, units()))
            }
            (ENDS_IDLE.boxes(form, &idle))
            div.columns {
                (IDLE.field(form))
                (IDLE_UNIT.select(form, units()))
            }
            div.actions { button.primary { "Save policy" } a.button href=(here) { "Cancel" } }
        }
    }
}
