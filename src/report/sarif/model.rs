//! The part of SARIF 2.1.0 (OASIS standard, errata 01) that telleaks writes, as plain types; `sarif` maps findings to
//! them. Each type names its section of the standard.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::json::{Accepted, Alive, Git, Origin};

/// Section 3.13, `sarifLog`.
#[derive(Serialize)]
pub(super) struct Log<'a> {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) version: &'static str,
    pub(super) runs: [Run<'a>; 1],
}

/// Section 3.14, `run`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run<'a> {
    pub(super) tool: Tool<'a>,
    pub(super) automation_details: AutomationDetails,
    pub(super) invocations: [Invocation<'a>; 1],
    pub(super) original_uri_base_ids: BTreeMap<&'static str, UriBase>,
    /// Section 3.14.13.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) version_control_provenance: Vec<VersionControl<'a>>,
    /// Section 3.14.17: the unit of all columns of the run.
    pub(super) column_kind: &'static str,
    pub(super) results: Vec<SarifResult<'a>>,
}

/// Section 3.17, `runAutomationDetails`.
#[derive(Serialize)]
pub(super) struct AutomationDetails {
    pub(super) id: String,
}

/// Section 3.23, `versionControlDetails`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VersionControl<'a> {
    pub(super) repository_uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) revision_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) branch: Option<&'a str>,
    pub(super) mapped_to: UriBaseId,
}

/// Section 3.4, an `artifactLocation` that only names a base.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UriBaseId {
    pub(super) uri_base_id: &'static str,
}

/// Section 3.14.14, a value of `originalUriBaseIds`: an artifact location without an address.
#[derive(Serialize)]
pub(super) struct UriBase {
    pub(super) description: Message<'static>,
}

/// Section 3.18, `tool`.
#[derive(Serialize)]
pub(super) struct Tool<'a> {
    pub(super) driver: Driver<'a>,
}

/// Section 3.19, `toolComponent`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver<'a> {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) semantic_version: &'static str,
    pub(super) information_uri: &'static str,
    pub(super) rules: Vec<Descriptor<'a>>,
}

/// Section 3.49, `reportingDescriptor`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) short_description: Message<'a>,
    pub(super) full_description: Message<'a>,
    pub(super) help: Help,
    pub(super) help_uri: &'a str,
    pub(super) default_configuration: Configuration,
    pub(super) properties: DescriptorProperties,
}

/// Section 3.12, `multiformatMessageString`, with both forms.
#[derive(Serialize)]
pub(super) struct Help {
    pub(super) text: String,
    pub(super) markdown: String,
}

/// Section 3.50, `reportingConfiguration`.
#[derive(Serialize)]
pub(super) struct Configuration {
    pub(super) level: &'static str,
}

/// Section 3.8, `propertyBag`, of a rule. The names are the ones that GitHub reads.
#[derive(Serialize)]
pub(super) struct DescriptorProperties {
    pub(super) tags: [&'static str; 3],
    pub(super) precision: &'static str,
    #[serde(rename = "security-severity")]
    pub(super) security_severity: &'static str,
}

/// Section 3.20, `invocation`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation<'a> {
    pub(super) execution_successful: bool,
    pub(super) tool_execution_notifications: Vec<Notification<'a>>,
}

/// Section 3.58, `notification`.
#[derive(Serialize)]
pub(super) struct Notification<'a> {
    pub(super) level: &'static str,
    pub(super) message: Message<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) properties: Option<NotificationProperties<'a>>,
}

/// Our properties of a notification.
#[derive(Serialize)]
pub(super) struct NotificationProperties<'a> {
    /// The entry of the configuration that accepts the skipped input.
    pub(super) accepted: Accepted<'a>,
}

/// Section 3.11, `message`.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) text: Cow<'a, str>,
}

/// Section 3.27, `result`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult<'a> {
    pub(super) rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_index: Option<usize>,
    pub(super) level: &'static str,
    pub(super) message: Message<'a>,
    pub(super) locations: [Location<'a>; 1],
    /// Section 3.27.22.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_locations: Vec<Location<'a>>,
    /// Section 3.27.16.
    pub(super) fingerprints: BTreeMap<&'static str, String>,
    /// Section 3.27.17.
    pub(super) partial_fingerprints: BTreeMap<&'static str, String>,
    /// Section 3.27.30.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) fixes: Vec<Fix<'a>>,
    /// Section 3.27.23: an empty list means not suppressed; a missing list means that suppressions were not evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suppressions: Option<Vec<Suppression<'a>>>,
    pub(super) properties: ResultProperties<'a>,
}

/// Section 3.8, `propertyBag`, of a result. Same names as in the `json` report.
#[derive(Serialize)]
pub(super) struct ResultProperties<'a> {
    pub(super) confidence: &'static str,
    pub(super) secret: String,
    pub(super) secret_sha256: String,
    pub(super) key_id: Option<&'a str>,
    pub(super) key_created: Option<String>,
    pub(super) encoding: Vec<&'static str>,
    /// Number of all other locations of the secret; `relatedLocations` may list only the first.
    pub(super) occurrence_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) original: Option<Origin<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) within: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) liveness: Option<Alive<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) git: Option<Git<'a>>,
}

/// Section 3.35, `suppression`.
#[derive(Serialize)]
pub(super) struct Suppression<'a> {
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) justification: Option<Cow<'a, str>>,
}

/// Section 3.55, `fix`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fix<'a> {
    pub(super) description: Message<'a>,
    pub(super) artifact_changes: [ArtifactChange<'a>; 1],
}

/// Section 3.56, `artifactChange`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactChange<'a> {
    pub(super) artifact_location: ArtifactLocation,
    pub(super) replacements: Vec<Replacement<'a>>,
}

/// Section 3.57, `replacement`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Replacement<'a> {
    pub(super) deleted_region: Region<'a>,
    pub(super) inserted_content: Content<'a>,
}

/// Section 3.3, `artifactContent`.
#[derive(Serialize)]
pub(super) struct Content<'a> {
    pub(super) text: Cow<'a, str>,
}

/// Section 3.28, `location`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<usize>,
    pub(super) physical_location: PhysicalLocation<'a>,
    /// Section 3.28.4.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) logical_locations: Vec<LogicalLocation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Message<'a>>,
}

/// Section 3.29, `physicalLocation`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation<'a> {
    pub(super) artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<Region<'a>>,
    /// Section 3.29.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_region: Option<Context<'a>>,
}

/// Section 3.33, `logicalLocation`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogicalLocation<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) fully_qualified_name: Cow<'a, str>,
    pub(super) kind: &'static str,
}

/// Section 3.30, `region`, of whole lines.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Context<'a> {
    pub(super) start_line: u64,
    pub(super) end_line: u64,
    pub(super) snippet: Content<'a>,
}

/// Section 3.4, `artifactLocation`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    pub(super) uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uri_base_id: Option<&'static str>,
}

/// Section 3.30, `region`: lines and columns are 1-based, bytes 0-based, `endColumn` is exclusive.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region<'a> {
    pub(super) start_line: u64,
    pub(super) start_column: u64,
    pub(super) end_line: u64,
    pub(super) end_column: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) byte_offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) byte_length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) snippet: Option<Content<'a>>,
}
