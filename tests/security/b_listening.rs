//! SECURITY.md B: where the server listens. B2 and the exit codes of B3 are the command line's (cli.rs).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use pilotdeck_api::{ApiConfig, BindError, bind};
use pilotdeck_testkit::TestApp;
use tokio::net::TcpListener;

fn has_ipv6() -> bool {
    std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

#[tokio::test]
async fn b1_both_loopback_addresses_answer_and_no_other() {
    let app = TestApp::start().await;
    let expected = if has_ipv6() { 2 } else { 1 };
    assert_eq!(app.addresses().len(), expected);
    for address in app.addresses() {
        assert!(address.ip().is_loopback(), "{address}");
        assert_eq!(address.port(), app.port());
        app.anonymous().at(*address).get("/api/health").await.expect(200);
    }
}

#[tokio::test]
async fn b1_an_agent_that_comes_by_ipv6_is_local_too() {
    let app = TestApp::open().await;
    for address in app.addresses() {
        let answer = app.anonymous().at(*address).post("/api/agent/events", serde_json::json!({})).await;
        assert_eq!(answer.status, 201, "{address}: {answer}");
    }
}

#[tokio::test]
async fn b3_either_loopback_address_taken_by_another_means_no_start() {
    let mut taken = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))];
    if has_ipv6() {
        taken.push((Ipv6Addr::LOCALHOST, 0).into());
    }
    for address in taken {
        let squatter = TcpListener::bind(address).await.unwrap();
        let port = squatter.local_addr().unwrap().port();
        let refused = bind(&ApiConfig { port, ..ApiConfig::default() }).await.unwrap_err();
        assert!(matches!(refused, BindError::InUse { .. }), "{refused}");
        let text = refused.to_string();
        assert!(text.contains(&port.to_string()) && text.contains("PM_PORT"), "{text}");
        drop(squatter);
        // Nothing was kept of the half that was free.
        bind(&ApiConfig { port, ..ApiConfig::default() }).await.unwrap();
    }
}

#[tokio::test]
async fn b5_a_forwarded_address_of_an_untrusted_peer_is_not_believed_and_ends_being_local() {
    let app = TestApp::open().await;
    let answer = app
        .anonymous()
        .with("x-forwarded-for", "127.0.0.1")
        .post("/api/agent/events", serde_json::json!({}))
        .await;
    answer.expect_failure(401, "unauthorized");
}

#[tokio::test]
async fn b5_only_a_trusted_proxy_makes_a_request_one_over_tls() {
    let login = serde_json::json!({ "username": "admin", "password": "a better password" });
    for (trusted, name) in [(true, "__Host-pilotdeck_session="), (false, "pilotdeck_session=")] {
        let app = TestApp::builder()
            .settings(|settings| {
                settings.admin_password = pilotdeck_services::Secret::new("a better password")
            })
            .config(|config| {
                if trusted {
                    config.trusted_proxies = vec![Ipv4Addr::LOCALHOST.into()];
                }
            })
            .build()
            .await;
        let proxied =
            app.anonymous().with("x-forwarded-proto", "https").with("x-forwarded-for", "203.0.113.9");
        let cookie =
            proxied.post("/api/auth/login", login.clone()).await.expect(200).header("set-cookie").to_owned();
        assert!(cookie.starts_with(name), "{cookie}");
        assert_eq!(cookie.contains("; Secure"), trusted, "{cookie}");
    }
}
