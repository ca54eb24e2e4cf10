//! Where results go.

use std::io::{self, IsTerminal as _, Stdout, Write as _};
use std::path::Path;

use super::args::{Color, Format, OutputArgs};
use super::stop::Stop;
use crate::play::Played;
use crate::report::{Printer, Report, ScenarioResult, Style, summary_line, to_json, to_junit};

/// Standard output while results come.
pub(super) struct Screen {
    /// Nothing while results come, if the output is for programs.
    printer: Option<Printer<Stdout>>,
    /// Whether the head is there, which comes with the first result: a client may not be judged at all.
    begun: bool,
    printing: io::Result<()>,
}

impl OutputArgs {
    /// Whether the files can be written, found out before the run and not after it.
    pub(super) fn check(&self) -> Result<(), Stop> {
        let files = self.json.iter().chain(&self.junit);
        files.into_iter().try_for_each(|path| write(path, ""))
    }

    /// Begins to print: `ids` of the scenarios that are to come, in `total` results at most.
    pub(super) fn screen<'a>(&self, ids: impl Iterator<Item = &'a str>, total: usize) -> Screen {
        if self.format != Format::Human {
            return Screen { printer: None, begun: false, printing: Ok(()) };
        }
        let style = Style {
            color: self.colored(),
            verbose: self.verbose,
            progress: io::stderr().is_terminal() && io::stdout().is_terminal(),
        };
        let printer = Printer::new(io::stdout(), style, ids, total);
        Screen { printer: Some(printer), begun: false, printing: Ok(()) }
    }

    fn colored(&self) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                io::stdout().is_terminal() && !refused
            }
        }
    }
}

impl Screen {
    /// Prints one result.
    pub(super) fn result(&mut self, played: &Played) {
        if let (Some(printer), true) = (&mut self.printer, self.printing.is_ok()) {
            let head = if self.begun { Ok(()) } else { printer.head() };
            self.begun = true;
            self.printing = head.and_then(|()| printer.result(&ScenarioResult::of(played)));
        }
    }

    /// Prints the end, and writes the files.
    pub(super) fn end(self, args: &OutputArgs, report: &Report) -> Result<(), Stop> {
        let is_wanted = self.printer.is_none() || args.json.is_some();
        let json = is_wanted.then(|| to_json(report)).transpose().map_err(|error| unmade(&error))?;
        let json = json.unwrap_or_default();
        let mut out = io::stdout();
        let printed = self.printing.and_then(|()| match self.printer {
            Some(_) => writeln!(out, "\n{}", summary_line(&report.results, report.millis)),
            None => out.write_all(json.as_bytes()),
        });
        if let Some(path) = &args.json {
            write(path, &json)?;
        }
        if let Some(path) = &args.junit {
            write(path, &to_junit(report).map_err(|error| unmade(&error))?)?;
        }
        // A closed pipe is the reader's choice; the verdict stands in the exit code.
        match printed {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Stop::set_up(format!("cannot print: {error}")))
            }
            _ => Ok(()),
        }
    }
}

fn unmade(error: &dyn std::fmt::Display) -> Stop {
    Stop::internal(format!("cannot make the report: {error}"))
}

fn write(path: &Path, text: &str) -> Result<(), Stop> {
    std::fs::write(path, text)
        .map_err(|error| Stop::set_up(format!("cannot write {}: {error}", path.display())))
}
