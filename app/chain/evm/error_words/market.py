"""Errors of campaigns, the market of claims and unclaimed money."""

from __future__ import annotations

MARKET: dict[str, tuple[str, str]] = {
    # -- campaigns
    "CampaignUnknown": ("there is no campaign {campaignId}", "look for its number in the list"),
    "StateForbids(campaignId,status)": (
        "campaign {campaignId} is {status:campaign}; this is not possible in its state",
        "look at the campaign (GET /v1/campaigns/{campaignId}) for what happened to it",
    ),
    "ReviewerIsCreator": (
        "the reviewer {reviewer:who} is the creator, or related to it",
        "name a reviewer that is not related",
    ),
    "BackerRelated": (
        "{backer:who} is related to {relatedTo:who}, creator or reviewer of campaign {campaignId}",
        "let a party that is not related take part",
    ),
    "BackerUnrelated": (
        "{backer:who} is not related to the creator or the reviewer of campaign {campaignId}",
        "its contribution stays; if the goal is missed, it is refunded",
    ),
    "NotCreator": (
        "the creator of campaign {campaignId} is {creator:who}, not {caller:who}",
        "let the creator do it",
    ),
    "NotReviewer": (
        "the reviewer of campaign {campaignId} is {reviewer:who}, not {caller:who}",
        "let the reviewer do it",
    ),
    "TierUnknown": ("campaign {campaignId} has no tier {tier}", "count the tiers from 0"),
    "MilestoneUnknown": (
        "campaign {campaignId} has no milestone {milestone}",
        "count the milestones from 0",
    ),
    "PlacesTaken": (
        "tier {tier} of campaign {campaignId} has only {left} places left",
        "take fewer places, or another tier",
    ),
    "NothingToRefund": (
        "campaign {campaignId} has nothing to refund to {backer:who}",
        "there is nothing to refund",
    ),
    # -- the market of claims
    "NotQuotedSeller": (
        "the offer is for {seller:who}, not for {caller:who}",
        "let that seller accept it",
    ),
    "QuoteExpired": (
        "the offer was valid until {expiresAt:time}; it is now {time:time}",
        "ask for a new offer",
    ),
    "QuoteEmpty": (
        "an offer of {price:minor} for {value:minor} is empty",
        "give value and price above zero",
    ),
    "SameParty": (
        "the buyer is the seller {party:who} itself, or related to it",
        "let a party that is not related make the offer",
    ),
    "NonceUsed(funder,nonce)": (
        "the offer of {funder:who} was already accepted or cancelled",
        "ask for a new offer",
    ),
    "FunderSignatureInvalid": (
        "the offer is not signed by {funder:who}",
        "let the funder sign the offer's typed data",
    ),
    "NotClaimHolder": (
        "the holder of claim {claimId} is {holder:who}, not {caller:who}",
        "let the holder do it",
    ),
    "NotSaleable": (
        "claim {claimId} cannot be sold: its debt is {status:receivable}",
        "sell claims on confirmed debts",
    ),
    "NotDefaulted": (
        "claim {claimId} cannot be put back: its debt is {status:receivable}",
        "wait until the debt is defaulted",
    ),
    "NoRecourse": ("claim {claimId} was bought without recourse", "collect from the debtor"),
    "NotOfAssignor": (
        "{account:who} does not belong to the assignor {assignor:who}",
        "name an account of the assignor",
    ),
    "RecourseTooLong": (
        "the chain of recourse of claim {claimId} has {max} links, which is the maximum",
        "sell it without recourse",
    ),
    # -- unclaimed money
    "NothingUnclaimed": (
        "{party:who} has no unclaimed money in {currency:cash}",
        "look at GET /v1/unclaimed",
    ),
    "UnclaimedExceeded": (
        "{party:who} has {held:minor} of unclaimed money in {currency:cash}, not {amount:minor}",
        "take at most {held:minor}",
    ),
    "NotOfParty": (
        "{account:who} and {caller:who} are not of the same party",
        "withdraw to an account of your own party",
    ),
    "TransferTookFee": (
        "{expected:minor} were paid in {currency:cash}, and {received:minor} arrived",
        "ask the issuer of the currency: it must not take a fee from a payment",
    ),
}
