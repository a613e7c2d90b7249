"""Errors of parties, credit tiers, new risk, prices and the reserve."""

from __future__ import annotations

REGISTRY: dict[str, tuple[str, str]] = {
    # -- parties
    "AccountUnknown": (
        "{account:who} belongs to no party of the ledger",
        "let the registrar register the party",
    ),
    "AccountTaken": ("{account:who} already belongs to party {partyId}", "use another account"),
    "PartyUnknown": ("there is no party {partyId}", "look for its number in the list of parties"),
    "PartyNotValid": (
        "party {partyId} with the account {account:who} is not valid: it is frozen or held, or its "
        "registration (valid until {validUntil:time}) is over",
        "ask the registrar; a party that is frozen or held has to wait for the court",
    ),
    "RoleMissing": (
        "{account:who} lacks a role: {needed:roles} is needed, it has {held:roles}",
        "let the registrar give the party the role",
    ),
    "IdentityTaken": (
        "this identity number already belongs to party {partyId}",
        "use that party",
    ),
    "LedgerKeyMissing": (
        "the hash of the ledger's key is zero",
        "deploy with the hash of the ledger's key",
    ),
    "IdentityMissing": ("the identity number is missing", "give the party's legal identifier"),
    "LedgerWithoutCode": (
        "{account:who} has no code, so it cannot be a contract of the ledger",
        "give the address of a contract",
    ),
    "ConsentInvalid": (
        "{account:who} did not consent to belong to party {partyId}",
        "let the account sign its consent",
    ),
    "ConsentRefused": (
        "{account:who} refused to belong to party {partyId}",
        "use another account",
    ),
    "LastAccount": (
        "{account:who} is the last account of party {partyId}",
        "add another account first",
    ),
    "ValidityTooSoon": (
        "the registration of party {partyId} cannot end at {validUntil:time}; "
        "the earliest end is {earliest:time}",
        "give a later end",
    ),
    "RegistrationOver": (
        "the registration would end at {validUntil:time}, and it is now {timestamp:time}",
        "give a later end",
    ),
    "LedgerRoleFixed": (
        "party {partyId} is a contract of the ledger; its role cannot change",
        "leave its roles as they are",
    ),
    "LedgerNotFrozen": (
        "party {partyId} is a contract of the ledger and cannot be frozen",
        "name a party",
    ),
    "OwnLien": (
        "{owner:who} and {lienholder:who} are one party, or under one control",
        "name a lienholder that is not related to the owner",
    ),
    "ReceiverIsLedger": (
        "{account:who} is a contract of the ledger (party {partyId})",
        "name the account of a party",
    ),
    # -- new risk
    "NewRiskStopped": (
        "new risk is stopped on the ledger, for the reason with the hash {reasonHash}",
        "wait until two officials resume it (GET /v1/new-risk); repayment, collection and release "
        "continue",
    ),
    "NewRiskNotStopped": ("new risk is not stopped", "there is nothing to resume"),
    "ReasonMissing": ("the reason is missing", "give a reason"),
    "ReasonDiffers": (
        "new risk was stopped for the reason {reasonHash}, not for {provided}",
        "give the reason of the stop",
    ),
    "NotOfficial": ("{account:who} is not an official", "let an operator or a regulator do it"),
    "ResumptionNotProposed": ("nobody proposed to resume new risk", "propose it first"),
    "ResumptionNeedsAnother": (
        "{proposer:who} proposed to resume; another official must do it",
        "let another official resume it",
    ),
    # -- credit tiers
    "AttestationInvalid": (
        "the attestation for party {partyId} is not signed by {rater:who}",
        "let the rater sign it",
    ),
    "AttestationNotNewer": (
        "the attestation for party {partyId} is from {issuedAt:time}; "
        "the ledger already has one from {lastIssuedAt:time}",
        "let the rater attest again, with the present time",
    ),
    "AttestationNotInTime": (
        "the attestation for party {partyId} is valid from {issuedAt:time} to {expiresAt:time}; "
        "it is now {timestamp:time}",
        "let the rater attest again, for a period that includes the present",
    ),
    "TierOutOfRange": ("there is no tier {tier}", "give a tier from 1 to 5"),
    "CurrencyMissing(partyId)": (
        "the limit of party {partyId} has no currency",
        "give the limit's currency",
    ),
    "CurrencyMissing()": ("the order has no currency", "give the order's currency"),
    "RaterIsRated": (
        "{rater:who} belongs to party {partyId} and cannot rate it",
        "let another rater do it",
    ),
    "NotRater": (
        "the attestation for party {partyId} is by {rater:who}, not by {caller:who}",
        "let that rater do it",
    ),
    "RaterGone": (
        "{rater:who}, who rated party {partyId}, is no longer a rater",
        "let another rater attest a tier",
    ),
    "TierMissing": ("party {partyId} has no credit tier", "ask a rater for one (POST /v1/credit)"),
    "TierExpired": (
        "the tier of party {partyId} expired at {expiresAt:time}; it is now {timestamp:time}",
        "ask a rater for a new one",
    ),
    "TierTooOld": (
        "the tier of party {partyId} is from {issuedAt:time}; "
        "the product accepts none from before {oldestAllowed:time}",
        "ask a rater for a new one",
    ),
    "TierTooLow": (
        "party {partyId} has tier {tier}; the product needs tier {needed} or a better one "
        "(1 is the best)",
        "choose another product, or ask a rater for a new tier",
    ),
    "TradeTooShort": (
        "party {partyId} has traded since {tradingSinceDay:day}; "
        "the product needs a party that has traded since {latestAllowed:day} or longer",
        "choose another product",
    ),
    # -- prices
    "CurrencyUnknown": (
        "there are no prices in the currency {token:cash}",
        "let the operator set it up",
    ),
    "ItemUnknown": (
        "{item} is not listed for prices in {currency:iso}",
        "let the operator list it (POST /v1/price-items)",
    ),
    "PriceOutOfRange": (
        "a price of {value} with a haircut of {haircut:percent} for {item} is out of range",
        "give a price above zero and a haircut below 100%",
    ),
    "PriceNotInTime": (
        "the price of {item} is valid from {asOf:time} to {validUntil:time}; "
        "it is now {timestamp:time}",
        "post a price that is valid now",
    ),
    "PriceNotNewer": (
        "the price of {item} is from {asOf:time}; the ledger already has one from {lastAsOf:time}",
        "post a newer price",
    ),
    "NothingProposed(item,currency)": (
        "no price of {item} in {currency:iso} waits for a second appraiser",
        "look at the prices; it may already be confirmed",
    ),
    "NothingProposed(productId)": (
        "no change of product {productId} waits for a second person",
        "propose the change first",
    ),
    "ProposalDiffers(item,proposed,provided)": (
        "another price of {item} was proposed",
        "look at the proposed price, and confirm that one",
    ),
    "ProposalDiffers(productId,proposed,provided)": (
        "another change of product {productId} was proposed",
        "look at the proposed change, and confirm that one",
    ),
    "SecondAppraiserNeeded(item,proposer)": (
        "{proposer:who} proposed the price of {item}; another party's appraiser must confirm it",
        "let an appraiser of another party confirm it",
    ),
    "PriceMissing": ("there is no price of {item} in {currency:iso}", "let an appraiser post one"),
    "PriceTooOld": (
        "the price of {item} in {currency:iso} was valid until {goodUntil:time}; "
        "it is now {timestamp:time}",
        "let an appraiser post a new one",
    ),
    "PriceInDoubt": (
        "{proposer:who} proposed another price of {item} in {currency:iso}, which is not confirmed",
        "let a second appraiser confirm it, or the first one withdraw it",
    ),
    "AppraiserGone": (
        "{appraiser:who}, who priced {item} in {currency:iso}, is no longer an appraiser",
        "let another appraiser post a price",
    ),
    # -- reference rates
    "ReferenceUnknown": (
        "there is no reference rate {code:code}",
        "let the operator list it (POST /v1/reference-rates)",
    ),
    "RateOutOfRange": (
        "{term:name} is {value:term}; it must be from {min:term} to {max:term}",
        "give {term:name} within its bounds; a period begins on the day after the last one, and "
        "not after today",
    ),
    "RateSteps": (
        "{code:code} of {next:percent} is too far from {last:percent}, the rate before it; the "
        "bound is {maxStep:percent}",
        "check the rate; if it is right, two operators raise the bound",
    ),
    "RateMissing": (
        "the rate of {code:code} on {day:day} is late: no two appraisers have posted it yet",
        "let two appraisers post it (POST /v1/reference-rates/{code:code}/rates); a repayment does "
        "not wait for it",
    ),
    "RateNotIndependent": (
        "only {independent} appraisers without a part in the loan stand behind the rate of "
        "{code:code} on {day:day}; two are needed",
        "let another appraiser confirm the rate",
    ),
    "NoRateProposed": (
        "no rate of {code:code} waits for a second appraiser",
        "look at the rates; it may already be confirmed",
    ),
    "RateProposalDiffers": (
        "another rate of {code:code} was proposed",
        "look at the proposed rate, and confirm that one",
    ),
    "SecondAppraiserNeeded(code,appraiser)": (
        "{appraiser:who} stands behind this rate of {code:code}; an appraiser of another party "
        "must confirm it",
        "let an appraiser of another party confirm it",
    ),
    "RateProposerGone": (
        "{proposer:who}, who proposed this rate of {code:code}, is no longer an appraiser",
        "let another appraiser propose it",
    ),
    # -- the reserve
    "NotFacilities": ("only Facilities may do this, not {caller:who}", "use the loan's endpoints"),
    "NotBound": (
        "the reserve does not know Facilities yet",
        "let the operator finish the deployment",
    ),
    "AlreadyBound": ("the reserve already knows {facilities:who}", "leave it as it is"),
    "LossUnknown": ("loan {loanId} has no loss on record", "record the loss first"),
    "LossRecordedAlready": (
        "the loss of loan {loanId} is already on record",
        "look at the loan's loss",
    ),
    "ShareUnknown": (
        "loan {loanId} has no share of its loss at place {place}",
        "look at the loan's loss for the places",
    ),
    "SharingUnknown": (
        "product {productId} has no sharing at place {place}",
        "look at the product's reserve for the places",
    ),
    "SharersFull": (
        "product {productId} has {max} sharers, which is the maximum",
        "end one of them first",
    ),
    "PartsExceedWhole": (
        "the sharers of product {productId} would bear {sum:percent} of a loss, more than all",
        "give a smaller part",
    ),
    "InsuranceExists": (
        "{insurer:who} already insures facility {facilityId}",
        "wait until that insurance ends",
    ),
    "InsuranceOfBoughtLoans": (
        "facility {facilityId} was opened by a sale, and its loans were drawn on another one",
        "insure the facility on which they were drawn, before they are drawn",
    ),
    "NotInsured": ("loan {loanId} is not insured", "look at the loan's loss"),
    "NotPooled": ("product {productId} has no pool", "pay into a lender's own reserve"),
    "NotInTime": (
        "the agreement is over, or ends before it begins: it is valid from {validFrom:time} to "
        "{validUntil:time}, and it is now {timestamp:time}",
        "propose an agreement with a later end",
    ),
    "ReserveFull": (
        "the reserve of product {productId} in {currency:cash} is at its cap of {cap:minor}",
        "pay in less, or let the operator raise the cap",
    ),
}
