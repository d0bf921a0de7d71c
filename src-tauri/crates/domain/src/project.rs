//! A project: what people and agents work on (contract §4.1).

use serde::Serialize;
use serde_json::{Number, Value};
use utoipa::ToSchema;

use crate::fields::{Fields, no_synonym};
use crate::numbers::{same_number, zero};
use crate::words::{PRIORITIES, PROJECT_STATUSES};
use crate::{Document, Invalid, Map, Timestamp, client_id};

/// A project.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Its id.
    pub id: String,
    /// Its name, as typed.
    pub name: String,
    /// One of `planning in-progress paused completed cancelled`; an imported one may be any word.
    pub status: String,
    /// One of `low medium high urgent`; an imported one may be any word.
    pub priority: String,
    /// Percent done, 0 to 100.
    pub progress: i64,
    /// What it belongs to.
    #[schema(required)]
    pub category: Option<String>,
    /// What it is about.
    pub description: String,
    /// What people and agents noted.
    pub notes: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// `{total}` and whatever else was sent.
    #[schema(value_type = MoneyObject)]
    pub cost: Map,
    /// `{total}` and whatever else was sent.
    #[schema(value_type = MoneyObject)]
    pub revenue: Map,
    /// Money planned.
    #[schema(value_type = f64)]
    pub budget: Number,
    /// Money spent; follows `cost.total` while the two are equal.
    #[schema(value_type = f64)]
    pub actual_cost: Number,
    /// Address of a repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub github: Option<String>,
    /// Path of a folder; never opened by the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub workspace: Option<String>,
    /// Incomes and expenses, as the web client keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<std::collections::HashMap<String, Value>>>, nullable = false)]
    pub orders: Option<Vec<Value>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Fields that PilotDeck does not know, as sent.
    #[serde(flatten)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub extra: Map,
}

/// Money with whatever else a client keeps beside it.
#[derive(Serialize, ToSchema)]
#[schema(as = Money)]
pub(crate) struct MoneyObject {
    /// The amount.
    total: f64,
    #[serde(flatten)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    extra: Map,
}

impl Project {
    /// A new project from what a client sent; its id is the client's or else `fresh_id`.
    pub fn create(body: Map, fresh_id: String, now: Timestamp) -> Result<Self, Invalid> {
        let id = client_id(&body, "id")?.unwrap_or(fresh_id);
        let mut project = Self::blank(id, now);
        project.read(Fields::create(body))?;
        Ok(project)
    }

    /// Changes the fields that `patch` names; an error changes nothing.
    pub fn patch(&mut self, patch: Map) -> Result<(), Invalid> {
        let mut changed = self.clone();
        changed.read(Fields::patch(patch))?;
        *self = changed;
        Ok(())
    }

    /// A project as it is stored. Never fails: what an older server kept stays.
    #[must_use]
    pub fn from_document(document: Map) -> Self {
        let mut project = Self::blank(String::new(), Timestamp::from_micros(0));
        // Reading a stored record refuses nothing.
        let _ = project.read(Fields::stored(document));
        project
    }

    /// The form in which it is stored and sent.
    #[must_use]
    pub fn to_document(&self) -> Document {
        Document::of(self)
    }

    fn blank(id: String, now: Timestamp) -> Self {
        Self {
            id,
            name: String::new(),
            status: String::new(),
            priority: String::new(),
            progress: 0,
            category: None,
            description: String::new(),
            notes: String::new(),
            tags: Vec::new(),
            cost: Map::new(),
            revenue: Map::new(),
            budget: zero(),
            actual_cost: zero(),
            github: None,
            workspace: None,
            orders: None,
            created_at: now,
            updated_at: now,
            extra: Map::new(),
        }
    }

    fn read(&mut self, mut fields: Fields) -> Result<(), Invalid> {
        fields.identity(&mut self.id, &mut self.created_at, &mut self.updated_at)?;
        fields.required_text("name", &mut self.name)?;
        fields.word("status", &mut self.status, &PROJECT_STATUSES, "planning", no_synonym)?;
        fields.word("priority", &mut self.priority, &PRIORITIES, "medium", no_synonym)?;
        fields.clamped("progress", &mut self.progress, 0, 100)?;
        fields.opt_text("category", &mut self.category)?;
        fields.text("description", &mut self.description, "")?;
        fields.text("notes", &mut self.notes, "")?;
        fields.tags("tags", &mut self.tags)?;
        self.read_money(&mut fields)?;
        for (name, slot) in [("github", &mut self.github), ("workspace", &mut self.workspace)] {
            let before = slot.clone();
            fields.opt_text(name, slot)?;
            // `""` clears the field, unless that is how an older server kept it.
            if slot.as_deref() == Some("") && !fields.is_stored() && *slot != before {
                *slot = None;
            }
        }
        fields.objects("orders", &mut self.orders)?;
        fields.finish(&mut self.extra);
        Ok(())
    }

    fn read_money(&mut self, fields: &mut Fields) -> Result<(), Invalid> {
        let follows = !fields.is_patch() || same_number(&self.actual_cost, &total(&self.cost));
        fields.money_object("cost", &mut self.cost)?;
        fields.money_object("revenue", &mut self.revenue)?;
        fields.money("budget", &mut self.budget, &["planned", "total", "amount"])?;
        fields.alias("actualCost", "actual_cost");
        if fields.has("actualCost") {
            return fields.money("actualCost", &mut self.actual_cost, &[]);
        }
        fields.discard("actualCost");
        if follows {
            self.actual_cost = total(&self.cost);
        }
        Ok(())
    }
}

fn total(money: &Map) -> Number {
    match money.get("total") {
        Some(Value::Number(total)) => total.clone(),
        _ => zero(),
    }
}
