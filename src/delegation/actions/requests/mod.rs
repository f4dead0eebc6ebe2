//! Use cases of requests for a relationship: asking, answering, making a tenant to answer with.

mod answers;
mod asking;
mod standing;
mod stories;
mod tenant;

pub use answers::*;
pub use asking::*;
pub use standing::*;
pub use stories::*;
pub use tenant::*;
