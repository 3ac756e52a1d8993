//! Answers counted by their status, under the names that ScaiGrid's dashboards ask for.

use metrics::Counter;
use std::sync::OnceLock;

/// ScaiGrid's own requests (`facts/scaigrid.md` §12). They name no model as long as none is called.
pub static SCAIGRID_REQUESTS: Requests = Requests::new("scaigrid_requests_total");

/// The statuses that are told apart; all others are `other`.
const STATUSES: [(u16, &str); 15] = [
    (200, "200"),
    (201, "201"),
    (204, "204"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (409, "409"),
    (413, "413"),
    (422, "422"),
    (429, "429"),
    (500, "500"),
    (503, "503"),
    (0, "other"),
];

/// A counter for each status.
#[derive(Debug)]
pub struct Requests {
    name: &'static str,
    counters: [OnceLock<Handle>; 15],
}

struct Handle(Counter);

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Counter")
    }
}

impl Requests {
    const fn new(name: &'static str) -> Self {
        Self { name, counters: [const { OnceLock::new() }; 15] }
    }

    /// Counts an answer. The handle is made once, so that counting is one addition.
    pub fn count(&self, status: u16) {
        let at = STATUSES.iter().position(|(known, _)| *known == status).unwrap_or(STATUSES.len() - 1);
        let (Some((_, label)), Some(cell)) = (STATUSES.get(at), self.counters.get(at)) else { return };
        let make = || metrics::counter!(self.name, "model" => "", "status" => *label, "protocol" => "native");
        cell.get_or_init(|| Handle(make())).0.increment(1);
    }
}
