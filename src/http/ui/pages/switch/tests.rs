//! The tenant that pages work in: what they show there, how somebody gets there, and what is not taken there.

use crate::access::{Granted, Place, Role, permit};
use crate::audit::{self, Filter};
use crate::base::id::{TenantId, UserId};
use crate::base::{DisplayName, Email, Id as _, Secret};
use crate::http::testkit::{Browser, Got, PASSWORD, browser, stack};
use crate::people::{self, NewMembership, NewUser, UserRef};
use crate::stack::Stack;
use crate::store::WriteTx;
use crate::tenancy::{self, testkit};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use std::collections::BTreeSet;
use std::sync::Arc;

const SWITCH: &str = "/admin/switch";

fn all() -> Granted<permit::WriteUsers> {
    testkit::all()
}

async fn tenant(stack: &Arc<Stack>, slug: &str) -> TenantId {
    let default = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap();
    let mut new = testkit::new_tenant(slug, default.partner);
    new.name = DisplayName::parse(&format!("Club {slug}")).unwrap();
    let (id, now) = (stack.new_id(), stack.now());
    stack.store.write(move |tx| tenancy::create_tenant(tx, &testkit::all(), &new, id, now)).await.unwrap().id
}

async fn user(stack: &Arc<Stack>, name: &str, tenant: TenantId, role: Role) -> UserId {
    let hash = stack.passwords.hash(Secret::new(PASSWORD.to_owned())).await.unwrap();
    let email = Email::parse(&format!("{name}@acme.example")).unwrap();
    let new = NewUser { password_hash: Some(hash), ..NewUser::local(email, tenant, role) };
    let (id, now) = (stack.new_id(), stack.now());
    stack.store.write(move |tx| people::create(tx, &all(), &new, id, now)).await.unwrap().id
}

async fn join(stack: &Arc<Stack>, user: UserId, tenant: TenantId, role: Role) {
    let (new, now) = (NewMembership::at_once(role), stack.now());
    let join = move |tx: &mut WriteTx<'_>| people::add_membership(tx, &all(), &UserRef::Id(user), tenant, &new, now);
    stack.store.write(join).await.unwrap();
}

/// What begins with a mark and goes on with digits or letters.
fn marked(text: &str, mark: &str) -> BTreeSet<String> {
    let rest = text.split(mark).skip(1);
    rest.map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric()).collect()).collect()
}

/// The rows of a page's table.
fn rows(page: &Got) -> &str {
    if page.body.contains("<tbody>") { page.between("<tbody>", "</tbody>") } else { "" }
}

/// A personal token of the tenant that the pages work in.
async fn token<B, S>(who: &mut Browser<S>) -> String
where
    B: MessageBody,
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
{
    let create = "/admin/access/personal-tokens/create";
    who.get(create).await;
    let scopes = ["admin:write", "secrets:list", "secrets:write"].map(|scope| ("scopes", scope));
    let fields: Vec<_> = [("name", "Test"), ("expires_in", "7")].into_iter().chain(scopes).collect();
    let to = who.post(create, &fields).await.location().to_owned();
    let shown = who.get(&to).await;
    format!("skt_{}", marked(&shown.body, "skt_").into_iter().next().unwrap())
}

/// A call of the APIs with a token.
async fn call<B, S>(who: &mut Browser<S>, token: &str, call: &str, body: Option<&str>) -> String
where
    B: MessageBody,
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
{
    let (method, target) = call.split_once(' ').unwrap();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let got = who.send(method.parse::<Method>().unwrap(), target, &headers, body.map(str::to_owned)).await;
    assert!((200..300).contains(&got.status), "{call}: {} {}", got.status, got.body);
    got.body
}

async fn switch<B, S>(who: &mut Browser<S>, to: &str) -> Got
where
    B: MessageBody,
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
{
    who.get(SWITCH).await;
    who.post(SWITCH, &[("tenant", to), ("next", "/admin/people/users")]).await
}

#[actix_web::test]
async fn a_page_shows_what_the_api_shows_of_the_tenant_and_nothing_else() {
    let stack = stack();
    let mut root = browser(&stack).await;
    root.set_up(&stack).await;
    let (beta, gamma) = (tenant(&stack, "beta").await, tenant(&stack, "gamma").await);
    let carol = user(&stack, "carol", beta, Role::TenantAdmin).await;
    join(&stack, carol, gamma, Role::TenantAdmin).await;
    for (name, at) in [("ben", beta), ("gus", gamma)] {
        user(&stack, name, at, Role::TenantUser).await;
    }
    for name in ["ben", "gus"] {
        browser(&stack).await.sign_in(&format!("{name}@acme.example"), PASSWORD).await.location();
    }
    let mut carol = browser(&stack).await;
    carol.sign_in("carol@acme.example", PASSWORD).await.location();
    let mut seen = Vec::new();
    for (slug, at) in [("beta", beta), ("gamma", gamma)] {
        // By name, whatever its case: as it would be typed.
        assert_eq!(
            switch(&mut carol, &format!("club {}", slug.to_uppercase())).await.location(),
            "/admin/people/users"
        );
        let token = token(&mut carol).await;
        let group = format!(r#"{{"name":"Group {slug}"}}"#);
        call(&mut carol, &token, "POST /api/v1/admin/groups", Some(&group)).await;
        let app =
            r#"{"name":"App","application_type":"SPA","scope":"TENANT","redirect_uris":["https://app.example/a"]}"#;
        call(&mut carol, &token, "POST /api/v1/admin/applications", Some(app)).await;
        let path = format!("PUT /v1/secrets/path-{slug}");
        call(&mut carol, &token, &path, Some(r#"{"data":{"a":"b"}}"#)).await;
        for (page, list, field, mark) in [
            ("/admin/people/users", "/api/v1/admin/users", "id", "usr_"),
            ("/admin/people/groups", "/api/v1/admin/groups", "id", "grp_"),
            ("/admin/applications", "/api/v1/admin/applications", "id", "app_"),
            ("/admin/people/sessions", "/api/v1/admin/sessions", "user_id", "usr_"),
        ] {
            let shown = carol.get(page).await;
            assert!(shown.body.contains(&format!("<b title=\"Club {slug}\">")), "the frame says where: {}", shown.body);
            let listed = call(&mut carol, &token, &format!("GET {list}?tenant_id={at}"), None).await;
            let data: serde_json::Value = serde_json::from_str(&listed).unwrap();
            let ids = data["data"].as_array().unwrap().iter().map(|row| row[field].as_str().unwrap());
            let ids: BTreeSet<String> = ids.map(|id| id.strip_prefix(mark).unwrap().to_owned()).collect();
            let on_page = marked(rows(&shown), mark);
            assert!(!ids.is_empty(), "{page} in {slug}");
            assert_eq!(on_page, ids, "{page} in {slug}");
        }
        let secrets = carol.get("/admin/secrets").await;
        let listed = call(&mut carol, &token, "GET /v1/secrets", None).await;
        assert_eq!(marked(rows(&secrets), "path-"), marked(&listed, "path-"));
        assert_eq!(marked(&listed, "path-"), BTreeSet::from([slug.to_owned()]));
        seen.push(marked(&carol.get("/admin/people/users").await.body, "usr_"));
    }
    assert!(seen[0] != seen[1]);
    // A plain user of one tenant who administers another one sees in each what they are there.
    let dan = user(&stack, "dan", beta, Role::TenantUser).await;
    join(&stack, dan, gamma, Role::TenantAdmin).await;
    let mut dan = browser(&stack).await;
    dan.sign_in("dan@acme.example", PASSWORD).await.location();
    assert_eq!(dan.get("/admin/people/users").await.status, 403);
    switch(&mut dan, "gamma").await.location();
    assert_eq!(dan.get("/admin/people/users").await.status, 200);
}

#[actix_web::test]
async fn whoever_administers_from_above_enters_with_a_recent_sign_in_and_a_row_says_so() {
    let stack = stack();
    let mut root = browser(&stack).await;
    root.set_up(&stack).await;
    let beta = tenant(&stack, "beta").await;
    user(&stack, "ben", beta, Role::TenantAdmin).await;
    let mut ben = browser(&stack).await;
    ben.sign_in("ben@acme.example", PASSWORD).await.location();
    let token = token(&mut ben).await;
    call(&mut ben, &token, "PUT /v1/secrets/of-beta", Some(r#"{"data":{"a":"hunter2"}}"#)).await;

    let everybody = root.get("/admin/people/users").await;
    assert!(everybody.body.contains("ben@") && everybody.body.contains("alice@"), "before anything is chosen");
    assert!(!root.get("/admin/secrets").await.body.contains("of-beta"), "secrets are of the tenant that one is in");
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs));
    let asked = switch(&mut root, "beta").await;
    assert!(asked.status == 403 && asked.body.contains("step_up_password"), "{}", asked.body);
    let again = [("tenant", "beta"), ("next", "/admin/secrets"), ("step_up_password", PASSWORD)];
    assert_eq!(root.post(SWITCH, &again).await.location(), "/admin/secrets");
    let secrets = root.get("/admin/secrets").await;
    assert!(secrets.body.contains("of-beta") && secrets.body.contains("Club beta"), "{}", secrets.body);
    let row = audit::list(&stack.store.read(), Place::Platform, &Filter::default(), None, 0, 100).unwrap();
    let (_, row) = row.rows.into_iter().find(|(_, row)| row.event.action == "tenant.enter").unwrap();
    assert_eq!((row.event.actor.name.as_str(), row.event.tenant), ("alice@acme.example", Some(beta)));
    assert!(row.event.details.contains(&("member".to_owned(), "false".to_owned())));
    assert!(ben.get("/admin/audit?action=tenant.enter").await.body.contains("alice@acme.example"));

    // Of the rest of the instance nothing is shown, and nothing is done there.
    let people = root.get("/admin/people/users").await;
    assert!(people.body.contains("ben@") && !rows(&people).contains("alice@"), "{}", people.body);
    for closed in ["/admin/settings/outbox", "/admin/settings/jobs", "/admin/developers/settings"] {
        assert_eq!(root.get(closed).await.status, 403, "{closed}");
        assert!(!people.body.contains(closed), "{closed}");
    }
    root.get(SWITCH).await;
    root.post(&format!("{SWITCH}/leave"), &[]).await.location();
    assert!(rows(&root.get("/admin/people/users").await).contains("alice@"));
    // Where one belongs nothing is asked.
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs));
    switch(&mut root, "default").await.location();
}

#[actix_web::test]
async fn a_form_of_one_tenant_does_nothing_in_another() {
    let stack = stack();
    let mut root = browser(&stack).await;
    root.set_up(&stack).await;
    let (beta, gamma) = (tenant(&stack, "beta").await, tenant(&stack, "gamma").await);
    let carol = user(&stack, "carol", beta, Role::TenantAdmin).await;
    join(&stack, carol, gamma, Role::TenantAdmin).await;
    let mut carol = browser(&stack).await;
    carol.sign_in("carol@acme.example", PASSWORD).await.location();
    let create = "/admin/people/groups/create";
    carol.get(create).await;
    let of_beta = carol.csrf.clone();
    switch(&mut carol, "gamma").await.location();
    let typed = [("name", "Night shift"), ("group_type", "security")];
    let sent: Vec<_> = typed.iter().copied().chain([("csrf", of_beta.as_str())]).collect();
    let asked = carol.post_as(create, &sent, &[("sec-fetch-site", "same-origin")]).await;
    let asked = carol.given_back(asked).await;
    assert_eq!(asked.status, 409, "{}", asked.body);
    for words in ["<b>Club beta</b>", "<b>Club gamma</b>", "name=\"work_in\""] {
        assert!(asked.body.contains(words), "{words}: {}", asked.body);
    }
    assert!(!carol.get("/admin/people/groups").await.body.contains("Night shift"), "nothing is made in the other one");
    // The answer goes back and does what was sent.
    let (to, kept) = (beta.to_string(), asked.between("name=\"kept\" value=\"", "\"").to_owned());
    carol.post(create, &[("work_in", to.as_str()), ("kept", &kept)]).await.location();
    let groups = carol.get("/admin/people/groups").await;
    assert!(groups.body.contains("Night shift") && groups.body.contains("Club beta"), "{}", groups.body);
    switch(&mut carol, "gamma").await.location();
    assert!(!carol.get("/admin/people/groups").await.body.contains("Night shift"));
    // A token of nobody is no token of another tenant: the form comes back, to be looked at.
    let forged = [("name", "Forged"), ("group_type", "security"), ("csrf", "AAAA~tnt_1")];
    let back = carol.post_as(create, &forged, &[("sec-fetch-site", "same-origin")]).await;
    assert!(back.location().starts_with("/admin/people/groups/create?kept="), "{}", back.location());
    assert!(!carol.get("/admin/people/groups").await.body.contains("Forged"));
}

#[actix_web::test]
async fn a_link_to_a_tenant_out_of_reach_says_so() {
    let stack = stack();
    let mut root = browser(&stack).await;
    root.set_up(&stack).await;
    let (beta, gamma) = (tenant(&stack, "beta").await, tenant(&stack, "gamma").await);
    user(&stack, "ben", beta, Role::TenantAdmin).await;
    let mut ben = browser(&stack).await;
    ben.sign_in("ben@acme.example", PASSWORD).await.location();
    for named in [gamma.to_string(), gamma.display_as("org"), "gamma".to_owned(), "Club%20gamma".to_owned()] {
        let link = format!("{SWITCH}?tenant={named}&next=/admin/secrets");
        let refused = ben.get(&link).await;
        assert!(refused.status == 404 && refused.body.contains("is no tenant that you reach"), "{}", refused.body);
        assert!(!refused.body.contains("gamma"), "and no more: {}", refused.body);
        assert_eq!(ben.post(SWITCH, &[("tenant", "gamma")]).await.status, 422);
        let asked = root.get(&link).await;
        assert!(asked.status == 200 && asked.body.contains("<strong>Club gamma</strong>"), "{}", asked.body);
    }
    let action = format!("{SWITCH}?tenant={gamma}&next=%2Fadmin%2Fsecrets");
    assert_eq!(root.post(&action, &[]).await.location(), "/admin/secrets");
    // Who is there already goes on.
    assert_eq!(root.get(&action).await.location(), "/admin/secrets");
}

#[actix_web::test]
async fn a_tenant_that_is_lost_meanwhile_is_said_and_its_forms_do_nothing_elsewhere() {
    let stack = stack();
    let mut root = browser(&stack).await;
    root.set_up(&stack).await;
    let (beta, gamma) = (tenant(&stack, "beta").await, tenant(&stack, "gamma").await);
    let carol = user(&stack, "carol", beta, Role::TenantAdmin).await;
    join(&stack, carol, gamma, Role::TenantAdmin).await;
    let mut browser = browser(&stack).await;
    browser.sign_in("carol@acme.example", PASSWORD).await.location();
    switch(&mut browser, "gamma").await.location();
    let create = "/admin/people/groups/create";
    browser.get(create).await;
    let now = stack.now();
    let leave = move |tx: &mut WriteTx<'_>| people::remove_membership(tx, &testkit::all(), carol, gamma, now);
    stack.store.write(leave).await.unwrap();
    let sent = browser.post(create, &[("name", "Night shift"), ("group_type", "security")]).await;
    assert_eq!(sent.status, 409, "{}", sent.body);
    let page = browser.get("/admin/people/groups").await;
    assert!(page.body.contains("You do not work in the tenant that you chose"), "{}", page.body);
    assert!(page.body.contains("<b title=\"Club beta\">") && !page.body.contains("Night shift"), "{}", page.body);
    let back = browser.post(create, &[("name", "Night shift"), ("work_in", &gamma.to_string())]).await;
    assert_eq!(back.status, 404, "{}", back.body);
    switch(&mut browser, "beta").await.location();
    assert!(!browser.get("/admin/people/groups").await.body.contains("You do not work"), "a choice settles it");
}

#[actix_web::test]
async fn beyond_two_hundred_a_tenant_is_found_by_name_slug_and_id() {
    let stack = stack();
    let mut root = browser(&stack).await;
    root.set_up(&stack).await;
    let mut last = None;
    for number in 0..205 {
        last = Some(tenant(&stack, &format!("t{number}")).await);
    }
    let last = last.unwrap();
    let create = "/admin/people/users/create";
    let form = root.get(create).await;
    assert!(form.body.contains("hx-get=\"/admin/find/tenants\"") && form.body.contains("<datalist"), "{}", form.body);
    assert!(form.body.contains("value=\"default\""), "it begins with the own one, by its slug");
    for (at, named) in
        [last.to_string(), last.display_as("org"), "T204".to_owned(), "club t204".to_owned()].iter().enumerate()
    {
        let email = format!("n{at}@acme.example");
        let fields = [("email", email.as_str()), ("tenant_id", named), ("role", "tenant_user"), ("how", "invite")];
        root.get(create).await;
        root.post(create, &fields).await.location();
        let made = people::by_email(&stack.store.read(), &Email::parse(&email).unwrap()).unwrap().unwrap();
        assert_eq!(made.home_tenant, last, "{named}");
    }
    root.get(create).await;
    let unknown = [("email", "x@acme.example"), ("tenant_id", "Club t20"), ("role", "tenant_user"), ("how", "invite")];
    let mut other = unknown;
    other[1].1 = "Club t2xx";
    let refused = root.post(create, &other).await;
    assert!(refused.status == 422 && refused.body.contains("Tenant is no tenant that you reach. Close to it: Club t2"));
    assert!(refused.body.contains("value=\"Club t2xx\"") && refused.body.contains("value=\"x@acme.example\""));
    root.post(create, &unknown).await.location();
    let two = tenant(&stack, "t204-other").await;
    let rename = move |tx: &mut WriteTx<'_>| {
        let name = Some(DisplayName::parse("Club t204").unwrap());
        let patch = tenancy::TenantPatch { name, ..tenancy::TenantPatch::default() };
        tenancy::update_tenant(tx, &testkit::all(), two, &patch, crate::base::Timestamp::from_secs(1_800_000_001))
    };
    stack.store.write(rename).await.unwrap();
    root.get(create).await;
    other[1].1 = "Club t204";
    other[0].1 = "y@acme.example";
    let refused = root.post(create, &other).await;
    assert!(refused.body.contains("several are called: Club t204 (t204), Club t204 (t204-other)"), "{}", refused.body);
    let offered = root.get("/admin/find/tenants?tenant_id=club+t20").await;
    assert!(offered.body.contains("<option value=\"t20\">Club t20</option>"), "{}", offered.body);
    let found = root.get(&format!("{SWITCH}?q=t204")).await;
    assert!(rows(&found).contains("t204-other") && !rows(&found).contains("default"), "{}", found.body);
    let listed = root.get("/admin/people/users?tenant=club+t203").await;
    assert!(listed.body.contains("Nobody found") && !listed.body.contains("is no tenant"), "{}", listed.body);
}
