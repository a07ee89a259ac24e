//! What is one word, and what is the same one.

use super::*;

#[test]
fn what_is_read_alike_is_the_same_word() {
    for (written, folded) in [
        ("Crème BRÛLÉE", "creme brulee"),
        ("İstanbul IŞIK ışık", "istanbul isik isik"),
        ("Straße STRASSE ẞ", "strasse strasse ss"),
        ("Ærø łódź Đorđe", "aero lodz dorde"),
        ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
        ("مُحَمَّد مـحـمـد", "محمد محمد"),
        ("مدينة مدينه ٢٠٢٤", "مدينه مدينه 2024"),
        ("שָׁלוֹם", "שלום"),
        ("ＦＥＲＲＹ ﬁre", "ferry fire"),
        ("Ёлка елка", "елка елка"),
        ("cafe\u{301} Bun\u{ad}des", "cafe bundes"),
        ("हिन्दी", "हिन्दी"),
        ("👍🏽 ❤️", "👍 ❤"),
        ("don't 3.5", "don t 3 5"),
    ] {
        assert_eq!(indexed(written), folded, "{written}");
    }
}

#[test]
fn scripts_without_spaces_are_cut_into_pairs() {
    for (written, cut) in [
        ("東京都", "東京 京都 都"),
        ("２０２４年", "2024 年"),
        ("ｶﾞｽ", "ガス ス"),
        ("か\u{3099}す", "がす す"),
        ("서울에서", "서울 울에 에서 서"),
        ("ที่นี่", "ที่นี่ นี่"),
        ("iPhoneを買う", "iphone を買 買う う"),
        ("大\u{200b}学", "大学 学"),
    ] {
        assert_eq!(indexed(written), cut, "{written}");
    }
}

#[test]
fn tags_and_names_stand_once_more_with_their_sign() {
    assert_eq!(indexed("big #Storm!"), "big storm # storm");
    assert_eq!(indexed("by @zoe_k@social.example."), "by zoe k social example @ zoe k social example");
    assert_eq!(indexed("zoe@example.com # 5"), "zoe example com 5");
    assert_eq!(indexed("#台風"), "台風 風 # 台風 風");
}

#[test]
fn a_word_knows_where_it_stands() {
    let text = "An «Été» 東京都 #x";
    let of = |token: &Token| text.get(token.start..token.end).unwrap_or_default().to_owned();
    let tokens = tokens(text);
    let words: Vec<_> = tokens.iter().map(of).collect();
    assert_eq!(words, ["An", "Été", "東京", "京都", "都", "x", "#", "x"]);
    assert_eq!(text.get(tokens[2].start..tokens[2].first_end), Some("東"));
}
