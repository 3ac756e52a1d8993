//! `/api/v1/admin/auth`: signing in as an administrator. `refresh` and `logout` are those of everybody.

use super::Services;
use super::login::{SignInOrChoice, go_on, or_choose};
use super::wire::login::Login;
use super::wire::me::Me;
use crate::access::Principal;
use crate::authentication::{self, Attempt, TenantChoice};
use crate::base::Problem;
use crate::http::extract::{Caller, Json, origin};
use crate::http::reply::Tagged;
use actix_web::HttpRequest;

fn not_an_admin() -> Problem {
    Problem::forbidden("not_an_admin", "This account is no administrator's")
}

/// `GET /admin/auth/me`: who the credential is, as `GET /api/v1/me`. Who is no administrator is refused.
pub async fn me(stack: Services, Caller(actor): Caller) -> Result<Tagged<Me>, Problem> {
    // Being an administrator is what this address tells before all else.
    if !actor.read_own_data()?.roles {
        return Err(Problem::forbidden("insufficient_scope", "The token does not tell the person's roles"));
    }
    if actor.principal != Principal::Operator && actor.roles.iter().all(|held| held.role.is_plain()) {
        return Err(not_an_admin());
    }
    super::me::show(stack, Caller(actor)).await
}

/// `POST /admin/auth/login`: signs an administrator in to their home tenant. Who is no administrator learns it when all factors
/// were right, and not before: a password alone tells nothing about the account.
pub async fn login(stack: Services, Json(body): Json<Login>, request: HttpRequest) -> Result<SignInOrChoice, Problem> {
    if body.tenant_id.is_some() {
        return Err(Problem::invalid(
            "tenant_id",
            "is not for this address: administrators sign in to their home tenant",
        ));
    }
    let from = origin(&request, &stack);
    let (email, password, wish) = (&body.email, body.password, TenantChoice::Home);
    let attempt = Attempt { email, password, wish, origin: &from, device: None, admins_only: true };
    match authentication::check_password(&stack, attempt).await {
        Ok(left) => go_on(&stack, left, &from, &request).await,
        Err(refusal) => or_choose(refusal),
    }
}
