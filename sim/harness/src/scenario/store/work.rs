//! What an agent wants to be written, and what came of it. Lives beside the machine, and outlives it: after a crash the agent
//! goes on where it was.

use crate::fact::store::State;
use seedbed::{World, decision::Site};
use shardwright::store::{Change, Item, ItemId, NewItem, Patch, Receipt, Request, Status, Target};

const WHAT: Site = Site::new("agent.writes");
const WHICH: Site = Site::new("agent.item");
const BODY: Site = Site::new("agent.body");

/// One agent's work.
pub(super) struct Work {
    pub(super) agent: u64,
    writes: u64,
    /// In bytes.
    body_max: u64,
    /// How many are answered for good.
    done: u64,
    /// How often the next one failed so far.
    tries: u64,
    /// The next one was asked, and it is not known what came of it: it is asked again under the same key until it is.
    is_in_doubt: bool,
    items: Vec<Own>,
}

/// An item that nobody else writes.
#[derive(Clone, Copy)]
struct Own {
    number: u64,
    id: ItemId,
    /// What is changed with it, always in one request.
    other_half: Option<ItemId>,
    state: State,
}

/// What is to be asked next, perhaps again.
pub(super) struct Wish {
    pub(super) write: u64,
    pub(super) item: u64,
    pub(super) state: State,
    pub(super) request: Request,
    /// In [`Work::items`]; `None`: a new one.
    own: Option<usize>,
}

impl Work {
    pub(super) fn new(agent: u64, writes: u64, body_max: u64) -> Self {
        Self { agent, writes, body_max, done: 0, tries: 0, is_in_doubt: false, items: Vec::new() }
    }

    pub(super) fn is_done(&self) -> bool {
        self.done == self.writes
    }

    /// The same whenever it is asked, until it is answered.
    pub(super) fn wish(&self, world: World) -> Wish {
        let entity = format!("agent-{}, write {}", self.agent, self.done);
        let alive: Vec<_> = (0..self.items.len()).filter(|nth| self.items[*nth].state != State::Absent).collect();
        let what = world.draws(WHAT, &entity).range(0..10);
        // A number is used for one key: what failed is asked for under another one.
        let write = (self.agent * 1_000 + self.done) * 1_000 + self.tries;
        let key = format!("write-{write}");
        if alive.is_empty() || what < 4 {
            let item = self.agent * 1_000 + self.items.len() as u64;
            let body = self.body(world, &entity);
            let add = |half: &Half| {
                Change::Add(NewItem { title: half.title(item), body: body.clone(), ..NewItem::default() })
            };
            let changes: Vec<_> = Half::of(item).iter().map(add).collect();
            let request = Request::new(changes).keyed(key);
            return Wish { write, item, state: State::Open { owner: None }, request, own: None };
        }
        let nth = alive[usize::try_from(world.draws(WHICH, &entity).range(0..alive.len() as u64)).unwrap_or(0)];
        let own = self.items[nth];
        let (change, state) = self.change(own.id, own.state, what);
        let other = own.other_half.map(|id| self.change(id, own.state, what).0);
        let changes: Vec<_> = [change].into_iter().chain(other).collect();
        Wish { write, item: own.number, state, request: Request::new(changes).keyed(key), own: Some(nth) }
    }

    /// Mostly none; others are of more sectors than one.
    fn body(&self, world: World, entity: &str) -> String {
        if self.body_max == 0 {
            return String::new();
        }
        let mut draws = world.draws(BODY, entity);
        let is_long = draws.range(0..2) == 1;
        let bytes = if is_long { draws.range(1..self.body_max) } else { 0 };
        "-".repeat(usize::try_from(bytes).unwrap_or(0))
    }

    fn change(&self, id: ItemId, state: State, what: u64) -> (Change, State) {
        let target = Target::from(id);
        let me = Some(self.agent);
        match (state, what) {
            (_, 9) => (Change::Delete(target), State::Absent),
            (State::Closed { .. }, _) => (Change::Reopen(target), State::Open { owner: None }),
            (State::Open { owner: None }, 4..=6) => {
                (Change::Claim(target, name(self.agent)), State::Open { owner: me })
            }
            (State::Open { owner }, 7..=8) => (Change::Close(target), State::Closed { owner }),
            (state, _) => {
                let body = format!("after {} writes of {}", self.done, name(self.agent));
                (Change::Update(target, Patch { body: Some(body), ..Patch::default() }), state)
            }
        }
    }

    pub(super) fn acknowledged(&mut self, wish: &Wish, receipt: &Receipt) {
        match (wish.own, receipt.item()) {
            (Some(nth), _) => self.items[nth].state = wish.state,
            (None, Some(id)) => {
                let other_half = receipt.items.get(1).copied().flatten();
                self.items.push(Own { number: wish.item, id, other_half, state: wish.state });
            }
            (None, None) => panic!("an item was added, and the receipt has none"),
        }
        self.done += 1;
        self.tries = 0;
        self.is_in_doubt = false;
    }

    /// From now on nobody may ever hear what came of it. Returns whether that was so before.
    pub(super) fn ask(&mut self) -> bool {
        std::mem::replace(&mut self.is_in_doubt, true)
    }

    /// It was never written, and never will be: another one takes its place.
    pub(super) fn failed(&mut self) {
        self.is_in_doubt = false;
        self.tries += 1;
    }
}

pub(super) fn title(item: u64) -> String {
    format!("item {item}")
}

/// Some items have two halves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    One,
    Other,
}

impl Half {
    fn of(item: u64) -> &'static [Self] {
        if item.is_multiple_of(3) { &[Self::One, Self::Other] } else { &[Self::One] }
    }

    fn title(self, item: u64) -> String {
        match self {
            Self::One => title(item),
            Self::Other => format!("half of {}", title(item)),
        }
    }
}

/// An agent's name.
pub(super) fn name(agent: u64) -> String {
    format!("agent-{agent}")
}

/// The scenario's number of an item, if it is one of its own, which half of it, and its state.
pub(super) fn seen(item: &Item) -> Option<(u64, Half, State)> {
    let (half, title) =
        item.title.strip_prefix("half of ").map_or((Half::One, &*item.title), |title| (Half::Other, title));
    let number = title.strip_prefix("item ")?.parse().ok()?;
    let owner = match &item.owner {
        Some(owner) => Some(owner.strip_prefix("agent-")?.parse().ok()?),
        None => None,
    };
    let state = match item.status {
        Status::Open => State::Open { owner },
        Status::Closed => State::Closed { owner },
    };
    Some((number, half, state))
}
