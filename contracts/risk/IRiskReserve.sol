// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId, LoanId, ProductId} from "../types/Ids.sol";

/// @title What the reserve asks of the contract whose loans it protects (Facilities).
/// @notice The reserve knows one such contract, for ever.
interface IReserveClient {
    /// @notice The number of loans that were drawn, which is the number of the last one.
    /// @return The number.
    function loanCount() external view returns (uint256);

    /// @notice The day of a time, in the ledger's zone.
    /// @param timestamp UTC seconds.
    /// @return The day number.
    function dayOf(uint256 timestamp) external view returns (uint256);

    /// @notice Whether a product in force has one reserve for all its lenders.
    /// @param productId The product.
    /// @return True if it has.
    function isReservePooled(ProductId productId) external view returns (bool);

    /// @notice Whether a facility was opened by a sale, for loans that were drawn on another one.
    /// @param facilityId The facility.
    /// @return True if it was.
    function isOpenedBySale(FacilityId facilityId) external view returns (bool);

    /// @notice Whether participants have a share of what a loan's lender gets.
    /// @param loanId The loan.
    /// @return True if they have.
    function isShared(LoanId loanId) external view returns (bool);

    /// @notice Tells that money for the loss of a shared loan came in: its participants get their part, its lender the
    /// rest.
    /// @dev Only the reserve, which sent the money before.
    /// Reverts with {ILoanParticipations.NotReserve} if the caller is another.
    /// @param loanId The loan.
    /// @param amount Minor units of the loan's currency.
    function onLossPaid(LoanId loanId, uint256 amount) external;
}

/// @title Money set aside for losses, and who bears which part of a loss: reserve, sharers, insurer, lender, in this
/// order.
/// @notice What is recovered later goes back in the reverse order: lender, insurer, sharers by their parts, reserve.
/// The reserve that each lender fed is separate and bears losses of that lender only. A pool bears losses of all
/// lenders of a product whose terms say so, since each of them signed these terms.
/// @dev Every amount is in minor units of its currency.
/// @dev Source: decision 21.
interface IRiskReserve {
    /// @notice A sharer bears `part` of each loss of a product that the reserve left, up to `cap` in total, if the loan
    /// was drawn after it signed. EIP-712 `SharingTerms` over exactly these fields, in the domain "Cession
    /// RiskReserve", version 1.
    /// @param productId The product.
    /// @param sharer The account of the sharer.
    /// @param currency Token contract of the currency of the losses.
    /// @param part Parts per million; all sharers of a product together at most 1,000,000.
    /// @param cap Minor units.
    /// @param validFrom Beginning (UTC seconds): loans drawn from its day on.
    /// @param validUntil End (UTC seconds, exclusive): losses recorded until then.
    /// @param legalTextHash Hash of the legal text.
    /// @param deadline Until when the operator may use the signature (UTC seconds, exclusive).
    /// @param nonce A number that makes equal terms differ.
    struct SharingTerms {
        uint256 productId;
        address sharer;
        address currency;
        uint24 part;
        uint64 cap;
        uint40 validFrom;
        uint40 validUntil;
        bytes32 legalTextHash;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice An insurer bears losses of one facility up to `insuredAmount`, with no deductible. EIP-712
    /// `InsuranceTerms` likewise.
    /// @param facilityId The facility.
    /// @param insurer The account that insures.
    /// @param insured The lender.
    /// @param currency Token contract of the currency of the losses.
    /// @param insuredAmount Minor units.
    /// @param validFrom Beginning (UTC seconds): loans drawn from its day on.
    /// @param validUntil End (UTC seconds, exclusive): losses recorded until then.
    /// @param legalTextHash Hash of the legal text.
    /// @param deadline Until when the signatures may be used (UTC seconds, exclusive).
    /// @param nonce A number that makes equal terms differ.
    struct InsuranceTerms {
        uint256 facilityId;
        address insurer;
        address insured;
        address currency;
        uint64 insuredAmount;
        uint40 validFrom;
        uint40 validUntil;
        bytes32 legalTextHash;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice A sharing agreement as the ledger has it.
    /// @param sharer The account of the sharer.
    /// @param part Parts per million of what the reserve left.
    /// @param validUntil End (UTC seconds, exclusive).
    /// @param fromDay Day number from which on loans count.
    /// @param currency The currency's token contract.
    /// @param left Minor units that are left of its cap.
    /// @param afterLoan Only loans with a higher number count.
    /// @param termsHash What its sharer signed.
    struct SharingState {
        address sharer;
        uint24 part;
        uint40 validUntil;
        uint24 fromDay;
        address currency;
        uint64 left;
        uint256 afterLoan;
        bytes32 termsHash;
    }

    /// @notice The loss as Facilities reports it.
    /// @param loanId The loan.
    /// @param facilityId The facility.
    /// @param productId The product.
    /// @param currency The currency's token contract.
    /// @param lender The account whose money is lent.
    /// @param administrator Who lends in its own name; the lender, where nothing is entrusted. If a participant is
    /// related to the borrower: that participant.
    /// @param borrower The borrower.
    /// @param loss Principal that is outstanding, in minor units.
    /// @param drawnDay Day number of the draw.
    /// @param pooled Whether the pool bears it too, by the version of the product under which the facility was agreed.
    /// @param insured Who insured the facility's losses: the lender, or of a loan that was sold the one who lent it.
    /// @param own Minor units of the loss that nobody but the lender bears; less than the loss.
    struct LossReport {
        LoanId loanId;
        FacilityId facilityId;
        ProductId productId;
        address currency;
        address lender;
        address administrator;
        address borrower;
        uint64 loss;
        uint24 drawnDay;
        bool pooled;
        address insured;
        uint64 own;
    }

    /// @notice What became of a loss, in minor units. loss = fromReserve + fromSharers + fromInsurer + borne, always.
    /// @param loss The loss.
    /// @param fromReserve The lender's own, then the pool.
    /// @param fromSharers Paid by sharers.
    /// @param fromInsurer Paid by the insurer.
    /// @param borne By the lender: the part that no other source absorbed.
    /// @param recovered Of the loss, paid since by the borrower or from the loan's collateral.
    /// @param outlay What others than the lender got by recoveries that were reversed since. They keep it; what is
    /// recovered next, once the lender has back what it bore, is the lender's up to it.
    struct Loss {
        uint64 loss;
        uint64 fromReserve;
        uint64 fromSharers;
        uint64 fromInsurer;
        uint64 borne;
        uint64 recovered;
        uint64 outlay;
    }

    /// @notice The contract whose loans the reserve protects is known.
    /// @param facilities The Facilities contract.
    event FacilitiesBound(address indexed facilities);

    /// @notice The cap of a product's reserve is set.
    /// @param productId The product.
    /// @param currency The currency's token contract.
    /// @param cap Minor units that the reserve may hold.
    event ReserveCapSet(ProductId indexed productId, address indexed currency, uint64 cap);

    /// @notice What was set aside for a loan followed the loan to its new lender.
    /// @param productId The product.
    /// @param from The lender that fed it.
    /// @param to The lender whose losses it is for from now on.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    event ReserveFollowed(
        ProductId indexed productId, address indexed from, address indexed to, address currency, uint64 amount
    );

    /// @notice A reserve received money.
    /// @param productId The product.
    /// @param lender Whose losses it is for; zero: the pool.
    /// @param from Whose money it was.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    /// @param balance Minor units of that reserve afterwards.
    event ReserveFed(
        ProductId indexed productId,
        address indexed lender,
        address indexed from,
        address currency,
        uint64 amount,
        uint64 balance
    );

    /// @notice A sharer bears losses of a product.
    /// @param productId The product.
    /// @param sharer The account of the sharer.
    /// @param place Place of the sharing in the product's list.
    /// @param part Parts per million of what the reserve leaves.
    /// @param cap Minor units that it bears at most.
    event SharingAgreed(ProductId indexed productId, address indexed sharer, uint256 place, uint24 part, uint64 cap);

    /// @notice A sharing ended before its time.
    /// @param productId The product.
    /// @param sharer The account of the sharer.
    /// @param place Place of the sharing in the product's list.
    event SharingEnded(ProductId indexed productId, address indexed sharer, uint256 place);

    /// @notice An insurer bears losses of a facility.
    /// @param facilityId The facility.
    /// @param insurer The account of the insurer.
    /// @param insured The lender.
    /// @param insuredAmount Minor units that it bears at most.
    event InsuranceAgreed(
        FacilityId indexed facilityId, address indexed insurer, address indexed insured, uint64 insuredAmount
    );

    /// @notice A loss was recorded.
    /// @param loanId The loan.
    /// @param productId The product.
    /// @param lender The lender.
    /// @param loss Minor units of the loss.
    event LossRecorded(LoanId indexed loanId, ProductId indexed productId, address indexed lender, uint64 loss);

    /// @notice The lender, the administrator of its loan, or a participant in it is related to the borrower: the lender
    /// bears the whole loss, with its participants.
    /// @param loanId The loan.
    /// @param lender The lender.
    /// @param borrower The borrower.
    event LossOfRelated(LoanId indexed loanId, address indexed lender, address indexed borrower);

    /// @notice Nobody but the lender bears this part of a loss: its own word brought it back, it was
    /// interest, or a debt of its own group that was not paid.
    /// @param loanId The loan.
    /// @param lender The lender.
    /// @param amount Minor units of the currency.
    event LossLeftToLender(LoanId indexed loanId, address indexed lender, uint64 amount);

    /// @notice Somebody else than the lender bore a part of a loss.
    /// @param loanId The loan.
    /// @param by The account that paid; this contract for the reserve and the pool.
    /// @param source Who paid or gets it: "reserve", "pool", "sharer", "insurer", "lender".
    /// @param amount Minor units of the currency.
    event LossAbsorbed(LoanId indexed loanId, address indexed by, bytes32 indexed source, uint64 amount);

    /// @notice A sharer could not pay its part and owes it.
    /// @param loanId The loan.
    /// @param sharer The account of the sharer.
    /// @param amount Minor units that it owes.
    event SharerDidNotPay(LoanId indexed loanId, address indexed sharer, uint64 amount);

    /// @notice The sharer is related to the lender or to the borrower, and bears nothing of this loss.
    /// @param loanId The loan.
    /// @param sharer The account of the sharer.
    event SharerExcluded(LoanId indexed loanId, address indexed sharer);

    /// @notice The insurer is to pay a part of a loss.
    /// @param loanId The loan.
    /// @param insurer The account of the insurer.
    /// @param amount Minor units of the currency.
    event InsuranceClaimed(LoanId indexed loanId, address indexed insurer, uint64 amount);

    /// @notice Recovered money went back to somebody who bore the loss.
    /// @param loanId The loan.
    /// @param to The account that receives; this contract for the reserve and the pool.
    /// @param source Who paid or gets it: "reserve", "pool", "sharer", "insurer", "lender"; "outlay": the lender, for
    /// what others keep of recoveries that were reversed.
    /// @param amount Minor units of the currency.
    event LossRecovered(LoanId indexed loanId, address indexed to, bytes32 indexed source, uint64 amount);

    /// @notice Recovered money went back to who had paid it. Nobody who got some of it gives it back.
    /// @param loanId The loan.
    /// @param lender The lender.
    /// @param amount Minor units that count as recovered no more.
    /// @param outlay Of these, what others than the lender keep: its outlay, which later recoveries pay back.
    event RecoveryReversed(LoanId indexed loanId, address indexed lender, uint64 amount, uint64 outlay);

    /// @notice A court moved a party's unclaimed money.
    /// @param from An account of the party.
    /// @param to The account that receives.
    /// @param orderHash Hash of the court's order.
    /// @param currency The currency's token contract.
    /// @param amount Minor units of the currency.
    event ForcedWithdrawal(
        address indexed from, address indexed to, bytes32 indexed orderHash, address currency, uint256 amount
    );

    /// @notice Only Facilities may do this.
    /// @param caller The sender of the call.
    error NotFacilities(address caller);

    /// @notice Facilities is not known yet.
    error NotBound();

    /// @notice Facilities is known, for ever.
    /// @param facilities The Facilities contract.
    error AlreadyBound(address facilities);

    /// @notice No loss of the loan was recorded.
    /// @param loanId The loan.
    error LossUnknown(LoanId loanId);

    /// @notice The two are one party, or under one control.
    /// @param first One account.
    /// @param second The other account.
    error SamePartyBothSides(address first, address second);

    /// @notice No sharer has this place in the loss.
    /// @param loanId The loan.
    /// @param place Place in the loss's list of sharers.
    error ShareUnknown(LoanId loanId, uint256 place);

    /// @notice No sharing has this place in the product's list.
    /// @param productId The product.
    /// @param place Place of the sharing in the product's list.
    error SharingUnknown(ProductId productId, uint256 place);

    /// @notice A loss of the loan was recorded.
    /// @param loanId The loan.
    error LossRecordedAlready(LoanId loanId);

    /// @notice The signature is not the signer's.
    /// @param signer The account whose signature it is.
    /// @param digest The EIP-712 digest that was signed.
    error SignatureInvalid(address signer, bytes32 digest);

    /// @notice The AccessManager is no person. Call the function yourself.
    /// @param caller The sender of the call.
    error SecondPersonNeeded(address caller);

    /// @notice These terms were agreed before. Sign others, with another nonce.
    /// @param termsHash EIP-712 digest of the terms that were signed.
    error TermsUsed(bytes32 termsHash);

    /// @notice The part is 0, or the parts of all sharers exceed 1,000,000.
    /// @param productId The product.
    /// @param sum Parts per million that all sharers would bear.
    error PartsExceedWhole(ProductId productId, uint256 sum);

    /// @notice The product has as many sharers as it may have.
    /// @param productId The product.
    /// @param max The number of sharers that it may have.
    error SharersFull(ProductId productId, uint256 max);

    /// @notice An insurance of this facility is in force for the same insured.
    /// @param facilityId The facility.
    /// @param insurer The account of the insurer.
    error InsuranceExists(FacilityId facilityId, address insurer);

    /// @notice The facility was opened by a sale: its loans were drawn on another one, whose insurance goes on covering
    /// them. An insurance of this one would never pay, because it covers only loans that are drawn after it.
    /// @param facilityId The facility.
    error InsuranceOfBoughtLoans(FacilityId facilityId);

    /// @notice No insurer bears a part of this loss.
    /// @param loanId The loan.
    error NotInsured(LoanId loanId);

    /// @notice The product in force has no pool.
    /// @param productId The product.
    error NotPooled(ProductId productId);

    /// @notice The amount, or another number, is out of range.
    /// @param value The value that was given.
    /// @param min The smallest value allowed.
    /// @param max The largest value allowed.
    error AmountOutOfRange(uint256 value, uint256 min, uint256 max);

    /// @notice The agreement is over, or ends before it begins.
    /// @param validFrom Beginning (UTC seconds).
    /// @param validUntil End (UTC seconds, exclusive).
    /// @param timestamp The time of the block (UTC seconds).
    error NotInTime(uint40 validFrom, uint40 validUntil, uint256 timestamp);

    /// @notice The reserve would exceed its cap.
    /// @param productId The product.
    /// @param currency The currency's token contract.
    /// @param cap Minor units that the reserve may hold.
    error ReserveFull(ProductId productId, address currency, uint64 cap);

    // ------------------------------------------------------------------ by Facilities alone
    // Closing this contract in the AccessManager does not stop these: no pause ever stops a repayment.

    /// @notice Names Facilities, once and for ever. Before this nothing moves.
    /// @dev Only the administrator of the AccessManager calls it, unless it grants another role.
    /// Reverts with {AccessManagedUnauthorized} if the caller may not.
    /// Reverts with {AlreadyBound} if it is named.
    /// @param facilities The Facilities contract.
    function bind(address facilities) external;

    /// @notice The contract whose loans the reserve protects.
    /// @return Facilities; zero until it is named.
    function facilities() external view returns (address);

    /// @notice Takes money into the reserve of a lender, or into the pool.
    /// @dev Only Facilities calls it. The payer has approved this contract on the currency. Closing this contract in
    /// the AccessManager does not stop it: no pause ever stops a repayment.
    /// Reverts with {NotFacilities} if the caller is not Facilities.
    /// Reverts with {AmountOutOfRange} if the amount is 0.
    /// Reverts with {ReserveFull} if the reserve would exceed its cap.
    /// Reverts with {AccountUnknown} if the payer is of no party.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with {ReentrancyGuardReentrantCall} if another such call runs.
    /// @param productId The product.
    /// @param currency The currency's token contract.
    /// @param from Whose money it is, and whose losses it is for.
    /// @param amount Minor units of the currency.
    /// @param pooled True: into the pool.
    function feed(ProductId productId, address currency, address from, uint64 amount, bool pooled) external;

    /// @notice What a lender set aside for a loan follows the loan to the lender that bought it.
    /// @dev Only Facilities calls it. Moves what there is, if it is less, and nothing within a party. No money moves.
    /// Reverts with {NotFacilities} if the caller is not Facilities.
    /// Reverts with {AccountUnknown} if one of the two is of no party.
    /// @param productId The product.
    /// @param currency The currency's token contract.
    /// @param from The lender that fed it.
    /// @param to The lender whose losses it is for from now on.
    /// @param amount Minor units of the currency.
    /// @return moved Minor units that follow.
    function follow(ProductId productId, address currency, address from, address to, uint64 amount)
        external
        returns (uint64 moved);

    /// @notice Records a loss; its amount is final. The lender is paid from its own reserve, then (if pooled) from the
    /// pool, then by each sharer in turn with its part of what these left, up to its cap. A sharer that cannot pay now
    /// owes it, without interest ({paySharer}). Then the insurer's claim is opened.
    /// @dev Only Facilities calls it. Nobody who is paid or must pay can stop it. A lender that is related to the
    /// borrower, or whose administrator or a participant is, bears the whole loss. A sharer or an insurer that is related to the lender
    /// or the borrower, or signed after the draw, bears nothing.
    /// Reverts with {NotFacilities} if the caller is not Facilities.
    /// Reverts with {LossRecordedAlready} if the loan's loss was recorded.
    /// Reverts with {AmountOutOfRange} if there is no loss.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with {AccountUnknown} if the lender is of no party.
    /// Reverts with {ReentrancyGuardReentrantCall} if another such call runs.
    /// @param report The loss.
    /// @return absorbed Minor units that were absorbed at once.
    function recordLoss(LossReport calldata report) external returns (uint64 absorbed);

    /// @notice Distributes recovered money: to the lender up to what it bore, then for its outlay, then back to insurer,
    /// sharers, pool, and the lender's reserve.
    /// @dev Only Facilities calls it. It has transferred the money here already.
    /// Reverts with {NotFacilities} if the caller is not Facilities.
    /// Reverts with {LossUnknown} if no loss of the loan was recorded.
    /// Reverts with {AmountOutOfRange} if the amount is 0, or more than is not recovered yet.
    /// Reverts with {ReentrancyGuardReentrantCall} if another such call runs.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    function recover(LoanId loanId, uint64 amount) external;

    /// @notice Takes back what the lender recorded as recovered, and what went back to who had paid it. No money moves:
    /// the others keep what they got by it, and the lender gets as much first of what is recovered next.
    /// @dev Only Facilities calls it.
    /// Reverts with {NotFacilities} if the caller is not Facilities.
    /// Reverts with {LossUnknown} if no loss of the loan was recorded.
    /// Reverts with {AmountOutOfRange} if the amount is 0, or more than was recovered.
    /// Reverts with {ReentrancyGuardReentrantCall} if another such call runs.
    /// @dev Source: decision 50.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    /// @return outlay What others than the lender keep of it, in minor units.
    function reverseRecovery(LoanId loanId, uint64 amount) external returns (uint64 outlay);

    // ------------------------------------------------------------------ everyone

    /// @notice Sets the maximum to which draws and top-ups bring a product's reserve: all lenders' and the pool
    /// together.
    /// @dev Role: operator. A reserve above a new cap stays.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {AmountOutOfRange} if the cap is above 2^60 - 1.
    /// @param productId The product.
    /// @param currency The currency's token contract.
    /// @param cap Minor units that the reserve may hold.
    function setCap(ProductId productId, address currency, uint64 cap) external;

    /// @notice Adds to a reserve from the caller's own money. The money does not come back.
    /// @dev A valid account calls it, and has approved this contract on the currency.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if the caller or the lender is not valid.
    /// Reverts with {NotPooled} if no lender is named and the product in force has no pool.
    /// Reverts with {NotBound} if no lender is named and Facilities is not known yet.
    /// Reverts with {AmountOutOfRange} if the amount is 0.
    /// Reverts with {ReserveFull} if the reserve would exceed its cap.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with {ReentrancyGuardReentrantCall} if another such call runs.
    /// @param productId The product.
    /// @param currency The currency's token contract.
    /// @param lender Whose losses it is for; zero: the pool.
    /// @param amount Minor units of the currency.
    function topUp(ProductId productId, address currency, address lender, uint64 amount) external;

    /// @notice Agrees a sharing. It replaces a sharing that has run out, or else is a new one.
    /// @dev Role: operator. The sharer has signed the terms (EIP-712).
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {NotBound} if Facilities is not known yet.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if the sharer is not valid.
    /// Reverts with {NotInTime} if it is over, or ends before it begins.
    /// Reverts with {AmountOutOfRange} if the cap is 0 or above 2^60 - 1.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {SignatureCancelled} if the sharer took the signature back.
    /// Reverts with {SignatureInvalid} if the signature is not the sharer's.
    /// Reverts with {TermsUsed} if the terms were agreed before.
    /// Reverts with {PartsExceedWhole} if the part is 0, or all parts exceed 1,000,000.
    /// Reverts with {SharersFull} if the product has eight sharers.
    /// @param terms The terms.
    /// @param sharerSignature Signature of the sharer (ECDSA or ERC-1271).
    function agreeSharing(SharingTerms calldata terms, bytes calldata sharerSignature) external;

    /// @notice Ends a sharing before its time. Losses recorded before are still owed.
    /// @dev Role: operator. The sharer has signed `SharingEnd(bytes32 termsHash,uint40 deadline)` (EIP-712). The
    /// operator is not related to the sharer.
    /// Reverts with {AccessManagedUnauthorized} if the caller does not hold the role.
    /// Reverts with {SecondPersonNeeded} if the caller is the AccessManager.
    /// Reverts with {SharingUnknown} if there is no such sharing.
    /// Reverts with {NotInTime} if it has run out.
    /// Reverts with {SamePartyBothSides} if operator and sharer are one party, or under one control.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {SignatureCancelled} if the sharer took the signature back.
    /// Reverts with {SignatureInvalid} if the signature is not the sharer's.
    /// @param productId The product.
    /// @param place Place of the sharing in the product's list.
    /// @param deadline Until when the signature may be used (UTC seconds, exclusive).
    /// @param sharerSignature Signature of the sharer (ECDSA or ERC-1271).
    function endSharing(ProductId productId, uint256 place, uint40 deadline, bytes calldata sharerSignature) external;

    /// @notice Agrees an insurance. One is in force at a time for each insured of a facility.
    /// @dev Anyone may send it, with both signatures (EIP-712).
    /// Reverts with {NotBound} if Facilities is not known yet.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} if one of the two is not valid.
    /// Reverts with {SamePartyBothSides} if they are one party, or under one control.
    /// Reverts with {NotInTime} if it is over, or ends before it begins.
    /// Reverts with {AmountOutOfRange} if the insured amount is 0 or above 2^60 - 1, or the facility's number is 0 or
    /// above 2^40 - 1.
    /// Reverts with {InsuranceOfBoughtLoans} if the facility was opened by a sale.
    /// Reverts with {InsuranceExists} if one is in force.
    /// Reverts with {SignatureExpired} from the deadline on.
    /// Reverts with {SignatureCancelled} if a signer took its signature back.
    /// Reverts with {SignatureInvalid} if a signature is not its signer's.
    /// @dev Warning: nobody checks here that the facility exists, nor that the insured is its lender. An insurance for
    /// another account bears nothing.
    /// @param terms The terms.
    /// @param insurerSignature Signature of the insurer (ECDSA or ERC-1271).
    /// @param insuredSignature Signature of the insured (ECDSA or ERC-1271).
    function agreeInsurance(
        InsuranceTerms calldata terms,
        bytes calldata insurerSignature,
        bytes calldata insuredSignature
    ) external;

    /// @notice Takes the sender's own signature back. What was agreed with it stands.
    /// @dev Reverts with {SignatureCancelled} if it was taken back before.
    /// @param digest The EIP-712 digest that was signed.
    function cancelSignature(bytes32 digest) external;

    /// @notice Pays what a sharer owes of a loss, to the lender.
    /// @dev The sharer calls it, or anyone for it, except the lender. The payer has approved this contract on the
    /// currency.
    /// Reverts with {LossUnknown} if no loss of the loan was recorded.
    /// Reverts with {ShareUnknown} if no sharer has this place in the loss.
    /// Reverts with {AmountOutOfRange} if the amount is 0, or more than is open.
    /// Reverts with {SamePartyBothSides} if the caller is the lender.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with {ReentrancyGuardReentrantCall} if another such call runs.
    /// @param loanId The loan.
    /// @param place Place in the loss's list of sharers.
    /// @param amount Minor units of the currency.
    function paySharer(LoanId loanId, uint256 place, uint64 amount) external;

    /// @notice Pays a claimed loss, to the lender.
    /// @dev The insurer calls it, or anyone for it, except the lender. The payer has approved this contract on the
    /// currency.
    /// Reverts with {LossUnknown} if no loss of the loan was recorded.
    /// Reverts with {NotInsured} if no insurer bears a part of it.
    /// Reverts with {AmountOutOfRange} if the amount is 0, or more than is open.
    /// Reverts with {SamePartyBothSides} if the caller is the lender.
    /// Reverts with {TransferTookFee} if the currency takes a fee.
    /// Reverts with {ReentrancyGuardReentrantCall} if another such call runs.
    /// @param loanId The loan.
    /// @param amount Minor units of the currency.
    function payInsurance(LoanId loanId, uint64 amount) external;

    /// @notice Sends the unclaimed money of a party to one of its accounts.
    /// @dev A valid account of the same party calls it.
    /// Reverts with {NotOfParty} if caller and receiver are of two parties.
    /// Reverts with {PartyNotValid} if one of them is not valid.
    /// Reverts with {NothingUnclaimed} if there is none.
    /// Reverts with {ReentrancyGuardReentrantCall} if another such call runs.
    /// @param to The account that receives.
    /// @param currency The currency's token contract.
    function withdrawUnclaimed(address to, address currency) external;

    /// @notice Moves a part of a party's unclaimed money to another party, by order of a court.
    /// @dev Only the court of the registry calls it.
    /// Reverts with {NotCourt} if the caller is not the court.
    /// Reverts with {PartyNotValid} if the receiver is not valid.
    /// Reverts with {ReceiverIsLedger} if the receiver is a contract of the ledger.
    /// Reverts with {ReentrancyGuardReentrantCall} if another such call runs.
    /// Reverts with {UnclaimedExceeded} if the party has less.
    /// @param from An account of the party whose money it is.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;

    // ------------------------------------------------------------------ views

    /// @notice How much of a draw's share the reserve still takes.
    /// @param productId The product.
    /// @param currency The currency's token contract.
    /// @return Minor units; 0 at its cap.
    function room(ProductId productId, address currency) external view returns (uint64);

    /// @notice What is set aside for losses of one lender's party, or in the pool.
    /// @dev Reverts with {AccountUnknown} if the lender is of no party.
    /// @param productId The product.
    /// @param currency The currency's token contract.
    /// @param lender An account of the lender; zero: the pool.
    /// @return Minor units.
    function balanceOf(ProductId productId, address currency, address lender) external view returns (uint64);

    /// @notice What is set aside for all lenders and in the pool together.
    /// @param productId The product.
    /// @param currency The currency's token contract.
    /// @return Minor units.
    function totalOf(ProductId productId, address currency) external view returns (uint64);

    /// @notice A sharing as the ledger has it.
    /// @dev Reverts with {SharingUnknown} if there is no such sharing.
    /// @param productId The product.
    /// @param place Place of the sharing in the product's list.
    /// @return The sharing.
    function sharingOf(ProductId productId, uint256 place) external view returns (SharingState memory);

    /// @notice What became of a loss.
    /// @dev Reverts with {LossUnknown} if no loss of the loan was recorded.
    /// @param loanId The loan.
    /// @return The loss.
    function lossOf(LoanId loanId) external view returns (Loss memory);

    /// @notice What a sharer owes of a loss and has not paid, as far as the lender still bears it.
    /// @dev Reverts with {LossUnknown} if no loss of the loan was recorded.
    /// Reverts with {ShareUnknown} if no sharer has this place in the loss.
    /// @param loanId The loan.
    /// @param place Place in the loss's list of sharers.
    /// @return sharer The sharer.
    /// @return amount Minor units.
    function openShareOf(LoanId loanId, uint256 place) external view returns (address sharer, uint64 amount);

    /// @notice What the insurer is to pay of a loss and has not paid, as far as the lender still bears it.
    /// @dev Reverts with {LossUnknown} if no loss of the loan was recorded.
    /// @param loanId The loan.
    /// @return insurer The insurer; zero if there is none.
    /// @return amount Minor units.
    function openInsuranceOf(LoanId loanId) external view returns (address insurer, uint64 amount);

    /// @notice The unclaimed money of a party.
    /// @param party An account of the party.
    /// @param currency The currency's token contract.
    /// @return Minor units.
    function unclaimedOf(address party, address currency) external view returns (uint256);

    /// @notice The EIP-712 digest that a sharer signs.
    /// @param terms The terms.
    /// @return The digest.
    function sharingDigest(SharingTerms calldata terms) external view returns (bytes32);

    /// @notice The EIP-712 digest that a sharer signs to end its sharing.
    /// @param termsHash EIP-712 digest of the sharing, as in {SharingState}.
    /// @param deadline Until when the signature may be used (UTC seconds, exclusive).
    /// @return The digest.
    function sharingEndDigest(bytes32 termsHash, uint40 deadline) external view returns (bytes32);

    /// @notice The EIP-712 digest that an insurer and its insured sign.
    /// @param terms The terms.
    /// @return The digest.
    function insuranceDigest(InsuranceTerms calldata terms) external view returns (bytes32);
}
