//! ScaiGrid: API keys, sign-in, roles, limits and models under `/v1`, in its own envelope (`facts/scaigrid.md` §1, §11).

mod dialect;
pub mod envelope;

pub use dialect::dialect;

use super::route::Surface;

/// The routes.
pub static SURFACE: Surface = Surface {
    name: "scaigrid",
    // What else lies under `/v1` is ScaiVault's to answer.
    fronts: &[
        "/v1/api-keys/",
        "/v1/audit-log/",
        "/v1/auth/authorize/",
        "/v1/auth/callback/",
        "/v1/auth/identify/",
        "/v1/auth/logout/",
        "/v1/auth/me/",
        "/v1/auth/refresh/",
        "/v1/auth/token/",
        "/v1/groups/",
        "/v1/iam/",
        "/v1/limits/",
        "/v1/me/",
        "/v1/models/",
        "/v1/role-mappings/",
        "/v1/users/",
    ],
    routes: &[],
    dialect,
};
