//! Queries: limits, times, words, cursors (§1.6).

use super::{assert_refused, time};
use crate::{
    Cursor, EnabledFilter, EventFilter, InvalidKind, Order, ProjectFilter, RunFilter, SeriesKey,
    TokenStatsFilter, UsageFilter, run_ids_from_query, type_prefix,
};

fn query(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn an_empty_query_means_the_defaults_of_each_list() {
    assert_eq!(ProjectFilter::from_query(&[]).unwrap().page.limit, None);
    assert_eq!(RunFilter::from_query(&[]).unwrap().page.limit, Some(50));
    assert_eq!(EventFilter::from_query(&[]).unwrap(), EventFilter::default());
    assert_eq!(EventFilter::default().limit, 200);
    assert_eq!(UsageFilter::from_query(&[]).unwrap().page.limit, Some(200));
    assert_eq!(EnabledFilter::from_query(&[]).unwrap(), EnabledFilter::default());
    assert!(TokenStatsFilter::from_query(&query(&[("unknown", "x")])).unwrap().is_empty());
}

#[test]
fn limits_and_offsets_are_clamped_and_only_whole_numbers() {
    for (sent, limit) in [
        ("0", 1),
        ("-5", 1),
        ("500", 500),
        ("501", 500),
        ("+7", 7),
        (" 7 ", 7),
        ("99999999999999999999", 500),
        ("-99999999999999999999", 1),
    ] {
        let filter = RunFilter::from_query(&query(&[("limit", sent), ("offset", sent)])).unwrap();
        assert_eq!(filter.page.limit, Some(limit), "{sent}");
    }
    assert_eq!(RunFilter::from_query(&query(&[("offset", "-1")])).unwrap().page.offset, 0);
    assert_eq!(RunFilter::from_query(&query(&[("offset", "9999999999")])).unwrap().page.offset, u32::MAX);
    assert_eq!(ProjectFilter::from_query(&query(&[("limit", "9999")])).unwrap().page.limit, Some(5_000));
    assert_eq!(EventFilter::from_query(&query(&[("limit", "9999")])).unwrap().limit, 2_000);
    for junk in ["abc", "2.5", "1e2", "-", "+", "0x10", "1_000", "１"] {
        for name in ["limit", "offset"] {
            let outcome = UsageFilter::from_query(&query(&[(name, junk)]));
            assert_refused(outcome, InvalidKind::Parameter, name, junk);
        }
    }
}

#[test]
fn empty_means_absent_and_the_first_of_repeated_ones_counts() {
    let filter =
        UsageFilter::from_query(&query(&[("model", ""), ("limit", ""), ("agentId", "a"), ("agentId", "b")]))
            .unwrap();
    assert_eq!((filter.model, filter.page.limit, filter.agent_id.as_deref()), (None, Some(200), Some("a")));
    let first_empty = UsageFilter::from_query(&query(&[("agentId", ""), ("agentId", "b")])).unwrap();
    assert_eq!(first_empty.agent_id, None);
}

#[test]
fn runs_take_any_of_several_statuses_agents_and_projects() {
    let sent =
        [("status", "success"), ("status", ""), ("status", "failed"), ("agentId", "a"), ("agentId", "a")];
    let filter = RunFilter::from_query(&query(&sent)).unwrap();
    assert_eq!(filter.statuses, ["completed", "failed"]);
    assert_eq!((filter.agent_ids.as_slice(), filter.project_ids.len()), (["a".to_owned()].as_slice(), 0));
    assert_eq!(filter.order, Order::Descending);
    assert_eq!(RunFilter::from_query(&query(&[("order", "asc")])).unwrap().order, Order::Ascending);
    assert_refused(RunFilter::from_query(&query(&[("order", "up")])), InvalidKind::Parameter, "order", "up");
}

#[test]
fn the_dates_of_token_sums_are_days_of_the_zone_and_instants_stay_instants() {
    let sent = [("since", "2026-03-29"), ("until", "2026-03-29"), ("tz", "Europe/Berlin")];
    let filter = TokenStatsFilter::from_query(&query(&sent)).unwrap();
    assert_eq!(filter.since, Some(time("2026-03-28T23:00:00Z")));
    assert_eq!(filter.until, Some(time("2026-03-29T21:59:59.999999Z")), "a day of 23 hours");
    let sent = [("since", "2026-03-29T10:00:00Z"), ("until", "2026-03-29T10:00"), ("tz", "Asia/Kolkata")];
    let filter = TokenStatsFilter::from_query(&query(&sent)).unwrap();
    assert_eq!((filter.since, filter.until), (Some(time("2026-03-29T10:00:00Z")), filter.since));
    let only_zone = TokenStatsFilter::from_query(&query(&[("tz", "Asia/Kolkata")])).unwrap();
    assert!(only_zone.is_empty() && !filter.is_empty());
    let unknown = TokenStatsFilter::from_query(&query(&[("tz", "Mars/Base")]));
    assert_refused(unknown, InvalidKind::Parameter, "tz", "Mars/Base");
}

#[test]
fn a_series_needs_a_known_key_and_figures_need_runs() {
    assert_eq!(SeriesKey::from_query(&query(&[("by", "workspace")])), Ok(SeriesKey::Workspace));
    for by in ["", "day", "Model"] {
        assert_refused(SeriesKey::from_query(&query(&[("by", by)])), InvalidKind::Parameter, "by", by);
    }
    let ids = run_ids_from_query(&query(&[("ids", "b"), ("ids", "a"), ("ids", "b")]));
    assert_eq!(ids.unwrap(), ["b", "a"]);
    let many: Vec<String> = (0..201).map(|number| number.to_string()).collect();
    let pairs: Vec<(&str, &str)> = many.iter().map(|id| ("ids", id.as_str())).collect();
    assert_eq!(run_ids_from_query(&query(&pairs[..200])).unwrap().len(), 200);
    for sent in [&pairs[..], &[]] {
        assert_refused(run_ids_from_query(&query(sent)), InvalidKind::Parameter, "ids", "too many or none");
    }
}

#[test]
fn synonyms_are_read_in_filters_as_in_bodies() {
    let statuses =
        RunFilter::from_query(&query(&[("status", "success"), ("status", "nonsense")])).unwrap().statuses;
    assert_eq!(statuses, ["completed", "nonsense"]);
    assert_eq!(
        EventFilter::from_query(&query(&[("level", "warning"), ("level", "error")])).unwrap().levels,
        ["warn", "error"]
    );
}

#[test]
fn a_type_without_a_dot_matches_its_family() {
    assert_eq!(type_prefix("action").as_deref(), Some("action."));
    assert_eq!(type_prefix("action.set_status"), None);
    let filter =
        EventFilter::from_query(&query(&[("type", "action"), ("type", ""), ("type", "risk.high")])).unwrap();
    for (word, has) in [
        ("action", true),
        ("action.set_status", true),
        ("actions", false),
        ("risk", false),
        ("risk.high", true),
        ("risk.high.er", false),
    ] {
        assert_eq!(filter.has_type(word), has, "{word}");
    }
    assert!(EventFilter::default().has_type("any"));
}

#[test]
fn a_search_has_a_length_that_can_be_answered() {
    for (text, fits) in [
        ("x".repeat(400), true),
        ("x".repeat(401), false),
        ("词".repeat(400), true),
        ("a ".repeat(16), true),
        ("a ".repeat(17), false),
    ] {
        let outcome = EventFilter::from_query(&query(&[("q", &text)]));
        match outcome {
            Ok(filter) => assert!(fits && filter.q.as_ref() == Some(&text), "{text}"),
            refused => {
                assert!(!fits, "{text}");
                assert_refused(refused, InvalidKind::Parameter, "q", &text);
            }
        }
    }
}

#[test]
fn a_filter_takes_many_values_but_not_any_number() {
    let many: Vec<String> = (0..201).map(|number| number.to_string()).collect();
    let pairs: Vec<(&str, &str)> = many.iter().map(|id| ("projectId", id.as_str())).collect();
    assert_eq!(EventFilter::from_query(&query(&pairs[..200])).unwrap().project_ids.len(), 200);
    assert_refused(
        EventFilter::from_query(&query(&pairs)),
        InvalidKind::Parameter,
        "projectId",
        "201 projects",
    );
}

#[test]
fn times_are_read_with_the_plus_that_became_a_space() {
    for (sent, read) in [
        ("2026-02-11T14:30:00 08:00", "2026-02-11T06:30:00Z"),
        ("2026-02-11 14:30:00 0800", "2026-02-11T06:30:00Z"),
        ("2026-02-11 14:30", "2026-02-11T14:30:00Z"),
        ("2026-02-11", "2026-02-11"),
    ] {
        let filter = UsageFilter::from_query(&query(&[("since", sent)])).unwrap();
        assert_eq!(filter.since, Some(time(read)), "{sent}");
    }
    let until = TokenStatsFilter::from_query(&query(&[("until", "2026-02-11")])).unwrap().until;
    assert_eq!(until, Some(time("2026-02-11T23:59:59.999999Z")));
    for junk in ["yesterday", "2026-02-11T14:30:00  08:00", " "] {
        for name in ["since", "until"] {
            let outcome = EventFilter::from_query(&query(&[(name, junk)]));
            assert_refused(outcome, InvalidKind::Parameter, name, junk);
        }
    }
}

#[test]
fn enabled_is_read_in_all_its_words() {
    for (word, enabled) in [
        ("true", true),
        ("1", true),
        ("YES", true),
        ("On", true),
        ("false", false),
        ("0", false),
        ("no", false),
        ("OFF", false),
    ] {
        assert_eq!(
            EnabledFilter::from_query(&query(&[("enabled", word)])).unwrap().enabled,
            Some(enabled),
            "{word}"
        );
    }
    let junk = EnabledFilter::from_query(&query(&[("enabled", "maybe")]));
    assert_refused(junk, InvalidKind::Parameter, "enabled", "maybe");
}

#[test]
fn a_cursor_comes_back_as_it_was_given_out() {
    let cursor = Cursor { key: "2026-02-11T14:30:00.000000Z:日本".into(), row: -7 };
    let text = cursor.encode();
    assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
    assert_eq!(
        RunFilter::from_query(&query(&[("cursor", &text)])).unwrap().page.cursor,
        Some(cursor.clone())
    );
    for name in ["before", "cursor"] {
        let filter = EventFilter::from_query(&query(&[(name, &text)])).unwrap();
        assert_eq!(filter.before, Some(cursor.clone()), "{name}");
    }
    for junk in ["x", "====", "MTIz", "Ojo6", "é"] {
        assert_refused(
            RunFilter::from_query(&query(&[("cursor", junk)])),
            InvalidKind::Parameter,
            "cursor",
            junk,
        );
        assert_refused(
            EventFilter::from_query(&query(&[("before", junk)])),
            InvalidKind::Parameter,
            "before",
            junk,
        );
    }
}
