"""What the numbers in events stand for: money, a day, a moment, a share, a quantity, a name.

An argument is looked up as `Event.argument`, `Contract.argument`, its path within the event
(`terms.reserveShare`), and its name. A test holds this table to the ABIs: each argument that is a
number has a kind, and one that its type can carry.
"""

from __future__ import annotations

MONEY, QUANTITY, PERCENT = "money", "quantity", "percent"
DAY, TIME, NUMBER = "day", "time", "number"
TEXT, BYTES = "text", "bytes"

_OF_KIND = {
    MONEY: (
        "amount balance borrowerLimit burned cap claimValue costs covered credit debt deposit "
        "depositReturned due faceAmount fee fromDeposit goal held interest lateCharge left "
        "lendable limit loss most outstanding paidIn payoff penalty pledged price principal "
        "programmeLimit taken toOwner unpaid value _value InsuranceAgreed.cover "
        "LoanDrawn.reserveShare"
    ),
    QUANTITY: (
        "quantity counted StockCounted.outstanding WarehouseReceipts.left WarehouseReceipts.value "
        "WarehouseReceipts._value"
    ),
    PERCENT: (
        "administrationFee advanceRate annualRate auctionFloor breaker callLevel debtorShare "
        "earlyFee floorFactor goods.auctionStart haircut lateRate leastRate liquidationLevel "
        "mostJump mostRate part reserveShare share startFactor penaltyMultiple"
    ),
    DAY: (
        "asOfDay day deliveryDay dueDay expiryDay firstDay lastDay startDay storedDay "
        "tradingSinceDay"
    ),
    TIME: (
        "asOf auctionEnd auctionStart deadline expiresAt heldUntil issuedAt notBefore schedule "
        "since stoppedAt until validUntil"
    ),
    NUMBER: (
        "_fromTokenId _newSlot _oldSlot _toTokenId _tokenId admin auctionDays bits campaignId "
        "claimId coverId cureDays dayCount daysLost delay disputeDays facilityId freeDays "
        "fromReceiptId fromTokenId graceDays group guardian id intoTokenId leastDays leastTier "
        "leastTradeDays loanId lotId maxDepth milestone months mostAge mostDays mostTierAge nonce "
        "orderId periods place places productId receiptId receivableId roleId round shifts "
        "soldClaimId soldId styles tier toTokenId tokenId tokenIds version words"
    ),
    TEXT: "code grade label modelVersion source unit",
    BYTES: "call data signature",
    # names of enumerations, of roles, of a party by its number on the ledger
    "piece": "cover CoverAdded.kind CoverReduced.kind",
    "tier kind": "tiers.kind",
    "condition": "condition",
    "style": "style",
    "cycle": "cycle",
    "funding": "funding",
    "roles": "roles",
    "party": "partyId",
}
KINDS = {name: kind for kind, names in _OF_KIND.items() for name in names.split()}


def kind_of(contract: str, event: str, path: str) -> str | None:
    """The kind of an argument; None: what its value looks like says it.

    Args:
        path: names joined by dots, without places in lists.
    """
    source, name = contract.partition(":")[0], path.rpartition(".")[2]
    for key in (f"{event}.{path}", f"{source}.{name}", path, name):
        if key in KINDS:
            return KINDS[key]
    return None
