//! Response plans for leaked secrets: revoke, replace, clean up, verify. Advice only: nothing here revokes, rewrites or
//! sends anything.

mod brief;
mod html;
mod leak;
mod plan;
mod replace;
mod revoke;
mod steps;
mod text;

pub use brief::{Revocation, revocation};
pub use html::write_html;
pub use leak::{Leak, leaks};
pub use plan::{plan_all, plans, short};
pub use replace::{Replacements, replacements};
pub use text::write_text;

/// The page on which API keys are revoked ("revocation takes effect immediately", Telnyx's auth.md).
const PORTAL: &str = "https://portal.telnyx.com/#/app/api-keys";
