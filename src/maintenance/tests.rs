//! Jobs take all that is due, however many batches that is.

use super::*;
use crate::base::Id;
use crate::crypto::token::TokenDigest;
use crate::portal_links::NewLink;
use crate::stack::testkit::stack;
use crate::store::WriteTx;
use crate::tenancy::{self, testkit};

#[tokio::test]
async fn a_job_takes_one_batch_after_another_until_there_is_no_more() {
    let stack = stack();
    let (now, tenant) = (stack.now(), tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id);
    let many = 2 * BATCH + 1;
    let make = move |tx: &mut WriteTx<'_>| {
        (1..=many as u64).try_for_each(|number| {
            let digest = TokenDigest::of(&format!("link {number}"));
            let new = NewLink { id: Id::from_raw(number), digest, tenant, features: None };
            portal_links::create(tx, &testkit::all(), &new, now).map(drop)
        })
    };
    stack.store.write(make).await.unwrap();
    assert_eq!(sweep_portal_links(&stack, now).await.unwrap(), 0, "none of them has ended");
    let later = now.plus_secs(400 * 86_400);
    assert_eq!(sweep_portal_links(&stack, later).await.unwrap(), many);
    assert_eq!(sweep_portal_links(&stack, later).await.unwrap(), 0);
}
