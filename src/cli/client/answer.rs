//! An answer, and what the four dialects of errors say in one line.

use super::Failure;
use serde_json::Value;

/// An answer of whatever status.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `X-Request-ID`.
    pub request_id: Option<String>,
    /// Seconds after which another try makes sense, from `Retry-After`.
    pub retry_after_secs: Option<u32>,
    /// The body. `null` if it was empty, a text if it was no JSON.
    pub body: Value,
}

impl Answer {
    /// The body of a success.
    ///
    /// # Errors
    /// The server's own words in one line, with its code and the request id.
    pub fn success(self) -> Result<Value, Failure> {
        if (200..300).contains(&self.status) { Ok(self.body) } else { Err(Failure::Failed(self.one_line())) }
    }

    /// What went wrong: `No secret at this path (secret_not_found, HTTP 404, request req_72)`.
    fn one_line(&self) -> String {
        let (message, code) = words(&self.body);
        let message = message.unwrap_or_else(|| match self.status {
            401 => "the token is missing, unknown or has expired".to_owned(),
            403 => "this is not allowed".to_owned(),
            404 => "there is no such thing".to_owned(),
            _ => "the server gave no reason".to_owned(),
        });
        let mut facts: Vec<String> = code.into_iter().collect();
        facts.push(format!("HTTP {}", self.status));
        let told = ["/error/request_id", "/meta/request_id", "/request_id"];
        let id = told.iter().find_map(|at| self.body.pointer(at)?.as_str());
        facts.extend(self.request_id.as_deref().or(id).map(|id| format!("request {id}")));
        facts.extend(self.retry_after_secs.map(|secs| format!("try again in {secs} s")));
        format!("{} ({})", message.replace(['\n', '\r'], " "), facts.join(", "))
    }
}

/// The message and the code of an error, in whichever dialect it is.
fn words(body: &Value) -> (Option<String>, Option<String>) {
    let text = |at: &str| body.pointer(at).and_then(Value::as_str).map(str::to_owned);
    if let Some(problems) = body.get("detail").and_then(Value::as_array) {
        let each = problems.iter().map(|problem| {
            let place = problem.get("loc").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let place: Vec<String> =
                place.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect();
            format!("{}: {}", place.join("."), problem.get("msg").and_then(Value::as_str).unwrap_or("not acceptable"))
        });
        return (Some(each.collect::<Vec<_>>().join("; ")), None);
    }
    let message = text("/detail")
        .or_else(|| text("/error/message"))
        .or_else(|| text("/error_description"))
        .or_else(|| text("/message"));
    let code = text("/error/code").or_else(|| text("/error")).or_else(|| text("/code"));
    (message.or_else(|| body.as_str().map(|text| text.chars().take(200).collect())), code)
}

/// What the envelope `{"data": …}` holds, or the body itself if there is none. A secret also has `data`, with its path beside it.
pub(super) fn content(mut body: Value) -> Value {
    let is_envelope = |fields: &serde_json::Map<String, Value>| {
        fields.contains_key("data")
            && fields.keys().all(|key| matches!(key.as_str(), "data" | "meta" | "status" | "pagination"))
    };
    match body.as_object_mut() {
        Some(fields) if is_envelope(fields) => fields.remove("data").unwrap_or_default(),
        _ => body,
    }
}
