//! How far a share seen in few posts may be from the share of many.

use super::scale::approximate;

/// 95 of 100 such intervals hold the true share.
const Z: f64 = 1.959_964;

/// Wilson's score interval of `hits` among `tries` (Wilson 1927, <https://doi.org/10.1080/01621459.1927.10502953>): it
/// stays within 0 and 1, and is honest about few tries, where the usual one says that nothing of three is surely nothing.
pub(super) fn wilson(hits: u64, tries: u64) -> (f64, f64) {
    if tries == 0 {
        return (0.0, 1.0);
    }
    let (hits, tries) = (approximate(hits.min(tries)), approximate(tries));
    let share = hits / tries;
    let squared = Z * Z;
    let centre = (share + squared / (2.0 * tries)) / (1.0 + squared / tries);
    let half = Z / (1.0 + squared / tries) * (share * (1.0 - share) / tries + squared / (4.0 * tries * tries)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_posts_say_little_and_many_say_much() {
        let close = |(low, high): (f64, f64), (a, b): (f64, f64)| (low - a).abs() < 5e-4 && (high - b).abs() < 5e-4;
        // As in Newcombe 1998, table I, method 3 (<https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C857::AID-SIM777%3E3.0.CO;2-E>).
        assert!(close(wilson(81, 263), (0.2553, 0.3662)), "{:?}", wilson(81, 263));
        assert!(close(wilson(15, 148), (0.0624, 0.1605)), "{:?}", wilson(15, 148));
        assert!(close(wilson(0, 20), (0.0, 0.1611)), "{:?}", wilson(0, 20));
        assert!(close(wilson(1, 29), (0.0061, 0.1718)), "{:?}", wilson(1, 29));
        assert_eq!(wilson(0, 0), (0.0, 1.0));
        let (low, high) = wilson(u64::MAX, u64::MAX);
        assert!(low > 0.999 && high <= 1.0);
    }
}
