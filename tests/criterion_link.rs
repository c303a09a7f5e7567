//! The page of a run links to Criterion's, wherever Criterion was told to write.

mod support;

use process_vs_thread::run::criterion_link;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::Folder;

/// The folder of reports that the link is to start from.
const REPORTS: &str = "PROCESS_VS_THREAD_TEST_REPORTS";

#[test]
#[ignore = "it is what the other test starts"]
fn says_the_link() {
    let Some(reports) = std::env::var_os(REPORTS) else { return };
    println!("\nlink={}", criterion_link(Path::new(&reports)).unwrap_or_default());
}

/// Criterion's top page, in the folder that Criterion calls its home.
fn top_page(home: &Path) {
    fs::create_dir_all(home.join("report")).unwrap();
    fs::write(home.join("report/index.html"), "").unwrap();
}

/// The link that a program of this path finds, started in the folder with these variables.
fn link(program: &Path, folder: &Path, variables: &[(&str, &Path)]) -> String {
    let mut command = Command::new(program);
    command.args(["--ignored", "--exact", "says_the_link", "--nocapture"]).current_dir(folder);
    command.env_remove("CRITERION_HOME").env_remove("CARGO_TARGET_DIR");
    command.env(REPORTS, folder.join("reports")).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said = text.lines().find_map(|line| line.strip_prefix("link="));
    said.unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[test]
fn criterions_page_is_found_where_its_variables_and_cargos_configuration_put_it() {
    let folder = Folder::new("criterion-link");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("reports")).unwrap();
    let own = std::env::current_exe().unwrap();
    // As `build.target-dir` in cargo's configuration has it: the program lies in such a folder.
    let configured = at("configured/x86_64-unknown-linux-gnu/release/deps");
    fs::create_dir_all(&configured).unwrap();
    fs::write(at("configured/CACHEDIR.TAG"), "").unwrap();
    let moved = configured.join("verdict-0123456789abcdef");
    fs::copy(&own, &moved).unwrap();

    for home in ["told", "moved/criterion", "target/criterion", "configured/criterion"] {
        top_page(&at(home));
    }
    let (told, target) = (at("told"), at("moved"));
    let both = [("CRITERION_HOME", told.as_path()), ("CARGO_TARGET_DIR", target.as_path())];
    let found =
        |program: &Path, variables: &[(&str, &Path)]| link(program, folder.path(), variables);
    assert_eq!(found(&own, &both), "../../told/report", "Criterion's own word comes first");
    assert_eq!(found(&own, &both[1..]), "../../moved/criterion/report");
    assert_eq!(found(&moved, &[]), "../../configured/criterion/report");
    // What is told and is not there is not replaced by another run's.
    let nowhere = at("nowhere");
    assert_eq!(found(&moved, &[("CRITERION_HOME", &nowhere)]), "");
    fs::remove_dir_all(at("configured/criterion")).unwrap();
    assert_eq!(found(&moved, &[]), "../../target/criterion/report");
}
