"""Operations on notices, and notices as callers may see them."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.domain.texts import say
from app.errors import Conflict, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for, in_custody
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import AsOf, moment
from app.gateway.views import Names
from app.lending import repository as lending
from app.lending.access import shown_account
from app.lending.notices import repository
from app.lending.notices.facts import Facts, facts_in, facts_of, which_stand
from app.lending.notices.projection import CONTRACT, NoticeRow
from app.lending.notices.schemas import NoticeDetails, NoticeDraft, NoticePage
from app.lending.notices.text import NEWEST, hash_of, text_is_known, text_of
from app.lending.notices.views import accounts_of, facts_view, notice_view
from app.parties.registry import repository as parties
from app.storage.checkpoint import Checkpoint, read_checkpoint
from app.trade.receivables import repository as receivables
from app.trade.receivables.projection import ReceivableRow


async def draft(gateway: Gateway, caller: Caller, claim_id: int) -> NoticeDraft:
    """What a notice on a claim would say now, for those who may give or receive it.

    Raises:
        NotFound, Conflict.
    """
    facts, receivable = await _concerning(gateway, caller, claim_id)
    text = text_of(gateway, facts, receivable)
    assert text is not None

    def find(connection: Connection) -> NoticeDraft:
        accounts = {facts.debtor, facts.assignor, facts.assignee}
        names = parties.names(connection, accounts)
        last = repository.last_of_claim(connection, claim_id)
        return {
            **facts_view(gateway, facts, names, currency=receivable.currency),
            "textVersion": NEWEST,
            "textHash": hash_of(text),
            "text": text,
            "lastNoticeId": None if last is None else last.notice_id,
        }

    return await gateway.storage.read(find)


async def give(command: Command, claim_id: int) -> Change:
    """Notifies the debtor of an assigned claim, or of a lien on it.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    facts, receivable = await _concerning(gateway, caller, claim_id)
    if caller.acting() not in await _notifiers(gateway, facts):
        raise Forbidden(
            "only the assignor, the assignee or the lienholder notifies the debtor",
            name="not-of-the-assignment",
        )
    text = text_of(gateway, facts, receivable)
    assert text is not None
    arguments = [facts.argument(), NEWEST, hash_of(text)]
    subject = {"claimId": claim_id, "receivableId": facts.receivable_id}
    return await change_for(
        command, NewOperation("notify-debtor", CONTRACT, "notifyDebtor", arguments, subject)
    )


async def acknowledge(command: Command, notice_id: int) -> Change:
    """The debtor acknowledges a notice.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    row, receivable = await _notice(gateway, caller, notice_id)
    if caller.acting() != row.debtor:
        raise Forbidden("only the debtor acknowledges a notice", name="not-debtor")
    if not text_is_known(gateway, row, receivable) and await in_custody(gateway, caller):
        raise Conflict(
            say(
                "notice {notice_id} has another text than the gateway knows: it does not sign "
                "for it",
                notice_id=notice_id,
            ),
            name="text-differs",
            fix="acknowledge it with the party's own wallet, or ask for a new notice",
        )
    new_operation = NewOperation(
        *("acknowledge-notice", CONTRACT, "acknowledge", [notice_id, row.text_hash]),
        {"noticeId": notice_id, "claimId": row.claim_id},
    )
    return await change_for(command, new_operation)


async def details(gateway: Gateway, caller: Caller, notice_id: int) -> NoticeDetails:
    """A notice with its text, written again from the facts on the ledger.

    Raises:
        NotFound.
    """
    row, receivable = await _notice(gateway, caller, notice_id)
    text = text_of(gateway, facts_in(row), receivable, version=row.text_version)

    def find(connection: Connection) -> tuple[int, Names, AsOf, Checkpoint | None]:
        _, as_of = moment(connection)
        names = parties.names(connection, accounts_of(row))
        last = repository.last_of_claim(connection, row.claim_id)
        last_id = row.notice_id if last is None else last.notice_id
        return last_id, names, as_of, read_checkpoint(connection)

    last_id, names, as_of, at = await gateway.storage.read(find)
    (current,) = await which_stand(gateway, at, [row], {row.claim_id: last_id})
    return {
        **notice_view(
            *(gateway, row, names),
            currency=receivable.currency,
            last_id=last_id,
            current=current,
        ),
        "text": text,
        "textMatches": text_is_known(gateway, row, receivable),
        "asOf": as_of,
    }


async def page(
    gateway: Gateway,
    caller: Caller,
    *,
    claim_id: int | None,
    status: str | None,
    before: int | None,
    limit: int,
) -> NoticePage:
    """A page of the notices that concern the caller, newest first."""

    def find(connection: Connection) -> _Page:
        _, as_of = moment(connection)
        rows = repository.listed(
            connection,
            account=shown_account(caller),
            claim_id=claim_id,
            acknowledged=None if status is None else status == "acknowledged",
            before=before,
            limit=limit,
        )
        return _Page(
            rows=rows,
            names=parties.names(connection, set().union(*(accounts_of(row) for row in rows))),
            last_ids=repository.last_ids(connection, {row.claim_id for row in rows}),
            currencies={
                row.receivable_id: _debt(connection, row.receivable_id).currency for row in rows
            },
            as_of=as_of,
            at=read_checkpoint(connection),
        )

    page = await gateway.storage.read(find)
    standing = await which_stand(gateway, page.at, page.rows, page.last_ids)
    items = [
        notice_view(
            *(gateway, row, page.names),
            currency=page.currencies[row.receivable_id],
            last_id=page.last_ids[row.claim_id],
            current=current,
        )
        for row, current in zip(page.rows, standing, strict=True)
    ]
    following = page.rows[-1].notice_id if len(page.rows) == limit else None
    return {"items": items, "nextCursor": following, "asOf": page.as_of}


class _Page(msgspec.Struct):
    """Notices of a page and what their views need; `currencies` is by receivable."""

    rows: list[NoticeRow]
    names: Names
    last_ids: dict[int, int]
    currencies: dict[int, str]
    as_of: AsOf
    at: Checkpoint | None


async def _notice(
    gateway: Gateway, caller: Caller, notice_id: int
) -> tuple[NoticeRow, ReceivableRow]:
    """A notice that concerns the caller, or any for those who see all, and its debt.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> tuple[NoticeRow, ReceivableRow] | None:
        row = repository.by_id(connection, notice_id, account=shown_account(caller))
        return None if row is None else (row, _debt(connection, row.receivable_id))

    notice_and_debt = await gateway.storage.read(find)
    if notice_and_debt is None:
        raise NotFound(
            say("there is no notice {notice_id}", notice_id=notice_id), name="notice-unknown"
        )
    return notice_and_debt


async def _concerning(
    gateway: Gateway, caller: Caller, claim_id: int
) -> tuple[Facts, ReceivableRow]:
    """The facts of a claim for those whom they concern, and its debt.

    Raises:
        NotFound, Conflict.
    """
    facts = await facts_of(gateway, claim_id)
    concerned = {facts.debtor, *await _notifiers(gateway, facts)}
    if not caller.sees_all and caller.account not in concerned:
        raise NotFound(say("there is no claim {claim_id}", claim_id=claim_id), name="claim-unknown")
    receivable = await gateway.storage.read(
        lambda connection: _debt(connection, facts.receivable_id)
    )
    return facts, receivable


async def _notifiers(gateway: Gateway, facts: Facts) -> set[str]:
    """The accounts that may notify the debtor; of an entrusted loan its bank too."""
    notifiers = {facts.assignor, facts.assignee}
    loan_id = facts.loan_id
    if loan_id is not None:
        row = await gateway.storage.read(lambda connection: lending.loan(connection, loan_id))
        notifiers |= set() if row is None else {row.lender}
    return notifiers


def _debt(connection: Connection, receivable_id: int) -> ReceivableRow:
    row = receivables.by_id(connection, receivable_id)
    assert row is not None, f"notice on receivable {receivable_id}, which has no row"
    return row
