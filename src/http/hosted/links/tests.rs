//! The journeys through links in mails, in a browser.

use crate::access::{Role, permit};
use crate::base::Id;
use crate::http::testkit::{PASSWORD, browser, stack};
use crate::mail::{self, OutboxFilter};
use crate::mailed_links;
use crate::people::{self, NewUser};
use crate::stack::Stack;
use crate::store::Paging;
use crate::tenancy::{self, testkit::all};

/// The path of the link in the newest mail that has one.
fn link(stack: &Stack) -> String {
    let granted = all::<permit::ManageOutbox>();
    let listed = mail::list(&stack.store.read(), &granted, &OutboxFilter::default(), Paging::default()).unwrap();
    let links = listed.items.iter().filter_map(|mail| mail::open(&stack.keyring, mail).unwrap().link.clone());
    links.last().unwrap().strip_prefix(stack.public_url()).unwrap().to_owned()
}

#[actix_web::test]
async fn a_forgotten_password_is_set_by_a_link_that_looking_at_does_not_use_up() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    let mut other = browser(&stack).await;
    other.get("/login/forgot-password").await;
    let known = other.post("/login/forgot-password", &[("email", "alice@acme.example")]).await;
    other.get("/login/forgot-password").await;
    let unknown = other.post("/login/forgot-password", &[("email", "nobody@acme.example")]).await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body), "the answer tells nothing");
    let link = link(&stack);
    let token = link.split_once("token=").unwrap().1.to_owned();
    for _ in 0..3 {
        assert_eq!(other.get(&link).await.status, 200);
    }
    let forged = [("token", token.as_str()), ("password", "another good one"), ("csrf", "x")];
    assert_eq!(other.post_as("/login/reset-password", &forged, &[]).await.status, 403);
    let weak = other.post("/login/reset-password", &[("token", &token), ("password", "short")]).await;
    assert_eq!(weak.status, 422);
    assert!(weak.body.contains("at least 8 characters") && !weak.body.contains("value=\"short"));
    let set = other.post("/login/reset-password", &[("token", &token), ("password", "another good one")]).await;
    assert!(set.status == 200 && set.body.contains("Your password is set"), "{}", set.body);
    assert_eq!(other.get(&link).await.status, 400);
    assert_eq!(alice.get("/admin/").await.status, 303, "the old session is dead");
    assert_eq!(other.sign_in("alice@acme.example", PASSWORD).await.status, 401);
    assert_eq!(other.sign_in("alice@acme.example", "another good one").await.location(), "/admin/");
}

#[actix_web::test]
async fn an_invited_person_comes_in_by_the_mail() {
    let stack = stack();
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let new = NewUser::local(crate::base::Email::parse("nia@acme.example").unwrap(), tenant, Role::TenantUser);
    let user = mailed_links::invite(&stack, all(), new).await.unwrap();
    let (mut nia, link) = (browser(&stack).await, link(&stack));
    assert_eq!(nia.sign_in("nia@acme.example", PASSWORD).await.status, 401);
    let page = nia.get(&link).await;
    assert!(page.status == 200 && page.body.contains("nia@acme.example"));
    let token = link.split_once("token=").unwrap().1;
    let done = nia.post("/login/invitation", &[("token", token), ("name", "Nia"), ("password", PASSWORD)]).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let row = people::user(&stack.store.read(), crate::base::id::UserId::from_raw(user.id.raw())).unwrap().unwrap();
    assert_eq!((row.called(), row.status), ("Nia".to_owned(), people::Status::Active));
    assert_eq!(nia.get(&link).await.status, 400);
    assert_eq!(nia.sign_in("nia@acme.example", PASSWORD).await.location(), "/admin/");
}

#[actix_web::test]
async fn what_is_no_link_is_told_so() {
    let stack = stack();
    let mut somebody = browser(&stack).await;
    for path in ["/login/reset-password", "/login/verify-email", "/login/invitation"] {
        for token in ["", "?token=", "?token=slk_x", "?token=%ff"] {
            let got = somebody.get(&format!("{path}{token}")).await;
            assert!(got.status == 400 && got.body.contains("does not work"), "{path}{token}: {}", got.status);
        }
    }
}
