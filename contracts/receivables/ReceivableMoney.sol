// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {WantOfGas} from "../access/WantOfGas.sol";
import {CurrencyClock} from "../cash/CurrencyClock.sol";
import {TriedTransfer} from "../cash/TriedTransfer.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {TokenRights} from "../tokens/TokenRights.sol";
import {Lineage} from "../tokens/TokenBook.sol";
import {ClaimId, ReceivableId} from "../types/Ids.sol";
import {IClaimCollector} from "./IClaimCollector.sol";
import {IReceivables} from "./IReceivables.sol";
import {Book, ClaimLate, knownRecord, LateRecord, Record, unpaidOf} from "./ReceivableBook.sol";
import {ReceivableClock} from "./ReceivableClock.sol";

/// @title Money that is late, that stands still, or that does not reach its receiver; linked to Receivables.
/// @notice See {IReceivables} for the specification.
/// @dev Runs by delegatecall on the storage of Receivables, which emits the events. Payments in time to holders that
/// can be paid never come here.
library ReceivableMoney {
    using SafeERC20 for IERC20;
    using Unclaimed for Unclaimed.Book;

    uint256 private constant MAX_DECIMALS = 8;
    /// @dev `_stateOf` puts the late charge that was paid, which has 80 bits, into as many.
    uint256 private constant PAID_BITS = 96;
    /// @dev The maximum gas that a lienholder outside the ledger may use when it is called.
    uint256 private constant COLLECTOR_GAS = 1_000_000;

    // ------------------------------------------------------------------ currencies

    /// @notice See {IReceivables.allowCurrency}.
    /// @param book The stored state of Receivables.
    /// @param currency The currency's token contract.
    /// @param allowed True if new receivables may be in it.
    function allowCurrency(Book storage book, address currency, bool allowed) external {
        if (allowed) _requireFit(currency);
        if (book.currencyIndex[currency] == 0) {
            book.currencies.push(currency);
            uint256 count = book.currencies.length;
            if (count > type(uint8).max) revert IReceivables.TermOutOfRange("currencies", count, type(uint8).max);
            book.currencyIndex[currency] = count;
        }
        book.currencyAllowed[currency] = allowed;
        emit IReceivables.CurrencyAllowed(currency, allowed);
    }

    /// @notice See {IReceivables.checkCurrency}.
    /// @param book The stored state of Receivables.
    /// @param currency The currency's token contract.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    /// @return Whether it moves now.
    function checkCurrency(Book storage book, address currency, uint256 zoneOffset) external returns (bool) {
        if (book.currencyIndex[currency] == 0) revert IReceivables.CurrencyNotAllowed(currency);
        return ReceivableClock.check(book, currency, zoneOffset);
    }

    // ------------------------------------------------------------------ money in

    /// @notice After a payment that the currency refused: records that it stands, or reverts with the currency's own
    /// error.
    /// @param book The stored state of Receivables.
    /// @param currency The currency's token contract.
    /// @param payer Whose money it is.
    /// @param amount Minor units of the currency.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    function refused(Book storage book, address currency, address payer, uint256 amount, uint256 zoneOffset) external {
        _refused(book, currency, payer, amount, zoneOffset);
    }

    /// @notice A payment after the due day, or of a debt that was late before. See IReceivables.pay.
    /// @param book The stored state of Receivables.
    /// @param receivableId The receivable.
    /// @param payer Whose money it is.
    /// @param amount Minor units of the currency.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    /// @return taken Minor units that were taken; 0 if the currency stands.
    function payLate(Book storage book, ReceivableId receivableId, address payer, uint96 amount, uint256 zoneOffset)
        external
        returns (uint96 taken)
    {
        // Check
        Record storage record = book.records[receivableId];
        address currency = book.currencies[record.currencyIndex];
        if (book.clocks[currency].stoppedAt != 0 && !ReceivableClock.check(book, currency, zoneOffset)) return 0;
        uint256 today = ReceivableClock.today(book, record, zoneOffset);
        (uint96 principal, uint96 lateCharge) = _partsOf(book, receivableId, amount, today);
        taken = principal + lateCharge;

        // Interaction, first because a currency that stands must leave everything as it is
        uint256 before = _stateOf(book, receivableId);
        if (!_pullOrRefuse(book, currency, payer, taken, zoneOffset)) return 0;
        if (_stateOf(book, receivableId) != before) revert IReceivables.PaymentWithinPayment(receivableId);

        // Effect
        ReceivableClock.accrue(book, receivableId, today);
        if (lateCharge != 0) {
            LateRecord storage late = book.lateRecords[receivableId];
            late.paid += uint80(lateCharge);
            late.index += ClaimShares.lateIndexRiseDown(lateCharge, ReceivableClock.totalWeight(book, receivableId));
        }
        countPrincipal(book, receivableId, principal, lateCharge, payer, today);
    }

    /// @notice Counts principal as paid (or as credited just before), and settles the debt when nothing is owed any
    /// more.
    /// @param book The stored state of Receivables.
    /// @param receivableId The receivable.
    /// @param principal Principal, in minor units.
    /// @param lateCharge Late charge, in minor units.
    /// @param payer Whose money it is.
    /// @param today The day number that counts for the receivable.
    function countPrincipal(
        Book storage book,
        ReceivableId receivableId,
        uint96 principal,
        uint96 lateCharge,
        address payer,
        uint256 today
    ) internal {
        Record storage record = book.records[receivableId];
        record.principalPaid += uint80(principal);
        uint96 unpaid = uint96(unpaidOf(record));
        if (principal + lateCharge != 0) {
            emit IReceivables.PaymentReceived(receivableId, payer, principal, lateCharge, unpaid);
        }
        if (unpaid == 0 && ReceivableClock.lateDue(book, receivableId, today) == 0) {
            record.status = IReceivables.Status.Settled;
            emit IReceivables.ReceivableSettled(receivableId);
        }
    }

    // ------------------------------------------------------------------ money out

    /// @notice The amount of a claim to pay now, where late money may be part of it. The late money is counted as
    /// taken.
    /// @param book The stored state of Receivables.
    /// @param receivableId The receivable.
    /// @param claimId The claim.
    /// @param value Minor units of the claim.
    /// @param weight Weight of the claim (ClaimShares).
    /// @return principal Principal, in minor units.
    /// @return lateCharge Late charge, in minor units.
    function takeLate(Book storage book, ReceivableId receivableId, uint256 claimId, uint96 value, uint128 weight)
        external
        returns (uint96 principal, uint96 lateCharge)
    {
        (principal, lateCharge) = _collectable(book, receivableId, claimId, value, weight);
        if (lateCharge == 0) return (principal, 0);
        book.claimLates[claimId].taken += lateCharge;
        book.lateRecords[receivableId].taken += uint80(lateCharge);
    }

    /// @notice Money paid on a free claim could not be sent: it waits for the holder's party.
    /// @param book The stored state of Receivables.
    /// @param registry The registry of parties.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    function keep(Book storage book, IPartyRegistry registry, address currency, address to, uint256 amount) external {
        book.unclaimed.keep(registry, currency, to, amount);
    }

    /// @notice Pays the lienholder, and calls a lienholder that lends on claims with the amount.
    /// @dev A contract of the ledger is always paid and called: it knows whose money it is. Another contract is called
    /// if that is possible.
    /// Reverts with {GasTooLow} if the call of a lienholder outside of the ledger cannot get 1,000,000 gas.
    /// @param book The stored state of Receivables.
    /// @param registry The registry of parties.
    /// @param currency The currency's token contract.
    /// @param claimId The claim.
    /// @param lienholder Whose lien it is.
    /// @param owner The owner of the token.
    /// @param amount Minor units of the currency.
    function payLienholder(
        Book storage book,
        IPartyRegistry registry,
        address currency,
        ClaimId claimId,
        address lienholder,
        address owner,
        uint256 amount
    ) external {
        bool ofLedger = TokenRights.isLedger(registry, lienholder);
        if ((!ofLedger && !registry.isValid(lienholder)) || !TriedTransfer.send(currency, lienholder, amount)) {
            book.unclaimed.keep(registry, currency, lienholder, amount);
            return;
        }
        if (!WantOfGas.supportsInterface(lienholder, type(IClaimCollector).interfaceId)) return;
        if (ofLedger) {
            IClaimCollector(lienholder).onCollected(claimId, owner, amount);
            return;
        }
        // The sender cannot make the call fail by giving too little gas (EIP-150).
        if (gasleft() < COLLECTOR_GAS * 64 / 63 + 5_000) revert WantOfGas.GasTooLow(gasleft(), COLLECTOR_GAS);
        try IClaimCollector(lienholder).onCollected{gas: COLLECTOR_GAS}(claimId, owner, amount) {} catch {}
    }

    /// @notice With the last claim gone, the cents that reached no holder's share go to the seller's party.
    /// @param book The stored state of Receivables.
    /// @param registry The registry of parties.
    /// @param receivableId The receivable.
    /// @param weight Weight of the claim (ClaimShares).
    function endClaim(Book storage book, IPartyRegistry registry, ReceivableId receivableId, uint128 weight) external {
        book.lateRecords[receivableId].weightBurned += weight;
        payRemainder(book, registry, receivableId);
    }

    /// @notice Pays the cents that reached no holder's share to the seller's party, once no claim is left.
    /// @dev Weights were rounded up when claims were divided, by less than any claim weighs. With the last claim they
    /// reach the whole.
    /// @param book The stored state of Receivables.
    /// @param registry The registry of parties.
    /// @param receivableId The receivable.
    function payRemainder(Book storage book, IPartyRegistry registry, ReceivableId receivableId) internal {
        LateRecord storage late = book.lateRecords[receivableId];
        uint96 remainder = late.paid - late.taken;
        if (remainder == 0 || late.weightBurned < ClaimShares.WHOLE) return;
        Record storage record = book.records[receivableId];
        late.taken = late.paid;
        emit IReceivables.LateChargeRemainderPaid(receivableId, record.seller, remainder);
        book.unclaimed.pay(registry, book.currencies[record.currencyIndex], record.seller, remainder);
    }

    /// @notice See {IReceivables.withdrawUnclaimed}.
    /// @param book The stored state of Receivables.
    /// @param registry The registry of parties.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param caller The sender of the call.
    /// @return Minor units that were sent.
    function withdrawUnclaimed(Book storage book, IPartyRegistry registry, address currency, address to, address caller)
        external
        returns (uint256)
    {
        return book.unclaimed.withdraw(registry, currency, to, caller);
    }

    /// @notice See {IReceivables.forcedWithdraw}.
    /// @dev Warning: the caller checks that the sender is the court.
    /// @param book The stored state of Receivables.
    /// @param registry The registry of parties.
    /// @param from An account of the party whose money it is.
    /// @param currency The currency's token contract.
    /// @param to The account that receives.
    /// @param amount Minor units of the currency.
    /// @param orderHash Hash of the court's order.
    function forcedWithdraw(
        Book storage book,
        IPartyRegistry registry,
        address from,
        address currency,
        address to,
        uint256 amount,
        bytes32 orderHash
    ) external {
        uint256 there = book.unclaimed.amountOf(registry, from, currency);
        if (amount == 0 || amount > there) revert IReceivables.AmountOutOfRange(amount, 1, there);
        emit IReceivables.ForcedWithdrawal(from, currency, to, amount, orderHash);
        book.unclaimed.take(registry, currency, from, to, amount);
    }

    // ------------------------------------------------------------------ late money of claims

    /// @notice Late money earned so far stays with the claim that earned it, before weight moves to another claim. It
    /// moves along with the whole, so that nothing is owed to a claim that is empty or about to be merged away.
    /// @param book The stored state of Receivables.
    /// @param lineages Second storage slot of each token.
    /// @param receivableId The receivable.
    /// @param fromClaimId The claim that gives weight.
    /// @param toClaimId The claim that gets it.
    /// @param whole Whether all of its value moves.
    function settleLate(
        Book storage book,
        mapping(uint256 => Lineage) storage lineages,
        ReceivableId receivableId,
        uint256 fromClaimId,
        uint256 toClaimId,
        bool whole
    ) external {
        uint256 index = book.lateRecords[receivableId].index;
        if (index == 0) return;
        ClaimLate storage from = settle(book, index, fromClaimId, lineages[fromClaimId].weight);
        ClaimLate storage to = settle(book, index, toClaimId, lineages[toClaimId].weight);
        if (!whole) return;
        uint160 taken = ClaimShares.fine(from.taken);
        to.owed += from.owed - taken;
        from.owed = taken;
    }

    /// @notice Counts what the claim has earned up to this index.
    /// @param book The stored state of Receivables.
    /// @param index The receivable's index now.
    /// @param claimId The claim.
    /// @param weight Weight of the claim (ClaimShares).
    /// @return held The late charge of the claim.
    function settle(Book storage book, uint256 index, uint256 claimId, uint128 weight)
        internal
        returns (ClaimLate storage held)
    {
        held = book.claimLates[claimId];
        held.owed += ClaimShares.lateShareDown(weight, index - held.startIndex);
        held.startIndex = index;
    }

    // ------------------------------------------------------------------ views

    /// @notice See {IReceivables.collectable}.
    /// @param book The stored state of Receivables.
    /// @param receivableId The receivable.
    /// @param claimId The claim.
    /// @param value Minor units of the claim.
    /// @param weight Weight of the claim (ClaimShares).
    /// @return principal Principal, in minor units.
    /// @return lateCharge Late charge, in minor units.
    function collectable(Book storage book, ReceivableId receivableId, uint256 claimId, uint96 value, uint128 weight)
        external
        view
        returns (uint96 principal, uint96 lateCharge)
    {
        return _collectable(book, receivableId, claimId, value, weight);
    }

    /// @notice See {IReceivables.due} and {IReceivables.isOverdue}.
    /// @param book The stored state of Receivables.
    /// @param receivableId The receivable.
    /// @param zoneOffset Seconds by which the ledger's day is ahead of UTC.
    /// @return principal Principal, in minor units.
    /// @return lateCharge Late charge, in minor units.
    /// @return overdue Whether something is owed after the due day.
    function due(Book storage book, ReceivableId receivableId, uint256 zoneOffset)
        external
        view
        returns (uint96 principal, uint96 lateCharge, bool overdue)
    {
        Record storage record = knownRecord(book, receivableId);
        uint256 today = ReceivableClock.today(book, record, zoneOffset);
        principal = uint96(unpaidOf(record));
        lateCharge = ReceivableClock.lateDue(book, receivableId, today);
        overdue = principal + lateCharge != 0 && today > record.dueDay;
    }

    /// @notice See {IReceivables.unclaimedOf}.
    /// @param book The stored state of Receivables.
    /// @param registry The registry of parties.
    /// @param party An account of the party.
    /// @param currency The currency's token contract.
    /// @return Minor units.
    function unclaimedOf(Book storage book, IPartyRegistry registry, address party, address currency)
        external
        view
        returns (uint256)
    {
        return book.unclaimed.amountOf(registry, party, currency);
    }

    // ------------------------------------------------------------------ internal parts

    /// @dev The parts of a payment: late charge first, then principal.
    function _partsOf(Book storage book, ReceivableId receivableId, uint96 amount, uint256 today)
        private
        view
        returns (uint96 principal, uint96 lateCharge)
    {
        lateCharge = ReceivableClock.lateDue(book, receivableId, today);
        if (lateCharge > amount) lateCharge = amount;
        uint256 unpaid = unpaidOf(book.records[receivableId]);
        principal = unpaid > amount - lateCharge ? amount - lateCharge : uint96(unpaid);
    }

    /// @dev Changes with each payment and each credit note: the unpaid principal above the late charge that was paid.
    function _stateOf(Book storage book, ReceivableId receivableId) private view returns (uint256) {
        return unpaidOf(book.records[receivableId]) << PAID_BITS | book.lateRecords[receivableId].paid;
    }

    /// @dev Takes exactly `amount` in; returns false if the currency stands.
    function _pullOrRefuse(Book storage book, address currency, address payer, uint256 amount, uint256 zoneOffset)
        private
        returns (bool)
    {
        uint256 before = IERC20(currency).balanceOf(address(this));
        if (!TriedTransfer.move(currency, payer, address(this), amount)) {
            _refused(book, currency, payer, amount, zoneOffset);
            return false;
        }
        uint256 received = IERC20(currency).balanceOf(address(this)) - before;
        if (received != amount) revert Unclaimed.TransferTookFee(currency, amount, received);
        return true;
    }

    function _refused(Book storage book, address currency, address payer, uint256 amount, uint256 zoneOffset) private {
        if (!ReceivableClock.check(book, currency, zoneOffset)) return;
        IERC20(currency).safeTransferFrom(payer, address(this), amount);
        revert IReceivables.CurrencyUnsteady(currency);
    }

    function _collectable(Book storage book, ReceivableId receivableId, uint256 claimId, uint96 value, uint128 weight)
        private
        view
        returns (uint96 principal, uint96 lateCharge)
    {
        Record storage record = book.records[receivableId];
        principal = ClaimShares.collectableDown(
            value, weight, unpaidOf(record), ReceivableClock.totalWeight(book, receivableId)
        );
        if (!record.hasLateRecord) return (principal, 0);
        ClaimLate storage held = book.claimLates[claimId];
        uint256 rise = book.lateRecords[receivableId].index - held.startIndex;
        lateCharge = ClaimShares.wholeDown(held.owed + ClaimShares.lateShareDown(weight, rise)) - held.taken;
    }

    /// @dev Amounts have 60 bits. With more than 8 digits there would be no room for them.
    function _requireFit(address currency) private {
        if (currency.code.length == 0) revert IReceivables.CurrencyWithoutDecimals(currency);
        try IERC20Metadata(currency).decimals() returns (uint8 decimals) {
            if (decimals > MAX_DECIMALS) {
                revert IReceivables.CurrencyDecimalsOutOfRange(currency, decimals, MAX_DECIMALS);
            }
        } catch {
            revert IReceivables.CurrencyWithoutDecimals(currency);
        }
        if (!CurrencyClock.moves(currency)) revert IReceivables.CurrencyStands(currency);
    }
}
