//! From what people type (a slug, a name, an e-mail address) to the id that the API takes.

use super::client::Client;
use super::failure::Failure;
use crate::base::EmailKey;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Where the admin API keeps tenants.
pub const TENANTS: &str = "/api/v1/admin/tenants/";
/// Where the admin API keeps applications.
pub const APPS: &str = "/api/v1/admin/applications/";
/// Where the admin API keeps users.
pub const USERS: &str = "/api/v1/admin/users/";

/// Where the admin API keeps groups.
pub const GROUPS: &str = "/api/v1/admin/groups/";
/// Where the admin API keeps partners.
pub const PARTNERS: &str = "/api/v1/admin/partners/";
/// Where the admin API keeps personal tokens.
pub const TOKENS: &str = "/api/v1/admin/personal-tokens";
/// Where ScaiGrid keeps API keys.
pub const KEYS: &str = "/v1/api-keys";
/// Where the admin API keeps sessions.
pub const SESSIONS: &str = "/api/v1/admin/sessions/";

/// The address of one row.
pub fn item(list: &str, id: &str) -> String {
    format!("{list}{id}")
}

/// The id of a tenant that is named by its id or slug.
///
/// # Errors
/// There is none.
pub async fn tenant(client: &Client, name: &str) -> Result<String, Failure> {
    find(client, TENANTS, "tenant", "tnt_", name, &["slug"]).await
}

/// The id of an application that is named by its id, `client_id` or name.
///
/// # Errors
/// There is none, or the name is that of several.
pub async fn app(client: &Client, name: &str) -> Result<String, Failure> {
    find(client, APPS, "application", "app_", name, &["client_id", "name"]).await
}

/// The ids of the applications of exactly this name.
///
/// # Errors
/// The list cannot be read.
pub async fn apps_named(client: &Client, name: &str) -> Result<Vec<String>, Failure> {
    let rows = client.list(APPS, &[("search", Some(name))], usize::MAX).await?;
    Ok(matches(&rows, name, &["name"]))
}

/// The id of a user that is named by its id or e-mail address.
///
/// # Errors
/// There is none.
pub async fn user(client: &Client, name: &str) -> Result<String, Failure> {
    find(client, USERS, "user", "usr_", name, &["email"]).await
}

/// The id of a group that is named by its id or name.
///
/// # Errors
/// There is none, or the name is that of several.
pub async fn group(client: &Client, name: &str) -> Result<String, Failure> {
    find(client, GROUPS, "group", "grp_", name, &["name"]).await
}

/// The id of a partner that is named by its id or slug.
///
/// # Errors
/// There is none.
pub async fn partner(client: &Client, name: &str) -> Result<String, Failure> {
    find(client, PARTNERS, "partner", "prt_", name, &["slug"]).await
}

/// The id of an API key that is named by its id or name.
///
/// # Errors
/// There is none, or the name is that of several.
pub async fn key(client: &Client, name: &str) -> Result<String, Failure> {
    if is_id(name, "apikey_") {
        return Ok(name.to_owned());
    }
    if name.starts_with("sgk_") {
        return Err(Failure::usage("give the key's name or id, as `scaistack key list` shows it, not the key"));
    }
    let rows = client.list_by_cursor(KEYS, &[("all", Some("true"))], usize::MAX).await?;
    one(matches(&rows, name, &["name"]), "API key", name)
}

/// The id of a personal token that is named by its id or name.
///
/// # Errors
/// There is none, or the name is that of several.
pub async fn token(client: &Client, name: &str) -> Result<String, Failure> {
    if is_id(name, "tok_") {
        return Ok(name.to_owned());
    }
    let rows = client.list(TOKENS, &[], usize::MAX).await?;
    one(matches(&rows, name, &["name"]), "token", name)
}

/// The id of a tenant, if one is named.
///
/// # Errors
/// As [`tenant`].
pub async fn maybe_tenant(client: &Client, name: Option<&str>) -> Result<Option<String>, Failure> {
    match name {
        Some(name) => tenant(client, name).await.map(Some),
        None => Ok(None),
    }
}

/// The id of a user, if one is named.
///
/// # Errors
/// As [`user`].
pub async fn maybe_user(client: &Client, name: Option<&str>) -> Result<Option<String>, Failure> {
    match name {
        Some(name) => user(client, name).await.map(Some),
        None => Ok(None),
    }
}

/// What rows name by an id, and what people call it.
#[derive(Debug)]
pub struct Names {
    /// The field with the id.
    id: &'static str,
    /// Where those are.
    list: &'static str,
    /// What people call them there.
    field: &'static str,
    /// Under which name that is put into a row.
    put: &'static str,
    /// Up to how many are asked for one by one, and not as a whole list.
    singly: usize,
}

/// The slug of a row's tenant, as `tenant`.
pub const TENANT_NAMES: Names = Names { id: "tenant_id", list: TENANTS, field: "slug", put: "tenant", singly: 0 };
/// The slug of a row's partner, as `partner`.
pub const PARTNER_NAMES: Names = Names { id: "partner_id", list: PARTNERS, field: "slug", put: "partner", singly: 0 };
/// The e-mail address of a key's user, as `user`.
pub const USER_NAMES: Names = Names { id: "assigned_user_id", list: USERS, field: "email", put: "user", singly: 100 };

/// Puts beside each row what people call a thing that it names by id. Where whoever asks may not see those, the id has to do.
pub async fn put_names(client: &Client, rows: &mut [Value], names: &Names) {
    let ids: BTreeSet<String> = rows.iter().filter_map(|row| row[names.id].as_str().map(str::to_owned)).collect();
    if ids.is_empty() {
        return;
    }
    let mut found = Vec::new();
    if ids.len() <= names.singly {
        for id in &ids {
            found.extend(client.get(item(names.list, id)).await);
        }
    } else {
        found = client.list(names.list, &[], usize::MAX).await.unwrap_or_default();
    }
    let known: HashMap<&str, &Value> =
        found.iter().filter_map(|one| Some((one["id"].as_str()?, &one[names.field]))).collect();
    for row in rows {
        let name = row[names.id].as_str().and_then(|id| known.get(id)).filter(|name| name.is_string());
        row[names.put] = name.map_or_else(|| row[names.id].clone(), |name| (*name).clone());
    }
}

/// Whether a text is an id of this kind: `tnt_42`.
fn is_id(text: &str, prefix: &str) -> bool {
    let digits = text.strip_prefix(prefix).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

async fn find(
    client: &Client,
    list: &str,
    what: &str,
    prefix: &str,
    name: &str,
    fields: &[&str],
) -> Result<String, Failure> {
    if is_id(name, prefix) {
        return Ok(name.to_owned());
    }
    // A search may look at fewer fields than these.
    let mut rows = client.list(list, &[("search", Some(name))], 1000).await?;
    if matches(&rows, name, fields).is_empty() {
        rows = client.list(list, &[], usize::MAX).await?;
    }
    one(matches(&rows, name, fields), what, name)
}

/// The id of one of these rows, which is named by its id or a field.
///
/// # Errors
/// There is none, or the name is that of several.
pub fn among(rows: &[Value], name: &str, field: &str, what: &str) -> Result<String, Failure> {
    one(matches(rows, name, &["id", field]), what, name)
}

fn one(mut found: Vec<String>, what: &str, name: &str) -> Result<String, Failure> {
    match (found.pop(), found.is_empty()) {
        (Some(id), true) => Ok(id),
        (None, _) => Err(Failure::failed(format!("there is no {what} `{name}`"))),
        (Some(id), false) => {
            found.push(id);
            Err(Failure::failed(format!("several {what}s are called `{name}`: {}", found.join(", "))))
        }
    }
}

fn matches(rows: &[Value], name: &str, fields: &[&str]) -> Vec<String> {
    let is = |row: &Value, field: &str| {
        row.get(field).and_then(Value::as_str).is_some_and(|text| EmailKey::is_same(text, name))
    };
    let named = rows.iter().filter(|row| fields.iter().any(|field| is(row, field)));
    named.filter_map(|row| row.get("id")?.as_str().map(str::to_owned)).collect()
}

/// These fields of an answer, in this order, those that are there.
pub fn pick(answer: &Value, fields: &[&str]) -> Value {
    let found = fields.iter().filter_map(|name| Some(((*name).to_owned(), answer.get(*name)?.clone())));
    Value::Object(found.collect())
}

/// A field of an answer that must be there.
///
/// # Errors
/// It is not, which is the server's fault.
pub fn text<'a>(answer: &'a Value, field: &str) -> Result<&'a str, Failure> {
    answer.get(field).and_then(Value::as_str).ok_or_else(|| missing(field))
}

/// A number in an answer that must be there.
///
/// # Errors
/// As [`text`].
pub fn number(answer: &Value, field: &str) -> Result<u64, Failure> {
    answer.get(field).and_then(Value::as_u64).ok_or_else(|| missing(field))
}

/// A list in an answer that must be there.
///
/// # Errors
/// As [`text`].
pub fn list<'a>(answer: &'a Value, field: &str) -> Result<&'a [Value], Failure> {
    answer.get(field).and_then(Value::as_array).map(Vec::as_slice).ok_or_else(|| missing(field))
}

fn missing(field: &str) -> Failure {
    Failure::failed(format!("the server's answer cannot be read: it has no `{field}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::client::fake::Fake;
    use crate::cli::session::block_on;
    use serde_json::json;

    #[test]
    fn names_stand_beside_ids_however_many_there_are() {
        let users: Vec<_> =
            (1..=150).map(|n| json!({ "id": format!("usr_{n}"), "email": format!("u{n}@a.example") })).collect();
        let keys = |many: usize| -> Vec<Value> {
            users[..many].iter().map(|user| json!({ "assigned_user_id": user["id"] })).collect()
        };
        // Some are asked for one by one, many as a list in pages.
        let pages = users
            .chunks(100)
            .enumerate()
            .map(|(at, page)| (200, json!({ "data": page, "pagination": { "page": at + 1, "has_more": at == 0 } })));
        let singly = users[..2].iter().map(|user| (200, user.clone()));
        for (answers, many) in [(pages.collect::<Vec<_>>(), 150), (singly.collect(), 2)] {
            let (fake, mut rows) = (Fake::answering(answers), keys(many));
            block_on(async {
                put_names(&fake.client(), &mut rows, &USER_NAMES).await;
                Ok(())
            })
            .unwrap();
            for (n, row) in rows.iter().enumerate() {
                assert_eq!(row["user"], format!("u{}@a.example", n + 1));
            }
        }
        // Whoever may not see them reads the ids.
        let mut rows = vec![json!({ "partner_id": "prt_1" }), json!({ "partner_id": null })];
        let refused = Fake::answering([(403, json!({ "detail": "no" }))]);
        block_on(async {
            put_names(&refused.client(), &mut rows, &PARTNER_NAMES).await;
            Ok(())
        })
        .unwrap();
        assert_eq!((&rows[0]["partner"], &rows[1]["partner"]), (&json!("prt_1"), &Value::Null));
    }

    #[test]
    fn every_spelling_of_a_name_finds_its_row() {
        let rows = [
            json!({ "id": "usr_1", "email": "straße@bücher.example" }),
            json!({ "id": "usr_2", "email": "ann@a.example" }),
            json!({ "id": "grp_3", "name": "Übersee" }),
        ];
        let found = |name: &str, field| among(&rows, name, field, "row").ok();
        for name in ["straße@bücher.example", "STRASSE@xn--bcher-kva.example", "Straße@BÜCHER.example", "USR_1"] {
            assert_eq!(found(name, "email").as_deref(), Some("usr_1"), "{name}");
        }
        assert_eq!(found("ANN@A.example", "email").as_deref(), Some("usr_2"));
        assert_eq!(found("übersee", "name").as_deref(), Some("grp_3"));
        for name in ["strasse@bucher.example", "ubersee", ""] {
            assert_eq!(found(name, "name").or(found(name, "email")), None, "{name}");
        }
    }
}
