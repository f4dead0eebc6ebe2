//! Tables of organisations, users, applications, sessions and tokens.

pub(super) mod applications;
pub(super) mod notifications;
mod principals;
mod schema;
pub(super) mod sessions;
pub(super) mod tokens;
pub(super) mod users;

pub(super) use principals::*;
