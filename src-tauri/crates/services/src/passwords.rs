//! Hashing and checking passwords (SECURITY.md A4, A5, A7): argon2id, a bounded number of runs at once, wrapped hashes
//! of the older server. Knows no users and no sessions.

use std::sync::{Arc, OnceLock};

use anyhow::anyhow;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{ARGON2ID_IDENT, Argon2, Params};
use pilotdeck_domain::Invalid;
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// The password everybody knows: that of `admin` on a fresh file.
pub(crate) const DEFAULT_PASSWORD: &str = "admin";

/// In front of the argon2id hash of an older server's unsalted SHA-256.
const LEGACY_PREFIX: &str = "legacy-sha256$";

/// Each run takes 19 MiB and one core.
const RUNS_AT_ONCE: usize = 2;
const WAITING: usize = 16;

/// A restored file may ask for any cost: more than this is not worked off.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_ROUNDS: u32 = 16;

/// One a line, after lines that begin with `#`.
const COMMON: &str = include_str!("passwords/common.txt");

const MIN_CHARS: usize = 8;
const MAX_CHARS: usize = 256;

/// How a password compares with a stored hash.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right {
        /// The spelling that matched: as sent, or trimmed for a hash of the older server.
        password: String,
        /// The hash is of the older server, or weaker than ours: make a new one.
        outdated: bool,
    },
}

/// Runs argon2 off the async threads, two at a time.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Passwords {
        Passwords {
            admitted: Arc::new(Semaphore::new(RUNS_AT_ONCE + WAITING)),
            running: Arc::new(Semaphore::new(RUNS_AT_ONCE)),
        }
    }

    /// The hash to store for a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String> {
        let admitted = self.admit()?;
        self.run(Some(admitted), move || hash(&password)).await?
    }

    /// Compares `password` with what is stored. Without a stored hash the same work is done, for nothing.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>) -> Result<Verdict> {
        let admitted = self.admit()?;
        self.run(Some(admitted), move || verify(&password, stored.as_deref())).await
    }

    /// As [`Passwords::verify`] for work of our own, which waits its turn however many callers do.
    pub(crate) async fn verify_patiently(&self, password: String, stored: String) -> Result<Verdict> {
        self.run(None, move || verify(&password, Some(&stored))).await
    }

    fn admit(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| Error::Busy)
    }

    /// The permits go into the thread: a caller who hangs up must not free a place that is still in use.
    async fn run<T: Send + 'static>(
        &self,
        admitted: Option<OwnedSemaphorePermit>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let turn = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|closed| Error::Internal(closed.into()))?;
        let task = tokio::task::spawn_blocking(move || {
            let result = work();
            drop((turn, admitted));
            result
        });
        task.await.map_err(|failed| Error::Internal(failed.into()))
    }
}

/// Checks a new password against the rules (SECURITY.md A3, A6). `field` is named in the refusal.
pub(crate) fn check_new(field: &str, password: &str, username: &str) -> Result<(), Invalid> {
    let length = password.chars().count();
    if password.trim().to_lowercase() == DEFAULT_PASSWORD {
        return Err(Invalid::field(field, format!("{field} must not be the default password")));
    }
    if !(MIN_CHARS..=MAX_CHARS).contains(&length) {
        return Err(Invalid::field(
            field,
            format!("{field} must have {MIN_CHARS} to {MAX_CHARS} characters"),
        ));
    }
    if password.trim().is_empty() {
        return Err(Invalid::field(field, format!("{field} must not be blank")));
    }
    if password.trim().to_lowercase() == username.trim().to_lowercase() {
        return Err(Invalid::field(field, format!("{field} must not be the user name")));
    }
    if is_common(password) {
        return Err(Invalid::field(
            field,
            format!("{field} is one of the commonest passwords: take another"),
        ));
    }
    Ok(())
}

/// Whether everybody who guesses tries this one first.
fn is_common(password: &str) -> bool {
    let password = password.trim().to_lowercase();
    COMMON.lines().skip_while(|line| line.starts_with('#')).any(|common| common == password)
}

/// The hash to store for `password`.
pub(crate) fn hash(password: &str) -> Result<String> {
    let hash =
        Argon2::default().hash_password(password.as_bytes()).map_err(|error| anyhow!("argon2: {error}"))?;
    Ok(hash.to_string())
}

/// Wraps the bare SHA-256 (64 hex digits) of the older server, so that it is never stored as it was (SECURITY.md A5).
pub(crate) fn wrap_legacy(hex: &str) -> Result<String> {
    Ok(format!("{LEGACY_PREFIX}{}", hash(&hex.to_ascii_lowercase())?))
}

/// Whether a stored text is a hash that some password can match.
pub(crate) fn is_ours(stored: &str) -> bool {
    parse(stored.strip_prefix(LEGACY_PREFIX).unwrap_or(stored)).is_some()
}

fn verify(password: &str, stored: Option<&str>) -> Verdict {
    let Some(stored) = stored else {
        return verify_nothing(password);
    };
    match stored.strip_prefix(LEGACY_PREFIX) {
        Some(wrapped) => verify_wrapped(password, wrapped),
        None => match parse(stored) {
            None => verify_nothing(password),
            Some(hash) if matches(password, &hash) => {
                Verdict::Right { password: password.to_owned(), outdated: is_weak(&hash) }
            }
            Some(_) => Verdict::Wrong,
        },
    }
}

/// The older server trimmed passwords before it hashed them.
fn verify_wrapped(password: &str, wrapped: &str) -> Verdict {
    let Some(hash) = parse(wrapped) else {
        return verify_nothing(password);
    };
    let trimmed = password.trim();
    let spellings = if trimmed == password { vec![password] } else { vec![password, trimmed] };
    for spelling in spellings {
        if matches(&sha256_hex(spelling), &hash) {
            return Verdict::Right { password: spelling.to_owned(), outdated: true };
        }
    }
    Verdict::Wrong
}

/// Costs what a real comparison costs, so that time does not tell which users exist.
fn verify_nothing(password: &str) -> Verdict {
    static NOBODY: OnceLock<Option<String>> = OnceLock::new();
    let nobody = NOBODY.get_or_init(|| hash("the password of nobody").ok());
    if let Some(hash) = nobody.as_deref().and_then(parse) {
        std::hint::black_box(matches(password, &hash));
    }
    Verdict::Wrong
}

fn matches(password: &str, hash: &PasswordHash) -> bool {
    Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
}

/// Argon2id at a cost we are ready to pay; any other text matches no password.
fn parse(stored: &str) -> Option<PasswordHash> {
    let hash = PasswordHash::new(stored).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let affordable = params.m_cost() <= MAX_MEMORY_KIB && params.t_cost() <= MAX_ROUNDS;
    (hash.algorithm == ARGON2ID_IDENT && hash.salt.is_some() && hash.hash.is_some() && affordable)
        .then_some(hash)
}

fn is_weak(hash: &PasswordHash) -> bool {
    let ours = Params::DEFAULT;
    let cheap = Params::try_from(hash).map_or(true, |params| {
        params.m_cost() < ours.m_cost() || params.t_cost() < ours.t_cost() || params.p_cost() != ours.p_cost()
    });
    let short_salt = hash.salt.as_ref().is_none_or(|salt| salt.len() < 16);
    let short_output = hash.hash.as_ref().is_none_or(|output| output.len() < Params::DEFAULT_OUTPUT_LEN);
    cheap || short_salt || short_output
}

pub(crate) fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::{Algorithm, Version};

    fn right(password: &str, outdated: bool) -> Verdict {
        Verdict::Right { password: password.to_owned(), outdated }
    }

    #[test]
    fn a_hash_is_argon2id_at_the_agreed_cost_with_a_salt_of_its_own() {
        let (one, two) = (hash("correct horse").unwrap(), hash("correct horse").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        assert_eq!(PasswordHash::new(&one).unwrap().salt.unwrap().len(), 16);
    }

    #[test]
    fn a_password_is_compared_exactly_as_sent() {
        let stored = hash(" päss wörd 🙂").unwrap();
        assert_eq!(verify(" päss wörd 🙂", Some(&stored)), right(" päss wörd 🙂", false));
        assert_eq!(
            verify("päss wörd 🙂", Some(&stored)),
            Verdict::Wrong,
            "only wrapped hashes are tried trimmed"
        );
    }

    #[test]
    fn a_wrapped_hash_takes_the_trimmed_spelling_and_asks_to_be_replaced() {
        let wrapped = wrap_legacy(&sha256_hex("admin")).unwrap();
        assert!(wrapped.starts_with("legacy-sha256$$argon2id$"), "{wrapped}");
        assert!(!wrapped.contains(&sha256_hex("admin")));
        assert_eq!(verify("admin", Some(&wrapped)), right("admin", true));
        assert_eq!(verify("  admin ", Some(&wrapped)), right("admin", true));
        assert_eq!(verify("Admin", Some(&wrapped)), Verdict::Wrong);
        assert_eq!(
            verify(&sha256_hex("admin"), Some(&wrapped)),
            Verdict::Wrong,
            "the hex text is no password"
        );
    }

    #[test]
    fn a_weaker_hash_still_works_and_asks_to_be_replaced() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let stored = weak.hash_password(b"correct horse").unwrap().to_string();
        assert_eq!(verify("correct horse", Some(&stored)), right("correct horse", true));
    }

    #[test]
    fn a_stored_text_that_is_no_affordable_argon2id_matches_nothing() {
        let sha = sha256_hex("admin");
        let greedy = hash("admin").unwrap().replace("m=19456", "m=4194304");
        let other = hash("admin").unwrap().replace("argon2id", "argon2i");
        for stored in ["", "admin", &sha, &format!("legacy-sha256${sha}"), "$argon2id$", &greedy, &other] {
            assert_eq!(verify("admin", Some(stored)), Verdict::Wrong, "{stored}");
        }
    }

    #[test]
    fn new_passwords_keep_the_rules() {
        let long = "x".repeat(256);
        for good in ["12345678x", "        a", "пароль 🙂🙂", &long] {
            assert_eq!(check_new("newPassword", good, "ada"), Ok(()), "{good}");
        }
        let too_long = "x".repeat(257);
        let common = ["password", " Password1 ", "QWERTYUIOP", "1234567890"];
        let bad = ["1234567", "admin", " ADMIN ", "            ", &too_long, "Ada Lovelace"];
        for bad in bad.into_iter().chain(common) {
            let refusal = check_new("newPassword", bad, "ada lovelace").unwrap_err();
            assert_eq!(refusal.field.as_deref(), Some("newPassword"), "{bad}");
        }
    }

    #[test]
    fn the_list_of_the_commonest_passwords_is_whole_and_in_small_letters() {
        let words: Vec<&str> = COMMON.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(words.len(), 3000);
        let is_usable =
            |word: &&str| word.chars().count() >= MIN_CHARS && word.trim().to_lowercase() == **word;
        assert!(words.iter().all(is_usable));
    }

    #[tokio::test]
    async fn at_most_two_run_and_sixteen_wait() {
        let passwords = Passwords::new();
        let held: Vec<_> = (0..18).map(|_| passwords.admit().unwrap()).collect();
        assert!(matches!(passwords.hash("x".into()).await, Err(Error::Busy)));
        assert!(matches!(passwords.verify("x".into(), None).await, Err(Error::Busy)));
        drop(held);
        assert_eq!(passwords.verify("x".into(), None).await.unwrap(), Verdict::Wrong);
        assert_eq!(passwords.admitted.available_permits(), 18, "every place is given back");
        assert_eq!(passwords.running.available_permits(), 2);
    }
}
