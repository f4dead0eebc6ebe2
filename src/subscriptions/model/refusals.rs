//! Why nothing is ordered, changed or associated: each a sentence that says what to do instead.

use super::SubscriptionId;
use super::catalogue::{BillingCycle, Term};
use super::subscriptions::{SubscriptionState, SubscriptionStatus};
use crate::access::{AccessError, CustomerId, PartnerId};
use crate::customers::RelationshipMissing;
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::http::EtagError;
use crate::platform::text::shorten;

fn listed<T: ToString>(values: &[T]) -> String {
    match values {
        [] => "none".to_owned(),
        some => some.iter().map(T::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// Why an MPN ID does not become that of a reseller of record. Which kind of mistake it is, and which ID is right, is
/// said of active partners and of the caller's own company only (ruling 5 of the design); every other ID is unknown.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ResellerOfRecordError {
    /// Nobody's, or of somebody that is no active reseller of the provider.
    #[error(
        "The MPN ID {0} is that of none of your active resellers. Use the MPN ID of the location with which one of them \
         onboarded: GET /v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf lists them."
    )]
    Unknown(String),
    /// The same, named as a company.
    #[error("{0} is none of your active resellers: GET /v1/relationships lists them.")]
    NotAReseller(PartnerId),
    /// The provider's own.
    #[error(
        "The MPN ID {0} is your own company's. The reseller of record is one of your active resellers, by the MPN ID of the \
         location it onboarded with; leave it out if you serve the customer yourself."
    )]
    Own(String),
    /// A partner global account.
    #[error(
        "The MPN ID {given} is the partner global account of {reseller}. Use that of the location it onboarded with: \
         {onboarded}."
    )]
    Global {
        /// As it was given.
        given: String,
        /// Whose it is.
        reseller: String,
        /// What to use instead.
        onboarded: String,
    },
    /// A location that never onboarded.
    #[error("The MPN ID {given} is a location of {reseller} that never onboarded. Use the one that did: {onboarded}.")]
    NeverOnboarded {
        /// As it was given.
        given: String,
        /// Whose it is.
        reseller: String,
        /// What to use instead.
        onboarded: String,
    },
    /// The reseller has not signed the agreement in force.
    #[error(
        "{0} has not signed the Microsoft Partner Agreement in force, so nothing new can name it. A Global admin of the \
         reseller signs it: POST /v1/agreements/mpa/signatures."
    )]
    AgreementMissing(String),
    /// The reseller's enrolment is not approved any more.
    #[error("The enrolment of {0} as indirect reseller is not approved. The operator decides on it.")]
    ProgramInactive(String),
}

impl Refusal for ResellerOfRecordError {
    fn code(&self) -> Code {
        use ResellerOfRecordError as E;
        match self {
            E::Unknown(_) => Code::new(800_015, "mpnIdUnknown", Kind::NotFound),
            E::NotAReseller(_) => Code::new(910_674, "resellerOfRecordUnknown", Kind::NotFound),
            E::Own(_) => Code::new(2072, "mpnIdOfProvider", Kind::NotFound),
            E::Global { .. } => Code::new(800_016, "mpnIdGlobal", Kind::BadInput),
            E::NeverOnboarded { .. } => Code::new(800_016, "mpnIdNeverOnboarded", Kind::BadInput),
            E::AgreementMissing(_) => Code::new(900_123, "resellerOfRecordAgreementMissing", Kind::Forbidden),
            E::ProgramInactive(_) => Code::new(800_039, "resellerProgramInactive", Kind::Forbidden),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        use ResellerOfRecordError as E;
        match self {
            E::Unknown(given) | E::Own(given) => vec![("mpnId", given.clone())],
            E::NotAReseller(id) => vec![("reseller", id.to_string())],
            E::Global { given, onboarded, .. } | E::NeverOnboarded { given, onboarded, .. } => {
                vec![("mpnId", given.clone()), ("useInstead", onboarded.clone())]
            }
            _ => Vec::new(),
        }
    }
}

/// Why a subscription is not shown or changed.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionError {
    /// No relationship, or no such customer, and no subscription of it that the caller is reseller of record of.
    #[error(transparent)]
    Relationship(#[from] RelationshipMissing),
    /// A person has to ask.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// None of this customer that the caller sees.
    #[error("Subscription with ID {0} not found: this customer has none of that id that your company sold or manages.")]
    Unknown(String),
    /// Cancelled, or over for good.
    #[error("Subscription {0} is deleted, and nothing of it can be changed. Order the offer anew.")]
    Deleted(SubscriptionId),
    /// Another version than the one the caller looked at.
    #[error(transparent)]
    Version(EtagError),
    /// The quantity of a suspended subscription.
    #[error("The quantity of a suspended subscription cannot be changed. Take it up again first: PATCH status active.")]
    SuspendedQuantity,
    /// It is in a state in which this cannot be changed.
    #[error("{property} cannot be changed: the subscription is {status}.")]
    NotUpdatable {
        /// What.
        property: &'static str,
        /// The state.
        status: SubscriptionStatus,
    },
    /// Outside the offer's limits.
    #[error("The quantity is {quantity}; {offer} is sold in {minimum} to {maximum} units.")]
    Quantity {
        /// As it was given.
        quantity: i32,
        /// At least.
        minimum: i32,
        /// At most.
        maximum: i32,
        /// What is sold.
        offer: String,
    },
    /// More licences given back than were bought lately.
    #[error(
        "The quantity cannot be reduced by {fewer}: licences of this offer can be given back for 7 days after they were bought \
         or renewed, which holds for {possible} now. Ask for fewer at the next term instead: scheduledNextTermInstructions."
    )]
    ReturnWindow {
        /// Asked for.
        fewer: i32,
        /// Possible.
        possible: i32,
    },
    /// Cancelled too late.
    #[error(
        "The subscription can be cancelled only within 7 days after it was bought or renewed{}. Suspend it, or turn \
         autoRenewEnabled off, and it ends with its term.",
        .0.map(|until| format!("; that was until {}", until.readable())).unwrap_or_default()
    )]
    CancellationOver(Option<Timestamp>),
    /// From this to that does not go.
    #[error("A subscription that is {from} cannot become {to}.")]
    StatusChange {
        /// What it is.
        from: SubscriptionStatus,
        /// What was asked for.
        to: SubscriptionState,
    },
    /// A word that is no status one can ask for.
    #[error("status is \"{0}\"; active, suspended and deleted can be asked for.")]
    StatusUnknown(String),
    /// The subscription that an add-on is added to does not run.
    #[error(
        "This add-on cannot be taken up while subscription {0}, which it is added to, is not active. Begin with that one."
    )]
    ParentInactive(SubscriptionId),
    /// The subscription that an add-on is added to ends with its term.
    #[error(
        "Subscription {0}, which this add-on is added to, is not renewed, so the add-on is not either. Begin with that one."
    )]
    ParentNotRenewed(SubscriptionId),
    /// It has add-ons that cannot be without it, or do not go with what it is to become.
    #[error("The subscription has {count} add-ons that cannot be without what it is. Cancel them first: {}.", listed(.told))]
    HasAddOns {
        /// How many.
        count: usize,
        /// Those of them that the caller sees.
        told: Vec<SubscriptionId>,
    },
    /// The billing cycle in a term.
    #[error(
        "The billing cycle is {0} and cannot be changed in a term. Ask for another from the next term on: scheduledNextTermInstructions."
    )]
    BillingCycle(BillingCycle),
    /// A billing cycle in which the offer is not charged.
    #[error("Offer {offer} is not charged like that. Its billing cycles are {}.", listed(.cycles))]
    CycleNotOffered {
        /// The offer.
        offer: String,
        /// Its billing cycles.
        cycles: Vec<BillingCycle>,
    },
    /// A term, or with it a billing cycle, in which the offer is not sold.
    #[error("Offer {offer} is not sold for that term, or not charged like that. Its terms are {}.", listed(.terms))]
    TermNotOffered {
        /// The offer.
        offer: String,
        /// Its terms.
        terms: Vec<Term>,
    },
    /// A shorter commitment.
    #[error(
        "A term of {wanted} would end before the one under way, on {}. Ask for it from the next term on: \
         scheduledNextTermInstructions.",
        .ends_at.readable()
    )]
    TermShorter {
        /// Asked for.
        wanted: Term,
        /// The end of the term under way.
        ends_at: Timestamp,
    },
    /// Not one of the offers it can be upgraded to.
    #[error("This subscription cannot be upgraded to offer {offer}. It can be to: {}.", listed(.targets))]
    NotAnUpgrade {
        /// Asked for.
        offer: String,
        /// Possible.
        targets: Vec<String>,
    },
    /// The offer is not renewed by itself.
    #[error("Subscriptions of offer {0} are not renewed by themselves; autoRenewEnabled stays false.")]
    NotRenewable(String),
    /// Instructions for a term that does not come.
    #[error(
        "There will be no next term to give instructions for: the subscription is not renewed by itself. Set autoRenewEnabled."
    )]
    NothingFollows,
    /// A name that cannot be kept.
    #[error("friendlyName has more than 254 characters, or holds a control character.")]
    FriendlyName,
    /// Who may change a subscription may not say who is credited for it.
    #[error("Only the provider that sold subscription {0} says who is its reseller of record.")]
    NotTheSeller(SubscriptionId),
    /// The reseller of record of what does not run any more.
    #[error("The reseller of record of a subscription that is {0} cannot be changed.")]
    PartnerNotUpdatable(SubscriptionStatus),
    /// Not the ID of a reseller that can be of record.
    #[error(transparent)]
    ResellerOfRecord(#[from] ResellerOfRecordError),
    /// Nothing more can be bought.
    #[error(transparent)]
    Sale(#[from] SaleError),
}

impl Refusal for SubscriptionError {
    fn code(&self) -> Code {
        use SubscriptionError as E;
        match self {
            E::Relationship(error) => error.code(),
            E::Access(error) => error.code(),
            E::Unknown(_) => Code::new(20_003, "subscriptionNotFound", Kind::NotFound),
            E::Deleted(_) => Code::new(2011, "subscriptionDeleted", Kind::BadInput),
            E::Version(_) => Code::new(2055, "subscriptionEtagStale", Kind::BadInput),
            E::SuspendedQuantity => Code::new(2001, "subscriptionSuspendedQuantity", Kind::BadInput),
            E::NotUpdatable { .. } => Code::new(800_095, "subscriptionNotUpdatable", Kind::BadInput),
            E::Quantity { .. } => Code::new(2002, "subscriptionQuantityOutOfRange", Kind::BadInput),
            E::ReturnWindow { .. } => Code::new(800_090, "subscriptionReturnWindowOver", Kind::BadInput),
            E::CancellationOver(_) => Code::new(800_096, "subscriptionCancellationOver", Kind::BadInput),
            E::StatusChange { .. } => Code::new(800_040, "subscriptionStatusChange", Kind::BadInput),
            E::StatusUnknown(_) => Code::new(900_126, "subscriptionStatusUnknown", Kind::BadInput),
            E::ParentInactive(_) => Code::new(27_009, "subscriptionParentInactive", Kind::Conflict),
            E::ParentNotRenewed(_) => Code::new(910_675, "subscriptionParentNotRenewed", Kind::Conflict),
            E::HasAddOns { .. } => Code::new(910_660, "subscriptionHasAddOns", Kind::BadInput),
            E::BillingCycle(_) => Code::new(2054, "subscriptionBillingCycle", Kind::BadInput),
            E::CycleNotOffered { .. } => Code::new(910_621, "subscriptionCycleNotOffered", Kind::BadInput),
            E::TermNotOffered { .. } => Code::new(910_661, "subscriptionTermNotOffered", Kind::BadInput),
            E::TermShorter { .. } => Code::new(910_662, "subscriptionTermShorter", Kind::BadInput),
            E::NotAnUpgrade { .. } => Code::new(910_663, "subscriptionNotAnUpgrade", Kind::BadInput),
            E::NotRenewable(_) => Code::new(910_664, "subscriptionNotRenewable", Kind::BadInput),
            E::NothingFollows => Code::new(910_665, "subscriptionNothingFollows", Kind::BadInput),
            E::FriendlyName => Code::new(910_666, "subscriptionFriendlyName", Kind::BadInput),
            E::NotTheSeller(_) => Code::new(910_667, "subscriptionNotTheSeller", Kind::Forbidden),
            E::PartnerNotUpdatable(_) => Code::new(800_098, "subscriptionPartnerNotUpdatable", Kind::BadInput),
            E::ResellerOfRecord(error) => error.code(),
            E::Sale(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        use SubscriptionError as E;
        match self {
            E::Relationship(error) => error.parameters(),
            E::Unknown(id) => vec![("subscription", shorten(id, 60))],
            E::Deleted(id) | E::NotTheSeller(id) => vec![("subscription", id.to_string())],
            E::NotUpdatable { property, .. } => vec![("property", (*property).to_owned())],
            E::Quantity { minimum, maximum, .. } => {
                vec![("minimum", minimum.to_string()), ("maximum", maximum.to_string())]
            }
            E::ReturnWindow { possible, .. } => vec![("possible", possible.to_string())],
            E::ParentInactive(parent) | E::ParentNotRenewed(parent) => vec![("parentSubscription", parent.to_string())],
            E::ResellerOfRecord(error) => error.parameters(),
            E::Sale(error) => error.parameters(),
            _ => Vec::new(),
        }
    }
}

/// Why nothing more is sold to a customer.
#[derive(Debug, thiserror::Error)]
pub enum SaleError {
    /// No relationship, or no such customer.
    #[error(transparent)]
    Relationship(#[from] RelationshipMissing),
    /// The provider behind a reseller works with the customer no more.
    #[error(
        "The provider that sold this works with customer {0} no more, so nothing more can be bought through it. What there is \
         stays until its term ends."
    )]
    SellerGone(CustomerId),
    /// The caller's company has not signed the agreement in force.
    #[error(
        "Your company has not signed the Microsoft Partner Agreement in force, so it cannot sell anything new. A Global \
         admin signs it: POST /v1/agreements/mpa/signatures."
    )]
    OwnAgreementMissing,
    /// The customer has not accepted the customer agreement, where that is required.
    #[error(
        "Nobody has confirmed that customer {0} accepted the Microsoft Customer Agreement. Confirm it: \
         POST /v1/customers/{0}/agreements."
    )]
    CustomerAgreementMissing(CustomerId),
}

impl Refusal for SaleError {
    fn code(&self) -> Code {
        match self {
            SaleError::Relationship(error) => error.code(),
            SaleError::SellerGone(_) => Code::new(910_668, "sellerGone", Kind::Forbidden),
            SaleError::OwnAgreementMissing => Code::new(900_124, "sellerAgreementMissing", Kind::Forbidden),
            SaleError::CustomerAgreementMissing(_) => Code::new(13_605, "customerAgreementMissing", Kind::Forbidden),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            SaleError::Relationship(error) => error.parameters(),
            SaleError::SellerGone(customer) | SaleError::CustomerAgreementMissing(customer) => {
                vec![("customer", customer.to_string())]
            }
            SaleError::OwnAgreementMissing => Vec::new(),
        }
    }
}

/// What is wrong with a line of an order.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// No such offer.
    #[error("Offer {0} is not in the catalogue: GET /v1/offers lists what there is.")]
    OfferUnknown(String),
    /// No longer sold.
    #[error("Offer {0} is not sold any more.")]
    NotPurchasable(String),
    /// Not there.
    #[error("Offer {offer} is not sold in {country}.")]
    Country {
        /// The offer.
        offer: String,
        /// The customer's country.
        country: String,
    },
    /// An add-on by itself.
    #[error("Offer {offer} is an add-on: give as parentSubscriptionId an active subscription of {}.", listed(.prerequisites))]
    ParentMissing {
        /// The offer.
        offer: String,
        /// What it can be added to.
        prerequisites: Vec<String>,
    },
    /// Something else with a parent.
    #[error("Offer {0} is no add-on: leave parentSubscriptionId out.")]
    NotAnAddOn(String),
    /// Lines are numbered from 0.
    #[error("lineItemNumber is {0}; lines are numbered from 0 without gaps, each number once.")]
    Number(i64),
    /// As for any subscription.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    /// Not the ID of a reseller that can be of record.
    #[error(transparent)]
    ResellerOfRecord(#[from] ResellerOfRecordError),
}

impl LineError {
    fn code(&self) -> Code {
        match self {
            LineError::OfferUnknown(_) => Code::new(910_669, "orderOfferUnknown", Kind::BadInput),
            LineError::NotPurchasable(_) => Code::new(2091, "orderOfferNotPurchasable", Kind::Forbidden),
            LineError::Country { .. } => Code::new(2030, "orderOfferNotInCountry", Kind::Forbidden),
            LineError::ParentMissing { .. } => Code::new(910_670, "orderAddOnWithoutParent", Kind::BadInput),
            LineError::NotAnAddOn(_) => Code::new(910_671, "orderNotAnAddOn", Kind::BadInput),
            LineError::Number(_) => Code::new(800_071, "orderLineNumber", Kind::BadInput),
            LineError::Subscription(error) => error.code(),
            LineError::ResellerOfRecord(error) => error.code(),
        }
    }
}

/// Why an order is not placed or shown.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// A person has to ask.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Nothing can be sold to the customer.
    #[error(transparent)]
    Sale(#[from] SaleError),
    /// A line cannot be.
    #[error("lineItems[{place}]: {error}")]
    Line {
        /// The line's place in what was sent, from 0.
        place: usize,
        /// What is wrong.
        error: LineError,
    },
    /// No lines, or too many.
    #[error("An order has 1 to {limit} lines; this one has {0}.", limit = super::orders::MAX_LINES)]
    LineCount(usize),
    /// Lines of one order are charged alike.
    #[error("The lines of an order are charged alike: give one billing cycle for all, or place an order for each.")]
    CyclesDiffer,
    /// None of this customer's that the caller's company placed.
    #[error("Order {0} not found: your company placed none of that id for this customer.")]
    Unknown(String),
    /// Another version than the one the caller looked at.
    #[error(transparent)]
    Version(EtagError),
}

impl Refusal for OrderError {
    fn code(&self) -> Code {
        match self {
            OrderError::Access(error) => error.code(),
            OrderError::Sale(error) => error.code(),
            OrderError::Line { error, .. } => error.code(),
            OrderError::LineCount(_) => Code::new(910_672, "orderLineCount", Kind::BadInput),
            OrderError::CyclesDiffer => Code::new(910_673, "orderBillingCyclesDiffer", Kind::BadInput),
            OrderError::Unknown(_) => Code::new(20_000, "orderNotFound", Kind::NotFound),
            OrderError::Version(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            OrderError::Sale(error) => error.parameters(),
            OrderError::Line { place, error } => {
                let mut values = vec![("line", place.to_string())];
                match error {
                    LineError::ResellerOfRecord(error) => values.extend(error.parameters()),
                    LineError::Subscription(error) => values.extend(error.parameters()),
                    _ => {}
                }
                values
            }
            OrderError::Unknown(id) => vec![("order", shorten(id, 60))],
            _ => Vec::new(),
        }
    }
}

impl From<RelationshipMissing> for OrderError {
    fn from(error: RelationshipMissing) -> Self {
        OrderError::Sale(error.into())
    }
}
