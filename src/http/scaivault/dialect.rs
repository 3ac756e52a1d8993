//! How ScaiVault words a refusal: `{"error": {code, message, details?, request_id}}`.

use crate::base::{Kind, Problem};
use crate::http::answer_to;
use crate::http::envelope::request_id;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Map, Value};

/// Words a problem.
pub fn dialect(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    let mut details: Map<String, Value> =
        problem.details.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    if problem.kind == Kind::Invalid {
        let fields: Map<String, Value> =
            problem.fields.iter().map(|field| (field.field.clone(), Value::from(field.message.clone()))).collect();
        details.insert("fields".to_owned(), Value::Object(fields));
    }
    let error = RefusalError {
        // Why a credential does not hold is in the message: the product has one code for all.
        code: if problem.kind == Kind::Unauthenticated { "authentication_required" } else { problem.code },
        message: problem.message.to_string(),
        details: (!details.is_empty()).then_some(details),
        request_id: request_id(request).to_string(),
    };
    answer_to(problem).json(Refusal { error })
}

/// What a refusal looks like.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::http) struct Refusal {
    error: RefusalError,
}

/// Why it was refused.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RefusalError {
    /// For programs: `secret_not_found`, `validation_error`.
    code: &'static str,
    /// For people.
    message: String,
    /// What the code says more about; `fields` names the rule that each field breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Map<String, Value>>,
    /// The request's id, as the server's log and the audit log have it.
    request_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;
    use serde_json::json;

    async fn render(problem: &Problem) -> (u16, Option<String>, Value) {
        let answer = dialect(problem, &TestRequest::default().to_http_request());
        let retry = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body()).await.unwrap();
        (status, retry, serde_json::from_slice(&body).unwrap())
    }

    #[actix_web::test]
    async fn a_full_writer_queue_is_a_503_that_says_when_to_come_again() {
        let (status, retry, body) = render(&StoreError::Full.into()).await;
        assert_eq!((status, retry.as_deref()), (503, Some("1")));
        let message = "The server has too many writes waiting; try again";
        assert_eq!(
            body,
            json!({ "error": { "code": "service_unavailable", "message": message, "request_id": "req_0" } })
        );
    }

    #[actix_web::test]
    async fn a_fault_of_ours_tells_nothing() {
        let (status, _, body) = render(&StoreError::Engine("page 7 of /data/x".to_owned()).into()).await;
        assert_eq!(status, 500);
        assert!(!body.to_string().contains("page 7"), "{body}");
    }

    #[actix_web::test]
    async fn fields_stand_in_the_details() {
        let (status, _, body) = render(&Problem::invalid("metadata.tags", "must be a list of texts")).await;
        assert_eq!(status, 422);
        assert_eq!(body["error"]["code"], "validation_error");
        assert_eq!(body["error"]["details"]["fields"], json!({ "metadata.tags": "must be a list of texts" }));
    }
}
