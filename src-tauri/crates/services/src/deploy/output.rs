//! The deploy log (SECURITY.md D3): what the script prints, without control characters and secrets, at most 1 MiB of it.
//! Knows no processes.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use crate::platform;

const MAX_BYTES: u64 = 1024 * 1024;

/// A longer line is cut after masking; of one longer than `MAX_RAW_LINE` the rest is not even read.
const MAX_LINE_CHARS: usize = 4096;
const MAX_RAW_LINE: usize = 64 * 1024;

/// Masking shorter texts would garble everything and hide nothing.
const MIN_SECRET_CHARS: usize = 4;
const MASK: &str = "[redacted]";

/// The log of one job.
pub(crate) struct Log {
    file: File,
    bytes: u64,
    secrets: Vec<String>,
    line: Vec<u8>,
    after_return: bool,
}

impl Log {
    /// Begins an empty log that shows none of `secrets`.
    pub(crate) fn create(path: &Path, secrets: &[String]) -> io::Result<Log> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = platform::open_private(path)?;
        let parts = secrets.iter().flat_map(|secret| secret.lines().map(visible));
        let mut secrets: Vec<String> =
            parts.filter(|part| part.chars().count() >= MIN_SECRET_CHARS).collect();
        // The longest first: one secret may be a part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Ok(Log { file, bytes: 0, secrets, line: Vec::new(), after_return: false })
    }

    /// Adds what the script printed; lines may come in pieces.
    pub(crate) fn write(&mut self, output: &[u8]) -> io::Result<()> {
        for &byte in output {
            match byte {
                b'\n' if self.after_return => {}
                b'\n' | b'\r' => self.end_line()?,
                _ if self.line.len() < MAX_RAW_LINE => self.line.push(byte),
                _ => {}
            }
            self.after_return = byte == b'\r';
        }
        Ok(())
    }

    /// Adds a line of our own.
    pub(crate) fn note(&mut self, text: &str) -> io::Result<()> {
        if !self.line.is_empty() {
            self.end_line()?;
        }
        self.write(text.as_bytes())?;
        self.end_line()
    }

    fn end_line(&mut self) -> io::Result<()> {
        let raw = std::mem::take(&mut self.line);
        // Control characters go first: they could break up a secret that a reader then sees whole.
        let mut text = visible(&String::from_utf8_lossy(&raw));
        for secret in &self.secrets {
            text = text.replace(secret.as_str(), MASK);
        }
        if let Some((cut, _)) = text.char_indices().nth(MAX_LINE_CHARS) {
            text.truncate(cut);
            text.push('…');
        }
        text.push('\n');
        if self.bytes + text.len() as u64 > MAX_BYTES {
            self.drop_older_half()?;
        }
        self.file.write_all(text.as_bytes())?;
        self.bytes += text.len() as u64;
        Ok(())
    }

    fn drop_older_half(&mut self) -> io::Result<()> {
        let mut all = Vec::new();
        self.file.rewind()?;
        self.file.read_to_end(&mut all)?;
        let half = &all[all.len() / 2..];
        let whole_lines = half.iter().position(|byte| *byte == b'\n').map_or(half, |end| &half[end + 1..]);
        self.file.set_len(0)?;
        self.file.rewind()?;
        let mark = b"[earlier output left out]\n";
        self.file.write_all(mark)?;
        self.file.write_all(whole_lines)?;
        self.bytes = (mark.len() + whole_lines.len()) as u64;
        Ok(())
    }
}

/// The text without control characters and without the terminal sequences (colours) they begin.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' if characters.peek() == Some(&'[') => {
                characters.next();
                // Parameters, then one final byte.
                while characters.next_if(|next| matches!(next, ' '..='?')).is_some() {}
                characters.next_if(|next| matches!(next, '@'..='~'));
            }
            '\t' => shown.push(' '),
            _ if character.is_control() => {}
            _ => shown.push(character),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(secrets: &[&str], pieces: &[&[u8]]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deploy.log");
        let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        let mut log = Log::create(&path, &secrets).unwrap();
        for piece in pieces {
            log.write(piece).unwrap();
        }
        log.note("end").unwrap();
        fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn a_secret_is_masked_however_it_is_cut_up() {
        let text = logged(
            &["canary-secret", "canary"],
            &[b"token=canary-", b"secret!\ncan\x00ary\x1b[31m-sec\x1b[0mret\n"],
        );
        assert_eq!(text, "token=[redacted]!\n[redacted]\nend\n");
    }

    #[test]
    fn the_lines_of_a_long_secret_are_masked_and_short_ones_left_alone() {
        assert_eq!(
            logged(&["first-line\nsecond-line\n", "ab"], &[b"abc second-line\n"]),
            "abc [redacted]\nend\n"
        );
    }

    #[test]
    fn control_characters_and_colours_are_removed() {
        let text =
            logged(&[], &[b"\x1b[1;32mgreen\x1b[0m\x07 bell\tend\r\n10%\r20%\r\n\xff\xfe\n\xc2\x9b31m\n"]);
        assert_eq!(text, "green bell end\n10%\n20%\n\u{fffd}\u{fffd}\n31m\nend\n");
    }

    #[test]
    fn a_secret_at_the_cut_of_a_long_line_is_not_shown_in_part() {
        let mut line = vec![b'x'; MAX_LINE_CHARS - 6];
        line.extend_from_slice(b"canary-secret and more\n");
        let text = logged(&["canary-secret"], &[&line]);
        assert!(!text.contains("canary"), "masked before it is cut");
        let mut endless = vec![b'x'; MAX_RAW_LINE - 6];
        endless.extend_from_slice(b"canary-secret");
        assert!(!logged(&["canary-secret"], &[&endless]).contains("canary"));
    }

    #[test]
    fn the_log_never_passes_its_limit_and_keeps_the_newest_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deploy.log");
        let mut log = Log::create(&path, &[]).unwrap();
        for number in 0..40_000 {
            log.write(format!("line {number} {}\n", "x".repeat(60)).as_bytes()).unwrap();
        }
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.len() as u64 <= MAX_BYTES, "{}", text.len());
        assert!(text.starts_with("[earlier output left out]\nline "));
        assert!(text.lines().last().unwrap().starts_with("line 39999 "));
    }
}
