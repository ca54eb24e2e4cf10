//! What the control API does beside commands.

use schemars::JsonSchema;
use serde::Serialize;

use super::apply::Outcome;
use super::recording::Recording;
use super::refusal::{Code, Refusal};
use super::request::{Answer, Asked};
use super::tenants::{self, NewTenant, TenantView};
use super::view;
use crate::adversary::Planted;
use crate::model::FileId;

/// How many exchanges are listed unless asked otherwise, and how many at most.
const USUAL: usize = 100;
const MOST: usize = 1000;

/// What this is.
#[derive(Serialize, JsonSchema)]
pub(super) struct About {
    /// `e2ee-mock-server`.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// Where clients of the default tenant connect.
    base_url: String,
    /// The path of the OpenAPI document.
    openapi: &'static str,
}

/// What the attacker knows.
#[derive(Serialize, JsonSchema)]
pub(super) struct Attacker {
    /// The keys that it holds, by name; never the keys themselves.
    keys: Vec<String>,
    /// The files that it has planted.
    planted: Vec<Planted>,
}

pub(super) fn about(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    Answer::of(&About {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        base_url: asked.shared.default_tenant().base_url(),
        openapi: "/v1/openapi.json",
    })
}

pub(super) fn openapi(_: &Asked<'_>) -> Result<Answer, Refusal> {
    Ok(Answer { status: 200, body: super::openapi::document() })
}

pub(super) fn moves_schema(_: &Asked<'_>) -> Result<Answer, Refusal> {
    Ok(Answer { status: 200, body: super::schema::moves_schema() })
}

pub(super) fn tenants(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let tenants: Vec<TenantView> = asked.shared.tenants().iter().map(TenantView::from).collect();
    Answer::of(&tenants)
}

pub(super) fn make_tenant(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let tenant = asked.json::<NewTenant>()?.make(asked.shared)?;
    Answer::with_status(201, &TenantView::from(&tenant))
}

pub(super) fn tenant(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    Answer::of(&TenantView::from(&asked.tenant()?))
}

pub(super) fn delete_tenant(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    tenants::delete(asked.shared, &asked.tenant()?)?;
    Answer::of(&Outcome::Done {})
}

pub(super) fn state(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    Answer::of(&view::State::of(&asked.tenant()?.model()))
}

pub(super) fn metadata(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let tenant = asked.tenant()?;
    let folder = asked.member("folder").parse().ok();
    let metadata = folder.and_then(|id: FileId| view::SignedMetadata::of(&tenant.model(), id));
    let unknown = || Refusal::new(Code::UnknownFolder, "no such folder, or it has no metadata");
    Answer::of(&metadata.ok_or_else(unknown)?)
}

pub(super) fn exchanges(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let tenant = asked.tenant()?;
    let after = asked.number("after")?.unwrap_or(0);
    let limit = asked.number("limit")?.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Refusal::new(Code::BadParameter, format!("`limit`: expected 1 to {MOST}")));
    }
    let mut recorder = tenant.state().recorder();
    let (found, dropped) = (recorder.after(after, limit + 1), recorder.dropped());
    drop(recorder);
    let next = found.get(limit).and_then(|_| found.get(limit - 1)).map(|last| last.number);
    let exchanges = found.iter().take(limit).map(|exchange| (&**exchange).into()).collect();
    Answer::of(&view::Exchanges { exchanges, next, dropped })
}

pub(super) fn exchange(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let tenant = asked.tenant()?;
    let number = asked.member("number").parse().ok();
    let exchange = number.and_then(|number| tenant.state().recorder().get(number));
    let unknown = || Refusal::new(Code::UnknownExchange, "no such exchange, or it is no longer kept");
    Answer::of(&view::Whole::from(&*exchange.ok_or_else(unknown)?))
}

pub(super) fn recording(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    Answer::of(&Recording::of(&asked.tenant()?))
}

pub(super) fn lies(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let lies = asked.tenant()?.lies();
    Answer::of(&lies.iter().map(|lie| lie.name()).collect::<Vec<_>>())
}

pub(super) fn snapshots(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    Answer::of(&asked.tenant()?.attacker().snapshot_names().collect::<Vec<_>>())
}

pub(super) fn attacker(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let tenant = asked.tenant()?;
    let attacker = tenant.attacker();
    Answer::of(&Attacker {
        keys: attacker.holds().into_iter().map(|held| held.description).collect(),
        planted: attacker.planted().to_vec(),
    })
}

pub(super) fn opened(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let tenant = asked.tenant()?;
    // It takes RSA operations: nobody should wait for the attacker's guard meanwhile.
    let attacker = tenant.attacker().without_states();
    Answer::of(&attacker.opens(&tenant.exchanges()))
}
