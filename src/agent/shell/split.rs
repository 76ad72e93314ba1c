//! Splits a shell text into simple commands.

use std::iter::Peekable;
use std::str::Chars;

/// Maximum length of a text that is split, in bytes.
const MAX_BYTES: usize = 1 << 20;
/// Maximum nesting of shells that run each other's scripts.
const MAX_DEPTH: usize = 4;
/// Programs that run the program after them.
const WRAPPERS: [&str; 9] = ["sudo", "command", "builtin", "exec", "env", "time", "nice", "nohup", "doas"];
/// Options of these programs whose value is the next word.
const WRAPPER_VALUES: [&str; 6] = ["-u", "-g", "-C", "-h", "-p", "-n"];
/// Words of the shell before a command.
const KEYWORDS: [&str; 9] = ["if", "then", "else", "elif", "while", "until", "do", "!", "{"];
/// Shells that take a script after `-c`.
const SHELLS: [&str; 6] = ["sh", "bash", "zsh", "dash", "ksh", "fish"];

/// A command with its words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Simple {
    /// The program and its arguments, without quotes.
    pub(super) words: Vec<String>,
    /// Variables that are set for it: `NAME=value`.
    pub(super) variables: Vec<String>,
    /// Files that it reads from standard input.
    pub(super) inputs: Vec<String>,
    /// Whether its output goes to a file.
    pub(super) is_redirected: bool,
    /// Whether its output is the input of the next command.
    pub(super) is_piped: bool,
    /// Whether it is inside of a substitution, so that its output is part of another command.
    pub(super) is_substituted: bool,
}

impl Simple {
    /// Returns the program, without its directory.
    pub(super) fn program(&self) -> &str {
        let first = self.words.first().map(String::as_str).unwrap_or_default();
        first.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".exe")
    }
}

/// Returns the commands of a text, in order; a longer text than 1 MiB has none. Scripts of `sh -c` and `eval` are part of
/// the result.
pub(super) fn commands(text: &str) -> Vec<Simple> {
    let mut all = Vec::new();
    if text.len() <= MAX_BYTES {
        add(text, 0, false, &mut all);
    }
    all
}

fn add(text: &str, depth: usize, is_substituted: bool, all: &mut Vec<Simple>) {
    let mut splitter = Splitter::new(text);
    splitter.run();
    for mut one in splitter.done {
        unwrap(&mut one);
        one.is_substituted |= is_substituted;
        if let Some(script) = script(&one).filter(|_| depth < MAX_DEPTH) {
            add(&script, depth + 1, one.is_substituted, all);
        }
        all.push(one);
    }
    for script in splitter.substituted.into_iter().filter(|_| depth < MAX_DEPTH) {
        add(&script, depth + 1, true, all);
    }
}

/// Removes words before the program: keywords, assignments, and programs that run another one.
fn unwrap(one: &mut Simple) {
    loop {
        let Some(first) = one.words.first().cloned() else { return };
        if KEYWORDS.contains(&first.as_str()) {
            one.words.remove(0);
        } else if is_assignment(&first) {
            one.words.remove(0);
            one.variables.push(first);
        } else if WRAPPERS.contains(&one.program()) && one.words.len() > 1 {
            one.words.remove(0);
            while one.words.first().is_some_and(|word| word.starts_with('-')) {
                let option = one.words.remove(0);
                if WRAPPER_VALUES.contains(&option.as_str()) && one.words.len() > 1 {
                    one.words.remove(0);
                }
            }
        } else {
            return;
        }
    }
}

fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Returns the script that a shell is given.
fn script(one: &Simple) -> Option<String> {
    if one.program() == "eval" {
        return Some(one.words[1..].join(" "));
    }
    if !SHELLS.contains(&one.program()) {
        return None;
    }
    let option = one
        .words
        .iter()
        .position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'))?;
    one.words.get(option + 1).cloned()
}

/// The state of splitting.
struct Splitter<'t> {
    rest: Peekable<Chars<'t>>,
    word: Option<String>,
    now: Simple,
    done: Vec<Simple>,
    substituted: Vec<String>,
    /// Ends of the here-documents that start after this line.
    documents: Vec<String>,
    /// What the next word is the target of.
    redirection: Option<Redirection>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Redirection {
    Input,
    Output,
    Document,
}

impl<'t> Splitter<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            rest: text.chars().peekable(),
            word: None,
            now: Simple::default(),
            done: Vec::new(),
            substituted: Vec::new(),
            documents: Vec::new(),
            redirection: None,
        }
    }

    fn run(&mut self) {
        while let Some(c) = self.rest.next() {
            match c {
                '\'' => self.quoted(),
                '"' => self.double_quoted(),
                '\\' => match self.rest.next() {
                    Some('\n') | None => {}
                    Some(c) => self.push(c),
                },
                '$' if self.rest.peek() == Some(&'(') => {
                    self.rest.next();
                    self.substitution();
                }
                '`' => self.backquoted(),
                ' ' | '\t' | '\r' => self.end_word(),
                '#' if self.word.is_none() => while self.rest.next_if(|c| *c != '\n').is_some() {},
                '\n' => {
                    self.end_command(false);
                    self.skip_documents();
                }
                ';' | '(' | ')' => self.end_command(false),
                '&' | '|' | '<' | '>' => self.operator(c),
                c => self.push(c),
            }
        }
        self.end_command(false);
    }

    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn quoted(&mut self) {
        let word = self.word.get_or_insert_default();
        word.extend(self.rest.by_ref().take_while(|c| *c != '\''));
    }

    fn double_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some(c) = self.rest.next() {
            match c {
                '"' => return,
                '\\' => match self.rest.next() {
                    Some(c) if "\"\\$`".contains(c) => self.push(c),
                    Some('\n') | None => {}
                    Some(c) => {
                        self.push('\\');
                        self.push(c);
                    }
                },
                '$' if self.rest.peek() == Some(&'(') => {
                    self.rest.next();
                    self.substitution();
                }
                '`' => self.backquoted(),
                c => self.push(c),
            }
        }
    }

    /// Takes the text up to the bracket that closes `$(`.
    fn substitution(&mut self) {
        let (mut text, mut depth, mut quote) = (String::new(), 0, None);
        for c in self.rest.by_ref() {
            match (quote, c) {
                (Some(open), c) if open == c => quote = None,
                (None, '\'' | '"') => quote = Some(c),
                (None, '(') => depth += 1,
                (None, ')') if depth == 0 => break,
                (None, ')') => depth -= 1,
                _ => {}
            }
            text.push(c);
        }
        self.substituted.push(text);
        self.word.get_or_insert_default().push_str("$()");
    }

    fn backquoted(&mut self) {
        let text = self.rest.by_ref().take_while(|c| *c != '`').collect();
        self.substituted.push(text);
        self.word.get_or_insert_default().push_str("$()");
    }

    fn operator(&mut self, c: char) {
        match c {
            '&' if self.rest.next_if_eq(&'>').is_some() => self.redirect(Redirection::Output),
            '|' if self.rest.next_if_eq(&'|').is_none() => {
                self.rest.next_if_eq(&'&');
                self.end_command(true);
            }
            '&' | '|' => {
                self.rest.next_if_eq(&'&');
                self.end_command(false);
            }
            '<' if self.rest.next_if_eq(&'<').is_some() => {
                if self.rest.next_if_eq(&'<').is_none() {
                    self.rest.next_if_eq(&'-');
                    self.redirect(Redirection::Document);
                }
            }
            '<' => self.redirect(Redirection::Input),
            _ => self.redirect_output(),
        }
    }

    /// Handles `>`, after a number perhaps: only standard output counts.
    fn redirect_output(&mut self) {
        self.rest.next_if(|c| matches!(c, '>' | '|'));
        let number = self.word.take_if(|word| matches!(word.as_str(), "0" | "1" | "2"));
        if self.rest.next_if_eq(&'&').is_some() {
            while self.rest.next_if(|c| c.is_ascii_digit() || *c == '-').is_some() {}
            return;
        }
        self.end_word();
        let is_error = number.as_deref() == Some("2");
        self.redirection = Some(Redirection::Output);
        self.now.is_redirected |= !is_error;
    }

    fn redirect(&mut self, to: Redirection) {
        self.end_word();
        self.redirection = Some(to);
        self.now.is_redirected |= to == Redirection::Output;
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        match self.redirection.take() {
            Some(Redirection::Input) => self.now.inputs.push(word),
            // What goes to the terminal is still shown.
            Some(Redirection::Output)
                if matches!(word.as_str(), "/dev/stdout" | "/dev/stderr" | "/dev/tty") =>
            {
                self.now.is_redirected = false;
            }
            Some(Redirection::Output) => {}
            Some(Redirection::Document) => self.documents.push(word),
            None => self.now.words.push(word),
        }
    }

    fn end_command(&mut self, is_piped: bool) {
        self.end_word();
        let mut one = std::mem::take(&mut self.now);
        if !one.words.is_empty() {
            one.is_piped = is_piped;
            self.done.push(one);
        }
    }

    /// Skips the here-documents that start after a line.
    fn skip_documents(&mut self) {
        for end in std::mem::take(&mut self.documents) {
            loop {
                let mut line = String::new();
                let mut more = false;
                for c in self.rest.by_ref() {
                    more = true;
                    if c == '\n' {
                        break;
                    }
                    line.push(c);
                }
                if !more || line.trim() == end {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        commands(text).into_iter().map(|one| one.words).collect()
    }

    #[test]
    fn commands_and_words() {
        for (text, expected) in [
            ("a 'b c' \"d e\"f\\ g; h", vec![vec!["a", "b c", "d ef g"], vec!["h"]]),
            ("a && b || c | d & e", vec![vec!["a"], vec!["b"], vec!["c"], vec!["d"], vec!["e"]]),
            ("cat <<EOF\ngit commit -n\nEOF\nls", vec![vec!["cat"], vec!["ls"]]),
            ("X=1 sudo -E env Y=2 git commit # -n", vec![vec!["git", "commit"]]),
            ("bash -lc 'a b' x", vec![vec!["a", "b"], vec!["bash", "-lc", "a b", "x"]]),
            ("echo $(a 'x)' b) \"`c`\"", vec![vec!["echo", "$()", "$()"], vec!["a", "x)", "b"], vec!["c"]]),
            ("if a; then b; fi", vec![vec!["a"], vec!["b"], vec!["fi"]]),
            ("a \\\n b 2>&1 >x <y", vec![vec!["a", "b"]]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
        for text in ["'", "\"", "$(", "`", "\\", "<<", "a <<E\nb", "((("] {
            let _no_panic = words(text);
        }
        assert!(commands(&"a ".repeat(1 << 20)).is_empty());
    }

    #[test]
    fn redirections() {
        let one = |text: &str| commands(text).remove(0);
        assert!(one("cat a > b").is_redirected && one("cat a &> b").is_redirected);
        assert!(!one("cat a 2> b").is_redirected && !one("cat a 2>&1").is_redirected);
        assert!(!one("cat a > /dev/stderr").is_redirected);
        assert_eq!(one("cat < a").inputs, ["a"]);
        assert!(one("cat a | b").is_piped && !one("cat a || b").is_piped);
    }
}
