"""Kinds of the arguments of events: money, a day, a time, a share, a quantity, a name.

The lookup tries `Event.argument`, `Contract.argument`, the path within the event
(`terms.reserveShare`) and the name. A test compares this table with the ABIs: each argument that is
a number has a kind, and its type can carry that kind.
"""

from __future__ import annotations

MONEY, QUANTITY, PERCENT = "money", "quantity", "percent"
DAY, TIME, NUMBER = "day", "time", "number"
TEXT, BYTES = "text", "bytes"

_OF_KIND = {
    MONEY: (
        "amount balance borrowerLimit burned cap claimValue absorbed costs credit debt deposit "
        "depositReturned due faceAmount fee fromDeposit goal held interest lateCharge left "
        "lendable limit loss maxTotal outstanding paidIn payoff penalty contributed price "
        "principal programmeLimit taken toOwner unpaid value _value insuredAmount "
        "LoanDrawn.reserveShare coolingOffAmount groupLimit overpaid owed ruleSetLimit "
        "securedAmount capitalised interestLeft writtenOff returned buyBackMax "
        "proceeds change joinedAt paid charged flatFee maxFlatFee outlay"
    ),
    QUANTITY: (
        "quantity counted StockCounted.outstanding WarehouseReceipts.left WarehouseReceipts.value "
        "WarehouseReceipts._value"
    ),
    PERCENT: (
        "administrationFee advanceRate annualRate auctionFloor breaker callLevel debtorShare "
        "earlyFee floorFactor goods.auctionStart haircut lateRate minRate liquidationLevel "
        "drawFee floating.cap floating.floor hedgeShare maxDrawFee maxPeriodicFee maxTotalCost "
        "periodicFee maxJump maxRate maxSpread maxStep minSpread part "
        "rate referenceRate reserveShare share spread startFactor penaltyMultiple buyBackPrice "
        "sharedBefore"
    ),
    DAY: (
        "asOfDay day deliveryDay dueDay expiryDay firstDay lastDay startDay storedDay "
        "recordedDay tradingSinceDay valueDay acknowledgedDay endDay fromDay nextResetDay resetDay "
        "buyBackFirstDay buyBackLastDay"
    ),
    TIME: (
        "asOf auctionEnd auctionStart deadline expiresAt heldUntil issuedAt notBefore schedule "
        "since stoppedAt until validUntil drawableFrom drawableUntil"
    ),
    NUMBER: (
        "_fromTokenId _newSlot _oldSlot _toTokenId _tokenId admin auctionDays bits campaignId "
        "claimId collateralId correctionDays cureDays dayCount daysLost delay disputeDays "
        "facilityId freeDays maxFreeDays "
        "fromWarehouseReceiptId fromTokenId graceDays group guardian id intoTokenId minDays "
        "minTier minTradeDays loanId lotId maxDepth milestone months maxAge maxDays maxTierAge "
        "nonce orderId periods place places productId warehouseReceiptId receivableId roleId "
        "coolingOffHours documents endEvents suspendedBy maxAgeDays month revision "
        "buyBack fromFacilityId originId postings "
        "newPosting posting round shifts soldClaimId soldWarehouseReceiptId styles tier toLoanId "
        "toTokenId tokenId tokenIds hedgePrice maxPrice resetMonths resets "
        "version words interestGrace monthsPerPeriod principalGrace noticeId filingId subjectId "
        "textVersion"
    ),
    TEXT: "code grade label modelVersion referenceCode source unit Notices.number",
    BYTES: "call data signature",
    # names of enumerations, of roles, and of a party by its number on the ledger
    "item": "collateral CollateralAdded.kind CollateralReduced.kind",
    "tier kind": "tiers.kind",
    "category": "category",
    "condition": "condition",
    "document": "DocumentSubmitted.document.kind DocumentUsed.kind",
    "trade basis": "basis",
    "party": "partyId platform merchant",
    "style": "style",
    "basis": "basis",
    "notice": "DebtorNotified.notice.status",
    "filing subject": "subject",
    "after prepayment": "afterPrepayment",
    "loan": "LoanRestated.status",
    "cycle": "cycle",
    "funding": "funding",
    "roles": "roles",
}
KINDS = {name: kind for kind, names in _OF_KIND.items() for name in names.split()}


def kind_of(contract: str, event: str, path: str) -> str | None:
    """The kind of an argument; None: the form of its value shows it.

    Args:
        path: names joined by dots, without places in lists.
    """
    source, name = contract.partition(":")[0], path.rpartition(".")[2]
    for key in (f"{event}.{path}", f"{source}.{name}", path, name):
        if key in KINDS:
            return KINDS[key]
    return None
