//! One page of stored records.

use pilotdeck_domain::Document;

/// Records as they are stored, in the order of the list they belong to.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The records.
    pub documents: Vec<Document>,
    /// How many match in all (lists that count) or how many were returned (events, usage).
    pub total: u64,
    /// Whether more follow in the direction of the page.
    pub has_more: bool,
    /// Where the next page starts, as a client sends it back; none at the end.
    pub next_cursor: Option<String>,
}
