//! Which changes of names a synced directory brings to the disk.

use super::{Inode, ROOT, Renaming, Tree};

impl Tree {
    /// With all that these need.
    pub(super) fn sync_names(&mut self, directory: Inode) {
        let mut is_synced: Vec<bool> =
            self.unsynced.iter().map(|change| change.directories().any(|touched| touched == directory)).collect();
        while let Some(needed) = self.needed(&is_synced) {
            is_synced[needed] = true;
        }
        let (mut synced, mut left) = (Vec::new(), Vec::new());
        for (change, is_synced) in std::mem::take(&mut self.unsynced).into_iter().zip(is_synced) {
            if is_synced { &mut synced } else { &mut left }.push(change);
        }
        self.unsynced = left;
        for change in synced {
            // What the change claimed for what it names, the names claim now.
            let released = self.persist(&change);
            for inode in released.into_iter().chain(change.directories()) {
                self.node_mut(inode).claims -= 1;
                self.forget_if_unused(inode);
            }
        }
    }

    /// A change that must persist because of those that do, and is not among them yet: an earlier one of the same name; one
    /// that gave another name to what loses one, and those that made the way to that name; and of a directory that is
    /// removed all that was done in it.
    fn needed(&self, persists: &[bool]) -> Option<usize> {
        let is_needed_by = |candidate: &Renaming, later: &Renaming| {
            let took = |inode: &Inode| {
                candidate.gives(*inode).next().is_some() || candidate.directories().any(|directory| directory == *inode)
            };
            later.shares_a_name_with(candidate) || later.before.iter().any(took)
        };
        (0..self.unsynced.len()).filter(|nth| !persists[*nth]).find(|&nth| {
            let candidate = &self.unsynced[nth];
            let mut later = (nth + 1..self.unsynced.len()).filter(|later| persists[*later]);
            later.any(|later| is_needed_by(candidate, &self.unsynced[later])) || self.makes_a_way(candidate, persists)
        })
    }

    /// Whether `candidate` names a directory on the way to a new name of what loses another one.
    fn makes_a_way(&self, candidate: &Renaming, persists: &[bool]) -> bool {
        let persisting =
            self.unsynced.iter().zip(persists).filter(|(_, persists)| **persists).map(|(change, _)| change);
        let moved = persisting.flat_map(|change| change.before.iter().flat_map(|inode| change.gives(*inode)));
        moved.into_iter().any(|mut directory| {
            while directory != ROOT {
                if candidate.gives(directory).next().is_some() {
                    return true;
                }
                directory = self.directory(directory).map_or(ROOT, |directory| directory.parent);
            }
            false
        })
    }

    /// Gives back what those names led to.
    fn persist(&mut self, change: &Renaming) -> Vec<Inode> {
        let mut replaced = Vec::new();
        for ((directory, name), inode) in &change.names {
            let directory = self.node_mut(*directory).as_directory();
            replaced.extend(match inode {
                Some(inode) => directory.durable.insert(name.clone(), *inode),
                None => directory.durable.remove(name),
            });
        }
        replaced
    }
}
