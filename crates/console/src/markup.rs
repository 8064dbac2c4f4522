//! Small pieces of HTML that several templates share: icons, pills, sparklines. Everything that
//! comes from outside is escaped here or by the templates; nothing else may call [`Markup::raw`].

use crate::model::OrderState;
use crate::tone::Tone;
use askama::filters::HtmlSafe;
use std::borrow::Cow;
use std::fmt;

/// HTML that is safe as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Markup(Cow<'static, str>);

impl Markup {
    /// A literal.
    pub(crate) const fn raw(html: &'static str) -> Self {
        Self(Cow::Borrowed(html))
    }

    /// Built by code that escaped every foreign part.
    pub(crate) const fn built(html: String) -> Self {
        Self(Cow::Owned(html))
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// Text made safe for element content and double-quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// An icon; words beside it carry the meaning, so it is hidden from screen readers.
pub(crate) fn icon(name: &str) -> Markup {
    let path = match name {
        "ok" => r#"<circle cx="8" cy="8" r="6.25"/><path d="m5.2 8.2 1.9 1.9 3.7-4"/>"#,
        "wait" => r#"<circle cx="8" cy="8" r="6.25"/><path d="M8 4.6V8l2.2 1.5"/>"#,
        "attention" => {
            r#"<path d="M8 2 14.2 13.2H1.8Z"/><path d="M8 6.4v3"/><path d="M8 11.3v.1"/>"#
        }
        "failed" => {
            r#"<path d="M5.5 1.75h5l3.75 3.75v5l-3.75 3.75h-5L1.75 10.5v-5Z"/><path d="m5.9 5.9 4.2 4.2m0-4.2-4.2 4.2"/>"#
        }
        "plain" => r#"<circle cx="8" cy="8" r="2.6"/>"#,
        "dynamics" => {
            r#"<rect x="2.25" y="3" width="11.5" height="10" rx="1.5"/><path d="M2.25 6.4h11.5M6.2 6.4V13"/>"#
        }
        "shipbob" => {
            r#"<path d="M2.25 5 8 2.2 13.75 5v6L8 13.8 2.25 11Z"/><path d="M2.25 5 8 7.8 13.75 5M8 7.8v6"/>"#
        }
        "person" => {
            r#"<circle cx="8" cy="5.4" r="2.65"/><path d="M2.8 13.6c.7-2.7 2.7-4 5.2-4s4.5 1.3 5.2 4"/>"#
        }
        "us" => {
            r#"<circle cx="4" cy="8" r="2.2"/><circle cx="12" cy="8" r="2.2"/><path d="M6.2 8h3.6"/>"#
        }
        "search" => r#"<circle cx="7" cy="7" r="4.5"/><path d="m10.4 10.4 3.6 3.6"/>"#,
        "theme" => r#"<circle cx="8" cy="8" r="6"/><path d="M8 2a6 6 0 0 1 0 12Z" class="full"/>"#,
        "next" => r#"<path d="m6 3.5 4.5 4.5L6 12.5"/>"#,
        "out" => r#"<path d="M6.5 3H3v10h10V9.500M9.500 3H13v3.500M13 3 7.500 8.500"/>"#,
        _ => "",
    };
    Markup::built(format!(
        "<svg class=\"icon\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\" aria-hidden=\"true\" focusable=\"false\">{path}</svg>"
    ))
}

/// Icon and word on a tinted ground.
pub(crate) fn pill(tone: Tone, word: &str) -> Markup {
    Markup::built(format!(
        "<span class=\"pill {}\">{}{}</span>",
        tone.class(),
        icon(tone.icon()),
        escape(word)
    ))
}

/// [`pill`] for templates, which hand fields over by reference.
pub(crate) fn toned(tone: &Tone, word: &str) -> Markup {
    pill(*tone, word)
}

/// The pill of an order's state.
pub(crate) fn state(state: &OrderState) -> Markup {
    pill(Tone::of_state(*state), state.label())
}

/// Address of the page of an order.
pub(crate) fn order_path(number: &str) -> String {
    // SO-000697 stays readable; everything that could mean something in an address is encoded.
    const KEEP: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_');
    if let Some(item) = domain::product::item_of(number) {
        return format!("/products?q={}", percent_encoding::utf8_percent_encode(item, KEEP));
    }
    if let Some(token) = number.strip_prefix(domain::stock::JOURNAL_SUBJECT) {
        return format!("/stock#{}", journal_anchor(token));
    }
    format!("/orders/{}", percent_encoding::utf8_percent_encode(number, KEEP))
}

/// Where a journal stands on the stock page.
pub(crate) fn journal_anchor(token: &str) -> String {
    let plain = token.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    format!("journal-{}", plain.collect::<String>())
}

/// Where a SKU is shown.
pub(crate) fn stock_path(sku: &str) -> String {
    format!("/stock?sku={}", encoded(sku))
}

/// One value of a query.
pub(crate) fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// `12,345`.
pub(crate) fn grouped(n: &i64) -> String {
    crate::clock::grouped(*n)
}

/// A thin bar that shows a share of a whole.
pub(crate) fn share(part: &i64, whole: &i64) -> Markup {
    let percent = if *whole > 0 { (part.saturating_mul(100) / whole).clamp(0, 100) } else { 0 };
    Markup::built(format!(
        "<svg class=\"share\" viewBox=\"0 0 100 3\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"rest\" width=\"100\" height=\"3\"/><rect class=\"part\" width=\"{percent}\" height=\"3\"/></svg>"
    ))
}
