//! What counts as a proof of somebody's mailbox.

use super::*;

#[tokio::test]
async fn a_reset_keeps_second_factors_and_proves_the_mailbox_only_if_nothing_else_is_left() {
    let stack = stack();
    let user = pre_hijacked(&stack).await;
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    let done = reset(&stack, &tokens(&stack).remove(0)).await.unwrap();
    assert!(mfa::factors(&stack.store.read(), user.id).unwrap().is_enrolled(), "a lost mailbox is no way around it");
    assert_eq!(done.mailbox_proven_at, None, "who set the second factor up is not known");
    let new = NewUser {
        password_hash: Some("$argon2id$old".into()),
        ..NewUser::local(email("bob@a.example"), user.home_tenant, Role::TenantUser)
    };
    let (id, now) = (stack.new_id(), stack.now());
    stack.store.write(move |tx| people::create(tx, &all(), &new, id, now)).await.unwrap();
    forgot_password(&stack, None, "bob@a.example", &origin()).await.unwrap();
    let done = reset(&stack, &tokens(&stack).pop().unwrap()).await.unwrap();
    assert_eq!(done.mailbox_proven_at, Some(stack.now()));
}

#[tokio::test]
async fn the_log_tells_whose_mailbox_was_proven_before_it_was_kept() {
    let stack = stack();
    let user = alice(&stack).await;
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    let proven = reset(&stack, &tokens(&stack).remove(0)).await.unwrap();
    assert!(proven.mailbox_proven_at.is_some());
    // As an older version wrote it.
    let bare = |user: User| User { mailbox_proven_at: None, ..user };
    let learn = async |user: User| {
        let id = user.id;
        let write = move |tx: &mut crate::store::WriteTx<'_>| -> Result<(), Problem> {
            tx.save(&bare(user.clone()))?;
            Ok(people::prove_mailboxes(tx)?)
        };
        stack.store.write(write).await.unwrap();
        people::user(&stack.store.read(), id).unwrap().unwrap()
    };
    let learnt = learn(proven.clone()).await;
    assert_eq!(learnt.mailbox_proven_at, proven.mailbox_proven_at);
    let (id, now) = (user.id, stack.now());
    stack.store.write(move |tx| people::set_password(tx, &all(), id, "$argon2id$known", now)).await.unwrap();
    assert_eq!(learn(learnt).await.mailbox_proven_at, None, "an administrator has set another one since");
}
