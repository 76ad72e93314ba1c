//! Keys in submodules, in alternate object directories, and in git-lfs content.

use sha2::{Digest, Sha256};

use super::{Place, Plan};
use crate::git::repo::{Repo, line};
use data_encoding::HEXLOWER;

pub(super) fn build(plan: &mut Plan) {
    submodule(plan);
    old_submodule(plan);
    borrowed(plan);
    large(plan);
}

/// A submodule with a key in its history.
fn submodule(plan: &mut Plan) {
    let source = Repo::new(&[]);
    source.put("lib.c", "int x;\n");
    source.put("past.env", line("submodule-past"));
    let added = source.commit("Add");
    std::fs::remove_file(source.dir.join("past.env")).unwrap();
    let removed = source.commit("Remove");
    source.put("now.env", line("submodule-head"));
    let head = source.commit("Again");
    let url = format!("file://{}", source.dir.display());
    plan.repo.git(&["submodule", "--quiet", "add", &url, "lib/sub"]);
    let inner = Repo::at(plan.repo.dir.join("lib/sub"));
    let refs = ["HEAD", "refs/heads/main", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"];
    for (place, path) in [
        (Place::file("submodule-past", "", &added).removed(&removed, &added), "lib/sub/past.env"),
        (Place::file("submodule-head", "", &head).in_head(), "lib/sub/now.env"),
    ] {
        plan.elsewhere
            .push((Place { path: path.to_owned(), ..place.in_git(path) }.refs(&refs), inner.dir.clone()));
    }
}

/// A removed submodule, whose repository is still in `.git/modules`.
fn old_submodule(plan: &mut Plan) {
    let dir = plan.repo.dir.join(".git/modules/old/name");
    std::fs::create_dir_all(&dir).unwrap();
    let inner = Repo::at(dir);
    inner.git(&["init", "-q", "--bare", "-b", "main"]);
    let commit = inner.stored(&[("old.env", &line("old-submodule"))], &[], "Old");
    inner.git(&["update-ref", "refs/heads/main", &commit]);
    let path = ".git/modules/old/name/old.env";
    let place = Place { path: path.to_owned(), ..Place::file("old-submodule", "", &commit).in_git(path) };
    let place = place.in_head().refs(&["HEAD", "refs/heads/main"]);
    plan.elsewhere.push((place, inner.dir));
}

fn borrowed(plan: &mut Plan) {
    let other = Repo::at(plan.repo.home.path().join("other"));
    std::fs::create_dir(&other.dir).unwrap();
    other.git(&["init", "-q"]);
    let commit = other.stored(&[("lent.env", &line("alternate"))], &[], "Lent");
    let blob = other.blob(line("alternate-blob"));
    plan.repo.put(".git/objects/info/alternates", format!("{}/.git/objects\n", other.dir.display()));
    plan.repo.name("refs/heads/borrowed", &commit);
    plan.expect(Place::file("alternate", "lent.env", &commit).refs(&["refs/heads/borrowed"]));
    plan.expect(Place::loose("alternate-blob", &format!(".git/blob/{blob}"), "unreachable", &[]));
}

/// A pointer in a commit together with its content, and content without a pointer.
fn large(plan: &mut Plan) {
    let repo = &plan.repo;
    let store = |content: &str| {
        let oid = HEXLOWER.encode(&Sha256::digest(content));
        repo.put(&format!(".git/lfs/objects/{}/{}/{oid}", &oid[..2], &oid[2..4]), content);
        oid
    };
    let oid = store(&line("lfs"));
    let size = line("lfs").len();
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n");
    let commit = repo.stored(&[("large.bin", &pointer)], &[&plan.root], "Add a large file");
    repo.name("refs/heads/large", &commit);
    let orphan = store(&line("lfs-orphan"));
    let path = format!(".git/lfs/objects/{}/{}/{orphan}", &orphan[..2], &orphan[2..4]);
    plan.expect(Place::file("lfs", "large.bin", &commit).refs(&["refs/heads/large"]));
    plan.expect(Place::beside("lfs-orphan", &path));
}
