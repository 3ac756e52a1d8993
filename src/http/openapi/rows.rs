//! What the rows of the matrix say of an operation: which permissions it asks for, and a body that fits.

use crate::access::{PERMISSIONS, Rule, StepUp};
use crate::base::Id;
use crate::base::id::{ApiKeyId, ApplicationId, CustomRoleId, GroupId, PartnerId, TenantId, UserId};
use crate::http::route::Route;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;

/// What is said of a route in `rows/*.toml`: which permissions it asks for.
pub(super) struct Rows(BTreeMap<String, toml::Value>);

impl Rows {
    /// Reads `tests/rows/<surface>.toml`.
    ///
    /// # Panics
    /// When it is not there, or no TOML.
    pub fn of(surface: &str) -> Self {
        let path = format!("{}/src/http/tests/rows/{surface}.toml", env!("CARGO_MANIFEST_DIR"));
        Self(toml::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    }

    /// The permissions that a route asks for, all together; and under their words those of its further rows, for other
    /// contents of a request.
    pub fn rights(&self, route: &Route) -> Vec<(&str, Vec<&'static Rule>)> {
        let name = format!("{} {}", route.method, route.path);
        let mut all = Vec::new();
        for (key, row) in &self.0 {
            let Some(words) = key.strip_prefix(&name).filter(|rest| rest.is_empty() || rest.starts_with(' ')) else {
                continue;
            };
            let names: Vec<&str> = match row.get("asks") {
                Some(toml::Value::String(one)) => vec![one],
                Some(toml::Value::Array(more)) => more.iter().filter_map(toml::Value::as_str).collect(),
                _ => Vec::new(),
            };
            let rules: Vec<_> = PERMISSIONS.iter().filter(|rule| names.contains(&rule.name)).collect();
            if !rules.is_empty() {
                all.push((words.trim_start(), rules));
            }
        }
        all
    }

    /// A body that fits, as the tests send it.
    pub fn example(&self, route: &Route) -> Option<Value> {
        let row = self.0.get(&format!("{} {}", route.method, route.path))?;
        let body = serde_json::to_value(row.get("body")?).ok()?;
        let is_empty = body.as_object().is_some_and(Map::is_empty);
        (!is_empty).then(|| filled_in(body))
    }
}

/// A body of a row with something that looks like what the tests put in the place of its names.
fn filled_in(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, filled_in(value))).collect(),
        Value::Array(items) => items.into_iter().map(filled_in).collect(),
        Value::String(text) => Value::String(sample(&text)),
        other => other,
    }
}

/// `n-{x}@example.com` is `n-1@example.com`, `{tenant}` the id of a tenant.
fn sample(text: &str) -> String {
    let Some((before, rest)) = text.split_once('{') else { return text.to_owned() };
    let Some((name, after)) = rest.split_once('}') else { return text.to_owned() };
    let front = match name {
        "partner" | "sub_partner" => PartnerId::PREFIX,
        "tenant" | "club" => TenantId::PREFIX,
        "user" | "me" | "invited" => UserId::PREFIX,
        "group" => GroupId::PREFIX,
        "app" | "program" => ApplicationId::PREFIX,
        "custom_role" => CustomRoleId::PREFIX,
        "key" | "own_key" => ApiKeyId::PREFIX,
        "password" => return format!("{before}seven lamps by the sea{}", sample(after)),
        _ => return format!("{before}1{}", sample(after)),
    };
    format!("{before}{front}_914782563712144751{}", sample(after))
}

/// What a permission asks for, in words.
fn right(rule: &Rule) -> String {
    let scopes: Vec<String> = rule.scopes.iter().map(|scope| format!("`{scope}`")).collect();
    let scopes = if scopes.is_empty() {
        "no narrowed credential has it".to_owned()
    } else {
        format!("a narrowed credential needs {}", scopes.join(" or "))
    };
    let step_up = match rule.step_up {
        StepUp::No => "",
        StepUp::SignIn => "; it asks for a recent sign-in",
        StepUp::Person => "; it asks for a recent sign-in of the person",
    };
    format!("`{}` ({scopes}{step_up})", rule.name)
}

/// What the rows of an operation ask for, in words.
pub(super) fn needs(rights: &[(&str, Vec<&'static Rule>)]) -> Vec<String> {
    let all = |rules: &[&'static Rule]| rules.iter().copied().map(right).collect::<Vec<_>>().join(" and ");
    let mut said = Vec::new();
    let first = rights.iter().find(|(words, _)| words.is_empty());
    said.extend(first.map(|(_, rules)| format!("Needs {}.", all(rules))));
    for (words, rules) in rights.iter().filter(|(words, _)| !words.is_empty()) {
        if first.is_none_or(|(_, plain)| plain.iter().map(|rule| rule.name).ne(rules.iter().map(|rule| rule.name))) {
            said.push(format!("Case “{words}”: needs {}.", all(rules)));
        }
    }
    said
}
