//! What the process tells about itself: lines on stderr, and figures for Prometheus.
//!
//! No secret is ever put into either. Values that are secret have a type without a text form ([`Secret`](crate::base::Secret)), and a
//! line names ids and paths, never a body or a header.

mod counters;
pub mod durations;
pub mod failures;
pub mod grpc;
pub mod logs;
pub mod metrics;
pub mod requests;
