//! Scalekit: organisations and users by REST and gRPC.

pub mod page;
