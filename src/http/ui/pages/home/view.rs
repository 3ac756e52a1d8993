//! Home, as markup.

use crate::http::kit::parts::{card, card_with, check_item, code, count, head_with};
use crate::http::ui::pages::search::view as search;
use maud::{Markup, html};

/// How many there are of something; `more`: at least.
#[derive(Debug)]
pub(super) struct Count {
    pub name: &'static str,
    pub href: &'static str,
    pub number: u64,
    pub more: bool,
}

/// One step of the checklist. None where the reader may not do it.
#[derive(Debug)]
pub(super) struct Step {
    pub done: bool,
    pub title: &'static str,
    pub what: &'static str,
    pub href: &'static str,
    pub button: &'static str,
}

/// What the reader makes most often, as far as they may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quick {
    pub users: bool,
    pub keys: bool,
    pub applications: bool,
    pub secrets: bool,
}

fn quick(may: Quick) -> Markup {
    let link = |shown: bool, href: &str, words: &str| html! { @if shown { a.button.small href=(href) { (words) } } };
    html! {
        (link(may.users, "/admin/people/users/create", "Invite somebody"))
        (link(may.keys, "/admin/access/api-keys/create", "Create API key"))
        (link(may.applications, "/admin/applications/create", "Create application"))
        (link(may.secrets, "/admin/secrets/write", "New secret"))
    }
}

/// What the page shows.
#[derive(Debug)]
pub(super) struct Home<'a> {
    pub tenant: &'a str,
    pub counts: Vec<Count>,
    pub steps: Vec<Step>,
    pub quick: Quick,
    pub public_url: &'a str,
    /// Whether the reader runs the instance.
    pub operates: bool,
}

/// The page that somebody sees first after a sign-in.
pub(super) fn page(home: &Home<'_>) -> Markup {
    let left = home.steps.iter().filter(|step| !step.done).count();
    let lead = match left {
        0 => "Everything is set up.".to_owned(),
        1 => "One step is left.".to_owned(),
        many => format!("{many} steps are left."),
    };
    html! {
        (head_with("Home", format!("What runs in {}, and what to do next.", home.tenant), &html! {}, &quick(home.quick)))
        (search::form(""))
        ul.counts {
            @for each in &home.counts {
                li {
                    a href=[(!each.href.is_empty()).then_some(each.href)] { b { (count(each.number)) @if each.more { "+" } } (each.name) }
                }
            }
        }
        @if !home.steps.is_empty() {
            (card_with("First steps", &lead, &html! {}, &html! {
                ul.checklist {
                    @for step in &home.steps {
                        (check_item(step.done, step.title, step.what, &html! { a.button.small href=(step.href) { (step.button) } }))
                    }
                }
            }))
        }
        div.columns {
            (card_with("Is it up", "Answers without a credential.", &html! {},
                &code("health", &format!("curl {}/health", home.public_url.trim_end_matches('/')))))
            @if home.operates {
                (card_with("Keep a backup", "One file, sealed, taken while the server runs. Keep the root key elsewhere.", &html! {},
                    &code("backup", "scaistack backup scaistack-$(date +%F).bak")))
            } @else {
                (card("Help", &html! { p { "Your administrators look after applications and people. You look after your tokens and secrets." } }))
            }
        }
    }
}
