//! How somebody showed who they are, and what follows from it: `amr`, `acr` and `auth_time` of their tokens, whether a second
//! factor was given, and whether the sign-in is recent.

use super::Proof;
use crate::base::Timestamp;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// The `acr` of a sign-in with one factor (REFEDS Single Factor Authentication Profile).
pub const ACR_SINGLE: &str = "https://refeds.org/profile/sfa";
/// The `acr` of a sign-in with two factors (REFEDS Multi-Factor Authentication Profile).
pub const ACR_MULTI: &str = "https://refeds.org/profile/mfa";

/// One thing that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// A password.
    Password,
    /// A one-time link that was mailed. Nobody signs in by one now; sessions of older versions may name it.
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

    /// The method of a value in `amr`. `mfa` is none, for it follows from the others.
    fn of_amr(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.amr() == value)
    }

    const fn is_second(self) -> bool {
        matches!(self, Self::Totp | Self::RecoveryCode | Self::ProviderFactors)
    }
}

/// A set of methods. A row keeps it as a number with a bit for each.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Methods(u16);

impl Methods {
    /// Those of a list.
    const fn of(mut shown: &[Method]) -> Self {
        let mut all = 0;
        while let [first, rest @ ..] = shown {
            all |= 1 << *first as u16;
            shown = rest;
        }
        Self(all)
    }

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has_second_factor(self) -> bool {
        self.iter().any(Method::is_second)
    }

    fn iter(self) -> impl Iterator<Item = Method> {
        Method::ALL.into_iter().filter(move |method| self.0 & Self::of(&[*method]).0 != 0)
    }

    /// The values in `amr`: each once, and `mfa` where there were two kinds.
    fn amr(self) -> impl Iterator<Item = &'static str> {
        // Two of them are one value.
        let fed_before =
            move |method| method == Method::ProviderFactors && self.iter().any(|one| one == Method::Provider);
        let link_before = move |method| method == Method::Setup && self.iter().any(|one| one == Method::Link);
        let two_kinds = self.has_second_factor() && !self.iter().all(Method::is_second);
        let each = self.iter().filter(move |method| !fed_before(*method) && !link_before(*method));
        each.map(Method::amr).chain(two_kinds.then_some("mfa"))
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

/// The claim `amr` (OpenID Connect Core §2, RFC 8176). Written from the set itself, without a list in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amr(Methods);

impl Serialize for Amr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for value in self.0.amr() {
            list.serialize_element(value)?;
        }
        list.end()
    }
}

/// How somebody proved themselves, and when: one value, whatever the door. A sign-in makes it with [`Evidence::of`], the
/// session keeps it, a step-up adds to it ([`Evidence::and_then`]), and what an application gets for the person takes it along.
/// What tokens say of the sign-in, and what is asked of it, is read here and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    methods: Methods,
    at: Timestamp,
    second_factor_at: Option<Timestamp>,
}

impl Evidence {
    /// These methods were shown, the last of them at `at`. What everybody who signs somebody in makes it by.
    pub fn of(shown: &[Method], at: Timestamp) -> Self {
        let methods = Methods::of(shown);
        Self { methods, at, second_factor_at: methods.has_second_factor().then_some(at) }
    }

    /// From the parts that a row keeps.
    pub const fn from_row(methods: Methods, at: Timestamp, second_factor_at: Option<Timestamp>) -> Self {
        Self { methods, at, second_factor_at }
    }

    /// And what was shown later in the same session. Once a second factor was given, it stays given.
    #[must_use]
    pub const fn and_then(self, later: Self) -> Self {
        let second_factor_at = match later.second_factor_at {
            Some(at) => Some(at),
            None => self.second_factor_at,
        };
        Self { methods: self.methods.with(later.methods), at: later.at, second_factor_at }
    }

    /// What was shown, for a row and for the log.
    pub const fn methods(&self) -> Methods {
        self.methods
    }

    /// When something was last shown; `auth_time` in tokens (OpenID Connect Core §2).
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// When a second factor was last given.
    pub const fn second_factor_at(&self) -> Option<Timestamp> {
        self.second_factor_at
    }

    /// Whether a second factor was given.
    pub const fn has_second_factor(&self) -> bool {
        self.second_factor_at.is_some()
    }

    /// The claim `acr`: [`ACR_SINGLE`] or [`ACR_MULTI`].
    pub const fn acr(&self) -> &'static str {
        if self.has_second_factor() { ACR_MULTI } else { ACR_SINGLE }
    }

    /// The claim `amr`.
    pub const fn amr(&self) -> Amr {
        Amr(self.methods)
    }

    /// What it shows about whoever uses the session now: the sign-in is recent for `step_up_secs` seconds.
    pub fn proof(&self, now: Timestamp, step_up_secs: i64) -> Proof {
        if now < self.at.plus_secs(step_up_secs) { Proof::Recent } else { Proof::Stale }
    }

    /// Whether it is older than `max_age` seconds, as an application asks (OpenID Connect Core §3.1.2.1). 0 asks for a new
    /// sign-in, however recent the last one.
    pub fn is_older_than(&self, max_age: u32, now: Timestamp) -> bool {
        let age = now.millis().saturating_sub(self.at.millis());
        max_age == 0 || age > i64::from(max_age) * 1000
    }
}

/// As rows kept it once: the claims themselves. For the steps that read them ([`crate::store::Row::upgrade`]).
#[derive(Clone, Debug, Deserialize)]
pub struct ClaimsOfEvidence {
    at: Timestamp,
    acr: String,
    amr: Vec<String>,
}

impl From<ClaimsOfEvidence> for Evidence {
    fn from(kept: ClaimsOfEvidence) -> Self {
        let mut shown: Vec<Method> = kept.amr.iter().filter_map(|value| Method::of_amr(value)).collect();
        let multi = kept.acr == ACR_MULTI;
        if multi && !shown.iter().copied().any(Method::is_second) {
            // Two factors, none of which has a word of its own: only another provider's are so.
            shown.push(Method::ProviderFactors);
        }
        Self::from_row(Methods::of(&shown), kept.at, multi.then_some(kept.at))
    }
}

#[cfg(test)]
mod tests {
    use super::Method::{Link, Password, Provider, ProviderFactors, RecoveryCode, Setup, Totp};
    use super::*;
    use serde_json::json;

    const AT: Timestamp = Timestamp::from_secs(1_800_000_000);

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
            (&[Provider, Totp, ProviderFactors], "oidc+totp+oidc_mfa", &["fed", "otp", "mfa"]),
            (&[], "", &[]),
        ] {
            let evidence = Evidence::of(shown, AT);
            assert_eq!((evidence.methods().to_string().as_str(), json!(evidence.amr())), (name, json!(amr)));
            let one_by_one =
                shown.iter().fold(Evidence::of(&[], AT), |all, one| all.and_then(Evidence::of(&[*one], AT)));
            assert_eq!(one_by_one, evidence);
        }
    }

    #[test]
    fn each_method_has_its_place() {
        for (at, method) in Method::ALL.into_iter().enumerate() {
            assert_eq!(method as usize, at, "{method:?}");
        }
    }

    #[test]
    fn what_is_shown_later_counts_from_then_and_a_second_factor_stays() {
        let (first, later) = (Evidence::of(&[Password, Totp], AT), AT.plus_secs(60));
        let again = first.and_then(Evidence::of(&[Password], later));
        assert_eq!((again.at(), again.second_factor_at(), again.acr()), (later, Some(AT), ACR_MULTI));
        assert_eq!((again.proof(later, 1), again.proof(later.plus_secs(1), 1)), (Proof::Recent, Proof::Stale));
        assert!(again.is_older_than(0, later) && !again.is_older_than(60, later.plus_secs(60)));
        assert!(again.is_older_than(60, later.plus_secs(61)));
        assert_eq!(Evidence::of(&[Password], AT).acr(), ACR_SINGLE);
    }

    #[test]
    fn what_rows_kept_as_claims_says_the_same_again() {
        for shown in [
            &[Password][..],
            &[Password, Totp],
            &[Password, RecoveryCode],
            &[Link],
            &[Setup, Password],
            &[Provider],
            &[Provider, ProviderFactors],
            &[Provider, Totp],
        ] {
            let evidence = Evidence::of(shown, AT);
            let amr = evidence.methods.amr().map(ToOwned::to_owned).collect();
            let kept = ClaimsOfEvidence { at: AT, acr: evidence.acr().to_owned(), amr };
            let read = Evidence::from(kept);
            assert_eq!((read.at(), read.acr(), json!(read.amr())), (AT, evidence.acr(), json!(evidence.amr())));
        }
    }
}
