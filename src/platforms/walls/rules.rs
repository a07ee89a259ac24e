//! By what walls are known: tables of headers, words and addresses, each row with where it is from and when.
//!
//! Protection services leave their scripts in ordinary pages as well, so a row asks for what only the wall itself has:
//! a header, the page's whole title, or words together with a status of refusal.

use super::Wall;

/// One way in which a wall shows.
pub(super) struct Rule {
    /// The service or site, with what it does.
    pub(super) name: &'static str,
    /// What stands in the answer's place.
    pub(super) wall: Wall,
    /// Statuses under which it counts; empty for any.
    pub(super) statuses: &'static [u16],
    /// What must be there: one of these.
    pub(super) signs: &'static [Sign],
    /// Where this is from, and of when.
    pub(super) source: &'static str,
}

/// A sign of a wall.
pub(super) enum Sign {
    /// The status alone.
    Status,
    /// A header with this value, or with any.
    Header(&'static str, Option<&'static str>),
    /// The page's whole title, in lower case.
    Title(&'static str),
    /// All of these words in the beginning of the body, in lower case.
    Words(&'static [&'static str]),
    /// The answering address contains this after its scheme, in lower case; it was not asked for.
    Address(&'static str),
}

use Sign::{Address, Header, Status, Title, Words};

/// Statuses with which guards refuse.
const REFUSED: &[u16] = &[401, 403, 405, 406, 429, 503];
const ANY: &[u16] = &[];

/// The walls that protection services and sites put up; the first that fits names it.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "cloudflare challenge",
        wall: Wall::Challenge,
        statuses: ANY,
        signs: &[
            Header("cf-mitigated", Some("challenge")),
            Words(&["window._cf_chl_opt"]),
            Words(&["<title>just a moment...</title>", "/cdn-cgi/"]),
        ],
        source: "developers.cloudflare.com, detect a challenge page response (2026); yt-dlp#7001",
    },
    Rule {
        name: "cloudflare challenge by title",
        wall: Wall::Challenge,
        statuses: REFUSED,
        signs: &[
            Title("just a moment..."),
            Title("please wait... | cloudflare"),
            Title("attention required! | cloudflare"),
            Words(&["checking your browser before accessing"]),
            Words(&["cf-browser-verification"]),
        ],
        source: "FlareSolverr's list of titles (2025); pages of 2016 to 2026",
    },
    Rule {
        name: "cloudflare refusal",
        wall: Wall::Challenge,
        statuses: REFUSED,
        signs: &[Words(&["cf-error-details", "you have been blocked"]), Words(&["cf-error-details", "error 1020"])],
        source: "Cloudflare's error pages 1006 to 1020 (2024)",
    },
    Rule {
        name: "cloudflare limit",
        wall: Wall::Limit,
        statuses: REFUSED,
        signs: &[Words(&["you are being rate limited", "1015"])],
        source: "Cloudflare's error page 1015 (2024)",
    },
    Rule {
        name: "datadome",
        wall: Wall::Challenge,
        statuses: REFUSED,
        signs: &[Words(&["captcha-delivery.com"]), Header("x-dd-b", None)],
        source: "several scrapers' lists (2026): the script ct.captcha-delivery.com, the frame geo.captcha-delivery.com",
    },
    Rule {
        name: "perimeterx",
        wall: Wall::Challenge,
        statuses: REFUSED,
        signs: &[
            Words(&["px-captcha"]),
            Words(&["access to this page has been denied"]),
            Words(&["captcha.px-cdn.net"]),
            Words(&["pardon our interruption"]),
        ],
        source: "several scrapers' lists (2026); HUMAN's block page",
    },
    Rule {
        name: "akamai",
        wall: Wall::Challenge,
        statuses: REFUSED,
        signs: &[
            Words(&["access denied", "you don't have permission to access", "reference"]),
            Words(&["errors.edgesuite.net"]),
        ],
        source: "Akamai's edge error page (2016 to 2026)",
    },
    Rule {
        name: "imperva",
        wall: Wall::Challenge,
        statuses: ANY,
        signs: &[
            Words(&["request unsuccessful. incapsula incident id"]),
            Words(&["_incapsula_resource?swudnsai"]),
            Words(&["_incapsula_resource?cwudnsai"]),
        ],
        source: "Imperva's block page, served with 200 and 403 (2019 to 2026)",
    },
    Rule {
        name: "aws waf",
        wall: Wall::Challenge,
        statuses: ANY,
        signs: &[Header("x-amzn-waf-action", Some("challenge")), Header("x-amzn-waf-action", Some("captcha"))],
        source: "AWS WAF developer guide: 202 with challenge, 405 with captcha (2026)",
    },
    Rule {
        name: "cloudfront refusal",
        wall: Wall::Challenge,
        statuses: &[403],
        signs: &[Words(&["the request could not be satisfied", "request blocked"])],
        source: "CloudFront's error page (2017 to 2026)",
    },
    Rule {
        name: "vercel",
        wall: Wall::Challenge,
        statuses: ANY,
        signs: &[Header("x-vercel-mitigated", Some("challenge")), Header("x-vercel-mitigated", Some("deny"))],
        source: "Vercel's documentation of its firewall (2026)",
    },
    Rule {
        name: "kasada",
        wall: Wall::Challenge,
        statuses: REFUSED,
        signs: &[Header("x-kpsdk-ct", None), Words(&["window.kpsdk"])],
        source: "several scrapers' lists (2026)",
    },
    Rule {
        name: "sucuri",
        wall: Wall::Challenge,
        statuses: ANY,
        signs: &[
            Header("x-sucuri-block", None),
            Title("sucuri website firewall - access denied"),
            Title("sucuri websecurity - access denied"),
        ],
        source: "Sucuri's block page (2017 to 2026)",
    },
    Rule {
        name: "ddos-guard",
        wall: Wall::Challenge,
        statuses: REFUSED,
        signs: &[Title("ddos-guard"), Words(&["/.well-known/ddos-guard/"])],
        source: "FlareSolverr's list of titles (2025)",
    },
    Rule {
        name: "anubis",
        wall: Wall::Challenge,
        statuses: ANY,
        signs: &[Words(&["id=\"anubis_challenge\""]), Words(&["/.within.website/x/cmd/anubis/"])],
        source: "Anubis 1.27 (2026), which answers with 200",
    },
    Rule {
        name: "reddit",
        wall: Wall::Challenge,
        statuses: ANY,
        signs: &[
            Words(&["<title>blocked</title>", "whoa there, pardner"]),
            Words(&["been blocked by network security", "file a ticket"]),
            Words(&["blocked due to a network policy", "file a ticket"]),
        ],
        source: "asadm/markdowndown#5 (2024), gallery-dl#8806 (2026)",
    },
    Rule {
        name: "tiktok",
        wall: Wall::Challenge,
        statuses: ANY,
        signs: &[
            Words(&["<title>please wait...</title>", "wafchallenge"]),
            Words(&["slardarwaf"]),
            Words(&["id=\"wci\"", "id=\"cs\""]),
        ],
        source: "yt-dlp's solver of TikTok's challenge page (2026)",
    },
    Rule {
        name: "google",
        wall: Wall::Challenge,
        statuses: ANY,
        signs: &[
            Address("google.com/sorry/"),
            Words(&["our systems have detected unusual traffic from your computer"]),
        ],
        source: "Google's page for automated queries (2012 to 2026)",
    },
    Rule {
        name: "status 999",
        wall: Wall::Challenge,
        statuses: &[999],
        signs: &[Status],
        source: "LinkedIn's answer to machines (2014 to 2026)",
    },
    Rule {
        name: "captcha",
        wall: Wall::Challenge,
        statuses: REFUSED,
        signs: &[
            Words(&["class=\"g-recaptcha\""]),
            Words(&["class=\"h-captcha\""]),
            Words(&["class=\"cf-turnstile\""]),
            Words(&["verify you are human"]),
            Words(&["verify that you are not a robot"]),
            Words(&["enable javascript and cookies to continue"]),
        ],
        source: "the widgets' own documentation (2026)",
    },
    Rule {
        name: "limit by words",
        wall: Wall::Limit,
        statuses: ANY,
        signs: &[
            Title("429 too many requests"),
            Title("too many requests"),
            Title("rate limit exceeded"),
            Title("rate limited"),
            Title("error 429"),
            Title("429"),
            Words(&["{\"message\":\"please wait a few minutes before you try again.\""]),
        ],
        source: "nginx's page of the status; Instagram's API (gallery-dl, 2026)",
    },
];

/// The last or the first part of the path of an address that asks to sign in; in lower case, without an ending.
pub(super) const LOGIN_PARTS: &[&str] = &[
    "authwall",
    "login",
    "loginform",
    "login_required",
    "log-in",
    "log_in",
    "logon",
    "servicelogin",
    "sign-in",
    "sign_in",
    "signin",
    "sign-up",
    "sign_up",
    "signup",
    "wp-login",
];

/// Hosts that only sign people in.
pub(super) const LOGIN_HOSTS: &[&str] = &[
    "accounts.google.com",
    "accounts.spotify.com",
    "id.twitch.tv",
    "id.vk.com",
    "id.vk.ru",
    "identity.flickr.com",
    "login.vk.com",
    "login.vk.ru",
    "visitor.passport.weibo.cn",
];
/// First labels of such hosts on any site.
pub(super) const LOGIN_LABELS: &[&str] = &["login", "signin", "sso", "passport"];

/// What a page that only asks to sign in is called, in lower case: the whole title or one of its parts. Such a page has a
/// field for a password besides.
pub(super) const LOGIN_TITLES: &[&str] = &[
    "accedi",
    "aanmelden",
    "anmelden",
    "connexion",
    "einloggen",
    "entrar",
    "iniciar sesión",
    "inloggen",
    "log in",
    "log in or sign up",
    "login",
    "login required",
    "logga in",
    "se connecter",
    "sign in",
    "sign in or sign up",
    "sign up",
    "welcome back",
    "zaloguj się",
    "вход",
    "войти",
    "увійти",
    "تسجيل الدخول",
    "ログイン",
    "登录",
    "登入",
    "로그인",
];
/// How such a title begins, where the site's name follows.
pub(super) const LOGIN_STARTS: &[&str] =
    &["log in to ", "log into ", "login to ", "sign in to ", "sign up for ", "bei ", "connectez-vous à "];

/// Addresses of pages that ask for consent first: part of host and path.
pub(super) const CONSENT: &[&str] = &[
    "consent.youtube.com/",
    "consent.google.",
    "consent.yahoo.com/",
    "guce.",
    "/privacy/consent",
    "/cookie/consent",
    "/consent/?",
    "consent.dailymotion.com/",
];
