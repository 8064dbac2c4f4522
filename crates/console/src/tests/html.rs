//! A small reader of the HTML we write ourselves: tags with their attributes, in order.

use std::collections::HashMap;

#[derive(Debug, Clone)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) attributes: HashMap<String, String>,
}

impl Tag {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// Opening tags of a document; panics on anything that is not well formed.
pub(super) fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with('!') {
            continue;
        }
        let end = tag_end(rest);
        let inside = rest[..end].trim_end_matches('/');
        let closes_itself = rest[..end].ends_with('/');
        if let Some(name) = inside.strip_prefix('/') {
            let last = open.pop().unwrap_or_default();
            assert_eq!(last, name.trim(), "</{name}> closes <{last}> near {:.80}", &rest);
        } else {
            let tag = parse(inside);
            let void = ["meta", "link", "input", "br", "img", "hr"].contains(&tag.name.as_str());
            if !void && !closes_itself {
                open.push(tag.name.clone());
            }
            found.push(tag);
        }
        rest = &rest[end..];
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    found
}

fn tag_end(text: &str) -> usize {
    let mut quoted = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '>' if !quoted => return at,
            _ => {}
        }
    }
    panic!("a tag never ends: {text:.80}");
}

fn parse(inside: &str) -> Tag {
    let (name, mut rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    let mut attributes = HashMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let key = rest[..end].to_owned();
        rest = &rest[end..];
        let value = match rest.strip_prefix("=\"") {
            Some(after) => {
                let close = after.find('"').expect("an attribute is never closed");
                rest = &after[close + 1..];
                after[..close].to_owned()
            }
            None => {
                assert!(!rest.starts_with('='), "an attribute without quotes: {inside:.80}");
                String::new()
            }
        };
        assert!(attributes.insert(key.clone(), value).is_none(), "{key} twice in <{inside:.80}>");
    }
    Tag { name: name.to_owned(), attributes }
}
