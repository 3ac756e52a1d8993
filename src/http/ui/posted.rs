//! A form of somebody who is signed in, after the checks that it came from one of our own pages, and from one that worked where
//! the session works now.

use super::context::Ctx;
use super::elsewhere;
use super::step_up;
use crate::base::Problem;
use crate::http::kit::form::{Fields, fields, from_our_pages, not_ours};
use crate::http::kit::{csrf, resume};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use std::future::Future;
use std::pin::Pin;

/// A form of somebody who is signed in.
pub(in crate::http) struct Posted {
    pub ctx: Ctx,
    pub fields: Fields,
}

impl FromRequest for Posted {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(http: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = web::Bytes::from_request(http, payload);
        let ctx = Ctx::from_request(http, payload).into_inner();
        let http = http.clone();
        Box::pin(async move {
            let ctx = ctx?;
            if !from_our_pages(&http, &ctx.stack) {
                return Err(not_ours());
            }
            let fields = fields(http.clone(), body).await?;
            let header = http.headers().get(csrf::HEADER).and_then(|value| value.to_str().ok());
            let given = header.unwrap_or_else(|| fields.raw(csrf::FIELD));
            let Some(made_in) = csrf::made_in(ctx.stack.keyring.pepper(), &ctx.signed_in.session, given) else {
                step_up::of_another_session(&ctx, &fields);
                return Err(not_ours());
            };
            let fields = resume::whole(&http, &ctx.stack, ctx.signed_in.session.user, fields)?;
            let ctx = step_up::answered(ctx, &fields).await?;
            let ctx = elsewhere::answered(ctx, &fields, &made_in).await?;
            Ok(Self { ctx, fields })
        })
    }
}
