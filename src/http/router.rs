//! Finds the route of an address. Addresses without parameters are looked up whole, the others are compared part by part:
//! no pattern is compiled at a start, and none is tried for an address whose fixed front is another one.
//!
//! An address answers with and without a slash at its end. Where two patterns fit, the one that stands first in the tables
//! and has the method is meant.

use super::route::{Route, Surface};
use super::surfaces;
use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::ACCESS_CONTROL_REQUEST_METHOD;
use std::collections::HashMap;
use std::sync::LazyLock;

/// One address, and who may do what there.
pub struct Address {
    /// The surface that the address belongs to.
    pub surface: &'static Surface,
    /// Its routes, a method each.
    pub routes: Vec<&'static Route>,
}

/// All addresses of the tables, and the way to them.
pub struct Map {
    addresses: Vec<Address>,
    /// Those without parameters, with and without a slash at the end.
    exact: HashMap<String, usize>,
    /// Those with parameters, in the order of the tables.
    open: Vec<Open>,
}

/// An address with parameters.
struct Open {
    address: usize,
    /// What stands before the first parameter.
    front: &'static str,
    parts: Vec<Part>,
    /// The parameter that takes all that is left, slashes too.
    rest: Option<&'static str>,
}

enum Part {
    /// Exactly this text.
    Fixed(&'static str),
    /// Anything but nothing, under this name.
    Any(&'static str),
}

/// The parameters of an address: name and text.
pub type Parameters<'a> = Vec<(&'static str, &'a str)>;

impl Map {
    /// Of these surfaces.
    pub fn of(surfaces: &'static [&'static Surface]) -> Self {
        let mut map = Self { addresses: Vec::new(), exact: HashMap::new(), open: Vec::new() };
        for surface in surfaces {
            let first = map.addresses.len();
            for route in surface.routes {
                let known = map.addresses.iter().skip(first).position(|other| other.path() == route.path);
                match known.and_then(|known| map.addresses.get_mut(first + known)) {
                    Some(address) => address.routes.push(route),
                    None => map.add(Address { surface, routes: vec![route] }, route.path),
                }
            }
        }
        map
    }

    fn add(&mut self, address: Address, path: &'static str) {
        let number = self.addresses.len();
        self.addresses.push(address);
        let Some(parameter) = path.find('{') else {
            self.exact.entry(path.to_owned()).or_insert(number);
            if path != "/" {
                self.exact.entry(format!("{path}/")).or_insert(number);
            }
            return;
        };
        let (front, pattern) = path.split_at(parameter);
        let mut parts = Vec::new();
        let mut rest = None;
        for part in pattern.split('/') {
            match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                None => parts.push(Part::Fixed(part)),
                Some(name) => match name.strip_suffix(":.*") {
                    None => parts.push(Part::Any(name)),
                    Some(name) => rest = Some(name),
                },
            }
        }
        self.open.push(Open { address: number, front, parts, rest });
    }

    /// The address that a path means, and its parameters: the first that fits and has the method; if none has it, the first
    /// that fits. `method` None: any.
    fn find<'a>(&self, path: &'a str, method: Option<&str>) -> Option<(usize, Parameters<'a>)> {
        let mut exact = self.exact.get(path).copied();
        let mut first = None;
        let has = |number: usize| self.addresses.get(number).is_some_and(|address| address.has(method));
        for open in &self.open {
            if let Some(number) = exact.take_if(|number| *number < open.address) {
                if has(number) {
                    return Some((number, Vec::new()));
                }
                first = first.or(Some((number, Vec::new())));
            }
            let Some(parameters) = path.strip_prefix(open.front).and_then(|path| open.fits(path)) else { continue };
            if has(open.address) {
                return Some((open.address, parameters));
            }
            first = first.or(Some((open.address, parameters)));
        }
        match exact {
            Some(number) if first.is_none() || has(number) => Some((number, Vec::new())),
            _ => first,
        }
    }

    /// What a path answers to, by all patterns that fit it: its methods, HEAD where it runs a GET, and OPTIONS, which every
    /// address answers.
    fn methods(&self, path: &str) -> Vec<&'static str> {
        let fits = |open: &&Open| path.strip_prefix(open.front).is_some_and(|path| open.fits(path).is_some());
        let open = self.open.iter().filter(fits).map(|open| open.address);
        let numbers = self.exact.get(path).copied().into_iter().chain(open);
        let routes = numbers.filter_map(|number| self.addresses.get(number)).flat_map(|address| &address.routes);
        let mut methods = Vec::new();
        for route in routes {
            for method in [route.method, "HEAD"] {
                if route.answers(method) && !methods.contains(&method) {
                    methods.push(method);
                }
            }
        }
        methods.push("OPTIONS");
        methods
    }
}

impl Address {
    fn has(&self, method: Option<&str>) -> bool {
        method.is_none_or(|method| self.route(method).is_some())
    }

    /// The route for a method, and its number at this address.
    pub fn route(&self, method: &str) -> Option<(usize, &'static Route)> {
        self.routes.iter().copied().enumerate().find(|(_, route)| route.answers(method))
    }

    fn path(&self) -> &'static str {
        self.routes.first().map_or("", |route| route.path)
    }
}

impl Open {
    /// The parameters, if what stands behind the front fits.
    fn fits<'a>(&self, path: &'a str) -> Option<Parameters<'a>> {
        let mut parameters = Vec::with_capacity(self.parts.len() + 1);
        let mut left = Some(path);
        for part in &self.parts {
            let (text, behind) = match left?.split_once('/') {
                Some((text, behind)) => (text, Some(behind)),
                None => (left?, None),
            };
            match part {
                Part::Fixed(fixed) if *fixed == text => {}
                Part::Any(name) if !text.is_empty() => parameters.push((*name, text)),
                Part::Fixed(_) | Part::Any(_) => return None,
            }
            left = behind;
        }
        match (self.rest, left) {
            (Some(name), Some(left)) => parameters.push((name, left)),
            // At most a slash at the end.
            (None, None | Some("")) => {}
            (Some(_), None) | (None, Some(_)) => return None,
        }
        Some(parameters)
    }
}

/// The map of the whole server, made once.
static MAP: LazyLock<Map> = LazyLock::new(|| Map::of(surfaces::all()));

/// All addresses, each at its number.
pub fn addresses() -> &'static [Address] {
    &MAP.addresses
}

/// The address that a path and a method mean, with its number, and the parameters in the path.
pub fn find<'a>(path: &'a str, method: &str) -> Option<(usize, &'static Address, Parameters<'a>)> {
    let (number, parameters) = MAP.find(path, Some(method))?;
    Some((number, MAP.addresses.get(number)?, parameters))
}

/// The method that a request is about: that of the call which a preflight asks for, otherwise its own.
pub fn asked_method(request: &HttpRequest) -> &str {
    let asked = || request.headers().get(ACCESS_CONTROL_REQUEST_METHOD).and_then(|method| method.to_str().ok());
    let own = request.method();
    (own == Method::OPTIONS).then(asked).flatten().unwrap_or(own.as_str())
}

/// The methods that the address of a request answers to, as `Allow` has them (RFC 9110 §10.2.1).
pub fn allowed(request: &HttpRequest) -> String {
    MAP.methods(request.match_info().as_str()).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::dev::{Path, ResourceDef};
    use proptest::prelude::*;

    /// What actix's own patterns make of a path: the first address in the tables that fits, and its parameters.
    fn by_patterns(path: &str) -> Option<(String, Vec<(String, String)>)> {
        static PATTERNS: LazyLock<Vec<(&str, ResourceDef)>> = LazyLock::new(|| {
            let all = MAP.addresses.iter().map(|address| {
                let path = address.path();
                let open_ended = path.ends_with(":.*}") || path == "/";
                let paths = if open_ended { vec![path.to_owned()] } else { vec![path.to_owned(), format!("{path}/")] };
                (path, ResourceDef::new(paths))
            });
            all.collect()
        });
        PATTERNS.iter().find_map(|(name, pattern)| {
            let mut parsed = Path::new(path.to_owned());
            let own = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
            pattern.capture_match_info(&mut parsed).then(|| ((*name).to_owned(), parsed.iter().map(own).collect()))
        })
    }

    fn by_map(path: &str) -> Option<(String, Vec<(String, String)>)> {
        let (number, parameters) = MAP.find(path, None)?;
        let own = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        Some((MAP.addresses[number].path().to_owned(), parameters.into_iter().map(own).collect()))
    }

    #[test]
    fn the_tables_hold_only_patterns_that_the_map_reads() {
        for address in &MAP.addresses {
            let path = address.path();
            assert!(path.starts_with('/') && (path == "/" || !path.ends_with('/')), "{path}");
            for part in path.split('/').filter(|part| part.contains(['{', '}'])) {
                let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')).unwrap();
                let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                assert!(plain || (name.ends_with(":.*") && path.ends_with(part)), "{path}");
            }
        }
    }

    #[test]
    fn the_method_tells_two_patterns_apart() {
        fn nothing() -> actix_web::Route {
            actix_web::web::route()
        }
        const fn route(method: &'static str, path: &'static str) -> Route {
            Route {
                method,
                path,
                access: crate::http::route::Access::Public,
                action: None,
                safe: true,
                cors: crate::http::route::Cors::Never,
                name: "",
                describe: |_| {},
                handler: nothing,
            }
        }
        static SURFACE: Surface = Surface {
            name: "test",
            fronts: &[],
            routes: &[route("GET", "/roles/{name}"), route("PATCH", "/roles/default"), route("PUT", "/roles/{other}")],
            dialect: crate::http::plain,
            limited: false,
            in_popups: false,
        };
        static SURFACES: [&Surface; 1] = [&SURFACE];
        let map = Map::of(&SURFACES);
        let found = |method: &str, path| map.find(path, Some(method)).map(|(number, _)| number);
        assert_eq!(found("HEAD", "/roles/default"), Some(0));
        assert_eq!(found("PATCH", "/roles/default"), Some(1));
        assert_eq!(found("PUT", "/roles/default"), Some(2));
        assert_eq!(found("DELETE", "/roles/default"), Some(0), "which then says what it has");
        assert_eq!(found("PATCH", "/roles/other"), Some(0));
        assert_eq!(found("GET", "/nothing"), None);
    }

    #[test]
    fn every_route_is_found_at_its_address() {
        for address in &MAP.addresses {
            let path = address.path().replace(":.*", "").replace(['{', '}'], "");
            assert_eq!(by_map(&path), by_patterns(&path), "{path}");
            assert_eq!(by_map(&format!("{path}/")), by_patterns(&format!("{path}/")), "{path}/");
        }
        let path = |text: &str| by_map(text).map(|(path, _)| path);
        assert_eq!(path("/v1/secrets/").as_deref(), Some("/v1/secrets"));
        assert_eq!(by_map("/v1/secrets/a//b/").unwrap().1, [("path".to_owned(), "a//b/".to_owned())]);
        for unknown in
            ["", "//", "/v1", "/v1/secret", "/v1/secretsx", "/api/v1/admin/users//", "/api/v1/admin/users/1/2"]
        {
            assert_eq!(path(unknown), None, "{unknown}");
        }
    }

    proptest! {
        #[test]
        fn the_map_finds_what_patterns_find(
            at: prop::sample::Index,
            fill in "[a-z0-9/%]{0,6}",
            cut in 0usize..4,
            more in "(/|/[a-z]{1,3}|)",
        ) {
            let address = &MAP.addresses[at.index(MAP.addresses.len())];
            let mut path = String::new();
            for part in address.path().split('/').skip(1) {
                path.push('/');
                path.push_str(if part.starts_with('{') { &fill } else { part });
            }
            path.truncate(path.len().saturating_sub(cut));
            path.push_str(&more);
            prop_assert_eq!(by_map(&path), by_patterns(&path), "{}", path);
        }
    }
}
