//! Arguments that name something of the catalogue: help and completion list what there is. What is not known is sent all the
//! same, for the server may know more, and it says what was meant.

use crate::catalogue::{Action, Holder, Scope};
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};
use std::ffi::OsStr;

/// A text in which names of the catalogue stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Known {
    /// Scopes that such a holder can have, with commas or blanks between them.
    Scopes(Holder),
    /// One action of the audit log.
    Action,
}

impl TypedValueParser for Known {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        match self {
            Self::Scopes(holder) => {
                Some(Box::new(Scope::of(*holder).map(|scope| PossibleValue::new(scope.name).help(scope.about))))
            }
            Self::Action => {
                Some(Box::new(Action::ALL.iter().map(|action| PossibleValue::new(action.name()).help(action.about()))))
            }
        }
    }
}
