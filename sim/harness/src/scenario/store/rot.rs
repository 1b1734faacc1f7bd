//! A disk that rots: bits of what was synced flip while the power is off. No store brings back what is gone. It must say so,
//! and where: what is read is right, or a place of a file is told to be damaged.

use super::{
    agent::STORE,
    work,
    yard::{self, Size, Yard},
};
use futures::future::join_all;
use seedbed::{Violation, World, ensure};
use shardwright::store::{
    Change, Corruption, Failure, Filter, ItemId, NewItem, OpenError, Patch, ReadError, Request, Store, Target,
    WriteError, doctor,
};
use std::{cell::RefCell, collections::BTreeMap, fmt, rc::Rc};

/// How often the power is off, and once more.
const LIVES: u64 = 8;

/// What each life writes last. The last entry of a log, damaged, looks as if it had never been finished, unless the mark that
/// it was is left: so this alone may be missing, and the doctor says then where something is unfinished.
const LAST: &str = "last life";

/// What was acknowledged, kept beside the store.
#[derive(Default)]
struct Known {
    /// The text of each item.
    items: BTreeMap<ItemId, String>,
    life: Option<u64>,
}

type Shared = Rc<RefCell<Known>>;

pub(super) async fn play(world: World, yard: &'static Yard, size: Size) -> seedbed::check::Result {
    let machine = world.machine();
    yard::declare_scratch(machine);
    yard.trouble_disks(world);
    let known = Shared::default();
    for life in 0..LIVES {
        if machine.node().spawn("process", live(yard, size, life, known.clone())).await?? {
            break;
        }
        machine.lose_power();
    }
    Ok(())
}

/// Reads all there is and writes more; whether that came to its end because something is damaged.
async fn live(yard: &'static Yard, size: Size, life: u64, known: Shared) -> Result<bool, Violation> {
    match look(yard, &known).await? {
        Ok(store) => {
            write(&store, size, life, &known).await?;
            Ok(false)
        }
        Err(damage) => {
            seam::sometimes!("a store said what of it is rotten");
            is_damaged(yard, &known, &damage).await?;
            Ok(true)
        }
    }
}

/// The store, if all in it is right, or else what is damaged.
async fn look(yard: &'static Yard, known: &Shared) -> Result<Result<Store, Corruption>, Violation> {
    let store = match Store::open_or_create(STORE, yard.settings).await {
        Ok(store) => store,
        Err(OpenError::Read(error) | OpenError::Write(WriteError::Failed(Failure::Read(error)))) => {
            return damage(error).map(Err);
        }
        Err(error) => return wrong(error),
    };
    let items = match store.items(&Filter::ALL).await {
        Ok(items) => items,
        Err(error) => return damage(error).map(Err),
    };
    let read: BTreeMap<_, _> = items.iter().map(|item| (item.id, item.body.clone())).collect();
    let life = match store.checkpoint(LAST).await {
        Ok(life) => life,
        Err(error) => return damage(error).map(Err),
    };
    let is_last_there = {
        let known = known.borrow();
        ensure!(read == known.items, "{read:?} is read, and {:?} was acknowledged", known.items);
        life.as_deref() == known.life.map(|life| life.to_string()).as_deref()
    };
    if !is_last_there {
        let report = doctor(STORE).await.or_else(wrong)?;
        ensure!(report.torn_at.is_some(), "the last entry is missing, and nothing is said to be unfinished");
    }
    Ok(Ok(store))
}

/// Only damage is what reading may fail of.
fn damage(error: ReadError) -> Result<Corruption, Violation> {
    match error {
        ReadError::Corrupt(damage) => Ok(damage),
        error => wrong(error),
    }
}

fn wrong<T>(error: impl fmt::Display) -> Result<T, Violation> {
    ensure!(false, "the store failed of something else than damage: {error}");
    unreachable!("it was not ensured")
}

/// It stays damaged at that place, and the doctor says so too.
async fn is_damaged(yard: &'static Yard, known: &Shared, damage: &Corruption) -> seedbed::check::Result {
    let bytes = tokio::fs::metadata(&damage.path).await?.len();
    ensure!(damage.at <= bytes, "{damage}, and has {bytes} bytes");
    let again = look(yard, known).await?.err();
    ensure!(again.as_ref() == Some(damage), "{damage}, and then: {again:?}");
    let report = doctor(STORE).await.or_else(wrong)?;
    let is_told = report.damage.iter().any(|told| told.path == damage.path);
    ensure!(is_told, "{damage}, and the doctor tells of {:?}", report.damage);
    Ok(())
}

async fn write(store: &Store, size: Size, life: u64, known: &Shared) -> seedbed::check::Result {
    let agents = (1..=size.agents).map(|agent| write_as(store, agent, size.writes, known));
    join_all(agents).await.into_iter().collect::<seedbed::check::Result>()?;
    let last = Change::Checkpoint { name: LAST.to_owned(), value: Some(life.to_string()) };
    apply(store, last).await?;
    known.borrow_mut().life = Some(life);
    Ok(())
}

/// Adds an item, and then changes it.
async fn write_as(store: &Store, agent: u64, writes: u64, known: &Shared) -> seedbed::check::Result {
    let new = NewItem { title: work::title(agent), ..NewItem::default() };
    let Some(id) = apply(store, Change::Add(new)).await? else { return wrong("an item was added, and has no name") };
    known.borrow_mut().items.insert(id, String::new());
    for nth in 1..writes {
        let body = format!("after {nth} writes of {}", work::name(agent));
        let patch = Patch { body: Some(body.clone()), ..Patch::default() };
        apply(store, Change::Update(Target::from(id), patch)).await?;
        known.borrow_mut().items.insert(id, body);
    }
    Ok(())
}

/// All was well when it was opened, and rot comes while the power is off.
async fn apply(store: &Store, change: Change) -> Result<Option<ItemId>, Violation> {
    let receipt = store.apply(Request::from(change)).await.or_else(wrong)?;
    Ok(receipt.item())
}
