//! Lists, whichever surface they are of.

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
    /// Every row of a list of ScaiKey, but at most `limit`.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn list(&self, path: &str, pairs: &[(&str, Option<&str>)], limit: usize) -> Result<Vec<Value>, Failure> {
        self.follow(path, pairs, "per_page", limit).await
    }

    /// Every row of a list of ScaiVault or ScaiGrid, but at most `limit`.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn list_by_cursor(
        &self,
        path: &str,
        pairs: &[(&str, Option<&str>)],
        limit: usize,
    ) -> Result<Vec<Value>, Failure> {
        self.follow(path, pairs, "limit", limit).await
    }

    /// Goes on behind the place that each answer names, so that what comes and goes meanwhile shifts nothing. ScaiVault gives the
    /// next `cursor` beside the rows, the others as `next_cursor` in `pagination`; lists with numbered pages only say that there
    /// is more. `size` is what the size of a page is called.
    async fn follow(
        &self,
        path: &str,
        pairs: &[(&str, Option<&str>)],
        size: &str,
        limit: usize,
    ) -> Result<Vec<Value>, Failure> {
        let mut rows = Vec::new();
        let mut place: Option<(&str, String)> = None;
        loop {
            let most = PAGE.min(limit.saturating_sub(rows.len()).max(1)).to_string();
            let mut all = pairs.to_vec();
            all.push((size, Some(most.as_str())));
            all.extend(place.as_ref().map(|(name, value)| (*name, Some(value.as_str()))));
            let body = self.raw(Method::GET, query(path, &all), None).await?;
            let next = next_place(&body);
            rows.extend(rows_of(answer::content(body))?);
            // A server that names the same page again would keep us here for ever.
            if next.is_none() || next == place || rows.len() >= limit {
                break;
            }
            place = next;
        }
        rows.truncate(limit);
        Ok(rows)
    }
}

/// What to ask for next, as a parameter and its value.
fn next_place(body: &Value) -> Option<(&'static str, String)> {
    let cursor = body.get("cursor").or_else(|| body.pointer("/pagination/next_cursor")).and_then(Value::as_str);
    if let Some(cursor) = cursor {
        return Some(("cursor", cursor.to_owned()));
    }
    let has_more = body.pointer("/pagination/has_more").and_then(Value::as_bool)?;
    let page = body.pointer("/pagination/page").and_then(Value::as_u64)?;
    has_more.then(|| ("page", (page + 1).to_string()))
}

/// The rows of a list: the body itself, or the one array in it.
///
/// # Errors
/// There is no array: what is no list must not look like an empty one.
fn rows_of(body: Value) -> Result<Vec<Value>, Failure> {
    let rows = match body {
        Value::Array(rows) => Some(rows),
        Value::Object(fields) => fields.into_iter().find_map(|(_, value)| match value {
            Value::Array(rows) => Some(rows),
            _ => None,
        }),
        _ => None,
    };
    rows.ok_or_else(|| Failure::failed("the server's answer cannot be read: there is no list in it"))
}
