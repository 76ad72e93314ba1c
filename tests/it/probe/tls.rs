//! TLS: nothing is sent unless the system trusts the certificate and it is valid for this address and date.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{CertificateParams, CertifiedKey, KeyPair, date_time_ymd, generate_simple_self_signed};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use crate::common::random::Random;
use crate::common::{both, code};
use crate::probe::server::Server;
use crate::probe::{feed, program};

/// Starts a TLS server that always sends a balance, with a counter of complete requests.
fn serve(certified: &CertifiedKey<KeyPair>) -> (String, Arc<AtomicUsize>) {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config =
        builder.with_no_client_auth().with_single_cert(vec![certified.cert.der().clone()], key).unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let url = format!("https://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut tls = StreamOwned::new(connection, stream);
            let mut head = [0; 4096];
            if tls.read(&mut head).is_ok_and(|length| length > 0) {
                count.fetch_add(1, Ordering::SeqCst);
                let body = r#"{"data":{"record_type":"balance","balance":"1.00"}}"#;
                let length = body.len();
                let _gone = write!(tls, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
                tls.conn.send_close_notify();
                let _gone = tls.flush();
            }
        }
    });
    (url, requests)
}

/// Writes a file with the only trusted certificate.
fn trust(certified: &CertifiedKey<KeyPair>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roots.pem");
    std::fs::write(&file, certified.cert.pem()).unwrap();
    (folder, file)
}

fn made_for(name: &str) -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(vec![name.to_owned()]).unwrap()
}

/// Returns verdict, exit code and number of completed requests if only `trusted` is trusted.
fn ask(server: &CertifiedKey<KeyPair>, trusted: &CertifiedKey<KeyPair>) -> (i32, usize, String) {
    let (url, requests) = serve(server);
    let (_folder, roots) = trust(trusted);
    let mut command = program();
    command.env("SSL_CERT_FILE", roots).env_remove("SSL_CERT_DIR");
    command.args(["probe", "--probe-url", &url, "--probe-timeout", "5"]);
    let output = feed(&mut command, &Random::new("tls", 0).key());
    (code(&output), requests.load(Ordering::SeqCst), both(&output))
}

#[test]
fn valid_certificate() {
    let good = made_for("127.0.0.1");
    let (code, requests, said) = ask(&good, &good);
    assert_eq!((code, requests), (1, 1), "{said}");
}

#[test]
fn invalid_certificates() {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(2020, 1, 1);
    let signing_key = KeyPair::generate().unwrap();
    let expired = CertifiedKey { cert: params.self_signed(&signing_key).unwrap(), signing_key };
    let other_name = made_for("api.telnyx.com");
    let good = made_for("127.0.0.1");
    let stranger = made_for("127.0.0.1");
    for (server, trusted) in [(&stranger, &good), (&expired, &expired), (&other_name, &other_name)] {
        let (code, requests, said) = ask(server, trusted);
        assert_eq!((code, requests), (3, 0), "{said}");
        assert!(said.contains("no trustworthy TLS connection"), "{said}");
    }
}

#[test]
fn server_without_tls_gets_no_key() {
    let server = Server::always(crate::probe::server::balance());
    let url = server.url().replace("http:", "https:");
    let key = Random::new("plain", 0).key();
    let output = feed(program().args(["probe", "--probe-url", &url, "--probe-timeout", "2"]), &key);
    assert_eq!(code(&output), 3, "{}", both(&output));
    assert!(server.requests().is_empty());
}

#[test]
fn without_root_certificates_nothing_is_sent() {
    let good = made_for("127.0.0.1");
    let (url, requests) = serve(&good);
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("none.pem");
    std::fs::write(&empty, "").unwrap();
    let mut command = program();
    command.env("SSL_CERT_FILE", &empty).env("SSL_CERT_DIR", folder.path());
    command.args(["probe", "--probe-url", &url]);
    let output = feed(&mut command, &Random::new("roots", 0).key());
    assert_eq!((code(&output), requests.load(Ordering::SeqCst)), (3, 0), "{}", both(&output));
    assert!(both(&output).contains("ca-certificates"), "{}", both(&output));
}
