//! The bytes of one file: as processes see them, as they surely are on the disk, and what lies between.
//!
//! What lies between is kept by sector, as writeback writes whole sectors in any order, and as the lengths that the
//! file had. After a power loss each sector has one of the contents that it had since it was last synced, and the file
//! one of its lengths. A cut that persisted has cut the data too; one that did not has cut nothing, and what was written
//! where it had cut is not there.

use super::image::{Choice, Choose, Part};
use std::collections::BTreeMap;

/// What a disk writes whole or not at all.
pub(super) const SECTOR: usize = 512;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    /// As read by any process: the page cache.
    cached: Vec<u8>,
    /// As a power loss leaves it, if nothing of what follows had reached the disk.
    durable: Vec<u8>,
    /// Sectors that differ from the durable ones, each with all contents it had since, oldest first.
    sectors: BTreeMap<usize, Vec<Version>>,
    /// Lengths since the durable one, oldest first.
    lengths: Vec<(Change, usize)>,
    changes: Change,
}

/// Changes of a file are numbered from 1; 0 is its durable state.
type Change = u64;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    change: Change,
    /// Made by cutting the file short.
    is_cut: bool,
    bytes: Box<[u8; SECTOR]>,
}

impl Content {
    pub(super) fn len(&self) -> usize {
        self.cached.len()
    }

    /// Fills `buffer` from `at` on, as far as there is something; says how far.
    pub(super) fn read_at(&self, at: usize, buffer: &mut [u8]) -> usize {
        let rest = self.cached.get(at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        count
    }

    /// Writes all of `bytes` at `at`; a gap before it reads as zeros.
    pub(super) fn write_at(&mut self, at: usize, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.changes += 1;
        let end = at + bytes.len();
        if end > self.cached.len() {
            self.cached.resize(end, 0);
            self.lengths.push((self.changes, end));
        }
        self.cached[at..end].copy_from_slice(bytes);
        self.keep_versions(at / SECTOR..end.div_ceil(SECTOR), false);
    }

    /// Cuts the file, or makes it longer with zeros.
    pub(super) fn set_len(&mut self, len: usize) {
        let before = self.cached.len();
        if len == before {
            return;
        }
        self.changes += 1;
        self.cached.resize(len, 0);
        self.lengths.push((self.changes, len));
        if len < before {
            self.keep_versions(len / SECTOR..before.div_ceil(SECTOR), true);
        }
    }

    /// Every change so far is on the disk, but for those that were lost before.
    pub(super) fn sync(&mut self) {
        self.durable.resize(self.cached.len(), 0);
        for (&sector, versions) in &self.sectors {
            let Some(rest) = self.durable.get_mut(sector * SECTOR..) else { break };
            let count = rest.len().min(SECTOR);
            let newest = versions.last().expect("a sector that is kept has changed");
            rest[..count].copy_from_slice(&newest.bytes[..count]);
        }
        self.forget_changes();
    }

    /// A failed sync: what was written since the last one never comes to the disk, unless it is written again; but for the
    /// sectors that had been written by then, the bits of `written` by their number: those are as they were, unsynced. So are
    /// lengths and cuts, which are metadata. What never comes processes still see, as on ext4 and XFS, or what is on the
    /// disk in its place, as on Btrfs (Rebello and others, 2020, Can Applications Recover from fsync Failures?).
    pub(super) fn fail_sync(&mut self, written: u64, is_seen: bool) {
        let Self { cached, durable, sectors, .. } = self;
        sectors.retain(|sector, versions| {
            if written >> (sector % 64) & 1 == 0 {
                let is_cut = versions.iter().any(|version| version.is_cut);
                if !is_seen && !is_cut {
                    read_from_disk(cached, durable, sector * SECTOR);
                }
                versions.retain(|version| version.is_cut);
            }
            !versions.is_empty()
        });
    }

    /// A sync that says that all is on the disk: what [`fail_sync`](Self::fail_sync) loses is lost, the rest is there.
    pub(super) fn lie_of_sync(&mut self, written: u64) {
        self.fail_sync(written, true);
        self.sync();
    }

    /// A bit flips, of what was read by nobody yet since it was synced.
    pub(super) fn flip(&mut self, bit: usize) {
        for bytes in [&mut self.cached, &mut self.durable] {
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }

    /// What a power loss leaves.
    pub(super) fn after_power_loss(&self, path: &str, is_scratch: bool, choose: &mut impl Choose) -> Self {
        let part = |what, nth: usize| Part { what, whose: path.to_owned(), nth: nth as u64, is_scratch };
        let lost = choose.choose(&part(Choice::Length, 0), self.lengths.len() + 1);
        let kept = self.lengths.len() - lost;
        let (length_change, len) = kept.checked_sub(1).map_or((0, self.durable.len()), |last| self.lengths[last]);
        let mut durable = self.durable.clone();
        let room = self.sectors.keys().next_back().map_or(0, |sector| (sector + 1) * SECTOR);
        durable.resize(durable.len().max(room).max(len), 0);
        for (&sector, versions) in &self.sectors {
            let has_persisted = |version: &Version| version.change <= length_change;
            let least = versions.iter().rposition(|v| v.is_cut && has_persisted(v)).map_or(0, |last| last + 1);
            let most = versions.iter().position(|v| v.is_cut && !has_persisted(v)).unwrap_or(versions.len());
            let lost = choose.choose(&part(Choice::Sector, sector), most - least + 1);
            if let Some(last) = (most - lost).checked_sub(1) {
                durable[sector * SECTOR..][..SECTOR].copy_from_slice(&versions[last].bytes[..]);
            }
        }
        durable.truncate(len);
        Self { cached: durable.clone(), durable, ..Self::default() }
    }

    fn keep_versions(&mut self, sectors: std::ops::Range<usize>, is_cut: bool) {
        for sector in sectors {
            let mut bytes = Box::new([0; SECTOR]);
            let from = self.cached.get(sector * SECTOR..).unwrap_or_default();
            let count = from.len().min(SECTOR);
            bytes[..count].copy_from_slice(&from[..count]);
            self.sectors.entry(sector).or_default().push(Version { change: self.changes, is_cut, bytes });
        }
    }

    fn forget_changes(&mut self) {
        self.sectors.clear();
        self.lengths.clear();
        self.changes = 0;
    }
}

/// The sector at `at`, into the cache.
fn read_from_disk(cached: &mut [u8], durable: &[u8], at: usize) {
    let Some(rest) = cached.get_mut(at..) else { return };
    let sector = rest.len().min(SECTOR);
    let there = durable.get(at..).unwrap_or_default();
    let there = &there[..there.len().min(sector)];
    rest[..sector].fill(0);
    rest[..there.len()].copy_from_slice(there);
}

#[cfg(test)]
mod tests {
    use super::{super::image::Odometer, *};
    use std::collections::BTreeSet;

    fn images(content: &Content) -> BTreeSet<Vec<u8>> {
        let mut odometer = Odometer::new(0);
        let mut images = BTreeSet::new();
        loop {
            let image = content.after_power_loss("/it", false, &mut odometer);
            assert_eq!(image.cached, image.durable);
            images.insert(image.cached);
            if !odometer.advance() {
                return images;
            }
        }
    }

    fn synced(bytes: &[u8]) -> Content {
        let mut content = Content::default();
        content.write_at(0, bytes);
        content.sync();
        content
    }

    #[test]
    fn what_is_synced_is_there() {
        assert_eq!(images(&synced(b"words")), BTreeSet::from([b"words".to_vec()]));
    }

    #[test]
    fn a_sector_is_whole_and_has_one_of_its_contents() {
        let mut content = synced(b"old");
        content.write_at(0, b"mid");
        content.write_at(0, b"new");
        assert_eq!(images(&content), BTreeSet::from([b"old".to_vec(), b"mid".to_vec(), b"new".to_vec()]));
    }

    #[test]
    fn sectors_and_the_length_persist_each_on_its_own() {
        let mut content = synced(&[1; SECTOR]);
        content.write_at(0, &[2; 2 * SECTOR]);
        let of = |first: u8, rest: Option<u8>| {
            [vec![first; SECTOR], rest.map(|byte| vec![byte; SECTOR]).unwrap_or_default()].concat()
        };
        let expected = [of(1, None), of(2, None), of(1, Some(0)), of(1, Some(2)), of(2, Some(0)), of(2, Some(2))];
        assert_eq!(images(&content), BTreeSet::from(expected));
    }

    #[test]
    fn a_cut_that_persisted_has_cut_the_data() {
        let mut content = synced(b"secret");
        content.set_len(0);
        content.set_len(8);
        let expected = [b"secret".to_vec(), Vec::new(), vec![0; 8]];
        assert_eq!(images(&content), BTreeSet::from(expected));
    }

    #[test]
    fn what_was_written_after_a_cut_does_not_persist_without_it() {
        let mut content = synced(b"old!");
        content.set_len(0);
        content.write_at(0, b"new");
        let expected = [b"old!".to_vec(), Vec::new(), vec![0; 3], b"new".to_vec()];
        assert_eq!(images(&content), BTreeSet::from(expected));
    }

    #[test]
    fn what_a_failed_sync_lost_does_not_come_with_the_next_one() {
        let mut content = synced(b"old");
        content.write_at(0, b"new");
        content.fail_sync(0, true);
        content.write_at(SECTOR, b"more");
        content.sync();
        let mut seen = [0; 3];
        assert_eq!((content.read_at(0, &mut seen), &seen), (3, b"new"), "processes still see it");
        let left = images(&content);
        assert_eq!(left.len(), 1);
        let left = left.first().expect("there is one");
        assert_eq!((&left[..3], &left[SECTOR..]), (&b"old"[..], &b"more"[..]));
    }

    #[test]
    fn what_a_failed_sync_lost_may_be_gone_from_the_cache_too() {
        let mut content = synced(b"old");
        content.write_at(0, &[1; 3 * SECTOR]);
        content.fail_sync(0b100, false);
        let mut seen = [9; 3 * SECTOR];
        content.read_at(0, &mut seen);
        let first = [&b"old"[..], &[0; SECTOR - 3]].concat();
        assert_eq!(seen, [&first[..], &[0; SECTOR], &[1; SECTOR]].concat()[..]);
    }

    #[test]
    fn what_a_lie_of_a_sync_lost_is_gone_after_a_power_loss_alone() {
        let mut content = synced(&[1; 2 * SECTOR]);
        content.write_at(0, &[2; 3 * SECTOR]);
        content.lie_of_sync(0b010);
        let mut seen = [0; 3 * SECTOR];
        assert_eq!((content.read_at(0, &mut seen), seen), (3 * SECTOR, [2; 3 * SECTOR]), "processes still see it");
        let left = [[1; SECTOR], [2; SECTOR], [0; SECTOR]].concat();
        assert_eq!(images(&content), BTreeSet::from([left]));
    }

    #[test]
    fn a_failed_sync_does_not_undo_a_cut() {
        let mut content = synced(b"old secret");
        content.set_len(0);
        content.write_at(0, b"data");
        content.fail_sync(0, false);
        assert_eq!(images(&content), BTreeSet::from([b"old secret".to_vec(), Vec::new(), vec![0; 4]]));
        content.sync();
        assert_eq!(images(&content), BTreeSet::from([vec![0; 4]]));
    }

    #[test]
    fn a_gap_reads_as_zeros() {
        let mut content = Content::default();
        content.write_at(3, b"x");
        let mut bytes = [9; 8];
        assert_eq!((content.read_at(0, &mut bytes), &bytes[..4]), (4, &b"\0\0\0x"[..]));
        assert_eq!(content.read_at(100, &mut bytes), 0);
    }
}
