//! Profiles and capabilities (§9).

use serde_json::{Value, json};

use super::{assert_bad_field, assert_has, now, object, read};
use crate::{Capability, Invalid, Profile};

fn profile(body: Value) -> Result<Profile, Invalid> {
    Profile::create(object(body), "agent-fresh".into(), now())
}

fn capability(body: Value) -> Result<Capability, Invalid> {
    Capability::create(object(body), "cap-fresh".into(), now())
}

#[test]
fn empty_bodies_give_all_defaults() {
    assert_eq!(
        profile(json!({})).unwrap().to_document().as_str(),
        concat!(
            r#"{"id":"agent-fresh","name":"Agent","role":"general","description":"","styleTags":[],"skills":[],"#,
            r#""outputMode":"concise","writebackPolicy":"minimal","permissions":{},"meta":{},"enabled":true,"#,
            r#""createdAt":"2026-02-11T14:30:00.000000Z","updatedAt":"2026-02-11T14:30:00.000000Z"}"#
        )
    );
    assert_eq!(
        capability(json!({})).unwrap().to_document().as_str(),
        concat!(
            r#"{"id":"cap-fresh","name":"Capability","description":"","promptPack":"","skillPack":[],"constraints":[],"#,
            r#""enabled":true,"meta":{},"#,
            r#""createdAt":"2026-02-11T14:30:00.000000Z","updatedAt":"2026-02-11T14:30:00.000000Z"}"#
        )
    );
}

#[test]
fn what_clients_send_is_taken() {
    for (sent, stored) in [
        (json!({"name": " Planner "}), json!({"name": "Planner"})),
        (json!({"name": " "}), json!({"name": "Agent"})),
        (json!({"role": ""}), json!({"role": ""})),
        (json!({"skills": "one"}), json!({"skills": ["one"]})),
        (json!({"skills": [1, {"a": 1}, null]}), json!({"skills": [1, {"a": 1}, null]})),
        (json!({"enabled": 0}), json!({"enabled": false})),
        (json!({"enabled": "No"}), json!({"enabled": false})),
        (json!({"enabled": "ON"}), json!({"enabled": true})),
        (json!({"enabled": null}), json!({"enabled": true})),
        (json!({"permissions": null}), json!({"permissions": {}})),
        (json!({"model": {"temperature": 0.7}}), json!({"model": {"temperature": 0.7}})),
    ] {
        assert_has(&profile(sent.clone()).unwrap().to_document(), stored, &sent.to_string());
    }
    assert_eq!(capability(json!({"name": null})).unwrap().name, "Capability");
}

#[test]
fn junk_is_refused_with_the_name_of_its_field() {
    for (sent, field) in [
        (json!({"name": 5}), "name"),
        (json!({"role": {}}), "role"),
        (json!({"description": 7}), "description"),
        (json!({"skills": 5}), "skills"),
        (json!({"styleTags": {}}), "styleTags"),
        (json!({"permissions": []}), "permissions"),
        (json!({"meta": "x"}), "meta"),
        (json!({"enabled": 2}), "enabled"),
        (json!({"enabled": "perhaps"}), "enabled"),
        (json!({"enabled": []}), "enabled"),
        (json!({"outputMode": 3}), "outputMode"),
    ] {
        assert_bad_field(profile(sent.clone()), field, &sent.to_string());
    }
    assert_bad_field(capability(json!({"promptPack": 5})), "promptPack", "number");
    assert_bad_field(capability(json!({"constraints": true})), "constraints", "bool");
}

#[test]
fn a_patch_of_null_goes_back_to_the_default() {
    let mut changed = profile(json!({"name": "P", "role": "r", "skills": [1], "enabled": false})).unwrap();
    changed
        .patch(object(json!({"name": null, "role": null, "skills": null, "enabled": null, "x": null})))
        .unwrap();
    assert_eq!(
        serde_json::to_string(&changed.extra).unwrap(),
        r#"{"x":null}"#,
        "an unknown field keeps its null"
    );
    changed.extra.clear();
    assert_eq!(changed, profile(json!({})).unwrap());
}

#[test]
fn an_odd_profile_of_an_older_server_stays_and_can_be_sent_back_whole() {
    let odd = Profile::from_document(read(
        r#"{"id":"a","name":" N ","role":"5","description":7,"outputMode":3,"writebackPolicy":false,"enabled":"no",
        "skills":["s"],"createdAt":"2026-01-01","updatedAt":"2026-01-01"}"#,
    ));
    assert_has(
        &odd.to_document(),
        json!({"name": " N ", "role": "5", "description": "7", "outputMode": "3", "writebackPolicy": "false", "enabled": false}),
        "imported",
    );
    let mut put = odd.clone();
    put.patch(odd.to_document().to_map()).unwrap();
    assert_eq!(put, odd);
}
