//! Named parameters, as PHP finds them: in the query, and in a form or JSON body, which goes before.

use percent_encoding::percent_decode;
use serde_json::Value;

use super::call::Head;

/// More parameters than this are ignored, as PHP does.
const MAX: usize = 1000;

/// The parameters of a request, in the order in which they came: of one name the last counts.
#[derive(Debug, Default)]
pub(crate) struct Params(Vec<(String, Value)>);

/// The parameter is there, but it is no text. A PHP handler that wants text fails over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotText;

impl Params {
    pub(crate) fn read(head: &Head, body: &[u8]) -> Self {
        let mut params = Self::default();
        params.add_form(head.query.as_bytes());
        let with_body = matches!(head.method.as_str(), "POST" | "PUT" | "DELETE" | "PATCH");
        let kind = head.text(http::header::CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/x-www-form-urlencoded" if with_body => params.add_form(body),
            "application/json" if with_body => params.add_json(body),
            _ => {}
        }
        params
    }

    /// A parameter's text; `null` counts as absent.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, NotText> {
        match self.value(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(NotText),
        }
    }

    /// A parameter's text, if it is there and is text.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.text(name).ok().flatten()
    }

    /// A number, also one that is written as text.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        match self.value(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    fn add_form(&mut self, form: &[u8]) {
        for pair in form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).take(MAX) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default());
            let value = decode(halves.next().unwrap_or_default());
            self.0.push((name, Value::String(value)));
        }
    }

    fn add_json(&mut self, body: &[u8]) {
        // The parser itself bounds the depth.
        if let Ok(Value::Object(members)) = serde_json::from_slice(body) {
            self.0.extend(members.into_iter().take(MAX));
        }
    }
}

fn decode(text: &[u8]) -> String {
    if !text.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return String::from_utf8_lossy(text).into_owned();
    }
    let text: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&text).decode_utf8_lossy().into_owned()
}

/// Casts text to a number as PHP does: digits at the beginning count, everything else is 0, and what is too big
/// becomes the biggest number.
pub(crate) fn php_integer(text: &str) -> i64 {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let digits = digits.chars().map_while(|c| c.to_digit(10));
    let number =
        digits.fold(0i64, |number, digit| number.saturating_mul(10).saturating_add(i64::from(digit)));
    if negative { -number } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_cast_as_php_does() {
        let cases = [("12", 12), ("12x", 12), ("abc", 0), ("-1", -1), ("1.9", 1), ("", 0), (" 7", 7)];
        for (text, number) in cases {
            assert_eq!(php_integer(text), number, "{text:?}");
        }
        assert_eq!(php_integer("99999999999999999999"), i64::MAX);
    }

    #[test]
    fn a_plus_in_a_form_is_a_blank() {
        let mut params = Params::default();
        params.add_form(b"a=1+2%2B3&b=&=x&c");
        assert_eq!(params.get("a"), Some("1 2+3"));
        assert_eq!((params.get("b"), params.get("c")), (Some(""), Some("")));
    }
}
