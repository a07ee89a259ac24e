"""docs/scale.md says what its arithmetic says, and the simulation agrees with the closed form."""

import math
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import simulate  # noqa: E402


def test_the_document_and_the_plot_are_what_the_arithmetic_writes():
    assert simulate.main(["--check"]) == 0
    assert simulate.main(["--check", "--core-hour", "0.05"]) == 1


def test_the_pauses_are_those_that_embalm_keeps():
    told = (simulate.ROOT / "docs" / "configuration.md").read_text()
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in told.splitlines() if " s |" in line]
    pauses = {name: float(row[1].split()[0]) for row in rows if len(row) == 3 for name in row[0].replace(",", " ").split()}
    assert pauses["instagram"] == 5.0
    for platform in simulate.PLATFORMS:
        assert platform.pause_s == pauses.get(platform.name, 0.5), platform.name


@pytest.mark.parametrize("platform", simulate.PLATFORMS, ids=lambda platform: platform.name)
@pytest.mark.parametrize("addresses", [1, 3, 10])
def test_the_simulation_agrees_with_the_closed_form(platform, addresses):
    posts = 20 * simulate.SIMULATED_POSTS
    events = simulate.simulate(platform, posts, addresses)
    assert math.isclose(events, simulate.closed_form(platform, posts, addresses), rel_tol=0.06)
    assert events == simulate.simulate(platform, posts, addresses), "the same seed gives the same"


def test_more_addresses_never_take_longer():
    for platform in simulate.PLATFORMS:
        times = [simulate.closed_form(platform, 1e6, addresses) for addresses in simulate.ADDRESSES]
        assert times == sorted(times, reverse=True)
