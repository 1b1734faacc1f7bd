//! What code may rely on of the file system, on either side: each claim holds in a real directory and on the simulated
//! disk in every seed.

extern crate seedbed_tokio as tokio;

mod support;

use real_tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use std::{
    io::{ErrorKind, Result, SeekFrom},
    path::{Path, PathBuf},
    time::SystemTime,
};
use support::{place, world};
use tokio::{
    fs::{self, File, OpenOptions},
    time::{Duration, timeout},
};

fn kind<T>(result: Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

async fn names(directory: &Path) -> Vec<String> {
    let mut entries = fs::read_dir(directory).await.unwrap();
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await.unwrap() {
        assert_eq!(entry.path(), directory.join(entry.file_name()));
        assert_eq!(entry.file_type().await.unwrap().is_dir(), entry.metadata().await.unwrap().is_dir());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    names
}

#[test]
fn a_directory_is_made_as_it_was_said() {
    world(|| async {
        use std::os::unix::fs::PermissionsExt;
        let (here, inner) = (place().join("here"), place().join("here/inner"));
        assert_eq!(kind(fs::DirBuilder::new().create(&inner).await), Some(ErrorKind::NotFound));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&inner).await.unwrap();
        assert_eq!(fs::metadata(&inner).await.unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(kind(fs::DirBuilder::new().create(&here).await), Some(ErrorKind::AlreadyExists));
        fs::DirBuilder::new().recursive(true).create(&here).await.unwrap();
    });
}

mod files {
    use super::*;

    #[test]
    fn its_times_may_be_set_and_are_kept() {
        world(|| async {
            let path = place().join("old");
            let mut file = File::create(&path).await.unwrap();
            file.write_all(b"x").await.unwrap();
            let [read, changed] = [1_000, 2_000].map(|second| SystemTime::UNIX_EPOCH + Duration::from_secs(second));
            file.set_times(fs::FileTimes::new().set_accessed(read).set_modified(read)).await.unwrap();
            file.set_modified(changed).await.unwrap();
            let metadata = fs::metadata(&path).await.unwrap();
            assert_eq!((metadata.accessed().unwrap(), metadata.modified().unwrap()), (read, changed));
        });
    }

    #[test]
    fn one_call_moves_no_more_than_was_said() {
        world(|| async {
            let path = place().join("small-steps");
            let mut file = File::create(&path).await.unwrap();
            file.set_max_buf_size(3);
            assert_eq!(file.write(b"words").await.unwrap(), 3);
            file.flush().await.unwrap();
            let mut file = File::open(&path).await.unwrap();
            file.set_max_buf_size(2);
            assert_eq!((file.read(&mut [0; 8]).await.unwrap(), file.max_buf_size()), (2, 2));
        });
    }

    #[test]
    fn what_was_written_and_flushed_is_read() {
        world(|| async {
            let path = place().join("words");
            let mut file = File::create(&path).await.unwrap();
            file.write_all(b"one ").await.unwrap();
            file.write_all(b"two").await.unwrap();
            file.flush().await.unwrap();
            assert_eq!(fs::read(&path).await.unwrap(), b"one two");
            assert_eq!(fs::read_to_string(&path).await.unwrap(), "one two");
            assert_eq!(fs::metadata(&path).await.unwrap().len(), 7);
            assert!(file.metadata().await.unwrap().is_file());
        });
    }

    #[test]
    fn a_write_returns_before_its_error_which_comes_with_the_next_call() {
        world(|| async {
            let path = place().join("read-only");
            fs::write(&path, "x").await.unwrap();
            let mut file = File::open(&path).await.unwrap();
            assert_eq!(file.write(b"y").await.unwrap(), 1, "it is taken");
            assert!(file.flush().await.is_err());
            assert!(file.flush().await.is_ok(), "told once");
            assert_eq!(file.write(b"y").await.unwrap(), 1);
            assert!(file.sync_all().await.is_ok(), "a sync tells nothing of it");
            assert!(file.write(b"y").await.is_err(), "and the next write does");
            assert_eq!(fs::read(&path).await.unwrap(), b"x");
        });
    }

    #[test]
    fn a_dropped_file_writes_what_it_has_taken() {
        world(|| async {
            let path = place().join("dropped");
            let mut file = File::create(&path).await.unwrap();
            assert_eq!(file.write(b"taken").await.unwrap(), 5);
            drop(file);
            while fs::read(&path).await.unwrap() != b"taken" {
                tokio::task::yield_now().await;
            }
        });
    }

    #[test]
    fn a_dropped_call_is_done_all_the_same() {
        world(|| async {
            let (from, to) = (place().join("from"), place().join("to"));
            fs::write(&from, "x").await.unwrap();
            let mut rename = Box::pin(fs::rename(&from, &to));
            let _ = timeout(Duration::ZERO, &mut rename).await;
            drop(rename);
            while !fs::try_exists(&to).await.unwrap() {
                tokio::task::yield_now().await;
            }
            assert!(!fs::try_exists(&from).await.unwrap());
        });
    }

    #[test]
    fn reads_go_on_where_they_ended_and_seeks_go_anywhere() {
        world(|| async {
            let path = place().join("digits");
            fs::write(&path, "0123456789").await.unwrap();
            let mut file = File::open(&path).await.unwrap();
            let mut two = [0; 2];
            file.read_exact(&mut two).await.unwrap();
            assert_eq!(&two, b"01");
            assert_eq!(file.seek(SeekFrom::Current(3)).await.unwrap(), 5);
            file.read_exact(&mut two).await.unwrap();
            assert_eq!(&two, b"56");
            assert_eq!(file.seek(SeekFrom::End(-1)).await.unwrap(), 9);
            let mut rest = String::new();
            assert_eq!(file.read_to_string(&mut rest).await.unwrap(), 1);
            assert_eq!(rest, "9");
            assert_eq!(file.read(&mut two).await.unwrap(), 0, "the end");
            assert_eq!(kind(file.seek(SeekFrom::Current(-11)).await), Some(ErrorKind::InvalidInput));
        });
    }

    #[test]
    fn a_write_after_a_read_comes_where_the_reader_is() {
        world(|| async {
            let path = place().join("mixed");
            fs::write(&path, "aaaaaa").await.unwrap();
            let mut file = OpenOptions::new().read(true).write(true).open(&path).await.unwrap();
            let mut two = [0; 2];
            file.read_exact(&mut two).await.unwrap();
            file.write_all(b"b").await.unwrap();
            file.flush().await.unwrap();
            assert_eq!(fs::read(&path).await.unwrap(), b"aabaaa");
        });
    }

    #[test]
    fn what_a_dropped_read_has_read_is_not_lost() {
        world(|| async {
            let path = place().join("digits");
            fs::write(&path, "0123456789").await.unwrap();
            let mut file = OpenOptions::new().read(true).write(true).open(&path).await.unwrap();
            let mut six = [0; 6];
            let at = timeout(Duration::ZERO, file.read(&mut six)).await.map_or(0, |read| read.unwrap());
            let mut two = [0; 2];
            file.read_exact(&mut two).await.unwrap();
            assert_eq!(two.map(|digit| usize::from(digit - b'0')), [at, at + 1]);
            file.write_all(b"x").await.unwrap();
            file.flush().await.unwrap();
            let mut expected = *b"0123456789";
            expected[at + 2] = b'x';
            assert_eq!(fs::read(&path).await.unwrap(), expected, "the rest of what was read is given back");
        });
    }

    #[test]
    fn what_follows_a_dropped_cut_comes_after_it() {
        world(|| async {
            let path = place().join("cut");
            fs::write(&path, "old content").await.unwrap();
            let mut file = OpenOptions::new().write(true).open(&path).await.unwrap();
            let _ = timeout(Duration::ZERO, file.set_len(0)).await;
            file.write_all(b"new").await.unwrap();
            file.flush().await.unwrap();
            assert_eq!(fs::read(&path).await.unwrap(), b"new");
        });
    }

    #[test]
    fn appends_go_to_the_end_whoever_else_wrote() {
        world(|| async {
            let path = place().join("log");
            let mut one = OpenOptions::new().append(true).create(true).open(&path).await.unwrap();
            let mut other = OpenOptions::new().append(true).open(&path).await.unwrap();
            one.write_all(b"a").await.unwrap();
            one.flush().await.unwrap();
            other.write_all(b"b").await.unwrap();
            other.flush().await.unwrap();
            one.write_all(b"c").await.unwrap();
            one.flush().await.unwrap();
            assert_eq!(fs::read(&path).await.unwrap(), b"abc");
        });
    }

    #[test]
    fn clones_share_a_position() {
        world(|| async {
            let path = place().join("shared");
            let mut file = File::create(&path).await.unwrap();
            let mut clone = file.try_clone().await.unwrap();
            file.write_all(b"ab").await.unwrap();
            file.flush().await.unwrap();
            clone.write_all(b"cd").await.unwrap();
            clone.flush().await.unwrap();
            assert_eq!(fs::read(&path).await.unwrap(), b"abcd");
        });
    }

    #[test]
    fn a_file_is_cut_and_made_longer_with_zeros() {
        world(|| async {
            let path = place().join("cut");
            let mut file = File::create(&path).await.unwrap();
            file.write_all(b"words").await.unwrap();
            file.set_len(2).await.unwrap();
            file.set_len(4).await.unwrap();
            assert_eq!(fs::read(&path).await.unwrap(), b"wo\0\0");
            file.write_all(b"!").await.unwrap();
            file.sync_all().await.unwrap();
            assert_eq!(fs::read(&path).await.unwrap(), b"wo\0\0\0!", "a gap reads as zeros");
            let reader = File::open(&path).await.unwrap();
            assert_eq!(kind(reader.set_len(0).await), Some(ErrorKind::InvalidInput));
        });
    }

    #[test]
    fn options_say_what_may_be_and_what_must_not() {
        world(|| async {
            let path = place().join("options");
            assert_eq!(kind(File::open(&path).await), Some(ErrorKind::NotFound));
            assert_eq!(kind(OpenOptions::new().write(true).open(&path).await), Some(ErrorKind::NotFound));
            assert_eq!(kind(OpenOptions::new().open(&path).await), Some(ErrorKind::InvalidInput));
            assert_eq!(
                kind(OpenOptions::new().read(true).create(true).truncate(false).open(&path).await),
                Some(ErrorKind::InvalidInput)
            );
            drop(File::create_new(&path).await.unwrap());
            assert_eq!(kind(File::create_new(&path).await), Some(ErrorKind::AlreadyExists));
            fs::write(&path, "x").await.unwrap();
            drop(File::create(&path).await.unwrap());
            assert_eq!(fs::read(&path).await.unwrap(), b"", "it was cut");
        });
    }

    #[test]
    fn what_is_open_can_be_used_without_a_name() {
        world(|| async {
            let path = place().join("nameless");
            let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&path).await.unwrap();
            fs::remove_file(&path).await.unwrap();
            file.write_all(b"still").await.unwrap();
            file.seek(SeekFrom::Start(0)).await.unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "still");
            assert!(!fs::try_exists(&path).await.unwrap());
        });
    }
}

mod paths {
    use super::*;

    #[test]
    fn directories_are_made_read_and_removed() {
        world(|| async {
            let top = place().join("top");
            assert_eq!(kind(fs::create_dir(top.join("inner")).await), Some(ErrorKind::NotFound));
            fs::create_dir_all(top.join("inner/most")).await.unwrap();
            fs::create_dir_all(top.join("inner")).await.unwrap();
            assert_eq!(kind(fs::create_dir(&top).await), Some(ErrorKind::AlreadyExists));
            fs::write(top.join("file"), "x").await.unwrap();
            assert_eq!(names(&top).await, ["file", "inner"]);
            assert_eq!(kind(fs::remove_dir(&top).await), Some(ErrorKind::DirectoryNotEmpty));
            assert_eq!(kind(fs::remove_dir(top.join("file")).await), Some(ErrorKind::NotADirectory));
            assert_eq!(kind(fs::read(top.join("file/x")).await), Some(ErrorKind::NotADirectory));
            assert_eq!(kind(fs::read(&top).await), Some(ErrorKind::IsADirectory));
            fs::remove_dir(top.join("inner/most")).await.unwrap();
            fs::remove_dir_all(&top).await.unwrap();
            assert_eq!(kind(fs::read_dir(&top).await), Some(ErrorKind::NotFound));
            assert_eq!(kind(fs::remove_file(&top).await), Some(ErrorKind::NotFound));
        });
    }

    #[test]
    fn a_rename_replaces_and_is_refused_where_it_cannot() {
        world(|| async {
            let [a, b, directory] = ["a", "b", "directory"].map(|name| place().join(name));
            fs::write(&a, "a").await.unwrap();
            fs::write(&b, "b").await.unwrap();
            fs::create_dir_all(directory.join("inner")).await.unwrap();
            fs::rename(&a, &b).await.unwrap();
            assert_eq!(fs::read(&b).await.unwrap(), b"a");
            assert_eq!(kind(fs::rename(&a, &b).await), Some(ErrorKind::NotFound));
            assert_eq!(kind(fs::rename(&b, &directory).await), Some(ErrorKind::IsADirectory));
            assert_eq!(kind(fs::rename(&directory, &b).await), Some(ErrorKind::NotADirectory));
            assert_eq!(kind(fs::rename(&directory, directory.join("inner/x")).await), Some(ErrorKind::InvalidInput));
            fs::rename(&b, directory.join("inner/b")).await.unwrap();
            fs::rename(directory.join("inner"), &a).await.unwrap();
            assert_eq!(fs::read(a.join("../a/./b")).await.unwrap(), b"a");
            assert_eq!(names(&directory).await, Vec::<String>::new());
        });
    }

    #[test]
    fn names_that_cannot_be_are_refused_as_linux_does() {
        world(|| async {
            let [file, directory] = ["file", "directory"].map(|name| place().join(name));
            fs::write(&file, "x").await.unwrap();
            fs::create_dir(&directory).await.unwrap();
            assert_eq!(kind(fs::create_dir_all(file.join("x")).await), Some(ErrorKind::NotADirectory));
            assert_eq!(kind(fs::create_dir_all(&file).await), Some(ErrorKind::AlreadyExists));
            assert_eq!(kind(fs::read(file.join(".")).await), Some(ErrorKind::NotADirectory));
            assert_eq!(kind(fs::read(place().join("x\0y")).await), Some(ErrorKind::InvalidInput));
            let long = fs::read(place().join("n".repeat(256))).await.unwrap_err();
            assert_eq!(long.raw_os_error(), Some(36), "ENAMETOOLONG");
            assert_eq!(kind(fs::copy(&directory, place().join("copy")).await), Some(ErrorKind::InvalidInput));
            assert_eq!(fs::copy(&file, &file).await.unwrap(), 0, "it is cut before it is read");
            assert_eq!(fs::read(&file).await.unwrap(), b"");
        });
    }

    #[test]
    fn a_link_is_one_more_name_of_one_file() {
        world(|| async {
            let [one, other] = ["one", "other"].map(|name| place().join(name));
            fs::write(&one, "x").await.unwrap();
            fs::hard_link(&one, &other).await.unwrap();
            assert_eq!(kind(fs::hard_link(&one, &other).await), Some(ErrorKind::AlreadyExists));
            fs::write(&other, "longer").await.unwrap();
            fs::remove_file(&other).await.unwrap();
            assert_eq!(fs::read(&one).await.unwrap(), b"longer");
            assert_eq!(fs::copy(&one, &other).await.unwrap(), 6);
            fs::write(&other, "y").await.unwrap();
            assert_eq!(fs::read(&one).await.unwrap(), b"longer", "a copy is another file");
        });
    }

    #[test]
    fn a_canonical_path_has_no_detours() {
        world(|| async {
            let inner = place().join("inner");
            fs::create_dir(&inner).await.unwrap();
            let canonical = fs::canonicalize(&inner).await.unwrap();
            assert_eq!(fs::canonicalize(inner.join("../inner/.")).await.unwrap(), canonical);
            assert_eq!(kind(fs::canonicalize(inner.join("none")).await), Some(ErrorKind::NotFound));
        });
    }
}

mod links {
    use super::*;

    #[test]
    fn a_symbolic_link_leads_to_what_it_says() {
        world(|| async {
            let [file, link] = ["file", "link"].map(|name| place().join(name));
            fs::write(&file, "content").await.unwrap();
            fs::symlink("file", &link).await.unwrap();
            assert_eq!(fs::read(&link).await.unwrap(), b"content");
            assert_eq!(fs::read_link(&link).await.unwrap(), Path::new("file"));
            let [followed, itself] = [fs::metadata(&link).await, fs::symlink_metadata(&link).await].map(Result::unwrap);
            assert!(followed.is_file() && !followed.is_symlink() && followed.len() == 7);
            assert!(itself.is_symlink() && !itself.is_file() && !itself.is_dir() && itself.len() == 4);
            assert!(fs::symlink_metadata(&file).await.unwrap().is_file());
            fs::write(&link, "new").await.unwrap();
            assert_eq!(fs::read(&file).await.unwrap(), b"new", "it was written through");
            assert_eq!(kind(fs::symlink("else", &link).await), Some(ErrorKind::AlreadyExists));
            assert_eq!(kind(fs::symlink("", place().join("empty")).await), Some(ErrorKind::NotFound));
            assert_eq!(kind(fs::read_link(&file).await), Some(ErrorKind::InvalidInput));
            assert_eq!(kind(fs::read_link(place().join("none")).await), Some(ErrorKind::NotFound));
            fs::remove_file(&link).await.unwrap();
            assert_eq!(fs::read(&file).await.unwrap(), b"new", "the link alone is removed");
        });
    }

    #[test]
    fn a_link_may_lead_nowhere() {
        world(|| async {
            let [target, link] = ["target", "link"].map(|name| place().join(name));
            fs::symlink(&target, &link).await.unwrap();
            assert_eq!(kind(fs::read(&link).await), Some(ErrorKind::NotFound));
            assert!(!fs::try_exists(&link).await.unwrap());
            assert!(fs::symlink_metadata(&link).await.unwrap().is_symlink());
            assert_eq!(kind(File::create_new(&link).await), Some(ErrorKind::AlreadyExists));
            assert_eq!(kind(fs::create_dir(&link).await), Some(ErrorKind::AlreadyExists));
            assert_eq!(kind(fs::canonicalize(&link).await), Some(ErrorKind::NotFound));
            drop(File::create(&link).await.unwrap());
            assert!(fs::symlink_metadata(&target).await.unwrap().is_file(), "it is made where the link leads");
        });
    }

    #[test]
    fn links_are_followed_on_the_way_and_changed_themselves() {
        world(|| async {
            let [inner, link, moved, other] = ["outer/inner", "link", "moved", "other"].map(|name| place().join(name));
            fs::create_dir_all(&inner).await.unwrap();
            fs::symlink("outer/inner", &link).await.unwrap();
            fs::write(link.join("file"), "x").await.unwrap();
            assert_eq!(fs::read(inner.join("file")).await.unwrap(), b"x");
            assert_eq!(names(&link).await, ["file"]);
            fs::write(link.join("../beside"), "y").await.unwrap();
            assert_eq!(fs::read(place().join("outer/beside")).await.unwrap(), b"y", "beside where it leads");
            let canonical = fs::canonicalize(inner.join("file")).await.unwrap();
            assert_eq!(fs::canonicalize(link.join("file")).await.unwrap(), canonical);
            fs::create_dir_all(&link).await.unwrap();
            assert_eq!(kind(fs::remove_dir(&link).await), Some(ErrorKind::NotADirectory));
            fs::rename(&link, &moved).await.unwrap();
            fs::hard_link(&moved, &other).await.unwrap();
            assert_eq!(fs::read_link(&other).await.unwrap(), Path::new("outer/inner"), "it is a link's name");
            let mut entries = fs::read_dir(place()).await.unwrap();
            while let Some(entry) = entries.next_entry().await.unwrap() {
                let is_link = entry.file_name() != "outer";
                assert_eq!(entry.file_type().await.unwrap().is_symlink(), is_link);
                assert_eq!(entry.metadata().await.unwrap().is_symlink(), is_link);
            }
            fs::symlink(place().join("outer"), inner.join("round")).await.unwrap();
            assert_eq!(fs::read(moved.join("round/inner/round/beside")).await.unwrap(), b"y");
            fs::remove_dir_all(&other).await.unwrap();
            assert_eq!(kind(fs::symlink_metadata(&other).await), Some(ErrorKind::NotFound));
            fs::remove_dir_all(&inner).await.unwrap();
            assert_eq!(fs::read(place().join("outer/beside")).await.unwrap(), b"y", "links are not followed");
        });
    }

    #[test]
    fn a_circle_of_links_leads_nowhere() {
        world(|| async {
            let link = |nth: u32| place().join(format!("link-{nth}"));
            fs::write(link(0), "end").await.unwrap();
            for nth in 1..=41 {
                fs::symlink(link(nth - 1), link(nth)).await.unwrap();
            }
            assert_eq!(fs::read(link(40)).await.unwrap(), b"end");
            let circle = place().join("circle");
            fs::symlink("circle", &circle).await.unwrap();
            for path in [link(41), circle.clone(), circle.join("x")] {
                assert_eq!(fs::read(path).await.unwrap_err().raw_os_error(), Some(40), "ELOOP");
            }
            assert!(fs::try_exists(&circle).await.is_err());
            fs::remove_file(&circle).await.unwrap();
        });
    }
}

mod stamps {
    use super::*;
    use std::{fs::Permissions, os::unix::fs::PermissionsExt, time::SystemTime};
    use tokio::time::sleep;

    /// When the file was changed last, at some later time.
    async fn modified(path: &Path) -> SystemTime {
        let modified = fs::metadata(path).await.unwrap().modified().unwrap();
        // A file system need not tell two instants apart that are nearer.
        sleep(Duration::from_millis(20)).await;
        modified
    }

    async fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).await.unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_file_tells_when_its_content_was_changed() {
        world(|| async {
            let [file, moved] = ["file", "moved"].map(|name| place().join(name));
            fs::write(&file, "x").await.unwrap();
            let first = modified(&file).await;
            let metadata = fs::metadata(&file).await.unwrap();
            assert!(metadata.accessed().is_ok());
            assert!(metadata.created().map_or(true, |created| created <= first));
            fs::read(&file).await.unwrap();
            fs::set_permissions(&file, Permissions::from_mode(0o600)).await.unwrap();
            fs::rename(&file, &moved).await.unwrap();
            let mut opened = OpenOptions::new().write(true).open(&moved).await.unwrap();
            assert_eq!(modified(&moved).await, first, "its content is as it was");
            opened.write_all(b"y").await.unwrap();
            opened.flush().await.unwrap();
            let second = modified(&moved).await;
            opened.set_len(5).await.unwrap();
            let third = modified(&moved).await;
            drop(File::create(&moved).await.unwrap());
            let fourth = modified(&moved).await;
            assert!(first < second && second < third && third < fourth, "{first:?} {second:?} {third:?} {fourth:?}");
        });
    }

    #[test]
    fn a_directory_tells_when_a_name_in_it_was_changed() {
        world(|| async {
            let directory = place().join("directory");
            let [file, other] = ["file", "other"].map(|name| directory.join(name));
            fs::create_dir(&directory).await.unwrap();
            let empty = modified(&directory).await;
            fs::write(&file, "x").await.unwrap();
            let made = modified(&directory).await;
            fs::write(&file, "y").await.unwrap();
            assert_eq!(modified(&directory).await, made, "a file's content is not the directory's");
            fs::rename(&file, &other).await.unwrap();
            let renamed = modified(&directory).await;
            fs::remove_file(&other).await.unwrap();
            let removed = modified(&directory).await;
            assert!(empty < made && made < renamed && renamed < removed);
        });
    }

    #[test]
    fn permission_bits_are_kept() {
        world(|| async {
            let [file, link, copy, made] = ["file", "link", "copy", "made"].map(|name| place().join(name));
            fs::write(&file, "x").await.unwrap();
            let permissions = fs::metadata(&file).await.unwrap().permissions();
            assert!(!permissions.readonly());
            assert_eq!(permissions.mode() & 0o170_600, 0o100_600, "a file that its owner reads and writes");
            assert_eq!(fs::metadata(place()).await.unwrap().permissions().mode() & 0o170_700, 0o040_700);
            fs::symlink(&file, &link).await.unwrap();
            fs::set_permissions(&link, Permissions::from_mode(0o640)).await.unwrap();
            assert_eq!(mode(&file).await, 0o640, "of what the link leads to");
            assert_eq!(mode(&link).await, 0o777);
            fs::copy(&file, &copy).await.unwrap();
            assert_eq!(mode(&copy).await, 0o640, "a copy has them too");
            let mut permissions = fs::metadata(&copy).await.unwrap().permissions();
            permissions.set_readonly(true);
            File::open(&copy).await.unwrap().set_permissions(permissions).await.unwrap();
            assert!(fs::metadata(&copy).await.unwrap().permissions().readonly());
            assert_eq!(mode(&copy).await, 0o440);
            drop(OpenOptions::new().write(true).create_new(true).mode(0o600).open(&made).await.unwrap());
            assert_eq!(mode(&made).await, 0o600);
            let none = fs::set_permissions(place().join("none"), Permissions::from_mode(0o600)).await;
            assert_eq!(kind(none), Some(ErrorKind::NotFound));
        });
    }
}

#[test]
fn a_file_may_be_sent_and_shared() {
    fn sent<T: Send + Sync + Unpin>() {}
    sent::<File>();
    fn future<T: Send>(_: T) {}
    future(fs::rename(PathBuf::new(), PathBuf::new()));
    future(async {
        let mut file = File::open("x").await?;
        file.write_all(b"x").await?;
        file.sync_all().await
    });
}
