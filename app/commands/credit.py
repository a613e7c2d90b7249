"""`cession credit`: scorecards, scores and packs of evidence as files; no gateway is needed."""

from __future__ import annotations

import datetime
import enum
from pathlib import Path
from typing import Annotated

import typer

credit = typer.Typer(
    help="Scorecards, and packs of credit evidence, as files; no gateway is needed.",
    no_args_is_help=True,
)


class Language(enum.StrEnum):
    """The language of explanations."""

    en = "en"
    zh = "zh"


class FileKind(enum.StrEnum):
    """A kind of file that shows figures of a party."""

    stock = "stock"
    feedback = "feedback"
    tax = "tax"
    registration = "registration"
    statements = "statements"


CardArgument = Annotated[Path, typer.Argument(help="A scorecard, such as scorecards/trade.yaml.")]
EvidenceArgument = Annotated[Path, typer.Argument(help="The evidence of a party: JSON.")]
PackArgument = Annotated[
    Path,
    typer.Argument(help="A pack: from `cession credit pack`, or of an evaluation (`GET …/pack`)."),
]
WriteOption = Annotated[Path, typer.Option(help="The pack to write; it must not exist yet.")]
LanguageOption = Annotated[Language, typer.Option(help="Language of the explanations.")]


@credit.command("test")
def credit_test(
    card: CardArgument,
    cases: Annotated[
        Path | None,
        typer.Option(
            help="Past cases: CSV with a column `case` and one for each feature, or JSON."
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="The card in force: shows which past cases move to another tier."),
    ] = None,
) -> None:
    """Checks a scorecard and its worked examples, and shows what it does to past cases.

    Names every problem with its line and a fix; exit status 1 if there is one.
    """
    from app.commands.credit_cards import test_card

    if against is not None and cases is None:
        raise typer.BadParameter("give --cases FILE too", param_hint="--against")
    raise typer.Exit(test_card(card, cases_file=cases, against=against))


@credit.command("score")
def credit_score(
    card: CardArgument,
    evidence: EvidenceArgument,
    language: LanguageOption = Language.en,
    as_json: Annotated[
        bool, typer.Option("--json", help="Prints JSON, in both languages.")
    ] = False,
) -> None:
    """Prints the points, the tier and the limit of a party, each with its reason."""
    from app.commands.credit_cards import score_evidence

    raise typer.Exit(score_evidence(card, evidence, language=language.value, as_json=as_json))


@credit.command("figures")
def credit_figures(
    kind: Annotated[FileKind, typer.Argument(help="What the file is.")],
    file: Annotated[Path, typer.Argument(help="The file of a party: CSV.")],
    currency: Annotated[str, typer.Option(help="Of the amounts.")] = "CNY",
) -> None:
    """Checks a file of a party and prints the figures that it shows as evidence."""
    from app.commands.credit_files import show_figures

    raise typer.Exit(show_figures(kind.value, file, currency=currency))


@credit.command("pack")
def credit_pack(
    card: CardArgument,
    evidence: EvidenceArgument,
    write: WriteOption,
    rater: Annotated[str, typer.Option(help="Address of the rater's account on the ledger.")],
    chain_id: Annotated[int, typer.Option(min=1, help="Number of the ledger's chain (EIP-155).")],
    contract: Annotated[str, typer.Option(help="Address of the ledger's CreditRegistry.")],
    trading_since: Annotated[
        datetime.datetime,
        typer.Option(formats=["%Y-%m-%d"], help="The day on which the party began to trade."),
    ],
    issued_at: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=2**40 - 1,
            help="When the attestation is issued, in UTC seconds; default: 10 minutes ago, because "
            "the ledger refuses a time after its last block.",
        ),
    ] = None,
) -> None:
    """Scores evidence and writes a pack with its Merkle proofs, for the rater to sign."""
    from app.commands.credit_packs import Ledger, pack

    raise typer.Exit(
        pack(
            card,
            evidence,
            write=write,
            ledger=Ledger(chain_id, contract),
            rater=rater,
            trading_since=trading_since.date(),
            issued_at=issued_at,
        )
    )


@credit.command("sign")
def credit_sign(
    pack: PackArgument,
    write: WriteOption,
    keystore: Annotated[
        Path | None, typer.Option(help="Encrypted JSON key of the rater's account.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="File with the keystore's password.")
    ] = None,
    signature: Annotated[
        str | None,
        typer.Option(help="Instead of a keystore: a wallet's signature of attestation.typedData."),
    ] = None,
) -> None:
    """Signs a pack, or adds a wallet's signature; prints the body for `POST /v1/credit`."""
    from app.commands.credit_packs import sign

    if (keystore is None) == (signature is None):
        raise typer.BadParameter("give either --keystore or --signature", param_hint="--keystore")
    if (keystore is None) != (password_file is None):
        raise typer.BadParameter("give it with --keystore", param_hint="--password-file")
    raise typer.Exit(
        sign(
            pack,
            write=write,
            keystore=keystore,
            password_file=password_file,
            signature=signature,
        )
    )


@credit.command("disclose")
def credit_disclose(
    pack: PackArgument,
    write: WriteOption,
    hide: Annotated[list[str], typer.Option(help="Field of all items to hide: source, hash.")],
) -> None:
    """Writes a copy of a pack that hides where values are from; the rest verifies as before."""
    from app.commands.credit_packs import disclose

    raise typer.Exit(disclose(pack, write=write, hide=hide))


@credit.command("verify")
def credit_verify(
    pack: PackArgument,
    card: Annotated[
        Path | None, typer.Option(help="Your own copy of the scorecard, to compare.")
    ] = None,
    rater: Annotated[
        str | None, typer.Option(help="Address of the account of the rater that you trust.")
    ] = None,
    chain_id: Annotated[
        int | None, typer.Option(min=1, help="Number of the ledger's chain (EIP-155).")
    ] = None,
    contract: Annotated[
        str | None, typer.Option(help="Address of the ledger's CreditRegistry.")
    ] = None,
    at: Annotated[
        datetime.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
            help="When the attestation must be in time (UTC); default: now.",
        ),
    ] = None,
    language: LanguageOption = Language.en,
) -> None:
    """Computes points, tier and limit of a pack again, offline.

    Says what fails, and what was not compared because you did not say what you expect; exit
    status 1 if a check fails.
    """
    from app.commands.credit_packs import verify

    raise typer.Exit(
        verify(
            pack,
            card_file=card,
            rater=rater,
            chain_id=chain_id,
            contract=contract,
            timestamp=None if at is None else int(at.replace(tzinfo=datetime.UTC).timestamp()),
            language=language.value,
        )
    )
