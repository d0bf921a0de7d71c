//! The figures of the first screen. Hours come from memory, parts of hours from the records, signs of projects by index.

use std::collections::BTreeMap;

use pilotdeck_domain::overview::{ActivityDay, FailedRun, OverviewPeriod, Period, ProjectSigns, Span, Spans};
use pilotdeck_domain::stats::round_money;
use pilotdeck_domain::{Number, Timestamp, Zone};
use rusqlite::{Connection, OptionalExtension};

use crate::days::{DayOf, When};
use crate::rollups::UsageSum;
use crate::token_stats::{first_whole_hour, records_between};
use crate::{Error, Result};

/// Events and the errors among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct EventSum {
    pub(crate) events: u64,
    pub(crate) errors: u64,
}

impl EventSum {
    pub(crate) fn add(&mut self, other: EventSum) {
        self.events += other.events;
        self.errors += other.errors;
    }

    fn less(self, other: EventSum) -> EventSum {
        EventSum {
            events: self.events.saturating_sub(other.events),
            errors: self.errors.saturating_sub(other.errors),
        }
    }
}

/// Usage and events by the hour, as they were in memory a moment ago.
pub struct Hourly {
    pub(crate) events: BTreeMap<Timestamp, EventSum>,
    pub(crate) usage: BTreeMap<Timestamp, UsageSum>,
}

/// What came in during a period, against the one before.
pub fn period(conn: &Connection, hourly: &Hourly, spans: Spans) -> Result<OverviewPeriod> {
    let both = [spans.current, spans.before];
    let [events, events_before] = both.map(|span| hourly.events_in(conn, span));
    let [usage, usage_before] = both.map(|span| hourly.usage_in(conn, span));
    let [runs, runs_before] = both.map(|span| runs_in(conn, span));
    let (events, events_before, usage, usage_before) = (events?, events_before?, usage?, usage_before?);
    Ok(OverviewPeriod {
        events: count(events.events, events_before.events),
        failures: count(events.errors, events_before.errors),
        runs: count(runs?, runs_before?),
        tokens: count(usage.total_tokens.unsigned_abs(), usage_before.total_tokens.unsigned_abs()),
        cost: Period { current: money(usage.cost), before: money(usage_before.cost) },
    })
}

fn count(current: u64, before: u64) -> Period {
    Period { current: current.into(), before: before.into() }
}

fn money(sum: f64) -> Number {
    Number::from_f64(round_money(sum)).unwrap_or_else(|| 0.into())
}

impl Hourly {
    fn events_in(&self, conn: &Connection, span: Span) -> Result<EventSum> {
        let mut sum = EventSum::default();
        let (whole, parts) = whole_and_parts(span);
        for hour in self.events.range(whole.from..whole.to) {
            sum.add(*hour.1);
        }
        for part in parts {
            sum.add(self.events_of_part(conn, part)?);
        }
        Ok(sum)
    }

    fn usage_in(&self, conn: &Connection, span: Span) -> Result<UsageSum> {
        let mut sum = UsageSum::default();
        let (whole, parts) = whole_and_parts(span);
        for hour in self.usage.range(whole.from..whole.to) {
            sum.add(hour.1);
        }
        for part in parts {
            if part.from < part.to && self.usage.range(part.from.hour()..part.to).next().is_some() {
                sum.add(&records_between(conn, part.from, part.to)?);
            }
        }
        Ok(sum)
    }

    /// The events of less than an hour. What memory says of its hour spares most of the looking.
    fn events_of_part(&self, conn: &Connection, part: Span) -> Result<EventSum> {
        let mut hour = EventSum::default();
        if part.from < part.to {
            for (_, sum) in self.events.range(part.from.hour()..part.to) {
                hour.add(*sum);
            }
        }
        if hour.events == 0 {
            return Ok(hour);
        }
        // The index knows the times alone; the level costs a look at each row.
        let sql = if hour.errors == 0 {
            "SELECT count(*), 0 FROM agent_events WHERE ts >= ?1 AND ts < ?2"
        } else {
            "SELECT count(*), count(*) FILTER (WHERE level = 'error') FROM agent_events WHERE ts >= ?1 AND ts < ?2"
        };
        Ok(conn.prepare_cached(sql)?.query_row(bounds(part), |row| {
            Ok(EventSum {
                events: row.get::<_, i64>(0)?.unsigned_abs(),
                errors: row.get::<_, i64>(1)?.unsigned_abs(),
            })
        })?)
    }

    /// Events by day of the zone.
    pub fn activity(&self, conn: &Connection, span: Span, zone: Zone) -> Result<Vec<ActivityDay>> {
        let mut days = BTreeMap::<_, EventSum>::new();
        let mut day_of = DayOf::new(zone);
        for (&hour, &sum) in self.events.range(span.from.hour()..span.to.max(span.from.hour())) {
            if let Some(day) = day_of.find(When::Hour(hour)) {
                days.entry(day).or_default().add(sum);
                continue;
            }
            let day = zone.day(hour);
            let part = Span { from: hour, to: zone.end_of(day).next() };
            let first = self.events_of_part(conn, part)?;
            days.entry(day).or_default().add(first);
            days.entry(zone.day(part.to)).or_default().add(sum.less(first));
        }
        let within = zone.day(span.from);
        let days = days.into_iter().filter(|(day, sum)| *day >= within && sum.events > 0);
        Ok(days
            .map(|(day, sum)| ActivityDay { day: day.to_string(), events: sum.events, failures: sum.errors })
            .collect())
    }
}

/// The whole hours inside a span, and what is left before and after them.
fn whole_and_parts(span: Span) -> (Span, [Span; 2]) {
    let (first, last) = (first_whole_hour(span.from), span.to.hour());
    if first < last {
        let parts = [Span { from: span.from, to: first }, Span { from: last, to: span.to }];
        return (Span { from: first, to: last }, parts);
    }
    let none = Span { from: span.to, to: span.to };
    (none, [span, none])
}

fn bounds(span: Span) -> [String; 2] {
    [span.from, span.to].map(|time| time.to_string())
}

fn runs_in(conn: &Connection, span: Span) -> Result<u64> {
    let mut statement =
        conn.prepare_cached("SELECT count(*) FROM agent_runs WHERE createdAt >= ?1 AND createdAt < ?2")?;
    let count: i64 = statement.query_row(bounds(span), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// How many runs are running.
pub fn running(conn: &Connection) -> Result<u64> {
    let mut statement = conn.prepare_cached("SELECT count(*) FROM agent_runs WHERE status = 'running'")?;
    let count: i64 = statement.query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// What is known of every project that is neither completed nor cancelled, in the manual order.
pub fn project_signs(conn: &Connection) -> Result<Vec<ProjectSigns>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, ifnull(status, '') AS word, ifnull(budget, 0.0),
           max(ifnull(actualCost, 0.0), ifnull(CAST(payload_json ->> '$.cost.total' AS REAL), 0.0)), updatedAt
         FROM projects WHERE word NOT IN ('completed', 'cancelled') ORDER BY sortOrder, createdAt, seq",
    )?;
    let mut rows = statement.query([])?;
    let mut projects = Vec::new();
    while let Some(row) = rows.next()? {
        let mut signs = ProjectSigns {
            project_id: row.get(0)?,
            name: row.get(1)?,
            status: row.get(2)?,
            budget: row.get(3)?,
            spent: row.get(4)?,
            last_sign: Timestamp::parse(&row.get::<_, String>(5)?),
            ..ProjectSigns::default()
        };
        add_newest_run(conn, &mut signs)?;
        signs.last_sign = signs.last_sign.max(last_event(conn, &signs.project_id)?);
        projects.push(signs);
    }
    Ok(projects)
}

fn add_newest_run(conn: &Connection, signs: &mut ProjectSigns) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT id, title, agentId, finishedAt, updatedAt, status FROM agent_runs WHERE projectId = ?1
         ORDER BY createdAt DESC, seq DESC LIMIT 1",
    )?;
    let newest = statement
        .query_row([&signs.project_id], |row| {
            let run = FailedRun {
                run_id: row.get(0)?,
                title: row.get(1)?,
                agent_id: row.get(2)?,
                ended_at: row.get::<_, Option<String>>(3)?.as_deref().and_then(Timestamp::parse),
            };
            Ok((run, row.get::<_, String>(4)?, row.get::<_, Option<String>>(5)?))
        })
        .optional()?;
    if let Some((mut run, updated_at, status)) = newest {
        let updated_at = Timestamp::parse(&updated_at);
        signs.last_sign = signs.last_sign.max(updated_at);
        if status.as_deref() == Some("failed") {
            run.ended_at = run.ended_at.or(updated_at);
            signs.failed_run = Some(run);
        }
    }
    Ok(())
}

fn last_event(conn: &Connection, project_id: &str) -> Result<Option<Timestamp>> {
    let mut statement = conn.prepare_cached("SELECT max(ts) FROM agent_events WHERE projectId = ?1")?;
    let last: Option<String> = statement.query_row([project_id], |row| row.get(0)).map_err(Error::from)?;
    Ok(last.as_deref().and_then(Timestamp::parse))
}
