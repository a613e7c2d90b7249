"""Parties, credit tiers, new risk, prices, the reserve."""

from __future__ import annotations

REGISTRY: dict[str, tuple[str, str]] = {
    # -- parties
    "AccountUnknown": (
        "{account:who} belongs to no party of the ledger",
        "let the registrar register the party",
    ),
    "AccountTaken": ("{account:who} belongs to party {partyId} already", "take another account"),
    "PartyUnknown": ("there is no party {partyId}", "look for its number in the list of parties"),
    "PartyNotValid": (
        "party {partyId} with the account {account:who} is not in good standing: it is frozen, or "
        "its registration ended at {validUntil:time}",
        "ask the registrar; a frozen party waits for the court",
    ),
    "RoleMissing": (
        "{account:who} lacks a role: {needed:roles} is needed, it has {held:roles}",
        "let the registrar give the party the role",
    ),
    "IdentityTaken": (
        "this identity number belongs to party {partyId} already",
        "use that party",
    ),
    "LedgerKeyMissing": (
        "a ledger has a key, and zero is the hash of none",
        "deploy with the hash of the ledger's key",
    ),
    "IdentityMissing": ("the identity number is missing", "give the party's legal identifier"),
    "LedgerWithoutCode": (
        "{account:who} is to be a contract of the ledger and has no code",
        "give the address of a contract",
    ),
    "ConsentInvalid": (
        "{account:who} did not consent to belong to party {partyId}",
        "let the account sign its consent",
    ),
    "ConsentRefused": (
        "{account:who} refused to belong to party {partyId}",
        "take another account",
    ),
    "LastAccount": (
        "{account:who} is the last account of party {partyId}",
        "add another account first",
    ),
    "ValidityTooSoon": (
        "the registration of party {partyId} cannot end at {validUntil:time}, "
        "the earliest is {earliest:time}",
        "give a later end",
    ),
    "RegistrationOver": (
        "the registration would have ended at {validUntil:time}, it is {timestamp:time}",
        "give a later end",
    ),
    "LedgerRoleFixed": (
        "the role of party {partyId} as a contract of the ledger cannot change",
        "leave its roles as they are",
    ),
    "LedgerNotFrozen": (
        "party {partyId} is a contract of the ledger and is never frozen",
        "name a party",
    ),
    "OwnLien": (
        "{owner:who} and {lienholder:who} are one party",
        "name a lienholder of another party",
    ),
    "ReceiverIsLedger": (
        "{account:who} is a contract of the ledger (party {partyId})",
        "name the account of a party",
    ),
    # -- new risk
    "NewRiskStopped": (
        "new risk is stopped on the ledger, for the reason with the hash {reasonHash}",
        "wait until two officials resume it (GET /v1/new-risk); repayment, collection and release "
        "go on",
    ),
    "NewRiskNotStopped": ("new risk is not stopped", "there is nothing to resume"),
    "ReasonMissing": ("the reason is missing", "give a reason"),
    "ReasonDiffers": (
        "new risk was stopped for another reason: {reasonHash}, not {given}",
        "name the reason of the stop",
    ),
    "NotOfficial": ("{account:who} is no official", "let an operator or a regulator do it"),
    "ResumptionNotProposed": ("nobody proposed to resume new risk", "propose it first"),
    "ResumptionNeedsAnother": (
        "{proposer:who} proposed to resume, another official must do it",
        "let another official resume it",
    ),
    # -- credit tiers
    "AttestationInvalid": (
        "the attestation for party {partyId} is not signed by {rater:who}",
        "let the rater sign it",
    ),
    "AttestationNotNewer": (
        "the attestation for party {partyId} is of {issuedAt:time}, "
        "there is one of {lastIssuedAt:time}",
        "attest anew",
    ),
    "AttestationNotInTime": (
        "the attestation for party {partyId} counts from {issuedAt:time} to {expiresAt:time}, "
        "it is {now_:time}",
        "attest anew",
    ),
    "TierOutOfRange": ("there is no tier {tier}", "give a tier from 1 to 5"),
    "CurrencyMissing(partyId)": (
        "the limit of party {partyId} has no currency",
        "give the limit's currency",
    ),
    "CurrencyMissing()": ("the order has no currency", "give the order's currency"),
    "RaterIsRated": (
        "{rater:who} belongs to party {partyId}, which it would rate",
        "let another rater do it",
    ),
    "NotRater": (
        "the attestation for party {partyId} is of {rater:who}, not of {caller:who}",
        "let that rater do it",
    ),
    "RaterGone": (
        "{rater:who}, who rated party {partyId}, is no rater any more",
        "let another rater attest a tier",
    ),
    "TierMissing": ("party {partyId} has no credit tier", "ask a rater for one (POST /v1/credit)"),
    "TierExpired": (
        "the tier of party {partyId} ended at {expiresAt:time}, it is {now_:time}",
        "ask a rater for a new one",
    ),
    "TierTooOld": (
        "the tier of party {partyId} is of {issuedAt:time}, "
        "the product takes none from before {oldestAllowed:time}",
        "ask a rater for a new one",
    ),
    "TierTooLow": (
        "party {partyId} has tier {tier}, the product asks for {needed}",
        "choose another product, or ask a rater for a new tier",
    ),
    "TradeTooShort": (
        "party {partyId} trades since {tradingSinceDay:day}, "
        "the product asks for {latestAllowed:day} or before",
        "choose another product",
    ),
    # -- prices
    "CurrencyUnknown": ("{token:cash} is no currency of the prices", "let the operator set it"),
    "ItemUnknown": (
        "{item} is not listed for prices in {currency:iso}",
        "let the operator list it (POST /v1/price-items)",
    ),
    "PriceOutOfRange": (
        "a price of {value} with a haircut of {haircut:percent} for {item} is out of range",
        "give a price above zero and a haircut below 100%",
    ),
    "PriceNotInTime": (
        "the price of {item} counts from {asOf:time} to {validUntil:time}, it is {now_:time}",
        "post a price that counts now",
    ),
    "PriceNotNewer": (
        "the price of {item} is of {asOf:time}, there is one of {lastAsOf:time}",
        "post a newer price",
    ),
    "NothingProposed(item,currency)": (
        "no price of {item} in {currency:iso} waits for a second appraiser",
        "look at the prices; it may be confirmed already",
    ),
    "NothingProposed(productId)": (
        "no change of product {productId} waits for a second person",
        "propose the change first",
    ),
    "ProposalDiffers(item,proposed,given)": (
        "another price of {item} was proposed",
        "look at the price that waits, and confirm that one",
    ),
    "ProposalDiffers(productId,proposed,given)": (
        "another change of product {productId} was proposed",
        "look at what was proposed, and confirm that",
    ),
    "SecondAppraiserNeeded": (
        "{proposer:who} proposed the price of {item}, another party's appraiser must confirm it",
        "let an appraiser of another party confirm it",
    ),
    "PriceMissing": ("there is no price of {item} in {currency:iso}", "let an appraiser post one"),
    "PriceTooOld": (
        "the price of {item} in {currency:iso} was good until {goodUntil:time}, it is {now_:time}",
        "let an appraiser post a new one",
    ),
    "PriceInDoubt": (
        "{proposer:who} proposed another price of {item} in {currency:iso}, which is not confirmed",
        "let a second appraiser confirm it, or the first one take it back",
    ),
    "AppraiserGone": (
        "{appraiser:who}, who priced {item} in {currency:iso}, is no appraiser any more",
        "let another appraiser post a price",
    ),
    # -- the reserve
    "NotFacilities": ("only Facilities may do this, not {caller:who}", "use the loan's endpoints"),
    "NotBound": (
        "the reserve does not know Facilities yet",
        "let the operator finish the deployment",
    ),
    "AlreadyBound": ("the reserve knows {facilities:who} already", "leave it as it is"),
    "LossUnknown": ("loan {loanId} has no loss on record", "record the loss first"),
    "LossRecordedAlready": (
        "the loss of loan {loanId} is on record already",
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
        "product {productId} has {most} sharers, the most there are",
        "end one of them first",
    ),
    "PartsExceedWhole": (
        "the parts of product {productId} sum to {sum:percent}, more than the whole",
        "give a smaller part",
    ),
    "InsuranceExists": (
        "{insurer:who} insures facility {facilityId} already",
        "wait until that insurance ends",
    ),
    "NotInsured": ("loan {loanId} is not insured", "look at the loan's loss"),
    "NotPooled": ("product {productId} has no pool", "pay into a lender's own reserve"),
    "NotInTime": (
        "it counts from {validFrom:time} to {validUntil:time}, it is {now_:time}",
        "give times around the present",
    ),
    "ReserveFull": (
        "the reserve of product {productId} in {currency:cash} is at its cap of {cap:minor}",
        "pay in less, or let the operator raise the cap",
    ),
}
