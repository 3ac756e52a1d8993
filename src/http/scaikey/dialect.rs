//! How ScaiKey words a refusal: `{"detail": …}`, with FastAPI's list of fields for what does not fit.

use crate::access::{Actor, Credential};
use crate::base::problem::FieldProblem;
use crate::base::{Kind, Problem};
use crate::http::answer_to;
use crate::http::extract::UNKNOWN_FIELD;
use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::Serialize;
use std::sync::Arc;

/// What ScaiKey's quickstart quotes, to the letter.
const NO_ADMIN_SCOPE: &str = "Platform token requires admin:read or admin:write scope";

/// The code under which the extractors refuse a body that they cannot read.
const UNREADABLE: &str = "invalid_request";

/// Words a problem.
pub fn dialect(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    let actor = request.extensions().get::<Arc<Actor>>().cloned();
    let mut answer = answer_to(problem);
    if problem.code == UNREADABLE && problem.kind == Kind::Malformed {
        // FastAPI takes a body that it cannot read for one that does not fit.
        answer.status(StatusCode::UNPROCESSABLE_ENTITY);
    }
    answer.json(Refusal { detail: detail(problem, actor.as_deref()) })
}

/// What a refusal looks like.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::http) struct Refusal {
    detail: Detail,
}

/// Why: a sentence, or what is wrong with each field.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum Detail {
    Sentence(String),
    Fields(Vec<RefusedField>),
}

/// What is wrong with a field, as FastAPI words it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RefusedField {
    /// Where it stood: `body`, `query`, `path` or `header`, then the names and numbers that lead to it.
    loc: Vec<Step>,
    /// The field and the rule that it breaks.
    msg: String,
    /// `missing`, `extra_forbidden`, `int_parsing`, `json_invalid`, or `value_error`.
    #[serde(rename = "type")]
    kind: &'static str,
}

/// A step on the way to a field.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum Step {
    Name(String),
    Index(u32),
}

fn detail(problem: &Problem, actor: Option<&Actor>) -> Detail {
    match problem.kind {
        Kind::Invalid => Detail::Fields(problem.fields.iter().map(field).collect()),
        Kind::Malformed if problem.code == UNREADABLE => Detail::Fields(vec![RefusedField {
            loc: vec![Step::Name("body".to_owned())],
            msg: problem.message.to_string(),
            kind: "json_invalid",
        }]),
        Kind::Forbidden => Detail::Sentence(forbidden(problem, actor)),
        Kind::NotFound => Detail::Sentence(not_found(problem.code)),
        _ => Detail::Sentence(problem.message.to_string()),
    }
}

/// One field: where it stood, what is wrong, and the name that pydantic has for it.
fn field(problem: &FieldProblem) -> RefusedField {
    let kind = match problem.message.as_str() {
        "is required" => "missing",
        message if message.starts_with(UNKNOWN_FIELD) => "extra_forbidden",
        "must be a whole number" => "int_parsing",
        _ => "value_error",
    };
    let mut loc = vec![Step::Name(problem.location.to_owned())];
    if problem.field != problem.location {
        let parts = problem.field.split(['.', '[', ']']).filter(|part| !part.is_empty());
        loc.extend(parts.map(|part| part.parse().map_or_else(|_| Step::Name(part.to_owned()), Step::Index)));
    }
    RefusedField { loc, msg: format!("{} {}", problem.field, problem.message), kind }
}

/// `tenant_not_found` is "Tenant not found": the same words whether there is no such row or the caller may not know of it.
fn not_found(code: &str) -> String {
    let words = code.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A platform token without any of the admin scopes gets the sentence of ScaiKey's quickstart; one that
/// may read and wants to write is told so.
fn forbidden(problem: &Problem, actor: Option<&Actor>) -> String {
    let lacks_scope = problem.details.iter().any(|(name, value)| *name == "missing" && value == "scope");
    let platform = actor.filter(|actor| matches!(actor.credential, Credential::AccessToken { platform: true, .. }));
    let Some(scopes) = platform.and_then(|actor| actor.scopes.as_ref()).filter(|_| lacks_scope) else {
        return problem.message.clone();
    };
    if scopes.has("admin:write") {
        problem.message.clone()
    } else if scopes.has("admin:read") {
        "Platform token requires admin:write scope to change anything; it has admin:read".to_owned()
    } else {
        NO_ADMIN_SCOPE.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn told(problem: &Problem, actor: Option<&Actor>) -> Value {
        json!(detail(problem, actor))
    }
    use crate::access::{Assignment, Origin, Place, Principal, Role, permit};
    use crate::base::id::{ApplicationId, PartnerId, RequestId, TenantId};
    use crate::base::{Id, ScopeSet};

    fn token(scopes: &str, platform: bool) -> Arc<Actor> {
        Arc::new(Actor {
            principal: Principal::Application {
                id: ApplicationId::from_raw(1),
                client_id: "skc_1".to_owned(),
                name: "worker".to_owned(),
            },
            tenant: TenantId::from_raw(1),
            partner: PartnerId::from_raw(1),
            credential: Credential::AccessToken { jti: "j".to_owned(), platform },
            proof: crate::access::Proof::Program,
            roles: vec![Assignment { role: Role::SuperAdmin, place: Place::Platform }],
            custom: crate::access::CoreSet::default(),
            scopes: Some(ScopeSet::parse(scopes).unwrap()),
            expires_at: None,
            mfa_at: None,
            origin: Origin { request: RequestId::from_raw(1), ip: None, user_agent: None },
        })
    }

    #[test]
    fn a_platform_token_without_admin_scopes_gets_the_seeds_sentence() {
        for (scopes, platform, want) in [
            ("openid", true, NO_ADMIN_SCOPE),
            ("secrets:read", true, NO_ADMIN_SCOPE),
            ("admin:read", true, "Platform token requires admin:write scope to change anything; it has admin:read"),
            ("openid", false, "The credential lacks the scope for this: it needs admin:write or organizations:write"),
        ] {
            let actor = token(scopes, platform);
            let denied = actor.grant::<permit::WriteTenants>(Place::Platform).unwrap_err();
            assert_eq!(told(&Problem::from(denied), Some(&actor)), json!(want), "{scopes} {platform}");
        }
    }

    #[test]
    fn another_refusal_keeps_its_own_words() {
        let problem = Problem::forbidden("outranked", "This user holds a role that you do not hold yourself");
        assert_eq!(told(&problem, Some(&token("openid", true))), json!(problem.message));
    }

    #[test]
    fn fields_are_worded_as_fastapi_does() {
        for (problem, want) in [
            (
                Problem::invalid("slug", "is required"),
                json!([{"loc": ["body", "slug"], "msg": "slug is required", "type": "missing"}]),
            ),
            (
                Problem::invalid("redirect_uris[1]", "must name a host"),
                json!([{"loc": ["body", "redirect_uris", 1], "msg": "redirect_uris[1] must name a host", "type": "value_error"}]),
            ),
            (
                Problem::invalid("redirect_uris.0", "must name a host"),
                json!([{"loc": ["body", "redirect_uris", 0], "msg": "redirect_uris.0 must name a host", "type": "value_error"}]),
            ),
            (
                Problem::invalid_at("query", "page", "must be a whole number"),
                json!([{"loc": ["query", "page"], "msg": "page must be a whole number", "type": "int_parsing"}]),
            ),
            (
                Problem::invalid("body", "must be struct NewPartner"),
                json!([{"loc": ["body"], "msg": "body must be struct NewPartner", "type": "value_error"}]),
            ),
        ] {
            assert_eq!(told(&problem, None), want);
        }
    }

    #[test]
    fn what_cannot_be_read_is_unprocessable() {
        let problem = Problem::malformed("invalid_request", "The body is not valid JSON (line 1, column 2)");
        let request = actix_web::test::TestRequest::default().to_http_request();
        assert_eq!(dialect(&problem, &request).status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(told(&problem, None), json!([{"loc": ["body"], "msg": problem.message, "type": "json_invalid"}]));
    }

    #[test]
    fn every_other_family_has_its_status_and_its_sentence() {
        for (problem, code) in [
            (Problem::not_found("tenant_not_found", "There is no such tenant"), 404),
            (Problem::conflict("slug_taken", "taken"), 409),
            (Problem::malformed("method_not_allowed", "no"), 405),
            (Problem::new(Kind::TooLarge, "payload_too_large", "large"), 413),
            (Problem::new(Kind::RateLimited { retry_after_secs: 3 }, "rate_limited", "slow down"), 429),
            (Problem::busy("busy"), 503),
            (Problem::unauthenticated("authentication_required", "who?"), 401),
            (Problem::internal("the disk"), 500),
        ] {
            let request = actix_web::test::TestRequest::default().to_http_request();
            let answer = dialect(&problem, &request);
            assert_eq!(answer.status().as_u16(), code);
            let words = if code == 404 { "Tenant not found" } else { &problem.message };
            assert_eq!(told(&problem, None), json!(words));
            assert_eq!(answer.headers().contains_key("www-authenticate"), code == 401);
            assert_eq!(answer.headers().contains_key("retry-after"), code == 429 || code == 503);
        }
    }
}
