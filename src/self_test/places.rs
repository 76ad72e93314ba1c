//! Kinds of files that contain a key: file names that are often excluded, nested archives, documents.

use std::io::{self, Write};

use data_encoding::BASE64;

use super::forms::gzip;

/// Name of the kind, path of the file, and a function that returns its content.
pub(super) type Place = (&'static str, &'static str, fn(&str) -> io::Result<Vec<u8>>);

/// All kinds.
pub(super) const PLACES: [Place; 12] = [
    ("a hidden file", "deep/.env", |key| Ok(format!("TELNYX_API_KEY={key}\n").into_bytes())),
    ("a hidden folder", ".config/telnyx/settings", |key| Ok(key.as_bytes().to_vec())),
    ("a binary file", "program.bin", |key| Ok([b"\x7fELF\0\0\xff\xfe", key.as_bytes(), b"\0\0\0"].concat())),
    ("a log with an HTTP header", "server.log", |key| {
        Ok(format!("> Authorization: Bearer {key}\n").into_bytes())
    }),
    ("a signed storage URL", "urls.txt", |key| {
        let query = format!("X-Amz-Credential={key}%2F20260101%2Fus-central-1%2Fs3%2Faws4_request");
        Ok(format!("https://us-central-1.telnyxcloudstorage.com/b/o?{query}\n").into_bytes())
    }),
    ("a minified bundle", "dist/app.min.js", |key| {
        Ok(format!("!function(e){{e.k=\"{key}\"}}({{}});").into_bytes())
    }),
    ("a compressed log", "server.log.1.gz", |key| Ok(gzip(format!("key={key}\n").as_bytes()))),
    ("a log in zstd", "server.log.2.zst", |key| zstd::encode_all(format!("key={key}\n").as_bytes(), 3)),
    ("a tar archive", "backup.tar", |key| tar("etc/app.conf", format!("key={key}\n").as_bytes())),
    ("a compressed tar archive in a tar archive", "nested.tar", |key| {
        tar("inner.tar.gz", &gzip(&tar("a.env", format!("K={key}\n").as_bytes())?))
    }),
    ("mail", "letter.eml", |key| {
        let body = BASE64.encode(format!("Here is the key: {key}\n").as_bytes());
        let head = "From: a@example.org\r\nSubject: key\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n";
        Ok(format!("{head}Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n").into_bytes())
    }),
    ("a source map", "dist/app.js.map", |key| {
        let source = format!("const key = '{key}';\\n");
        let map = format!(
            "{{\"version\":3,\"sources\":[\"a.ts\"],\"sourcesContent\":[\"{source}\"],\"names\":[],\"mappings\":\"AAAA\"}}"
        );
        Ok(map.into_bytes())
    }),
];

/// Returns a tar archive with one member.
fn tar(name: &str, content: &[u8]) -> io::Result<Vec<u8>> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, name, content)?;
    let mut bytes = archive.into_inner()?;
    bytes.flush()?;
    Ok(bytes)
}
