"""The steps of a bank that relies on a tier: it computes the rater's pack again, offline."""

from __future__ import annotations

import json

from app.demo.goods_steps import GoodsSteps
from app.demo.rating import RatingDesk
from app.domain.scoring.card_file import read_card
from app.lending.evaluations.pack_check import Expected, read_pack, verify_credit_pack
from app.lending.evaluations.packs import CONTRACT, Pack


def recompute(story: GoodsSteps, desk: RatingDesk, pack: Pack) -> None:
    """The bank verifies its copy of a pack with its own card; a changed copy fails.

    It does what `cession credit verify` does: nothing is asked of the gateway but where the ledger
    is.

    Raises:
        StoryFailed.
    """
    contracts = story.callers["bank"].get("/v1/contracts").body
    addresses = {each["name"]: each["address"] for each in contracts["items"]}
    expected = Expected(
        card=read_card(desk.card.encode()).digest,
        rater=desk.wallet.address,
        chain_id=contracts["chainId"],
        contract=addresses[CONTRACT],
        timestamp=story.clock.now(),
    )
    copy = pack.without(frozenset({"source", "hash"})).as_bytes()
    checks = verify_credit_pack(read_pack(copy), expected).checks
    wrong = {check.name for check in checks if not check.holds}
    story.hold(not wrong, f"the pack fails in {wrong}")
    story.hold(not expected.not_compared, f"the bank did not compare {expected.not_compared}")
    story.report.say(f"the bank computes the pack again, offline: all {len(checks)} checks hold")
    for words, changed, fails in (
        ("larger sales", _with_value(copy, "yearly-sales", "9000000.00"), {"inputs"}),
        ("a higher limit", _with_limit(copy, 90_000_00), {"signature", "limit"}),
        ("another card", _with_version(copy, 2), {"model", "card-as-expected"}),
    ):
        checks = verify_credit_pack(read_pack(changed), expected).checks
        wrong = {check.name for check in checks if not check.holds}
        story.hold(wrong == fails, f"a pack with {words} fails in {wrong}, not {fails}")
        story.report.say(f"a pack with {words} fails: {', '.join(sorted(wrong))}")


def _with_value(pack: bytes, feature: str, amount: str) -> bytes:
    """A copy of a pack that shows another amount of a feature."""
    content = json.loads(pack)
    (field,) = [
        each for each in content["evidence"]["fields"] if each["field"] == f"{feature}.value"
    ]
    field["value"] = json.dumps({"amount": amount, "currency": "CNY"})
    return json.dumps(content).encode()


def _with_limit(pack: bytes, limit: int) -> bytes:
    """A copy of a pack whose attestation has another limit."""
    content = json.loads(pack)
    content["attestation"]["typedData"]["message"]["limit"] = limit
    return json.dumps(content).encode()


def _with_version(pack: bytes, version: int) -> bytes:
    """A copy of a pack whose scorecard has another version."""
    content = json.loads(pack)
    content["card"]["version"] = version
    return json.dumps(content).encode()
