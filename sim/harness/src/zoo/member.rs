//! The table of planted bugs.

use seedbed::FindingKind;

/// A planted bug: what it is, and by what it must be found.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Its name; the patch is `zoo/<name>.patch`.
    pub name: &'static str,
    /// Its number in the catalogue of bugs that such systems really had.
    pub id: &'static str,
    /// What is wrong.
    pub story: &'static str,
    /// The kind of finding it must lead to ..
    pub kind: FindingKind,
    /// .. the check that must fail, for a panic the file in which, for a stall its sort ..
    pub check: &'static str,
    /// .. and the scenario in which.
    pub scenario: &'static str,
}

/// All of them.
pub const MEMBERS: &[Member] = &[
    Member {
        name: "slot-leak",
        id: "CN-01",
        story: "A waiter that is cancelled after its slot was granted and before it ran keeps the slot for ever.",
        kind: FindingKind::Violation,
        check: "nothing remains of a wait that is over",
        scenario: "slot-storm",
    },
    Member {
        name: "double-release",
        id: "CN-02",
        story: "A cancelled grant is given back twice, and the second time somebody else's slot goes.",
        kind: FindingKind::Violation,
        check: "no exchange without a slot",
        scenario: "slot-storm",
    },
    Member {
        name: "stale-waiter",
        id: "CN-03",
        story: "A cancelled wait stays in the queue.",
        kind: FindingKind::Violation,
        check: "nothing remains of a wait that is over",
        scenario: "slot-storm",
    },
    Member {
        name: "nested-acquire",
        id: "CN-04",
        story: "A call with retries holds one slot while each attempt waits for another.",
        kind: FindingKind::Violation,
        check: "nobody waits with an idle slot in hand",
        scenario: "aggressive",
    },
    Member {
        name: "starvation",
        id: "CN-05",
        story: "Waiting does not raise anybody: strict priority.",
        kind: FindingKind::Violation,
        check: "waits are bounded",
        scenario: "slot-storm",
    },
    Member {
        name: "metric-drift",
        id: "CN-06",
        story: "A call that ends after its shard was unregistered is not counted.",
        kind: FindingKind::Violation,
        check: "counters equal the history",
        scenario: "chaos",
    },
    Member {
        name: "wrong-wait",
        id: "CN-07",
        story: "A wait that ends is taken out of the queue by its shard, and so may be another wait of that shard.",
        kind: FindingKind::Stall,
        check: "deadlock",
        scenario: "slot-storm",
    },
    Member {
        name: "grant-after-stop",
        id: "CN-08",
        story: "A slot that was granted and not seen before the stop is handed over after it.",
        kind: FindingKind::Violation,
        check: "the stop is the end",
        scenario: "slot-storm",
    },
    Member {
        name: "one-phase",
        id: "CN-09",
        story: "A shard has one phase, which the last change sets: it seems to wait while another call of it runs.",
        kind: FindingKind::Violation,
        check: "phases are those of the history",
        scenario: "slot-storm",
    },
    Member {
        name: "endless-stream",
        id: "CN-10",
        story: "A stream whose reader has gone goes on until its provider ends it.",
        kind: FindingKind::Violation,
        check: "slots come back in time",
        scenario: "chaos",
    },
    Member {
        name: "busy-pump",
        id: "CN-11",
        story: "A stream whose reader has gone looks at that again and again until it ends by itself.",
        kind: FindingKind::Stall,
        check: "spin",
        scenario: "aggressive",
    },
    Member {
        name: "ghost-shard",
        id: "CN-12",
        story: "A shard whose work panics stays registered for ever.",
        kind: FindingKind::Violation,
        check: "nothing is left at rest",
        scenario: "chaos",
    },
    Member {
        name: "registered-anew",
        id: "CN-13",
        story: "Registering a shard that is known forgets its counters, its checkpoint, its waits and its slots.",
        kind: FindingKind::Violation,
        check: "phases are those of the history",
        scenario: "slot-storm",
    },
    Member {
        name: "second-stop",
        id: "CN-15",
        story: "The second stop panics: the signal is closed already.",
        kind: FindingKind::Panic,
        check: "src/scheduler/ledger.rs",
        scenario: "chaos",
    },
    Member {
        name: "late-nothing",
        id: "CN-17",
        story: "When the pause before a retry would exceed the deadline, the call ends in a success without text.",
        kind: FindingKind::Panic,
        check: "sim/harness/src/scenario/stage.rs",
        scenario: "aggressive",
    },
    Member {
        name: "truncated-answer",
        id: "CN-18",
        story: "A stream that ends without its last chunk is taken for whole.",
        kind: FindingKind::Panic,
        check: "sim/harness/src/scenario/stage.rs",
        scenario: "aggressive",
    },
    Member {
        name: "chunk-skipped",
        id: "CN-19",
        story: "An error inside a stream is skipped, and with it the text that it stood for.",
        kind: FindingKind::Panic,
        check: "sim/harness/src/scenario/stage.rs",
        scenario: "aggressive",
    },
    Member {
        name: "slot-kept-in-pause",
        id: "CN-20",
        story: "A call that failed keeps its slot during the pause before its retry.",
        kind: FindingKind::Violation,
        check: "slots come back in time",
        scenario: "aggressive",
    },
    Member {
        name: "retries-in-retries",
        id: "CN-21",
        story: "Each of the outer attempts makes four inner ones in its slot.",
        kind: FindingKind::Violation,
        check: "attempts are numbered and few",
        scenario: "aggressive",
    },
    Member {
        name: "refusal-retried",
        id: "CN-22",
        story: "What the provider refuses for good is asked again.",
        kind: FindingKind::Violation,
        check: "attempts are numbered and few",
        scenario: "chaos",
    },
    Member {
        name: "wait-eats-time",
        id: "CN-24",
        story: "The time a shard waits for slots is taken from the time it may run.",
        kind: FindingKind::Violation,
        check: "waiting takes no time from the work",
        scenario: "chaos",
    },
    Member {
        name: "empty-answer",
        id: "CN-25",
        story: "A success without any text is taken for an answer.",
        kind: FindingKind::Panic,
        check: "sim/harness/src/scenario/stage.rs",
        scenario: "aggressive",
    },
    Member {
        name: "timeout-ignored",
        id: "CN-26",
        story: "The configured limit on waiting is not looked at.",
        kind: FindingKind::Violation,
        check: "waits stay below the scenario's threshold",
        scenario: "slot-storm",
    },
    Member {
        name: "one-shard-more",
        id: "CN-30",
        story: "The fleet takes one shard more than it may.",
        kind: FindingKind::Violation,
        check: "no more shards live than may",
        scenario: "chaos",
    },
    Member {
        name: "stop-takes-all-grace",
        id: "CN-35",
        story: "The stop of the fleet takes the whole of its grace, also when nobody lives any more.",
        kind: FindingKind::Violation,
        check: "the fleet stops when all have ended",
        scenario: "chaos",
    },
    Member {
        name: "orphan-shard",
        id: "CN-36",
        story: "A shard goes on when nobody is left who waits for its result.",
        kind: FindingKind::Violation,
        check: "work that nobody wants ends",
        scenario: "chaos",
    },
    Member {
        name: "reader-takes-slot",
        id: "PX-01",
        story: "The slot of a stream comes back only when the stream ends by itself, not when its reader goes.",
        kind: FindingKind::Violation,
        check: "nobody waits with an idle slot in hand",
        scenario: "aggressive",
    },
    Member {
        name: "release-cut-off",
        id: "PX-02",
        story: "Giving a slot back is a round trip of its own, which may come late or be cut off.",
        kind: FindingKind::Violation,
        check: "slots come back in time",
        scenario: "aggressive",
    },
    Member {
        name: "timeout-keeps-slot",
        id: "PX-03",
        story: "A call that takes too long never gives its slot back.",
        kind: FindingKind::Violation,
        check: "nobody waits with an idle slot in hand",
        scenario: "chaos",
    },
    Member {
        name: "upstream-goes-on",
        id: "PX-04",
        story: "The exchange with the provider goes on when its caller has gone.",
        kind: FindingKind::Violation,
        check: "no exchange without a slot",
        scenario: "chaos",
    },
    Member {
        name: "stream-never-begun",
        id: "PX-05",
        story: "A stream that is cancelled between its slot and its beginning keeps the slot.",
        kind: FindingKind::Violation,
        check: "slots come back in time",
        scenario: "chaos",
    },
    Member {
        name: "killed-twice",
        id: "PX-08",
        story: "A shard that is cancelled makes room when it is asked to end, and again when it has ended.",
        kind: FindingKind::Violation,
        check: "no more shards live than may",
        scenario: "chaos",
    },
    Member {
        name: "workflow-in-a-slot",
        id: "PX-09",
        story: "A shard holds a slot for all of its life, and each of its calls waits for another.",
        kind: FindingKind::Violation,
        check: "nobody waits with an idle slot in hand",
        scenario: "aggressive",
    },
    Member {
        name: "waits-for-close",
        id: "PX-13",
        story: "A stream is over when the provider closes it, not with its last chunk.",
        kind: FindingKind::Violation,
        check: "every shard nobody gave up completes",
        scenario: "aggressive",
    },
];

impl Member {
    /// The member of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        MEMBERS.iter().find(|member| member.name == name)
    }
}
