//! The report for people: one line a result, printed as it comes.

use std::io::{self, Write};

use super::model::ScenarioResult;
use super::text::clean;
use crate::judge::Verdict;

/// How much is printed, and in which dress.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// With every step of every play.
    pub verbose: bool,
    /// With a line of progress on the error stream.
    pub progress: bool,
}

/// Prints results in their order.
pub struct Printer<W> {
    out: W,
    style: Style,
    width: usize,
    total: usize,
    done: usize,
}

impl<W: Write> Printer<W> {
    /// A printer for `total` results whose scenarios have these ids.
    pub fn new<'a>(out: W, style: Style, ids: impl IntoIterator<Item = &'a str>, total: usize) -> Self {
        let width = ids.into_iter().map(str::len).max().unwrap_or(0).max("scenario".len());
        Self { out, style, width, total, done: 0 }
    }

    /// The head of the table.
    ///
    /// # Errors
    /// The writer's.
    pub fn head(&mut self) -> io::Result<()> {
        let line = format!("{:width$}  version  verdict          ms  reason", "scenario", width = self.width);
        let line = self.painted(Paint::Bold, line.trim_end());
        writeln!(self.out, "{line}")?;
        self.progress();
        Ok(())
    }

    /// One result.
    ///
    /// # Errors
    /// The writer's.
    pub fn result(&mut self, result: &ScenarioResult) -> io::Result<()> {
        self.clear_progress();
        self.done += 1;
        let verdict = format!("{:12}", result.verdict.as_str());
        let verdict = self.painted(paint(result.verdict), &verdict);
        let row = format!(
            "{:width$}  {:7}  {verdict}  {:>5}  {}",
            result.scenario,
            result.version,
            result.millis,
            clean(&result.reason),
            width = self.width
        );
        writeln!(self.out, "{}", row.trim_end())?;
        self.evidence(result)?;
        if self.style.verbose {
            self.steps(result)?;
        }
        if self.done < self.total {
            self.progress();
        }
        self.out.flush()
    }

    fn evidence(&mut self, result: &ScenarioResult) -> io::Result<()> {
        if let Some(proof) = &result.proof {
            let numbers: Vec<String> = proof.exchanges.iter().map(u64::to_string).collect();
            let numbers = if numbers.is_empty() { "none".to_owned() } else { numbers.join(", ") };
            writeln!(self.out, "    proof      {}", proof.kind)?;
            writeln!(self.out, "    exchanges  {numbers}")?;
            if let Some(canary) = &proof.canary {
                writeln!(self.out, "    canary     {}", clean(canary))?;
            }
        }
        for finding in &result.findings {
            // The reason tells the first one already, in one form or the other.
            if !result.reason.contains(&finding.text) {
                writeln!(self.out, "    also       {}", clean(&finding.sentence()))?;
            }
        }
        Ok(())
    }

    fn steps(&mut self, result: &ScenarioResult) -> io::Result<()> {
        for step in &result.steps {
            let mark = if step.met { "  " } else { "! " };
            let exchanges = step.exchanges.map_or(String::new(), |(from, to)| format!(" [{from}..{to}]"));
            let play = format!("{:?}", step.play).to_lowercase();
            let line = format!(
                "    {mark}{play:6} {:10} {} -> {}{exchanges} {} ms {}",
                step.actor,
                clean(&step.text),
                step.got,
                step.millis,
                clean(&step.reason)
            );
            writeln!(self.out, "{}", line.trim_end())?;
            for notice in &step.notices {
                writeln!(self.out, "               {}", clean(notice))?;
            }
        }
        for line in result.log.lines() {
            writeln!(self.out, "      log {}", clean(line))?;
        }
        Ok(())
    }

    fn progress(&self) {
        if self.style.progress {
            eprint!("\r[{}/{}] playing …", self.done, self.total);
        }
    }

    fn clear_progress(&self) {
        if self.style.progress {
            eprint!("\r\x1b[2K");
        }
    }

    fn painted(&self, paint: Paint, text: &str) -> String {
        if self.style.color { format!("\x1b[{}m{text}\x1b[0m", paint as u8) } else { text.to_owned() }
    }
}

/// The last line of a run, for example `50 passed, 1 exploited, 1 skipped in 2.10 s`.
pub fn summary_line(results: &[ScenarioResult], millis: u64) -> String {
    let words = |verdict: Verdict| match verdict {
        Verdict::Pass => "passed",
        Verdict::Fail => "failed",
        Verdict::Warn => "warned",
        Verdict::Hang => "hung",
        Verdict::Error => "broken",
        other => other.as_str(),
    };
    let parts: Vec<String> = Verdict::ALL
        .iter()
        .map(|verdict| (*verdict, results.iter().filter(|result| result.verdict == *verdict).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{count} {}", words(verdict)))
        .collect();
    let parts = if parts.is_empty() { "nothing played".to_owned() } else { parts.join(", ") };
    format!("{parts} in {}.{:02} s", millis / 1000, millis % 1000 / 10)
}

#[derive(Clone, Copy)]
enum Paint {
    Bold = 1,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Magenta = 35,
    Grey = 90,
}

fn paint(verdict: Verdict) -> Paint {
    match verdict {
        Verdict::Pass => Paint::Green,
        Verdict::Skipped => Paint::Grey,
        Verdict::Warn | Verdict::Inconclusive => Paint::Yellow,
        Verdict::Error => Paint::Magenta,
        Verdict::Hang | Verdict::Fail | Verdict::Exploited => Paint::Red,
    }
}
