//! `$batch` as F&O speaks it: `multipart/mixed`, CRLF, change sets as nested multiparts.
//!
//! The writer never has to look for its boundary inside a body: bodies are JSON of our own, in
//! which no line break can occur, and a boundary only counts at the start of a line.

mod read;
mod write;

pub(crate) use read::{Batch, Inner, Part, read};
pub(crate) use write::{CONTENT_TYPE, Item, write};

#[cfg(test)]
mod tests;
