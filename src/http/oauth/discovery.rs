//! What anybody may read of an issuer: its metadata and its public keys.

use super::Services;
use crate::base::id::TenantId;
use crate::base::{Id, Problem, Slug};
use crate::oauth::{Flavour, Issuer, Metadata};
use crate::stack::Stack;
use crate::tenancy::{self, Tenant, no_tenant};
use actix_web::{HttpResponse, HttpResponseBuilder, web};

/// An answer that every cache may have: there is nothing of a caller in it.
fn public() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header(("Cache-Control", "public, max-age=300"));
    answer
}

fn of_tenant(stack: &Stack, tenant: Tenant) -> HttpResponse {
    let flavour = Flavour::Tenant(tenant.slug);
    public().json(Metadata::new(stack.issuers(), Issuer::Tenant(tenant.id), &flavour))
}

fn keys(stack: &Stack) -> HttpResponse {
    public().content_type("application/jwk-set+json").body(stack.keys.current().jwks_bytes())
}

/// The environment's metadata, Scalekit's.
pub async fn environment(stack: Services) -> HttpResponse {
    public().json(Metadata::new(stack.issuers(), Issuer::Environment, &Flavour::Environment))
}

/// The public keys of RS256, for Scalekit's SDKs, which look here, read every key and know no other algorithm.
pub async fn environment_keys(stack: Services) -> HttpResponse {
    public().content_type("application/json").body(stack.keys.current().rsa_jwks_bytes())
}

fn by_slug(stack: &Stack, slug: &str) -> Result<Tenant, Problem> {
    // The slug only: the id has an address of its own, below the issuer.
    let slug = Slug::parse(slug).map_err(|_| no_tenant())?;
    tenancy::tenant_by_slug(&stack.store.read(), &slug)?.ok_or_else(no_tenant)
}

/// The platform's metadata.
pub async fn platform(stack: Services) -> HttpResponse {
    public().json(Metadata::new(stack.issuers(), Issuer::Platform, &Flavour::Platform))
}

/// A tenant's metadata, by slug.
pub async fn tenant(stack: Services, slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    Ok(of_tenant(&stack, by_slug(&stack, &slug)?))
}

/// A tenant's metadata, by the id in its issuer.
pub async fn tenant_by_id(stack: Services, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = TenantId::parse(&id).ok_or_else(no_tenant)?;
    let tenant = tenancy::tenant(&stack.store.read(), id)?;
    Ok(of_tenant(&stack, tenant.ok_or_else(no_tenant)?))
}

/// The public keys; at the environment's address for clients that follow its metadata.
pub async fn platform_keys(stack: Services) -> HttpResponse {
    keys(&stack)
}

/// The same keys, at a tenant's address.
pub async fn tenant_keys(stack: Services, slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    by_slug(&stack, &slug)?;
    Ok(keys(&stack))
}
