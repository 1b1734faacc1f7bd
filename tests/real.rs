//! shardwright on real tokio: the same code that the simulator explores runs, and keeps its promises.
#![cfg(real_side)]
#![allow(unreachable_pub, reason = "the support modules are shared by tests only")]

mod support;

use std::{
    future::pending,
    sync::{Arc, Mutex, atomic::Ordering::SeqCst},
};

use futures::{StreamExt, future::join_all, poll, stream};
use shardwright::{
    ShardId,
    llm::{CallError, Request, ScheduledClient, Settings as LlmSettings},
    scheduler::{AcquireError, AcquireOptions, CheckpointError, NotRegistered, Phase, Priority, Scheduler, Settings},
    shard::{Fleet, Settings as FleetSettings, ShardResult, SpawnError, SpawnOptions},
};
use support::{
    assert_at_rest,
    model::{Model, last_piece, piece, then_stall, whole},
    scheduler, scheduler_with,
    story::Story,
};
use tokio::{
    task::{JoinSet, yield_now},
    time::{Duration, Instant, advance, sleep, timeout},
};

const ONE: ShardId = ShardId(1);
const TWO: ShardId = ShardId(2);
const THREE: ShardId = ShardId(3);

fn at(priority: Priority) -> AcquireOptions {
    AcquireOptions { priority, ..AcquireOptions::BASE }
}

fn client(scheduler: &Scheduler, model: Model) -> ScheduledClient {
    ScheduledClient::new(scheduler.clone(), Arc::new(model), LlmSettings::BASE)
}

/// Lets every other task of a paused single-threaded runtime run until it waits.
async fn settle() {
    for _ in 0..20 {
        yield_now().await;
    }
}

mod slots {
    use super::*;

    #[tokio::test]
    async fn a_dropped_permit_goes_to_the_first_who_came() {
        let scheduler = scheduler(1, 3);
        let held = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        let (mut second, mut third) =
            (scheduler.acquire(TWO, AcquireOptions::BASE), scheduler.acquire(THREE, AcquireOptions::BASE));
        assert!(poll!(&mut second).is_pending() && poll!(&mut third).is_pending());
        drop(held);
        assert!(poll!(&mut third).is_pending());
        assert_eq!(second.await.unwrap().shard(), TWO);
        drop(third);
        assert_at_rest(&scheduler);
    }

    #[tokio::test]
    async fn a_grant_nobody_saw_goes_to_the_next_waiter() {
        let scheduler = scheduler(1, 3);
        let held = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        let (mut second, mut third) =
            (scheduler.acquire(TWO, AcquireOptions::BASE), scheduler.acquire(THREE, AcquireOptions::BASE));
        assert!(poll!(&mut second).is_pending() && poll!(&mut third).is_pending());
        drop(held);
        drop(second);
        drop(third.await.unwrap());
        let metrics = scheduler.metrics();
        assert_eq!((metrics.grants, metrics.grants_unused, metrics.api_calls), (3, 1, 2));
        assert_at_rest(&scheduler);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_moved_to_another_task_is_woken_there() {
        let scheduler = scheduler(1, 2);
        let held = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        let mut waiting = scheduler.acquire(TWO, AcquireOptions::BASE);
        assert!(poll!(&mut waiting).is_pending());
        let moved = tokio::spawn(waiting);
        settle().await;
        drop(held);
        // Well before the slot timeout, whose poll would find the grant in any case.
        let woken = timeout(Duration::from_secs(1), moved).await;
        drop(woken.unwrap().unwrap().unwrap());
    }

    #[tokio::test]
    async fn an_acquire_that_never_ran_leaves_no_trace() {
        let scheduler = scheduler(1, 1);
        drop(scheduler.acquire(ONE, AcquireOptions::BASE));
        assert_eq!(scheduler.metrics().grants, 0);
        assert_at_rest(&scheduler);
    }

    #[tokio::test]
    async fn a_permit_comes_back_while_a_panic_unwinds() {
        let scheduler = scheduler(1, 1);
        let holder = scheduler.clone();
        let task = tokio::spawn(async move {
            let _permit = holder.acquire(ONE, AcquireOptions::BASE).await.unwrap();
            panic!("on purpose");
        });
        assert!(task.await.unwrap_err().is_panic());
        assert_at_rest(&scheduler);
    }

    #[tokio::test]
    async fn higher_classes_go_first() {
        let scheduler = scheduler(1, 3);
        let held = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        let (mut low, mut high) =
            (scheduler.acquire(TWO, at(Priority::Low)), scheduler.acquire(THREE, at(Priority::High)));
        assert!(poll!(&mut low).is_pending() && poll!(&mut high).is_pending());
        drop(held);
        assert!(poll!(&mut low).is_pending());
        drop(high.await.unwrap());
        drop(low.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_raises_even_the_lowest_above_newcomers() {
        let scheduler = scheduler(1, 3);
        let held = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        let mut low = scheduler.acquire(TWO, at(Priority::Low));
        assert!(poll!(&mut low).is_pending());
        advance(Duration::from_secs(90)).await;
        let mut critical = scheduler.acquire(THREE, at(Priority::Critical));
        assert!(poll!(&mut critical).is_pending());
        drop(held);
        assert!(poll!(&mut critical).is_pending());
        drop(low.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn slot_timeout_and_deadline_are_told_apart() {
        let scheduler = scheduler(1, 2);
        let held = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        let limit = Settings::BASE.slot_timeout;
        let error = scheduler.acquire(TWO, AcquireOptions::BASE).await.unwrap_err();
        assert!(matches!(error, AcquireError::SlotTimeout { limit: l, waited } if l == limit && waited >= limit));
        let deadline = Some(Instant::now() + Duration::from_secs(1));
        let options = AcquireOptions { deadline, ..AcquireOptions::BASE };
        assert_eq!(scheduler.acquire(TWO, options).await.unwrap_err(), AcquireError::DeadlineExceeded);
        assert_eq!(scheduler.acquire(TWO, options).await.unwrap_err(), AcquireError::DeadlineExceeded);
        assert_eq!(scheduler.acquire(THREE, AcquireOptions::BASE).await.unwrap_err(), AcquireError::NotRegistered);
        drop(held);
        assert_at_rest(&scheduler);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_freed_in_the_instant_of_a_limit_goes_past_that_waiter() {
        let scheduler = scheduler(1, 3);
        let held = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        let mut late = scheduler.acquire(TWO, AcquireOptions::BASE);
        assert!(poll!(&mut late).is_pending());
        advance(Duration::from_secs(1)).await;
        let mut next = scheduler.acquire(THREE, AcquireOptions::BASE);
        assert!(poll!(&mut next).is_pending());
        advance(Settings::BASE.slot_timeout - Duration::from_secs(1)).await;
        drop(held);
        assert!(matches!(late.await, Err(AcquireError::SlotTimeout { .. })));
        drop(next.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_seen_after_the_deadline_is_handed_on() {
        let scheduler = scheduler(1, 3);
        let held = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        let deadline = Some(Instant::now() + Duration::from_secs(2));
        let mut late = scheduler.acquire(TWO, AcquireOptions { deadline, ..AcquireOptions::BASE });
        let mut next = scheduler.acquire(THREE, AcquireOptions::BASE);
        assert!(poll!(&mut late).is_pending() && poll!(&mut next).is_pending());
        drop(held);
        advance(Duration::from_secs(2)).await;
        assert_eq!(late.await.unwrap_err(), AcquireError::DeadlineExceeded);
        drop(next.await.unwrap());
    }

    #[tokio::test]
    async fn stop_answers_every_waiter_and_nothing_is_granted_after_it() {
        let story = Story::default();
        let _guard = tracing::subscriber::set_default(story.clone());
        let scheduler = scheduler(2, 3);
        let kept = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        let freed = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        let (mut granted, mut waiting) =
            (scheduler.acquire(TWO, AcquireOptions::BASE), scheduler.acquire(THREE, AcquireOptions::BASE));
        assert!(poll!(&mut granted).is_pending() && poll!(&mut waiting).is_pending());
        drop(freed);
        scheduler.stop();
        scheduler.stop();
        assert_eq!(granted.await.unwrap_err(), AcquireError::Stopped);
        assert_eq!(waiting.await.unwrap_err(), AcquireError::Stopped);
        assert_eq!(scheduler.acquire(TWO, AcquireOptions::BASE).await.unwrap_err(), AcquireError::Stopped);
        let mut idle = Box::pin(scheduler.idle());
        assert!(poll!(&mut idle).is_pending());
        drop(kept);
        idle.await;
        assert_at_rest(&scheduler);
        assert_eq!(story.count("stopped"), 1);
        story.assert_consistent();
    }
}

mod records {
    use super::*;

    #[tokio::test]
    async fn registering_again_keeps_counters_checkpoint_and_slots() {
        let scheduler = scheduler(1, 1);
        drop(scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap());
        scheduler.save_checkpoint(ONE, "step", "7").unwrap();
        let held = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        scheduler.register(ONE, "reviewer");
        let state = scheduler.shard_state(ONE).unwrap();
        assert_eq!((state.kind, state.api_calls, state.holding), ("reviewer", 1, 1));
        assert_eq!(scheduler.load_checkpoint(ONE, "step").as_deref(), Some("7"));
        drop(held);
        assert_eq!(state.holding, 1, "a copy never changes later");
    }

    #[tokio::test]
    async fn a_shard_that_leaves_with_a_slot_is_forgotten_when_it_is_back() {
        let scheduler = scheduler(1, 1);
        let held = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        assert_eq!(scheduler.unregister(ONE).unwrap().phase, Phase::ExecutingApi);
        assert_eq!(scheduler.unregister(ONE), Err(NotRegistered));
        assert_eq!(scheduler.save_checkpoint(ONE, "k", "v"), Err(CheckpointError::NotRegistered));
        assert_eq!(scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap_err(), AcquireError::NotRegistered);
        assert_eq!(scheduler.metrics().registered, 1);
        drop(held);
        let metrics = scheduler.metrics();
        assert_eq!((metrics.registered, metrics.api_calls), (0, 1), "its calls still count");
        assert_at_rest(&scheduler);
    }

    #[tokio::test]
    async fn phases_follow_what_a_shard_does() {
        let scheduler = scheduler(1, 2);
        let phase = || scheduler.shard_state(TWO).unwrap().phase;
        let held = scheduler.acquire(ONE, AcquireOptions::BASE).await.unwrap();
        assert_eq!(phase(), Phase::Initializing);
        let mut waiting = scheduler.acquire(TWO, AcquireOptions::BASE);
        assert!(poll!(&mut waiting).is_pending());
        assert_eq!(phase(), Phase::WaitingForSlot);
        assert_eq!(scheduler.metrics().to_string(), "slots=1/1, waiting=1, api_calls=0, avg_wait=0ms, shards=2");
        drop(held);
        let permit = waiting.await.unwrap();
        assert_eq!(phase(), Phase::ExecutingApi);
        drop(permit);
        assert_eq!(phase(), Phase::ProcessingResult);
        assert_eq!(scheduler.unregister(TWO).unwrap().phase, Phase::Completed);
    }

    #[tokio::test]
    async fn a_checkpoint_cannot_outgrow_its_limit() {
        let scheduler = scheduler_with(Settings { checkpoint_bytes_max: 10, ..Settings::BASE }, 1);
        scheduler.save_checkpoint(ONE, "key", "1234567").unwrap();
        scheduler.save_checkpoint(ONE, "key", "7654321").unwrap();
        let too_large = CheckpointError::TooLarge { bytes: 11, bytes_max: 10 };
        assert_eq!(scheduler.save_checkpoint(ONE, "k", ""), Err(too_large));
        assert_eq!(scheduler.load_checkpoint(ONE, "key").as_deref(), Some("7654321"));
    }
}

mod calls {
    use super::*;

    fn request() -> Request {
        Request::new(ONE, 1, "?")
    }

    #[tokio::test]
    async fn a_panic_of_the_client_is_an_error_and_the_slot_is_free() {
        let scheduler = scheduler(1, 1);
        let client = client(&scheduler, Model::answering(|_| async { panic!("on purpose") }));
        let error = client.complete(request()).await.unwrap_err();
        assert_eq!(error, CallError::Panicked { message: "on purpose".into() });
        assert_at_rest(&scheduler);
    }

    #[tokio::test]
    async fn an_empty_answer_is_no_answer() {
        let client = client(&scheduler(1, 1), Model::answering(|_| async { Ok(whole("")) }));
        assert_eq!(client.complete(request()).await, Err(CallError::Empty));
    }

    #[tokio::test(start_paused = true)]
    async fn the_slot_is_free_between_attempts() {
        let scheduler = scheduler(1, 1);
        let model = Model::answering(|request| async move {
            if request.attempt < 2 { Err(CallError::Overloaded) } else { Ok(whole("yes")) }
        });
        let client = client(&scheduler, model);
        let mut call = Box::pin(client.complete_with_retry(request()));
        assert!(poll!(&mut call).is_pending());
        assert_at_rest(&scheduler);
        assert_eq!(call.await, Ok(whole("yes")));
        assert_eq!(scheduler.metrics().api_calls, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_end_with_a_permanent_error_or_their_number() {
        let scheduler = scheduler(1, 1);
        for (error, attempts) in [(CallError::Refused, 1), (CallError::Overloaded, 4)] {
            let answer = error.clone();
            let model = Model::answering(move |_| std::future::ready(Err(answer.clone())));
            let load = model.load();
            assert_eq!(client(&scheduler, model).complete_with_retry(request()).await, Err(error));
            assert_eq!(load.asked.load(SeqCst), attempts);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_by_its_limit_or_the_deadline() {
        let scheduler = scheduler(1, 1);
        let client = client(&scheduler, Model::answering(|_| pending()));
        let limit = LlmSettings::BASE.call_timeout;
        assert_eq!(client.complete(request()).await, Err(CallError::TimedOut { limit }));
        let deadline = Some(Instant::now() + Duration::from_secs(1));
        assert_eq!(client.complete(Request { deadline, ..request() }).await, Err(CallError::DeadlineExceeded));
        assert_at_rest(&scheduler);
    }
}

/// Notes how many slots were held when the exchange with the provider was closed.
struct ClosesWith(Scheduler, Arc<Mutex<Vec<usize>>>);

impl Drop for ClosesWith {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0.metrics().active);
    }
}

#[tokio::test(start_paused = true)]
async fn an_exchange_is_closed_before_its_slot_is_free() {
    let scheduler = scheduler(1, 1);
    let held: Arc<Mutex<Vec<usize>>> = Arc::default();
    let note = {
        let (scheduler, held) = (scheduler.clone(), Arc::clone(&held));
        move || ClosesWith(scheduler.clone(), Arc::clone(&held))
    };
    let request = Request::new(ONE, 1, "?");

    let on_answer = note.clone();
    let endless = client(&scheduler, Model::answering(move |_| pending_with(on_answer())));
    let mut dropped = Box::pin(endless.complete(request.clone()));
    assert!(poll!(&mut dropped).is_pending());
    drop(dropped);
    endless.complete(request.clone()).await.unwrap_err();

    let streams = client(
        &scheduler,
        Model::streaming(move |_| {
            let note = note();
            let pieces = then_stall(vec![piece("a"), last_piece("b")]);
            pieces
                .inspect(move |_| {
                    let _ = &note;
                })
                .boxed()
        }),
    );
    let unread = streams.stream(request.clone()).await.unwrap();
    drop(unread);
    settle().await;
    let whole: Vec<_> = streams.stream(request).await.unwrap().collect().await;
    assert_eq!(whole.len(), 2);
    assert_eq!(*held.lock().unwrap(), [1, 1, 1, 1]);
    assert_at_rest(&scheduler);
}

async fn pending_with<T>(kept: ClosesWith) -> T {
    let _kept = kept;
    pending().await
}

mod streams {
    use super::*;

    fn request() -> Request {
        Request::new(ONE, 1, "?")
    }

    #[tokio::test(start_paused = true)]
    async fn a_whole_stream_ends_at_its_last_chunk_though_the_connection_stays_open() {
        let scheduler = scheduler(1, 1);
        let model = Model::streaming(|_| then_stall(vec![piece("a"), last_piece("b")]));
        let load = model.load();
        let answer = client(&scheduler, model).stream(request()).await.unwrap();
        settle().await;
        // Nobody has read anything so far.
        assert_at_rest(&scheduler);
        assert_eq!(load.open.load(SeqCst), 0);
        assert_eq!(answer.collect::<Vec<_>>().await, [piece("a"), last_piece("b")]);
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_the_reader_frees_the_slot_of_a_stalled_provider() {
        let scheduler = scheduler(1, 1);
        let model = Model::streaming(|_| then_stall(vec![piece("a")]));
        let load = model.load();
        let mut answer = client(&scheduler, model).stream(request()).await.unwrap();
        assert_eq!(answer.next().await, Some(piece("a")));
        assert_eq!((scheduler.metrics().active, load.open.load(SeqCst)), (1, 1));
        let dropped_at = Instant::now();
        drop(answer);
        settle().await;
        assert_eq!((load.open.load(SeqCst), Instant::now()), (0, dropped_at));
        assert_at_rest(&scheduler);
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_the_reader_frees_the_slot_of_a_stream_that_waits_for_room() {
        let scheduler = scheduler(1, 1);
        let model = Model::streaming(|_| stream::repeat_with(|| piece("a")).boxed());
        let answer = client(&scheduler, model).stream(request()).await.unwrap();
        settle().await;
        assert_eq!(scheduler.metrics().active, 1);
        drop(answer);
        settle().await;
        assert_at_rest(&scheduler);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_and_an_idle_reader_both_end_a_stream() {
        let idle = CallError::Idle { limit: LlmSettings::BASE.stream_idle };
        let scheduler = scheduler(1, 1);
        let silent = Model::streaming(|_| then_stall(vec![piece("a")]));
        let answer = client(&scheduler, silent).stream(request()).await.unwrap();
        assert_eq!(answer.collect::<Vec<_>>().await, [piece("a"), Err(idle.clone())]);

        let endless = Model::streaming(|_| stream::repeat_with(|| piece("a")).boxed());
        let answer = client(&scheduler, endless).stream(request()).await.unwrap();
        sleep(LlmSettings::BASE.stream_idle * 2).await;
        assert_at_rest(&scheduler);
        let items: Vec<_> = answer.collect().await;
        assert_eq!(items.len(), LlmSettings::BASE.stream_buffer_chunks + 1);
        assert_eq!(items.last(), Some(&Err(idle)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_without_its_last_chunk_is_an_error() {
        let scheduler = scheduler(1, 1);
        let cut = Model::streaming(|_| stream::iter([piece("a")]).boxed());
        let answer = client(&scheduler, cut).stream(request()).await.unwrap();
        assert_eq!(answer.collect::<Vec<_>>().await, [piece("a"), Err(CallError::Truncated)]);

        let empty = Model::streaming(|_| stream::iter([last_piece("")]).boxed());
        let answer = client(&scheduler, empty).stream(request()).await.unwrap();
        assert_eq!(answer.collect::<Vec<_>>().await, [Err(CallError::Empty)]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_behind_a_full_buffer_still_frees_the_slot_at_once() {
        let scheduler = scheduler(1, 1);
        let chunks = LlmSettings::BASE.stream_buffer_chunks;
        let model = Model::streaming(move |_| {
            let pieces = stream::repeat_with(|| piece("a")).take(chunks);
            pieces.chain(stream::iter([Err(CallError::Disconnected)])).boxed()
        });
        let answer = client(&scheduler, model).stream(request()).await.unwrap();
        settle().await;
        assert_at_rest(&scheduler);
        assert_eq!(answer.collect::<Vec<_>>().await.last(), Some(&Err(CallError::Disconnected)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_panics_ends_in_an_error() {
        let scheduler = scheduler(1, 1);
        let model = Model::streaming(|_| stream::once(async { panic!("on purpose") }).boxed());
        let answer = client(&scheduler, model).stream(request()).await.unwrap();
        let panicked = CallError::Panicked { message: "on purpose".into() };
        assert_eq!(answer.collect::<Vec<_>>().await, [Err(panicked)]);
        assert_at_rest(&scheduler);
    }
}

mod shards {
    use super::*;

    fn fleet(scheduler: &Scheduler) -> Fleet {
        Fleet::new(scheduler.clone(), FleetSettings::BASE)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn twelve_shards_on_five_slots_all_finish() {
        let scheduler = scheduler(5, 0);
        let model = Model::answering(|_| async {
            sleep(Duration::from_millis(2)).await;
            Ok(whole("yes"))
        });
        let load = model.load();
        let (fleet, client) = (fleet(&scheduler), client(&scheduler, model));
        let work = |client: ScheduledClient| {
            move |shard| async move {
                for call in 0..4 {
                    client.complete(Request::new(shard, call, "?")).await?;
                }
                Ok(shard.to_string())
            }
        };
        let spawned = (0..12).map(|_| fleet.spawn("coder", SpawnOptions::BASE, work(client.clone())).unwrap());
        let mut handles: Vec<_> = spawned.collect();
        for handle in &mut handles {
            let finished = ShardResult::Finished(handle.shard().to_string());
            assert_eq!(handle.result().await, Some(finished));
            assert_eq!(handle.result().await, None, "a result is taken once");
        }
        assert_eq!((load.asked.load(SeqCst), scheduler.metrics().api_calls), (48, 48));
        assert!(load.open_max.load(SeqCst) <= 5);
        assert_eq!((fleet.living().len(), scheduler.metrics().registered), (0, 0));
        assert_at_rest(&scheduler);
    }

    #[tokio::test]
    async fn a_panic_stays_inside_its_shard() {
        let scheduler = scheduler(1, 0);
        let fleet = fleet(&scheduler);
        let slots = scheduler.clone();
        let mut bad = fleet
            .spawn("bad", SpawnOptions::BASE, move |shard| async move {
                let _permit = slots.acquire(shard, AcquireOptions::BASE).await.unwrap();
                panic!("on purpose")
            })
            .unwrap();
        let mut good = fleet.spawn("good", SpawnOptions::BASE, |_| async { Ok("fine".into()) }).unwrap();
        assert_eq!(bad.result().await, Some(ShardResult::Panicked("on purpose".into())));
        assert_eq!(good.result().await, Some(ShardResult::Finished("fine".into())));
        assert_eq!((fleet.living().len(), scheduler.metrics().registered), (0, 0));
        assert_at_rest(&scheduler);
    }

    #[tokio::test]
    async fn the_limit_counts_shards_until_they_have_ended() {
        let scheduler = scheduler(5, 0);
        let fleet = fleet(&scheduler);
        let mut handles: Vec<_> =
            (0..12).map(|_| fleet.spawn("idler", SpawnOptions::BASE, |_| pending()).unwrap()).collect();
        let too_many = || fleet.spawn("idler", SpawnOptions::BASE, |_| pending()).unwrap_err();
        assert_eq!(too_many(), SpawnError::TooMany { limit: 12 });
        assert!(handles[0].cancel());
        assert!(!handles[0].cancel());
        assert_eq!(too_many(), SpawnError::TooMany { limit: 12 }, "cancelled, but not gone");
        assert_eq!(handles[0].result().await, Some(ShardResult::Cancelled));
        fleet.spawn("idler", SpawnOptions::BASE, |_| pending()).unwrap().detach();
        fleet.stop(Duration::ZERO).await;
        assert_eq!(scheduler.metrics().registered, 0);
    }

    #[tokio::test]
    async fn a_cancelled_shard_gives_its_slot_back() {
        let scheduler = scheduler(1, 0);
        let fleet = fleet(&scheduler);
        let holding = |slots: Scheduler| {
            move |shard| async move {
                let _permit = slots.acquire(shard, AcquireOptions::BASE).await.unwrap();
                pending().await
            }
        };
        let first = fleet.spawn("holder", SpawnOptions::BASE, holding(scheduler.clone())).unwrap();
        let second = fleet.spawn("holder", SpawnOptions::BASE, holding(scheduler.clone())).unwrap();
        settle().await;
        assert_eq!((scheduler.metrics().active, scheduler.metrics().waiting), (1, 1));
        drop(first);
        settle().await;
        assert_eq!(scheduler.shard_state(second.shard()).unwrap().phase, Phase::ExecutingApi);
        drop(second);
        settle().await;
        assert_at_rest(&scheduler);
        assert_eq!(scheduler.metrics().registered, 0);
    }

    #[tokio::test]
    async fn a_shard_cancelled_before_it_ran_never_runs() {
        let story = Story::default();
        let _guard = tracing::subscriber::set_default(story.clone());
        let scheduler = scheduler(1, 0);
        let fleet = fleet(&scheduler);
        let mut shard = fleet.spawn("early", SpawnOptions::BASE, |_| async { panic!("it ran") }).unwrap();
        assert!(fleet.cancel(shard.shard()));
        assert_eq!(shard.result().await, Some(ShardResult::Cancelled));
        assert_eq!((story.count("spawned"), story.count("cancelled"), story.count("unregistered")), (1, 1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_wait_does_not_lose_the_result() {
        let fleet = fleet(&scheduler(1, 0));
        let mut shard = fleet
            .spawn("slow", SpawnOptions::BASE, |_| async {
                sleep(Duration::from_secs(10)).await;
                Ok("late".into())
            })
            .unwrap();
        assert!(timeout(Duration::from_secs(1), shard.result()).await.is_err());
        assert_eq!(shard.result().await, Some(ShardResult::Finished("late".into())));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_a_slot_does_not_eat_the_execution_timeout() {
        let other = ShardId(1_000);
        let scheduler = scheduler(1, 0);
        scheduler.register(other, "test");
        let held = scheduler.acquire(other, AcquireOptions::BASE).await.unwrap();
        let fleet = fleet(&scheduler);
        let options = SpawnOptions { execution_timeout: Duration::from_secs(10) };
        let slots = scheduler.clone();
        let started_at = Instant::now();
        let mut shard = fleet
            .spawn("patient", options, move |shard| async move {
                let _permit = slots.acquire(shard, AcquireOptions::BASE).await.unwrap();
                pending().await
            })
            .unwrap();
        sleep(Duration::from_secs(60)).await;
        drop(held);
        assert_eq!(shard.result().await, Some(ShardResult::TimedOut { limit: options.execution_timeout }));
        assert!(started_at.elapsed() >= Duration::from_secs(70));
        assert!(started_at.elapsed() < Duration::from_secs(71));
    }

    #[tokio::test(start_paused = true)]
    async fn stop_waits_for_its_grace_and_then_cancels_the_rest() {
        let scheduler = scheduler(1, 0);
        let fleet = fleet(&scheduler);
        let mut quick = fleet
            .spawn("quick", SpawnOptions::BASE, |_| async {
                sleep(Duration::from_secs(5)).await;
                Ok("done".into())
            })
            .unwrap();
        let mut endless = fleet.spawn("endless", SpawnOptions::BASE, |_| pending()).unwrap();
        fleet.stop(Duration::from_secs(10)).await;
        assert_eq!(fleet.spawn("late", SpawnOptions::BASE, |_| pending()).unwrap_err(), SpawnError::Stopped);
        assert_eq!(fleet.living(), []);
        assert_eq!(quick.result().await, Some(ShardResult::Finished("done".into())));
        assert_eq!(endless.result().await, Some(ShardResult::Cancelled));
    }
}

/// Forty tasks on three threads fight for three slots and are aborted at random; then the log, the
/// metrics and the provider must tell the same story.
#[test]
fn log_metrics_and_provider_agree_after_heavy_use_with_aborts() {
    let story = Story::default();
    let dispatch = tracing::Dispatch::new(story.clone());
    let on_workers = dispatch.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .enable_time()
        .on_thread_start(move || std::mem::forget(tracing::dispatcher::set_default(&on_workers)))
        .build()
        .unwrap();
    let (scheduler, asked) = tracing::dispatcher::with_default(&dispatch, || runtime.block_on(heavy_use()));
    drop(runtime);

    assert_at_rest(&scheduler);
    story.assert_consistent();
    let metrics = scheduler.metrics();
    assert_eq!(metrics.registered, 0);
    assert_eq!(story.count("acquired slot"), metrics.grants);
    assert_eq!(story.count("released slot"), metrics.api_calls + metrics.grants_unused);
    // Each wait is logged in whole microseconds, rounded down.
    let logged_us = u128::from(story.sum("acquired slot", "wait_us"));
    let kept_us = metrics.wait_total.as_micros();
    assert!((logged_us..=logged_us + u128::from(metrics.grants)).contains(&kept_us));
    assert!(asked as u64 <= metrics.api_calls);
    assert!(story.count("cancelled") > 0 && story.count("finished") > 0);
}

async fn heavy_use() -> (Scheduler, usize) {
    let scheduler = scheduler(3, 0);
    let fleet = Fleet::new(scheduler.clone(), FleetSettings { shards_max: 40 });
    let model = Model::answering(|request| async move {
        sleep(Duration::from_micros(request.call * 37 % 300)).await;
        Ok(whole("yes"))
    });
    let load = model.load();
    let client = client(&scheduler, model);
    let mut askers = JoinSet::new();
    let mut aborts = Vec::new();
    for n in 0..40_u64 {
        let (fleet, client) = (fleet.clone(), client.clone());
        aborts.push(askers.spawn(async move {
            let work = move |shard| async move {
                let calls = (0..8).map(|call| client.complete(Request::new(shard, n + call, "?")));
                join_all(calls).await;
                Ok(String::new())
            };
            fleet.spawn("worker", SpawnOptions::BASE, work).unwrap().result().await
        }));
    }
    for (n, abort) in aborts.iter().enumerate().filter(|(n, _)| n % 3 == 0) {
        sleep(Duration::from_micros(n as u64 * 29 % 500)).await;
        abort.abort();
    }
    while askers.join_next().await.is_some() {}
    fleet.stop(Duration::from_secs(10)).await;
    scheduler.stop();
    scheduler.idle().await;
    let open = load.open.load(SeqCst);
    assert_eq!(open, 0);
    assert!(load.open_max.load(SeqCst) <= 3);
    (scheduler, load.asked.load(SeqCst))
}
