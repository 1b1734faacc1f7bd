//! Machines: each a disk, what the processes on it have open, and a wall clock.

use super::{
    fault::DiskFault,
    image::Choose,
    images::Images,
    tree::{Facts, Inode, Last, Opening, Sort, Tree},
};
use crate::{clock::WallClock, executor::NodeId, time::Instant};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, SeekFrom},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    task::Waker,
    time::SystemTime,
};

/// An open file, as a file descriptor is one; clones of a file share its position. Numbered through the whole run: one
/// that outlives its process, or a power loss, opens nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Handle {
    machine: MachineId,
    number: u64,
}

/// A machine of one run, in the order of making; the scenario itself is on the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MachineId {
    /// A file may be kept in a static, and outlive its world.
    world: u32,
    pub(crate) number: usize,
}

impl MachineId {
    pub(crate) const fn of(world: u32, number: usize) -> Self {
        Self { world, number }
    }

    /// Whether it is a machine of that world.
    pub(crate) const fn is_of(self, world: u32) -> bool {
        self.world == world
    }
}

/// All machines of a run.
#[derive(Debug)]
pub(crate) struct Machines {
    world: u32,
    machines: Vec<Machine>,
    /// Of nodes that are not on the first.
    of_node: BTreeMap<u32, MachineId>,
    opened: u64,
}

#[derive(Debug, Default)]
struct Machine {
    tree: Tree,
    open: BTreeMap<u64, Open>,
    /// Who holds the lock of a file: one open file, whichever process's.
    locks: BTreeMap<Inode, u64>,
    /// Those that wait for a file's lock: as a kernel does, a freed one wakes them all, and the first to come has it.
    lock_waiters: BTreeMap<Inode, Vec<Waker>>,
    /// How often the power failed.
    losses: u32,
    loss_waiters: Vec<Waker>,
    clock: WallClock,
}

#[derive(Debug)]
struct Open {
    process: NodeId,
    inode: Inode,
    access: Access,
    position: u64,
    /// How many failed syncs of the file it has been told of.
    errors_told: u64,
}

/// What an open file may be used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) reads: bool,
    pub(crate) writes: bool,
    /// Each write goes to the end.
    pub(crate) appends: bool,
}

/// The machine of one process, as its system calls see it.
pub(crate) struct System<'a> {
    machines: &'a mut Machines,
    machine: MachineId,
    process: NodeId,
    strikes: &'a dyn Fn(DiskFault) -> Option<u64>,
}

impl Machines {
    pub(crate) fn of_world(world: u32) -> Self {
        Self { world, machines: Vec::new(), of_node: BTreeMap::new(), opened: 0 }
    }

    pub(crate) fn new_machine(&mut self) -> MachineId {
        let number = self.machines.len().max(1);
        self.machines.resize_with(number + 1, Machine::default);
        MachineId { world: self.world, number }
    }

    /// # Panics
    /// If it is a machine of another world.
    fn machine(&mut self, id: MachineId) -> &mut Machine {
        assert!(id.world == self.world, "a machine was used in another world than its own");
        &mut self.machines[id.number]
    }

    pub(crate) fn put_on(&mut self, machine: MachineId, node: NodeId) {
        self.of_node.insert(node.0, machine);
    }

    pub(crate) fn nodes_of(&self, machine: MachineId) -> Vec<NodeId> {
        self.of_node.iter().filter(|(_, of)| **of == machine).map(|(node, _)| NodeId(*node)).collect()
    }

    /// The machine that a process is on.
    pub(crate) fn of(&self, process: NodeId) -> MachineId {
        self.of_node.get(&process.0).copied().unwrap_or(MachineId { world: self.world, number: 0 })
    }

    /// How often the machine's power has failed.
    pub(crate) fn losses(&self, machine: MachineId) -> u32 {
        self.machines.get(machine.number).map_or(0, |machine| machine.losses)
    }

    /// Nobody relies on what a power loss leaves below the directory.
    pub(crate) fn set_scratch(&mut self, machine: MachineId, directory: &Path) {
        self.machine(machine).tree.set_scratch(directory);
    }

    pub(crate) fn open_files(&self, machine: MachineId) -> usize {
        self.machines.get(machine.number).map_or(0, |machine| machine.open.len())
    }

    /// `waker` hears of the machine's next loss of power.
    pub(crate) fn wait_for_loss(&mut self, machine: MachineId, waker: &Waker) {
        self.machine(machine).loss_waiters.push(waker.clone());
    }

    /// `strikes` says whether a fault strikes here and now, and in which way.
    pub(crate) fn system<'a>(
        &'a mut self,
        process: NodeId,
        now: Instant,
        strikes: &'a dyn Fn(DiskFault) -> Option<u64>,
    ) -> System<'a> {
        let machine = self.of(process);
        self.make_up_to(machine);
        let its = self.machine(machine);
        its.tree.set_now(its.clock.shows(now));
        System { machines: self, machine, process, strikes }
    }

    /// The scenario's own is made when it is first asked for something.
    fn make_up_to(&mut self, machine: MachineId) {
        if self.machines.len() <= machine.number {
            self.machines.resize_with(machine.number + 1, Machine::default);
        }
    }

    pub(crate) fn clock(&mut self, machine: MachineId) -> &mut WallClock {
        self.make_up_to(machine);
        &mut self.machine(machine).clock
    }

    /// The machine on which it is open, if it is of this world.
    fn machine_of(&mut self, handle: Handle) -> Option<&mut Machine> {
        if handle.machine.world == self.world { self.machines.get_mut(handle.machine.number) } else { None }
    }

    /// Nothing more is done with it, by any process.
    pub(crate) fn close(&mut self, handle: Handle) {
        if let Some(machine) = self.machine_of(handle) {
            machine.close(handle.number);
        }
    }

    /// The lock of its file is given back, if it has it.
    pub(crate) fn unlock(&mut self, handle: Handle) {
        if let Some(machine) = self.machine_of(handle)
            && let Some(inode) = machine.open.get(&handle.number).map(|open| open.inode)
        {
            machine.unlock(handle.number, inode);
        }
    }

    /// A process is no more: what it had open is closed.
    pub(crate) fn close_all_of(&mut self, process: NodeId) {
        for machine in &mut self.machines {
            let its = machine.open.iter().filter(|(_, open)| open.process == process).map(|(number, _)| *number);
            let its: Vec<_> = its.collect();
            its.into_iter().for_each(|number| machine.close(number));
        }
    }

    /// Which loss of power the next one is, from 1.
    pub(crate) fn count_loss(&mut self, machine: MachineId) -> u32 {
        let machine = self.machine(machine);
        machine.losses += 1;
        machine.losses
    }

    /// What a loss of power could leave now.
    pub(crate) fn images(&self, machine: MachineId, key: u64) -> Images {
        Images::of(&self.machines[machine.number].tree, key)
    }

    /// What a power loss leaves is what is there from now on, but for a bit of each file that `rots`, by its path and length
    /// in bytes. Who waited for that is to be woken.
    #[must_use]
    pub(crate) fn lose_power(
        &mut self,
        machine: MachineId,
        choose: &mut impl Choose,
        rots: &dyn Fn(&Path, u64) -> Option<u64>,
    ) -> Vec<Waker> {
        let machine = self.machine(machine);
        machine.tree = machine.tree.after_power_loss(choose);
        machine.tree.rot(rots);
        machine.open.clear();
        machine.locks.clear();
        machine.lock_waiters.clear();
        std::mem::take(&mut machine.loss_waiters)
    }
}

impl Machine {
    fn close(&mut self, number: u64) {
        if let Some(open) = self.open.remove(&number) {
            self.unlock(number, open.inode);
            self.tree.close(open.inode);
        }
    }

    fn unlock(&mut self, number: u64, inode: Inode) {
        if self.locks.get(&inode) == Some(&number) {
            self.locks.remove(&inode);
            self.lock_waiters.remove(&inode).into_iter().flatten().for_each(Waker::wake);
        }
    }
}

fn refused<T>(code: i32) -> io::Result<T> {
    Err(io::Error::from_raw_os_error(code))
}

fn unless(strikes: &dyn Fn(DiskFault) -> Option<u64>, fault: DiskFault) -> io::Result<()> {
    if strikes(fault).is_some() { refused(fault.error()) } else { Ok(()) }
}

/// By path.
impl<'a> System<'a> {
    fn tree(&mut self) -> &mut Tree {
        &mut self.machines.machine(self.machine).tree
    }

    pub(crate) fn open(&mut self, path: &Path, access: Access, opening: Opening) -> io::Result<Handle> {
        self.unless(DiskFault::Open)?;
        let room = self.room();
        let inode = self.tree().open(path, opening, &room)?;
        let errors_told = self.tree().sync_errors(inode);
        Ok(self.handle(Open { process: self.process, inode, access, position: 0, errors_told }))
    }

    fn unless(&self, fault: DiskFault) -> io::Result<()> {
        unless(self.strikes, fault)
    }

    /// Whether there is room for one name more.
    fn room(&self) -> impl Fn() -> io::Result<()> + use<'a> {
        let strikes = self.strikes;
        move || unless(strikes, DiskFault::Entry)
    }

    fn handle(&mut self, open: Open) -> Handle {
        let handle = Handle { machine: self.machine, number: self.machines.opened };
        self.machines.opened += 1;
        self.machines.machine(self.machine).open.insert(handle.number, open);
        handle
    }

    pub(crate) fn create_directory(&mut self, path: &Path) -> io::Result<()> {
        let room = self.room();
        self.tree().create_directory(path, &room)
    }

    pub(crate) fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        self.tree().remove_file(path)
    }

    pub(crate) fn remove_directory(&mut self, path: &Path) -> io::Result<()> {
        self.tree().remove_directory(path)
    }

    pub(crate) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let room = self.room();
        self.tree().rename(from, to, &room)
    }

    pub(crate) fn link(&mut self, original: &Path, link: &Path) -> io::Result<()> {
        let room = self.room();
        self.tree().link(original, link, &room)
    }

    pub(crate) fn canonical(&mut self, path: &Path) -> io::Result<PathBuf> {
        self.tree().canonical(path)
    }

    /// A symbolic link that leads to `target`.
    pub(crate) fn symlink(&mut self, target: &Path, link: &Path) -> io::Result<()> {
        let room = self.room();
        self.tree().symlink(target, link, &room)
    }

    pub(crate) fn target(&mut self, path: &Path) -> io::Result<PathBuf> {
        let inode = self.tree().find(path, Last::Itself)?;
        self.tree().target(inode)
    }

    pub(crate) fn facts(&mut self, path: &Path) -> io::Result<Facts> {
        let inode = self.tree().find(path, Last::Followed)?;
        Ok(self.tree().facts(inode))
    }

    /// Of a symbolic link too, which is not followed, unless the path says that it is a directory's.
    pub(crate) fn facts_of_itself(&mut self, path: &Path) -> io::Result<Facts> {
        let last = if path.as_os_str().as_bytes().ends_with(b"/") { Last::Followed } else { Last::Itself };
        let inode = self.tree().find(path, last)?;
        Ok(self.tree().facts(inode))
    }

    /// The permission bits are these from now on.
    pub(crate) fn set_mode(&mut self, path: &Path, mode: u32) -> io::Result<()> {
        let inode = self.tree().find(path, Last::Followed)?;
        self.tree().set_mode(inode, mode);
        Ok(())
    }

    /// The names in a directory, each with what it is of.
    pub(crate) fn entries(&mut self, path: &Path) -> io::Result<Vec<(OsString, Sort)>> {
        self.unless(DiskFault::Open)?;
        self.tree().entries(path)
    }
}

/// By handle.
impl System<'_> {
    fn opened(&mut self, handle: Handle) -> io::Result<(&mut Tree, &mut Open)> {
        let machine = self.machines.machine_of(handle);
        let opened = machine.and_then(|machine| Some((&mut machine.tree, machine.open.get_mut(&handle.number)?)));
        opened.map_or_else(|| refused(libc::EBADF), Ok)
    }

    /// [`read_at`](Self::read_at) the position, which moves on.
    pub(crate) fn read(&mut self, handle: Handle, buffer: &mut [u8]) -> io::Result<usize> {
        let position = self.opened(handle)?.1.position;
        let count = self.read_at(handle, position, buffer)?;
        self.opened(handle)?.1.position = position + count as u64;
        Ok(count)
    }

    /// [`write_at`](Self::write_at) the position, which moves on.
    pub(crate) fn write(&mut self, handle: Handle, bytes: &[u8]) -> io::Result<usize> {
        let position = self.opened(handle)?.1.position;
        let (end, written) = self.write_to(handle, position, bytes)?;
        self.opened(handle)?.1.position = end;
        written
    }

    pub(crate) fn seek(&mut self, handle: Handle, to: SeekFrom) -> io::Result<u64> {
        let (tree, open) = self.opened(handle)?;
        let (from, by) = match to {
            SeekFrom::Start(at) => (0, i128::from(at)),
            SeekFrom::Current(by) => (open.position, i128::from(by)),
            SeekFrom::End(by) => (tree.facts(open.inode).len, i128::from(by)),
        };
        match u64::try_from(i128::from(from) + by).ok().filter(|at| i64::try_from(*at).is_ok()) {
            Some(position) => {
                open.position = position;
                Ok(position)
            }
            None => refused(libc::EINVAL),
        }
    }

    pub(crate) fn set_len(&mut self, handle: Handle, len: u64) -> io::Result<()> {
        let (tree, open) = self.opened(handle)?;
        // As Linux says it of a file that is open for reading only.
        if open.access.writes { tree.set_len(open.inode, len) } else { refused(libc::EINVAL) }
    }

    /// Fails if the disk does, or if a sync by another open file has failed since this one was opened or told of it.
    pub(crate) fn sync(&mut self, handle: Handle) -> io::Result<()> {
        let fails = (self.strikes)(DiskFault::Sync);
        let lies = if fails.is_none() { (self.strikes)(DiskFault::LostWrite) } else { None };
        let (tree, open) = self.opened(handle)?;
        match (fails, lies) {
            (Some(written), _) => tree.fail_sync(open.inode, written, written.count_ones() % 2 == 0),
            (None, Some(written)) => tree.lie_of_sync(open.inode, written),
            (None, None) => tree.sync(open.inode),
        }
        let errors = tree.sync_errors(open.inode);
        let told = std::mem::replace(&mut open.errors_told, errors);
        if told == errors { Ok(()) } else { refused(DiskFault::Sync.error()) }
    }

    /// As many bytes from `at` on as there are, up to `buffer`'s, or less; the position stays.
    pub(crate) fn read_at(&mut self, handle: Handle, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.unless(DiskFault::Read)?;
        let there = self.facts_of(handle)?.len.saturating_sub(at);
        let count = self.moved(usize::try_from(there).map_or(buffer.len(), |there| there.min(buffer.len())));
        let (tree, open) = self.opened(handle)?;
        if open.access.reads { tree.read_at(open.inode, at, &mut buffer[..count]) } else { refused(libc::EBADF) }
    }

    /// How many of the bytes that one call could move it moves: at least one.
    fn moved(&self, most: usize) -> usize {
        if most < 2 {
            return most;
        }
        let share = (self.strikes)(DiskFault::Short).and_then(|share| usize::try_from(share).ok());
        share.map_or(most, |share| 1 + (most - 1) * share / 1_000)
    }

    /// Writes at `at`, and says how much; if there is an error, a part may be written. The position stays.
    pub(crate) fn write_at(&mut self, handle: Handle, at: u64, bytes: &[u8]) -> io::Result<usize> {
        self.write_to(handle, at, bytes)?.1
    }

    /// Where it ended, and what is said of it.
    fn write_to(&mut self, handle: Handle, at: u64, bytes: &[u8]) -> io::Result<(u64, io::Result<usize>)> {
        let done = self.unless(DiskFault::Full).and_then(|()| self.unless(DiskFault::Write));
        let count = if done.is_ok() { self.moved(bytes.len()) } else { bytes.len() / 2 };
        let bytes = &bytes[..count];
        let (tree, open) = self.opened(handle)?;
        if !open.access.writes {
            return refused(libc::EBADF);
        }
        // As on Linux, where what appends goes to the end wherever it is told to.
        let at = if open.access.appends { tree.facts(open.inode).len } else { at };
        tree.write_at(open.inode, at, bytes)?;
        Ok((at + count as u64, done.map(|()| count)))
    }

    /// The lock of the file for this open file, unless another one has it; then `waker` hears when one is freed.
    pub(crate) fn lock(&mut self, handle: Handle, waker: Option<&Waker>) -> io::Result<bool> {
        let (_, open) = self.opened(handle)?;
        let inode = open.inode;
        let Some(machine) = self.machines.machine_of(handle) else { return refused(libc::EBADF) };
        if *machine.locks.entry(inode).or_insert(handle.number) == handle.number {
            return Ok(true);
        }
        machine.lock_waiters.entry(inode).or_default().extend(waker.cloned());
        Ok(false)
    }

    pub(crate) fn set_mode_of(&mut self, handle: Handle, mode: u32) -> io::Result<()> {
        let (tree, open) = self.opened(handle)?;
        tree.set_mode(open.inode, mode);
        Ok(())
    }

    pub(crate) fn set_times_of(
        &mut self,
        handle: Handle,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        let (tree, open) = self.opened(handle)?;
        tree.set_times(open.inode, accessed, modified);
        Ok(())
    }

    pub(crate) fn facts_of(&mut self, handle: Handle) -> io::Result<Facts> {
        let (tree, open) = self.opened(handle)?;
        Ok(tree.facts(open.inode))
    }
}
