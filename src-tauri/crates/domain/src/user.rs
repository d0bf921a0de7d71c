//! A person who may sign in. The hash of the password is not part of it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{Invalid, Timestamp};

/// Who may do everything.
const ADMIN: &str = "admin";
/// Who may look at everything but users and keys, and change nothing.
const VIEWER: &str = "viewer";

const MAX_NAME_CHARS: usize = 64;

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Its id.
    pub id: String,
    /// The name to sign in with.
    pub username: String,
    /// What the person may do: `admin` or `viewer`; files from elsewhere may know other words.
    pub role: String,
    /// Cannot sign in.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it last signed in.
    #[schema(required)]
    pub last_login_at: Option<Timestamp>,
}

impl User {
    /// Whether the person may manage users and keys.
    pub fn is_admin(&self) -> bool {
        self.role == ADMIN
    }

    /// Whether the person may change records.
    pub fn may_write(&self) -> bool {
        self.role != VIEWER
    }
}

/// Reads the name of a new user: trimmed, 1 to 64 characters, each of which can be seen.
pub fn read_username(field: &str, text: &str) -> Result<String, Invalid> {
    let name = text.trim();
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME_CHARS || !name.chars().all(is_visible) {
        return Err(Invalid::must_be(field, &format!("1 to {MAX_NAME_CHARS} visible characters")));
    }
    Ok(name.to_owned())
}

/// Reads the role of a user.
pub fn read_role(field: &str, text: &str) -> Result<String, Invalid> {
    match text {
        ADMIN | VIEWER => Ok(text.to_owned()),
        _ => Err(Invalid::must_be(field, "admin or viewer")),
    }
}

/// Two names that differ only in case are one: nobody should have to tell Ada from ada.
pub fn is_same_username(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Two names must not look alike because of characters that do not show, or that turn the direction of writing.
fn is_visible(character: char) -> bool {
    let is_format = matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}'
        | '\u{e0000}'..='\u{10ffff}');
    let is_odd_space = character.is_whitespace() && character != ' ';
    !(character.is_control() || is_format || is_odd_space)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_trimmed_and_each_of_its_characters_can_be_seen() {
        let long = "x".repeat(64);
        for (text, name) in
            [(" ada ", "ada"), ("Ada Lovelace", "Ada Lovelace"), ("阿达 🙂", "阿达 🙂"), (&long, &long)]
        {
            assert_eq!(read_username("username", text).as_deref(), Ok(name));
        }
        let too_long = "x".repeat(65);
        for bad in
            ["", "  ", "a\u{200b}da", "a\nb", "\u{202e}ada", "ada\u{ad}", "a\u{a0}b", "a\u{e0041}", &too_long]
        {
            let refusal = read_username("username", bad).unwrap_err();
            assert_eq!(refusal.field.as_deref(), Some("username"), "{bad:?}");
        }
    }

    #[test]
    fn names_that_differ_in_case_are_the_same() {
        assert!(is_same_username("Ärger", "äRGER"));
        assert!(!is_same_username("ada", "adam"));
    }

    #[test]
    fn there_are_two_roles() {
        assert_eq!(read_role("role", "viewer").as_deref(), Ok("viewer"));
        for bad in ["", "Admin", "owner"] {
            assert_eq!(read_role("role", bad).unwrap_err().message, "role must be admin or viewer");
        }
    }
}
