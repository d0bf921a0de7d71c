//! What a query asks for: filters, pages and cursors (contract §1.6). Parameters arrive percent-decoded.

mod stats;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::words::{event_level, run_status};
use crate::{Invalid, Timestamp};

pub use stats::{SeriesKey, TokenStatsFilter, run_ids_from_query};

/// The most rows of a list without a limit of its own.
const MOST: u32 = 5_000;
/// The most values of a parameter that may repeat.
const FEW: usize = 200;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// At most so many rows; none: all.
    pub limit: Option<u32>,
    /// After so many rows; a cursor wins over it.
    pub offset: u32,
    /// After this row.
    pub cursor: Option<Cursor>,
}

/// A place in a list: the sort key of a row, and the row where several have that key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The sort key.
    pub key: String,
    /// The row.
    pub row: i64,
}

impl Cursor {
    /// Its opaque text form.
    #[must_use]
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{}", self.row, self.key))
    }

    /// Reads the text form; none if it is not one of ours.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (row, key) = text.split_once(':')?;
        Some(Self { row: row.parse().ok()?, key: key.to_owned() })
    }
}

/// In which direction a list runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    #[default]
    Descending,
    /// The oldest first.
    Ascending,
}

/// Which projects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectFilter {
    /// With this status.
    pub status: Option<String>,
    /// With this priority.
    pub priority: Option<String>,
    /// In this category.
    pub category: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// With these words in them.
    pub q: Option<String>,
    /// Which part of them.
    pub page: Page,
}

impl ProjectFilter {
    /// Reads a query.
    pub fn from_query(query: &[(String, String)]) -> Result<Self, Invalid> {
        let query = Query(query);
        Ok(Self {
            status: query.text("status"),
            priority: query.text("priority"),
            category: query.text("category"),
            tag: query.text("tag"),
            q: query.text("q"),
            page: query.page(None, MOST)?,
        })
    }
}

/// Which runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of one of these projects; none: of any, and so below.
    pub project_ids: Vec<String>,
    /// Of one of these agents.
    pub agent_ids: Vec<String>,
    /// With one of these statuses.
    pub statuses: Vec<String>,
    /// Of this session.
    pub session_id: Option<String>,
    /// With these words in title, summary or id.
    pub q: Option<String>,
    /// Made at this time or later.
    pub since: Option<Timestamp>,
    /// By the time they were made.
    pub order: Order,
    /// Which part of them.
    pub page: Page,
}

impl RunFilter {
    /// Reads a query.
    pub fn from_query(query: &[(String, String)]) -> Result<Self, Invalid> {
        let query = Query(query);
        Ok(Self {
            project_ids: query.few_texts("projectId")?,
            agent_ids: query.few_texts("agentId")?,
            statuses: query.few_texts("status")?.iter().map(|word| run_status(word).to_owned()).collect(),
            session_id: query.text("sessionId"),
            q: query.text("q"),
            since: query.since()?,
            order: query.order(Order::Descending)?,
            page: query.page(Some(50), 500)?,
        })
    }
}

/// How many events an answer holds when the query does not say.
const EVENTS: u32 = 200;
/// The longest text to search for, in characters and in words: each word costs a look into the index.
const SEARCH_CHARACTERS: usize = 400;
const SEARCH_WORDS: usize = 16;

/// Which events. The newest that match are meant, in whatever order they are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFilter {
    /// Of one of these projects; none: of any, and so below.
    pub project_ids: Vec<String>,
    /// Of this run.
    pub run_id: Option<String>,
    /// Of one of these agents.
    pub agent_ids: Vec<String>,
    /// Of one of these types; see [`type_prefix`].
    pub types: Vec<String>,
    /// Of one of these levels.
    pub levels: Vec<String>,
    /// With these words in them.
    pub q: Option<String>,
    /// Of this time or later.
    pub since: Option<Timestamp>,
    /// Of this time or earlier.
    pub until: Option<Timestamp>,
    /// Older than this place in the timeline.
    pub before: Option<Cursor>,
    /// How those found are listed.
    pub order: Order,
    /// At most so many.
    pub limit: u32,
}

impl Default for EventFilter {
    fn default() -> Self {
        Self {
            project_ids: Vec::new(),
            run_id: None,
            agent_ids: Vec::new(),
            types: Vec::new(),
            levels: Vec::new(),
            q: None,
            since: None,
            until: None,
            before: None,
            order: Order::Ascending,
            limit: EVENTS,
        }
    }
}

impl EventFilter {
    /// Reads a query.
    pub fn from_query(query: &[(String, String)]) -> Result<Self, Invalid> {
        let query = Query(query);
        let before = match query.cursor("before")? {
            None => query.cursor("cursor")?,
            before => before,
        };
        Ok(Self {
            project_ids: query.few_texts("projectId")?,
            run_id: query.text("runId"),
            agent_ids: query.few_texts("agentId")?,
            types: query.few_texts("type")?,
            levels: query.few_texts("level")?.iter().map(|word| event_level(word).to_owned()).collect(),
            q: query.search_text("q")?,
            since: query.since()?,
            until: query.until()?,
            before,
            order: query.order(Order::Ascending)?,
            limit: query.limit(None, 2_000)?.unwrap_or(EVENTS),
        })
    }

    /// Whether `type` is one of those asked for.
    #[must_use]
    pub fn has_type(&self, r#type: &str) -> bool {
        let is_meant = |word: &String| {
            r#type == word || type_prefix(word).is_some_and(|prefix| r#type.starts_with(&prefix))
        };
        self.types.is_empty() || self.types.iter().any(is_meant)
    }
}

/// What else a type in a filter matches: a word without a dot also means all types that begin with it and a dot.
#[must_use]
pub fn type_prefix(word: &str) -> Option<String> {
    (!word.contains('.')).then(|| format!("{word}."))
}

/// Which profiles or capabilities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnabledFilter {
    /// Enabled ones or disabled ones; none: both.
    pub enabled: Option<bool>,
    /// Which part of them.
    pub page: Page,
}

impl EnabledFilter {
    /// Reads a query.
    pub fn from_query(query: &[(String, String)]) -> Result<Self, Invalid> {
        let query = Query(query);
        Ok(Self { enabled: query.flag("enabled")?, page: query.page(None, MOST)? })
    }
}

/// Which usage records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageFilter {
    /// Of this project.
    pub project_id: Option<String>,
    /// Of this agent.
    pub agent_id: Option<String>,
    /// Of this workspace.
    pub workspace: Option<String>,
    /// Of this source.
    pub source: Option<String>,
    /// Of this run.
    pub run_id: Option<String>,
    /// Of this model.
    pub model: Option<String>,
    /// Of this session.
    pub session_id: Option<String>,
    /// Of this time or later.
    pub since: Option<Timestamp>,
    /// Of this time or earlier.
    pub until: Option<Timestamp>,
    /// Which part of them.
    pub page: Page,
}

impl UsageFilter {
    /// Reads a query.
    pub fn from_query(query: &[(String, String)]) -> Result<Self, Invalid> {
        let query = Query(query);
        Ok(Self {
            project_id: query.text("projectId"),
            agent_id: query.text("agentId"),
            workspace: query.text("workspace"),
            source: query.text("source"),
            run_id: query.text("runId"),
            model: query.text("model"),
            session_id: query.text("sessionId"),
            since: query.since()?,
            until: query.until()?,
            page: query.page(Some(200), MOST)?,
        })
    }
}

/// Reads the words for true and false that queries and `enabled` take, in any case.
#[must_use]
pub fn parse_bool(word: &str) -> Option<bool> {
    let is_one_of = |words: [&str; 4]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    if is_one_of(["true", "1", "yes", "on"]) {
        Some(true)
    } else if is_one_of(["false", "0", "no", "off"]) {
        Some(false)
    } else {
        None
    }
}

/// The parameters of a query. An empty one counts as absent; of repeated ones the first counts, unless any of them may match.
struct Query<'q>(&'q [(String, String)]);

impl<'q> Query<'q> {
    fn find(&self, name: &str) -> Option<&'q str> {
        let (_, value) = self.0.iter().find(|(key, _)| key == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.find(name).map(str::to_owned)
    }

    /// All values of a parameter that may repeat, each once.
    fn texts(&self, name: &str) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for (key, value) in self.0 {
            if key == name && !value.is_empty() && !texts.contains(value) {
                texts.push(value.clone());
            }
        }
        texts
    }

    /// The same, as many as one statement may ask for.
    fn few_texts(&self, name: &str) -> Result<Vec<String>, Invalid> {
        let texts = self.texts(name);
        if texts.len() > FEW {
            return Err(Invalid::parameter(name, format!("{name} may be given at most {FEW} times")));
        }
        Ok(texts)
    }

    fn search_text(&self, name: &str) -> Result<Option<String>, Invalid> {
        let Some(text) = self.text(name) else { return Ok(None) };
        if text.chars().count() > SEARCH_CHARACTERS || text.split_whitespace().count() > SEARCH_WORDS {
            let due = format!("at most {SEARCH_WORDS} words and {SEARCH_CHARACTERS} characters");
            return Err(unreadable(name, &due));
        }
        Ok(Some(text))
    }

    fn order(&self, default: Order) -> Result<Order, Invalid> {
        match self.find("order") {
            None => Ok(default),
            Some("asc") => Ok(Order::Ascending),
            Some("desc") => Ok(Order::Descending),
            Some(_) => Err(unreadable("order", "asc or desc")),
        }
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, Invalid> {
        let read = |value| parse_bool(value).ok_or_else(|| unreadable(name, "true or false"));
        self.find(name).map(read).transpose()
    }

    fn whole(&self, name: &str) -> Result<Option<i64>, Invalid> {
        let read = |value| whole_number(value).ok_or_else(|| unreadable(name, "a whole number"));
        self.find(name).map(read).transpose()
    }

    fn limit(&self, default: Option<u32>, most: u32) -> Result<Option<u32>, Invalid> {
        // The clamp keeps the value inside u32.
        Ok(self.whole("limit")?.map(|limit| limit.clamp(1, i64::from(most)) as u32).or(default))
    }

    fn cursor(&self, name: &str) -> Result<Option<Cursor>, Invalid> {
        let read = |value| {
            Cursor::decode(value).ok_or_else(|| unreadable(name, "taken from an answer of this list"))
        };
        self.find(name).map(read).transpose()
    }

    fn page(&self, default: Option<u32>, most: u32) -> Result<Page, Invalid> {
        Ok(Page {
            limit: self.limit(default, most)?,
            offset: self.whole("offset")?.unwrap_or(0).clamp(0, i64::from(u32::MAX)) as u32,
            cursor: self.cursor("cursor")?,
        })
    }

    fn since(&self) -> Result<Option<Timestamp>, Invalid> {
        self.time("since", Timestamp::parse)
    }

    fn until(&self) -> Result<Option<Timestamp>, Invalid> {
        self.time("until", Timestamp::parse_until)
    }

    fn time(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<Timestamp>,
    ) -> Result<Option<Timestamp>, Invalid> {
        let read = |value: &str| {
            parse(value)
                .or_else(|| parse(&with_plus(value)?))
                .ok_or_else(|| unreadable(name, "a time, as 2026-02-11T14:30:00Z"))
        };
        self.find(name).map(read).transpose()
    }
}

fn unreadable(name: &str, due: &str) -> Invalid {
    Invalid::parameter(name, format!("{name} must be {due}"))
}

/// A `+` that nobody encoded arrives as a space: `…T10:00:00 08:00`.
fn with_plus(value: &str) -> Option<String> {
    let (time, offset) = value.rsplit_once(' ')?;
    Some(format!("{time}+{offset}"))
}

/// A whole number of any size; beyond `i64` its end.
fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(if negative { i64::MIN } else { i64::MAX }))
}
