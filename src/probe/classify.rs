//! Maps a response to a verdict. Only responses specific to Telnyx give one; the response of a firewall, captive portal
//! or proxy gives `unknown`. Sends nothing.
//!
//! The codes and sentences are from Telnyx's documentation, its OpenAPI description and its published error maps.

use serde_json::Value;

use crate::finding::LivenessStatus;

/// Telnyx's generic code for a failed authentication; the detail contains the reason.
const AUTHENTICATION_FAILED: &str = "10009";
/// Telnyx's code for an expired access token. Only API keys are sent, so the code says nothing about them.
const TOKEN_EXPIRED: &str = "20006";
/// Codes that decide by themselves, with the reason. Telnyx's catalogue of error codes does not document their
/// statuses.
///
/// An error that occurs after authentication shows that the key is valid.
const DECISIVE: [(&str, LivenessStatus, &str); 12] = [
    ("20001", LivenessStatus::Inactive, "Telnyx says that the secret of the key is invalid (code 20001)"),
    ("20002", LivenessStatus::Inactive, "Telnyx says that the key was revoked (code 20002)"),
    ("20008", LivenessStatus::Inactive, "Telnyx says that the key is invalid (code 20008)"),
    ("10038", LivenessStatus::Restricted, "Telnyx knows it; the feature is not permitted (code 10038)"),
    ("20011", LivenessStatus::Restricted, "Telnyx knows it; a portal user uses it (code 20011)"),
    ("20012", LivenessStatus::Restricted, "Telnyx knows it; its account is inactive (code 20012)"),
    ("20013", LivenessStatus::Restricted, "Telnyx knows it; its account is blocked (code 20013)"),
    ("20014", LivenessStatus::Restricted, "Telnyx knows it; a verification is missing (code 20014)"),
    ("20015", LivenessStatus::Restricted, "Telnyx knows it; a verification is missing (code 20015)"),
    ("20016", LivenessStatus::Restricted, "Telnyx knows it; a verification is missing (code 20016)"),
    ("20017", LivenessStatus::Restricted, "Telnyx knows it; a verification is missing (code 20017)"),
    ("20100", LivenessStatus::Restricted, "Telnyx knows it; its account lacks funds (code 20100)"),
];
/// Codes of a failed authentication: a 403 with one of them does not show that the key is valid.
const UNAUTHENTICATED: [&str; 5] = [AUTHENTICATION_FAILED, "20001", "20002", TOKEN_EXPIRED, "20008"];
/// The status with which a proxy, not Telnyx, requires authentication.
const PROXY_LOGIN: u16 = 407;
/// Start of the detail of a 401 if the key does not exist.
const NO_KEY_FOUND: &str = "No key found matching the ID";
/// Start of the detail of a 401 if the text is not a key.
const LOOKS_MALFORMED: &str = "The API key looks malformed";

/// Returns the verdict and its reason, for display. The reason contains no text from the body, which may contain the
/// balance or untrusted text.
pub(super) fn judge(status: u16, body: &[u8]) -> (LivenessStatus, String) {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let decided = json.as_ref().and_then(by_code);
    let known = match status {
        400..=499 if status != PROXY_LOGIN && decided.is_some() => decided,
        200 => json.as_ref().filter(|json| is_balance(json)).map(|_| {
            (LivenessStatus::Active, "Telnyx accepted it (200 with a balance)")
        }),
        401 => json.as_ref().and_then(unauthorized),
        403 => json.as_ref().filter(|json| is_forbidden(json)).map(|_| {
            (LivenessStatus::Restricted, "Telnyx knows it and did not permit the request (403): alive, with fewer rights or on a held account")
        }),
        _ => None,
    };
    match known {
        Some((status, reason)) => (status, reason.to_owned()),
        None => (LivenessStatus::Unknown, unclear(status, json.as_ref())),
    }
}

/// Returns why a response is inconclusive.
fn unclear(status: u16, json: Option<&Value>) -> String {
    let what = match status {
        200 => "which is not a balance from Telnyx; something else may have answered in its place",
        300..=399 => "a redirect, which is not followed",
        401 if json.is_some() => "without a text that says whether there is such a key",
        403 if json.and_then(errors).is_some() => "with an error that does not say whether the key works",
        401 | 403 => "which is not an error from Telnyx; something else may have answered in its place",
        404 => "which Telnyx also says when it saw no key at all",
        407 => "from the proxy, which requires a login",
        429 => "too many requests; try later or with a lower --probe-rps",
        500..=599 => "an error of the server",
        _ => "which says nothing about the key",
    };
    format!("it answered {status}, {what}")
}

/// Returns whether the JSON is `{"data": {"record_type": "balance", …}}`, or has a balance in `data`.
fn is_balance(json: &Value) -> bool {
    let Some(data) = json.get("data").filter(|data| data.is_object()) else { return false };
    let amount = data.get("balance").is_some_and(Value::is_string);
    data.get("record_type").map_or(amount, |kind| kind == "balance")
}

/// Returns code and detail of the errors in Telnyx's envelope, `{"errors": [{"code": "…", "title": "…", "detail":
/// "…"}]}`.
fn errors(json: &Value) -> Option<Vec<(&str, &str)>> {
    let errors = json.get("errors")?.as_array().filter(|errors| !errors.is_empty())?;
    let text = |error: &Value, name: &str| error.get(name).and_then(Value::as_str).is_some();
    let telnyx = |error: &Value| text(error, "code") && (text(error, "title") || text(error, "detail"));
    if !errors.iter().all(telnyx) {
        return None;
    }
    Some(
        errors
            .iter()
            .map(|error| {
                let code = error.get("code").and_then(Value::as_str).unwrap_or_default();
                (code, error.get("detail").and_then(Value::as_str).unwrap_or_default())
            })
            .collect(),
    )
}

/// Returns the verdict if all errors agree on it by their codes alone.
fn by_code(json: &Value) -> Option<(LivenessStatus, &'static str)> {
    let mut verdicts = errors(json)?.into_iter().map(|(code, _)| {
        let decisive = DECISIVE.iter().find(|(known, ..)| *known == code);
        decisive.map(|(_, status, reason)| (*status, *reason))
    });
    let first = verdicts.next()??;
    verdicts.all(|other| other.is_some_and(|(status, _)| status == first.0)).then_some(first)
}

fn unauthorized(json: &Value) -> Option<(LivenessStatus, &'static str)> {
    let errors = errors(json)?;
    let (_, detail) = errors.iter().find(|(code, _)| *code == AUTHENTICATION_FAILED)?;
    if detail.starts_with(NO_KEY_FOUND) {
        Some((
            LivenessStatus::Inactive,
            "Telnyx finds no such key now (401, code 10009): revoked, disabled, or never real",
        ))
    } else if detail.starts_with(LOOKS_MALFORMED) {
        Some((LivenessStatus::Malformed, "Telnyx says that it is not a key (401, code 10009)"))
    } else {
        None
    }
}

/// Returns whether this is the body of a Telnyx 403 after authentication, as for a key without the required permission.
/// The code differs by product: 10010, 10007, 20003, 403.
fn is_forbidden(json: &Value) -> bool {
    let number = |code: &str| !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit());
    errors(json)
        .is_some_and(|errors| errors.iter().all(|(code, _)| number(code) && !UNAUTHENTICATED.contains(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, detail: &str) -> String {
        format!(r#"{{"errors":[{{"code":"{code}","title":"Title","detail":"{detail}"}}]}}"#)
    }

    #[test]
    fn telnyx_responses() {
        let id = "KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E";
        for (status, body, verdict) in [
            (
                200,
                r#"{"data":{"record_type":"balance","balance":"300.00"}}"#.to_owned(),
                LivenessStatus::Active,
            ),
            (200, r#"{"data":{"balance":"-1.00","currency":"USD"}}"#.to_owned(), LivenessStatus::Active),
            (
                403,
                error("10010", "Insufficient permissions to access balance information"),
                LivenessStatus::Restricted,
            ),
            (403, error("403", ""), LivenessStatus::Restricted),
            (403, error("20003", "Forbidden"), LivenessStatus::Restricted),
            (403, error("10010", "An API key without the required permission"), LivenessStatus::Restricted),
            (
                401,
                error("10009", &format!("No key found matching the ID '{id}' with the provided secret.")),
                LivenessStatus::Inactive,
            ),
            (
                401,
                error("10009", "The API key looks malformed. Check that you copied it correctly."),
                LivenessStatus::Malformed,
            ),
        ] {
            let (found, reason) = judge(status, body.as_bytes());
            assert_eq!(found, verdict, "{body}");
            assert!(!reason.contains("300") && !reason.contains(id), "{reason}");
        }
    }

    #[test]
    fn decisive_codes_apply_to_every_error_status() {
        for (code, verdict, reason) in DECISIVE {
            for status in [400, 401, 402, 403, 404, 422, 423] {
                let (found, said) = judge(status, error(code, "KEY and balance 300").as_bytes());
                assert_eq!((found, said.as_str()), (verdict, reason));
                assert!(said.contains(code) && !said.contains("300"), "{said}");
            }
            for status in [200, 204, 302, 407, 500, 503] {
                assert_eq!(judge(status, error(code, "").as_bytes()).0, LivenessStatus::Unknown, "{status}");
            }
            let bare = format!(r#"{{"errors":[{{"code":"{code}"}}]}}"#);
            assert_eq!(judge(401, bare.as_bytes()).0, LivenessStatus::Unknown, "{bare}");
        }
    }

    #[test]
    fn conflicting_codes_are_unknown() {
        let two = |one: &str, other: &str| {
            let entry = |code: &str| format!(r#"{{"code":"{code}","title":"t"}}"#);
            format!(r#"{{"errors":[{},{}]}}"#, entry(one), entry(other))
        };
        for (status, one, other, verdict) in [
            (401, "20002", "20008", LivenessStatus::Inactive),
            (403, "20012", "20013", LivenessStatus::Restricted),
            (403, "20012", "10010", LivenessStatus::Restricted),
            (401, "20002", "20012", LivenessStatus::Unknown),
            (403, "20012", "20002", LivenessStatus::Unknown),
            (403, "10010", "20002", LivenessStatus::Unknown),
            (403, "10010", "20006", LivenessStatus::Unknown),
            (401, "20012", "10015", LivenessStatus::Unknown),
        ] {
            assert_eq!(judge(status, two(one, other).as_bytes()).0, verdict, "{status} {one} {other}");
        }
    }

    #[test]
    fn other_responses_are_unknown() {
        let gone = "No key found matching the ID 'KEY' with the provided secret.";
        let cases = [
            (200, String::new()),
            (200, "<html>log in to the hotel's network</html>".to_owned()),
            (200, "{}".to_owned()),
            (200, r#"{"data":[]}"#.to_owned()),
            (200, r#"{"data":{"record_type":"phone_number","balance":"1"}}"#.to_owned()),
            (200, r#"{"data":{"record_type":"balance""#.to_owned()),
            (204, r#"{"data":{"record_type":"balance"}}"#.to_owned()),
            (301, String::new()),
            (302, r#"{"data":{"record_type":"balance"}}"#.to_owned()),
            (401, "<html>".to_owned()),
            (401, error("10009", "Could not understand the provided credentials.")),
            (
                401,
                error(
                    "10009",
                    "The required authentication headers were either invalid or not included in the request.",
                ),
            ),
            (401, error("10009", "Expired")),
            (401, error("10010", gone)),
            (403, "<html>Attention Required</html>".to_owned()),
            (403, r#"{"errors":[]}"#.to_owned()),
            (403, r#"{"errors":[{"code":1020,"message":"Access denied"}]}"#.to_owned()),
            (403, r#"{"errors":[{"code":"AccessDenied","title":"no"}]}"#.to_owned()),
            (403, r#"{"message":"Forbidden"}"#.to_owned()),
            (403, error("10009", gone)),
            (401, error("20003", "Forbidden")),
            (401, error("20006", "Expired access token")),
            (403, error("20006", "Expired access token")),
            (404, error("10005", "not found")),
            (407, String::new()),
            (422, error("10015", "bad")),
            (429, error("10011", "too many")),
            (500, error("10009", gone)),
            (503, String::new()),
        ];
        for (status, body) in cases {
            let (found, reason) = judge(status, body.as_bytes());
            assert_eq!(found, LivenessStatus::Unknown, "{status} {body}");
            assert!(reason.contains(&status.to_string()), "{reason}");
        }
    }

    #[test]
    fn hostile_bodies_do_not_panic() {
        let deep = "[".repeat(60_000);
        for body in [deep.as_bytes(), b"\xff\xfe", b"\0", b"{\"data\":1e999}"] {
            assert_eq!(judge(200, body).0, LivenessStatus::Unknown);
        }
    }
}
