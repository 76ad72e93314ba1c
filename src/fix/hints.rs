//! Hints about an edited file.

use super::{Hit, Language, Source};

const SIP: &str = "a SIP password in a browser or an app can be read by its users: give them a short-lived login token \
                   that your server makes (POST /v2/telephony_credentials/{id}/token), as in new TelnyxRTC({ login_token })";
const BROWSER: &str = "code for a browser has no environment, and a bundler that fills it in publishes the key: call \
                       Telnyx from a server";
const ANDROID: &str = "an app for Android has no environment, and a key in an app can be read by its users: call Telnyx \
                       from a server";
const APPLE: &str = "an app has only the environment that Xcode gives it, and a key in an app can be read by its users: \
                     call Telnyx from a server";
const DART: &str = "String.fromEnvironment reads what --dart-define=NAME=VALUE gave the build; a key in an app can be \
                    read by its users: call Telnyx from a server";
const CLAUDE: &str =
    "Claude Desktop does not replace ${…}: start the server through a script that sets the variable";
const SECRETS: &str = "make the secret with: telnyx-edge secrets add NAME VALUE";
const DOCKER: &str =
    "a build argument stays visible in the history of the image: give the key when the container runs";

/// Returns the hints for hits that an edit removes.
pub(super) fn of(source: &Source<'_>, hits: &[Hit<'_>]) -> Vec<&'static str> {
    let mut all = Vec::new();
    let has = |words: &[&str]| words.iter().any(|word| source.content.contains(word));
    let is_sip = |hit: &Hit<'_>| matches!(hit.rule, "telnyx-sip-credential" | "telnyx-sip-password");
    let is_script = source.is(&[Language::JavaScript, Language::TypeScript]);
    if hits.iter().any(is_sip)
        && (is_script || source.is(&[Language::Java, Language::Kotlin, Language::Swift, Language::Dart]))
    {
        all.push(SIP);
    }
    match source.language {
        Some(Language::JavaScript | Language::TypeScript)
            if source.path.ends_with('x') || has(&["document.", "window.", "TelnyxRTC"]) =>
        {
            all.push(BROWSER);
        }
        Some(Language::Java | Language::Kotlin) if has(&["import android", "import androidx"]) => {
            all.push(ANDROID)
        }
        Some(Language::Swift) if has(&["import UIKit", "import SwiftUI"]) => all.push(APPLE),
        Some(Language::Dart) => all.push(DART),
        Some(Language::Json) if source.path.ends_with("claude_desktop_config.json") => all.push(CLAUDE),
        Some(Language::Toml) if super::formats::is_edge(source.path) => all.push(SECRETS),
        Some(Language::Dockerfile) => all.push(DOCKER),
        _ => {}
    }
    all
}
