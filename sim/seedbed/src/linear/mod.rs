//! Linearizability: whether what clients saw of an object can be explained by one order of their calls, in which
//! each call takes effect at one moment between its call and its return.
//!
//! A scenario's clients write their calls into a [`History`]; at the end the scenario asks it, with the object's
//! specification as a step function: from this state, may this operation return this, and what state does it leave?
//!
//! ```
//! use seedbed::{World, linear::History, task::yield_now};
//! use std::{cell::Cell, rc::Rc};
//!
//! #[derive(Clone, Debug)]
//! enum Op {
//!     Read,
//!     Write(u64),
//! }
//!
//! seedbed::sweep("a register", 0..20, |world: World| async move {
//!     let (register, history) = (Rc::new(Cell::new(0)), History::new());
//!     world.spawn_each("client", 0..3_u64, |number| {
//!         let (register, history) = (register.clone(), history.clone());
//!         async move {
//!             let call = history.call(number, Op::Write(number));
//!             yield_now().await;
//!             register.set(number);
//!             call.returned(None);
//!             let call = history.call(number, Op::Read);
//!             call.returned(Some(register.get()));
//!         }
//!     });
//!     world.settle().await;
//!     history.check(0, |&state, op, returned| match *op {
//!         Op::Write(value) => Some(value),
//!         // `None`: it never returned, so anything may have been on its way.
//!         Op::Read => returned.is_none_or(|&seen| seen == Some(state)).then_some(state),
//!     })?;
//!     Ok(())
//! })
//! .assert_clean();
//! ```
//!
//! # Calls that never returned
//! A [`Call`] that is dropped without a word (its future cancelled, its process killed, the power lost, its outcome
//! unknown) stays *pending*: it may have taken effect at any time after the call, or never. With that, durable
//! linearizability is no more than linearizability: a crash is no event of the history. What returned before it must be
//! seen after it, and what was pending may be.
//!
//! # What is searched
//! All orders, by depth: of the operations that were called before any open one returned, one is next. That is the search of
//! J. M. Wing and C. Gong, *Testing and verifying concurrent objects* (1993). No set of operations is left in the same
//! state twice: G. Lowe, *Testing for linearizability* (2017). A history of many keys is as many small ones: A. Horn and
//! D. Kroening, *Faster linearizability checking via P-compositionality* (2015). The definition is that of M. P. Herlihy
//! and J. M. Wing, *Linearizability: a correctness condition for concurrent objects* (1990); of durable linearizability
//! J. Izraelevitz, H. Mendes and M. L. Scott, *Linearizability of persistent memory objects under a full-system-crash
//! failure model* (2016). The problem is NP-complete, so the search has a bound, and past it says
//! [`Undecided`](Failure::Undecided).
//!
//! # What is shown
//! The shortest prefix of the history that is not linearizable (every prefix of a linearizable history is linearizable),
//! and of it only what the contradiction needs. Leaving operations out is delicate: without a write, a read of what it
//! wrote is wrong for a reason that the history never had. So an operation is left out only if
//! - the rest is not linearizable even if what is left out may have taken effect at any time after its call, or never:
//!   nothing unseen explains it; and
//! - the rest, without the return of the one operation that returned last, is linearizable by itself: nothing else needs
//!   explaining.
//!
//! When no one operation more can be left out by these rules, a [`Counterexample`] is what remains. The first rule asks
//! about every subset of what is left out, which can be too much; from there on each is left out if the rest is wrong by
//! itself, and the whole is wrong whenever that one took effect. The counterexample says so.

mod history;
mod checker;
mod search;
mod open;
mod links;
mod visited;
mod smallest;
mod counterexample;
mod failure;
mod print;

pub use checker::{Checker, STEPS};
pub use counterexample::{Counterexample, Explained};
pub use failure::Failure;
pub use history::{Call, End, History, Moment, Operation};
