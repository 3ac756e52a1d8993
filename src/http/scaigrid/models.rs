//! `/v1/models`: the models that the settings declare.

use super::Services;
use super::envelope::{self, Paging, Rows, Success};
use super::parts::here;
use crate::access::permit;
use crate::base::Problem;
use crate::config::{self, Modality, ModelStatus};
use crate::http::extract::{Caller, Query};
use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The query of the list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListQuery {
    #[serde(flatten)]
    paging: Paging,
    /// Only models of this modality.
    #[cfg_attr(test, schemars(with = "Option<crate::base::schema::OrNothing<Modality>>"))]
    modality: Option<String>,
    /// Only models of this status.
    #[cfg_attr(test, schemars(with = "Option<crate::base::schema::OrNothing<ModelStatus>>"))]
    status: Option<String>,
}

/// A model that can be asked.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Model {
    /// Its name in requests, which may have slashes: `openai/gpt-4o`.
    slug: Arc<str>,
    /// Its name for people.
    display_name: Arc<str>,
    modality: Modality,
    /// The most tokens that it looks at.
    context_window: u32,
    /// The most tokens that it answers with; absent where the settings do not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    status: ModelStatus,
    health_status: ModelHealth,
    /// Always 0: the server has no backends.
    active_backend_count: u32,
    /// Always 0: the server has no backends.
    total_backend_count: u32,
}

/// How a model is. Nothing stands behind a declared model as long as there are no backends, so nobody knows.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum ModelHealth {
    Unknown,
}

impl From<&config::Model> for Model {
    fn from(model: &config::Model) -> Self {
        Self {
            slug: Arc::clone(&model.slug),
            display_name: Arc::clone(model.display_name.as_ref().unwrap_or(&model.slug)),
            modality: model.modality,
            context_window: model.context_window,
            max_output_tokens: model.max_output_tokens,
            status: model.status,
            health_status: ModelHealth::Unknown,
            active_backend_count: 0,
            total_backend_count: 0,
        }
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

/// `GET /v1/models`: the models that can be asked, in the order of the settings.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(query): Query<ListQuery>,
) -> Result<Rows<Model>, Problem> {
    here::<permit::ListModels>(&actor)?;
    let modality = one_of("modality", query.modality.as_deref(), &["chat", "embedding", "image", "audio"])?;
    let status = one_of("status", query.status.as_deref(), &["active", "deprecated"])?;
    let (limit, start) = (query.paging.limit()?, query.paging.after_number()?.unwrap_or(0));
    let wanted = |model: &&config::Model| {
        modality.as_ref().is_none_or(|wanted| wanted == model.modality.name())
            && status.as_ref().is_none_or(|wanted| wanted == model.status.name())
    };
    // A cursor is the number of models of the settings that lie before the next page.
    let models = stack.config.scaigrid.models.iter().enumerate();
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let mut found = models.skip(start).filter(|(_, model)| wanted(model));
    let items: Vec<Model> = found.by_ref().take(limit).map(|(_, model)| Model::from(model)).collect();
    let next = found.next().map(|(at, _)| envelope::cursor(at as u64));
    Ok(envelope::page_at(items, next))
}

/// `GET /v1/models/{slug}`: one model, by its slug. The slug's slashes stand in the address as they are or as `%2F`.
pub async fn show(stack: Services, Caller(actor): Caller, request: HttpRequest) -> Result<Success<Model>, Problem> {
    here::<permit::ListModels>(&actor)?;
    // The router leaves an encoded slash as it came.
    let slug = request.match_info().get("slug").unwrap_or_default().replace("%2F", "/").replace("%2f", "/");
    let slug = slug.strip_suffix('/').unwrap_or(&slug);
    let found = stack.config.scaigrid.models.iter().find(|model| *model.slug == *slug);
    let model = found.ok_or_else(|| Problem::not_found("model_not_found", "There is no such model"))?;
    Ok(envelope::ok(Model::from(model)))
}
