//! What a tenant has because it is an organisation that another program manages: that program's key for it, a few texts,
//! what its admins may set up by themselves, how long its people stay signed in, and how many they may be.

use crate::base::{ExternalId, Metadata};
use serde::{Deserialize, Serialize};

crate::base::names! {
    /// Where a logo is: an http or https address of at most 1,024 characters, kept as it is given.
    LogoUrl;
}

impl LogoUrl {
    /// An absolute http or https address without a user in it, 1 to 1,024 characters.
    ///
    /// # Errors
    /// The rule.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const RULE: &str = "must be an http or https address of at most 1024 characters";
        let url = url::Url::parse(text).map_err(|_| RULE)?;
        let sound = text.chars().count() <= 1024
            && !text.chars().any(|c| c.is_control() || c.is_whitespace())
            && matches!(url.scheme(), "https" | "http")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none();
        if sound { Ok(Self(text.to_owned())) } else { Err(RULE) }
    }
}

/// Where an organisation says that its data belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Region {
    /// The United States.
    #[serde(rename = "US")]
    Us,
    /// The European Union.
    #[serde(rename = "EU")]
    Eu,
}

impl Region {
    /// The name in answers: `US`, `EU`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Us => "US",
            Self::Eu => "EU",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Us, Self::Eu].into_iter().find(|region| region.name() == text)
    }
}

/// What an organisation's admins may set up by themselves in their portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Feature {
    /// Single sign-on through their own identity provider.
    Sso,
    /// People and groups from their own directory.
    DirSync,
}

impl Feature {
    /// Both features, in the order of answers.
    pub const ALL: [Self; 2] = [Self::Sso, Self::DirSync];

    /// The name in answers: `sso`, `dir_sync`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sso => "sso",
            Self::DirSync => "dir_sync",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name() == text)
    }
}

/// Which features are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// Whether [`Feature::Sso`] is on.
    pub sso: bool,
    /// Whether [`Feature::DirSync`] is on.
    pub dir_sync: bool,
}

impl Features {
    /// Whether one is on.
    pub const fn has(self, feature: Feature) -> bool {
        match feature {
            Feature::Sso => self.sso,
            Feature::DirSync => self.dir_sync,
        }
    }

    /// Switches one on or off.
    pub const fn set(&mut self, feature: Feature, on: bool) {
        match feature {
            Feature::Sso => self.sso = on,
            Feature::DirSync => self.dir_sync = on,
        }
    }

    /// Those that are on.
    pub fn on(self) -> impl Iterator<Item = Feature> {
        Feature::ALL.into_iter().filter(move |feature| self.has(*feature))
    }

    /// What is on in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { sso: self.sso && other.sso, dir_sync: self.dir_sync && other.dir_sync }
    }

    /// What is on here and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self { sso: self.sso && !other.sso, dir_sync: self.dir_sync && !other.dir_sync }
    }

    /// Whether none is on.
    pub const fn is_empty(self) -> bool {
        !self.sso && !self.dir_sync
    }
}

impl FromIterator<Feature> for Features {
    fn from_iter<T: IntoIterator<Item = Feature>>(features: T) -> Self {
        let mut set = Self::default();
        features.into_iter().for_each(|feature| set.set(feature, true));
        set
    }
}

/// What a tenant has because it is an organisation that another program manages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What that program calls it; unique among live tenants.
    pub external_id: Option<ExternalId>,
    /// What that program keeps about it, at most [`MAX_METADATA`] pairs.
    pub metadata: Metadata,
    /// The address of its logo.
    pub logo_url: Option<LogoUrl>,
    /// Where its data belongs.
    pub region: Option<Region>,
    /// What its admins may set up by themselves.
    pub features: Features,
    /// How long its people stay signed in.
    pub session_policy: super::SessionPolicy,
    /// The most users that it may have; none: what the partner may have in each tenant.
    pub max_users: Option<u32>,
}

/// The most pairs of metadata that an organisation has (Scalekit's schema).
pub const MAX_METADATA: usize = 10;

/// Changes to the details: what is None stays; an inner None empties the field.
#[derive(Clone, Debug, Default)]
pub struct DetailsPatch {
    /// Another id that the program calls it by.
    pub external_id: Option<Option<ExternalId>>,
    /// Other pairs, all of them.
    pub metadata: Option<Metadata>,
    /// Another address of the logo.
    pub logo_url: Option<Option<LogoUrl>>,
    /// Another region for its data.
    pub region: Option<Option<Region>>,
    /// Features to switch on or off; what is not named stays.
    pub features: Vec<(Feature, bool)>,
    /// Other limits of sessions.
    pub session_policy: super::SessionPolicyPatch,
    /// Another most. One below what there is stops only new ones.
    pub max_users: Option<Option<u32>>,
}

impl DetailsPatch {
    /// The details after the change.
    ///
    /// # Errors
    /// A problem that names the field.
    pub(super) fn applied_to(self, old: &Details) -> Result<Details, crate::base::Problem> {
        let mut features = old.features;
        self.features.into_iter().for_each(|(feature, on)| features.set(feature, on));
        let new = Details {
            external_id: self.external_id.unwrap_or_else(|| old.external_id.clone()),
            metadata: self.metadata.unwrap_or_else(|| old.metadata.clone()),
            logo_url: self.logo_url.unwrap_or_else(|| old.logo_url.clone()),
            region: self.region.unwrap_or(old.region),
            features,
            session_policy: self.session_policy.applied_to(old.session_policy)?,
            max_users: self.max_users.unwrap_or(old.max_users),
        };
        new.check()?;
        Ok(new)
    }
}

impl Details {
    /// Holds metadata to what organisations may have; all else holds its own rules.
    pub(super) fn check(&self) -> Result<(), crate::base::Problem> {
        if self.metadata.pairs().len() > MAX_METADATA {
            return Err(crate::base::Problem::invalid("metadata", "must have at most 10 pairs"));
        }
        Ok(())
    }
}
