//! Who failed to authenticate, for programs that close the port to those who guess, such as fail2ban. The form of the line is
//! documented in docs/operating.md.

use crate::access::Origin;
use governor::{DefaultKeyedRateLimiter, Quota};
use std::num::NonZeroU32;
use std::sync::LazyLock;

/// Lines of one address: so many at once, then one a second. It is far more than what such a program waits for.
static LINES: LazyLock<DefaultKeyedRateLimiter<String>> =
    LazyLock::new(|| DefaultKeyedRateLimiter::keyed(Quota::per_second(NonZeroU32::MIN).allow_burst(BURST)));
const BURST: NonZeroU32 = match NonZeroU32::new(30) {
    Some(burst) => burst,
    None => NonZeroU32::MIN,
};
/// With more addresses than this, those that have been quiet are forgotten.
const MAX_ADDRESSES: usize = 10_000;

/// Logs that somebody at `origin` failed to authenticate as `account`, and why: the code of the refusal. `account` is what the
/// audit log has: a known address or id, never what may be a password.
pub fn authentication_failed(origin: &Origin, account: &str, code: &str) {
    let ip = origin.ip.map(|ip| ip.to_canonical().to_string()).unwrap_or_default();
    if LINES.len() > MAX_ADDRESSES {
        LINES.retain_recent();
    }
    if LINES.check_key(&ip).is_ok() {
        tracing::info!(account, code, ip, request_id = %origin.request, "authentication failed");
    }
}
