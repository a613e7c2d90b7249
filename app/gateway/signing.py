"""Signatures over terms, and the drafts that wait for them.

The terms are an EIP-712 message for one contract. A draft is a row of a slice's own table: terms,
the signatures so far, and the operation that carries it out. Each slice decides who signs, and
whether the gateway or the ledger checks a wallet's signature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.chain.evm.signers import SignatureInvalid, recover
from app.chain.evm.typed_data import (
    Domain,
    TypedData,
    contract_domain,
    typed_data,
    typed_data_digest,
)
from app.chain.evm.wallet_signatures import refuse_counterfactual
from app.chain.outbox.operation import ACCEPTED, FINAL, INCLUDED, SUBMITTED, Operation
from app.chain.outbox.outbox import SignatureMismatch
from app.domain.texts import say
from app.errors import BadInput, Forbidden
from app.gateway.callers import Caller
from app.gateway.chain_queries import ask_wallet
from app.gateway.commands import Change, Command
from app.gateway.execution import (
    NewOperation,
    SideWrites,
    change_for,
    claim_once,
    in_custody,
)
from app.gateway.gateway import Gateway

GIVE_SIGNATURE = "sign the typed data with the party's own wallet and give the signature"
SEND_SIGNATURE = "sign the typed data with the party's own wallet and send the signature"


# ------------------------------------------------------------------ terms


class Terms(msgspec.Struct, frozen=True):
    """What parties sign.

    Attributes:
        contract: name of the contract that checks the signatures.
        primary_type: name of the message's struct.
        message: the struct's fields.
    """

    contract: str
    domain: Domain
    primary_type: str
    message: Mapping[str, Any]

    def digest(self) -> bytes:
        """The 32 bytes that a key signs.

        Raises:
            ArgumentsInvalid: a value does not fit its field.
        """
        return typed_data_digest(self.domain, self.primary_type, self.message)

    def digest_text(self) -> str:
        """The digest as tables and contracts take it: 0x and 64 digits."""
        return "0x" + self.digest().hex()

    def typed_data(self) -> TypedData:
        """The JSON that a wallet signs."""
        return typed_data(self.domain, self.primary_type, self.message)


def terms_for(
    gateway: Gateway, contract: str, primary_type: str, message: Mapping[str, Any]
) -> Terms:
    """A message for one of the ledger's contracts."""
    address = gateway.contracts.address(contract)
    domain = contract_domain(contract, chain_id=gateway.chain_id, contract=address)
    return Terms(contract, domain, primary_type, message)


# ------------------------------------------------------------------ signatures


async def sign_in_custody(gateway: Gateway, caller: Caller, terms: Terms) -> str | None:
    """The caller's signature; None if the gateway does not sign for the caller."""
    if not await in_custody(gateway, caller):
        return None
    signer = await gateway.key_work.run(gateway.keystore.signer, caller.acting())
    return "0x" + signer.sign_hash(terms.digest()).hex()


async def require_signature(gateway: Gateway, terms: Terms, signature: str, *, signer: str) -> None:
    """Refuses a signature that the ledger would not take as the signer's.

    The contracts take a key's signature if the account has no code; otherwise the account's code
    answers (ERC-1271). The gateway asks it as of the index's block. The ledger asks again when the
    terms reach it, and a wallet may answer differently then.

    Raises:
        SignatureMismatch, SignatureInvalid, WalletMissing.
        Unavailable, ChainError: the chain did not answer.
    """
    await require_signed_digest(
        gateway, terms.digest(), bytes.fromhex(signature[2:]), signer=signer
    )


async def require_signed_digest(
    gateway: Gateway, digest: bytes, signature: bytes, *, signer: str
) -> None:
    """Refuses a signature over 32 bytes that is not the signer's; its code comes before its key.

    Raises:
        SignatureMismatch, SignatureInvalid, WalletMissing.
        Unavailable, ChainError: the chain did not answer.
    """
    refuse_counterfactual(signature)
    answer = await ask_wallet(gateway, signer, digest, signature)
    if not answer.has_code:
        require_key_signature(digest, signature, signer=signer)
    elif not answer.accepts:
        raise SignatureMismatch(f"the contract at {signer} does not accept the signature")


async def is_signed_digest(
    gateway: Gateway, digest: bytes, signature: bytes, *, signer: str, asks_code: bool
) -> bool:
    """Whether a signature over 32 bytes is the signer's.

    Args:
        asks_code: whether the signer's code, if it has any, is asked; otherwise its key alone.

    Raises:
        Unavailable, ChainError: the chain did not answer.
    """
    try:
        if asks_code:
            await require_signed_digest(gateway, digest, signature, signer=signer)
        else:
            require_key_signature(digest, signature, signer=signer)
    except (SignatureInvalid, SignatureMismatch):
        return False
    return True


def require_key_signature(digest: bytes, signature: bytes, *, signer: str) -> None:
    """Refuses a signature by any other key than the signer's.

    Raises:
        SignatureMismatch, SignatureInvalid.
    """
    signed_by = recover(digest, signature)
    if signed_by != signer:
        raise SignatureMismatch(f"the signature is by {signed_by}, not by {signer}")


async def caller_signature(
    gateway: Gateway,
    caller: Caller,
    terms: Terms,
    *,
    wallet_signature: str | None = None,
    key_owner: str = "party",
    fix: str = GIVE_SIGNATURE,
) -> str:
    """The caller's signature, lower case: checked if its wallet signed, or made in custody.

    Args:
        key_owner, fix: what the error says if the caller must sign with its wallet.

    Raises:
        BadInput: there is no signature, and the gateway does not hold the caller's key.
        SignatureMismatch, SignatureInvalid: another key signed, or the wallet's contract refuses.
    """
    if wallet_signature is not None:
        await require_signature(gateway, terms, wallet_signature, signer=caller.acting())
        return wallet_signature.lower()
    signature = await sign_in_custody(gateway, caller, terms)
    if signature is None:
        raise BadInput(
            say("the gateway does not hold this {key_owner:words}'s key", key_owner=key_owner),
            name="signature-missing",
            field="signature",
            fix=fix,
        )
    return signature


# ------------------------------------------------------------------ drafts


class Draft(Protocol):
    """A row of a slice's table of drafts."""

    id: str
    operation_id: str | None


class Drafts(msgspec.Struct, frozen=True):
    """One slice's drafts.

    Attributes:
        table: its columns `id` and `operation_id` are used here.
        name: what error texts call a draft, such as "the delivery".
    """

    table: str
    name: str

    def position_of(self, account: str, signers: Mapping[str, str]) -> str:
        """The first position in which an account signs.

        Args:
            signers: account by position.

        Raises:
            Forbidden: it is not a signer.
        """
        for position, signer in signers.items():
            if signer == account:
                return position
        raise Forbidden(
            say("only the parties that {name} names can sign it", name=self.name), name="not-signer"
        )

    def claim(
        self, identifier: str, *, then: Callable[[Connection], Mapping[str, Any]] | None = None
    ) -> SideWrites:
        """Ties a draft to the new operation that carries it out.

        Args:
            then: what else to write; its result joins the answer's body.
        """

        def write(connection: Connection, operation: Operation) -> Mapping[str, Any] | None:
            claim_once(
                connection,
                self.table,
                identifier=identifier,
                operation_id=operation.id,
                what=self.name,
            )
            return None if then is None else then(connection)

        return write

    async def withdraw_signature(
        self,
        command: Command,
        terms: Terms,
        *,
        signers: Mapping[str, str],
        subject: Mapping[str, Any],
    ) -> Change:
        """Withdraws the caller's signature on the ledger, whether or not it has signed yet.

        Of a draft that counts as carried out too: to terms that were used it does no harm, and the
        events that show it may be those of other terms with equal fields (`evidence`).

        Raises:
            Forbidden.
        """
        self.position_of(command.caller.acting(), signers)
        arguments = [terms.digest_text()]
        return await change_for(
            command,
            NewOperation(
                "withdraw-signature", terms.contract, "cancelSignature", arguments, subject
            ),
        )


def draft_state(operation_state: str | None, *, signed: bool = False, done: str) -> str:
    """The state of a draft, or of another row that an operation carries out.

    Args:
        operation_state: of the row's operation; None: there is none.
        signed: all have signed, where the slice shows that.
        done: the state once the operation is included.
    """
    if operation_state in (INCLUDED, FINAL):
        return done
    if operation_state in (ACCEPTED, SUBMITTED):
        return "under-way"
    return "signed" if signed else "waiting"


class DraftView(TypedDict):
    """What every draft shows; each slice adds its own."""

    id: str
    state: str
    operationId: str | None
    typedData: TypedData


def draft_view(draft: Draft, terms: Terms, *, state: str) -> DraftView:
    """What every draft shows."""
    return {
        "id": draft.id,
        "state": state,
        "operationId": draft.operation_id,
        "typedData": terms.typed_data(),
    }
