//! Every text colour can be read on every ground it stands on, in both themes (WCAG AA).

use std::collections::HashMap;

fn themes() -> Vec<HashMap<String, String>> {
    let [(_, css), ..] = crate::Assets::files();
    let blocks = css.split(":root").skip(1).filter_map(|rest| {
        let body = rest.split_once('{')?.1.split_once('}')?.0;
        let tokens: HashMap<String, String> = body
            .split(';')
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'))
            .filter(|(_, value)| value.starts_with('#'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        (!tokens.is_empty()).then_some(tokens)
    });
    blocks.collect()
}

fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.039_28 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_passes_four_and_a_half_to_one_in_both_themes() {
    let themes = themes();
    assert_eq!(themes.len(), 3, "light, dark by choice of the system, dark by choice");
    assert_eq!(themes[1], themes[2], "the dark theme is one theme");
    for theme in &themes {
        let of = |name: &str| theme[name].as_str();
        for text in ["n6", "n7", "n8", "n9", "accent", "ok", "wait", "attention", "failed"] {
            for ground in ["n0", "n1", "n2"] {
                let got = contrast(of(text), of(ground));
                assert!(got >= 4.5, "{text} on {ground}: {got:.2}");
            }
        }
        for meaning in ["accent", "ok", "wait", "attention", "failed"] {
            let got = contrast(of(meaning), of(&format!("{meaning}-ground")));
            assert!(got >= 4.5, "{meaning} on its ground: {got:.2}");
        }
        assert!(contrast(of("on-accent"), of("accent")) >= 4.5);
    }
}

#[test]
fn what_must_be_seen_passes_three_to_one() {
    for theme in themes() {
        for mark in ["n5", "accent", "s1", "s2", "s3"] {
            let got = contrast(&theme[mark], &theme["n0"]);
            assert!(got >= 3.0, "{mark}: {got:.2}");
        }
    }
}
