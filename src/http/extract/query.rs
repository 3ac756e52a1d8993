//! Query parameters as a typed value.

use crate::base::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};

/// The query as `T`. Unknown parameters are let pass, as query strings pick up strangers on their way.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(request.query_string().as_bytes()));
        ready(serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
            let field = error.path().to_string();
            let message = super::body::safe_message(&error.inner().to_string());
            Problem::invalid_at("query", if field == "." { "query".to_owned() } else { field }, message)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Asked {
        #[serde(default)]
        deleted: bool,
        limit: Option<u32>,
    }

    #[actix_web::test]
    async fn an_error_says_what_a_parameter_must_be() {
        let told = async |query: &str| {
            let request = TestRequest::with_uri(&format!("/users?{query}")).to_http_request();
            let problem = Query::<Asked>::from_request(&request, &mut Payload::None).await.unwrap_err();
            let field = &problem.fields[0];
            (field.field.clone(), field.message.clone())
        };
        let said = |field: &str, message: &str| (field.to_owned(), message.to_owned());
        assert_eq!(told("deleted=maybe").await, said("deleted", "must be true or false"));
        assert_eq!(told("limit=many").await, said("limit", "must be a whole number"));
        assert_eq!(told("limit=1&limit=2").await.1, "stands more than once");
    }
}
