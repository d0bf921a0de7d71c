//! Usage records (§9).

use serde_json::{Value, json};

use super::{assert_bad_field, assert_has, assert_refused, now, object, read};
use crate::{Invalid, InvalidKind, UsageRecord};

fn create(body: Value) -> Result<UsageRecord, Invalid> {
    UsageRecord::create(object(body), "usage-fresh".into(), now())
}

fn with_cost(mut body: Value) -> Result<UsageRecord, Invalid> {
    body["cost"] = json!(1);
    create(body)
}

#[test]
fn a_new_record_has_every_known_field() {
    assert_eq!(
        create(json!({"cost": 0})).unwrap().to_document().as_str(),
        concat!(
            r#"{"id":"usage-fresh","ts":"2026-02-11T14:30:00.000000Z","projectId":null,"runId":null,"agentId":null,"#,
            r#""workspace":null,"sessionId":null,"source":"opencode","model":null,"promptTokens":0,"completionTokens":0,"#,
            r#""totalTokens":0,"cost":0,"data":{}}"#
        )
    );
}

#[test]
fn what_clients_send_is_taken() {
    for (sent, stored) in [
        (json!({"promptTokens": 70, "completionTokens": 30}), json!({"totalTokens": 100})),
        (json!({"promptTokens": 70, "completionTokens": 30, "totalTokens": 7}), json!({"totalTokens": 7})),
        (json!({"promptTokens": 70, "totalTokens": null}), json!({"totalTokens": 70})),
        (
            json!({"inputTokens": "70", "outputTokens": 30.9}),
            json!({"promptTokens": 70, "completionTokens": 30, "inputTokens": "70"}),
        ),
        (json!({"inputTokens": 1, "promptTokens": 2}), json!({"promptTokens": 2})),
        (
            json!({"totalTokens": 9_007_199_254_740_991_i64}),
            json!({"totalTokens": 9_007_199_254_740_991_i64}),
        ),
        (json!({"cost": "0.02"}), json!({"cost": 0.02})),
        (json!({"cost": 1e15}), json!({"cost": 1e15})),
        (json!({"cost": 1, "source": ""}), json!({"source": "opencode"})),
        (json!({"cost": 1, "source": "cli"}), json!({"source": "cli"})),
        (json!({"cost": 1, "data": "x"}), json!({"data": {"raw": "x"}})),
        (json!({"cost": 1, "data": [1, "a"]}), json!({"data": {"raw": "[1,\"a\"]"}})),
        (json!({"cost": 1, "data": null}), json!({"data": {}})),
        (json!({"cost": 1, "ts": "2026-02-07T18:00:00+08:00"}), json!({"ts": "2026-02-07T10:00:00.000000Z"})),
        (json!({"cost": 1, "foo": 1}), json!({"foo": 1})),
    ] {
        assert_has(&create(sent.clone()).unwrap().to_document(), stored, &sent.to_string());
    }
}

#[test]
fn junk_is_refused_with_the_name_of_its_field() {
    for (sent, field) in [
        (json!({"promptTokens": -1}), "promptTokens"),
        (json!({"promptTokens": "x"}), "promptTokens"),
        (json!({"promptTokens": true}), "promptTokens"),
        (json!({"inputTokens": -1}), "inputTokens"),
        (json!({"totalTokens": 9_007_199_254_740_992_i64}), "totalTokens"),
        (json!({"promptTokens": 9_007_199_254_740_991_i64, "completionTokens": 1}), "totalTokens"),
        (json!({"model": {"a": 1}}), "model"),
        (json!({"workspace": 5}), "workspace"),
        (json!({"source": 5}), "source"),
        (json!({"ts": "soon"}), "ts"),
    ] {
        assert_bad_field(with_cost(sent.clone()), field, &sent.to_string());
    }
    for cost in [json!(-1), json!(1.1e15), json!("abc"), json!(true), json!({})] {
        assert_bad_field(create(json!({ "cost": cost })), "cost", &cost.to_string());
    }
    let huge = read(r#"{"totalTokens":123456789012345678901234567890}"#);
    assert_bad_field(UsageRecord::create(huge, "u".into(), now()), "totalTokens", "beyond 64 bits");
}

#[test]
fn a_record_tells_tokens_or_cost() {
    for empty in [json!({}), json!({"model": "m", "data": {}}), json!({"cost": null, "promptTokens": null})] {
        assert_refused(create(empty.clone()), InvalidKind::Missing, "totalTokens", &empty.to_string());
    }
    for told in ["promptTokens", "completionTokens", "totalTokens", "inputTokens", "outputTokens", "cost"] {
        assert!(create(json!({ told: 0 })).is_ok(), "{told}");
    }
}

#[test]
fn the_model_of_the_worked_example_is_refused_in_its_words() {
    assert_eq!(
        with_cost(json!({"model": {"a": 1}})).unwrap_err(),
        Invalid::field("model", "model must be a text")
    );
}

#[test]
fn an_odd_record_of_an_older_server_stays() {
    let record = UsageRecord::from_document(read(
        r#"{"id":"u","ts":"2026-02-08T00:00:00","promptTokens":12,"completionTokens":1,"totalTokens":0,"cost":-0.5,"source":"",
        "data":{"raw":"x"},"foo":1}"#,
    ));
    assert_has(
        &record.to_document(),
        json!({"totalTokens": 0, "cost": -0.5, "source": "", "data": {"raw": "x"}, "foo": 1}),
        "imported",
    );
}
