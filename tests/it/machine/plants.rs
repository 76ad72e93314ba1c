//! A home directory with a key in every place of `places/`.

use std::fs;
use std::path::{Path, PathBuf};

use super::level;
use crate::common::put;
use crate::common::random::Random;

/// How a plant is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    BashHistory,
    /// With bytes that zsh escapes.
    Zsh,
    Utf16,
    Latin1,
    Json,
    JsonLines,
    Xml,
    Sqlite,
    /// The rows are in the write-ahead log.
    Wal,
    /// With a full-text index.
    FullText,
    VimSwap,
    VimUndo,
    Core,
    LevelLog,
    LevelTable,
    /// A database with compressed cells: found, and not masked.
    CompressedCells,
    /// A compressed file: found, and not masked.
    MozLz4,
    /// A binary file of an unknown format: found, and not masked.
    Opaque,
}

impl Kind {
    /// Returns whether the file can be masked.
    pub(crate) fn is_masked(self) -> bool {
        !matches!(self, Self::CompressedCells | Self::MozLz4 | Self::Opaque)
    }

    /// Returns whether the file is a database.
    pub(crate) fn is_database(self) -> bool {
        matches!(self, Self::Sqlite | Self::Wal | Self::FullText)
    }
}

/// A key in a file of a place.
#[derive(Debug, Clone)]
pub(crate) struct Plant {
    pub(crate) id: &'static str,
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
    pub(crate) key: String,
}

impl Plant {
    /// Returns the mask of its key in a file.
    pub(crate) fn mask(&self) -> String {
        format!("{}_{}...{}", &self.key[..35], &self.key[36..38], &self.key[56..])
    }

    /// Returns the mask with the length of its key.
    pub(crate) fn long_mask(&self) -> String {
        format!("{:*<58}", self.mask())
    }
}

/// One file for each place.
const PLANTS: [(&str, &str, Kind); 121] = [
    ("bash-history", ".bash_history", Kind::BashHistory),
    ("zsh-history", ".zsh_history", Kind::Zsh),
    ("fish-history", ".local/share/fish/fish_history", Kind::Text),
    (
        "powershell-history",
        "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt",
        Kind::Utf16,
    ),
    ("nushell-history", ".config/nushell/history.sqlite3", Kind::Sqlite),
    ("atuin-history", ".local/share/atuin/history.db", Kind::Wal),
    ("xonsh-history", ".local/share/xonsh/xonsh-1.json", Kind::Json),
    ("ksh-history", ".sh_history", Kind::Text),
    ("python-history", ".python_history", Kind::Text),
    ("ipython-history", ".ipython/profile_default/history.sqlite", Kind::Sqlite),
    ("node-history", ".node_repl_history", Kind::Text),
    ("psql-history", ".psql_history", Kind::Text),
    ("sqlite-history", ".sqlite_history", Kind::Text),
    ("mysql-history", ".mysql_history", Kind::Text),
    ("redis-history", ".rediscli_history", Kind::Text),
    ("mongo-history", ".mongodb/mongosh/a.txt", Kind::Text),
    ("ruby-history", ".irb_history", Kind::Text),
    ("php-history", ".php_history", Kind::Text),
    ("r-history", ".Rhistory", Kind::Text),
    ("less-history", ".lesshst", Kind::Text),
    ("shell-profile", ".bashrc", Kind::Text),
    ("user-services", ".config/systemd/user/a.service.d/env.conf", Kind::Text),
    ("env-files", "work/app/.env.local", Kind::Text),
    ("direnv", "work/app/.envrc", Kind::Text),
    ("terraform", "work/infra/terraform.tfstate", Kind::Json),
    ("notebook-checkpoints", "work/.ipynb_checkpoints/a-checkpoint.ipynb", Kind::Json),
    ("telnyx-functions", "work/app/func.toml", Kind::Text),
    ("telnyx-cli", ".config/telnyx/config.json", Kind::Json),
    ("telnyx-edge", ".telnyx-edge/config.toml", Kind::Text),
    ("softphones", ".linphonerc", Kind::Text),
    ("juicefs", ".juicefs/juicefs.log", Kind::Text),
    ("claude-code-settings", ".claude.json", Kind::Json),
    ("claude-desktop", ".config/Claude/x.json", Kind::Json),
    ("cursor-mcp", ".cursor/x.json", Kind::Json),
    ("codex-settings", ".codex/config.toml", Kind::Text),
    ("gemini-settings", ".gemini/settings.json", Kind::Json),
    ("vscode-mcp", ".vscode-server/data/User/mcp.json", Kind::Json),
    ("copilot-settings", ".copilot/x.json", Kind::Json),
    ("kiro-settings", ".kiro/settings/x.json", Kind::Json),
    ("windsurf-mcp", ".codeium/windsurf/mcp_config.json", Kind::Json),
    ("vibe-settings", ".vibe/x.toml", Kind::Text),
    ("opencode-settings", ".config/opencode/x", Kind::Text),
    ("junie-mcp", ".junie/mcp/x.json", Kind::Json),
    ("openclaw-settings", ".openclaw/x.json", Kind::Json),
    ("zed-settings", ".config/zed/x.json", Kind::Json),
    ("continue-settings", ".continue/x.json", Kind::Json),
    ("cline-settings", ".vscode-server/data/User/globalStorage/x/settings/xmcpx.json", Kind::Json),
    ("claude-code-transcripts", ".claude/projects/-home-work/abc.jsonl", Kind::JsonLines),
    ("codex-transcripts", ".codex/sessions/2026/11/rollout-1.jsonl", Kind::JsonLines),
    ("cursor-state", ".config/Cursor/User/globalStorage/state.vscdb", Kind::Wal),
    ("cursor-transcripts", ".cursor/projects/p/agent-transcripts/a.jsonl", Kind::JsonLines),
    ("copilot-transcripts", ".copilot/session-state/1/events.jsonl", Kind::JsonLines),
    ("gemini-transcripts", ".gemini/tmp/abc/logs.json", Kind::Json),
    ("vscode-chats", ".config/Code/User/workspaceStorage/1/chatSessions/1.json", Kind::Json),
    ("kiro-transcripts", ".local/share/kiro-cli/data.sqlite3", Kind::Sqlite),
    ("vibe-transcripts", ".vibe/logs/session/1.json", Kind::Json),
    ("opencode-transcripts", ".local/share/opencode/storage/part/1.json", Kind::Json),
    ("junie-transcripts", ".junie/sessions/1/events.jsonl", Kind::JsonLines),
    ("openclaw-transcripts", ".openclaw/agents/main/sessions/1.jsonl", Kind::JsonLines),
    ("goose-transcripts", ".local/share/goose/sessions/sessions.db", Kind::Sqlite),
    ("aider-transcripts", "work/app/.aider.chat.history.md", Kind::Text),
    ("continue-transcripts", ".continue/sessions/1.json", Kind::Json),
    (
        "cline-transcripts",
        ".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1/api_conversation_history.json",
        Kind::Json,
    ),
    ("zed-threads", ".local/share/zed/threads/threads.db", Kind::CompressedCells),
    ("llm-logs", ".config/io.datasette.llm/logs.db", Kind::FullText),
    ("vscode-history", ".config/Code/User/History/-1a/x.py", Kind::Text),
    ("vscode-state", ".config/Code/User/globalStorage/state.vscdb", Kind::Sqlite),
    ("vscode-settings", ".vscode-server/data/User/settings.json", Kind::Json),
    ("vscode-backups", ".config/Code/Backups/1/untitled/x", Kind::Text),
    ("local-history", "work/app/.history/a_20261101.js", Kind::Text),
    ("jetbrains-settings", ".config/JetBrains/PyCharm2026.1/options/env.xml", Kind::Xml),
    ("jetbrains-http", "work/app/.idea/httpRequests/1.json", Kind::Json),
    (
        "jetbrains-local-history",
        ".cache/JetBrains/PyCharm2026.1/LocalHistory/changes.storageData",
        Kind::Opaque,
    ),
    ("vim-swap", "work/.notes.txt.swp", Kind::VimSwap),
    ("vim-undo", ".vim/undo/%home%x", Kind::VimUndo),
    ("viminfo", ".viminfo", Kind::Text),
    ("shada", ".local/state/nvim/shada/main.shada", Kind::Opaque),
    ("backup-files", "work/config.ini~", Kind::Text),
    ("sublime-session", ".config/sublime-text/Local/Session.sublime_session", Kind::Json),
    ("clipboard", ".local/share/clipman.json", Kind::Json),
    ("aws", ".aws/credentials", Kind::Text),
    ("aws-history", ".aws/cli/history/history.db", Kind::Sqlite),
    ("rclone", ".config/rclone/x.conf", Kind::Text),
    ("s3cmd", ".s3cfg", Kind::Text),
    ("netrc", ".netrc", Kind::Text),
    ("npmrc", ".npmrc", Kind::Text),
    ("npm-logs", ".npm/_logs/1-debug-0.log", Kind::Text),
    ("pypirc", ".pypirc", Kind::Text),
    ("docker", ".docker/config.json", Kind::Json),
    ("kube", ".kube/config", Kind::Text),
    ("git-credentials", ".git-credentials", Kind::Text),
    ("gcloud-logs", ".config/gcloud/logs/2026.11.01/1.log", Kind::Text),
    ("deploy-tools", ".config/netlify/config.json", Kind::Json),
    ("n8n", ".n8n/database.sqlite", Kind::Sqlite),
    ("build-settings", ".m2/settings.xml", Kind::Xml),
    ("ssh", ".ssh/config", Kind::Text),
    ("ansible", ".ansible.cfg", Kind::Text),
    ("pm2", ".pm2/dump.pm2", Kind::Json),
    ("postman", ".config/Postman/IndexedDB/x.leveldb/000003.log", Kind::LevelLog),
    ("insomnia", ".config/Insomnia/insomnia.Request.db", Kind::JsonLines),
    ("bruno", "work/api/get.bru", Kind::Text),
    ("httpie", ".config/httpie/sessions/api.telnyx.com/me.json", Kind::Json),
    (
        "thunder-client",
        ".config/Code/User/globalStorage/rangav.vscode-thunder-client/thunderclient.json",
        Kind::Json,
    ),
    ("har-files", "Downloads/portal.har", Kind::Json),
    (
        "chromium-local-storage",
        ".config/google-chrome/Default/Local Storage/leveldb/000005.ldb",
        Kind::LevelTable,
    ),
    (
        "chromium-indexeddb",
        ".config/google-chrome/Default/IndexedDB/https_a_0.indexeddb.leveldb/000003.log",
        Kind::LevelLog,
    ),
    ("chromium-history", ".config/google-chrome/Default/History", Kind::Sqlite),
    ("chromium-sessions", ".config/google-chrome/Default/Sessions/Session_1", Kind::Opaque),
    ("firefox-storage", ".mozilla/firefox/a.default/webappsstore.sqlite", Kind::Sqlite),
    ("firefox-history", ".mozilla/firefox/a.default/places.sqlite", Kind::Sqlite),
    ("firefox-sessions", ".mozilla/firefox/a.default/sessionstore-backups/recovery.jsonlz4", Kind::MozLz4),
    ("electron-storage", ".config/Slack/Local Storage/leveldb/000003.log", Kind::LevelLog),
    ("session-logs", ".xsession-errors", Kind::Text),
    ("core-dumps", "work/core.4711", Kind::Core),
    ("crash-reports", ".local/share/apport/a.dmp", Kind::Opaque),
    ("journals", ".local/state/log/journal/1/user-1000.journal", Kind::Opaque),
    ("tmux", ".tmux/resurrect/last.txt", Kind::Text),
    ("screen-logs", "work/a.cast", Kind::JsonLines),
    ("zellij", ".cache/zellij/0.41/session_info/a/session-layout.kdl", Kind::Text),
    ("terminal-state", "Library/Application Support/iTerm2/x.txt", Kind::Latin1),
    ("trash", ".local/share/Trash/files/note.txt", Kind::Text),
];

/// Returns all plants, each with a key of its own.
pub(crate) fn plants() -> Vec<Plant> {
    PLANTS.map(|(id, path, kind)| Plant { id, path, kind, key: Random::new(id, 0).key() }).to_vec()
}

/// Writes all plants into a home directory, and files without keys beside them.
pub(crate) fn plant(home: &Path) -> Vec<Plant> {
    let plants = plants();
    for one in &plants {
        write(&home.join(one.path), one);
    }
    for (name, text) in [
        (".bash_aliases", "alias ll='ls -l'\n"),
        (".claude/projects/-home-work/other.jsonl", "{\"text\":\"hello\"}\n"),
        ("work/app/src/main.js", "const port = 3000;\n"),
        ("notes/readme.txt", "no place\n"),
    ] {
        put(home, name, text);
    }
    plants
}

fn write(path: &PathBuf, plant: &Plant) {
    let key = plant.key.as_str();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let line = format!("export TELNYX_API_KEY={key}");
    let bytes: Vec<u8> = match plant.kind {
        Kind::Text => format!("first ä\n{line}\nlast\n").into_bytes(),
        Kind::BashHistory => format!("#1700000000\n{line}\n#1700000001\nls\n").into_bytes(),
        Kind::Zsh => [b": 1700000000:0;echo \xE2\x80\x83\xBC\n: 1700000001:0;".as_slice(), line.as_bytes(), b"\n"].concat(),
        Kind::Utf16 => format!("\u{feff}first ä\r\n{line}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Kind::Latin1 => [b"caf\xE9\n".as_slice(), line.as_bytes(), b"\n\xFC\n"].concat(),
        Kind::Json => json(key).into_bytes(),
        Kind::JsonLines => json_lines(key).into_bytes(),
        Kind::Xml => format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<application><env name=\"TELNYX_API_KEY\" value=\"{key}\"/></application>\n"
        )
        .into_bytes(),
        Kind::Sqlite => return super::databases::plain(path, key),
        Kind::Wal => return super::databases::with_log(path, key),
        Kind::FullText => return super::databases::full_text(path, key),
        Kind::CompressedCells => return super::databases::compressed(path, key),
        Kind::VimSwap => [b"b0VIM 9.1\0\0\0\0\x10\0\0".as_slice(), &[0; 4000], line.as_bytes(), b"\0last\0"].concat(),
        Kind::VimUndo => [b"Vim\x9FUnDo\xE5\0\x02".as_slice(), &[7; 32], &[0, 0, 0, 80], line.as_bytes(), b"\xE7\xAA"].concat(),
        Kind::Core => [b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x04\0\x3E\0".as_slice(), &[0; 500], line.as_bytes(), &[0; 500]].concat(),
        Kind::LevelLog => level::log(key),
        Kind::LevelTable => level::table(key),
        Kind::MozLz4 => {
            let text = format!("{{\"windows\":[{{\"tabs\":[\"{line}\"]}}]}}");
            let size = u32::try_from(text.len()).unwrap().to_le_bytes();
            [b"mozLz40\0".as_slice(), &size, &lz4_flex::block::compress(text.as_bytes())].concat()
        }
        Kind::Opaque => [b"\x01\xCE\0\x01\0\x02".as_slice(), &[0xFE, 0, 3, 0xFF, 9].repeat(40), line.as_bytes(), &[0, 0xFF, 0xFE, 4].repeat(40)].concat(),
    };
    fs::write(path, bytes).unwrap();
}

/// Returns a document with a key, once plain and once as a part of a text with escapes.
fn json(key: &str) -> String {
    let value = serde_json::json!({
        "mcpServers": { "telnyx": { "env": { "TELNYX_API_KEY": key }, "args": ["-y", 1, null, true] } },
        "log": format!("line one\n\"quoted ä\"\tAuthorization: Bearer {key}\n"),
        "empty": {}, "list": [],
    });
    serde_json::to_string_pretty(&value).unwrap()
}

/// Returns events of which one has a key, and two have the parts of it.
fn json_lines(key: &str) -> String {
    let event = |text: &str| {
        serde_json::json!({ "timestamp": "2026-03-04T05:06:07.000Z", "message": { "role": "user", "content": [{ "type": "text", "text": text }] } })
            .to_string()
    };
    let delta = |text: &str| {
        serde_json::json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": text } }).to_string()
    };
    let lines = [
        event("hello"),
        event(&format!("use {key}\nplease")),
        delta(&key[..20]),
        delta(&key[20..40]),
        delta(&key[40..]),
        delta(" ok"),
        event("bye"),
    ];
    lines.join("\n") + "\n"
}
