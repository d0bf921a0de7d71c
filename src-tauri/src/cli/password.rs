//! `reset-password`: a new password on the file itself; never over HTTP (SECURITY.md A8).

use rand::RngExt;

use super::output::say;
use crate::boot;
use crate::failure::{Exit, Failure};
use crate::settings::Values;

/// Without letters and digits that are read for one another.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const GROUPS: usize = 4;
const GROUP: usize = 5;

pub(super) async fn reset(values: &Values, user: Option<&String>, from_stdin: bool) -> Result<(), Failure> {
    let user = user.map_or("admin", String::as_str);
    let password = if from_stdin { read_password()? } else { new_password() };
    let app = boot::open(values.services(super::db_file(values))?).await?;
    let done = app.auth.reset_password(user, &password).await;
    app.close().await;
    done.map_err(|error| Failure::of_service(&error))?;
    if from_stdin {
        say(&format!("The password of {user} is changed, and all sessions of {user} have ended"));
    } else {
        say(&format!("The new password of {user} is {password}\nAll sessions of {user} have ended"));
    }
    Ok(())
}

fn read_password() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|error| Failure::new(Exit::Io, format!("cannot read the password: {error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// 20 characters of 55: more than 110 bits.
fn new_password() -> String {
    let mut rng = rand::rng();
    let mut group =
        || (0..GROUP).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect::<String>();
    (0..GROUPS).map(|_| group()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_passwords_differ_and_have_their_form() {
        let (first, second) = (new_password(), new_password());
        assert_ne!(first, second);
        assert_eq!(first.len(), GROUPS * GROUP + GROUPS - 1);
    }
}
