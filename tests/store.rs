//! What the store promises, on a real directory and on the simulated disk.

use shardwright::store::{
    Change, Filter, Imported, ItemId, NewItem, Refusal, Request, Settings, Store, Target, Version, WriteError, doctor,
    restore,
};
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

#[test]
fn a_handle_follows_the_compactions_of_others_from_wherever_it_was() {
    with_store(|directory| async move {
        let busy = Store::open_or_create(&directory, Settings::BASE).await.unwrap();
        for compactions in [1, 1, 2, 3] {
            let idle = Store::open(&directory, Settings::BASE).await.unwrap();
            for _ in 0..compactions {
                let read_by_nobody = busy.apply(add("before")).await.unwrap().item().unwrap();
                busy.apply(Change::Close(read_by_nobody.into())).await.unwrap();
                busy.compact().await.unwrap();
            }
            let behind = busy.apply(add("behind")).await.unwrap().item().unwrap();
            assert_eq!(idle.export().await.unwrap(), busy.export().await.unwrap());
            idle.apply(Change::Delete(behind.into())).await.unwrap();
            let seen = (busy.export().await.unwrap(), idle.export().await.unwrap());
            let anew = Store::open(&directory, Settings::BASE).await.unwrap().export().await.unwrap();
            assert_eq!(seen, (anew.clone(), anew));
        }
        assert_eq!(doctor(&directory).await.unwrap().damage, []);
    });
}

#[test]
fn a_backup_takes_the_place_of_what_came_after_it() {
    with_store(|directory| async move {
        let store = Store::open_or_create(&directory, Settings::BASE).await.unwrap();
        store.apply(Request::new([add("first"), add("second")])).await.unwrap();
        let exported = store.export().await.unwrap();
        let backups = directory.join("backups");
        for _ in 0..3 {
            store.backup_numbered(&backups, 2).await.unwrap();
        }
        let copy = Store::open(backups.join("3"), Settings::BASE).await.unwrap();
        assert_eq!(copy.export().await.unwrap(), exported);
        assert!(Store::open(backups.join("1"), Settings::BASE).await.is_err(), "two stay");
        store.apply(add("third")).await.unwrap();
        let restored = restore(&directory, backups.join("3"), Settings::BASE).await.unwrap();
        assert_eq!((restored.generation, restored.items), (2, 2));
        assert_eq!(store.export().await.unwrap(), exported, "a handle that was open sees it");
        let receipt = store.apply(add("fourth")).await.unwrap();
        assert_eq!((receipt.first, receipt.item()), (Version(4), Some(ItemId(4))), "no number is given out twice");
        let report = doctor(&directory).await.unwrap();
        assert_eq!((report.items, report.generation, report.damage.len()), (3, Some(2), 0));
    });
}

#[test]
fn an_import_is_whole_and_done_once() {
    with_store(|directory| async move {
        let store = Store::open_or_create(&directory, Settings::BASE).await.unwrap();
        let exported = {
            let other = Store::open_or_create(directory.with_file_name("other"), Settings::BASE).await.unwrap();
            other.apply(Request::new([add("first"), add("second")])).await.unwrap();
            other.apply(Change::Block { item: ItemId(1).into(), by: ItemId(2) }).await.unwrap();
            other.export().await.unwrap()
        };
        let wrong = format!("{exported}{{}}");
        let error = store.import(wrong.as_bytes()).await.unwrap_err();
        assert!(error.to_string().starts_with("line 3: missing field"), "{error}");
        assert_eq!(store.export().await.unwrap(), "");
        for (imported, before) in [(2, 0), (0, 2)] {
            assert_eq!(store.import(exported.as_bytes()).await.unwrap(), Imported { imported, before });
            assert_eq!(store.export().await.unwrap(), exported);
        }
    });
}
