//! Memberships: somebody who has an account joins an organisation, is asked to, and leaves it.

use super::super::identity::Identity;
use super::super::operation::Call;
use super::super::proto::users::{
    CreateMembershipRequest, CreateMembershipResponse, DeleteMembershipRequest, ResendInviteRequest,
    ResendInviteResponse, UpdateMembershipRequest, UpdateMembershipResponse,
};
use super::super::rules;
use super::read;
use super::{organization, render, shown};
use crate::access::permit;
use crate::base::Problem;
use crate::mailed_links;
use crate::people::{self, MembershipPatch, User};
use crate::roles;
use crate::store::WriteTx;

/// `CreateMembership`.
pub async fn create_membership(
    call: Call,
    request: CreateMembershipRequest,
) -> Result<CreateMembershipResponse, Problem> {
    let identity = Identity::from(request.identities);
    let (tenant, granted) = organization::<permit::WriteUsers>(&call, &request.organization_id)?;
    let (id, _) = identity.user(&call.stack.store.read())?;
    let given = rules::required("membership", request.membership)?;
    let (new, names) = read::membership("membership", given)?;
    let (place, entry) = (granted.place(), read::entry(request.send_invitation_email));
    let made = mailed_links::add_member(&call.stack, granted, (id, tenant), new, names, entry).await;
    let (user, _) = made.map_err(|problem| problem.within("membership"))?;
    Ok(CreateMembershipResponse { user: shown(&call, place, &user)? })
}

/// `UpdateMembership`: roles that are named are all that the member has from then on; an empty list or map stays as it was.
pub async fn update_membership(
    call: Call,
    request: UpdateMembershipRequest,
) -> Result<UpdateMembershipResponse, Problem> {
    let identity = Identity::from(request.identities);
    let (tenant, granted) = organization::<permit::WriteUsers>(&call, &request.organization_id)?;
    let (id, _) = identity.user(&call.stack.store.read())?;
    let given = rules::required("membership", request.membership)?;
    let names = read::role_names("membership.roles", &given.roles)?;
    let patch = MembershipPatch { metadata: read::membership_metadata(given.metadata)? };
    let (place, seen, now) = (granted.place(), call.seen.clone(), call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| -> Result<User, Problem> {
        // Somebody whom the caller cannot see is not told apart from nobody.
        people::within(tx, place, id)?;
        seen.check(people::belonging(tx, tenant, id)?.as_ref())?;
        people::update_membership(tx, &granted, id, tenant, &patch, now)?;
        if !names.is_empty() {
            let wanted = roles::resolve(tx, tenant, &names)?;
            roles::set_roles(tx, &granted, id, tenant, &wanted, now)?;
        }
        people::within(tx, place, id)
    };
    let user = call.stack.store.write(write).await.map_err(|problem| problem.within("membership"))?;
    Ok(UpdateMembershipResponse { user: shown(&call, place, &user)? })
}

/// `DeleteMembership`; with `cascade`, the account of somebody who belongs to no other organisation goes too.
pub async fn delete_membership(call: Call, request: DeleteMembershipRequest) -> Result<(), Problem> {
    let identity = Identity::from(request.identities);
    let (tenant, granted) = organization::<permit::DeleteUsers>(&call, &request.organization_id)?;
    let (id, _) = identity.user(&call.stack.store.read())?;
    let (cascade, seen, now) = (request.cascade == Some(true), call.seen.clone(), call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| -> Result<(), Problem> {
        people::within(tx, granted.place(), id)?;
        seen.check(people::belonging(tx, tenant, id)?.as_ref())?;
        // The membership stays with the account, so that both can be restored.
        if cascade && people::is_account_of(tx, tenant, id)? {
            return people::delete(tx, &granted, id, now);
        }
        people::remove_membership(tx, &granted, id, tenant, now)
    };
    call.stack.store.write(write).await
}

/// `ResendInvite`: the former link is dead.
pub async fn resend_invite(call: Call, request: ResendInviteRequest) -> Result<ResendInviteResponse, Problem> {
    let (tenant, granted) = organization::<permit::WriteUsers>(&call, &request.organization_id)?;
    let id = rules::user_id("id", &request.id)?;
    let (user, membership) = mailed_links::resend_to_member(&call.stack, granted, id, tenant).await?;
    Ok(ResendInviteResponse { invite: Some(render::invite(&user, &membership, call.stack.now())) })
}
