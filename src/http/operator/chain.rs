//! Whether the audit log is as it was written.

use super::{Services, event, hex, ok, operate, record};
use crate::audit::{self, Head};
use crate::base::Problem;
use crate::catalogue::Action;
use crate::http::extract::{Caller, OptionalJson};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The body: an end of the log that was kept elsewhere, to notice a tail that was cut off or a file that was put back.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Verify {
    head: Option<KeptHead>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct KeptHead {
    number: u64,
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

/// `POST /audit/verify`: walks the whole chain, on the blocking pool.
pub async fn verify(
    stack: Services,
    Caller(actor): Caller,
    OptionalJson(body): OptionalJson<Verify>,
) -> Result<HttpResponse, Problem> {
    let granted = operate(&actor)?;
    let expected = body.unwrap_or_default().head.as_ref().map(KeptHead::read).transpose()?;
    let (snapshot, keyring, now) = (stack.store.read(), Arc::clone(&stack.keyring), stack.now());
    let found = web::block(move || audit::verify(&snapshot, keyring.audit(), expected)).await;
    let found = found.map_err(Problem::internal)??;
    let asked = event(&granted, now, Action::AuditVerify).on("audit_log", "");
    let (row, answer) = match &found {
        Ok(whole) => (
            asked.with("ok", true).with("rows", whole.rows),
            json!({
                "ok": true,
                "rows": whole.rows,
                "head": { "number": whole.head.number, "code": hex(&whole.head.code) },
            }),
        ),
        Err(broken) => (
            asked.with("ok", false).with("first_bad_row", broken.number).outcome(audit::Outcome::Failure),
            json!({ "ok": false, "first_bad_row": broken.number, "reason": broken.reason }),
        ),
    };
    record(&stack, row).await?;
    Ok(ok(&answer))
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
