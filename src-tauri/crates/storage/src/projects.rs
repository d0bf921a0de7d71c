//! The table `projects`.

use pilotdeck_domain::stats::{Financial, ProjectStats, round_money};
use pilotdeck_domain::{Document, Map, Project, ProjectFilter, Timestamp};
use rusqlite::{Connection, params};

use crate::query::{Where, contains_pattern};
use crate::records::{self, ListQuery};
use crate::writer::WriteTx;
use crate::{Change, Kind, Listing, Op, Result, meta, runs};

const FIND: &str = "SELECT payload_json FROM projects WHERE id = ?1";
/// The manual order, then `createdAt`, as one text: order numbers are never negative and have 19 digits at most.
const ORDER_KEY: &str = "format('%019d', sortOrder) || createdAt";

/// The project `id`.
pub fn find(conn: &Connection, id: &str) -> Result<Option<Project>> {
    Ok(records::find_map(conn, FIND, id)?.map(Project::from_document))
}

/// The project `id` as it is stored.
pub fn find_document(conn: &Connection, id: &str) -> Result<Option<Document>> {
    records::find_document(conn, FIND, id)
}

/// Adds a project at the end of the manual order.
pub fn insert(tx: &mut WriteTx<'_>, project: &Project) -> Result<Document> {
    let place: i64 = tx
        .prepare_cached("SELECT ifnull(max(sortOrder) + 1, 0) FROM projects")?
        .query_row([], |row| row.get(0))?;
    insert_at(tx, project, place)
}

/// Adds a project at a place of the manual order.
pub(crate) fn insert_at(tx: &mut WriteTx<'_>, project: &Project, place: i64) -> Result<Document> {
    let document = project.to_document();
    tx.prepare_cached(
        "INSERT INTO projects (id, sortOrder, name, status, priority, category, progress, budget, actualCost,
           createdAt, updatedAt, payload_json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        project.id,
        place,
        project.name,
        project.status,
        project.priority,
        project.category,
        project.progress,
        project.budget.as_f64(),
        project.actual_cost.as_f64(),
        project.created_at.to_string(),
        project.updated_at.to_string(),
        document.as_str(),
    ])?;
    changed(tx, Op::Created, &project.id, project.updated_at, Some(document.clone()))?;
    Ok(document)
}

/// Writes a changed project.
pub fn update(tx: &mut WriteTx<'_>, project: &Project) -> Result<Document> {
    let document = project.to_document();
    tx.prepare_cached(
        "UPDATE projects SET name = ?2, status = ?3, priority = ?4, category = ?5, progress = ?6, budget = ?7,
           actualCost = ?8, createdAt = ?9, updatedAt = ?10, payload_json = ?11
         WHERE id = ?1",
    )?
    .execute(params![
        project.id,
        project.name,
        project.status,
        project.priority,
        project.category,
        project.progress,
        project.budget.as_f64(),
        project.actual_cost.as_f64(),
        project.created_at.to_string(),
        project.updated_at.to_string(),
        document.as_str(),
    ])?;
    changed(tx, Op::Updated, &project.id, project.updated_at, Some(document.clone()))?;
    Ok(document)
}

/// Deletes a project; its runs stay and lose the link. False when there was none.
pub fn delete(tx: &mut WriteTx<'_>, id: &str) -> Result<bool> {
    if tx.prepare_cached("DELETE FROM projects WHERE id = ?1")?.execute([id])? == 0 {
        return Ok(false);
    }
    runs::unlink_project(tx, id)?;
    let now = tx.stamp();
    changed(tx, Op::Deleted, id, now, None)?;
    Ok(true)
}

fn changed(tx: &mut WriteTx<'_>, op: Op, id: &str, at: Timestamp, document: Option<Document>) -> Result<()> {
    meta::set(tx, meta::PROJECTS_LAST_UPDATED, &at.to_string())?;
    tx.publish(Change {
        kind: Kind::Project,
        op,
        id: id.to_owned(),
        project_id: Some(id.to_owned()),
        run_id: None,
        document,
    });
    Ok(())
}

/// The projects that match, in the manual order.
pub fn list(conn: &Connection, filter: &ProjectFilter) -> Result<Listing> {
    let mut conditions = Where::default();
    conditions.and_text("status = ?", filter.status.as_deref());
    conditions.and_text("priority = ?", filter.priority.as_deref());
    conditions.and_text("category = ?", filter.category.as_deref());
    conditions.and_text(
        "EXISTS (SELECT 1 FROM json_each(payload_json, '$.tags') WHERE value = ?)",
        filter.tag.as_deref(),
    );
    conditions.and_text(
        "(id || char(10) || name || char(10) || ifnull(category, '') || char(10)
          || ifnull(payload_json ->> '$.description', '') || char(10)
          || ifnull(payload_json ->> '$.notes', '') || char(10) || (payload_json -> '$.tags')) LIKE ? ESCAPE '\\'",
        filter.q.as_deref().map(contains_pattern).as_deref(),
    );
    ListQuery { table: "projects", key: ORDER_KEY, descending: false, conditions, count_all: true }
        .run(conn, &filter.page)
}

/// Puts `ids` first, in this order; unknown and repeated ids are ignored, the others follow as they were.
pub fn reorder(tx: &mut WriteTx<'_>, ids: &[String]) -> Result<()> {
    let mut rest: Vec<String> = tx
        .prepare_cached("SELECT id FROM projects ORDER BY sortOrder, createdAt, seq")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut order = Vec::with_capacity(rest.len());
    for id in ids {
        if let Some(place) = rest.iter().position(|known| known == id) {
            order.push(rest.remove(place));
        }
    }
    order.append(&mut rest);
    {
        let mut place_at =
            tx.prepare_cached("UPDATE projects SET sortOrder = ?2 WHERE id = ?1 AND sortOrder <> ?2")?;
        for (place, id) in (0_i64..).zip(&order) {
            place_at.execute(params![id, place])?;
        }
    }
    let now = tx.stamp();
    meta::set(tx, meta::PROJECTS_LAST_UPDATED, &now.to_string())?;
    tx.publish(Change {
        kind: Kind::Order,
        op: Op::Updated,
        id: String::new(),
        project_id: None,
        run_id: None,
        document: None,
    });
    Ok(())
}

/// How many projects there are.
pub fn count(conn: &Connection) -> Result<u64> {
    let count: i64 = conn.prepare_cached("SELECT count(*) FROM projects")?.query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// The last change to projects or their order.
pub fn last_updated(conn: &Connection) -> Result<Option<Timestamp>> {
    meta::find_time(conn, meta::PROJECTS_LAST_UPDATED)
}

/// Counts and money over all projects.
pub fn stats(conn: &Connection) -> Result<ProjectStats> {
    let (total_budget, total_cost, total_revenue): (f64, f64, f64) = conn
        .prepare_cached(
            "SELECT total(budget), total(payload_json ->> '$.cost.total'), total(payload_json ->> '$.revenue.total')
             FROM projects",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(ProjectStats {
        total: count(conn)?,
        by_status: count_by(conn, "SELECT status, count(*) FROM projects GROUP BY 1")?,
        by_priority: count_by(conn, "SELECT priority, count(*) FROM projects GROUP BY 1")?,
        by_category: count_by(
            conn,
            "SELECT ifnull(nullif(category, ''), 'uncategorized'), count(*) FROM projects GROUP BY 1",
        )?,
        financial: Financial {
            total_budget: round_money(total_budget),
            total_cost: round_money(total_cost),
            total_revenue: round_money(total_revenue),
            net_profit: round_money(total_revenue - total_cost),
        },
    })
}

fn count_by(conn: &Connection, sql: &str) -> Result<Map> {
    let mut counts = Map::new();
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let word: Option<String> = row.get(0)?;
        counts.insert(word.unwrap_or_default(), row.get::<_, i64>(1)?.into());
    }
    Ok(counts)
}
