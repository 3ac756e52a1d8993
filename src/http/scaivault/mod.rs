//! ScaiVault: versioned secrets under `/v1`, in its own dialect of errors (`facts/scaivault.md` §14).

mod auth;
mod secrets;
mod wire;

use super::route::Surface;
use crate::base::{Kind, Problem};
use crate::route;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

/// The routes. The hot ones stand first.
pub static SURFACE: Surface = Surface {
    name: "scaivault",
    fronts: &["/v1/"],
    routes: &[
        route!(GET "/v1/secrets" Credential secrets::list),
        route!(GET "/v1/secrets/{path:.*}" Credential secrets::read),
        route!(PUT "/v1/secrets/{path:.*}" Credential secrets::write),
        route!(DELETE "/v1/secrets/{path:.*}" Credential secrets::delete),
        route!(POST "/v1/secrets/{path:.*}" Credential secrets::act),
        route!(GET "/v1/auth/whoami" Credential auth::whoami),
    ],
    dialect,
};

/// `{"error": {"code", "message", "details"?, "request_id"}}`.
pub fn dialect(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    let mut error = Map::new();
    error.insert("code".to_owned(), json!(problem.code));
    error.insert("message".to_owned(), json!(problem.message));
    let mut details: Map<String, Value> =
        problem.details.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    if problem.kind == Kind::Invalid {
        let fields: Map<String, Value> =
            problem.fields.iter().map(|field| (field.field.clone(), json!(field.message))).collect();
        details.insert("fields".to_owned(), Value::Object(fields));
    }
    if !details.is_empty() {
        error.insert("details".to_owned(), Value::Object(details));
    }
    error.insert("request_id".to_owned(), json!(super::envelope::request_id(request).to_string()));
    super::answer_to(problem).json(json!({ "error": error }))
}
