//! JSON from strangers: bounded depth, and no member named twice.
//!
//! Parsers disagree about which of two equal names counts, so a document with such names could be verified
//! as one thing and used as another.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::{Error, shortened as shortened_text};

/// Parses `text`; `what` names it in errors, `depth` is the deepest nesting of arrays and objects allowed.
pub(crate) fn parse(text: &[u8], what: &'static str, depth: usize) -> Result<Value, Error> {
    let wrong = |error: serde_json::Error| Error::Json { what, reason: error.to_string() };
    let mut parser = serde_json::Deserializer::from_slice(text);
    let value = Bounded { depth }.deserialize(&mut parser).map_err(wrong)?;
    parser.end().map_err(wrong)?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Bounded {
    depth: usize,
}

impl Bounded {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("nested too deeply"))?;
        Ok(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Bounded {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(inside)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member {name:?} stands twice")));
            }
            let value = map.next_value_seed(inside)?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

/// An object of a document, with the path that errors name.
#[derive(Clone, Copy)]
pub(crate) struct Members<'a> {
    map: &'a Map<String, Value>,
    path: &'a str,
}

impl<'a> Members<'a> {
    /// The members of `value`, which must be an object.
    pub(crate) fn of(value: &'a Value, path: &'a str) -> Result<Self, Error> {
        let map = value.as_object().ok_or_else(|| Error::member(path, "an object"))?;
        Ok(Self { map, path })
    }

    /// A member of any kind; `null` counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// A member that must be a string.
    pub(crate) fn string(&self, name: &str) -> Result<&'a str, Error> {
        let text = self.get(name).and_then(Value::as_str);
        text.ok_or_else(|| Error::member(self.path_of(name), "a string"))
    }

    /// A member that must be a string if it is there.
    pub(crate) fn optional_string(&self, name: &str) -> Result<Option<&'a str>, Error> {
        self.get(name).map(|_| self.string(name)).transpose()
    }

    /// A member that must be base64.
    pub(crate) fn base64(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.decode(name, self.string(name)?)
    }

    /// Base64 that was taken from the member `name`.
    pub(crate) fn decode(&self, name: &str, text: &str) -> Result<Vec<u8>, Error> {
        crate::base64::decode(text, "").map_err(|_| Error::Base64 { what: self.path_of(name) })
    }

    /// A member that is base64 of a nonce of 12 or 16 bytes.
    pub(crate) fn nonce(&self, name: &str) -> Result<Vec<u8>, Error> {
        nonce_of_known_length(self.base64(name)?, || self.path_of(name))
    }

    /// A member that is a map with at most `limit` members. Absent is empty, and so is an empty array: PHP
    /// writes one for every empty object.
    pub(crate) fn map(&self, name: &str, limit: usize) -> Result<Option<&'a Map<String, Value>>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(values)) if values.is_empty() => Ok(None),
            Some(Value::Object(map)) if map.len() <= limit => Ok(Some(map)),
            Some(Value::Object(_)) => Err(Error::TooLarge { what: "the number of entries", limit }),
            Some(_) => Err(Error::member(self.path_of(name), "an object")),
        }
    }

    /// A member that is an array with at most `limit` elements; absent is empty.
    pub(crate) fn array(&self, name: &str, limit: usize) -> Result<&'a [Value], Error> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(values)) if values.len() <= limit => Ok(values),
            Some(Value::Array(_)) => Err(Error::TooLarge { what: "the number of entries", limit }),
            Some(_) => Err(Error::member(self.path_of(name), "an array")),
        }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// A nonce as it was read, which must have 12 or 16 bytes; `what` names it in the error.
pub(crate) fn nonce_of_known_length(nonce: Vec<u8>, what: impl FnOnce() -> String) -> Result<Vec<u8>, Error> {
    match nonce.len() {
        12 | 16 => Ok(nonce),
        found => Err(Error::NonceLength { what: what(), found }),
    }
}

/// The beginning of a value, for an error.
pub(crate) fn shortened(value: &Value) -> String {
    shortened_text(&value.to_string())
}
