//! `embalm detect` as a part of other programs: fed through a pipe, telling each page, beginning where another one ended.

mod binary;

use assert_cmd::Command;
use binary::{embalm, ends};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Stdio},
};
use tempfile::TempDir;

const DEMO: &str = "fixtures/demo.warc.gz";

fn page(n: usize) -> String {
    let html =
        format!("<article><p>words</p><p><a href='https://x.com/ann/status/{}'>a post</a></p></article>", 2000 + n);
    json!({"url": format!("https://a.example/{}", n % 3), "html": html}).to_string() + "\n"
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn detect(words: &[&str]) -> Command {
    let mut detect = embalm(Path::new("."));
    detect.args(["detect", "--json"]).args(words);
    detect
}

#[test]
fn each_page_is_told_after_its_records_and_a_bad_line_is_a_failed_page() {
    let input = format!("{}not a page\n\n{{\"url\":\"https://a.example/9\"}}\n{}", page(0), page(1));
    let (out, err) = ends(detect(&["--pages", "--threads", "1", "-"]).write_stdin(input), 1);
    let lines = lines(&out);
    assert_eq!(lines[0], json!({"embalm": env!("CARGO_PKG_VERSION"), "schema": 1}));
    assert_eq!((&lines[1]["post_id"], &lines[1]["schema"]), (&json!("2000"), &json!(1)));
    let told = json!({"page": 0, "article": "https://a.example/0", "records": 1, "error": null, "cut_short": []});
    assert_eq!(lines[2], told);
    assert_eq!((&lines[3]["page"], &lines[3]["article"]), (&json!(1), &json!("not a page")), "{out}");
    assert!(lines[3]["error"].as_str().unwrap().contains("-:2 is not a URL"), "{out}");
    assert!(lines[4]["error"].as_str().unwrap().contains("needs `html`"), "{out}");
    assert_eq!((&lines[5]["post_id"], &lines[6]["page"]), (&json!("2001"), &json!(3)), "{out}");
    assert_eq!((lines.len(), err.as_str()), (7, ""), "what failed is told once");
}

#[test]
fn without_the_flag_records_are_all_that_is_printed_and_every_one_says_its_schema() {
    let (out, err) = ends(detect(&["-"]).write_stdin(page(0) + "{}\n"), 1);
    let [record] = &lines(&out)[..] else { panic!("{out}") };
    assert_eq!((&record["article"], &record["schema"]), (&json!("https://a.example/0"), &json!(1)));
    assert!(err.contains("-:2"), "{err}");
    let (_, err) = ends(embalm(Path::new(".")).args(["detect", "--pages", DEMO]), 2);
    assert!(err.contains("--json"), "{err}");
    ends(&mut detect(&["--threads", "0", DEMO]), 2);
}

#[test]
fn any_number_of_threads_gives_the_same_lines_and_what_is_skipped_keeps_its_numbers() {
    let input: String = (0..200).map(page).collect();
    let all = ends(detect(&["--pages", "--threads", "1", "-"]).write_stdin(input.clone()), 0).0;
    for words in [&["--threads", "7"][..], &["--one-by-one"]] {
        let words = [words, &["--pages", "-"]].concat();
        assert_eq!(ends(detect(&words).write_stdin(input.clone()), 0).0, all);
    }
    let rest = ends(detect(&["--pages", "--skip", "150", "-"]).write_stdin(input), 0).0;
    let (head, expected) = (all.lines().next(), all.lines().skip(1 + 2 * 150));
    assert!(rest.lines().eq(head.into_iter().chain(expected)), "{rest}");
}

#[test]
fn a_recording_through_a_pipe_is_read_as_the_file_is() {
    let file = ends(&mut detect(&["--pages", DEMO]), 0).0;
    assert!(file.lines().count() >= 5, "{file}");
    let packed = fs::read(DEMO).unwrap();
    let mut plain = Vec::new();
    std::io::copy(&mut flate2::read::MultiGzDecoder::new(&packed[..]), &mut plain).unwrap();
    for bytes in [packed.clone(), plain] {
        assert_eq!(ends(detect(&["--pages", "-"]).write_stdin(bytes), 0).0, file);
    }
    let cut = packed[..packed.len() - 100].to_vec();
    let out = ends(detect(&["--pages", "-"]).write_stdin(cut), 1).0;
    let last = lines(&out).pop().unwrap();
    assert!(last["article"] == "-" && last["error"].is_string(), "{out}");
}

/// The process with its pipes.
fn started(words: &[&str], folder: &Path) -> Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_embalm"));
    command.args(["detect", "--json"]).args(words).env_clear().env("HOME", folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("embalm starts")
}

#[test]
fn who_feeds_a_page_gets_its_answer_before_the_next_one() {
    let folder = TempDir::new().unwrap();
    // Without the flag too: what is found so far is printed while nothing comes.
    for (words, heads, lines_a_page) in [(&["--pages", "-"][..], 1, 2), (&["-"], 0, 1)] {
        let mut child = started(words, folder.path());
        let mut feed = child.stdin.take().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(answers.by_ref().take(heads).count(), heads);
        for n in 0..5 {
            feed.write_all(page(n).as_bytes()).unwrap();
            let told: Vec<_> = answers.by_ref().take(lines_a_page).map(Result::unwrap).collect();
            assert!(told[0].contains(&format!("\"{}\"", 2000 + n)), "{told:?}");
        }
        drop(feed);
        assert!(answers.next().is_none());
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn what_a_killed_process_told_and_what_another_one_tells_after_it_are_everything_once() {
    let folder = TempDir::new().unwrap();
    let input: String = (0..40).map(page).collect();
    let file = folder.path().join("pages.jsonl");
    fs::write(&file, &input).unwrap();
    let name = file.to_str().unwrap();
    let all = ends(&mut detect(&["--pages", name]), 0).0;
    let mut child = started(&["--pages", "-"], folder.path());
    let mut feed = child.stdin.take().unwrap();
    feed.write_all(input.lines().take(10).map(|line| line.to_owned() + "\n").collect::<String>().as_bytes()).unwrap();
    let told = 1 + 2 * 10;
    let mut first: Vec<_> =
        BufReader::new(child.stdout.take().unwrap()).lines().take(told).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    let rest = ends(&mut detect(&["--pages", "--skip", "10", name]), 0).0;
    first.extend(rest.lines().skip(1).map(str::to_owned));
    assert!(first.iter().map(String::as_str).eq(all.lines()), "{first:?}");
}
