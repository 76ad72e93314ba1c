//! The descriptions of the tools.

use serde_json::{Value, json};

/// The names of the tools.
pub const NAMES: [&str; 4] = ["scan_text", "scan_path", "explain", "redact"];

/// Returns the result of `tools/list`.
pub fn tools() -> Value {
    let text = |what: &str| json!({ "type": "string", "description": what });
    let schema = |properties: Value, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    let tool = |name: &str, title: &str, description: &str, input: Value| {
        json!({
            "name": name,
            "title": title,
            "description": description,
            "inputSchema": input,
            "annotations": { "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false },
        })
    };
    let [scan_text, scan_path, explain, redact] = NAMES;
    json!({ "tools": [
        tool(
            scan_text,
            "Scan a text",
            "Finds Telnyx credentials in a text, in any encoding. Call it before a text is sent, written or committed.",
            schema(
                json!({
                    "text": text("The text."),
                    "path": text("The file that the text is for: suppressions of the project count for it."),
                }),
                &["text"],
            ),
        ),
        tool(
            scan_path,
            "Scan files",
            "Finds Telnyx credentials in a file or a folder, also in archives. Files that git ignores are left out of folders. The path is in the folder of the server.",
            schema(json!({ "path": text("A file or a folder.") }), &["path"]),
        ),
        tool(
            explain,
            "Explain a result",
            "Explains why something in a file was or was not reported.",
            schema(json!({ "place": text("FILE, or FILE:LINE.") }), &["place"]),
        ),
        tool(
            redact,
            "Mask a text or a file",
            "Returns a text, or the content of a file, with every credential masked. Give either text or path.",
            schema(json!({ "text": text("The text."), "path": text("The file.") }), &[]),
        ),
    ] })
}
