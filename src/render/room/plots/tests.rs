//! Each case of `fixtures/plots/`: the figures, and beside them the plots as they are to be written
//! (`EMBALM_PLOTS_OUT=fixtures/plots cargo test --lib plots` writes them, to be looked at before they are kept). And
//! what holds of any figures: nothing leaves the sheet, and bars are as long as their numbers.

use super::{
    all,
    sheet::{Anchor, Mark, Plot, width_of},
};
use crate::{model::Figures, render::markup::draw};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{env, fs, path::PathBuf};

#[derive(Deserialize)]
struct Case {
    today: Date,
    figures: Figures,
}

#[derive(Serialize)]
struct PlotPage<'a> {
    plot: &'a Plot,
}

fn cases() -> Vec<(PathBuf, Case)> {
    let mut paths: Vec<_> = fs::read_dir("fixtures/plots").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    assert!(paths.len() >= 4);
    let read = |path: PathBuf| {
        let case = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (path, case)
    };
    paths.into_iter().map(read).collect()
}

fn plots() -> impl Iterator<Item = (String, Plot)> {
    cases().into_iter().flat_map(|(path, case)| {
        let plots = all(&case.figures, case.today).into_iter();
        plots.map(move |plot| (format!("{}: {}", path.display(), plot.id), plot)).collect::<Vec<_>>()
    })
}

#[test]
fn the_plots_of_every_case_are_written_as_they_were_looked_at() {
    for (path, case) in cases() {
        let plots = all(&case.figures, case.today);
        let drawn: String =
            plots.iter().map(|plot| draw("room/plot.html", &PlotPage { plot }).unwrap().into_string()).collect();
        let beside = path.with_extension("html");
        if let Ok(folder) = env::var("EMBALM_PLOTS_OUT") {
            fs::write(PathBuf::from(folder).join(beside.file_name().unwrap()), &drawn).unwrap();
        }
        assert!(drawn == fs::read_to_string(&beside).unwrap_or_default(), "{} differs", beside.display());
        for never in ["style=", "<script", "<img", "NaN", "inf\""] {
            assert!(!drawn.contains(never), "{}: {never}", path.display());
        }
    }
}

#[test]
fn no_mark_leaves_the_sheet() {
    for (name, plot) in plots() {
        let Some(sheet) = plot.sheet else { continue };
        for mark in &sheet.marks {
            let corners = match mark {
                Mark::Bar { x, y, width, height, .. } => vec![(*x, *y), (x + width, y + height)],
                Mark::Line { x1, y1, x2, y2, .. } => vec![(*x1, *y1), (*x2, *y2)],
                Mark::Dot { x, y, radius, .. } => vec![(x - radius, y - radius), (x + radius, y + radius)],
                Mark::Curve { points, .. } => points
                    .split(' ')
                    .map(|point| point.split_once(',').unwrap())
                    .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
                    .collect(),
                Mark::Words { x, y, anchor, words, .. } => {
                    // The estimate is of the widest fonts; letters of the usual ones end earlier.
                    let width = width_of(words) * 0.95;
                    let left = match anchor {
                        Anchor::Start => *x,
                        Anchor::Middle => x - width / 2.0,
                        Anchor::End => x - width,
                    };
                    vec![(left, y - 9.0), (left + width, y + 3.0)]
                }
            };
            for (x, y) in corners {
                let inside = (-0.11..=sheet.width + 0.11).contains(&x) && (-0.11..=sheet.height + 0.11).contains(&y);
                assert!(inside, "{name}: {mark:?} at {x},{y} of {}x{}", sheet.width, sheet.height);
            }
        }
    }
}

#[test]
fn bars_are_as_long_as_their_numbers_and_sum_to_them() {
    let (_, case) = cases().into_iter().find(|(path, _)| path.ends_with("a-year-of-a-newsroom.json")).unwrap();
    let plots = all(&case.figures, case.today);
    let bars = |plot: &Plot, class: &str| -> Vec<(f64, f64)> {
        let marks = &plot.sheet.as_ref().unwrap().marks;
        let bars = marks.iter().filter_map(|mark| match mark {
            Mark::Bar { width, height, class: of, tip: Some(_), .. } if *of == class => Some((*width, *height)),
            _ => None,
        });
        bars.collect()
    };
    let sum = |bars: &[(f64, f64)]| bars.iter().map(|(_, height)| height).sum::<f64>();
    // All platforms: 96 units are 300 posts; each platform: 30 units are 500.
    let posts: u64 = case.figures.captures.iter().map(|count| count.posts).sum();
    let (tall, low) = (sum(&bars(&plots[0], "bar")), sum(&bars(&plots[0], "bar second")));
    #[allow(clippy::cast_precision_loss, reason = "a few hundred posts")]
    let posts_drawn = posts as f64;
    assert!((tall / 96.0 * 300.0 - posts_drawn).abs() < 3.0, "{tall} for {posts}");
    assert!(low > 0.0);
    // Deleted posts of X: 52 of 399 whose fate is known.
    let deleted = bars(&plots[2], "bar gone");
    let whole: Vec<_> = plots[2]
        .sheet
        .as_ref()
        .unwrap()
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Words { class: "tick", words, .. } => words.strip_suffix(" %")?.parse::<f64>().ok(),
            _ => None,
        })
        .collect();
    let top = whole.iter().copied().fold(0.0, f64::max);
    assert!((deleted[0].0 / 384.0 * top - 52.0 / 399.0 * 100.0).abs() < 0.1, "{deleted:?} of {top} %");
}

#[test]
fn the_table_beside_a_plot_has_a_cell_for_every_head() {
    for (name, plot) in plots() {
        assert_eq!(plot.sheet.is_some(), plot.table.is_some(), "{name}");
        assert!(!plot.says.is_empty());
        let Some(table) = plot.table else { continue };
        assert!(table.rows.iter().all(|row| row.len() == table.head.len()), "{name}");
        assert!(!table.rows.is_empty(), "{name}");
    }
}
