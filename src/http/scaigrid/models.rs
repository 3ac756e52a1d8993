//! `/v1/models`: the models that the settings declare.

use super::Services;
use super::envelope::{self, Paging};
use super::parts::here;
use crate::access::permit;
use crate::base::Problem;
use crate::config::Model;
use crate::http::extract::{Caller, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

/// The query of the list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListQuery {
    #[serde(flatten)]
    paging: Paging,
    modality: Option<String>,
    status: Option<String>,
}

/// A model as answers show it.
#[derive(Serialize)]
struct Row<'a> {
    slug: &'a str,
    display_name: &'a str,
    modality: &'static str,
    context_window: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    status: &'static str,
    health_status: &'static str,
    active_backend_count: u32,
    total_backend_count: u32,
}

/// Nothing stands behind a declared model as long as there are no backends, so nobody knows how it is.
fn render(model: &Model) -> Row<'_> {
    Row {
        slug: &model.slug,
        display_name: model.display_name.as_ref().unwrap_or(&model.slug),
        modality: model.modality.name(),
        context_window: model.context_window,
        max_output_tokens: model.max_output_tokens,
        status: model.status.name(),
        health_status: "unknown",
        active_backend_count: 0,
        total_backend_count: 0,
    }
}

fn one_of(name: &'static str, value: Option<&str>, known: &[&str]) -> Result<Option<String>, Problem> {
    match value.filter(|value| !value.is_empty()) {
        Some(value) if !known.contains(&value) => {
            Err(Problem::invalid_at("query", name, format!("must be one of {}", known.join(", "))))
        }
        value => Ok(value.map(str::to_owned)),
    }
}

/// `GET /v1/models`.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    here::<permit::ListModels>(&actor)?;
    let modality = one_of("modality", query.modality.as_deref(), &["chat", "embedding", "image", "audio"])?;
    let status = one_of("status", query.status.as_deref(), &["active", "deprecated"])?;
    let (limit, start) = (query.paging.limit()?, query.paging.after_number()?.unwrap_or(0));
    let wanted = |model: &&Model| {
        modality.as_ref().is_none_or(|wanted| wanted == model.modality.name())
            && status.as_ref().is_none_or(|wanted| wanted == model.status.name())
    };
    // A cursor is the number of models of the settings that lie before the next page.
    let models = stack.config.scaigrid.models.iter().enumerate();
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let mut found = models.skip(start).filter(|(_, model)| wanted(model));
    let items: Vec<Row<'_>> = found.by_ref().take(limit).map(|(_, model)| render(model)).collect();
    let next = found.next().map(|(at, _)| envelope::cursor(at as u64));
    Ok(envelope::page_at(&items, next))
}

/// `GET /v1/models/{slug}`, with the slug's slashes as they are or as `%2F`.
pub async fn show(stack: Services, Caller(actor): Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    here::<permit::ListModels>(&actor)?;
    // The router leaves an encoded slash as it came.
    let slug = request.match_info().get("slug").unwrap_or_default().replace("%2F", "/").replace("%2f", "/");
    let slug = slug.strip_suffix('/').unwrap_or(&slug);
    let found = stack.config.scaigrid.models.iter().find(|model| model.slug == slug);
    let model = found.ok_or_else(|| Problem::not_found("model_not_found", "There is no such model"))?;
    Ok(envelope::ok(&render(model)))
}
