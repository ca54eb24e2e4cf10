//! Why the control API does not do what it is asked for.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::apply::CommandError;
use crate::adversary::MoveError;
use crate::server::TenantError;

/// An error as the control API answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: Code,
    pub(super) message: Cow<'static, str>,
}

macro_rules! codes {
    ($($Code:ident = $status:literal: $doc:literal,)*) => {
        /// What is wrong, for programs. Codes stay what they are.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub(super) enum Code {
            $(#[doc = $doc] $Code,)*
        }

        impl Code {
            /// The HTTP status that goes with it.
            pub(super) const fn status(self) -> u16 {
                match self { $(Self::$Code => $status,)* }
            }
        }
    };
}

codes! {
    BadJson = 400: "The body is not the JSON that is expected; the message says where.",
    BadParameter = 400: "A parameter of the query is unknown or no number.",
    OutOfRange = 400: "A member has a value that makes no sense.",
    Unauthorized = 401: "The control token is missing or wrong.",
    ForeignHost = 403: "The header `Host` names somebody else.",
    ForeignOrigin = 403: "A web page of somebody else sent the request.",
    UnknownRoute = 404: "There is no such address.",
    UnknownTenant = 404: "There is no such tenant.",
    UnknownExchange = 404: "There is no such exchange, or it is no longer kept.",
    UnknownFolder = 404: "There is no such folder, or it has no metadata.",
    UnknownUser = 404: "There is no such account.",
    UnknownDevice = 404: "No password of the account has this label.",
    UnknownLie = 404: "No lie of this name is in force.",
    UnknownSnapshot = 404: "There is no such snapshot.",
    UnknownLogin = 404: "No client waits for this login.",
    MethodNotAllowed = 405: "The address does not take this method.",
    BodyTimeout = 408: "The body did not arrive in time.",
    MoveRefused = 409: "The move does not fit the state.",
    UserExists = 409: "There is an account of this name.",
    TooManySnapshots = 409: "A snapshot has to be deleted first.",
    TenantTaken = 409: "There is a tenant of this name.",
    TooManyTenants = 409: "A tenant has to be deleted first.",
    TenantHeld = 409: "The tenant was not made over the control API and is not deleted over it.",
    TooLarge = 413: "The body is too long.",
    UnsupportedMediaType = 415: "The body is not declared as `application/json`.",
    Internal = 500: "The server is at fault.",
    StateNotKept = 507: "The state file takes no changes.",
    TooManyWatchers = 503: "Too many event streams are open.",
}

/// The body of an error.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(super) struct ErrorBody {
    error: ErrorMembers,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct ErrorMembers {
    /// What is wrong, for programs.
    code: Code,
    /// What is wrong, for people.
    message: String,
}

impl Refusal {
    pub(super) fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status: code.status(), code, message: message.into() }
    }

    pub(super) fn body(&self) -> ErrorBody {
        ErrorBody { error: ErrorMembers { code: self.code, message: self.message.clone().into_owned() } }
    }
}

impl From<CommandError> for Refusal {
    fn from(error: CommandError) -> Self {
        let code = match &error {
            CommandError::State(_) | CommandError::Move(MoveError::State(_)) => Code::StateNotKept,
            CommandError::Move(_) => Code::MoveRefused,
            CommandError::UnknownUser(_) => Code::UnknownUser,
            CommandError::UserExists(_) => Code::UserExists,
            CommandError::UnknownDevice { .. } => Code::UnknownDevice,
            CommandError::UnknownLie(_) => Code::UnknownLie,
            CommandError::UnknownSnapshot(_) => Code::UnknownSnapshot,
            CommandError::TooManySnapshots => Code::TooManySnapshots,
            CommandError::UnknownLogin => Code::UnknownLogin,
            CommandError::OutOfRange { .. } => Code::OutOfRange,
        };
        Self::new(code, error.to_string())
    }
}

impl From<TenantError> for Refusal {
    fn from(error: TenantError) -> Self {
        let code = match &error {
            TenantError::Name(_) => Code::OutOfRange,
            TenantError::Taken(_) => Code::TenantTaken,
            TenantError::State(_) | TenantError::Fork(..) => Code::StateNotKept,
        };
        Self::new(code, error.to_string())
    }
}
