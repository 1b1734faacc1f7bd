//! Somebody who reads all there is, now and then.

use super::{
    agent,
    life::Play,
    work::{self, Half},
};
use crate::fact::store as fact;
use seedbed::decision::Site;
use shardwright::store::{Filter, ReadError, Store};
use std::{cell::Cell, time::Duration};
use tokio::time::sleep;

const PAUSE: Site = Site::new("reader.pause");
const OWN_PAUSE: Site = Site::new("agent.pause");
const PAUSE_MAX: Duration = Duration::from_millis(15);

/// In one life.
const HANDLES: u64 = 4;
/// Of one handle.
const LISTINGS: u64 = 5;

/// A few times in one life.
pub(super) async fn read_along(play: Play, life: u64) {
    let mut pause = play.world.draws(PAUSE, &format!("life {life}"));
    for _ in 0..HANDLES {
        // Mostly one handle, which catches up; at times a new one, which knows nothing.
        let store = agent::open(play.yard).await;
        for _ in 0..LISTINGS {
            sleep(pause.duration(Duration::ZERO..PAUSE_MAX)).await;
            list(&store, &play.listings).await;
            play.measure().await;
        }
    }
}

/// A few times through a handle that is written through meanwhile.
pub(super) async fn read_between(play: Play, process: u64, store: Store) {
    let mut pause = play.world.draws(OWN_PAUSE, &format!("process-{process}"));
    for _ in 0..LISTINGS {
        sleep(pause.duration(Duration::ZERO..PAUSE_MAX)).await;
        list(&store, &play.listings).await;
    }
}

/// All there is, once; `false`: it could not be read.
pub(super) async fn list(store: &Store, listings: &Cell<u64>) -> bool {
    let listing = listings.replace(listings.get() + 1);
    fact::listing_began(listing);
    match store.items(&Filter::ALL).await {
        Ok(items) => {
            for item in items {
                match work::seen(&item) {
                    Some((number, Half::One, state)) => fact::found(listing, number, item.version.0, state),
                    Some((number, Half::Other, state)) => fact::found_half(listing, number, item.version.0, state),
                    None => fact::found_stranger(listing),
                }
            }
            fact::listing_ended(listing);
            true
        }
        Err(ReadError::Corrupt(_) | ReadError::Format { .. }) => {
            fact::damaged();
            false
        }
        Err(ReadError::Io { .. }) => {
            fact::read_failed();
            false
        }
    }
}
