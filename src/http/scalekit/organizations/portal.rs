//! The link to an organisation's portal.

use super::super::operation::Call;
use super::super::proto::organizations::{
    Feature as WireFeature, GeneratePortalLinkRequest, GeneratePortalLinkResponse, Link,
};
use super::super::rules;
use super::over_one;
use crate::access::permit;
use crate::base::Problem;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::portal_links::{self, NewLink};
use crate::tenancy::{Feature, Features};

/// `GeneratePortalLink`: without features, for whatever the organisation has switched on.
pub async fn generate_portal_link(
    call: Call,
    request: GeneratePortalLinkRequest,
) -> Result<GeneratePortalLinkResponse, Problem> {
    let features = features(&request)?;
    let find = |_: &_| rules::organization_id("id", &request.id);
    let (granted, tenant) = over_one::<permit::ManagePortalLinks, _>(&call, &call.stack.store.read(), find)?;
    let (token, now) = (token::make(TokenKind::PortalLink), call.stack.now());
    let new = NewLink { id: call.stack.new_id(), digest: TokenDigest::of(token.expose()), tenant, features };
    let link = call.stack.store.write(move |tx| portal_links::create(tx, &granted, &new, now)).await?;
    let link = Link {
        id: link.id.to_string(),
        location: portal_links::location(call.stack.public_url(), token.expose()),
        expire_time: Some(link.expires_at.into()),
    };
    Ok(GeneratePortalLinkResponse { link: Some(link) })
}

/// What the link is for, from the list and from the two older flags.
fn features(request: &GeneratePortalLinkRequest) -> Result<Option<Features>, Problem> {
    #[expect(deprecated, reason = "older clients still send the flags")]
    let flags = [(Feature::Sso, request.sso), (Feature::DirSync, request.directory_sync)];
    let flagged = flags.into_iter().filter(|(_, flag)| *flag == Some(true)).map(|(feature, _)| Ok(feature));
    let listed = request.features.iter().map(|number| match WireFeature::try_from(*number) {
        Ok(WireFeature::Sso) => Ok(Feature::Sso),
        Ok(WireFeature::DirSync) => Ok(Feature::DirSync),
        Ok(WireFeature::Unspecified) | Err(_) => Err(Problem::invalid("features", "must be sso or dir_sync")),
    });
    let features = listed.chain(flagged).collect::<Result<Features, Problem>>()?;
    Ok((!features.is_empty()).then_some(features))
}
