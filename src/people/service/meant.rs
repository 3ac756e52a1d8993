//! Which user somebody means.

use super::lists::list;
use super::users::get;
use crate::access::{Granted, permit};
use crate::base::id::UserId;
use crate::base::meant::{Meant, fronts};
use crate::base::{Email, Id, Kind, Problem, text};
use crate::people::{User, UserFilter, rows};
use crate::store::{Paging, Read};

/// Up to `most` users that the grant reaches, of those that a search finds; without words, the oldest.
///
/// # Errors
/// When the file cannot be read.
pub fn search_users(
    tx: &impl Read,
    granted: &Granted<permit::ReadUsers>,
    words: &str,
    most: u32,
) -> Result<Vec<User>, Problem> {
    let search = Some(words.to_owned()).filter(|words| !words.is_empty());
    Ok(list(tx, granted, &UserFilter { search, ..UserFilter::default() }, Paging::new(1, most)?)?.items)
}

/// Which user is meant by an id, an e-mail or a name, of those that the grant reaches. Case and accents of a name do not
/// count.
///
/// # Errors
/// When the file cannot be read.
pub fn meant_user(tx: &impl Read, granted: &Granted<permit::ReadUsers>, given: &str) -> Result<Meant<User>, Problem> {
    let given = given.trim();
    let id = match (UserId::parse(given), Email::parse(given)) {
        (Some(id), _) => Some(id),
        (None, Ok(email)) => rows::by_email(tx, &email)?.map(|user| user.id),
        (None, Err(_)) => None,
    };
    match id.map(|id| get(tx, granted, id)) {
        Some(Ok(user)) => return Ok(Meant::One(user)),
        Some(Err(problem)) if problem.kind != Kind::NotFound => return Err(problem),
        _ => {}
    }
    let name = text::searched(given);
    for front in fronts(given) {
        let found = search_users(tx, granted, front, Paging::MAX)?;
        if !found.is_empty() {
            return Ok(Meant::of(found, |user| text::searched(&user.called()) == name));
        }
    }
    Ok(Meant::Unknown(Vec::new()))
}
