//! What the events that match are like, for choosing filters: counted in memory over the newest of them.

use std::collections::HashMap;

use pilotdeck_domain::EventFilter;
use pilotdeck_domain::stats::{EventFacets, Facet};
use rusqlite::Connection;

use super::newest;
use crate::Result;
use crate::search::Newest;

/// The newest so many events are counted.
const MOST_COUNTED: usize = 20_000;
/// The most values that one facet tells.
const MOST_VALUES: usize = 200;

/// What facets count of an event.
struct Facts {
    r#type: String,
    level: String,
    agent_id: Option<String>,
    project_id: Option<String>,
}

impl Facts {
    fn newest(conn: &Connection, filter: &EventFilter) -> Result<Newest<Self>> {
        newest(conn, filter, MOST_COUNTED, "type, level, agentId, projectId", |row| {
            Ok(Self {
                r#type: row.get(0)?,
                level: row.get(1)?,
                agent_id: row.get(2)?,
                project_id: row.get(3)?,
            })
        })
    }

    fn fits(&self, filter: &EventFilter) -> Fits {
        let is_meant = |id: &String| filter.agent_ids.contains(id);
        Fits {
            r#type: filter.has_type(&self.r#type),
            level: filter.levels.is_empty() || filter.levels.contains(&self.level),
            agent: filter.agent_ids.is_empty() || self.agent_id.as_ref().is_some_and(is_meant),
        }
    }
}

/// Which filters an event passes.
struct Fits {
    r#type: bool,
    level: bool,
    agent: bool,
}

/// What the newest events that match are like. Each list is counted without its own filter, projects over all in `reach`
/// (none: over all there are).
pub fn facets(conn: &Connection, filter: &EventFilter, reach: Option<&[String]>) -> Result<EventFacets> {
    let mut wide = EventFilter { before: None, ..filter.clone() };
    wide.types.clear();
    wide.levels.clear();
    wide.agent_ids.clear();
    let near = Facts::newest(conn, &wide)?;
    // Events of one project may be rare among all: the other facets are counted where they are, projects over all of them.
    wide.project_ids = reach.map(<[String]>::to_vec).unwrap_or_default();
    let far = if filter.project_ids == wide.project_ids { None } else { Some(Facts::newest(conn, &wide)?) };
    let all = far.as_ref().unwrap_or(&near);
    let (mut types, mut levels) = (Counts::default(), Counts::default());
    let (mut agents, mut projects) = (Counts::default(), Counts::default());
    for facts in &near.rows {
        let fits = facts.fits(filter);
        types.add_if(fits.level && fits.agent, Some(&facts.r#type));
        levels.add_if(fits.r#type && fits.agent, Some(&facts.level));
        agents.add_if(fits.r#type && fits.level, facts.agent_id.as_deref());
    }
    for facts in &all.rows {
        let fits = facts.fits(filter);
        projects.add_if(fits.r#type && fits.level && fits.agent, facts.project_id.as_deref());
    }
    Ok(EventFacets {
        types: types.finish(),
        levels: levels.finish(),
        agents: agents.finish(),
        projects: projects.finish(),
        counted: near.rows.len() as u64,
        complete: near.next.is_none() && all.next.is_none(),
    })
}

#[derive(Default)]
struct Counts<'r>(HashMap<&'r str, u64>);

impl<'r> Counts<'r> {
    fn add_if(&mut self, fits: bool, value: Option<&'r str>) {
        if let Some(value) = value.filter(|value| fits && !value.is_empty()) {
            *self.0.entry(value).or_default() += 1;
        }
    }

    fn finish(self) -> Vec<Facet> {
        let facet = |(value, count): (&str, u64)| Facet { value: value.to_owned(), count };
        let mut facets: Vec<Facet> = self.0.into_iter().map(facet).collect();
        facets.sort_unstable_by(|one, other| {
            other.count.cmp(&one.count).then_with(|| one.value.cmp(&other.value))
        });
        facets.truncate(MOST_VALUES);
        facets
    }
}
