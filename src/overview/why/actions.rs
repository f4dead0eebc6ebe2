//! The conditions of an action, asked in the order in which the real call asks them, and nothing that the caller may not
//! know.

use diesel::QueryResult;

use super::model::{Check, Question, Verdict};
use crate::access::{
    AccessError, AnswerInvitations, AppOnly, ChangeCustomerUsers, ChangeCustomers, ChangeSubscriptions,
    CreateCustomers, CustomerId, DesignateSupportContacts, EndAdministration, EndCustomerRelationships,
    GrantTenantOwner, ManageDevicePolicies, OrganisationKind, Permission, PlaceOrders, ReadAdministrators,
    ReadCustomerUsers, ReadCustomers, ReadDevices, ReadSubscriptions, ReadTenantOwners, RegisterDevices,
    RemovePartnerships, ResetSetupInfo, Rule, Scope, SignAgreement,
};
use crate::companies;
use crate::customers::{self, CustomerReference};
use crate::delegation::{self, EndError, GateError, Right};
use crate::partnerships::{self, NoPartnership};
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Sure};
use crate::subscriptions;

/// Answers a question.
pub(super) fn answer(read: &mut Read<'_>, me: &Scope, question: &Question, now: Timestamp) -> Sure<Verdict> {
    let rule = &question.rule;
    let mut checks = own_company(me, rule, question.second_factor_required);
    // What another kind of organisation would need besides does not concern the caller, and without the second factor
    // nothing about others is told.
    let proved = checks.iter().all(|check| check.holds || check.what != "secondFactor");
    if rule.is_for(me.kind()) && proved {
        checks.extend(of_action(read, me, question, now)?);
    }
    Ok(Verdict::of(rule, checks))
}

fn is<P: Permission>(rule: &Rule) -> bool {
    rule.name == P::RULE.name
}

/// What the permission itself asks for.
fn own_company(me: &Scope, rule: &Rule, second_factor_required: bool) -> Vec<Check> {
    let kinds: Vec<&str> = rule.holders.iter().map(|(kind, _)| kind.as_str()).collect();
    let mut checks = vec![match rule.is_for(me.kind()) {
        true => Check::met("organisation", format!("This is for a {}, and you act for one.", kinds.join(" or "))),
        false => {
            let wrong = AccessError::WrongOrganisation { expected: kinds.join(" or "), actual: me.kind() };
            Check::missing("organisation", wrong.to_string())
        }
    }];
    if rule.is_for(me.kind()) {
        checks.push(match rule.is_held_by(me.kind(), me.roles()) {
            true => Check::met("role", "Your roles include this."),
            false => ask_for_role(me, &AccessError::RoleMissing { needed: rule.roles_of(me.kind()) }),
        });
    }
    checks.push(match (me.user_id(), rule.app_only) {
        (Some(_), _) => Check::met("user", "A person asks, not an application by itself."),
        (None, AppOnly::Accepted) => Check::met("user", "An application may do this without a user."),
        (None, AppOnly::Refused) => Check::missing("user", AccessError::AppOnlyRefused.to_string()).ask(
            "POST",
            format!("/{}/oauth2/v2.0/token", me.organisation()),
            "a person of your company, with a refresh token or an authorization code",
        ),
    });
    if second_factor_required && me.kind().needs_second_factor() && me.user_id().is_some() {
        checks.push(match me.proved_second_factor() {
            true => Check::met("secondFactor", "You proved a second factor when you signed in."),
            false => {
                let sentence = "You signed in without a second factor, and whoever acts for others needs one here.";
                Check::missing("secondFactor", sentence).ask("GET", "/v1/accounts/secondfactor", "you")
            }
        });
    }
    checks
}

fn ask_for_role(me: &Scope, refusal: &AccessError) -> Check {
    let missing = Check::missing("role", refusal.to_string());
    let who = match me.kind() {
        OrganisationKind::Provider | OrganisationKind::Reseller => {
            "a Global admin or User management admin of your company"
        }
        _ => "a Global admin of your organisation",
    };
    match me.user_id() {
        Some(user) => missing.ask("PATCH", format!("/v1/users/{user}"), who),
        // An application's roles are given to it when it is registered.
        None => missing.ask("POST", "/v1/applications", "a Global admin of your organisation"),
    }
}

/// What the action asks for besides.
fn of_action(read: &mut Read<'_>, me: &Scope, question: &Question, now: Timestamp) -> QueryResult<Vec<Check>> {
    let rule = &question.rule;
    if is::<AnswerInvitations>(rule) {
        return accepting(read, me);
    }
    if is::<SignAgreement>(rule) {
        return Ok(vec![agreement_in_force(read, now)?]);
    }
    if is::<RemovePartnerships>(rule) {
        return Ok(partnership(read, me, question)?.into_iter().collect());
    }
    if is::<CreateCustomers>(rule) {
        return transacting(read, me, question, now);
    }
    if is::<ReadCustomers>(rule) || is::<ChangeCustomers>(rule) || is::<EndCustomerRelationships>(rule) {
        return of_customer(read, me, question);
    }
    if is::<PlaceOrders>(rule) {
        let mut checks = of_customer(read, me, question)?;
        checks.push(own_agreement(read, me, now)?);
        return Ok(checks);
    }
    if is::<ReadSubscriptions>(rule) || is::<ChangeSubscriptions>(rule) || is::<DesignateSupportContacts>(rule) {
        return of_subscriptions(read, me, question);
    }
    if is::<GrantTenantOwner>(rule) || is::<ReadTenantOwners>(rule) {
        return match me.as_customer() {
            Some(_) => of_own_organisation(read, me, question, now),
            None => of_customer(read, me, question),
        };
    }
    let devices = is::<RegisterDevices>(rule) || is::<ReadDevices>(rule) || is::<ManageDevicePolicies>(rule);
    if devices || is::<ResetSetupInfo>(rule) {
        return gate(read, me, question, now);
    }
    if is::<ReadCustomerUsers>(rule) || is::<ChangeCustomerUsers>(rule) {
        return gate(read, me, question, now);
    }
    if is::<ReadAdministrators>(rule) || is::<EndAdministration>(rule) {
        return of_own_organisation(read, me, question, now);
    }
    Ok(Vec::new())
}

fn accepting(read: &mut Read<'_>, me: &Scope) -> QueryResult<Vec<Check>> {
    let approved = companies::enrolment_approved(read, me.partner())?;
    let profile = companies::profiles(read, &[me.partner()])?.remove(&me.partner());
    let enrolment =
        match approved {
            true => Check::met("enrolment", "Your company's enrolment as indirect reseller is approved."),
            false => Check::missing("enrolment", "Your company's enrolment as indirect reseller is not approved yet.")
                .ask("GET", "/v1/enrollments/current", "you, to see where it stands; the operator decides"),
        };
    let onboarded = match profile.and_then(|profile| profile.mpn_id) {
        Some(id) => Check::met("mpnId", format!("Your company onboards with the location MPN ID {id}.")),
        None => {
            Check::missing("mpnId", "No MPN ID of a location of your company is verified yet: the approval does it.")
                .ask("GET", "/v1/enrollments/current", "you, to see where it stands; the operator decides")
        }
    };
    Ok(vec![enrolment, onboarded])
}

fn agreement_in_force(read: &mut Read<'_>, now: Timestamp) -> QueryResult<Check> {
    Ok(match companies::agreement_in_force(read, now)? {
        Some(agreement) => Check::met(
            "agreement",
            format!("Version {} of the Microsoft Partner Agreement is in force.", agreement.version),
        ),
        None => Check::missing("agreement", "No version of the Microsoft Partner Agreement is in force yet.").ask(
            "POST",
            "/v1/agreements/mpa/versions",
            "the operator",
        ),
    })
}

/// The partnership with the partner named, if one is named.
fn partnership(read: &mut Read<'_>, me: &Scope, question: &Question) -> QueryResult<Option<Check>> {
    let Some(other) = question.partner else {
        let sentence = "It is asked for each partner: add partnerId to learn about one.";
        return Ok(Some(Check::met("partnership", sentence)));
    };
    let (provider, reseller) = match me.kind() {
        OrganisationKind::Provider => (me.partner(), other),
        _ => (other, me.partner()),
    };
    let active = partnerships::active_between(read, provider, reseller)?.is_some();
    Ok(Some(match (active, me.kind()) {
        (true, _) => Check::met("partnership", format!("Your partnership with {other} is active.")),
        (false, OrganisationKind::Provider) => Check::missing("partnership", NoPartnership(other).to_string()).ask(
            "POST",
            "/v1/relationships/invitations",
            "you; a Global admin, Admin agent or Sales agent of the reseller accepts",
        ),
        (false, _) => Check::missing("partnership", NoPartnership(other).to_string()).ask(
            "GET",
            "/v1/indirectproviders",
            "you, to find the provider, who sends the invitation",
        ),
    }))
}

fn transacting(read: &mut Read<'_>, me: &Scope, question: &Question, now: Timestamp) -> QueryResult<Vec<Check>> {
    let mut checks = Vec::new();
    let Some(reseller) = question.partner else {
        checks.push(own_agreement(read, me, now)?);
        let sentence = "No reseller is named: add partnerId to learn about creating a customer for one.";
        checks.push(Check::met("partnership", sentence));
        return Ok(checks);
    };
    if me.user_id().is_none() {
        let sentence = "Creating a customer for a reseller needs a user: an app-only token is not accepted there.";
        checks.push(Check::missing("userForReseller", sentence).ask(
            "POST",
            format!("/{}/oauth2/v2.0/token", me.organisation()),
            "a person of your company, with a refresh token or an authorization code",
        ));
    }
    checks.push(own_agreement(read, me, now)?);
    let partnership = partnership(read, me, question)?;
    // Whether somebody signed is for its partners to know.
    let active = partnership.as_ref().is_some_and(|check| check.holds);
    checks.extend(partnership);
    if active {
        checks.push(match companies::mpa_active(read, reseller, now)? {
            true => Check::met("partnerAgreement", "The reseller has signed the Microsoft Partner Agreement in force."),
            false => {
                let sentence = "The reseller has not signed the Microsoft Partner Agreement in force.";
                Check::missing("partnerAgreement", sentence).ask(
                    "POST",
                    "/v1/agreements/mpa/signatures",
                    "a Global admin of the reseller",
                )
            }
        });
    }
    Ok(checks)
}

fn own_agreement(read: &mut Read<'_>, me: &Scope, now: Timestamp) -> QueryResult<Check> {
    Ok(match companies::mpa_active(read, me.partner(), now)? {
        true => Check::met("agreement", "Your company has signed the Microsoft Partner Agreement in force."),
        false => {
            let sentence = "Your company has not signed the Microsoft Partner Agreement in force.";
            Check::missing("agreement", sentence).ask(
                "POST",
                "/v1/agreements/mpa/signatures",
                "a Global admin of your company",
            )
        }
    })
}

const EACH_CUSTOMER: &str = "It is asked for each customer: add customerId to learn about one.";

/// Whom a partner asks for what it lacks.
fn ask_customer(check: Check) -> Check {
    check.ask("POST", "/v1/relationshiprequests", "you; a Global admin of the customer approves it")
}

fn of_customer(read: &mut Read<'_>, me: &Scope, question: &Question) -> QueryResult<Vec<Check>> {
    let Some(customer) = &question.customer else {
        return Ok(vec![Check::met(
            "relationship",
            "You see the customers that your company has a relationship with.",
        )]);
    };
    Ok(vec![match customers::live_relationship(read, me, customer) {
        Ok(relationship) => related(relationship.since),
        Err(Failure::Refused(missing)) => ask_customer(Check::missing("relationship", missing.to_string())),
        Err(Failure::Database(error)) => return Err(error),
    }])
}

/// Being reseller of record of a subscription opens that one, without a relationship.
fn of_subscriptions(read: &mut Read<'_>, me: &Scope, question: &Question) -> QueryResult<Vec<Check>> {
    let Some(customer) = &question.customer else {
        return Ok(vec![Check::met("relationship", EACH_CUSTOMER)]);
    };
    Ok(vec![match subscriptions::sees(read, me, customer) {
        Ok(_) if me.as_customer().is_some() => Check::met("ownOrganisation", "It is your own organisation."),
        Ok(_) => Check::met("relationship", "Your company sells to the customer, or is reseller of record there."),
        Err(Failure::Refused(missing)) if me.as_customer().is_some() => {
            Check::missing("ownOrganisation", missing.to_string())
        }
        Err(Failure::Refused(missing)) => ask_customer(Check::missing("relationship", missing.to_string())),
        Err(Failure::Database(error)) => return Err(error),
    }])
}

fn related(since: Timestamp) -> Check {
    let sentence = format!("Your company has a relationship with the customer since {}.", since.readable());
    Check::met("relationship", sentence)
}

fn gate(read: &mut Read<'_>, me: &Scope, question: &Question, now: Timestamp) -> QueryResult<Vec<Check>> {
    let Some(customer) = &question.customer else {
        return Ok(vec![Check::met("relationship", EACH_CUSTOMER)]);
    };
    let partner = me.as_customer().is_none();
    let right = match &question.rule {
        rule if is::<RegisterDevices>(rule) || is::<ManageDevicePolicies>(rule) => Right::WriteDevices,
        rule if is::<ResetSetupInfo>(rule) => Right::ResetAdminPassword,
        rule if is::<ReadCustomerUsers>(rule) => Right::ReadUsers,
        rule if is::<ChangeCustomerUsers>(rule) => Right::WriteUsers,
        _ => Right::ReadDevices,
    };
    Ok(match delegation::has_right(read, me, customer, right, now) {
        Ok(_) if !partner => vec![Check::met("ownOrganisation", "It is your own organisation.")],
        Ok(_) => vec![
            Check::met("relationship", "Your company has a relationship with the customer."),
            Check::met("delegatedAdministration", "The customer's administration is delegated to your company."),
            Check::met("administrationRole", "It gives you a role that this takes."),
        ],
        Err(Failure::Refused(GateError::Relationship(missing))) if partner => {
            vec![ask_customer(Check::missing("relationship", missing.to_string()))]
        }
        Err(Failure::Refused(GateError::Relationship(missing))) => {
            vec![Check::missing("ownOrganisation", missing.to_string())]
        }
        Err(Failure::Refused(missing @ GateError::Delegation { .. })) => vec![
            Check::met("relationship", "Your company has a relationship with the customer."),
            ask_customer(Check::missing("delegatedAdministration", missing.to_string())),
        ],
        Err(Failure::Refused(missing @ GateError::Role { .. })) => vec![
            Check::met("relationship", "Your company has a relationship with the customer."),
            Check::met("delegatedAdministration", "The customer's administration is delegated to your company."),
            Check::missing("administrationRole", missing.to_string()).ask(
                "GET",
                "/v1.0/tenantRelationships/delegatedAdminRelationships",
                "a Global admin or Admin agent of your company, who assigns the role to a group you are in",
            ),
        ],
        Err(Failure::Database(error)) => return Err(error),
    })
}

/// A customer's admin, about its own organisation.
fn of_own_organisation(
    read: &mut Read<'_>,
    me: &Scope,
    question: &Question,
    now: Timestamp,
) -> QueryResult<Vec<Check>> {
    let own = me.organisation().to_string();
    let customer = question.customer.clone().unwrap_or_else(|| CustomerReference::new(&own));
    let mut checks = match delegation::observe(read, me, &customer, now) {
        Ok(_) => vec![Check::met("ownOrganisation", "It is your own organisation.")],
        Err(Failure::Refused(other)) => return Ok(vec![Check::missing("ownOrganisation", other.to_string())]),
        Err(Failure::Database(error)) => return Err(error),
    };
    if let (true, Some(partner)) = (is::<EndAdministration>(&question.rule), question.partner) {
        let customer = CustomerId::from_uuid(me.organisation().uuid());
        checks.push(match delegation::has_held_grant(read, partner, customer)? {
            true => Check::met("administrator", format!("{partner} administers your organisation, or did.")),
            false => Check::missing("administrator", EndError::NoAdministrator(partner).to_string()),
        });
    }
    Ok(checks)
}
