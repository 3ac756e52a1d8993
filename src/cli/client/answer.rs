//! An answer, and what the four dialects of errors say in one line.

use super::Failure;
use crate::cli::failure::Refusal;
use serde_json::Value;
use serde_json::error::Category;

/// An answer of whatever status.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `X-Request-ID`.
    pub request_id: Option<String>,
    /// Seconds after which another try makes sense, from `Retry-After`.
    pub retry_after_secs: Option<u32>,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body of a success, as JSON that was not looked at yet.
    ///
    /// # Errors
    /// The server's own words, with its code and the request id; or a body that is no text.
    pub fn text(self) -> Result<String, Failure> {
        if !(200..300).contains(&self.status) {
            return Err(Failure::Refused(Box::new(self.refusal())));
        }
        String::from_utf8(self.body)
            .map_err(|_| Failure::failed("the server's answer cannot be read: it is no text in UTF-8"))
    }

    /// The body as a value; an empty one is `null`.
    ///
    /// # Errors
    /// It is no JSON, or JSON that no value of ours can hold. An answer that cannot be read is not taken for one that says nothing.
    pub fn value(&self) -> Result<Value, Failure> {
        match self.body.as_slice() {
            [] => Ok(Value::Null),
            bytes => serde_json::from_slice(bytes).map_err(|error| unreadable(&error)),
        }
    }

    /// What went wrong.
    fn refusal(self) -> Refusal {
        // Words in front of an error page are better than none.
        let body = self.value().unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&self.body).into_owned()));
        let (message, code) = words(&body);
        let message = message.unwrap_or_else(|| match self.status {
            401 => "the token is missing, unknown or has expired".to_owned(),
            403 => "this is not allowed".to_owned(),
            404 => "there is no such thing".to_owned(),
            _ => "the server gave no reason".to_owned(),
        });
        let told = ["/error/request_id", "/meta/request_id", "/request_id"];
        let id = told.iter().find_map(|at| body.pointer(at)?.as_str()).map(str::to_owned);
        Refusal {
            message,
            code,
            status: self.status,
            request_id: self.request_id.or(id),
            retry_after_secs: self.retry_after_secs,
        }
    }
}

/// What is said of JSON that cannot be read: where, and not what stands there.
pub fn unreadable(error: &serde_json::Error) -> Failure {
    let what = match error.classify() {
        // Serde's own words hold the value.
        Category::Data => "it has another form than expected".to_owned(),
        _ => error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
    };
    let place = format!("line {}, column {}", error.line(), error.column());
    Failure::failed(format!("the server's answer cannot be read: {what} ({place})"))
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
