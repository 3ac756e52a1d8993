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
    /// Every row of a list with `page` and `per_page`, but at most `limit`.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn list(&self, path: &str, pairs: &[(&str, Option<&str>)], limit: usize) -> Result<Vec<Value>, Failure> {
        let mut rows: Vec<Value> = Vec::new();
        let per_page = PAGE.min(limit.max(1));
        for page in 1.. {
            let (page, size) = (page.to_string(), per_page.to_string());
            let mut all = pairs.to_vec();
            all.extend([("page", Some(page.as_str())), ("per_page", Some(size.as_str()))]);
            let found = rows_of(self.call(Method::GET, query(path, &all), None).await?);
            // A server that gives the same page for every number would keep us here for ever.
            let again = found.first().is_some_and(|row| rows.contains(row));
            let last = found.len() < per_page || again;
            if !again {
                rows.extend(found);
            }
            if last || rows.len() >= limit {
                break;
            }
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
