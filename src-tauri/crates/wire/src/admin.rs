//! Answers of the admin calls: restore and deploy.

use std::collections::BTreeMap;

use pilotdeck_domain::Timestamp;
use pilotdeck_services::{DeployJob, DeployMethod, DeployState, DeployStatus, Report, RestoreOutcome};
use serde::Serialize;
use utoipa::ToSchema;

use crate::DataBody;

/// What a restore did, or would do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RestoreData {
    /// The name of the live file.
    pub db_file: String,
    /// The name of the rollback file; null after a dry run.
    #[schema(required)]
    pub previous_db_backup: Option<String>,
    /// What is in the upload: kind, version, rows, what was changed, refused, left behind.
    #[schema(value_type = RestoreReport)]
    pub report: Report,
}

/// What is in an uploaded file. Only for the description: what is sent is the report itself.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
pub struct RestoreReport {
    /// `pilotdeck`, or `legacy` for a file of the older server.
    kind: String,
    /// The version of its schema.
    version: i32,
    /// Its size in bytes.
    size: u64,
    /// Rows taken, by table.
    rows: BTreeMap<String, u64>,
    /// Rows taken with a change, by reason.
    changed: BTreeMap<String, u64>,
    /// Rows not taken, by reason.
    refused: BTreeMap<String, u64>,
    /// Tables that are not ours and stay behind.
    left_behind: Vec<String>,
    /// The time of the newest event.
    #[schema(required)]
    newest_event: Option<Timestamp>,
}

/// A job that was started. Its fields stand beside `data`, where older clients look, and in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeployStartedBody {
    /// Always true.
    pub success: bool,
    /// The job.
    #[serde(flatten)]
    pub job: DeployStarted,
    /// The job.
    pub data: DeployStarted,
}

/// A job that was started.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeployStarted {
    /// `YYYYMMDD-HHMMSS-` and 8 characters.
    pub job_id: String,
    /// Its unit, with systemd.
    #[schema(required)]
    pub unit: Option<String>,
    /// Its process, without.
    #[schema(required)]
    pub pid: Option<u32>,
    /// `systemd-run` or `popen`.
    #[schema(value_type = String)]
    pub method: DeployMethod,
    /// The name of the log file.
    pub log_file: String,
}

/// Where the last job stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeployStatusData {
    /// Its id; null before the first job.
    #[schema(required)]
    pub job_id: Option<String>,
    /// `running`, `success`, `failed` or `unknown`.
    #[schema(value_type = String)]
    pub state: DeployState,
    /// `systemd-run` or `popen`.
    #[schema(value_type = Option<String>, required)]
    pub method: Option<DeployMethod>,
    /// Its unit, with systemd.
    #[schema(required)]
    pub unit: Option<String>,
    /// Its process, without.
    #[schema(required)]
    pub pid: Option<u32>,
    /// What the script ended with.
    #[schema(required)]
    pub exit_code: Option<i32>,
    /// The state in words.
    #[schema(required)]
    pub message: Option<String>,
    /// When it was started.
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    /// When the state last changed.
    #[schema(required)]
    pub updated_at: Option<Timestamp>,
}

/// The last lines the deploy script wrote; beside `data` for older clients, and in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeployLogBody {
    /// Always true.
    pub success: bool,
    /// The lines.
    pub lines: Vec<String>,
    /// The lines.
    pub data: DeployLog,
}

/// The last lines the deploy script wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeployLog {
    /// The lines.
    pub lines: Vec<String>,
}

/// `POST /api/admin/restore`.
pub fn restored_body(outcome: RestoreOutcome) -> DataBody<RestoreData> {
    DataBody::new(RestoreData {
        db_file: outcome.db_file,
        previous_db_backup: outcome.previous_db_backup,
        report: outcome.report,
    })
}

/// `POST /api/admin/deploy`.
pub fn deploy_started_body(job: DeployJob) -> DeployStartedBody {
    let job = DeployStarted {
        job_id: job.job_id,
        unit: job.unit,
        pid: job.pid,
        method: job.method,
        log_file: job.log_file,
    };
    DeployStartedBody { success: true, data: job.clone(), job }
}

/// `GET /api/admin/deploy/status`.
pub fn deploy_status_body(status: DeployStatus) -> DataBody<DeployStatusData> {
    DataBody::new(DeployStatusData {
        job_id: status.job_id,
        state: status.state,
        method: status.method,
        unit: status.unit,
        pid: status.pid,
        exit_code: status.exit_code,
        message: status.message,
        started_at: status.started_at,
        updated_at: status.updated_at,
    })
}

/// `GET /api/admin/deploy/log`.
pub fn deploy_log_body(lines: Vec<String>) -> DeployLogBody {
    DeployLogBody { success: true, lines: lines.clone(), data: DeployLog { lines } }
}
