//! `explain`

use super::args::ExplainArgs;
use super::scenarios;
use super::stop::Stop;
use crate::exit_code::ExitCode;
use crate::scenario::story;

/// Tells the story of one scenario.
pub(super) fn explain(args: &ExplainArgs) -> Result<ExitCode, Stop> {
    let all = scenarios::load(&args.source)?;
    let Some(scenario) = all.iter().find(|scenario| scenario.id == args.scenario) else {
        let near: Vec<&str> = all
            .iter()
            .map(|scenario| scenario.id.as_str())
            .filter(|id| id.contains(&args.scenario))
            .collect();
        let hint = if near.is_empty() { "see `e2ee-suite list`".to_owned() } else { near.join(", ") };
        let message = format!("no scenario has the id `{}`: {hint}", args.scenario);
        return Err(Stop::new(ExitCode::NothingRan, message));
    };
    print!("{}", story(scenario));
    Ok(ExitCode::Ok)
}
