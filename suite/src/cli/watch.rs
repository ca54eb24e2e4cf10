//! `watch`

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::args::{Format, WatchArgs};
use super::say::say;
use super::stop::Stop;
use crate::exit_code::ExitCode;
use crate::monitors::{MONITORS, Monitor, watch_play, watch_recording};
use crate::recorded::{Known, Recorded, Source};
use crate::report::{WatchReport, clean, wrap};
use crate::transcript::Mode;

/// The longest recording and the longest file of secrets, in bytes.
const MOST_RECORDED: u64 = 1 << 30;
const MOST_SECRETS: u64 = 1 << 20;

/// Asks the monitors about a recording, or about plays that were kept.
pub(super) fn watch(args: &WatchArgs) -> Result<ExitCode, Stop> {
    let monitors = monitors(&args.monitor)?;
    let known = known(args)?;
    let text = read(&args.recording, MOST_RECORDED)?;
    let unusable = |error| Stop::set_up(format!("{}: {error}", named(&args.recording)));
    let source = Source::from_json(&text).map_err(unusable)?;
    drop(text);
    let mut report = WatchReport::new(named(&args.recording), &monitors);
    match source {
        Source::Recording(recording) => {
            let recorded = Recorded::new(*recording, &known).map_err(unusable)?;
            report.saw(recorded.exchanges(), recorded.devices(), watch_recording(&recorded, monitors));
        }
        Source::Case(_) if args.secrets.is_some() || !args.canary.is_empty() => {
            let what = "what run --transcripts has kept has its secrets in it: expected neither --secrets nor --canary";
            return Err(Stop::new(ExitCode::Usage, what));
        }
        Source::Case(case) => {
            for play in case.twin.iter().chain([&case.played]) {
                let subjects = play.devices.iter().map(|device| device.actor.as_str());
                let subjects = subjects.filter(|actor| play.is_subject(actor));
                report.saw(play.exchanges.len(), subjects, watch_play(play, monitors.iter().copied()));
            }
        }
    }
    let code = report.conclude(!args.monitor.is_empty());
    match args.format {
        Format::Human => print(&report),
        Format::Json => {
            let text = serde_json::to_string_pretty(&report);
            say!("{}", text.map_err(|error| Stop::internal(error.to_string()))?);
        }
    }
    Ok(code)
}

/// The monitors of these names, or all.
fn monitors(names: &[String]) -> Result<Vec<&'static Monitor>, Stop> {
    let known: Vec<&str> = MONITORS.iter().map(|monitor| monitor.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        let what = format!("unknown monitor {unknown:?}: expected one of {}", known.join(", "));
        return Err(Stop::new(ExitCode::Usage, what));
    }
    let asked = |monitor: &&Monitor| names.is_empty() || names.iter().any(|name| name == monitor.name);
    Ok(MONITORS.iter().filter(asked).collect())
}

fn known(args: &WatchArgs) -> Result<Known, Stop> {
    let mut known = Known::default();
    if let Some(path) = &args.secrets {
        let text = read(path, MOST_SECRETS)?;
        known = Known::from_toml(&text).map_err(|error| Stop::set_up(format!("{}: {error}", named(path))))?;
    }
    for canary in &args.canary {
        known
            .add_canary("--canary", canary)
            .map_err(|error| Stop::new(ExitCode::Usage, error.to_string()))?;
    }
    Ok(known)
}

/// A file, or standard input for `-`.
fn read(path: &Path, most: u64) -> Result<String, Stop> {
    let cannot =
        |reason: &dyn std::fmt::Display| Stop::set_up(format!("cannot read {}: {reason}", named(path)));
    let mut text = String::new();
    let mut bounded: Box<dyn Read> = match path.to_str() {
        Some("-") => Box::new(io::stdin().lock().take(most + 1)),
        _ => Box::new(File::open(path).map_err(|error| cannot(&error))?.take(most + 1)),
    };
    bounded.read_to_string(&mut text).map_err(|error| cannot(&error))?;
    if text.len() as u64 > most {
        return Err(cannot(&format!("longer than {} MiB", most >> 20)));
    }
    Ok(text)
}

fn named(path: &Path) -> String {
    if path.to_str() == Some("-") { "standard input".to_owned() } else { path.display().to_string() }
}

fn print(report: &WatchReport) {
    say!("{} exchanges of {}", report.exchanges, clean(&list(&report.devices)));
    let mut quiet = Vec::new();
    for name in &report.monitors {
        let findings: Vec<_> = report.findings.iter().filter(|finding| finding.monitor == *name).collect();
        let gaps: Vec<_> = report.not_looked.iter().filter(|gap| gap.monitor == *name).collect();
        if findings.is_empty() && gaps.is_empty() {
            quiet.push(name.clone());
            continue;
        }
        say!("\n{name}");
        for finding in findings {
            let requirements = finding.requirements.join(", ");
            entry("FOUND", &format!("{} ({requirements}){}", finding.text, within(finding.play)));
        }
        for gap in gaps {
            entry("not looked", &format!("{}{}", gap.text, within(gap.play)));
        }
    }
    if !quiet.is_empty() {
        say!("\nnothing found by");
        wrap(&quiet.join(", "), WIDTH).iter().for_each(|line| say!("  {line}"));
    }
    let (found, gaps) = (report.findings.len(), report.not_looked.len());
    say!("\n{found} found, {gaps} not looked at");
}

/// What is kept of an attack are two plays.
fn within(play: Mode) -> &'static str {
    if play == Mode::Twin { ", in the honest twin" } else { "" }
}

const WIDTH: usize = 100;

fn entry(word: &str, text: &str) {
    for (position, line) in wrap(&clean(text), WIDTH).iter().enumerate() {
        say!("  {:10}  {line}", if position == 0 { word } else { "" });
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "no device".to_owned() } else { names.join(", ") }
}
