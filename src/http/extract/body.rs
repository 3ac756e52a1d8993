//! A JSON body as a typed value, with errors that name the field and never repeat its value.

use crate::base::{Kind, Problem};
use crate::catalogue::did_you_mean;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 64;

/// The body as `T`.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let body = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            if !is_json {
                return Err(not_json());
            }
            let body = body.await.map_err(|error| unreadable(&error))?;
            parse(&body).map(Self)
        })
    }
}

/// The body as `T`, or none where nothing was sent.
#[derive(Debug)]
pub struct OptionalJson<T>(pub Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for OptionalJson<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let body = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            let body = body.await.map_err(|error| unreadable(&error))?;
            if body.is_empty() {
                return Ok(Self(None));
            }
            if !is_json {
                return Err(not_json());
            }
            parse(&body).map(|body| Self(Some(body)))
        })
    }
}

fn is_json(request: &HttpRequest) -> bool {
    request.headers().get("content-type").and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
    })
}

fn not_json() -> Problem {
    Problem::malformed("invalid_request", "The Content-Type must be application/json")
}

/// Why a body could not be taken in.
pub fn unreadable(error: &actix_web::Error) -> Problem {
    if error.as_response_error().status_code() == actix_web::http::StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Kind::TooLarge, "payload_too_large", "The body is larger than this server takes")
    } else {
        Problem::malformed("invalid_request", "The body could not be read")
    }
}

/// Reads a JSON object as `T`.
///
/// # Errors
/// Malformed when it is no JSON or nested too deeply; invalid with the field when it does not fit `T`.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    parse_any(body).map(|Object(value)| value)
}

/// Reads JSON of any shape, a list or a text as well.
///
/// # Errors
/// As [`parse`].
pub fn parse_any<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if depth(body) > MAX_DEPTH {
        return Err(Problem::malformed("invalid_request", "The body is nested more than 64 levels deep"));
    }
    // RFC 8259 §8.1: a reader may let a byte-order mark pass.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut reader = serde_json::Deserializer::from_slice(body);
    let tracked = serde_path_to_error::deserialize::<_, T>(&mut reader);
    let value = tracked.map_err(|error| problem_of(&error))?;
    reader.end().map_err(|_| Problem::malformed("invalid_request", "The body has more after the end of its JSON"))?;
    Ok(value)
}

/// Reads a `T` from JSON that was read already.
///
/// # Errors
/// Invalid with the field when it does not fit `T`.
pub fn parse_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| problem_of(&error))
}

fn problem_of(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let inner = error.inner();
    if !inner.is_data() {
        let place = format!("line {}, column {}", inner.line(), inner.column());
        return Problem::malformed("invalid_request", format!("The body is not valid JSON ({place})"));
    }
    let message = inner.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(front, _)| front);
    let path = error.path().to_string();
    let (field, message) = match message.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
        Some((name, _)) if path == "." => (name.to_owned(), "is required".to_owned()),
        Some((name, _)) => (format!("{path}.{name}"), "is required".to_owned()),
        None => (if path == "." { "body".to_owned() } else { path }, safe_message(message)),
    };
    Problem::invalid(field, message)
}

/// A `T` written as a JSON object. By itself a struct could also be read from a list of its fields' values in order.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Self)
    }
}

/// For `#[serde(deserialize_with)]` on a struct within a body: takes an object, and no list.
///
/// # Errors
/// The deserializer's.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Members<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(members))
        }
    }

    deserializer.deserialize_map(Members(PhantomData))
}

/// The deepest nesting of brackets and braces outside of strings: a pass without memory before the parser is let loose.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0usize, false, false);
    for byte in body {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => in_string = false,
            (true, _) => {}
            (false, b'"') => in_string = true,
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
                if deepest > MAX_DEPTH {
                    return deepest;
                }
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (false, _) => {}
        }
    }
    deepest
}

/// How the message for a field begins that is not known.
pub const UNKNOWN_FIELD: &str = "is not a known field";

/// What serde says, without the value that was rejected: it might be a secret.
pub(super) fn safe_message(message: &str) -> String {
    if message.starts_with("invalid type: ") || message.starts_with("invalid value: ") {
        return match message.rsplit_once(", expected ") {
            Some((_, expected)) => format!("must be {expected}"),
            None => "has the wrong type".to_owned(),
        };
    }
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        return match rest.rsplit_once(", expected ") {
            Some((_, expected)) => format!("must be {expected}"),
            None => "is not one of the known values".to_owned(),
        };
    }
    if let Some(rest) = message.strip_prefix("unknown field `") {
        return unknown_field(rest);
    }
    if message.starts_with("duplicate field ") {
        return "stands more than once".to_owned();
    }
    if message.starts_with("invalid digit") || message.contains("number too") || message.starts_with("cannot parse") {
        return "must be a whole number".to_owned();
    }
    if message.ends_with("was not `true` or `false`") {
        return "must be true or false".to_owned();
    }
    message.to_owned()
}

/// What is said of a field that is not known: the one that was meant, or all that are, if they are few. `rest` is what serde says behind
/// ``unknown field ` ``: ``name`, expected one of `a`, `b` ``.
fn unknown_field(rest: &str) -> String {
    let mut told = UNKNOWN_FIELD.to_owned();
    let Some((given, known)) = rest.rsplit_once("`, expected ") else { return told };
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    if let Some(meant) = did_you_mean(given, known.iter().copied()) {
        told.push_str(&format!("; did you mean {meant}?"));
    } else if known.len() <= 6 {
        told.push_str(&format!("; known: {}", known.join(", ")));
    }
    // The body of a secret: what people forget most is the envelope around their own fields.
    if known.contains(&"data") {
        told.push_str(". Your own fields go into data, such as {\"data\": {\"password\": \"…\"}}");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Body {
        name: String,
        count: Option<u32>,
    }

    fn problem(body: &str) -> Problem {
        parse::<Body>(body.as_bytes()).unwrap_err()
    }

    #[test]
    fn errors_never_repeat_the_rejected_value() {
        for body in [
            r#"{"name":"x","count":"hunter2"}"#,
            r#"{"name":{"hunter2":1}}"#,
            r#"{"name":["hunter2"]}"#,
            r#""hunter2""#,
        ] {
            let problem = problem(body);
            assert!(!format!("{problem:?}").contains("hunter2"), "{problem:?}");
        }
    }

    #[test]
    fn errors_name_the_field() {
        assert_eq!(problem(r#"{"count":1}"#).fields[0].field, "name");
        assert_eq!(problem(r#"{"name":"x","count":"y"}"#).fields[0].field, "count");
        assert_eq!(problem(r#"{"name":"x","other":1}"#).fields[0].message, "is not a known field; known: name, count");
        assert_eq!(problem(r#"{"name":"x","cuont":1}"#).fields[0].message, "is not a known field; did you mean count?");
        assert_eq!(problem("{").kind, Kind::Malformed);
        assert_eq!(parse::<Body>("\u{feff}{\"name\":\"x\"}".as_bytes()).unwrap().name, "x", "a mark is no part of it");
        assert_eq!(problem(r#"{"name":"x"} {"#).kind, Kind::Malformed);
    }

    #[test]
    fn a_list_of_values_in_order_is_no_object() {
        #[derive(Debug, Deserialize)]
        struct Outer {
            #[serde(deserialize_with = "object")]
            inner: Inner,
        }
        #[derive(Debug, Deserialize)]
        struct Inner {
            n: u32,
        }
        for body in [r#"["x",1]"#, "null", "1", r#""x""#] {
            let problem = problem(body);
            assert_eq!(
                (problem.fields[0].field.as_str(), problem.fields[0].message.as_str()),
                ("body", "must be a JSON object")
            );
        }
        assert_eq!(parse::<Outer>(br#"{"inner":[1]}"#).unwrap_err().fields[0].field, "inner");
        assert_eq!(parse::<Outer>(br#"{"inner":{"n":1}}"#).unwrap().inner.n, 1);
    }

    #[test]
    fn deep_json_is_refused_before_it_is_read() {
        let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
        assert_eq!(parse::<serde_json::Value>(deep.as_bytes()).unwrap_err().kind, Kind::Malformed);
        let brackets_in_text = format!(r#"{{"a":"{}"}}"#, "[".repeat(1000));
        assert!(parse::<serde_json::Value>(brackets_in_text.as_bytes()).is_ok());
        let huge = "[".repeat(32 << 20);
        assert_eq!(parse::<serde_json::Value>(huge.as_bytes()).unwrap_err().kind, Kind::Malformed);
    }
}
