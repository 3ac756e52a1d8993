//! What goes over ScaiGrid's wire: the bodies of writes, and the fields of the answers.

pub mod key;
