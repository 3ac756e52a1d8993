//! The handlers of a worker: a request goes through the gate to the one of the route that its address and method mean.

use super::gate::gate;
use super::router::{addresses, asked_method, find};
use super::surfaces::unknown_address;
use actix_service::{Service, ServiceFactory};
use actix_web::Error;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;
use std::task::{Context, Poll};

type Handler = <actix_web::Route as ServiceFactory<ServiceRequest>>::Service;

/// Makes the handlers of a worker.
pub struct Routes;

impl ServiceFactory<ServiceRequest> for Routes {
    type Response = ServiceResponse;
    type Error = Error;
    type Config = ();
    type Service = Handlers;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Handlers, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        Box::pin(async {
            let mut handlers = Vec::with_capacity(addresses().len());
            for address in addresses() {
                let mut of_address = Vec::with_capacity(address.routes.len());
                for route in &address.routes {
                    of_address.push((route.handler)().new_service(()).await?);
                }
                handlers.push(of_address);
            }
            Ok(Handlers { by_address: Rc::new(handlers) })
        })
    }
}

/// The handlers of a worker, by address and route.
pub struct Handlers {
    by_address: Rc<Vec<Vec<Handler>>>,
}

impl Service<ServiceRequest> for Handlers {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse, Error>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        // Handlers are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        // As actix has it: percent-decoded, but for slashes, percent and plus signs.
        let path = request.match_info().unprocessed();
        let found = find(path, asked_method(request.request())).map(|(number, address, parameters)| {
            let owned = parameters.into_iter().map(|(name, text)| (name, text.to_owned())).collect::<Vec<_>>();
            (number, address, owned)
        });
        let Some((number, address, parameters)) = found else {
            let answer = unknown_address(request.request());
            return Box::pin(std::future::ready(Ok(request.into_response(answer))));
        };
        for (name, text) in parameters {
            request.match_info_mut().add_static(name, text);
        }
        let handlers = Rc::clone(&self.by_address);
        Box::pin(gate(address, request, move |route, request| {
            handlers.get(number).and_then(|handlers| handlers.get(route)).map(|handler| handler.call(request))
        }))
    }
}
