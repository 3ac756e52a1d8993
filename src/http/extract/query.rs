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
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::PathBuf;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "of one field only its rule matters")]
    struct Asked {
        #[serde(default, deserialize_with = "super::super::flag")]
        deleted: bool,
        #[serde(default, deserialize_with = "super::super::optional_flag")]
        active: Option<bool>,
        limit: Option<u32>,
    }

    #[actix_web::test]
    async fn yes_and_no_are_read_as_the_languages_of_clients_write_them() {
        let read = async |query: &str| {
            let request = TestRequest::with_uri(&format!("/users?{query}")).to_http_request();
            let Query(asked) = Query::<Asked>::from_request(&request, &mut Payload::None).await.unwrap();
            (asked.deleted, asked.active)
        };
        for word in ["true", "True", "TRUE", "1", "yes", "on"] {
            assert_eq!(read(&format!("deleted={word}&active={word}")).await, (true, Some(true)), "{word}");
        }
        for word in ["false", "False", "0", "no", "off"] {
            assert_eq!(read(&format!("deleted={word}&active={word}")).await, (false, Some(false)), "{word}");
        }
        assert_eq!(read("limit=1").await, (false, None));
    }

    /// A query with a plain `bool` would take `true` and `false` only, and a text would take everything for false.
    #[test]
    fn every_flag_of_a_query_is_read_by_the_one_rule() {
        let (mut texts, mut folders) =
            (Vec::new(), vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/http"))]);
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                match path.is_dir() {
                    true => folders.push(path),
                    false => texts.push(fs::read_to_string(&path).unwrap_or_default()),
                }
            }
        }
        let named = texts.iter().flat_map(|text| text.split("Query<").skip(1).filter_map(|rest| rest.split_once('>')));
        let queries: BTreeSet<&str> = named.map(|(name, _)| name.rsplit(':').next().unwrap_or(name)).collect();
        assert!(queries.contains("Deleted") && queries.contains("DeleteQuery"), "{queries:?}");
        let mut structs = Vec::new();
        for parts in texts.iter().map(|text| text.split("struct ").collect::<Vec<_>>()) {
            // What stands right before says whether it is read or written.
            let is_read =
                |before: &str| before.rsplit("\n\n").next().is_some_and(|front| front.contains("Deserialize"));
            let read = parts.windows(2).filter(|pair| is_read(pair[0]));
            structs.extend(read.filter_map(|pair| pair[1].split_once("\n}")).map(|(body, _)| body));
        }
        let wrong: Vec<&str> = structs
            .into_iter()
            .filter_map(|body| Some((body.split_whitespace().next()?, body)))
            .filter(|(name, _)| queries.contains(name))
            .filter(|(_, body)| {
                let flags = body.matches(": bool,").count() + body.matches(": Option<bool>,").count();
                flags != body.matches("deserialize_with = \"flag\"").count() + body.matches("optional_flag").count()
            })
            .map(|(name, _)| name)
            .filter(|name| *name != "Asked")
            .collect();
        assert!(wrong.is_empty(), "flags without deserialize_with: {wrong:?}");
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
        for query in ["deleted=maybe", "deleted=", "deleted=tru"] {
            assert_eq!(told(query).await, said("deleted", "must be true or false"));
        }
        assert_eq!(told("active=2").await, said("active", "must be true or false"));
        assert_eq!(told("limit=many").await, said("limit", "must be a whole number"));
        assert_eq!(told("limit=1&limit=2").await.1, "stands more than once");
    }
}
