//! Notes the revision of the source tree, so that every record says what made it, and compiles the
//! static C program that a primitive execs.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const STATIC_SOURCE: &str = "scripts/static-program.c";

/// The only thing that is said of another system: without it, hundreds of errors would be.
const OTHER_SYSTEM: &str = "process-vs-thread measures the Linux kernel and builds for Linux alone \
                            (x86-64, aarch64, riscv64)";

fn main() {
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system != "linux") {
        println!("cargo::error={OTHER_SYSTEM}");
        return;
    }
    for path in ["scripts/build.rs", STATIC_SOURCE, "src", "benches", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={path}");
    }
    for variable in ["CC", "RUSTC_LINKER"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let folder = env::var_os("OUT_DIR").expect("cargo names it");
    let program = PathBuf::from(folder).join("static-program");
    if !compiled(&program) {
        // The primitive finds it empty and says so; the build goes on without.
        fs::write(&program, []).expect("cargo's folder can be written to");
    }
    note_revision();
}

/// Compiles and links the program statically, for the machine that cargo builds for.
fn compiled(program: &Path) -> bool {
    let same_machine = machine("TARGET") == machine("HOST");
    // Where cargo links by a compiler of its own choice, that one makes programs for the target;
    // `cc` for this machine.
    let (compiler, arguments) = match (env::var_os("RUSTC_LINKER"), env::var("CC")) {
        (Some(linker), _) => (linker, Vec::new()),
        // As make has it: a word for the program, more for its arguments ("ccache gcc").
        (None, Ok(words)) if same_machine => {
            let mut words = words.split_whitespace().map(OsString::from);
            let Some(compiler) = words.next() else { return false };
            (compiler, words.collect())
        }
        (None, Err(_)) if same_machine => (OsString::from("cc"), Vec::new()),
        _ => return false,
    };
    let output = Command::new(compiler)
        .args(arguments)
        .args(["-static", "-O2", "-s", STATIC_SOURCE, "-o"])
        .arg(program)
        .output();
    output.is_ok_and(|output| output.status.success())
}

/// The processor of a target triple.
fn machine(variable: &str) -> Option<String> {
    let triple = env::var(variable).ok()?;
    triple.split('-').next().map(str::to_owned)
}

fn note_revision() {
    // Outside a checkout there is no revision, and the record says none.
    let Some(git) = said(&["rev-parse", "--git-dir"]) else { return };
    for file in ["HEAD", "logs/HEAD"] {
        let path = Path::new(&git).join(file);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    let Some(revision) = said(&["rev-parse", "--short=12", "HEAD"]) else { return };
    let changed = said(&["status", "--porcelain", "--", "src", "benches", "Cargo.toml"]);
    let dirty = if changed.is_some_and(|list| !list.is_empty()) { "-dirty" } else { "" };
    println!("cargo::rustc-env=PROCESS_VS_THREAD_REVISION={revision}{dirty}");
}

fn said(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
