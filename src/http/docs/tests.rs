//! The reference shows what the documents say, and every document is served.

use super::files;
use super::model::Api;
use super::samples::samples;
use crate::http::testkit::{browser, stack};
use serde_json::Value;

#[actix_web::test]
async fn every_operation_has_a_page_that_shows_what_it_takes() {
    let stack = stack();
    let mut anybody = browser(&stack).await;
    let index = anybody.get("/docs").await;
    for name in files::names() {
        let api = Api::read(name).unwrap();
        assert!(index.body.contains(api.title()), "{name}");
        let list = anybody.get(&format!("/docs/{name}")).await;
        let operations = api.operations();
        assert!(!operations.is_empty(), "{name}");
        for operation in operations.iter().step_by(7) {
            let address = format!("/docs/{name}/{}", operation.id());
            assert!(list.body.contains(&address), "{address}");
            let page = anybody.get(&address).await;
            assert_eq!(page.status, 200, "{address}");
            assert!(page.body.contains(operation.path) && page.body.contains("curl -X"), "{address}");
            for (_, field) in operation.parameters(&api) {
                assert!(page.body.contains(&field.name), "{address}: {}", field.name);
            }
        }
    }
    assert_eq!(anybody.get("/docs/nothing").await.status, 404);
    assert_eq!(anybody.get("/docs/scaikey/nothing").await.status, 404);
}

#[actix_web::test]
async fn the_errors_of_an_api_stand_there_as_it_words_them() {
    let stack = stack();
    let mut anybody = browser(&stack).await;
    for (name, status, code, answer) in [
        ("scaikey", "404", "tenant_not_found", "Tenant not found"),
        ("scaigrid", "404", "model_not_found", "MODEL_NOT_FOUND"),
        ("scaivault", "409", "version_conflict", "version_conflict"),
        ("scalekit", "404", "user_not_found", "user_not_found"),
    ] {
        let api = Api::read(name).unwrap();
        let errors = api.errors();
        let error = errors.iter().find(|error| (error.status, error.code) == (status, code)).unwrap();
        assert!(error.body.contains(answer), "{name}: {}", error.body);
        let page = anybody.get(&format!("/docs/{name}")).await.body;
        assert!(page.contains(&format!("error-{status}-{code}")) && page.contains(error.about), "{name}");
        assert!(!page.contains('`'), "{name}: what stands between backticks is shown as code");
        assert!(!anybody.get(&format!("/docs/{name}?q=list")).await.body.contains("error-"), "only the whole list");
    }
    // What a surface cannot give is not said of it.
    assert!(!Api::read("scaivault").unwrap().errors().iter().any(|error| error.code == "role_has_dependents"));
}

/// The length of a compressed page tells of what stands in it: so no page is compressed that repeats what a request says, or has
/// the token of a form in it (BREACH, CVE-2013-3587).
#[actix_web::test]
async fn only_pages_without_secrets_and_without_what_was_typed_are_compressed() {
    let stack = stack();
    let app = actix_web::test::init_service(crate::http::server::application(actix_web::web::Data::from(stack))).await;
    for (target, expected) in [
        ("/docs", true),
        ("/docs/scaikey", true),
        ("/docs?q=", true),
        ("/docs?q=jobs", false),
        ("/docs/scaikey?q=x", false),
        ("/admin/sign-in", false),
        ("/account/sign-in", false),
        ("/login/forgot-password", false),
        ("/docs/nothing", false),
    ] {
        let request = actix_web::test::TestRequest::get().uri(target);
        let request = request.insert_header(("accept-encoding", "gzip")).insert_header(("accept", "text/html"));
        let answer = actix_web::test::call_service(&app, request.to_request()).await;
        let packed = answer.headers().get("content-encoding").is_some_and(|coding| coding.as_bytes() == b"gzip");
        assert_eq!(packed, expected, "{target}");
        let bytes = actix_web::test::read_body(answer).await;
        if packed {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&*bytes), &mut text).unwrap();
            assert!(text.contains("</html>") && !text.contains("name=\"csrf\""), "{target}");
        }
    }
}

#[actix_web::test]
async fn a_search_finds_operations_by_all_their_words() {
    let stack = stack();
    let mut anybody = browser(&stack).await;
    let found = anybody.get("/docs?q=jobs+RUN").await.body;
    assert!(found.contains("/docs/scaikey/jobs_run") && !found.contains("/docs/scaikey/jobs_list"));
    let nothing = anybody.get("/docs/scaikey?q=zzzz").await.body;
    assert!(nothing.contains("Nothing found"));
}

#[actix_web::test]
async fn each_document_is_served_where_programs_look_for_it() {
    let stack = stack();
    let mut anybody = browser(&stack).await;
    for (address, title) in [
        ("/api/v1/openapi.json", "ScaiKey"),
        ("/docs/scaikey/openapi.json", "ScaiKey"),
        ("/api/v1/openapi/scalekit.json", "Scalekit"),
        ("/v1/openapi/scaigrid.json", "ScaiGrid"),
        ("/v1/openapi/scaivault.json", "ScaiVault"),
    ] {
        let got = anybody.get(address).await;
        let document: Value = serde_json::from_str(&got.body).unwrap();
        assert_eq!((got.status, document["info"]["title"].as_str()), (200, Some(title)), "{address}");
        assert_eq!(document["openapi"], "3.1.0");
    }
}

#[test]
fn an_example_fits_what_it_is_an_example_of() {
    let api = Api::read("scaikey").unwrap();
    let create = api.operation("tokens_create").unwrap();
    let example = api.example(create.body().unwrap().schema);
    assert!(example["scopes"].is_array() || example["scopes"].is_string(), "{example:#}");
    let fields = api.fields(create.body().unwrap().schema);
    let field = |name: &str| fields.iter().find(|field| field.name == name).unwrap();
    assert!(field("scopes").required && !field("user_id").required && !field("user_email").about.is_empty());
    assert_eq!(field("user_email").kind, "email or null");
}

#[test]
fn a_form_and_a_clients_credentials_are_sent_as_what_they_are() {
    let api = Api::read("oauth").unwrap();
    let token = api.operation("token_platform_post").unwrap();
    let [(_, curl), (_, python), (_, node)] = samples(&api, &token, "https://id.example");
    for part in ["-u \"$CLIENT_ID:$CLIENT_SECRET\"", "--data-urlencode \"grant_type=client_credentials\""] {
        assert!(curl.contains(part), "{part}: {curl}");
    }
    assert!(!curl.contains("Bearer") && !curl.contains("json"), "{curl}");
    assert!(python.contains("auth=(os.environ[") && python.contains("data={"), "{python}");
    assert!(node.contains("`Basic ${btoa(") && node.contains("new URLSearchParams({"), "{node}");
    let about = api.operation("userinfo_platform_get").unwrap();
    assert!(samples(&api, &about, "https://id.example")[0].1.contains("Bearer $TOKEN"));
}
