//! The workspace's lock file: the versions that were chosen stay chosen while the copies are out of the way. Reads and
//! writes no file.

const REGISTRY: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";

/// The text with these packages, each a name and a version, from the registry again instead of from their copies.
pub(crate) fn without_copies(text: &str, copies: &[(String, String)]) -> String {
    copies.iter().fold(text.to_owned(), |text, (name, version)| {
        let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        match text.split_once(&entry) {
            Some((before, after)) if !after.starts_with("source = ") => [before, &entry, REGISTRY, after].concat(),
            _ => text,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COPIED: &str = "[[package]]\nname = \"bb8\"\nversion = \"0.9.1\"\ndependencies = [\n \"seedbed-tokio\",\n]\n";
    const FROM_REGISTRY: &str = "[[package]]\nname = \"bb8\"\nversion = \"0.9.1\"\n\
        source = \"registry+https://github.com/rust-lang/crates.io-index\"\ndependencies = [\n \"seedbed-tokio\",\n]\n";

    #[test]
    fn a_copy_is_of_the_registry_again_in_the_same_version() {
        let copies = [("bb8".to_owned(), "0.9.1".to_owned())];
        assert_eq!(without_copies(COPIED, &copies), FROM_REGISTRY);
        assert_eq!(without_copies(FROM_REGISTRY, &copies), FROM_REGISTRY);
        assert_eq!(without_copies(COPIED, &[("bb8".to_owned(), "0.9.0".to_owned())]), COPIED);
    }
}
