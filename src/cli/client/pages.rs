//! Lists, however they are paged.

use super::{Client, Failure, answer};
use ::http::Method;
use serde_json::Value;
use std::fmt::Write;

/// Rows asked for at once.
const PAGE: usize = 100;

/// `path?name=value&…` with the values percent-encoded. Pairs without a value are left out.
pub fn query(path: &str, pairs: &[(&str, Option<&str>)]) -> String {
    let mut out = path.to_owned();
    for (name, value) in pairs.iter().filter_map(|(name, value)| Some((name, (*value)?))) {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(name);
        out.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/' | b':') {
                out.push(char::from(byte));
            } else {
                // Writing into a text cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

impl Client {
    /// Every row of a list of ScaiKey, but at most `limit`. Behind the first page it goes on with the `next_cursor` of each answer,
    /// so that what comes and goes meanwhile shifts nothing; where there is none, by numbered pages.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn list(&self, path: &str, pairs: &[(&str, Option<&str>)], limit: usize) -> Result<Vec<Value>, Failure> {
        let mut rows: Vec<Value> = Vec::new();
        let per_page = PAGE.min(limit.max(1));
        let (mut page, mut cursor) = (1, None::<String>);
        loop {
            let (number, size) = (page.to_string(), per_page.to_string());
            let mut all = pairs.to_vec();
            let place = cursor.as_deref().map_or(("page", number.as_str()), |cursor| ("cursor", cursor));
            all.extend([(place.0, Some(place.1)), ("per_page", Some(size.as_str()))]);
            let body = self.raw(Method::GET, query(path, &all), None).await?;
            let pagination = body.get("pagination").cloned().unwrap_or_default();
            let next = pagination.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
            let (by_cursor, last_page) = (cursor.is_some(), pagination.get("has_more") == Some(&Value::Bool(false)));
            let found = rows_of(answer::content(body));
            // A server that gives the same page for every number would keep us here for ever.
            let again = !by_cursor && found.first().is_some_and(|row| rows.contains(row));
            let short = found.len() < per_page;
            if !again {
                rows.extend(found);
            }
            let is_end = match &next {
                Some(_) => next == cursor,
                None => by_cursor || last_page || short || again,
            };
            if is_end || rows.len() >= limit {
                break;
            }
            (page, cursor) = (page + 1, next);
        }
        rows.truncate(limit);
        Ok(rows)
    }

    /// Every row of a list with `cursor` and `limit`, but at most `limit`. ScaiVault gives the next `cursor` beside the rows,
    /// ScaiGrid as `next_cursor` in `pagination`.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn list_by_cursor(
        &self,
        path: &str,
        pairs: &[(&str, Option<&str>)],
        limit: usize,
    ) -> Result<Vec<Value>, Failure> {
        let mut rows = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let size = PAGE.min(limit.saturating_sub(rows.len()).max(1)).to_string();
            let mut all = pairs.to_vec();
            all.extend([("limit", Some(size.as_str())), ("cursor", cursor.as_deref())]);
            let body = self.raw(Method::GET, query(path, &all), None).await?;
            let next = body.get("cursor").or_else(|| body.pointer("/pagination/next_cursor"));
            let next = next.and_then(Value::as_str).map(str::to_owned);
            rows.extend(rows_of(answer::content(body)));
            // A server that names the same page again would keep us here for ever.
            if next.is_none() || next == cursor || rows.len() >= limit {
                break;
            }
            cursor = next;
        }
        rows.truncate(limit);
        Ok(rows)
    }
}

/// The rows of a list: the body itself, or the one array in it.
fn rows_of(body: Value) -> Vec<Value> {
    match body {
        Value::Array(rows) => rows,
        Value::Object(fields) => fields
            .into_iter()
            .find_map(|(_, value)| match value {
                Value::Array(rows) => Some(rows),
                _ => None,
            })
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}
