//! Which links may leave the window (SECURITY.md T5).

use pilotdeck_domain::Invalid;

/// The address to hand to the system, if it is one of the web: `http` or `https`, with a host and without hidden characters.
/// Everything else could start a program.
pub fn external_address(url: &str) -> Result<String, Invalid> {
    let refuse = |why: &str| Err(Invalid::field("url", format!("url {why}")));
    if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return refuse("must not hold blanks or control characters");
    }
    let Ok(parsed) = url::Url::parse(url) else { return refuse("is no address") };
    if !matches!(parsed.scheme(), "http" | "https") {
        return refuse("must begin with http:// or https://");
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return refuse("must not hold a user name: it hides where the link leads");
    }
    Ok(parsed.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_leave_the_window() {
        assert_eq!(external_address("https://example.com/a?b=c#d").unwrap(), "https://example.com/a?b=c#d");
        assert_eq!(external_address("HTTP://Example.com").unwrap(), "http://example.com/");
        for refused in [
            "file:///etc/passwd",
            "smb://host/share",
            "javascript:alert(1)",
            "ms-msdt:/id",
            "data:text/html,x",
            "mailto:a@b.c",
            "vscode://file/x",
            "",
            "example.com",
            "https://",
            "//example.com",
            "https://exa mple.com",
            "https://a.example\n.b",
            "https://bank.example@evil.example/",
            " https://example.com",
            "tauri://localhost",
            "http:",
        ] {
            assert!(external_address(refused).is_err(), "{refused:?}");
        }
    }
}
