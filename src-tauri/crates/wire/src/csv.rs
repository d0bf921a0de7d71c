//! Tables as RFC 4180 text. Texts come from agents, so none of them may become a formula in a spreadsheet (SECURITY.md C5).

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};

use crate::ErrorBody;

/// With one of these a cell begins to be a formula, or hides one.
const DANGEROUS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell of text: with a leading `'` when a spreadsheet would take it for a formula.
pub(crate) fn text_cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(DANGEROUS) { format!("'{text}").into() } else { text.into() }
}

/// Rows as text, each ended by CR LF.
pub(crate) fn rows<R: IntoIterator<Item = C>, C: AsRef<[u8]>>(
    rows: impl IntoIterator<Item = R>,
) -> Result<Vec<u8>, Box<ErrorBody>> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory does not fail, and all rows of a table are equally long.
    let failed = |error: &dyn std::fmt::Display| Box::new(ErrorBody::internal(error));
    for row in rows {
        writer.write_record(row).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_begins_like_a_formula_is_quoted_by_an_apostrophe() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(text_cell(text), format!("'{text}"));
        }
        for text in ["", "a=1", "1", "'=1", " =1", "名"] {
            assert_eq!(text_cell(text), text);
        }
    }

    #[test]
    fn cells_with_commas_quotes_and_line_ends_are_quoted() {
        let text = rows([["a,b", "say \"hi\""], ["x\r\ny", ""]]).unwrap();
        assert_eq!(text, b"\"a,b\",\"say \"\"hi\"\"\"\r\n\"x\r\ny\",\r\n");
    }
}
