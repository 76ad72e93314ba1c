//! Waiting for the input of a pipe: a thread reads, because safe code cannot ask whether input has arrived.

use std::fs::File;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// How one chunk is read from a file.
type Read = fn(&File, &mut [u8]) -> io::Result<usize>;

/// Size of the chunks that the thread reads, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// A file that is read when input has arrived. On Windows, a thread reads it.
#[derive(Debug)]
pub struct WaitingReader {
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// What has arrived and is not read yet. An empty chunk is the end.
    pending: Option<io::Result<Vec<u8>>>,
}

impl WaitingReader {
    /// Creates a reader of `file` that calls `read` for each chunk.
    pub fn new(file: File, read: Read) -> Self {
        let (send, chunks) = sync_channel(1);
        // If it cannot start, the channel is closed, which is an error of the first read.
        let _started = std::thread::Builder::new().name("input".to_owned()).spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK_BYTES];
                let got = read(&file, &mut chunk).map(|count| {
                    chunk.truncate(count);
                    chunk
                });
                let is_last = got.as_ref().map_or(true, Vec::is_empty);
                if send.send(got).is_err() || is_last {
                    break;
                }
            }
        });
        Self { chunks, pending: None }
    }

    /// Returns whether input, its end, or an error can be read within `wait`.
    pub fn is_ready(&mut self, wait: Duration) -> bool {
        if self.pending.is_none() {
            match self.chunks.recv_timeout(wait) {
                Ok(chunk) => self.pending = Some(chunk),
                Err(RecvTimeoutError::Timeout) => return false,
                Err(RecvTimeoutError::Disconnected) => {}
            }
        }
        true
    }

    /// Reads what has arrived, at most `buffer`, and waits if nothing has. 0 is the end.
    ///
    /// # Errors
    ///
    /// Returns the I/O error.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let next = match self.pending.take() {
            Some(chunk) => chunk,
            None => self.chunks.recv().unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into())),
        };
        let mut chunk = next?;
        let count = chunk.len().min(buffer.len());
        buffer[..count].copy_from_slice(&chunk[..count]);
        if count < chunk.len() {
            chunk.drain(..count);
            self.pending = Some(Ok(chunk));
        }
        Ok(count)
    }
}

/// Does nothing: a pipe has the capacity that its creator gave it.
pub fn enlarge(_file: &File, _bytes: usize) {}
