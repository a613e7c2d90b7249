"""Names of the API and of the ledger in words: kinds of commands, events, fields, checks.

`draw-loan` reads `draw loan`, `LoanDrawn` reads `loan drawn`, `dueDay` reads `due day`. The file
`names.po` has these words; those of events and their values come from the contracts' ABIs.
"""

from __future__ import annotations

from app.gateway.languages import CHINESE, texts_of
from app.gateway.languages import NAME as CONTEXT
from app.gateway.naming import plain
from app.pages.languages import ct

_OPERATIONS = """
accept-debtor accept-document accept-offer acknowledge acknowledge-notice acknowledge-sale
add-product agree-buy-back agree-correction agree-costs agree-extension agree-facility agree-hedge
agree-insurance agree-loan-sale agree-participation agree-restructuring agree-set-off
agree-settle-in-kind agree-sharing agree-sharing-end amend-filing announce-draw allow-draw
apply-credit-note approval approve-product ask-release assign assign-warehouse-receipt
attest-credit bid buy-loan-back
call-buy-back cancel-campaign cancel-offer cancel-order check-margin close-product close-facility
close-hedge collect confirm-hold confirm-order confirm-prices confirm-rate confirm-receivable
convert-to-claim convert-to-goods correct-payment count-stock declare-default default-loan
discharge-filing dispute-receivable draw-loan encumber-claim encumber-warehouse-receipt end-dispute
execute-order follow-group fund-campaign hand-over hold-party impair-warehouse-receipt inspect-lot
invoice-goods issue-cash issue-lot issue-order liquidate lift-hold list-items list-reference
mark-overdue merge merge-warehouse-receipts move-payment name-attester notify-debtor open-campaign
pay pay-deposit pay-in-instalments pay-participants pay-share post-prices post-rate propose-product
propose-resumption put-back record-delivery record-filing record-loss record-repayment redeem-cash
refund-backer refund-overpayment register-party reject-order reject-receivable release
release-milestone release-warehouse-receipt repay-loan repay-loans report-trade request-order
request-receivable reset-rate restore-approval resume-draws resume-new-risk return-related-backer
reverse-payment revoke-credit run-history set-holidays set-reserve-cap set-roles set-validity
stop-draw stop-new-liens stop-new-risk submit-documents substitute-collateral suspend-draws
top-up-reserve transfer-cash waive withdraw-order withdraw-price withdraw-rate withdraw-receivable
withdraw-release withdraw-signature withdraw-unclaimed write-off write-off-loan
write-off-loan-in-part
"""
_ENTRIES = """
auction-ended bought-back buy-back-failed changed collateral-added costs defaulted drawn extended
fees-waived goods-appraised goods-converted-to-claim goods-sold hedge-closed hedge-recorded in-kind
instalments liquidation loss margin-called
margin-cured moved order-converted-to-claim order-converted-to-goods overdue rate-reset recorded
refunded renounced repaid restated restructured reversed sold waived written-off written-off-in-part
"""
_CLASSES = """
not-due 1-to-30-days 31-to-60-days 61-to-90-days over-90-days past within-7-days 8-to-30-days
31-to-90-days 91-to-180-days over-180-days current in-force burned encumbered
"""
_CHECKS = """
blocks chain history identity index masterKey operations ownWork relayAccounts relayer store
ageSeconds limitSeconds error head indexed lag unknownExecutions expected actual lowBelowWei
finality failingSince failures state
"""
_KINDS = """
document document-content disclosure statement export invoice credit-note loan claim receivable
answer claims party order facility evaluation warehouse-receipt json ubl cii factur-x fapiao case
none borrower debtor
"""
_FIELDS = """
kind format number issueDate dueDate payableAmount seller buyer name id scheme lines description
amount currency quantity unit price payee allowances charges taxes taxAmount totals note notes order
reference references instalments profile country address assignment delivery profileId lineAmount
taxableAmount category rate paid prepaid rounding due invoice buyerReference paymentTerms code
percent basis text language title value lotNumber warehouse depositor transfer negotiable sku grade
storedDate expiryDate goodsDescription packages storagePlace issuePlace warehouseAddress insurance
commingled issueDay
"""
_CASES = """
card hash modelVersion partyId purpose tradingSince day known unknown confidence missing features
files feature source asOf consent since until withdrawn fromLedger points bestPoints maxPoints
reason base tier limit refused validDays mainReasons changes overridden computedTier computedLimit
disagreements items version person ledger present absent document sales registration tax
platform-sales business-register tax-certificate days-paid-late disputed-share largest-buyer-share
months-of-trade yearly-sales return-share registration-months credit-note-share limit-use
sales-trend tax-standing ownership trade statements result evidence evidenceRoot root
"""
#: Names of what requests send.
_REQUESTS = """
acknowledged after agreementId alertId amountFrom amountTo block campaign contract creditNoteId
cursor date debtorPartyId delayDays deliveryId documentId dueFrom dueTo ended entryId evaluationId
event explained findingId fromBlock fromDate keyId largest lasts lenderPartyId lossSeverity lot
maxMonths minLevel minLoans minWeight near newest offerId offset overdueDays post pricesDown
proposalId q quoteRequestId role salesDown sellerPartyId sessions short sort stepProposalId toBlock
total underMyLien wait webhookId added allFinanciers anyAccount arrears bic borrowerPartyId
buildingName buildingNumber buyerPartyId capitalisedInterest claimIds consigneeName content
contractNumber counterpartyPartyId decision declaredDate deliveryDate department depositorPartyId
depositorReference discountRate district documentHash documentIds domain endDate endsAt
entrusterPartyId executionDate exporterId exporterName fees field fields file financierPartyIds
firstDate forgivenCosts forgivenInterest forgivenPenalty holderAccount instalment insurerPartyId
interestFromDate intoClaimId intoWarehouseReceiptId issuedDate issuerName lastDate legalId
lenderKind lienOfWarehouse lienholderPartyId limitsOfLiability loanIds marks max maxAgeSeconds
merchantPartyId message movements netAssets netCapital outcome participantPartyId payOuts periodFrom
periodTo postBox postCode prices primaryType proof provisions region replaces report returnTo
reverse reviewerPartyId riskAssets rolesBefore room salesFile salt sellerMay sellerMust
sharerPartyId shippedDate shipperId shipperName stepsTaken storageUntil street subDepartment
taxpayerId taxpayerName tierOneCapital toPartyId town townLocation type typedData types
undertakerPartyId url validHours validSeconds validUntilBefore valueDate nextCursor typeCode
creditNoteWaits repaidOn transaction
"""
_STATUSES = """
requested confirmed disputed defaulted settled written-off rejected withdrawn issued cancelled
defaults stated basis dismissed needs-documents proposed delivered abandoned
"""
_TERMS = """
attestedLimit tradeLimit appraisers currencies dueDayOfMonth forgivenPrincipal interestFromDay
lastDueDay restructurings shift tenor
"""
#: Codes that pages show, beside the names of events and their values.
CODES = tuple(
    dict.fromkeys(
        " ".join(
            (
                _OPERATIONS,
                _ENTRIES,
                _CLASSES,
                _CHECKS,
                _KINDS,
                _FIELDS,
                _CASES,
                _REQUESTS,
                _STATUSES,
                _TERMS,
            )
        ).split()
    )
)


def in_words(name: str) -> str:
    """A name in words of the current language; a text that is no name stays as it is."""
    words = plain(name)
    return ct(CONTEXT, words) if words else name


def path_in_words(path: str, *, first: int = 1) -> str:
    """The path of a field: `lines.0.amount` as `lines 1 · amount`.

    Args:
        first: the name of a list's place 0; 0 where numbers are ids, as in `claims.7.value`.
    """
    steps: list[str] = []
    for step in path.split("."):
        if step.isdecimal() and steps:
            steps[-1] += f" {int(step) + first}"
        else:
            steps.append(in_words(step))
    return " · ".join(steps)


KNOWN = frozenset(plain(code) for code in CODES)


def known_names() -> frozenset[str]:
    """Names that have words in another language, written with blanks."""
    return texts_of(CHINESE, CONTEXT)


def is_name(text: str) -> bool:
    """Whether a text is a name that has words."""
    return plain(text) in KNOWN and " " not in text
