// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId, LoanId, ProductId} from "../types/Ids.sol";

/// @title What the reserve asks of the contract whose loans it protects (Facilities).
interface IReserveClient {
    /// The number of the last loan that was drawn.
    function loanCount() external view returns (uint256);
    /// The day number, in the ledger's zone, of a time in UTC seconds.
    function dayOf(uint256 timestamp) external view returns (uint256);
    /// Whether a product in force has one reserve for all its lenders.
    function isReservePooled(ProductId productId) external view returns (bool);
}

/// @title Money set aside for losses, and who bears which part of a loss: reserve, sharers, insurer, lender, in this
/// order.
/// @notice What is recovered later goes back in the reverse order: lender, insurer, sharers by their parts, reserve.
/// @notice The reserve that each lender fed is separate and bears losses of that lender only. A pool bears losses of
/// all lenders of a product whose terms say so, since each of them signed these terms.
/// @dev Every amount is in minor units of its currency.
interface IRiskReserve {
    /// A sharer bears `part` of each loss of a product that the reserve left, up to `cap` in total, if the loan was
    /// drawn after it signed. EIP-712 `SharingTerms` over exactly these fields, in the domain "Cession RiskReserve",
    /// version 1.
    struct SharingTerms {
        uint256 productId;
        address sharer;
        address currency;
        uint24 part; // parts per million; all sharers of a product together at most 1,000,000
        uint64 cap; // minor units
        uint40 validFrom; // UTC seconds; loans drawn from its day on
        uint40 validUntil; // exclusive; losses recorded until then
        bytes32 legalTextHash;
        uint40 deadline; // UTC seconds, exclusive: until when the operator may use the signature
        uint256 nonce;
    }

    /// An insurer bears losses of one facility up to `insuredAmount`, with no deductible. EIP-712 `InsuranceTerms`
    /// likewise.
    struct InsuranceTerms {
        uint256 facilityId;
        address insurer;
        address insured; // the lender
        address currency;
        uint64 insuredAmount; // minor units
        uint40 validFrom;
        uint40 validUntil;
        bytes32 legalTextHash;
        uint40 deadline;
        uint256 nonce;
    }

    /// A sharing agreement as the ledger has it.
    struct SharingState {
        address sharer;
        uint24 part;
        uint40 validUntil;
        uint24 fromDay; // loans drawn from then
        address currency;
        uint64 left; // of its cap
        uint256 afterLoan; // and with a higher number
        bytes32 termsHash; // what its sharer signed
    }

    /// The loss as Facilities reports it.
    struct LossReport {
        LoanId loanId;
        FacilityId facilityId;
        ProductId productId;
        address currency;
        address lender; // whose money is lent
        address administrator; // who lends in its own name; the lender, where nothing is entrusted
        address borrower;
        uint64 loss;
        uint24 drawnDay;
        bool pooled; // by the version of the product under which the facility was agreed
    }

    /// All in minor units. loss = fromReserve + fromSharers + fromInsurer + borne, always.
    struct Loss {
        uint64 loss;
        uint64 fromReserve; // the lender's own, then the pool
        uint64 fromSharers;
        uint64 fromInsurer;
        uint64 borne; // by the lender: the part that no other source absorbed
        uint64 recovered; // of the loss, paid since by the borrower or from the loan's collateral
    }

    event FacilitiesBound(address indexed facilities);
    event ReserveCapSet(ProductId indexed productId, address indexed currency, uint64 cap);
    /// `lender`: whose losses it is for; zero: the pool. `balance`: of that reserve afterwards.
    event ReserveFed(
        ProductId indexed productId,
        address indexed lender,
        address indexed from,
        address currency,
        uint64 amount,
        uint64 balance
    );
    event SharingAgreed(ProductId indexed productId, address indexed sharer, uint256 place, uint24 part, uint64 cap);
    event SharingEnded(ProductId indexed productId, address indexed sharer, uint256 place);
    event InsuranceAgreed(
        FacilityId indexed facilityId, address indexed insurer, address indexed insured, uint64 insuredAmount
    );
    event LossRecorded(LoanId indexed loanId, ProductId indexed productId, address indexed lender, uint64 loss);
    /// The lender, or the administrator of its loan, is related to the borrower: the lender bears the whole loss.
    event LossOfRelated(LoanId indexed loanId, address indexed lender, address indexed borrower);
    event LossAbsorbed(LoanId indexed loanId, address indexed by, bytes32 indexed source, uint64 amount);
    event SharerDidNotPay(LoanId indexed loanId, address indexed sharer, uint64 amount);
    /// The sharer is related to the lender or to the borrower, and bears nothing of this loss.
    event SharerExcluded(LoanId indexed loanId, address indexed sharer);
    event InsuranceClaimed(LoanId indexed loanId, address indexed insurer, uint64 amount);
    event LossRecovered(LoanId indexed loanId, address indexed to, bytes32 indexed source, uint64 amount);
    event ForcedWithdrawal(
        address indexed from, address indexed to, bytes32 indexed orderHash, address currency, uint256 amount
    );

    error NotFacilities(address caller);
    error NotBound();
    error AlreadyBound(address facilities);
    error LossUnknown(LoanId loanId);
    error SamePartyBothSides(address first, address second);
    error ShareUnknown(LoanId loanId, uint256 place);
    error SharingUnknown(ProductId productId, uint256 place);
    error LossRecordedAlready(LoanId loanId);
    error SignatureInvalid(address signer, bytes32 digest);
    error SecondPersonNeeded(address caller);
    error TermsUsed(bytes32 termsHash);
    error PartsExceedWhole(ProductId productId, uint256 sum);
    error SharersFull(ProductId productId, uint256 max);
    error InsuranceExists(FacilityId facilityId, address insurer);
    error NotInsured(LoanId loanId);
    error NotPooled(ProductId productId);
    error AmountOutOfRange(uint256 value, uint256 min, uint256 max);
    error NotInTime(uint40 validFrom, uint40 validUntil, uint256 timestamp);
    error ReserveFull(ProductId productId, address currency, uint64 cap);

    // ------------------------------------------------------------------ by Facilities alone
    // Closing this contract in the AccessManager does not stop these: no pause ever stops a repayment.

    /// Names Facilities, once and for ever. Role: the administrator. Before this nothing moves.
    /// Reverts: AlreadyBound.
    function bind(address facilities) external;
    function facilities() external view returns (address);
    /// Pulls `amount` from an account that approved this contract, for losses of that lender, or into the pool.
    /// Reverts: NotFacilities, ReserveFull, TransferTookFee.
    function feed(ProductId productId, address currency, address from, uint64 amount, bool pooled) external;
    /// Records a loss; its amount is final. Pays the lender from its own reserve, then (if pooled) from the pool, then
    /// from each sharer in turn by its part of what these left. A sharer pays up to its cap; one that cannot pay now
    /// owes it, without interest (see `paySharer`). Then it opens the insurer's claim. Returns what was absorbed at
    /// once. Nobody who is paid or must pay can stop it.
    /// A lender that is related to the borrower, or whose administrator is, bears the whole loss. A sharer or an
    /// insurer that is related to the lender or the borrower, or signed after the draw, bears nothing.
    /// Reverts: NotFacilities, LossRecordedAlready, AmountOutOfRange (no loss).
    function recordLoss(LossReport calldata report) external returns (uint64 absorbed);
    /// Distributes recovered money. Facilities has transferred `amount` here already: money recovered on a loan with a
    /// recorded loss, at most what is not recovered yet. It goes to the lender up to what it bore, then back to
    /// insurer, sharers, pool, and the lender's reserve.
    /// Reverts: NotFacilities, LossUnknown, AmountOutOfRange.
    function recover(LoanId loanId, uint64 amount) external;

    // ------------------------------------------------------------------ everyone

    /// Sets the maximum to which draws and top-ups bring a product's reserve: all lenders' and the pool together. Role:
    /// operator.
    function setCap(ProductId productId, address currency, uint64 cap) external;
    /// Adds to a reserve. A valid party calls it and pays from its own money, for losses of `lender` (a valid party);
    /// zero: into the pool of a pooled product. The money does not come back.
    /// Reverts: PartyNotValid, NotPooled, AmountOutOfRange, ReserveFull, TransferTookFee.
    function topUp(ProductId productId, address currency, address lender, uint64 amount) external;
    /// Agrees a sharing. Role: operator, with the sharer's signature. It replaces a sharing that has run out, or else
    /// is a new one.
    /// Reverts: NotBound, PartyNotValid, NotInTime, SignatureExpired, SignatureCancelled, SignatureInvalid, TermsUsed,
    /// AmountOutOfRange, PartsExceedWhole, SharersFull.
    function agreeSharing(SharingTerms calldata terms, bytes calldata sharerSignature) external;
    /// Ends a sharing before its time. The operator calls it with the sharer's signature of `SharingEnd(bytes32
    /// termsHash,uint40 deadline)`. Losses recorded before are still owed. The operator is not the sharer.
    /// Reverts: SharingUnknown, SecondPersonNeeded, SamePartyBothSides, SignatureExpired, SignatureCancelled,
    /// SignatureInvalid.
    function endSharing(ProductId productId, uint256 place, uint40 deadline, bytes calldata sharerSignature) external;
    /// Agrees an insurance. Both signed; one in force at a time for each insured of a facility. Anyone may send it.
    /// Reverts: NotBound, PartyNotValid, SamePartyBothSides (related), NotInTime, SignatureExpired, SignatureCancelled,
    /// SignatureInvalid, TermsUsed, AmountOutOfRange, InsuranceExists.
    function agreeInsurance(
        InsuranceTerms calldata terms,
        bytes calldata insurerSignature,
        bytes calldata insuredSignature
    ) external;
    /// The sender's signature of this digest no longer counts.
    function cancelSignature(bytes32 digest) external;
    /// Pays what a sharer owes of a loss. The sharer calls it, or anyone for it, except the lender. The money goes to
    /// the lender.
    function paySharer(LoanId loanId, uint256 place, uint64 amount) external;
    /// Pays a claimed loss, at most what is open of the claim. The insurer calls it, or anyone for it, except the
    /// lender. The money goes to the lender.
    function payInsurance(LoanId loanId, uint64 amount) external;
    /// Sends the unclaimed money of the party of `to` to `to`. A valid account of the same party calls it.
    function withdrawUnclaimed(address to, address currency) external;
    /// Moves this much of a party's unclaimed money to another party. By order of a court alone.
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash) external;

    // ------------------------------------------------------------------ views

    /// How much of a draw's share the reserve still takes: zero at its cap.
    function room(ProductId productId, address currency) external view returns (uint64);
    /// What is set aside for losses of one lender's party; of zero: the pool.
    function balanceOf(ProductId productId, address currency, address lender) external view returns (uint64);
    /// All lenders' and the pool together.
    function totalOf(ProductId productId, address currency) external view returns (uint64);
    function sharingOf(ProductId productId, uint256 place) external view returns (SharingState memory);
    function lossOf(LoanId loanId) external view returns (Loss memory);
    /// What a sharer owes of a loss and has not paid, as far as the lender still bears it.
    function openShareOf(LoanId loanId, uint256 place) external view returns (address sharer, uint64 amount);
    function openInsuranceOf(LoanId loanId) external view returns (address insurer, uint64 amount);
    function unclaimedOf(address party, address currency) external view returns (uint256);
    function sharingDigest(SharingTerms calldata terms) external view returns (bytes32);
    function sharingEndDigest(bytes32 termsHash, uint40 deadline) external view returns (bytes32);
    function insuranceDigest(InsuranceTerms calldata terms) external view returns (bytes32);
}
