//! Reads a zip of stored entries. Anything else, or a wrong sum, is no package.

const END: &[u8] = b"PK\x05\x06";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

fn word(data: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 2] = data.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(bytes)))
}

fn long(data: &[u8], at: usize) -> Option<u32> {
    let bytes: [u8; 4] = data.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_le_bytes(bytes))
}

fn place(data: &[u8], at: usize) -> Option<usize> {
    usize::try_from(long(data, at)?).ok()
}

/// Names and contents of all entries.
pub(super) fn read(data: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let end = data.windows(END.len()).rposition(|window| window == END)?;
    let count = word(data, end + 10)?;
    let mut at = place(data, end + 16)?;
    let mut found = Vec::new();
    for _ in 0..count {
        if data.get(at..at + 4)? != CENTRAL || word(data, at + 10)? != 0 {
            return None;
        }
        let sum = long(data, at + 16)?;
        let (packed, size) = (place(data, at + 20)?, place(data, at + 24)?);
        let (name, extra, comment) =
            (word(data, at + 28)?, word(data, at + 30)?, word(data, at + 32)?);
        let local = place(data, at + 42)?;
        let title = String::from_utf8(data.get(at + 46..at + 46 + name)?.to_vec()).ok()?;
        if data.get(local..local + 4)? != LOCAL || packed != size {
            return None;
        }
        let start = local + 30 + word(data, local + 26)? + word(data, local + 28)?;
        let content = data.get(start..start + size)?.to_vec();
        if crc32fast::hash(&content) != sum {
            return None;
        }
        found.push((title, content));
        at += 46 + name + extra + comment;
    }
    Some(found)
}
