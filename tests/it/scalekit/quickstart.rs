//! The quickstart's curl lines as they are printed: only the address, the credentials and the ids are put in.

use super::super::quickstarts::{bash_json, blocks};
use super::super::server::Server;
use super::super::wire::assert_fields;
use super::organization;
use serde_json::json;

const PAGE: &str = include_str!("../quickstarts/scalekit.md");

#[test]
fn the_scalekit_quickstart_works_as_printed() {
    page(&Server::start_with_tls());
}

pub fn page(server: &Server) {
    let app = server.app("SERVICE", "admin:read admin:write", &[]);
    let host = server.url.strip_prefix("https://").unwrap().to_owned();
    let put = |block: &str, token: &str, organization: &str| {
        let block = block.replace("<SCALEKIT_ENVIRONMENT_URL>", &host).replace("<SCALEKIT_CLIENT_ID>", &app.client_id);
        let block = block.replace("<SCALEKIT_CLIENT_SECRET>", &app.secret).replace("<ACCESS_TOKEN>", token);
        block.replace("{organization_id}", organization).replace("curl ", "curl -s ")
    };
    let [token, list, create] = blocks(PAGE, "bash").try_into().unwrap();

    let answer = bash_json(server, &put(&token, "", ""), &[]);
    assert_fields(&answer, &["access_token", "token_type", "expires_in", "scope"]);
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(3600)));
    let token = server.secret(answer["access_token"].as_str().unwrap());
    assert!(token.starts_with("eyJhbGciOi"));

    let listed = bash_json(server, &put(&list, &token, ""), &[]);
    assert_fields(&listed, &["next_page_token", "total_size", "organizations", "prev_page_token"]);
    assert_eq!(listed["total_size"], listed["organizations"].as_array().unwrap().len());

    let organization = organization(server, &token);
    let made = bash_json(server, &put(&create, &token, &organization), &[]);
    let user = &made["user"];
    assert_eq!(user["email"], "user@example.com");
    assert_eq!(
        (&user["user_profile"]["given_name"], &user["user_profile"]["family_name"]),
        (&json!("John"), &json!("Doe"))
    );
    let membership = &user["memberships"][0];
    assert_eq!(membership["organization_id"], organization.as_str());
    assert_eq!(membership["roles"][0]["name"], "admin");
}
