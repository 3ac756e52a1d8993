//! Several rows of a list at once, in a browser without a script.

use crate::audit::{self, Filter};
use crate::http::testkit::{PASSWORD, browser, stack};
use crate::stack::Stack;
use crate::tenancy;

/// How often the log says that something was done.
async fn done(stack: &Stack, action: &str) -> usize {
    stack.store.write(|_| Ok::<_, crate::store::StoreError>(())).await.unwrap();
    let filter = Filter { actions: vec![action.to_owned()], outcome: Some("success".to_owned()), ..Filter::default() };
    audit::list(&stack.store.read(), crate::access::Place::Platform, &filter, None, 0, 100).unwrap().rows.len()
}

#[actix_web::test]
async fn several_users_are_disabled_by_one_question_and_each_has_its_row_in_the_log() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    let create = "/admin/people/users/create";
    let mut ids = Vec::new();
    for name in ["nia", "zoe"] {
        let email = format!("{name}@acme.example");
        let new = [
            ("email", email.as_str()),
            ("tenant_id", &home),
            ("role", "tenant_user"),
            ("how", "password"),
            ("password", PASSWORD),
        ];
        admin.get(create).await;
        let page = admin.post(create, &new).await.location().to_owned();
        ids.push(page.rsplit('/').next().unwrap().to_owned());
    }
    let list = "/admin/people/users?q=acme";
    let page = admin.get(list).await;
    for id in &ids {
        let boxed = format!("form=\"selected\" name=\"row\" value=\"{id}\"");
        assert!(page.body.contains(&boxed), "{}", page.body);
    }
    assert!(!page.body.contains(" checked><label"));
    let all = admin.get(&format!("{list}&selected=all")).await;
    assert_eq!(all.body.matches(" checked><label").count(), 3, "all of the page, without a script");

    let disable = "/admin/people/users/selected/disable";
    let chosen = [("row", ids[0].as_str()), ("row", ids[1].as_str()), ("back", list)];
    let asked = admin.post(disable, &chosen).await;
    assert_eq!(asked.status, 200);
    for said in ["Disable 2 users?", "<li>nia@acme.example</li>", "<li>zoe@acme.example</li>", "signed out everywhere"]
    {
        assert!(asked.body.contains(said), "{said}: {}", asked.body);
    }
    let before = done(&stack, "user.update").await;
    let sure = [chosen[0], chosen[1], chosen[2], ("confirmed", "yes")];
    assert_eq!(admin.post(disable, &sure).await.location(), list, "back to where it was chosen");
    assert!(admin.get(list).await.body.contains("2 users are disabled."));
    assert_eq!(done(&stack, "user.update").await, before + 2);
    let mut nia = browser(&stack).await;
    assert_ne!(nia.sign_in("nia@acme.example", PASSWORD).await.status, 303);

    // One of them is nobody: the other is done, and the message says which not and why.
    let enable = "/admin/people/users/selected/enable";
    let some = [("row", ids[0].as_str()), ("row", "usr_999"), ("confirmed", "yes")];
    assert_eq!(admin.post(enable, &some).await.location(), "/admin/people/users");
    let told = admin.get("/admin/people/users").await;
    assert!(told.body.contains("1 of 2 users is enabled. Not usr_999: There is no such user."), "{}", told.body);
    assert_eq!(nia.sign_in("nia@acme.example", PASSWORD).await.status, 303);
    // Of a single one the refusal is the answer.
    assert_eq!(admin.post(enable, &[("row", "usr_999"), ("confirmed", "yes")]).await.status, 404);
    let nothing = admin.post(enable, &[("back", "//evil.example")]).await;
    assert_eq!(nothing.location(), "/admin/people/users");
    assert!(admin.get("/admin/people/users").await.body.contains("Nothing is selected"));

    admin.get("/admin/people/groups/create").await;
    let group = [("name", "Sales"), ("group_type", "security"), ("tenant_id", &*home)];
    let group = admin.post("/admin/people/groups/create", &group).await.location().to_owned();
    let add = "/admin/people/users/selected/add-to-group";
    let asked = admin.post(add, &chosen).await;
    assert!(asked.body.contains(">Sales</option>") && asked.body.contains("Add 2 users?"), "{}", asked.body);
    let group_id = group.rsplit('/').next().unwrap();
    let into = [chosen[0], chosen[1], ("group", group_id), ("confirmed", "yes")];
    admin.post(add, &into).await.location();
    let members = admin.get(&group).await;
    assert!(members.body.contains("2 members") && members.body.contains("nia@acme.example"), "{}", members.body);

    let ended = admin.post("/admin/people/users/selected/end-sessions", &sure).await;
    assert_eq!(ended.location(), list);
    assert_eq!(nia.get("/account").await.status, 303, "the session is over");
}

#[actix_web::test]
async fn several_secrets_go_to_the_trash_and_come_back() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    for path in ["prod/db", "prod/web", "prod/eu/db"] {
        admin.get("/admin/secrets/write").await;
        let secret = [("path", path), ("data", "a=1"), ("secret_type", "json"), ("tags", ""), ("cas", "")];
        admin.post("/admin/secrets/write", &secret).await.location();
    }
    let root = admin.get("/admin/secrets").await;
    assert!(root.body.contains("Folder, 3 secrets"), "{}", root.body);
    assert!(!root.body.contains("form=\"selected\""), "folders are not selected");
    let folder = admin.get("/admin/secrets?prefix=prod/").await;
    assert!(folder.body.contains("Folder, 1 secret<") && folder.body.contains("value=\"prod/web\""), "{}", folder.body);
    let both = [("row", "prod/db"), ("row", "prod/web"), ("back", "/admin/secrets?prefix=prod/"), ("confirmed", "yes")];
    let asked = admin.post("/admin/secrets/selected/delete", &both[..3]).await;
    assert!(asked.body.contains("Delete 2 secrets?") && asked.body.contains("restored for"), "{}", asked.body);
    let back = admin.post("/admin/secrets/selected/delete", &both).await.location().to_owned();
    let told = admin.get(&back).await;
    assert!(told.body.contains("2 secrets are in the trash.") && !told.body.contains("prod/web"), "{}", told.body);
    assert_eq!(done(&stack, "secret.delete").await, 2);
    let trash = admin.get("/admin/secrets/trash").await;
    assert!(trash.body.contains("2 deleted secrets") && trash.body.contains("value=\"prod/db\""), "{}", trash.body);
    admin.post("/admin/secrets/selected/restore", &[both[0], both[1], both[3]]).await.location();
    assert!(admin.get("/admin/secrets/trash").await.body.contains("2 secrets are back, with all versions."));
    assert_eq!(admin.get("/admin/secrets/one?path=prod/web").await.status, 200);
}

#[actix_web::test]
async fn several_keys_tokens_sessions_and_mails_are_ended() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let mut other = browser(&stack).await;
    other.sign_in("alice@acme.example", PASSWORD).await;
    for (create, what) in [
        ("/admin/access/personal-tokens", "2 tokens are revoked."),
        ("/admin/access/api-keys", "2 API keys are revoked."),
    ] {
        let mut ids = Vec::new();
        for name in ["one", "two"] {
            admin.get(&format!("{create}/create")).await;
            let scopes = if create.ends_with("tokens") { ("scopes", "secrets:read") } else { ("rate_limit", "") };
            let expires = if create.ends_with("tokens") { "30" } else { "0" };
            let new = [("name", name), ("expires_in", expires), scopes];
            let made = admin.post(&format!("{create}/create"), &new).await.location().to_owned();
            ids.push(made.trim_end_matches("/created").rsplit('/').next().unwrap().to_owned());
        }
        let chosen = [("row", ids[0].as_str()), ("row", ids[1].as_str()), ("confirmed", "yes")];
        let page = admin.get(create).await;
        assert!(page.body.contains(&format!("value=\"{}\"", ids[1])), "{}", page.body);
        assert_eq!(admin.post(&format!("{create}/selected/revoke"), &chosen).await.location(), create);
        assert!(admin.get(create).await.body.contains(what), "{what}");
    }
    let sessions = admin.get("/admin/people/sessions").await;
    let id = sessions.between("name=\"row\" value=\"", "\"").to_owned();
    assert_eq!(sessions.body.matches("name=\"row\"").count(), 1, "one's own session is not ended here");
    let chosen = [("row", id.as_str()), ("row", "ses_999"), ("confirmed", "yes")];
    admin.post("/admin/people/sessions/selected/end", &chosen).await.location();
    let told = admin.get("/admin/people/sessions").await;
    assert!(told.body.contains("1 of 2 sessions is ended. Not ses_999: There is no such session."), "{}", told.body);
    assert_eq!(other.get("/account").await.status, 303);

    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    for email in ["nia@acme.example", "zoe@acme.example"] {
        admin.get("/admin/people/users/create").await;
        let new = [("email", email), ("tenant_id", &*home), ("role", "tenant_user"), ("how", "invite")];
        admin.post("/admin/people/users/create", &new).await.location();
    }
    let outbox = admin.get("/admin/settings/outbox").await;
    let rows: Vec<&str> =
        outbox.body.split("name=\"row\" value=\"").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect();
    assert_eq!(rows.len(), 2, "{}", outbox.body);
    let chosen = [("row", rows[0]), ("row", rows[1]), ("confirmed", "yes")];
    admin.post("/admin/settings/outbox/selected/retry", &chosen).await.location();
    assert!(admin.get("/admin/settings/outbox").await.body.contains("2 mails are tried again now."));
    admin.post("/admin/settings/outbox/selected/delete", &chosen).await.location();
    let empty = admin.get("/admin/settings/outbox").await;
    assert!(
        empty.body.contains("2 mails are deleted.") && empty.body.contains("Nothing in the outbox"),
        "{}",
        empty.body
    );
}

#[actix_web::test]
async fn columns_that_can_be_sorted_are_links_and_sort() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    for name in ["Bees", "ants", "Cows"] {
        admin.get("/admin/people/groups/create").await;
        let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
        let group = [("name", name), ("group_type", "security"), ("tenant_id", &*home)];
        admin.post("/admin/people/groups/create", &group).await.location();
    }
    for (sort, want) in [
        ("", ["Bees", "ants", "Cows"]),
        ("?sort=-created", ["Cows", "ants", "Bees"]),
        ("?sort=name", ["ants", "Bees", "Cows"]),
        ("?sort=-name", ["Cows", "Bees", "ants"]),
        ("?sort=nonsense", ["Bees", "ants", "Cows"]),
    ] {
        let page = admin.get(&format!("/admin/people/groups{sort}")).await;
        let places: Vec<usize> = want.iter().map(|name| page.body.find(&format!(">{name}</a>")).unwrap()).collect();
        assert!(places.is_sorted(), "{sort}: {places:?}");
    }
    let page = admin.get("/admin/people/groups?sort=name").await;
    let head = page.between("<thead>", "</thead>");
    assert!(
        head.contains("aria-sort=\"ascending\"") && head.contains("href=\"/admin/people/groups?sort=-name\""),
        "{head}"
    );
    // The other lists have heads to sort by too, each by the age of its rows or by the path.
    for (list, heading) in [
        ("/admin/people/users", "sort-created"),
        ("/admin/organizations", "sort-created"),
        ("/admin/people/sessions", "sort-signed-in"),
        ("/admin/audit", "sort-when"),
    ] {
        let page = admin.get(list).await;
        assert!(page.body.contains(&format!("id=\"{heading}\"")), "{list}: {}", page.body);
        assert!(page.body.contains("role=\"status\""), "{list}");
    }
}
