//! Each rule of storage goes red on a history that breaks it and no other, and all stay green on a good one.

use super::{
    Rules, all,
    told::{Answer, Told},
};
use crate::fact::store::State;
use seedbed::time::Instant;
use std::time::Duration;

const RULES: Rules = Rules { took_max: Duration::from_secs(10), wait_max: Some(Duration::from_secs(5)) };
const FREE: State = State::Open { owner: None };
const DONE: State = State::Closed { owner: None };

/// Milliseconds and what is told then.
type Story = Vec<(u64, Told)>;

/// All rules that the story breaks.
fn broken(rules: Rules, story: &Story) -> Vec<&'static str> {
    let is_broken = |nth: usize| {
        let rule = &mut all(rules)[nth];
        let at = |ms: u64| Instant::START + Duration::from_millis(ms);
        let is_told = story.iter().any(|(ms, told)| rule.told(at(*ms), told).is_err());
        let end = story.last().map_or(Instant::START, |(ms, _)| at(*ms));
        (is_told || rule.at_rest(end).is_err()).then(|| rule.name())
    };
    (0..all(rules).len()).filter_map(is_broken).collect()
}

#[track_caller]
fn check(story: Vec<Told>, expected: &str) {
    assert_eq!(broken(RULES, &at_once(story)), [expected]);
}

#[track_caller]
fn check_good(story: Vec<Told>) {
    assert_eq!(broken(RULES, &at_once(story)), [""; 0]);
}

fn at_once(story: Vec<Told>) -> Story {
    story.into_iter().map(|told| (0, told)).collect()
}

fn asks(write: u64, item: u64, state: State) -> Told {
    Told::Asked { write, item, state, halves: 1 }
}

fn asks_both(write: u64, item: u64, state: State) -> Told {
    Told::Asked { write, item, state, halves: 2 }
}

fn hears(write: u64, answer: Answer) -> Told {
    Told::Answered { write, answer, took: Duration::ZERO }
}

/// The store's name of item n is n.
fn is_done(write: u64, item: u64, version: u64) -> Told {
    hears(write, Answer::Acknowledged { version, id: item })
}

/// A write and its acknowledgement.
fn writes(write: u64, item: u64, state: State, version: u64) -> Vec<Told> {
    vec![asks(write, item, state), is_done(write, item, version)]
}

/// A listing that finds these items, in these versions and states.
fn lists(listing: u64, items: &[(u64, u64, State)]) -> Vec<Told> {
    let found = items.iter().map(|&(item, version, state)| Told::Found { listing, item, version, state });
    [Told::ListingBegan { listing }].into_iter().chain(found).chain([Told::ListingEnded { listing }]).collect()
}

#[test]
fn a_good_history_breaks_no_rule() {
    let half = Told::HalfFound { listing: 2, item: 2, version: 4, state: FREE };
    let claimed = State::Open { owner: Some(7) };
    let story = [
        writes(10, 1, FREE, 1),
        lists(1, &[(1, 1, FREE)]),
        writes(11, 1, claimed, 2),
        // Is read before it is acknowledged.
        vec![asks_both(12, 2, FREE), Told::ListingBegan { listing: 2 }],
        vec![Told::Found { listing: 2, item: 1, version: 2, state: claimed }],
        vec![Told::Found { listing: 2, item: 2, version: 3, state: FREE }, half, Told::ListingEnded { listing: 2 }],
        vec![hears(12, Answer::Unknown), Told::PowerLost, asks_both(12, 2, FREE), is_done(12, 2, 3)],
        vec![asks(13, 3, FREE), hears(13, Answer::Failed)],
        vec![asks(15, 1, State::Absent), is_done(15, 1, 5)],
        vec![Told::ListingBegan { listing: 3 }],
        vec![Told::Found { listing: 3, item: 2, version: 3, state: FREE }],
        vec![Told::HalfFound { listing: 3, item: 2, version: 4, state: FREE }, Told::ListingEnded { listing: 3 }],
        vec![Told::ReadFailed, Told::Measured { bytes: 1_000, grown_max: 1_000, slack: 0 }],
        vec![Told::Compacted { bytes: 3_000 }, Told::Measured { bytes: 6_000, grown_max: 1_000, slack: 0 }],
        vec![Told::FilesOpen { files: 0 }],
    ];
    check_good(story.concat());
}

#[test]
fn damage_is_a_finding() {
    check(vec![Told::Damaged], "no crash damages a file");
}

#[test]
fn what_failed_stays_away() {
    let failed = vec![asks(10, 1, FREE), hears(10, Answer::Failed)];
    let found = vec![Told::ListingBegan { listing: 1 }, Told::Found { listing: 1, item: 1, version: 1, state: FREE }];
    // Another write of it is in doubt, which wants something else.
    let story = [failed, vec![asks(11, 1, DONE)], found, vec![Told::ListingEnded { listing: 1 }]];
    check(story.concat(), "what failed is never seen");
}

#[test]
fn what_was_acknowledged_is_there() {
    let gone = "what was acknowledged is there";
    check([writes(10, 1, FREE, 1), lists(1, &[])].concat(), gone);
    // It is in the version of before; another write is in doubt, and wants a third thing.
    let both = [writes(10, 1, FREE, 1), writes(11, 1, DONE, 2), vec![asks(12, 1, State::Open { owner: Some(7) })]];
    check([both.concat(), lists(1, &[(1, 1, FREE)])].concat(), gone);
    // A delete, too.
    let deleted = [writes(10, 1, FREE, 1), writes(11, 1, State::Absent, 2)].concat();
    check([deleted, lists(1, &[(1, 1, FREE)])].concat(), gone);
    // It was there before the listing began, and was not deleted before it ended.
    let while_listed = [writes(10, 1, FREE, 1), vec![Told::ListingBegan { listing: 1 }]].concat();
    let later = [vec![Told::ListingEnded { listing: 1 }], vec![asks(11, 1, State::Absent)]].concat();
    check([while_listed.clone(), later].concat(), gone);
    let meanwhile = [vec![asks(11, 1, State::Absent)], vec![Told::ListingEnded { listing: 1 }]].concat();
    check_good([while_listed, meanwhile].concat());
}

#[test]
fn nothing_is_there_twice_or_unasked() {
    let once = "everything is there once";
    check([writes(10, 1, FREE, 1), lists(1, &[(1, 1, FREE), (1, 1, FREE)])].concat(), once);
    check(vec![Told::StrangerFound { listing: 1 }], once);
    let two = vec![asks(10, 1, FREE), asks(11, 2, FREE), is_done(10, 1, 1)];
    check([two.clone(), vec![is_done(11, 2, 1)]].concat(), once);
    let same_name = hears(11, Answer::Acknowledged { version: 2, id: 1 });
    check([two, vec![same_name]].concat(), once);
}

#[test]
fn nobody_is_refused_what_is_theirs() {
    check(vec![asks(10, 1, FREE), hears(10, Answer::Refused)], "nobody is refused what is theirs");
}

#[test]
fn reads_never_go_back() {
    let twice = [writes(10, 1, FREE, 1), writes(11, 1, FREE, 2)].concat();
    let back = [lists(1, &[(1, 2, FREE)]), lists(2, &[(1, 1, FREE)])].concat();
    check([twice, back].concat(), "reads never go back");
    // Never acknowledged, but seen.
    let seen = [vec![asks(10, 1, FREE)], lists(1, &[(1, 1, FREE)]), lists(2, &[])].concat();
    check(seen, "reads never go back");
    let overlapping = [
        vec![asks(10, 1, FREE), Told::ListingBegan { listing: 1 }],
        lists(2, &[(1, 1, FREE)]),
        vec![Told::ListingEnded { listing: 1 }],
    ];
    check_good(overlapping.concat());
}

#[test]
fn a_version_is_one_thing() {
    let one = "a version is one thing";
    check([writes(10, 1, FREE, 1), lists(1, &[(1, 2, FREE)])].concat(), one);
    let other = [writes(10, 1, FREE, 1), vec![asks(11, 1, DONE)], lists(1, &[(1, 1, DONE)])].concat();
    check(other, one);
}

#[test]
fn a_request_happens_whole() {
    let asked = vec![asks_both(10, 1, FREE)];
    let half = Told::HalfFound { listing: 1, item: 1, version: 2, state: DONE };
    let began = Told::ListingBegan { listing: 1 };
    let (one, ended) = (lists(1, &[(1, 1, FREE)]), Told::ListingEnded { listing: 1 });
    check([asked.clone(), one.clone()].concat(), "requests happen whole");
    check([asked.clone(), vec![began, half, ended]].concat(), "requests happen whole");
    check([asked, vec![began, one[1], half, ended]].concat(), "requests happen whole");
}

#[test]
fn later_writes_have_greater_numbers() {
    let story = [writes(10, 1, FREE, 2), writes(11, 2, FREE, 1)].concat();
    check(story, "later writes have greater numbers");
    let together = vec![asks(10, 1, FREE), asks(11, 2, FREE), is_done(10, 1, 2), is_done(11, 2, 1)];
    check_good(together);
}

#[test]
fn an_item_has_one_owner() {
    let owned = |owner| State::Open { owner: Some(owner) };
    let taken = [writes(10, 1, owned(7), 1), writes(11, 1, owned(8), 2)].concat();
    check(taken, "an item has one owner");
    let released = [writes(10, 1, owned(7), 1), writes(11, 1, FREE, 2), writes(12, 1, owned(8), 3)].concat();
    check_good(released);
}

#[test]
fn the_log_is_bounded() {
    let measured = |bytes| Told::Measured { bytes, grown_max: 1_000, slack: 10 };
    check_good(vec![measured(4_010), Told::Compacted { bytes: 3_000 }, measured(15_010)]);
    check(vec![measured(4_011)], "the log is bounded");
    check(vec![Told::Compacted { bytes: 3_000 }, measured(15_011)], "the log is bounded");
    check(
        vec![Told::Compacted { bytes: 3_000 }, Told::Compacted { bytes: 500 }, measured(6_010)],
        "the log is bounded",
    );
}

#[test]
fn nobody_waits_past_the_bound() {
    let after = |ms| Told::Answered { write: 10, answer: Answer::Unknown, took: Duration::from_millis(ms) };
    check(vec![asks(10, 1, FREE), after(10_001)], "nobody waits past the bound");
    check_good(vec![asks(10, 1, FREE), after(10_000)]);
}

#[test]
fn the_line_moves() {
    let both = vec![(0, asks(10, 1, FREE)), (0, asks(11, 2, FREE))];
    let vain = [(5_000, Told::WaitedInVain { write: 11 }), (5_000, hears(11, Answer::Failed))];
    let stood = [both.clone(), vain.to_vec()].concat();
    assert_eq!(broken(RULES, &stood), ["the line moves"]);
    assert_eq!(broken(Rules { wait_max: None, ..RULES }, &stood), [""; 0]);
    let moved = [both.clone(), vec![(1, is_done(10, 1, 1))], vain.to_vec()].concat();
    assert_eq!(broken(RULES, &moved), [""; 0]);
    // That somebody else gave up is no move.
    let gave_up = [(1_000, Told::WaitedInVain { write: 10 }), (1_000, hears(10, Answer::Failed))];
    assert_eq!(broken(RULES, &[both, gave_up.to_vec(), vain.to_vec()].concat()), ["the line moves"]);
}

#[test]
fn turns_come_in_the_order_of_tickets() {
    let turn = |ticket| Told::Turn { ticket };
    check(vec![turn(1), turn(3), turn(2)], "nobody is overtaken in the line");
    check(vec![turn(1), turn(1)], "nobody is overtaken in the line");
    check_good(vec![turn(4), turn(7), Told::PowerLost, turn(1), turn(2)]);
}

#[test]
fn files_are_given_back() {
    check(vec![Told::FilesOpen { files: 1 }], "files are given back");
}
