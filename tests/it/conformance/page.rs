//! What a page holds for somebody who fills its forms: forms, their fields, and what its buttons say.
//!
//! A reader of tags, enough for the pages of providers: attributes, entities, `form=` on a button that stands elsewhere.

use std::collections::BTreeMap;
use url::Url;

/// A page that was shown.
#[derive(Clone, Debug)]
pub struct Page {
    pub url: Url,
    pub status: u16,
    pub html: String,
    pub forms: Vec<Form>,
    /// The policy under which it was shown, or nothing.
    pub policy: String,
}

#[derive(Clone, Debug)]
pub struct Form {
    id: Option<String>,
    pub action: Url,
    pub method: String,
    pub enctype: String,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub struct Field {
    /// The type of an input or a button: `hidden`, `email`, `submit`.
    pub kind: String,
    pub name: String,
    pub value: String,
    pub autocomplete: String,
    /// Whether it is sent as it stands: not so for a box that is not ticked.
    pub on: bool,
    /// What a button says.
    pub text: String,
}

/// A tag with its attributes, and what follows it up to the next tag.
struct Tag<'a> {
    name: String,
    attributes: BTreeMap<String, String>,
    text: &'a str,
}

impl Page {
    pub fn new(url: &Url, status: u16, policy: &str, html: String) -> Self {
        let forms = forms(url, &html);
        Self { url: url.clone(), status, html, forms, policy: policy.to_owned() }
    }

    /// Whether it sends its form without being asked to.
    pub fn submits_itself(&self) -> bool {
        self.html.contains("<script") || self.html.contains("onload=")
    }
}

impl Form {
    pub fn is_button(field: &Field) -> bool {
        matches!(field.kind.as_str(), "submit" | "image")
    }

    pub fn buttons(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| Self::is_button(field))
    }

    pub fn has(&self, kind: &str) -> bool {
        self.fields.iter().any(|field| field.kind == kind)
    }

    /// What is sent when nothing is changed and no button counts.
    pub fn values(&self) -> Vec<(String, String)> {
        let sent = self.fields.iter().filter(|field| field.on && !Self::is_button(field) && !field.name.is_empty());
        sent.map(|field| (field.name.clone(), field.value.clone())).collect()
    }
}

fn forms(base: &Url, html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open = None;
    let mut elsewhere = Vec::new();
    for tag in tags(html) {
        let get = |name: &str| tag.attributes.get(name).cloned().unwrap_or_default();
        match tag.name.as_str() {
            "form" => {
                let told = |name: &str, otherwise: &str| {
                    Some(get(name).to_ascii_lowercase()).filter(|told| !told.is_empty()).unwrap_or(otherwise.to_owned())
                };
                open = Some(forms.len());
                forms.push(Form {
                    id: tag.attributes.get("id").cloned(),
                    action: base.join(&get("action")).unwrap(),
                    method: told("method", "get"),
                    enctype: told("enctype", "application/x-www-form-urlencoded"),
                    fields: Vec::new(),
                });
            }
            "/form" => open = None,
            "input" | "button" | "textarea" | "select" => {
                let kind = match (tag.name.as_str(), get("type").to_ascii_lowercase()) {
                    ("input", kind) if kind.is_empty() => "text".to_owned(),
                    ("button", kind) if kind.is_empty() => "submit".to_owned(),
                    ("input" | "button", kind) => kind,
                    (other, _) => other.to_owned(),
                };
                let boxed = matches!(kind.as_str(), "checkbox" | "radio");
                let disabled = tag.attributes.contains_key("disabled");
                let field = Field {
                    on: !disabled && (!boxed || tag.attributes.contains_key("checked")),
                    value: tag.attributes.get("value").cloned().unwrap_or(if boxed { "on" } else { "" }.to_owned()),
                    text: text(tag.text.trim()),
                    name: get("name"),
                    autocomplete: get("autocomplete"),
                    kind,
                };
                match (tag.attributes.get("form"), open) {
                    (Some(id), _) => elsewhere.push((id.clone(), field)),
                    (None, Some(form)) => forms[form].fields.push(field),
                    (None, None) => {}
                }
            }
            _ => {}
        }
    }
    for (id, field) in elsewhere {
        if let Some(form) = forms.iter_mut().find(|form| form.id.as_ref() == Some(&id)) {
            form.fields.push(field);
        }
    }
    forms
}

/// The tags of a page, in their order; an end tag's name begins with a slash.
fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(from) = rest.find('<') {
        rest = &rest[from + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let ends = rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(rest.len());
        let name = rest[..ends].trim_end_matches('/').to_ascii_lowercase();
        rest = &rest[ends..];
        let mut attributes = BTreeMap::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() || rest.starts_with('>') {
                break;
            }
            let ends = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>')).unwrap_or(rest.len());
            let (attribute, after) = rest.split_at(ends);
            rest = after;
            let value = rest.strip_prefix('=').map(|after| {
                let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
                let (value, after) = match quote {
                    Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                    None => after.split_at(after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len())),
                };
                rest = after;
                text(value)
            });
            attributes.insert(attribute.to_ascii_lowercase(), value.unwrap_or_default());
        }
        rest = rest.strip_prefix('>').unwrap_or(rest);
        if matches!(name.as_str(), "script" | "style") {
            rest = rest.split_once(&format!("</{name}")).map_or("", |(_, after)| after);
        }
        let text = &rest[..rest.find('<').unwrap_or(rest.len())];
        found.push(Tag { name, attributes, text });
    }
    found
}

/// A text with its entities replaced.
fn text(source: &str) -> String {
    let mut out = String::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (entity, tail) = after.split_once(';').unwrap_or((after, ""));
        let number = entity.strip_prefix("#x").or(entity.strip_prefix("#X")).map(|hex| u32::from_str_radix(hex, 16));
        let number = number.or_else(|| entity.strip_prefix('#').map(str::parse));
        let known = match entity {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some(' '),
            _ => number.and_then(Result::ok).and_then(char::from_u32),
        };
        match known {
            Some(c) => (out.push(c), rest = tail).1,
            None => (out.push('&'), rest = after).1,
        }
    }
    out + rest
}

#[test]
fn a_page_is_read_as_a_browser_reads_it() {
    let base = Url::parse("http://op.example/a/b?c=d").unwrap();
    let html = r#"<!doctype html><!-- <form action="/no"> --><script>"<form>"</script>
        <form method=post action='/login?a=1&amp;b=2' id="one"><input type="hidden" name="csrf" value="x&quot;&#39;&#x41;">
        <input name=email type="email" autocomplete="username" required/><input type=checkbox name=stay>
        <input type=checkbox name=keep value=yes checked><button name="go" value="1">Sign&nbsp;in</button></form>
        <button form="one" value="no" name="go" type="submit">Cancel</button><input name=lost>"#;
    let page = Page::new(&base, 200, "", html.to_owned());
    let [form] = page.forms.as_slice() else { panic!("{page:?}") };
    assert_eq!((form.action.as_str(), form.method.as_str()), ("http://op.example/login?a=1&b=2", "post"));
    let sent: Vec<_> = form.values();
    let sent: Vec<_> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(sent, [("csrf", "x\"'A"), ("email", ""), ("keep", "yes")]);
    let buttons: Vec<_> = form.buttons().map(|button| (button.text.as_str(), button.value.as_str())).collect();
    assert_eq!(buttons, [("Sign in", "1"), ("Cancel", "no")]);
}
