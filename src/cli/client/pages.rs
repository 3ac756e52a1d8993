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
    /// next `cursor` beside the rows, the others as `next_cursor` in `pagination`. `size` is what the size of a page is called.
    async fn follow(
        &self,
        path: &str,
        pairs: &[(&str, Option<&str>)],
        size: &str,
        limit: usize,
    ) -> Result<Vec<Value>, Failure> {
        let mut rows = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let most = PAGE.min(limit.saturating_sub(rows.len()).max(1)).to_string();
            let mut all = pairs.to_vec();
            all.extend([(size, Some(most.as_str())), ("cursor", cursor.as_deref())]);
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
