//! Documentation and code say the same: every command shown can be typed, every key and platform is described.

use clap::{CommandFactory, Parser};
use embalm::{commands::Cli, config, platforms};
use std::{collections::BTreeSet, fs};

fn read(path: &str) -> String {
    fs::read_to_string(path).expect(path)
}

/// Every `embalm …` that a page shows, in a code block or between backticks, without comments.
fn commands_shown(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in page.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            found.extend(line.split("&&").map(|part| part.split('#').next().unwrap_or_default().trim().to_owned()));
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    let commands = found.into_iter().map(|command| command.replace("cargo run --release -- ", "embalm "));
    commands.filter(|command| command.starts_with("embalm ")).collect()
}

/// Words as a shell splits them; single and double quotes only.
fn shell_words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            (' ', None) => words.push(String::new()),
            _ => words.last_mut().expect("one word at least").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_in_the_documentation_can_be_typed() {
    let mut shown = 0;
    for page in [
        "README.md",
        "docs/configuration.md",
        "docs/export.md",
        "docs/platforms.md",
        "docs/querying.md",
        "docs/running.md",
        "docs/schema.md",
        "docs/tables.md",
        "docs/queries.md",
        "docs/datasette.md",
    ] {
        for command in commands_shown(&read(page)) {
            let words = shell_words(&command);
            // `embalm COMMAND --help` stands for any command, and `embalm add` alone names one.
            let named = |name: &str| Cli::command().get_subcommands().any(|command| command.get_name() == name);
            if words.iter().any(|word| word == "COMMAND") || (words.len() == 2 && named(&words[1])) {
                continue;
            }
            shown += 1;
            if let Err(error) = Cli::try_parse_from(&words)
                && error.use_stderr()
            {
                panic!("{page} shows `{command}`:\n{error}");
            }
        }
    }
    assert!(shown > 10, "the documentation shows commands");
}

#[test]
fn every_subcommand_is_in_the_readme_and_teaches_by_its_help() {
    let readme = read("README.md");
    for command in Cli::command().get_subcommands() {
        let name = command.get_name();
        assert!(readme.contains(&format!("embalm {name}")) || readme.contains(&format!("-- {name}")), "{name}");
        assert!(command.get_about().is_some(), "{name} says what it does");
        for flag in command.get_arguments() {
            assert!(flag.get_help().is_some(), "{name} {} says what it does", flag.get_id());
        }
    }
}

#[test]
fn every_configuration_key_is_documented() {
    let page = read("docs/configuration.md");
    let mut section = String::new();
    let mut missing = BTreeSet::new();
    for line in config::TEMPLATE.lines() {
        let line = line.trim_start_matches("# ");
        if line.starts_with('[') {
            section = line.to_owned();
        } else if let Some((key, _)) = line.split_once(" = ")
            && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            let named = page.lines().any(|row| row.starts_with(&format!("| `{section}")) && row.contains(key));
            if !named {
                missing.insert(format!("{section} {key}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_platform_is_documented() {
    let page = read("docs/platforms.md");
    let silent: Vec<_> =
        platforms::ALL.iter().map(|p| p.id()).filter(|id| !page.contains(&format!("`{id}`"))).collect();
    assert!(silent.is_empty(), "not in docs/platforms.md: {silent:?}");
}

/// The rows of the table of platforms, without marks: each platform's id, routes, words, media, time, gone.
fn rows_of_platforms(page: &str) -> Vec<(String, Vec<String>)> {
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|line| line.trim_matches(['|', ' ']).split(" | ").map(str::to_owned).collect::<Vec<_>>());
    let mut found = Vec::new();
    for row in cells.filter(|cells| cells.len() == 6) {
        let named = row[0].split(':').next().unwrap_or_default();
        let plain: Vec<_> = row[1..].iter().map(|cell| cell.trim().replace(['`', '*'], "")).collect();
        found.extend(named.split(", ").map(|id| (id.trim_matches('`').to_owned(), plain.clone())));
    }
    found
}

#[test]
fn list_platforms_and_the_table_of_platforms_say_the_same() {
    let rows = rows_of_platforms(&read("docs/platforms.md"));
    for platform in platforms::ALL {
        let gives = platforms::gives(platform.id()).unwrap_or_else(|| panic!("{} has no row", platform.id()));
        let said = [gives.how, gives.text, gives.media, gives.time, gives.gone].map(str::to_owned);
        let told = rows.iter().find(|(id, _)| id == platform.id()).map(|(_, cells)| cells.as_slice());
        assert_eq!(told, Some(said.as_slice()), "{}", platform.id());
        let named: Vec<_> = gives.routes.iter().filter_map(|via| gives.how.find(via.as_str())).collect();
        assert!(named.len() == gives.routes.len() && named.is_sorted(), "{}: {:?}", platform.id(), gives.routes);
    }
}

/// The rows of the table under a heading, its cells without marks.
fn rows_under(page: &str, head: &str) -> Vec<Vec<String>> {
    let lines = page.lines().skip_while(|line| *line != head).skip(2).take_while(|line| line.starts_with('|'));
    lines.map(|line| line.trim_matches(['|', ' ']).split(" | ").map(|cell| cell.replace('`', "")).collect()).collect()
}

#[test]
fn the_names_of_log_and_metrics_are_those_of_their_documentation() {
    use embalm::report::{
        log::{EVENTS, FIELDS},
        metrics::METRICS,
    };
    let page = read("docs/running.md");
    let bare = |text: &str| text.replace('`', "");
    let events: Vec<Vec<String>> = EVENTS
        .iter()
        .map(|event| vec![event.name.to_owned(), event.level.to_owned(), event.fields.join(", "), bare(event.means)])
        .collect();
    assert_eq!(rows_under(&page, "| event | level | fields | meaning |"), events);
    let fields: Vec<Vec<String>> = FIELDS.iter().map(|(name, means)| vec![(*name).to_owned(), bare(means)]).collect();
    assert_eq!(rows_under(&page, "| field | meaning |"), fields);
    let labels = |labels: &[&str]| if labels.is_empty() { "none".to_owned() } else { labels.join(", ") };
    let metrics: Vec<Vec<String>> =
        METRICS.iter().map(|metric| vec![metric.name.to_owned(), labels(metric.labels), bare(metric.means)]).collect();
    assert_eq!(rows_under(&page, "| metric | labels | meaning |"), metrics);
}

#[test]
fn every_form_names_the_fixtures_that_show_it() {
    let page = read("docs/forms.md");
    let is_fixture =
        |name: &&str| [".html", ".md", ".txt"].iter().any(|end| name.ends_with(end)) && !name.contains('/');
    let named: BTreeSet<_> = page.split('`').skip(1).step_by(2).filter(is_fixture).map(str::to_owned).collect();
    let folder = fs::read_dir("fixtures/cases/detect").expect("the folder of cases");
    let names = folder.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let fixtures: BTreeSet<_> = names.filter(|name| is_fixture(&name.as_str())).collect();
    let absent: Vec<_> = named.difference(&fixtures).collect();
    let unnamed: Vec<_> = fixtures.difference(&named).collect();
    assert!(absent.is_empty(), "docs/forms.md names fixtures that are not there: {absent:?}");
    assert!(unnamed.is_empty(), "docs/forms.md doesn't name: {unnamed:?}");
}

#[test]
fn help_is_written_as_wide_as_it_is_shown() {
    /// A terminal's width, up to which `--help` is shown; what is wider is broken wherever that is.
    const WIDTH: usize = 100;
    let mut open = vec![Cli::command()];
    while let Some(command) = open.pop() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in help.lines() {
            assert!(line.chars().count() <= WIDTH, "{}: {line}", command.get_name());
        }
        open.extend(command.get_subcommands().cloned());
    }
}

#[test]
fn the_exit_codes_of_readme_and_help_are_the_same() {
    let readme = read("README.md");
    let help = Cli::command().render_long_help().to_string();
    for code in ["0", "1", "2", "3", "4", "75"] {
        assert!(readme.contains(&format!("| {code} |")), "README: {code}");
        assert!(help.contains(&format!("{code} ")), "--help: {code}");
    }
}

#[test]
fn every_link_inside_the_documentation_leads_somewhere() {
    let mut seen = 0;
    for page in [
        "README.md",
        "docs/configuration.md",
        "docs/forms.md",
        "docs/platforms.md",
        "docs/running.md",
        "docs/schema.md",
        "docs/security.md",
        "docs/viewer.md",
    ] {
        let folder = std::path::Path::new(page).parent().expect("a page stands in a folder");
        for link in read(page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !link.contains("://") && !link.starts_with('#') {
                seen += 1;
                let file = link.split('#').next().unwrap_or(link);
                assert!(folder.join(file).exists(), "{page} links to {link}, which is not there");
            }
        }
    }
    assert!(seen > 4, "{seen}");
}

#[test]
fn the_limits_of_reading_are_those_of_the_code() {
    use embalm::{detect::limits, pipeline, warc};
    let page = read("docs/security.md");
    for (name, value) in [
        ("MAX_DOCUMENT_BYTES", pipeline::MAX_DOCUMENT_BYTES),
        ("MAX_LINE_BYTES", pipeline::MAX_LINE_BYTES),
        ("MAX_SKIPPED_BYTES", pipeline::MAX_SKIPPED_BYTES),
        ("MAX_MEMBER_BYTES", warc::MAX_MEMBER_BYTES),
        ("MAX_FOUND", limits::MAX_FOUND as u64),
        ("MAX_HELD_DEPTH", limits::MAX_HELD_DEPTH as u64),
        ("MAX_HELD_BYTES", limits::MAX_HELD_BYTES as u64),
        ("MAX_SCRIPT_BYTES", limits::MAX_SCRIPT_BYTES as u64),
        ("MAX_STATE_BYTES", limits::MAX_STATE_BYTES as u64),
        ("MAX_STATE_VALUES", limits::MAX_STATE_VALUES as u64),
        ("MAX_STATE_HTML_BYTES", limits::MAX_STATE_HTML_BYTES as u64),
        ("MAX_INSIDE", limits::MAX_INSIDE as u64),
    ] {
        assert!(page.contains(&format!("| `{name}` | {value} |")), "{name} is {value}");
    }
}

#[test]
fn the_limits_of_the_viewer_are_those_of_the_code() {
    use embalm::serve::limits;
    let page = read("docs/security.md");
    let time = |limit: std::time::Duration| format!("{} s", limit.as_secs());
    for (name, value) in [
        ("MAX_CONNECTIONS", limits::MAX_CONNECTIONS.to_string()),
        ("HEAD_TIME_LIMIT", time(limits::HEAD_TIME_LIMIT)),
        ("MAX_HEAD_BYTES", limits::MAX_HEAD_BYTES.to_string()),
        ("MAX_HEAD_FIELDS", limits::MAX_HEAD_FIELDS.to_string()),
        ("MAX_ADDRESS_BYTES", limits::MAX_ADDRESS_BYTES.to_string()),
        ("STALL_TIME_LIMIT", time(limits::STALL_TIME_LIMIT)),
        ("MAX_PAGE_READERS", limits::MAX_PAGE_READERS.to_string()),
        ("MAX_MEDIA_READERS", limits::MAX_MEDIA_READERS.to_string()),
        ("TURN_TIME_LIMIT", time(limits::TURN_TIME_LIMIT)),
        ("ANSWER_TIME_LIMIT", time(limits::ANSWER_TIME_LIMIT)),
        ("MAX_BYTES_AHEAD", limits::MAX_BYTES_AHEAD.to_string()),
        ("END_TIME_LIMIT", time(limits::END_TIME_LIMIT)),
    ] {
        assert!(page.contains(&format!("| `{name}` | {value} |")), "{name} is {value}");
    }
}
