//! Which planted bugs are measured.

/// Names of members, by scenario. Each fails on some seeds only, as far as there are such: it needs a schedule, a
/// cancellation or a draw of the workload. Those that nearly every seed finds would survive any edit.
pub const CHOSEN: [&str; 20] = [
    "slot-leak",
    "double-release",
    "grant-after-stop",
    "starvation",
    "timeout-ignored",
    "wrong-wait",
    "endless-stream",
    "ghost-shard",
    "refusal-retried",
    "second-stop",
    "stop-takes-all-grace",
    "stream-never-begun",
    "timeout-keeps-slot",
    "killed-twice",
    "chunk-skipped",
    "late-nothing",
    "truncated-answer",
    "empty-answer",
    "release-cut-off",
    "reader-takes-slot",
];
