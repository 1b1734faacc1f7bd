//! What the store promises, on a real directory and on the simulated disk.

use shardwright::store::{Change, Filter, NewItem, Refusal, Request, Settings, Store, Target, WriteError};
use std::path::PathBuf;

fn add(title: &str) -> Change {
    Change::Add(NewItem { title: title.into(), ..NewItem::default() })
}

#[cfg(madsim)]
fn with_store<F: Future<Output = ()> + 'static>(test: impl Fn(PathBuf) -> F + Sync) {
    seedbed::sweep("store", 0..50, |_| {
        let test = test(PathBuf::from("/work/store"));
        async move {
            test.await;
            Ok(())
        }
    })
    .assert_clean();
}

#[cfg(not(madsim))]
fn with_store<F: Future<Output = ()> + 'static>(test: impl Fn(PathBuf) -> F + Sync) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NTH: AtomicU32 = AtomicU32::new(0);
    let nth = NTH.fetch_add(1, Ordering::Relaxed);
    let directory = std::env::temp_dir().join(format!("shardwright-store-{}-{nth}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(test(directory.join("store")));
    std::fs::remove_dir_all(&directory).expect("the test made it");
}

#[test]
fn what_is_written_is_there() {
    with_store(|directory| async move {
        let store = Store::open_or_create(&directory, Settings::BASE).await.unwrap();
        let first = store.apply(add("first")).await.unwrap().item().unwrap();
        let second = store.apply(Request::new([add("second"), add("third")])).await.unwrap();
        assert_eq!(second.items.len(), 2);
        let other = Store::open(&directory, Settings::BASE).await.unwrap();
        assert_eq!(other.items(&Filter::READY).await.unwrap().len(), 3);
        let item = other.item(first).await.unwrap().unwrap();
        other.apply(Change::Claim(Target::from(&*item), "ada".into())).await.unwrap();
        let refused = store.apply(Change::Claim(Target::from(&*item), "bob".into())).await.unwrap_err();
        assert!(matches!(refused, WriteError::Refused(Refusal::VersionMismatch { .. })), "{refused}");
        assert_eq!(store.items(&Filter::owned_by("ada")).await.unwrap().len(), 1);
        store.compact().await.unwrap();
        other.apply(Change::Close(first.into())).await.unwrap();
        store.apply(Change::Delete(first.into())).await.unwrap();
        let again = Store::open(&directory, Settings::BASE).await.unwrap();
        assert_eq!(again.items(&Filter::ALL).await.unwrap().len(), 2);
    });
}
