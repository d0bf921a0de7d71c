//! What a file says before SQLite sees it: header, size, and how large its schema is. Reads bytes only.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::Refused;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER: usize = 100;

/// SQLite parses the whole schema when it opens a file, so its size is bounded first. Ours has some 40 objects in 8 KiB.
const SCHEMA_OBJECTS: u64 = 1000;
const SCHEMA_BYTES: u64 = 1024 * 1024;
const SCHEMA_PAGES: usize = 2000;

/// The facts of the 100 bytes at the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) size: u64,
    pub(crate) application_id: i32,
    pub(crate) user_version: i32,
    page_size: u64,
    reserved: usize,
}

/// Reads and judges the header, and bounds the schema.
pub(crate) fn read(path: &Path) -> Result<Header, Refused> {
    let mut file = File::open(path).map_err(unreadable)?;
    let header = read_header(&mut file)?;
    bound_schema(&mut file, &header)?;
    Ok(header)
}

fn read_header(file: &mut File) -> Result<Header, Refused> {
    let size = file.metadata().map_err(unreadable)?.len();
    let mut bytes = [0; HEADER];
    let read = read_up_to(file, &mut bytes)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(Refused::NotABackup("The file is compressed: unpack it first".into()));
    }
    if read < HEADER || !bytes.starts_with(MAGIC) {
        return Err(Refused::NotABackup("The file is not an SQLite database".into()));
    }
    let page_size = match u16_at(&bytes, 16) {
        1 => 65_536,
        size => u64::from(size),
    };
    if !page_size.is_power_of_two() || page_size < 512 {
        return Err(Refused::NotABackup("The file's page size is not one of SQLite's".into()));
    }
    if size % page_size != 0 {
        return Err(Refused::NotABackup(
            "The file is cut off: its length is no whole number of pages".into(),
        ));
    }
    Ok(Header {
        size,
        application_id: u32_at(&bytes, 68).cast_signed(),
        user_version: u32_at(&bytes, 60).cast_signed(),
        page_size,
        reserved: usize::from(bytes[20]),
    })
}

/// Walks the pages of the schema table and adds up what its rows hold.
fn bound_schema(file: &mut File, header: &Header) -> Result<(), Refused> {
    let damaged = || Refused::NotTrusted("The schema of the file is damaged".into());
    let mut page = vec![0; header.page_size as usize];
    let usable =
        page.len().checked_sub(header.reserved).filter(|&usable| usable >= 480).ok_or_else(damaged)?;
    let mut waiting = vec![1_u64];
    let (mut objects, mut bytes, mut pages) = (0, 0_u64, 0);
    while let Some(number) = waiting.pop() {
        pages += 1;
        if number == 0 || number > header.size / header.page_size || pages > SCHEMA_PAGES {
            return Err(damaged());
        }
        file.seek(SeekFrom::Start((number - 1) * header.page_size)).map_err(unreadable)?;
        file.read_exact(&mut page).map_err(unreadable)?;
        let start = if number == 1 { HEADER } else { 0 };
        let (leaf, cells) = match page[start] {
            0x0d => (true, start + 8),
            0x05 => (false, start + 12),
            _ => return Err(damaged()),
        };
        let count = usize::from(u16_at(&page, start + 3));
        if cells + 2 * count > usable {
            return Err(damaged());
        }
        if !leaf {
            waiting.push(u64::from(u32_at(&page, start + 8)));
        }
        for index in 0..count {
            let cell = usize::from(u16_at(&page, cells + 2 * index));
            if cell + 4 > usable {
                return Err(damaged());
            }
            if leaf {
                objects += 1;
                bytes = bytes.saturating_add(varint(&page[cell..usable]).ok_or_else(damaged)?);
            } else {
                waiting.push(u64::from(u32_at(&page, cell)));
            }
        }
        if objects > SCHEMA_OBJECTS || bytes > SCHEMA_BYTES {
            return Err(Refused::NotTrusted("The schema of the file is larger than any of ours".into()));
        }
    }
    Ok(())
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> Result<usize, Refused> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    Ok(filled)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// SQLite's variable-length integer: up to nine bytes, the high bit says "more follow".
fn varint(bytes: &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for (index, &byte) in bytes.iter().take(9).enumerate() {
        if index == 8 {
            return Some((value << 8) | u64::from(byte));
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn unreadable(error: std::io::Error) -> Refused {
    Refused::Unreadable(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_length_integers_are_read_as_sqlite_writes_them() {
        assert_eq!(varint(&[0x7f]), Some(127));
        assert_eq!(varint(&[0x81, 0x00]), Some(128));
        assert_eq!(varint(&[0xff; 9]), Some(u64::MAX));
        assert_eq!(varint(&[0x80, 0x80]), None, "cut off");
    }
}
