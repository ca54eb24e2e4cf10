//! Where the generators of a family put their vectors.

use e2ee_reference::backend::Backend as _;
use e2ee_rustcrypto::{RustCrypto, seeded};
use serde::Serialize;
use serde_json::Value;

use crate::error::Error;
use crate::vector::{Expected, Vector, Verdict};
use crate::world::World;

/// What a vector is about; its id is the family's name followed by `name`.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) name: String,
    pub(crate) comment: String,
    pub(crate) requirements: Vec<&'static str>,
    pub(crate) flags: Vec<&'static str>,
}

/// Describes a vector: name, comment, requirements, flags.
pub(crate) fn about(
    name: impl Into<String>,
    comment: impl Into<String>,
    requirements: &[&'static str],
    flags: &[&'static str],
) -> About {
    let (requirements, flags) = (requirements.to_vec(), flags.to_vec());
    About { name: name.into(), comment: comment.into(), requirements, flags }
}

/// A row of a table of vectors: name, comment, and what makes the vector.
pub(crate) type Plain<M> = (&'static str, &'static str, M);
/// Name, comment, what is noted of all (requirements or flags), and what makes the vector.
pub(crate) type Noted<M> = (&'static str, &'static str, &'static [&'static str], M);
/// Name, comment, the rule that refuses, and what makes the vector.
pub(crate) type Ruled<M> = (&'static str, &'static str, &'static str, M);
/// Name, comment, requirements, flags, and what makes the vector.
pub(crate) type Full<M> = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], M);
/// Name, comment, flags, the rule that refuses, and what makes the vector.
pub(crate) type Refused<M> = (&'static str, &'static str, &'static [&'static str], &'static str, M);

/// What a generator says will come out.
pub(crate) enum Expect {
    Valid(Value),
    Invalid(&'static str),
    /// Refused, and yet there is something to show.
    InvalidWith(&'static str, Value),
    /// May be accepted with this output, or be refused by this rule.
    Acceptable(Value, &'static str),
}

/// The vectors of one family while they are made.
pub(crate) struct Set<'a> {
    pub(crate) world: &'a World,
    family: &'static str,
    seed: &'a str,
    vectors: Vec<Vector>,
}

impl<'a> Set<'a> {
    pub(crate) fn new(family: &'static str, world: &'a World, seed: &'a str) -> Self {
        Self { world, family, seed, vectors: Vec::new() }
    }

    /// Makes a vector. All randomness inside `make` hangs on the seed and the id alone, so that a vector never
    /// changes because another one did.
    pub(crate) fn add<I: Serialize>(
        &mut self,
        about: About,
        make: impl FnOnce(&World) -> Result<(I, Expect), e2ee_reference::Error>,
    ) -> Result<(), Error> {
        let id = format!("{}-{}", self.family, about.name);
        let seed = RustCrypto.sha256(format!("{}\0{id}", self.seed).as_bytes());
        let made = seeded::with_seed(seed, || make(self.world));
        let (inputs, expect) = made.map_err(|source| Error::Making { id: id.clone(), source })?;
        let inputs = serde_json::to_value(inputs)
            .map_err(|error| Error::Inconsistent(format!("inputs of {id}: {error}")))?;
        self.vectors.push(Vector {
            id,
            family: self.family.to_owned(),
            comment: about.comment,
            requirements: about.requirements.into_iter().map(str::to_owned).collect(),
            flags: about.flags.into_iter().map(str::to_owned).collect(),
            inputs,
            expected: expect.into(),
        });
        Ok(())
    }

    pub(crate) fn into_vectors(self) -> Vec<Vector> {
        self.vectors
    }
}

impl From<Expect> for Expected {
    fn from(expect: Expect) -> Self {
        let (result, rule, output) = match expect {
            Expect::Valid(output) => (Verdict::Valid, None, Some(output)),
            Expect::Invalid(rule) => (Verdict::Invalid, Some(rule), None),
            Expect::InvalidWith(rule, output) => (Verdict::Invalid, Some(rule), Some(output)),
            Expect::Acceptable(output, rule) => (Verdict::Acceptable, Some(rule), Some(output)),
        };
        Self { result, rule: rule.map(str::to_owned), output }
    }
}
