//! From what was recorded to a verdict: a pure function.

mod assess;
mod decide;
mod disk;
mod proof;
mod reach;
mod verdict;
mod ways;
mod world;

pub use decide::judge;
pub(crate) use decide::judge_beside;
pub use verdict::{Cause, Evidence, Judgement, StepLine, Verdict};
pub(crate) use ways::is_way_of;
pub(crate) use world::{Holding, World};
