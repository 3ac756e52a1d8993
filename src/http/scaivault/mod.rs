//! ScaiVault: versioned secrets under `/v1`, in its own dialect of errors.

mod auth;
mod dialect;
mod routes;
mod secrets;
mod wire;

#[cfg(test)]
pub(in crate::http) use dialect::Refusal;
pub use dialect::dialect;
pub use routes::SURFACE;
