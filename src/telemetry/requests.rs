//! Answers counted by their status.

use super::counters::Counters;

/// The statuses that ScaiGrid's dashboards tell apart; all others are the first.
const STATUSES: [(u16, &str); 15] = [
    (0, "other"),
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
];

/// Counts an answer on ScaiGrid's addresses. They name no model as long as none is called.
pub fn scaigrid(status: u16) {
    static COUNTERS: Counters<15> = Counters::new(|at| {
        let status = STATUSES.get(at).map_or("other", |(_, label)| *label);
        metrics::counter!("scaigrid_requests_total", "model" => "", "status" => status, "protocol" => "native")
    });
    COUNTERS.count(STATUSES.iter().position(|(known, _)| *known == status).unwrap_or(0));
}

/// The classes of a status (RFC 9110 §15), by its first digit.
const CLASSES: [&str; 6] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counts an answer under its class of status.
pub fn http(status: u16) {
    static COUNTERS: Counters<6> = Counters::new(|class| {
        let class = CLASSES.get(class).copied().unwrap_or("other");
        metrics::counter!("scaistack_http_requests_total", "status" => class)
    });
    let class = usize::from(status / 100);
    COUNTERS.count(if class < CLASSES.len() { class } else { 0 });
}
