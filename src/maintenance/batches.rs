//! Rows in batches, so that writers beside a job never wait long.

use crate::base::Problem;
use crate::stack::Env;
use crate::store::{StoreError, WriteTx};

/// How many rows a job takes in one transaction, so that writers beside it never wait long.
pub(super) const BATCH: usize = 500;

/// Runs what takes up to [`BATCH`] rows and says how many, a transaction each, until there are no more.
pub(super) async fn in_batches(
    env: &Env,
    take: impl FnMut(&mut WriteTx<'_>) -> Result<usize, StoreError> + Clone + Send + 'static,
) -> Result<usize, Problem> {
    let mut all = 0;
    loop {
        let done: usize = env.store.write(take.clone()).await?;
        all += done;
        if done < BATCH {
            return Ok(all);
        }
    }
}
