//! A server on this machine that answers as it is told, well or badly, and remembers every request.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How to answer one request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// These bytes, and the end.
    Raw(Vec<u8>),
    /// These bytes, one each tenth of a second.
    Drip(Vec<u8>),
    /// These bytes after a while.
    Late(Vec<u8>, Duration),
    /// A good beginning, then bytes without end.
    Endless(&'static str),
    /// The connection is cut.
    Reset,
    /// Nothing.
    Silence,
}

/// An answer with a status, headers and a body.
pub(crate) fn http(status: u16, headers: &[&str], body: &str) -> Reply {
    let mut text = format!("HTTP/1.1 {status} Something\r\n");
    for header in headers {
        text += &format!("{header}\r\n");
    }
    text += &format!("Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    Reply::Raw(text.into_bytes())
}

pub(crate) fn json(status: u16, body: &str) -> Reply {
    http(status, &["Content-Type: application/json"], body)
}

pub(crate) fn balance() -> Reply {
    json(200, r#"{"data":{"record_type":"balance","balance":"314159.26","currency":"USD"}}"#)
}

pub(crate) fn error(status: u16, code: &str, detail: &str) -> Reply {
    json(status, &format!(r#"{{"errors":[{{"code":"{code}","title":"Some title","detail":"{detail}"}}]}}"#))
}

pub(crate) fn gone() -> Reply {
    error(401, "10009", "No key found matching the ID 'KEY0' with the provided secret.")
}

/// A request as it came.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) key: String,
    pub(crate) at: Instant,
}

#[derive(Clone)]
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
    busiest: Arc<AtomicUsize>,
}

impl Server {
    /// Answers the request of a number (from 0) with a key.
    pub(crate) fn new(answer: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            connections: Arc::default(),
            busiest: Arc::default(),
        };
        let (here, answer) = (server.clone(), Arc::new(answer));
        let now = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (here, answer, now) = (here.clone(), Arc::clone(&answer), Arc::clone(&now));
                here.connections.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    here.busiest.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    here.serve(stream, &*answer);
                    now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    /// Answers every request alike.
    pub(crate) fn always(reply: Reply) -> Self {
        Self::new(move |_, _| reply.clone())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Connections, also those without a whole request.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Most requests that were open at one time.
    pub(crate) fn busiest(&self) -> usize {
        self.busiest.load(Ordering::SeqCst)
    }

    fn serve(&self, mut stream: TcpStream, answer: &dyn Fn(usize, &str) -> Reply) {
        let Some(head) = head(&mut stream) else { return };
        let bearer = head.lines().find(|line| line.to_lowercase().starts_with("authorization:"));
        let key = bearer.and_then(|line| line.split(' ').nth(2)).unwrap_or_default().to_owned();
        let number = {
            let mut requests = self.requests.lock().unwrap();
            requests.push(Request { head, key: key.clone(), at: Instant::now() });
            requests.len() - 1
        };
        // The client may go away at any time.
        let _gone = send(&mut stream, answer(number, &key));
    }
}

/// The head of a request.
fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    String::from_utf8(head).ok()
}

fn send(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    match reply {
        Reply::Raw(bytes) => stream.write_all(&bytes),
        Reply::Late(bytes, time) => {
            thread::sleep(time);
            stream.write_all(&bytes)
        }
        Reply::Drip(bytes) => {
            for byte in bytes {
                stream.write_all(&[byte])?;
                thread::sleep(Duration::from_millis(100));
            }
            Ok(())
        }
        Reply::Endless(beginning) => {
            stream.write_all(beginning.as_bytes())?;
            loop {
                stream.write_all(&[b'x'; 4096])?;
            }
        }
        Reply::Reset => stream.shutdown(std::net::Shutdown::Both),
        Reply::Silence => {
            thread::sleep(Duration::from_secs(30));
            Ok(())
        }
    }
}
