//! Log lines on standard error: one event, one line, whatever an agent wrote into a title (SECURITY.md C4, B4).

use std::io::{self, Write};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging. `debug` raises the detail of our own crates and changes nothing else.
pub fn start(debug: bool) {
    let (ours, others) =
        if debug { (LevelFilter::DEBUG, LevelFilter::INFO) } else { (LevelFilter::INFO, LevelFilter::WARN) };
    // A prefix matches the whole family: pilotdeck_shell, pilotdeck_services, …
    let filter = Targets::new().with_default(others).with_target("pilotdeck", ours);
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| OneLine(io::stderr()));
    // A second start (tests in one process) keeps the first subscriber.
    let _already_started = tracing_subscriber::registry().with(filter).with(lines).try_init();
}

/// Writes an event with every character escaped that could forge a second line or reorder the one it is in.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    /// The subscriber hands over a whole event per call, with its line end.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let mut line = escape(text.strip_suffix('\n').unwrap_or(&text));
        line.push('\n');
        self.0.write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// `text` with control and bidirectional characters written as escapes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_bidi(c) { escaped.extend(c.escape_default()) } else { escaped.push(c) }
    }
    escaped
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_stays_on_one_line_and_in_its_order() {
        let mut written = Vec::new();
        OneLine(&mut written)
            .write_all("title\nERROR forged \u{1b}[31m \u{202e}abc 项目\n".as_bytes())
            .unwrap();
        let line = String::from_utf8(written).unwrap();
        assert_eq!(line, "title\\nERROR forged \\u{1b}[31m \\u{202e}abc 项目\n");
    }
}
