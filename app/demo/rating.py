"""The steps of a rater: cases of evaluations by two persons, and packs that its wallet signs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account

from app.demo.cast import OWN_RATER, join
from app.demo.client import Caller, GatewayRefused
from app.demo.lending_steps import LendingSteps
from app.demo.story import StoryFailed
from app.lending.evaluations.pack_check import read_pack
from app.lending.evaluations.packs import Pack
from app.places import TRADE_CARD

CASES = "/v1/credit/evaluations"
PERSONS = ("analyst", "reviewer")
RATER = OWN_RATER.name


@dataclass
class RatingDesk:
    """A rater whose key the gateway never sees, with two persons.

    Attributes:
        subject: the party that it judges, by its name in the story.
    """

    story: LendingSteps
    subject: str
    card: str = field(default_factory=lambda: TRADE_CARD.read_text(encoding="utf-8"))
    wallet: Any = field(default_factory=Account.create)
    analyst: Caller = field(init=False)
    reviewer: Caller = field(init=False)

    def __post_init__(self) -> None:
        registrar = self.story.callers["registrar"]
        first, second = PERSONS
        identifier, self.analyst = join(
            registrar, OWN_RATER, label=first, account=self.wallet.address.lower()
        )
        path = f"/v1/parties/{identifier}/api-keys"
        answer = registrar.post(path, {"roles": list(OWN_RATER.api_roles), "label": second})
        self.analyst.post(f"{path}/{second}/confirmation", {"keyId": answer.body["id"]})
        self.reviewer = Caller(registrar.http, RATER, answer.body["apiKey"])
        self.story.step("registrar", "registers a rater with a wallet and two persons", answer)

    # -- a case

    def opened(self, purpose: str, *, trading_since: str | None) -> str:
        """Opens a case, to which the party consents; its id."""
        body = {
            "partyId": self.story.parties[self.subject],
            "purpose": purpose,
            "tradingSince": trading_since,
            "card": self.card,
        }
        answer = self.analyst.post(CASES, body)
        self.story.step(RATER, f"opens a case: {purpose}", answer)
        case = str(answer.body["id"])
        consented = self.story.callers[self.subject].post(f"{CASES}/{case}/consent")
        self.story.step(self.subject, "consents to the use of its data", consented)
        return case

    def identified(
        self, case: str, items: list[dict[str, object]], *, sales: str | None = None
    ) -> dict[str, Any]:
        """Records what is known, from files and from the ledger; the step's result.

        Args:
            sales: a platform's table of sales by month.
        """
        body: dict[str, object] = {"items": items}
        if sales is not None:
            body["salesFile"] = {
                "content": sales,
                "partyId": self.story.parties[self.subject],
                "source": "monthly report of the platform",
            }
        return self._step(case, "identification", body, "gathers the evidence")

    def quantified(self, case: str, note: str) -> dict[str, Any]:
        """Analyses and scores the evidence: what the card gives, with each feature's value."""
        analysed = self._step(case, "analysis", {"note": note}, f"analyses it: {note}")
        result = self._step(case, "quantification", {}, "computes points, tier and limit")
        features = {each["feature"]: each for each in analysed["features"]}
        return result | {"features": features}

    def decided(self, case: str) -> dict[str, Any]:
        """Decides what the card gives; a second person confirms. The last step's result."""
        self._step(case, "decision", {}, "decides what the card gives")
        taken = self.reviewer.get(f"{CASES}/{case}").body["stepsTaken"]
        path = f"{CASES}/{case}/confirmation"
        body = {"outcome": "confirmed", "stepsTaken": taken}
        try:
            self.analyst.post(path, body)
        except GatewayRefused as refused:
            self.story.hold(refused.kind == "decider-confirms", str(refused))
            self.story.report.say(f"the analyst cannot confirm its own decision: {refused}")
        else:
            raise StoryFailed("the gateway let one person decide and confirm")
        answer = self.reviewer.post(path, body)
        self.story.step(RATER, "confirms it: a second person", answer)
        result: dict[str, Any] = answer.body["steps"][-1]["result"]
        return result

    def _step(self, case: str, step: str, body: dict[str, object], words: str) -> dict[str, Any]:
        answer = self.analyst.post(f"{CASES}/{case}/{step}", body)
        self.story.step(RATER, words, answer)
        result: dict[str, Any] = answer.body["steps"][-1]["result"]
        return result

    # -- its attestation

    def attested(self, case: str, attestation: dict[str, Any]) -> Pack:
        """Signs the pack of a confirmed case and puts its tier on the ledger; the signed pack."""
        body = self.analyst.get(f"{CASES}/{case}/pack").body
        unsigned = read_pack(json.dumps(body).encode())
        signed = unsigned.signed(self._signature(unsigned.attestation.typed_data))
        prepared = self.analyst.post(
            "/v1/credit", attestation | {"signature": signed.attestation.signature}
        )
        answer = self.analyst.command(
            f"/v1/operations/{prepared.body['operation']['id']}/signature",
            {"signature": self._signature(prepared.body["typedData"])},
        )
        self.story.step(RATER, f"signs and attests tier {attestation['tier']}", answer)
        shown = self.analyst.get(f"{CASES}/{case}").body
        self.story.hold(shown["attested"], "the case says that it is not attested")
        return signed

    def _signature(self, document: dict[str, Any]) -> str:
        """The wallet's signature over typed data, as a wallet makes it (EIP-712)."""
        signed = self.wallet.sign_typed_data(full_message=document)
        return "0x" + bytes(signed.signature).hex()
