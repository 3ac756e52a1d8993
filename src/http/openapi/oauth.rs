//! The document of OAuth 2.0 and OpenID Connect. Its requests are forms and addresses that the protocols lay down, which the
//! handlers read by hand, so what they take stands here; which addresses there are, the route tables say.

use super::document::{path_of, path_parameters};
use super::errors::reason;
use super::schemas::Schemas;
use crate::http::route::Route;
use crate::http::{hosted, oauth as surface};
use crate::oauth::authorize::{AUTHORIZATION, Parameter, SIGN_OUT, Use};
use crate::oauth::grant;
use crate::oauth::{Introspection, Metadata, TokenResponse, user_claims};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A request for tokens (RFC 6749 §4, §6). A client authenticates by HTTP Basic or in the form; a public one names itself in
/// the form.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema matters")]
struct TokenForm {
    grant_type: String,
    /// For `authorization_code`: the code, once.
    code: Option<String>,
    /// For `authorization_code`: as in the authorization request, if it stood there.
    redirect_uri: Option<String>,
    /// For `authorization_code`: the verifier of PKCE (RFC 7636 §4.5).
    code_verifier: Option<String>,
    /// For `refresh_token`: the newest refresh token.
    refresh_token: Option<String>,
    /// The scopes that are wanted, with blanks between. None: all that the client may have, or that were granted.
    scope: Option<String>,
    /// This instance or an address of it (RFC 8707).
    resource: Option<String>,
    /// The client, if it does not stand in the header.
    client_id: Option<String>,
    /// The client's secret, if it does not stand in the header.
    client_secret: Option<String>,
}

/// A token and who shows it (RFC 7662 §2.1, RFC 7009 §2.1).
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema matters")]
struct ShownToken {
    /// An access token or a refresh token.
    token: String,
    /// Not needed: a token tells its kind.
    token_type_hint: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// The access token in the form, for who cannot send a header (RFC 6750 §2.2).
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema matters")]
struct TokenInForm {
    access_token: Option<String>,
}

/// Why it was refused (RFC 6749 §5.2).
#[derive(Serialize, JsonSchema)]
struct OAuthRefusal {
    /// `invalid_request`, `invalid_client`, `invalid_grant`, `invalid_scope`, `unauthorized_client`,
    /// `unsupported_grant_type`, `invalid_target`, `invalid_token`, `insufficient_scope`, `temporarily_unavailable`. None:
    /// userinfo was shown nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// For the developer of the client.
    error_description: String,
}

/// A set of public keys (RFC 7517 §5).
#[derive(Serialize, JsonSchema)]
struct KeySet {
    keys: Vec<Key>,
}

/// A public key.
#[derive(Serialize, JsonSchema)]
struct Key {
    /// `RSA`, `EC` or `OKP`.
    kty: String,
    /// Its id, as the header of a token names it.
    kid: String,
    /// `sig`.
    r#use: String,
    /// `RS256`, `ES256` or `EdDSA`.
    alg: String,
}

/// A form that a handler reads.
struct Form {
    schema: fn(&mut Schemas) -> Value,
    /// One that fits.
    example: Value,
}

/// What a handler takes and answers.
struct Endpoint {
    summary: &'static str,
    form: Option<Form>,
    /// Parameters of the query.
    query: &'static [Parameter],
    answer: Answer,
    refusals: &'static [u16],
    security: Value,
}

enum Answer {
    Json(fn(&mut Schemas) -> Value),
    KeySet(&'static str),
    Empty,
    /// A page of ours, or a redirect.
    Page,
}

/// What each handler is, by its name in the route tables.
fn endpoint(handler: &str) -> Option<Endpoint> {
    let client = || json!([{ "client": [] }, {}]);
    let public = || json!([]);
    let page = |summary, query| Endpoint {
        summary,
        form: None,
        query,
        answer: Answer::Page,
        refusals: &[400, 404, 429],
        security: public(),
    };
    let metadata = |refusals| Endpoint {
        summary: "What a client can find out by itself (OpenID Connect Discovery §3, RFC 8414 §2)",
        form: None,
        query: &[],
        answer: Answer::Json(|schemas| schemas.of_answer::<Metadata>()),
        refusals,
        security: public(),
    };
    let keys = |kind, refusals| Endpoint {
        summary: "The public keys that tokens are checked with",
        form: None,
        query: &[],
        answer: Answer::KeySet(kind),
        refusals,
        security: public(),
    };
    let last = handler.rsplit("::").next().unwrap_or_default();
    Some(match (handler.split("::").next().unwrap_or_default(), last) {
        ("token", _) => Endpoint {
            summary: "Tokens for a grant",
            form: Some(Form {
                schema: |schemas| schemas.of_request::<TokenForm>(),
                example: json!({ "grant_type": "client_credentials", "scope": "admin:read" }),
            }),
            query: &[],
            answer: Answer::Json(|schemas| schemas.of_answer::<TokenResponse>()),
            refusals: &[400, 401, 404, 413, 429, 503],
            security: client(),
        },
        ("given", name) if name.ends_with("introspect") => Endpoint {
            summary: "What a token is worth (RFC 7662)",
            form: Some(Form {
                schema: |schemas| schemas.of_request::<ShownToken>(),
                example: json!({ "token": "TOKEN" }),
            }),
            query: &[],
            answer: Answer::Json(|schemas| schemas.of_answer::<Introspection>()),
            refusals: &[400, 401, 404, 413, 429],
            security: client(),
        },
        ("given", name) if name.ends_with("revoke") => Endpoint {
            summary: "Gives a token back (RFC 7009); the answer is the same for one that does not hold",
            form: Some(Form {
                schema: |schemas| schemas.of_request::<ShownToken>(),
                example: json!({ "token": "TOKEN" }),
            }),
            query: &[],
            answer: Answer::Empty,
            refusals: &[400, 401, 404, 413, 429, 503],
            security: client(),
        },
        ("userinfo", _) => Endpoint {
            summary: "What an access token may read about its person (OpenID Connect Core §5.3)",
            form: Some(Form { schema: |schemas| schemas.of_request::<TokenInForm>(), example: json!({}) }),
            query: &[],
            answer: Answer::Json(|_| claims()),
            refusals: &[400, 401, 403, 404],
            security: json!([{ "bearer": [] }]),
        },
        ("discovery", "environment_keys") => keys("application/json", &[]),
        ("discovery", "platform_keys") => keys("application/jwk-set+json", &[]),
        ("discovery", "tenant_keys") => keys("application/jwk-set+json", &[404]),
        ("discovery", "platform" | "environment") => metadata(&[]),
        ("discovery", _) => metadata(&[404]),
        ("authorize", _) => {
            page("Sends a browser to sign in (RFC 6749 §4.1.1); by POST the same in a form", AUTHORIZATION)
        }
        ("logout", "submit") => return None,
        ("logout", _) => {
            page("Signs a browser out (OpenID Connect RP-Initiated Logout §2); by POST the same", SIGN_OUT)
        }
        _ => return None,
    })
}

fn claims() -> Value {
    let of = |claim: &str| match claim {
        "updated_at" => json!({ "type": "integer" }),
        "email_verified" | "phone_number_verified" => json!({ "type": "boolean" }),
        "address" => json!({ "type": "object" }),
        "groups" => json!({ "type": "array", "items": { "type": "string" } }),
        _ => json!({ "type": "string" }),
    };
    let properties: Map<String, Value> =
        user_claims::CLAIMS.into_iter().map(|claim| (claim.to_owned(), of(claim))).collect();
    json!({ "type": "object", "required": ["sub"], "properties": properties })
}

/// The parameters that say something.
fn taken(all: &[Parameter]) -> impl Iterator<Item = &Parameter> {
    all.iter().filter(|one| !matches!(one.usage, Use::Ignored | Use::Refused))
}

fn operation(schemas: &mut Schemas, route: &Route, endpoint: &Endpoint) -> Value {
    let mut parameters = path_parameters(&path_of(route));
    let by_post = route.method == "POST";
    let mut told = json!({ "tags": ["oauth"], "summary": endpoint.summary, "security": endpoint.security });
    if let Some(form) = endpoint.form.as_ref().filter(|_| by_post) {
        let content = json!({ "schema": (form.schema)(schemas), "example": form.example });
        told["requestBody"] = json!({ "content": { "application/x-www-form-urlencoded": content } });
    }
    if by_post && !endpoint.query.is_empty() {
        let properties: Map<String, Value> = taken(endpoint.query)
            .map(|one| (one.name.to_owned(), json!({ "type": "string", "description": one.about })))
            .collect();
        let schema = json!({ "type": "object", "properties": properties });
        told["requestBody"] = json!({ "content": { "application/x-www-form-urlencoded": { "schema": schema } } });
    } else {
        parameters.extend(taken(endpoint.query).map(|one| {
            let (required, schema) = (one.usage == Use::Required, json!({ "type": "string" }));
            json!({ "name": one.name, "in": "query", "required": required, "description": one.about, "schema": schema })
        }));
    }
    told["parameters"] = json!(parameters);
    match &endpoint.answer {
        Answer::Json(schema) => {
            let content = json!({ "application/json": { "schema": schema(schemas) } });
            told["responses"]["200"] = json!({ "description": "Done.", "content": content });
        }
        Answer::KeySet(kind) => {
            let content = json!({ *kind: { "schema": schemas.of_answer::<KeySet>() } });
            told["responses"]["200"] = json!({ "description": "The keys.", "content": content });
        }
        Answer::Empty => told["responses"]["200"] = json!({ "description": "Done." }),
        Answer::Page => {
            let page = json!({ "text/html": { "schema": { "type": "string" } } });
            told["responses"]["200"] = json!({ "description": "A page for the person.", "content": page });
            told["responses"]["303"] = json!({ "description": "To a page, or back to the application." });
        }
    }
    for status in endpoint.refusals {
        told["responses"][status.to_string()] = match endpoint.answer {
            Answer::Page => {
                let page = json!({ "text/html": { "schema": { "type": "string" } } });
                json!({ "description": reason(*status), "content": page })
            }
            _ => json!({ "$ref": format!("#/components/responses/{status}") }),
        };
    }
    told
}

/// The document.
///
/// # Panics
/// When a route of the surface is none that is known here.
pub(super) fn document() -> Value {
    let (mut schemas, mut paths, mut ids) = (Schemas::default(), Map::new(), BTreeMap::new());
    let pages = hosted::SURFACE.routes.iter().filter(|route| endpoint(&name(route)).is_some());
    // The addresses with two slashes are for a client that puts its own behind an address that ends in one.
    for route in surface::SURFACE.routes.iter().chain(pages).filter(|route| !route.path.starts_with("//")) {
        let handler = name(route);
        let endpoint = endpoint(&handler).unwrap_or_else(|| panic!("{handler} is not described"));
        let mut told = operation(&mut schemas, route, &endpoint);
        let id = format!("{}_{}", handler.replace("::", "_"), route.method.to_ascii_lowercase());
        let times = ids.entry(id.clone()).or_insert(0);
        *times += 1;
        told["operationId"] = json!(if *times > 1 { format!("{id}_{times}") } else { id });
        let item = paths.entry(path_of(route)).or_insert_with(|| json!({}));
        item[route.method.to_ascii_lowercase()] = told;
    }
    let refusal = schemas.of_answer::<OAuthRefusal>();
    let responses: Map<String, Value> = [400, 401, 403, 404, 413, 429, 503]
        .into_iter()
        .map(|status| {
            let content = json!({ "application/json": { "schema": refusal } });
            (status.to_string(), json!({ "description": reason(status), "content": content }))
        })
        .collect();
    let mut components = schemas.components();
    components["TokenForm"]["properties"]["grant_type"]["enum"] = json!(grant::names());
    for form in ["TokenForm", "ShownToken", "TokenInForm"] {
        // A field of a form is there or it is not; it is never null.
        let fields = components[form]["properties"].as_object_mut().into_iter().flatten();
        fields.for_each(|(_, field)| field["type"] = json!("string"));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "OAuth 2.0 and OpenID Connect",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Sign-in of people and tokens for programs, by three issuers: the platform's, each tenant's, and \
                the environment's at the root. A client finds the addresses by its issuer's metadata.",
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": responses,
            "securitySchemes": {
                "client": { "type": "http", "scheme": "basic" },
                "bearer": { "type": "http", "scheme": "bearer" },
            },
        },
    })
}

fn name(route: &Route) -> String {
    route.name.chars().filter(|c| !c.is_whitespace()).collect()
}
