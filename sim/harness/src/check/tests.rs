//! Each rule goes red on a history that breaks it and nothing else, and all stay green on a good one.

use super::{
    Expected, Rules, all,
    told::{Counted, How, Phases, Told},
};
use seedbed::time::Instant;
use shardwright::scheduler::events::Why;
use std::time::Duration;

const RULES: Rules = Rules {
    slots: 2,
    shards_max: 3,
    rise_after: Duration::from_secs(30),
    hold_max: Duration::from_secs(10),
    retries_max: 1,
    expected: Expected::ALWAYS,
};

/// Milliseconds and what is told then.
type Story = Vec<(u64, Told)>;

/// The first rule that the story breaks, at rest at its end.
fn broken(rules: Rules, story: &Story) -> Option<&'static str> {
    let mut rules = all(rules);
    let mut now = Instant::START;
    for (ms, told) in story {
        now = Instant::START + Duration::from_millis(*ms);
        for rule in &mut rules {
            if rule.told(now, told).is_err() {
                return Some(rule.name());
            }
        }
    }
    rules.iter_mut().find_map(|rule| rule.at_rest(now).is_err().then(|| rule.name()))
}

#[track_caller]
fn check(story: Story, expected: &str) {
    assert_eq!(broken(RULES, &story), Some(expected));
}

/// The shard of ticket n is n.
fn waits(ticket: u64, class: u64) -> Told {
    Told::Waiting { shard: ticket, ticket, class }
}

fn gets(ticket: u64) -> Told {
    Told::Acquired { shard: ticket, ticket }
}

fn gives_back(ticket: u64) -> Told {
    Told::Released { shard: ticket, ticket }
}

fn leaves(ticket: u64) -> Told {
    Told::Left { shard: ticket, ticket, why: Why::Cancelled }
}

fn ends(shard: u64) -> Told {
    Told::Ended { shard, timed_out: false }
}

/// One whole use of a slot, at one instant.
fn uses(ms: u64, ticket: u64) -> Story {
    vec![(ms, waits(ticket, 1)), (ms, gets(ticket)), (ms, gives_back(ticket))]
}

#[test]
fn a_good_history_breaks_no_rule() {
    let counted = Counted {
        slots: 2,
        active: 0,
        waiting: 0,
        api_calls: 2,
        grants: 3,
        grants_unused: 1,
        wait_ns: 2_000_000_000,
        registered: 0,
    };
    let story = vec![
        (0, Told::AskedFor { shard: 1 }),
        (0, Told::AskedFor { shard: 2 }),
        (0, Told::AskedFor { shard: 4 }),
        (0, Told::Registered { shard: 1 }),
        (0, Told::Spawned { shard: 1 }),
        (0, waits(1, 1)),
        (0, gets(1)),
        (0, Told::ExchangeOpened { shard: 1 }),
        (0, Told::Attempted { shard: 1, call: 0, attempt: 0 }),
        (0, Told::Attempted { shard: 1, call: 0, attempt: 1 }),
        (0, Told::Lanes { shard: 1, lanes: 2 }),
        (0, Told::Refused { shard: 1, call: 0 }),
        (0, waits(2, 1)),
        (0, gets(2)),
        (0, Told::ExchangeOpened { shard: 2 }),
        (1_000, waits(3, 1)),
        (1_000, waits(4, 1)),
        (2_000, leaves(3)),
        (3_000, Told::ExchangeClosed { shard: 1 }),
        (3_000, gives_back(1)),
        (3_000, gets(4)),
        (3_500, Told::ExchangeClosed { shard: 2 }),
        (3_500, gives_back(2)),
        (3_500, Told::GivenUp { shard: 4 }),
        (3_500, gives_back(4)),
        (3_500, Told::CallerGone { shard: 4 }),
        (3_500, Told::Excused { shard: 2 }),
        (3_500, Told::Result { shard: 2, how: How::Otherwise }),
        (4_000, Told::Phases(Phases { processing: 1, ..Phases::default() })),
        (4_000, Told::Unregistered { shard: 1 }),
        (4_000, ends(1)),
        (4_000, Told::Result { shard: 1, how: How::Finished }),
        (4_000, Told::Counters(counted)),
        (4_000, Told::StopAsked),
        (4_000, Told::Stopped),
        (4_000, Told::FleetStopped),
        (4_000, Told::SchedulerStopped),
    ];
    assert_eq!(broken(RULES, &story), None);
}

#[test]
fn a_ticket_that_never_waited_gets_no_slot() {
    check(vec![(0, gets(1))], "each ticket waits once and holds once");
    check([uses(0, 1), vec![(0, gives_back(1))]].concat(), "each ticket waits once and holds once");
    check(vec![(0, waits(1, 1)), (0, gets(1)), (0, leaves(1))], "each ticket waits once and holds once");
}

#[test]
fn three_on_two_slots_are_too_many() {
    let story = (1..=3).flat_map(|ticket| [(0, waits(ticket, 1)), (0, gets(ticket))]).collect();
    check(story, "holders never exceed slots");
}

#[test]
fn an_exchange_needs_a_slot_for_all_of_its_time() {
    let opened = Told::ExchangeOpened { shard: 1 };
    check(vec![(0, opened)], "no exchange without a slot");
    check(vec![(0, waits(1, 1)), (0, gets(1)), (0, opened), (1, gives_back(1))], "no exchange without a slot");
}

#[test]
fn a_holder_does_not_wait_for_another_slot() {
    let again = Told::Waiting { shard: 1, ticket: 2, class: 1 };
    check(vec![(0, waits(1, 1)), (0, gets(1)), (0, again)], "nobody waits with an idle slot in hand");
}

#[test]
fn a_shard_may_wait_in_each_of_its_lanes() {
    let again = |ticket| (0, Told::Waiting { shard: 1, ticket, class: 1 });
    let two = vec![(0, Told::Lanes { shard: 1, lanes: 2 }), (0, waits(1, 1)), again(2)];
    check([two.clone(), vec![again(3)]].concat(), "nothing remains of a wait that is over");
    let both = |ticket| (0, Told::Acquired { shard: 1, ticket });
    check([two, vec![both(1), both(2), again(3)]].concat(), "nobody waits with an idle slot in hand");
}

#[test]
fn a_caller_that_is_gone_leaves_nothing() {
    let gone = Told::CallerGone { shard: 1 };
    check(vec![(0, waits(1, 1)), (0, gone)], "nothing remains of a wait that is over");
    check(vec![(0, waits(1, 1)), (0, gets(1)), (0, gone)], "nothing remains of a wait that is over");
    check(vec![(0, waits(1, 1)), (0, ends(1))], "nothing remains of a wait that is over");
    let again = Told::Waiting { shard: 1, ticket: 2, class: 1 };
    check(vec![(0, waits(1, 1)), (0, again)], "nothing remains of a wait that is over");
    let later = vec![(0, gone), (0, waits(1, 1)), (0, gets(1))];
    check(later, "nothing remains of a wait that is over");
}

#[test]
fn the_stop_is_the_end() {
    check(vec![(0, Told::SchedulerStopped), (1, waits(1, 1)), (1, gets(1))], "the stop is the end");
    let unseen =
        vec![(0, waits(1, 1)), (0, gets(1)), (0, Told::SchedulerStopped), (0, Told::ExchangeOpened { shard: 1 })];
    check(unseen, "the stop is the end");
    check(vec![(0, Told::SchedulerStopped), (15_001, Told::CallerGone { shard: 1 })], "the stop is the end");
    let busy = vec![(0, waits(1, 1)), (0, gets(1)), (0, Told::SchedulerStopped), (1, Told::SchedulerIdle)];
    check(busy, "the stop is the end");
}

#[test]
fn the_later_wait_of_a_class_does_not_go_first() {
    check(vec![(0, waits(1, 1)), (0, waits(2, 1)), (0, gets(2))], "nobody is overtaken within a class");
}

#[test]
fn the_lower_class_does_not_go_first() {
    let both = vec![(0, waits(1, 3)), (0, gets(1)), (0, waits(2, 3)), (0, gets(2)), (0, waits(3, 0))];
    let next = |ms| [both.clone(), vec![(ms, waits(4, 1)), (ms, gives_back(1)), (ms, gets(3))]].concat();
    check(next(0), "a higher class goes first");
    assert_ne!(broken(RULES, &next(30_000)), Some("a higher class goes first"));
}

#[test]
fn a_free_slot_goes_to_a_waiter_at_once() {
    check(vec![(0, waits(1, 1)), (1, gets(1))], "no slot is idle while somebody waits");
}

#[test]
fn the_lowest_class_is_served_in_the_end() {
    let mut story = vec![(0, waits(1, 3)), (0, gets(1)), (0, waits(2, 3)), (0, gets(2)), (0, waits(3, 0))];
    // Every ten seconds both slots go to two who have just come.
    for turn in 1..=10 {
        let (now, new) = (turn * 10_000, 2 * turn + 2);
        let old = if turn == 1 { 1 } else { new - 2 };
        for nth in 0..2 {
            story.extend([(now, waits(new + nth, 3)), (now, gives_back(old + nth)), (now, gets(new + nth))]);
        }
    }
    story.push((100_001, leaves(3)));
    check(story, "waits are bounded");
}

#[test]
fn slots_come_back() {
    check(vec![(0, waits(1, 1)), (0, gets(1)), (10_001, gives_back(1))], "slots come back in time");
    check(vec![(0, waits(1, 1)), (0, gets(1)), (10_001, Told::StopAsked)], "slots come back in time");
    let unread = vec![
        (0, waits(1, 1)),
        (0, gets(1)),
        (0, Told::ExchangeOpened { shard: 1 }),
        (1_000, Told::ReaderGone { shard: 1 }),
        (4_001, Told::ExchangeClosed { shard: 1 }),
    ];
    check(unread, "slots come back in time");
    let kept = vec![
        (0, waits(1, 1)),
        (0, gets(1)),
        (0, Told::ExchangeOpened { shard: 1 }),
        (1_000, Told::ExchangeClosed { shard: 1 }),
        (1_001, gives_back(1)),
    ];
    check(kept, "slots come back in time");
}

#[test]
fn a_scenario_has_thresholds_of_its_own() {
    let story =
        vec![(0, waits(1, 1)), (0, gets(1)), (0, waits(2, 1)), (0, gets(2)), (0, waits(3, 1)), (501, leaves(3))];
    let with = |expected| broken(Rules { expected, ..RULES }, &story);
    let name = Some("waits stay below the scenario's threshold");
    assert_eq!(with(Expected { wait_max: Duration::from_millis(500), ..Expected::ALWAYS }), name);
    assert_eq!(with(Expected { waiting_max: 0, ..Expected::ALWAYS }), name);
    assert_ne!(with(Expected { waiting_max: 1, ..Expected::ALWAYS }), name);

    let limited = (0, Told::WaitsLimited { limit: Duration::from_millis(499) });
    let granted = [vec![limited], story[..5].to_vec(), vec![(501, gives_back(1)), (501, gets(3))]].concat();
    assert_eq!(broken(RULES, &granted), name);
    let left = [vec![limited], story[..5].to_vec(), vec![(3_500, leaves(3))]].concat();
    assert_eq!(broken(RULES, &left), name);
}

#[test]
fn attempts_are_numbered_and_few() {
    let attempt = |attempt| (0, Told::Attempted { shard: 1, call: 7, attempt });
    let name = "attempts are numbered and few";
    check(vec![attempt(0), attempt(0)], name);
    check(vec![attempt(1), attempt(0)], name);
    check(vec![attempt(0), attempt(1), attempt(2)], name);
    check(vec![attempt(0), (0, Told::Refused { shard: 1, call: 7 }), attempt(1)], name);
}

#[test]
fn who_holds_a_slot_is_not_waiting() {
    let second = Told::Waiting { shard: 1, ticket: 2, class: 1 };
    let story = vec![
        (0, Told::Registered { shard: 1 }),
        (0, Told::Lanes { shard: 1, lanes: 2 }),
        (0, waits(1, 1)),
        (0, gets(1)),
        (0, second),
        (0, Told::Phases(Phases { waiting: 1, ..Phases::default() })),
    ];
    check(story, "phases are those of the history");
}

#[test]
fn a_wait_for_a_slot_takes_no_time_from_the_work() {
    let times_out = |ms| {
        let others = [(0, waits(1, 1)), (0, gets(1)), (0, waits(2, 1)), (0, gets(2))];
        let own = [
            (0, Told::Spawned { shard: 3 }),
            (0, Told::TimeLimited { shard: 3, limit: Duration::from_secs(1) }),
            (0, waits(3, 1)),
            (600, leaves(3)),
            (ms, Told::Ended { shard: 3, timed_out: true }),
        ];
        [&others[..], &own, &[(ms, gives_back(1)), (ms, gives_back(2))]].concat()
    };
    assert_eq!(broken(RULES, &times_out(1_600)), None);
    check(times_out(1_599), "waiting takes no time from the work");
}

#[test]
fn who_was_given_up_does_not_go_on() {
    let given_up = vec![(0, Told::Spawned { shard: 1 }), (0, Told::GivenUp { shard: 1 })];
    check([given_up.clone(), vec![(3_001, ends(1))]].concat(), "work that nobody wants ends");
    check([given_up, vec![(3_001, Told::StopAsked)]].concat(), "work that nobody wants ends");
    let begins = vec![(0, Told::GivenUp { shard: 1 }), (1, Told::Spawned { shard: 1 })];
    check(begins, "work that nobody wants ends");
}

#[test]
fn the_stop_of_an_empty_fleet_returns() {
    let name = "the fleet stops when all have ended";
    check(vec![(0, Told::StopAsked), (3_001, Told::FleetStopped)], name);
    check(vec![(0, Told::Spawned { shard: 1 }), (0, Told::StopAsked), (0, Told::FleetStopped)], name);
}

#[test]
fn the_stop_of_the_fleet_leaves_no_more_than_its_grace() {
    let name = "the fleet stops when all have ended";
    let grace = Duration::from_secs(5);
    let spawned = (0, Told::Spawned { shard: 1 });
    let stops = |at| vec![spawned, (0, Told::FleetStops { grace }), (at, ends(1)), (at, Told::FleetStopped)];
    check(stops(14_001), name);
    assert_eq!(broken(RULES, &stops(14_000)), None);
    check(vec![(0, Told::FleetStopped), spawned], name);
}

#[test]
fn four_shards_are_too_many_for_three() {
    check((1..=4).map(|shard| (0, Told::Spawned { shard })).collect(), "no more shards live than may");
}

#[test]
fn a_free_place_goes_to_a_shard_that_waits() {
    let taken_on = Told::TimeLimited { shard: 1, limit: Duration::from_secs(60) };
    let spawned = Told::Spawned { shard: 1 };
    check(vec![(0, taken_on), (3_001, spawned)], "no place is idle while a shard waits for one");
    assert_eq!(broken(RULES, &vec![(0, spawned), (0, taken_on), (3_001, ends(1))]), None);
}

#[test]
fn who_asks_and_stays_is_served_once() {
    let (asked, finished) = (Told::AskedFor { shard: 1 }, Told::Result { shard: 1, how: How::Finished });
    let name = "every shard nobody gave up completes";
    check(vec![(0, asked)], name);
    check(vec![(0, Told::Spawned { shard: 1 }), (0, asked), (0, finished)], name);
    check(vec![(0, asked), (0, Told::Result { shard: 1, how: How::Otherwise })], name);
    check(vec![(0, asked), (0, finished), (0, finished)], name);
    check(vec![(0, asked), (0, asked)], name);
}

#[test]
fn a_counter_that_is_off_by_one_is_seen() {
    let counted = Counted {
        slots: 2,
        active: 0,
        waiting: 0,
        api_calls: 1,
        grants: 1,
        grants_unused: 0,
        wait_ns: 0,
        registered: 0,
    };
    check([uses(0, 1), vec![(0, Told::Counters(counted))]].concat(), "counters equal the history");
}

#[test]
fn rest_is_rest() {
    for told in [Told::Registered { shard: 1 }, Told::Spawned { shard: 1 }] {
        check(vec![(0, told)], "nothing is left at rest");
    }
    check(vec![(0, waits(1, 1)), (0, gets(1))], "nothing is left at rest");
}
