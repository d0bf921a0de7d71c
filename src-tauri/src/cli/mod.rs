//! `pilotdeck-server`: what can be asked for on the command line, and how it ends.

mod data;
mod demo;
mod output;
mod password;
mod serve;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::failure::{Exit, Failure};
use crate::settings::{SETTINGS, Values};
use crate::{logging, private_files};
use output::{complain, say};

/// Runs the command line and tells how it ended.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    private_files::keep_new_files_private();
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&format!("pilotdeck-server: {failure}"));
            failure.exit_code()
        }
    }
}

fn run(args: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    let matches = match command().try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(shown) if matches!(shown.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            say(shown.to_string().trim_end());
            return Ok(());
        }
        Err(error) => return Err(Failure::new(Exit::Usage, error.to_string().trim_end())),
    };
    // The deploy job runs detached, without our settings and without a database.
    if let Some(("deploy-runner", job)) = matches.subcommand() {
        let ran = pilotdeck_services::run_deploy_job(&path(job, "FILE")?);
        return ran.map_err(|error| Failure::new(Exit::Software, format!("{error:#}")));
    }
    let flag = |name: &str| matches.get_one::<String>(name).cloned();
    let values = Values::gather(flag, |name| std::env::var(name).ok())?;
    logging::start(values.debug()?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Software, format!("no threads: {error}")))?;
    runtime.block_on(dispatch(&values, &matches))
}

async fn dispatch(values: &Values, matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        None | Some(("serve", _)) => serve::serve(values).await,
        Some(("backup", sub)) => data::backup(values, &path(sub, "out")?).await,
        Some(("restore", sub)) => data::restore(values, &path(sub, "from")?).await,
        Some(("import", sub)) => data::import(values, &path(sub, "from")?).await,
        Some(("inspect", sub)) => data::inspect(values, &path(sub, "FILE")?, sub.get_flag("json")).await,
        Some(("reset-password", sub)) => {
            password::reset(values, sub.get_one::<String>("user"), sub.get_flag("stdin")).await
        }
        Some(("demo", sub)) => demo::demo(values, sub.get_flag("live"), sub.get_flag("replace")).await,
        Some((other, _)) => Err(Failure::new(Exit::Usage, format!("no such command: {other}"))),
    }
}

/// The database file: as set, else below the current folder.
fn db_file(values: &Values) -> PathBuf {
    values.db_file().unwrap_or_else(|| PathBuf::from("data/pm.db"))
}

fn path(matches: &ArgMatches, name: &str) -> Result<PathBuf, Failure> {
    let missing = || Failure::new(Exit::Usage, format!("{name} is missing"));
    matches.get_one::<PathBuf>(name).cloned().ok_or_else(missing)
}

fn command() -> Command {
    let file = |name: &'static str, help: &'static str| {
        Arg::new(name).value_name("FILE").required(true).value_parser(clap::value_parser!(PathBuf)).help(help)
    };
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("pilotdeck-server")
        .version(env!("CARGO_PKG_VERSION"))
        .about("PilotDeck without a window: the server, and the tools for its database")
        .after_help(secrets_help())
        .args(SETTINGS.iter().filter_map(setting_arg))
        .subcommand(Command::new("serve").about("Serve the interface and the API (the default)"))
        .subcommand(
            Command::new("backup")
                .about("Write one consistent, checked copy of the database")
                .arg(file("out", "The file to make; it must not exist").long("out")),
        )
        .subcommand(
            Command::new("restore")
                .about("Put a backup in place of the database; the old one is kept beside it")
                .arg(file("from", "A backup, or a database of the older server").long("from")),
        )
        .subcommand(
            Command::new("import")
                .about("Bring a database of the older server into an empty one")
                .arg(file("from", "The database of the older server").long("from")),
        )
        .subcommand(
            Command::new("inspect")
                .about("Tell what a database file holds, without changing anything")
                .arg(file("FILE", "The file"))
                .arg(switch("json", "As JSON")),
        )
        .subcommand(
            Command::new("reset-password")
                .about("Give a user a new password and end all their sessions")
                .arg(Arg::new("user").long("user").value_name("NAME").default_value("admin").help("Whose"))
                .arg(switch("stdin", "Read it from standard input instead of making one up")),
        )
        .subcommand(
            Command::new("demo")
                .about("Fill an empty database with an invented team's month of work")
                .arg(switch("live", "Then serve, and go on posting through the API"))
                .arg(switch("replace", "Even if there is something: the old database is kept beside it")),
        )
        .subcommand(Command::new("deploy-runner").hide(true).arg(file("FILE", "The job")))
}

fn setting_arg(setting: &'static crate::settings::Setting) -> Option<Arg> {
    let flag = setting.flag?;
    let arg = Arg::new(flag)
        .long(flag)
        .value_name(setting.value)
        .global(true)
        .help(format!("{} [{}]", setting.help, setting.name))
        .help_heading("Settings, by flag or by the variable in brackets");
    // A switch may stand alone; its value needs the equals sign, or it would swallow the command after it.
    let is_switch = setting.value == "BOOL";
    Some(if is_switch { arg.num_args(0..=1).require_equals(true).default_missing_value("1") } else { arg })
}

fn secrets_help() -> String {
    let mut help =
        "Secrets, by variable only, or by NAME_FILE that names a file holding the value:\n".to_owned();
    for setting in SETTINGS.iter().filter(|setting| setting.flag.is_none()) {
        help.push_str(&format!("  {:<20} {}\n", setting.name, setting.help));
    }
    help.push_str(
        "\nExit codes: 0 done, 64 wrong usage, 65 damaged or newer data, 69 port in use, 70 internal fault,\n\
         73 file cannot be made, 74 reading or writing failed, 75 another PilotDeck has the database, 78 wrong setting",
    );
    help
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed_and_has_no_flag_for_a_secret() {
        command().debug_assert();
        let help = command().render_help().to_string();
        for setting in SETTINGS {
            assert!(help.contains(setting.name), "{} is not in the help", setting.name);
        }
        for word in ["token", "secret", "password"] {
            assert!(
                !help.contains(&format!("--admin-{word}")) && !help.contains(&format!("--{word}")),
                "{word}"
            );
        }
    }

    #[test]
    fn a_switch_does_not_swallow_the_command_after_it() {
        let matches =
            command().try_get_matches_from(["pilotdeck-server", "--debug", "demo", "--live"]).unwrap();
        assert_eq!(matches.get_one::<String>("debug").map(String::as_str), Some("1"));
        assert_eq!(matches.subcommand_name(), Some("demo"));
    }
}
