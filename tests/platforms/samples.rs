//! The URL samples that every platform gives of itself.

use embalm::platforms;

#[test]
fn every_platform_recognises_its_samples_and_only_those() {
    let mut wrong = Vec::new();
    for platform in platforms::ALL {
        let samples = platform.samples();
        for (url, id) in samples.posts {
            match platforms::recognize_text(url) {
                Some(target) if target.platform() == platform.id() => {
                    let have = target.post().map(|post| post.id.as_str());
                    if have != Some(id) {
                        wrong.push(format!("{}: {url}: want {id}, have {have:?}", platform.id()));
                    }
                }
                other => wrong.push(format!("{}: {url}: want {id}, have {other:?}", platform.id())),
            }
        }
        for url in samples.others {
            if let Some(target) = platforms::recognize_text(url) {
                wrong.push(format!("{}: {url} is no post, but was recognised as {target:?}", platform.id()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_canonical_url_is_recognised_as_the_same_post() {
    let mut wrong = Vec::new();
    for (url, _) in platforms::ALL.iter().flat_map(|platform| platform.samples().posts) {
        let Some(post) = platforms::recognize_text(url).and_then(|target| target.post().cloned()) else { continue };
        let again = platforms::recognize(&post.url).and_then(|target| target.post().map(embalm::model::PostRef::key));
        if again.as_ref() != Some(&post.key()) {
            wrong.push(format!("{url} is {post} at {}, which is {again:?}", post.url));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn platforms_have_different_ids() {
    let mut ids: Vec<_> = platforms::ALL.iter().map(|platform| platform.id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), platforms::ALL.len());
}
