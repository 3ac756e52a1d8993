//! The page of one user: what belongs to them, and what an administrator does about it.

use crate::access::{Granted, Place, Role, permit};
use crate::audit::{self, Filter};
use crate::base::id::{TenantId, UserId};
use crate::base::{Email, Id as _, Secret};
use crate::crypto::totp::{self, from_base32, step_at};
use crate::http::testkit::{PASSWORD, browser, stack};
use crate::people::{self, NewMembership, NewUser, Status, User, UserRef};
use crate::stack::Stack;
use crate::store::WriteTx;
use crate::tenancy::{self, testkit};
use std::sync::Arc;

const ROOT: &str = "/admin/people/users";

fn all() -> Granted<permit::WriteUsers> {
    testkit::all()
}

fn home(stack: &Stack) -> TenantId {
    tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id
}

async fn user(stack: &Arc<Stack>, name: &str, tenant: TenantId, role: Role) -> UserId {
    let hash = stack.passwords.hash(Secret::new(PASSWORD.to_owned())).await.unwrap();
    let email = Email::parse(&format!("{name}@acme.example")).unwrap();
    let new = NewUser { password_hash: Some(hash), ..NewUser::local(email, tenant, role) };
    let (id, now) = (stack.new_id(), stack.now());
    stack.store.write(move |tx| people::create(tx, &all(), &new, id, now)).await.unwrap().id
}

async fn other_tenant(stack: &Arc<Stack>) -> TenantId {
    let default = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap();
    let new = testkit::new_tenant("beta", default.partner);
    let (id, now) = (stack.new_id(), stack.now());
    stack.store.write(move |tx| tenancy::create_tenant(tx, &testkit::all(), &new, id, now)).await.unwrap().id
}

fn row(stack: &Stack, email: &str) -> User {
    people::by_email(&stack.store.read(), &Email::parse(email).unwrap()).unwrap().unwrap()
}

fn done(stack: &Stack, action: &str) -> bool {
    let page = audit::list(&stack.store.read(), Place::Platform, &Filter::default(), None, 0, 100).unwrap();
    page.rows.iter().any(|(_, row)| row.event.action == action && row.event.outcome.name() == "success")
}

#[actix_web::test]
async fn what_belongs_to_a_user_stands_there_and_what_is_empty_says_so() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let dave = user(&stack, "dave", home(&stack), Role::TenantUser).await;
    let page = format!("{ROOT}/{dave}");
    let empty = admin.get(&page).await;
    for words in [
        "None where you administer.",
        "In no security group.",
        "None: the password alone signs them in",
        "Signed in nowhere",
        "API keys",
        "Personal tokens",
        "They have let no application",
    ] {
        assert!(empty.body.contains(words), "{words}: {}", empty.body);
    }
    // Six sessions: five stand there, and the way to all of them.
    for _ in 0..6 {
        let mut davids = browser(&stack).await;
        davids.sign_in("dave@acme.example", PASSWORD).await.location();
    }
    let shown = admin.get(&page).await;
    let ends = shown.body.matches("/end\"").count();
    assert_eq!(ends, 5, "{}", shown.body);
    assert!(shown.body.contains(&format!("href=\"/admin/people/sessions?user={dave}\"")), "{}", shown.body);
    // One ends, and the page goes on here.
    let one = shown.between("action=\"/admin/people/sessions/", "\"").to_owned();
    let ended = admin.post(&format!("/admin/people/sessions/{one}"), &[("user", &dave.to_string())]).await;
    assert_eq!(ended.location(), page);
    assert!(!admin.get(&page).await.body.contains(&one));
    admin.post(&format!("{page}/end-sessions"), &[]).await.location();
    assert!(admin.get(&page).await.body.contains("Signed in nowhere"));

    // Keys and tokens, with the way to revoke them.
    let mut davids = browser(&stack).await;
    davids.sign_in("dave@acme.example", PASSWORD).await.location();
    davids.get("/admin/access/api-keys/create").await;
    let key = [("name", "Build server"), ("expires_in", "0")];
    davids.post("/admin/access/api-keys/create", &key).await.location();
    davids.get("/admin/access/personal-tokens/create").await;
    let token = [("name", "Laptop"), ("expires_in", "7"), ("scopes", "secrets:read")];
    davids.post("/admin/access/personal-tokens/create", &token).await.location();
    let shown = admin.get(&page).await;
    assert!(shown.body.contains("Build server") && shown.body.contains("Laptop"), "{}", shown.body);
    assert!(shown.body.contains("/revoke?all=1\"") && shown.body.contains("/revoke\""), "{}", shown.body);
    // The whole lists are of this user only.
    let mine = [("name", "Mine"), ("expires_in", "0")];
    admin.get("/admin/access/api-keys/create").await;
    admin.post("/admin/access/api-keys/create", &mine).await.location();
    let listed = admin.get(&format!("/admin/access/api-keys?all=1&user={dave}")).await;
    assert!(listed.body.contains("Build server") && !listed.body.contains("Mine"), "{}", listed.body);
}

#[actix_web::test]
async fn second_factors_are_seen_and_reset_by_who_may_secure_the_account() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let (here, other) = (home(&stack), other_tenant(&stack).await);
    user(&stack, "bob", here, Role::TenantAdmin).await;
    let dave = user(&stack, "dave", here, Role::TenantUser).await;
    let mut davids = browser(&stack).await;
    davids.sign_in("dave@acme.example", PASSWORD).await.location();
    let setup = davids.get("/account/factors/setup").await;
    let app = from_base32(setup.between("id=\"totp-key\">", "<"));
    let code = totp::code(&app, step_at(stack.now()));
    davids.post("/account/factors/setup", &[("code", &code)]).await.location();

    let mut bob = browser(&stack).await;
    bob.sign_in("bob@acme.example", PASSWORD).await.location();
    let (page, reset) = (format!("{ROOT}/{dave}"), format!("{ROOT}/{dave}/reset-factors"));
    let shown = bob.get(&page).await;
    assert!(shown.body.contains("Authenticator app") && shown.body.contains("10 left"), "{}", shown.body);
    assert!(shown.body.contains(&reset), "{}", shown.body);
    assert!(bob.get(&reset).await.body.contains("Reset the second factors?"));
    assert_eq!(bob.post(&reset, &[]).await.location(), page);
    assert!(bob.get(&page).await.body.contains("None: the password alone signs them in"));
    assert!(davids.get("/account").await.location().starts_with("/account/sign-in"), "the sessions have ended");
    assert!(done(&stack, "mfa.reset"));
    // Of somebody who belongs elsewhere too they are neither shown nor taken.
    let (new, now) = (NewMembership::at_once(Role::TenantUser), stack.now());
    let join = move |tx: &mut WriteTx<'_>| people::add_membership(tx, &all(), &UserRef::Id(dave), other, &new, now);
    stack.store.write(join).await.unwrap();
    assert!(!bob.get(&page).await.body.contains("Second factors"));
    assert_eq!(bob.post(&reset, &[]).await.status, 403);
}

#[actix_web::test]
async fn roles_are_given_and_taken_with_where() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let (here, other) = (home(&stack), other_tenant(&stack).await);
    let dave = user(&stack, "dave", here, Role::TenantUser).await;
    let (page, give) = (format!("{ROOT}/{dave}"), format!("{ROOT}/{dave}/roles/give"));
    admin.get(&give).await;
    let unknown = admin.post(&give, &[("role", "tenant_admin"), ("tenant_id", "bet")]).await;
    assert!(unknown.status == 422 && unknown.body.contains("Close to it"), "{}", unknown.body);
    let beside = admin.post(&give, &[("role", "partner_admin"), ("tenant_id", "beta")]).await;
    assert!(beside.body.contains("Tenant is for a role of a tenant"), "{}", beside.body);
    let lacking = admin.post(&give, &[("role", "partner_admin")]).await;
    assert!(lacking.body.contains("Partner must be the name, slug or ID of a partner"), "{}", lacking.body);
    admin.post(&give, &[("role", "tenant_admin"), ("tenant_id", "beta")]).await.location();
    admin.get(&give).await;
    admin.post(&give, &[("role", "partner_viewer"), ("partner_id", "default")]).await.location();
    let shown = admin.get(&page).await;
    let take = format!("{page}/roles/take?role=tenant_admin.{other}");
    assert!(shown.body.contains(&take) && shown.body.contains("Partner Default"), "{}", shown.body);
    let held = row(&stack, "dave@acme.example").admin_roles;
    assert_eq!(held.iter().map(|held| held.role).collect::<Vec<_>>(), [Role::TenantAdmin, Role::PartnerViewer]);
    assert!(admin.get(&take).await.body.contains("Take the role away?"));
    assert_eq!(admin.post(&take, &[]).await.location(), page);
    assert_eq!(row(&stack, "dave@acme.example").admin_roles.len(), 1);
    assert_eq!(admin.post(&take, &[]).await.status, 404, "once");
    // An administrator of a tenant is offered the roles of it, and gives no other.
    user(&stack, "bob", here, Role::TenantAdmin).await;
    let mut bob = browser(&stack).await;
    bob.sign_in("bob@acme.example", PASSWORD).await.location();
    let form = bob.get(&give).await;
    assert!(form.body.contains("value=\"tenant_admin\"") && !form.body.contains("value=\"super_admin\""));
    let refused = bob.post(&give, &[("role", "super_admin")]).await;
    assert!(refused.status == 422 || refused.status == 403, "{}", refused.body);
    assert!(!bob.get(&page).await.body.contains("Partner Default"), "what reaches beyond is not shown");
    // With a group as well: by its name.
    bob.get("/admin/people/groups/create").await;
    let group = [("name", "Night shift"), ("group_type", "security")];
    bob.post("/admin/people/groups/create", &group).await.location();
    let add = format!("{page}/groups");
    bob.get(&add).await;
    let none = bob.post(&add, &[("group", "Nightly")]).await;
    assert!(none.status == 422 && none.body.contains("Close to it: Night shift (grp_"), "{}", none.body);
    bob.post(&add, &[("group", "night SHIFT")]).await.location();
    let shown = bob.get(&page).await;
    assert!(shown.body.contains(&format!("/remove?member={dave}")), "{}", shown.body);
}

#[actix_web::test]
async fn without_a_mail_server_a_tenant_admin_copies_the_link_once() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let (here, other) = (home(&stack), other_tenant(&stack).await);
    user(&stack, "bob", here, Role::TenantAdmin).await;
    let mut bob = browser(&stack).await;
    bob.sign_in("bob@acme.example", PASSWORD).await.location();
    let create = format!("{ROOT}/create");
    bob.get(&create).await;
    let nia = [("email", "nia@acme.example"), ("tenant_id", "default"), ("role", "tenant_user"), ("how", "invite")];
    let page = bob.post(&create, &nia).await.location().to_owned();
    let shown = bob.get(&page).await;
    assert!(
        shown.body.contains("No mail server is set") && shown.body.contains(&format!("{page}/link")),
        "{}",
        shown.body
    );
    assert!(bob.get(&format!("{page}/link")).await.body.contains("Show the link"));
    let made = bob.post(&format!("{page}/link"), &[]).await.location().to_owned();
    let once = bob.get(&made).await;
    let link = once.between("id=\"once-LINK\">", "<").to_owned();
    assert!(link.contains("/login/invitation?token="), "{link}");
    assert!(bob.get(&made).await.body.contains("was shown already"), "once");
    assert!(done(&stack, "user.hand_over_link"));
    // It opens, and shows nothing of the mailbox.
    let target = link.split_once("/login/").unwrap().1;
    let mut nia = browser(&stack).await;
    assert_eq!(nia.get(&format!("/login/{target}")).await.status, 200);
    let token = target.split_once("token=").unwrap().1;
    let sent = [("token", token), ("password", "seven lamps by the sea")];
    assert_eq!(nia.post("/login/invitation", &sent).await.status / 100, 2);
    let row = row(&stack, "nia@acme.example");
    assert_eq!((row.status, row.email_verified, row.mailbox_proven_at), (Status::Active, false, None));
    // With a sign-in of a while ago it asks; of somebody who belongs elsewhere too, never.
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs));
    bob.get(&page).await;
    assert!(bob.post(&format!("{page}/link"), &[]).await.body.contains("step_up_password"));
    let (new, now, id) = (NewMembership::at_once(Role::TenantUser), stack.now(), row.id);
    let join = move |tx: &mut WriteTx<'_>| people::add_membership(tx, &all(), &UserRef::Id(id), other, &new, now);
    stack.store.write(join).await.unwrap();
    assert!(!bob.get(&page).await.body.contains(&format!("{page}/link")));
    assert_eq!(bob.get(&format!("{page}/link")).await.status, 403);
    assert!(UserId::parse(page.rsplit('/').next().unwrap()).is_some());
}
