//! The calls of `tokio::sync` that block a thread, where it may block and they have to wait: all others go on meanwhile.

use crate::threads::{MOMENT, on_threads};
use std::{future::Future, sync::Arc};
use tokio::{
    runtime::Handle,
    spawn,
    sync::{Mutex, RwLock, Semaphore, broadcast, mpsc, oneshot},
    task::{block_in_place, spawn_blocking},
    time::sleep,
};

/// Runs `work`, which has to wait, and `lets_go` after a moment; what `work` returns.
async fn waiting<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static, lets_go: impl Future) -> R {
    let work = spawn_blocking(work);
    sleep(MOMENT).await;
    assert!(!work.is_finished(), "it waits");
    lets_go.await;
    work.await.unwrap()
}

#[test]
fn blocking_recv_waits_for_a_message_or_the_last_sender() {
    on_threads(|| async {
        let (sender, mut receiver) = mpsc::channel(1);
        let got = waiting(move || (receiver.blocking_recv(), receiver.blocking_recv()), async {
            sender.send(7).await.unwrap();
            sleep(MOMENT).await;
            drop(sender);
        });
        assert_eq!(got.await, (Some(7), None));

        let (sender, mut receiver) = mpsc::unbounded_channel();
        assert_eq!(waiting(move || receiver.blocking_recv(), async { sender.send(7) }).await, Some(7));
    });
}

#[test]
fn blocking_recv_many_waits_for_one() {
    on_threads(|| async {
        let (sender, mut receiver) = mpsc::channel(4);
        let many = move || {
            let mut buffer = Vec::new();
            (receiver.blocking_recv_many(&mut buffer, 3), buffer)
        };
        assert_eq!(waiting(many, async { sender.send(7).await }).await, (1, vec![7]));

        let (sender, mut receiver) = mpsc::unbounded_channel();
        let many = move || {
            let mut buffer = Vec::new();
            (receiver.blocking_recv_many(&mut buffer, 3), buffer)
        };
        assert_eq!(waiting(many, async { sender.send(7) }).await, (1, vec![7]));
    });
}

#[test]
fn blocking_send_waits_for_room() {
    on_threads(|| async {
        let (sender, mut receiver) = mpsc::channel(1);
        sender.try_send(1).unwrap();
        let sent = waiting(move || sender.blocking_send(2), async { assert_eq!(receiver.recv().await, Some(1)) });
        assert_eq!(sent.await, Ok(()));
        assert_eq!(receiver.recv().await, Some(2));

        let (sender, receiver) = mpsc::channel(1);
        sender.try_send(1).unwrap();
        let refused = waiting(move || sender.blocking_send(2), async { drop(receiver) }).await;
        assert_eq!(refused.unwrap_err().0, 2);
    });
}

#[test]
fn other_channels_wait_too() {
    on_threads(|| async {
        let (sender, receiver) = oneshot::channel();
        assert_eq!(waiting(move || receiver.blocking_recv(), async { sender.send(7) }).await, Ok(7));

        let (sender, receiver) = oneshot::channel::<()>();
        assert!(waiting(move || receiver.blocking_recv(), async { drop(sender) }).await.is_err());

        let (sender, mut receiver) = broadcast::channel(1);
        assert_eq!(waiting(move || receiver.blocking_recv(), async { sender.send(7) }).await, Ok(7));
    });
}

#[test]
fn locks_wait_for_who_holds_them() {
    on_threads(|| async {
        let lock = Arc::new(Mutex::new(1));
        for is_owned in [false, true] {
            let (held, waits) = (lock.clone().lock_owned().await, lock.clone());
            let add = move || match is_owned {
                false => *waits.blocking_lock() += 1,
                true => *waits.blocking_lock_owned() += 1,
            };
            waiting(add, async { drop(held) }).await;
        }
        assert_eq!(*lock.lock().await, 3);

        let lock = Arc::new(RwLock::new(1));
        let (held, waits) = (lock.clone().write_owned().await, lock.clone());
        assert_eq!(waiting(move || *waits.blocking_read(), async { drop(held) }).await, 1);
        let (held, waits) = (lock.clone().read_owned().await, lock.clone());
        waiting(move || *waits.blocking_write() += 1, async { drop(held) }).await;
        assert_eq!(*lock.read().await, 2);
    });
}

#[test]
fn permits_are_waited_for() {
    on_threads(|| async {
        let permits = Arc::new(Semaphore::new(0));
        let waits = permits.clone();
        assert!(waiting(move || waits.blocking_acquire().is_ok(), async { permits.add_permits(1) }).await);
        let waits = permits.clone();
        assert!(waiting(move || waits.blocking_acquire_many(3).is_ok(), async { permits.add_permits(2) }).await);
        let waits = permits.clone();
        let owned = waiting(move || waits.blocking_acquire_many_owned(4).unwrap(), async { permits.add_permits(1) });
        assert_eq!(owned.await.num_permits(), 4);
        assert_eq!(permits.available_permits(), 4);
        let (all, waits) = (permits.clone().acquire_many_owned(4).await, permits.clone());
        assert!(waiting(move || waits.blocking_acquire_owned().is_err(), async { permits.close() }).await);
        drop(all);
    });
}

#[test]
fn a_task_waits_in_place() {
    on_threads(|| async {
        let (sender, mut receiver) = mpsc::channel(1);
        let sends = spawn(async move {
            for value in 0..10 {
                sleep(MOMENT / 5).await;
                sender.send(value).await.unwrap();
            }
        });
        let sum = block_in_place(|| std::iter::from_fn(|| receiver.blocking_recv()).sum::<u32>());
        assert_eq!(sum, 45);
        sends.await.unwrap();
    });
}

/// Blocking work hands on to blocking work, in each pair one that waits.
#[test]
fn a_chain_of_blocking_work_hands_on() {
    on_threads(|| async {
        const STAGES: usize = 8;
        let (first, mut last) = mpsc::channel(1);
        let mut stages = Vec::new();
        for _ in 0..STAGES {
            let (sender, receiver) = mpsc::channel::<u32>(1);
            let mut from = std::mem::replace(&mut last, receiver);
            stages.push(spawn_blocking(move || {
                while let Some(value) = from.blocking_recv() {
                    sender.blocking_send(value + 1).unwrap();
                }
            }));
        }
        let sink = spawn_blocking(move || std::iter::from_fn(|| last.blocking_recv()).collect::<Vec<_>>());
        for value in 0..20 {
            first.send(value).await.unwrap();
        }
        drop(first);
        assert_eq!(sink.await.unwrap(), (8..28).collect::<Vec<_>>());
        for stage in stages {
            stage.await.unwrap();
        }
    });
}

/// A task may end while its blocking work waits: that goes on, and is heard when the runtime is dropped at last.
#[test]
fn who_waits_outlives_who_asked() {
    on_threads(|| async {
        let (sender, receiver) = oneshot::channel();
        let (told, hears) = oneshot::channel();
        drop(spawn_blocking(move || told.send(receiver.blocking_recv())));
        spawn(async move {
            sleep(MOMENT).await;
            sender.send(7).unwrap();
        });
        assert_eq!(hears.await.unwrap(), Ok(7));
        assert!(Handle::try_current().is_ok());
    });
}
