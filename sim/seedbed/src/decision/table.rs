//! Where a decision's value comes from: the case's own list, the draw, or the default.

use super::{Distribution, Entity, Keyring, Site, mix};
use std::{cell::Cell, collections::BTreeMap};

/// The key of one decision: site, entity, occurrence.
pub(crate) type Key = (u64, Entity, u64);

/// What a case says of decisions. `seed: None` means that nothing is drawn: each decision that is not
/// listed takes its default.
#[derive(Debug)]
pub(crate) struct Decisions {
    /// `None` in a case without a seed.
    keyring: Option<Keyring>,
    listed: BTreeMap<Key, Listed>,
}

#[derive(Debug)]
struct Listed {
    value: u64,
    /// Which of the case's list it is.
    index: usize,
    /// Whether a decision of this name came up, and took the value.
    matched: Cell<bool>,
}

impl Decisions {
    pub(crate) fn new(seed: Option<u64>, listed: impl IntoIterator<Item = (Key, u64)>) -> Self {
        let entry = |(index, (key, value))| (key, Listed { value, index, matched: Cell::new(false) });
        Self { keyring: seed.map(Keyring::new), listed: listed.into_iter().enumerate().map(entry).collect() }
    }

    /// Which of the case's list changed nothing: no such decision came up, or it has that value by default,
    /// or cannot have it.
    pub(crate) fn unmatched(&self) -> Vec<usize> {
        let mut unmatched: Vec<_> =
            self.listed.values().filter(|listed| !listed.matched.get()).map(|listed| listed.index).collect();
        unmatched.sort_unstable();
        unmatched
    }

    /// The subkey of `(site, entity)`; zero, and never used, in a case without a seed.
    #[inline]
    pub(crate) fn subkey(&self, site: &Site, entity: Entity) -> u64 {
        self.keyring.as_ref().map_or(0, |keyring| keyring.subkey(site, entity))
    }

    /// Whether the case lists any decision.
    pub(crate) fn has_listed(&self) -> bool {
        !self.listed.is_empty()
    }

    pub(crate) const fn is_seeded(&self) -> bool {
        self.keyring.is_some()
    }

    /// The value of the `nth` occurrence; `draw` is called only if the case neither lists it nor
    /// asks for defaults.
    #[inline]
    pub(crate) fn value(&self, site: &Site, entity: Entity, nth: u64, default: u64, draw: impl FnOnce() -> u64) -> u64 {
        self.listed(site, entity, nth, default).unwrap_or_else(|| if self.is_seeded() { draw() } else { default })
    }

    /// What the case lists for it.
    #[inline]
    fn listed(&self, site: &Site, entity: Entity, nth: u64, default: u64) -> Option<u64> {
        if self.listed.is_empty() { None } else { self.looked_up(site, entity, nth, default) }
    }

    /// Out of the way of runs whose case lists nothing.
    #[cold]
    fn looked_up(&self, site: &Site, entity: Entity, nth: u64, default: u64) -> Option<u64> {
        let listed = self.listed.get(&(site.hash(), entity, nth))?;
        if self.is_seeded() || listed.value != default {
            listed.matched.set(true);
        }
        Some(listed.value)
    }

    #[inline]
    pub(crate) fn drawn(
        &self,
        site: &Site,
        entity: Entity,
        subkey: u64,
        nth: u64,
        distribution: &impl Distribution,
    ) -> u64 {
        let default = distribution.default_value();
        let value = self.value(site, entity, nth, default, || distribution.sample(mix(subkey, nth)));
        if self.listed.is_empty() || distribution.admits(value) {
            return value;
        }
        // Of a scenario that has changed, or of a mistake: it is told as one that matches nothing.
        self.listed.get(&(site.hash(), entity, nth)).iter().for_each(|listed| listed.matched.set(false));
        default
    }
}
