//! What the machine must have, and how to get it from the system's own package manager. Knows package names, runs
//! the manager where it may, and otherwise says the command.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::Command;

use crate::programs::{find_answer, find_on_path, quoted, run, say};
use crate::ui;

/// Something a task needs from the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    CCompiler,
    Node,
    PkgConfig,
    WebView,
    TrayIcon,
    Svg,
    Chromium,
    VirtualDisplay,
    MessageBus,
    WebDriver,
    Keyboard,
    Screenshots,
    Tracer,
}

/// SQLite is compiled from C.
pub(crate) const FOR_THE_SERVER: &[Need] = &[Need::CCompiler];
/// Without it the tests that watch system calls say so and are left out.
pub(crate) const FOR_RUST_TESTS: &[Need] = if cfg!(target_os = "linux") { &[Need::Tracer] } else { &[] };
pub(crate) const FOR_THE_INTERFACE: &[Need] = &[Need::Node];
pub(crate) const FOR_THE_WINDOW: &[Need] = if cfg!(target_os = "linux") {
    &[Need::PkgConfig, Need::WebView, Need::TrayIcon, Need::Svg]
} else {
    &[]
};
pub(crate) const FOR_BROWSER_TESTS: &[Need] = &[Need::Node, Need::Chromium];
pub(crate) const FOR_DESKTOP_TESTS: &[Need] =
    &[Need::VirtualDisplay, Need::MessageBus, Need::WebDriver, Need::Keyboard, Need::Screenshots];

impl Need {
    fn is_there(self) -> bool {
        let any = |names: &[&str]| names.iter().any(|name| find_on_path(name).is_some());
        let library = |names: &[&str]| {
            names.iter().any(|name| {
                ["pkg-config", "pkgconf"]
                    .iter()
                    .any(|asked| find_answer(Command::new(asked).args(["--exists", name])).is_some())
            })
        };
        match self {
            // On Windows the compiler is not on the PATH: the build finds it in the registry.
            Need::CCompiler => {
                cfg!(windows) || std::env::var_os("CC").is_some() || any(&["cc", "gcc", "clang"])
            }
            Need::Node => ui::find_node().is_some(),
            Need::PkgConfig => any(&["pkg-config", "pkgconf"]),
            Need::WebView => library(&["webkit2gtk-4.1"]),
            Need::TrayIcon => library(&["ayatana-appindicator3-0.1", "appindicator3-0.1"]),
            Need::Svg => library(&["librsvg-2.0"]),
            Need::Chromium => find_chromium().is_some(),
            Need::VirtualDisplay => any(&["xvfb-run"]) && any(&["xauth"]),
            Need::MessageBus => any(&["dbus-run-session"]),
            Need::WebDriver => any(&["WebKitWebDriver"]),
            Need::Keyboard => any(&["xdotool"]),
            Need::Screenshots => any(&["import"]),
            Need::Tracer => any(&["strace"]),
        }
    }

    /// What it is called where nothing installs it.
    fn name(self) -> &'static str {
        match self {
            Need::CCompiler => "a C compiler (SQLite is built with it)",
            Need::Node => "Node 20.19 or newer, with npm",
            Need::PkgConfig => "pkg-config",
            Need::WebView => "webkit2gtk 4.1",
            Need::TrayIcon => "ayatana-appindicator 3",
            Need::Svg => "librsvg 2",
            Need::Chromium => "Chromium",
            Need::VirtualDisplay => "xvfb-run",
            Need::MessageBus => "dbus-run-session",
            Need::WebDriver => "WebKitWebDriver",
            Need::Keyboard => "xdotool",
            Need::Screenshots => "ImageMagick",
            Need::Tracer => "strace",
        }
    }

    /// The packages that bring it. For dnf and zypper libraries are named by what they provide, which no release renames.
    fn packages(self, manager: Manager) -> &'static [&'static str] {
        use Manager::{Apk, Apt, Dnf, Pacman, Zypper};
        match (self, manager) {
            (Need::CCompiler, Apt) => &["build-essential"],
            (Need::CCompiler, Dnf | Zypper) => &["gcc", "make"],
            (Need::CCompiler, Pacman) => &["base-devel"],
            (Need::CCompiler, Apk) => &["build-base"],
            (Need::Node, Zypper) => &["nodejs-default", "npm-default"],
            (Need::Node, _) => &["nodejs", "npm"],
            (Need::PkgConfig, Dnf) => &["pkgconf-pkg-config"],
            (Need::PkgConfig, Apt | Zypper) => &["pkg-config"],
            (Need::PkgConfig, Pacman | Apk) => &["pkgconf"],
            (Need::WebView, Apt) => &["libwebkit2gtk-4.1-dev"],
            (Need::WebView, Dnf | Zypper) => &["pkgconfig(webkit2gtk-4.1)"],
            (Need::WebView, Pacman) => &["webkit2gtk-4.1"],
            (Need::WebView, Apk) => &["webkit2gtk-4.1-dev"],
            (Need::TrayIcon, Apt) => &["libayatana-appindicator3-dev"],
            (Need::TrayIcon, Dnf | Zypper) => &["pkgconfig(ayatana-appindicator3-0.1)"],
            (Need::TrayIcon, Pacman) => &["libayatana-appindicator"],
            (Need::TrayIcon, Apk) => &["libayatana-appindicator-dev"],
            (Need::Svg, Apt) => &["librsvg2-dev"],
            (Need::Svg, Dnf | Zypper) => &["pkgconfig(librsvg-2.0)"],
            (Need::Svg, Pacman) => &["librsvg"],
            (Need::Svg, Apk) => &["librsvg-dev"],
            (Need::Chromium, Apt) => &["chromium", "fonts-liberation"],
            (Need::Chromium, Dnf | Pacman | Zypper | Apk) => &["chromium"],
            (Need::Tracer, _) => &["strace"],
            // The desktop tests run where CI runs them: on Debian and its kin.
            (Need::VirtualDisplay, Apt) => &["xvfb", "xauth"],
            (Need::MessageBus, Apt) => &["dbus-daemon"],
            (Need::WebDriver, Apt) => &["webkit2gtk-driver"],
            (Need::Keyboard, Apt) => &["xdotool"],
            (Need::Screenshots, Apt) => &["imagemagick"],
            (
                Need::VirtualDisplay
                | Need::MessageBus
                | Need::WebDriver
                | Need::Keyboard
                | Need::Screenshots,
                Dnf | Pacman | Zypper | Apk,
            ) => &[],
        }
    }
}

/// The browser for the tests: the one that `CHROMIUM` names, or one of its usual names.
pub(crate) fn find_chromium() -> Option<PathBuf> {
    std::env::var_os("CHROMIUM").map(PathBuf::from).or_else(|| {
        ["chromium", "chromium-browser", "google-chrome", "chrome"].into_iter().find_map(find_on_path)
    })
}

/// The system's package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manager {
    Apt,
    Dnf,
    Pacman,
    Zypper,
    Apk,
}

impl Manager {
    fn find() -> Option<Self> {
        [
            ("apt-get", Manager::Apt),
            ("dnf", Manager::Dnf),
            ("pacman", Manager::Pacman),
            ("zypper", Manager::Zypper),
            ("apk", Manager::Apk),
        ]
        .into_iter()
        .find_map(|(program, manager)| {
            (cfg!(target_os = "linux") && find_on_path(program).is_some()).then_some(manager)
        })
    }

    /// What makes the list of packages fresh, where installing does not do that itself.
    fn refresh(self) -> Option<&'static [&'static str]> {
        (self == Manager::Apt).then_some(&["apt-get", "update"])
    }

    fn install(self) -> &'static [&'static str] {
        match self {
            Manager::Apt => &[
                "env",
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
            ],
            Manager::Dnf => &["dnf", "install", "-y"],
            Manager::Pacman => &["pacman", "-Sy", "--needed", "--noconfirm"],
            Manager::Zypper => &["zypper", "--non-interactive", "install"],
            Manager::Apk => &["apk", "add"],
        }
    }

    /// The same for a person, who can answer questions.
    fn by_hand(self) -> &'static [&'static str] {
        match self {
            Manager::Apt => &["apt-get", "install"],
            Manager::Dnf => &["dnf", "install"],
            Manager::Pacman => &["pacman", "-S"],
            Manager::Zypper => &["zypper", "install"],
            Manager::Apk => &["apk", "add"],
        }
    }
}

/// What is still missing after [`provide`], told in one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) String);

/// Makes sure that everything is there, installing where that is allowed.
pub(crate) fn provide(needs: &[Need]) -> Result<(), Missing> {
    let missing = missing_of(needs);
    if missing.is_empty() {
        return Ok(());
    }
    let manager = Manager::find();
    if let Some(manager) = manager
        && let Some(packages) = packages_for(&missing, manager)
        && let Some(rights) = Rights::find()
    {
        say(&format!("Installing {}.", names(&missing)));
        install(manager, &packages, rights);
    }
    let still = missing_of(&missing);
    if still.is_empty() { Ok(()) } else { Err(Missing(advice(&still, manager))) }
}

fn missing_of(needs: &[Need]) -> Vec<Need> {
    needs.iter().copied().filter(|need| !need.is_there()).collect()
}

fn names(needs: &[Need]) -> String {
    needs.iter().map(|need| need.name()).collect::<Vec<_>>().join(", ")
}

/// `None` when this manager cannot bring all of it: installing a part would help nobody.
fn packages_for(needs: &[Need], manager: Manager) -> Option<Vec<&'static str>> {
    if needs.contains(&Need::Node) && find_on_path("node").is_some() && find_on_path("npm").is_some() {
        // There is a Node, too old; the system's own is most likely that one.
        return None;
    }
    let lists: Vec<_> = needs.iter().map(|need| need.packages(manager)).collect();
    lists.iter().all(|list| !list.is_empty()).then(|| lists.concat())
}

/// Failures are only shown: what counts is whether the things are there afterwards.
fn install(manager: Manager, packages: &[&str], rights: Rights) {
    let commands =
        manager.refresh().into_iter().map(<[_]>::to_vec).chain([[manager.install(), packages].concat()]);
    for words in commands {
        let words = [rights.prefix(), &words].concat();
        if let Some((program, arguments)) = words.split_first()
            && let Err(error) = run(Command::new(program).args(arguments))
        {
            say(&format!("{error:#}"));
        }
    }
}

/// How packages may be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rights {
    Root,
    SudoWithoutPassword,
    SudoAtTerminal,
}

impl Rights {
    fn find() -> Option<Self> {
        if find_answer(Command::new("id").arg("-u")).is_some_and(|id| id == "0") {
            Some(Rights::Root)
        } else if find_answer(Command::new("sudo").args(["-n", "true"])).is_some() {
            Some(Rights::SudoWithoutPassword)
        } else {
            (find_on_path("sudo").is_some() && std::io::stdin().is_terminal())
                .then_some(Rights::SudoAtTerminal)
        }
    }

    fn prefix(self) -> &'static [&'static str] {
        match self {
            Rights::Root => &[],
            Rights::SudoWithoutPassword => &["sudo", "-n"],
            Rights::SudoAtTerminal => &["sudo"],
        }
    }
}

/// What is missing, and the command that brings it.
fn advice(missing: &[Need], manager: Option<Manager>) -> String {
    let mut text = format!("missing: {}", names(missing));
    let with_manager = manager.and_then(|manager| Some((manager, packages_for(missing, manager)?)));
    if let Some((manager, packages)) = with_manager {
        let words = [manager.by_hand(), &packages].concat();
        let command = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        text.push_str(&format!("; to install: sudo {command}"));
    } else if cfg!(target_os = "macos") && missing.contains(&Need::CCompiler) {
        text.push_str("; to install: xcode-select --install");
    }
    if missing.contains(&Need::Node) {
        text.push_str("; Node is at nodejs.org too");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANAGERS: [Manager; 5] =
        [Manager::Apt, Manager::Dnf, Manager::Pacman, Manager::Zypper, Manager::Apk];

    #[test]
    fn every_package_manager_brings_all_that_starting_needs() {
        let needs = [Need::CCompiler, Need::Node, Need::PkgConfig, Need::WebView, Need::TrayIcon, Need::Svg];
        for (manager, need) in MANAGERS.into_iter().flat_map(|manager| needs.map(|need| (manager, need))) {
            assert!(!need.packages(manager).is_empty(), "{manager:?} {need:?}");
        }
    }

    #[test]
    fn apt_brings_all_that_the_tests_need() {
        assert!(packages_for(&[Need::Chromium], Manager::Apt).is_some());
        assert!(packages_for(FOR_RUST_TESTS, Manager::Apt).is_some());
        assert!(packages_for(FOR_DESKTOP_TESTS, Manager::Apt).is_some());
        assert_eq!(packages_for(FOR_DESKTOP_TESTS, Manager::Apk), None);
    }

    #[test]
    fn the_advice_is_a_command_one_can_paste() {
        let text = advice(&[Need::WebView, Need::Svg], Some(Manager::Dnf));
        assert_eq!(
            text,
            "missing: webkit2gtk 4.1, librsvg 2; to install: \
             sudo dnf install 'pkgconfig(webkit2gtk-4.1)' 'pkgconfig(librsvg-2.0)'"
        );
    }
}
