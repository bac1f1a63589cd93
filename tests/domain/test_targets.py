"""Places where a run can go, and the addresses of clusters that are safe."""

from __future__ import annotations

import pytest

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.targets import ClusterSpec, RunTarget, TlsFiles, check_cluster, check_host, is_loopback

SIGNED = TlsFiles(ca="/tls/ca.pem", certificate="/tls/me.pem", key="/tls/me.key")


def test_a_place_with_a_reason_against_it_cannot_be_used():
    assert RunTarget("local").is_available
    assert not RunTarget("docker", "No Docker engine answers on this computer.", "Start it.").is_available


@pytest.mark.parametrize(
    "spec",
    [
        ClusterSpec(name="own", min_nodes=0, max_nodes=4, idle_s=0),
        ClusterSpec(name="near", address="tcp://127.0.0.1:8786"),
        ClusterSpec(
            name="own", max_nodes=3, hosts=("lab1", "me@lab2:2222", "me@[fe80::1]:22"), python="~/env/bin/python"
        ),
        ClusterSpec(name="far", address="tls://head.example.org:8786", tls=SIGNED),
    ],
    ids=lambda spec: spec.name,
)
def test_a_cluster_that_makes_sense_is_taken(spec):
    assert check_cluster(spec) is spec
    assert spec.is_own is (spec.name == "own")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (ClusterSpec(name="docker"), "always there"),
        (ClusterSpec(name="c", min_nodes=3, max_nodes=2), "make no cluster"),
        (ClusterSpec(name="c", max_nodes=0), "make no cluster"),
        (ClusterSpec(name="c", max_nodes=10**6), "make no cluster"),
        (ClusterSpec(name="c", idle_s=-1), "cannot be idle"),
        (ClusterSpec(name="c", address="head:8786"), "is not the address"),
        (ClusterSpec(name="c", address="tls://head:99999", tls=SIGNED), "is not the address"),
        (ClusterSpec(name="c", address="tls://head:8786"), "certificate of who signs"),
        (ClusterSpec(name="c", max_nodes=2, hosts=("lab1", "lab1")), "named twice"),
        (ClusterSpec(name="c", hosts=("-oProxyCommand=x",)), "is not a machine"),
        (ClusterSpec(name="c", hosts=("me@lab1;true",)), "is not a machine"),
        (ClusterSpec(name="c", hosts=("lab1:99999",)), "is not a machine"),
        (ClusterSpec(name="c", hosts=("lab1",), python="python3; true"), "not the path of a Python"),
        (ClusterSpec(name="c", hosts=("lab1",), python="-c"), "not the path of a Python"),
        (ClusterSpec(name="c", hosts=("lab1",), address="tcp://127.0.0.1:1"), "two clusters"),
        (ClusterSpec(name="c", address="ws://127.0.0.1:8786"), "not reached by “ws”"),
        (ClusterSpec(name="c", address="tcp://head:8786"), "without TLS"),
        (ClusterSpec(name="c", address="tcp://192.0.2.1:8786"), "without TLS"),
    ],
)
def test_a_cluster_that_makes_no_sense_or_is_not_safe_is_refused_in_words(spec, words):
    with pytest.raises(InvalidInput, match=words):
        check_cluster(spec)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("localhost.org", False),
        ("", False),
    ],
)
def test_only_names_and_numbers_of_this_computer_are_this_computer(host, here):
    assert is_loopback(host) is here


def test_ssh_is_told_of_a_machine_behind_its_options():
    assert check_host("me@[fe80::1]:22") == ["-l", "me", "-p", "22", "--", "fe80::1"]
    assert check_host("lab1") == ["--", "lab1"]


def test_the_same_cluster_with_other_numbers_is_the_same_place():
    own = ClusterSpec(name="own", min_nodes=0, max_nodes=4, hosts=("lab1",))
    assert own.is_same_place(ClusterSpec(name="own", min_nodes=1, max_nodes=9, hosts=("lab1",)))
    assert not own.is_same_place(ClusterSpec(name="own", min_nodes=0, max_nodes=4, hosts=("lab2",)))
    assert not own.is_same_place(ClusterSpec(name="own", address="tls://lab1:8786", tls=SIGNED))
