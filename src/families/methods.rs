//! How somebody showed who they are.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One thing that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// A password.
    Password,
    /// A one-time link that was mailed.
    Link,
    /// The one-time link of the first start, or of `recover-admin`.
    Setup,
    /// The word of another OpenID provider.
    Provider,
    /// A code of an authenticator app (RFC 6238).
    Totp,
    /// A recovery code, for who has lost the app.
    RecoveryCode,
    /// The word of another OpenID provider that it asked for more than one factor.
    ProviderFactors,
}

impl Method {
    /// All of them. A set keeps one bit for each, by its place here: new ones go to the end.
    const ALL: [Self; 7] = [
        Self::Password,
        Self::Link,
        Self::Setup,
        Self::Provider,
        Self::Totp,
        Self::RecoveryCode,
        Self::ProviderFactors,
    ];

    /// The name in audit rows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Link => "link",
            Self::Setup => "setup",
            Self::Provider => "oidc",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::ProviderFactors => "oidc_mfa",
        }
    }

    /// The value in `amr`: those of RFC 8176 §2 where it has one, words of ours where it has none. `fed` is what other
    /// providers say of a sign-in elsewhere.
    const fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Link | Self::Setup => "link",
            Self::Provider => "fed",
            Self::Totp => "otp",
            Self::RecoveryCode => "recovery_code",
            // Which factors those were, only that provider knows.
            Self::ProviderFactors => "fed",
        }
    }

    const fn is_second(self) -> bool {
        matches!(self, Self::Totp | Self::RecoveryCode | Self::ProviderFactors)
    }
}

/// What was shown in one session.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Methods(u16);

impl Methods {
    /// A password alone.
    pub const PASSWORD: Self = Self::of(Method::Password);

    /// The set of one method.
    pub const fn of(method: Method) -> Self {
        Self(1 << method as u16)
    }

    /// And another one.
    #[must_use]
    pub const fn and(self, method: Method) -> Self {
        self.with(Self::of(method))
    }

    /// And what was shown at another time.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is known of it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a second factor is among them.
    pub fn has_second_factor(self) -> bool {
        self.iter().any(Method::is_second)
    }

    fn iter(self) -> impl Iterator<Item = Method> {
        Method::ALL.into_iter().filter(move |method| self.0 & Self::of(*method).0 != 0)
    }

    /// The claim `amr` (OpenID Connect Core §2, RFC 8176): each value once, and `mfa` where there were two kinds.
    pub fn amr(self) -> Vec<String> {
        let mut said: Vec<&str> = self.iter().map(Method::amr).collect();
        said.dedup();
        if self.has_second_factor() && !self.iter().all(Method::is_second) {
            said.push("mfa");
        }
        said.into_iter().map(ToOwned::to_owned).collect()
    }
}

/// As audit rows have it: `password+totp`.
impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, method) in self.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { "+" }, method.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Methods({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::Method::{Link, Password, Provider, ProviderFactors, RecoveryCode, Setup, Totp};
    use super::*;

    #[test]
    fn amr_says_what_was_shown() {
        for (shown, name, amr) in [
            (&[Password][..], "password", &["pwd"][..]),
            (&[Password, Totp], "password+totp", &["pwd", "otp", "mfa"]),
            (&[Password, RecoveryCode], "password+recovery_code", &["pwd", "recovery_code", "mfa"]),
            (&[Link], "link", &["link"]),
            (&[Totp, Link], "link+totp", &["link", "otp", "mfa"]),
            (&[Setup], "setup", &["link"]),
            (&[Link, Setup], "link+setup", &["link"]),
            (&[Provider], "oidc", &["fed"]),
            (&[Provider, Password], "password+oidc", &["pwd", "fed"]),
            (&[Provider, ProviderFactors], "oidc+oidc_mfa", &["fed", "mfa"]),
            (&[], "", &[]),
        ] {
            let methods = shown.iter().fold(Methods::default(), |all, one| all.and(*one));
            let said: Vec<&str> = amr.to_vec();
            assert_eq!(
                (methods.to_string().as_str(), methods.amr()),
                (name, said.into_iter().map(str::to_owned).collect())
            );
        }
    }

    #[test]
    fn each_method_has_its_place() {
        for (at, method) in Method::ALL.into_iter().enumerate() {
            assert_eq!(method as usize, at, "{method:?}");
        }
    }
}
