//! A local test server that sends valid or invalid responses and records every request.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How to respond to one request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Sends these bytes and closes the connection.
    Raw(Vec<u8>),
    /// Sends these bytes, one every 100 ms.
    Drip(Vec<u8>),
    /// Sends these bytes after a delay.
    Late(Vec<u8>, Duration),
    /// Sends a valid beginning and then bytes endlessly.
    Endless(&'static str),
    /// Resets the connection.
    Reset,
    /// Sends nothing.
    Silence,
}

/// Returns a response with a status, headers and a body.
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

/// A recorded request.
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
    /// Starts a server. `answer` gets the number of the request (from 0) and its key.
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

    /// Starts a server that always sends the same response.
    pub(crate) fn always(reply: Reply) -> Self {
        Self::new(move |_, _| reply.clone())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the number of connections, including those without a complete request.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Returns the maximum number of simultaneous requests.
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
        // The client may close the connection at any time.
        let _gone = send(&mut stream, answer(number, &key));
    }
}

/// Reads the head of a request.
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
