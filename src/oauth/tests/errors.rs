//! In which way an error goes back to the client.

use super::authorize::{application, query, try_check};
use super::*;
use crate::apps::{AppScope, ApplicationType};
use crate::oauth::authorize::{Refused, ResponseMode, Return};

fn refused(world: &World, query: &str) -> Box<Return> {
    match try_check(world, &Flavour::Platform, query) {
        Err(Refused::Redirect { back, .. }) => back,
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn an_error_about_the_state_goes_back_in_the_way_that_was_asked_for() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[super::authorize::CALLBACK]);
    let form = query(&app, &[("response_mode", "form_post")]);
    let long = query(&app, &[("response_mode", "form_post"), ("state", &"x".repeat(8 * 1024 + 1))]);
    for request in [format!("{form}&state=other"), long] {
        let back = refused(&world, &request);
        assert_eq!((back.mode, back.state), (ResponseMode::FormPost, None), "{request}");
    }
    // Two modes are none.
    assert_eq!(refused(&world, &format!("{form}&response_mode=query")).mode, ResponseMode::Query);
}
