//! The reading room in a real browser: headless Chromium against `embalm serve` and exported files.
//!
//! One browser serves the whole suite, each reader is a tab in a fresh context. At the end the browser's own logs must
//! show that nothing was asked for but the viewer's own addresses and the exported files themselves.
//!
//! With `EMBALM_BROWSER_TESTS=1` the suite runs, and a missing browser is a failure; `.ci/run` sets it. Without it the
//! suite is left out, and says so. `CHROMIUM` names another browser, `EMBALM_AXE` is the path of axe-core's `axe.min.js`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests, and their one line of talk")]

mod asked;
mod axe;
mod control;
mod exported;
mod film;
mod habits;
mod reader;
mod reading;
mod recording;
mod room;
mod shots;
mod wire;
mod xss;

use asked::Allowed;
use libtest_mimic::{Arguments, Failed, Trial};
use room::Room;
use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};
use tokio::runtime::Runtime;
use url::Url;
use wire::Browser;

/// Says that the suite shall run.
const WANTED: &str = "EMBALM_BROWSER_TESTS";

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// What all tests share.
pub(crate) struct Suite {
    pub(crate) browser: Browser,
    pub(crate) room: Room,
    pub(crate) exports: exported::Exports,
    articles: Vec<(String, i64)>,
    allowed: Mutex<Allowed>,
}

impl Suite {
    fn open(program: &Path) -> Self {
        let browser = RUNTIME.block_on(Browser::launch(program));
        let room = Room::demo();
        let listed = room::embalm(room.folder(), &["list", "articles", "--json"]);
        let articles = listed.lines().map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).expect("a record");
            (record["title"].as_str().unwrap_or_default().to_owned(), record["id"].as_i64().expect("an id"))
        });
        let articles = articles.collect();
        let folders = [room.folder(), browser.folder()]
            .map(|folder| Url::from_directory_path(folder).expect("an absolute path").into());
        let exports = exported::Exports::write(room.folder());
        let allowed = Mutex::new(Allowed { origins: vec![room.origin().to_owned()], folders: folders.into() });
        Self { browser, articles, room, exports, allowed }
    }

    /// What pages of the suite may ask for.
    pub(crate) fn allowed(&self) -> Allowed {
        self.allowed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Another viewer of the suite, whose addresses and files are its own too.
    pub(crate) fn also(&self, origin: &str, folder: &Path) {
        let mut allowed = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        allowed.origins.push(origin.to_owned());
        allowed.folders.push(Url::from_directory_path(folder).expect("an absolute path").into());
    }

    /// Whether a script is one of a viewer's own.
    pub(crate) fn is_ours(&self, script: &str) -> bool {
        let allowed = self.allowed();
        allowed
            .origins
            .iter()
            .any(|origin| script.strip_prefix(origin.as_str()).is_some_and(|path| path.starts_with("/assets/")))
    }

    /// The page of the article of that title.
    pub(crate) fn article(&self, title: &str) -> String {
        let found = self.articles.iter().find(|(own, _)| own == title);
        let (_, id) = found.unwrap_or_else(|| panic!("no article {title}: {:?}", self.articles));
        self.room.url(&format!("/article/{id}"))
    }

    /// That nothing of all that was done asked for anything but what it may.
    fn ends_clean(&self) -> Result<usize, String> {
        let allowed = self.allowed();
        let (of_pages, mut foreign) = asked::foreign_to_pages(&self.browser.heard(), &allowed);
        let (of_network, written) = asked::foreign_to_the_network(&RUNTIME.block_on(self.browser.close()), &allowed);
        foreign.extend(written);
        if !foreign.is_empty() {
            return Err(format!("the browser asked for what is not ours:\n{}", asked::listed(foreign)));
        }
        // A log that holds nothing proves nothing.
        let both = of_pages.min(of_network);
        if both == 0 { Err("the browser's log is empty".to_owned()) } else { Ok(of_pages + of_network) }
    }
}

static SUITE: Mutex<Option<Arc<Suite>>> = Mutex::new(None);

/// The suite, which the first who asks opens.
fn suite(program: &Path) -> Arc<Suite> {
    let mut suite = SUITE.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(suite.get_or_insert_with(|| Arc::new(Suite::open(program))))
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let wanted = env::var(WANTED).is_ok_and(|value| value != "0" && !value.is_empty());
    if !wanted && !arguments.list {
        println!("left out: the tests in a real browser; {WANTED}=1 runs them (they need Chromium)");
        return ExitCode::SUCCESS;
    }
    let program = wire::program();
    if wanted && program.is_none() {
        println!("{WANTED} is set and there is no browser: install Chromium, or name one in CHROMIUM");
        return ExitCode::FAILURE;
    }
    let conclusion = libtest_mimic::run(&arguments, trials(&program.unwrap_or_default()));
    // Taken out, so that its processes and folders end with it.
    let suite = SUITE.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(suite) = suite else { return conclusion.exit_code() };
    match suite.ends_clean() {
        Ok(asked) => println!("the browser's log: {asked} entries, none of them foreign"),
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    }
    conclusion.exit_code()
}

fn trials(program: &Path) -> Vec<Trial> {
    let mut trials = Vec::new();
    macro_rules! trials {
        ($given:expr, $($module:ident::$name:ident),* $(,)?) => {$({
            let program: PathBuf = program.to_owned();
            trials.push(Trial::test(concat!(stringify!($module), "::", stringify!($name)), move || {
                RUNTIME.block_on($module::$name(&$given(&program)));
                Ok::<(), Failed>(())
            }));
        })*};
    }
    trials!(
        Path::to_owned,
        control::the_log_sees_what_a_page_asks_for,
        control::a_script_a_dialog_and_a_refusal_are_seen,
        xss::unhindered_attacks_run,
    );
    trials!(
        suite,
        reading::every_page_is_fit_to_read,
        reading::an_article_has_its_posts_in_their_places,
        reading::a_post_shows_its_life,
        reading::a_search_is_typed_marked_and_narrowed,
        reading::the_status_has_its_plots_and_their_tables,
        habits::keys_alone_lead_everywhere,
        habits::everything_can_be_read_without_scripts,
        habits::times_are_the_reader_s_with_the_exact_utc_on_hover,
        habits::pages_are_printed,
        habits::text_twice_as_large_still_fits,
        film::a_film_plays_and_is_sought_by_ranges,
        exported::exported_pages_are_whole_and_ask_for_nothing_else,
        exported::a_film_in_a_file_plays_to_its_end,
        axe::axe_finds_no_violation,
        shots::the_readme_s_pictures_can_be_taken,
        xss::the_viewer_and_its_exports_withstand_every_attack,
    );
    trials
}
