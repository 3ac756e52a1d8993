//! Where a sign-in leads.

/// Where a sign-in leads that comes in by a door: back to where it was asked for, or to what the door is for.
pub(super) fn landing<'a>(door: &str, next: &'a str) -> &'a str {
    if next.is_empty() && door == "/account/sign-in" { "/account" } else { own_page(next) }
}

/// An address of our own pages, or Home. Anything that a browser could take for another host is Home: `//evil`, `/\evil`.
pub(super) fn own_page(next: &str) -> &str {
    let own = (next.starts_with("/admin/") || next == "/account" || next.starts_with("/account/"))
        && !next.contains(['\\', '\r', '\n', '\t'])
        && !next.starts_with("/admin/sign-")
        && !next.starts_with("/account/sign-");
    if own && next.is_ascii() { next } else { "/admin/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_leads_to_our_own_pages_only() {
        assert_eq!(own_page("/admin/secrets?prefix=a%2Fb"), "/admin/secrets?prefix=a%2Fb");
        for bad in [
            "",
            "https://evil",
            "//evil",
            "/\\evil",
            "/admin/\\evil",
            "/adminevil",
            "javascript:x",
            "/admin/sign-out",
            "/account/sign-in",
            "/admin/\r\nX: y",
            "/accountant",
        ] {
            assert_eq!(own_page(bad), "/admin/", "{bad}");
        }
        assert_eq!((landing("/account/sign-in", ""), landing("/admin/sign-in", "")), ("/account", "/admin/"));
        assert_eq!(landing("/account/sign-in", "/account/sessions"), "/account/sessions");
    }
}
