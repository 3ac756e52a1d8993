//! The application as a worker holds it: built once, then called by HTTP/1.1 connections and by the bridge from HTTP/2.

use super::body::Bounded;
use super::connection::Activity;
use super::drain::Drain;
use super::io::Io;
use super::limits::Limits;
use super::unread::CallApp;
use actix_http::body::{EitherBody, MessageBody};
use actix_http::{HttpService, Payload, Protocol, Request, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, fn_service, map_config};
use actix_web::Error;
use actix_web::dev::AppConfig;
use futures_util::future::LocalBoxFuture;
use std::convert::Infallible;
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;

/// Serves one HTTP/1.1 connection to its end. Boxed once a connection.
pub(super) type ServeHttp1 = Box<dyn Fn(Io) -> LocalBoxFuture<'static, ()>>;

/// An application on one worker.
pub(super) struct AppOnWorker {
    /// For connections that speak HTTP/1.1.
    pub(super) http1: ServeHttp1,
    /// For requests that came over HTTP/2, and those that could not be read.
    pub(super) call: CallApp,
}

/// Builds the application once and gives the two ways into it.
///
/// # Errors
/// None of its own: a part of the application that does not start is logged, and the worker with it does not start.
pub(super) async fn build<I, S, B>(app: I, limits: Limits, drain: Arc<Drain>) -> Result<AppOnWorker, ()>
where
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Service: 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let app = map_config(app.into_factory(), |()| AppConfig::default()).new_service(()).await;
    let app = Rc::new(app.map_err(|error| tracing::error!(?error, "the application does not start"))?);
    let watch = app_for_http1(Rc::clone(&app), limits);
    let http1 = HttpService::build()
        .client_request_timeout(limits.head)
        .client_disconnect_timeout(limits.disconnect)
        .keep_alive(limits.keep_alive)
        .graceful_shutdown_signal(move || Arc::clone(&drain).begun())
        .on_connect_ext(|io: &Io, data| {
            data.insert(io.connection());
            data.insert(io.activity());
        })
        .finish(watch)
        .new_service(())
        .await?;
    let http1 = Rc::new(http1);
    Ok(AppOnWorker {
        http1: Box::new(move |io| {
            let http1 = Rc::clone(&http1);
            Box::pin(async move {
                let peer = io.connection().peer;
                if let Err(error) = http1.call((io, Protocol::Http1, peer)).await {
                    tracing::debug!(%error, "an HTTP/1.1 connection ended");
                }
            })
        }),
        call: Rc::new(move |request| {
            let answer = app.call(request);
            Box::pin(async move {
                match answer.await {
                    Ok(response) => response.into().map_into_boxed_body(),
                    Err(error) => Response::from(error.into()),
                }
            })
        }),
    })
}

/// The application with what HTTP/1.1 needs around it: bounds on the body, and word to the connection that it is at work.
///
/// Nothing is boxed for a request without a body.
fn app_for_http1<A, B>(
    app: Rc<A>,
    limits: Limits,
) -> impl ServiceFactory<
    Request,
    Config = (),
    Response = Response<EitherBody<B>>,
    Error = Infallible,
    InitError = (),
    Service = impl Service<Request, Response = Response<EitherBody<B>>, Error = Infallible, Future: 'static> + 'static,
    Future: 'static,
> + 'static
where
    A: Service<Request> + 'static,
    A::Error: Into<Error> + 'static,
    A::Response: Into<Response<B>> + 'static,
    A::Future: 'static,
    B: MessageBody + 'static,
{
    fn_service(move |request: Request| {
        let working = Working::on(&request);
        let answer = app.call(bounded(request, limits));
        async move {
            let response = match answer.await {
                Ok(response) => response.into().map_body(|_, body| EitherBody::left(body)),
                Err(error) => Response::from(error.into()).map_body(|_, body| EitherBody::right(body)),
            };
            drop(working);
            Ok(response)
        }
    })
}

/// Tells the connection that a handler is at work for as long as it lives.
struct Working(Option<Rc<Activity>>);

impl Working {
    fn on(request: &Request) -> Self {
        let activity = request.conn_data::<Rc<Activity>>().cloned();
        if let Some(activity) = &activity {
            activity.begin();
        }
        Self(activity)
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if let Some(activity) = &self.0 {
            activity.end();
        }
    }
}

/// Bounds the body of a request, if it has one.
fn bounded(mut request: Request, limits: Limits) -> Request {
    match request.take_payload() {
        Payload::None => {}
        body => {
            *request.payload() =
                Payload::Stream { payload: Box::pin(Bounded::new(body, limits.max_body, limits.body)) };
        }
    }
    request
}
