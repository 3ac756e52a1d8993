//! Whether the audit log is as it was written.

use super::operating::{Services, event, operate, record};
use crate::audit::{self, Head};
use crate::base::Problem;
use crate::catalogue::Action;
use crate::http::extract::{Caller, OptionalJson};
use crate::http::reply::Reply;
use actix_web::web;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// 32 bytes in hexadecimal digits.
fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The end of the audit log: what to keep elsewhere, to notice later that rows are missing.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct AuditHead {
    /// The number of the last row.
    number: u64,
    /// The code over the last row and all before it: 64 hexadecimal digits.
    code: String,
}

impl From<Head> for AuditHead {
    fn from(head: Head) -> Self {
        Self { number: head.number, code: hex(&head.code) }
    }
}

/// An end of the log that was kept elsewhere, to notice a tail that was cut off or a file that was put back.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// The log must still reach as far as this; only the chain itself is looked at if not said.
    head: Option<KeptHead>,
}

/// An end of the log, as an answer had it.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct KeptHead {
    /// The number of the row.
    number: u64,
    /// Its code: 64 hexadecimal digits.
    code: String,
}

impl KeptHead {
    fn read(&self) -> Result<Head, Problem> {
        let wrong = || Problem::invalid("head.code", "must be 64 hexadecimal digits");
        let digits = self.code.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(wrong());
        }
        let mut code = [0; 32];
        for (byte, pair) in code.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Head { number: self.number, code })
    }
}

/// Whether the log is as it was written.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Verified {
    /// It is.
    Whole(WholeLog),
    /// It is not.
    Broken(BrokenLog),
}

/// A log that is as it was written.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WholeLog {
    /// True.
    ok: bool,
    /// How many rows were looked at.
    rows: u64,
    head: AuditHead,
}

/// A log that was changed after it was written.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BrokenLog {
    /// False.
    ok: bool,
    /// The number of the first bad row.
    first_bad_row: u64,
    /// What is wrong there.
    reason: &'static str,
}

/// `POST /audit/verify`: looks at every row of the audit log, whether it is as it was written. A log that is not is no
/// refusal: the answer says `ok: false`.
pub async fn verify(
    stack: Services,
    Caller(actor): Caller,
    OptionalJson(body): OptionalJson<Verify>,
) -> Result<Reply<Verified>, Problem> {
    let granted = operate(&actor)?;
    let expected = body.unwrap_or_default().head.as_ref().map(KeptHead::read).transpose()?;
    let (snapshot, keyring, now) = (stack.store.read(), Arc::clone(&stack.keyring), stack.now());
    let found = web::block(move || audit::verify(&snapshot, keyring.audit(), expected)).await;
    let found = found.map_err(Problem::internal)??;
    let asked = event(&granted, now, Action::AuditVerify).on("audit_log", "");
    let (row, answer) = match &found {
        Ok(whole) => (
            asked.with("ok", true).with("rows", whole.rows),
            Verified::Whole(WholeLog { ok: true, rows: whole.rows, head: AuditHead::from(whole.head) }),
        ),
        Err(broken) => (
            asked.with("ok", false).with("first_bad_row", broken.number).outcome(audit::Outcome::Failure),
            Verified::Broken(BrokenLog { ok: false, first_bad_row: broken.number, reason: broken.reason }),
        ),
    };
    record(&stack, row).await?;
    Ok(Reply(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_head_comes_back_as_it_was_printed() {
        let code: [u8; 32] = std::array::from_fn(|at| u8::try_from(at * 7).unwrap());
        let kept = KeptHead { number: 9, code: hex(&code) };
        assert_eq!(kept.read().unwrap(), Head { number: 9, code });
        for bad in ["", "ab", &"+f".repeat(32), &"é".repeat(32), &"0".repeat(66)] {
            assert!(KeptHead { number: 9, code: bad.to_owned() }.read().is_err(), "{bad}");
        }
    }
}
