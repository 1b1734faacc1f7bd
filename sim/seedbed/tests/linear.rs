//! Histories that one order of calls explains pass, all others fail, and what is shown of a failure is no more than
//! the contradiction.
#![cfg(not(real_side))]

use seedbed::{
    FindingKind, World, ensure,
    linear::{Counterexample, End, Failure, History, Moment, Operation},
    task::yield_now,
    time::{Duration, sleep},
};
use std::{
    cell::Cell,
    collections::{BTreeMap, VecDeque},
    fmt::Debug,
    hash::Hash,
    rc::Rc,
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

// Four objects, each a step function.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Register {
    Read,
    Write(u64),
    /// Writes the second if it finds the first.
    Swap(u64, u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Saw {
    Done,
    Refused,
    Value(u64),
}

fn register(&state: &u64, op: &Register, saw: Option<&Saw>) -> Option<u64> {
    let (expected, next) = match *op {
        Register::Read => (Saw::Value(state), state),
        Register::Write(value) => (Saw::Done, value),
        Register::Swap(from, to) if from == state => (Saw::Done, to),
        Register::Swap(..) => (Saw::Refused, state),
    };
    saw.is_none_or(|&saw| saw == expected).then_some(next)
}

/// Takes, or puts at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Queue {
    Put(u64),
    Take,
}

fn queue(state: &VecDeque<u64>, op: &Queue, took: Option<&Option<u64>>) -> Option<VecDeque<u64>> {
    let mut next = state.clone();
    let expected = match *op {
        Queue::Put(value) => {
            next.push_back(value);
            None
        }
        Queue::Take => next.pop_front(),
    };
    took.is_none_or(|&took| took == expected).then_some(next)
}

/// A queue without order: what a take finds is the object's choice.
#[expect(clippy::ptr_arg, reason = "a step function takes the state as it is kept")]
fn bag(state: &Vec<u64>, op: &Queue, took: Option<&Option<u64>>) -> Vec<Vec<u64>> {
    match *op {
        Queue::Put(value) => {
            let mut next = state.clone();
            next.push(value);
            next.sort_unstable();
            if took.is_none_or(Option::is_none) { vec![next] } else { Vec::new() }
        }
        Queue::Take if state.is_empty() => took.is_none_or(Option::is_none).then(Vec::new).into_iter().collect(),
        Queue::Take => {
            let without = |index: usize| [&state[..index], &state[index + 1..]].concat();
            let choices = (0..state.len()).filter(|&index| took.is_none_or(|&took| took == Some(state[index])));
            choices.map(without).collect()
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Add(u64);

/// A counter whose add returns the sum.
fn counter(&state: &u64, &Add(more): &Add, sum: Option<&u64>) -> Option<u64> {
    Some(state + more).filter(|next| sum.is_none_or(|sum| sum == next))
}

fn is_linearizable(history: &History<Register, Saw>) -> bool {
    history.check(0, register).is_ok()
}

fn counterexample<Op, Ret, S>(checked: Result<(), Failure<Op, Ret, S>>) -> Box<Counterexample<Op, Ret, S>> {
    match checked {
        Err(Failure::NotLinearizable(counterexample)) => counterexample,
        Err(Failure::Undecided { steps }) => panic!("undecided after {steps} steps"),
        Ok(()) => panic!("it is linearizable"),
    }
}

/// A call and its return with nothing in between.
fn at_once<Op, Ret>(history: &History<Op, Ret>, client: &str, op: Op, returned: Ret) {
    history.call(client, op).returned(returned);
}

#[test]
fn nothing_and_calls_one_after_the_other_are_linearizable() {
    let history = History::new();
    assert!(is_linearizable(&history));
    at_once(&history, "a", Register::Read, Saw::Value(0));
    at_once(&history, "a", Register::Write(1), Saw::Done);
    at_once(&history, "b", Register::Read, Saw::Value(1));
    assert!(is_linearizable(&history));
}

#[test]
fn a_read_during_a_write_may_see_either_value_and_after_it_only_the_new_one() {
    for (during, after, expected) in [(0, 1, true), (1, 1, true), (2, 1, false), (0, 0, false), (1, 0, false)] {
        let history = History::new();
        let write = history.call("a", Register::Write(1));
        at_once(&history, "b", Register::Read, Saw::Value(during));
        write.returned(Saw::Done);
        at_once(&history, "b", Register::Read, Saw::Value(after));
        assert_eq!(is_linearizable(&history), expected, "{during} during, {after} after");
    }
}

#[test]
fn what_one_reader_has_seen_a_later_one_must_see() {
    for (first, second, expected) in [(0, 0, true), (0, 1, true), (1, 1, true), (1, 0, false)] {
        let history = History::new();
        let write = history.call("a", Register::Write(1));
        at_once(&history, "b", Register::Read, Saw::Value(first));
        at_once(&history, "c", Register::Read, Saw::Value(second));
        write.returned(Saw::Done);
        assert_eq!(is_linearizable(&history), expected, "{first}, then {second}");
    }
}

#[test]
fn a_pending_write_may_take_effect_at_any_time_after_its_call_or_never() {
    for (reads, expected) in [
        (&[0, 0, 0][..], true),
        (&[0, 0, 1], true),
        (&[0, 1, 1], true),
        (&[1, 0, 0], false),
        (&[0, 1, 0], false),
        (&[0, 2, 2], false),
    ] {
        let history = History::new();
        drop(history.call("a", Register::Write(1)));
        for &value in reads {
            at_once(&history, "b", Register::Read, Saw::Value(value));
        }
        assert_eq!(is_linearizable(&history), expected, "{reads:?}");
    }
}

#[test]
fn a_pending_write_has_no_effect_before_its_call() {
    let history = History::new();
    at_once(&history, "b", Register::Read, Saw::Value(1));
    drop(history.call("a", Register::Write(1)));
    assert!(!is_linearizable(&history));
}

#[test]
fn a_failed_call_has_no_effect() {
    let history = History::new();
    history.call("a", Register::Write(1)).failed();
    at_once(&history, "b", Register::Read, Saw::Value(0));
    assert!(is_linearizable(&history));
    at_once(&history, "b", Register::Read, Saw::Value(1));
    assert!(!is_linearizable(&history));
}

#[test]
fn a_claim_has_one_owner() {
    let [first, second] = [1, 2].map(|owner| Register::Swap(0, owner));
    for (saw, expected) in [
        ([Saw::Done, Saw::Refused], true),
        ([Saw::Refused, Saw::Done], true),
        ([Saw::Done, Saw::Done], false),
        ([Saw::Refused, Saw::Refused], false),
    ] {
        let history = History::new();
        let calls = [history.call("a", first), history.call("b", second)];
        for (call, saw) in calls.into_iter().zip(saw) {
            call.returned(saw);
        }
        assert_eq!(is_linearizable(&history), expected, "{saw:?}");
    }
}

#[test]
fn a_claim_refused_for_a_pending_one_means_that_it_took_effect() {
    let history = History::new();
    drop(history.call("a", Register::Swap(0, 1)));
    at_once(&history, "b", Register::Swap(0, 2), Saw::Refused);
    assert!(is_linearizable(&history));
    at_once(&history, "b", Register::Read, Saw::Value(0));
    assert!(!is_linearizable(&history));
}

#[test]
fn a_queue_gives_first_what_was_put_first_unless_the_puts_overlap() {
    for (overlap, expected) in [(false, false), (true, true)] {
        let history = History::new();
        let first = history.call("a", Queue::Put(1));
        if overlap {
            at_once(&history, "b", Queue::Put(2), None);
            first.returned(None);
        } else {
            first.returned(None);
            at_once(&history, "b", Queue::Put(2), None);
        }
        at_once(&history, "c", Queue::Take, Some(2));
        at_once(&history, "c", Queue::Take, Some(1));
        at_once(&history, "c", Queue::Take, None);
        assert_eq!(history.check(VecDeque::new(), queue).is_ok(), expected);
        assert!(history.check(Vec::new(), bag).is_ok(), "a bag has no order");
    }
}

#[test]
fn a_queue_gives_nothing_twice() {
    let history = History::new();
    at_once(&history, "a", Queue::Put(7), None);
    let takes = [history.call("b", Queue::Take), history.call("c", Queue::Take)];
    for take in takes {
        take.returned(Some(7));
    }
    assert!(history.check(VecDeque::new(), queue).is_err());
    assert!(history.check(Vec::new(), bag).is_err());
}

#[test]
fn an_object_with_a_choice_may_make_any_but_must_stay_with_it() {
    #[derive(Clone, Debug)]
    enum Coin {
        Flip,
        Look,
    }
    let coin = |&side: &u8, op: &Coin, saw: Option<&Option<u8>>| match op {
        Coin::Flip => vec![0, 1],
        Coin::Look => saw.is_none_or(|&saw| saw == Some(side)).then_some(side).into_iter().collect(),
    };
    for (looks, returns, expected) in [
        ([0, 0, 0], true, true),
        ([1, 1, 1], true, true),
        ([0, 1, 1], true, false),
        ([1, 0, 0], true, false),
        ([2, 0, 0], false, true),
        ([2, 2, 1], false, true),
        ([2, 0, 1], false, false),
        ([2, 1, 2], false, false),
    ] {
        let history = History::new();
        let flip = history.call("a", Coin::Flip);
        if returns {
            flip.returned(None);
        } else {
            drop(flip);
        }
        for side in looks {
            at_once(&history, "b", Coin::Look, Some(side));
        }
        assert_eq!(history.check(2, coin).is_ok(), expected, "{looks:?}");
    }
}

/// Two registers, each with its number.
fn two_registers() -> History<(u8, Register), Saw> {
    let history = History::new();
    for (client, key) in [("a", 4), ("b", 5)] {
        at_once(&history, client, (key, Register::Write(1)), Saw::Done);
    }
    history
}

#[test]
fn each_key_is_an_object_of_its_own() {
    let by_key = |history: &History<(u8, Register), Saw>| {
        history.checker().by_key(|(key, _)| *key).check(0, |state, (_, op), saw| register(state, op, saw))
    };
    let in_one = |history: &History<(u8, Register), Saw>| {
        history.check(BTreeMap::new(), |state, (key, op), saw| {
            let value = register(state.get(key).unwrap_or(&0), op, saw)?;
            let mut next = state.clone();
            next.insert(*key, value);
            Some(next)
        })
    };
    let history = two_registers();
    at_once(&history, "a", (5, Register::Read), Saw::Value(1));
    assert!(by_key(&history).is_ok() && in_one(&history).is_ok());
    at_once(&history, "a", (5, Register::Read), Saw::Value(0));
    assert!(in_one(&history).is_err());
    let counterexample = counterexample(by_key(&history));
    assert_eq!((counterexample.key.as_deref(), counterexample.operations.len()), (Some("5"), 2));
}

#[test]
fn ten_thousand_operations_need_no_deep_stack() {
    let history = History::new();
    drop(history.call("lost", Register::Write(u64::MAX)));
    for number in 0..10_000 {
        let write = history.call("a", Register::Write(number));
        at_once(&history, "b", Register::Read, Saw::Value(number));
        write.returned(Saw::Done);
    }
    assert!(is_linearizable(&history));
    at_once(&history, "b", Register::Read, Saw::Value(3));
    assert!(!is_linearizable(&history));
}

#[test]
fn a_search_past_its_bound_says_so() {
    let history = History::new();
    let calls: Vec<_> = (0..30).map(|value| history.call(value, Queue::Put(value))).collect();
    calls.into_iter().for_each(|call| call.returned(None));
    at_once(&history, "taker", Queue::Take, Some(30));
    let checked = history.checker().steps_max(1_000).check(VecDeque::new(), queue);
    assert!(matches!(checked, Err(Failure::Undecided { steps: 1_000 })), "{checked:?}");
    let violation = seedbed::Violation::from(checked.unwrap_err());
    assert_eq!(violation.message(), "undecided whether it is linearizable: no order was found in 1000 steps");
}

#[test]
fn a_stale_read_is_shown_with_the_write_it_missed() {
    let history = History::new();
    for number in 0..50 {
        at_once(&history, "early", Register::Write(number), Saw::Done);
        at_once(&history, "early", Register::Read, Saw::Value(number));
    }
    at_once(&history, "client-0", Register::Write(100), Saw::Done);
    let slow = history.call("client-1", Register::Write(200));
    at_once(&history, "client-2", Register::Read, Saw::Value(200));
    let _lost = history.call("client-0", Register::Write(300));
    at_once(&history, "client-3", Register::Read, Saw::Value(100));
    slow.returned(Saw::Done);
    at_once(&history, "client-2", Register::Read, Saw::Value(200));
    let text = history.check(0, register).unwrap_err().to_string();
    assert_eq!(
        text,
        "\
not linearizable: nothing explains that Read returned Value(100) to client-3
  client    call                called, s    returned, s
  client-0  Write(100) -> Done  0.000000000  0.000000000  []
  client-1  Write(200) -> ?     0.000000000                 [---->
  client-2  Read -> Value(200)  0.000000000  0.000000000     []
  client-3  Read -> Value(100)  0.000000000  0.000000000       []
  from 0, this order explains the rest:
    client-0  Write(100) -> Done  leaves 100
    client-1  Write(200) -> ?     leaves 200
    client-2  Read -> Value(200)  leaves 200
    client-3  Read -> Value(100)  may not return that here, but Value(200)
  of 102 other operations none explains it, whenever they took effect"
    );
}

#[test]
fn a_pending_write_that_was_seen_is_shown_and_others_are_not() {
    let history = History::new();
    let _seen = history.call("a", Register::Write(1));
    let _unseen = history.call("b", Register::Write(2));
    at_once(&history, "c", Register::Read, Saw::Value(1));
    at_once(&history, "c", Register::Read, Saw::Value(0));
    let found = counterexample(history.check(0, register));
    let shown: Vec<_> = found.operations.iter().map(|operation| (&*operation.client, operation.op)).collect();
    assert_eq!(shown, [("a", Register::Write(1)), ("c", Register::Read), ("c", Register::Read)]);
    assert_eq!((found.unexplained, found.left_out, found.is_smallest), (2, 1, true));
    assert_eq!(found.allowed, [Saw::Value(1)]);
    assert!(found.to_string().contains("\n  a       Write(1) -> ?  "), "{found}");
}

#[test]
fn an_effect_that_others_saw_stands_where_it_is_needed() {
    // The swap was refused for the pending write, if it were not for the read of what it swapped in.
    let history = History::new();
    let _lost = history.call("a", Register::Write(2));
    let swap = history.call("b", Register::Swap(0, 1));
    at_once(&history, "c", Register::Read, Saw::Value(1));
    swap.returned(Saw::Refused);
    let found = counterexample(history.check(0, register));
    let order: Vec<_> = found.order.iter().flatten().map(|explained| (explained.operation, explained.state)).collect();
    assert_eq!((found.unexplained, order), (0, vec![(0, 1), (1, 1)]));
    let text = found.to_string();
    assert!(text.contains("Swap(0, 1) -> Refused  may not return that here, and leaves 1\n"), "{text}");
}

#[test]
fn of_a_choice_only_the_one_that_others_saw_is_allowed() {
    // The flip said 0, and while it was open a look showed 1.
    let history = History::new();
    let flip = history.call("a", "flip");
    at_once(&history, "b", "look", 1);
    flip.returned(0);
    let found = counterexample(history.check(2, |&side, &op, saw| {
        let next = if op == "flip" { vec![0, 1] } else { vec![side] };
        next.into_iter().filter(move |next| saw.is_none_or(|saw| saw == next)).collect::<Vec<u8>>()
    }));
    assert_eq!((found.operations.len(), found.allowed), (2, vec![1]));
}

#[test]
fn claims_and_releases_go_in_pairs() {
    let history = History::new();
    for owner in 3..20 {
        at_once(&history, "x", Register::Swap(0, owner), Saw::Done);
        at_once(&history, "x", Register::Swap(owner, 0), Saw::Done);
    }
    at_once(&history, "a", Register::Swap(0, 1), Saw::Done);
    at_once(&history, "b", Register::Swap(0, 2), Saw::Done);
    let found = counterexample(history.check(0, register));
    assert_eq!((found.operations.len(), found.left_out, found.is_smallest), (2, 34, true), "{found}");
}

#[test]
fn what_is_too_much_to_try_together_is_tried_alone() {
    // Any of 2^60 sums, and a read of one that lacks a single add: that one alone explains it, if it came later.
    let history = History::new();
    for bit in 0..60 {
        at_once(&history, "a", Add(1 << bit), None);
    }
    at_once(&history, "b", Add(0), Some((1 << 60) - 1 - (1 << 40)));
    let told = |&sum: &u64, &Add(more): &Add, told: Option<&Option<u64>>| {
        Some(sum + more).filter(|next| told.copied().flatten().is_none_or(|told| told == *next))
    };
    let found = counterexample(history.checker().steps_max(200_000).check(0, told));
    assert_eq!((found.operations.len(), found.operations[0].op.0, found.is_smallest), (2, 1 << 40, false));
    let text = found.to_string();
    assert!(
        text.ends_with("\n  of 59 other operations none alone explains it; all at once were too many to try"),
        "{text}"
    );
}

#[test]
fn of_many_operations_that_are_all_needed_the_last_are_printed() {
    let history = History::new();
    for value in 0..50 {
        at_once(&history, "a", Register::Swap(value, value + 1), Saw::Done);
    }
    at_once(&history, "a", Register::Swap(50, 0), Saw::Refused);
    let found = counterexample(history.check(0, register));
    assert_eq!((found.operations.len(), found.is_smallest), (51, true));
    let text = found.to_string();
    assert!(text.contains("\n  (the last 40 of 51)\n") && text.lines().count() == 84, "{text}");
    assert!(!text.contains("Swap(10, 11)") && text.contains("Swap(11, 12)"), "{text}");
}

// Against a checker that tries every order of every subset.

/// Pseudo-random numbers: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

/// Three clients, up to `operations` calls; one in eight never returns, one in sixteen failed.
fn random_history<Op, Ret>(
    random: &mut Random,
    operations: usize,
    op: impl Fn(&mut Random) -> Op,
    ret: impl Fn(&mut Random, &Op) -> Ret,
) -> History<Op, Ret>
where
    Op: Clone,
    Ret: Clone,
{
    let history = History::new();
    let mut open: [Option<_>; 3] = [None, None, None];
    let mut called = 0;
    while called < operations {
        let client = random.below(3) as usize;
        match open[client].take() {
            None => {
                let op = op(random);
                open[client] = Some((history.call(client, op.clone()), op));
                called += 1;
            }
            Some((call, op)) => match random.below(16) {
                0 | 1 => drop(call),
                2 => call.failed(),
                _ => call.returned(ret(random, &op)),
            },
        }
    }
    for (call, op) in open.into_iter().flatten() {
        call.returned(ret(random, &op));
    }
    history
}

fn ended<Op, Ret>(operation: &Operation<Op, Ret>) -> Option<Moment> {
    match operation.end {
        End::Returned(_, moment) => Some(moment),
        End::Pending | End::Failed => None,
    }
}

/// Whether some order of all that returned and some that are pending keeps to real time and to the model.
fn by_brute_force<Op, Ret, S: Clone, N: IntoIterator<Item = S>>(
    operations: &[Operation<Op, Ret>],
    initial: &S,
    step: &impl Fn(&S, &Op, Option<&Ret>) -> N,
) -> bool {
    fn extend<Op, Ret, S: Clone, N: IntoIterator<Item = S>>(
        order: &mut Vec<usize>,
        states: &[S],
        operations: &[Operation<Op, Ret>],
        step: &impl Fn(&S, &Op, Option<&Ret>) -> N,
    ) -> bool {
        if states.is_empty() {
            return false;
        }
        let rest: Vec<_> = (0..operations.len()).filter(|index| !order.contains(index)).collect();
        if rest.iter().all(|&index| operations[index].returned().is_none()) {
            return true;
        }
        rest.into_iter().any(|index| {
            let operation = &operations[index];
            let keeps_to_time =
                |&earlier: &usize| ended(operation).is_none_or(|ended| operations[earlier].called < ended);
            if matches!(operation.end, End::Failed) || !order.iter().all(keeps_to_time) {
                return false;
            }
            let next = states.iter().flat_map(|state| step(state, &operation.op, operation.returned()));
            let next: Vec<_> = next.collect();
            order.push(index);
            let is_one = extend(order, &next, operations, step);
            order.pop();
            is_one
        })
    }
    extend(&mut Vec::new(), std::slice::from_ref(initial), operations, step)
}

/// Compares on `count` random histories; how many were linearizable.
fn agreed<Op, Ret, S, N>(
    count: u64,
    op: impl Fn(&mut Random) -> Op,
    ret: impl Fn(&mut Random, &Op) -> Ret,
    initial: &S,
    step: impl Fn(&S, &Op, Option<&Ret>) -> N,
) -> u64
where
    Op: Clone + Debug,
    Ret: Clone + Debug,
    S: Clone + Eq + Hash + Debug,
    N: IntoIterator<Item = S>,
{
    let mut passed = 0;
    for seed in 0..count {
        let history = random_history(&mut Random(seed), 2 + (seed % 5) as usize, &op, &ret);
        let operations = history.operations();
        let expected = by_brute_force(&operations, initial, &step);
        match history.check(initial.clone(), &step) {
            Ok(()) => assert!(expected, "seed {seed} passes: {operations:#?}"),
            Err(failure) => {
                assert!(!expected, "seed {seed}: {failure}");
                assert_is_smallest(&operations, &counterexample(Err(failure)), &step, seed);
            }
        }
        passed += u64::from(expected);
    }
    passed
}

/// By the rules of the documentation.
fn assert_is_smallest<Op, Ret, S, N>(
    recorded: &[Operation<Op, Ret>],
    found: &Counterexample<Op, Ret, S>,
    step: &impl Fn(&S, &Op, Option<&Ret>) -> N,
    seed: u64,
) where
    Op: Clone + Debug,
    Ret: Clone + Debug,
    S: Clone + Eq + Hash + Debug,
    N: IntoIterator<Item = S>,
{
    let passes = |operations: &[Operation<Op, Ret>]| by_brute_force(operations, &found.initial, step);
    let last = &found.operations[found.unexplained];
    let end = ended(last).expect("the unexplained one returned");
    // The shortest prefix.
    let until = |is_known: &dyn Fn(Moment) -> bool| -> Vec<_> {
        let known = recorded.iter().filter(|operation| operation.called < end).cloned();
        known
            .map(
                |operation| {
                    if ended(&operation).is_some_and(|at| !is_known(at)) { pending(operation) } else { operation }
                },
            )
            .collect()
    };
    let prefix = until(&|at| at <= end);
    assert!(!passes(&prefix) && passes(&until(&|at| at < end)), "seed {seed}, not the shortest prefix: {found}");
    // What is shown is wrong whatever the others did, and needs no other explanation.
    let is_shown = |operation: &Operation<Op, Ret>, left_out: Option<Moment>| {
        Some(operation.called) != left_out && found.operations.iter().any(|shown| shown.called == operation.called)
    };
    let follows_the_rules = |left_out: Option<Moment>| {
        let (shown, others): (Vec<_>, Vec<_>) =
            prefix.iter().cloned().partition(|operation| is_shown(operation, left_out));
        let alone = shown
            .iter()
            .cloned()
            .map(|operation| if operation.called == last.called { pending(operation) } else { operation });
        let is_explained = passes(&alone.collect::<Vec<_>>());
        is_explained && !passes(&shown.into_iter().chain(others.into_iter().map(pending)).collect::<Vec<_>>())
    };
    assert!(found.is_smallest && follows_the_rules(None), "seed {seed}: {found}");
    for operation in found.operations.iter().filter(|operation| operation.called != last.called) {
        assert!(!follows_the_rules(Some(operation.called)), "seed {seed}, {operation:?} can be left out: {found}");
    }
    assert_explains(found, step, seed);
}

fn pending<Op, Ret>(operation: Operation<Op, Ret>) -> Operation<Op, Ret> {
    // What failed stays without effect.
    if matches!(operation.end, End::Failed) { operation } else { Operation { end: End::Pending, ..operation } }
}

/// The order is one of all that returned but the unexplained one, and the states are the model's.
fn assert_explains<Op, Ret, S, N>(
    found: &Counterexample<Op, Ret, S>,
    step: &impl Fn(&S, &Op, Option<&Ret>) -> N,
    seed: u64,
) where
    Op: Clone + Debug,
    Ret: Clone + Debug,
    S: Clone + Eq + Debug,
    N: IntoIterator<Item = S>,
{
    let mut state = found.initial.clone();
    for placed in found.order.iter().flatten() {
        let operation = &found.operations[placed.operation];
        let returned = operation.returned().filter(|_| placed.operation != found.unexplained);
        let mut next = step(&state, &operation.op, returned).into_iter();
        assert!(next.any(|next| next == placed.state), "seed {seed}: {found}");
        state = placed.state.clone();
    }
    for (index, operation) in found.operations.iter().enumerate() {
        let is_placed = found.order.iter().flatten().any(|placed| placed.operation == index);
        assert!(is_placed || index == found.unexplained || operation.returned().is_none(), "seed {seed}: {found}");
    }
}

#[test]
fn thousands_of_random_histories_of_a_register_are_judged_as_by_trying_every_order() {
    let op = |random: &mut Random| match random.below(4) {
        0 | 1 => Register::Read,
        2 => Register::Write(random.below(3)),
        _ => Register::Swap(random.below(3), random.below(3)),
    };
    let ret = |random: &mut Random, op: &Register| match op {
        Register::Read => Saw::Value(random.below(3)),
        Register::Write(_) => Saw::Done,
        Register::Swap(..) => [Saw::Done, Saw::Refused][random.below(2) as usize],
    };
    let passed = agreed(6_000, op, ret, &0, register);
    assert!((1_000..5_000).contains(&passed), "{passed} of 6,000 are linearizable");
}

#[test]
fn random_histories_of_a_queue_and_of_a_bag_are_judged_as_by_trying_every_order() {
    let op = |random: &mut Random| if random.below(2) == 0 { Queue::Take } else { Queue::Put(1 + random.below(2)) };
    let ret = |random: &mut Random, op: &Queue| match op {
        Queue::Put(_) => None,
        Queue::Take => [None, Some(1), Some(2)][random.below(3) as usize],
    };
    let passed = agreed(4_000, op, ret, &VecDeque::new(), queue);
    assert!((500..3_500).contains(&passed), "{passed} of 4,000 are linearizable");
    let passed_as_bag = agreed(4_000, op, ret, &Vec::new(), bag);
    assert!(passed_as_bag > passed, "a bag allows more: {passed_as_bag} against {passed}");
}

// In a world.

/// Clients add to a counter that is read, and written one turn later; the twin writes at once.
async fn adding(world: World, is_atomic: bool) -> seedbed::Result {
    let (total, history) = (Rc::new(Cell::new(0)), History::new());
    world.spawn_each("client", 0..3_u64, |number| {
        let (total, history) = (total.clone(), history.clone());
        async move {
            for _ in 0..2 {
                sleep(Duration::from_millis(number)).await;
                let call = history.call(format_args!("client-{number}"), Add(1));
                let seen = total.get();
                if !is_atomic {
                    yield_now().await;
                }
                total.set(seen + 1);
                if is_atomic {
                    yield_now().await;
                }
                call.returned(seen + 1);
            }
        }
    });
    world.settle().await;
    history.check(0, counter)?;
    Ok(())
}

#[test]
fn a_sweep_finds_a_lost_update_once_and_its_twin_clean() {
    seedbed::sweep("twin", 0..300, |world| adding(world, true)).assert_clean();
    let report = seedbed::sweep("lost update", 0..300, |world| adding(world, false));
    assert_eq!(report.findings.len(), 1, "one signature for all histories: {report}");
    let found = &report.findings[0];
    assert!(found.runs > 10, "in {} runs", found.runs);
    assert_eq!(found.finding.kind, FindingKind::Violation);
    assert_eq!(found.finding.signature, "Violation: the scenario's own result: not linearizable");
    let (headline, table) = found.finding.message.split_once('\n').unwrap();
    assert!(headline.starts_with("not linearizable: nothing explains that Add(1) returned "), "{headline}");
    let printed = found.finding.to_string();
    assert!(printed.contains(&format!("{headline}, at 0.")), "the instant stands in the headline: {printed}");
    assert!(printed.ends_with(table), "{printed}");
    let story = found.shrunk.as_ref().unwrap().story.join("\n");
    assert!(story.ends_with('.') && !story.contains("called, s"), "the table is no sentence of the story: {story}");
}

#[test]
#[should_panic(expected = "40 runs, 1 finding\n")]
fn a_test_that_returns_it_has_one_signature_too() {
    seedbed::run_test("linear", "adds", 40, [false; 2], |world| adding(world, false));
}

/// Clients that may be cancelled in the middle of a call, on a counter that adds at once but answers later.
#[seedbed::test(seeds = 200, cancel = everywhere)]
async fn a_cancelled_call_may_have_taken_effect_or_not(world: World) -> seedbed::Result {
    let (total, history) = (Rc::new(Cell::new(0)), History::new());
    let clients = world.spawn_each("client", 0..3_u64, |number| {
        let (total, history) = (total.clone(), history.clone());
        async move {
            for _ in 0..2 {
                let call = history.call(number, Add(1));
                sleep(Duration::from_millis(number)).await;
                total.set(total.get() + 1);
                let sum = total.get();
                yield_now().await;
                call.returned(sum);
            }
        }
    });
    world.may_cancel(&clients);
    world.settle().await;
    at_once(&history, "reader", Add(0), total.get());
    history.check(0, counter)?;
    Ok(())
}

/// A store that dies with its process, at once; what it had on disk is read afterwards.
async fn dying(world: World, acknowledges_early: bool, was_pending: Rc<Cell<bool>>) -> seedbed::Result {
    const WRITE: Duration = Duration::from_millis(1);
    let (disk, history) = (Rc::new(Cell::new(0)), History::new());
    let (platter, calls) = (disk.clone(), history.clone());
    let node = world.new_node();
    node.spawn("store", async move {
        for value in 1.. {
            let call = calls.call("store", Register::Write(value));
            if acknowledges_early {
                call.returned(Saw::Done);
                sleep(WRITE).await;
                platter.set(value);
            } else {
                sleep(WRITE).await;
                platter.set(value);
                yield_now().await;
                call.returned(Saw::Done);
            }
        }
    });
    sleep(Duration::from_micros(10_500)).await;
    node.kill();
    was_pending.set(history.operations().iter().any(|operation| operation.end == End::Pending));
    at_once(&history, "reader", Register::Read, Saw::Value(disk.get()));
    history.check(0, register)?;
    Ok(())
}

#[test]
fn what_a_killed_process_acknowledged_must_be_there_and_what_was_pending_may_be() {
    seedbed::sweep("syncs first", 0..100, |world| async move {
        let was_pending = Rc::new(Cell::new(false));
        dying(world, false, was_pending.clone()).await?;
        ensure!(was_pending.get(), "the process was killed in the middle of a write");
        Ok(())
    })
    .assert_clean();
    let report = seedbed::sweep("acknowledges first", 0..100, |world| dying(world, true, Rc::default()));
    assert_eq!((report.findings.len(), report.findings[0].runs), (1, 100), "{report}");
    let message = &report.findings[0].finding.message;
    assert!(message.contains("nothing explains that Read returned Value("), "{message}");
}
