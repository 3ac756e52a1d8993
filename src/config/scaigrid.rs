//! `[scaigrid]`: the limits of requests and the models that are offered.

use super::Checks;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The limits of requests, and the models that are offered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScaiGrid {
    /// The length in seconds of the window that slides over the requests.
    pub limit_window_secs: u32,
    /// Requests in a window with one API key, unless it or its tenant has a limit of its own.
    pub limit_per_key: u32,
    /// Requests in a window of one user.
    pub limit_per_user: u32,
    /// Requests in a window of one tenant.
    pub limit_per_tenant: u32,
    /// Requests in a window of one partner.
    pub limit_per_partner: u32,
    /// Requests in a window from one address (IPv4 address, IPv6 /64) without a credential.
    pub limit_per_address: u32,
    /// The models that `/v1/models` lists.
    pub models: Vec<Model>,
}

impl Default for ScaiGrid {
    /// A window of a minute; 60, 120, 1000 and 5000 requests, the defaults of ScaiGrid's documentation, and 600 from an
    /// address.
    fn default() -> Self {
        Self {
            limit_window_secs: 60,
            limit_per_key: 60,
            limit_per_user: 120,
            limit_per_tenant: 1000,
            limit_per_partner: 5000,
            limit_per_address: 600,
            models: Vec::new(),
        }
    }
}

/// What goes into a model and comes out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// A conversation.
    Chat,
    /// Text to a vector.
    Embedding,
    /// Text to an image.
    Image,
    /// Speech to text, or text to speech.
    Audio,
}

impl Modality {
    /// The name in answers: `chat`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Embedding => "embedding",
            Self::Image => "image",
            Self::Audio => "audio",
        }
    }
}

/// Whether a model should still be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelStatus {
    /// New programs should choose it.
    #[default]
    Active,
    /// It will go.
    Deprecated,
}

impl ModelStatus {
    /// The name in answers: `active`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deprecated => "deprecated",
        }
    }
}

/// A model that ScaiGrid's `/v1/models` offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name in requests: `openai/gpt-4o`.
    pub slug: Arc<str>,
    /// Its name for people; the slug if not said.
    pub display_name: Option<Arc<str>>,
    /// What it does.
    pub modality: Modality,
    /// The most tokens that it looks at.
    pub context_window: u32,
    /// The most tokens that it answers with.
    pub max_output_tokens: Option<u32>,
    /// Whether it should still be chosen.
    #[serde(default)]
    pub status: ModelStatus,
}

/// What a model's slug must be.
const SLUG_RULE: &str = "must be 1 to 200 letters, digits and -._:/@, with no empty part between slashes";

fn is_slug(text: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"-._:/@".contains(&b);
    (1..=200).contains(&text.len()) && text.bytes().all(known) && text.split('/').all(|part| !part.is_empty())
}

impl ScaiGrid {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("scaigrid.limit_window_secs", self.limit_window_secs, 1..=3600);
        for (key, limit) in [
            ("scaigrid.limit_per_key", self.limit_per_key),
            ("scaigrid.limit_per_user", self.limit_per_user),
            ("scaigrid.limit_per_tenant", self.limit_per_tenant),
            ("scaigrid.limit_per_partner", self.limit_per_partner),
            ("scaigrid.limit_per_address", self.limit_per_address),
        ] {
            checks.range(key, limit, 1..=1_000_000_000);
        }
        let mut seen = BTreeSet::new();
        for model in &self.models {
            if !is_slug(&model.slug) {
                checks.refuse("scaigrid.models", format!("slug {SLUG_RULE}: {:?}", model.slug));
            } else if !seen.insert(&model.slug) {
                checks.refuse("scaigrid.models", format!("names {} twice", model.slug));
            }
        }
    }
}
