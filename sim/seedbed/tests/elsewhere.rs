//! What is asked of a world's tasks from another thread, and after the world.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "a thread outside every world is what this is about")]

use seedbed::{
    Case, ensure, run_case, sweep,
    task::{AbortHandle, JoinHandle, spawn, yield_now},
    time::{Duration, sleep},
};
use std::{
    future::{pending, poll_fn},
    sync::{Arc, Mutex, mpsc},
    task::{Poll, Waker},
    thread,
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// What the world hands out, and the answer that it has been dealt with.
struct Elsewhere<T> {
    give: Mutex<mpsc::Sender<T>>,
    done: Mutex<mpsc::Receiver<()>>,
}

impl<T: Send + 'static> Elsewhere<T> {
    /// A thread outside any world that deals with each `T`.
    fn start(deal: impl Fn(T) + Send + 'static) -> &'static Self {
        let ((give, taken), (say, done)) = (mpsc::channel::<T>(), mpsc::channel());
        thread::spawn(move || {
            for given in taken {
                deal(given);
                let _ = say.send(());
            }
        });
        Box::leak(Box::new(Self { give: Mutex::new(give), done: Mutex::new(done) }))
    }

    /// Returns when the other thread has dealt with it; the world stands still meanwhile.
    fn deal(&self, with: T) {
        self.give.lock().unwrap().send(with).unwrap();
        self.done.lock().unwrap().recv().unwrap();
    }
}

#[test]
fn a_task_aborted_from_another_thread_is_cancelled() {
    let elsewhere = Elsewhere::start(|task: AbortHandle| task.abort());
    sweep("abort", 0..20, move |_world| async move {
        let task = spawn(pending::<()>());
        elsewhere.deal(task.abort_handle());
        assert!(!task.is_finished(), "it ends at a turn of its own");
        assert!(task.await.unwrap_err().is_cancelled());
        Ok(())
    })
    .assert_clean();
}

async fn wait_for_a_wake_by(elsewhere: &Elsewhere<Waker>) -> seedbed::Result {
    let mut asked = false;
    poll_fn(|context| {
        if std::mem::replace(&mut asked, true) {
            return Poll::Ready(());
        }
        elsewhere.deal(context.waker().clone());
        Poll::Pending
    })
    .await;
    Ok(())
}

#[test]
fn a_wake_from_another_thread_arrives() {
    let elsewhere = Elsewhere::start(Waker::wake);
    sweep("wake", 0..20, move |_world| wait_for_a_wake_by(elsewhere)).assert_clean();
    let in_madsim = Case { strategy: Some("madsim".into()), ..Case::of_seed("wake", 1) };
    run_case(&in_madsim, move |_world| wait_for_a_wake_by(elsewhere)).assert_clean();
}

#[test]
fn a_handle_dropped_on_another_thread_gives_its_result_up() {
    let elsewhere = Elsewhere::start(drop::<JoinHandle<Arc<()>>>);
    sweep("given up", 0..20, move |_world| async move {
        let held = Arc::new(());
        let result = held.clone();
        elsewhere.deal(spawn(async move { result }));
        sleep(Duration::from_secs(1)).await;
        ensure!(Arc::strong_count(&held) == 1, "the result is kept for nobody");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn handles_that_outlive_their_world_say_that_it_is_over() {
    static KEPT: Mutex<Vec<(AbortHandle, JoinHandle<()>, Waker)>> = Mutex::new(Vec::new());
    sweep("kept", 0..20, |_world| async {
        let task = spawn(pending::<()>());
        yield_now().await;
        let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        let earlier = std::mem::take(&mut *KEPT.lock().unwrap());
        for (abort, task, waker) in &earlier {
            assert!(abort.is_finished() && task.is_finished(), "seen from a later world");
            abort.abort();
            waker.wake_by_ref();
        }
        KEPT.lock().unwrap().push((task.abort_handle(), task, waker));
        Ok(())
    })
    .assert_clean();
    for (abort, task, waker) in std::mem::take(&mut *KEPT.lock().unwrap()) {
        assert!(abort.is_finished() && task.is_finished(), "seen from no world");
        abort.abort();
        waker.wake();
    }
}
