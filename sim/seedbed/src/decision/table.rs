//! Where a decision's value comes from: the case's own list, the draw, or the default.

use super::{Distribution, Entity, Keyring, Site, mix};
use std::collections::BTreeMap;

/// What a case says of decisions. `seed: None` means that nothing is drawn: each decision that is not
/// listed takes its default.
#[derive(Debug)]
pub(crate) struct Decisions {
    /// `None` in a case without a seed.
    keyring: Option<Keyring>,
    listed: BTreeMap<(u64, Entity, u64), u64>,
}

impl Decisions {
    pub(crate) fn new(seed: Option<u64>, listed: BTreeMap<(u64, Entity, u64), u64>) -> Self {
        Self { keyring: seed.map(Keyring::new), listed }
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
        if !self.listed.is_empty()
            && let Some(&value) = self.listed.get(&(site.hash(), entity, nth))
        {
            return value;
        }
        if self.keyring.is_some() { draw() } else { default }
    }

    pub(crate) fn drawn(
        &self,
        site: &Site,
        entity: Entity,
        subkey: u64,
        nth: u64,
        distribution: &impl Distribution,
    ) -> u64 {
        self.value(site, entity, nth, distribution.default_value(), || distribution.sample(mix(subkey, nth)))
    }
}
