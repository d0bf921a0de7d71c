//! Files of the person's choice, as the window writes them: whole or not at all, under a name of their own until they are
//! complete.

use std::io;
use std::path::Path;

use pilotdeck_domain::{Map, UsageFilter};
use pilotdeck_services::{App, Error, UsageExport};
use pilotdeck_wire::usage::{csv_header, csv_rows};
use tokio::io::{AsyncRead, AsyncWriteExt};

use super::{Answer, query};

/// Saves a backup made now.
pub async fn save_backup(app: &App, path: &Path) -> Answer<()> {
    save_stream(app.backup.create().await?, path).await
}

/// Saves what `source` gives.
pub async fn save_stream(mut source: impl AsyncRead + Unpin, path: &Path) -> Answer<()> {
    let mut file = Unfinished::beside(path).await?;
    tokio::io::copy(&mut source, &mut file.writer).await.map_err(Error::from)?;
    file.finish(path).await
}

/// The usage records that match, to be saved: a filter that is wrong is refused before anybody is asked for a name.
pub async fn usage_export(app: &App, filter: Option<Map>) -> Answer<UsageExport> {
    Ok(app.usage.export(UsageFilter::from_query(&query(filter)?)?))
}

/// Saves them as CSV.
pub async fn save_usage(mut export: UsageExport, path: &Path) -> Answer<()> {
    let mut file = Unfinished::beside(path).await?;
    file.writer.write_all(&csv_header().map_err(|failure| *failure)?).await.map_err(Error::from)?;
    while let Some(records) = export.next().await? {
        file.writer.write_all(&csv_rows(&records).map_err(|failure| *failure)?).await.map_err(Error::from)?;
    }
    file.finish(path).await
}

/// A file that is being written; dropped before its end, it is gone.
struct Unfinished {
    writer: tokio::fs::File,
    scratch: tempfile::TempPath,
}

impl Unfinished {
    async fn beside(path: &Path) -> Answer<Unfinished> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let made = tempfile::Builder::new().prefix(".pilotdeck_").tempfile_in(folder).map_err(Error::from)?;
        let (file, scratch) = made.into_parts();
        Ok(Unfinished { writer: tokio::fs::File::from_std(file), scratch })
    }

    /// Flushed before it gets its name. The dialog has asked already whether a file of that name may go.
    async fn finish(mut self, path: &Path) -> Answer<()> {
        let done: io::Result<()> = async {
            self.writer.flush().await?;
            self.writer.sync_all().await?;
            self.scratch.persist(path).map_err(|failed| failed.error)
        }
        .await;
        Ok(done.map_err(Error::from)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.db");
        std::fs::write(&path, "old").unwrap();
        let broken = breaking();
        save_stream(broken, &path).await.unwrap_err();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        save_stream(&b"new"[..], &path).await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    /// Gives some bytes, then fails.
    fn breaking() -> impl AsyncRead + Unpin {
        use tokio::io::AsyncReadExt;
        struct Failing;
        impl AsyncRead for Failing {
            fn poll_read(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
                _: &mut tokio::io::ReadBuf<'_>,
            ) -> std::task::Poll<io::Result<()>> {
                std::task::Poll::Ready(Err(io::Error::other("the disk is gone")))
            }
        }
        (&b"some"[..]).chain(Failing)
    }
}
