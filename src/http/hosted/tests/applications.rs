//! What applications that somebody registered hold for a person, from the sign-in on the pages to the APIs.

use super::*;
use actix_web::http::Method;
use serde_json::Value;

/// RFC 7636, appendix B; [`CHALLENGE`] is its challenge.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const LOGOUT: &str = "/api/v1/platform/oauth/logout";

/// An application in a browser, registered by somebody who is admin at exactly its place.
pub(super) async fn spa(stack: &Stack, scope: AppScope, allowed: &str) -> Application {
    let operator = operator(stack);
    let tenant_of = |tenant| tenancy::place_of(&stack.store.read(), tenant).unwrap().unwrap();
    let (role, place) = match scope {
        AppScope::Global => (Role::SuperAdmin, Place::Platform),
        AppScope::Partner(partner) => (Role::PartnerAdmin, Place::Partner(partner)),
        AppScope::Tenant(tenant) => (Role::TenantAdmin, tenant_of(tenant)),
    };
    let ann = Principal::User { id: Id::from_raw(5), email: Email::parse("admin@example.com").unwrap() };
    let roles = vec![crate::access::Assignment { role, place }];
    let admin = Arc::new(Actor { principal: ann, roles, ..Actor::clone(&operator) });
    let granted = admin.grant::<permit::WriteApplications>(place).unwrap();
    let mut new = NewApplication::new(DisplayName::parse("Notes").unwrap(), ApplicationType::Spa, scope);
    new.allowed_scopes = ScopeSet::parse(allowed).unwrap();
    new.redirect_uris = vec![RedirectUri::parse(CALLBACK).unwrap()];
    new.post_logout_redirect_uris = vec![RedirectUri::parse("https://app.example/bye").unwrap()];
    let ((secret, _), id, now) = (NewSecret::make(stack.new_id()), stack.new_id(), stack.now());
    stack.store.write(move |tx| apps::create(tx, &granted, &new, id, &secret, now)).await.unwrap()
}

async fn give(stack: &Stack, user: &User, role: Role, place: Place) {
    let (granted, id, now) = (operator(stack).grant::<permit::WriteUsers>(place).unwrap(), user.id, stack.now());
    stack.store.write(move |tx| people::grant_role(tx, &granted, id, role, place, None, now)).await.unwrap();
}

impl<B: MessageBody, S: Service<Request, Response = ServiceResponse<B>, Error = Error>> Browser<S> {
    /// Goes through the pages and exchanges the code. `at` is where the application's endpoints are.
    pub(in crate::http) async fn tokens(&mut self, at: &str, app: &Application, email: &str, scope: &str) -> Value {
        let target = request(&format!("{at}/authorize"), app, &[]);
        let asked = serde_urlencoded::to_string([("scope", scope)]).unwrap();
        let page = self.open(&target.replace("scope=openid+profile", &asked)).await;
        let page = match page.status {
            200 if page.body.contains("action=\"/login/email\"") => self.sign_in_here(&page, email).await,
            // At a tenant's page both are asked for at once.
            200 if page.body.contains("action=\"/login/password\"") => {
                self.submit(&page, "/login/password", &[("email", email), ("password", PASSWORD)]).await
            }
            _ => page,
        };
        let done = if page.status == 200 && page.body.contains("Allow Notes?") {
            self.submit(&page, "/login/consent", &[("decision", "allow")]).await
        } else {
            page
        };
        let code = answer(&done, "code").unwrap().to_owned();
        let client_id = app.client_id();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("client_id", client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.token_request(at, &fields).await.1
    }

    async fn token_request(&mut self, at: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let got = self.post_as(&format!("{at}/token"), fields, &[]).await;
        (got.status, serde_json::from_str(&got.body).unwrap())
    }

    /// Uses a refresh token: the status, and the new one.
    async fn refresh(&mut self, at: &str, app: &Application, token: &str) -> (u16, Value) {
        let client_id = app.client_id();
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", client_id.as_str())];
        self.token_request(at, &fields).await
    }

    pub(super) async fn api(&mut self, method: Method, target: &str, token: &str, body: Value) -> (u16, Value) {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if method == Method::GET { None } else { Some(body.to_string()) };
        let got = self.send(method, target, &headers, body).await;
        (got.status, serde_json::from_str(&got.body).unwrap_or(Value::Null))
    }
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[actix_web::test]
async fn a_tenants_application_carries_no_role_from_beyond_the_tenant() {
    let stack = stack();
    let acme = tenant(&stack, "acme", json!({})).await;
    let at_acme = tenancy::place_of(&stack.store.read(), acme).unwrap().unwrap();
    let root = person(&stack, "root@example.com", home(&stack), &[acme]).await;
    let admin = person(&stack, "admin@example.com", acme, &[]).await;
    give(&stack, &root, Role::SuperAdmin, Place::Platform).await;
    give(&stack, &admin, Role::TenantAdmin, at_acme).await;
    let theirs = spa(&stack, AppScope::Tenant(acme), "openid admin:write").await;
    let at = "/api/v1/auth/tenants/acme/oauth";
    let partner = json!({ "name": "Mine", "slug": "mine" });
    let user = json!({ "email": "new@example.com", "tenant_id": acme, "role": "tenant_user" });

    let mut browser_of_root = browser(&stack).await;
    let tokens = browser_of_root.tokens(at, &theirs, "root@example.com", "openid admin:write").await;
    let access = text(&tokens["access_token"]);
    let said = claims(access);
    assert!(said.get("role").is_none() && said["tenant_id"] == json!(acme), "{said}");
    let (status, _) = browser_of_root.api(Method::POST, "/api/v1/admin/partners", access, partner.clone()).await;
    assert_eq!(status, 403, "the platform is not the application's");
    let (status, _) = browser_of_root.api(Method::POST, "/api/v1/admin/users", access, user.clone()).await;
    assert_eq!(status, 403, "in the tenant they are a plain user");
    let (_, who) = browser_of_root.api(Method::GET, "/v1/auth/whoami", access, Value::Null).await;
    assert_eq!(who["roles"], json!(["tenant_user"]));

    // Beside it: the tenant's own administrator works with it, and the platform's application carries what it may.
    let mut browser_of_admin = browser(&stack).await;
    let tokens = browser_of_admin.tokens(at, &theirs, "admin@example.com", "openid admin:write").await;
    let access = text(&tokens["access_token"]);
    assert_eq!(claims(access)["role"], "tenant_admin");
    let (status, made) = browser_of_admin.api(Method::POST, "/api/v1/admin/users", access, user).await;
    assert_eq!(status, 201, "{made}");
    let ours = spa(&stack, AppScope::Global, "openid admin:write").await;
    let at = "/api/v1/platform/oauth";
    let tokens = browser_of_root.tokens(at, &ours, "root@example.com", "openid admin:write").await;
    let access = text(&tokens["access_token"]);
    assert_eq!(claims(access)["role"], "super_admin");
    let (status, made) = browser_of_root.api(Method::POST, "/api/v1/admin/partners", access, partner).await;
    assert_eq!(status, 201, "{made}");
}

#[actix_web::test]
async fn a_partners_application_carries_no_role_of_the_platform_or_another_partner() {
    let stack = stack();
    let acme = tenant(&stack, "acme", json!({})).await;
    let partner = operator(&stack).partner;
    let root = person(&stack, "root@example.com", acme, &[]).await;
    let agent = person(&stack, "agent@example.com", acme, &[]).await;
    give(&stack, &root, Role::SuperAdmin, Place::Platform).await;
    give(&stack, &agent, Role::PartnerAdmin, Place::Partner(partner)).await;
    let theirs = spa(&stack, AppScope::Partner(partner), "openid admin:write").await;
    let at = "/api/v1/auth/tenants/acme/oauth";
    for (email, role, status) in [("root@example.com", None, 403), ("agent@example.com", Some("partner_admin"), 201)] {
        let mut browser = browser(&stack).await;
        let tokens = browser.tokens(at, &theirs, email, "openid admin:write").await;
        let access = text(&tokens["access_token"]);
        assert_eq!(claims(access).get("role").and_then(Value::as_str), role);
        let user = json!({ "email": format!("by.{email}"), "tenant_id": acme, "role": "tenant_user" });
        assert_eq!(browser.api(Method::POST, "/api/v1/admin/users", access, user).await.0, status, "{email}");
    }
}

/// The claims of a token, unchecked.
pub(super) fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[actix_web::test]
async fn an_applications_token_reads_of_the_person_what_its_scopes_grant() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let ann = person(&stack, "ann@example.com", home(&stack), &[]).await;
    let app = spa(&stack, AppScope::Global, "openid profile email phone secrets:read users:read").await;
    let at = "/api/v1/platform/oauth";
    let id = json!(ann.id);
    let named = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();

    let tokens = browser.tokens(at, &app, "ann@example.com", "openid").await;
    let access = text(&tokens["access_token"]).to_owned();
    let (status, me) = browser.api(Method::GET, "/api/v1/me", &access, Value::Null).await;
    let want = ["id", "tenant_id", "type", "partner_id", "scopes", "expires_at", "mfa_at"];
    assert_eq!((status, named(&me), &me["id"]), (200, want.map(str::to_owned).to_vec(), &id), "{me}");
    for target in ["/v1/me", "/v1/auth/me"] {
        let (status, me) = browser.api(Method::GET, target, &access, Value::Null).await;
        let data = &me["data"];
        assert_eq!((status, &data["id"], &data["display_name"], &data["email"]), (200, &id, &id, &Value::Null));
        assert!(data.get("roles").is_none() && data.get("custom_role_ids").is_none(), "{me}");
    }
    let (_, who) = browser.api(Method::GET, "/v1/auth/whoami", &access, Value::Null).await;
    assert_eq!((&who["identity_id"], &who["display_name"]), (&json!(format!("user:{}", ann.id)), &id));
    assert!(!who.to_string().contains("ann@example.com") && who.get("roles").is_none(), "{who}");
    assert_eq!(browser.api(Method::GET, "/api/v1/admin/auth/me", &access, Value::Null).await.0, 403);

    // Nothing of the person at all: refused, but for the address that says whose credential it is.
    let tokens = browser.tokens(at, &app, "ann@example.com", "secrets:read").await;
    let access = text(&tokens["access_token"]).to_owned();
    let (status, refused) = browser.api(Method::GET, "/api/v1/me", &access, Value::Null).await;
    assert!(status == 403 && text(&refused["detail"]).contains("openid"), "{refused}");
    for target in ["/v1/me", "/v1/auth/me"] {
        let (status, refused) = browser.api(Method::GET, target, &access, Value::Null).await;
        assert_eq!((status, &refused["error"]["code"]), (403, &json!("AUTH_INSUFFICIENT_SCOPE")));
    }
    let (status, who) = browser.api(Method::GET, "/v1/auth/whoami", &access, Value::Null).await;
    assert_eq!((status, &who["identity_id"]), (200, &json!(format!("user:{}", ann.id))));
    assert_eq!((&who["identity_type"], &who["scopes"]), (&json!("user"), &json!(["secrets:read"])));
    assert!(who["tenant_id"].is_string() && who["partner_id"].is_string());

    // With the scopes: what they say.
    let tokens = browser.tokens(at, &app, "ann@example.com", "email users:read").await;
    let access = text(&tokens["access_token"]).to_owned();
    let (_, me) = browser.api(Method::GET, "/api/v1/me", &access, Value::Null).await;
    assert_eq!((&me["email"], &me["roles"][0]["role"]), (&json!("ann@example.com"), &json!("tenant_user")));
    assert!(me.get("display_name").is_none() && me["profile"].get("birthdate").is_none(), "{me}");
    let (_, who) = browser.api(Method::GET, "/v1/auth/whoami", &access, Value::Null).await;
    assert_eq!((&who["identity_id"], &who["roles"]), (&json!("user:ann@example.com"), &json!(["tenant_user"])));
    let tokens = browser.tokens(at, &app, "ann@example.com", "phone profile").await;
    let access = text(&tokens["access_token"]).to_owned();
    let (_, me) = browser.api(Method::GET, "/api/v1/me", &access, Value::Null).await;
    assert!(me["profile"].get("phone_number").is_some() && me["profile"].get("birthdate").is_some(), "{me}");
    assert!(me["profile"].get("address").is_none() && me.get("email").is_none() && me.get("status").is_none(), "{me}");
}

#[actix_web::test]
async fn an_applications_token_does_not_sign_the_browser_out() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let app = spa(&stack, AppScope::Global, "openid profile email").await;
    let tokens = browser.tokens("/api/v1/platform/oauth", &app, "ann@example.com", "openid profile email").await;
    let access = text(&tokens["access_token"]).to_owned();
    let (status, refused) = browser.api(Method::POST, "/v1/auth/logout", &access, json!({})).await;
    assert_eq!((status, &refused["error"]["code"]), (403, &json!("AUTH_INSUFFICIENT_SCOPE")));
    assert_eq!(browser.api(Method::POST, "/api/v1/auth/logout", &access, json!({})).await.0, 403);
    assert_eq!(browser.get("/admin/").await.status, 200, "still signed in");
    // Our own sign-in may.
    let login = json!({ "email": "ann@example.com", "password": PASSWORD });
    let (_, own) = browser.api(Method::POST, "/api/v1/auth/login", "", login).await;
    let own = text(&own["data"]["access_token"]).to_owned();
    assert_eq!(browser.api(Method::POST, "/v1/auth/logout", &own, json!({})).await.0, 204);
}

/// What a client asks for with an ID token.
fn logout(hint: &str) -> String {
    let pairs = [("id_token_hint", hint), ("post_logout_redirect_uri", "https://app.example/bye")];
    format!("{LOGOUT}?{}", serde_urlencoded::to_string(pairs).unwrap())
}

#[actix_web::test]
async fn a_sign_out_that_names_a_sign_in_ends_what_it_left_behind() {
    const DAY: i64 = 86_400;
    let at = "/api/v1/platform/oauth";
    // The session has just run out; its row was swept away; it lives, in another browser; somebody else has signed in here.
    for (days, swept, other) in [(1, false, false), (9, true, false), (0, false, false), (1, false, true)] {
        let stack = stack();
        let mut ann = browser(&stack).await;
        person(&stack, "ann@example.com", home(&stack), &[]).await;
        person(&stack, "ben@example.com", home(&stack), &[]).await;
        let app = spa(&stack, AppScope::Global, "openid offline_access").await;
        let tokens = ann.tokens(at, &app, "ann@example.com", "openid offline_access").await;
        let hint = text(&tokens["id_token"]).to_owned();
        let mut ben = browser(&stack).await;
        let bens = ben.tokens(at, &app, "ben@example.com", "openid offline_access").await;
        stack.clock.advance_secs(days * DAY);
        if swept {
            let now = stack.now();
            stack.store.write(move |tx| crate::sessions::sweep(tx, now, 100)).await.unwrap();
        }
        // It goes on after the session, as it should.
        let (status, tokens) = ann.refresh(at, &app, text(&tokens["refresh_token"])).await;
        assert_eq!(status, 200, "{tokens}");
        let mut here = browser(&stack).await;
        if other {
            here.sign_in("ben@example.com", PASSWORD).await;
        }
        let left = here.get(&logout(&hint)).await;
        match other {
            false => assert_eq!(left.location(), "https://app.example/bye"),
            true => assert!(left.status == 200 && left.body.contains("ben@example.com"), "Ben is asked"),
        }
        let refused = ann.refresh(at, &app, text(&tokens["refresh_token"])).await;
        assert_eq!((refused.0, &refused.1["error"]), (400, &json!("invalid_grant")), "{days} {swept} {other}");
        let dead = ann.api(Method::GET, "/v1/auth/whoami", text(&tokens["access_token"]), Value::Null).await;
        assert_eq!(dead.0, 401);
        assert_eq!(ben.refresh(at, &app, text(&bens["refresh_token"])).await.0, 200, "another's goes on");
    }
}

#[actix_web::test]
async fn signing_out_everywhere_else_ends_what_older_sign_ins_left_behind() {
    let (stack, at) = (stack(), "/api/v1/platform/oauth");
    let mut old = browser(&stack).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let app = spa(&stack, AppScope::Global, "openid offline_access").await;
    let tokens = old.tokens(at, &app, "ann@example.com", "openid offline_access").await;
    stack.clock.advance_secs(86_400);
    let mut new = browser(&stack).await;
    let kept = new.tokens(at, &app, "ann@example.com", "openid offline_access").await;
    assert_eq!(new.get("/account/sessions").await.status, 200);
    assert_eq!(new.post("/account/sessions/end-others", &[]).await.status, 303);
    assert_eq!(old.refresh(at, &app, text(&tokens["refresh_token"])).await.0, 400);
    assert_eq!(new.refresh(at, &app, text(&kept["refresh_token"])).await.0, 200, "this sign-in's go on");
}

#[actix_web::test]
async fn nobody_is_asked_about_an_application_of_the_same_offer() {
    let stack = stack();
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let set = async |first_party| {
        let (granted, id, now) =
            (operator(&stack).grant::<permit::WriteApplications>(Place::Platform).unwrap(), app.id, stack.now());
        let change = apps::UpdateApplication { first_party: Some(first_party), ..Default::default() };
        stack.store.write(move |tx| apps::update(tx, &granted, &change, id, now)).await.unwrap();
    };
    set(true).await;
    let mut ann = browser(&stack).await;
    let page = ann.open(&request(PLATFORM, &app, &[])).await;
    let done = ann.sign_in_here(&page, "ann@example.com").await;
    assert!(answer(&done, "code").is_some(), "no question after the password");
    assert!(answer(&ann.open(&request(PLATFORM, &app, &[("prompt", "consent")])).await, "code").is_some());
    // Nothing was kept as agreed to: when it is no part of the offer any more, they are asked.
    set(false).await;
    assert!(ann.open(&request(PLATFORM, &app, &[])).await.body.contains("Allow Notes?"));
}
