//! The partner's pages of granular administration: what it has, asks for and assigns.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query, ServiceConfig, get, post};
use askama::Template;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::MessagePage;
use crate::access::{Barred, CustomerId, ReadAdministration, RequestAdministration, Scope, Visitor};
use crate::customers::{self, CustomerReference};
use crate::delegation::actions::{self, GranularPage, Order, administration_link};
use crate::delegation::model::{
    AccessAction, Assignment, DirectoryRole, GrantId, Granular, GranularError, GranularName, GranularStatus,
    GranularTerms, Group, Right,
};
use crate::delegation::texts::AdministrationTexts;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Outcome, Refusal};
use crate::platform::http::{Error, IfMatch};
use crate::platform::portal::{Control, Field, Frame, Posted, read_line, see_other};

pub(super) fn pages(config: &mut ServiceConfig) {
    config
        .route("/administration", get().to(list))
        .route("/administration", post().to(create))
        .route("/administration/{id}", get().to(show))
        .route("/administration/{id}/ask", post().to(ask))
        .route("/administration/{id}/terminate", post().to(terminate))
        .route("/administration/{id}/delete", post().to(delete))
        .route("/administration/{id}/groups/{group}", post().to(assign));
}

/// Relationships on one page.
const PER_PAGE: i64 = 50;

fn status_text(text: &'static AdministrationTexts, status: GranularStatus) -> &'static str {
    match status {
        GranularStatus::Created => text.status_created,
        GranularStatus::ApprovalPending => text.status_asked,
        GranularStatus::Active => text.status_active,
        GranularStatus::Expired => text.status_expired,
        GranularStatus::Terminated => text.status_terminated,
    }
}

/// A relationship in the list.
struct Line {
    address: String,
    name: String,
    customer: String,
    status: &'static str,
    ends: String,
}

/// A role to choose.
struct Choice {
    id: String,
    name: &'static str,
    chosen: bool,
}

impl Choice {
    fn of(role: DirectoryRole, chosen: &[DirectoryRole]) -> Self {
        Self { id: role.id().to_string(), name: role.name(), chosen: chosen.contains(&role) }
    }
}

/// What was typed into the form of a new one, and what is wrong with it.
struct NewForm {
    name: Field,
    customer: Field,
    days: Field,
    extend: bool,
    for_devices: Vec<Choice>,
    others: Vec<Choice>,
    roles_wrong: Option<&'static str>,
    extend_wrong: Option<&'static str>,
}

impl NewForm {
    fn empty(text: &'static AdministrationTexts) -> Self {
        let line = |kind| Control::Line { kind, autocomplete: "off" };
        let mut customer = Field::new("customer", text.customer, text.new_customer_hint, line("text"));
        customer.required = false;
        let mut form = Self {
            name: Field::new("name", text.name, text.new_name_hint, line("text")),
            customer,
            days: Field::new("days", text.new_days, text.new_days_hint, line("number")).with("365"),
            extend: false,
            for_devices: Vec::new(),
            others: Vec::new(),
            roles_wrong: None,
            extend_wrong: None,
        };
        form.choose(&[]);
        form
    }

    fn choose(&mut self, chosen: &[DirectoryRole]) {
        let for_devices = Right::ReadDevices.roles();
        self.for_devices = for_devices.iter().map(|role| Choice::of(*role, chosen)).collect();
        let others = DirectoryRole::all().map(|(role, _)| role).filter(|role| !for_devices.contains(role));
        self.others = others.map(|role| Choice::of(role, chosen)).collect();
    }

    fn chose_others(&self) -> bool {
        self.others.iter().any(|choice| choice.chosen)
    }
}

#[derive(Template)]
#[template(path = "delegation/templates/administration_list.html")]
struct ListPage {
    frame: Frame,
    text: &'static AdministrationTexts,
    lines: Vec<Line>,
    next: Option<GrantId>,
    form: Option<NewForm>,
}

#[derive(Deserialize, Default)]
struct ListQuery {
    after: Option<GrantId>,
}

/// Who may not look is told so.
fn refused(visitor: &Visitor, frame: Frame) -> Result<HttpResponse, Error> {
    let text = AdministrationTexts::of(visitor.visit().language());
    let (title, sentence) = (text.list_title.to_owned(), text.partners_only.to_owned());
    visitor.visit().page_with(StatusCode::FORBIDDEN, &MessagePage { frame, title, sentence, next: None, good: false })
}

/// A page of the list with the names of its customers, and whether the caller may change anything.
type Listed = (Vec<Granular>, HashMap<CustomerId, String>, bool);

async fn list_page(
    parts: &Data<Parts>,
    visitor: &Visitor,
    after: Option<GrantId>,
    form: Option<NewForm>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let frame = visitor.onlooker(parts).await?.frame;
    let text = AdministrationTexts::of(visitor.visit().language());
    let wanted = move |read: &mut Read<'_>, me: &Scope| -> Outcome<Listed, GranularError> {
        let page = GranularPage { order: Order::NewestFirst, after, limit: PER_PAGE + 1, ..GranularPage::default() };
        let (rows, _) = actions::granular_list(read, me, &page, now)?;
        let ids: Vec<CustomerId> = rows.iter().filter_map(|one| one.customer).collect();
        let names = customers::names(read, &ids)?;
        Ok((rows, names, me.holds::<RequestAdministration>()))
    };
    let (mut rows, names, may) = match visitor.read::<ReadAdministration, _, _, _>(parts, wanted).await {
        Ok(found) => found,
        Err(Barred::NobodySignedIn) => return Ok(see_other("/sign-in")),
        Err(Barred::NotAllowed(_)) => return refused(visitor, frame),
        Err(barred) => return Err(barred.into()),
    };
    let shown = usize::try_from(PER_PAGE).unwrap_or_default();
    let more = rows.len() > shown;
    rows.truncate(shown);
    let next = rows.last().filter(|_| more).map(|one| one.id);
    let line = |one: &Granular| Line {
        address: format!("/administration/{}", one.graph_id()),
        name: one.terms.display_name.to_string(),
        customer: customer_name(text, one, &names),
        status: status_text(text, one.status(now)),
        ends: one.ends_at.map(Timestamp::readable).unwrap_or_default(),
    };
    let status = if form.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let form = may.then(|| form.unwrap_or_else(|| NewForm::empty(text)));
    visitor.visit().page_with(status, &ListPage { frame, text, lines: rows.iter().map(line).collect(), next, form })
}

fn customer_name(text: &AdministrationTexts, one: &Granular, names: &HashMap<CustomerId, String>) -> String {
    let named = one.customer.map(|id| names.get(&id).cloned().unwrap_or_else(|| id.to_string()));
    named.unwrap_or_else(|| text.any_customer.to_owned())
}

async fn list(parts: Data<Parts>, visitor: Visitor, query: Query<ListQuery>) -> Result<HttpResponse, Error> {
    list_page(&parts, &visitor, query.after, None).await
}

/// The roles that a form chose, each once.
fn chosen(pairs: &[(String, String)]) -> Vec<DirectoryRole> {
    let ids = pairs.iter().filter(|(name, _)| name == "role").filter_map(|(_, id)| id.parse().ok());
    let mut roles = Vec::new();
    for role in ids.filter_map(DirectoryRole::known) {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    roles
}

async fn create(
    parts: Data<Parts>,
    visitor: Visitor,
    form: Posted<Vec<(String, String)>>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let text = AdministrationTexts::of(visitor.visit().language());
    let typed = |wanted: &str| {
        let found = form.0.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let mut shown = NewForm::empty(text);
    let common = visitor.visit().frame().texts;
    let (name, customer, days) = (typed("name"), typed("customer"), typed("days"));
    shown.name = shown.name.with(&name);
    shown.customer = shown.customer.with(&customer);
    shown.days = shown.days.with(&days);
    shown.extend = !typed("extend").is_empty();
    let roles = chosen(&form.0);
    shown.choose(&roles);
    let name: Option<GranularName> = shown.name.take(read_line(&name, common));
    let in_range = |days: &i32| crate::delegation::model::DURATION_DAYS.contains(days);
    let days = days.parse::<i32>().ok().filter(in_range).ok_or_else(|| text.days_wrong.to_owned());
    let days = shown.days.take(days);
    shown.roles_wrong = roles.is_empty().then_some(text.new_roles_missing);
    let forever = shown.extend && roles.contains(&DirectoryRole::GLOBAL_ADMINISTRATOR);
    shown.extend_wrong = forever.then_some(text.extend_wrong);
    let (Some(display_name), Some(days), None, None) = (name, days, shown.roles_wrong, shown.extend_wrong) else {
        return list_page(&parts, &visitor, None, Some(shown)).await;
    };
    let terms = GranularTerms { display_name, days, auto_extend: shown.extend, roles };
    let made = visitor
        .write::<RequestAdministration, _, _, _>(&parts, move |tx, me| -> Outcome<Granular, GranularError> {
            let customer = match customer.as_str() {
                "" => None,
                named => {
                    let reference = CustomerReference::new(named);
                    let found = customers::live_relationship(tx, me, &reference);
                    Some(found.map_err(crate::platform::error::Failure::widen::<GranularError>)?.customer)
                }
            };
            actions::create_granular(tx, me, &terms, customer, now)
        })
        .await;
    match made {
        Ok(one) => Ok(see_other(&format!("/administration/{}", one.graph_id()))),
        Err(Barred::NobodySignedIn) => Ok(see_other("/sign-in")),
        Err(Barred::NotAllowed(_)) => Ok(see_other("/administration")),
        Err(Barred::Refused(refusal)) => {
            match refusal {
                GranularError::Customer(_) => shown.customer.error = Some(text.customer_unknown.to_owned()),
                GranularError::NameTaken(_) => shown.name.error = Some(text.name_taken.to_owned()),
                other => return Err(other.into()),
            }
            list_page(&parts, &visitor, None, Some(shown)).await
        }
        Err(barred) => Err(barred.into()),
    }
}

/// A group, and which of the relationship's roles it holds.
struct GroupForm {
    group: Group,
    choices: Vec<Choice>,
    none: bool,
}

#[derive(Template)]
#[template(path = "delegation/templates/administration_page.html")]
struct RelationshipPage {
    frame: Frame,
    text: &'static AdministrationTexts,
    wrong: Option<&'static str>,
    address: String,
    name: String,
    customer: String,
    is_named: bool,
    status: &'static str,
    lasts: String,
    ends: String,
    roles: Vec<&'static str>,
    version: i32,
    /// Whether it can be asked for and deleted.
    created: bool,
    /// The address to send to the customer, while it is asked.
    link: Option<String>,
    groups: Vec<GroupForm>,
    can_end: bool,
    may: bool,
}

async fn page(
    parts: &Data<Parts>,
    visitor: &Visitor,
    id: &str,
    wrong: Option<&'static str>,
) -> Result<HttpResponse, Error> {
    type Found = (Granular, Vec<Assignment>, HashMap<CustomerId, String>, bool);
    let now = parts.clock.now();
    let frame = visitor.onlooker(parts).await?.frame;
    let text = AdministrationTexts::of(visitor.visit().language());
    let wanted = id.to_owned();
    let found = move |read: &mut Read<'_>, me: &Scope| -> Outcome<Found, GranularError> {
        let (one, assigned) = actions::assignments(read, me, &wanted)?;
        let ids: Vec<CustomerId> = one.customer.into_iter().collect();
        let names = customers::names(read, &ids)?;
        Ok((one, assigned, names, me.holds::<RequestAdministration>()))
    };
    let (one, assigned, names, may) = match visitor.read::<ReadAdministration, _, _, _>(parts, found).await {
        Ok(found) => found,
        Err(Barred::NobodySignedIn) => return Ok(see_other("/sign-in")),
        Err(Barred::NotAllowed(_)) => return refused(visitor, frame),
        Err(barred) => return Err(barred.into()),
    };
    let status = one.status(now);
    let days = crate::platform::portal::fill(text.request_days, &[("days", &one.terms.days.to_string())]);
    let token = administration_link(&parts.keys, &one);
    let link = parts.base.join(&format!("/administration-requests/{}", token.expose_secret()));
    let group = |group: &Group| {
        let held = assigned.iter().find(|assigned| assigned.group == *group);
        let held = held.map(|assigned| assigned.roles.as_slice()).unwrap_or_default();
        let choices = one.terms.roles.iter().map(|role| Choice::of(*role, held)).collect();
        GroupForm { group: *group, choices, none: held.is_empty() }
    };
    let active = status == GranularStatus::Active;
    let code = if wrong.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    visitor.visit().page_with(
        code,
        &RelationshipPage {
            text,
            wrong,
            address: format!("/administration/{}", one.graph_id()),
            name: one.terms.display_name.to_string(),
            customer: customer_name(text, &one, &names),
            is_named: one.customer.is_some(),
            status: status_text(text, status),
            lasts: if one.terms.auto_extend { format!("{days}, {}", text.extended) } else { days },
            ends: one.ends_at.map(Timestamp::readable).unwrap_or_default(),
            roles: one.terms.roles.iter().map(|role| role.name()).collect(),
            version: one.version,
            created: status == GranularStatus::Created,
            link: (status == GranularStatus::ApprovalPending).then_some(link),
            groups: if active { Group::ALL.iter().map(group).collect() } else { Vec::new() },
            can_end: active || status == GranularStatus::ApprovalPending,
            may,
            frame,
        },
    )
}

async fn show(parts: Data<Parts>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Error> {
    page(&parts, &visitor, &id, None).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct VersionForm {
    version: String,
}

/// Where a change leads: to the page as it is then, with a word if it was not made.
async fn changed(
    parts: &Data<Parts>,
    visitor: &Visitor,
    id: &str,
    outcome: Result<(), Barred<GranularError>>,
    then: &str,
) -> Result<HttpResponse, Error> {
    let text = AdministrationTexts::of(visitor.visit().language());
    match outcome {
        Ok(()) => Ok(see_other(then)),
        Err(Barred::NobodySignedIn) => Ok(see_other("/sign-in")),
        Err(Barred::Refused(refusal)) if refusal.code().name != "delegatedAdminRelationshipUnknown" => {
            page(parts, visitor, id, Some(text.state_wrong)).await
        }
        Err(Barred::NotAllowed(_)) => page(parts, visitor, id, Some(text.helpdesk)).await,
        Err(barred) => Err(barred.into()),
    }
}

async fn request(
    parts: &Data<Parts>,
    visitor: &Visitor,
    id: String,
    action: AccessAction,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let wanted = id.clone();
    let outcome = visitor
        .write::<RequestAdministration, _, _, _>(parts, move |tx, me| {
            actions::request_access(tx, me, &wanted, action, now).map(|_| ())
        })
        .await;
    changed(parts, visitor, &id, outcome, &format!("/administration/{id}")).await
}

async fn ask(
    parts: Data<Parts>,
    visitor: Visitor,
    id: Path<String>,
    _form: Posted<VersionForm>,
) -> Result<HttpResponse, Error> {
    request(&parts, &visitor, id.into_inner(), AccessAction::LockForApproval).await
}

async fn terminate(
    parts: Data<Parts>,
    visitor: Visitor,
    id: Path<String>,
    _form: Posted<VersionForm>,
) -> Result<HttpResponse, Error> {
    request(&parts, &visitor, id.into_inner(), AccessAction::Terminate).await
}

async fn delete(
    parts: Data<Parts>,
    visitor: Visitor,
    id: Path<String>,
    form: Posted<VersionForm>,
) -> Result<HttpResponse, Error> {
    let (now, id, version) = (parts.clock.now(), id.into_inner(), IfMatch::of(&form.0.version));
    let wanted = id.clone();
    let outcome = visitor
        .write::<RequestAdministration, _, _, _>(&parts, move |tx, me| {
            actions::delete_granular(tx, me, &wanted, &version, now)
        })
        .await;
    changed(&parts, &visitor, &id, outcome, "/administration").await
}

/// Gives a group the roles chosen: whatever it had before.
async fn assign(
    parts: Data<Parts>,
    visitor: Visitor,
    path: Path<(String, String)>,
    form: Posted<Vec<(String, String)>>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (id, group) = path.into_inner();
    let (wanted, roles) = (id.clone(), chosen(&form.0));
    let outcome = visitor
        .write::<RequestAdministration, _, _, _>(&parts, move |tx, me| -> Outcome<(), GranularError> {
            let (_, assigned) = actions::assignments(tx, me, &wanted)?;
            let named = Group::named(me.partner(), &group);
            let held = assigned.iter().find(|assigned| Some(assigned.group) == named);
            match (held, roles.is_empty()) {
                (None, true) => {}
                (None, false) => drop(actions::assign(tx, me, &wanted, &group, &roles, now)?),
                (Some(held), true) => {
                    let version = IfMatch::of(&held.version.to_string());
                    actions::unassign(tx, me, (&wanted, &held.id.to_string()), &version, now)?;
                }
                (Some(held), false) => {
                    let version = IfMatch::of(&held.version.to_string());
                    actions::reassign(tx, me, (&wanted, &held.id.to_string()), &version, &roles, now)?;
                }
            }
            Ok(())
        })
        .await;
    changed(&parts, &visitor, &id, outcome, &format!("/administration/{id}")).await
}
