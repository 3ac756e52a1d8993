//! Puts what somebody had typed back into a form of a page, as its markup stands: one place for all forms. The markup is ours
//! ([`super::parts`]), so a simple reader of tags is enough; what it does not find stays as it was.

use super::csrf;
use super::form::Fields;
use super::parts::{Tone, USERNAME, hidden, notice};
use maud::{Markup, Render as _, html};

/// The field that names what is kept: an id, and behind it the names of the fields that are not in the page. None: all.
pub(in crate::http) const KEPT: &str = "kept";

/// What is to be put in.
pub(in crate::http) struct Refill<'a> {
    /// Where the form sends to.
    pub action: &'a str,
    /// What was typed.
    pub typed: &'a Fields,
    /// Under which id the secrets are going to be kept.
    pub id: &'a str,
    /// Whether the page has all but the secrets already.
    pub secrets_only: bool,
    /// A message on top of the form.
    pub message: &'a str,
}

/// A page with a form filled in.
pub(in crate::http) struct Refilled {
    pub page: String,
    /// The names of the fields whose values are not in it.
    pub kept: Vec<String>,
}

/// A start tag: its name, its attributes with their values as they stand, and where it ends.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, Option<&'a str>)>,
    end: usize,
}

/// The start tag at `at`, where a `<` stands.
fn tag(text: &str, at: usize) -> Option<Tag<'_>> {
    let inner = text.get(at + 1..)?;
    let name_len = inner.find(|c: char| !c.is_ascii_alphanumeric())?;
    let name = inner.get(..name_len).filter(|name| !name.is_empty())?;
    let (mut attributes, mut pos) = (Vec::new(), name_len);
    loop {
        let rest = inner.get(pos..)?;
        let skipped = rest.trim_start();
        pos += rest.len() - skipped.len();
        if skipped.starts_with('>') {
            return Some(Tag { name, attributes, end: at + 1 + pos + 1 });
        }
        let len = skipped.find(['=', '>', ' ', '\n'])?;
        let key = skipped.get(..len).filter(|key| !key.is_empty())?;
        pos += len;
        if let Some(quoted) = skipped.get(len..)?.strip_prefix("=\"") {
            let value = quoted.get(..quoted.find('"')?)?;
            attributes.push((key, Some(value)));
            pos += 2 + value.len() + 1;
        } else {
            attributes.push((key, None));
        }
    }
}

impl Tag<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.attributes.iter().find(|(have, _)| *have == name).map(|(_, value)| unescaped(value.unwrap_or_default()))
    }

    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(have, _)| *have == name)
    }

    /// The tag without some attributes, and with one more.
    fn with(&self, without: &[&str], more: &[(&str, Option<&str>)]) -> String {
        let mut out = format!("<{}", self.name);
        let kept = self.attributes.iter().filter(|(name, _)| !without.contains(name));
        for (name, value) in kept {
            out.push(' ');
            out.push_str(name);
            if let Some(value) = value {
                out.push_str("=\"");
                out.push_str(value);
                out.push('"');
            }
        }
        for (name, value) in more {
            out.push(' ');
            out.push_str(name);
            if let Some(value) = value {
                out.push_str("=\"");
                out.push_str(&value.render().into_string());
                out.push('"');
            }
        }
        out.push('>');
        out
    }

    /// Whether its value is a secret that was typed for this form, and not one that proves who somebody is.
    fn is_secret(&self) -> bool {
        self.get("type").as_deref() == Some("password") || self.has("data-secret")
    }

    fn proves(&self) -> bool {
        matches!(self.get("autocomplete").as_deref(), Some("current-password" | "one-time-code"))
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// The tags of a part of a page, in order.
fn tags(text: &str) -> impl Iterator<Item = (usize, Tag<'_>)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + text.get(from..)?.find('<')?;
            if let Some(found) = tag(text, at) {
                from = found.end;
                return Some((at, found));
            }
            from = at + 1;
        }
    })
}

/// Where the form that sends to `action` is: behind its start tag, up to its end tag.
fn form(page: &str, action: &str) -> Option<(usize, usize)> {
    let is_it = |tag: &Tag<'_>| {
        tag.name == "form"
            && tag.get("method").is_some_and(|method| method == "post")
            && tag.get("action").is_some_and(|given| given == action)
    };
    let (_, found) = tags(page).find(|(_, tag)| is_it(tag))?;
    let len = page.get(found.end..)?.find("</form>")?;
    Some((found.end, found.end + len))
}

/// Fills the form of a page. None: the page has no such form, or there is nothing of it to keep or to fill in.
pub(in crate::http) fn refill(page: &str, with: &Refill<'_>) -> Option<Refilled> {
    let (start, end) = form(page, with.action)?;
    let (before, inside, after) = (page.get(..start)?, page.get(start..end)?, page.get(end..)?);
    let mut filling =
        Filling { with, out: String::with_capacity(inside.len() + 256), used: Vec::new(), kept: Vec::new() };
    filling.all(inside)?;
    let Filling { mut out, used, kept, .. } = filling;
    if with.secrets_only && kept.is_empty() {
        return None;
    }
    if !with.secrets_only {
        // Fields that the page has no control for: rows that a script had added.
        for (name, value) in
            with.typed.pairs().filter(|(name, _)| !is_ours(name) && !used.iter().any(|had| had == name))
        {
            out.push_str(&hidden(name, value).into_string());
        }
    }
    if !kept.is_empty() {
        out.push_str(&hidden(KEPT, &format!("{} {}", with.id, kept.join(" "))).into_string());
    }
    let message = Some(with.message).filter(|message| !message.is_empty());
    let message = message.map(|message| notice(Tone::Info, &html! { p { (message) } }).into_string());
    let page = [before, message.as_deref().unwrap_or_default(), &out, after].concat();
    Some(Refilled { page, kept })
}

/// Fields that belong to the page, and not to what was typed.
fn is_ours(name: &str) -> bool {
    [csrf::FIELD, KEPT, USERNAME].contains(&name)
}

fn note() -> Markup {
    html! { p.help data-kept { "The value you typed is kept. Leave this empty to use it." } }
}

struct Filling<'a> {
    with: &'a Refill<'a>,
    out: String,
    /// The names that there are controls for, once for each value that was put in.
    used: Vec<String>,
    kept: Vec<String>,
}

impl Filling<'_> {
    /// The value for the next control of a name.
    fn next(&mut self, name: &str) -> String {
        let before = self.used.iter().filter(|had| *had == name).count();
        self.used.push(name.to_owned());
        self.with.typed.all(name).nth(before).unwrap_or_default().to_owned()
    }

    fn all(&mut self, inside: &str) -> Option<()> {
        let (mut from, mut select) = (0, None::<String>);
        for (at, tag) in tags(inside) {
            if at < from {
                continue;
            }
            self.out.push_str(inside.get(from..at)?);
            from = tag.end;
            let name = tag.get("name").filter(|name| !is_ours(name));
            match (tag.name, name) {
                ("input", Some(name)) => self.input(&tag, &name),
                ("textarea", Some(name)) => {
                    let close = tag.end + inside.get(tag.end..)?.find("</textarea>")?;
                    let content = inside.get(tag.end..close)?;
                    from = close + "</textarea>".len();
                    self.area(&tag, &name, content);
                }
                ("select", name) => {
                    select = name.map(|name| self.next(&name));
                    self.out.push_str(inside.get(at..tag.end)?);
                }
                ("option", _) if !self.with.secrets_only && select.is_some() => {
                    let chosen = tag.get("value") == select;
                    self.out.push_str(&tag.with(&["selected"], if chosen { &[("selected", None)] } else { &[] }));
                }
                _ => self.out.push_str(inside.get(at..tag.end)?),
            }
        }
        self.out.push_str(inside.get(from..)?);
        Some(())
    }

    /// Whether a secret control is one whose value is kept on the server.
    fn keeps(&mut self, tag: &Tag<'_>, name: &str) -> bool {
        self.used.push(name.to_owned());
        let typed = self.with.typed.all(name).any(|value| !value.is_empty());
        // What is wrong has to be typed again.
        let keeps = typed && !tag.proves() && !tag.has("aria-invalid");
        if keeps {
            self.kept.push(name.to_owned());
        }
        keeps
    }

    fn input(&mut self, tag: &Tag<'_>, name: &str) {
        let kind = tag.get("type").unwrap_or_default();
        let out = match kind.as_str() {
            _ if tag.is_secret() => {
                let keeps = self.keeps(tag, name);
                let out = tag.with(if keeps { &["required"] } else { &[] }, &[]);
                if keeps { out + &note().into_string() } else { out }
            }
            _ if self.with.secrets_only => tag.with(&[], &[]),
            "submit" | "button" | "file" => tag.with(&[], &[]),
            "checkbox" | "radio" => {
                self.used.push(name.to_owned());
                let value = tag.get("value").unwrap_or_default();
                let on = self.with.typed.all(name).any(|typed| typed == value);
                tag.with(&["checked"], if on { &[("checked", None)] } else { &[] })
            }
            _ => {
                let value = self.next(name);
                tag.with(&["value"], &[("value", Some(&value))])
            }
        };
        self.out.push_str(&out);
    }

    fn area(&mut self, tag: &Tag<'_>, name: &str, content: &str) {
        if tag.is_secret() {
            let keeps = self.keeps(tag, name);
            self.out.push_str(&tag.with(if keeps { &["required"] } else { &[] }, &[]));
            self.out.push_str(content);
            self.out.push_str("</textarea>");
            if keeps {
                self.out.push_str(&note().into_string());
            }
            return;
        }
        self.out.push_str(&tag.with(&[], &[]));
        if self.with.secrets_only {
            self.out.push_str(content);
        } else {
            let value = self.next(name);
            // HTML drops a line break at the start of a text area.
            self.out.push('\n');
            self.out.push_str(&value.as_str().render().into_string());
        }
        self.out.push_str("</textarea>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::kit::parts::{Choice, Form, Input, account_of, check_page};

    const NAME: Input = Input::text("name", "Name").hint("As people know it.");
    const WHAT: Input = Input::area("what", "What", 3).optional();
    const KIND: Input = Input::options("kind", "Kind");
    const MORE: Input = Input::options("more", "More");
    const PASSWORD: Input = Input::line("password", "password", "Password").with(&[("autocomplete", "new-password")]);
    const VALUES: Input = Input::area("values", "Values", 3).secret();
    const CURRENT: Input = Input::line("password", "current", "Code").with(&[("autocomplete", "one-time-code")]);

    fn page(form: &Form) -> String {
        let kinds = [("a", "A"), ("b", "B<")].map(|(value, words)| (value.to_owned(), words.to_owned()));
        let boxes = [Choice::new("x", "X", ""), Choice::new("y", "Y", "")];
        crate::http::kit::parts::bare(
            "Test",
            &html! {
                h1 { "Test" }
                form method="post" action="/other" { (hidden("csrf", "t")) input type="hidden" name="name" value="no"; }
                form.form method="post" action="/to?a=1&b=2" {
                    (hidden("csrf", "token")) (hidden("version", "2")) (account_of("ann"))
                    (NAME.field(form)) (WHAT.field(form)) (KIND.select(form, kinds)) (MORE.boxes(form, &boxes))
                    (PASSWORD.field(form)) (VALUES.field(form)) (CURRENT.field(form))
                    button { "Send" }
                }
            },
        )
        .into_string()
    }

    fn typed() -> Fields {
        Fields::of(
            [
                ("csrf", "old"),
                ("version", "1"),
                ("name", "<b>\"Ann\" & Co</b>"),
                ("what", "\nline one\n</textarea>"),
                ("kind", "b"),
                ("more", "y"),
                ("password", "hunter2"),
                ("values", "a=hunter3"),
                ("current", "hunter4"),
                ("row.1", "by a script"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        )
    }

    #[test]
    fn a_form_comes_back_filled_and_without_its_secrets() {
        let form = Form::with([("name", "Old".to_owned()), ("kind", "a".to_owned()), ("more", "x".to_owned())]);
        let typed = typed();
        let with =
            Refill { action: "/to?a=1&b=2", typed: &typed, id: "ID", secrets_only: false, message: "Look <it> over" };
        let filled = refill(&page(&form), &with).unwrap();
        check_page(&maud::PreEscaped(filled.page.clone()));
        for part in [
            "value=\"&lt;b&gt;&quot;Ann&quot; &amp; Co&lt;/b&gt;\"",
            "\n\nline one\n&lt;/textarea&gt;</textarea>",
            "<option value=\"b\" selected>",
            "<option value=\"a\">",
            "value=\"y\" checked>",
            "name=\"version\" value=\"1\"",
            "name=\"csrf\" value=\"token\"",
            "name=\"row.1\" value=\"by a script\"",
            "name=\"kept\" value=\"ID password values\"",
            "Look &lt;it&gt; over",
            "name=\"name\" value=\"no\"",
        ] {
            assert!(filled.page.contains(part), "{part}: {}", filled.page);
        }
        assert!(!filled.page.contains("hunter") && !filled.page.contains("value=\"x\" checked"));
        assert_eq!(filled.kept, ["password", "values"], "what proves who somebody is must be typed again");
        assert_eq!(filled.page.matches("data-kept").count(), 2);
        assert!(refill(&page(&form), &Refill { action: "/nowhere", ..with }).is_none());
    }

    #[test]
    fn of_a_page_that_is_filled_already_the_secrets_that_are_not_wrong_are_kept() {
        let form = Form::with([("name", "Ann".to_owned())]).error("name", "is taken").error("values", "must be lines");
        let typed = typed();
        let with = Refill { action: "/to?a=1&b=2", typed: &typed, id: "ID", secrets_only: true, message: "" };
        let filled = refill(&page(&form), &with).unwrap();
        assert_eq!(filled.kept, ["password"]);
        assert!(filled.page.contains("value=\"Ann\"") && !filled.page.contains("by a script"));
        assert!(!filled.page.contains("hunter"));
        // Nothing else is touched.
        let without =
            filled.page.replace(&note().into_string(), "").replace(&hidden(KEPT, "ID password").into_string(), "");
        assert_eq!(without, page(&form).replace("name=\"password\" required=\"\"", "name=\"password\""));
        let none = Fields::of(vec![("name".to_owned(), "Ann".to_owned())]);
        assert!(refill(&page(&form), &Refill { typed: &none, ..with }).is_none(), "no secret was typed");
    }
}
