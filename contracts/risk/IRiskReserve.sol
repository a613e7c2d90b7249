// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId, LoanId, ProductId} from "../types/Ids.sol";

/// @title Money set aside for losses, and who bears which part of one: reserve, sharers, insurer, lender, in this order.
/// @notice What is recovered later goes back in the reverse order: lender, insurer, sharers by their parts, reserve.
interface IRiskReserve {
    /// A sharer bears `part` of each loss of a product that the reserve left, up to `cap` in all its time.
    /// EIP-712 `SharingTerms` over exactly these fields, in the domain "Cession RiskReserve", version 1.
    struct SharingTerms {
        uint256 productId;
        address sharer;
        address currency;
        uint24 part; // parts per million; all sharers of a product together at most 1,000,000
        uint64 cap; // minor units
        uint40 validFrom; // UTC seconds; losses claimed from then
        uint40 validUntil; // exclusive
        bytes32 legalTextHash;
        uint256 nonce;
    }

    /// An insurer covers losses of one facility up to `cover`, above nothing. EIP-712 `InsuranceTerms` likewise.
    struct InsuranceTerms {
        uint256 facilityId;
        address insurer;
        address insured; // the lender
        address currency;
        uint64 cover; // minor units
        uint40 validFrom;
        uint40 validUntil;
        bytes32 legalTextHash;
        uint256 nonce;
    }

    /// All in minor units. loss = fromReserve + fromSharers + fromInsurer + borne, always.
    struct Loss {
        uint64 loss;
        uint64 fromReserve;
        uint64 fromSharers;
        uint64 fromInsurer;
        uint64 borne; // by the lender, so far as nobody covered it
        uint64 recovered; // of the loss, paid by the borrower or from its cover since
    }

    event ReserveCapSet(ProductId indexed productId, address indexed currency, uint64 cap);
    event ReserveFed(
        ProductId indexed productId, address indexed currency, address indexed from, uint64 amount, uint64 balance
    );
    event SharingAgreed(ProductId indexed productId, address indexed sharer, uint256 place, uint24 part, uint64 cap);
    event InsuranceAgreed(
        FacilityId indexed facilityId, address indexed insurer, address indexed insured, uint64 cover
    );
    event LossRecorded(LoanId indexed loanId, ProductId indexed productId, address indexed lender, uint64 loss);
    event LossCovered(LoanId indexed loanId, address indexed by, bytes32 indexed source, uint64 amount);
    event SharerDidNotPay(LoanId indexed loanId, address indexed sharer, uint64 amount);
    event InsuranceClaimed(LoanId indexed loanId, address indexed insurer, uint64 amount);
    event LossRecovered(LoanId indexed loanId, address indexed to, bytes32 indexed source, uint64 amount);
    event Kept(address indexed party, address indexed currency, uint256 amount);
    event KeptReleased(address indexed party, address indexed currency, uint256 amount);

    error NotFacilities(address caller);
    error LossUnknown(LoanId loanId);
    error SamePartyBothSides(address first, address second);
    error ShareUnknown(LoanId loanId, uint256 place);
    error LossRecordedAlready(LoanId loanId);
    error SignatureInvalid(address signer, bytes32 digest);
    error TermsUsed(bytes32 termsHash);
    error PartsExceedWhole(ProductId productId, uint256 sum);
    error SharersFull(ProductId productId, uint256 most);
    error InsuranceExists(FacilityId facilityId, address insurer);
    error NotInsured(LoanId loanId);
    error AmountOutOfRange(uint256 given, uint256 least, uint256 most);
    error NotInTime(uint40 validFrom, uint40 validUntil, uint256 now_);
    error TransferTookFee(address currency, uint256 expected, uint256 received);
    error NothingKept(address party, address currency);
    error ReserveFull(ProductId productId, address currency, uint64 cap);

    // Role FACILITIES (the contract Facilities alone). Closing this contract in the AccessManager does not stop these: no pause
    // ever stops a repayment.

    /// How much of a draw's share the reserve still takes: zero at its cap.
    function room(ProductId productId, address currency) external view returns (uint64);
    /// Pulls `amount` from an account that approved this contract; at most `room`.
    function feed(ProductId productId, address currency, address from, uint64 amount) external;
    /// A loss is final as to its amount: pays the lender from the reserve (up to its balance), then each sharer in turn by
    /// its part of what the reserve left (up to its cap; one that cannot pay now owes it, see paySharer), and opens the
    /// insurer's claim. Returns what was covered at once. No sharer's failing token transfer can stop it.
    function recordLoss(
        LoanId loanId,
        FacilityId facilityId,
        ProductId productId,
        address currency,
        address lender,
        uint64 loss
    ) external returns (uint64 covered);
    /// Facilities has transferred `amount` here already: money recovered on a loan with a recorded loss, at most what is
    /// not recovered yet. Goes to the lender as far as it bore, then back to insurer, sharers, reserve.
    function recover(LoanId loanId, uint64 amount) external;

    // Everyone

    function setCap(ProductId productId, address currency, uint64 cap) external; // role operator
    function topUp(ProductId productId, address currency, uint64 amount) external; // by a valid party, from its own money
    /// Role operator, with the sharer's signature. Takes the place of one that has run out, else a new one.
    function agreeSharing(SharingTerms calldata terms, bytes calldata sharerSignature) external;
    function agreeInsurance(
        InsuranceTerms calldata terms,
        bytes calldata insurerSignature,
        bytes calldata insuredSignature
    ) external; // both signed; one in force at a time for each insured of a line
    /// A sharer (or anyone for it) pays what it owes of a loss; goes to the lender.
    function paySharer(LoanId loanId, uint256 place, uint64 amount) external;
    /// The insurer (or anyone for it) pays a claimed loss, at most what is open of the claim; goes to the lender.
    function payInsurance(LoanId loanId, uint64 amount) external;
    /// Money of a party that could not receive it when it was paid out; by anyone, once the party is valid again.
    function releaseKept(address party, address currency) external;

    function balanceOf(ProductId productId, address currency) external view returns (uint64);
    function lossOf(LoanId loanId) external view returns (Loss memory);
    /// What a sharer owes of a loss and has not paid, as far as the lender still bears it.
    function openShareOf(LoanId loanId, uint256 place) external view returns (address sharer, uint64 amount);
    function openInsuranceOf(LoanId loanId) external view returns (address insurer, uint64 amount);
    function keptOf(address party, address currency) external view returns (uint256);
    function sharingDigest(SharingTerms calldata terms) external view returns (bytes32);
    function insuranceDigest(InsuranceTerms calldata terms) external view returns (bytes32);
}
