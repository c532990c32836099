"""One folding, one key of a company, one neutral cell, one interval: the same in every service."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.domain import sheet
from events.intervals import compute_wilson_interval
from events.names import fold_case_and_accents, normalize_company_name
from events.spreadsheets import FORMULA, neutralize_cell, restore_cell
from routing.domain import similar_name_key
from tests.architecture.code import ROOT, modules, named


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (["Société Générale S.A.", "SOCIETE GENERALE", "Société Générale SA"], "societe generale"),
        (["The Foo Company", "Foo Co.", "foo"], "foo"),
        (["Baz Group AG", "BAZ", "Baz Aktiengesellschaft", "Baz Holding GmbH & Co. KG"], "baz"),
        (["A.B.C. S.A.", "ABC"], "abc"),
        (["Ørsted A/S", "Orsted"], "orsted"),
        (["Straßenbau Łódź sp. z o.o.", "STRASSENBAU LODZ SP Z OO"], "strassenbau lodz sp z oo"),
        (["Telefónica, S.A. de C.V.", "Telefonica SA de CV"], "telefonica de"),
        (["Ltd"], "ltd"),
        (["日本電気"], "日本電気"),
    ],
)
def test_all_spellings_of_a_company_share_one_key_in_capture_and_routing(spellings: list[str], key: str) -> None:
    assert {normalize_company_name(each) for each in spellings} == {key}
    assert {similar_name_key(each) for each in spellings} == {key.partition(" ")[0]}


@pytest.mark.parametrize("nothing", [None, "", "!!", " . "])
def test_a_name_of_nothing_has_no_key(nothing: str | None) -> None:
    assert normalize_company_name(nothing) is None


@given(st.text(max_size=60))
def test_folding_and_keys_do_not_change_what_they_made(text: str) -> None:
    """So a key may be looked up by a key, and a name that was folded before by one that was not."""
    assert fold_case_and_accents(fold_case_and_accents(text)) == fold_case_and_accents(text)
    key = normalize_company_name(text)
    assert normalize_company_name(key) == key


@given(st.text(max_size=20))
def test_a_cell_is_harmless_and_comes_back(text: str) -> None:
    cell = neutralize_cell(text)
    assert not cell.startswith(FORMULA)
    if not (text[:1] == "'" and text[1:2] in FORMULA):
        assert restore_cell(cell) == text


def test_lists_that_we_write_come_back() -> None:
    assert sheet.write_csv([["=1+1", "plain"]]) == b"'=1+1,plain\r\n"


@pytest.mark.parametrize(("part", "whole"), [(0, 10), (10, 10), (3, 7), (1, 10_000)])
def test_the_interval_is_wilsons(part: int, whole: int) -> None:
    """Both ends solve (p - share)^2 = z^2 p (1 - p) / n, the definition."""
    ends = compute_wilson_interval(part, whole)
    assert ends is not None
    for end in ends:
        distance = (end - part / whole) ** 2 - 1.959963984540054**2 * end * (1 - end) / whole
        assert distance == pytest.approx(0, abs=1e-12)
    assert compute_wilson_interval(0, 0) is None


def test_no_service_has_a_rule_of_its_own() -> None:
    """Neither `NFKD` nor a list of formula signs nor an interval stands anywhere else."""
    homes = {"libs/events/src/events/names.py", "libs/events/src/events/spreadsheets.py"}
    sorts_by_name = {"services/capture/src/capture/api/pages/rendering.py"}
    found = {
        named(path)
        for path in modules(ROOT / "services", ROOT / "libs")
        if any(mark in path.read_text(encoding="utf-8") for mark in ("NFKD", '"=", "+", "-"'))
    }
    assert found == homes | sorts_by_name
    defined = [
        named(path)
        for path in modules(ROOT / "services", ROOT / "libs")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == "compute_wilson_interval"
    ]
    assert defined == [str(Path("libs/events/src/events/intervals.py"))]
