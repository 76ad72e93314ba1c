//! Configuration files and comments of other scanners in the scanned tree hide nothing.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::common::put;
use crate::hostile::{line, scanned};

#[test]
fn files_of_other_scanners_hide_nothing() {
    let (key, text) = line("hidden");
    let everything = "[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['''.*''']\n";
    let hash = HEXLOWER.encode(&Sha256::digest(&key));
    for (name, content) in [
        (".gitleaks.toml", everything.to_owned()),
        (".betterleaks.toml", everything.to_owned()),
        (".gitleaksignore", "src/app.env:generic-api-key:1\n".to_owned()),
        (".betterleaksignore", format!("sha256:{hash}\n{hash}\n")),
        ("kingfisher.yaml", "exclude: ['**']\n".to_owned()),
        (".secretsignore", "*\n".to_owned()),
        (".ignore", "*\n".to_owned()),
        (".rgignore", "*\n".to_owned()),
        // Outside of a repository, ignore files have no effect.
        (".gitignore", "*\n".to_owned()),
        (".gitattributes", "* binary -diff\n".to_owned()),
        (".trufflehogignore", ".*\n".to_owned()),
        (".secrets.baseline", "{}\n".to_owned()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "src/app.env", &text);
        put(folder.path(), name, content);
        let outcome = scanned(folder.path(), &[]);
        assert_eq!(outcome.code, Some(1), "{name}");
        outcome.found(&[&key]);
    }
}

#[test]
fn comments_of_other_scanners_hide_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let comments = [
        "gitleaks:allow",
        "betterleaks:allow",
        "kingfisher:ignore",
        "pragma: allowlist secret",
        "nosec",
        "noqa",
        "trufflehog:ignore",
        "ggignore",
        "NOSONAR",
        "telleaks",
    ];
    let keys = comments.map(|comment| {
        let (key, line) = line(comment);
        put(
            folder.path(),
            &format!("{}.py", comment.replace([':', ' '], "_")),
            format!("{}  # {comment}\n", line.trim_end()),
        );
        key
    });
    scanned(folder.path(), &[]).found(&keys.iter().collect::<Vec<_>>());
}
