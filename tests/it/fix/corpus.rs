//! Every snippet is fixed, still parses, and does not change if it is fixed again.

use std::fs;

use crate::common::random::Random;
use crate::common::{both, code, put, scan, telleaks};
use crate::fix::snippets::{
    CSHARP, DOCKER, GO, JAVA, JAVASCRIPT, KOTLIN, PHP, PYTHON, RUBY, RUST, SHELL, Snippet, TERRAFORM,
    TYPESCRIPT, YAML,
};
use crate::fix::sound::is_sound;

fn check(snippets: &[Snippet]) {
    for (number, (name, text, want)) in snippets.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let key = Random::new(name, number).key();
        let before = text.replace("@@", &key);
        put(folder.path(), name, &before);
        let was_sound = is_sound(name, &before) != Some(false);
        let fix =
            |args: &[&str]| telleaks().current_dir(folder.path()).arg("fix").args(args).output().unwrap();
        let read = || fs::read_to_string(folder.path().join(name)).unwrap();

        let dry = fix(&["."]);
        assert_eq!((code(&dry), read()), (1, before.clone()), "{name}: {}", both(&dry));
        assert!(!both(&dry).contains(&key[36..]), "{name}: {}", both(&dry));
        let output = fix(&["--write", "."]);
        let after = read();
        assert!(after.contains(want), "{name}: {}\n{after}", both(&output));
        assert!(!was_sound || is_sound(name, &after) != Some(false), "{name}:\n{after}");
        if after.contains(&key) {
            assert_eq!(code(&output), 1, "{name}");
            continue;
        }
        assert_eq!(code(&output), 0, "{name}: {}", both(&output));
        let again = fix(&["--write", "."]);
        assert_eq!((code(&again), read()), (0, after), "{name}: {}", both(&again));
        assert_eq!(code(&scan(folder.path(), &["--no-ignore", name])), 0, "{name}");
    }
}

macro_rules! languages {
    ($($test:ident: $snippets:ident,)*) => { $(
        #[test]
        fn $test() {
            check(&$snippets);
        }
    )* };
}

languages! {
    python: PYTHON,
    javascript: JAVASCRIPT,
    typescript: TYPESCRIPT,
    ruby: RUBY,
    php: PHP,
    java: JAVA,
    kotlin: KOTLIN,
    go: GO,
    csharp: CSHARP,
    rust: RUST,
    shell: SHELL,
    yaml: YAML,
    docker: DOCKER,
    terraform: TERRAFORM,
}
