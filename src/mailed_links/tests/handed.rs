//! Links that an administrator is shown and passes on: who is shown one, and what its use says.

use super::*;
use crate::tenancy::testkit::{grant, holder};

fn token_of(made: &HandedOver) -> String {
    made.address.expose().split_once("?token=").unwrap().1.to_owned()
}

async fn put_in(stack: &Arc<Stack>, user: UserId, tenant: TenantId) {
    let (new, now) = (people::NewMembership::at_once(Role::TenantUser), stack.now());
    let join = move |tx: &mut crate::store::WriteTx<'_>| {
        people::add_membership(tx, &all(), &people::UserRef::Id(user), tenant, &new, now)
    };
    stack.store.write(join).await.unwrap();
}

#[tokio::test]
async fn it_sets_a_password_once_and_proves_no_mailbox() {
    let stack = stack();
    let user = alice(&stack).await;
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    let mailed = tokens(&stack).remove(0);
    let made = hand_over(&stack, all(), user.id).await.unwrap();
    assert_eq!((made.purpose, made.ends_at), (Purpose::ResetPassword, stack.now().plus_secs(3600)));
    assert_eq!(tokens(&stack).len(), 1, "no mail goes out");
    assert_eq!(code(reset(&stack, &mailed).await), "link_invalid", "the mailed one is replaced");
    let changed = reset(&stack, &token_of(&made)).await.unwrap();
    assert_eq!((changed.email_verified, changed.mailbox_proven_at), (false, None));
    assert_eq!(code(reset(&stack, &token_of(&made)).await), "link_invalid", "once");
    // A mailbox that was proven is so no more: whoever had the link may know the password.
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    let proven = reset(&stack, &tokens(&stack).pop().unwrap()).await.unwrap();
    assert!(proven.email_verified && proven.mailbox_proven_at.is_some());
    let made = hand_over(&stack, all(), user.id).await.unwrap();
    let changed = reset(&stack, &token_of(&made)).await.unwrap();
    assert_eq!((changed.email_verified, changed.mailbox_proven_at), (true, None));
    let row = crate::tenancy::testkit::actions(&stack.store.read());
    assert!(row.iter().any(|action| action == "user.hand_over_link"));
}

#[tokio::test]
async fn only_who_could_set_the_password_is_shown_one() {
    let stack = stack();
    let (here, other) = (default_tenant(&stack), another_tenant(&stack).await);
    let user = alice(&stack).await;
    let admin = |place| grant::<permit::ManageCredentials>(&holder(Role::TenantAdmin, place), place);
    hand_over(&stack, admin(here.place()), user.id).await.unwrap();
    let there = tenancy::place_of(&stack.store.read(), other).unwrap().unwrap();
    assert_eq!(code(hand_over(&stack, admin(there), user.id).await), "user_not_found");
    put_in(&stack, user.id, other).await;
    for (place, why) in [(here.place(), "member_elsewhere"), (there, "not_home_tenant")] {
        let refused = code(hand_over(&stack, admin(place), user.id).await);
        assert_eq!(refused, why, "the account is a way into another tenant");
    }
    hand_over(&stack, all(), user.id).await.unwrap();
}

#[tokio::test]
async fn an_invitation_is_handed_over_as_long_as_it_waits() {
    let stack = stack();
    let home = default_tenant(&stack).id;
    let new = NewUser::local(email("new@a.example"), home, Role::TenantUser);
    let user = invite(&stack, all(), new).await.unwrap();
    let made = hand_over(&stack, all(), user.id).await.unwrap();
    assert_eq!(made.purpose, Purpose::Invitation);
    let accepted =
        accept_invitation(&stack, &token_of(&made), Some(secret(PASSWORD)), Names::default(), &origin()).await.unwrap();
    assert_eq!((accepted.status, accepted.email_verified), (Status::Active, false));
    assert!(people::membership(&stack.store.read(), home, user.id).unwrap().is_some());
    // The next tenant that invites them lets the reader of the mailbox begin anew.
    let new = people::NewMembership::at_once(Role::TenantUser);
    let names = crate::roles::RoleNames::default();
    let other = another_tenant(&stack).await;
    add_member(&stack, all(), (user.id, other), new, names, Entry::Invited).await.unwrap();
    assert!(look(&stack, Purpose::Invitation, &tokens(&stack).pop().unwrap()).unwrap().sets_password());
}
