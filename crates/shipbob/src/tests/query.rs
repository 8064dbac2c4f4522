use crate::query::{Url, cursor, lists};

fn base() -> Url {
    Url::new("https://api.example/", "2026-01", "order").with("Limit", "250")
}

fn urls(values: &[&str], most: usize) -> Vec<String> {
    lists(&base(), "ReferenceIds", "any:", values.iter().copied(), most)
        .into_iter()
        .map(Url::text)
        .collect()
}

#[test]
fn commas_and_colons_stay_and_everything_else_is_escaped() {
    let url = base().with("LastUpdateStartDate", "2026-11-23T09:00:00Z").with("x", "a b&c=d#é'/+%");
    assert_eq!(
        url.text(),
        "https://api.example/2026-01/order?Limit=250&LastUpdateStartDate=2026-11-23T09:00:00Z\
         &x=a%20b%26c%3Dd%23%C3%A9%27%2F%2B%25"
    );
    assert_eq!(
        urls(&["a", "O'Brien/1", "c d"], 100),
        ["https://api.example/2026-01/order?Limit=250&ReferenceIds=any:a,O%27Brien%2F1,c%20d"]
    );
}

#[test]
fn a_value_with_a_comma_travels_alone() {
    let all = urls(&["a", "b,c", "d"], 100);
    assert_eq!(all.len(), 2);
    assert!(all[0].ends_with("ReferenceIds=b%2Cc"), "{all:?}");
    assert!(all[1].ends_with("ReferenceIds=any:a,d"), "{all:?}");
}

#[test]
fn lists_are_cut_by_number_and_by_length_and_ask_for_everything_once() {
    let values: Vec<String> = (0..250).map(|n| format!("usmf-SO-{n:09}-1-1")).collect();
    let mut refs: Vec<&str> = values.iter().map(String::as_str).collect();
    refs.push(refs[0]);
    refs.push("");
    let all = urls(&refs, 100);
    assert!(all.iter().all(|u| u.len() <= 1_900), "{}", all.iter().map(String::len).max().unwrap());
    let asked: Vec<&str> =
        all.iter().flat_map(|u| u.split_once("any:").unwrap().1.split(',')).collect();
    assert_eq!(asked, refs[..250]);
    let short: Vec<String> = (0..250).map(|n| n.to_string()).collect();
    let short: Vec<&str> = short.iter().map(String::as_str).collect();
    assert_eq!(urls(&short, 100).len(), 3);
    assert!(urls(&[], 100).is_empty());
    assert!(urls(&[""], 100).is_empty());
}

#[test]
fn every_form_of_next_gives_its_cursor() {
    for (next, wanted) in [
        ("", None),
        ("  ", None),
        ("abc==", Some(("Cursor", "abc=="))),
        ("/Product?cursor=eyJh%3D&PageSize=2", Some(("cursor", "eyJh="))),
        ("https://x.example/2026-01/channel?RecordsPerPage=5&Cursor=k", Some(("Cursor", "k"))),
        ("/Product?PageSize=2", None),
        ("/Product?cursor=", None),
    ] {
        let found = cursor(next);
        let found = found.as_ref().map(|(n, v)| (n.as_str(), v.as_str()));
        assert_eq!(found, wanted, "{next}");
    }
}
