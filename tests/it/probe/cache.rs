//! The verdict cache: it saves requests, does not contain keys, and a damaged file is harmless.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::common::random::Random;
use crate::common::{both, code};
use crate::probe::probe;
use crate::probe::server::{Server, balance, gone, http};

#[test]
fn final_verdicts_are_cached() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let mut random = Random::new("cache", 0);
    let keys = [random.key(), random.key(), random.key()];
    let known = keys.clone();
    let server = Server::new(move |_, key| {
        let at = known.iter().position(|one| one == key).unwrap();
        [balance(), gone(), http(418, &[], "")][at].clone()
    });
    let args = ["--probe-cache", path.to_str().unwrap()];
    let first = probe(&server.url(), &args, &keys.join("\n"));
    assert_eq!((code(&first), server.requests().len()), (1, 3), "{}", both(&first));
    let second = probe(&server.url(), &args, &keys.join("\n"));
    assert_eq!((code(&second), server.requests().len()), (1, 4), "{}", both(&second));
    assert_eq!(server.requests()[3].key, keys[2]);
    let said = both(&second);
    assert!(said.contains("; 2 remembered in the cache") && said.contains("asked just now"), "{said}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    for key in &keys {
        let digest = telleaks::finding::Secret::new(key.as_str()).sha256();
        assert!(
            !text.contains(&key[..35]) && !text.contains(&key[36..]) && !text.contains(&digest),
            "{text}"
        );
    }
    // Verdicts of another server are not used.
    let other = Server::always(gone());
    assert_eq!(code(&probe(&other.url(), &args, &keys[0])), 0);
    assert_eq!(other.requests().len(), 1);
}

#[test]
fn damaged_cache_is_rebuilt_with_a_notice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    fs::write(&path, "telleaks probe cache 1\nnonsense").unwrap();
    let key = Random::new("damaged", 0).key();
    let server = Server::always(gone());
    let args = ["--probe-cache", path.to_str().unwrap()];
    let output = probe(&server.url(), &args, &key);
    assert!(both(&output).contains("is damaged and will be replaced"), "{}", both(&output));
    assert_eq!((code(&output), server.requests().len()), (0, 1));
    let output = probe(&server.url(), &args, &key);
    assert!(!both(&output).contains("damaged") && server.requests().len() == 1, "{}", both(&output));
}

#[test]
fn unwritable_cache_loses_no_verdict() {
    let server = Server::always(gone());
    let output =
        probe(&server.url(), &["--probe-cache", "/no/such/folder/cache"], &Random::new("lost", 0).key());
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert!(both(&output).contains("/no/such/folder/cache") && both(&output).contains("inactive"));
}
