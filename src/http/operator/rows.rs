//! Whether every row of the data file is what it should be, and mending what is not.

use super::operating::{Services, event, operate, record};
use crate::audit;
use crate::base::Problem;
use crate::catalogue::Action;
use crate::http::extract::{Caller, OptionalJson};
use crate::http::reply::Reply;
use crate::store::{Read, Report, StoreError, check};
use crate::{
    apps, authentication, jobs, keys, limits, mail, mailed_links, mfa, oauth, people, portal_links, program_login,
    roles, sessions, setup, tenancy, token_families, vault,
};
use actix_web::web;
use serde::{Deserialize, Serialize};

/// How to check the rows.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Whether to mend what can be mended.
    #[serde(default)]
    repair: bool,
}

/// Looks at the rows of all domains.
fn look(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    tenancy::check_rows(tx, report)?;
    people::check_rows(tx, report)?;
    roles::check_rows(tx, report)?;
    sessions::check_rows(tx, report)?;
    token_families::check_rows(tx, report)?;
    mfa::check_rows(tx, report)?;
    mail::check_rows(tx, report)?;
    keys::check_rows(tx, report)?;
    limits::check_rows(tx, report)?;
    apps::check_rows(tx, report)?;
    oauth::check_rows(tx, report)?;
    portal_links::check_rows(tx, report)?;
    setup::check_rows(tx, report)?;
    vault::check_rows(tx, report)?;
    authentication::check_rows(tx, report)?;
    program_login::check_rows(tx, report)?;
    jobs::check_rows(tx, report)?;
    mailed_links::check_rows(tx, report)
}

/// What was found in the data file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CheckedRows {
    /// Whether every row is what it should be, now.
    ok: bool,
    /// How many rows were looked at.
    rows: u64,
    faults: Vec<Fault>,
}

/// Something that is wrong in the data file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Fault {
    /// The table's name.
    table: &'static str,
    /// The row's key: its numbers, as ids have them behind their prefix, or its text.
    row: String,
    /// What is wrong.
    fault: String,
    /// Whether a call with `repair` puts it right.
    can_be_mended: bool,
    /// Whether this call has put it right.
    mended: bool,
}

impl Fault {
    fn new(fault: &check::Fault, repaired: bool) -> Self {
        Self {
            table: fault.table,
            row: fault.row.clone(),
            fault: fault.what.clone(),
            can_be_mended: fault.can_be_mended,
            mended: repaired && fault.can_be_mended,
        }
    }
}

/// `POST /check`: looks at every row of the data file, and mends what is wrong if asked to. To look only, it reads a snapshot; to mend, it looks and mends in one transaction, for
/// which everybody else who writes waits, and looks again, for one fault can hide another.
pub async fn check(
    stack: Services,
    Caller(actor): Caller,
    OptionalJson(body): OptionalJson<Check>,
) -> Result<Reply<CheckedRows>, Problem> {
    let (granted, now, repair) = (operate(&actor)?, stack.now(), body.unwrap_or_default().repair);
    let action = if repair { Action::InstanceRepair } else { Action::InstanceCheck };
    let row = event(&granted, now, action).on("data_file", "");
    let (rows, faults) = if repair {
        let work = move |tx: &mut crate::store::WriteTx<'_>| {
            let mut report = Report::default();
            look(tx, &mut report)?;
            report.mend(tx)?;
            let mut again = Report::default();
            look(tx, &mut again)?;
            let mended = report.faults.iter().filter(|fault| fault.can_be_mended);
            let left = again.faults.iter();
            let faults: Vec<Fault> =
                mended.map(|fault| Fault::new(fault, true)).chain(left.map(|fault| Fault::new(fault, false))).collect();
            audit::append(tx, row.clone().with("rows", again.rows).with("faults", faults.len()));
            Ok::<_, Problem>((again.rows, faults))
        };
        stack.store.write(work).await?
    } else {
        let snapshot = stack.store.read();
        let looked = web::block(move || {
            let mut report = Report::default();
            look(&snapshot, &mut report).map(|()| report.faults).map(|faults| (report.rows, faults))
        });
        let (rows, faults) = looked.await.map_err(Problem::internal)??;
        record(&stack, row.with("rows", rows).with("faults", faults.len())).await?;
        (rows, faults.iter().map(|fault| Fault::new(fault, false)).collect())
    };
    Ok(Reply(CheckedRows { ok: faults.iter().all(|fault| fault.mended), rows, faults }))
}

#[cfg(test)]
mod tests;
