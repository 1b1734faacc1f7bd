//! The table of edits.

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

/// All of them.
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

impl Edit {
    /// The edit of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        EDITS.iter().find(|edit| edit.name == name)
    }

    /// A signature as it reads after the edit.
    pub(super) fn renamed(&self, signature: &str) -> String {
        self.renames.iter().fold(signature.to_owned(), |text, (from, to)| text.replace(from, to))
    }
}
