use super::*;
use proptest::prelude::*;

const BASE: &str = "https://h";

#[test]
fn a_query_always_names_its_company_switch_and_its_fields() {
    let url = Query::of("Set", &["A", "B"]).order_by(&["A"]).top(5).url(BASE);
    assert_eq!(url, "https://h/data/Set?cross-company=true&$select=A,B&$orderby=A&$top=5");
}

#[test]
fn quotes_are_doubled_and_odd_characters_are_encoded() {
    let filter = Filter::eq("SalesOrderNumber", Literal::text("O'Brien/1 &+#é"));
    let url = Query::of("S", &["A"]).filter(filter).url(BASE);
    assert_eq!(
        url,
        "https://h/data/S?cross-company=true&$filter=SalesOrderNumber%20eq%20'O''Brien%2F1%20%26%2B%23%C3%A9'&$select=A"
    );
}

#[test]
fn a_key_names_every_part_and_writes_a_guid_bare() {
    let key = [
        ("dataAreaId", Literal::text("usmf")),
        ("DocumentId", Literal::Guid("00000000-0000-0000-0000-000000000001".to_owned())),
    ];
    assert_eq!(
        row_url(BASE, "Notes", &key),
        "https://h/data/Notes(dataAreaId='usmf',DocumentId=00000000-0000-0000-0000-000000000001)?cross-company=true"
    );
    let odd = [("N", Literal::text("O'Brien/1"))];
    assert_eq!(row_url(BASE, "S", &odd), "https://h/data/S(N='O''Brien%2F1')?cross-company=true");
    assert_eq!(row_name(&Literal::text("SalesOrderLine")), "('SalesOrderLine')");
}

#[test]
fn enum_members_are_typed() {
    let mut text = String::new();
    Filter::eq("SalesStatus", Literal::Member("SalesStatus", "Backorder".to_owned()))
        .render(&mut text);
    assert_eq!(text, "SalesStatus eq Microsoft.Dynamics.DataEntities.SalesStatus'Backorder'");
}

#[test]
fn the_keyset_predicate_keeps_its_precedence_inside_a_conjunction() {
    let at = Timestamp::parse("2026-01-31T10:00:00Z").unwrap();
    let filter = Filter::All(vec![
        Filter::eq("dataAreaId", Literal::text("usmf")),
        Filter::after("SysModifiedDateTime", "SourceKey", at, 7),
    ]);
    let mut text = String::new();
    filter.render(&mut text);
    assert_eq!(
        text,
        "dataAreaId eq 'usmf' and (SysModifiedDateTime gt 2026-01-31T10:00:00Z or \
         (SysModifiedDateTime eq 2026-01-31T10:00:00Z and SourceKey gt 7))"
    );
}

proptest! {
    #[test]
    fn groups_keep_every_value_in_order_and_every_url_in_its_limit(
        values in prop::collection::vec("[A-Za-z0-9'/ é%-]{1,40}", 0..200),
        limit in 400_usize..2_000,
    ) {
        let url = |values: &[String]| {
            let any = values.iter().map(|v| Filter::eq("SalesOrderNumber", Literal::text(v))).collect();
            let filter = Filter::All(vec![Filter::eq("dataAreaId", Literal::text("usmf")), Filter::Any(any)]);
            Query::of("SalesOrderHeadersV2", &["SalesOrderNumber"]).filter(filter).url(BASE)
        };
        let groups = groups(&values, limit, "SalesOrderNumber", url(&[]).len());
        let all: Vec<String> = groups.iter().flat_map(|g| g.iter().cloned()).collect();
        prop_assert_eq!(&all, &values);
        for group in groups {
            prop_assert!(!group.is_empty());
            prop_assert!(url(group).len() <= limit, "{} > {}", url(group).len(), limit);
        }
    }

    #[test]
    fn a_literal_can_never_end_early(value in "\\PC{0,40}") {
        let mut text = String::new();
        Literal::text(&value).render(&mut text);
        let inner = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).unwrap();
        prop_assert_eq!(inner.replace("''", "").matches('\'').count(), 0);
        prop_assert_eq!(inner.replace("''", "'"), value);
    }

    #[test]
    fn a_url_is_always_plain_ascii_without_blanks(value in "\\PC{0,40}") {
        let url = Query::of("S", &["A"]).filter(Filter::eq("F", Literal::text(&value))).url(BASE);
        prop_assert!(url.bytes().all(|b| b.is_ascii_graphic()));
        prop_assert_eq!(url.matches('&').count(), 2);
    }
}
