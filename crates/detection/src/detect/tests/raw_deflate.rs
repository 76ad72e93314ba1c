//! Raw deflate in base64: draw.io diagrams and parameters of SAML.

use super::*;

/// Raw deflate in base64 has no magic number: the tag of a draw.io diagram or the name of a SAML parameter is its mark.
#[test]
fn raw_deflate_in_base64_after_its_mark() {
    let key = key();
    let deflate = |text: &str, level| {
        let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
        out.write_all(text.as_bytes()).unwrap();
        data_encoding::BASE64.encode(&out.finish().unwrap())
    };
    let percent = |text: &str| -> String {
        let one = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(one).collect()
    };
    for before in 0..6 {
        let filler = "<mxCell id=\"0\"/>\n".repeat(before * 11);
        let xml = format!("<mxGraphModel>{filler}{:before$}<mxCell value=\"{key}\"/></mxGraphModel>", "");
        for (text, level) in [(percent(&xml), 9), (xml.clone(), 9), (xml.clone(), 1)] {
            let data = deflate(&text, level);
            let diagram = format!("<mxfile><diagram id=\"x\" name=\"Page 1\">{data}</diagram></mxfile>");
            let escaped = diagram.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
            for written in [
                diagram.clone(),
                format!("<diagram>\n  {data}\n</diagram>"),
                format!("<svg content=\"{escaped}\"/>"),
                percent(&diagram),
                serde_json::to_string(&diagram).unwrap().replace('<', "\\u003c").replace('>', "\\u003e"),
                format!("GET /sso?SAMLRequest={}&RelayState=x HTTP/1.1", percent(&data)),
                format!("https://idp.example/?a=b&SAMLResponse={data}"),
                percent(&format!("https://idp.example/?SAMLRequest={}", percent(&data))),
                format!("{{\"SAMLRequest\": \"{data}\"}}"),
            ] {
                let found = scan(written.as_bytes());
                let [one] = &found[..] else { panic!("{}: {written}", found.len()) };
                assert_eq!(one.secret.expose(), key);
                let layers: Vec<_> = one.encoding.iter().map(|layer| layer.as_str()).collect();
                assert!(layers.starts_with(&["base64", "deflate"]), "{layers:?}");
            }
            assert!(scan(format!("<bisagram>{data}</bisagram> SAMLRequests{data}").as_bytes()).is_empty());
        }
    }
}
