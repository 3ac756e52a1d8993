//! A gRPC client that sends what it is told, and reads answers with the messages' own descriptors.

use super::super::server::Server;
use super::super::wire::PATIENCE;
use super::POOL;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, SerializeOptions};
use serde_json::{Value, json};
use std::future::Future;
use tokio::net::TcpStream;

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await.expect("in time") })
}

/// A call in the making.
#[must_use]
pub struct Rpc<'a> {
    server: &'a Server,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// How a call ended.
#[derive(Debug)]
pub struct Ended {
    pub status: u32,
    pub message: String,
    /// In the form of REST: code, message, details.
    pub error: Value,
    pub body: Vec<u8>,
    pub headers: http::HeaderMap,
    /// Whether the status came in the headers, without a message.
    pub trailers_only: bool,
}

/// The method of this name.
fn method(service: &str, rpc: &str) -> prost_reflect::MethodDescriptor {
    let service = POOL.get_service_by_name(service).unwrap();
    service.methods().find(|method| method.name() == rpc).unwrap_or_else(|| panic!("no {rpc}"))
}

pub fn frame(message: &[u8]) -> Bytes {
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    frame.into()
}

fn plain(message: &DynamicMessage) -> Value {
    let options = SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false);
    message.serialize_with_options(serde_json::value::Serializer, &options).unwrap()
}

impl<'a> Rpc<'a> {
    /// A call of `service` with a request given as JSON.
    pub fn new(server: &'a Server, service: &str, rpc: &str, request: &Value) -> Self {
        let message = DynamicMessage::deserialize(method(service, rpc).input(), request).unwrap();
        Self::raw(server, &format!("/{service}/{rpc}"), frame(&message.encode_to_vec()))
    }

    /// A call with any bytes.
    pub fn raw(server: &'a Server, path: &str, body: Bytes) -> Self {
        let headers = [("content-type", "application/grpc"), ("te", "trailers")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { server, path: path.to_owned(), headers, body }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name || name == "authorization");
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn send(self) -> Ended {
        block_on(async {
            let stream = TcpStream::connect(self.server.addr).await.unwrap();
            let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
            let driver = tokio::spawn(connection);
            let mut request = http::Request::post(format!("http://localhost{}", self.path));
            for (name, value) in &self.headers {
                request = request.header(name, value);
            }
            let (response, mut send) = client.send_request(request.body(()).unwrap(), false).unwrap();
            send.send_data(self.body, true).unwrap();
            let (head, mut stream) = response.await.unwrap().into_parts();
            assert_eq!(head.status, 200);
            assert!(head.headers["content-type"].to_str().unwrap().starts_with("application/grpc"));
            let mut body = Vec::new();
            while let Some(chunk) = stream.data().await {
                let chunk = chunk.unwrap();
                stream.flow_control().release_capacity(chunk.len()).unwrap();
                body.extend_from_slice(&chunk);
            }
            let trailers = stream.trailers().await.unwrap();
            driver.abort();
            Ended::read(head.headers, body, trailers)
        })
    }
}

impl Ended {
    fn read(headers: http::HeaderMap, body: Vec<u8>, trailers: Option<http::HeaderMap>) -> Self {
        let (trailers_only, last) = (trailers.is_none(), trailers.as_ref().unwrap_or(&headers));
        let text = |name: &str| last.get(name).map(|value| value.to_str().unwrap().to_owned());
        let status: u32 = text("grpc-status").unwrap().parse().unwrap();
        let message = text("grpc-message").unwrap_or_default();
        let message = percent_encoding::percent_decode_str(&message).decode_utf8().unwrap().into_owned();
        let details = text("grpc-status-details-bin").map(|details| STANDARD_NO_PAD.decode(details).unwrap());
        let error = details.map(|details| error(&details)).unwrap_or_default();
        if status != 0 && error != Value::Null {
            assert_eq!(error["code"], status, "clients drop details that say otherwise");
            assert_eq!(error["message"], message.as_str());
        }
        Self { status, message, error, body, headers, trailers_only }
    }

    /// The answer, which must be there, as JSON.
    #[track_caller]
    pub fn answer(&self, service: &str, rpc: &str) -> Value {
        assert_eq!(self.status, 0, "{rpc}: {} {}", self.message, self.error);
        assert_eq!(self.body[0], 0);
        let length = u32::from_be_bytes(self.body[1..5].try_into().unwrap()) as usize;
        assert_eq!(self.body.len(), 5 + length);
        plain(&DynamicMessage::decode(method(service, rpc).output(), &self.body[5..]).unwrap())
    }
}

/// `google.rpc.Status` as REST has it.
fn error(details: &[u8]) -> Value {
    #[derive(Clone, PartialEq, prost::Message)]
    struct Status {
        #[prost(int32, tag = "1")]
        code: i32,
        #[prost(string, tag = "2")]
        message: String,
        #[prost(message, repeated, tag = "3")]
        details: Vec<Any>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    struct Any {
        #[prost(string, tag = "1")]
        type_url: String,
        #[prost(bytes = "vec", tag = "2")]
        value: Vec<u8>,
    }
    let status = Status::decode(details).unwrap();
    let details = status.details.iter().map(|any| {
        let name = any.type_url.strip_prefix("type.googleapis.com/").unwrap();
        let kind = POOL.get_message_by_name(name).unwrap();
        let mut value = plain(&DynamicMessage::decode(kind, &*any.value).unwrap());
        value.as_object_mut().unwrap().shift_insert(0, "@type".to_owned(), json!(any.type_url));
        value
    });
    json!({ "code": status.code, "message": status.message, "details": details.collect::<Vec<_>>() })
}
