//! Queries: limits, times, words, cursors (§1.6).

use super::{assert_refused, time};
use crate::{
    Cursor, EnabledFilter, EventFilter, InvalidKind, ProjectFilter, RunFilter, TokenStatsFilter, UsageFilter,
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
        RunFilter::from_query(&query(&[("status", ""), ("limit", ""), ("agentId", "a"), ("agentId", "b")]))
            .unwrap();
    assert_eq!((filter.status, filter.page.limit, filter.agent_id.as_deref()), (None, Some(50), Some("a")));
    let first_empty = RunFilter::from_query(&query(&[("agentId", ""), ("agentId", "b")])).unwrap();
    assert_eq!(first_empty.agent_id, None);
}

#[test]
fn synonyms_are_read_in_filters_as_in_bodies() {
    let status = |word| RunFilter::from_query(&query(&[("status", word)])).unwrap().status.unwrap();
    assert_eq!((status("success").as_str(), status("nonsense").as_str()), ("completed", "nonsense"));
    assert_eq!(
        EventFilter::from_query(&query(&[("level", "warning")])).unwrap().level.as_deref(),
        Some("warn")
    );
}

#[test]
fn a_type_without_a_dot_matches_its_family() {
    let prefix = |word| EventFilter::from_query(&query(&[("type", word)])).unwrap().type_prefix();
    assert_eq!(prefix("action").as_deref(), Some("action."));
    assert_eq!(prefix("action.set_status"), None);
    assert_eq!(EventFilter::default().type_prefix(), None);
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
