//! The names of roles and permissions as Scalekit has them.

use crate::base::name::names;

/// The longest, in characters.
const MAX: usize = 64;

names! {
    /// The name of a role: `billing_admin`.
    RoleName;
    /// The name of a permission of applications: `invoices:read`.
    PermissionName;
}

impl RoleName {
    /// 1 to 64 of the characters A-Z, a-z, 0-9 and _.
    ///
    /// # Errors
    /// The rule.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if (1..=MAX).contains(&text.len()) && text.bytes().all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be 1 to 64 of the characters A-Z, a-z, 0-9 and _")
        }
    }

    /// From a text that may hold anything: what a name cannot hold becomes `_`. `other` is taken if nothing is left.
    pub(super) fn made_from(text: &str, other: &str) -> Self {
        let made: String =
            text.chars().take(MAX).map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
        Self(if made.is_empty() { other.to_owned() } else { made })
    }

    /// The same with a number behind it.
    pub(super) fn numbered(&self, number: usize) -> Self {
        let tail = format!("_{number}");
        let front: String = self.0.chars().take(MAX - tail.len()).collect();
        Self(front + &tail)
    }
}

impl PermissionName {
    /// 1 to 64 of the characters A-Z, a-z, 0-9, _ and `:`.
    ///
    /// # Errors
    /// The rule.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
        if (1..=MAX).contains(&text.len()) && text.bytes().all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be 1 to 64 of the characters A-Z, a-z, 0-9, _ and :")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_the_products_rules() {
        let long = "a".repeat(65);
        for good in ["a", "Billing_Admin2", &long[..64]] {
            assert_eq!(RoleName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a-b", "a b", "a:b", "ä", &long] {
            assert!(RoleName::parse(bad).is_err(), "{bad}");
        }
        assert!(PermissionName::parse("chk:read_2").is_ok() && PermissionName::parse(":").is_ok());
        for bad in ["", "a.b", "a-b", "a b", &long] {
            assert!(PermissionName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_is_made_of_anything() {
        assert_eq!(RoleName::made_from("report-readers.eu", "x").as_str(), "report_readers_eu");
        assert_eq!(RoleName::made_from("", "role_7").as_str(), "role_7");
        let long = RoleName::made_from(&"b".repeat(80), "x");
        assert_eq!((long.as_str().len(), long.numbered(12).as_str().len()), (64, 64));
        assert!(long.numbered(12).as_str().ends_with("b_12"));
    }
}
