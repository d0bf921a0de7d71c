//! What can go wrong below the services, in the few kinds a caller can act on.

/// A storage failure. Only the kinds that an answer differs by; the rest is [`Error::Sqlite`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The writer's queue is full: try again in a moment.
    #[error("the write queue is full")]
    Busy,
    /// The database is closing, or the writer is gone.
    #[error("the database is closed")]
    Closed,
    /// Another process held the write lock for longer than `busy_timeout`.
    #[error("another process holds the database's write lock")]
    Locked,
    /// No space left for the file or its WAL.
    #[error("the disk is full")]
    DiskFull,
    /// The file or its folder cannot be written.
    #[error("the database file is read-only")]
    ReadOnly,
    /// The file's content is damaged.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// Anything else SQLite said.
    #[error(transparent)]
    Sqlite(rusqlite::Error),
}

/// A storage result.
pub type Result<T> = std::result::Result<T, Error>;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            _ => Self::Sqlite(error),
        }
    }
}

impl Error {
    /// The same failure for another caller of a shared commit: SQLite's own error cannot be cloned.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::Busy => Self::Busy,
            Self::Closed => Self::Closed,
            Self::Locked => Self::Locked,
            Self::DiskFull => Self::DiskFull,
            Self::ReadOnly => Self::ReadOnly,
            Self::Corrupt(text) => Self::Corrupt(text.clone()),
            Self::Sqlite(error) => Self::Sqlite(match error {
                rusqlite::Error::SqliteFailure(code, text) => {
                    rusqlite::Error::SqliteFailure(*code, text.clone())
                }
                other => rusqlite::Error::ToSqlConversionFailure(other.to_string().into()),
            }),
        }
    }
}
