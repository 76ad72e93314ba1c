//! Keys in several pieces: concatenated by a program, continued on the next line, or reversed.

use crate::encodings::batch::{Batch, host};

/// Name, and the text before the key, between two pieces, and after the key. `~` is random indentation.
const CONCATENATIONS: [(&str, &str, &str, &str); 58] = [
    ("js-plus", "const k = \"", "\"+\"", "\";\n"),
    ("js-plus-lines", "const k = \"", "\" +\n~\"", "\";\n"),
    ("js-plus-leading", "const k = '", "'\n~+ '", "';\n"),
    ("js-concat", "const k = \"\".concat(\"", "\", \"", "\");\n"),
    ("js-join", "const k = [\"", "\", \"", "\"].join(\"\");\n"),
    ("js-join-minified", "const k=['", "','", "'].join('');\n"),
    ("js-join-lines", "const k = [\n  \"", "\",\n~\"", "\",\n].join(\"\");\n"),
    ("js-template", "const k = `", "` + `", "`;\n"),
    ("js-append", "let k = \"", "\";\nk += \"", "\";\n"),
    ("js-append-indented", "  let tok = '", "';\n~tok += '", "';\n"),
    ("python-adjacent", "k = \"", "\" \"", "\"\n"),
    ("python-parentheses", "k = (\n    \"", "\"\n~\"", "\"\n)\n"),
    ("python-plus", "k = '", "' + '", "'\n"),
    ("python-backslash", "k = \"", "\" \\\n~\"", "\"\n"),
    ("python-join", "k = \"\".join([\"", "\", \"", "\"])\n"),
    ("python-f", "k = f\"", "\" f\"", "\"\n"),
    ("python-bytes", "k = b'", "' b'", "'\n"),
    ("python-append", "k = \"", "\"\nk += \"", "\"\n"),
    ("php-dot", "$k = '", "' . '", "';\n"),
    ("php-dot-tight", "$k=\"", "\".\"", "\";\n"),
    ("php-dot-lines", "$k = '", "'\n~. '", "';\n"),
    ("php-append", "$k = \"", "\";\n$k .= \"", "\";\n"),
    ("php-implode", "$k = implode('', ['", "', '", "']);\n"),
    ("perl-join", "my $k = join('', '", "', '", "');\n"),
    ("ruby-shovel", "k = +\"\" << \"", "\" << \"", "\"\n"),
    ("ruby-backslash", "k = '", "' \\\n~'", "'\n"),
    ("ruby-join", "k = ['", "', '", "'].join\n"),
    ("go-plus", "k := \"", "\" +\n\t\"", "\"\n"),
    ("go-raw", "k := `", "` + `", "`\n"),
    ("go-join", "k := strings.Join([]string{\"", "\", \"", "\"}, \"\")\n"),
    ("java-plus", "String k = \"", "\"\n~+ \"", "\";\n"),
    ("java-append", "new StringBuilder().append(\"", "\").append(\"", "\").toString();\n"),
    ("java-append-lines", "sb.append(\"", "\")\n~.append(\"", "\");\n"),
    ("java-join", "String k = String.join(\"\", \"", "\", \"", "\");\n"),
    ("kotlin", "val k = \"", "\" + \"", "\"\n"),
    ("csharp", "const string K = \"", "\" + \"", "\";\n"),
    ("csharp-concat", "var k = string.Concat(\"", "\", \"", "\");\n"),
    ("csharp-builder", "sb.Append(\"", "\").Append(\"", "\");\n"),
    ("c-adjacent", "const char *k = \"", "\" \"", "\";\n"),
    ("c-adjacent-lines", "const char *k =\n    \"", "\"\n~\"", "\";\n"),
    ("c-macro", "#define K \"", "\" \\\n~\"", "\"\n"),
    ("swift", "let k = \"", "\" + \"", "\"\n"),
    ("dart", "const k = '", "' '", "';\n"),
    ("rust", "const K: &str = concat!(\"", "\", \"", "\");\n"),
    ("rust-lines", "const K: &str = concat!(\n    \"", "\",\n~\"", "\",\n);\n"),
    ("lua", "local k = \"", "\" .. \"", "\"\n"),
    ("lua-tight", "local k='", "'..'", "'\n"),
    ("sql-pipes", "SELECT '", "' || '", "';\n"),
    ("sql-concat", "SELECT CONCAT('", "', '", "');\n"),
    ("basic", "k = \"", "\" & \"", "\"\n"),
    ("basic-lines", "k = \"", "\" & _\n~\"", "\"\n"),
    ("shell-double", "K=\"", "\"\"", "\"\n"),
    ("shell-mixed", "K='", "'\"\"'", "'\n"),
    ("shell-append", "K=\"", "\"\nK+=\"", "\"\n"),
    ("powershell", "$k = '", "' + '", "'\n"),
    ("powershell-append", "$k = \"", "\"\n$k += \"", "\"\n"),
    ("powershell-join", "$k = -join ('", "','", "')\n"),
    ("terraform", "key = join(\"\", [\"", "\", \"", "\"])\n"),
];

#[test]
fn concatenations() {
    let mut batch = Batch::new();
    for (name, before, between, after) in CONCATENATIONS {
        batch.shape(name, 6, |random, variant, key| {
            let cuts = random.cuts(variant, 1 + variant);
            let indent = " ".repeat(random.between(1, 13));
            let text = key.cut(&cuts, &between.replace('~', &indent));
            host(random, text, (before, after), "")
        });
    }
    batch.shape("mixed-quotes", 6, |random, variant, key| {
        let cuts = random.cuts(variant, 4);
        let pieces = ["\" + '", "' +\n  `", "`+\"", "\"+'", "'+ `"];
        let mut text = key;
        for (index, &cut) in cuts.iter().enumerate().rev() {
            text = text.cut(&[cut], pieces[index]);
        }
        let last = pieces[cuts.len() - 1];
        host(random, text, ("const k = \"", &format!("{};\n", &last[last.len() - 1..])), "// ")
    });
    batch.check();
}

#[test]
fn continued_and_wrapped_lines() {
    let mut batch = Batch::new();
    for (name, before, between, after) in [
        ("shell", "export T=", "\\\n", "\n"),
        ("shell-crlf", "export T=", "\\\r\n", "\n"),
        ("c-string", "char *k = \"", "\\\n", "\";\n"),
        ("rust-string", "let k = \"", "\\\n~", "\";\n"),
        ("toml", "key = \"\"\"", "\\\n~", "\"\"\"\n"),
        ("makefile", "x:\n\tcurl -H \"Authorization: Bearer ", "\\\n\t", "\"\n"),
        ("yaml", "key: \"", "\\\n~", "\"\n"),
        ("properties", "telnyx.apiKey=", "\\\n~", "\nnext=1\n"),
    ] {
        batch.shape(name, 6, |random, variant, key| {
            let cuts = random.cuts(variant, 1 + variant % 2);
            let indent = " ".repeat(random.between(1, 9));
            let text = key.cut(&cuts, &between.replace('~', &indent));
            host(random, text, (before, after), "# ")
        });
    }
    for (name, end) in [("terminal", "\n"), ("terminal-crlf", "\r\n")] {
        batch.shape(name, 6, |random, variant, key| {
            let cuts = random.cuts(variant, 1);
            host(random, key.cut(&cuts, end), ("$ export TELNYX_API_KEY=", end), "$ ")
        });
    }
    batch.check();
}

#[test]
fn reversed() {
    let mut batch = Batch::new();
    for (name, before, after) in [
        ("alone", "", "\n"),
        ("quoted", "k=\"", "\"\n"),
        ("js", "const k = \"", "\".split(\"\").reverse().join(\"\");\n"),
        ("python", "k = '", "'[::-1]\n"),
        ("php", "$k = strrev('", "');\n"),
    ] {
        batch.shape(name, 3, |random, _, key| {
            let text = key.reversed();
            host(random, text, (before, after), "# ")
        });
    }
    batch.shape("in-context", 3, |random, _, key| {
        let text = key.within("{\"api_key\": \"", "\", \"z\": 1}").reversed();
        host(random, text, ("s='", "'\n"), "# ")
    });
    batch.check();
}

#[test]
fn nested_forms() {
    let mut batch = Batch::new();
    batch.shape("concatenated-in-base64", 3, |random, variant, key| {
        let cuts = random.cuts(variant, 2);
        let code = key.cut(&cuts, "\" + \"").within("const k = \"", "\";\n");
        host(random, code.base64(), ("v=\"", "\"\n"), "# ")
    });
    batch.shape("base64-in-utf-16", 3, |_, variant, key| {
        let text = key.within(&"key: "[variant..], "\n").base64().within("v=\"", "\"\r\n").wide(2, true);
        text.within(b"\xFF\xFE", "")
    });
    batch.shape("concatenated-in-utf-16", 3, |random, variant, key| {
        let cuts = random.cuts(variant, 2);
        let text = key.cut(&cuts, "\" + \"").within("const k = \"", "\";\r\n").wide(2, true);
        text.within(b"\xFF\xFE", "")
    });
    batch.check();
}
