//! What the tasks of a node see of their machine's wall clock, and when faults strike it.

use super::{Core, task::Task};
use crate::{
    clock::{Change, Fault},
    decision::{Draws, Entity},
    disk::MachineId,
    world::FaultFamily,
};
use std::time::SystemTime;

impl Core {
    /// What the wall clock of the running task's machine shows.
    pub(crate) fn wall(&self) -> SystemTime {
        let machine = self.machine_of(self.current_node().unwrap_or_default());
        if let (Some(family), Some(task)) = (self.clock_faults.get(), &*self.current.borrow()) {
            self.clock_jumps(family, machine, task);
        }
        self.machines.borrow_mut().clock(machine).shows(self.now())
    }

    pub(crate) fn change_clock(&self, machine: MachineId, change: Change) {
        self.machines.borrow_mut().clock(machine).change(change, self.now());
        self.recorder.borrow_mut().wall_clock_changed(machine.number, change);
    }

    /// From now on clocks may jump, if that family is on.
    pub(crate) fn clocks_may_jump(&self, family: FaultFamily) {
        self.clock_faults.set(Some(family).filter(FaultFamily::is_on));
    }

    /// What the faults do before this reading.
    fn clock_jumps(&self, family: FaultFamily, machine: MachineId, task: &Task) {
        if self.machines.borrow_mut().clock(machine).meets_faults() {
            let name = format!("machine-{}", machine.number);
            let entity = Entity::of(&name);
            self.recorder.borrow_mut().name_entity(entity, &name);
            self.clock_struck(family, Fault::Skew, machine, (entity, 0));
            self.clock_struck(family, Fault::Drift, machine, (entity, 0));
        }
        let (nth, _) = task.next_draw(Fault::Step.site().hash(), &self.decisions);
        self.clock_struck(family, Fault::Step, machine, (task.identity.entity, nth));
    }

    fn clock_struck(&self, family: FaultFamily, fault: Fault, machine: MachineId, whose: (Entity, u64)) {
        let (entity, nth) = whose;
        let draws = |site| Draws::new(site, entity, self.subkey(&site, entity)).from(nth);
        if family.strikes(&mut draws(fault.site()), fault.odds(), fault.variant()) {
            self.change_clock(machine, fault.change(draws(fault.forward_site()), draws(fault.by_site())));
        }
    }
}
