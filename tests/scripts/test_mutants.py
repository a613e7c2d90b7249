from scripts.mutants import Mutant, chosen, mechanical, score, verdict

SOURCE = """\
// a < b
contract Example {
    event Changed(uint256 value);

    function set(uint256 value) external {
        if (value == 0 || value > 10) revert OutOfRange(value);
        // value - 1
        _last = value + 1;
        emit Changed(value);
    }
}
"""


def _names(source: str) -> list[str]:
    return [mutant.name.split(":")[0] for mutant in mechanical("a.sol", source)]


def test_operators_change_code_and_neither_comments_nor_events() -> None:
    assert _names(SOURCE) == [
        "check removed",
        "relational > to >= at 31",
        "relational == to != at 17",
        "logical || to && at 22",
        "arithmetic + to - at 21",
        "statement removed",
    ]


def test_a_removed_check_never_holds() -> None:
    check = next(mechanical("a.sol", SOURCE))
    assert "if (false) revert OutOfRange(value);" in (check.applied(SOURCE) or "")


def test_a_mutant_keeps_its_key_while_lines_above_change() -> None:
    before = {mutant.key for mutant in mechanical("a.sol", SOURCE)}
    assert before == {mutant.key for mutant in mechanical("a.sol", "// more\n" + SOURCE)}


def test_a_text_that_is_gone_or_there_twice_is_stale() -> None:
    mutant = Mutant("named", "one more", "a.sol", "value + 1", "value + 2")
    assert "_last = value + 2;" in (mutant.applied(SOURCE) or "")
    assert mutant.applied(SOURCE + SOURCE) is None
    assert mutant.applied("") is None


def test_the_choice_of_mutants_is_bounded_and_stable() -> None:
    assert len(chosen("a.sol", SOURCE, 3)) == 3
    assert chosen("a.sol", SOURCE, 3) == chosen("a.sol", SOURCE, 4)[:3]


def _row(name: str, outcome: str, kind: str = "named") -> dict[str, object]:
    return {"file": "a.sol", "name": name, "outcome": outcome, "kind": kind}


def test_unexplained_survivors_and_stale_mutants_are_faults() -> None:
    done = [_row("first", "survived"), _row("second", "stale"), _row("third", "survived")]
    faults = verdict(
        done + [_row(str(i), "killed") for i in range(20)], {"a.sol: third": "why"}, True
    )
    assert faults == [
        "stale, its text is no longer there just once: a.sol: second",
        "survived: a.sol: first",
    ]


def test_an_explanation_that_is_not_needed_is_a_fault() -> None:
    reasons = {"a.sol: first": "why", "a.sol: gone": "why"}
    assert verdict([_row("first", "killed")], reasons, True) == [
        "killed, and explained as a survivor: a.sol: first",
        "explained, and no such mutant: a.sol: gone",
    ]


def test_too_few_killed_is_a_fault() -> None:
    done = [_row("first", "killed"), _row("second", "survived", "mechanical")]
    assert score(done, {}) == (1, 2)
    assert verdict(done, {}, True) == ["1 of 2 killed, fewer than 90%"]
