//! Plots of the status page: counts become shapes on a sheet of fixed width, and a template writes them as SVG.
//!
//! A library was weighed: `plotters` writes every colour into the element, so that its plots know neither the dark scheme
//! nor the page's style sheet. What is needed is little: bars, a line, round ticks. No shape has a colour or a font of its
//! own, only a class; what the colours tell apart, words or hatching tell apart too; the same figures stand in a table.
//!
//! | what | where |
//! |---|---|
//! | shapes, words that fit, the table beside them | `sheet` |
//! | round ticks, numbers and sizes as they are read | `scale` |
//! | ticks of days, months, years | `calendar` |
//! | how far a share of few posts may be off | `interval` |
//! | the plots themselves | `captures`, `ages`, `platforms`, `sizes`, `media` |

mod ages;
mod calendar;
mod captures;
mod interval;
mod media;
mod platforms;
mod scale;
mod sheet;
mod sizes;
#[cfg(test)]
mod tests;

pub(super) use scale::{bytes, per_cent};
pub(super) use sheet::Plot;

use crate::model::Figures;
use jiff::civil::Date;

/// Every plot of the status page, in its order. `today` is the day of asking, in UTC.
pub(super) fn all(figures: &Figures, today: Date) -> Vec<Plot> {
    vec![
        captures::plot(figures, today),
        ages::plot(figures),
        platforms::plot(figures),
        sizes::plot(figures),
        media::plot(figures),
    ]
}
