//! `explain`

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use e2ee_reference::dialect::Dialect;
use e2ee_reference::recognise::AnyVersion;

use super::args::ExplainArgs;
use super::stop::Stop;
use super::{client, run, scenarios};
use crate::archive::Case;
use crate::exit_code::ExitCode;
use crate::play::{Keeper, Options, Played, run as play_all};
use crate::report::{clean, sequence};
use crate::scenario::{Scenario, story};
use crate::transcript::Transcript;

/// Tells the story of one scenario, and how it was played.
pub(super) async fn explain(args: ExplainArgs) -> Result<ExitCode, Stop> {
    let all = scenarios::load(&args.source)?;
    let scenario = scenarios::find(&all, &args.scenario)?;
    let mut text = story(&scenario);
    if !args.story {
        let version = scenarios::version(&scenario, args.version)?;
        let shown = match &args.transcripts {
            Some(folder) => kept(folder, &scenario, version)?,
            None => play(&args, &scenario, version).await?,
        };
        text.push('\n');
        text.push_str(&shown);
    }
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Stop::set_up(format!("cannot print: {error}")))
        }
        _ => Ok(ExitCode::Ok),
    }
}

/// A play that a run has kept.
fn kept(folder: &Path, scenario: &Arc<Scenario>, version: AnyVersion) -> Result<String, Stop> {
    let case = Case::of(folder, scenario, version).map_err(|error| Stop::set_up(error.to_string()))?;
    let played = Played::judged(Arc::clone(scenario), version, case.twin.as_ref(), &case.played, 0);
    Ok(shown(&played, &case.played, "as it was kept"))
}

/// A play by the reference client, now.
async fn play(args: &ExplainArgs, scenario: &Arc<Scenario>, version: AnyVersion) -> Result<String, Stop> {
    let chosen = [Arc::clone(scenario)];
    let laboratory = run::laboratory(&chosen).await?;
    let limit = Options::default().limit;
    let meet = |defects: &[String]| {
        let connector = client::in_process(defects, Dialect::default(), &laboratory);
        async move { client::meet(connector?, limit).await }
    };
    let (subject, peer) = (meet(&args.defect).await?, meet(&[]).await?);
    let memory = Arc::new(Memory::default());
    let options =
        Options { versions: vec![version], keeper: Some(Arc::clone(&memory) as _), ..Options::default() };
    let results = play_all(&laboratory, &subject, &peer, &chosen, &options, |_| {}).await;
    let transcript = memory.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    let (Some(played), Some(transcript)) = (results.first(), transcript) else {
        return Err(Stop::internal("the play left no transcript"));
    };
    let whom = match args.defect.as_slice() {
        [] => "with the reference client".to_owned(),
        defects => format!("with the reference client and its defect {}", defects.join(", ")),
    };
    Ok(shown(played, &transcript, &whom))
}

/// Keeps the last play.
#[derive(Default)]
struct Memory(Mutex<Option<Transcript>>);

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory(…)")
    }
}

impl Keeper for Memory {
    fn keep(&self, _: Option<&Transcript>, played: &Transcript) -> Result<(), String> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(played.clone());
        Ok(())
    }
}

fn shown(played: &Played, transcript: &Transcript, how: &str) -> String {
    let (scenario, judgement) = (&played.scenario, &played.judgement);
    let colon = if judgement.reason.is_empty() { "" } else { ": " };
    format!(
        "Played {how} in {}; `=` marks answers that the attacker has changed\n{}\nVerdict   {}{colon}{}\n",
        played.version,
        sequence(scenario, transcript),
        judgement.verdict.as_str(),
        clean(&judgement.reason)
    )
}
