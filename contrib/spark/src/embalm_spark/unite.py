"""Tables of several archives as those of one: what says the same stands there once, by the rules of ``embalm merge``.

Each step is a view in Spark's SQL. ``raw_NAME`` are the tables as ``embalm export parquet`` writes them, with a column
``shard``; ``NAME`` are the united ones. Numbers of rows, which are those of one archive, become keys that are equal
wherever the same thing is said: an article is its name, a run its digest, the rest a digest of what tells it apart. Where
rows of several shards say the same, the shard that comes first in the order of addresses speaks; it decides nothing.
"""

#: The united tables, with the column of their order and whether they are parted by platform.
TABLES = {
    "articles": ("captured_at", False),
    "article_versions": ("captured_at", False),
    "embeds": ("captured_at", True),
    "posts": ("captured_at", True),
    "snapshots": ("captured_at", True),
    "media_files": ("captured_at", True),
    "looks": ("looked_at", True),
    "runs": ("started_at", False),
}

#: Rungs, best first.
VIAS = ("api", "syndication", "oembed", "embed_page", "page_meta", "memento", "import", "quoted")

#: Articles are named by addresses; what shares one is one. So many links from one to the next are followed.
MAX_ADDRESS_HOPS = 30

_LATER = "started_at, command, host"


def key(*columns):
    """A digest of what tells a row apart, as text."""
    said = ", ".join(f"coalesce(cast({column} AS STRING), '\\\\N')" for column in columns)
    return f"sha2(concat_ws('\\u001f', {said}), 256)"


def once(source, by, first="shard"):
    """The rows of a view, one for each ``by``: the one that comes first by ``first``."""
    return (
        f"SELECT * EXCEPT (_place) FROM (SELECT *, row_number() OVER (PARTITION BY {by} ORDER BY {first}) AS _place "
        f"FROM {source}) WHERE _place = 1"
    )


def _nth(shard_by):
    """Rows of one archive that say the same are told apart by their order."""
    return f"row_number() OVER (PARTITION BY shard, {shard_by} ORDER BY id)"


#: Runs, and names of posts: a short link that one shard followed is that post in the others; of several posts the lesser name's.
NAMES = {
    "run_keys": f"""
        SELECT *, coalesce(digest, {key('command', 'unix_micros(started_at)', 'unix_micros(as_of)', 'host', 'version')}) AS run_key
        FROM raw_runs""",
    "run_order": "SELECT shard, run, run_key, started_at AS run_at, command, coalesce(host, '') AS host FROM run_keys",
    "told_names": """
        SELECT name, min(key) AS post FROM (SELECT explode(aliases) AS name, key FROM raw_posts) WHERE name <> key GROUP BY name""",
    # Where two shards have each a name of the other's, the lesser one stays.
    "next_names": """
        SELECT t.name, t.post FROM told_names t LEFT ANTI JOIN told_names b ON b.name = t.post AND b.post = t.name AND t.name < t.post""",
    # A short link may lead to a handle, and that to an account's id.
    "post_names": """
        SELECT a.name, coalesce(c.post, b.post, a.post) AS post FROM next_names a
        LEFT JOIN next_names b ON b.name = a.post LEFT JOIN next_names c ON c.name = b.post""",
    # What is redacted in one shard is left out of all.
    "hidden_posts": """
        SELECT DISTINCT coalesce(n.post, r.target) AS post FROM raw_redactions r LEFT JOIN post_names n ON n.name = r.target
        WHERE r.what = 'post'""",
    "hidden_articles": "SELECT DISTINCT target AS address FROM raw_redactions WHERE what = 'article'",
    "named_posts": """
        SELECT p.* EXCEPT (key), coalesce(n.post, p.key) AS key, n.post IS NOT NULL AS was_link
        FROM raw_posts p LEFT JOIN post_names n ON n.name = p.key
        LEFT ANTI JOIN hidden_posts h ON h.post = coalesce(n.post, p.key)""",
}

SNAPSHOTS = {
    "named_snapshots": f"""
        SELECT s.* EXCEPT (post, platform, run, quoted, reply_to, shown), coalesce(n.post, s.post) AS post,
          substring_index(coalesce(n.post, s.post), ':', 1) AS platform, r.run_key AS run, r.run_at AS started_at, r.command, r.host,
          coalesce(q.post, s.quoted) AS quoted, coalesce(a.post, s.reply_to) AS reply_to
        FROM raw_snapshots s JOIN run_order r ON r.shard = s.shard AND r.run = s.run
        LEFT JOIN post_names n ON n.name = s.post LEFT JOIN post_names q ON q.name = s.quoted
        LEFT JOIN post_names a ON a.name = s.reply_to LEFT ANTI JOIN hidden_posts h ON h.post = coalesce(n.post, s.post)""",
    "keyed_snapshots": f"""
        SELECT *, {key('post', 'via', 'unix_micros(captured_at)', 'run', 'outcome', 'digest', 'nth')} AS snapshot FROM (
          SELECT *, {_nth('post, via, captured_at, run, outcome, digest')} AS nth FROM named_snapshots)""",
    "one_snapshots": once("keyed_snapshots", "snapshot"),
    # Files are told apart by their place in the snapshot; bytes stand before none, then the lesser word counts.
    "placed_media": """
        SELECT m.* EXCEPT (post, platform, snapshot, captured_at, via, shown), s.snapshot, s.post, s.platform, s.captured_at, s.via,
          row_number() OVER (PARTITION BY m.shard, m.snapshot ORDER BY m.id) AS position
        FROM raw_media_files m JOIN keyed_snapshots s ON s.shard = m.shard AND s.id = m.snapshot""",
    "one_media": once(
        "placed_media", "snapshot, position",
        "sha256 IS NULL, sha256, failure IS NULL, coalesce(url, ''), coalesce(failure, ''), coalesce(skipped, ''), "
        "coalesce(skipped_limit_bytes, 0), coalesce(obtained, ''), coalesce(note, ''), shard",
    ),
}

_LOOK = key("post", "unix_micros(looked_at)", "run", "via", "result", "state", "snapshot", "reason", "nth")

LOOKS = {
    "named_looks": """
        SELECT l.* EXCEPT (post, platform, run, snapshot), coalesce(n.post, l.post) AS post,
          substring_index(coalesce(n.post, l.post), ':', 1) AS platform, r.run_key AS run, r.run_at AS started_at, r.command, r.host,
          s.snapshot
        FROM raw_looks l JOIN run_order r ON r.shard = l.shard AND r.run = l.run LEFT JOIN post_names n ON n.name = l.post
        LEFT JOIN keyed_snapshots s ON s.shard = l.shard AND s.id = l.snapshot
        LEFT ANTI JOIN hidden_posts h ON h.post = coalesce(n.post, l.post)""",
    "keyed_looks": f"""
        SELECT *, {_LOOK} AS own FROM (
          SELECT *, {_nth('post, looked_at, run, via, result, state, snapshot, reason')} AS nth FROM named_looks)""",
    # One that was read again stands by the last reading.
    "one_looks": once(
        "(SELECT l.* EXCEPT (reparse_of), o.own AS reparse_of FROM keyed_looks l "
        "LEFT JOIN keyed_looks o ON o.shard = l.shard AND o.id = l.reparse_of)", "own",
    ),
    "standing": once("one_looks", "coalesce(reparse_of, own)", f"reparse_of IS NULL, started_at DESC, command DESC, host DESC, id DESC"),
}

_RANK = " ".join(f"WHEN '{via}' THEN {place}" for place, via in enumerate(VIAS))
_CLASS = "CASE via WHEN 'memento' THEN 1 WHEN 'import' THEN 2 WHEN 'quoted' THEN 3 ELSE 0 END"
#: A poorer rung's newer answer does not displace a richer one's.
_BETTER = """
    best IS NULL OR newer.class < best.class OR (newer.class = best.class AND (newer.rank <= best.rank OR NOT (
      (best.has_text AND NOT newer.has_text) OR (best.has_media AND NOT newer.has_media) OR (newer.truncated AND NOT best.truncated))))"""
_CANDIDATE = "captured_at, started_at, command, host, id, class, rank, has_text, has_media, truncated, snapshot"

SHOWN = {
    "candidates": f"""
        SELECT s.*, CASE s.via {_RANK} END AS rank, coalesce(s.text, '') <> '' AS has_text, m.snapshot IS NOT NULL AS has_media,
          if(coalesce(s.text, '') = '' AND m.snapshot IS NULL, 10, 0) + {_CLASS.replace('via', 's.via', 1)} AS class
        FROM one_snapshots s LEFT SEMI JOIN standing l ON l.snapshot = s.snapshot
        LEFT JOIN (SELECT DISTINCT snapshot FROM one_media WHERE part = 'media') m ON m.snapshot = s.snapshot
        WHERE s.outcome = 'found'""",
    "gathered": f"SELECT post, array_sort(collect_list(struct({_CANDIDATE}))) AS list FROM candidates GROUP BY post",
    "post_shown": f"""
        SELECT post, aggregate(slice(list, 2, greatest(size(list) - 1, 0)), list[0],
          (best, newer) -> CASE WHEN {_BETTER} THEN newer ELSE best END).snapshot AS snapshot FROM gathered""",
    "post_looks": f"""
        SELECT post, max_by(state, struct(looked_at, {_LATER}, id)) FILTER (WHERE state IS NOT NULL) AS state,
          max(looked_at) FILTER (WHERE state = 'live') AS last_seen_at,
          collect_list(struct(looked_at, state)) FILTER (WHERE state IS NOT NULL) AS told FROM standing GROUP BY post""",
    # The state has held since the first look that proved it after the last one that proved another.
    "post_states": """
        SELECT post, coalesce(state, 'unknown') AS state, last_seen_at, array_min(transform(filter(told, l -> l.state = state
          AND l.looked_at >= coalesce(array_max(transform(filter(told, o -> o.state <> state), o -> o.looked_at)),
          timestamp '0001-01-01 00:00:00')), l -> l.looked_at)) AS state_since FROM post_looks""",
}

_NEWEST = ("captured_at", "source", "kind", "url", "site", "live_blog")
_LAST_LOOK = ("last_looked_at", "state", "state_since", "due_at")


def _greatest(columns):
    """Of several articles that are one the greater counts, column by column; none is less than any."""
    order = ", ".join(f"{column} IS NOT NULL, {column}" for column in columns)
    kept = ", ".join(columns)
    return f"max_by(struct({kept}), struct({order}))"


ARTICLES = {
    "named_articles": """
        SELECT a.*, g.label FROM raw_articles a JOIN article_labels g ON g.name = a.name
        LEFT ANTI JOIN hidden_labels h ON h.label = g.label""",
    "folded": f"""
        SELECT label, min_by(name, struct(first_captured_at, name)) AS name, min(first_captured_at) AS first_captured_at,
          max(looks) AS looks, {_greatest(_NEWEST)} AS newest, {_greatest(_LAST_LOOK)} AS last,
          array_sort(array_distinct(flatten(collect_list(labels)))) AS labels,
          array_sort(array_union(flatten(collect_list(aliases)),
            array_except(collect_list(name), array(min_by(name, struct(first_captured_at, name)))))) AS aliases
        FROM named_articles GROUP BY label""",
    "article_names": "SELECT a.shard, a.id, f.name AS article FROM named_articles a JOIN folded f ON f.label = a.label",
    "keyed_versions": f"""
        SELECT *, {key('article', 'unix_micros(captured_at)', 'run', 'sha256', 'nth')} AS version FROM (
          SELECT *, {_nth('article, captured_at, run, sha256')} AS nth FROM (
            SELECT v.* EXCEPT (article, article_url, run), n.article, r.run_key AS run, r.run_at AS started_at, r.command, r.host
            FROM raw_article_versions v JOIN article_names n ON n.shard = v.shard AND n.id = v.article
            JOIN run_order r ON r.shard = v.shard AND r.run = v.run))""",
    # A digest that one archive has not worked out yet is the other's.
    "one_versions": once("keyed_versions", "version", "content_digest IS NULL, content_digest DESC, shard"),
    "newest_versions": once("one_versions", "article", "captured_at DESC, started_at DESC, command DESC, host DESC, id DESC"),
    "keyed_embeds": f"""
        SELECT *, {key('version', 'position', 'form', 'target_post_id', 'target', 'nth')} AS embed FROM (
          SELECT *, {_nth('version, position, form, target_post_id, target')} AS nth FROM (
            SELECT e.* EXCEPT (article, article_url, site, version, newest, captured_at, platform, post, state), v.article, v.version,
              v.captured_at, coalesce(n.post, e.post) AS post
            FROM raw_embeds e JOIN keyed_versions v ON v.shard = e.shard AND v.id = e.version
            LEFT JOIN post_names n ON n.name = e.post LEFT ANTI JOIN hidden_posts h ON h.post = coalesce(n.post, e.post)))""",
    "one_embeds": once("keyed_embeds", "embed", "post, shard"),
}

#: The tables themselves, their columns as docs/tables.md has them.
UNITED = {
    "runs": "SELECT * EXCEPT (run, run_key, shard), run_key AS run FROM ("
            + once("run_keys", "run_key", "finished_at IS NULL, shard") + ")",
    "snapshots": """
        SELECT s.* EXCEPT (id, shard, nth, started_at, command, host, snapshot), s.snapshot AS id, p.snapshot IS NOT NULL AS shown
        FROM one_snapshots s LEFT JOIN post_shown p ON p.snapshot = s.snapshot""",
    "media_files": f"""
        SELECT {key('m.snapshot', 'm.position')} AS id, m.* EXCEPT (id, position), p.snapshot IS NOT NULL AS shown
        FROM one_media m LEFT JOIN post_shown p ON p.snapshot = m.snapshot""",
    "looks": "SELECT own AS id, * EXCEPT (id, own, nth, shard, started_at, command, host) FROM one_looks",
    "article_versions": """
        SELECT v.version AS id, coalesce(f.newest.url, f.name) AS article_url, n.version IS NOT NULL AS newest,
          v.* EXCEPT (id, version, shard, nth, newest, started_at, command, host)
        FROM one_versions v JOIN folded f ON f.name = v.article LEFT JOIN newest_versions n ON n.version = v.version""",
    "embeds": """
        SELECT e.embed AS id, coalesce(f.newest.url, f.name) AS article_url, f.newest.site AS site, n.version IS NOT NULL AS newest,
          substring_index(e.post, ':', 1) AS platform, coalesce(s.state, 'unknown') AS state, e.* EXCEPT (id, embed, shard, nth)
        FROM one_embeds e JOIN folded f ON f.name = e.article LEFT JOIN newest_versions n ON n.version = e.version
        LEFT JOIN post_states s ON s.post = e.post""",
    "articles": """
        SELECT f.name AS id, f.newest.url AS url, f.name, f.newest.source AS source, f.labels, f.newest.kind AS kind, f.newest.site AS site,
          v.title, v.byline, v.site_name, v.published, v.published_at, v.lang, f.first_captured_at, f.newest.captured_at AS captured_at,
          f.last.state AS state, f.last.state_since AS state_since, f.last.last_looked_at AS last_looked_at, f.looks, f.last.due_at AS due_at,
          f.newest.live_blog AS live_blog, c.versions, v.embeds, coalesce(e.posts, array()) AS posts, f.aliases
        FROM folded f JOIN newest_versions v ON v.article = f.name
        JOIN (SELECT article, count(*) AS versions FROM one_versions GROUP BY article) c ON c.article = f.name
        LEFT JOIN (SELECT version, transform(array_sort(collect_list(struct(position, post))), p -> p.post) AS posts FROM (
            SELECT version, post, min(position) AS position FROM one_embeds GROUP BY version, post) GROUP BY version) e
          ON e.version = v.version""",
    "posts": """
        SELECT p.key, substring_index(p.key, ':', 1) AS platform, substr(p.key, instr(p.key, ':') + 1) AS post_id, p.url,
          coalesce(t.state, 'unknown') AS state, t.state_since, s.via, s.captured_at, n.first_captured_at, t.last_seen_at, p.last_looked_at,
          s.memento_url, s.memento_at, coalesce(w.login, false) AS login, s.author_name,
          coalesce(nullif(s.author_handle, ''), p.author_handle) AS author_handle, s.published, s.published_at, s.text, s.lang,
          coalesce(m.media, array()) AS media, s.quoted, s.reply_to, coalesce(s.counts, map()) AS counts, coalesce(n.snapshots, 0) AS snapshots,
          coalesce(a.articles, array()) AS articles, coalesce(o.aliases, array()) AS aliases
        FROM (SELECT key, coalesce(min(url) FILTER (WHERE NOT was_link), min(url)) AS url, min(author_handle) AS author_handle,
            max(last_looked_at) AS last_looked_at FROM named_posts GROUP BY key) p
        LEFT JOIN post_states t ON t.post = p.key LEFT JOIN post_shown h ON h.post = p.key
        LEFT JOIN one_snapshots s ON s.snapshot = h.snapshot
        LEFT JOIN (SELECT post, count(*) AS snapshots, min(captured_at) FILTER (WHERE outcome = 'found' AND via <> 'quoted')
            AS first_captured_at FROM one_snapshots GROUP BY post) n ON n.post = p.key
        LEFT JOIN (SELECT s.snapshot, max(o.login) AS login FROM named_posts o JOIN raw_snapshots r ON r.shard = o.shard AND r.shown
            JOIN keyed_snapshots s ON s.shard = r.shard AND s.id = r.id AND s.post = o.key WHERE o.login GROUP BY 1) w ON w.snapshot = h.snapshot
        LEFT JOIN (SELECT snapshot, transform(array_sort(collect_list(struct(position, file))), f -> f.file) AS media FROM (
            SELECT snapshot, position, struct(kind, url, sha256, mime, size_bytes, width_px, height_px, alt) AS file
            FROM one_media WHERE part IN ('media', 'avatar')) GROUP BY snapshot) m ON m.snapshot = h.snapshot
        LEFT JOIN (SELECT post, array_sort(collect_set(article)) AS articles FROM (
            SELECT e.post, coalesce(f.newest.url, f.name) AS article FROM one_embeds e JOIN folded f ON f.name = e.article
            UNION SELECT post, article FROM crawl_embeds) GROUP BY post) a ON a.post = p.key
        LEFT JOIN (SELECT post, array_sort(collect_set(name)) AS aliases FROM post_names GROUP BY post) o ON o.post = p.key""",
}

#: Pages that detect searched: their embeds, with the names that the shards have learnt. What is archived speaks for itself.
CRAWL = {
    "crawl_embeds": f"""
        SELECT {key('c.page', 'c.position')} AS id, c.*, coalesce(n.post, c.name) AS post FROM crawled c
        LEFT JOIN post_names n ON n.name = c.name
        LEFT ANTI JOIN (SELECT address FROM addresses UNION SELECT address FROM hidden_articles) k ON k.address = c.article
        LEFT ANTI JOIN hidden_posts h ON h.post = coalesce(n.post, c.name)""",
}

#: Rows of crawled pages, in the tables of archived articles and their embeds; columns that are missing here are none.
CRAWLED = {
    "articles": """
        SELECT article AS id, article AS url, article AS name, array() AS labels, max(site) AS site, max(seen_at) AS last_looked_at,
          count(DISTINCT page) AS looks, 0 AS versions, count(DISTINCT post) AS embeds,
          transform(array_sort(collect_set(struct(place, post))), p -> p.post) AS posts, array() AS aliases, min(seen_at) AS first_seen_at
        FROM (SELECT *, min(position) OVER (PARTITION BY article, post) AS place FROM crawl_embeds) GROUP BY article""",
    "embeds": """
        SELECT e.id, e.article, e.article AS article_url, e.site, true AS newest, e.position, e.form, e.scope,
          CASE WHEN e.post_id IS NOT NULL THEN 'post' WHEN e.url IS NOT NULL THEN 'short_link' ELSE 'unresolved' END AS target,
          substring_index(e.post, ':', 1) AS platform, e.platform AS target_platform, e.post_id AS target_post_id, e.url AS target_url, e.post,
          coalesce(s.state, 'unknown') AS state, e.quoted.text AS quoted_text, e.quoted.author_name AS quoted_author_name,
          e.quoted.author_handle AS quoted_author_handle, e.quoted.published AS quoted_published,
          coalesce(e.quoted.links, array()) AS quoted_links, e.seen_at AS first_seen_at
        FROM crawl_embeds e LEFT JOIN post_states s ON s.post = e.post""",
}


#: Views that others are made from again and again: they are written once and read back, so that no lost task works them out anew.
KEPT = frozenset({
    "run_order", "post_names", "keyed_snapshots", "one_snapshots", "one_media", "one_looks", "standing", "post_shown", "post_states",
    "folded", "keyed_versions", "one_versions", "newest_versions", "one_embeds", "post_names", "crawl_embeds",
})


def unite(spark, work, crawled=False):
    """Makes the united tables out of the views ``raw_NAME``; a dictionary of DataFrames by table. What is worked out on the
    way is left in the folder ``work``, and is needed until they are written. ``crawled``: there are records of detect, whose articles
    and embeds stand in the tables beside those that are archived."""
    for name, sql in {**NAMES, **SNAPSHOTS, **LOOKS, **SHOWN}.items():
        _view(spark, work, name, sql)
    _label(spark, work)
    for name, sql in ARTICLES.items():
        _view(spark, work, name, sql)
    for name, sql in CRAWL.items():
        _view(spark, work, name, sql)
    united = {name: spark.sql(UNITED[name]) for name in TABLES}
    if crawled:
        for name, sql in CRAWLED.items():
            united[name] = united[name].unionByName(spark.sql(sql), allowMissingColumns=True)
    return united


def _view(spark, work, name, sql):
    frame = spark.sql(sql)
    (_kept(spark, work, name, frame) if name in KEPT else frame).createOrReplaceTempView(name)


def _kept(spark, work, name, frame):
    path = f"{work}/{name}"
    frame.write.mode("overwrite").parquet(path)
    return spark.read.schema(frame.schema).parquet(path)


def _label(spark, work):
    """Articles that share an address have one label: the least address that leads to any of them, link by link."""
    spark.sql("SELECT DISTINCT name, explode(array_union(array(name), aliases)) AS address FROM raw_articles").createOrReplaceTempView("addresses")
    labels = spark.sql("SELECT name, min(address) AS label FROM addresses GROUP BY name")
    for hop in range(MAX_ADDRESS_HOPS):
        labels.createOrReplaceTempView("article_labels")
        linked = _kept(spark, work, f"labels-{hop}", spark.sql("""
            WITH near AS (SELECT a.address, min(l.label) AS label FROM addresses a JOIN article_labels l ON l.name = a.name GROUP BY a.address)
            SELECT l.name, min(n.label) AS label, min(l.label) AS before FROM article_labels l JOIN addresses a ON a.name = l.name
            JOIN near n ON n.address = a.address GROUP BY l.name"""))
        labels = linked.drop("before")
        if linked.where("label <> before").isEmpty():
            break
    labels.createOrReplaceTempView("article_labels")
    spark.sql("""
        SELECT DISTINCT l.label FROM article_labels l JOIN raw_articles a ON a.name = l.name
        JOIN hidden_articles h ON h.address = a.name OR h.address = a.url OR array_contains(a.aliases, h.address)""").createOrReplaceTempView("hidden_labels")
