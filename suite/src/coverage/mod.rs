//! What the suite covers: the entries of the attack catalogue and the requirements of the specification, with
//! everything that checks them, or the reason why nothing does; and what a run says about one client.

mod ambiguity;
mod item;
mod ledger;
mod lists;
mod reason;
mod standing;
mod variant;

pub use ambiguity::{Ambiguity, Side};
pub use item::Item;
pub use ledger::{COVERAGE_VERSION, Coverage, CoverageError, Totals};
pub use lists::{benches, entries, fuzz_targets, publications, requirements};
pub use reason::{Reason, ReasonKind, reasons};
pub use standing::{Because, STANDINGS_VERSION, Standing, Standings, Stands, standings};
pub use variant::{Listed, Player, Variant, variants};
