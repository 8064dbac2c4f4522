//! `$filter`: text → tree → yes or no for a row. As strict as F&O: no `in`, no `has`, no functions, enumerations
//! only with typed literals, strings only with `eq` and `ne`.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::meta::{EntitySet, Row};
use super::refusal::Refusal;
use super::value::{Ty, Value, like};

/// Deepest nesting of parentheses.
const MAX_DEPTH: usize = 32;
const NAMESPACE: &str = "Microsoft.Dynamics.DataEntities.";

/// A checked filter: every property exists, every literal fits.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Compare { place: usize, op: Op, literal: Literal },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Number(Decimal),
    Time(i64),
    Guid(Uuid),
    Member(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
enum Token<'a> {
    Open,
    Close,
    Text(String),
    /// A word: property, operator, number, moment or typed literal's type.
    Word(&'a str),
    /// `Type'Member'`.
    Typed(&'a str, String),
}

/// Parses and checks a filter for `set`.
pub(crate) fn parse(set: &EntitySet, text: &str) -> Result<Expr, Refusal> {
    let tokens = tokens(text)?;
    let mut parser = Parser { set, tokens: &tokens, at: 0 };
    let expr = parser.any(0)?;
    if parser.at != tokens.len() {
        return Err(syntax("the filter does not end where it should"));
    }
    Ok(expr)
}

fn syntax(text: &str) -> Refusal {
    Refusal::Query(format!("The query specified in the URI is not valid. Syntax error: {text}."))
}

/// Splits the text. A quote inside a string is doubled.
fn tokens(text: &str) -> Result<Vec<Token<'_>>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '(' => {
                tokens.push(Token::Open);
                rest = rest.get(1..).unwrap_or_default();
            }
            ')' => {
                tokens.push(Token::Close);
                rest = rest.get(1..).unwrap_or_default();
            }
            '\'' => {
                let (text, after) = quoted(rest)?;
                tokens.push(Token::Text(text));
                rest = after;
            }
            ',' => return Err(Refusal::NotQueryable),
            _ => {
                let end = rest.find([' ', '(', ')', '\'', ',', '\t']).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                if after.starts_with('\'') {
                    let (member, after) = quoted(after)?;
                    tokens.push(Token::Typed(word, member));
                    rest = after;
                } else {
                    tokens.push(Token::Word(word));
                    rest = after;
                }
            }
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

/// The string that starts here and what follows it.
pub(crate) fn quoted(text: &str) -> Result<(String, &str), Refusal> {
    let mut out = String::new();
    let mut rest = text.strip_prefix('\'').ok_or_else(|| syntax("a quote is missing"))?;
    loop {
        let (part, after) =
            rest.split_once('\'').ok_or_else(|| syntax("a string is not closed"))?;
        out.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                out.push('\'');
                rest = more;
            }
            None => return Ok((out, after)),
        }
    }
}

struct Parser<'a> {
    set: &'a EntitySet,
    tokens: &'a [Token<'a>],
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token<'a>> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<&'a Token<'a>> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(next)) if *next == word);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Expr, Refusal> {
        let mut terms = vec![self.all(depth)?];
        while self.take_word("or") {
            terms.push(self.all(depth)?);
        }
        Ok(one_or(terms, Expr::Or))
    }

    fn all(&mut self, depth: usize) -> Result<Expr, Refusal> {
        let mut terms = vec![self.term(depth)?];
        while self.take_word("and") {
            terms.push(self.term(depth)?);
        }
        Ok(one_or(terms, Expr::And))
    }

    fn term(&mut self, depth: usize) -> Result<Expr, Refusal> {
        if depth > MAX_DEPTH {
            return Err(syntax("the recursion limit was exceeded"));
        }
        if self.take_word("not") {
            return Ok(Expr::Not(Box::new(self.term(depth + 1)?)));
        }
        match self.next() {
            Some(Token::Open) => {
                let inner = self.any(depth + 1)?;
                match self.next() {
                    Some(Token::Close) => Ok(inner),
                    _ => Err(syntax("a parenthesis is not closed")),
                }
            }
            Some(Token::Word(name)) => self.comparison(name),
            _ => Err(syntax("a comparison is missing")),
        }
    }

    fn comparison(&mut self, name: &str) -> Result<Expr, Refusal> {
        if self.peek() == Some(&Token::Open) {
            // A function. F&O translates none of them for its tables.
            return Err(Refusal::NotQueryable);
        }
        let place = self.set.property(name).ok_or(Refusal::UnknownField)?;
        let Some(property) = self.set.properties.get(place) else {
            return Err(Refusal::UnknownField);
        };
        if property.virtual_field {
            return Err(Refusal::Query(format!(
                "The field '{name}' is virtual and cannot be used in a filter."
            )));
        }
        let op = match self.next() {
            Some(Token::Word("eq")) => Op::Eq,
            Some(Token::Word("ne")) => Op::Ne,
            Some(Token::Word("gt")) => Op::Gt,
            Some(Token::Word("ge")) => Op::Ge,
            Some(Token::Word("lt")) => Op::Lt,
            Some(Token::Word("le")) => Op::Le,
            Some(Token::Word("in" | "has")) => return Err(Refusal::NotQueryable),
            _ => return Err(syntax("an operator is missing")),
        };
        let token = self.next().ok_or_else(|| syntax("a literal is missing"))?;
        let literal = literal(property.ty, name, token)?;
        let ordered = !matches!(op, Op::Eq | Op::Ne);
        if ordered && matches!(property.ty, Ty::Str | Ty::Enum(_) | Ty::Guid) {
            return Err(Refusal::Query(format!(
                "A binary operator with incompatible types was detected. Found operand types '{}' and '{}' for operator kind '{op:?}'.",
                property.ty.edm(),
                property.ty.edm(),
            )));
        }
        Ok(Expr::Compare { place, op, literal })
    }
}

fn one_or(mut terms: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    match (terms.len(), terms.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            terms.push(last);
            many(terms)
        }
        (_, None) => many(terms),
    }
}

/// Reads a literal of the wanted type.
fn literal(ty: Ty, name: &str, token: &Token<'_>) -> Result<Literal, Refusal> {
    let wrong = || {
        Refusal::Query(format!(
            "A binary operator with incompatible types was detected. The literal for '{name}' is no '{}'.",
            ty.edm()
        ))
    };
    match (ty, token) {
        (Ty::Str, Token::Text(text)) => Ok(Literal::Text(text.clone())),
        (Ty::Str, Token::Word("null")) => Ok(Literal::Text(String::new())),
        (Ty::Dec, Token::Word(word)) => {
            word.trim_end_matches(['m', 'M', 'd']).parse().map(Literal::Number).map_err(|_| wrong())
        }
        (Ty::Int32 | Ty::Int64, Token::Word(word)) => {
            word.parse::<i64>().map(|n| Literal::Number(Decimal::from(n))).map_err(|_| wrong())
        }
        (Ty::Time, Token::Word(word)) => moment(word).map(Literal::Time).ok_or_else(wrong),
        (Ty::Guid, Token::Word(word)) => word.parse().map(Literal::Guid).map_err(|_| wrong()),
        (Ty::Enum(of), Token::Typed(kind, member)) => {
            if kind.strip_prefix(NAMESPACE) != Some(of.name) {
                return Err(wrong());
            }
            of.member(member).map(Literal::Member).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

/// An unquoted moment with an offset.
fn moment(word: &str) -> Option<i64> {
    word.contains('T')
        .then(|| word.parse::<jiff::Timestamp>().ok())
        .flatten()
        .map(jiff::Timestamp::as_microsecond)
}

impl Expr {
    /// Whether the row satisfies the filter.
    pub(crate) fn matches(&self, set: &EntitySet, row: Row<'_>) -> bool {
        match self {
            Self::And(terms) => terms.iter().all(|term| term.matches(set, row)),
            Self::Or(terms) => terms.iter().any(|term| term.matches(set, row)),
            Self::Not(term) => !term.matches(set, row),
            Self::Compare { place, op, literal } => holds(set.value(row, *place), *op, literal),
        }
    }

    /// The texts a row's `place` must be one of; `None` when the filter does not narrow it so.
    /// A wildcard does not narrow.
    pub(crate) fn points(&self, place: usize) -> Option<Vec<&Literal>> {
        match self {
            Self::And(terms) => {
                terms.iter().filter_map(|term| term.points(place)).min_by_key(Vec::len)
            }
            Self::Or(terms) => {
                let mut all = Vec::with_capacity(terms.len());
                for term in terms {
                    all.extend(term.points(place)?);
                }
                Some(all)
            }
            Self::Not(_) => None,
            Self::Compare { place: at, op: Op::Eq, literal } if *at == place => match literal {
                Literal::Text(text) if text.contains('*') => None,
                _ => Some(vec![literal]),
            },
            Self::Compare { .. } => None,
        }
    }

    /// The least value (moment or whole number) a row's `place` can have; `None` = no bound.
    pub(crate) fn least(&self, place: usize) -> Option<i64> {
        match self {
            Self::And(terms) => terms.iter().filter_map(|term| term.least(place)).max(),
            Self::Or(terms) => terms
                .iter()
                .map(|term| term.least(place))
                .collect::<Option<Vec<_>>>()?
                .into_iter()
                .min(),
            Self::Compare { place: at, op: Op::Eq | Op::Gt | Op::Ge, literal } if *at == place => {
                match literal {
                    Literal::Time(micros) => Some(*micros),
                    Literal::Number(number) => i64::try_from(*number).ok(),
                    _ => None,
                }
            }
            Self::Not(_) | Self::Compare { .. } => None,
        }
    }
}

fn holds(value: Value<'_>, op: Op, literal: &Literal) -> bool {
    let order = match (value, literal) {
        (Value::Str(text), Literal::Text(pattern)) => {
            let equal = like(pattern, text);
            return if op == Op::Ne { !equal } else { equal };
        }
        (Value::Enum(member), Literal::Member(wanted)) => member.cmp(wanted),
        (Value::Guid(guid), Literal::Guid(wanted)) => guid.cmp(wanted),
        (Value::Time(micros), Literal::Time(wanted)) => micros.cmp(wanted),
        (Value::Int(number), Literal::Number(wanted)) => Decimal::from(number).cmp(wanted),
        (Value::Dec(number), Literal::Number(wanted)) => number.cmp(wanted),
        _ => return false,
    };
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
    }
}
