// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ClaimId, LoanId, ReceivableId} from "../types/Ids.sol";

/// @title Notices to debtors that a claim was assigned, or is under a lien.
/// @notice An assignment that the debtor does not know of has no effect on it: it may still pay the assignor. Assignor
/// or assignee tells it here, and the debtor acknowledges. A notice names a version of the text and its hash; the text
/// has nothing but the facts of the notice and of the debt, so anyone can write it again and compare the hash.
/// @dev Source: Civil Code of the PRC, article 546 (notice to the debtor), 764 (the factor gives it), and for liens
/// article 445. Decision 46.
interface INotices {
    /// @notice Why somebody else than the seller is to be paid.
    enum Basis {
        None, // nobody else is
        Assignment, // the claim belongs to another party
        Lien // the claim secures a debt of its owner
    }

    /// @notice Where a notice stands.
    enum NoticeStatus {
        None,
        Notified,
        Acknowledged
    }

    /// @notice What a notice says. The ledger knows each of these facts by itself.
    /// @param basis Why somebody else is to be paid.
    /// @param claimId The claim.
    /// @param receivableId The debt.
    /// @param debtor The debtor.
    /// @param assignor Who is not to be paid any more: the seller for an assignment, the claim's owner for a lien.
    /// @param assignee Who is to be paid: the claim's owner for an assignment, the lienholder for a lien; for a loan of
    /// this ledger the lender, or the entruster if there is one.
    /// @param loanId The loan of this ledger that has the lien; 0 for none.
    /// @param value Minor units of the claim.
    struct Facts {
        Basis basis;
        ClaimId claimId;
        ReceivableId receivableId;
        address debtor;
        address assignor;
        address assignee;
        LoanId loanId;
        uint96 value;
    }

    /// @notice A notice as it stands.
    /// @param facts What it says.
    /// @param notifier The account that gave it.
    /// @param day Day number on which it was given.
    /// @param textVersion Version of the text, counted from 1.
    /// @param textHash Keccak-256 of the text's UTF-8 bytes.
    /// @param status Where it stands.
    /// @param acknowledgedBy The debtor's account that acknowledged it; 0 for none.
    /// @param acknowledgedDay Day number on which it did; 0 for none.
    struct Notice {
        Facts facts;
        address notifier;
        uint24 day;
        uint16 textVersion;
        bytes32 textHash;
        NoticeStatus status;
        address acknowledgedBy;
        uint24 acknowledgedDay;
    }

    /// @notice A debtor was notified.
    /// @param noticeId The notice, counted from 1.
    /// @param claimId The claim.
    /// @param debtor The debtor.
    /// @param notice The notice.
    event DebtorNotified(uint256 indexed noticeId, ClaimId indexed claimId, address indexed debtor, Notice notice);

    /// @notice The debtor acknowledged a notice.
    /// @param noticeId The notice.
    /// @param claimId The claim.
    /// @param account The account of the debtor's party.
    /// @param textHash Hash of the text that it acknowledged.
    /// @param day Day number on which it did.
    event NoticeAcknowledged(
        uint256 indexed noticeId, ClaimId indexed claimId, address indexed account, bytes32 textHash, uint24 day
    );

    /// @notice There is no such claim.
    /// @param claimId The claim.
    error ClaimUnknown(ClaimId claimId);

    /// @notice The seller's party still has the claim, and nobody has a lien on it.
    /// @param claimId The claim.
    /// @param owner The owner of the claim.
    error NotAssigned(ClaimId claimId, address owner);

    /// @notice Nothing is owed on the debt.
    /// @param receivableId The debt.
    error NothingOwed(ReceivableId receivableId);

    /// @notice The ledger knows other facts than those given.
    /// @param claimId The claim.
    error FactsDiffer(ClaimId claimId);

    /// @notice The caller is neither of the assignor's nor of the assignee's party.
    /// @param claimId The claim.
    /// @param caller The sender of the call.
    error NotOfTheAssignment(ClaimId claimId, address caller);

    /// @notice The text has no version or no hash.
    /// @param textVersion The version that was given.
    /// @param textHash The hash that was given.
    error TextMissing(uint16 textVersion, bytes32 textHash);

    /// @notice The debtor has a notice of the same facts. Only the side that is to be paid replaces it, with another text.
    /// @param claimId The claim.
    /// @param noticeId That notice.
    error NoticeStands(ClaimId claimId, uint256 noticeId);

    /// @notice There is no such notice.
    /// @param noticeId The notice.
    error NoticeUnknown(uint256 noticeId);

    /// @notice The caller is not of the debtor's party.
    /// @param noticeId The notice.
    /// @param debtor The debtor.
    /// @param caller The sender of the call.
    error NotNotified(uint256 noticeId, address debtor, address caller);

    /// @notice The debtor has acknowledged the notice.
    /// @param noticeId The notice.
    /// @param day Day number on which it did.
    error AcknowledgedAlready(uint256 noticeId, uint24 day);

    /// @notice A later notice on the same claim replaced this one.
    /// @param noticeId The notice.
    /// @param laterNoticeId The later one.
    error NoticeReplaced(uint256 noticeId, uint256 laterNoticeId);

    /// @notice The notice has another text.
    /// @param noticeId The notice.
    /// @param textHash The hash of its text.
    /// @param provided The hash that was given.
    error TextDiffers(uint256 noticeId, bytes32 textHash, bytes32 provided);

    /// @notice Notifies the debtor. The notice replaces an earlier one on the same claim.
    /// @dev An account of the assignor's or assignee's party calls it; for an entrusted loan, of the lender's too.
    /// Reverts with {ClaimUnknown} if there is no such claim.
    /// Reverts with {NothingOwed} if nothing is owed on the debt.
    /// Reverts with {NotAssigned} if the seller's party has the claim, free of liens.
    /// Reverts with {FactsDiffer} if the facts are not those of {factsOf}.
    /// Reverts with {NotOfTheAssignment} if the caller is a stranger to it.
    /// Reverts with {TextMissing} if version or hash is 0.
    /// Reverts with {NoticeStands} if the last notice on this claim has the same facts, unless the side that is to be paid
    /// gives it another text: the assignee, or the lender of the loan. So no assignor blocks the true notice.
    /// @param facts What the notice says, as in {factsOf}.
    /// @param textVersion Version of the text, counted from 1.
    /// @param textHash Keccak-256 of the text's UTF-8 bytes.
    /// @return noticeId The notice, counted from 1.
    function notifyDebtor(Facts calldata facts, uint16 textVersion, bytes32 textHash)
        external
        returns (uint256 noticeId);

    /// @notice The debtor acknowledges a notice: it has received it.
    /// @dev Any account of the debtor's party calls it, once.
    /// Reverts with {NoticeUnknown} if there is no such notice.
    /// Reverts with {NotNotified} if the caller is of another party.
    /// Reverts with {AcknowledgedAlready} if the debtor has done so.
    /// Reverts with {NoticeReplaced} if there is a later notice on the claim.
    /// Reverts with {TextDiffers} if the notice has another text.
    /// @param noticeId The notice.
    /// @param textHash Hash of the text that the debtor received.
    function acknowledge(uint256 noticeId, bytes32 textHash) external;

    /// @notice What a notice on a claim would say now.
    /// @dev Reverts with {ClaimUnknown} if there is no such claim.
    /// Reverts with {NothingOwed} if nothing is owed on the debt.
    /// Reverts with {NotAssigned} if the seller's party has the claim, free of liens.
    /// @param claimId The claim.
    /// @return The facts.
    function factsOf(ClaimId claimId) external view returns (Facts memory);

    /// @notice A notice.
    /// @dev Reverts with {NoticeUnknown} if there is no such notice.
    /// @param noticeId The notice.
    /// @return The notice.
    function notice(uint256 noticeId) external view returns (Notice memory);

    /// @notice The last notice on a claim.
    /// @param claimId The claim.
    /// @return The notice; 0 for none.
    function noticeOf(ClaimId claimId) external view returns (uint256);
}
