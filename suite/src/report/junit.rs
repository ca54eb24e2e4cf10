//! The report as JUnit XML, in the dialect that CI servers read.

use std::fmt::{self, Write as _};

use super::model::{Report, ScenarioResult};
use crate::judge::Verdict;

/// One test suite with a test case for each scenario and version. Inconclusive results are errors, so that no CI
/// server takes them for passes.
///
/// # Errors
/// Never: writing to a string cannot fail.
pub fn to_junit(report: &Report) -> Result<String, fmt::Error> {
    let count = |verdicts: &[Verdict]| -> usize {
        verdicts.iter().filter_map(|verdict| report.summary.get(verdict)).sum()
    };
    let failures = count(&[Verdict::Fail, Verdict::Exploited, Verdict::Hang]);
    let errors = count(&[Verdict::Error, Verdict::Inconclusive]);
    let skipped = count(&[Verdict::Skipped]);
    let mut xml = String::new();
    writeln!(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let totals = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{}\"",
        report.results.len(),
        seconds(report.millis)
    );
    writeln!(xml, "<testsuites name=\"{}\" {totals}>", escaped(&report.tool.name))?;
    let client = format!("{} {}", report.client.name, report.client.version);
    writeln!(xml, "  <testsuite name=\"{}\" {totals}>", escaped(&client))?;
    for result in &report.results {
        case(&mut xml, result)?;
    }
    writeln!(xml, "  </testsuite>\n</testsuites>")?;
    Ok(xml)
}

fn case(xml: &mut String, result: &ScenarioResult) -> fmt::Result {
    writeln!(
        xml,
        "    <testcase classname=\"e2ee-suite.{}\" name=\"{} ({})\" time=\"{}\">",
        result.kind.as_str(),
        escaped(&result.scenario),
        escaped(&result.version),
        seconds(result.millis)
    )?;
    writeln!(xml, "      <properties>")?;
    writeln!(xml, "        <property name=\"verdict\" value=\"{}\"/>", result.verdict)?;
    for cited in &result.cites {
        writeln!(xml, "        <property name=\"cites\" value=\"{}\"/>", escaped(cited))?;
    }
    writeln!(xml, "      </properties>")?;
    let message = escaped(&result.reason);
    let verdict = result.verdict;
    match verdict {
        Verdict::Pass => {}
        Verdict::Skipped => writeln!(xml, "      <skipped message=\"{message}\"/>")?,
        Verdict::Warn => writeln!(xml, "      <system-out>warn: {message}</system-out>")?,
        Verdict::Fail | Verdict::Exploited | Verdict::Hang => {
            let detail = escaped(&detail(result));
            writeln!(xml, "      <failure type=\"{verdict}\" message=\"{message}\">{detail}</failure>")?;
        }
        Verdict::Inconclusive | Verdict::Error => {
            let detail = escaped(&detail(result));
            writeln!(xml, "      <error type=\"{verdict}\" message=\"{message}\">{detail}</error>")?;
        }
    }
    if !result.log.is_empty() {
        writeln!(xml, "      <system-err>{}</system-err>", escaped(&result.log))?;
    }
    writeln!(xml, "    </testcase>")
}

fn detail(result: &ScenarioResult) -> String {
    let mut lines = vec![result.title.clone(), result.reason.clone()];
    if let Some(proof) = &result.proof {
        lines.push(format!("proof {}: {} (exchanges {:?})", proof.kind, proof.text, proof.exchanges));
        lines.extend(proof.canary.as_ref().map(|canary| format!("canary: {canary}")));
    }
    for step in result.steps.iter().filter(|step| !step.met) {
        lines.push(format!(
            "{:?} line {}, {}: {}: {}",
            step.play, step.line, step.actor, step.text, step.reason
        ));
    }
    lines.join("\n")
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

/// Escaped, and without the characters that XML 1.0 does not have.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => safe.push(c),
        }
    }
    safe
}
