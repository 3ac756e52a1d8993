//! The core permissions in words.

/// What the core permissions are for.
pub(in crate::http::ui) const CORE: [(&str, &str); 15] = [
    ("models:list", "See which models there are"),
    ("models:use", "Call models"),
    ("models:manage", "Make and change models"),
    ("routing:view", "See how requests are routed"),
    ("routing:manage", "Change how requests are routed"),
    ("accounting:view_own", "See the owner's usage"),
    ("accounting:view_tenant", "See the tenant's usage"),
    ("accounting:view_partner", "See the partner's usage"),
    ("accounting:manage_budgets", "Make and change budgets"),
    ("users:manage", "See users and change their roles"),
    ("api_keys:manage", "Make, change and end API keys"),
    ("webhooks:manage", "Make and change webhooks"),
    ("modules:use", "Call modules"),
    ("modules:manage", "Switch modules on and off"),
    ("admin:access", "Enter the administration"),
];
