//! What is counted, and for whom.

use crate::base::EmailKey;
use crate::crypto::digest::sha256;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The widths of IPv6 networks in bytes, and how many times the limit of one /64 all in such a network have: /64, /56, /48.
const IPV6: [(u8, u32); 3] = [(8, 1), (7, 2), (6, 4)];

/// Half a counter.
const HALF: usize = 16;
/// What the second half begins with.
const EVERYWHERE: u8 = 0;
const NETWORK: u8 = 1;
const KNOWN: u8 = 2;
const NOWHERE: u8 = 3;

/// Who has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    /// Everybody who tries the account.
    Account,
    /// Who tries the account from one network. None: from an address that is not known.
    AccountFrom(Option<Network>),
    /// Who tries the account in one browser, session or credential that is known to it.
    AccountHere,
    /// One network, on all accounts.
    Network(Network),
}

/// A network that counts as one: an IPv4 address, or a range of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    bytes: [u8; 8],
    width: u8,
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, ..] = self.bytes;
        if self.width == 4 {
            return write!(f, "{}", Ipv4Addr::new(a, b, c, d));
        }
        let front = u64::from_be_bytes(self.bytes);
        write!(f, "{}/{}", Ipv6Addr::from_bits(u128::from(front) << 64), u32::from(self.width) * 8)
    }
}

/// The networks that an address is in, each with how many times the limit of the narrowest it has.
pub(super) fn networks(ip: IpAddr) -> Vec<(Network, u32)> {
    let first = |bytes: &[u8], width: u8| {
        let mut kept = [0; 8];
        kept.iter_mut().zip(bytes).take(usize::from(width)).for_each(|(to, from)| *to = *from);
        Network { bytes: kept, width }
    };
    match ip.to_canonical() {
        IpAddr::V4(ip) => vec![(first(&ip.octets(), 4), 1)],
        IpAddr::V6(ip) => IPV6.iter().map(|(width, times)| (first(&ip.octets(), *width), *times)).collect(),
    }
}

/// What is counted: in the first half an account, hashed, for no e-mail lies about in memory; all zero: any account. In the
/// second half, through what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Counter(pub(super) [u8; 2 * HALF]);

impl Counter {
    /// Of an account, from everywhere.
    pub(super) fn of(account: &str) -> Self {
        let hash = sha256(&[b"account ", EmailKey::of(account).as_str().as_bytes()].concat());
        let mut counter = [0; 2 * HALF];
        counter.iter_mut().zip(hash).take(HALF).for_each(|(to, from)| *to = from);
        Self(counter)
    }

    /// Of a network, on all accounts.
    pub(super) fn of_network(network: &Network) -> Self {
        Self([0; 2 * HALF]).from(network)
    }

    /// The same account from a network.
    pub(super) fn from(self, network: &Network) -> Self {
        self.through(NETWORK, &[&[network.width], network.bytes.as_slice()].concat())
    }

    /// The same account through something that is known to it.
    pub(super) fn known(self, id: [u8; 16]) -> Self {
        self.through(KNOWN, &sha256(&id))
    }

    /// The same account from an address that is not known.
    pub(super) fn nowhere(self) -> Self {
        self.through(NOWHERE, &[])
    }

    fn through(mut self, kind: u8, name: &[u8]) -> Self {
        let second = self.0.iter_mut().skip(HALF);
        second.zip(std::iter::once(&kind).chain(name)).for_each(|(to, from)| *to = *from);
        self
    }

    /// Whether it is of this account.
    pub(super) fn is_of(&self, account: &str) -> bool {
        self.0.iter().take(HALF).eq(Self::of(account).0.iter().take(HALF))
    }

    /// Whether it is of a network on all accounts.
    pub(super) fn is_of_network(&self) -> bool {
        self.0.iter().take(HALF).all(|byte| *byte == 0)
    }

    /// Who has to wait when it is full.
    pub(super) fn whom(&self) -> Whom {
        let (_, second) = self.0.split_at(HALF);
        match second {
            [NETWORK, width, rest @ ..] => {
                let mut bytes = [0; 8];
                bytes.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                let network = Network { bytes, width: *width };
                if self.is_of_network() { Whom::Network(network) } else { Whom::AccountFrom(Some(network)) }
            }
            [KNOWN, ..] => Whom::AccountHere,
            [NOWHERE, ..] => Whom::AccountFrom(None),
            [EVERYWHERE, ..] | [..] => Whom::Account,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_tells_whom_it_holds() {
        let account = Counter::of("a@b.c");
        let named = |ip: &str| -> Vec<String> {
            networks(ip.parse().unwrap()).iter().map(|(network, _)| network.to_string()).collect()
        };
        assert_eq!(named("203.0.113.7"), ["203.0.113.7"]);
        assert_eq!(named("::ffff:203.0.113.7"), ["203.0.113.7"]);
        let wide = ["2001:db8:1:203::/64", "2001:db8:1:200::/56", "2001:db8:1::/48"];
        assert_eq!(named("2001:db8:1:203:4::5"), wide);
        for (network, _) in networks("2001:db8:1:203:4::5".parse().unwrap()) {
            assert_eq!(account.from(&network).whom(), Whom::AccountFrom(Some(network)));
            assert_eq!(Counter::of_network(&network).whom(), Whom::Network(network));
            assert!(Counter::of_network(&network).is_of_network() && !account.from(&network).is_of_network());
        }
        assert_eq!(account.whom(), Whom::Account);
        assert_eq!(account.nowhere().whom(), Whom::AccountFrom(None));
        assert_eq!(account.known([7; 16]).whom(), Whom::AccountHere);
        assert!(account.known([7; 16]).is_of("A@B.C") && !account.is_of("a@b.d"));
    }
}
