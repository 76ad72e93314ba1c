//! The files of `telleaks self-test`: made-up keys in every encoding and kind of file, and samples of other
//! credentials, in a directory and in a repository, so that users see what the installed program finds with the current
//! configuration. Does not scan or judge.

mod forms;
mod kinds;
mod places;
mod repository;

use std::io;
use std::path::Path;

use crate::finding::Secret;

pub use repository::plant_history;

/// A planted key.
#[derive(Debug)]
pub struct Plant {
    /// Where and how it is planted, for display.
    pub name: String,
    /// The key.
    pub secret: Secret,
}

/// Generates distinct made-up keys.
#[derive(Debug, Default)]
pub struct Keys {
    made: u64,
}

/// Creation time of the first made-up key in milliseconds since 1970: in July 2025.
const FIRST_KEY_MILLIS: u64 = 1_753_000_000_000;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Keys {
    /// Returns the next key, which has a valid shape but does not exist.
    ///
    /// # Errors
    /// Returns an error if the system's random number generator fails.
    pub fn next_key(&mut self) -> io::Result<String> {
        self.made += 1;
        let (id, secret) = (self.chars(b"0123456789ABCDEF", 20)?, self.chars(BASE62, 22)?);
        Ok(format!("KEY{:012X}{id}_{secret}", FIRST_KEY_MILLIS + self.made))
    }

    /// Returns `count` random characters of an alphabet.
    fn chars(&self, alphabet: &[u8], count: usize) -> io::Result<String> {
        let mut random = vec![0u8; count];
        getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(random.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect())
    }
}

/// Plants a key in each encoding and each kind of file under `folder`, and samples of the credentials that the rules
/// with the ids `known` report.
///
/// # Errors
/// Returns the I/O error if the directory cannot be written.
pub fn plant_files(folder: &Path, keys: &mut Keys, known: &[String]) -> io::Result<Vec<Plant>> {
    let mut plants = Vec::new();
    for (number, (name, write)) in forms::FORMS.iter().enumerate() {
        let key = keys.next_key()?;
        std::fs::write(folder.join(format!("form-{number:02}.txt")), write(&key))?;
        plants.push(Plant { name: format!("written as {name}"), secret: Secret::new(key) });
    }
    for (name, file, write) in places::PLACES {
        let key = keys.next_key()?;
        let path = folder.join(file);
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above)?;
        }
        std::fs::write(path, write(&key)?)?;
        plants.push(Plant { name: format!("in {name}"), secret: Secret::new(key) });
    }
    let samples = kinds::SAMPLES.iter().enumerate();
    for (number, sample) in samples.filter(|(_, sample)| known.iter().any(|id| id == sample.rule)) {
        let secret = (sample.secret)(keys)?;
        std::fs::write(folder.join(format!("kind-{number:02}.txt")), (sample.content)(&secret))?;
        let name = format!("of {}, in {}", sample.rule, sample.place);
        plants.push(Plant { name, secret: Secret::new(secret) });
    }
    Ok(plants)
}
