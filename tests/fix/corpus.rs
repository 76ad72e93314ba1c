//! Every snippet is fixed, stays a sound program, and stays as it is when it is fixed again.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::random::Random;
use crate::common::{both, code, put, scan, telleaks};
use crate::snippets::{
    CSHARP, DOCKER, GO, JAVA, JAVASCRIPT, KOTLIN, PHP, PYTHON, RUBY, RUST, SHELL, Snippet, TERRAFORM,
    TYPESCRIPT, YAML,
};

/// Tools that tell whether a file is sound, by the ending of its name; the file comes behind the words.
const TOOLS: [(&str, &[&str]); 12] = [
    ("py", &["python3", "-m", "py_compile"]),
    ("js", &["node", "--check"]),
    ("mjs", &["node", "--check"]),
    ("cjs", &["node", "--check"]),
    ("rb", &["ruby", "-c"]),
    ("php", &["php", "-l"]),
    ("java", &["javac", "-d", "."]),
    ("go", &["gofmt", "-l", "-e"]),
    ("rs", &["rustc", "--edition", "2021", "--emit", "metadata", "--out-dir", "."]),
    ("sh", &["bash", "-n"]),
    ("bash", &["bash", "-n"]),
    ("tf", &["terraform", "fmt", "-write=false"]),
];

/// Whether the file is sound; nothing if nobody here can tell.
fn is_sound(name: &str, text: &str) -> Option<bool> {
    let ending = Path::new(name).extension()?.to_str()?;
    // What compilers write must not lie beside what is fixed: it holds the key as well.
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), name, text);
    let (_, words) = TOOLS.iter().find(|(of, _)| *of == ending)?;
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg(name).current_dir(folder.path()).stdin(Stdio::null());
    match command.output() {
        Ok(output) => {
            let listed = words[0] == "gofmt" && !output.stdout.is_empty();
            Some(output.status.success() && !listed)
        }
        Err(_) => {
            eprintln!("{} is absent: {name} was not checked", words[0]);
            None
        }
    }
}

fn check(snippets: &[Snippet]) {
    for (number, (name, text, want)) in snippets.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let key = Random::new(name, number).key();
        let before = text.replace("@@", &key);
        put(folder.path(), name, &before);
        assert_ne!(is_sound(name, &before), Some(false), "the snippet {name} itself:\n{before}");
        let fix =
            |args: &[&str]| telleaks().current_dir(folder.path()).arg("fix").args(args).output().unwrap();
        let read = || fs::read_to_string(folder.path().join(name)).unwrap();

        let dry = fix(&["."]);
        assert_eq!((code(&dry), read()), (1, before.clone()), "{name}: {}", both(&dry));
        assert!(!both(&dry).contains(&key[36..]), "{name}: {}", both(&dry));
        let output = fix(&["--write", "."]);
        if *want == "@by hand" {
            assert_eq!((code(&output), read()), (1, before), "{name}: {}", both(&output));
            continue;
        }
        let after = read();
        assert!(after.contains(want), "{name}: {}\n{after}", both(&output));
        assert_ne!(is_sound(name, &after), Some(false), "{name}:\n{after}");
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
