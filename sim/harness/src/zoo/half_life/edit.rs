//! The tables of edits.

/// A change of the code that changes nothing in what it does: `edits/<name>.patch`.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    /// Its name.
    pub name: &'static str,
    /// What is changed.
    pub story: &'static str,
    /// What it renames of what signatures are made of, as they write it: files, and paths of functions.
    pub renames: &'static [(&'static str, &'static str)],
}

/// The first ten, on which half-lives were first measured.
pub const EDITS: &[Edit] = &[
    Edit {
        name: "spawn-before-all",
        story: "The scenario spawns a task without a name before all others, which looks at the metrics.",
        renames: &[],
    },
    Edit {
        name: "yield-in-acquire",
        story: "A wait for a slot lets others go first before it begins: one suspension more in each.",
        renames: &[],
    },
    Edit {
        name: "select-arm",
        story: "The select of a shard's task and the one of an impatient caller get an arm that never comes.",
        renames: &[],
    },
    Edit { name: "log-line", story: "Whoever enters the queue is told to the log.", renames: &[] },
    Edit {
        name: "renamed-function",
        story: "The function whose future is a shard's task gets another name.",
        renames: &[("Run::until_end", "Run::to_its_end")],
    },
    Edit {
        name: "moved-file",
        story: "The module of a shard's task and that of the scheduler's books get other names, and so their files.",
        renames: &[
            ("src/shard/run.rs", "src/shard/task.rs"),
            ("src/scheduler/ledger.rs", "src/scheduler/books.rs"),
            ("shardwright::shard::run::", "shardwright::shard::task::"),
            ("shardwright::scheduler::ledger::", "shardwright::scheduler::books::"),
        ],
    },
    Edit { name: "new-field", story: "The totals keep the longest wait, and the metrics tell it.", renames: &[] },
    Edit {
        name: "extra-draw",
        story: "The provider draws a region for each call, a caller a tenant for each of its waits.",
        renames: &[],
    },
    Edit {
        name: "reordered-loop",
        story: "The scenario spawns its clients, or callers, in the opposite order.",
        renames: &[],
    },
    Edit {
        name: "second-client",
        story: "One client more comes together with the first ones, with a shard of its own.",
        renames: &[],
    },
];

/// Ten more of the same kinds at other places, written and fixed before any of them was measured: the framework was
/// mended by the first ten, and not by these.
pub const HELD_OUT: &[Edit] = &[
    Edit {
        name: "heartbeat",
        story: "The scenario's first act is a task with a name that tells the log now and then that it lives.",
        renames: &[],
    },
    Edit {
        name: "lock-before-acquire",
        story: "A call takes a free async lock before it asks for its slot; a caller yields before it waits for one.",
        renames: &[],
    },
    Edit {
        name: "early-end-arm",
        story: "The select of a stream's task gets an arm that never comes; a caller's use of a slot becomes a select.",
        renames: &[],
    },
    Edit {
        name: "call-log",
        story: "The log is told of each model call that needs a slot, of each retry, and of each use of a slot.",
        renames: &[],
    },
    Edit {
        name: "renamed-pump",
        story: "The futures of a stream's task and of a caller get other names, a client's claim another type.",
        renames: &[
            ("Pump::run", "Pump::until_over"),
            ("Storm::call", "Storm::all_calls"),
            ("Client::take_result", "Claim::take_result"),
        ],
    },
    Edit {
        name: "moved-pump",
        story: "The modules of a stream's task, of the wait queue and of a scenario get other names, and so their files.",
        renames: &[
            ("src/llm/pump.rs", "src/llm/carrier.rs"),
            ("src/scheduler/queue.rs", "src/scheduler/waits.rs"),
            ("sim/harness/src/scenario/slot_storm.rs", "sim/harness/src/scenario/storm.rs"),
            ("shardwright::llm::pump::", "shardwright::llm::carrier::"),
            ("shardwright::scheduler::queue::", "shardwright::scheduler::waits::"),
            ("shardwright_sim::scenario::slot_storm::", "shardwright_sim::scenario::storm::"),
        ],
    },
    Edit {
        name: "handle-field",
        story: "A shard's handle knows when the shard was started, the provider how often it was asked, a caller its kind.",
        renames: &[],
    },
    Edit {
        name: "call-draw",
        story: "A shard draws a temperature for each call, a caller a number of tokens for each use of a slot.",
        renames: &[],
    },
    Edit {
        name: "operator-first",
        story: "The operator, or observer, is spawned before others; the scheduler tells that it is idle before it wakes.",
        renames: &[],
    },
    Edit {
        name: "late-reader",
        story: "A reader of streams, or a caller, more comes when the others are at work, with a shard of its own.",
        renames: &[],
    },
];

impl Edit {
    /// The edit of that name, of either table.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        EDITS.iter().chain(HELD_OUT).find(|edit| edit.name == name)
    }

    /// A signature as it reads after the edit.
    pub(super) fn renamed(&self, signature: &str) -> String {
        self.renames.iter().fold(signature.to_owned(), |text, (from, to)| text.replace(from, to))
    }
}
