//! `/api/v1/admin/auth`: signing in as an administrator (`facts/scaikey.md` §5.5). `refresh` and `logout` are those of everybody.

use super::Services;
use super::login::{go_on, or_choose};
use super::wire::login::Login;
use crate::access::{Assignment, Principal, Role};
use crate::base::{Problem, Timestamp};
use crate::http::extract::{Caller, Json, origin};
use crate::people::{self, User};
use crate::signin::{self, Attempt, Wish};
use crate::stack::Stack;
use actix_web::{HttpRequest, HttpResponse};

fn is_admin(stack: &Stack, user: &User, now: Timestamp) -> Result<bool, Problem> {
    Ok(people::assignments(&stack.store.read(), user, now)?.iter().any(is_admins))
}

fn is_admins(held: &Assignment) -> bool {
    !matches!(held.role, Role::TenantUser | Role::TenantViewer)
}

fn not_an_admin() -> Problem {
    Problem::forbidden("not_an_admin", "This account is no administrator's")
}

/// `GET /admin/auth/me`.
pub async fn me(stack: Services, Caller(actor): Caller) -> Result<HttpResponse, Problem> {
    if actor.principal != Principal::Operator && !actor.roles.iter().any(is_admins) {
        return Err(not_an_admin());
    }
    super::me::show(stack, Caller(actor)).await
}

/// `POST /admin/auth/login`. Who is no administrator learns it after the right password only.
pub async fn login(stack: Services, Json(body): Json<Login>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    if body.tenant_id.is_some() {
        return Err(Problem::invalid(
            "tenant_id",
            "is not for this address: administrators sign in to their home tenant",
        ));
    }
    let from = origin(&request, &stack);
    let attempt = Attempt { email: &body.email, password: body.password, wish: Wish::Home, origin: &from };
    let (left, user) = match signin::check_password_of(&stack, attempt).await {
        Ok(checked) => checked,
        Err(refusal) => return or_choose(refusal),
    };
    if !is_admin(&stack, &user, stack.now())? {
        return Err(not_an_admin());
    }
    go_on(&stack, left, &from, &request).await
}
