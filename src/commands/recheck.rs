//! `embalm recheck`: looks again at known posts, now.

use super::{
    Failure, Global,
    conclude::{Ending, conclude, ended},
    hold::{HoldArgs, hold},
    list::FilterArgs,
    network::{self, NetworkArgs},
    runtime,
};
use crate::{
    pipeline::{Driver, Event, Stop},
    platforms,
    report::{Output, RecheckRecord},
    store::{Due, Store, StoreError},
};

/// Flags of `recheck`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What comes of it:
  unchanged   as it was; the look is noted, nothing else is written
  edited      it says something else now: one more snapshot, the older ones stay
  gone        it was there and is no more; `embalm show` has both dates
  withheld    it is no longer shown to strangers
  returned    it was gone or withheld, and is shown again
  failed      nothing could be learnt; nothing known is touched, and `embalm run` tries again

Examples:
  embalm recheck https://x.com/user/status/1822768
  embalm recheck --platform bluesky --since 2026-11-01
  embalm recheck --state deleted --json
  embalm recheck --due --budget 10m")]
pub struct Args {
    /// Posts, by URL in any form or as platform:id; without any, all known posts that fit the filters
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Only those that are due by the schedule of the configuration, and as many as it allows in one run
    #[arg(long)]
    pub due: bool,
    /// Which of them.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
    /// Network, replay and budget.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Looks again at what is asked for; `--json` prints one record a post, and the run's summary at the end.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    if args.filter.sort.is_some() {
        return Err(Failure::usage("`recheck` has its own order: the posts not looked at longest come first"));
    }
    let config = global.config_told(out)?;
    let archive = global.archive(&config);
    let transport = network::transport(&config, &args.network)?;
    let settings = network::settings(&config, &args.network)?;
    if !archive.exists() {
        return Err(StoreError::NotFound { path: archive }.into());
    }
    let lock = if args.network.dry_run { None } else { Some(hold(global, &archive, "recheck", args.hold, out)?) };
    let mut store = network::archive(&archive, lock.as_ref())?;
    let waits = settings.schedule.steps();
    let due_at = args.due.then(|| (transport.now(), waits.as_slice()));
    let mut posts = chosen(&store, args, due_at)?;
    if args.due {
        posts.truncate(settings.schedule.posts);
    }
    let (transport, recorder) = network::recorded(transport, &args.network)?;
    if args.network.dry_run {
        for Due { post, .. } in &posts {
            if global.json {
                out.json(&serde_json::json!({"key": post.key(), "url": post.url}))?;
            } else {
                out.line(&format!("would look at {post}"))?;
            }
        }
        return Ok(0);
    }
    let mut reporter = network::reporter(global, out, true, &transport);
    let mut records = Vec::new();
    let finished = runtime::start()?.block_on(async {
        let stop = Stop::after(settings.max_time);
        runtime::stop_on_signals(&stop);
        let mut driver = Driver::begin(&mut store, transport, settings, stop, "recheck", |event| {
            lock.iter().for_each(|lock| lock.note(event));
            reporter.tell(event);
            if let Event::Post { post, result } = event
                && global.json
            {
                records.push(RecheckRecord::new(post, result));
            }
        })?;
        driver.recheck(posts).await?;
        driver.finish().map_err(Failure::from)
    });
    reporter.end();
    let mut finished = ended(finished, args.network.dry_run, &mut store)?;
    for record in &records {
        out.json(record)?;
    }
    let recorder = recorder.as_deref();
    let ending = Ending { finished: &mut finished, recorder, store: &mut store, archive: &archive, ailing: Vec::new() };
    conclude(global, &args.network, ending, false, out)
}

/// The posts named, or those that fit the filters.
fn chosen(
    store: &Store,
    args: &Args,
    due_at: Option<(jiff::Timestamp, &[std::time::Duration])>,
) -> Result<Vec<Due>, Failure> {
    if args.targets.is_empty() {
        return Ok(store.posts_to_recheck(&args.filter.filter(), due_at)?);
    }
    if args.filter.is_set() || args.due {
        return Err(Failure::usage("name posts, or choose them by filters or --due, but not both"));
    }
    let mut posts: Vec<Due> = Vec::new();
    for target in &args.targets {
        let found = platforms::post_key(target).map(|key| store.post_to_recheck(&key)).transpose()?.flatten();
        let Some(due) = found else {
            return Err(Failure::usage(format!(
                "{target} is no post of this archive\n  `embalm list posts` says what is; `embalm add URL` takes it in"
            )));
        };
        if !posts.contains(&due) {
            posts.push(due);
        }
    }
    Ok(posts)
}
