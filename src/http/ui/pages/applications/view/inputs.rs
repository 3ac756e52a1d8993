//! What the forms of an application ask for: labels, hints and bounds, once for both.

use crate::http::kit::parts::Input;
use crate::http::ui::pages::tenant_field::TENANT;

pub(super) const NAME: Input = Input::text("name", "Name").with(&[("maxlength", "200"), ("autocomplete", "off")]);
pub(super) const TYPE: Input = Input::options("application_type", "Type").hint("It cannot be changed later.");
pub(super) const SCOPE: Input = Input::options("scope", "Scope").hint("It cannot be changed later.");
pub(super) const REDIRECT_URIS: Input = Input::area("redirect_uris", "Redirect URIs", 3)
    .optional()
    .mono()
    .with(&[("placeholder", "https://app.example.com/callback")]);
pub(super) const LIFETIME: Input = Input::line("number", "token_lifetime", "Token lifetime")
    .hint("In seconds, 60 to 86400. Clients ask again when a token has ended.")
    .with(&[("min", "60"), ("max", "86400"), ("inputmode", "numeric")]);
pub(super) const REFRESH_LIFETIME: Input = Input::line("number", "refresh_token_lifetime", "Refresh lifetime")
    .optional()
    .hint(
        "In seconds after the sign-in, 60 to 315360000. Empty: as long as the server's settings allow, which go before a \
         longer time.",
    )
    .with(&[("min", "60"), ("max", "315360000"), ("inputmode", "numeric")]);
pub(super) const GRANTS: Input = Input::options("grant_types", "Grants").hint("How it may get tokens.");
pub(super) const DESCRIPTION: Input =
    Input::text("description", "Description").optional().with(&[("maxlength", "1000")]);
pub(super) const POST_LOGOUT: Input = Input::area("post_logout_redirect_uris", "Sign-out redirect URIs", 2)
    .optional()
    .mono()
    .hint("One a line. Where browsers may be sent after a sign-out.")
    .with(&[("placeholder", "https://app.example.com/bye")]);
pub(super) const ORIGINS: Input = Input::area("allowed_origins", "Allowed origins", 2)
    .optional()
    .mono()
    .hint("One a line. Pages that may call the sign-in's endpoints from a browser (CORS).")
    .with(&[("placeholder", "https://app.example.com")]);
pub(super) const SIGNATURE: Input =
    Input::text("signing_alg", "Signature of its tokens").hint("RS256 is what every client knows.");
pub(super) const LOGO: Input = Input::text("logo_uri", "Logo")
    .optional()
    .mono()
    .hint("The address of a picture that the pages of a sign-in show.")
    .with(&[("placeholder", "https://app.example.com/logo.svg")]);
pub(super) const SWITCHES: Input = Input::options("switches", "More").hint("");
pub(super) const OTHER_SCOPES: Input = Input::text("other_scopes", "Other scopes")
    .optional()
    .mono()
    .hint("Scopes of your own APIs: permissions of applications, with blanks or commas between them.")
    .with(&[("placeholder", "orders:read orders:write")]);
pub(super) const ALLOWED_SCOPES: Input = Input::options("allowed_scopes", "Allowed scopes")
    .hint("What its tokens may carry at most, of what you may do yourself.");
/// What the form for a new one asks for.
pub(in crate::http::ui::pages::applications) const INPUTS: &[Input] = &[
    NAME,
    DESCRIPTION,
    TYPE,
    SCOPE,
    TENANT,
    ALLOWED_SCOPES,
    OTHER_SCOPES,
    REDIRECT_URIS,
    POST_LOGOUT,
    ORIGINS,
    GRANTS,
    LIFETIME,
    REFRESH_LIFETIME,
    SIGNATURE,
    LOGO,
    SWITCHES,
];
/// What the form to change one asks for.
pub(in crate::http::ui::pages::applications) const CHANGEABLE: &[Input] = &[
    NAME,
    DESCRIPTION,
    ALLOWED_SCOPES,
    OTHER_SCOPES,
    REDIRECT_URIS,
    POST_LOGOUT,
    ORIGINS,
    GRANTS,
    LIFETIME,
    REFRESH_LIFETIME,
    SIGNATURE,
    LOGO,
    SWITCHES,
];
