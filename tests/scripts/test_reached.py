from scripts.reached import Tally, suites_of


def test_counts_of_all_runs_are_added() -> None:
    tally = Tally().add(["Ledger\t!a payment=2\tan assignment=1\n", "Ledger\t!a payment=3\n"])
    assert tally.runs["Ledger"] == 2
    assert tally.rows() == [("Ledger", "a payment", 5, True), ("Ledger", "an assignment", 1, False)]


def test_a_required_state_that_no_run_reached_is_missing() -> None:
    tally = Tally().add(["Ledger\t!a payment=0\tan assignment=0", "Ledger\t!a payment=0"])
    assert tally.missing({"Ledger"}) == ["Ledger: a payment"]


def test_a_state_that_one_run_reached_is_not_missing() -> None:
    tally = Tally().add(["Ledger\t!a payment=0", "Ledger\t!a payment=1"])
    assert tally.missing({"Ledger"}) == []


def test_a_suite_that_recorded_no_run_is_missing() -> None:
    assert Tally().missing({"Goods"}) == ["Goods: recorded no run"]


def test_suites_are_those_that_the_sources_record() -> None:
    assert suites_of(['h.recordReached("Goods"); g.recordReached("Ledger");', ""]) == {
        "Goods",
        "Ledger",
    }
