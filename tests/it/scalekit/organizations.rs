//! OrganizationService from outside: presence, paging, exact refusals, and that it is the same thing on every surface.

use super::super::server::{Server, unique};
use super::same::{operation, over_grpc, over_rest};
use super::{environment, told};
use serde_json::{Value, json};

/// Asks over REST, which the comparison of the wires holds to gRPC.
fn ask(server: &Server, token: &str, rpc: &str, request: &Value) -> Value {
    let (status, answer) = over_rest(server, token, operation(rpc), request);
    assert_eq!(status, 200, "{rpc} {request}: {answer}");
    answer
}

fn make(server: &Server, token: &str, organization: &Value) -> Value {
    ask(server, token, "CreateOrganization", &json!({ "organization": organization }))["organization"].clone()
}

#[test]
fn an_update_tells_absent_from_empty() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read admin:write");
    let x = unique("presence");
    let made = make(
        &server,
        &token,
        &json!({ "display_name": "Presence", "external_id": x, "slug": x, "region_code": "US",
            "metadata": { "plan": "pro" }, "logo_url": "https://example.com/l.png" }),
    );
    let id = made["id"].as_str().unwrap().to_owned();
    let update = |organization: Value, mask: Option<&str>| {
        let mut request = json!({ "id": id, "organization": organization });
        if let Some(mask) = mask {
            request["update_mask"] = json!(mask);
        }
        let (status, answer) = over_grpc(&server, &token, operation("UpdateOrganization"), &request);
        assert_eq!(status, 0, "{request}: {answer}");
        answer["organization"].clone()
    };
    let mut want = made.clone();
    let same = |changed: Value, want: &Value| {
        let mut changed = changed;
        changed["update_time"] = want["update_time"].clone();
        assert_eq!(&changed, want);
    };
    // Nothing said, nothing changed; an empty map has no presence.
    same(update(json!({}), None), &want);
    same(update(json!({ "metadata": {} }), None), &want);
    want["display_name"] = json!("Renamed");
    same(update(json!({ "display_name": "Renamed" }), None), &want);
    want["metadata"] = json!({ "tier": "gold" });
    same(update(json!({ "metadata": { "tier": "gold" } }), None), &want);
    // Empty texts empty; an address is made from the name again.
    let emptied = update(json!({ "external_id": "", "logo_url": "", "slug": "" }), None);
    assert_eq!((emptied.get("external_id"), emptied.get("logo_url")), (None, None));
    assert!(emptied["slug"].as_str().unwrap().starts_with("renamed"), "{emptied}");
    // What a mask names counts, whatever is in it; nothing else does.
    let masked = update(json!({ "display_name": "Not this", "external_id": x }), Some("externalId,metadata"));
    assert_eq!((&masked["display_name"], &masked["external_id"]), (&json!("Renamed"), &json!(x)));
    assert_eq!(masked["metadata"], json!({}));
    let by_external_id =
        ask(&server, &token, "UpdateOrganization", &json!({ "id": id, "organization": { "slug": x } }));
    assert_eq!(by_external_id["organization"]["slug"], x);
}

#[test]
fn lists_are_followed_both_ways_from_the_newest_on() {
    let server = Server::start();
    let (_, token) = environment(&server, "admin:read admin:write");
    let ids: Vec<Value> = (0..5)
        .map(|at| make(&server, &token, &json!({ "display_name": format!("Listed {at}") }))["id"].clone())
        .collect();
    for (rpc, query, total) in [("ListOrganization", None, 6), ("SearchOrganization", Some("listed"), 5)] {
        let page = |place: &Value| {
            let mut request = json!({ "page_size": 2, "page_token": place });
            if let Some(query) = query {
                request["query"] = json!(query);
            }
            let answer = ask(&server, &token, rpc, &request);
            assert_eq!(answer["total_size"], total);
            let shown: Vec<Value> =
                answer["organizations"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
            (shown, answer["next_page_token"].clone(), answer["prev_page_token"].clone())
        };
        let (first, next, none) = page(&json!(""));
        assert_eq!((first.as_slice(), none), (&[ids[4].clone(), ids[3].clone()][..], json!("")));
        let (second, next, _) = page(&next);
        assert_eq!(second, [ids[2].clone(), ids[1].clone()]);
        let (third, last, prev) = page(&next);
        assert_eq!((&third[0], last), (&ids[0], json!("")));
        assert_eq!(page(&prev).0, second);
    }
    let external = make(&server, &token, &json!({ "display_name": "Found", "external_id": "crm/1 é" }));
    let filtered = ask(&server, &token, "ListOrganization", &json!({ "external_id": "crm/1 é" }));
    assert_eq!((&filtered["total_size"], &filtered["organizations"][0]), (&json!(1), &external));
    let nobody = ask(&server, &token, "ListOrganization", &json!({ "external_id": "crm/2" }));
    assert_eq!((&nobody["total_size"], &nobody["organizations"]), (&json!(0), &json!([])));
    let shown = server.get_as(&token, "/api/v1/organizations:external/crm%2F1%20%C3%A9").expect(200);
    assert_eq!(shown["organization"], external);
    let found = ask(&server, &token, "SearchOrganization", &json!({ "query": external["id"] }));
    assert_eq!(found["organizations"], json!([external]));
}

#[test]
fn every_refusal_names_its_field_in_the_same_words() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read admin:write");
    let id = make(&server, &token, &json!({ "display_name": unique("Refused") }))["id"].clone();
    let new = |organization: Value| ("CreateOrganization", json!({ "organization": organization }));
    let named = |more: Value| {
        let mut organization = json!({ "display_name": "A" });
        organization.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        new(organization)
    };
    let pairs: Value = (0..11).map(|at| (format!("key{at}"), json!("x"))).collect::<serde_json::Map<_, _>>().into();
    let policy = |more: Value| {
        let mut request = json!({ "organization_id": id });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("UpdateOrganizationSessionPolicy", request)
    };
    let settings =
        |features: Value| ("UpdateOrganizationSettings", json!({ "id": id, "settings": { "features": features } }));
    let slug = "must be parts of 1 to 63 of the characters a-z, 0-9 and - between dots, with a letter or digit at both ends of each";
    let logo = "must be an http or https address of at most 1024 characters";
    for ((rpc, request), field, words) in [
        (("CreateOrganization", json!({})), "organization", "is required"),
        (new(json!({})), "organization.display_name", "is required"),
        (new(json!({ "display_name": "x".repeat(201) })), "organization.display_name", "must be 1 to 200 characters"),
        (
            new(json!({ "display_name": "a\u{7}b" })),
            "organization.display_name",
            "must be 1 to 200 characters without control characters",
        ),
        (named(json!({ "slug": "" })), "organization.slug", "is required"),
        (named(json!({ "slug": "-" })), "organization.slug", slug),
        (named(json!({ "slug": "a..b" })), "organization.slug", &format!("{slug}; a-b would do")),
        (named(json!({ "slug": "x".repeat(254) })), "organization.slug", "must be 1 to 253 characters"),
        (named(json!({ "logo_url": "javascript:alert(1)" })), "organization.logo_url", logo),
        (
            named(json!({ "external_id": "x".repeat(511) })),
            "organization.external_id",
            "must be 1 to 510 characters without control characters",
        ),
        (named(json!({ "metadata": pairs })), "organization.metadata", "must have at most 10 pairs"),
        (named(json!({ "metadata": { "key": "" } })), "organization.metadata.key", "is required"),
        (("UpdateOrganization", json!({ "id": id })), "organization", "is required"),
        (
            ("UpdateOrganization", json!({ "id": id, "organization": { "display_name": "" } })),
            "organization.display_name",
            "is required",
        ),
        (("GetOrganization", json!({ "id": "usr_1" })), "id", "must be an id such as org_1234567890123456"),
        (("SearchOrganization", json!({ "query": "" })), "query", "must be 3 to 100 characters"),
        (("SearchOrganization", json!({ "query": "x".repeat(101) })), "query", "must be 3 to 100 characters"),
        (("SearchOrganization", json!({ "query": "abc", "page_size": 31 })), "page_size", "must be at most 30"),
        (
            ("ListOrganization", json!({ "page_token": "AAAA" })),
            "page_token",
            "must be a token from an answer of this list, or left out",
        ),
        (
            settings(json!([{ "name": "sso", "enabled": true }, { "name": "fax" }])),
            "settings.features[1].name",
            "must be sso or dir_sync",
        ),
        (
            ("UpsertUserManagementSettings", json!({ "organization_id": id, "settings": { "max_allowed_users": -1 } })),
            "settings.max_allowed_users",
            "must be at least 0",
        ),
        (
            policy(json!({ "absolute_session_timeout": 0 })),
            "absolute_session_timeout",
            "must be between 1 minute and 365 days",
        ),
        (
            policy(json!({ "idle_session_timeout": 366, "idle_session_timeout_unit": "DAYS" })),
            "idle_session_timeout",
            "must be between 1 minute and 365 days",
        ),
    ] {
        let operation = operation(rpc);
        let (status, rest) = over_rest(&server, &token, operation, &request);
        let (code, grpc) = over_grpc(&server, &token, operation, &request);
        assert_eq!((status, code), (400, 3), "{rpc} {request}: {rest} {grpc}");
        assert_eq!(told(&rest), (3, format!("{field} {words}"), vec![field.to_owned()]), "{rpc} {request}");
        assert_eq!(told(&rest), told(&grpc), "{rpc} {request}");
    }
    let missing = over_grpc(&server, &token, operation("GetOrganization"), &json!({})).1;
    assert_eq!(told(&missing), (3, "id or external_id is required".to_owned(), vec!["id".to_owned()]));
    for request in [json!({ "id": "org_1" }), json!({ "external_id": "nobody's" }), json!({ "id": "org_0" })] {
        let (code, grpc) = over_grpc(&server, &token, operation("GetOrganization"), &request);
        assert_eq!((code, told(&grpc).1), (5, "There is no such organization".to_owned()), "{request}");
    }
}

#[test]
fn an_organization_is_the_tenant_of_every_other_surface() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read admin:write");
    let x = unique("surface");
    let made =
        make(&server, &token, &json!({ "display_name": "Surface", "external_id": x, "metadata": { "plan": "pro" } }));
    let org = made["id"].as_str().unwrap();
    let tenant = format!("/api/v1/admin/tenants/{}", org.replace("org_", "tnt_"));
    let shown = server.get_as(&token, &tenant).expect(200);
    assert_eq!((&shown["external_id"], &shown["metadata"]), (&json!(x), &json!({ "plan": "pro" })));
    assert_eq!(shown["slug"], made["slug"]);
    let patch = json!({ "name": "Other", "external_id": null, "metadata": { "tier": "gold" } });
    server.call("PATCH", &tenant).bearer(&token).json(&patch).send().expect(200);
    let now = &ask(&server, &token, "GetOrganization", &json!({ "id": org }))["organization"];
    assert_eq!((&now["display_name"], now.get("external_id")), (&json!("Other"), None));
    assert_eq!(now["metadata"], json!({ "tier": "gold" }));
    // A limit of users holds wherever they are added.
    let limit = json!({ "organization_id": org, "settings": { "max_allowed_users": 1 } });
    assert_eq!(
        ask(&server, &token, "UpsertUserManagementSettings", &limit),
        json!({ "settings": { "max_allowed_users": 1 } })
    );
    let join = |name: &str| {
        let user = json!({ "email": format!("{name}-{x}@example.com"), "tenant_id": org.replace("org_", "tnt_") });
        server.call("POST", "/api/v1/admin/users").bearer(&token).json(&user).send().status
    };
    assert_eq!((join("one"), join("two")), (201, 409));
    let open = json!({ "organization_id": org, "settings": { "max_allowed_users": 0 } });
    assert_eq!(ask(&server, &token, "UpsertUserManagementSettings", &open), json!({ "settings": {} }));
    assert_eq!(join("two"), 201);
    // Gone there, gone here, and its external id is free.
    assert_eq!(server.call("DELETE", &tenant).bearer(&token).send().status, 204);
    let (code, _) = over_grpc(&server, &token, operation("GetOrganization"), &json!({ "id": org }));
    assert_eq!(code, 5);
    make(&server, &token, &json!({ "display_name": "Again", "external_id": x }));
}

#[test]
fn the_default_organization_stays() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read admin:write");
    let shown = server.get_as(&token, "/api/v1/admin/tenants/default").expect(200);
    let org = shown["id"].as_str().unwrap().replace("tnt_", "org_");
    for (rpc, request) in [
        ("DeleteOrganization", json!({ "id": org })),
        ("UpdateOrganization", json!({ "id": org, "organization": { "slug": "other" } })),
    ] {
        let (code, grpc) = over_grpc(&server, &token, operation(rpc), &request);
        assert_eq!((code, grpc["details"][0]["debug_info"]["detail"].as_str()), (6, Some("default_is_kept")), "{rpc}");
    }
}

#[test]
fn a_portal_link_opens_once() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read admin:write");
    let (_, links) = environment(&server, "portal_links:manage");
    let org = make(&server, &token, &json!({ "display_name": "Portal" }))["id"].clone();
    let features = json!([{ "name": "sso", "enabled": true }]);
    let on =
        ask(&server, &token, "UpdateOrganizationSettings", &json!({ "id": org, "settings": { "features": features } }));
    assert_eq!(
        on["organization"]["settings"]["features"],
        json!([{ "name": "sso", "enabled": true }, { "name": "dir_sync", "enabled": false }])
    );
    let link = ask(&server, &links, "GeneratePortalLink", &json!({ "id": org }))["link"].clone();
    assert!(link["id"].as_str().unwrap().starts_with("lnk_") && link["expire_time"].as_str().unwrap().ends_with('Z'));
    let path = link["location"].as_str().unwrap().strip_prefix(&server.url).unwrap().to_owned();
    server.secret(path.rsplit('/').next().unwrap());
    for _ in 0..2 {
        let page = server.get(&path).send();
        assert!(page.status == 200 && page.text().contains("Single sign-on"), "{}", page.text());
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "the address is a secret");
    }
    let browser = super::super::browser::Browser::new(&server);
    browser.get(&path);
    let opened = browser.post(&path, &[]);
    assert!(opened.status == 200 && opened.text().contains("The portal of Portal"), "{}", opened.text());
    assert_eq!((browser.get(&path).status, server.get(&path).send().status), (410, 410));
    // The scope does this and no more.
    let (status, _) = over_rest(&server, &links, operation("GetOrganization"), &json!({ "id": org }));
    assert_eq!(status, 403);
}
