//! The addresses of the control API: one row each, from which the OpenAPI document is made, too.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::read;
use super::recording::Recording;
use super::refusal::Refusal;
use super::request::{Answer, Asked};
use super::tenants::{NewTenant, TenantView};
use super::view;

/// Makes the schema of a body and enters what it refers to.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// An address with a method.
pub(super) struct Route {
    pub(super) method: &'static str,
    /// The path; `{member}` is one piece of it.
    pub(super) path: &'static str,
    /// The name of the operation.
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// Parameters of the query, all of them numbers: the name and what it means.
    pub(super) query: &'static [(&'static str, &'static str)],
    pub(super) does: Does,
}

/// What a request to a route comes to.
pub(super) enum Does {
    /// A command of this name, whose members stand in the path and in the body.
    Command(&'static str),
    /// Something else, with the schema of the body that it takes, and of the answer's.
    Answer {
        run: fn(&Asked<'_>) -> Result<Answer, Refusal>,
        takes: Option<SchemaOf>,
        gives: Option<SchemaOf>,
    },
    /// A stream of events.
    Events,
}

const fn command(
    method: &'static str,
    path: &'static str,
    name: &'static str,
    summary: &'static str,
) -> Route {
    Route { method, path, id: name, summary, query: &[], does: Does::Command(name) }
}

const fn read<T: JsonSchema>(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    run: fn(&Asked<'_>) -> Result<Answer, Refusal>,
) -> Route {
    let does = Does::Answer { run, takes: None, gives: Some(schema_of::<T>) };
    Route { method: "GET", path, id, summary, query: &[], does }
}

/// A document of its own kind, not one of the types.
const fn document(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    run: fn(&Asked<'_>) -> Result<Answer, Refusal>,
) -> Route {
    let does = Does::Answer { run, takes: None, gives: None };
    Route { method: "GET", path, id, summary, query: &[], does }
}

/// The names of something that a tenant has.
const fn names(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    run: fn(&Asked<'_>) -> Result<Answer, Refusal>,
) -> Route {
    read::<Vec<String>>(path, id, summary, run)
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// All of them.
pub(super) const ROUTES: &[Route] = &[
    read::<read::About>("/v1", "about", "What this is", read::about),
    document("/v1/openapi.json", "openapi", "This document", read::openapi),
    document("/v1/moves.schema.json", "moves_schema", "The JSON Schema of moves", read::moves_schema),
    read::<Vec<TenantView>>("/v1/tenants", "tenants", "The tenants", read::tenants),
    Route {
        method: "POST",
        path: "/v1/tenants",
        id: "make_tenant",
        summary: "Makes a tenant, which lives until it is deleted",
        query: &[],
        does: Does::Answer {
            run: read::make_tenant,
            takes: Some(schema_of::<NewTenant>),
            gives: Some(schema_of::<TenantView>),
        },
    },
    read::<TenantView>("/v1/tenants/{tenant}", "tenant", "A tenant", read::tenant),
    Route {
        method: "DELETE",
        path: "/v1/tenants/{tenant}",
        id: "delete_tenant",
        summary: "Deletes a tenant that was made over this API",
        query: &[],
        does: Does::Answer {
            run: read::delete_tenant,
            takes: None,
            gives: Some(schema_of::<super::apply::Outcome>),
        },
    },
    read::<view::State>(
        "/v1/tenants/{tenant}/state",
        "state",
        "What the server knows: accounts, files, folders, locks, counters, shares",
        read::state,
    ),
    read::<view::SignedMetadata>(
        "/v1/tenants/{tenant}/folders/{folder}/metadata",
        "metadata",
        "The final metadata of a folder with its signature",
        read::metadata,
    ),
    Route {
        method: "GET",
        path: "/v1/tenants/{tenant}/exchanges",
        id: "exchanges",
        summary: "The traffic, without headers and bodies, oldest first",
        query: &[
            ("after", "Only exchanges with a greater number; 0 unless given."),
            ("limit", "At most so many, 1 to 1000; 100 unless given."),
        ],
        does: Does::Answer { run: read::exchanges, takes: None, gives: Some(schema_of::<view::Exchanges>) },
    },
    read::<view::Whole>(
        "/v1/tenants/{tenant}/exchanges/{number}",
        "exchange",
        "One exchange",
        read::exchange,
    ),
    read::<Recording>(
        "/v1/tenants/{tenant}/recording",
        "recording",
        "The traffic with headers and bodies, and the encrypted folders: what `e2ee-suite watch` reads",
        read::recording,
    ),
    Route {
        method: "GET",
        path: "/v1/tenants/{tenant}/events",
        id: "events",
        summary: "What happens, as server-sent events: exchange, lie, move, command; missed if some are no longer kept",
        query: &[(
            "after",
            "Begins after the event of this id, as the header Last-Event-ID does; unless given, with what happens from now on.",
        )],
        does: Does::Events,
    },
    command("POST", "/v1/tenants/{tenant}/moves", "play", "Plays a move of the adversary"),
    names(
        "/v1/tenants/{tenant}/lies",
        "lies",
        "The lies in force, by the moves that have left them, in the order in which they are asked",
        read::lies,
    ),
    command("DELETE", "/v1/tenants/{tenant}/lies/{lie}", "retract", "Takes back all lies of a move"),
    command("POST", "/v1/tenants/{tenant}/reset", "reset", "Makes everything what it was at the beginning"),
    names("/v1/tenants/{tenant}/snapshots", "snapshots", "The names of the snapshots", read::snapshots),
    command(
        "PUT",
        "/v1/tenants/{tenant}/snapshots/{name}",
        "snapshot",
        "Keeps what the server knows under a name",
    ),
    command("POST", "/v1/tenants/{tenant}/snapshots/{name}/restore", "restore", "Goes back to a snapshot"),
    command("DELETE", "/v1/tenants/{tenant}/snapshots/{name}", "delete_snapshot", "Forgets a snapshot"),
    command("POST", "/v1/tenants/{tenant}/users", "add_user", "Makes an account"),
    command(
        "DELETE",
        "/v1/tenants/{tenant}/users/{user}",
        "remove_user",
        "Removes an account with all that it has",
    ),
    command(
        "POST",
        "/v1/tenants/{tenant}/users/{user}/credentials",
        "add_credential",
        "Gives an account one more password",
    ),
    command(
        "DELETE",
        "/v1/tenants/{tenant}/users/{user}/credentials/{device}",
        "remove_credential",
        "Takes the passwords of a label away",
    ),
    command(
        "PUT",
        "/v1/tenants/{tenant}/users/{user}/identity",
        "store_identity",
        "Stores the key pair of an account without any check",
    ),
    command(
        "POST",
        "/v1/tenants/{tenant}/users/{user}/login",
        "grant_login",
        "Says yes to a client that logs in by login flow v2",
    ),
    read::<read::Attacker>(
        "/v1/tenants/{tenant}/attacker",
        "attacker",
        "What the attacker knows: keys by name, and what it has planted",
        read::attacker,
    ),
    read::<Vec<crate::adversary::Opened>>(
        "/v1/tenants/{tenant}/attacker/opened",
        "opened",
        "What the attacker can open of all that was uploaded",
        read::opened,
    ),
    command(
        "POST",
        "/v1/tenants/{tenant}/attacker/private-keys",
        "learn_private_key",
        "Gives the attacker a user's private key",
    ),
    command("POST", "/v1/tenants/{tenant}/clock", "advance_clock", "Moves the tenant's clock forward"),
    command(
        "POST",
        "/v1/tenants/{tenant}/roll-back",
        "roll_back",
        "Releases old locks as the hourly job of the app does",
    ),
];
