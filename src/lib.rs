//! scaistack: sign-in, API keys, a secret vault and B2B organisations in one binary with one encrypted file.
//!
//! The map, from the ground up. Which module may name which is the map of `ARCHITECTURE.md`, which a test holds:
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`base`] | ids, names, time, secrets, problems: nothing else of this crate |
//! | [`catalogue`] | names that rules, pages and documentation share: scopes, actions of the audit log |
//! | [`crypto`] | ciphers, keys, passwords, tokens, JWTs: functions on bytes |
//! | [`config`] | the settings and where each was set |
//! | [`telemetry`] | the log and the figures of the process |
//! | [`store`] | the encrypted file and its transactions; the only place that names redb |
//! | [`access`] | actors, places, the permission table |
//! | [`audit`] | the chained log |
//! | [`jobs`] | work by the clock: when it is due, how it went |
//! | [`endings`] | what can end, and how a domain says that it has |
//! | [`vault`] | versioned secrets, sealed per tenant and per version |
//! | [`tenancy`] | partners and tenants |
//! | [`token_families`] | the tokens of one sign-in for one application, and their common end |
//! | [`sessions`] | signed-in browsers |
//! | [`people`] | users, memberships, admin roles |
//! | [`roles`] | custom roles, module permissions, mappings of groups: what a user may do |
//! | [`mfa`] | second factors: codes of an app, recovery codes |
//! | [`mail`] | the outbox, what mails say, SMTP |
//! | [`keys`] | API keys and personal tokens |
//! | [`limits`] | how many requests a window keys, users, tenants and partners may have |
//! | [`apps`] | OAuth clients and their secrets |
//! | [`portal_links`] | one-time links to an organisation's portal |
//! | [`oauth`] | client authentication, grants, tokens, signing keys |
//! | [`setup`] | the first start and the one-time link |
//! | [`sso`] | other people's OpenID providers |
//! | [`outbound`] | the one guarded HTTP client for other servers |
//! | [`lifecycle`] | what ends with what: one table over the domains |
//! | [`stack`] | the assembled services |
//! | [`authentication`] | who it is, password, second factor, session |
//! | [`program_login`] | ScaiGrid's sign-in of people through a program |
//! | [`mailed_links`] | one-time links: new password, confirmed address, invitation |
//! | [`schema`] | the steps that bring the rows of older versions up |
//! | [`maintenance`] | the jobs of this server |
//! | [`http`] | everything that knows actix: the port, its certificate |
//! | [`cli`] | the command line |

pub mod access;
pub mod apps;
pub mod audit;
pub mod authentication;
pub mod base;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod endings;
pub mod http;
pub mod jobs;
pub mod keys;
pub mod lifecycle;
pub mod limits;
pub mod mail;
pub mod mailed_links;
pub mod maintenance;
pub mod mfa;
pub mod oauth;
pub mod outbound;
pub mod people;
pub mod portal_links;
pub mod program_login;
pub mod roles;
pub mod schema;
pub mod sessions;
pub mod setup;
pub mod sso;
pub mod stack;
pub mod store;
pub mod telemetry;
pub mod tenancy;
pub mod token_families;
pub mod vault;
