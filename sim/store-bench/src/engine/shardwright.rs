//! shardwright's store, on the runtime that a service would have.

use super::Engine;
use shardwright::store::{Change, Filter, NewItem, Request, Settings, Store};
use std::path::Path;
use tokio::runtime::Runtime;

pub(crate) struct Opened {
    // Dropped first: its writer ends then, which the runtime waits for.
    store: Store,
    runtime: Runtime,
}

impl Opened {
    pub(crate) fn open(directory: &Path) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let store = runtime.block_on(Store::open_or_create(directory, Settings::BASE)).expect("a store");
        Self { store, runtime }
    }
}

impl Engine for Opened {
    fn append(&mut self, items: Vec<NewItem>) {
        let changes: Vec<_> = items.into_iter().map(Change::Add).collect();
        self.runtime.block_on(self.store.apply(Request::new(changes))).expect("acknowledged");
    }

    fn list(&mut self, told: &mut dyn FnMut(usize)) {
        let items = self.runtime.block_on(self.store.items(&Filter::ALL)).expect("readable");
        told(std::hint::black_box(&items).len());
    }
}
