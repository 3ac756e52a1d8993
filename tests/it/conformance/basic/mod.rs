//! The modules of the Basic OP plan. With `response_mode=form_post` the same are the Form Post OP plan.

pub mod claims;
pub mod code;
pub mod request;
pub mod session;
