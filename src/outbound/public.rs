//! Which addresses anybody on the Internet could have: the others are never asked in somebody's name.
//!
//! After the registries of special-purpose addresses (RFC 6890, as IANA keeps them), and beyond them what carries an IPv4
//! address inside an IPv6 one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IPv4 networks that are not public: address and length of the prefix.
const NOT_PUBLIC_4: [([u8; 4], u32); 17] = [
    // This host, and networks of one's own (RFC 1122, RFC 1918, RFC 6598).
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // Link-local; clouds answer there with credentials (169.254.169.254).
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 168, 0, 0], 16),
    // Of protocols, among them a cloud's metadata (192.0.0.192), and the relays of 6to4.
    ([192, 0, 0, 0], 24),
    ([192, 88, 99, 0], 24),
    // A cloud's own channel to its machines, in a network that is public by name.
    ([168, 63, 129, 16], 32),
    // Documentation and measurements (RFC 5737, RFC 2544).
    ([192, 0, 2, 0], 24),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([198, 18, 0, 0], 15),
    // Multicast, and what was never given out.
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
    ([255, 255, 255, 255], 32),
];

/// The networks within 2000::/3, the only one that is given out, that are not public.
const NOT_PUBLIC_6: [(u128, u32); 4] = [
    // Of protocols: Teredo (2001::/32), which carries an IPv4 address, measurements, identifiers.
    (0x2001 << 112, 23),
    // Documentation (RFC 3849, RFC 9637).
    (0x2001_0db8 << 96, 32),
    (0x3fff << 112, 20),
    // 6to4, which carries an IPv4 address (RFC 3056).
    (0x2002 << 112, 16),
];

/// Whether an address is one that anybody on the Internet could have.
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_4(ip),
        IpAddr::V6(ip) => is_public_6(ip),
    }
}

fn is_public_4(ip: Ipv4Addr) -> bool {
    !NOT_PUBLIC_4.iter().any(|(network, len)| {
        let mask = u32::MAX << (32 - len);
        u32::from(ip) & mask == u32::from_be_bytes(*network)
    })
}

fn is_public_6(ip: Ipv6Addr) -> bool {
    let bits = u128::from(ip);
    let within = |network: u128, len: u32| bits & (u128::MAX << (128 - len)) == network;
    let embedded = || Ipv4Addr::from_bits(bits as u32);
    // NAT64 with the well-known prefix (RFC 6052) is how a machine without IPv4 reaches the rest. Its neighbour for local use,
    // 64:ff9b:1::/48, is not given out, nor are ::a.b.c.d, fc00::/7, fe80::/10, fec0::/10 and ff00::/8.
    if within(0x0064_ff9b << 96, 96) {
        return is_public_4(embedded());
    }
    // ISATAP carries an IPv4 address in the lower half, whatever the prefix (RFC 5214).
    let is_isatap = matches!(ip.segments(), [_, _, _, _, 0 | 0x0200, 0x5efe, ..]);
    within(0x2000 << 112, 3)
        && !NOT_PUBLIC_6.iter().any(|(network, len)| within(*network, *len))
        && (!is_isatap || is_public_4(embedded()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn each_network_is_refused_from_its_first_to_its_last_address_and_its_neighbours_are_not() {
        for (first, last) in [
            ("0.0.0.0", "0.255.255.255"),
            ("10.0.0.0", "10.255.255.255"),
            ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"),
            ("168.63.129.16", "168.63.129.16"),
            ("169.254.0.0", "169.254.255.255"),
            ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"),
            ("192.0.2.0", "192.0.2.255"),
            ("192.88.99.0", "192.88.99.255"),
            ("192.168.0.0", "192.168.255.255"),
            ("198.18.0.0", "198.19.255.255"),
            ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"),
            ("224.0.0.0", "255.255.255.255"),
        ] {
            let [first, last] = [first, last].map(|text| u32::from(text.parse::<Ipv4Addr>().unwrap()));
            for inside in [first, first + (last - first) / 2, last] {
                assert!(!is_public_4(inside.into()), "{}", Ipv4Addr::from(inside));
            }
            for outside in [first.checked_sub(1), last.checked_add(1)].into_iter().flatten() {
                assert!(is_public_4(outside.into()), "{}", Ipv4Addr::from(outside));
            }
        }
    }

    #[test]
    fn ipv6_outside_of_what_is_given_out_is_refused() {
        for private in [
            "::",
            "::1",
            "::8.8.8.8",
            "::ffff:0:8.8.8.8",
            "100::1",
            "64:ff9b:1::8.8.8.8",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "feff::1",
            "ff02::1",
            "1fff:ffff::1",
            "4000::1",
            "2001::1",
            "2001:2::1",
            "2001:1ff::1",
            "2001:db8::1",
            "3fff:fff::1",
            "2002:808:808::1",
        ] {
            assert!(!public(private), "{private}");
        }
        for good in ["2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00::1", "3fff:1000::1", "2003::1"] {
            assert!(public(good), "{good}");
        }
        assert!(public("1.1.1.1") && public("93.184.216.34"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// Half of the tries fall into the networks that are not public, which are a small part of all.
        #[test]
        fn an_ipv4_address_in_an_ipv6_one_is_what_it_is_by_itself(
            any: u32,
            of in prop::option::of(prop::sample::select(NOT_PUBLIC_4.to_vec())),
            prefix in 0u64..u64::MAX,
        ) {
            let bits = of.map_or(any, |(network, len)| {
                u32::from_be_bytes(network) | any.checked_shr(len).unwrap_or(0)
            });
            let (ip, wide) = (Ipv4Addr::from(bits), u128::from(bits));
            prop_assert_eq!(is_public(ip.into()), of.is_none() && is_public_4(ip));
            let v6 = |bits: u128| is_public(Ipv6Addr::from(bits).into());
            // These reach the address: mapped, NAT64, ISATAP under a public prefix.
            for form in [0xffff << 32 | wide, 0x0064_ff9b << 96 | wide, 0x2606_4700 << 96 | 0x5efe << 32 | wide] {
                prop_assert_eq!(v6(form), is_public_4(ip), "{}", Ipv6Addr::from(form));
            }
            // These are refused whatever is in them: compatible, translated, local NAT64 of each length (RFC 6052 §2.2), 6to4,
            // Teredo, plain and with its bits turned.
            let (high, low) = (wide >> 16, wide & 0xffff);
            let local = 0x0064_ff9b_0001 << 80;
            for form in [
                wide,
                0xffff_0000 << 32 | wide,
                local | wide,
                local | high << 64 | low << 40,
                0x2002 << 112 | wide << 80 | u128::from(prefix),
                0x2001 << 112 | u128::from(!bits),
                0x2001 << 112 | wide << 64 | u128::from(!bits),
            ] {
                prop_assert!(!v6(form), "{}", Ipv6Addr::from(form));
            }
        }
    }
}
