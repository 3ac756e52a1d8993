//! `/admin/settings/jobs`: what the server does by itself, and how that went.

mod view;

use crate::access::permit;
use crate::base::Problem;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::jobs;
use actix_web::{HttpResponse, web};
use view::ROOT;

/// `GET /admin/settings/jobs`.
pub async fn list(ctx: Ctx) -> Result<HttpResponse, Problem> {
    let granted = ctx.platform::<permit::ReadJobs>()?;
    let may_run = ctx.may::<permit::RunJobs>().then(|| ctx.csrf());
    let listed = jobs::list(&ctx.stack.jobs, &granted)?;
    ctx.page("Jobs", nav::JOBS, &view::list(&listed, may_run.as_deref(), ctx.stack.now()))
}

/// `POST /admin/settings/jobs/{name}/run`.
pub async fn run(Posted { ctx, .. }: Posted, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let granted = ctx.platform::<permit::RunJobs>()?;
    let job = jobs::run_now(&**ctx.stack, &granted, &name).await?;
    Ok(ctx.done(ROOT, &format!("{} runs now.", job.name)))
}
