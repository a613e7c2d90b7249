// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IReceivables} from "../../receivables/IReceivables.sol";
import {CollateralItemWord} from "../../types/CollateralItemWord.sol";
import {ClaimId, FacilityId, LoanId, PartyId} from "../../types/Ids.sol";
import {Book, LendingContext} from "../FacilityBook.sol";
import {IProducts} from "../IProducts.sol";
import {RaisedDebts} from "../RaisedDebts.sol";
import {SaleRights} from "../SaleRights.sol";
import {CollateralDebtors} from "./CollateralDebtors.sol";
import {CollateralItems} from "./CollateralItems.sol";
import {CollateralValue} from "./CollateralValue.sol";
import {ICollateral} from "./ICollateral.sol";
import {MarginCall} from "./MarginCall.sol";

/// @title What goods that leave take from those who rely on them: who bear the loan's losses, and who sold it.
/// @notice Internal to the libraries of Facilities. Sources: decisions 45 and 62.
library LeavingGoods {
    /// @notice What the collateral is worth to them, in minor units.
    /// @param atDraw To those who bear losses: without the claims on debtors that were accepted after the draw.
    /// @param atSale To a seller that must buy the loan back: without the claims on debtors whom only the holder accepted.
    struct Worth {
        CollateralValue.Known atDraw;
        CollateralValue.Known atSale;
    }

    /// @notice Whether goods may leave for a claim on which not all of them rely. Only then it matters what leaves.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The loan's facility.
    /// @param added The items that are added.
    /// @return Whether there is such a claim, among the collateral or among what is added.
    function matters(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        ICollateral.CollateralItem[] calldata added
    ) internal view returns (bool) {
        for (uint256 i; i < added.length; ++i) {
            if (_isNew(book, context, loanId, facilityId, added[i].kind, added[i].id)) {
                return true;
            }
        }
        CollateralItemWord[] storage items = book.items[loanId];
        for (uint256 i; i < items.length; ++i) {
            (IProducts.CollateralKind kind, uint256 id) = CollateralItems.unpack(items[i]);
            if (_isNew(book, context, loanId, facilityId, kind, id)) return true;
        }
        return false;
    }

    /// @notice What the collateral is worth to them now.
    /// @dev Reverts with the errors of {IPriceFeed.price} if a price is missing, too old or in doubt.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The loan's facility.
    /// @return worth What it is worth.
    function worthOf(Book storage book, LendingContext memory context, LoanId loanId, FacilityId facilityId)
        internal
        view
        returns (Worth memory worth)
    {
        worth.atDraw = CollateralValue.ofKnown(
            book, context, loanId, facilityId, CollateralValue.Debtors.AcceptedBeforeDraw
        );
        if (!SaleRights.hasDuty(book, loanId)) return worth;
        worth.atSale = CollateralValue.ofKnown(book, context, loanId, facilityId, CollateralValue.Debtors.CountedAtSale);
    }

    /// @notice Follows goods that left: of a loss the lender bears as much as the worth to others fell below the debt,
    /// and the seller's duty ends if the worth to the seller did.
    /// @dev What came in the same step counts against what left.
    /// @param book The stored state of Facilities.
    /// @param context The contracts of the ledger, the caller, and the day of the call.
    /// @param loanId The loan.
    /// @param facilityId The loan's facility.
    /// @param before What the collateral was worth before the step.
    function follow(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        Worth memory before
    ) internal {
        // A receiver may have repaid meanwhile: this is the debt as it is now.
        uint256 debt = MarginCall.debtOf(book, context, loanId);
        Worth memory later = worthOf(book, context, loanId, facilityId);
        uint256 fall = _fallOf(before.atDraw, later.atDraw, debt);
        if (fall != 0) RaisedDebts.leave(book, loanId, fall);
        if (_fallOf(before.atSale, later.atSale, debt) != 0) SaleRights.endDuty(book, context, loanId);
    }

    function _isNew(
        Book storage book,
        LendingContext memory context,
        LoanId loanId,
        FacilityId facilityId,
        IProducts.CollateralKind kind,
        uint256 id
    ) private view returns (bool) {
        if (kind != IProducts.CollateralKind.Claim) return false;
        IReceivables.Claim memory claimRow = context.receivables.claim(ClaimId.wrap(id));
        // It was paid and burned, or there is none.
        if (claimRow.owner == address(0)) return false;
        PartyId debtor = SaleRights.debtorOf(context, id);
        if (CollateralDebtors.isLate(book, loanId, facilityId, debtor)) return true;
        return book.buyers[loanId][debtor] == 0 && SaleRights.hasDuty(book, loanId);
    }

    /// @dev By how much a step took the worth below the debt. Neither may goods go that could be sold in time for goods
    /// that cannot, nor are goods that end soon worth nothing.
    function _fallOf(CollateralValue.Known memory before, CollateralValue.Known memory later, uint256 debt)
        private
        pure
        returns (uint256)
    {
        return Math.max(
            Math.saturatingSub(Math.min(before.lasting, debt), later.lasting),
            Math.saturatingSub(Math.min(before.current, debt), later.current)
        );
    }
}
