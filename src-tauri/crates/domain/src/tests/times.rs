//! Times (§1.4).

use chrono::TimeDelta;

use super::time;
use crate::Timestamp;

#[test]
fn every_form_of_the_contract_is_read_and_written_in_one_form() {
    for (sent, stored) in [
        ("2026-02-11T14:30:00Z", "2026-02-11T14:30:00.000000Z"),
        ("2026-02-11 14:30:00", "2026-02-11T14:30:00.000000Z"),
        ("2026-02-11t14:30:00z", "2026-02-11T14:30:00.000000Z"),
        ("2026-02-11T14:30", "2026-02-11T14:30:00.000000Z"),
        ("2026-02-11", "2026-02-11T00:00:00.000000Z"),
        ("2026-02-11T14:30:00.5Z", "2026-02-11T14:30:00.500000Z"),
        ("2026-02-11T14:30:00.123456789Z", "2026-02-11T14:30:00.123456Z"),
        ("2026-02-11T14:30:00+08:00", "2026-02-11T06:30:00.000000Z"),
        ("2026-02-11T14:30:00-0330", "2026-02-11T18:00:00.000000Z"),
        ("2026-02-11T14:30:00.834408+00:00", "2026-02-11T14:30:00.834408Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999Z"),
    ] {
        assert_eq!(time(sent).to_string(), stored, "{sent}");
    }
}

#[test]
fn anything_else_is_no_time() {
    for text in [
        "",
        " ",
        "yesterday",
        "2026/01/07",
        "5",
        "1770820200",
        "2026-02-30",
        "2025-02-29",
        "2026-13-01",
        "2026-02-11T24:00:00Z",
        "2026-02-11T14:60:00Z",
        "2026-02-11T14:30:61Z",
        "2026-02-11T14",
        "2026-02-11T",
        "2026-02-11Z",
        "2026-02-11T14:30:00.Z",
        "2026-02-11T14:30:00.1234567890Z",
        "2026-02-11T14:30:00+8",
        "2026-02-11T14:30:00+08",
        "2026-02-11T14:30:00+24:00",
        "2026-02-11T14:30:00+08:60",
        "2026-02-11T14:30:00 08:00",
        "2026-02-11T14:30:00ZZ",
        " 2026-02-11T14:30:00Z",
        "2026-02-11T14:30:00Z ",
        "+2026-02-11",
        "12026-02-11",
        "2026-2-11",
        "２０２６-02-11",
        "0000-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
    ] {
        assert_eq!(Timestamp::parse(text), None, "{text:?}");
    }
}

#[test]
fn until_a_date_means_the_end_of_that_day_and_until_a_time_means_that_time() {
    assert_eq!(Timestamp::parse_until("2026-02-11").unwrap().to_string(), "2026-02-11T23:59:59.999999Z");
    assert_eq!(Timestamp::parse_until("9999-12-31").unwrap().to_string(), "9999-12-31T23:59:59.999999Z");
    assert_eq!(Timestamp::parse_until("2026-02-11T00:00:00"), Timestamp::parse("2026-02-11"));
    assert_eq!(Timestamp::parse_until("soon"), None);
}

#[test]
fn a_text_without_an_offset_means_what_the_importer_says() {
    let in_shanghai = |local: chrono::NaiveDateTime| {
        Some(Timestamp::from_micros((local - TimeDelta::hours(8)).and_utc().timestamp_micros()))
    };
    let read = |text| Timestamp::parse_with(text, &in_shanghai).map(|time| time.to_string());
    assert_eq!(read("2026-02-11T08:00:00").as_deref(), Some("2026-02-11T00:00:00.000000Z"));
    assert_eq!(read("2026-02-11").as_deref(), Some("2026-02-10T16:00:00.000000Z"));
    assert_eq!(read("2026-02-11T08:00:00Z").as_deref(), Some("2026-02-11T08:00:00.000000Z"));
}

#[test]
fn text_order_is_time_order_at_the_edges_too() {
    let times =
        [i64::MIN, -1, 0, 999_999, 1_000_000, 1_770_820_200_000_000, i64::MAX].map(Timestamp::from_micros);
    let texts = times.map(|time| time.to_string());
    assert!(texts.is_sorted(), "{texts:?}");
    assert!(texts.iter().all(|text| text.len() == 27), "{texts:?}");
    let last = Timestamp::from_micros(i64::MAX);
    assert_eq!((last.next(), last.plus_seconds(i64::MAX)), (last, last), "the end of time has no successor");
}

#[test]
fn hours_and_days_are_floored_before_1970_as_well() {
    let before = time("1969-12-31T23:30:00Z");
    assert_eq!(before.hour(), time("1969-12-31T23:00:00Z"));
    assert_eq!(before.day(), "1969-12-31");
    assert_eq!(before.next().micros(), before.micros() + 1);
    assert_eq!(before.plus_seconds(1_800), Timestamp::from_micros(0));
}

#[test]
fn a_time_goes_through_json_as_its_text() {
    let text = serde_json::to_string(&time("2026-02-11")).unwrap();
    assert_eq!(text, "\"2026-02-11T00:00:00.000000Z\"");
    assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap(), time("2026-02-11"));
    assert!(serde_json::from_str::<Timestamp>("\"soon\"").is_err());
}
