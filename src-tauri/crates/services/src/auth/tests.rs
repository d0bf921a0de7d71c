//! Sign-in, sessions and tokens on a real file, with a clock moved by hand.

use std::path::Path;

use pilotdeck_domain::Timestamp;
use pilotdeck_storage::{meta, sessions};
use serde_json::json;
use tempfile::TempDir;

use super::first_user::JUDGED;
use super::*;
use crate::{App, Clock, Settings};

const DAY: i64 = 24 * 60 * 60;
const GOOD: &str = "correct horse 🐴";

struct Deck {
    app: App,
    clock: Clock,
    _folder: Option<TempDir>,
}

fn settings(folder: &Path) -> Settings {
    let mut settings = Settings::new(folder.join("pm.db"));
    settings.clock = Clock::settable(Timestamp::parse("2026-02-11T14:30:00Z").unwrap());
    settings
}

async fn start(settings: Settings) -> Deck {
    Deck { clock: settings.clock.clone(), app: App::open(settings).await.unwrap(), _folder: None }
}

async fn deck() -> Deck {
    let folder = tempfile::tempdir().unwrap();
    Deck { _folder: None, ..start(settings(folder.path())).await }.keeping(folder)
}

impl Deck {
    fn keeping(mut self, folder: TempDir) -> Deck {
        self._folder = Some(folder);
        self
    }

    fn auth(&self) -> &Auth {
        &self.app.auth
    }

    async fn try_login(&self, password: &str, local: bool, presented: Option<&str>) -> Result<Login> {
        let presented_cookie = presented.map(str::to_owned);
        let request =
            LoginRequest { username: " admin ".into(), password: password.into(), local, presented_cookie };
        self.auth().login(request).await
    }

    async fn login(&self) -> String {
        self.try_login("admin", true, None).await.unwrap().cookie_value
    }

    async fn is_good(&self, cookie: &str) -> bool {
        self.auth().session(cookie).await.is_some()
    }

    async fn admin(&self) -> StoredUser {
        let db = &self.auth().0.db;
        db.read(|conn| Ok::<_, Error>(users::find_by_name(conn, "admin")?)).await.unwrap().unwrap()
    }

    async fn store_hash(&self, hash: &str) {
        let (id, hash) = (self.admin().await.user.id, hash.to_owned());
        let now = self.clock.now();
        let write = move |tx: &mut WriteTx<'_>| Ok::<_, Error>(users::set_password(tx, &id, &hash, now)?);
        assert!(self.auth().0.db.write(Durability::Flushed, write).await.unwrap());
    }

    async fn stored_sessions(&self) -> usize {
        let db = &self.auth().0.db;
        db.read(|conn| Ok::<_, Error>(sessions::list(conn)?)).await.unwrap().len()
    }
}

fn change_body(current: &str, new: &str) -> Map {
    match json!({ "currentPassword": current, "newPassword": new }) {
        Value::Object(body) => body,
        _ => unreachable!(),
    }
}

#[tokio::test]
async fn a_fresh_file_has_admin_with_the_default_password_for_local_callers() {
    let deck = deck().await;
    let login = deck.try_login("admin", true, None).await.unwrap();
    assert_eq!((login.user.username.as_str(), login.user.role.as_str()), ("admin", "admin"));
    assert!(login.must_change_password && deck.auth().must_change_password());
    assert!(deck.admin().await.password_hash.starts_with("$argon2id$"));
    assert_eq!(deck.admin().await.user.last_login_at, Some(deck.clock.now()));
}

#[tokio::test]
async fn the_default_password_is_refused_from_elsewhere_and_only_when_it_is_right() {
    let deck = deck().await;
    assert!(matches!(deck.try_login("admin", false, None).await, Err(Error::DefaultPasswordLocalOnly)));
    assert_eq!(deck.stored_sessions().await, 0);
    let cookie = deck.login().await;
    let changed = deck.auth().change_password(&cookie, &change_body("admin", GOOD)).await.unwrap();
    assert!(!changed.must_change_password && !deck.auth().must_change_password());
    assert!(matches!(deck.try_login("admin", false, None).await, Err(Error::InvalidCredentials)));
    assert!(matches!(deck.try_login("admin", true, None).await, Err(Error::InvalidCredentials)));
    assert!(deck.try_login(GOOD, false, None).await.is_ok());
}

#[tokio::test]
async fn the_default_password_is_judged_at_each_login_even_after_the_file_was_edited() {
    let deck = deck().await;
    let cookie = deck.login().await;
    deck.auth().change_password(&cookie, &change_body("admin", GOOD)).await.unwrap();
    deck.store_hash(&passwords::hash("admin").unwrap()).await;
    assert!(matches!(deck.try_login("admin", false, None).await, Err(Error::DefaultPasswordLocalOnly)));
    assert!(deck.try_login("admin", true, None).await.unwrap().must_change_password);
    assert!(deck.auth().must_change_password(), "a good local login with it tells everybody");
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_are_refused_alike() {
    let deck = deck().await;
    let unknown = LoginRequest {
        username: "nobody".into(),
        password: "admin".into(),
        local: true,
        presented_cookie: None,
    };
    assert!(matches!(deck.auth().login(unknown).await, Err(Error::InvalidCredentials)));
    for wrong in ["Admin", " admin ", "admin\0", ""] {
        assert!(
            matches!(deck.try_login(wrong, true, None).await, Err(Error::InvalidCredentials)),
            "{wrong:?}"
        );
    }
}

#[tokio::test]
async fn a_wrapped_hash_is_replaced_by_the_next_good_login() {
    let deck = deck().await;
    let sha_of_admin = "8c6976e5b5410415bde908bd4dee15dfb167a9c873fc4bb8a81f6f2ab448a918";
    deck.store_hash(&passwords::wrap_legacy(sha_of_admin).unwrap()).await;
    assert!(matches!(deck.try_login(" admin ", false, None).await, Err(Error::DefaultPasswordLocalOnly)));
    assert!(
        deck.admin().await.password_hash.starts_with("legacy-sha256$"),
        "a refused login changes nothing"
    );
    assert!(deck.try_login(" admin ", true, None).await.unwrap().must_change_password);
    assert!(deck.admin().await.password_hash.starts_with("$argon2id$"));
    assert!(deck.try_login("admin", true, None).await.is_ok());
    assert!(deck.try_login(" admin ", true, None).await.is_err(), "from now on exactly as sent");
}

#[tokio::test]
async fn a_configured_password_is_the_first_one_and_replaces_an_unchanged_default() {
    let folder = tempfile::tempdir().unwrap();
    start(settings(folder.path())).await.app.close().await;
    let mut with_password = settings(folder.path());
    with_password.admin_password = Secret::new(GOOD);
    let deck = start(with_password.clone()).await;
    assert!(!deck.auth().must_change_password());
    assert!(deck.try_login("admin", true, None).await.is_err());
    let cookie = deck.try_login(GOOD, false, None).await.unwrap().cookie_value;
    deck.auth().change_password(&cookie, &change_body(GOOD, "another horse")).await.unwrap();
    deck.app.close().await;

    let deck = start(with_password).await;
    assert!(deck.try_login("another horse", false, None).await.is_ok(), "a chosen password is not touched");
}

#[tokio::test]
async fn a_weak_configured_password_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    settings.admin_password = Secret::new("admin");
    let refusal = App::open(settings).await.err().unwrap().to_string();
    assert!(refusal.contains("PM_ADMIN_PASSWORD"), "{refusal}");
}

#[tokio::test]
async fn what_is_remembered_about_the_default_password_cannot_come_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let deck = start(settings(folder.path())).await;
    let mark =
        deck.auth().0.db.read(|conn| Ok::<_, Error>(meta::find(conn, JUDGED)?)).await.unwrap().unwrap();
    assert_eq!(mark.len(), 64, "a digest under our key");
    let forged = "0".repeat(64);
    let write = move |tx: &mut WriteTx<'_>| Ok::<_, Error>(meta::set(tx, JUDGED, &forged)?);
    deck.auth().0.db.write(Durability::Flushed, write).await.unwrap();
    deck.app.close().await;
    assert!(start(settings(folder.path())).await.auth().must_change_password());
}

#[tokio::test]
async fn a_session_ends_after_a_day_unused_and_after_a_week_in_any_case() {
    let deck = deck().await;
    let idle = deck.login().await;
    deck.clock.advance(DAY);
    assert!(deck.is_good(&idle).await);
    deck.clock.advance(DAY + 1);
    assert!(!deck.is_good(&idle).await);

    let used = deck.login().await;
    for _ in 0..7 {
        deck.clock.advance(DAY);
        assert!(deck.is_good(&used).await);
    }
    deck.clock.advance(1);
    assert!(!deck.is_good(&used).await, "used every day, but older than a week");
}

#[tokio::test]
async fn a_session_from_the_future_is_no_session() {
    let deck = deck().await;
    let cookie = deck.login().await;
    deck.clock.advance(-3600);
    assert!(!deck.is_good(&cookie).await);
    deck.clock.advance(3600);
    assert!(!deck.is_good(&cookie).await, "it does not come back");
}

#[tokio::test]
async fn sessions_outlive_a_restart_but_not_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let deck = start(settings(folder.path())).await;
    let cookie = deck.login().await;
    deck.app.close().await;
    let deck = start(settings(folder.path())).await;
    assert!(deck.is_good(&cookie).await);
    deck.app.close().await;
    let mut with_key = settings(folder.path());
    with_key.secret_key = Secret::new("another key");
    assert!(!start(with_key).await.is_good(&cookie).await);
}

#[tokio::test]
async fn a_restart_keeps_the_age_of_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let deck = start(settings(folder.path())).await;
    let cookie = deck.login().await;
    deck.app.close().await;
    let later = settings(folder.path());
    later.clock.advance(DAY + 1);
    assert!(!start(later).await.is_good(&cookie).await);
}

#[tokio::test]
async fn only_a_digest_of_the_cookie_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let deck = start(settings(folder.path())).await;
    let cookie = deck.login().await;
    assert_eq!(cookie.len(), 43, "256 bits in base64url");
    deck.app.close().await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(cookie.len()).any(|window| window == cookie.as_bytes()));
    }
}

#[tokio::test]
async fn a_login_ends_the_session_it_came_with_and_no_other() {
    let deck = deck().await;
    let (mine, other) = (deck.login().await, deck.login().await);
    let new = deck.try_login("admin", true, Some(&mine)).await.unwrap().cookie_value;
    assert_ne!(new, mine);
    assert!(!deck.is_good(&mine).await && deck.is_good(&other).await && deck.is_good(&new).await);
    let failed = deck.try_login("wrong", true, Some(&new)).await;
    assert!(failed.is_err() && deck.is_good(&new).await, "a failed login ends nothing");
    assert_eq!(deck.stored_sessions().await, 2);
}

#[tokio::test]
async fn logging_out_ends_the_session_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let deck = start(settings(folder.path())).await;
    let (cookie, other) = (deck.login().await, deck.login().await);
    deck.auth().logout(&cookie).await.unwrap();
    deck.auth().logout(&cookie).await.unwrap();
    deck.auth().logout("no cookie of ours").await.unwrap();
    assert!(!deck.is_good(&cookie).await && deck.is_good(&other).await);
    deck.app.close().await;
    assert!(!start(settings(folder.path())).await.is_good(&cookie).await);
}

#[tokio::test]
async fn the_twenty_first_session_ends_the_oldest() {
    let deck = deck().await;
    let mut cookies = Vec::new();
    for _ in 0..21 {
        cookies.push(deck.login().await);
    }
    assert!(!deck.is_good(&cookies[0]).await);
    for cookie in &cookies[1..] {
        assert!(deck.is_good(cookie).await);
    }
    assert_eq!(deck.stored_sessions().await, 20);
}

#[tokio::test]
async fn a_changed_password_ends_every_session_but_the_new_one() {
    let deck = deck().await;
    let (mine, other) = (deck.login().await, deck.login().await);
    let wrong = deck.auth().change_password(&mine, &change_body("wrong", GOOD)).await;
    assert!(matches!(wrong, Err(Error::InvalidCredentials)));
    let same = deck.auth().change_password(&mine, &change_body("admin", "admin")).await;
    assert!(matches!(same, Err(Error::Invalid(_))));
    let new = deck.auth().change_password(&mine, &change_body("admin", GOOD)).await.unwrap().cookie_value;
    assert!(!deck.is_good(&mine).await && !deck.is_good(&other).await && deck.is_good(&new).await);
    assert!(!deck.auth().session(&new).await.unwrap().must_change_password);
    assert_eq!(deck.stored_sessions().await, 1);
    let gone = deck.auth().change_password(&mine, &change_body(GOOD, "another one")).await;
    assert!(matches!(gone, Err(Error::NotSignedIn)));
}

#[tokio::test]
async fn a_login_that_races_a_password_change_does_not_get_a_session() {
    let deck = deck().await;
    let judged = deck.admin().await;
    deck.store_hash(&passwords::hash(GOOD).unwrap()).await;
    let late = deck.auth().begin_session(&judged, None, None).await;
    assert!(matches!(late, Err(Error::InvalidCredentials)));
    assert_eq!(deck.stored_sessions().await, 0);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let deck = deck().await;
    let mine = deck.login().await;
    deck.clock.advance(60);
    let other = deck.login().await;
    let listed = deck.auth().list_sessions(&mine).await.unwrap();
    assert_eq!(
        listed.iter().map(|session| session.is_current).collect::<Vec<_>>(),
        [false, true],
        "newest first"
    );
    assert!(deck.auth().end_session(&mine, &listed[0].id).await.unwrap());
    assert!(!deck.auth().end_session(&mine, &listed[0].id).await.unwrap());
    assert!(!deck.is_good(&other).await && deck.is_good(&mine).await);
    assert!(matches!(deck.auth().list_sessions(&other).await, Err(Error::NotSignedIn)));
}

#[tokio::test]
async fn a_reset_password_works_and_ends_the_users_sessions() {
    let deck = deck().await;
    let cookie = deck.login().await;
    assert!(matches!(deck.auth().reset_password("nobody", GOOD).await, Err(Error::NotFound { .. })));
    assert!(matches!(deck.auth().reset_password("admin", "short").await, Err(Error::Invalid(_))));
    assert!(deck.is_good(&cookie).await);
    deck.auth().reset_password(" admin ", GOOD).await.unwrap();
    assert!(!deck.is_good(&cookie).await && !deck.auth().must_change_password());
    assert!(deck.try_login(GOOD, false, None).await.is_ok());
}

#[tokio::test]
async fn forgetting_everything_ends_sessions_and_judges_the_new_data() {
    let deck = deck().await;
    let cookie = deck.login().await;
    deck.auth().change_password(&cookie, &change_body("admin", GOOD)).await.unwrap();
    let cookie = deck.try_login(GOOD, true, None).await.unwrap().cookie_value;
    deck.store_hash(&passwords::hash("admin").unwrap()).await;
    deck.auth().forget_everything().await.unwrap();
    assert!(!deck.is_good(&cookie).await);
    assert_eq!(deck.stored_sessions().await, 0);
    assert!(deck.auth().must_change_password());
}

#[tokio::test]
async fn tokens_match_whole_and_blank_never_matches() {
    let mut deck = deck().await;
    assert!(deck.auth().open_mode());
    for token in ["", " ", "x"] {
        assert!(!deck.auth().check_agent(token));
        assert!(matches!(deck.auth().check_admin(token), Err(Error::AdminTokenNotConfigured)));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    settings.agent_token = Secret::new("agent-token-of-24-chars.");
    settings.admin_token = Secret::new("admin-token-of-24-chars.");
    deck = start(settings).await.keeping(folder);
    assert!(!deck.auth().open_mode());
    assert!(deck.auth().check_agent("agent-token-of-24-chars."));
    assert!(deck.auth().check_admin("admin-token-of-24-chars.").is_ok());
    for wrong in ["", "  ", "agent", "agent-token-of-24-chars.x", "admin-token-of-24-chars."] {
        assert!(!deck.auth().check_agent(wrong), "{wrong}");
    }
    assert!(matches!(deck.auth().check_admin("agent-token-of-24-chars."), Err(Error::Unauthorized)));
}

#[tokio::test]
async fn a_wide_bind_is_refused_with_every_reason_and_its_variable() {
    let deck = deck().await;
    let fresh = deck.auth().wide_bind_refusals();
    assert_eq!(fresh.len(), 2);
    assert!(fresh[0].contains("PM_ADMIN_PASSWORD") && fresh[1].contains("PM_AGENT_TOKEN"), "{fresh:?}");

    let refusals = async |agent: &str, admin: &str| {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path());
        settings.admin_password = Secret::new(GOOD);
        (settings.agent_token, settings.admin_token) = (Secret::new(agent), Secret::new(admin));
        start(settings).await.auth().wide_bind_refusals()
    };
    let none: [&str; 0] = [];
    assert_eq!(refusals("agent-token-of-24-chars.", "").await, none);
    assert_eq!(refusals("agent-token-of-24-chars.", "admin-token-of-24-chars.").await, none);
    assert!(refusals("fifteen-letters", "").await[0].starts_with("PM_AGENT_TOKEN has fewer than 16"));
    assert!(refusals("agent-token-of-24-chars.", "short").await[0].starts_with("PM_ADMIN_TOKEN has fewer"));
    assert!(refusals("the-same-token-twice", "the-same-token-twice").await[0].contains("equal"));
}

#[test]
fn a_login_body_is_two_texts_that_are_not_blank() {
    let read = |body: Value| match body {
        Value::Object(body) => LoginRequest::from_body(&body, true, None),
        _ => unreachable!(),
    };
    use pilotdeck_domain::InvalidKind::{Field, Missing};
    let refusal = |body| read(body).err().map(|invalid| (invalid.kind, invalid.field.unwrap()));
    assert_eq!(refusal(json!({ "username": "a", "password": "b" })), None);
    assert_eq!(refusal(json!({ "password": "b" })), Some((Missing, "username".into())));
    assert_eq!(refusal(json!({ "username": " ", "password": "b" })), Some((Missing, "username".into())));
    assert_eq!(refusal(json!({ "username": "a", "password": null })), Some((Missing, "password".into())));
    assert_eq!(refusal(json!({ "username": ["a"], "password": "b" })), Some((Field, "username".into())));
    assert_eq!(refusal(json!({ "username": "a", "password": 1 })), Some((Field, "password".into())));
}
