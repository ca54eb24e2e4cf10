//! JSON that keeps the order of its members, decoded and encoded as PHP does it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Number, Value};

/// A value of JSON. PHP has one kind of array: an object whose names are 0, 1, 2 … is written as a list, and so is an
/// empty one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Scalar(Value),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    /// An object with one member.
    pub(super) fn one(name: &str, value: impl Into<Self>) -> Self {
        Self::Map(vec![(name.to_owned(), value.into())])
    }

    /// About how many bytes its long texts take, for those who make room before they write it.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Scalar(Value::String(text)) => text.len() + text.len() / 16,
            Self::Scalar(_) => 8,
            Self::List(items) => items.iter().map(Self::weight).sum(),
            Self::Map(members) => members.iter().map(|(name, value)| name.len() + value.weight()).sum(),
        }
    }

    /// Puts a member in its place, or at the end when it is new.
    pub(super) fn insert(members: &mut Vec<(String, Self)>, name: String, value: Self) {
        match members.iter_mut().find(|(existing, _)| *existing == name) {
            Some((_, place)) => *place = value,
            None => members.push((name, value)),
        }
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Map(members.into_iter().map(|(name, value)| (name, value.into())).collect())
            }
            scalar => Self::Scalar(scalar),
        }
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Scalar(Value::String(text))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(Value::Number(number)) => whole(number).serialize(serializer),
            Self::Scalar(value) => value.serialize(serializer),
            Self::List(items) => items.serialize(serializer),
            Self::Map(members) if is_list(members) => {
                serializer.collect_seq(members.iter().map(|(_, value)| value))
            }
            Self::Map(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
        }
    }
}

/// Whether PHP takes these members for a list.
pub(super) fn is_list(members: &[(String, Json)]) -> bool {
    let is_number = |name: &str| name.starts_with(|c: char| c.is_ascii_digit());
    members.iter().enumerate().all(|(at, (name, _))| is_number(name) && *name == at.to_string())
}

/// PHP writes `2.0` as `2`.
fn whole(number: &Number) -> Number {
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15);
    float.map_or_else(|| number.clone(), |float| Number::from(float as i64))
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Scalar(Value::Null))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Scalar(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Scalar(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Scalar(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Scalar(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::Scalar(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Json::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
                let mut map = Vec::new();
                while let Some((name, value)) = members.next_entry()? {
                    map.push((name, value));
                }
                Ok(Json::Map(map))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_stays_and_lists_are_found() {
        let json: Json =
            serde_json::from_str(r#"{"z":{},"a":2.0,"m":[1,{"b":null,"a":1.5}],"l":{"0":7}}"#).unwrap();
        assert_eq!(
            serde_json::to_string(&json).unwrap(),
            r#"{"z":[],"a":2,"m":[1,{"b":null,"a":1.5}],"l":[7]}"#
        );
    }
}
