//! What administrators of one tenant see, and are offered, of somebody who belongs to another one too.

use crate::access::{Granted, Place, Role, permit};
use crate::audit::{self, Filter};
use crate::base::id::{TenantId, UserId};
use crate::base::{DisplayName, Email, Secret};
use crate::http::testkit::{PASSWORD, browser, stack};
use crate::people::{self, NewMembership, NewUser, UserRef};
use crate::stack::Stack;
use crate::tenancy::{self, testkit};
use std::sync::Arc;

const ROOT: &str = "/admin/people/users";

fn all() -> Granted<permit::WriteUsers> {
    testkit::all()
}

/// A user with a password, who is called as the front of the address.
async fn user(stack: &Arc<Stack>, name: &str, tenant: TenantId, role: Role) -> UserId {
    let hash = stack.passwords.hash(Secret::new(PASSWORD.to_owned())).await.unwrap();
    let email = Email::parse(&format!("{name}@acme.example")).unwrap();
    let new = NewUser {
        password_hash: Some(hash),
        last_name: Some(DisplayName::parse(&format!("Of{name}")).unwrap()),
        ..NewUser::local(email, tenant, role)
    };
    let (id, now) = (stack.new_id(), stack.now());
    stack.store.write(move |tx| people::create(tx, &all(), &new, id, now)).await.unwrap().id
}

async fn tenant(stack: &Arc<Stack>, slug: &str) -> TenantId {
    let default = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap();
    let new = testkit::new_tenant(slug, default.partner);
    let (id, now) = (stack.new_id(), stack.now());
    stack.store.write(move |tx| tenancy::create_tenant(tx, &testkit::all(), &new, id, now)).await.unwrap().id
}

async fn join(stack: &Arc<Stack>, user: UserId, tenant: TenantId) {
    let (new, now) = (NewMembership::at_once(Role::TenantUser), stack.now());
    let join = move |tx: &mut crate::store::WriteTx<'_>| {
        people::add_membership(tx, &all(), &UserRef::Id(user), tenant, &new, now)
    };
    stack.store.write(join).await.unwrap();
}

/// The newest row of an action: its outcome, code and fields.
async fn last(stack: &Stack, action: &str) -> (String, String, String) {
    stack.store.write(|_| Ok::<_, crate::store::StoreError>(())).await.unwrap();
    let page = audit::list(&stack.store.read(), Place::Platform, &Filter::default(), None, 0, 100).unwrap();
    let (_, row) = page.rows.iter().find(|(_, row)| row.event.action == action).unwrap();
    let detail = |name: &str| {
        let found = row.event.details.iter().find(|(have, _)| have == name);
        found.map_or_else(String::new, |(_, value)| value.clone())
    };
    (row.event.outcome.name().to_owned(), detail("code"), detail("fields"))
}

#[actix_web::test]
async fn only_what_can_work_is_offered_and_a_refused_form_keeps_what_was_typed() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let other = tenant(&stack, "beta").await;
    user(&stack, "bob", home, Role::TenantAdmin).await;
    let carol = user(&stack, "carol", home, Role::TenantUser).await;
    let dave = user(&stack, "dave", home, Role::TenantUser).await;
    join(&stack, carol, other).await;
    let mut bob = browser(&stack).await;
    bob.sign_in("bob@acme.example", PASSWORD).await.location();
    let dangers = ["/disable\"", "/delete\"", "/reset-password\""];
    let page = bob.get(&format!("{ROOT}/{dave}")).await;
    assert!(dangers.iter().all(|danger| page.body.contains(danger)) && !page.body.contains("belong to other tenants"));
    let page = bob.get(&format!("{ROOT}/{carol}")).await;
    assert!(page.body.contains("They belong to other tenants too") && page.body.contains("/edit\""), "{}", page.body);
    assert!(!dangers.iter().any(|danger| page.body.contains(danger)), "{}", page.body);
    for danger in ["delete", "reset-password"] {
        assert_eq!(bob.get(&format!("{ROOT}/{carol}/{danger}")).await.status, 403, "{danger}");
    }
    // Nor is somebody who stands above.
    let root = people::by_email(&stack.store.read(), &Email::parse("alice@acme.example").unwrap()).unwrap().unwrap();
    let page = bob.get(&format!("{ROOT}/{}", root.id)).await;
    assert!(page.body.contains("a role that you do not hold") && !page.body.contains("/edit\""), "{}", page.body);

    let edit = format!("{ROOT}/{carol}/edit");
    assert!(bob.get(&edit).await.body.contains("readonly"));
    let typed = [("email", "mine@acme.example"), ("display_name", "Carol the Great")];
    let refused = bob.post(&edit, &typed).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    for words in ["E-mail can be changed only by", "value=\"mine@acme.example\"", "value=\"Carol the Great\""] {
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
    }
    let row = last(&stack, "user.update").await;
    assert_eq!(row, ("denied".to_owned(), "member_elsewhere".to_owned(), "email".to_owned()));
    // The profile is the home's to change.
    let typed = [("email", "carol@acme.example"), ("display_name", "Carol the Great")];
    assert_eq!(bob.post(&edit, &typed).await.location(), format!("{ROOT}/{carol}"));
    bob.get(&edit).await;
    let wrong = [("email", "nobody"), ("phone_number", "020")];
    assert_eq!(bob.post(&edit, &wrong).await.status, 422);
    let row = last(&stack, "user.update").await;
    assert_eq!(row, ("failure".to_owned(), "validation_error".to_owned(), "email phone_number".to_owned()));
}

#[actix_web::test]
async fn who_was_only_invited_is_found_by_the_address_and_not_by_what_is_hidden() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let other = tenant(&stack, "beta").await;
    let dave = user(&stack, "dave", home, Role::TenantUser).await;
    user(&stack, "eve", other, Role::TenantAdmin).await;
    let mut eve = browser(&stack).await;
    eve.sign_in("eve@acme.example", PASSWORD).await.location();
    let members = format!("/admin/organizations/{other}/members");
    eve.get(&members).await;
    let invited = [("email", "dave@acme.example"), ("role", "member")];
    eve.post(&format!("{members}/invite"), &invited).await.location();
    let one = format!("{ROOT}/{dave}");
    for (query, there) in [("q=ofdave", false), ("q=dave", true), ("status=ACTIVE", false), ("status=INVITED", true)] {
        let found = eve.get(&format!("{ROOT}?{query}")).await;
        assert_eq!(found.body.contains(&one), there, "{query}: {}", found.body);
        assert!(!found.body.contains("Ofdave"), "{query}");
    }
    let page = eve.get(&one).await;
    assert!(page.status == 200 && page.body.contains("not accepted yet"), "{}", page.body);
    assert!(!page.body.contains("other tenants") && !page.body.contains("/delete\""), "{}", page.body);
    assert!(alice.get(&format!("{ROOT}?q=ofdave&status=ACTIVE")).await.body.contains(&one));
}
