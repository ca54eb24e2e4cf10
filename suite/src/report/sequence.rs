//! A play as a text diagram: who asked the server for what, and where the attacker had a hand in it.

use std::fmt::Write as _;

use e2ee_mock_server::{Endpoint, Exchange};

use super::text::clean;
use crate::scenario::{Scenario, Step, of_move, sentence};
use crate::transcript::{Outcome, StepRecord, Transcript};

/// Characters between two lifelines.
const GAP: usize = 12;
/// So many more before the server's.
const LAST: usize = 10;
/// Characters before the first lifeline.
const MARGIN: usize = 8;
/// Characters of a device's name, and of what a client says.
const NAME: usize = GAP - 2;
const SAID: usize = 160;

/// The exchanges of a play, step by step. Several honest reads in a row are one line.
pub fn sequence(scenario: &Scenario, transcript: &Transcript) -> String {
    let lifelines = scenario.actors.iter().map(|actor| actor.name.as_str()).collect();
    let mut diagram = Diagram { transcript, lifelines, text: String::new(), told: 0 };
    diagram.head();
    let first = transcript.steps.first().map_or(u64::MAX, |record| record.exchanges_before);
    diagram.line("devices start");
    diagram.exchanges(first);
    for (position, step) in scenario.steps.iter().enumerate() {
        let records: Vec<&StepRecord> =
            transcript.steps.iter().filter(|record| record.step == position).collect();
        let Some(last) = records.last() else { continue };
        diagram.line(&format!("{:2}. {}", position + 1, asked(scenario, step)));
        diagram.exchanges(last.exchanges_after);
        for record in records.iter().filter(|_| !matches!(step, Step::Move(_))) {
            diagram.outcome(record);
        }
    }
    diagram.text
}

fn asked(scenario: &Scenario, step: &Step) -> String {
    match step {
        Step::Device(step) => sentence(scenario, step),
        Step::Move(step) => of_move(step),
        Step::Together(steps) => {
            let all: Vec<String> = steps.iter().map(|step| sentence(scenario, step)).collect();
            format!("at the same time: {}", all.join(" | "))
        }
    }
}

struct Diagram<'a> {
    transcript: &'a Transcript,
    /// The devices, from left to right.
    lifelines: Vec<&'a str>,
    text: String,
    /// The number of the last exchange that is in the text.
    told: u64,
}

impl Diagram<'_> {
    fn head(&mut self) {
        let mut head = " ".repeat(MARGIN);
        for device in &self.lifelines {
            let name: String = device.chars().take(NAME).collect();
            let _ = write!(head, "{name:GAP$}");
        }
        self.line(&format!("{head}{:LAST$}server", ""));
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// Every exchange that is not yet told, up to this number.
    fn exchanges(&mut self, until: u64) {
        let transcript = self.transcript;
        let told = self.told;
        let mut reads: Option<(usize, usize, Endpoint)> = None;
        for exchange in transcript.exchanges.iter().filter(|e| e.number > told && e.number <= until) {
            let Some(place) = self.place(exchange) else { continue };
            match &mut reads {
                Some((of, count, _)) if *of == place && is_dull(exchange) => *count += 1,
                _ => {
                    self.reads(reads.take());
                    if is_dull(exchange) {
                        reads = Some((place, 1, exchange.endpoint));
                    } else {
                        self.exchange(place, exchange);
                    }
                }
            }
        }
        self.reads(reads);
        self.told = self.told.max(until);
    }

    /// Which lifeline sent it.
    fn place(&self, exchange: &Exchange) -> Option<usize> {
        let device = exchange.device.as_deref()?;
        self.lifelines.iter().position(|name| *name == device)
    }

    fn reads(&mut self, reads: Option<(usize, usize, Endpoint)>) {
        match reads {
            Some((place, 1, endpoint)) => self.arrow(place, endpoint.as_str(), '-', ""),
            Some((place, count, _)) => self.arrow(place, &format!("{count} reads"), '-', ""),
            None => {}
        }
    }

    fn exchange(&mut self, place: usize, exchange: &Exchange) {
        let mut notes = Vec::new();
        if exchange.status >= 300 {
            notes.push(exchange.status.to_string());
        }
        if !exchange.tampered_by.is_empty() {
            notes.push(format!("LIE {}", exchange.tampered_by.join(", ")));
        }
        if !exchange.delivered {
            notes.push("answer not delivered".to_owned());
        }
        let line = if exchange.tampered_by.is_empty() { '-' } else { '=' };
        self.arrow(place, exchange.endpoint.as_str(), line, &notes.join(", "));
    }

    /// From a lifeline to that of the server.
    fn arrow(&mut self, place: usize, label: &str, line: char, note: &str) {
        let mut row = " ".repeat(MARGIN);
        for _ in 0..place {
            let _ = write!(row, "{:GAP$}", "|");
        }
        let width = (self.lifelines.len() - place) * GAP + LAST - 1;
        let mut shaft = format!("{line}{line} {label} ");
        while shaft.chars().count() + 1 < width {
            shaft.push(line);
        }
        let _ = write!(row, "|{shaft}>| {note}");
        self.line(&row);
    }

    fn outcome(&mut self, record: &StepRecord) {
        if let Outcome::Ok(_) = record.outcome {
            return;
        }
        let said = self.transcript.secrets.redact(&record.outcome.reason());
        let said: String = clean(&said).chars().take(SAID).collect();
        self.line(&format!("    {}: {} - {said}", record.actor, record.outcome.word()));
    }
}

/// An honest read that went well tells little.
fn is_dull(exchange: &Exchange) -> bool {
    let reads = matches!(exchange.method.as_str(), "GET" | "HEAD" | "PROPFIND" | "REPORT");
    reads && exchange.status < 300 && exchange.tampered_by.is_empty() && exchange.delivered
}
