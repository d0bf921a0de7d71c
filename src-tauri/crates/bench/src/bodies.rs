//! What the agents of the benchmark send: a small team's events and usage records, each made from its number alone, so
//! that the sums to expect can be worked out without asking the server.

use std::fmt::Write as _;
use std::io::Write;

/// Projects in the list.
pub(crate) const PROJECTS: u64 = 200;
/// Projects that agents work on.
const BUSY_PROJECTS: u64 = 12;
const AGENTS: u64 = 24;
const MODELS: [&str; 4] = ["large-2", "large-2-fast", "small-1", "local-7b"];
/// Usage is spread over thirty days from 2026-01-01 on.
const MONTH_SECONDS: u64 = 30 * 24 * 3600;

/// The project whose timeline and sums are asked for.
pub(crate) const HOT_PROJECT: u64 = 7;
/// A range with an incomplete hour at each end.
pub(crate) const SINCE: &str = "2026-01-10T09:20:00Z";
pub(crate) const UNTIL: &str = "2026-01-17T16:40:00Z";
const SINCE_SECOND: u64 = (9 * 24 + 9) * 3600 + 20 * 60;
const UNTIL_SECOND: u64 = (16 * 24 + 16) * 3600 + 40 * 60;

/// Writes a batch: the first number and how many.
pub(crate) type WriteRows = fn(u64, u64, &mut Vec<u8>);

pub(crate) fn project_id(number: u64) -> String {
    format!("bench-{number:03}")
}

pub(crate) fn write_project(number: u64, out: &mut Vec<u8>) {
    let _ = write!(
        out,
        r#"{{"id":"bench-{number:03}","name":"Project {number}","status":"in-progress","priority":"high","progress":{},"category":"platform","description":"Moves the importer to the new parser and measures it.","tags":["backend","measured"],"budget":12000,"cost":{{"total":{}}}}}"#,
        number % 100,
        number * 10,
    );
}

/// An event as an agent reports a step of its work: about 400 bytes.
pub(crate) fn write_event(number: u64, out: &mut Vec<u8>) {
    let agent = number % AGENTS;
    let _ = write!(
        out,
        r#"{{"projectId":"bench-{:03}","runId":"run-{:04}","agentId":"agent-{agent:02}","type":"action","level":"info","title":"Ran the tests of the importer","message":"All 214 tests pass; the slowest took 1.3 s. Next: measure the parser on the large file.","data":{{"step":{number},"command":"cargo test","files":["src/import.rs","src/parse.rs"],"exitCode":0,"durationMs":{}}}}}"#,
        agent % BUSY_PROJECTS,
        number / 200 % 500,
        number % 9000,
    );
}

/// `{"events":[…]}`
pub(crate) fn write_events(first: u64, count: u64, out: &mut Vec<u8>) {
    write_list("events", first, count, out, write_event);
}

/// A usage record of some second of the month: a history that comes in out of order.
fn write_past_usage(number: u64, out: &mut Vec<u8>) {
    write_usage_at(&usage_time(number), number, out);
}

/// A usage record of the moment, as agents report it while they work.
pub(crate) fn write_usage(number: u64, out: &mut Vec<u8>) {
    write_usage_at(&reported_time(number), number, out);
}

fn write_usage_at(time: &str, number: u64, out: &mut Vec<u8>) {
    let agent = number % AGENTS;
    let prompt = 800 + number % 4000;
    let completion = 100 + number % 900;
    let _ = write!(
        out,
        r#"{{"ts":"{}","projectId":"bench-{:03}","runId":"run-{:04}","agentId":"agent-{agent:02}","workspace":"E:/work/{}","source":"opencode","model":"{}","promptTokens":{prompt},"completionTokens":{completion},"totalTokens":{},"cost":0.0{}}}"#,
        time,
        agent % BUSY_PROJECTS,
        number / 200 % 500,
        agent % 3,
        MODELS[(agent % 4) as usize],
        prompt + completion,
        10 + number % 90,
    );
}

/// `{"records":[…]}`, of the moment.
pub(crate) fn write_usages(first: u64, count: u64, out: &mut Vec<u8>) {
    write_list("records", first, count, out, write_usage);
}

/// `{"records":[…]}`, of a past month and out of order.
pub(crate) fn write_past_usages(first: u64, count: u64, out: &mut Vec<u8>) {
    write_list("records", first, count, out, write_past_usage);
}

fn write_list(name: &str, first: u64, count: u64, out: &mut Vec<u8>, item: fn(u64, &mut Vec<u8>)) {
    let _ = write!(out, "{{\"{name}\":[");
    for number in first..first + count {
        if number > first {
            out.push(b',');
        }
        item(number, out);
    }
    out.extend_from_slice(b"]}");
}

fn usage_second(number: u64) -> u64 {
    // 7919 is prime to the length of the month: the seconds are visited evenly and out of order, as real reports come.
    number * 7919 % MONTH_SECONDS
}

fn usage_time(number: u64) -> String {
    time_in_month(1, usage_second(number))
}

/// Twenty records a second, from 2026-02-01 on.
pub(crate) fn reported_time(number: u64) -> String {
    time_in_month(2, number / 20)
}

fn time_in_month(month: u64, second: u64) -> String {
    let mut text = String::with_capacity(20);
    let _ = write!(
        text,
        "2026-{month:02}-{:02}T{:02}:{:02}:{:02}Z",
        second / 86_400 + 1,
        second / 3600 % 24,
        second / 60 % 60,
        second % 60
    );
    text
}

/// How many of the first `count` usage records a query must find.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Selection {
    All,
    HotProject,
    SinceUntil,
}

impl Selection {
    pub(crate) fn expected(self, count: u64) -> u64 {
        let matches = |number: &u64| match self {
            Selection::All => true,
            Selection::HotProject => number % AGENTS % BUSY_PROJECTS == HOT_PROJECT,
            Selection::SinceUntil => (SINCE_SECOND..=UNTIL_SECOND).contains(&usage_second(*number)),
        };
        (0..count).filter(matches).count() as u64
    }

    pub(crate) fn query(self) -> String {
        match self {
            Selection::All => String::new(),
            Selection::HotProject => format!("?projectId={}", project_id(HOT_PROJECT)),
            Selection::SinceUntil => format!("?since={SINCE}&until={UNTIL}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_is_json() {
        for write in [
            write_project,
            write_event,
            write_usage,
            |number, out: &mut Vec<u8>| write_events(number, 3, out),
            |number, out: &mut Vec<u8>| write_usages(number, 3, out),
        ] {
            let mut out = Vec::new();
            write(123_456, &mut out);
            serde_json::from_slice::<serde_json::Value>(&out).unwrap();
        }
    }

    #[test]
    fn the_range_begins_and_ends_inside_an_hour_of_the_month() {
        assert_eq!(usage_time(0), "2026-01-01T00:00:00Z");
        let expected = (0..50_000)
            .filter(|number| (SINCE..=UNTIL).contains(&usage_time(*number).as_str()))
            .count() as u64;
        assert_eq!(Selection::SinceUntil.expected(50_000), expected);
    }
}
