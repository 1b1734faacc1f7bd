//! The same program in the other build profile. Knows how cargo lays out its target directory.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

pub(super) enum Twin {
    Built {
        profile: &'static str,
        program: PathBuf,
    },
    /// There is none, and why.
    Missing(String),
}

/// Builds it, if this program was started by cargo.
pub(super) fn build(program: &Path) -> Twin {
    let Ok(cargo) = env::var("CARGO") else {
        return Twin::Missing("not started by cargo, so nobody can build the other profile".to_owned());
    };
    let Some(place) = Place::of(program) else {
        return Twin::Missing(format!("{} is not in a target directory of cargo's", program.display()));
    };
    let profiles: &[_] = if place.profile == "debug" { &["sim", "release"] } else { &["dev"] };
    let mut why = String::new();
    for profile in profiles {
        match place.build(&cargo, profile) {
            Ok(program) => return Twin::Built { profile, program },
            Err(message) => why = message,
        }
    }
    Twin::Missing(why)
}

/// `target/profile[/examples]/name`.
struct Place<'a> {
    target: &'a Path,
    profile: &'a str,
    example: bool,
    name: &'a str,
}

impl<'a> Place<'a> {
    fn of(program: &'a Path) -> Option<Self> {
        let name = program.file_name()?.to_str()?;
        let parent = program.parent()?;
        let example = parent.file_name()? == "examples";
        let directory = if example { parent.parent()? } else { parent };
        let target = directory.parent()?;
        let is_target = target.join("CACHEDIR.TAG").exists();
        is_target.then_some(Self { target, profile: directory.file_name()?.to_str()?, example, name })
    }

    fn build(&self, cargo: &str, profile: &str) -> Result<PathBuf, String> {
        let mut command = Command::new(cargo);
        command.args(["build", "--quiet", "--profile", profile]).arg("--target-dir").arg(self.target);
        // An example needs the features that it requires; a program's own are on by default.
        if self.example {
            command.args(["--all-features", "--example", self.name]);
        } else {
            command.args(["--bin", self.name]);
        }
        if let Ok(package) = env::var("CARGO_PKG_NAME") {
            command.args(["--package", &package]);
        }
        if let Ok(directory) = env::var("CARGO_MANIFEST_DIR") {
            command.current_dir(directory);
        }
        let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{cargo}: {error}"))?;
        if output.status.success() {
            return Ok(self.program(profile));
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let why = stderr.lines().find(|line| line.starts_with("error")).unwrap_or("cargo does not say why");
        Err(format!("cargo build --profile {profile}: {why}"))
    }

    fn program(&self, profile: &str) -> PathBuf {
        let directory = self.target.join(if profile == "dev" { "debug" } else { profile });
        if self.example { directory.join("examples").join(self.name) } else { directory.join(self.name) }
    }
}
