//! JSON-RPC 2.0 messages, one a line.

use crate::protocol::{INVALID_REQUEST, PARSE_ERROR};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

/// One message, in either direction.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Wants an answer.
    Request {
        /// The sender's number or word for it, repeated in the answer.
        id: Value,
        /// What is asked.
        method: String,
        /// `{}` when the line has none.
        params: Value,
    },
    /// Wants none.
    Notification {
        /// What is told.
        method: String,
        /// `{}` when the line has none.
        params: Value,
    },
    /// The answer to a request.
    Response {
        /// Of the request; null when the request could not be read.
        id: Value,
        /// `result` or `error`.
        outcome: Result<Value, ErrorObject>,
    },
}

/// The member `error` of a response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorObject {
    /// See [`crate::protocol::Failure::code`].
    pub code: i64,
    /// For people; no secrets.
    pub message: String,
    /// May hold `released`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// A line that is no message.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// Not JSON, or nested deeper than 128 levels.
    #[error("no JSON: {0}")]
    Json(String),
    /// JSON of another shape.
    #[error("no JSON-RPC 2.0 message: {0}")]
    Shape(String),
}

impl Message {
    /// Reads one line, without its end.
    pub fn parse(line: &[u8]) -> Result<Self, MessageError> {
        let value: Value = serde_json::from_slice(line).map_err(|e| MessageError::Json(e.to_string()))?;
        let wire = Wire::deserialize(value).map_err(|e| MessageError::Shape(e.to_string()))?;
        if wire.jsonrpc != "2.0" {
            return Err(MessageError::Shape("member `jsonrpc` is not \"2.0\"".into()));
        }
        let params = || wire.params.clone().unwrap_or_else(|| json!({}));
        match (wire.method, wire.id, wire.result, wire.error) {
            (Some(method), Some(id), None, None) => Ok(Self::Request { id, method, params: params() }),
            (Some(method), None, None, None) => Ok(Self::Notification { method, params: params() }),
            (None, Some(id), Some(result), None) => Ok(Self::Response { id, outcome: Ok(result) }),
            (None, id, None, Some(error)) => {
                Ok(Self::Response { id: id.unwrap_or(Value::Null), outcome: Err(error) })
            }
            _ => Err(MessageError::Shape("expected `method`, or `id` with `result` or `error`".into())),
        }
    }

    /// The line, with its end.
    pub fn to_line(&self) -> Vec<u8> {
        let value = match self {
            Self::Request { id, method, params } => {
                json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
            }
            Self::Notification { method, params } => {
                json!({"jsonrpc": "2.0", "method": method, "params": params})
            }
            Self::Response { id, outcome: Ok(result) } => {
                json!({"jsonrpc": "2.0", "id": id, "result": result})
            }
            Self::Response { id, outcome: Err(error) } => json!({"jsonrpc": "2.0", "id": id, "error": error}),
        };
        let mut line = value.to_string().into_bytes();
        line.push(b'\n');
        line
    }
}

impl MessageError {
    /// The JSON-RPC error that tells the sender.
    pub fn to_error(&self) -> ErrorObject {
        let code = match self {
            Self::Json(_) => PARSE_ERROR,
            Self::Shape(_) => INVALID_REQUEST,
        };
        ErrorObject { code, message: self.to_string(), data: None }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    jsonrpc: String,
    id: Option<Value>,
    method: Option<String>,
    params: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    error: Option<ErrorObject>,
}

/// Tells `"result": null` from no `result`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_line() {
        let error = ErrorObject { code: 1, message: "no".into(), data: Some(json!({"released": []})) };
        for message in [
            Message::Request { id: json!(1), method: "hello".into(), params: json!({}) },
            Message::Notification { method: "warning".into(), params: json!({"kind": "k", "text": "t"}) },
            Message::Response { id: json!("q1"), outcome: Ok(Value::Null) },
            Message::Response { id: Value::Null, outcome: Err(error) },
        ] {
            let line = message.to_line();
            assert_eq!(line.iter().filter(|b| **b == b'\n').count(), 1);
            assert_eq!(Message::parse(&line), Ok(message));
        }
    }

    #[test]
    fn params_may_be_left_out() {
        let line = br#"{"jsonrpc":"2.0","id":7,"method":"hello"}"#;
        let hello = Message::Request { id: json!(7), method: "hello".into(), params: json!({}) };
        assert_eq!(Message::parse(line), Ok(hello));
    }

    #[test]
    fn what_is_no_message_is_told() {
        let code = |line: &str| Message::parse(line.as_bytes()).map_err(|e| e.to_error().code);
        assert_eq!(code("hello"), Err(PARSE_ERROR));
        assert_eq!(code(&"[".repeat(10_000)), Err(PARSE_ERROR));
        for line in [
            "[]",
            "1",
            r#"{"id":1,"method":"hello"}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"hello"}"#,
            r#"{"jsonrpc":"2.0","id":1}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#,
            r#"{"jsonrpc":"2.0","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"hello","extra":0}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":5}"#,
        ] {
            assert_eq!(code(line), Err(INVALID_REQUEST), "{line}");
        }
    }
}
