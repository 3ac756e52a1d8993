//! How Scalekit words a refusal: a code of gRPC, a message, and an `ErrorInfo` behind it, on both wires the same.

use super::proto::errdetails::validation_error_info::FieldViolation;
use super::proto::errdetails::{DebugInfo, ErrorInfo, RequestInfo, ValidationErrorInfo};
use crate::base::id::RequestId;
use crate::base::{Kind, Problem};
use crate::http::answer::WRONG_METHOD;
use crate::http::{answer_to, envelope, exact_status};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use prost::Message;
use serde_json::{Value, json};

/// The type of the detail behind every error.
const ERROR_INFO: &str = "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo";

/// An outcome as gRPC has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The caller gave up.
    Cancelled = 1,
    /// A value is not acceptable.
    InvalidArgument = 3,
    /// The caller's time is up.
    DeadlineExceeded = 4,
    /// There is no such thing.
    NotFound = 5,
    /// It clashes with what is there.
    AlreadyExists = 6,
    /// The credential does not reach this far.
    PermissionDenied = 7,
    /// Too much, or too often.
    ResourceExhausted = 8,
    /// It was meant for another state of what is there.
    Aborted = 10,
    /// There is no such operation.
    Unimplemented = 12,
    /// A fault of ours.
    Internal = 13,
    /// It cannot be done now; asking again may help.
    Unavailable = 14,
    /// No credential, or one that does not hold.
    Unauthenticated = 16,
}

impl Code {
    /// Of a problem.
    pub fn of(problem: &Problem) -> Self {
        match problem.kind {
            Kind::Malformed if problem.code == WRONG_METHOD => Self::Unimplemented,
            Kind::Malformed | Kind::Invalid => Self::InvalidArgument,
            Kind::Unauthenticated => Self::Unauthenticated,
            Kind::Forbidden => Self::PermissionDenied,
            Kind::NotFound => Self::NotFound,
            Kind::Conflict => Self::AlreadyExists,
            Kind::Stale => Self::Aborted,
            Kind::TooLarge | Kind::RateLimited { .. } => Self::ResourceExhausted,
            Kind::Busy { .. } => Self::Unavailable,
            Kind::Internal => Self::Internal,
        }
    }

    /// The number on the wire.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// What `error_code` says.
    const fn name(self) -> &'static str {
        match self {
            Self::Cancelled => "CANCELLED",
            Self::InvalidArgument => "BAD_REQUEST",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::PermissionDenied => "FORBIDDEN",
            Self::ResourceExhausted => "RATE_LIMITED",
            Self::Aborted => "ABORTED",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::Internal => "INTERNAL",
            Self::Unavailable => "UNAVAILABLE",
            Self::Unauthenticated => "UNAUTHENTICATED",
        }
    }

    /// The status of HTTP, as grpc-gateway maps it.
    fn http(self) -> StatusCode {
        match self {
            Self::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
            Self::InvalidArgument => StatusCode::BAD_REQUEST,
            Self::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::AlreadyExists => StatusCode::CONFLICT,
            Self::PermissionDenied => StatusCode::FORBIDDEN,
            Self::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
            // The gateway maps it to 409; HTTP has a status of its own for a change that was made for another state.
            Self::Aborted => StatusCode::PRECONDITION_FAILED,
            Self::Unimplemented => StatusCode::NOT_IMPLEMENTED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
        }
    }
}

/// What the caller is told. An organisation that is not there is one, whatever the house calls it inside.
pub(super) fn message(problem: &Problem) -> &str {
    match problem.code {
        "tenant_not_found" => "There is no such organization",
        _ => &problem.message,
    }
}

/// `google.rpc.Status`: what `grpc-status-details-bin` holds.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<pbjson_types::Any>,
}

/// The status that goes with a problem, in the binary form. `code` and `message` are those of the headers beside it.
pub(super) fn details(problem: &Problem, code: Code, message: &str, request: RequestId) -> Vec<u8> {
    let value = info(problem, code, request).encode_to_vec().into();
    let any = pbjson_types::Any { type_url: ERROR_INFO.to_owned(), value };
    // Clients drop the details unless code and message are those of the status itself.
    let status = RpcStatus { code: i32::from(code.number()), message: message.to_owned(), details: vec![any] };
    status.encode_to_vec()
}

fn info(problem: &Problem, code: Code, request: RequestId) -> ErrorInfo {
    let violation = |field: &crate::base::problem::FieldProblem| FieldViolation {
        field: field.field.clone(),
        description: field.message.clone(),
        constraint: String::new(),
    };
    let violations: Vec<FieldViolation> = problem.fields.iter().map(violation).collect();
    ErrorInfo {
        error_code: code.name().to_owned(),
        // The finer code of the house, the same on every surface.
        debug_info: Some(DebugInfo { stack_entries: Vec::new(), detail: problem.code.to_owned() }),
        request_info: Some(RequestInfo { request_id: request.to_string(), serving_data: String::new() }),
        validation_error_info: (!violations.is_empty()).then_some(ValidationErrorInfo { field_violations: violations }),
        ..ErrorInfo::default()
    }
}

/// Words a problem on REST.
pub fn dialect(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    let code = Code::of(problem);
    let mut detail = serde_json::to_value(info(problem, code, envelope::request_id(request))).unwrap_or_default();
    if let Value::Object(members) = &mut detail {
        members.shift_insert(0, "@type".to_owned(), json!(ERROR_INFO));
    }
    let mut answer = answer_to(problem);
    if exact_status(problem).is_none() {
        answer.status(code.http());
    }
    answer.json(json!({ "code": code.number(), "message": message(problem), "details": [detail] }))
}
