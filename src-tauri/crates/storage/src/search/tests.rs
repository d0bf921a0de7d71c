//! The index against what a reader of every event would find, at every point of its filling.

use std::sync::Arc;

use pilotdeck_domain::stats::Facet;
use pilotdeck_domain::{Cursor, Event, EventFilter, Map, Order, Timestamp};
use serde_json::{Value, json};

use super::words::words_of_event;
use super::*;
use crate::stamps::Stamps;
use crate::writer::WriteTx;
use crate::{events, migrate};

const START: i64 = 1_790_000_000_000_000;

/// A file of its own, without a writer: nothing is indexed but by the test.
struct Timeline {
    conn: Connection,
    _folder: tempfile::TempDir,
}

impl Timeline {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let conn = migrate::create(&folder.path().join("pm.db")).unwrap();
        conn.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF").unwrap();
        Self { conn, _folder: folder }
    }

    /// Appends events; each tells its own `ts` in microseconds after the start.
    fn append(&self, events: impl IntoIterator<Item = (i64, Value)>) {
        self.conn.execute_batch("BEGIN").unwrap();
        let stamps = Stamps::new(Arc::new(|| Timestamp::from_micros(START)));
        WriteTx::detached(&self.conn, &stamps, |tx| {
            for (number, (ts, body)) in events.into_iter().enumerate() {
                let body: Map = body.as_object().cloned().unwrap();
                let now = Timestamp::from_micros(START + ts);
                let fresh = format!("fresh-{number}-{}", tx.last_insert_rowid());
                events::insert(tx, &Event::create(body, fresh, now).unwrap())?;
            }
            Ok(())
        })
        .unwrap();
        self.conn.execute_batch("COMMIT").unwrap();
    }

    fn step(&self, work: &mut Work) {
        self.conn.execute_batch("BEGIN").unwrap();
        work.step(&self.conn).unwrap();
        self.conn.execute_batch("COMMIT").unwrap();
    }

    fn index_all(&self) {
        let mut work = Work { behind: true, unmerged: false };
        while !work.is_done() {
            self.step(&mut work);
        }
        assert_eq!(count_behind(&self.conn).unwrap(), 0);
    }

    fn page(&self, filter: &EventFilter) -> (Vec<String>, Option<Cursor>) {
        let page = events::list(&self.conn, filter).unwrap();
        let id = |document: &pilotdeck_domain::Document| document.to_map()["id"].as_str().unwrap().to_owned();
        let cursor = page.next_cursor.map(|cursor| Cursor::decode(&cursor).unwrap());
        (page.documents.iter().map(id).collect(), cursor)
    }

    /// The ids that a search finds, newest first, over as many pages as it takes.
    fn all(&self, filter: &EventFilter) -> Vec<String> {
        let mut filter = EventFilter { order: Order::Descending, ..filter.clone() };
        let mut found = Vec::new();
        loop {
            let (ids, cursor) = self.page(&filter);
            found.extend(ids);
            match cursor {
                None => return found,
                next => filter.before = next,
            }
        }
    }

    fn search(&self, q: &str) -> Vec<String> {
        self.all(&EventFilter { q: Some(q.into()), ..EventFilter::default() })
    }

    /// What a reader of every event finds.
    fn by_hand(&self, filter: &EventFilter) -> Vec<String> {
        let search = Search::parse(filter.q.as_deref().unwrap());
        let sql = "SELECT id, level, projectId, runId, ts, payload_json FROM agent_events ORDER BY ts DESC, seq DESC";
        let mut statement = self.conn.prepare(sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        let mut found = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let text = |index: usize| row.get::<_, Option<String>>(index).unwrap().unwrap_or_default();
            let is_one_of = |values: &[String], value: String| values.is_empty() || values.contains(&value);
            if is_one_of(&filter.levels, text(1))
                && is_one_of(&filter.project_ids, text(2))
                && filter.run_id.as_ref().is_none_or(|run| *run == text(3))
                && filter.since.is_none_or(|since| text(4) >= since.to_string())
                && filter.until.is_none_or(|until| text(4) <= until.to_string())
                && search.matches(&words_of_event(&text(5)))
            {
                found.push(text(0));
            }
        }
        found
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const WORDS: [&str; 8] = ["build", "builder", "failed", "构建失败", "src/main.rs", "ok", "部署", "α-beta"];

fn random_events(dice: &mut Dice, from: i64, count: i64, in_order: bool) -> Vec<(i64, Value)> {
    (from..from + count)
        .map(|number| {
            let words: Vec<&str> = (0..3).map(|_| WORDS[dice.roll(8) as usize]).collect();
            let body = json!({
                "id": format!("e{number}"), "title": words[0], "message": words[1], "data": {"note": words[2]},
                "level": (["info", "error"][dice.roll(2) as usize]), "projectId": format!("p{}", dice.roll(3)),
                "runId": format!("r{}", dice.roll(4)),
            });
            // Several share a time.
            let ts = if in_order { number / 3 } else { dice.roll(400) as i64 };
            (ts, body)
        })
        .collect()
}

fn filters() -> Vec<EventFilter> {
    let mut filters = Vec::new();
    for q in ["build", "bui fail", "构建", "失败 main.r", "absent"] {
        let plain = EventFilter { q: Some(q.into()), limit: 25, ..EventFilter::default() };
        let time = |micros| Some(Timestamp::from_micros(START + micros));
        filters.extend([
            EventFilter { levels: vec!["error".into()], ..plain.clone() },
            EventFilter { project_ids: vec!["p1".into(), "p2".into()], ..plain.clone() },
            EventFilter { run_id: Some("r1".into()), ..plain.clone() },
            EventFilter { since: time(60), until: time(200), ..plain.clone() },
            EventFilter { since: time(395), ..plain.clone() },
            plain,
        ]);
    }
    filters
}

#[test]
fn a_search_finds_the_same_whatever_part_is_indexed_and_in_whatever_order_events_came() {
    for in_order in [true, false] {
        let mut dice = Dice(if in_order { 1 } else { 2 });
        let timeline = Timeline::new();
        timeline.append(random_events(&mut dice, 0, 200, in_order));
        // After imported ones, events come in order again.
        timeline.append(random_events(&mut dice, 1_200, 150, true));
        let expected: Vec<_> =
            filters().into_iter().map(|filter| (timeline.by_hand(&filter), filter)).collect();
        let mut work = Work { behind: true, unmerged: false };
        loop {
            let behind = count_behind(&timeline.conn).unwrap();
            for (ids, filter) in &expected {
                assert_eq!(timeline.all(filter), *ids, "{behind} behind: {filter:?}");
            }
            if behind == 0 {
                break;
            }
            // A step of indexing and one of merging.
            timeline.step(&mut work);
            timeline.step(&mut work);
        }
    }
}

/// Searches the index itself: with few events in a project or run it is not asked.
#[test]
fn the_index_and_the_reader_of_events_have_one_idea_of_a_word() {
    let timeline = Timeline::new();
    let titles = [
        "The Build FAILED",
        "构建失败了",
        "src/main.rs:42",
        "100% \"quoted\" it's",
        "a\u{0}b",
        "Ärger im Café",
        "✅ done",
        "naïve e\u{301}te\u{301}",
        "İstanbul ΣΑΣ",
        "x".repeat(90).leak(),
        "NOT near OR",
        "テスト123",
        "１２３ ﬁn",
    ];
    timeline.append(
        titles
            .iter()
            .enumerate()
            .map(|(at, title)| (at as i64, json!({"id": title, "title": title})))
            .filter(|(_, body)| body["id"].as_str().is_some_and(|id| !id.contains('\0'))),
    );
    let queries = [
        "build",
        "BUILD fai",
        "失败",
        "建败",
        "main.rs",
        "\"quoted\"",
        "it's",
        "100%",
        "ärger",
        "café",
        "✅",
        "ete",
        "istan",
        "σας",
        "ΣΑΣ",
        "not",
        "OR",
        "near(",
        "テスト",
        "ト1",
        "１２",
        "ﬁn",
        "x*",
        "col:x",
        "^the",
        "-build",
    ];
    let long = "x".repeat(80);
    let ask = |q: &str| timeline.search(q);
    let before: Vec<_> = queries.iter().copied().chain([long.as_str()]).map(ask).collect();
    timeline.index_all();
    let after: Vec<_> = queries.iter().copied().chain([long.as_str()]).map(ask).collect();
    assert_eq!(before, after);
    assert_eq!(ask("not near"), ["NOT near OR"]);
    assert_eq!(ask("✅"), ["✅ done"]);
    assert_eq!(ask("建败"), Vec::<String>::new());
}

#[test]
fn text_of_a_search_is_never_syntax() {
    let timeline = Timeline::new();
    timeline.append([
        (0, json!({"id": "plain", "title": "alpha"})),
        (1, json!({"id": "odd", "title": "say \"alpha\" OR -beta* NEAR(x) text:y"})),
    ]);
    timeline.index_all();
    for q in [
        "\"",
        "\"\"",
        "'",
        "*",
        "alpha OR beta",
        "alpha NOT",
        "NEAR(alpha",
        "text:alpha",
        "(alpha",
        "alpha)",
        "-alpha",
        "^alpha",
        "alpha + beta",
        "{text}: alpha",
        "\"alpha",
        "alpha\"*",
        "; DROP TABLE agent_events",
        "a\u{0}b",
        "\\",
        "%",
        "_",
    ] {
        let ids = timeline.search(q);
        assert!(ids.iter().all(|id| id == "plain" || id == "odd"), "{q}");
    }
    assert_eq!(timeline.search("alpha OR beta"), ["odd"], "OR is a word");
    assert_eq!(timeline.search("\"alpha\""), ["odd", "plain"]);
    assert!(timeline.search("%").is_empty(), "no word, nothing found");
}

#[test]
fn the_index_answers_where_many_events_are_in_a_project() {
    let timeline = Timeline::new();
    let event = |number: i64| {
        let title = if number % 100 == 7 { "rare gem" } else { "common stone" };
        (number, json!({"id": format!("e{number}"), "title": title, "projectId": "p", "runId": "r"}))
    };
    timeline.append((0..500).map(event));
    timeline.index_all();
    timeline.append((500..508).map(event));
    let rare = ["e507", "e407", "e307", "e207", "e107", "e7"];
    for filter in [
        EventFilter { project_ids: vec!["p".into(), "q".into()], ..EventFilter::default() },
        EventFilter { run_id: Some("r".into()), ..EventFilter::default() },
        EventFilter { limit: 2, ..EventFilter::default() },
    ] {
        let filter = EventFilter { q: Some("gem".into()), ..filter };
        assert_eq!(timeline.all(&filter), rare);
    }
    let (page, cursor) = timeline.page(&EventFilter {
        q: Some("stone".into()),
        limit: 3,
        since: Some(Timestamp::from_micros(START + 490)),
        ..EventFilter::default()
    });
    assert_eq!(page, ["e504", "e505", "e506"], "the oldest of the newest first");
    assert!(cursor.is_some());
}

#[test]
fn a_search_through_many_events_that_wait_is_answered_in_parts() {
    let timeline = Timeline::new();
    let noise = |number: i64| (number, json!({"id": format!("e{number}"), "title": "hay"}));
    timeline.append([(0, json!({"id": "needle", "title": "needle"}))]);
    timeline.append((1..151).map(noise));
    let filter = EventFilter { q: Some("needle".into()), ..EventFilter::default() };
    let (ids, cursor) = timeline.page(&filter);
    assert!(ids.is_empty() && cursor.is_some(), "the answer ends early and says where to go on");
    let (ids, cursor) = timeline.page(&EventFilter { before: cursor, ..filter.clone() });
    assert_eq!((ids, cursor), (vec!["needle".to_owned()], None));
    timeline.index_all();
    assert_eq!(timeline.page(&filter), (vec!["needle".to_owned()], None));

    let rare = EventFilter { q: Some("hay".into()), levels: vec!["error".into()], ..EventFilter::default() };
    let (ids, cursor) = timeline.page(&rare);
    assert!(
        ids.is_empty() && cursor.is_some(),
        "so it is where other filters pass few of what the index finds"
    );
    assert!(timeline.all(&rare).is_empty(), "it comes to an end");
}

#[test]
fn the_position_is_written_with_the_rows_of_the_index_or_not_at_all() {
    let timeline = Timeline::new();
    timeline.append((0..100).map(|number| (number, json!({"title": "word"}))));
    let mut work = Work { behind: true, unmerged: false };
    timeline.conn.execute_batch("BEGIN").unwrap();
    work.step(&timeline.conn).unwrap();
    assert_eq!(count_behind(&timeline.conn).unwrap(), 36);
    timeline.conn.execute_batch("ROLLBACK").unwrap();
    assert_eq!(count_behind(&timeline.conn).unwrap(), 100);
    assert_eq!(timeline.search("word").len(), 100);
    timeline.index_all();
    assert_eq!(timeline.search("word").len(), 100, "none of them twice");
}

#[test]
fn each_facet_is_counted_without_its_own_filter() {
    let timeline = Timeline::new();
    let event = |number: i64| {
        let (kind, level) = if number < 3 { ("action.set_status", "info") } else { ("note", "error") };
        let agent = (number != 0).then(|| format!("a{}", number % 2));
        let title = if number == 5 { "odd" } else { "even" };
        (number, json!({"type": kind, "level": level, "agentId": agent, "projectId": "p1", "title": title}))
    };
    timeline.append((0..5).map(event));
    timeline.append([(9, json!({"type": "note", "projectId": "p2", "title": "even"}))]);
    let facet = |value: &str, count: u64| Facet { value: value.into(), count };
    let all = events::facets(&timeline.conn, &EventFilter::default(), None).unwrap();
    assert_eq!(all.types, [facet("action.set_status", 3), facet("note", 3)]);
    assert_eq!(all.levels, [facet("info", 4), facet("error", 2)]);
    assert_eq!(all.agents, [facet("a0", 2), facet("a1", 2)], "who has none is in none");
    assert_eq!((all.counted, all.complete), (6, true));

    let filter = EventFilter {
        types: vec!["action".into()],
        project_ids: vec!["p1".into()],
        q: Some("even".into()),
        ..EventFilter::default()
    };
    let some = events::facets(&timeline.conn, &filter, None).unwrap();
    assert_eq!(some.types, [facet("action.set_status", 3), facet("note", 2)]);
    assert_eq!(some.levels, [facet("info", 3)]);
    assert_eq!(some.projects, [facet("p1", 3)]);
    assert_eq!(some.counted, 5);
    let reach = ["p1".to_owned(), "p3".to_owned()];
    let filter = EventFilter { project_ids: vec!["p3".into()], ..EventFilter::default() };
    let within = events::facets(&timeline.conn, &filter, Some(&reach)).unwrap();
    assert_eq!((within.projects, within.counted), (vec![facet("p1", 5)], 0), "p2 is beyond its reach");

    timeline.append((0..20_000).map(|number| (number + 10, json!({"type": "result"}))));
    let newest = events::facets(&timeline.conn, &EventFilter::default(), None).unwrap();
    assert_eq!((newest.counted, newest.complete), (20_000, false));
    assert_eq!(newest.types, [facet("result", 20_000)]);
}
