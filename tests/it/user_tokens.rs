//! Tokens of people, from outside: refreshed through kill and restart, shown to userinfo, introspection and revocation.

use super::browser::{EMAIL, PASSWORD, set_up};
use super::server::{App, Server};
use super::wire::Answer;
use serde_json::{Value, json};

const TOKEN: &str = "/api/v1/platform/oauth/token";
const USERINFO: &str = "/api/v1/platform/oauth/userinfo";
const INTROSPECT: &str = "/api/v1/platform/oauth/introspect";
const REVOKE: &str = "/api/v1/platform/oauth/revoke";

/// The administrator's access token and refresh token, as the built-in client gets them.
fn sign_in(server: &Server) -> (String, String) {
    let body = json!({ "email": EMAIL, "password": PASSWORD });
    let answer = server.call("POST", "/api/v1/auth/login").json(&body).send().expect(200);
    tokens(server, &answer["data"])
}

fn tokens(server: &Server, answer: &Value) -> (String, String) {
    let text = |name: &str| server.secret(answer[name].as_str().unwrap_or_else(|| panic!("no {name}: {answer:#}")));
    (text("access_token"), text("refresh_token"))
}

fn refresh(server: &Server, token: &str) -> Answer {
    server.call("POST", TOKEN).form(&format!("grant_type=refresh_token&client_id=skc_1&refresh_token={token}")).send()
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let body = answer.value();
    super::wire::assert_fields(&body, &["error", "error_description"]);
    assert_eq!(body["error"], code);
    assert_eq!(answer.header("cache-control"), Some("no-store"), "RFC 6749 §5.1");
}

#[test]
fn refresh_tokens_are_right_through_kill_and_restart() {
    let server = set_up();
    let (_, zero) = sign_in(&server);
    let (_, one) = tokens(&server, &refresh(&server, &zero).expect(200));
    let folder = server.folder();
    server.kill();
    let server = Server::start_in(folder, &[]);
    let (_, again) = tokens(&server, &refresh(&server, &zero).expect(200));
    assert_eq!(again, one, "the answer was lost: the same again");
    let (access, two) = tokens(&server, &refresh(&server, &one).expect(200));
    assert_eq!(server.get_as(&access, "/api/v1/me").status, 200);
    let folder = server.folder();
    server.kill();
    let server = Server::start_in(folder, &[]);
    refused(&refresh(&server, &zero), 400, "invalid_grant");
    refused(&refresh(&server, &two), 400, "invalid_grant");
    assert_eq!(server.get_as(&access, "/api/v1/me").status, 401, "the copy took everything along");
}

#[test]
fn a_bearer_token_stands_in_the_header_or_in_userinfos_form() {
    let server = set_up();
    let (access, _) = sign_in(&server);
    let told = server.get(USERINFO).bearer(&access).send();
    assert_eq!(told.header("cache-control"), Some("no-store"));
    let told = told.expect(200);
    assert!(told["sub"].as_str().unwrap().starts_with("usr_") && told["email"] == EMAIL);
    assert_eq!(server.call("POST", USERINFO).bearer(&access).send().expect(200), told);
    let form = format!("access_token={access}");
    assert_eq!(server.call("POST", USERINFO).form(&form).send().expect(200), told);
    // In the address it is nothing.
    for target in [format!("{USERINFO}?{form}"), format!("/api/v1/me?{form}")] {
        let answer = server.get(&target).send();
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    let bare = server.get(USERINFO).send();
    assert_eq!((bare.status, bare.header("www-authenticate")), (401, Some("Bearer realm=\"scaistack\"")));
    refused(&server.call("POST", USERINFO).bearer(&access).form(&form).send(), 400, "invalid_request");
    refused(&server.call("POST", USERINFO).form("access_token=a&access_token=b").send(), 400, "invalid_request");
    let wrong = server.get(USERINFO).bearer("a.b.c").send();
    refused(&wrong, 401, "invalid_token");
    assert!(wrong.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
    assert_eq!(server.call("POST", "/api/v1/me").form(&form).send().status, 405, "no other endpoint takes a form");
    let nobody = server.get("/api/v1/auth/tenants/nobody/oauth/userinfo").bearer(&access).send();
    refused(&nobody, 401, "invalid_token");
}

#[test]
fn an_id_token_opens_nothing() {
    let server = set_up();
    let (_, first) = sign_in(&server);
    let answer = refresh(&server, &first).expect(200);
    let id = server.secret(answer["id_token"].as_str().unwrap());
    for target in ["/api/v1/me", USERINFO, "/v1/auth/whoami", "/api/v1/admin/users"] {
        assert_eq!(server.get_as(&id, target).status, 401, "{target}");
    }
}

#[test]
fn introspection_and_revocation() {
    let server = set_up();
    let (access, refresh_token) = sign_in(&server);
    let api = server.app("SERVICE", "openid", &["--scope", "GLOBAL", "--introspect-any-token"]);
    let ask_as = |app: &App, token: &str| {
        let call = server.call("POST", INTROSPECT).basic(&app.client_id, &app.secret);
        call.form(&format!("token={token}&token_type_hint=access_token")).send()
    };
    let ask = |token: &str| ask_as(&api, token);
    let another = server.app("SERVICE", "openid", &[]);
    assert_eq!(ask_as(&another, &access).text(), r#"{"active":false}"#, "another's, without an administrator's leave");
    let active = ask(&access);
    assert_eq!(active.header("cache-control"), Some("no-store"), "RFC 6749 §5.1");
    assert_eq!(active.expect(200)["active"], true);
    for token in ["unknown", "a.b.c", &refresh_token] {
        let answer = ask(token);
        assert_eq!((answer.status, answer.text().as_str()), (200, r#"{"active":false}"#));
    }
    let own = server.access_token(&api, None, "openid");
    assert_eq!(ask(&own).expect(200)["token_type"], "Bearer");

    refused(&server.call("POST", INTROSPECT).form("token=x").send(), 401, "invalid_client");
    refused(&server.call("POST", INTROSPECT).form("token=x&client_id=skc_1").send(), 401, "invalid_client");
    let wrong = server.call("POST", INTROSPECT).basic(&api.client_id, "scs_wrong").form("token=x").send();
    assert!(wrong.header("www-authenticate").is_some());
    refused(&wrong, 401, "invalid_client");
    let missing = server.call("POST", INTROSPECT).basic(&api.client_id, &api.secret).form("x=y").send();
    refused(&missing, 400, "invalid_request");
    for endpoint in [INTROSPECT, REVOKE] {
        assert_eq!(server.get(endpoint).send().status, 405);
    }
    let elsewhere = endpoint_of("nobody", "introspect");
    refused(
        &server.call("POST", &elsewhere).basic(&api.client_id, &api.secret).form("token=x").send(),
        404,
        "invalid_request",
    );

    // Unknown and another client's: 200, and nothing happens.
    let give_back = |client: &str, token: &str| {
        let answer = server.call("POST", REVOKE).form(&format!("client_id={client}&token={token}")).send();
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        answer.expect(200)
    };
    let public = server.app("NATIVE", "openid", &[]);
    assert_eq!(give_back("skc_1", "unknown"), json!({}));
    give_back(&public.client_id, &refresh_token);
    assert_eq!(ask(&access).expect(200)["active"], true);
    refused(&server.call("POST", REVOKE).form("client_id=skc_9&token=x").send(), 401, "invalid_client");
    give_back("skc_1", &refresh_token);
    assert_eq!(ask(&access).text(), r#"{"active":false}"#);
    assert_eq!(server.get_as(&access, "/api/v1/me").status, 401);
    // A program's own token.
    let call = server.call("POST", REVOKE).basic(&api.client_id, &api.secret);
    call.form(&format!("token={own}")).send().expect(200);
    assert_eq!(ask(&own).text(), r#"{"active":false}"#);
    assert_eq!(server.get_as(&own, "/api/v1/admin/users").status, 401);
}

fn endpoint_of(slug: &str, name: &str) -> String {
    format!("/api/v1/auth/tenants/{slug}/oauth/{name}")
}

#[test]
fn every_refusal_of_a_persons_grant_has_its_body() {
    let server = Server::shared();
    let (web, native) = (server.app("WEB", "openid", &[]), server.app("NATIVE", "openid", &[]));
    let ask = |form: &str| server.call("POST", TOKEN).basic(&web.client_id, &web.secret).form(form).send();
    for (form, code, description) in [
        ("grant_type=authorization_code", "invalid_request", "The parameter code is missing"),
        ("grant_type=authorization_code&code=x", "invalid_grant", "The code is unknown, has expired or was used"),
        ("grant_type=authorization_code&code=x&code=y", "invalid_request", "A parameter is repeated"),
        (
            "grant_type=client_credentials&resource=https://api.example",
            "invalid_target",
            "This server gives no tokens for the resource https://api.example",
        ),
        ("grant_type=refresh_token", "invalid_request", "The parameter refresh_token is missing"),
        (
            "grant_type=refresh_token&refresh_token=x",
            "invalid_grant",
            "The refresh token is unknown, has expired or was revoked",
        ),
        (
            "grant_type=refresh_token&refresh_token=x&scope=%22",
            "invalid_scope",
            "The scope is malformed: write scopes with one blank between them",
        ),
    ] {
        let answer = ask(form);
        refused(&answer, 400, code);
        assert_eq!(answer.value()["error_description"], description, "{form}");
    }
    // Who loses a race often is told the same, not to wait.
    for _ in 0..40 {
        refused(&ask("grant_type=authorization_code&code=x"), 400, "invalid_grant");
    }
    let open = format!("grant_type=authorization_code&code=x&client_id={}", native.client_id);
    refused(&server.call("POST", TOKEN).form(&open).send(), 400, "invalid_grant");
    let without = format!("grant_type=authorization_code&code=x&client_id={}", web.client_id);
    refused(&server.call("POST", TOKEN).form(&without).send(), 401, "invalid_client");
}
