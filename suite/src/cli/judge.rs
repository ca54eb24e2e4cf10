//! `judge`

use super::args::JudgeArgs;
use super::stop::Stop;
use crate::archive::{RunRecord, judge_again};
use crate::exit_code::ExitCode;
use crate::report::Report;
use crate::scenario::Selection;

/// Judges kept transcripts again.
pub(super) fn judge(args: &JudgeArgs) -> Result<ExitCode, Stop> {
    args.output.check()?;
    let selection = Selection { filters: args.filter.clone() };
    let record = RunRecord::of(&args.dir).map_err(|error| Stop::set_up(error.to_string()))?;
    let ids: Vec<String> = record.plays.iter().map(|play| play.scenario.clone()).collect();
    let mut screen = args.output.screen(ids.iter().map(String::as_str), ids.len());
    let judged = judge_again(&args.dir, &record, &selection, |played| screen.result(played));
    let results = judged.map_err(|error| Stop::set_up(error.to_string()))?;
    if results.is_empty() {
        return Err(Stop::new(ExitCode::NothingRan, "no kept scenario fits: see `run.json` in the folder"));
    }
    screen.end(&args.output, &Report::new(record.client, record.started, record.millis, &results))?;
    Ok(ExitCode::of_run(&results))
}
