"""Steps of the stories of lending that the law asks for: notice, filing, discharge."""

from __future__ import annotations

import secrets

from app.demo.client import GatewayRefused
from app.demo.lending_steps import LendingSteps
from app.demo.report import money
from app.demo.story import StoryFailed

NUMBER_DIGITS = 20  # as the register of rule set cn writes its numbers


class LawSteps(LendingSteps):
    """Notices to debtors, and filings in a public register."""

    def notified(self, claim: int, *, by: str) -> None:
        """Notifies the buyer of the lien on a claim; the buyer acknowledges the text."""
        self.warned(claim, "notice-missing", "the bank sees that the buyer is not notified yet")
        answer = self.command(
            by, f"/v1/claims/{claim}/notice", None, "notifies the buyer whom it has to pay"
        )
        notice = int(answer.body["result"]["noticeId"])
        shown = self.callers["buyer"].get(f"/v1/notices/{notice}").body
        self.hold(
            shown["textMatches"] and "应收账款质押通知书" in shown["text"],
            "the notice's text, written again from the ledger's facts, has the hash on the ledger",
        )
        self.command(
            "buyer", f"/v1/notices/{notice}/acknowledgement", None, "acknowledges the notice"
        )
        self.warned(claim, None, "the bank sees notice and acknowledgement", notice="acknowledged")

    def filed(self, loan: int, claim: int, amount: int) -> int:
        """The bank exports the fields of its filing, files, and records number and days."""
        self.warned(claim, "filing-missing", "the bank sees that no filing is recorded yet")
        fields = self.callers["bank"].get(f"/v1/loans/{loan}/filing").body
        self.hold(
            fields["property"][0]["invoiceNumber"] is not None
            and fields["securedAmount"] == self.amount(amount),
            f"the exported fields of the filing name the invoice and {money(amount)}",
        )
        answer = self.command(
            *("bank", f"/v1/loans/{loan}/filings"),
            {
                "number": _number(),
                "date": self.today().isoformat(),
                "endDate": fields["endDate"],
                "securedAmount": fields["securedAmount"],
            },
            f"files in the public register until {fields['endDate']}, and records the number",
        )
        self.warned(claim, None, "no warning is left")
        return int(answer.body["result"]["filingId"])

    def discharged(self, filing: int) -> None:
        """The bank discharges a filing and records it."""
        day = self.today()
        self.command(
            *("bank", f"/v1/filings/{filing}/discharge"),
            {"number": _number(), "date": day.isoformat()},
            "discharges the filing: the loan is repaid",
        )
        status = self.callers["supplier"].get(f"/v1/filings/{filing}").body["status"]
        self.hold(status == "discharged", "the supplier sees that the filing is discharged")

    def too_long(self, facility: int) -> None:
        """Nobody lends on a claim that is due in more than a year."""
        _, claim = self.confirmed(1_000_00, days=400)
        body = {"amount": self.amount(100_00), "style": "bullet", "tenor": 30}
        path = f"/v1/facilities/{facility}/draws"
        try:
            self.callers["supplier"].command(path, body | {"collateralId": claim})
        except GatewayRefused as refused:
            self.hold("tenor-too-long" in str(refused.problem), f"another refusal: {refused}")
            self.report.say(f"a draw on a claim due in 400 days is refused: {refused}")
            return
        raise StoryFailed("the gateway financed a claim that is due in 400 days")

    def warned(
        self, claim: int, expected: str | None, words: str, *, notice: str | None = None
    ) -> None:
        """Checks a warning in a claim's verification, its notice, or that there is no warning."""
        body = self.callers["bank"].get(f"/v1/verification/claims/{claim}").body
        names = [warning["name"] for warning in body["warnings"]]
        if notice is not None:
            self.hold(body["notice"]["status"] == notice, words)
        elif expected is None:
            self.hold(not names, words)
        else:
            self.hold(expected in names, words)
        self.report.say(words)


def _number() -> str:
    return str(secrets.randbelow(9 * 10 ** (NUMBER_DIGITS - 1)) + 10 ** (NUMBER_DIGITS - 1))
