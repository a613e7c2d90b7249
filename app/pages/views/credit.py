"""Credit: a party's tier, and cases in six steps between rater and party."""

from __future__ import annotations

import datetime
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem, part, passed_on
from app.pages.commands import Command, Field, add_commands, filled
from app.pages.details import show_list
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.tables import Column, Listing

router = APIRouter(include_in_schema=False, prefix="/app/credit")
NAVIGATION = (
    Entry(
        mark("Credit"),
        "/app/credit",
        ("supplier", "buyer", "financier", "warehouse", "rater", "auditor"),
        group="finance",
    ),
)
LISTING = Listing(
    name="evaluations",
    source="/v1/credit/evaluations",
    title=mark("Credit cases"),
    empty=(
        mark("No credit cases yet"),
        mark(
            "A rater opens a case; the party consents; six steps later a tier and a limit stand "
            "on the ledger."
        ),
    ),
    columns=(
        Column("party", mark("Party"), shows="party"),
        Column("rater", mark("Rater"), shows="party"),
        Column("nextStep", mark("Next step"), shows="step"),
        Column("createdAt", mark("Opened"), shows="instant"),
        Column("id", mark("Case"), shows="link evaluation"),
    ),
)
_ONE = "/{evaluation_id}"
_SOURCE = "/v1/credit/evaluations/{evaluation_id}"
_BACK = "/app/credit/{evaluation_id}"
_CONFLICT = 409
_STEPS_TAKEN = Field("stepsTaken", mark("Steps"), "shown", initial="stepsTaken", numbered=True)
_NOTE = Field("note", mark("Note"), "long", required=False)


def _step(
    name: str, title: str, says: str, *fields: Field, summary: str = "credit/summary.html"
) -> Command:
    """A command that takes one step of a case."""
    return Command(
        path=f"{_ONE}/{name}",
        source=f"{_SOURCE}/{name}",
        title=title,
        says=says,
        button=mark("Take the step"),
        fields=(*fields, _STEPS_TAKEN),
        subject=_SOURCE,
        summary=summary,
        undo=mark("A second person can return the case to an earlier step."),
        back=_BACK,
        then=_BACK,
    )


async def _attestation(page: Page, parameters: dict[str, Any]) -> Json:
    """The attestation of the party that the address names, with the party."""
    party_id = part(parameters["party_id"])
    credit = await page.api.get(f"/v1/credit/{party_id}")
    return credit | {"party": await page.api.get(f"/v1/parties/{party_id}")}


async def _confirmed(page: Page, parameters: dict[str, Any]) -> Json:
    """A confirmed case with the typed data of its attestation, and what sends it.

    Raises:
        Problem: the case is open, grants no limit, or the consent has ended.
    """
    source = filled(_SOURCE, parameters)
    case = await page.api.get(source)
    pack = await page.api.get(f"{source}/pack")
    if not await _can_be_attested(page, case):
        title = t("The case grants no limit, or the party has a newer attestation")
        raise Problem({"status": _CONFLICT, "title": title})
    typed_data = pack["attestation"]["typedData"]
    return case | {"attestation": _attestation_of(case), "typedData": typed_data}


async def _can_be_attested(page: Page, case: Json) -> bool:
    """Whether a case can be attested: it grants a limit, and no newer attestation is in force."""
    attestation = _attestation_of(case)
    if attestation is None or case["attested"]:
        return False
    credit = await page.api.get(f"/v1/credit/{part(case['party']['partyId'])}")
    issued = credit.get("issuedAt")
    return issued is None or _seconds(issued) < int(attestation["issuedAt"])


def _seconds(instant: str) -> float:
    return datetime.datetime.fromisoformat(instant).timestamp()


def _attestation_of(case: Json) -> Json | None:
    """The body that attests a confirmed case; None: it grants no limit, or is not confirmed."""
    result = (case["steps"][-1].get("result") or {}) if case["result"] else {}
    attestation: Json | None = result.get("attestation")
    return attestation


COMMANDS = (
    Command(
        path="/new",
        source="/v1/credit/evaluations",
        title=mark("Open a credit case"),
        says=mark(
            "The first step is the scope: who is judged, and what for. The party must "
            "consent before anything else happens."
        ),
        button=mark("Open the case"),
        fields=(
            Field("partyId", mark("Party"), "party"),
            Field("purpose", mark("Purpose"), "long"),
            Field("tradingSince", mark("Trading since"), "day", required=False),
            Field(
                "card",
                mark("Scorecard"),
                "long",
                hint=mark("The whole file, as YAML with its hash."),
            ),
        ),
        undo=mark("Without the party's consent nothing is read."),
        back="/app/credit",
        then="/app/credit/{id}",
    ),
    Command(
        path=f"{_ONE}/consent",
        source=f"{_SOURCE}/consent",
        title=mark("Consent to the use of your data"),
        says=mark("The rater may read the data that the case names, and nothing else."),
        button=mark("Consent"),
        fields=(
            Field(
                "until",
                mark("Last day"),
                "day",
                required=False,
                hint=mark("Empty: until you withdraw it."),
            ),
        ),
        subject=_SOURCE,
        summary="credit/summary.html",
        undo=mark("You can withdraw your consent at any time."),
        back=_BACK,
        then=_BACK,
    ),
    Command(
        path=f"{_ONE}/consent/withdrawal",
        source=f"{_SOURCE}/consent/withdrawal",
        title=mark("Withdraw your consent"),
        says=mark("Nobody takes a step or gets the pack any more."),
        button=mark("Withdraw"),
        subject=_SOURCE,
        summary="credit/summary.html",
        undo=mark("You can consent again."),
        back=_BACK,
        then=_BACK,
    ),
    _step(
        "analysis",
        mark("Third step: analysis"),
        mark("What each value says, with its points and its reason."),
        _NOTE,
    ),
    _step(
        "quantification",
        mark("Fourth step: points"),
        mark("Points, confidence, tier and limit that the scorecard gives."),
        _NOTE,
    ),
    _step(
        "decision",
        mark("Fifth step: decision"),
        mark("What the scorecard gives is decided, or another tier with its reason."),
        Field(
            "tier",
            mark("Another tier"),
            "number",
            required=False,
            hint=mark("1 is the best. Empty: what the scorecard gives."),
        ),
        Field(
            "reason",
            mark("Reason"),
            "long",
            required=False,
            hint=mark("Needed if it is not what the scorecard gives."),
        ),
    ),
    _step(
        "confirmation",
        mark("Last step: a second person"),
        mark("A second person of the rater confirms, or returns the case."),
        Field(
            "outcome",
            mark("Outcome"),
            "select",
            choices=(("confirmed", mark("confirmed")), ("returned", mark("returned"))),
        ),
        Field("reason", mark("Reason"), "long", required=False),
        summary="credit/decision.html",
    ),
    Command(
        path=f"{_ONE}/attestation",
        source="/v1/credit",
        title=mark("Attest the tier on the ledger"),
        says=mark(
            "The ledger then has the party's tier and limit, with your signature; this replaces "
            "an earlier attestation."
        ),
        button=mark("Attest"),
        subject=_confirmed,
        summary="credit/result.html",
        signs="subject.typedData",
        undo=mark("You can revoke the attestation."),
        body=lambda page, subject, body: subject["attestation"],
        back=_BACK,
    ),
    Command(
        path="/of/{party_id}/revocation",
        source="/v1/credit/{party_id}/revocation",
        title=mark("Revoke the attestation"),
        says=mark(
            "The party has no tier any more; facilities that end with a worse tier lend no "
            "new money."
        ),
        button=mark("Revoke"),
        fields=(
            Field("reason", mark("Reason"), "long"),
            Field("issuedAt", mark("Attested"), "shown", initial="issuedAt"),
        ),
        subject=_attestation,
        summary="credit/attestation.html",
        final=mark("A new attestation is needed afterwards."),
        back="/app/credit/of/{party_id}",
    ),
)
add_commands(router, COMMANDS)
STEP_PAGES = {
    "identify": "identification",
    "analyse": "analysis",
    "quantify": "quantification",
    "decide": "decision",
    "confirm": "confirmation",
}


@router.get("")
async def listed(page: PageOf) -> Response:
    """Cases by or of the person's party."""
    opened = [(mark("Open a credit case"), "/app/credit/new")]
    return await show_list(
        page, LISTING, actions=opened if "rater" in page.person.roles else _own(page)
    )


def _own(page: Page) -> list[tuple[str, str]]:
    own = page.person.party_id
    return [(mark("My tier"), f"/app/credit/of/{part(own)}")] if own else []


@router.get("/of/{party_id}")
async def tier(party_id: str, page: PageOf) -> Response:
    """A party's tier, and who attested it."""
    item = await page.api.get(f"/v1/credit/{part(party_id)}")
    party = await page.api.get(f"/v1/parties/{part(party_id)}")
    return await page.render("credit/tier.html", item=item, party=party)


@router.get(_ONE)
async def shown(evaluation_id: str, page: PageOf) -> Response:
    """One case: its steps with evidence, points and reasons, and whose turn it is."""
    item = await page.api.get(f"/v1/credit/evaluations/{part(evaluation_id)}")
    own = page.person.party_id
    base = f"/app/credit/{part(evaluation_id)}"
    judged, rates = item["party"]["partyId"] == own, item["rater"]["partyId"] == own
    consent = item["consent"]
    today = (await page.as_of()).day(page.gateway.zone_offset)
    open_consent = (
        consent is not None
        and consent["withdrawn"] is None
        and (consent["until"] is None or consent["until"] >= today)
    )
    attests = rates and open_consent and await _can_be_attested(page, item)
    fitting = (
        (judged and not open_consent, mark("Consent to the use of your data"), "consent"),
        (judged and open_consent, mark("Withdraw your consent"), "consent/withdrawal"),
        (
            rates and open_consent and item["nextStep"] in STEP_PAGES,
            mark("Take the next step"),
            STEP_PAGES.get(item["nextStep"] or "", ""),
        ),
        (attests, mark("Attest the tier on the ledger"), "attestation"),
    )
    actions = [(label, f"{base}/{name}") for fits, label, name in fitting if fits]
    has_pack = rates and open_consent and item["result"] is not None
    return await page.render(
        "credit/case.html", item=item, actions=actions, pack=f"{base}/pack" if has_pack else None
    )


@router.get(f"{_ONE}/pack")
async def pack_file(evaluation_id: str, page: PageOf) -> Response:
    """The pack of a confirmed case, which the rater signs and hands to banks."""
    path = f"/v1/credit/evaluations/{part(evaluation_id)}/pack"
    answer = passed_on(await page.api.download(path))
    name = f"pack-{part(evaluation_id)}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
