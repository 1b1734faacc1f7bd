//! Tables of numbers in a case file. TOML's integers end at 2^63 - 1; what is above is written as text.

use super::{CaseError, Seed, SeedText};
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error as _};
use std::collections::BTreeMap;

#[derive(serde::Serialize)]
#[serde(untagged)]
enum Number {
    Small(u64),
    Large(Seed),
}

pub(super) fn serialize<S: Serializer>(table: &BTreeMap<String, u64>, serializer: S) -> Result<S::Ok, S::Error> {
    let number =
        |value: u64| if i64::try_from(value).is_ok() { Number::Small(value) } else { Number::Large(Seed(value)) };
    let written: BTreeMap<_, _> = table.iter().map(|(name, &value)| (name, number(value))).collect();
    written.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, u64>, D::Error> {
    let table = BTreeMap::<String, SeedText>::deserialize(deserializer)?;
    let number = |(name, text)| match Seed::try_from(text) {
        Ok(Seed(value)) => Ok((name, value)),
        Err(CaseError::Seed(text)) => {
            Err(D::Error::custom(format!("`{name}` is `{text}`, and must be a whole number")))
        }
        Err(error) => Err(D::Error::custom(error)),
    };
    table.into_iter().map(number).collect()
}
