//! Projects (§4.1): coercion, refusals, money, patches, imported oddities.

use serde_json::{Value, json};

use super::{assert_bad_field, assert_has, assert_refused, fields, now, object, read};
use crate::{Invalid, InvalidKind, Project};

fn create(body: Value) -> Result<Project, Invalid> {
    Project::create(object(body), "proj-fresh".into(), now())
}

fn named(mut body: Value) -> Result<Project, Invalid> {
    body["name"] = json!("n");
    create(body)
}

fn imported(document: &str) -> Project {
    Project::from_document(read(document))
}

#[test]
fn a_new_project_has_every_known_field() {
    let document = create(json!({"name": " Apollo "})).unwrap().to_document();
    assert_eq!(
        document.as_str(),
        concat!(
            r#"{"id":"proj-fresh","name":" Apollo ","status":"planning","priority":"medium","progress":0,"#,
            r#""category":null,"description":"","notes":"","tags":[],"cost":{"total":0},"revenue":{"total":0},"#,
            r#""budget":0,"actualCost":0,"createdAt":"2026-02-11T14:30:00.000000Z","updatedAt":"2026-02-11T14:30:00.000000Z"}"#
        )
    );
}

#[test]
fn what_older_clients_send_is_taken() {
    for (sent, stored) in [
        (json!({"progress": "80"}), json!({"progress": 80})),
        (json!({"progress": " 7 "}), json!({"progress": 7})),
        (json!({"progress": 80.9}), json!({"progress": 80})),
        (json!({"progress": 250}), json!({"progress": 100})),
        (json!({"progress": -3}), json!({"progress": 0})),
        (json!({"progress": -0.5}), json!({"progress": 0})),
        (json!({"progress": "1e2"}), json!({"progress": 100})),
        (json!({"progress": null}), json!({"progress": 0})),
        (json!({"tags": "solo"}), json!({"tags": ["solo"]})),
        (json!({"tags": ""}), json!({"tags": []})),
        (json!({"tags": [" a ", "", "  ", "a", "b"]}), json!({"tags": ["a", "a", "b"]})),
        (json!({"category": ""}), json!({"category": ""})),
        (json!({"cost": 12}), json!({"cost": {"total": 12}, "actualCost": 12})),
        (json!({"cost": "12.5"}), json!({"cost": {"total": 12.5}})),
        (json!({"cost": -3}), json!({"cost": {"total": 0}})),
        (json!({"cost": {"note": "x", "total": "3"}}), json!({"cost": {"note": "x", "total": 3}})),
        (json!({"cost": {"note": "x"}}), json!({"cost": {"note": "x", "total": 0}})),
        (json!({"cost": {"total": null}}), json!({"cost": {"total": 0}})),
        (json!({"cost": null, "revenue": null}), json!({"cost": {"total": 0}, "revenue": {"total": 0}})),
        (json!({"revenue": {"total": -1}}), json!({"revenue": {"total": 0}})),
        (json!({"budget": "100"}), json!({"budget": 100})),
        (json!({"budget": {"planned": null, "total": 5, "amount": 6}}), json!({"budget": 5})),
        (json!({"budget": {"amount": "6"}}), json!({"budget": 6})),
        (json!({"budget": {"other": 6}}), json!({"budget": 0})),
        (json!({"budget": -1}), json!({"budget": 0})),
        (json!({"budget": 1e15}), json!({"budget": 1e15})),
        (json!({"actualCost": 7, "cost": 3}), json!({"actualCost": 7})),
        (json!({"actual_cost": 7, "cost": 3}), json!({"actualCost": 7, "actual_cost": 7})),
        (json!({"actual_cost": 7, "actualCost": 8}), json!({"actualCost": 8, "actual_cost": 7})),
        (json!({"actual_cost": 7, "actualCost": null}), json!({"actualCost": 7})),
        (json!({"actualCost": null, "cost": 3}), json!({"actualCost": 3})),
        (json!({"orders": []}), json!({"orders": []})),
        (json!({"createdAt": "2020-01-01"}), json!({"createdAt": "2020-01-01T00:00:00.000000Z"})),
        (
            json!({"updatedAt": "2020-01-01", "ifUpdatedAt": 5}),
            json!({"updatedAt": "2026-02-11T14:30:00.000000Z"}),
        ),
        (json!({"id": "  mine "}), json!({"id": "  mine "})),
        (json!({"id": " "}), json!({"id": "proj-fresh"})),
    ] {
        assert_has(&named(sent.clone()).unwrap().to_document(), stored, &sent.to_string());
    }
}

#[test]
fn junk_is_refused_with_the_name_of_its_field() {
    for (sent, field) in [
        (json!({"id": 7}), "id"),
        (json!({"status": ""}), "status"),
        (json!({"status": "Planning"}), "status"),
        (json!({"status": 1}), "status"),
        (json!({"priority": "p0"}), "priority"),
        (json!({"progress": true}), "progress"),
        (json!({"progress": "abc"}), "progress"),
        (json!({"progress": ""}), "progress"),
        (json!({"progress": "1e999"}), "progress"),
        (json!({"progress": []}), "progress"),
        (json!({"progress": {}}), "progress"),
        (json!({"category": 5}), "category"),
        (json!({"description": 7}), "description"),
        (json!({"notes": ["x"]}), "notes"),
        (json!({"tags": {"a": 1}}), "tags"),
        (json!({"tags": 5}), "tags"),
        (json!({"tags": ["a", "b", "c", 4]}), "tags[3]"),
        (json!({"tags": [null]}), "tags[0]"),
        (json!({"tags": vec!["t"; 101]}), "tags"),
        (json!({"cost": true}), "cost"),
        (json!({"cost": []}), "cost"),
        (json!({"cost": "abc"}), "cost"),
        (json!({"cost": {"total": true}}), "cost.total"),
        (json!({"cost": {"total": 2e15}}), "cost.total"),
        (json!({"revenue": {"total": {}}}), "revenue.total"),
        (json!({"budget": {"planned": "x"}}), "budget.planned"),
        (json!({"budget": 1.1e15}), "budget"),
        (json!({"budget": false}), "budget"),
        (json!({"actualCost": {}}), "actualCost"),
        (json!({"actual_cost": "x"}), "actual_cost"),
        (json!({"github": 5}), "github"),
        (json!({"workspace": []}), "workspace"),
        (json!({"orders": [{}, 5]}), "orders[1]"),
        (json!({"orders": {}}), "orders"),
        (json!({"createdAt": "yesterday"}), "createdAt"),
        (json!({"createdAt": 5}), "createdAt"),
    ] {
        assert_bad_field(named(sent.clone()), field, &sent.to_string());
    }
}

#[test]
fn a_project_has_a_name() {
    assert_refused(create(json!({})), InvalidKind::Missing, "name", "absent");
    assert_refused(create(json!({"name": null})), InvalidKind::Missing, "name", "null on create is absent");
    for name in [json!(""), json!(" \t"), json!(123), json!([])] {
        assert_bad_field(create(json!({ "name": name })), "name", &name.to_string());
    }
    let worked_example = create(json!({"name": " ", "progress": true})).unwrap_err();
    assert_eq!(worked_example, Invalid::field("name", "name must not be blank"));
    let mut project = create(json!({"name": "n"})).unwrap();
    for name in [json!(null), json!(""), json!(" ")] {
        assert_bad_field(project.patch(object(json!({ "name": name }))), "name", &name.to_string());
    }
    assert_eq!(project.name, "n");
}

#[test]
fn a_hundred_tags_are_enough() {
    let mut tags = vec!["t"; 100];
    tags.extend(["", " "]);
    assert_eq!(named(json!({ "tags": tags })).unwrap().tags.len(), 100, "blank ones do not count");
}

#[test]
fn unknown_fields_keep_their_order_and_the_text_of_their_numbers() {
    let body =
        read(r#"{"zeta":{"b":1,"a":[1.50]},"name":"n","alpha":123456789012345678901234567890,"none":null}"#);
    let project = Project::create(body, "p".into(), now()).unwrap();
    let extra = r#"{"zeta":{"b":1,"a":[1.50]},"alpha":123456789012345678901234567890,"none":null}"#;
    assert_eq!(serde_json::to_string(&project.extra).unwrap(), extra);
    assert!(project.to_document().as_str().ends_with(&extra[1..]));
}

#[test]
fn a_patch_changes_what_it_names_and_nothing_else() {
    let mut project =
        named(json!({"progress": 5, "tags": ["a"], "x": 1, "y": 2, "github": "g", "orders": [{}]})).unwrap();
    let before = project.clone();
    project.patch(object(json!({}))).unwrap();
    assert_eq!(project, before);
    let ours = json!({"id": 5, "createdAt": "junk", "updatedAt": [], "ifUpdatedAt": {}});
    project.patch(object(ours)).unwrap();
    assert_eq!(project, before, "what clients cannot set is not even looked at");

    project
        .patch(object(json!({"y": {"new": true}, "z": 3, "progress": "80", "tags": "b", "x": null})))
        .unwrap();
    assert_eq!(serde_json::to_string(&project.extra).unwrap(), r#"{"x":null,"y":{"new":true},"z":3}"#);
    assert_eq!((project.progress, project.tags.as_slice()), (80, ["b".to_owned()].as_slice()));
    assert_eq!(project.github.as_deref(), Some("g"));

    let all_null = json!({"status": null, "priority": null, "progress": null, "category": null, "description": null,
        "notes": null, "tags": null, "cost": null, "revenue": null, "budget": null, "actualCost": null,
        "github": null, "workspace": null, "orders": null});
    project.patch(object(all_null)).unwrap();
    let extra = project.extra.clone();
    assert_eq!(project, Project { extra, ..create(json!({"name": "n", "id": project.id})).unwrap() });
}

#[test]
fn a_refused_patch_changes_nothing() {
    let mut project = named(json!({"progress": 5})).unwrap();
    let before = project.clone();
    let patch = json!({"progress": 50, "x": 1, "cost": 5, "status": "bogus"});
    assert_bad_field(project.patch(object(patch)), "status", "unknown word");
    assert_eq!(project, before);
}

#[test]
fn an_empty_text_clears_repository_and_folder() {
    let mut project = named(json!({"github": "https://x", "workspace": "E:/work/app"})).unwrap();
    project.patch(object(json!({"github": "", "workspace": ""}))).unwrap();
    let stored = fields(&project.to_document());
    assert!(stored.get("github").is_none() && stored.get("workspace").is_none(), "{stored}");
    assert!(named(json!({"github": ""})).unwrap().github.is_none());
}

#[test]
fn actual_cost_follows_the_cost_while_the_two_are_equal() {
    let mut project = named(json!({"cost": 10})).unwrap();
    let mut after = |patch: Value| {
        project.patch(object(patch)).unwrap();
        crate::numbers::as_f64(&project.actual_cost)
    };
    assert_eq!(after(json!({"cost": {"total": 12.5}})), 12.5, "equal before: follows");
    assert_eq!(after(json!({"actualCost": 7})), 7.0);
    assert_eq!(after(json!({"cost": 20})), 7.0, "not equal before: stays");
    assert_eq!(after(json!({"actual_cost": "20.0"})), 20.0);
    assert_eq!(after(json!({"cost": 30})), 30.0, "equal again, as numbers");
    assert_eq!(after(json!({"cost": 40, "actualCost": 1})), 1.0, "sent beside it: as sent");
    assert_eq!(after(json!({"cost": 1, "notes": "x"})), 1.0);
    assert_eq!(after(json!({"notes": "y"})), 1.0);
}

#[test]
fn an_odd_record_of_an_older_server_stays_and_can_be_sent_back_whole() {
    let odd = r#"{"id":" a/b ","name":" ","status":"blocked-ish","priority":"p0","progress":150,"category":"","description":"d",
        "notes":"","tags":[" x ","x","x",""],"cost":{"total":-5,"note":1},"revenue":{"total":2e15},"budget":-1.5,
        "actualCost":-0.0,"github":"","orders":[5],"createdAt":"2026-01-01","updatedAt":"2026-01-02","big":1e5}"#;
    let project = imported(odd);
    let document = project.to_document();
    assert_has(
        &document,
        json!({"id": " a/b ", "name": " ", "status": "blocked-ish", "priority": "p0", "progress": 150,
            "tags": [" x ", "x", "x", ""], "cost": {"total": -5, "note": 1}, "revenue": {"total": 2e15},
            "budget": -1.5, "github": "", "orders": [5], "big": 1e5, "createdAt": "2026-01-01T00:00:00.000000Z"}),
        "imported",
    );
    let mut put = project.clone();
    put.patch(document.to_map()).unwrap();
    assert_eq!(put, project, "sent back as it was read");

    // A client in JavaScript writes 1e5 as 100000 and -0.0 as 0, and orders keys as it likes.
    let mut from_javascript = document.to_map();
    from_javascript.insert("actualCost".into(), json!(0));
    from_javascript.insert("cost".into(), json!({"note": 1.0, "total": -5.0}));
    from_javascript.insert("progress".into(), json!(60));
    put.patch(from_javascript).unwrap();
    assert_eq!((put.progress, &put.cost, put.status.as_str()), (60, &project.cost, "blocked-ish"));

    assert_bad_field(put.patch(object(json!({"status": "blocked"}))), "status", "another odd word");
    put.patch(object(json!({"budget": -2}))).unwrap();
    assert_eq!(put.budget, json!(0).as_number().unwrap().clone(), "a new negative amount becomes 0");
}

#[test]
fn types_that_an_older_server_kept_become_ours_and_nothing_is_thrown_away() {
    let project = imported(
        r#"{"id":"p","name":123,"description":{"a":1},"tags":[1,"t"],"cost":"x","revenue":7,"budget":{"planned":3},
        "createdAt":"yesterday","updatedAt":"2026/01/07","orders":"x","legacy":{"createdAt":"older"}}"#,
    );
    assert_has(
        &project.to_document(),
        json!({"name": "123", "description": "{\"a\":1}", "tags": ["1", "t"], "cost": {"total": 0}, "revenue": {"total": 7},
            "budget": 3, "actualCost": 0, "orders": ["x"], "createdAt": "1970-01-01T00:00:00.000000Z",
            "legacy": {"createdAt": "older", "updatedAt": "2026/01/07", "cost": "x"}}),
        "imported",
    );
    assert_eq!(imported("{}").status, "planning", "a missing field has its default");
    assert_eq!(imported(r#"{"updatedAt":"2026-01-02"}"#).created_at, super::time("2026-01-02"));
}
