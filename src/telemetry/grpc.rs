//! gRPC calls counted by how they ended.

use metrics::Counter;
use std::sync::OnceLock;

/// The codes of gRPC, 0 to 16.
const CODES: usize = 17;

/// Counts a call that ended with this code. The handles are made once, so that counting is one addition.
pub fn count(code: u8) {
    static COUNTERS: OnceLock<[Counter; CODES]> = OnceLock::new();
    let counters = COUNTERS.get_or_init(|| {
        std::array::from_fn(|code| metrics::counter!("scaistack_grpc_requests_total", "code" => code.to_string()))
    });
    if let Some(counter) = counters.get(usize::from(code)) {
        counter.increment(1);
    }
}
