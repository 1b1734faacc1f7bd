//! Making runtimes.

use super::{LocalOptions, LocalRuntime, Runtime};
use crate::{context, executor::Group, time::Duration};
use std::{fmt, io};

/// What a runtime is to be like. Its name, its flavor and its number of workers can be seen in a world, which has one thread,
/// and whether it has time, which is virtual, and network. What else may be said of a runtime makes no difference.
#[must_use = "`build` makes the runtime"]
pub struct Builder {
    name: Option<String>,
    is_multi_thread: bool,
    workers: usize,
    is_paused: bool,
    is_local: bool,
    has_time: bool,
    has_io: bool,
}

/// How many workers a runtime has that is not told: not as many as the machine has processors, or runs would differ.
pub(super) const WORKERS: usize = 4;

impl Builder {
    /// A runtime whose tasks run while somebody blocks on it. In a world they also run while somebody blocks on another
    /// runtime of the same thread.
    pub fn new_current_thread() -> Self {
        Self::of(false)
    }

    /// A runtime of several threads. In a world of plain code its tasks too run only while somebody blocks on a runtime of
    /// the thread.
    pub fn new_multi_thread() -> Self {
        Self::of(true)
    }

    fn of(is_multi_thread: bool) -> Self {
        let (is_paused, is_local, has_time, has_io) = (false, false, false, false);
        Self { name: None, is_multi_thread, workers: WORKERS, is_paused, is_local, has_time, has_io }
    }

    /// The runtime.
    ///
    /// # Errors
    /// None.
    pub fn build(&mut self) -> io::Result<Runtime> {
        Ok(Runtime::of(self.group()))
    }

    fn group(&self) -> Group {
        let mut group = Group::new(self.name.clone(), self.is_multi_thread, self.workers);
        group.is_paused = self.is_paused;
        group.is_local = self.is_local;
        group.has_time = self.has_time;
        group.has_io = self.has_io;
        group
    }

    /// Its tasks need not be `Send`.
    #[doc(hidden)]
    pub fn local(&mut self) -> &mut Self {
        self.is_local = true;
        self
    }

    /// Says that the world which begins is a test on such a runtime.
    #[doc(hidden)]
    pub fn begin_test(&self) {
        context::with(|core| core.begin_in(self.group()));
    }

    /// A runtime whose tasks need not be `Send`.
    ///
    /// # Errors
    /// None.
    pub fn build_local(&mut self, _options: LocalOptions) -> io::Result<LocalRuntime> {
        self.is_multi_thread = false;
        self.is_local = true;
        self.build().map(LocalRuntime::of)
    }

    /// It has time, network and signals.
    pub fn enable_all(&mut self) -> &mut Self {
        self.enable_io().enable_time()
    }

    /// It has the network and signals. Without, who opens a socket there panics, and who listens for a signal.
    pub fn enable_io(&mut self) -> &mut Self {
        self.has_io = true;
        self
    }

    /// It has time. Without, who sleeps there panics.
    pub fn enable_time(&mut self) -> &mut Self {
        self.has_time = true;
        self
    }

    /// What [`RuntimeMetrics::num_workers`](super::RuntimeMetrics::num_workers) tells.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn worker_threads(&mut self, val: usize) -> &mut Self {
        assert!(val > 0, "Worker threads cannot be set to 0");
        self.workers = val;
        self
    }

    /// Makes no difference: what blocks is a turn of the world's one thread.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn max_blocking_threads(&mut self, val: usize) -> &mut Self {
        assert!(val > 0, "Max blocking threads cannot be set to 0");
        self
    }

    /// The runtime's name, for [`Handle::name`](super::Handle::name).
    ///
    /// # Panics
    /// If it is empty.
    #[track_caller]
    pub fn name(&mut self, val: impl Into<String>) -> &mut Self {
        let name = val.into();
        assert!(!name.trim().is_empty(), "runtime name shouldn't be empty");
        self.name = Some(name);
        self
    }

    /// Makes no difference: there are no threads to be named.
    pub fn thread_name(&mut self, _val: impl Into<String>) -> &mut Self {
        self
    }

    /// Makes no difference: there are no threads to be named.
    pub fn thread_name_fn<F>(&mut self, _f: F) -> &mut Self
    where
        F: Fn() -> String + Send + Sync + 'static,
    {
        self
    }

    /// Makes no difference: there are no threads.
    pub fn thread_stack_size(&mut self, _val: usize) -> &mut Self {
        self
    }

    /// Makes no difference: there are no threads.
    pub fn thread_keep_alive(&mut self, _duration: Duration) -> &mut Self {
        self
    }

    /// Never called: no thread starts.
    pub fn on_thread_start<F: Fn() + Send + Sync + 'static>(&mut self, _f: F) -> &mut Self {
        self
    }

    /// Never called: no thread stops.
    pub fn on_thread_stop<F: Fn() + Send + Sync + 'static>(&mut self, _f: F) -> &mut Self {
        self
    }

    /// Never called: no thread is parked.
    pub fn on_thread_park<F: Fn() + Send + Sync + 'static>(&mut self, _f: F) -> &mut Self {
        self
    }

    /// Never called: no thread is parked.
    pub fn on_thread_unpark<F: Fn() + Send + Sync + 'static>(&mut self, _f: F) -> &mut Self {
        self
    }

    /// Makes no difference: who is next is the schedule's decision.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn global_queue_interval(&mut self, val: u32) -> &mut Self {
        assert!(val > 0, "global_queue_interval must be greater than 0");
        self
    }

    /// Makes no difference: who is next is the schedule's decision.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn event_interval(&mut self, val: u32) -> &mut Self {
        assert!(val > 0, "event_interval must be greater than 0");
        self
    }

    /// Makes no difference: what is due on the network is the world's to say.
    ///
    /// # Panics
    /// If it is 0.
    pub fn max_io_events_per_tick(&mut self, capacity: usize) -> &mut Self {
        assert!(capacity > 0, "max_io_events_per_tick must be greater than 0");
        self
    }

    /// Makes no difference: what is due on the network is the world's to say.
    ///
    /// # Panics
    /// If it is 0.
    pub fn max_io_events_per_busy_tick(&mut self, capacity: usize) -> &mut Self {
        assert!(capacity > 0, "max_io_events_per_busy_tick must be greater than 0");
        self
    }

    /// Whether time is [paused](crate::time::pause): in plain code, that of all the thread's runtimes.
    pub fn start_paused(&mut self, start_paused: bool) -> &mut Self {
        self.is_paused = start_paused;
        self
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("name", &self.name).field("workers", &self.workers).finish_non_exhaustive()
    }
}
