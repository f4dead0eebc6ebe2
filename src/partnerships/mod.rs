//! Indirect resellers: invitations by personal link, acceptance, the list on both sides, and a removal that leaves
//! customers, grants and associations as they are.

mod actions;
mod api;
mod jobs;
mod mail;
mod model;
mod portal;
mod store;
mod texts;

pub use actions::{
    Association, Office, Periods, STEPS, Step, WaysBack, Wording, Words, active_among, active_between, associate,
    associate_with, check_subject, claim_mail, ending, forget_counted, invariants, mail_step, newest_with,
    partnerships, ways_back,
};
pub use api::{DraftView, LINKS, LanguageQuery, LinkDays, MailDraftView, StepView, routes};
pub use jobs::Reminder;
pub use mail::{composers, html_with_link, plain_html};
pub use model::{
    ASKING_PREFIXES, DraftError, LINK_PLACE, MailLimitReached, NoPartnership, PartnershipId, PartnershipSettings,
    keepable_message,
};
pub use portal::{INVITATION_LINK, pages};
