//! The parts, looked at as markup: what a browser would refuse, what a screen reader would miss, what would break out.

use super::form_post::FORM_POST_SCRIPT;
use super::*;
use crate::base::{Problem, Timestamp};
use maud::{Markup, html};

const EVIL: &str = r#"<img src=x onerror="alert(1)">"'&"#;

/// Every start tag of a page, as it is written.
fn tags(page: &str) -> Vec<&str> {
    page.split('<')
        .skip(1)
        .filter(|rest| rest.starts_with(char::is_alphabetic))
        .map(|rest| &rest[..end(rest)])
        .collect()
}

/// Where a start tag ends: at the first `>` outside quotes.
fn end(rest: &str) -> usize {
    let mut quoted = false;
    rest.char_indices()
        .find(|(_, letter)| {
            quoted ^= *letter == '"';
            *letter == '>' && !quoted
        })
        .map_or(rest.len(), |(at, _)| at)
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

/// What holds for every page: nothing that the content policy forbids, one h1, a label for every control, no id twice.
pub(in crate::http) fn check_page(markup: &Markup) {
    let page = &markup.0;
    assert_eq!(page.matches("<h1").count(), 1, "one h1: {page}");
    assert_eq!(page.matches("<main").count(), 1, "one main");
    let tags = tags(page);
    let mut ids = std::collections::HashSet::new();
    for tag in &tags {
        assert!(!tag.contains(" style=") && !tag.starts_with("style"), "inline style: {tag}");
        assert!(!tag.split('"').step_by(2).any(|outside| outside.contains(" on")), "event attribute: {tag}");
        // The one script that a page may hold is that which posts an answer; its policy names its hash.
        let posts = tag.starts_with("script") && page.contains(&format!("<script>{FORM_POST_SCRIPT}</script>"));
        if tag.starts_with("script") && !posts {
            assert!(attribute(tag, "src").is_some_and(|src| src.starts_with("/assets/")), "inline script: {tag}");
        }
        if let Some(id) = attribute(tag, "id") {
            assert!(ids.insert(id), "the id {id} twice");
        }
    }
    for tag in &tags {
        let control = ["input", "select", "textarea"].iter().any(|name| tag.split(' ').next() == Some(name));
        if control && attribute(tag, "type") != Some("hidden") {
            let id = attribute(tag, "id").unwrap_or_else(|| panic!("no id: {tag}"));
            assert!(page.contains(&format!("for=\"{id}\"")), "no label for {id}");
        }
        for pointer in ["aria-describedby", "data-copy", "popovertarget", "data-reveal"] {
            for id in attribute(tag, pointer).unwrap_or_default().split_whitespace() {
                assert!(ids.contains(id), "{pointer} points at {id}, which is not there");
            }
        }
    }
    for form in page.split("<form").skip(1) {
        let form = form.split("</form>").next().unwrap_or_default();
        // Password managers want to see whose it is. Nobody keeps the password of somebody else.
        let for_another = form.contains("action=\"/admin/people/users/create\"");
        let names = self::tags(form).into_iter().filter(|tag| attribute(tag, "autocomplete") == Some("username"));
        assert!(
            !form.contains("type=\"password\"")
                || for_another
                || names.filter(|tag| attribute(tag, "type") != Some("hidden")).count() == 1,
            "a password without its account: {form}"
        );
        assert!(
            !form.contains("method=\"post\"")
                || form.contains("name=\"csrf\"")
                || page.contains(FORM_POST_SCRIPT) && form.contains("name=\"iss\"")
                // Shows the page that is due, and changes nothing.
                || form.contains("action=\"/login\""),
            "a form without CSRF token: {form}"
        );
    }
}

fn frame() -> Frame {
    Frame {
        tenant: EVIL.to_owned(),
        is_one_of_several: true,
        is_all: true,
        lapsed: Some(EVIL.to_owned()),
        who: EVIL.to_owned(),
        csrf: "token".to_owned(),
        nav: vec![
            NavItem { group: "", name: "Home", href: "/admin/", symbol: "home" },
            NavItem { group: "Access", name: "Personal tokens", href: "/admin/access/tokens", symbol: "token" },
        ],
        flash: Some(Message { tone: Tone::Good, text: EVIL.to_owned(), undo: Some(Undo::at(EVIL).with("a", EVIL)) }),
    }
}

#[test]
fn every_part_escapes_and_labels() {
    let form = Form::sent(vec![("name".to_owned(), EVIL.to_owned()), ("scopes".to_owned(), "a".to_owned())])
        .refused(&Problem::invalid("redirect_uris.0", "must be an https address"))
        .error("scopes", EVIL);
    let mut table = Table::new(EVIL).column("Name").number("Many").actions("What to do");
    table.row(&[html! { (EVIL) }, html! { (count(12_345)) }, html! {}]);
    let body = html! {
        (crumbs(&[Crumb::to(EVIL, "/admin/"), Crumb::here(EVIL)]))
        (head(EVIL, EVIL))
        (form_error(&form))
        form method="post" {
            (hidden("csrf", EVIL))
            (Field::text(&form, "name", "Name").help(EVIL).mono())
            (Field::area(&form, "redirect_uris", "Redirect URIs", 3).optional())
            (Field::select(&form, "kind", "Kind", [(EVIL.to_owned(), EVIL.to_owned())]))
            (account_of(EVIL))
            (Field::password(&form, "password", "Password"))
            (choices(&form, "scopes", "Scopes", EVIL, &[Choice::new("a", EVIL, EVIL), Choice::new("b", "b", "")]))
        }
        (table)
        (Facts::new().fact("Id", copyable("app-id", EVIL)).fact_if("None", None::<&str>))
        (snippets("call", &[("curl", EVIL.to_owned()), ("Python", "import os".to_owned())]))
        (OneTime { values: &[("Token", "TOKEN", EVIL)], file: "token.env", lost: EVIL }.card())
        (card_with(EVIL, EVIL, &html! {}, &html! { (ago(Timestamp::from_secs(0), Timestamp::from_secs(60))) }))
        (Confirm::destructive(EVIL, EVIL, ("/admin/x", "/admin/"), ("token", &Form::default()), html! { (EVIL) }).typed(EVIL).card(true))
    };
    let page = Shell { title: EVIL, section: "/admin/", frame: &frame() }.page(&body);
    check_page(&page);
    assert!(!page.0.contains("<img"), "user text became a tag");
    assert!(page.0.contains("aria-invalid=\"true\""), "{}", page.0);
    assert!(page.0.contains("value=\"a\" checked"), "a tick is kept");
    check_page(&bare(EVIL, &html! { (head(EVIL, "")) }));
}

#[test]
fn a_password_never_comes_back() {
    let form = Form::sent(vec![("password".to_owned(), "hunter2".to_owned())]).error("password", "is wrong");
    let field = html! { (Field::password(&form, "password", "Password")) };
    assert!(!field.0.contains("hunter2"), "{}", field.0);
    assert!(field.0.contains("Password is wrong"), "{}", field.0);
}

#[test]
fn the_menu_marks_where_the_reader_is() {
    let page = Shell { title: "Home", section: "/admin/", frame: &frame() }.page(&html! { h1 { "Home" } });
    assert_eq!(page.0.matches("aria-current=\"page\"").count(), 1);
}

#[test]
fn a_message_that_is_a_sentence_has_no_label_before_it() {
    let taken = Problem::conflict("slug_taken", "There is already one with this slug").at("slug");
    let form = Form::default().refused(&taken).error("name", "is required");
    let fields = html! { (Field::text(&form, "slug", "Slug")) (Field::text(&form, "name", "Name")) };
    assert!(
        fields.0.contains("<span>There is already one") && fields.0.contains("<span>Name is required"),
        "{}",
        fields.0
    );
    for summary in [form_error(&form).0, filter_error(&form).0] {
        assert!(summary.contains(">Slug</a>: There is already one"), "{summary}");
        assert!(summary.contains(">Name</a> is required"), "{summary}");
    }
}
