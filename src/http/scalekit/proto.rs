//! The messages of `proto/scalekit/v1`: prost's types for the binary form, pbjson's impls for the JSON form.

#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::nursery, reason = "made from the message files")]

macro_rules! package {
    ($($name:ident)*) => {$(
        pub mod $name {
            include!(concat!(env!("OUT_DIR"), "/scalekit.v1.", stringify!($name), ".rs"));
            include!(concat!(env!("OUT_DIR"), "/scalekit.v1.", stringify!($name), ".serde.rs"));
        }
    )*};
}

package! { commons errdetails organizations roles sessions users }
