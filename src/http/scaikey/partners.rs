//! `/api/v1/admin/partners`.

use super::Services;
use super::list::{Page, PageQuery};
use super::noun::Noun;
use super::wire::partner::{CreatePartner, Partner, PartnerChange, PartnerQuery};
use super::wire::partner_named;
use crate::access::{Actor, Granted, Permission, Place, permit};
use crate::access::{over, widest};
use crate::base::id::PartnerId;
use crate::base::{Problem, Timestamp};
use crate::http::extract::{Caller, Json, Query};
use crate::http::reply::{Created, Reply};
use crate::store::{Read, Snapshot, WriteTx};
use crate::tenancy::{self, NewPartner, PartnerPatch};
use actix_web::HttpRequest;
use std::sync::Arc;

/// `GET /partners`: the partners that the caller may see.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<PartnerQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<Partner>>, Problem> {
    let (paging, filter) = (page.paging()?, filter.read()?);
    let granted = widest::<permit::ReadPartners>(&actor)?;
    let listed = tenancy::list_partners(&stack.store.read(), &granted, &filter, paging)?;
    Ok(Page::of(&listed, |partner| Partner::from(partner), &request))
}

/// `POST /partners`: makes a partner.
pub async fn create(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<CreatePartner>,
) -> Result<Created<Partner>, Problem> {
    let granted = widest::<permit::WritePartners>(&actor)?;
    let (new, id, now) = (NewPartner::from(body), stack.new_id(), stack.now());
    let partner = stack.store.write(move |tx| tenancy::create_partner(tx, &granted, &new, id, now)).await?;
    Ok(Reply(Partner::from(&partner)))
}

/// The partner that a path names by id or slug, and the permission for where it is.
fn reach<P: Permission>(tx: &impl Read, actor: &Arc<Actor>, text: &str) -> Result<(PartnerId, Granted<P>), Problem> {
    // Before anything is looked up, so that who may see no partner learns nothing of which there are.
    widest::<P>(actor)?;
    let id = partner_named(tx, text)?;
    Ok((id, over(actor, Some(Place::Partner(id)))?))
}

/// `GET`, `PATCH` and `DELETE /partners/{id}`.
pub struct Partners;

impl Noun for Partners {
    type Id = PartnerId;
    type Row = tenancy::Partner;
    type Body = PartnerChange;
    type View = Partner;
    type Patch = PartnerPatch;
    type Read = permit::ReadPartners;
    type Write = permit::WritePartners;
    type Delete = permit::WritePartners;

    fn reach<P: Permission>(tx: &Snapshot, actor: &Arc<Actor>, text: &str) -> Result<(PartnerId, Granted<P>), Problem> {
        reach(tx, actor, text)
    }

    fn get(tx: &Snapshot, granted: &Granted<Self::Read>, id: PartnerId) -> Result<tenancy::Partner, Problem> {
        tenancy::get_partner(tx, granted, id)
    }

    fn now(tx: &WriteTx<'_>, place: Place, id: PartnerId) -> Result<tenancy::Partner, Problem> {
        tenancy::partner_within(tx, place, id)
    }

    fn read(_: &Snapshot, body: PartnerChange) -> Result<PartnerPatch, Problem> {
        Ok(PartnerPatch::from(body))
    }

    fn update(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Write>,
        id: PartnerId,
        patch: &PartnerPatch,
        now: Timestamp,
    ) -> Result<tenancy::Partner, Problem> {
        tenancy::update_partner(tx, granted, id, patch, now)
    }

    fn delete(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Delete>,
        id: PartnerId,
        now: Timestamp,
    ) -> Result<(), Problem> {
        tenancy::delete_partner(tx, granted, id, now)
    }

    fn render<P: Permission>(_: &Granted<P>, row: &tenancy::Partner) -> Partner {
        Partner::from(row)
    }
}
