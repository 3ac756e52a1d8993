//! What a user tells about themselves: the fields behind the standard claims of OpenID Connect Core §5.1.

use crate::base::text::{self, Rule};
use crate::base::{DisplayName, Metadata, Problem};
use serde::{Deserialize, Serialize};

crate::base::names! {
    /// A telephone number in E.164, as OpenID Connect asks for it: `+31201234567`.
    PhoneNumber;
    /// A language tag (BCP 47): `nl-NL`.
    Locale;
    /// A time zone by its name in the IANA database: `Europe/Amsterdam`. Only its form is checked, because that database
    /// grows while a program stands still.
    ZoneInfo;
    /// The address of a page or a picture: http or https.
    WebUrl;
    /// A day of birth: `1985-07-21`, `0000-07-21` without the year, or the year alone.
    Birthdate;
    /// A line, or lines, of a postal address: 1 to 500 characters.
    AddressText;
    /// What programs call somebody: 1 to 512 characters.
    Username;
    /// A group as whoever vouches for somebody names it: 1 to 250 characters.
    GroupName;
}

/// The most groups in a profile (Scalekit's schema).
pub const MAX_GROUPS: usize = 50;

impl Username {
    /// Blanks around it are dropped and it is brought into normal form C; then 1 to 512 characters, none of them a control
    /// character or one that nobody sees.
    ///
    /// # Errors
    /// The rule, with the number of an invisible character.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        text::name(text, 512).map(Self)
    }
}

impl GroupName {
    /// Blanks around it are dropped and it is brought into normal form C; then 1 to 250 characters, none of them a control
    /// character or one that nobody sees.
    ///
    /// # Errors
    /// The rule, with the number of an invisible character.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        text::name(text, 250).map(Self)
    }
}

impl PhoneNumber {
    /// `+` and 7 to 15 digits. Blanks, hyphens, dots and brackets are dropped.
    ///
    /// # Errors
    /// The rule.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        let digits = bare.strip_prefix('+').unwrap_or_default();
        let sound = (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|digit| digit.is_ascii_digit());
        if sound { Ok(Self(bare)) } else { Err("must be a number with its country such as +31201234567") }
    }
}

impl Locale {
    /// A language of 2 to 8 letters, then parts of 1 to 8 letters and digits, at most 35 characters. `nl_NL` is taken as
    /// `nl-NL`, as the standard advises.
    ///
    /// # Errors
    /// The rule.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let tag = text.replace('_', "-");
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default();
        let sound = (2..=8).contains(&language.len())
            && language.bytes().all(|b| b.is_ascii_alphabetic())
            && tag.len() <= 35
            && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        if sound { Ok(Self(tag)) } else { Err("must be a language tag such as en or nl-NL") }
    }
}

impl ZoneInfo {
    /// Parts of letters, digits, `_`, `+` and `-` between slashes, at most 64 characters.
    ///
    /// # Errors
    /// The rule.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let part_ok = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'-'))
        };
        if text.len() <= 64 && text.split('/').count() <= 3 && text.split('/').all(part_ok) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be a time zone such as Europe/Amsterdam")
        }
    }
}

impl WebUrl {
    /// An absolute http or https address without a user in it, at most 2048 bytes.
    ///
    /// # Errors
    /// The rule.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const RULE: &str = "must be an address such as https://example.com/alice";
        let text = text.trim();
        if text.len() > 2048 {
            return Err(RULE);
        }
        let url = url::Url::parse(text).map_err(|_| RULE)?;
        // The normal form can be longer: what is no ASCII is written as %XX.
        let sound = url.as_str().len() <= 2048
            && matches!(url.scheme(), "https" | "http")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none();
        if sound { Ok(Self(url.into())) } else { Err(RULE) }
    }
}

impl Birthdate {
    /// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
    ///
    /// # Errors
    /// The rule.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const RULE: &str = "must be a day such as 1985-07-21, 0000-07-21 without a year, or a year";
        let number = |part: &str, digits: usize| {
            (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<i16>().ok())
                .flatten()
        };
        let parts: Vec<&str> = text.split('-').collect();
        let sound = match parts.as_slice() {
            [year] => number(year, 4).is_some_and(|year| year >= 1000),
            [year, month, day] => {
                let (year, month, day) = (number(year, 4), number(month, 2), number(day, 2));
                // A leap year stands in for the year that is not told.
                let year = year.map(|year| if year == 0 { 2000 } else { year });
                year.zip(month).zip(day).is_some_and(|((year, month), day)| {
                    year >= 1000 && jiff::civil::Date::new(year, month as i8, day as i8).is_ok()
                })
            }
            _ => false,
        };
        if sound { Ok(Self(text.to_owned())) } else { Err(RULE) }
    }
}

impl AddressText {
    /// Blanks around it are dropped and it is brought into normal form C; then 1 to 500 characters, no control character but
    /// the end of a line and none that nobody sees.
    ///
    /// # Errors
    /// The rule, with the number of an invisible character.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        const RULE: Rule = Rule::Borrowed("must be 1 to 500 characters without control characters");
        if text.len() > 500 * 32 {
            return Err(RULE);
        }
        let text = text::nfc(text.trim()).replace("\r\n", "\n");
        if text.is_empty() || text.chars().count() > 500 || text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(RULE);
        }
        text::refuse_hidden(&text)?;
        Ok(Self(text))
    }
}

/// A postal address (OpenID Connect Core §5.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    /// The whole as on a label. Made of the parts when it is not given.
    pub formatted: Option<AddressText>,
    /// Street and number, in lines.
    pub street_address: Option<AddressText>,
    /// City.
    pub locality: Option<AddressText>,
    /// State, province, prefecture.
    pub region: Option<AddressText>,
    /// Postal code.
    pub postal_code: Option<AddressText>,
    /// Country.
    pub country: Option<AddressText>,
}

impl Address {
    /// The whole as on a label: what was given, or the parts in lines. None when there is nothing.
    pub fn label(&self) -> Option<String> {
        if let Some(given) = &self.formatted {
            return Some(given.to_string());
        }
        let place = [&self.postal_code, &self.locality, &self.region].into_iter().flatten();
        let place: Vec<&str> = place.map(AddressText::as_str).collect();
        let place = place.join(" ");
        let lines = [
            self.street_address.as_ref().map_or("", AddressText::as_str),
            place.as_str(),
            self.country.as_ref().map_or("", AddressText::as_str),
        ];
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Whether nothing is told.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The fields of a user beyond the name, each a claim of OpenID Connect Core §5.1 of the same name.
///
/// It stands last in a row of [`User`](super::User), so that a row from before it reads as one with nothing in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Between first and last name.
    pub middle_name: Option<DisplayName>,
    /// A short name.
    pub nickname: Option<DisplayName>,
    /// What they wish to be called by programs. Not unique, and never a name to sign in with.
    pub preferred_username: Option<Username>,
    /// A page about them: the claim `profile`.
    pub page: Option<WebUrl>,
    /// A picture of them.
    pub picture: Option<WebUrl>,
    /// Their web site.
    pub website: Option<WebUrl>,
    /// In their own word.
    pub gender: Option<DisplayName>,
    /// Day of birth.
    pub birthdate: Option<Birthdate>,
    /// Time zone.
    pub zoneinfo: Option<ZoneInfo>,
    /// Language and region.
    pub locale: Option<Locale>,
    /// Telephone.
    pub phone_number: Option<PhoneNumber>,
    /// Whether somebody has checked that the number is theirs.
    pub phone_number_verified: bool,
    /// Where post goes.
    pub address: Option<Address>,
    /// The groups that they are in elsewhere, each once. Those of a tenant here are [`super::groups`].
    pub groups: Vec<GroupName>,
    /// What a program keeps beside the profile.
    pub metadata: Metadata,
}

/// Changes to a [`Profile`]: what is None stays, an inner None empties the field.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// Between first and last name.
    pub middle_name: Option<Option<DisplayName>>,
    /// A short name.
    pub nickname: Option<Option<DisplayName>>,
    /// What programs call them.
    pub preferred_username: Option<Option<Username>>,
    /// A page about them.
    pub page: Option<Option<WebUrl>>,
    /// The address of a picture of the person.
    pub picture: Option<Option<WebUrl>>,
    /// A web site.
    pub website: Option<Option<WebUrl>>,
    /// In their own word.
    pub gender: Option<Option<DisplayName>>,
    /// Day of birth.
    pub birthdate: Option<Option<Birthdate>>,
    /// Time zone.
    pub zoneinfo: Option<Option<ZoneInfo>>,
    /// Language and region.
    pub locale: Option<Option<Locale>>,
    /// Telephone. Another number is unverified, unless the change says otherwise.
    pub phone_number: Option<Option<PhoneNumber>>,
    /// Whether the number was checked: for admins.
    pub phone_number_verified: Option<bool>,
    /// Where post goes, as a whole.
    pub address: Option<Option<Address>>,
    /// The groups elsewhere, all of them.
    pub groups: Option<Vec<GroupName>>,
    /// What a program keeps beside the profile, all of it.
    pub metadata: Option<Metadata>,
}

impl ProfileChange {
    /// The profile with this change made to it.
    ///
    /// # Errors
    /// `validation_error` for a verified number when there is no number, for too many groups and for one named twice.
    pub fn applied_to(self, old: &Profile) -> Result<Profile, Problem> {
        let old = old.clone();
        let phone_number = self.phone_number.unwrap_or_else(|| old.phone_number.clone());
        let same_phone = phone_number == old.phone_number;
        if phone_number.is_none() && self.phone_number_verified == Some(true) {
            return Err(Problem::invalid("profile.phone_number_verified", "needs a phone_number"));
        }
        let groups = self.groups.unwrap_or(old.groups);
        if groups.len() > MAX_GROUPS {
            return Err(Problem::invalid("profile.groups", "must be at most 50 groups"));
        }
        if groups.iter().collect::<std::collections::BTreeSet<_>>().len() < groups.len() {
            return Err(Problem::invalid("profile.groups", "must name each group once"));
        }
        let phone_number_verified = self.phone_number_verified.unwrap_or(old.phone_number_verified && same_phone);
        Ok(Profile {
            middle_name: self.middle_name.unwrap_or(old.middle_name),
            nickname: self.nickname.unwrap_or(old.nickname),
            preferred_username: self.preferred_username.unwrap_or(old.preferred_username),
            page: self.page.unwrap_or(old.page),
            picture: self.picture.unwrap_or(old.picture),
            website: self.website.unwrap_or(old.website),
            gender: self.gender.unwrap_or(old.gender),
            birthdate: self.birthdate.unwrap_or(old.birthdate),
            zoneinfo: self.zoneinfo.unwrap_or(old.zoneinfo),
            locale: self.locale.unwrap_or(old.locale),
            phone_number_verified: phone_number_verified && phone_number.is_some(),
            phone_number,
            address: self.address.unwrap_or(old.address).filter(|address| !address.is_empty()),
            groups,
            metadata: self.metadata.unwrap_or(old.metadata),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_rules() {
        assert_eq!(PhoneNumber::parse("+31 (20) 123-4567").unwrap().as_str(), "+31201234567");
        for bad in ["", "+", "0201234567", "+0312012345", "+31", "+3120123456789012", "+31a01234567"] {
            assert!(PhoneNumber::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Locale::parse("nl_NL").unwrap().as_str(), "nl-NL");
        for bad in ["", "n", "nl-", "nl--NL", "1a", "nl NL", &format!("nl{}", "-abcdefgh".repeat(5))] {
            assert!(Locale::parse(bad).is_err(), "{bad}");
        }
        for good in ["Europe/Amsterdam", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert!(ZoneInfo::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "/", "Europe/", "../etc", "Europe/Am sterdam", "a/b/c/d"] {
            assert!(ZoneInfo::parse(bad).is_err(), "{bad}");
        }
        for bad in ["", "alice", "javascript:alert(1)", "https://", "https://u:p@e.example/", "data:image/png,x"] {
            assert!(WebUrl::parse(bad).is_err(), "{bad}");
        }
        for good in ["1985-07-21", "0000-02-29", "1985"] {
            assert!(Birthdate::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "85-07-21", "1985-13-01", "1985-02-29", "1985-7-1", "1985-07-21-", "0000"] {
            assert!(Birthdate::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn another_number_is_not_verified() {
        let phone = |text: &str| Some(Some(PhoneNumber::parse(text).unwrap()));
        let change = ProfileChange {
            phone_number: phone("+31201234567"),
            phone_number_verified: Some(true),
            ..ProfileChange::default()
        };
        let profile = change.applied_to(&Profile::default()).unwrap();
        assert!(profile.phone_number_verified);
        let same = ProfileChange { phone_number: phone("+31 20 1234567"), ..ProfileChange::default() };
        assert!(same.applied_to(&profile).unwrap().phone_number_verified);
        let other = ProfileChange { phone_number: phone("+31201234568"), ..ProfileChange::default() };
        assert!(!other.applied_to(&profile).unwrap().phone_number_verified);
        let gone = ProfileChange { phone_number: Some(None), ..ProfileChange::default() };
        assert!(!gone.applied_to(&profile).unwrap().phone_number_verified);
        let verified = ProfileChange { phone_number_verified: Some(true), ..ProfileChange::default() };
        assert!(verified.applied_to(&Profile::default()).is_err());
    }

    #[test]
    fn an_address_is_a_label() {
        let text = |text: &str| Some(AddressText::parse(text).unwrap());
        let address = Address {
            street_address: text("Damrak 1\r\nAttic"),
            postal_code: text("1012 LG"),
            locality: text("Amsterdam"),
            country: text("NL"),
            ..Address::default()
        };
        assert_eq!(address.label().unwrap(), "Damrak 1\nAttic\n1012 LG Amsterdam\nNL");
        assert_eq!(Address::default().label(), None);
        assert_eq!(Address { formatted: text("Here"), ..address }.label().unwrap(), "Here");
    }
}
