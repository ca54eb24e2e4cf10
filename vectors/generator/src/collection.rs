//! All vectors, made and checked.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::families::FAMILIES;
use crate::set::Set;
use crate::vector::Vector;
use crate::verify::verify_vectors;
use crate::world::World;

/// The seed of the published vectors.
pub const SEED: &str = "e2ee-suite golden vectors 1";

/// Makes the vectors of all families, and has the reference implementation confirm each with both libraries.
pub(crate) fn make(seed: &str) -> Result<Vec<Vector>, Error> {
    let world = World::new()?;
    let mut vectors = Vec::new();
    for family in FAMILIES {
        let mut set = Set::new(family.name, &world, seed);
        (family.generate)(&mut set)?;
        vectors.append(&mut set.into_vectors());
    }
    let mut ids = BTreeSet::new();
    if let Some(twice) = vectors.iter().find(|vector| !ids.insert(&vector.id)) {
        return Err(Error::Inconsistent(format!("{} stands twice", twice.id)));
    }
    match verify_vectors(&vectors).into_iter().next() {
        None => Ok(vectors),
        Some(failure) => Err(Error::Disagreement {
            id: failure.id,
            library: failure.library.to_string(),
            expected: failure.expected,
            found: failure.found,
        }),
    }
}
