//! What a device accepts and refuses of a folder, document after document.

use e2ee_reference::Error as CryptoError;
use serde_json::Value;

use super::family::{Family, inputs};
use crate::error::Error;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Set, about};

mod attacks;
mod device;
mod forged;
mod honest;
mod old;
mod story;

pub(crate) const FAMILY: Family = Family {
    name: "trust",
    summary: "what a device accepts of a folder, document after document",
    generate,
    evaluate,
};

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let inputs: device::Inputs = inputs(of)?;
    let mut device = device::Device::new(&inputs)?;
    let mut steps = Vec::new();
    let mut refused = None;
    for step in &inputs.steps {
        steps.push(match device.meet(step) {
            Ok(accepted) => accepted,
            Err(Stop::Refused(rule)) => {
                refused.get_or_insert(rule);
                story::refused(rule)
            }
            Err(other) => return Err(other),
        });
    }
    let output = story::output(steps);
    match refused {
        None => Ok(output),
        Some(rule) => Err(Stop::RefusedWith(rule, output)),
    }
}

/// Name, comment, requirements, flags, what happens.
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    fn(&mut story::Story<'_>) -> Result<(), CryptoError>,
);

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, requirements, flags, play) in
        [honest::ROWS, attacks::ROWS, forged::ROWS, old::ROWS].into_iter().flatten()
    {
        set.add(about(*name, *comment, requirements, flags), |world| {
            let mut story = story::Story::new(world);
            play(&mut story)?;
            Ok(story.finish())
        })?;
    }
    Ok(())
}
