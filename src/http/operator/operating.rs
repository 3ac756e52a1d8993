//! What the operator's calls have in common: the permission, the data file, and the row in the audit log.

use crate::access::permit;
use crate::access::{Actor, Granted, Place};
use crate::audit::{self, Event, Packed};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::stack::Stack;
use crate::store::file::DataFile;
use crate::store::{StoreError, WriteTx};
use actix_web::web;
use std::sync::Arc;

/// What a handler is handed of the services.
pub(super) type Services = web::Data<Stack>;

/// The permission to run the instance.
pub(super) fn operate(actor: &Arc<Actor>) -> Result<Granted<permit::Operate>, Problem> {
    Ok(actor.grant::<permit::Operate>(Place::Platform)?)
}

/// The handle on the data file.
pub(super) fn file(stack: &Stack) -> Result<DataFile, Problem> {
    stack.file.clone().ok_or_else(|| Problem::conflict("no_data_file", "This server keeps its data in memory only"))
}

/// Something that the operator did to the instance.
pub(super) fn event(granted: &Granted<permit::Operate>, now: Timestamp, action: Action) -> Event {
    Event::by(granted.actor(), now, Place::Platform, action)
}

/// Keeps an event, and waits until it is on the disk.
pub(super) async fn record(stack: &Stack, event: Event) -> Result<(), Problem> {
    let event = Packed::from(event);
    stack
        .store
        .write(move |tx: &mut WriteTx<'_>| -> Result<(), StoreError> {
            audit::append(tx, event.clone());
            Ok(())
        })
        .await
        .map_err(Problem::from)
}
