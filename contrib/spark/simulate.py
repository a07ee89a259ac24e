"""How long a crawl of the whole web takes past one machine: the arithmetic and the simulation behind docs/scale.md.

    python contrib/spark/simulate.py             prints the tables
    python contrib/spark/simulate.py --write     writes them into docs/scale.md, and docs/scale.svg
    python contrib/spark/simulate.py --check     ends with 1 where the document says something else
    python contrib/spark/simulate.py --posts 2e6 --core-hour 0.03

Detection is arithmetic. Capture is a queue at each platform: every address asks once in a pause, or as often in an hour as
the platform says, whichever is slower; posts take as many requests as the dice say. The simulation runs that queue event
by event over a part of the posts and the closed form says it for all of them; a test holds both together.

Only the standard library, and the same seed gives the same figures.
"""

import argparse
import heapq
import math
import pathlib
import random
import re
import sys
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT, PLOT = ROOT / "docs" / "scale.md", ROOT / "docs" / "scale.svg"

# What was measured; the commands stand in docs/scale.md beside each figure.
PAGES, PAGES_CPU_S, PAGES_BYTES = 2000, 2.13, 75_960_172
GUNZIP_CPU_S = 1.63
ARTICLES, ARTICLES_CPU_S, ARTICLES_BYTES = 482, 5.59, 27_156_480 - 876_544
POSTS, POSTS_CPU_S, POSTS_BYTES = 65, 0.30, 1_703_936 - 876_544
REQUESTS, LOOKED_POSTS = 158, 65
MERGE_BYTES, MERGE_CPU_S, MERGE_PEAK_KIB = 27_705_344, 0.87, 130_612
PARQUET_BYTES, PARQUET_OF_BYTES = 1_905_215, 27_705_344

# A post that is gone, at a web archive that has a copy: its index and the copy.
ARCHIVE_REQUESTS, ARCHIVE_PAUSE_S = 5, 0.5
#: How long tasks are reckoned to wait for their platforms.
WAITING_DAYS = 30

# One monthly Common Crawl, in round figures of its own announcements.
CRAWL_PAGES, CRAWL_BYTES = 3e9, 90e12

DAY_S, HOUR_S = 86_400, 3600
SEED = 20_260_101
#: Posts of each platform that are simulated event by event, at most.
SIMULATED_POSTS = 4000
ADDRESSES = (1, 3, 10, 30, 100, 300, 1000)


@dataclass(frozen=True)
class Platform:
    """How one platform is asked from one address, and its share of the posts."""

    name: str
    share: float
    pause_s: float
    #: Requests an hour that the platform allows, where it says so.
    per_hour: float = math.inf
    source: str = ""
    #: Hosts that count for themselves, as servers of the fediverse do; posts fall on them as Zipf's law has it.
    servers: int = 1

    def seconds(self):
        """Between two requests from one address."""
        return max(self.pause_s, HOUR_S / self.per_hour)


# Shares: of the 1,060 embeds in 482 pages; pauses: embalm's own, see docs/configuration.md.
PLATFORMS = (
    Platform("twitter", 0.391, 0.5, source="none told; counted by address"),
    Platform("youtube", 0.240, 0.5, source="none told"),
    Platform("instagram", 0.152, 5.0, source="very low by address, met after some dozens (yt-dlp, InstaFix)"),
    Platform("facebook", 0.031, 3.6, 1000, "1,000 an hour for each oEmbed route (Meta's documentation, 2026-06)"),
    Platform("mastodon", 0.021, 1.0, 3600, "300 in five minutes by address (rack_attack.rb)", servers=1000),
    Platform("telegram", 0.018, 0.5, source="none told"),
    Platform("tiktok", 0.012, 1.0, source="none told"),
    Platform("reddit", 0.010, 2.0, source="none told; many 429 for strangers"),
    Platform("bluesky", 0.008, 0.5, 36_000, "3,000 in five minutes at a PDS (bsky-docs); the AppView tells none"),
)


@dataclass(frozen=True)
class Plan:
    """What is assumed, and can be set."""

    core_hour: float = 0.04
    gb_month: float = 0.023
    #: Posts that are named by a page, on average over a whole crawl, and how many of those namings are of another post.
    posts_a_page: float = 0.068
    distinct: float = 0.5
    #: Bytes of pictures and films of a post, where these are kept.
    media_bytes: float = 400_000
    #: Posts that their platform does not show any more, which a web archive is asked for where one is configured.
    gone: float = 0.1
    cores: int = 200
    posts: float = 0.0

    def distinct_posts(self):
        return self.posts or CRAWL_PAGES * self.posts_a_page * self.distinct


def requests_a_post():
    """Requests to its platform that a post takes, files apart."""
    return REQUESTS / LOOKED_POSTS


def zipf_head(servers):
    """The share of the largest of so many servers."""
    return 1 / sum(1 / rank for rank in range(1, servers + 1))


def closed_form(platform, posts, addresses):
    """Seconds until the last post of a platform is captured: the busiest address decides.

    Posts fall on addresses by their hash, so that the busiest has some more than its part: of n balls in a bins the
    fullest holds about n/a + sqrt(2 n/a ln a).
    """
    part = posts * zipf_head(platform.servers) / addresses
    busiest = part + math.sqrt(2 * part * math.log(addresses)) if addresses > 1 else part
    return math.ceil(busiest) * requests_a_post() * platform.seconds()


def simulate(platform, posts, addresses, seed=SEED):
    """The same, event by event: each address takes the next post of its queue when its last request's pause is over."""
    dice = random.Random(f"{seed}/{platform.name}/{posts}/{addresses}")
    head = zipf_head(platform.servers)
    queues = {}
    for _ in range(posts):
        # The largest server's queue is the last to be empty; the others run beside it.
        if dice.random() < head:
            place = dice.randrange(addresses)
            queues[place] = queues.get(place, 0) + 1
    mean = requests_a_post()
    events = [(0.0, place) for place in queues]
    heapq.heapify(events)
    end = 0.0
    while events:
        now, place = heapq.heappop(events)
        # One request at least; further rungs with even chances, so that the mean is what was measured.
        requests = 1
        while dice.random() < 1 - 1 / mean:
            requests += 1
        done = now + requests * platform.seconds()
        queues[place] -= 1
        end = max(end, done)
        if queues[place]:
            heapq.heappush(events, (done, place))
    return end


def table(head, rows):
    """A table as Markdown has it."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def said(number, digits=3):
    """A number with so many digits that mean something, and commas."""
    if number == 0 or not math.isfinite(number):
        return "none" if number else "0"
    places = digits - 1 - math.floor(math.log10(abs(number)))
    rounded = round(number, places)
    return f"{rounded:,.{max(0, places)}f}" if abs(rounded) < 10 ** (digits - 1) else f"{rounded:,.0f}"


def unit_rows():
    cpu = PAGES_CPU_S / PAGES
    return table(("what", "figure"), (
        ("pages a second and core, out of WARC, gunzip included", said(1 / cpu)),
        ("compressed megabytes a second and core", said(PAGES_BYTES / PAGES_CPU_S / 1e6)),
        ("share of that which gunzip alone takes", f"{GUNZIP_CPU_S / PAGES_CPU_S:.0%}"),
        ("CPU for an article archived, milliseconds", said(1e3 * ARTICLES_CPU_S / ARTICLES)),
        ("disk for an article, KB", said(ARTICLES_BYTES / ARTICLES / 1e3)),
        ("CPU for a post, milliseconds", said(1e3 * POSTS_CPU_S / POSTS)),
        ("disk for a post without its files, KB", said(POSTS_BYTES / POSTS / 1e3)),
        ("requests for a post", said(requests_a_post(), 2)),
        ("megabytes merged a second", said(MERGE_BYTES / MERGE_CPU_S / 1e6)),
        ("peak memory of a merge, MB", said(MERGE_PEAK_KIB * 1024 / 1e6)),
        ("Parquet's part of an archive's bytes", f"{PARQUET_BYTES / PARQUET_OF_BYTES:.0%}"),
    ))


def detect_hours():
    """Core-hours by pages and by bytes: pages of the sample are larger than those of a crawl."""
    by_pages = CRAWL_PAGES * PAGES_CPU_S / PAGES / HOUR_S
    by_bytes = CRAWL_BYTES * PAGES_CPU_S / PAGES_BYTES / HOUR_S
    return by_pages, by_bytes


def detect_rows(plan):
    by_pages, by_bytes = detect_hours()
    hours = max(by_pages, by_bytes)
    # A job on Spark is held to 0.8 of a single process.
    on_spark = hours / 0.8
    return table(("one monthly crawl: 3 billion pages, 90 TB", "figure"), (
        ("core-hours by pages", said(by_pages)),
        ("core-hours by bytes", said(by_bytes)),
        ("core-hours on Spark, at 0.8 of a single process, by the larger", said(on_spark)),
        (f"dollars at {plan.core_hour:.2f} a core-hour", said(on_spark * plan.core_hour)),
        (f"hours with {plan.cores} cores", said(on_spark / plan.cores)),
        (f"gigabytes a second that {plan.cores} cores read", said(plan.cores * 0.8 * PAGES_BYTES / PAGES_CPU_S / 1e9)),
        ("days on one machine of 16 cores", said(hours / 16 / 24)),
    ))


def store_rows(plan):
    posts = plan.distinct_posts()
    bare, files = posts * POSTS_BYTES / POSTS, posts * plan.media_bytes
    return table(("its distinct posts", "figure"), (
        (f"posts, at {plan.posts_a_page} a page and {plan.distinct:.0%} distinct", f"{posts / 1e6:,.0f} million"),
        ("CPU to capture them, core-hours", said(posts * POSTS_CPU_S / POSTS / HOUR_S)),
        ("archives without files, TB", said(bare / 1e12)),
        ("as Parquet tables, TB", said(bare * PARQUET_BYTES / PARQUET_OF_BYTES / 1e12)),
        (f"files, at {plan.media_bytes / 1e3:.0f} KB a post, TB", said(files / 1e12)),
        (f"dollars for a month of storage without files, at {plan.gb_month} a GB", said(bare / 1e9 * plan.gb_month)),
        ("dollars for a month of storage with files", said((bare + files) / 1e9 * plan.gb_month)),
        ("days to merge all into one file, one process", said(bare / (MERGE_BYTES / MERGE_CPU_S) / DAY_S)),
    ))


def capture_rows(plan):
    posts = plan.distinct_posts()
    rows = []
    for platform in PLATFORMS:
        count = posts * platform.share
        days = [closed_form(platform, count, addresses) / DAY_S for addresses in (1, 10, 100)]
        month = 30 * DAY_S / (requests_a_post() * platform.seconds() * zipf_head(platform.servers))
        rows.append((
            platform.name, f"{count / 1e6:.1f}", f"{platform.seconds():g}", platform.source, *(said(day) for day in days),
            f"{min(1, month / count):.1%}",
        ))
    head = ("platform", "posts, millions", "seconds between requests", "what the platform tells", "days, 1 address", "10", "100",
            "of them in 30 days, 1 address")
    return table(head, rows)


def waiting_rows(plan):
    """What waiting costs: at the one host that all platforms fall back to, and of cores that have nothing to do."""
    gone = plan.distinct_posts() * plan.gone
    busy = max(POSTS_CPU_S / POSTS / (requests_a_post() * platform.seconds()) for platform in PLATFORMS)
    held = len(PLATFORMS) * WAITING_DAYS * 24
    return table(("waiting", "figure"), (
        (f"posts to look for in a web archive, at {plan.gone:.0%} gone", f"{gone / 1e6:.1f} million"),
        (f"days for them from one address, at {ARCHIVE_REQUESTS} requests {ARCHIVE_PAUSE_S} s apart", said(gone * ARCHIVE_REQUESTS * ARCHIVE_PAUSE_S / DAY_S)),
        (f"core-hours that {len(PLATFORMS)} tasks of one core hold in {WAITING_DAYS} days", said(held)),
        (f"dollars for them at {plan.core_hour:.2f} a core-hour", said(held * plan.core_hour)),
        ("share of its core that the busiest of them uses", f"{busy:.1%}"),
        (f"dollars for one machine of 4 cores, with slots for all of them, in {WAITING_DAYS} days", said(4 * WAITING_DAYS * 24 * plan.core_hour)),
    ))


def check_rows():
    """The simulation beside the closed form, on as many posts as are simulated."""
    rows = []
    for platform in PLATFORMS:
        for addresses in (1, 10):
            events = simulate(platform, SIMULATED_POSTS, addresses)
            form = closed_form(platform, SIMULATED_POSTS, addresses)
            rows.append((platform.name, addresses, said(events / HOUR_S), said(form / HOUR_S), f"{events / form:.2f}"))
    return table(("platform", "addresses", "hours, event by event", "hours, closed form", "ratio"), rows)


def blocks(plan):
    """The parts of the document that are written here, by name."""
    return {
        "units": unit_rows(), "detect": detect_rows(plan), "store": store_rows(plan), "capture": capture_rows(plan),
        "waiting": waiting_rows(plan), "check": check_rows(),
    }


def filled(text, plan):
    """The document with its tables as they are now."""
    for name, body in blocks(plan).items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.S)
        if not mark.search(text):
            raise SystemExit(f"{DOCUMENT}: no part <!-- {name} -->")
        text = mark.sub(lambda found: found[1] + "\n" + body + "\n\n" + found[2], text)
    return text


COLOURS = ("#1d4ed8", "#b91c1c", "#a21caf", "#15803d", "#c2410c", "#0e7490", "#111827", "#a16207", "#6d28d9")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 520, 70, 190, 56, 60


def plot(plan):
    """Days to capture all posts of a crawl by addresses, a line for each platform; dots are simulated. SVG."""
    posts = plan.distinct_posts()
    low, high = 0.004, 10_000
    across = lambda n: LEFT + (WIDTH - LEFT - RIGHT) * math.log10(n) / math.log10(ADDRESSES[-1])  # noqa: E731
    down = lambda days: TOP + (HEIGHT - TOP - BOTTOM) * math.log10(high / min(max(days, low), high)) / math.log10(high / low)  # noqa: E731
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13" role="img">',
        "<title>Days to capture the posts of one monthly crawl, by platform and number of addresses</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="16" font-weight="bold">Days to capture {posts / 1e6:,.0f} million posts, each platform at its pace</text>',
        f'<text x="{LEFT}" y="42" fill="#4b5563">lines: closed form; dots: event by event, with 20,000 posts, whose busiest address weighs more; logarithmic axes</text>',
    ]
    for power in range(-2, 5):
        y, label = down(10**power), f"{10**power:,g}"
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e5e7eb"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    month = down(30)
    out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{month:.1f}" y2="{month:.1f}" stroke="#6b7280" stroke-dasharray="6 4"/>')
    out.append(f'<text x="{WIDTH - RIGHT - 4}" y="{month - 6:.1f}" text-anchor="end" fill="#4b5563">a month: the next crawl is there</text>')
    for n in ADDRESSES:
        out.append(f'<text x="{across(n):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{n:,}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 14}" text-anchor="middle">addresses that ask</text>')
    out.append(f'<text transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)" text-anchor="middle">days</text>')
    ends = []
    for platform, colour in zip(PLATFORMS, COLOURS):
        count = posts * platform.share
        line = [(across(n), down(closed_form(platform, count, n) / DAY_S)) for n in ADDRESSES]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for n in ADDRESSES[:5]:
            # A part of the posts, told for all of them.
            days = simulate(platform, SIMULATED_POSTS * 5, n) * count / (SIMULATED_POSTS * 5) / DAY_S
            out.append(f'<circle cx="{across(n):.1f}" cy="{down(days):.1f}" r="3.5" fill="{colour}"/>')
        ends.append([line[-1][1], platform.name, colour, line[-1][1]])
    ends.sort()
    for above, below in zip(ends, ends[1:]):
        below[0] = max(below[0], above[0] + 16)
    for y, name, colour, at in ends:
        out.append(f'<line x1="{WIDTH - RIGHT + 2}" y1="{at:.1f}" x2="{WIDTH - RIGHT + 16}" y2="{y:.1f}" stroke="{colour}"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 20}" y="{y + 4:.1f}" fill="{colour}">{name}</text>')
    return "\n".join([*out, "</svg>", ""])


def main(words=None):
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--write", action="store_true", help="write the tables into docs/scale.md, and the plot")
    doing.add_argument("--check", action="store_true", help="end with 1 where the document or the plot says something else")
    default = Plan()
    parser.add_argument("--core-hour", type=float, default=default.core_hour, help="price of a core-hour [default: %(default)s]")
    parser.add_argument("--gb-month", type=float, default=default.gb_month, help="price of a GB for a month [default: %(default)s]")
    parser.add_argument("--posts", type=float, default=0.0, help="distinct posts [default: from pages]")
    parser.add_argument("--posts-a-page", type=float, default=default.posts_a_page, help="posts that a page names [default: %(default)s]")
    parser.add_argument("--distinct", type=float, default=default.distinct, help="how many of those are different [default: %(default)s]")
    parser.add_argument("--media-bytes", type=float, default=default.media_bytes, help="files of a post [default: %(default)s]")
    parser.add_argument("--gone", type=float, default=default.gone, help="how many posts are gone [default: %(default)s]")
    parser.add_argument("--cores", type=int, default=default.cores, help="cores of the cluster [default: %(default)s]")
    args = parser.parse_args(words)
    plan = Plan(args.core_hour, args.gb_month, args.posts_a_page, args.distinct, args.media_bytes, args.gone, args.cores, args.posts)
    if args.write:
        DOCUMENT.write_text(filled(DOCUMENT.read_text(), plan))
        PLOT.write_text(plot(plan))
    elif args.check:
        text = DOCUMENT.read_text()
        if filled(text, plan) != text or plot(plan) != PLOT.read_text():
            print("docs/scale.md or docs/scale.svg is not what `python contrib/spark/simulate.py --write` writes", file=sys.stderr)
            return 1
    else:
        print("\n\n".join(blocks(plan).values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
