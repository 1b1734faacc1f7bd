//! What code may rely on of `seam::fs`, on either side: each claim holds in a real directory and on the simulated disk
//! in every seed.

use seam::fs::{Lock, Positioned, sync_directory};
use std::{
    future::Future,
    io::ErrorKind,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
use tokio::{
    fs::{self, OpenOptions},
    task::yield_now,
    time::{Duration, timeout},
};

#[cfg(not(real_side))]
const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// Runs `body` with an empty directory, in a world for each of some seeds.
#[cfg(madsim)]
fn claim<F: Future<Output = ()> + 'static>(body: fn(PathBuf) -> F) {
    let name = std::thread::current().name().unwrap_or("fs").to_owned();
    let report = seedbed::sweep(&name, 0..100, |_| async move {
        body("/".into()).await;
        Ok(())
    });
    report.assert_clean();
}

/// Runs `body` with an empty directory, on real tokio.
#[cfg(not(madsim))]
fn claim<F: Future<Output = ()> + 'static>(body: fn(PathBuf) -> F) {
    let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
    let place = std::env::temp_dir().join(format!("seam-{}-{test}", std::process::id()));
    std::fs::create_dir_all(&place).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(body(place.clone()));
    std::fs::remove_dir_all(&place).unwrap();
}

async fn opened(path: &PathBuf) -> Positioned {
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false).open(path).await.unwrap();
    Positioned::new(file).await
}

#[test]
fn reads_and_writes_go_where_they_are_told_to() {
    claim(|place| async move {
        let path = place.join("places");
        let file = opened(&path).await;
        assert!(file.is_empty().await.unwrap());
        file.write_all_at(4, "late").await.unwrap();
        file.write_all_at(0, "soon").await.unwrap();
        assert_eq!(file.read_at(2, 4).await.unwrap(), b"onla");
        assert_eq!(file.read_at(6, 100).await.unwrap(), b"te", "as many as there are");
        assert_eq!(file.read_at(100, 1).await.unwrap(), b"");
        file.write_all_at(10, "x").await.unwrap();
        assert_eq!(fs::read(&path).await.unwrap(), b"soonlate\0\0x");
        file.set_len(3).await.unwrap();
        file.sync().await.unwrap();
        sync_directory(&place).await.unwrap();
        assert_eq!((file.len().await.unwrap(), fs::read(&path).await.unwrap()), (3, b"soo".to_vec()));
    });
}

#[test]
fn what_is_not_open_for_it_is_refused() {
    claim(|place| async move {
        let path = place.join("read-only");
        fs::write(&path, "x").await.unwrap();
        let file = Positioned::new(fs::File::open(&path).await.unwrap()).await;
        assert!(file.write_all_at(0, "y").await.is_err());
        assert_eq!(file.set_len(0).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(file.read_at(0, 1).await.unwrap(), b"x");
        assert_eq!(sync_directory(place.join("none")).await.unwrap_err().kind(), ErrorKind::NotFound);
    });
}

#[test]
fn one_open_file_has_the_lock_and_the_others_wait() {
    claim(|place| async move {
        let path = place.join("lock");
        let holders = Arc::new(AtomicUsize::new(0));
        let turns = (0..4).map(|_| {
            let (path, holders) = (path.clone(), holders.clone());
            tokio::spawn(async move {
                let file = opened(&path).await;
                let _lock = file.lock().await.unwrap();
                assert_eq!(holders.fetch_add(1, Relaxed), 0, "one at a time");
                yield_now().await;
                holders.fetch_sub(1, Relaxed);
            })
        });
        for turn in turns.collect::<Vec<_>>() {
            turn.await.unwrap();
        }
    });
}

#[test]
fn a_lock_is_of_the_open_file_and_ends_with_it() {
    claim(|place| async move {
        let path = place.join("lock");
        let [one, other] = [opened(&path).await, opened(&path).await];
        let lock = one.try_lock().await.unwrap().expect("it is free");
        assert!(other.try_lock().await.unwrap().is_none());
        let again: Lock = one.try_lock().await.unwrap().expect("it has it already");
        std::mem::forget(again);
        let elsewhere = opened(&place.join("other")).await;
        assert!(elsewhere.try_lock().await.unwrap().is_some(), "another file has another lock");
        drop(lock);
        drop(other.try_lock().await.unwrap().expect("it was given back"));
        let kept = other.lock().await.unwrap();
        drop(other);
        assert!(one.try_lock().await.unwrap().is_none(), "the lock keeps its file open");
        drop(kept);
        assert!(one.try_lock().await.unwrap().is_some());
    });
}

#[test]
fn a_wait_that_is_given_up_leaves_no_lock_behind() {
    claim(|place| async move {
        let path = place.join("lock");
        let [one, other] = [opened(&path).await, opened(&path).await];
        let lock = one.lock().await.unwrap();
        assert!(timeout(Duration::from_millis(20), other.lock()).await.is_err(), "it is held");
        drop(lock);
        // What waited may have it for a moment.
        drop(timeout(Duration::from_secs(60), one.lock()).await.unwrap().unwrap());
        while one.try_lock().await.unwrap().is_none() {
            yield_now().await;
        }
    });
}
