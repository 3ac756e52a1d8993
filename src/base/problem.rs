//! What can go wrong, without a word of HTTP: every service fails with a [`Problem`], and each surface has one place that
//! renders it in its own dialect.

use std::fmt;

/// The family of a problem; a surface maps it to a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read: broken JSON, an impossible path, a bad cursor.
    Malformed,
    /// The request reads well but a value is not acceptable.
    Invalid,
    /// No credential, or one that does not hold.
    Unauthenticated,
    /// The credential holds but does not reach this far.
    Forbidden,
    /// There is no such thing, or none that the caller may know of.
    NotFound,
    /// It clashes with what is there.
    Conflict,
    /// It was meant for another state of what is there.
    Stale,
    /// The request is larger than the limit.
    TooLarge,
    /// Too many requests.
    RateLimited {
        /// Seconds until another try makes sense.
        retry_after_secs: u32,
    },
    /// The server cannot take this now.
    Busy {
        /// Seconds until another try makes sense.
        retry_after_secs: u32,
    },
    /// A fault of ours. The message outside says nothing more.
    Internal,
}

/// One value that was not acceptable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// Where it stood: `body`, `query`, `path` or `header`.
    pub location: &'static str,
    /// The field, with dots for depth: `metadata.tags`.
    pub field: String,
    /// What is wrong with it, without the rejected value itself: it might be a secret.
    pub message: String,
}

/// Why something was refused or failed: a family, a stable code, words for the caller, and words for the log only.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The family of the problem, from which each dialect takes its status.
    pub kind: Kind,
    /// Stable and machine-readable; part of the API.
    pub code: &'static str,
    /// For the caller. Never holds a secret.
    pub message: String,
    /// The fields at fault.
    pub fields: Vec<FieldProblem>,
    /// Further facts for the caller, such as the path that was not found.
    pub details: Vec<(&'static str, serde_json::Value)>,
    /// For the log only.
    pub internal: Option<String>,
}

impl Problem {
    /// A problem of any family.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), fields: Vec::new(), details: Vec::new(), internal: None }
    }

    /// A value is not acceptable: `invalid("slug", "must be …")`.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_at("body", field, message)
    }

    /// As [`Problem::invalid`], for a value that stood elsewhere than in the body: `query`, `path`, `header`.
    pub fn invalid_at(location: &'static str, field: impl Into<String>, message: impl Into<String>) -> Self {
        let (field, message) = (field.into(), message.into());
        let mut problem = Self::new(Kind::Invalid, "validation_error", format!("{field} {message}"));
        problem.fields.push(FieldProblem { location, field, message });
        problem
    }

    /// The request cannot be read.
    pub fn malformed(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, code, message)
    }

    /// No credential, or one that does not hold.
    pub fn unauthenticated(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Unauthenticated, code, message)
    }

    /// The credential does not reach this far.
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, code, message)
    }

    /// There is no such thing: `not_found("secret_not_found", "No secret at this path")`.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, code, message)
    }

    /// It clashes with what is there.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, message)
    }

    /// The server cannot take this now; try again in a second.
    pub fn busy(message: impl Into<String>) -> Self {
        Self::new(Kind::Busy { retry_after_secs: 1 }, "service_unavailable", message)
    }

    /// A fault of ours. `internal` goes to the log and nowhere else.
    pub fn internal(internal: impl fmt::Display) -> Self {
        let mut problem = Self::new(Kind::Internal, "internal_error", "Something went wrong on our side");
        problem.internal = Some(internal.to_string());
        problem
    }

    /// Names the field at fault of a problem of another family than [`Kind::Invalid`]: the e-mail that is taken.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        let message = self.message.clone();
        self.fields.push(FieldProblem { location: "body", field: field.into(), message });
        self
    }

    /// Puts the name of the message that the fields stand in before theirs: `email` becomes `user.email`.
    #[must_use]
    pub fn within(mut self, message: &str) -> Self {
        for field in &mut self.fields {
            field.field = format!("{message}.{}", field.field);
        }
        if let (Kind::Invalid, [field]) = (self.kind, self.fields.as_slice()) {
            self.message = format!("{} {}", field.field, field.message);
        }
        self
    }

    /// Adds a fact for the caller.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.details.push((name, value.into()));
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_field_from_where_the_caller_stands() {
        let taken = Problem::conflict("email_taken", "It is taken").at("email").within("user");
        assert_eq!((taken.fields[0].field.as_str(), taken.message.as_str()), ("user.email", "It is taken"));
        let invalid = Problem::invalid("email", "must be one").within("user");
        assert_eq!(invalid.message, "user.email must be one");
        assert!(Problem::not_found("user_not_found", "None").within("user").fields.is_empty());
    }
}
