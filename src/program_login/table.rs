//! The rows of flows.

use super::{Flow, Stage};
use crate::base::Timestamp;
use crate::base::id::{FamilyId, LoginFlowId, SessionId, TenantId};
use crate::crypto::token::{KeptToken, TokenDigest};
use crate::oauth::pkce::Challenge;
use crate::store::{Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx};
use serde::Deserialize;

const BY_STATE: Table<[u8; 32], LoginFlowId> = Table::new(0x0F21, "login flows by state");
const BY_END: Table<(Timestamp, LoginFlowId), ()> = Table::new(0x0F22, "login flows by end");

impl Row for Flow {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        if version != 1 {
            return Err(StoreError::Corrupt("a row of an unknown version"));
        }
        let old: First = postcard::from_bytes(bytes).map_err(|_| StoreError::Corrupt("a login flow of version 1"))?;
        Ok(old.into())
    }
}

/// A flow as version 1 wrote it.
#[derive(Deserialize)]
struct First {
    id: LoginFlowId,
    state: KeptToken,
    challenge: Challenge,
    redirect_uri: String,
    client_state: Option<String>,
    tenant: Option<TenantId>,
    verifier: String,
    nonce: String,
    family: FamilyId,
    stage: FirstStage,
    created_at: Timestamp,
    keep_until: Timestamp,
}

#[derive(Deserialize)]
enum FirstStage {
    Away,
    /// It did not name the tenant; such a code holds for a minute, and the person signs in again.
    #[expect(dead_code, reason = "it is read, and left")]
    Back {
        code: KeptToken,
        until: Timestamp,
        session: SessionId,
    },
    Done {
        code: KeptToken,
    },
    Dead,
}

impl From<First> for Flow {
    fn from(old: First) -> Self {
        let First { id, state, challenge, redirect_uri, client_state, tenant, verifier, nonce, family, .. } = old;
        let stage = match old.stage {
            FirstStage::Away => Stage::Away,
            FirstStage::Done { code } => Stage::Done { code },
            FirstStage::Back { .. } | FirstStage::Dead => Stage::Dead,
        };
        let (created_at, keep_until) = (old.created_at, old.keep_until);
        Self {
            id,
            state,
            challenge,
            redirect_uri,
            client_state,
            tenant,
            verifier,
            nonce,
            family,
            stage,
            created_at,
            keep_until,
            program: None,
            browser: None,
        }
    }
}

impl Entity for Flow {
    type Key = LoginFlowId;
    const TABLE: Table<LoginFlowId, Self> = Table::new(0x0F20, "login flows");
    fn key(&self) -> LoginFlowId {
        self.id
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.unique(&BY_STATE, &self.state.0, &self.id);
        entries.many(&BY_END, &(self.keep_until, self.id));
    }
}

pub(super) fn by_id(tx: &impl Read, id: LoginFlowId) -> Result<Option<Flow>, StoreError> {
    tx.get(&Flow::TABLE, &id)
}

pub(super) fn by_state(tx: &impl Read, state: &TokenDigest) -> Result<Option<Flow>, StoreError> {
    tx.find(&BY_STATE, &tx.keep(state).0)
}

/// Takes away up to `limit` flows that need not be kept any more. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    tx.sweep::<Flow>(&BY_END, ..=now, limit)
}

/// A step of the schema: tokens are kept under a key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep_tokens(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.rewrite(|tx, flow: Flow| Flow { state: tx.keep_bare(flow.state), stage: flow.stage.kept(tx), ..flow })
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Flow>(tx)
}
