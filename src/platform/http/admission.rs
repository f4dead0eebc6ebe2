//! Who may not call sends its body in vain: a handler's body is read only once its guard has let the caller in.

use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::watch;

/// The guard's side.
#[derive(Debug)]
pub struct Admission(watch::Sender<bool>);

#[derive(Clone)]
struct Verdict(watch::Receiver<bool>);

impl Admission {
    /// Announces a guard. It must be the first argument of its handler: extractors begin in the order of the arguments.
    pub fn announce(request: &HttpRequest) -> Self {
        let (sender, receiver) = watch::channel(false);
        request.extensions_mut().insert(Verdict(receiver));
        Self(sender)
    }

    /// Lets the caller in.
    pub fn grant(self) {
        self.0.send_replace(true);
    }
}

/// Waits until the guard, if the handler has one, has let the caller in. If it never does, this never ends: the guard's
/// own refusal is the answer.
pub(super) fn admitted(request: &HttpRequest) -> impl Future<Output = ()> + use<> {
    let verdict = request.extensions().get::<Verdict>().cloned();
    async move {
        let Some(Verdict(mut verdict)) = verdict else { return };
        if verdict.wait_for(|granted| *granted).await.is_err() && !*verdict.borrow() {
            std::future::pending::<()>().await;
        }
    }
}
