//! From Home straight to a thing, and to nothing that the reader does not see.

use crate::access::Role;
use crate::base::{DisplayName, Email, Secret};
use crate::http::testkit::{PASSWORD, browser, stack};
use crate::people::{self, NewUser};
use crate::stack::Stack;
use crate::tenancy::{self, testkit};
use std::sync::Arc;

async fn user(stack: &Arc<Stack>, email: &str, name: &str, role: Role) -> String {
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let hash = stack.passwords.hash(Secret::new(PASSWORD.to_owned())).await.unwrap();
    let display_name = Some(DisplayName::parse(name).unwrap());
    let mut new = NewUser::local(Email::parse(email).unwrap(), tenant, role);
    new.password_hash = Some(hash);
    new.display_name = display_name;
    let (granted, id, now) = (testkit::all(), stack.new_id(), stack.now());
    let made = stack.store.write(move |tx| people::create(tx, &granted, &new, id, now)).await.unwrap();
    format!("/admin/people/users/{}", made.id)
}

#[actix_web::test]
async fn what_is_named_exactly_is_opened_and_what_is_named_in_part_is_shown() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let bob = user(&stack, "bob@acme.example", "Bob Doe", Role::TenantUser).await;
    user(&stack, "bob@acme.example.org", "Bobby Doe", Role::TenantUser).await;
    let carol = user(&stack, "carol@acme.example", "Carol", Role::TenantUser).await;
    assert!(admin.get("/admin/").await.body.contains("action=\"/admin/search\""));
    assert_eq!(admin.get("/admin/search?q=bob%40acme.example").await.location(), bob, "the whole address of one");
    assert_eq!(admin.get("/admin/search?q=BOB%20doe").await.location(), bob, "the whole name of one");
    assert_eq!(admin.get("/admin/search?q=car").await.location(), carol, "the only one");
    let both = admin.get("/admin/search?q=bob").await;
    assert!(both.status == 200 && both.body.contains("Bob Doe") && both.body.contains("Bobby Doe"), "{}", both.body);
    assert!(admin.get("/admin/search?q=nobody-of-this-name").await.body.contains("Nothing found"));
    assert_eq!(admin.get("/admin/search?q=+").await.location(), "/admin/");

    let path = [("path", "infra/db"), ("secret_type", "json"), ("data", "password=x"), ("cas", ""), ("tags", "")];
    admin.get("/admin/secrets/write").await;
    assert_eq!(admin.post("/admin/secrets/write", &path).await.status, 303);
    assert_eq!(admin.get("/admin/search?q=infra%2Fdb").await.location(), "/admin/secrets/one?path=infra%2Fdb");
}

#[actix_web::test]
async fn a_search_finds_what_the_reader_sees_and_no_more() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    user(&stack, "bob@acme.example", "Bob Doe", Role::TenantUser).await;
    user(&stack, "dave@acme.example", "Dave", Role::TenantUser).await;
    let mut bob = browser(&stack).await;
    bob.sign_in("bob@acme.example", PASSWORD).await;
    let shown = bob.get("/admin/search?q=dave").await;
    assert!(shown.status == 200 && shown.body.contains("Nothing found"), "{} {}", shown.status, shown.body);
    assert_eq!(admin.get("/admin/search?q=dave").await.status, 303, "whom an administrator finds");
}
