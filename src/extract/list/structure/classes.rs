//! Which class of an element says what it is.
//!
//! Guarantees: a class that few siblings have, as a category or a color, does not set them apart.
//! Out of scope: which siblings are records (`items`).

use crate::extract::layout::{Block, Page};
use std::collections::HashMap;

/// The element around siblings, with their name and class.
pub(super) type Kind<'a> = (usize, &'a str, &'a str);

/// Returns for each block which of its classes says what it is: the one that most of its siblings
/// share, and of these the first as written.
pub(super) fn choose_classes(page: &Page) -> Vec<Option<usize>> {
    let mut counts: HashMap<Kind<'_>, usize> = HashMap::new();
    let blocks = || page.blocks.iter().filter_map(|block| Some((block.around?, block)));
    for (around, block) in blocks() {
        for class in &block.classes {
            *counts.entry((around, &block.tag, class)).or_default() += 1;
        }
    }
    // Siblings without any class: where they are as many, the class of the others is a color.
    let mut plain: HashMap<(usize, &str), usize> = HashMap::new();
    for (around, block) in blocks().filter(|(_, block)| block.classes.is_empty()) {
        *plain.entry((around, &block.tag)).or_default() += 1;
    }
    let choose = |block: &Block| {
        let around = block.around?;
        let count = |class: &str| counts.get(&(around, block.tag.as_str(), class)).copied();
        let classes = block.classes.iter().enumerate();
        let (n, class) = classes.max_by_key(|(n, class)| (count(class), usize::MAX - n))?;
        let plain = plain.get(&(around, block.tag.as_str())).copied().unwrap_or_default();
        (plain < 2 || count(class)? > plain).then_some(n)
    };
    page.blocks.iter().map(choose).collect()
}

/// Returns for each block which of its classes says which part of a record it is: the one that
/// fewest of its siblings share, and of these the one that most elements of the page have.
pub(super) fn choose_part_classes(page: &Page) -> Vec<Option<usize>> {
    let mut among_siblings: HashMap<(usize, &str), usize> = HashMap::new();
    let mut on_page: HashMap<&str, usize> = HashMap::new();
    for block in &page.blocks {
        for class in &block.classes {
            *among_siblings.entry((block.around.unwrap_or(0), class)).or_default() += 1;
            *on_page.entry(class).or_default() += 1;
        }
    }
    let choose = |block: &Block| {
        let classes = block.classes.iter().enumerate();
        let rank = |(n, class): &(usize, &String)| {
            let siblings = among_siblings.get(&(block.around.unwrap_or(0), class.as_str()));
            (siblings.copied(), std::cmp::Reverse(on_page.get(class.as_str()).copied()), *n)
        };
        classes.min_by_key(rank).map(|(n, _)| n)
    };
    page.blocks.iter().map(choose).collect()
}
