//! Invitations: of several tenants beside each other, sent again, and to people who have an account already.

use super::*;
use crate::tenancy::testkit::{grant, holder};

#[tokio::test]
async fn invitations_of_two_tenants_live_beside_each_other() {
    let stack = stack();
    let (home, other) = (default_tenant(&stack).id, another_tenant(&stack).await);
    let new = NewUser::local(email("new@a.example"), home, Role::TenantUser);
    let names = crate::roles::RoleNames::default;
    let (user, first) = create_member(&stack, all(), new, names(), Entry::Invited).await.unwrap();
    assert!(first.is_pending() && user.status == Status::Invited);
    let new = people::NewMembership::at_once(Role::TenantUser);
    let (_, second) = add_member(&stack, all(), (user.id, other), new, names(), Entry::Invited).await.unwrap();
    assert_eq!((second.role, second.is_pending()), (Role::TenantAdmin, true), "the first of a tenant is its admin");
    let found = tokens(&stack);
    assert_eq!(found.len(), 2, "neither mail took the place of the other");
    let accept = |token: String, password: Option<&'static str>| {
        let stack = Arc::clone(&stack);
        async move { accept_invitation(&stack, &token, password.map(secret), Names::default(), &origin()).await }
    };
    // The one accepted first makes the account, the other one only joins.
    assert!(look(&stack, Purpose::Invitation, &found[1]).unwrap().makes_account());
    assert_eq!(accept(found[1].clone(), None).await.unwrap_err().fields[0].field, "password");
    assert_eq!(accept(found[1].clone(), Some(PASSWORD)).await.unwrap().status, Status::Active);
    let member = |tenant| people::membership(&stack.store.read(), tenant, user.id).unwrap().is_some();
    assert_eq!((member(other), member(home)), (true, false));
    assert!(!look(&stack, Purpose::Invitation, &found[0]).unwrap().makes_account());
    let hash = people::user(&stack.store.read(), user.id).unwrap().unwrap().password_hash;
    let joined = accept(found[0].clone(), Some("another password 1")).await.unwrap();
    assert_eq!(joined.password_hash, hash, "a link of one tenant does not change how somebody signs in");
    assert!(member(home));
    assert_eq!(code(accept(found[0].clone(), None).await), "link_invalid");
    assert_eq!(code(resend_to_member(&stack, all(), user.id, home).await), "not_invited");
}

#[tokio::test]
async fn a_resent_invitation_of_a_member_kills_the_former_link_and_counts() {
    let stack = stack();
    let (user, other) = (alice(&stack).await, another_tenant(&stack).await);
    let new = people::NewMembership::at_once(Role::TenantUser);
    let names = crate::roles::RoleNames::parse(["member"]).unwrap();
    add_member(&stack, all(), (user.id, other), new, names, Entry::Invited).await.unwrap();
    let first = tokens(&stack).remove(0);
    stack.clock.advance_secs(3600);
    let (_, membership) = resend_to_member(&stack, all(), user.id, other).await.unwrap();
    let invitation = membership.invitation.unwrap();
    assert_eq!((invitation.resent_count, invitation.resent_at), (1, Some(stack.now())));
    assert_eq!(invitation.expires_at, stack.now().plus_secs(7 * 86_400));
    assert_eq!(code(accept_invitation(&stack, &first, None, Names::default(), &origin()).await), "link_invalid");
    let second = tokens(&stack).remove(0);
    stack.clock.advance_secs(7 * 86_400);
    assert_eq!(code(accept_invitation(&stack, &second, None, Names::default(), &origin()).await), "link_invalid");
    let waiting = people::belonging(&stack.store.read(), other, user.id).unwrap().unwrap();
    assert_eq!(waiting.standing(&user, stack.now()), people::MemberState::Expired);
    let unknown = crate::roles::RoleNames::parse(["no_such_role"]).unwrap();
    let new = NewUser::local(email("x@a.example"), other, Role::TenantUser);
    let refused = create_member(&stack, all(), new, unknown, Entry::AtOnce).await.unwrap_err();
    assert_eq!((refused.code, refused.fields[0].field.as_str()), ("validation_error", "roles"));
    assert!(people::by_email(&stack.store.read(), &email("x@a.example")).unwrap().is_none(), "nothing is left of it");
}

#[tokio::test]
async fn an_invitation_does_not_tell_who_has_an_account() {
    let stack = stack();
    let (user, other) = (alice(&stack).await, another_tenant(&stack).await);
    let place = tenancy::place_of(&stack.store.read(), other).unwrap().unwrap();
    let inviter = holder(Role::TenantAdmin, place);
    let ask = |address: &str| {
        let new = NewUser { display_name: None, ..NewUser::local(email(address), other, Role::TenantUser) };
        invite(&stack, grant(&inviter, place), new)
    };
    let newcomer = ask("newcomer@a.example").await.unwrap();
    let known = ask(user.email.as_str()).await.unwrap();
    let seen = |user: &User| (user.status, user.home_tenant, user.display_name.clone(), user.email_verified);
    assert_eq!(seen(&known), seen(&newcomer));
    assert_eq!(known.id, user.id);
    assert_eq!(tokens(&stack).len(), 2, "both are asked");
    let waits = |id| people::belonging(&stack.store.read(), other, id).unwrap().unwrap();
    assert_eq!((waits(known.id).is_pending(), waits(known.id).role), (true, Role::TenantUser));
    // What is wrong with the request is said first, whoever is named.
    for address in ["nobody@a.example", user.email.as_str()] {
        let new = NewUser { email_verified: true, ..NewUser::local(email(address), other, Role::TenantUser) };
        assert_eq!(code(invite(&stack, grant(&inviter, place), new).await), "validation_error", "{address}");
    }
    // Who knows the account is told of it.
    let taken = NewUser::local(user.email.clone(), other, Role::TenantUser);
    assert_eq!(code(invite(&stack, all(), taken).await), "email_taken");
    // That a stranger is switched off is nobody's business elsewhere.
    withdraw(&stack, &user, other).await;
    let (id, now) = (user.id, stack.now());
    let off = people::UserPatch { status: Some(Status::Suspended), ..people::UserPatch::default() };
    stack.store.write(move |tx| people::update(tx, &all(), id, &off, now)).await.unwrap();
    assert_eq!(seen(&ask(user.email.as_str()).await.unwrap()), seen(&newcomer));
    let link = tokens(&stack).pop().unwrap();
    assert_eq!(code(accept_invitation(&stack, &link, None, Names::default(), &origin()).await), "link_invalid");
}

#[tokio::test]
async fn whoever_is_put_back_to_invited_accepts_once_more() {
    let stack = stack();
    let home = default_tenant(&stack).id;
    let new = NewUser::local(email("new@a.example"), home, Role::TenantUser);
    let user = invite(&stack, all(), new).await.unwrap();
    let accept = |token: String| {
        let stack = Arc::clone(&stack);
        async move { accept_invitation(&stack, &token, Some(secret(PASSWORD)), Names::default(), &origin()).await }
    };
    accept(tokens(&stack).pop().unwrap()).await.unwrap();
    let (id, now) = (user.id, stack.now());
    let back = UserPatch { status: Some(Status::Invited), ..UserPatch::default() };
    stack.store.write(move |tx| people::update(tx, &all(), id, &back, now)).await.unwrap();
    stack.clock.advance_secs(60);
    resend_invitation(&stack, all(), id).await.unwrap();
    let again = accept(tokens(&stack).pop().unwrap()).await.unwrap();
    assert_eq!((again.id, again.status), (id, Status::Active));
}
