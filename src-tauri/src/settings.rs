//! Every setting there is, in one table: its variable, its flag if it may have one, and its help. Flags win over variables.
//! Secrets have no flag (other users see command lines); they come from a variable or from the file that `NAME_FILE` names.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::str::FromStr;

use pilotdeck_services::{Secret, Settings};

use crate::failure::{Exit, Failure};

/// One line of the table.
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// The flag without its dashes; none for secrets.
    pub flag: Option<&'static str>,
    /// What stands for the value in the help.
    pub value: &'static str,
    /// What it is, with its default.
    pub help: &'static str,
}

const fn plain(name: &'static str, flag: &'static str, value: &'static str, help: &'static str) -> Setting {
    Setting { name, flag: Some(flag), value, help }
}

const fn secret(name: &'static str, help: &'static str) -> Setting {
    Setting { name, flag: None, value: "TEXT", help }
}

/// All settings, in the order of the help and of README.
pub const SETTINGS: &[Setting] = &[
    plain("PM_PORT", "port", "PORT", "Port to listen on [default: 8689]"),
    plain(
        "PM_HOST",
        "host",
        "ADDRESS",
        "Address to listen on; a wider one needs a password and a token [default: 127.0.0.1 and ::1]",
    ),
    plain(
        "PM_DB_FILE",
        "db-file",
        "FILE",
        "Database file [default: data/pm.db below the current folder; the window keeps its own in the app-data folder]",
    ),
    plain("PM_DEBUG", "debug", "BOOL", "More detail in the log, nothing else [default: off]"),
    plain(
        "PM_SYNCHRONOUS",
        "synchronous",
        "MODE",
        "full: flush every write to disk before it is answered; normal: events, runs and usage within a second [default: normal]",
    ),
    plain(
        "PM_ALLOWED_HOSTS",
        "allowed-hosts",
        "LIST",
        "Further names the Host header may hold, separated by commas",
    ),
    plain(
        "PM_ALLOWED_ORIGINS",
        "allowed-origins",
        "LIST",
        "Further origins browsers may call from, separated by commas",
    ),
    plain(
        "PM_TRUSTED_PROXIES",
        "trusted-proxies",
        "LIST",
        "Addresses of proxies whose forwarded headers are believed, separated by commas",
    ),
    plain("PM_ADMIN_REMOTE", "admin-remote", "BOOL", "Admin calls from other machines too [default: off]"),
    plain(
        "PM_AGENT_OPEN_PROJECTS",
        "agent-open-projects",
        "BOOL",
        "Without an agent token, programs on this machine may use /api/projects and /api/stats [default: off]",
    ),
    plain("PM_DEPLOY_SCRIPT", "deploy-script", "FILE", "Script the deploy call starts; unset: no deploys"),
    plain(
        "PM_RESTORE_MAX",
        "restore-max",
        "BYTES",
        "Largest backup a restore takes; K, M and G are understood [default: 2G]",
    ),
    plain(
        "PM_IMPORT_TIMEZONE",
        "import-timezone",
        "ZONE",
        "Time zone of a database of the older server, such as +08:00 [default: UTC]",
    ),
    secret("PM_ADMIN_TOKEN", "Opens the admin calls; unset: they are off"),
    secret("PM_AGENT_TOKEN", "What agents must send; unset: programs on this machine may post without"),
    secret("PM_SECRET_KEY", "Keys the sign-in sessions; unset: a key file beside the database"),
    secret(
        "PM_ADMIN_PASSWORD",
        "First password of the user admin [default: admin, accepted on this machine only]",
    ),
];

/// Where a value came from, to be named when it is wrong.
enum Source {
    Flag(String),
    Variable(String),
}

/// What was set, before anybody looked at what it means. Holds secrets: not to be shown.
pub struct Values(HashMap<&'static str, (String, Source)>);

impl Values {
    /// Takes each setting from its flag, else from its variable, else from the file its `NAME_FILE` names. Blank is unset.
    pub fn gather(
        flag: impl Fn(&str) -> Option<String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Values, Failure> {
        let mut values = HashMap::new();
        for setting in SETTINGS {
            let from_flag = setting.flag.and_then(&flag).map(|text| {
                let source = Source::Flag(format!("--{}", setting.flag.unwrap_or_default()));
                (text, source)
            });
            let found = match from_flag {
                Some(found) => Some(found),
                None => from_environment(setting, &variable)?,
            };
            if let Some(found) = found.filter(|(text, _)| !text.trim().is_empty()) {
                values.insert(setting.name, found);
            }
        }
        Ok(Values(values))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(text, _)| text.trim())
    }

    /// A secret is taken as it stands: white space may belong to it.
    fn secret(&self, name: &str) -> Option<Secret> {
        self.0.get(name).and_then(|(text, _)| Secret::new(text.as_str()))
    }

    fn parsed<T>(
        &self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let Some((text, source)) = self.0.get(name) else { return Ok(None) };
        match (parse(text.trim()), source) {
            (Some(value), _) => Ok(Some(value)),
            (None, Source::Flag(flag)) => {
                Err(Failure::new(Exit::Usage, format!("{flag} must be {expected}")))
            }
            (None, Source::Variable(name)) => {
                Err(Failure::new(Exit::Config, format!("{name} must be {expected}")))
            }
        }
    }

    fn switch(&self, name: &str) -> Result<bool, Failure> {
        Ok(self.parsed(name, "1 or 0, true or false, yes or no, on or off", parse_switch)?.unwrap_or(false))
    }

    fn list<T>(
        &self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, Failure> {
        let all =
            |text: &str| text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(&parse).collect();
        Ok(self.parsed(name, expected, all)?.unwrap_or_default())
    }
}

fn from_environment(
    setting: &Setting,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<(String, Source)>, Failure> {
    let set = |name: &str| variable(name).filter(|text| !text.trim().is_empty());
    let direct = set(setting.name).map(|text| (text, Source::Variable(setting.name.to_owned())));
    let file_name = format!("{}_FILE", setting.name);
    let path = if setting.flag.is_none() { set(&file_name) } else { None };
    match (direct, path) {
        (Some(_), Some(_)) => {
            let sentence = format!("{} and {file_name} are both set: keep one", setting.name);
            Err(Failure::new(Exit::Config, sentence))
        }
        (direct, None) => Ok(direct),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(path.trim()).map_err(|error| {
                Failure::new(Exit::Config, format!("{file_name} cannot be read: {error}"))
            })?;
            Ok(Some((text.trim_end_matches(['\r', '\n']).to_owned(), Source::Variable(file_name))))
        }
    }
}

/// What the door to the network needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// `PM_PORT`.
    pub port: u16,
    /// `PM_HOST`: the loopback addresses are always listened on; this one beside them when it is wider.
    pub host: IpAddr,
    /// `PM_ALLOWED_HOSTS`.
    pub allowed_hosts: Vec<String>,
    /// `PM_ALLOWED_ORIGINS`.
    pub allowed_origins: Vec<String>,
    /// `PM_TRUSTED_PROXIES`.
    pub trusted_proxies: Vec<IpAddr>,
    /// `PM_ADMIN_REMOTE`.
    pub admin_remote: bool,
}

impl Values {
    /// `PM_DEBUG`.
    pub fn debug(&self) -> Result<bool, Failure> {
        self.switch("PM_DEBUG")
    }

    /// `PM_DB_FILE`, when it is set.
    pub fn db_file(&self) -> Option<PathBuf> {
        self.text("PM_DB_FILE").map(PathBuf::from)
    }

    /// The settings of the services, on this database file.
    pub fn services(&self, db_file: PathBuf) -> Result<Settings, Failure> {
        let synchronous_full = self.parsed("PM_SYNCHRONOUS", "full or normal", |text| match text {
            "full" => Some(true),
            "normal" => Some(false),
            _ => None,
        })?;
        let defaults = Settings::new(db_file);
        Ok(Settings {
            synchronous_full: synchronous_full.unwrap_or(false),
            secret_key: self.secret("PM_SECRET_KEY"),
            admin_token: self.secret("PM_ADMIN_TOKEN"),
            agent_token: self.secret("PM_AGENT_TOKEN"),
            open_projects: self.switch("PM_AGENT_OPEN_PROJECTS")?,
            deploy_script: self.text("PM_DEPLOY_SCRIPT").map(PathBuf::from),
            restore_max: self
                .parsed("PM_RESTORE_MAX", "a number of bytes such as 2147483648 or 2G", parse_bytes)?
                .unwrap_or(defaults.restore_max),
            import_timezone: self.text("PM_IMPORT_TIMEZONE").map(str::to_owned),
            admin_password: self.secret("PM_ADMIN_PASSWORD"),
            ..defaults
        })
    }

    /// Where to listen, and whom to believe.
    pub fn listening(&self) -> Result<Listening, Failure> {
        let text = |part: &str| Some(part.to_owned());
        Ok(Listening {
            port: self
                .parsed("PM_PORT", "a port between 1 and 65535, or 0 for any free one", |text| {
                    text.parse().ok()
                })?
                .unwrap_or(8689),
            host: self
                .parsed("PM_HOST", "an IP address such as 127.0.0.1 or 0.0.0.0", parse_host)?
                .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            allowed_hosts: self.list("PM_ALLOWED_HOSTS", "a list of host names", text)?,
            allowed_origins: self.list(
                "PM_ALLOWED_ORIGINS",
                "a list of origins such as https://deck.example",
                |part| part.contains("://").then(|| part.trim_end_matches('/').to_owned()),
            )?,
            trusted_proxies: self
                .list("PM_TRUSTED_PROXIES", "a list of IP addresses", |part| IpAddr::from_str(part).ok())?,
            admin_remote: self.switch("PM_ADMIN_REMOTE")?,
        })
    }
}

fn parse_host(text: &str) -> Option<IpAddr> {
    if text.eq_ignore_ascii_case("localhost") {
        return Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    IpAddr::from_str(text.trim_start_matches('[').trim_end_matches(']')).ok()
}

fn parse_switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn parse_bytes(text: &str) -> Option<u64> {
    let (digits, factor) = match text.char_indices().next_back()? {
        (at, 'k' | 'K') => (&text[..at], 1 << 10),
        (at, 'm' | 'M') => (&text[..at], 1 << 20),
        (at, 'g' | 'G') => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(flags: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<Values, Failure> {
        let find = |pairs: &[(&str, &str)], name: &str| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Values::gather(|flag| find(flags, flag), |name| find(variables, name))
    }

    #[test]
    fn a_flag_wins_over_its_variable_and_blank_is_unset() {
        let values = gather(&[("port", "9000")], &[("PM_PORT", "9001"), ("PM_HOST", "  ")]).unwrap();
        let listening = values.listening().unwrap();
        assert_eq!((listening.port, listening.host.is_loopback()), (9000, true));
    }

    #[test]
    fn secrets_have_no_flag_and_may_come_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, " a token \n").unwrap();
        let path = file.to_str().unwrap();
        let values = gather(&[("admin-token", "no")], &[("PM_ADMIN_TOKEN_FILE", path)]).unwrap();
        let settings = values.services("pm.db".into()).unwrap();
        assert_eq!(settings.admin_token.unwrap().expose(), " a token ");
        assert!(settings.agent_token.is_none());
    }

    #[test]
    fn a_secret_set_twice_or_unreadable_is_a_fault_that_names_the_variable() {
        let twice = gather(&[], &[("PM_SECRET_KEY", "a"), ("PM_SECRET_KEY_FILE", "/nowhere")]).err().unwrap();
        assert_eq!(twice.exit, Exit::Config);
        assert!(twice.message.contains("PM_SECRET_KEY_FILE"));
        let unreadable = gather(&[], &[("PM_AGENT_TOKEN_FILE", "/nowhere/at/all")]).err().unwrap();
        assert_eq!(unreadable.exit, Exit::Config);
    }

    #[test]
    fn a_wrong_flag_is_a_usage_fault_and_a_wrong_variable_a_configuration_fault() {
        for bad in ["65536", "http", "-1"] {
            let flag = gather(&[("port", bad)], &[]).unwrap().listening().unwrap_err();
            assert_eq!((flag.exit, flag.message.starts_with("--port")), (Exit::Usage, true), "{bad}");
            let variable = gather(&[], &[("PM_PORT", bad)]).unwrap().listening().unwrap_err();
            assert_eq!(
                (variable.exit, variable.message.starts_with("PM_PORT")),
                (Exit::Config, true),
                "{bad}"
            );
        }
    }

    #[test]
    fn hosts_switches_sizes_and_lists_are_read() {
        for loopback in ["127.0.0.1", "localhost", "::1", "[::1]"] {
            assert!(parse_host(loopback).is_some_and(|host| host.is_loopback()), "{loopback}");
        }
        assert_eq!(parse_host("0.0.0.0"), Some(IpAddr::from([0, 0, 0, 0])));
        assert_eq!(parse_host("example.com"), None);
        assert_eq!(
            (parse_switch("On"), parse_switch("0"), parse_switch("maybe")),
            (Some(true), Some(false), None)
        );
        assert_eq!(
            (parse_bytes("2G"), parse_bytes("12"), parse_bytes("x"), parse_bytes("")),
            (Some(2 << 30), Some(12), None, None)
        );
        let values = gather(&[], &[("PM_TRUSTED_PROXIES", "10.0.0.1, ::1,")]).unwrap();
        assert_eq!(values.listening().unwrap().trusted_proxies.len(), 2);
    }

    #[test]
    fn a_secret_is_never_shown() {
        let values = gather(&[], &[("PM_ADMIN_TOKEN", "canary-token")]).unwrap();
        assert!(!format!("{:?}", values.services("pm.db".into()).unwrap()).contains("canary"));
    }
}
