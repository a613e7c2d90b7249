// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FacilityId, LoanId} from "../types/Ids.sol";

/// @title Loans that move: a lender sells a loan to another financier against payment, and may buy it back.
/// @notice Seller and buyer sign the terms; loan and money change hands in one transaction, and the borrower is told.
/// The borrower owes what it owed, on the days on which it owed it: only the lender is another one.
/// @dev A loan that is sold belongs to a facility of the buyer, which the sale opens: the same product, version, rate,
/// borrower and correction days, and no draw ever. Collateral, margin call, losses and corrections follow. Its principal
/// goes on counting in the limit of the facility on which it was drawn (its origin), whose deposit, insurance and
/// buy-back undertaking go on securing it, and an overdue loan goes on stopping draws there. What its lender set aside in
/// its own reserve follows to a buyer of another group, unless the loan may be bought back.
/// Facilities implements it through {IFacilities}. Source: decision 45.
interface ILoanSales {
    /// @notice EIP-712 `SaleTerms` over exactly these fields, in the domain "Cession Facilities", version 1.
    /// @param loanId The loan.
    /// @param seller The lender's account, as its facility names it.
    /// @param buyer The account of the new lender.
    /// @param principal Principal that is outstanding, in minor units. Guards the buyer: after a repayment the terms no
    /// longer hold.
    /// @param postings Head of the chain of hashes of what was posted on the loan: {IPostings.PostingsState}. Guards the
    /// buyer against every other posting.
    /// @param standing Hash of the loan's terms, status, collateral, hedges and of who bids for its goods:
    /// {saleStanding}. Guards the buyer against changes that post nothing, or that lead back to the same head.
    /// @param price What the buyer pays, in minor units.
    /// @param buyBack Bit 1: the seller may buy the loan back. Bit 2: the seller must, if it is in default and its
    /// holder asks.
    /// @param buyBackPrice Price of buying it back, in parts per million of what is owed that day (costs, penalty,
    /// interest and principal), at most 2,000,000.
    /// @param buyBackMax The most that the seller pays by its duty, in minor units; 0 without a duty. Guards the seller
    /// against debt that holder and borrower bring about.
    /// @param buyBackFirstDay First day number, by the calendar, on which it may be bought back.
    /// @param buyBackLastDay Last day number on which it may be bought back.
    /// @param noticeHash Hash of the notice to the borrower.
    /// @param deadline UTC seconds, exclusive.
    /// @param nonce A number that makes equal terms differ.
    struct SaleTerms {
        uint256 loanId;
        address seller;
        address buyer;
        uint64 principal;
        uint160 postings;
        bytes32 standing;
        uint64 price;
        uint8 buyBack;
        uint24 buyBackPrice;
        uint64 buyBackMax;
        uint24 buyBackFirstDay;
        uint24 buyBackLastDay;
        bytes32 noticeHash;
        uint40 deadline;
        uint256 nonce;
    }

    /// @notice The last sale of a loan; all zero if it was never sold.
    /// @param seller The account that sold it.
    /// @param origin The facility on which it was drawn.
    /// @param buyBack What may still be called: bits of {SaleTerms}.
    /// @param buyBackPrice Price of buying it back, in parts per million of what is owed.
    /// @param buyBackMax The most that the seller pays by its duty, in minor units.
    /// @param buyBackFirstDay First day number on which it may be bought back.
    /// @param buyBackLastDay Last day number on which it may be bought back.
    /// @param noticeHash Hash of the notice to the borrower.
    /// @param isAcknowledged Whether the borrower has acknowledged the notice.
    struct LoanSale {
        address seller;
        FacilityId origin;
        uint8 buyBack;
        uint24 buyBackPrice;
        uint64 buyBackMax;
        uint24 buyBackFirstDay;
        uint24 buyBackLastDay;
        bytes32 noticeHash;
        bool isAcknowledged;
    }

    /// @notice A sale opened a facility for the loans that its lender buys.
    /// @param facilityId The facility.
    /// @param lender The buyer.
    /// @param borrower The borrower.
    /// @param originId The facility on which the loans were drawn.
    event FacilityOpenedBySale(
        FacilityId indexed facilityId, address indexed lender, address indexed borrower, FacilityId originId
    );

    /// @notice A loan has another lender. This is the notice to the borrower.
    /// @param loanId The loan.
    /// @param seller The lender until now.
    /// @param buyer The lender from now on.
    /// @param borrower The borrower.
    /// @param facilityId The facility to which the loan belongs from now on.
    /// @param fromFacilityId The facility to which it belonged.
    /// @param terms The terms.
    event LoanSold(
        LoanId indexed loanId,
        address indexed seller,
        address indexed buyer,
        address borrower,
        FacilityId facilityId,
        FacilityId fromFacilityId,
        SaleTerms terms
    );

    /// @notice A loan was bought back by the one who sold it. This is the notice to the borrower.
    /// @param loanId The loan.
    /// @param seller The account that bought it back: the lender from now on.
    /// @param holder The lender until now.
    /// @param borrower The borrower.
    /// @param facilityId The facility to which the loan belongs from now on.
    /// @param fromFacilityId The facility to which it belonged.
    /// @param principal Principal that is outstanding, in minor units.
    /// @param price Minor units that were paid.
    /// @param isCalled True: the holder asked, because the loan is in default; false: the seller bought by its right.
    event LoanBoughtBack(
        LoanId indexed loanId,
        address indexed seller,
        address indexed holder,
        address borrower,
        FacilityId facilityId,
        FacilityId fromFacilityId,
        uint64 principal,
        uint64 price,
        bool isCalled
    );

    /// @notice What may be called of a loan's last sale changed: the seller's duty ended, because holder and borrower
    /// changed the loan or its collateral, or because the holder's group bought its goods in an auction; or its right and duty last longer, because the loan counted as repaid.
    /// @param loanId The loan.
    /// @param buyBack What may still be called: bits of {SaleTerms}.
    /// @param lastDay Last day number on which it may be bought back.
    event BuyBackChanged(LoanId indexed loanId, uint8 buyBack, uint24 lastDay);

    /// @notice A payment that a holder had recorded left the loan, which had gone back from the holder to its seller for
    /// less because of that payment. The lender paid the holder the agreed share of it.
    /// @param loanId The loan.
    /// @param lender The account that paid.
    /// @param holder The account that had held the loan.
    /// @param amount Minor units.
    event BuyBackPriceRaised(LoanId indexed loanId, address indexed lender, address indexed holder, uint64 amount);

    /// @notice The borrower acknowledged the notice of a sale.
    /// @param loanId The loan.
    /// @param borrower The account that acknowledged.
    /// @param noticeHash Hash of the notice.
    event SaleAcknowledged(LoanId indexed loanId, address indexed borrower, bytes32 noticeHash);

    /// @notice The loan is not the one that was signed for: something was posted on it since, or its terms, status,
    /// collateral or hedges changed. Sign terms for the loan as it stands.
    /// @param loanId The loan.
    /// @param principal Principal that is outstanding, in minor units.
    /// @param postings Head of the chain of hashes of its postings.
    error LoanChanged(LoanId loanId, uint64 principal, uint160 postings);

    /// @notice The loan cannot be sold as it stands.
    /// @param loanId The loan.
    /// @param reason entrusted: another party's money is lent; loss: its loss was recorded; auction: its goods are being
    /// sold; buy-back: its seller may still buy it back; participations: participants have a share of it; raised: payments
    /// came back, interest was capitalised or costs were signed after the draw, so its seller takes on no duty to buy it
    /// back.
    error LoanNotSaleable(LoanId loanId, bytes32 reason);

    /// @notice The caller is neither of the seller's party nor of the buyer's.
    /// @param loanId The loan.
    /// @param caller The sender of the call.
    error NotOfSale(LoanId loanId, address caller);

    /// @notice Nobody may buy the loan back now.
    /// @param loanId The loan.
    /// @param buyBack What was agreed: bits of {SaleTerms}; 0: nothing.
    /// @param firstDay First day number on which it may be bought back.
    /// @param lastDay Last day number on which it may be bought back.
    error BuyBackNotDue(LoanId loanId, uint8 buyBack, uint24 firstDay, uint24 lastDay);

    /// @notice The account is not one that may take the loan back for its seller.
    /// @param loanId The loan.
    /// @param seller The account that sold it.
    /// @param account The account that was given.
    error NotOfSeller(LoanId loanId, address seller, address account);

    /// @notice The loan was not sold, or the notice of its last sale was acknowledged.
    /// @param loanId The loan.
    error NothingToAcknowledge(LoanId loanId);

    /// @notice Sells a whole loan. The buyer pays the price, and is the lender from then on.
    /// @dev Seller or buyer sends it, with the EIP-712 signatures of both. The buyer has approved this contract on the
    /// currency. Money that the seller cannot receive waits for it. The loan may be in default, but not repaid.
    /// Reverts with {StateForbids} if the loan is repaid, {LoanUnknown} if there is none.
    /// Reverts with {NotOfSale} if the caller is neither of the seller's party nor of the buyer's.
    /// Reverts with {TermsUsed}, {SignatureExpired}, {SignatureCancelled} or {SignatureInvalid} if the terms do not
    /// count.
    /// Reverts with {NotLender} if the seller is not the loan's lender.
    /// Reverts with {LoanChanged} if something was posted on the loan since the terms were signed, or its terms, status,
    /// collateral or hedges changed.
    /// Reverts with {LoanNotSaleable} as it says.
    /// Reverts with {SamePartyBothSides} if seller and buyer are one party, or one of them is related to the borrower:
    /// what a group lends to itself is not for others to bear. Also if the buyer is related to the debtor of a claim or
    /// the buyer of an order under the loan's lien: it could take goods by not paying.
    /// Reverts with {IReferenceRates.RateNotIndependent} if the loan's rate floats and, without the buyer, fewer than
    /// two independent appraisers stood behind the rate that it has: it could never be reset.
    /// Reverts with {NewRiskStopped} while new risk is stopped.
    /// Reverts with {PartyNotValid} or {RoleMissing} if a side is not valid, or the buyer has not role 4 (financier).
    /// Reverts with {TermOutOfRange} if price, notice or a term of buying back is out of range.
    /// Reverts with {TransferTookFee}, or the currency's own error, if the price does not arrive.
    /// @param terms The terms.
    /// @param sellerSignature The seller's signature.
    /// @param buyerSignature The buyer's signature.
    /// @return facilityId The facility to which the loan belongs from now on.
    function sellLoan(SaleTerms calldata terms, bytes calldata sellerSignature, bytes calldata buyerSignature)
        external
        returns (FacilityId facilityId);

    /// @notice Buys a loan back on the terms of its last sale, for money in the same transaction. A right or duty of
    /// buying back ends with the next sale.
    /// @dev The seller's party sends it by its right; the holder's party by the seller's duty, while the loan is in
    /// default. The account that takes the loan back has approved this contract on the currency.
    /// By the duty, neither costs count in the price, nor what came back by payments that were reversed or renounced, nor
    /// capitalised interest; the price is at most `buyBackMax`, and nothing is due any more once holder and borrower signed
    /// costs. The duty also ends with an extension or new terms, and when collateral is set off, handed over in place of
    /// money, or leaves for the claim on a debtor whom only the holder accepted; unless the seller's party sends that call.
    /// A loan that counted as repaid and is owed again can be bought back for as many days longer as it counted so.
    /// Reverts with {StateForbids} if the loan is repaid, {LoanUnknown} if there is none.
    /// Reverts with {BuyBackNotDue} if nothing was agreed, the day is out of range, or the holder calls while the loan is
    /// not in default, after it signed costs, or for a price of nothing.
    /// Reverts with {NotOfSale} if the caller is neither of the seller's party nor of the holder's.
    /// Reverts with {NotOfSeller} if the account is not the seller's, or another one of its party although that account
    /// still acts.
    /// By its right, the seller says what it has seen and pays at most what it says: holder and borrower could raise the
    /// debt, or change what secures it, just before. The holder that calls the duty passes zeros.
    /// Reverts with {LoanNotSaleable} while the loan's goods are being sold, once its loss was recorded, or if
    /// participants have a share of it.
    /// Reverts with {LoanChanged} if the seller buys and the loan's standing is another one.
    /// Reverts with {TermOutOfRange} if the seller buys and the price is above its maximum.
    /// Reverts with {PartyNotValid} if the account is not valid.
    /// Reverts with {TransferTookFee}, or the currency's own error, if the price does not arrive.
    /// @param loanId The loan.
    /// @param account The account that takes the loan back and pays: the seller, or another one of its party if the
    /// party removed that account.
    /// @param maxPrice The most that the seller pays by its right, in minor units; not read for the duty.
    /// @param standing The loan's standing that the seller has seen: {saleStanding}; not read for the duty.
    /// @return price Minor units that were paid.
    function buyLoanBack(LoanId loanId, address account, uint64 maxPrice, bytes32 standing)
        external
        returns (uint64 price);

    /// @notice The borrower acknowledges the notice of the loan's last sale. Nothing depends on it: whatever it pays here
    /// reaches the loan's lender.
    /// @dev Any account of the borrower's party.
    /// Reverts with {LoanUnknown} if there is no such loan.
    /// Reverts with {NotBorrower} if the caller is not of the borrower's party.
    /// Reverts with {NothingToAcknowledge} if it was not sold, or the notice was acknowledged.
    /// @param loanId The loan.
    function acknowledgeSale(LoanId loanId) external;

    /// @notice The last sale of a loan.
    /// @dev Reverts with {LoanUnknown} if there is no such loan.
    /// @param loanId The loan.
    /// @return The sale; all zero if it was never sold.
    function loanSaleOf(LoanId loanId) external view returns (LoanSale memory);

    /// @notice What seller and buyer sign of a loan beside its principal and its postings: the hash of its terms, status,
    /// collateral, hedges, and of whether its debt was raised, as they are stored; of which claims count, because their
    /// debtor is accepted; and of the buy-back undertakings for its goods. Whether it is marked as overdue does not count:
    /// anyone may mark it, and its days say whether it is.
    /// @dev Reverts with {LoanUnknown} if there is no such loan.
    /// @param loanId The loan.
    /// @return `SaleTerms.standing` of a sale today.
    function saleStanding(LoanId loanId) external view returns (bytes32);

    /// @notice What seller and buyer sign.
    /// @param terms The terms.
    /// @return The EIP-712 digest.
    function saleDigest(SaleTerms calldata terms) external view returns (bytes32);
}
