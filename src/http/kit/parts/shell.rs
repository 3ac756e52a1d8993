//! The frame of every page: what stands in the head, the way around, and who is signed in.

use super::{Message, Tone, icon, notice, percent};
use crate::http::kit::assets;
use maud::{DOCTYPE, Markup, html};

/// htmx without what the content policy forbids: no evaluated text, no style element of its own, requests to us only.
const HTMX: &str = r#"{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,"historyCacheSize":0}"#;

/// The page to choose the tenant to work in.
pub const SWITCH: &str = "/admin/switch";

/// One entry of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// The heading that it stands under; empty for none.
    pub group: &'static str,
    /// What it says.
    pub name: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// The name of its icon in `icons.svg`.
    pub symbol: &'static str,
}

/// A step on the way to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    /// What it says.
    pub name: String,
    /// Where it leads; none for where the reader is.
    pub href: Option<String>,
}

impl Crumb {
    /// A step that leads somewhere.
    pub fn to(name: impl Into<String>, href: impl Into<String>) -> Self {
        Self { name: name.into(), href: Some(href.into()) }
    }

    /// The page itself.
    pub fn here(name: impl Into<String>) -> Self {
        Self { name: name.into(), href: None }
    }
}

/// The way to a page.
pub fn crumbs(steps: &[Crumb]) -> Markup {
    html! {
        nav.crumbs aria-label="Where you are" {
            ol {
                @for step in steps {
                    li {
                        @if let Some(href) = &step.href { a href=(href) { (step.name) } }
                        @else { span aria-current="page" { (step.name) } }
                    }
                }
            }
        }
    }
}

/// What surrounds a page of somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The tenant that the reader works in.
    pub tenant: String,
    /// Whether the reader reaches others too.
    pub is_one_of_several: bool,
    /// Whether the pages show all that the reader reaches, and not this tenant alone.
    pub is_all: bool,
    /// Why the tenant that the reader chose is not the one that the pages show, if it is not.
    pub lapsed: Option<String>,
    /// The name of whoever reads the page.
    pub who: String,
    /// For every form and for htmx.
    pub csrf: String,
    /// What the reader may open.
    pub nav: Vec<NavItem>,
    /// What has just happened.
    pub flash: Option<Message>,
}

/// A page inside the frame.
#[derive(Debug)]
pub struct Shell<'a> {
    /// For the browser's tab.
    pub title: &'a str,
    /// The address of the menu's entry that the page belongs to.
    pub section: &'a str,
    /// What surrounds it.
    pub frame: &'a Frame,
}

fn head(title: &str, csrf: Option<&str>) -> Markup {
    head_with(
        title,
        &html! {
            meta name="htmx-config" content=(HTMX);
            @if let Some(csrf) = csrf { meta name="csrf" content=(csrf); }
        },
        &html! {
            script src=(assets::url("htmx.min.js")) defer {}
            script src=(assets::url("app.js")) defer {}
        },
    )
}

fn head_with(title: &str, facts: &Markup, scripts: &Markup) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            (facts)
            title { (title) " · scaistack" }
            link rel="icon" type="image/svg+xml" href=(assets::url("favicon.svg"));
            link rel="stylesheet" href=(assets::url("app.css"));
            (scripts)
        }
    }
}

fn brand(href: &str) -> Markup {
    html! { a.brand href=(href) { (icon("brand")) "scaistack" } }
}

/// The brand on pages of people who may have no business with the administrators' pages: it leads nowhere.
fn mark() -> Markup {
    html! { span.brand { (icon("brand")) "scaistack" } }
}

impl Shell<'_> {
    /// The whole document.
    pub fn page(&self, body: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                (head(self.title, Some(&self.frame.csrf)))
                body {
                    a.skip href="#main" { "Skip to content" }
                    header.bar {
                        button.quiet type="button" popovertarget="menu" aria-label="Menu" { (icon("menu")) }
                        (brand("/admin/"))
                        span.where.tenant { b { (self.frame.tenant) } }
                    }
                    div.frame {
                        (self.menu())
                        main.main #main tabindex="-1" {
                            @if let Some(why) = &self.frame.lapsed { (self.lapsed(why)) }
                            @if let Some(message) = &self.frame.flash { (message.shown(&self.frame.csrf)) }
                            (body)
                        }
                    }
                    div.toasts #toasts role="status" aria-live="polite" {}
                    dialog #dialog aria-label="Confirm" {}
                }
            }
        }
    }

    /// The page to choose a tenant, which leads back to this part of the menu.
    fn switch(&self) -> String {
        if self.section.starts_with("/admin/") {
            format!("{SWITCH}?next={}", percent(self.section))
        } else {
            SWITCH.to_owned()
        }
    }

    fn lapsed(&self, why: &str) -> Markup {
        notice(
            Tone::Warn,
            &html! {
                p { "You do not work in the tenant that you chose: " (why) ". These are the pages of " b { (self.frame.tenant) } "." }
                p { a href=(self.switch()) { "Switch tenant" } }
            },
        )
    }

    fn menu(&self) -> Markup {
        let groups = self.frame.nav.chunk_by(|one, next| one.group == next.group);
        html! {
            nav.nav #menu popover aria-label="Main" {
                (brand("/admin/"))
                div.tenant {
                    div {
                        span.muted.small { "Tenant" }
                        @if self.frame.is_one_of_several {
                            a.small href=(self.switch()) { "Switch" span.unseen { " tenant" } }
                        }
                    }
                    b title=(self.frame.tenant) { (self.frame.tenant) }
                    @if self.frame.is_all { span.muted.small { "Lists show all tenants" } }
                }
                div.entries {
                    @for items in groups {
                        @let group = items.first().map_or("", |item| item.group);
                        @if !group.is_empty() { p.group { (group) } }
                        ul {
                            @for item in items {
                                li {
                                    a href=(item.href) aria-current=[(item.href == self.section).then_some("page")] {
                                        (icon(item.symbol)) (item.name)
                                    }
                                }
                            }
                        }
                    }
                }
                div.who {
                    span.muted { "Signed in as" br; span title=(self.frame.who) { (self.frame.who) } }
                    a.button.small.full href="/account" aria-current=[self.section.starts_with("/account").then_some("page")] { "Your account" }
                    form method="post" action="/admin/sign-out" {
                        input type="hidden" name="csrf" value=(self.frame.csrf);
                        button.small.full { "Sign out" }
                    }
                }
            }
        }
    }
}

/// As [`bare`], for a page whose content policy lets none of our scripts run.
pub fn bare_without_script(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head_with(title, &html! {}, &html! {}))
            body { div.bare { main #main { (mark()) (body) } } }
        }
    }
}

/// A page of the reference, for everybody, signed in or not, as wide as those inside the frame.
pub fn open(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(title, None))
            body {
                a.skip href="#main" { "Skip to content" }
                div.open {
                    header { (brand("/docs")) }
                    main.main #main tabindex="-1" { (body) }
                }
                div.toasts #toasts role="status" aria-live="polite" {}
            }
        }
    }
}

/// A page outside the frame: signing in, first set-up, errors.
pub fn bare(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(title, None))
            body {
                div.bare {
                    main #main {
                        (mark())
                        (body)
                    }
                }
                div.toasts #toasts role="status" aria-live="polite" {}
            }
        }
    }
}
