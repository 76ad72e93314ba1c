//! Snippets as shown in the documentation of SDKs. `@@` is the key.

/// File name, content, and a part of the fixed content.
pub(crate) type Snippet = (&'static str, &'static str, &'static str);

pub(crate) const PYTHON: [Snippet; 7] = [
    (
        "a.py",
        "import telnyx\n\ntelnyx.api_key = \"@@\"\n",
        "import os\nimport telnyx\n\ntelnyx.api_key = os.environ[\"TELNYX_API_KEY\"]\n",
    ),
    (
        "b.py",
        "#!/usr/bin/env python3\n\"\"\"Sends a message.\n\nIt does.\n\"\"\"\nfrom __future__ import annotations\n\nfrom telnyx import Telnyx\n\nclient = Telnyx(\n    api_key='@@',  # This is the default and can be omitted\n)\n",
        "from __future__ import annotations\nimport os\n\nfrom telnyx import Telnyx\n\nclient = Telnyx(\n    api_key=os.environ[\"TELNYX_API_KEY\"],  # This",
    ),
    (
        "c.py",
        "import os\nimport requests\n\nMY_TELNYX_KEY = '@@'\nrequests.get('https://api.telnyx.com/v2/balance', headers={'Authorization': f'Bearer {MY_TELNYX_KEY}'})\n",
        "MY_TELNYX_KEY = os.environ[\"MY_TELNYX_KEY\"]\n",
    ),
    (
        "d.py",
        "import sys, os, json\n\nconfig = {\n    \"telnyx\": {\"api_key\": \"@@\"},\n}\n",
        "{\"api_key\": os.environ[\"TELNYX_API_KEY\"]},",
    ),
    (
        "e.py",
        "# -*- coding: utf-8 -*-\nimport asyncio\nfrom telnyx import AsyncTelnyx\n\n\nasync def main():\n    client = AsyncTelnyx(api_key=\"@@\")\n    return \"@@\"\n\n\nasyncio.run(main())\n",
        "    return os.environ[\"TELNYX_API_KEY\"]\n",
    ),
    (
        "f.py",
        "def key():\n    keys = [\n        \"@@\",\n    ]\n    return keys[0]\n",
        "import os\ndef key():\n    keys = [\n        os.environ",
    ),
    (
        "g.py",
        "from __future__ import (\n    annotations,\n)\nKEY = (\"@@\")\n",
        ")\nimport os\nKEY = (os.environ[\"TELNYX_API_KEY\"])\n",
    ),
];

pub(crate) const JAVASCRIPT: [Snippet; 6] = [
    ("a.js", "const telnyx = require('telnyx')('@@');\n", "require('telnyx')(process.env.TELNYX_API_KEY);\n"),
    (
        "b.mjs",
        "import Telnyx from 'telnyx';\n\nconst client = new Telnyx({\n  apiKey: '@@', // This is the default and can be omitted\n});\n",
        "  apiKey: process.env.TELNYX_API_KEY, // This",
    ),
    (
        "c.js",
        "// it's a test\nconst API_KEY = `@@`\nfetch('/v2', { headers: { Authorization: `Bearer ${API_KEY}` } })\n",
        "const API_KEY = process.env.TELNYX_API_KEY\n",
    ),
    ("d.cjs", "module.exports = { telnyx: { key: \"@@\" } };\n", "{ key: process.env.TELNYX_API_KEY }"),
    (
        "e.js",
        "function key() { return '@@'; }\nconst f = () => \"@@\";\n",
        "return process.env.TELNYX_API_KEY; }\nconst f = () => process.env.TELNYX_API_KEY;\n",
    ),
    ("f.js", "/* don't */ let a = 1, k = \"@@\";\n", "k = process.env.TELNYX_API_KEY;"),
];

pub(crate) const TYPESCRIPT: [Snippet; 5] = [
    (
        "a.ts",
        "import Telnyx from 'telnyx';\nconst client = new Telnyx({ apiKey: '@@' });\n",
        "apiKey: process.env.TELNYX_API_KEY! }",
    ),
    ("b.ts", "const key: string = \"@@\";\n", "const key: string = process.env.TELNYX_API_KEY!;\n"),
    ("c.ts", "export const TELNYX_KEY: string = '@@';\n", "= process.env.TELNYX_KEY!;\n"),
    ("d.mts", "export function key(): string {\n  return '@@';\n}\n", "return process.env.TELNYX_API_KEY!;"),
    ("e.ts", "call('@@', 1);\n", "call(process.env.TELNYX_API_KEY!, 1);"),
];

pub(crate) const RUBY: [Snippet; 5] = [
    (
        "a.rb",
        "require \"telnyx\"\n\nTelnyx.api_key = \"@@\"\n",
        "Telnyx.api_key = ENV.fetch(\"TELNYX_API_KEY\")\n",
    ),
    (
        "b.rb",
        "telnyx = Telnyx::Client.new(\n  api_key: '@@' # This is the default and can be omitted\n)\n",
        "  api_key: ENV.fetch(\"TELNYX_API_KEY\") # This",
    ),
    ("c.rb", "config = { :api_key => '@@' }\n", ":api_key => ENV.fetch(\"TELNYX_API_KEY\") }"),
    (
        "d.rb",
        "TELNYX_SECRET = '@@'.freeze\nTELNYX_TOKEN = '@@'\n",
        "TELNYX_TOKEN = ENV.fetch(\"TELNYX_SECRET\")\n",
    ),
    ("e.rb", "def key\n  return '@@'\nend\n", "return ENV.fetch(\"TELNYX_API_KEY\")\n"),
];

pub(crate) const PHP: [Snippet; 5] = [
    (
        "a.php",
        "<?php\nrequire_once 'vendor/autoload.php';\n\\Telnyx\\Telnyx::setApiKey('@@');\n",
        "setApiKey(getenv('TELNYX_API_KEY'));",
    ),
    ("b.php", "<p>it's</p>\n<?php\n$key = \"@@\";\n", "$key = getenv('TELNYX_API_KEY');"),
    ("c.php", "<?php\n$client = new Client(apiKey: '@@');\n", "apiKey: getenv('TELNYX_API_KEY'))"),
    ("d.php", "<?php\nreturn [\n  'telnyx' => ['key' => '@@'],\n];\n", "'key' => getenv('TELNYX_API_KEY')],"),
    ("e.php", "<?php\ndefine('TELNYX_KEY', '@@');\n", "define('TELNYX_KEY', getenv('TELNYX_KEY'));"),
];

pub(crate) const JAVA: [Snippet; 5] = [
    (
        "A.java",
        "class A {\n  static final String KEY = \"@@\";\n}\n",
        "KEY = System.getenv(\"TELNYX_API_KEY\");",
    ),
    (
        "B.java",
        "class B {\n  void a() {\n    new StringBuilder(\"@@\");\n  }\n}\n",
        "new StringBuilder(System.getenv(\"TELNYX_API_KEY\"));",
    ),
    (
        "C.java",
        "class C {\n  // it's the key\n  String key() { return \"@@\"; }\n}\n",
        "return System.getenv(\"TELNYX_API_KEY\"); }",
    ),
    (
        "D.java",
        "class D {\n  String[] keys = {\"@@\", \"x\"};\n  char quote = '\"';\n}\n",
        "{System.getenv(\"TELNYX_API_KEY\"), \"x\"}",
    ),
    (
        "E.java",
        "class E {\n  String TELNYX_KEY = \"@@\";\n  void f(String k) { f(\n      \"@@\"\n    ); }\n}\n",
        "TELNYX_KEY = System.getenv(\"TELNYX_KEY\");",
    ),
];

pub(crate) const KOTLIN: [Snippet; 5] = [
    (
        "a.kt",
        "val client = TelnyxOkHttpClient.builder().apiKey(\"@@\").build()\n",
        ".apiKey(System.getenv(\"TELNYX_API_KEY\"))",
    ),
    ("b.kt", "val key = \"@@\"\n", "val key = System.getenv(\"TELNYX_API_KEY\")\n"),
    ("c.kt", "fun key(): String { return \"@@\" }\n", "return System.getenv(\"TELNYX_API_KEY\") }"),
    ("d.kts", "val keys = listOf(\"@@\", \"x\")\n", "listOf(System.getenv(\"TELNYX_API_KEY\"), \"x\")"),
    (
        "e.kt",
        "class A(val TELNYX_KEY: String)\nval a = A(TELNYX_KEY = \"@@\")\n",
        "A(TELNYX_KEY = System.getenv(\"TELNYX_KEY\"))",
    ),
];

pub(crate) const GO: [Snippet; 6] = [
    (
        "a.go",
        "package main\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\n\t\"github.com/team-telnyx/telnyx-go\"\n)\n\nfunc main() {\n\tclient := telnyx.NewClient(option.WithAPIKey(\"@@\"))\n\tfmt.Println(client)\n}\n",
        "\t\"fmt\"\n\t\"os\"\n\n\t\"github.com",
    ),
    (
        "b.go",
        "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tkey := \"@@\"\n\tfmt.Println(key)\n}\n",
        "import \"fmt\"\nimport \"os\"\n\nfunc main() {\n\tkey := os.Getenv(\"TELNYX_API_KEY\")\n",
    ),
    (
        "c.go",
        "package main\n\nvar key = `@@`\n",
        "package main\n\nimport \"os\"\n\nvar key = os.Getenv(\"TELNYX_API_KEY\")\n",
    ),
    (
        "d.go",
        "package main\n\nimport (\n\t\"os\"\n\t\"strings\"\n)\n\nfunc k() string {\n\tos.Exit(0)\n\treturn strings.TrimSpace(\"@@\")\n}\n",
        "strings.TrimSpace(os.Getenv(\"TELNYX_API_KEY\"))",
    ),
    (
        "e.go",
        "package main\n\nimport (\n\t\"strings\"\n)\n\ntype c struct{ k string }\n\nvar v = c{k: strings.TrimSpace(\"@@\")}\n",
        "import (\n\t\"os\"\n\t\"strings\"\n)",
    ),
    (
        "f.go",
        "package main\n\nfunc k() []string {\n\treturn []string{\"@@\"}\n}\n",
        "[]string{os.Getenv(\"TELNYX_API_KEY\")}",
    ),
];

pub(crate) const CSHARP: [Snippet; 5] = [
    (
        "a.cs",
        "using System;\nusing Telnyx;\nTelnyxConfiguration.SetApiKey(\"@@\");\n",
        "SetApiKey(Environment.GetEnvironmentVariable(\"TELNYX_API_KEY\"));",
    ),
    (
        "b.cs",
        "var client = new TelnyxClient { ApiKey = \"@@\" };\n",
        "ApiKey = System.Environment.GetEnvironmentVariable(\"TELNYX_API_KEY\") };",
    ),
    (
        "c.cs",
        "class A { private static readonly string Key = \"@@\"; }\n",
        "Key = System.Environment.GetEnvironmentVariable(\"TELNYX_API_KEY\"); }",
    ),
    (
        "d.cs",
        "class A { string K() { return \"@@\"; } }\n",
        "return System.Environment.GetEnvironmentVariable(\"TELNYX_API_KEY\"); }",
    ),
    (
        "e.cs",
        "var a = new[] { \"@@\", \"x\" };\n",
        "{ System.Environment.GetEnvironmentVariable(\"TELNYX_API_KEY\"), \"x\" }",
    ),
];

pub(crate) const RUST: [Snippet; 5] = [
    (
        "a.rs",
        "fn main() {\n    let key = \"@@\".to_string();\n    drop(key);\n}\n",
        "let key = std::env::var(\"TELNYX_API_KEY\").expect(\"TELNYX_API_KEY is not set\");",
    ),
    (
        "b.rs",
        "struct A<'a> { k: String, q: &'a str }\nfn main() { let _ = A { k: String::from(\"@@\"), q: \"\" }.k; }\n",
        "A { k: std::env::var(",
    ),
    (
        "c.rs",
        "fn main() {\n    let key = String::from(\"@@\");\n    drop(key);\n}\n",
        "let key = std::env::var(",
    ),
    (
        "d.rs",
        "fn key() -> Vec<String> {\n    vec![\"@@\".to_owned()]\n}\nfn main() { key(); }\n",
        "vec![std::env::var(",
    ),
    ("e.rs", "fn main() {\n    drop(\"@@\".to_string());\n}\n", "drop(std::env::var("),
];

pub(crate) const SHELL: [Snippet; 7] = [
    (
        "a.sh",
        "#!/bin/bash\nexport TELNYX_API_KEY=\"@@\"\n",
        "export TELNYX_API_KEY=\"${TELNYX_API_KEY:?}\"\n",
    ),
    (
        "b.sh",
        "curl -X GET \\\n  -H \"Authorization: Bearer @@\" \\\n  https://api.telnyx.com/v2/balance\n",
        "\"Authorization: Bearer ${TELNYX_API_KEY:?}\" \\\n",
    ),
    (
        "c.sh",
        "curl -H 'Authorization: Bearer @@' https://api.telnyx.com/v2/balance\n",
        "-H \"Authorization: Bearer ${TELNYX_API_KEY:?}\" https",
    ),
    ("d.sh", "KEY=@@\n# it's a comment\ncurl -u \"$KEY:\" x\n", "KEY=\"${TELNYX_API_KEY:?}\"\n"),
    ("e.bash", "echo 'it'\\''s'; TELNYX_TOKEN='@@' ./run\n", "TELNYX_TOKEN=\"${TELNYX_TOKEN:?}\" ./run"),
    (
        "deploy",
        "#!/usr/bin/env bash\nterraform apply -var api_key=@@ -auto-approve\n",
        "api_key=\"${TELNYX_API_KEY:?}\" -auto",
    ),
    ("g.sh", "cat <<EOF\nhello\nEOF\nA=\"@@\"\n", "A=\"${TELNYX_API_KEY:?}\""),
];

pub(crate) const YAML: [Snippet; 6] = [
    ("a.yaml", "telnyx:\n  api_key: @@\n", "  api_key: \"${TELNYX_API_KEY}\"\n"),
    ("b.yml", "services:\n  app:\n    environment:\n      - TELNYX_KEY=@@\n", "- TELNYX_KEY=${TELNYX_KEY}\n"),
    (
        "c.yml",
        "services:\n  app:\n    environment:\n      TELNYX_API_KEY: '@@' # main\n",
        "TELNYX_API_KEY: '${TELNYX_API_KEY}' # main\n",
    ),
    (
        ".github/workflows/ci.yml",
        "env:\n  TELNYX_API_KEY: \"@@\"\n",
        "  TELNYX_API_KEY: \"${{ secrets.TELNYX_API_KEY }}\"\n",
    ),
    ("e.yaml", "keys:\n  - @@\n", "  - \"${TELNYX_API_KEY}\"\n"),
    ("f.yaml", "keys:\n  - name: a\n    value: \"@@\"\n", "    value: \"${TELNYX_API_KEY}\"\n"),
];

pub(crate) const DOCKER: [Snippet; 5] = [
    (
        "Dockerfile",
        "FROM scratch\nENV TELNYX_API_KEY=@@\n",
        "ARG TELNYX_API_KEY\nENV TELNYX_API_KEY=${TELNYX_API_KEY}\n",
    ),
    (
        "b/Dockerfile",
        "FROM scratch\nENV TELNYX_KEY \"@@\"\n",
        "ARG TELNYX_KEY\nENV TELNYX_KEY=${TELNYX_KEY}\n",
    ),
    ("Dockerfile.dev", "FROM scratch\nARG KEY=@@\n", "ARG KEY\n"),
    ("c.dockerfile", "FROM scratch\nENV A='@@'\nCMD [\"x\"]\n", "ARG A\nENV A=${A}\nCMD"),
    ("Containerfile", "ARG KEY=\"@@\"\nFROM scratch\n", "ARG KEY\nFROM"),
];

pub(crate) const TERRAFORM: [Snippet; 5] = [
    (
        "a/main.tf",
        "provider \"telnyx\" {\n  api_key = \"@@\"\n}\n",
        "  api_key = var.telnyx_api_key\n}\n\nvariable \"telnyx_api_key\" {\n  type      = string\n  sensitive = true\n}\n",
    ),
    ("b/main.tf", "locals {\n  keys = [\"@@\"]\n}\n", "keys = [var.telnyx_api_key]"),
    (
        "c/main.tf",
        "variable \"telnyx_api_key\" {\n  type = string\n}\n\nlocals { # it's\n  key = \"@@\" # the key\n}\n",
        "  key = var.telnyx_api_key # the key\n}\n",
    ),
    ("d/main.tf", "locals {\n  a = { key = \"@@\" }\n}\n", "{ key = var.telnyx_api_key }"),
    ("e/main.tf", "locals {\n  a = trimspace(\"@@\")\n}", "trimspace(var.telnyx_api_key)\n}\n\nvariable"),
];
