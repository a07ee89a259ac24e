//! Words that look real, in several languages, each as frequent as Zipf's law has it. Nothing is drawn by chance: the same
//! number gives the same word each time.

/// Words that one language has; the rarest of them is one in half a million.
const VOCABULARY: f64 = 50_000.0;

/// A language: how often it is written, its most frequent words, and the pieces that its others are made of.
pub(crate) struct Language {
    /// BCP 47.
    pub code: &'static str,
    share: u64,
    /// The first words by frequency.
    pub common: &'static [&'static str],
    pieces: &'static [&'static str],
    /// Pieces of a word at most.
    length: u64,
    /// What stands between words.
    gap: &'static str,
}

const LATIN: &[&str] = &[
    "ba", "ri", "to", "mel", "an", "dor", "sti", "ka", "ven", "lu", "mar", "che", "pol", "in", "ter", "no", "gra",
    "fi", "sel", "ho", "ber", "ti", "con", "ve", "ral", "ux", "ple", "os", "dan", "wi", "key", "ja", "qu", "sho",
    "rin", "ce",
];

/// All of them; their shares make a hundred.
pub(crate) const LANGUAGES: [Language; 11] = [
    Language {
        code: "en",
        share: 50,
        common: &[
            "the", "to", "of", "and", "in", "is", "for", "on", "harbour", "council", "ferry", "night", "train", "vote",
            "storm", "school", "market", "bridge", "tide", "festival", "museum", "island", "letter", "winter",
            "garden", "railway",
        ],
        pieces: LATIN,
        length: 4,
        gap: " ",
    },
    Language {
        code: "de",
        share: 12,
        common: &["die", "der", "und", "in", "zu", "den", "das", "für", "über", "Straße", "Brücke", "Bahnhof", "Fähre"],
        pieces: &[
            "ge", "schaft", "ver", "ung", "kö", "nig", "haus", "ß", "bür", "ger", "wahl", "stadt", "land", "tag",
            "lich", "keit",
        ],
        length: 5,
        gap: " ",
    },
    Language {
        code: "fr",
        share: 8,
        common: &["de", "la", "le", "et", "les", "des", "en", "été", "élection", "théâtre", "forêt", "gare"],
        pieces: &["é", "mai", "son", "tion", "re", "cha", "leur", "ê", "tre", "pa", "vi", "lle", "eau", "bon", "jou"],
        length: 4,
        gap: " ",
    },
    Language {
        code: "es",
        share: 8,
        common: &["de", "la", "que", "el", "en", "y", "los", "niño", "mañana", "elección", "puerto"],
        pieces: &["ción", "ca", "sa", "ñ", "o", "mun", "do", "pue", "blo", "ra", "ver", "dad", "tie", "rra"],
        length: 4,
        gap: " ",
    },
    Language {
        code: "ru",
        share: 5,
        common: &["и", "в", "не", "на", "что", "город", "море", "выборы", "ёлка"],
        pieces: &["го", "род", "мо", "ст", "пра", "во", "дом", "ный", "ре", "ка", "лет", "по", "езд"],
        length: 4,
        gap: " ",
    },
    Language {
        code: "ar",
        share: 2,
        common: &["في", "من", "على", "مدينة", "البحر", "الانتخابات"],
        pieces: &["ال", "مد", "ين", "ة", "بح", "ر", "كت", "اب", "سل", "ام", "قط", "ار"],
        length: 3,
        gap: " ",
    },
    Language {
        code: "ko",
        share: 2,
        common: &["서울에서", "오늘", "선거", "바다", "기차"],
        pieces: &["서", "울", "도", "시", "바", "다", "학", "교", "기", "차", "에", "는", "가", "한", "국"],
        length: 4,
        gap: " ",
    },
    Language {
        code: "ja",
        share: 6,
        common: &["の", "に", "は", "を", "東京", "港", "選挙", "今日", "電車", "台風", "フェリー"],
        pieces: &[
            "山", "川", "市", "新", "会", "議", "海", "物", "館", "学", "校", "夜", "道", "る", "た", "ます", "ド",
            "ン", "ク",
        ],
        length: 3,
        gap: "",
    },
    Language {
        code: "zh",
        share: 4,
        common: &["的", "是", "在", "了", "北京", "选举", "今天", "火车", "台风", "大学"],
        pieces: &[
            "人", "民", "国", "家", "经", "济", "发", "展", "市", "场", "水", "电", "影", "公", "司", "新", "闻", "风",
        ],
        length: 3,
        gap: "",
    },
    Language {
        code: "th",
        share: 2,
        common: &["ที่", "และ", "กรุงเทพ", "วันนี้", "เลือกตั้ง", "รถไฟ", "ทะเล"],
        pieces: &["กา", "ระ", "ความ", "รัก", "เมือง", "ฝน", "น้ำ", "โรง", "เรียน", "ตลาด", "เกาะ"],
        length: 3,
        gap: "",
    },
    Language {
        code: "tr",
        share: 1,
        common: &["ve", "bir", "İstanbul", "ışık", "seçim", "köprü"],
        pieces: LATIN,
        length: 4,
        gap: " ",
    },
];

/// A number that looks like chance and is the same each time.
pub(crate) fn scatter(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// A rank from 1 to `ranks`, the n-th of which is n times rarer than the first.
pub(crate) fn zipf(seed: u64, ranks: f64) -> u64 {
    let share = (scatter(seed) >> 11) as f64 / (1_u64 << 53) as f64;
    (share * ranks.ln()).exp() as u64
}

/// The language of a text: its number.
pub(crate) fn language(seed: u64) -> usize {
    let mut left = scatter(seed) % 100;
    for (n, language) in LANGUAGES.iter().enumerate() {
        if left < language.share {
            return n;
        }
        left -= language.share;
    }
    0
}

impl Language {
    /// The word of a rank, from 1.
    pub(crate) fn word(&self, rank: u64) -> String {
        if let Some(common) = self.common.get(rank as usize - 1) {
            return (*common).to_owned();
        }
        let pieces = 2 + scatter(rank * 3) % (self.length - 1);
        (0..pieces).map(|n| self.pieces[(scatter(rank * 31 + n) % self.pieces.len() as u64) as usize]).collect()
    }
}

/// All words of all languages, so that each is put together once.
pub(crate) struct Vocabulary(Vec<Vec<String>>);

impl Vocabulary {
    /// All of them.
    pub(crate) fn new() -> Self {
        let words = |language: &Language| (1..=VOCABULARY as u64).map(|rank| language.word(rank)).collect();
        Self(LANGUAGES.iter().map(words).collect())
    }

    /// A word of a language by its rank.
    pub(crate) fn word(&self, language: usize, rank: u64) -> &str {
        &self.0[language][(rank as usize - 1) % VOCABULARY as usize]
    }

    /// So many words, with spaces where the language sets them.
    pub(crate) fn prose(&self, language: usize, seed: u64, words: u64) -> String {
        let gap = LANGUAGES[language].gap;
        let mut text = String::new();
        for n in 0..words {
            if n > 0 {
                text.push_str(gap);
                if n % 11 == 0 {
                    text.push_str(if gap.is_empty() { "、" } else { "— " });
                }
            }
            text.push_str(self.word(language, zipf(seed.wrapping_mul(8191) + n, VOCABULARY)));
        }
        text
    }
}
