//! The blocks of a body: their words, how much of them leads to other articles of the site, the pictures between them.

use super::noise;
use crate::{article::address, html, model::Article};
use ego_tree::{NodeId, NodeRef, iter::Edge};
use scraper::{Node, node::Element};
use url::Url;

/// The body of an article without what is not its own.
#[derive(Default)]
pub(super) struct Body {
    /// Block by block, in order.
    pub(super) words: Vec<String>,
    /// Names of the article's own pictures.
    pub(super) pictures: Vec<String>,
}

/// A block with at least so many bytes of its own words makes an article; where none is there, links are the article.
const MIN_OWN_BYTES: usize = 25;

#[derive(Default)]
struct Block {
    words: String,
    linked_chars: usize,
    group: Option<usize>,
}

impl Block {
    fn is_list_of_links(&self) -> bool {
        let all = self.words.chars().filter(|c| !c.is_whitespace()).count();
        self.linked_chars * 5 >= all * 3
    }
}

/// A walk under way. A group is an element that by its name is not the article's.
struct Walk<'a> {
    page: Option<&'a Url>,
    blocks: Vec<Block>,
    open: Block,
    pictures: Vec<(Option<usize>, String)>,
    groups: usize,
    group: Option<(NodeId, usize)>,
    link: Option<NodeId>,
}

/// Reads the body of an article.
pub(super) fn read(article: &Article) -> Body {
    let body = html::parse_fragment(&article.body_html);
    let mut walk = Walk {
        page: article.url.as_ref(),
        blocks: Vec::new(),
        open: Block::default(),
        pictures: Vec::new(),
        groups: 0,
        group: None,
        link: None,
    };
    for edge in body.root_element().traverse() {
        match edge {
            Edge::Open(node) => walk.enter(node),
            Edge::Close(node) => walk.leave(node),
        }
    }
    walk.end_block();
    walk.finish()
}

impl Walk<'_> {
    fn enter(&mut self, node: NodeRef<'_, Node>) {
        match node.value() {
            Node::Text(text) => {
                if self.link.is_some() {
                    self.open.linked_chars += text.chars().filter(|c| !c.is_whitespace()).count();
                }
                self.open.words.push_str(text);
            }
            Node::Element(element) => {
                if html::is_block(element.name()) || element.name() == "br" {
                    self.end_block();
                }
                if self.group.is_none() && noise::is_beside(element) {
                    self.groups += 1;
                    self.group = Some((node.id(), self.groups));
                }
                match element.name() {
                    "a" if self.link.is_none() && self.leads_to_another(element) => self.link = Some(node.id()),
                    "img" => self.picture(element),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn leave(&mut self, node: NodeRef<'_, Node>) {
        if let Node::Element(element) = node.value()
            && html::is_block(element.name())
        {
            self.end_block();
        }
        if self.group.is_some_and(|(id, _)| id == node.id()) {
            self.end_block();
            self.group = None;
        }
        if self.link == Some(node.id()) {
            self.link = None;
        }
    }

    fn end_block(&mut self) {
        let mut block = std::mem::take(&mut self.open);
        block.words = super::fold(&block.words);
        block.group = self.group.map(|(_, group)| group);
        if !block.words.is_empty() {
            self.blocks.push(block);
        }
    }

    /// Whether a link leads to another page of the site; one without an address of its own to start from is taken so.
    fn leads_to_another(&self, link: &Element) -> bool {
        let Some(href) = html::raw_attr(link, "href").map(str::trim).filter(|href| !href.starts_with('#')) else {
            return false;
        };
        match (self.page, Url::parse(href)) {
            (_, Err(_)) => true,
            (None, Ok(_)) => false,
            (Some(page), Ok(target)) => {
                address::same_site(&target, page)
                    && address::plain(&target) != address::plain(page)
                    && !noise::is_picture(target.path())
            }
        }
    }

    fn picture(&mut self, image: &Element) {
        if self.link.is_none()
            && let Some(name) = noise::picture(image)
        {
            self.pictures.push((self.group.map(|(_, group)| group), name));
        }
    }

    fn finish(self) -> Body {
        let all: usize = self.blocks.iter().map(|block| block.words.len()).sum();
        let mut sizes = vec![0_usize; self.groups + 1];
        for block in &self.blocks {
            if let Some(size) = block.group.and_then(|group| sizes.get_mut(group)) {
                *size += block.words.len();
            }
        }
        // What most of the words stand in is the article, whatever it is called.
        let is_own =
            |group: Option<usize>| group.is_none_or(|group| sizes.get(group).is_some_and(|size| size * 2 > all));
        let own: Vec<&Block> = self.blocks.iter().filter(|block| is_own(block.group)).collect();
        let is_prose = |block: &&&Block| !block.is_list_of_links() && !noise::is_counter(&block.words);
        let prose: Vec<String> = own.iter().filter(is_prose).map(|block| block.words.clone()).collect();
        let has_prose = prose.iter().any(|words| words.len() >= MIN_OWN_BYTES);
        let words = if has_prose { prose } else { own.iter().map(|block| block.words.clone()).collect() };
        let pictures = self.pictures.into_iter().filter(|(group, _)| is_own(*group)).map(|(_, name)| name).collect();
        Body { words, pictures }
    }
}
