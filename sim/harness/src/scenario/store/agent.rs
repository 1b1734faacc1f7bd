//! An agent at work in a process: asks for one write after the other, and asks again what it has no answer to.

use super::{
    work::{Wish, Work},
    yard::Yard,
};
use crate::fact::store as fact;
use seedbed::World;
use shardwright::store::{Failure, OpenError, ReadError, Receipt, Store, WriteError};
use std::{cell::RefCell, path::Path, rc::Rc, time::Duration};
use tokio::time::{Instant, sleep};

pub(super) const STORE: &str = "/work/store";
/// Before something that failed is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// All writes of the agent, from where it was.
pub(super) async fn write(world: World, yard: &'static Yard, work: Rc<RefCell<Work>>, mut store: Store) {
    while !work.borrow().is_done() {
        let wish = work.borrow().wish(world);
        let was_in_doubt = work.borrow_mut().ask();
        match ask(&store, &wish, was_in_doubt).await {
            Ok(receipt) => work.borrow_mut().acknowledged(&wish, &receipt),
            Err(error) => {
                if !was_in_doubt && !error.is_unknown() {
                    work.borrow_mut().failed();
                }
                if is_over(&error) {
                    store = open(yard).await;
                }
                sleep(PAUSE).await;
            }
        }
    }
}

async fn ask(store: &Store, wish: &Wish, was_in_doubt: bool) -> Result<Receipt, WriteError> {
    fact::asked(wish.write, wish.item, wish.state, wish.request.changes.len() as u64);
    let began = Instant::now();
    let answer = store.apply(wish.request.clone()).await;
    let took = began.elapsed();
    match &answer {
        Ok(receipt) => fact::acknowledged(wish.write, receipt.first.0, receipt.item(), took),
        Err(WriteError::Refused(_)) => {
            // It may do this: a rule is broken.
            fact::refused(wish.write, took);
        }
        Err(WriteError::Failed(failure)) => {
            if let Failure::Busy { .. } = failure {
                fact::waited_in_vain(wish.write);
            }
            // That is said of this attempt: what came of those before it is still not known.
            if was_in_doubt {
                fact::unknown(wish.write, took)
            } else {
                fact::failed(wish.write, took)
            }
            judge(failure);
        }
        Err(WriteError::Unknown(failure)) => {
            fact::unknown(wish.write, took);
            judge(failure);
        }
    }
    answer
}

/// Whether the handle writes no more.
fn is_over(error: &WriteError) -> bool {
    matches!(error, WriteError::Unknown(_) | WriteError::Failed(Failure::Poisoned(_) | Failure::Closed))
}

pub(super) fn judge(failure: &Failure) {
    if let Failure::Read(ReadError::Corrupt(_) | ReadError::Format { .. }) = failure {
        fact::damaged();
    }
}

/// The store, however often that fails.
pub(super) async fn open(yard: &Yard) -> Store {
    loop {
        match Store::open_or_create(Path::new(STORE), yard.settings).await {
            Ok(store) => return store,
            Err(OpenError::Read(error)) => judge(&Failure::Read(error)),
            Err(OpenError::Write(WriteError::Failed(failure) | WriteError::Unknown(failure))) => judge(&failure),
            Err(error) => panic!("the store was not opened: {error}"),
        }
        sleep(PAUSE).await;
    }
}
