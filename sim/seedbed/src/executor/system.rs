//! What the tasks of a node ask of the machine that it is on.

use super::{Core, Join, Name, NodeId, offer::CrashPoint};
use crate::{
    decision::{Draws, Entity, Ratio, Site, TypeName, hash_str, mix, ratio},
    disk::{Choice, Choose, DiskFault, Handle, MachineId, Part, System},
    history::{Event, TaskId},
    world::FaultFamily,
};
use std::{io, ops::Range, path::Path, task::Waker};

/// What a power loss does to what is not synced: nothing, take it all, or each part on its own.
pub(crate) const LOSES: Site = Site::new("power.loses");
const NOTHING: u64 = 0;
const EVERYTHING: u64 = 1;
/// Each part on its own, as any number from here on says.
pub(crate) const PARTS: u64 = 2;
const LOSES_OPTIONS: u64 = 4;
/// How many of the newest lengths of a file, contents of a sector, or changes of names are lost.
const LOSES_LENGTHS: Site = Site::new("power.loses-lengths");
const LOSES_CONTENTS: Site = Site::new("power.loses-contents");
const LOSES_NAMES: Site = Site::new("power.loses-names");

/// Which bit of a file that rots has flipped.
const ROTTEN: Site = Site::new("disk.rotten-bit");
/// Before how many calls the power fails, in a run in which it may: often enough for a short life, or rarely enough for a
/// long one.
const POWER_FAILS: [Ratio; 3] = [ratio(1, 20), ratio(1, 200), ratio(1, 2_000)];
const POWER_IS: Site = Site::new("power.is-bad");
/// So often in a run: a machine whose lives are all too short for its work would never be done.
const POWER_FAILURES_MAX: u32 = 20;

impl Core {
    /// A task of the running one's node that makes calls, and goes on whether or not anybody waits for it.
    pub(crate) fn spawn_call<F>(&self, name: &'static str, calls: F) -> Join<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let join = self.spawn(Some(Name::Type(TypeName::of(name))), false, calls);
        if let Some(task) = self.task(join.abort.address.place()) {
            task.is_call.set(true);
        }
        join
    }

    /// A call to the file system by the running task's process.
    pub(crate) fn call_system<T>(
        &self,
        call: &'static str,
        work: impl FnOnce(&mut System<'_>) -> io::Result<T>,
    ) -> io::Result<T> {
        let process = self.current.borrow().as_ref().map(|task| task.node).unwrap_or_default();
        let strikes = |fault| self.disk_strikes(fault, call);
        let done = work(&mut self.machines.borrow_mut().system(process, self.now(), &strikes));
        let error = done.as_ref().err().map(|error| error.raw_os_error().unwrap_or(libc::EIO));
        self.recorder.borrow_mut().called(call, error);
        done
    }

    /// Whether this fault strikes the call of the running task, and how.
    pub(crate) fn disk_strikes(&self, fault: DiskFault, call: &'static str) -> Option<u64> {
        let families = self.disk_faults.borrow();
        let family = families.get(&fault).filter(|family| family.is_on())?;
        let current = self.current.borrow();
        let task = current.as_ref()?;
        let draws = |site: Site| {
            let (nth, subkey) = task.next_draw(site.hash(), &self.decisions);
            Draws::new(site, task.identity.entity, subkey).from(nth)
        };
        let strikes = family.strikes(&mut draws(fault.site()), fault.odds(call), fault.variant());
        strikes.then(|| fault.how(draws))
    }

    /// Which bit of this file, of so many bytes, has flipped when the machine comes back from the power loss of that name.
    fn rotten_bit(&self, loss: &str, path: &Path, len: u64) -> Option<u64> {
        let family = *self.disk_faults.borrow().get(&DiskFault::Rot).filter(|family| family.is_on() && len > 0)?;
        let name = format!("{loss} {}", path.display());
        let entity = Entity::of(&name);
        self.recorder.borrow_mut().name_entity(entity, &name);
        let draws = |site: Site| Draws::new(site, entity, self.subkey(&site, entity));
        let (odds, variant) = (DiskFault::Rot.odds(""), DiskFault::Rot.variant());
        let strikes = family.strikes(&mut draws(DiskFault::Rot.site()), odds, variant);
        strikes.then(|| draws(ROTTEN).range(0..8 * len))
    }

    /// From now on disks may fail in this way, if the family is on.
    pub(crate) fn disk_may_fail(&self, fault: DiskFault, family: FaultFamily) {
        self.disk_faults.borrow_mut().insert(fault, family);
    }

    pub(crate) fn set_scratch(&self, machine: MachineId, directory: &Path) {
        self.machines.borrow_mut().set_scratch(machine, directory);
    }

    pub(crate) fn open_files(&self, machine: MachineId) -> usize {
        self.machines.borrow().open_files(machine)
    }

    pub(crate) fn close_file(&self, handle: Handle) {
        self.machines.borrow_mut().close(handle);
    }

    pub(crate) fn unlock_file(&self, handle: Handle) {
        self.machines.borrow_mut().unlock(handle);
    }

    /// How often the power of the running task's machine has failed.
    pub(crate) fn losses(&self) -> u64 {
        let process = self.current.borrow().as_ref().map(|task| task.node).unwrap_or_default();
        let machines = self.machines.borrow();
        u64::from(machines.losses(machines.of(process)))
    }

    pub(crate) fn new_machine(&self, name: Option<String>) -> MachineId {
        let machine = self.machines.borrow_mut().new_machine();
        self.network(|network| network.add_host(machine, name));
        machine
    }

    /// The machine that a node is on.
    pub(crate) fn machine_of(&self, node: NodeId) -> MachineId {
        self.machines.borrow().of(node)
    }

    /// A new node on that machine.
    pub(crate) fn new_node_on(&self, machine: MachineId) -> NodeId {
        let node = self.new_node();
        self.machines.borrow_mut().put_on(machine, node);
        node
    }

    /// All processes of the machine die, and what was not synced is lost, or parts of it.
    pub(crate) fn lose_power(&self, machine: MachineId) {
        let nodes = self.machines.borrow().nodes_of(machine);
        let current = self.current.borrow().as_ref().map(|task| task.node);
        assert!(!current.is_some_and(|node| nodes.contains(&node)), "a machine's power is lost from outside of it");
        // Before they die: nobody tells their peers.
        self.network(|network| network.power_off(self, machine));
        nodes.into_iter().for_each(|node| self.kill(node));
        self.recorder.borrow_mut().small(Event::PowerLost(u32::try_from(machine.number).unwrap_or(u32::MAX)));
        let loss = self.machines.borrow_mut().count_loss(machine);
        let loss = loss_name(machine, loss);
        let mut drawn = Drawn::of(self, &loss);
        let rots = |path: &Path, len| self.rotten_bit(&loss, path, len);
        let waiters = self.machines.borrow_mut().lose_power(machine, &mut drawn, &rots);
        waiters.into_iter().for_each(Waker::wake);
    }

    /// From now on the machine's power may fail, if that family is on.
    pub(crate) fn may_lose_power(&self, machine: MachineId, family: FaultFamily) {
        let how_bad = decided(self, POWER_IS, &format!("machine-{}", machine.number), 0, 0..POWER_FAILS.len() as u64);
        let ratio = usize::try_from(how_bad).map_or(POWER_FAILS[0], |how_bad| POWER_FAILS[how_bad]);
        self.power_faults.borrow_mut().insert(machine, (family, ratio));
    }

    /// Whether the power of the running task's machine fails before the call that it is about to make. It has failed once
    /// the task's poll is over.
    pub(crate) fn power_fails(&self, call: &'static str) -> bool {
        const FAILS: Site = Site::new("power.fails");
        let current = self.current.borrow();
        let Some(task) = &*current else { return false };
        let machine = self.machines.borrow().of(task.node);
        let families = self.power_faults.borrow();
        let Some((family, ratio)) = families.get(&machine).filter(|(family, _)| family.is_on()) else { return false };
        // Nor once the world heals: a crash point that is noted then could never happen.
        if self.power_losses(machine) >= POWER_FAILURES_MAX || self.is_healing() {
            return false;
        }
        let (nth, subkey) = task.next_draw(FAILS.hash(), &self.decisions);
        let mut draws = Draws::new(FAILS, task.identity.entity, subkey).from(nth);
        self.note_crash_point(draws.key(), task.id, call, machine);
        let fails = family.strikes(&mut draws, *ratio, "the power fails");
        if fails {
            self.power_lost_after_poll.set(Some(machine));
        }
        fails
    }

    fn note_crash_point(&self, fails: (Site, Entity, u64), task: TaskId, call: &'static str, machine: MachineId) {
        let mut points = self.crash_points.borrow_mut();
        let Some(points) = &mut *points else { return };
        let machines = self.machines.borrow();
        let images = machines.images(machine, mix(hash_str(call), points.len() as u64));
        let loss = loss_name(machine, machines.losses(machine) + 1);
        points.push(CrashPoint { fails, task, call, loss, images });
    }

    pub(crate) fn take_crash_points(&self) -> Vec<CrashPoint> {
        self.crash_points.take().unwrap_or_default()
    }

    pub(crate) fn power_losses(&self, machine: MachineId) -> u32 {
        self.machines.borrow().losses(machine)
    }

    pub(crate) fn wait_for_power_loss(&self, machine: MachineId, waker: &Waker) {
        self.machines.borrow_mut().wait_for_loss(machine, waker);
    }
}

/// Whom the decisions of a power loss are about.
fn loss_name(machine: MachineId, loss: u32) -> String {
    format!("machine-{} power-loss-{loss}", machine.number)
}

/// The decision that a choice is.
pub(crate) const fn site_of(what: Choice) -> Site {
    match what {
        Choice::Length => LOSES_LENGTHS,
        Choice::Sector => LOSES_CONTENTS,
        Choice::Entry => LOSES_NAMES,
    }
}

/// The choices of one power loss, as decisions.
struct Drawn<'a> {
    core: &'a Core,
    loss: &'a str,
    loses: u64,
}

impl<'a> Drawn<'a> {
    fn of(core: &'a Core, loss: &'a str) -> Self {
        let loses = decided(core, LOSES, loss, 0, NOTHING..LOSES_OPTIONS);
        Self { core, loss, loses }
    }
}

fn decided(core: &Core, site: Site, name: &str, nth: u64, options: Range<u64>) -> u64 {
    let entity = Entity::of(name);
    core.recorder.borrow_mut().name_entity(entity, name);
    Draws::new(site, entity, core.subkey(&site, entity)).from(nth).range(options)
}

impl Choose for Drawn<'_> {
    fn choose(&mut self, part: &Part, options: usize) -> usize {
        match self.loses {
            NOTHING => 0,
            EVERYTHING => options - 1,
            _ if options == 1 => 0,
            _ => {
                let name = entity_of(part, self.loss);
                let value = decided(self.core, site_of(part.what), &name, part.nth, 0..options as u64);
                usize::try_from(value).unwrap_or(0)
            }
        }
    }
}

/// Whom the decision of a part is about.
pub(crate) fn entity_of(part: &Part, loss: &str) -> String {
    format!("{loss} {}", part.whose)
}
