//! What is asked of a world's tasks from another thread, and after the world.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "a thread outside every world is what this is about")]

use seedbed::{
    sweep,
    task::{AbortHandle, JoinHandle, spawn, yield_now},
};
use std::{
    future::{pending, poll_fn},
    sync::{Mutex, mpsc},
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

#[test]
fn a_wake_from_another_thread_arrives() {
    let elsewhere = Elsewhere::start(Waker::wake);
    sweep("wake", 0..20, move |_world| async move {
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            if polls == 1 {
                elsewhere.deal(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
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
