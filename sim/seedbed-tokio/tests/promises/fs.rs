//! `tokio::fs`.

use crate::support::{online, place, sockets::kind};
use real_tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use std::io::{ErrorKind, SeekFrom};
use tokio::fs::{self, File, OpenOptions};

#[test]
fn to_open_needs_a_file_and_to_create_makes_or_empties_one() {
    online(|| async {
        let path = place().join("one");
        assert_eq!(kind(File::open(&path).await), Some(ErrorKind::NotFound));
        fs::write(&path, b"word").await.unwrap();
        drop(File::create(&path).await.unwrap());
        assert_eq!(fs::metadata(&path).await.unwrap().len(), 0);
        assert_eq!(kind(File::create_new(&path).await), Some(ErrorKind::AlreadyExists));
    });
}

#[test]
fn options_show_what_they_ask_for() {
    let shown = format!("{:?}", OpenOptions::new().append(true).create_new(true).mode(0o640));
    for asked in ["append: true", "create_new: true", "write: false", "truncate: false", "mode: 0o000640"] {
        assert!(shown.contains(asked), "{shown}");
    }
}

#[test]
fn a_whole_file_is_written_over_and_read() {
    online(|| async {
        let path = place().join("whole");
        assert_eq!(kind(fs::read(&path).await), Some(ErrorKind::NotFound));
        fs::write(&path, "a long word").await.unwrap();
        fs::write(&path, b"short").await.unwrap();
        assert_eq!(fs::read(&path).await.unwrap(), b"short");
        assert_eq!(fs::read_to_string(&path).await.unwrap(), "short");
        fs::write(&path, b"\xff").await.unwrap();
        assert_eq!(kind(fs::read_to_string(&path).await), Some(ErrorKind::InvalidData));
    });
}

#[test]
fn a_copy_counts_takes_over_what_was_there_and_keeps_the_permissions() {
    online(|| async {
        let (from, to) = (place().join("from"), place().join("to"));
        fs::write(&from, b"word").await.unwrap();
        fs::write(&to, b"something longer").await.unwrap();
        let mut permissions = fs::metadata(&from).await.unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&from, permissions).await.unwrap();
        assert_eq!(fs::copy(&from, &to).await.unwrap(), 4);
        assert_eq!(fs::read(&to).await.unwrap(), b"word");
        assert!(fs::metadata(&to).await.unwrap().permissions().readonly());
        assert_eq!(kind(fs::copy(place().join("nothing"), &to).await), Some(ErrorKind::NotFound));
    });
}

#[test]
fn whether_something_is_there_is_asked_without_an_error() {
    online(|| async {
        let path = place().join("there");
        assert!(!fs::try_exists(&path).await.unwrap());
        fs::write(&path, b"").await.unwrap();
        assert!(fs::try_exists(&path).await.unwrap());
        assert_eq!(kind(fs::metadata(place().join("nothing")).await), Some(ErrorKind::NotFound));
    });
}

#[test]
fn a_directory_that_is_there_may_be_made_with_all_above_it() {
    online(|| async {
        let deep = place().join("a/b/c");
        assert_eq!(kind(fs::create_dir(&deep).await), Some(ErrorKind::NotFound));
        fs::create_dir_all(&deep).await.unwrap();
        fs::create_dir_all(&deep).await.unwrap();
        assert_eq!(kind(fs::create_dir(&deep).await), Some(ErrorKind::AlreadyExists));
        assert_eq!(kind(fs::remove_dir(place().join("a")).await), Some(ErrorKind::DirectoryNotEmpty));
        fs::remove_dir_all(place().join("a")).await.unwrap();
        assert!(!fs::try_exists(&deep).await.unwrap());
        assert_eq!(kind(fs::remove_dir_all(&deep).await), Some(ErrorKind::NotFound));
    });
}

#[test]
fn a_file_that_is_removed_is_gone_and_a_directory_is_no_file() {
    online(|| async {
        let (file, directory) = (place().join("file"), place().join("directory"));
        fs::write(&file, b"").await.unwrap();
        fs::create_dir(&directory).await.unwrap();
        fs::remove_file(&file).await.unwrap();
        assert_eq!(kind(fs::remove_file(&file).await), Some(ErrorKind::NotFound));
        assert_eq!(kind(fs::remove_file(&directory).await), Some(ErrorKind::IsADirectory));
    });
}

#[test]
fn entries_are_read_until_none_is_left() {
    online(|| async {
        let directory = place().join("many");
        fs::create_dir(&directory).await.unwrap();
        for name in ["a", "b", "c"] {
            fs::write(directory.join(name), name).await.unwrap();
        }
        let (mut entries, mut names) = (fs::read_dir(&directory).await.unwrap(), Vec::new());
        while let Some(entry) = entries.next_entry().await.unwrap() {
            assert!(entry.file_type().await.unwrap().is_file());
            assert_eq!(entry.metadata().await.unwrap().len(), 1);
            assert_eq!(entry.path(), directory.join(entry.file_name()));
            names.push(entry.file_name().into_string().unwrap());
        }
        names.sort();
        assert_eq!(names, ["a", "b", "c"]);
        assert!(entries.next_entry().await.unwrap().is_none());
        assert_eq!(kind(fs::read_dir(place().join("nothing")).await), Some(ErrorKind::NotFound));
    });
}

#[test]
fn a_position_before_the_start_is_refused_and_one_behind_the_end_is_not() {
    online(|| async {
        let path = place().join("seek");
        let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&path).await.unwrap();
        file.write_all(b"word").await.unwrap();
        assert_eq!(file.stream_position().await.unwrap(), 4);
        assert!(file.seek(SeekFrom::Current(-5)).await.is_err());
        assert_eq!(file.seek(SeekFrom::End(2)).await.unwrap(), 6);
        assert_eq!(file.read(&mut [0; 4]).await.unwrap(), 0);
        file.rewind().await.unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "word");
    });
}

#[test]
fn what_was_flushed_is_seen_by_whoever_opens_it() {
    online(|| async {
        let path = place().join("flushed");
        let mut file = File::create(&path).await.unwrap();
        for length in 1..=5 {
            file.write_all(b"x").await.unwrap();
            file.flush().await.unwrap();
            assert_eq!(fs::read(&path).await.unwrap().len(), length);
        }
        file.sync_all().await.unwrap();
        file.sync_data().await.unwrap();
        assert_eq!(file.metadata().await.unwrap().len(), 5);
    });
}
