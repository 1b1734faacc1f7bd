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
    /// .. the check that must fail, or for a panic the file in which ..
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
        name: "grant-after-stop",
        id: "CN-08",
        story: "A slot that was granted and not seen before the stop is handed over after it.",
        kind: FindingKind::Violation,
        check: "the stop is the end",
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
        name: "ghost-shard",
        id: "CN-12",
        story: "A shard whose work panics stays registered for ever.",
        kind: FindingKind::Violation,
        check: "nothing is left at rest",
        scenario: "chaos",
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
        name: "slot-kept-in-pause",
        id: "CN-20",
        story: "A call that failed keeps its slot during the pause before its retry.",
        kind: FindingKind::Violation,
        check: "slots come back in time",
        scenario: "aggressive",
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
];

impl Member {
    /// The member of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        MEMBERS.iter().find(|member| member.name == name)
    }
}
