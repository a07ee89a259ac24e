//! How often the words stand in the best finds: counted in their texts, where asking the index for it would walk all that have a
//! word. A find can only gain by it, so those that are best without it are where the best are looked for.

use super::{
    Asked, Search, marks,
    score::{Leaf, Measure, Sized},
};
use rusqlite::OptionalExtension;

impl Asked<'_> {
    /// Weighs the best of these finds again, with how often each word stands in each of their texts.
    pub(super) fn refine(
        &self,
        search: &'static Search,
        finds: &mut [Sized],
        leaves: &[Leaf<'_>],
        measure: &Measure<'_>,
    ) -> rusqlite::Result<()> {
        finds.sort_by(|a, b| b.found.score.total_cmp(&a.found.score).then(b.found.id.cmp(&a.found.id)));
        let Search { index, weights, .. } = search;
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {} FROM {} WHERE id = ?1", index.listed(), index.view))?;
        for find in finds.iter_mut().take(search.refined) {
            let counted = statement.query_row([find.found.id], |row| {
                let mut counted = vec![0.0; leaves.len()];
                for (at, (column, weight)) in index.columns.iter().zip(*weights).enumerate() {
                    let Some(text) = row.get::<_, Option<String>>(at)? else { continue };
                    let words = leaves.iter().map(|leaf| leaf.words);
                    for (sum, times) in counted.iter_mut().zip(marks::count(words, index, column, &text)) {
                        *sum += weight * times;
                    }
                }
                Ok(counted)
            });
            if let Some(counted) = counted.optional()? {
                find.found.score = measure.score(find, leaves, &counted);
            }
        }
        Ok(())
    }
}
