"""The three jobs as functions, one after the other, on a DataFrame of pages."""

import subprocess

import pytest
from fediverse import Fediverse, post_url

import embalm_spark
from embalm_spark import binary

HOSTS = ["low.one.example", "ebb.two.example"]

CONFIG = """
[network]
per_host_delay_ms = 5
[[platform]]
platform = "mastodon"
delay_ms = 5
"""


@pytest.fixture
def world(tmp_path):
    world = Fediverse(tmp_path, HOSTS)
    yield world
    world.stop()


def test_pages_become_posts_in_an_archive(spark, embalm, world, tmp_path):
    posts = [post_url(host, number) for number, host in enumerate(HOSTS * 2)]
    body = '<article><p>Tide tables</p><iframe class="mastodon-embed" src="{0}/embed"></iframe></article>'
    # Each post on two pages, once as bytes with what is no UTF-8 beside it.
    rows = [(f"https://news.example/{n}", body.format(posts[n % len(posts)]).encode() + b"\xff\0") for n in range(2 * len(posts))]
    pages = spark.createDataFrame([*rows, (None, None)], "url string, html binary").repartition(2)
    found = embalm_spark.detect_pages(pages, embalm)
    kept = str(tmp_path / "found")
    found.write.parquet(kept)
    found = spark.read.parquet(kept)
    assert sorted(row.article for row in found.where("error is null").collect()) == sorted(url for url, _ in rows)
    assert found.where("error is not null").count() == 1

    options = {"config": CONFIG, "scratch": str(tmp_path / "scratch"), "pause_s": 0.1, "binary": embalm, **world.options()}
    rounds = embalm_spark.capture_posts(found.where("error is null"), str(tmp_path / "captured"), buckets=4, **options)
    assert sum(row.captured for row in rounds.collect()) == len(posts)

    archive = str(tmp_path / "all.db")
    records = embalm_spark.collect_shards(rounds, archive=archive, binary=embalm)
    assert len(records) == rounds.select("path").distinct().count()
    listed = subprocess.run([binary.find(embalm), "list", "posts", "--archive", archive, "--json"], capture_output=True, check=True, text=True)
    assert len(listed.stdout.splitlines()) == len(posts)
    with pytest.raises(ValueError, match="one of them"):
        embalm_spark.collect_shards(rounds)


def test_what_is_offered_is_there_and_says_what_it_is():
    for name in embalm_spark.__all__:
        assert len(getattr(embalm_spark, name).__doc__.splitlines()) > 5, name
