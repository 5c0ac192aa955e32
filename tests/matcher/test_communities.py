"""Communities and bridges of graphs too large for one step after the other, beside networkx on graphs that are not."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from matcher import communities as module
from matcher.bridges import shares_of_ways
from matcher.communities import communities
from tests.matcher.strategies import FEW


def near(graph: nx.Graph) -> sparse.csr_array:
    return sparse.csr_array(nx.to_scipy_sparse_array(graph, dtype=float, format="csr"))


def groups(numbers: np.ndarray) -> list[set[int]]:
    return [set(np.flatnonzero(numbers == one).tolist()) for one in np.unique(numbers)]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every graph counts as one of many ties."""
    monkeypatch.setattr(module, "_FEW", -1)


@pytest.mark.usefixtures("many")
def test_circles_with_few_ties_between_are_found_as_they_were_made() -> None:
    graph = nx.connected_caveman_graph(12, 8)
    assert groups(communities(near(graph), 3)) == groups(np.repeat(np.arange(12), 8))


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    "graph",
    [nx.planted_partition_graph(20, 40, 0.25, 0.005, seed=1), nx.powerlaw_cluster_graph(800, 3, 0.3, seed=2)],
    ids=["planted", "few with many ties"],
)
def test_they_are_about_as_good_as_those_of_networkx(graph: nx.Graph) -> None:
    ours = nx.community.modularity(graph, groups(communities(near(graph), 0)))
    peer = nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=0))
    assert ours >= 0.95 * peer


@pytest.mark.usefixtures("many")
def test_one_seed_gives_the_same_communities_and_who_is_tied_to_nobody_is_alone() -> None:
    graph = nx.planted_partition_graph(6, 10, 0.5, 0.02, seed=4)
    graph.add_nodes_from(range(60, 63))
    first = communities(near(graph), 9)
    assert (first == communities(near(graph), 9)).all()
    assert all({one} in groups(first) for one in (60, 61, 62))
    assert len(communities(sparse.csr_array((0, 0)), 0)) == 0
    assert groups(communities(near(nx.empty_graph(3)), 0)) == [{0}, {1}, {2}]


@FEW
@given(
    st.integers(4, 12),
    st.floats(0.1, 0.6),
    st.integers(0, 1000),
    st.data(),
)
def test_shares_of_ways_are_those_of_networkx(count: int, density: float, seed: int, data: st.DataObject) -> None:
    graph = nx.gnp_random_graph(count, density, seed=seed)
    order = data.draw(st.permutations(range(count)))
    sources, targets = order[: count // 3], order[count // 3 : 2 * (count // 3)]
    found = shares_of_ways(near(graph), np.array(sources), np.array(targets))
    connected = sum(nx.has_path(graph, one, other) for one in sources for other in targets)
    between = nx.betweenness_centrality_subset(graph, sources, targets)
    wanted = [2 * between[at] / connected if connected else 0.0 for at in range(count)]
    assert found == pytest.approx(wanted)


def test_more_sources_than_are_looked_at_at_once_are_all_counted() -> None:
    star = nx.star_graph(60)  # everything passes its middle
    found = shares_of_ways(near(star), np.arange(1, 41), np.arange(41, 61))
    assert found[0] == 1
    assert not found[1:].any()
