//! What is wrong with how the addresses of clients come through proxies, as far as requests have shown it.

use crate::base::Timestamp;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// How long the same fault is not logged again, in seconds.
const AGAIN_SECS: i64 = 3600;

/// A fault of a proxy, or of the settings about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyFault {
    /// A request with forwarded headers came from this address, which is no trusted proxy.
    Untrusted(IpAddr),
    /// A trusted proxy, this one, has written something that is no address.
    Unreadable(IpAddr),
    /// A trusted proxy, this one, has passed on a request for the public address without either header.
    Missing(IpAddr),
}

impl ProxyFault {
    /// What it means, and what to do.
    pub fn message(self) -> String {
        match self {
            Self::Untrusted(peer) => format!(
                "requests with X-Forwarded-For or Forwarded come from {peer}, which is no trusted proxy, so all of them count as \
                 {peer}. If it is your proxy, add \"{peer}\" to server.trusted_proxies; if it is a client, this is nothing"
            ),
            Self::Missing(peer) => format!(
                "the proxy {peer} does not add the client's address to X-Forwarded-For, so clients behind it are counted by \
                 account only. Make it add the address, in nginx: \
                 proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for"
            ),
            Self::Unreadable(peer) => format!(
                "the proxy {peer} writes something into X-Forwarded-For or Forwarded that is no address, so clients behind it are \
                 counted by account only. Make it add the client's address, in nginx: \
                 proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for"
            ),
        }
    }
}

/// The last fault of each kind.
#[derive(Debug, Default)]
pub struct ProxyFaults {
    untrusted: Mutex<Option<(ProxyFault, Timestamp)>>,
    unreadable: Mutex<Option<(ProxyFault, Timestamp)>>,
    missing: Mutex<Option<(ProxyFault, Timestamp)>>,
}

impl ProxyFaults {
    /// Keeps a fault, and logs it once an hour.
    pub fn note(&self, fault: ProxyFault, now: Timestamp) {
        let last = match fault {
            ProxyFault::Untrusted(_) => &self.untrusted,
            ProxyFault::Unreadable(_) => &self.unreadable,
            ProxyFault::Missing(_) => &self.missing,
        };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|(_, at)| now < at.plus_secs(AGAIN_SECS)) {
            return;
        }
        *last = Some((fault, now));
        drop(last);
        tracing::warn!("{}", fault.message());
    }

    /// Those that were seen since the start.
    pub fn seen(&self) -> Vec<(ProxyFault, Timestamp)> {
        let last = |last: &Mutex<Option<_>>| *last.lock().unwrap_or_else(PoisonError::into_inner);
        [last(&self.untrusted), last(&self.unreadable), last(&self.missing)].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_each_kind_is_kept_and_not_noted_again_for_an_hour() {
        let faults = ProxyFaults::default();
        let at = |secs: i64| Timestamp::from_secs(1_800_000_000 + secs);
        let [one, two] = [1, 2].map(|last| IpAddr::from([10, 0, 0, last]));
        faults.note(ProxyFault::Untrusted(one), at(0));
        faults.note(ProxyFault::Untrusted(two), at(3599));
        faults.note(ProxyFault::Unreadable(two), at(5));
        let seen = [(ProxyFault::Untrusted(one), at(0)), (ProxyFault::Unreadable(two), at(5))];
        assert_eq!(faults.seen(), seen);
        faults.note(ProxyFault::Untrusted(two), at(3600));
        assert_eq!(faults.seen()[0], (ProxyFault::Untrusted(two), at(3600)));
        assert!(faults.seen()[0].0.message().contains("add \"10.0.0.2\" to server.trusted_proxies"));
    }
}
