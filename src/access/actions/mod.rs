//! Use cases of sign-in, accounts, users and applications.

mod accounts;
mod applications;
mod grants;
mod notifications;
mod second_factor;
mod sessions;
mod temporary_passwords;
mod users;

pub use accounts::*;
pub use applications::*;
pub use grants::*;
pub use notifications::*;
pub use second_factor::*;
pub use sessions::*;
pub use temporary_passwords::*;
pub use users::*;
