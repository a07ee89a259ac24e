//! Dates as embeds print them: `August 11, 2024` in the languages that widgets speak, and in forms of numbers.

use jiff::civil::Date;
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// Nothing was posted before X existed; a larger number is no year.
const YEARS: std::ops::RangeInclusive<i16> = 2006..=2199;

/// Names of the months, lower case: full, genitive where dates use it, and abbreviated; English, German, French,
/// Spanish, Portuguese, Italian, Dutch, Catalan, Swedish, Danish, Norwegian, Finnish, Polish, Czech, Russian,
/// Ukrainian, Turkish, Romanian, Hungarian, Indonesian, Greek, Arabic.
const MONTHS: [&str; 12] = [
    "january jan januar jänner janvier janv enero ene janeiro gennaio gen januari gener tammikuuta tammikuu stycznia \
     styczeń sty ledna leden января янв січня ocak oca ianuarie ian január ιανουαρίου ιαν يناير",
    "february feb februar février févr fév febrero fevereiro fev febbraio febbr februari febrer helmikuuta helmikuu lutego luty \
     lut února únor февраля фев февр лютого şubat şub februarie február φεβρουαρίου φεβ فبراير",
    "march mar märz mrz mär mars marzo março marz maart mrt març maaliskuuta maaliskuu marca marzec března březen \
     марта мар march березня mart martie mart március márc maret μαρτίου μαρ مارس",
    "april apr avril avr abril abr aprile huhtikuuta huhtikuu kwietnia kwiecień kwi dubna duben апреля апр квітня nisan nis \
     aprilie április ápr απριλίου απρ أبريل",
    "may mai mayo maio maggio mag mei maj maja maig toukokuuta toukokuu května květen мая май травня mayıs mayis május máj μαΐου μαΐ مايو",
    "june jun juni juin junio junho giugno giu juny kesäkuuta kesäkuu czerwca czerwiec cze června červen июня июн червня \
     haziran haz iunie június jún ιουνίου ιουν يونيو",
    "july jul juli juillet juil julio julho luglio lug juliol heinäkuuta heinäkuu lipca lipiec lip července červenec \
     июля июл липня temmuz tem iulie július júl ιουλίου ιουλ يوليو",
    "august aug août aout agosto ago augustus agost augusti elokuuta elokuu sierpnia sierpień sie srpna srpen августа авг \
     серпня ağustos ağu augusztus agustus agu αυγούστου αυγ أغسطس",
    "september sep sept septembre septiembre setiembre setembro set settembre sett setembre syyskuuta syyskuu września wrzesień wrz září \
     сентября сен сент вересня eylül eyl septembrie szeptember szept σεπτεμβρίου σεπ سبتمبر",
    "october oct oktober okt octobre octubre outubro out ottobre ott lokakuuta lokakuu października październik paź \
     října říjen октября окт жовтня ekim eki octombrie október οκτωβρίου οκτ أكتوبر",
    "november nov novembre noviembre novembro marraskuuta marraskuu listopada listopad lis listopadu ноября ноя нояб \
     листопада kasım kas noiembrie νοεμβρίου νοε نوفمبر",
    "december dec dezember dez décembre déc diciembre dic dezembro dicembre desembre desember joulukuuta joulukuu grudnia grudzień gru \
     prosince prosinec декабря дек грудня aralık ara decembrie δεκεμβρίου δεκ ديسمبر",
];

/// What may stand before the day: a weekday, a time of day.
const LEAD: &str =
    r"^(?:\p{L}{2,12}\.?,\s+)?(?:\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[AaPp]\.?\s?[Mm]\.?)?\s*(?:[-–—·•,]\s*)?)?";

fn pattern(rest: &str) -> Regex {
    Regex::new(&format!("{LEAD}{rest}")).expect("the pattern is a constant")
}

/// `11 August 2024`, `11. August 2024`, `11 de agosto de 2024`.
static DAY_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?[\s\u{a0}-]*(?:de\s+|d['’]\s*|of\s+)?(?P<m>\p{L}[\p{L}\p{M}]{1,14})\.?[,،]?[\s\u{a0}-]*(?:de\s+|del\s+)?(?P<y>\d{4})",
    )
});
/// `August 11, 2024`.
static MONTH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?P<m>\p{L}[\p{L}\p{M}]{1,14})\.?[\s\u{a0}]*(?P<d>\d{1,2})(?:st|nd|rd|th|er|º|ª)?[\s\u{a0}]*[,،]?[\s\u{a0}]*(?:de\s+)?(?P<y>\d{4})",
    )
});
/// `2024-08-11`, `2024年8月11日`, `2024년 8월 11일`, `2024. 8. 11.`
static YEAR_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?P<y>\d{4})(?:-|/|\s*年\s*|\s*년\s*|\.\s*)(?P<m>\d{1,2})(?:-|/|\s*月\s*|\s*월\s*|\.\s*)(?P<d>\d{1,2})(?:\s*日|\s*일|\.)?",
    )
});
/// `2024. augusztus 11.`
static YEAR_MONTH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?P<y>\d{4})\.?\s+(?P<m>\p{L}[\p{L}\p{M}]{1,14})\.?\s+(?P<d>\d{1,2})\.?"));
/// `11.08.2024`; with slashes only where one of the two can't be a month.
static DAY_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?P<d>\d{1,2})(?P<s>[./])\s?(?P<m>\d{1,2})[./]\s?(?P<y>\d{4})"));

/// Longer than any printed date with weekday and time.
const WINDOW: usize = 96;

/// The date that stands at the very start of `text`, and the byte offset after it.
pub(super) fn at_start(text: &str) -> Option<(Date, usize)> {
    let mut end = text.len().min(WINDOW);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    [&DAY_MONTH, &MONTH_DAY, &YEAR_FIRST, &YEAR_MONTH, &DAY_FIRST].iter().find_map(|pattern| {
        let found = pattern.captures(text)?;
        let end = found.get(0)?.end();
        let runs_on = text[end..].starts_with(|c: char| c.is_ascii_digit());
        if runs_on { None } else { read(&found).map(|date| (date, end)) }
    })
}

/// The day that a short text (a permalink's words) says, as a printed date or as ISO 8601.
pub(super) fn of(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() > WINDOW {
        return None;
    }
    at_start(text)
        .map(|(date, _)| date)
        .or_else(|| crate::model::When::parse(text).map(crate::model::When::day))
        .filter(|date| YEARS.contains(&date.year()))
}

fn read(found: &Captures<'_>) -> Option<Date> {
    let part = |name| found.name(name).map(|found| found.as_str());
    let year: i16 = part("y")?.parse().ok()?;
    let mut day: i8 = part("d")?.parse().ok()?;
    let mut month = month(part("m")?)?;
    if part("s") == Some("/") {
        match (day > 12, month > 12) {
            (true, false) => {}
            (false, true) => std::mem::swap(&mut day, &mut month),
            _ => return None,
        }
    }
    if !YEARS.contains(&year) {
        return None;
    }
    Date::new(year, month, day).ok()
}

fn month(word: &str) -> Option<i8> {
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    let word = word.to_lowercase();
    let index = MONTHS.iter().position(|names| names.split(' ').any(|name| name == word))?;
    i8::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_many_languages_give_the_day() {
        for text in [
            "August 11, 2024",
            "Aug 11, 2024",
            "11 August 2024",
            "11. August 2024",
            "11 août 2024",
            "11 de agosto de 2024",
            "11 d’agost de 2024",
            "11 agosto 2024",
            "11 augustus 2024",
            "11 sierpnia 2024",
            "11 августа 2024 г.",
            "11 серпня 2024",
            "11 Ağustos 2024",
            "2024年8月11日",
            "2024년 8월 11일",
            "2024-08-11",
            "11. elokuuta 2024",
            "2024. augusztus 11.",
            "11.08.2024",
            "5:38 PM · Aug 11, 2024",
            "05:38 PM - 11 Aug 2024",
            "Sunday, August 11, 2024",
            "2024-08-11T20:15:00+02:00",
        ] {
            assert_eq!(of(text).map(|date| date.to_string()).as_deref(), Some("2024-08-11"), "{text}");
        }
        for text in ["08/11/2024", "Tuesday", "Smarch 11, 2024", "August 41, 2024", "August 11, 20245", "May 1, 1999"] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(of("31/12/2024").map(|date| date.to_string()).as_deref(), Some("2024-12-31"));
    }

    #[test]
    fn the_next_sentence_may_follow_at_once() {
        let (date, end) = at_start("May 1, 2019The gate stayed shut.").unwrap();
        assert_eq!((date.to_string().as_str(), end), ("2019-05-01", 11));
    }
}
