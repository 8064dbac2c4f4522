//! Forms by which a person asks for something. Each becomes signals; the answer leads back to the
//! page it came from.

use super::error::PageError;
use super::login::own_path;
use crate::access::Person;
use crate::command::{Command, Target, Verb, WHY_LIMIT, parse_flow};
use crate::model::HoldGroup;
use crate::state::{App, Inner};
use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::response::Redirect;
use serde::Deserialize;

/// Orders one click may act on.
pub(crate) const BULK: i64 = 500;
/// Orders of one group an action on a whole cause may reach.
const ALL_OF_CAUSE: i64 = 10_000;
/// Longest order number taken.
pub(crate) const NUMBER_LIMIT: usize = 60;

/// Fields of every form.
#[derive(Deserialize)]
pub(crate) struct Asked {
    csrf: String,
    key: String,
    back: Option<String>,
    why: Option<String>,
    /// Of a dismissal, or of a group of holds: which.
    hold: Option<String>,
}

/// What is asked, checked; shared with the API.
pub(crate) struct Wish {
    pub(crate) verb: Verb,
    pub(crate) why: Option<String>,
    pub(crate) hold: Option<String>,
    pub(crate) request_id: String,
}

impl Wish {
    pub(crate) fn new(
        verb: Verb,
        why: Option<String>,
        hold: Option<String>,
        request_id: &str,
    ) -> Result<Self, &'static str> {
        let why = why.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if verb.needs_why() && why.is_none() {
            return Err("A reason is needed: it stays in the trail");
        }
        if why.as_ref().is_some_and(|text| text.chars().count() > WHY_LIMIT) {
            return Err("The reason may have 500 characters");
        }
        if verb == Verb::Dismiss && hold.is_none() {
            return Err("Say which hold is to be dismissed");
        }
        let request_id: String =
            request_id.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        if request_id.len() < 8 {
            return Err("This form is out of date");
        }
        Ok(Self { verb, why, hold, request_id })
    }

    pub(crate) fn command(&self, app: &Inner, person: &Person, target: Target) -> Command {
        let hold = if self.verb == Verb::Dismiss { self.hold.clone() } else { None };
        Command {
            verb: self.verb,
            target,
            hold,
            why: self.why.clone(),
            who: person.name.clone(),
            at: app.now(),
            request_id: self.request_id.clone(),
        }
    }

    /// Asks it of one order.
    pub(crate) async fn of_order(
        &self,
        app: &Inner,
        person: &Person,
        number: &str,
    ) -> Result<u64, PageError> {
        if number.chars().count() > NUMBER_LIMIT {
            return Err(PageError::NoSuchOrder(number.chars().take(NUMBER_LIMIT).collect()));
        }
        let found = app.given.books.order(number).await?;
        let Some(order) = found else { return Err(PageError::NoSuchOrder(number.to_owned())) };
        let command = self.command(app, person, Target::Order(order.row.number));
        Ok(app.given.books.command(vec![command]).await?)
    }

    /// Asks it of every order of a group of holds, as the group stands now.
    pub(crate) async fn of_group(&self, app: &Inner, person: &Person) -> Result<usize, PageError> {
        let wanted = self.hold.as_deref().unwrap_or_default();
        let groups = app.given.books.holds(BULK).await?;
        let of_group = groups.iter().filter(|group| HoldGroup::identity(group) == wanted);
        self.of_groups(app, person, of_group).await
    }

    /// Asks it of every order with an open hold of this cause, whatever field and value.
    pub(crate) async fn of_cause(
        &self,
        app: &Inner,
        person: &Person,
        cause: &str,
    ) -> Result<usize, PageError> {
        let groups = app.given.books.holds(ALL_OF_CAUSE).await?;
        let of_cause = groups.iter().filter(|group| group.cause == cause);
        self.of_groups(app, person, of_cause).await
    }

    async fn of_groups<'g>(
        &self,
        app: &Inner,
        person: &Person,
        groups: impl Iterator<Item = &'g HoldGroup>,
    ) -> Result<usize, PageError> {
        let mut commands = Vec::new();
        for (group, order) in groups.flat_map(|g| g.orders.iter().map(move |o| (g, o))) {
            let command = self.command(app, person, Target::Order(order.number.clone()));
            // Of a dismissal: the hold of this very group.
            let hold = command.hold.is_some().then(|| group.identity());
            commands.push(Command { hold, ..command });
        }
        // An order may be held twice for one cause; it is asked once.
        commands.sort_by(|a, b| (a.target.key(), &a.hold).cmp(&(b.target.key(), &b.hold)));
        commands.dedup();
        let asked = commands.len();
        if asked > 0 {
            app.given.books.command(commands).await?;
        }
        Ok(asked)
    }

    /// Asks it of a flow or of all.
    pub(crate) async fn of_flow(
        &self,
        app: &Inner,
        person: &Person,
        flow: &str,
    ) -> Result<u64, PageError> {
        let target = match (flow, parse_flow(flow)) {
            ("all", _) => Target::Connection,
            (_, Some(_)) if !self.verb.of_one_flow() => {
                return Err(PageError::BadForm("This is asked of all flows together"));
            }
            (_, Some(flow)) => Target::Flow(flow),
            (_, None) => return Err(PageError::BadForm("There is no such flow")),
        };
        Ok(app.given.books.command(vec![self.command(app, person, target)]).await?)
    }
}

pub(super) fn wish(form: &Asked, verb: &str, person: &Person) -> Result<Wish, PageError> {
    if form.csrf != person.form_token {
        return Err(PageError::BadForm("This form is out of date"));
    }
    let verb = Verb::parse(verb).ok_or(PageError::BadForm("There is no such action"))?;
    Wish::new(verb, form.why.clone(), form.hold.clone(), &form.key).map_err(PageError::BadForm)
}

pub(super) fn return_to(form: &Asked, done: &str) -> Redirect {
    return_to_page(form.back.as_deref(), done)
}

pub(super) fn return_to_page(back: Option<&str>, done: &str) -> Redirect {
    let back = own_path(back);
    let joint = if back.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{back}{joint}done={done}"))
}

/// Back to the settings, where what came of the wish is shown.
pub(super) fn return_to_settings() -> Redirect {
    Redirect::to("/settings?done=settings")
}

pub(crate) async fn on_order(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Path((number, verb)): Path<(String, String)>,
    Form(form): Form<Asked>,
) -> Result<Redirect, PageError> {
    let wish = wish(&form, &verb, &person)?;
    if !wish.verb.of_order() {
        return Err(PageError::BadForm("This cannot be asked of an order"));
    }
    wish.of_order(&app, &person, &number).await?;
    Ok(return_to(&form, wish.verb.word()))
}

pub(crate) async fn on_group(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Path(verb): Path<String>,
    Form(form): Form<Asked>,
) -> Result<Redirect, PageError> {
    let wish = wish(&form, &verb, &person)?;
    if !wish.verb.of_group() {
        return Err(PageError::BadForm("This cannot be asked of many orders"));
    }
    let asked = wish.of_group(&app, &person).await?;
    Ok(return_to(&form, &format!("{asked}-{}", wish.verb.word())))
}

pub(crate) async fn on_flow(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Path((flow, verb)): Path<(String, String)>,
    Form(form): Form<Asked>,
) -> Result<Redirect, PageError> {
    let wish = wish(&form, &verb, &person)?;
    if !wish.verb.of_flow() {
        return Err(PageError::BadForm("This cannot be asked of a flow"));
    }
    wish.of_flow(&app, &person, &flow).await?;
    Ok(return_to(&form, wish.verb.word()))
}
