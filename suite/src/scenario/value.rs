//! Reading a TOML document with places: every complaint knows its line.

use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ScenarioError;

/// A file that is being read, and what has been found wrong with it so far.
pub(super) struct Reader<'a> {
    file: &'a str,
    source: &'a str,
    errors: Vec<ScenarioError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a str, source: &'a str) -> Self {
        Self { file, source, errors: Vec::new() }
    }

    /// Notes a mistake at a place.
    pub(super) fn wrong(&mut self, span: Range<usize>, what: impl Into<String>) {
        let line = self.line(span.start);
        self.wrong_at(line, what);
    }

    /// Notes a mistake in a line.
    pub(super) fn wrong_at(&mut self, line: usize, what: impl Into<String>) {
        self.errors.push(ScenarioError { file: self.file.to_owned(), line, what: what.into() });
    }

    /// The line of a byte offset, counted from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        let before = self.source.as_bytes().get(..offset).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// Whether there are mistakes so far.
    pub(super) fn is_wrong(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The mistakes, in the order of lines.
    pub(super) fn into_errors(mut self) -> Vec<ScenarioError> {
        self.errors.sort_by_key(|error| error.line);
        self.errors
    }

    /// Complains about members that are not in `known`.
    pub(super) fn only(&mut self, table: &DeTable<'_>, known: &[&str], whose: &str) {
        for key in table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let what = format!("unknown field `{}` {whose}: expected {}", key.get_ref(), one_of(known));
                self.wrong(key.span(), what);
            }
        }
    }

    /// A member that must be there and be text.
    pub(super) fn text(&mut self, table: &Spanned<DeTable<'_>>, name: &str) -> Option<String> {
        let Some(value) = table.get_ref().get(name) else {
            self.wrong(table.span(), format!("missing field `{name}`"));
            return None;
        };
        self.as_text(value, name)
    }

    /// A value that must be text.
    pub(super) fn as_text(&mut self, value: &Spanned<DeValue<'_>>, name: &str) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            let found = value.get_ref().type_str();
            self.wrong(value.span(), format!("`{name}` must be a string, not {found}"));
        }
        text
    }

    /// A member that may be missing and must be a list of text, each with its place.
    pub(super) fn texts(&mut self, table: &DeTable<'_>, name: &str) -> Vec<Spanned<String>> {
        let Some(value) = table.get(name) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(value.span(), format!("`{name}` must be a list of strings"));
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in array.iter() {
            if let Some(text) = self.as_text(item, name) {
                texts.push(Spanned::new(item.span(), text));
            }
        }
        texts
    }

    /// A member that must be there and be a table.
    pub(super) fn table<'t, 'i>(
        &mut self,
        table: &'t Spanned<DeTable<'i>>,
        name: &str,
    ) -> Option<(Range<usize>, &'t DeTable<'i>)> {
        let Some(value) = table.get_ref().get(name) else {
            self.wrong(table.span(), format!("missing table `[{name}]`"));
            return None;
        };
        let found = value.get_ref().as_table().map(|inner| (value.span(), inner));
        if found.is_none() {
            self.wrong(value.span(), format!("`{name}` must be a table"));
        }
        found
    }
}

/// `a`, `b` or `c`.
pub(super) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}

/// The same value as JSON; dates become text. The TOML parser has bounded the depth.
pub(super) fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Value::from)
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Value::Null, Value::from),
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, item)| (key.get_ref().to_string(), json(item.get_ref())))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}
