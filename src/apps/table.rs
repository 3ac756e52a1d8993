//! The rows of applications.

use super::first_party::{FIRST_PARTY, first_party};
use super::{AppScope, Application, ApplicationStatus, GrantType, parse_client_id};
use crate::base::id::{ApplicationId, PartnerId, TenantId};
use crate::base::{Id, Timestamp};
use crate::store::{Direction, Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx, with_last};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The live applications of a scope: the scope's level, the number of its partner or tenant (0 for GLOBAL), the id.
const BY_SCOPE: Table<(u8, u64, ApplicationId), ()> = Table::new(0x0502, "applications by scope");

/// Of the active applications, whose pages may call from a browser: scope as above, the origin, the id.
const BY_ORIGIN: Table<(u8, u64, String, ApplicationId), ()> = Table::new(0x0503, "applications by origin");

impl Row for Application {
    const VERSION: u8 = 5;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        let last = (BTreeSet::<GrantType>::new(), None::<u32>);
        // Each version ended before the fields that the next one has more.
        let old: Self = match version {
            1 => with_last(1, &(None::<Timestamp>, false, false, false, last), version, bytes),
            2 => with_last(2, &(false, false, false, last), version, bytes),
            3 => with_last(3, &(false, false, last), version, bytes),
            _ => with_last(4, &last, version, bytes),
        }?;
        // There was no choice of grants.
        Ok(Self { grant_types: old.application_type.usual_grants(), ..old })
    }
}

impl Entity for Application {
    type Key = ApplicationId;
    // By id alone: a client signs in with its client_id before anybody knows its tenant.
    const TABLE: Table<ApplicationId, Application> = Table::new(0x0501, "applications").remembered();
    const SPARSE: &'static [u16] = &[BY_SCOPE.number, BY_ORIGIN.number];

    fn key(&self) -> ApplicationId {
        self.id
    }

    fn indexes(&self, entries: &mut IndexEntries) {
        if self.deleted_at.is_none() {
            let (level, owner) = scope_key(self.scope);
            entries.many(&BY_SCOPE, &(level, owner, self.id));
            if self.status == ApplicationStatus::Active {
                for origin in
                    self.allowed_origins.iter().map(|origin| origin.as_str().to_owned()).collect::<BTreeSet<_>>()
                {
                    entries.many(&BY_ORIGIN, &(level, owner, origin, self.id));
                }
            }
        }
    }
}

fn scope_key(scope: AppScope) -> (u8, u64) {
    match scope {
        AppScope::Global => (0, 0),
        AppScope::Partner(partner) => (1, partner.raw()),
        AppScope::Tenant(tenant) => (2, tenant.raw()),
    }
}

/// The application that signs in with `client_id`: one row read. None if there is none or it was deleted; one that is
/// disabled is given, so that whoever shows its secret can be told.
///
/// # Errors
/// When the file cannot be read.
pub fn client(tx: &impl Read, client_id: &str) -> Result<Option<Arc<Application>>, StoreError> {
    match parse_client_id(client_id) {
        Some(id) => known(tx, id),
        None => Ok(None),
    }
}

/// An application that is not deleted.
pub(super) fn one(tx: &impl Read, id: ApplicationId) -> Result<Option<Application>, StoreError> {
    Ok(known(tx, id)?.map(Arc::unwrap_or_clone))
}

fn known(tx: &impl Read, id: ApplicationId) -> Result<Option<Arc<Application>>, StoreError> {
    if id == FIRST_PARTY {
        return first_party().map(|row| Some(Arc::new(row)));
    }
    Ok(tx.recall(&Application::TABLE, &id)?.filter(|application| application.deleted_at.is_none()))
}

/// Whether an active application that gets its tokens at an issuer names this origin: at the platform's issuer those of the
/// platform, at a tenant's those of the tenant and of its partner. One look into the index for each scope, however many
/// applications there are.
///
/// # Errors
/// When the file cannot be read.
pub fn is_registered_origin(
    tx: &impl Read,
    tenant: Option<(PartnerId, TenantId)>,
    origin: &str,
) -> Result<bool, StoreError> {
    let scopes: &[AppScope] = match tenant {
        None => &[AppScope::Global],
        Some((partner, tenant)) => &[AppScope::Tenant(tenant), AppScope::Partner(partner)],
    };
    for scope in scopes {
        let ((level, owner), mut is_named) = (scope_key(*scope), false);
        tx.scan_front(&BY_ORIGIN, &(level, owner, origin.to_owned()), Direction::Forward, |_, ()| {
            is_named = true;
            Ok(ControlFlow::Break(()))
        })?;
        if is_named {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A step of the schema: applications are found by their origins.
///
/// # Errors
/// When the file cannot be read or written.
pub fn find_by_origin(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.reindex::<Application, _, _>(&BY_ORIGIN)
}

/// The live applications of exactly this scope, without reading their rows.
pub(super) fn ids_of(tx: &impl Read, scope: AppScope) -> Result<Vec<ApplicationId>, StoreError> {
    let mut ids = Vec::new();
    tx.scan_front(&BY_SCOPE, &scope_key(scope), Direction::Forward, |(_, _, id), ()| {
        ids.push(id);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(ids)
}

/// Every live application with its scope, without reading the rows.
pub(super) fn all_ids(tx: &impl Read) -> Result<Vec<(AppScope, ApplicationId)>, StoreError> {
    let mut ids = Vec::new();
    tx.scan_front(&BY_SCOPE, &(), Direction::Forward, |(level, owner, id), ()| {
        let scope = match level {
            0 => AppScope::Global,
            1 => AppScope::Partner(PartnerId::from_raw(owner)),
            _ => AppScope::Tenant(TenantId::from_raw(owner)),
        };
        ids.push((scope, id));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(ids)
}

/// A step of the schema: tokens are kept under a key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep_tokens(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.rewrite(|tx, mut application: Application| {
        for secret in &mut application.secrets {
            secret.digest = tx.keep_bare(secret.digest);
        }
        application
    })
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Application>(tx)
}
