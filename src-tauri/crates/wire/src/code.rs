//! The stable words of failures and their HTTP statuses: one status per word, one word per cause (API.md §1.1).

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $status:literal;)*) => {
        /// The stable word of a failure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in the order of the contract.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// The word as it goes over the wire.
            pub const fn word(self) -> &'static str {
                match self { $(Code::$name => $word,)* }
            }

            /// The HTTP status it goes with.
            pub const fn status(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }
        }
    };
}

codes! {
    /// The body is no JSON.
    InvalidJson = "invalid_json", 400;
    /// The body is no object.
    InvalidBody = "invalid_body", 400;
    /// A field breaks a rule.
    InvalidField = "invalid_field", 400;
    /// A field is missing.
    MissingField = "missing_field", 400;
    /// A part of the path or query breaks a rule.
    InvalidParameter = "invalid_parameter", 400;
    /// The upload is no database of ours.
    NotABackup = "not_a_backup", 400;
    /// The upload comes from a newer PilotDeck.
    BackupTooNew = "backup_too_new", 400;
    /// The upload holds something that is not ours.
    BackupRefused = "backup_refused", 400;
    /// No valid HTTP.
    BadRequest = "bad_request", 400;
    /// No session.
    NotSignedIn = "not_signed_in", 401;
    /// No valid token.
    Unauthorized = "unauthorized", 401;
    /// Wrong user name or password.
    InvalidCredentials = "invalid_credentials", 401;
    /// The `Host` is not ours.
    HostNotAllowed = "host_not_allowed", 403;
    /// A page of another origin asks.
    OriginNotAllowed = "origin_not_allowed", 403;
    /// Known, but not allowed.
    Forbidden = "forbidden", 403;
    /// The default password, from another machine.
    DefaultPasswordLocalOnly = "default_password_local_only", 403;
    /// Deploying is off.
    DeployDisabled = "deploy_disabled", 403;
    /// No such project.
    ProjectNotFound = "project_not_found", 404;
    /// No such run.
    RunNotFound = "run_not_found", 404;
    /// No such event.
    EventNotFound = "event_not_found", 404;
    /// No such profile.
    ProfileNotFound = "profile_not_found", 404;
    /// No such capability.
    CapabilityNotFound = "capability_not_found", 404;
    /// No such user.
    UserNotFound = "user_not_found", 404;
    /// Nothing here.
    NotFound = "not_found", 404;
    /// The path knows other methods.
    MethodNotAllowed = "method_not_allowed", 405;
    /// The request came too slowly.
    Timeout = "timeout", 408;
    /// Stale `ifUpdatedAt`.
    Conflict = "conflict", 409;
    /// The id of a project is taken.
    AlreadyExists = "already_exists", 409;
    /// The name of a user is taken.
    UserExists = "user_exists", 409;
    /// Somebody must be able to manage users.
    LastAdmin = "last_admin", 409;
    /// A restore or deploy is running.
    BusyJob = "busy_job", 409;
    /// The body is over the limit.
    TooLarge = "too_large", 413;
    /// The target is over the limit.
    UriTooLong = "uri_too_long", 414;
    /// The body is of another type than the endpoint takes.
    UnsupportedMediaType = "unsupported_media_type", 415;
    /// Too many tries.
    TooManyRequests = "too_many_requests", 429;
    /// The headers are over the limit.
    HeadersTooLarge = "headers_too_large", 431;
    /// A fault of ours.
    Internal = "internal", 500;
    /// A restore failed at its end; the data are as before.
    RestoreRolledBack = "restore_rolled_back", 500;
    /// A restore is replacing the data.
    Maintenance = "maintenance", 503;
    /// Too much to do.
    Busy = "busy", 503;
    /// The database cannot be written.
    ReadOnly = "read_only", 503;
    /// The database is damaged.
    DatabaseCorrupt = "database_corrupt", 503;
    /// `PM_ADMIN_TOKEN` is not set.
    AdminTokenNotConfigured = "admin_token_not_configured", 503;
    /// No space left.
    DiskFull = "disk_full", 507;
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl utoipa::PartialSchema for Code {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(Code::ALL.iter().map(|code| code.word())))
            .description(Some("One word per cause, stable."))
            .into()
    }
}

impl utoipa::ToSchema for Code {
    fn name() -> std::borrow::Cow<'static, str> {
        "ErrorCode".into()
    }
}
