//! One repository with every setting, hook, attribute and object that makes git run a program or open a connection, and
//! every command of telleaks on it under `strace`: it runs nothing, opens no socket, and writes only its reports.
//! Without `strace` that check is skipped with a notice, unless TELLEAKS_REQUIRE_STRACE is set. The files that the
//! programs would create, and the bytes of the repository, are always checked.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::{both, telleaks};
use crate::hostile::line;
use crate::hostile::repo::Repo;

/// Settings whose value git runs, passes to a shell, or connects to.
const PROGRAMS: [&str; 34] = [
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.sshCommand",
    "core.gitProxy",
    "core.askPass",
    "core.alternateRefsCommand",
    "credential.helper",
    "sequence.editor",
    "diff.external",
    "diff.x.command",
    "diff.x.textconv",
    "filter.x.clean",
    "filter.x.smudge",
    "filter.x.process",
    "merge.x.driver",
    "merge.tool",
    "mergetool.x.cmd",
    "difftool.x.cmd",
    "gpg.program",
    "gpg.ssh.program",
    "gpg.ssh.defaultKeyCommand",
    "interactive.diffFilter",
    "pager.log",
    "pager.diff",
    "alias.log",
    "alias.rev-list",
    "remote.origin.uploadpack",
    "remote.origin.receivepack",
    "remote.origin.proxy",
    "uploadpack.packObjectsHook",
    "trailer.x.command",
    "man.x.cmd",
    "web.browser",
];

/// Other settings that make git use them.
const SETTINGS: [(&str, &str); 12] = [
    ("core.repositoryFormatVersion", "1"),
    ("extensions.partialClone", "origin"),
    ("remote.origin.promisor", "true"),
    ("remote.origin.url", "ssh://127.0.0.1/x"),
    ("submodule.lib.url", "ext::sh -c 'touch ran'"),
    ("submodule.lib.update", "!touch ran"),
    ("log.showSignature", "true"),
    ("filter.x.required", "true"),
    ("diff.x.cachetextconv", "true"),
    ("protocol.ext.allow", "always"),
    ("core.untrackedCache", "true"),
    ("include.path", "../included"),
];

struct Trap {
    repo: Repo,
    mark: PathBuf,
}

impl Trap {
    fn new() -> Self {
        let repo = Repo::new(&[]);
        repo.put("a.env", line("execution").1);
        repo.commit("Begin");
        repo.put("b.txt", "text\n");
        repo.put(
            ".gitmodules",
            "[submodule \"lib\"]\n\tpath = lib\n\turl = ext::sh -c 'touch ran'\n\tupdate = !touch ran\n",
        );
        repo.commit("Go on");
        repo.put("c.env", line("staged execution").1);
        repo.put(".gitattributes", "* filter=x diff=x merge=x\n");
        repo.git(&["add", "-A"]);
        signed(&repo);
        let mark = repo.home.path().join("mark");
        let script = repo.home.path().join("script");
        fs::write(&script, format!("#!/bin/sh\necho \"$0\" >>'{}'\n", mark.display())).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let trap = Self { repo, mark };
        trap.hooks(&script);
        trap.settings(&script);
        trap.embedded(&script);
        // Git would find the file changed in the work tree, and would fetch the missing blob.
        let blob = trap.quiet(&["rev-parse", "HEAD:b.txt"]);
        fs::remove_file(trap.repo.loose(&blob)).unwrap();
        trap.repo.put("b.txt", "other\n");
        let _ran_by_git_above = fs::remove_file(&trap.mark);
        trap
    }

    /// Runs git with the worst settings switched off.
    fn quiet(&self, args: &[&str]) -> String {
        self.repo.git(&[&["-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null"], args].concat())
    }

    fn hooks(&self, script: &Path) {
        for folder in [".git/hooks", ".git/mine"] {
            fs::create_dir_all(self.repo.dir.join(folder)).unwrap();
            for hook in [
                "pre-commit",
                "commit-msg",
                "pre-push",
                "post-checkout",
                "post-index-change",
                "fsmonitor-watchman",
                "pre-auto-gc",
                "reference-transaction",
                "post-merge",
                "update",
                "pre-receive",
            ] {
                let path = self.repo.dir.join(folder).join(hook);
                let _old = fs::remove_file(&path);
                symlink(script, path).unwrap();
            }
        }
    }

    fn settings(&self, script: &Path) {
        let mut text = String::new();
        let program = script.display().to_string();
        let programs = PROGRAMS.iter().map(|name| (*name, program.as_str()));
        for (name, value) in programs.chain(SETTINGS).chain([("core.hooksPath", ".git/mine")]) {
            let (section, key) = name.rsplit_once('.').unwrap();
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            let head =
                section.split_once('.').map_or(section.to_owned(), |(one, two)| format!("{one} \"{two}\""));
            text += &format!("[{head}]\n\t{key} = \"{value}\"\n");
        }
        let config = self.repo.dir.join(".git/config");
        let before = fs::read_to_string(&config).unwrap();
        fs::write(&config, before + &text).unwrap();
        self.repo.put("included", format!("[core]\n\tfsmonitor = {program}\n"));
        for name in [".git/config.worktree", ".lfsconfig"] {
            self.repo
                .put(name, format!("[core]\n\tfsmonitor = {program}\n[lfs]\n\turl = http://127.0.0.1:9/\n"));
        }
    }

    /// Creates a bare repository within the tree with equally hostile settings.
    fn embedded(&self, script: &Path) {
        let config = format!("[core]\n\tbare = false\n\tworktree = ..\n\tfsmonitor = {}\n", script.display());
        for (name, content) in
            [("HEAD", "ref: refs/heads/main\n"), ("config", &config), ("objects/x", ""), ("refs/x", "")]
        {
            self.repo.put(&format!("embedded/{name}"), content);
        }
    }

    /// Returns the content of every file of the repository, including the git directory.
    fn bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let (mut all, mut folders) = (BTreeMap::new(), vec![self.repo.dir.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let kind = fs::symlink_metadata(&path).unwrap().file_type();
                if kind.is_dir() {
                    all.insert(path.clone(), Vec::new());
                    folders.push(path);
                } else if kind.is_file() {
                    all.insert(path.clone(), fs::read(&path).unwrap());
                } else {
                    all.insert(
                        path.clone(),
                        fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes(),
                    );
                }
            }
        }
        all
    }
}

/// Creates a commit with a signature header; showing it would run gpg.
fn signed(repo: &Repo) {
    let (tree, head) = (repo.git(&["rev-parse", "HEAD^{tree}"]), repo.git(&["rev-parse", "HEAD"]));
    let person = "A <a@example.org> 1704067200 +0000";
    let text = format!(
        "tree {tree}\nparent {head}\nauthor {person}\ncommitter {person}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n \
         AAAA\n -----END PGP SIGNATURE-----\n\nSigned\n"
    );
    let commit = repo.feed(&["hash-object", "-t", "commit", "-w", "--stdin"], text.as_bytes());
    repo.name("refs/heads/main", &commit);
}

/// Returns the commands and their expected exit codes.
fn commands(report: &str) -> Vec<(Vec<&str>, i32)> {
    vec![
        (vec!["scan", "--no-progress"], 1),
        (vec!["scan", ".git", "--report", report], 1),
        (vec!["staged"], 1),
        (vec!["staged", "--whole-files", "--format", "sarif"], 1),
        (vec!["commits", "HEAD"], 1),
        (vec!["commits", "--all"], 1),
        (vec!["audit", "--report", report], 1),
        (vec!["audit", "embedded"], 3),
        (vec!["hook", "run"], 1),
        (vec!["hook", "run", "b.txt"], 0),
        (vec!["fix"], 1),
        (vec!["config", "show"], 0),
        (vec!["config", "check"], 2),
        (vec!["rules", "list"], 0),
        (vec!["rules", "test"], 0),
        (vec!["baseline", "list"], 2),
        (vec!["respond", "REPORT"], 0),
        (vec!["merge", "REPORT"], 1),
        (vec!["redact", "a.env"], 0),
        (vec!["completions", "bash"], 0),
        (vec!["man"], 0),
    ]
}

/// Returns whether a traced system call is forbidden.
fn forbidden(call: &str, written: &[&Path]) -> bool {
    let name = call.split('(').next().unwrap_or_default();
    let name = name.rsplit(' ').next().unwrap_or_default();
    let network = ["socket", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg"];
    if network.contains(&name) || ["fork", "vfork"].contains(&name) {
        return true;
    }
    // A thread is a clone that shares the memory and the thread group.
    if name.starts_with("clone") {
        return !call.contains("CLONE_THREAD");
    }
    let opens = name.starts_with("open") || name == "creat";
    let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| call.contains(flag))
        || name == "creat";
    let changes = [
        "rename", "unlink", "mkdir", "rmdir", "chmod", "chown", "link", "symlink", "truncate", "utime",
        "mknod",
    ];
    let changes = changes.iter().any(|one| name.starts_with(one));
    let ours = |call: &str| written.iter().any(|path| call.contains(&*path.to_string_lossy()));
    (opens && writes || changes) && !ours(call) && !call.contains("\"/dev/null\"")
}

/// Runs one command under `strace` and checks its calls; without `strace`, only runs it.
fn watched(trap: &Trap, args: &[&str], expected: i32, strace: bool, outputs: &Path) {
    let program = telleaks().get_program().to_owned();
    let trace = trap.repo.home.path().join("trace");
    let mut command = if strace {
        let mut command = Command::new("strace");
        let calls = "trace=%network,%process,%file,ftruncate,fchmod,fchown";
        command.args(["-f", "-qq", "-s", "300", "-e", calls, "-o"]).arg(&trace).arg("--").arg(&program);
        command
    } else {
        telleaks()
    };
    command.current_dir(&trap.repo.dir).args(args).stdin(Stdio::null());
    command.env("HOME", trap.repo.home.path()).env("TMPDIR", outputs);
    let output = command.output().unwrap();
    let shown = both(&output);
    assert_eq!(output.status.code(), Some(expected), "{args:?}: {shown}");
    assert!(!trap.mark.exists(), "{args:?}: {} ran", fs::read_to_string(&trap.mark).unwrap_or_default());
    if strace {
        let trace = fs::read_to_string(&trace).unwrap();
        let executed =
            trace.lines().filter(|call| call.contains("execve(") || call.contains("execveat(")).count();
        assert_eq!(executed, 1, "{args:?}: only itself: {trace}");
        let wrong: Vec<&str> = trace.lines().filter(|call| forbidden(call, &[outputs])).collect();
        assert!(wrong.is_empty(), "{args:?}: {wrong:#?}");
    }
}

#[test]
fn nothing_is_run_connected_or_written() {
    let strace = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    let strace = strace.is_ok_and(|output| output.status.success());
    let required = std::env::var_os("TELLEAKS_REQUIRE_STRACE").is_some();
    assert!(strace || !required, "strace is required and does not run");
    if !strace {
        let _written =
            std::io::Write::write_all(&mut std::io::stderr(), b"SKIPPED: strace is not installed\n");
    }
    let trap = Trap::new();
    let outputs = trap.repo.home.path().join("outputs");
    fs::create_dir(&outputs).unwrap();
    let report = outputs.join("report.json");
    let before = trap.bytes();
    let named = format!("json={}", report.display());
    for (args, expected) in commands(&named) {
        let path = report.display().to_string();
        let args: Vec<&str> =
            args.iter().map(|arg| if *arg == "REPORT" { path.as_str() } else { arg }).collect();
        watched(&trap, &args, expected, strace, &outputs);
        assert!(trap.bytes() == before, "{args:?} changed the repository");
    }
    let left: Vec<_> = fs::read_dir(&outputs).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["report.json"], "nothing temporary stays");
    let _ = trap.repo.command(&["status"]).output().unwrap();
    assert!(trap.mark.exists(), "the trap works");
}
