//! gRPC calls counted by how they ended.

use super::counters::Counters;

/// Counts a call that ended with this code: 0 to 16.
pub fn count(code: u8) {
    static COUNTERS: Counters<17> =
        Counters::new(|code| metrics::counter!("scaistack_grpc_requests_total", "code" => code.to_string()));
    COUNTERS.count(usize::from(code));
}
