// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {SignedTerms} from "../access/SignedTerms.sol";
import {TriedTransfer} from "../cash/TriedTransfer.sol";
import {Unclaimed} from "../cash/Unclaimed.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {LoanId, PartyId, ProductId} from "../types/Ids.sol";
import {IReserveClient, IRiskReserve} from "./IRiskReserve.sol";
import {AgreementBook, Insurance, RiskAgreements} from "./RiskAgreements.sol";

/// @title Money set aside for losses, and who bears which part of a loss.
/// @notice See {IRiskReserve} for the specification.
/// @dev The contract holds the reserves and unclaimed money, nothing else. It knows Facilities by its address, bound
/// once: no role can feed, record or recover.
contract RiskReserve is IRiskReserve, ForwardedAccess, EIP712, ReentrancyGuard {
    using SafeERC20 for IERC20;
    using SignedTerms for SignedTerms.Book;
    using Unclaimed for Unclaimed.Book;

    /// @notice A sharer's part of a loss, in minor units.
    /// @param sharer The sharer.
    /// @param owed What it is to bear.
    /// @param paid What it has paid.
    /// @param returned What it got back of recovered money.
    struct Share {
        address sharer;
        uint64 owed;
        uint64 paid;
        uint64 returned;
    }

    /// @notice A loss and what became of it, in minor units.
    /// @param lender The lender.
    /// @param currency The currency's token contract.
    /// @param productId The product.
    /// @param insured The part that the insurer should bear.
    /// @param insurer The insurer; zero if there is none.
    /// @param toLender Recovered money that the lender received.
    /// @param toInsurer Recovered money that the insurer received.
    /// @param toSharers Recovered money that the sharers received.
    /// @param toReserve Recovered money that went back to the reserves.
    /// @param fromPool What the pool absorbed. The rest of what the reserve absorbed came from the lender's own.
    /// @param loss The loss.
    /// @param shares The parts of the sharers.
    struct Record {
        address lender;
        address currency;
        ProductId productId;
        uint64 insured;
        address insurer;
        uint64 toLender;
        uint64 toInsurer;
        uint64 toSharers;
        uint64 toReserve;
        uint64 fromPool;
        Loss loss;
        Share[] shares;
    }

    uint256 private constant WHOLE = 1_000_000;

    /// @notice The registry of parties.
    IPartyRegistry public immutable registry;
    /// @inheritdoc IRiskReserve
    address public facilities;
    mapping(ProductId => mapping(address currency => uint64)) private _caps;
    mapping(ProductId => mapping(address currency => uint64)) private _totals;
    /// @dev By the lender's party; for party zero: the pool.
    mapping(ProductId => mapping(address currency => mapping(PartyId lender => uint64))) private _balances;
    mapping(LoanId => Record) private _records;
    AgreementBook private _agreements;
    Unclaimed.Book private _unclaimed;

    modifier onlyFacilities() {
        _requireFacilities();
        _;
    }

    constructor(address authority_, address forwarder, IPartyRegistry registry_)
        ForwardedAccess(authority_, forwarder)
        EIP712("Cession RiskReserve", "1")
    {
        registry = registry_;
    }

    // ------------------------------------------------------------------ by Facilities

    /// @inheritdoc IRiskReserve
    function bind(address facilities_) external restricted {
        if (facilities != address(0)) revert AlreadyBound(facilities);
        facilities = facilities_;
        emit FacilitiesBound(facilities_);
    }

    /// @inheritdoc IRiskReserve
    function feed(ProductId productId, address currency, address from, uint64 amount, bool pooled)
        external
        onlyFacilities
        nonReentrant
    {
        _feed(productId, currency, pooled ? address(0) : from, from, amount);
    }

    /// @inheritdoc IRiskReserve
    function follow(ProductId productId, address currency, address from, address to, uint64 amount)
        external
        onlyFacilities
        nonReentrant
        returns (uint64 moved)
    {
        mapping(PartyId => uint64) storage balances = _balances[productId][currency];
        (PartyId first, PartyId second) = (_ownerOf(from), _ownerOf(to));
        if (first == second) return 0;
        (moved,) = _take(balances[first], amount);
        if (moved == 0) return 0;
        balances[first] -= moved;
        balances[second] += moved;
        emit ReserveFollowed(productId, from, to, currency, moved);
    }

    /// @inheritdoc IRiskReserve
    function recordLoss(LossReport calldata report) external onlyFacilities nonReentrant returns (uint64 absorbed) {
        LoanId loanId = report.loanId;
        Record storage record = _records[loanId];
        if (record.lender != address(0)) revert LossRecordedAlready(loanId);
        if (report.loss == 0) revert AmountOutOfRange(0, 1, type(uint64).max);
        record.lender = report.lender;
        record.currency = report.currency;
        record.productId = report.productId;
        record.loss.loss = report.loss;
        record.loss.borne = report.loss;
        emit LossRecorded(loanId, report.productId, report.lender, report.loss);
        if (_isNear(report.borrower, report.lender, report.administrator)) {
            emit LossOfRelated(loanId, report.lender, report.borrower);
            return 0;
        }
        if (report.own != 0) emit LossLeftToLender(loanId, report.lender, report.own);
        _fromReserve(report, record);
        uint64 left = _fromSharers(report, record);
        _openInsurance(report, record, left);
        return report.loss - record.loss.borne;
    }

    /// @inheritdoc IRiskReserve
    function recover(LoanId loanId, uint64 amount) external onlyFacilities nonReentrant {
        Record storage record = _known(loanId);
        uint64 max = record.loss.loss - record.loss.recovered;
        if (amount == 0 || amount > max) revert AmountOutOfRange(amount, 1, max);
        record.loss.recovered += amount;
        uint64 left = amount;
        uint64 part;

        (part, left) = _take(record.loss.borne - record.toLender, left);
        record.toLender += part;
        if (part != 0) emit LossRecovered(loanId, record.lender, "lender", part);
        _toLender(loanId, record, part);

        // What others keep of recoveries that were reversed.
        (part, left) = _take(record.loss.outlay, left);
        record.loss.outlay -= part;
        _giveBack(loanId, record, record.lender, "outlay", part);

        (part, left) = _take(record.loss.fromInsurer - record.toInsurer, left);
        record.toInsurer += part;
        _giveBack(loanId, record, record.insurer, "insurer", part);

        (part, left) = _take(record.loss.fromSharers - record.toSharers, left);
        if (part != 0) _giveSharersBack(loanId, record, part);

        uint64 toPool = record.fromPool < record.toReserve ? 0 : record.fromPool - record.toReserve;
        record.toReserve += left;
        (part, left) = _take(toPool, left);
        _putBack(loanId, record, address(0), "pool", part);
        _putBack(loanId, record, record.lender, "reserve", left);
    }

    /// @inheritdoc IRiskReserve
    function reverseRecovery(LoanId loanId, uint64 amount)
        external
        onlyFacilities
        nonReentrant
        returns (uint64 outlay)
    {
        Record storage record = _known(loanId);
        Loss storage loss = record.loss;
        if (amount == 0 || amount > loss.recovered) revert AmountOutOfRange(amount, 1, loss.recovered);
        loss.recovered -= amount;
        // The lender got the first of it, so the others got the last.
        uint64 left;
        (outlay, left) = _take(record.toInsurer + record.toSharers + record.toReserve - loss.outlay, amount);
        loss.outlay += outlay;
        record.toLender -= left;
        emit RecoveryReversed(loanId, record.lender, amount, outlay);
    }

    // ------------------------------------------------------------------ agreements

    /// @inheritdoc IRiskReserve
    function setCap(ProductId productId, address currency, uint64 cap) external restricted {
        if (cap > ClaimShares.MAX_AMOUNT) revert AmountOutOfRange(cap, 0, ClaimShares.MAX_AMOUNT);
        _caps[productId][currency] = cap;
        emit ReserveCapSet(productId, currency, cap);
    }

    /// @inheritdoc IRiskReserve
    function topUp(ProductId productId, address currency, address lender, uint64 amount) external nonReentrant {
        address sender = _msgSender();
        registry.requireValidForRisk(sender, 0);
        if (lender != address(0)) registry.requireValid(lender, 0);
        if (lender == address(0) && !_client().isReservePooled(productId)) revert NotPooled(productId);
        _feed(productId, currency, lender, sender, amount);
    }

    /// @inheritdoc IRiskReserve
    function agreeSharing(SharingTerms calldata terms, bytes calldata sharerSignature) external restricted {
        RiskAgreements.agreeSharing(_agreements, registry, _client(), _domainSeparatorV4(), terms, sharerSignature);
    }

    /// @inheritdoc IRiskReserve
    function endSharing(ProductId productId, uint256 place, uint40 deadline, bytes calldata sharerSignature)
        external
        restricted
    {
        // Anyone who acts through the AccessManager has its address as sender.
        if (msg.sender == authority()) revert SecondPersonNeeded(msg.sender);
        RiskAgreements.endSharing(
            _agreements, registry, _domainSeparatorV4(), _msgSender(), productId, place, deadline, sharerSignature
        );
    }

    /// @inheritdoc IRiskReserve
    function agreeInsurance(
        InsuranceTerms calldata terms,
        bytes calldata insurerSignature,
        bytes calldata insuredSignature
    ) external {
        RiskAgreements.agreeInsurance(
            _agreements, registry, _client(), _domainSeparatorV4(), terms, [insurerSignature, insuredSignature]
        );
    }

    /// @inheritdoc IRiskReserve
    function cancelSignature(bytes32 digest) external {
        _agreements.signedTerms.cancel(_msgSender(), digest);
    }

    // ------------------------------------------------------------------ payments

    /// @inheritdoc IRiskReserve
    function paySharer(LoanId loanId, uint256 place, uint64 amount) external nonReentrant {
        (, uint64 open) = openShareOf(loanId, place);
        if (amount == 0 || amount > open) revert AmountOutOfRange(amount, 1, open);
        Record storage record = _records[loanId];
        Share storage share = record.shares[place];
        share.paid += amount;
        record.loss.fromSharers += amount;
        _payLender(loanId, record, share.sharer, "sharer", amount);
    }

    /// @inheritdoc IRiskReserve
    function payInsurance(LoanId loanId, uint64 amount) external nonReentrant {
        (address insurer, uint64 open) = openInsuranceOf(loanId);
        if (insurer == address(0)) revert NotInsured(loanId);
        if (amount == 0 || amount > open) revert AmountOutOfRange(amount, 1, open);
        Record storage record = _records[loanId];
        record.loss.fromInsurer += amount;
        _payLender(loanId, record, insurer, "insurer", amount);
    }

    /// @inheritdoc IRiskReserve
    function withdrawUnclaimed(address to, address currency) external nonReentrant {
        _unclaimed.withdraw(registry, currency, to, _msgSender());
    }

    /// @inheritdoc IRiskReserve
    function forcedWithdraw(address from, address currency, address to, uint256 amount, bytes32 orderHash)
        external
        nonReentrant
    {
        if (msg.sender != registry.court()) revert IPartyRegistry.NotCourt(msg.sender);
        _unclaimed.take(registry, currency, from, to, amount);
        emit ForcedWithdrawal(from, to, orderHash, currency, amount);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IRiskReserve
    function room(ProductId productId, address currency) public view returns (uint64) {
        (uint64 cap, uint64 total) = (_caps[productId][currency], _totals[productId][currency]);
        return total < cap ? cap - total : 0;
    }

    /// @inheritdoc IRiskReserve
    function balanceOf(ProductId productId, address currency, address lender) external view returns (uint64) {
        return _balances[productId][currency][_ownerOf(lender)];
    }

    /// @inheritdoc IRiskReserve
    function totalOf(ProductId productId, address currency) external view returns (uint64) {
        return _totals[productId][currency];
    }

    /// @inheritdoc IRiskReserve
    function sharingOf(ProductId productId, uint256 place) external view returns (SharingState memory) {
        return RiskAgreements.sharingAt(_agreements, productId, place);
    }

    /// @inheritdoc IRiskReserve
    function lossOf(LoanId loanId) external view returns (Loss memory) {
        return _known(loanId).loss;
    }

    /// @inheritdoc IRiskReserve
    function openShareOf(LoanId loanId, uint256 place) public view returns (address sharer, uint64 amount) {
        Record storage record = _known(loanId);
        if (place >= record.shares.length) revert ShareUnknown(loanId, place);
        Share storage share = record.shares[place];
        return (share.sharer, _openOf(record, share.owed - share.paid));
    }

    /// @inheritdoc IRiskReserve
    function openInsuranceOf(LoanId loanId) public view returns (address insurer, uint64 amount) {
        Record storage record = _known(loanId);
        return (record.insurer, _openOf(record, record.insured - record.loss.fromInsurer));
    }

    /// @inheritdoc IRiskReserve
    function unclaimedOf(address party, address currency) external view returns (uint256) {
        return _unclaimed.amountOf(registry, party, currency);
    }

    /// @inheritdoc IRiskReserve
    function sharingDigest(SharingTerms calldata terms) external view returns (bytes32) {
        return RiskAgreements.sharingDigest(_domainSeparatorV4(), terms);
    }

    /// @inheritdoc IRiskReserve
    function sharingEndDigest(bytes32 termsHash, uint40 deadline) external view returns (bytes32) {
        return RiskAgreements.sharingEndDigest(_domainSeparatorV4(), termsHash, deadline);
    }

    /// @inheritdoc IRiskReserve
    function insuranceDigest(InsuranceTerms calldata terms) external view returns (bytes32) {
        return RiskAgreements.insuranceDigest(_domainSeparatorV4(), terms);
    }

    // ------------------------------------------------------------------ internal parts

    function _requireFacilities() private view {
        if (msg.sender != facilities) revert NotFacilities(msg.sender);
    }

    function _client() private view returns (IReserveClient) {
        if (facilities == address(0)) revert NotBound();
        return IReserveClient(facilities);
    }

    function _known(LoanId loanId) private view returns (Record storage record) {
        record = _records[loanId];
        if (record.lender == address(0)) revert LossUnknown(loanId);
    }

    /// @dev The party whose losses it is for; the pool belongs to no party.
    function _ownerOf(address lender) private view returns (PartyId owner) {
        if (lender == address(0)) return owner;
        owner = registry.partyOf(lender);
        // An address of no party must not read, feed or use the pool.
        if (owner.isNull()) revert IPartyRegistry.AccountUnknown(lender);
    }

    function _isNear(address account, address first, address second) private view returns (bool) {
        return registry.areRelated(account, first) || registry.areRelated(account, second);
    }

    /// @dev Nobody is paid twice: what was recovered for the lender need not be absorbed any more.
    function _openOf(Record storage record, uint64 owed) private view returns (uint64) {
        uint64 bearing = record.loss.borne - record.toLender;
        return owed < bearing ? owed : bearing;
    }

    function _feed(ProductId productId, address currency, address lender, address from, uint64 amount) private {
        uint64 free = room(productId, currency);
        if (amount == 0) revert AmountOutOfRange(0, 1, free);
        if (amount > free) revert ReserveFull(productId, currency, _caps[productId][currency]);
        uint64 balance = _add(productId, currency, lender, amount);
        emit ReserveFed(productId, lender, from, currency, amount, balance);
        Unclaimed.pull(currency, from, amount);
    }

    function _add(ProductId productId, address currency, address lender, uint64 amount)
        private
        returns (uint64 balance)
    {
        PartyId owner = _ownerOf(lender);
        balance = _balances[productId][currency][owner] + amount;
        _balances[productId][currency][owner] = balance;
        _totals[productId][currency] += amount;
    }

    /// @dev From what the lender itself fed, then from the pool if the lender agreed to one.
    function _fromReserve(LossReport calldata report, Record storage record) private {
        uint64 own = _use(report, record, report.lender, "reserve");
        uint64 pool = report.pooled ? _use(report, record, address(0), "pool") : 0;
        record.fromPool = pool;
        record.loss.fromReserve = own + pool;
        _toLender(report.loanId, record, own + pool);
    }

    function _use(LossReport calldata report, Record storage record, address lender, bytes32 source)
        private
        returns (uint64 part)
    {
        mapping(PartyId => uint64) storage balances = _balances[report.productId][report.currency];
        PartyId owner = _ownerOf(lender);
        (part,) = _take(balances[owner], record.loss.borne - report.own);
        if (part == 0) return 0;
        balances[owner] -= part;
        _totals[report.productId][report.currency] -= part;
        record.loss.borne -= part;
        emit LossAbsorbed(report.loanId, address(this), source, part);
    }

    /// @dev Each pays its part of what the reserve left, rounded down and up to its cap. A sharer that cannot pay now
    /// owes it.
    function _fromSharers(LossReport calldata report, Record storage record) private returns (uint64 left) {
        uint64 shared = record.loss.borne - report.own;
        left = shared;
        SharingState[] storage sharings = _agreements.sharings[report.productId];
        for (uint256 i; i < sharings.length && shared != 0; ++i) {
            SharingState storage sharing = sharings[i];
            if (
                sharing.currency != report.currency || sharing.validUntil <= block.timestamp
                    || !_isAfter(report, sharing.afterLoan, sharing.fromDay)
            ) continue;
            uint64 owed = uint64(uint256(shared) * sharing.part / WHOLE);
            if (owed > sharing.left) owed = sharing.left;
            if (owed == 0) continue;
            if (_isNear(sharing.sharer, report.lender, report.borrower)) {
                emit SharerExcluded(report.loanId, sharing.sharer);
                continue;
            }
            sharing.left -= owed;
            left -= owed;
            _askSharer(report.loanId, record, sharing.sharer, owed);
        }
    }

    /// @dev The loan was drawn after the signature was on the ledger, and not before its first day.
    function _isAfter(LossReport calldata report, uint256 afterLoan, uint24 fromDay) private pure returns (bool) {
        return LoanId.unwrap(report.loanId) > afterLoan && report.drawnDay >= fromDay;
    }

    function _askSharer(LoanId loanId, Record storage record, address sharer, uint64 owed) private {
        Share storage share = record.shares.push();
        share.sharer = sharer;
        share.owed = owed;
        address currency = record.currency;
        uint256 before = IERC20(currency).balanceOf(address(this));
        if (!TriedTransfer.move(currency, sharer, address(this), owed)) {
            emit SharerDidNotPay(loanId, sharer, owed);
            return;
        }
        uint256 received = IERC20(currency).balanceOf(address(this)) - before;
        if (received != owed) revert Unclaimed.TransferTookFee(currency, owed, received);
        share.paid = owed;
        record.loss.fromSharers += owed;
        record.loss.borne -= owed;
        emit LossAbsorbed(loanId, sharer, "sharer", owed);
        _toLender(loanId, record, owed);
    }

    function _openInsurance(LossReport calldata report, Record storage record, uint64 left) private {
        Insurance storage held = _agreements.insurances[report.facilityId][report.insured];
        if (
            left == 0 || held.left == 0 || held.currency != report.currency || held.validUntil <= block.timestamp
                || !_isAfter(report, held.afterLoan, held.fromDay)
                || _isNear(held.insurer, report.lender, report.borrower)
        ) return;
        (uint64 claimed,) = _take(held.left, left);
        held.left -= claimed;
        record.insurer = held.insurer;
        record.insured = claimed;
        emit InsuranceClaimed(report.loanId, held.insurer, claimed);
    }

    /// @dev Pays from outside to the lender, which bears that much less. The lender does not pay itself: recovered
    /// money is for those who bore the loss.
    function _payLender(LoanId loanId, Record storage record, address payer, bytes32 source, uint64 amount) private {
        address lender = record.lender;
        if (_msgSender() == lender) revert SamePartyBothSides(lender, lender);
        record.loss.borne -= amount;
        emit LossAbsorbed(loanId, payer, source, amount);
        if (!_client().isShared(loanId)) {
            _unclaimed.transfer(registry, record.currency, _msgSender(), lender, amount);
            return;
        }
        Unclaimed.pull(record.currency, _msgSender(), amount);
        _toLender(loanId, record, amount);
    }

    /// @dev Pays money that is here to the lender; that of a loan with participants goes to Facilities, which shares it
    /// out.
    function _toLender(LoanId loanId, Record storage record, uint256 amount) private {
        if (amount == 0) return;
        address currency = record.currency;
        if (!_client().isShared(loanId)) {
            _unclaimed.pay(registry, currency, record.lender, amount);
            return;
        }
        uint256 before = IERC20(currency).balanceOf(facilities);
        IERC20(currency).safeTransfer(facilities, amount);
        uint256 arrived = IERC20(currency).balanceOf(facilities) - before;
        if (arrived != amount) revert Unclaimed.TransferTookFee(currency, amount, arrived);
        _client().onLossPaid(loanId, amount);
    }

    function _putBack(LoanId loanId, Record storage record, address lender, bytes32 source, uint64 amount) private {
        if (amount == 0) return;
        _add(record.productId, record.currency, lender, amount);
        emit LossRecovered(loanId, address(this), source, amount);
    }

    function _giveBack(LoanId loanId, Record storage record, address to, bytes32 source, uint64 amount) private {
        if (amount == 0) return;
        emit LossRecovered(loanId, to, source, amount);
        _unclaimed.pay(registry, record.currency, to, amount);
    }

    /// @dev In proportion to what each has paid, of all that sharers got back, rounded down. Cents that rounding leaves
    /// go to the first sharer that is short of its own.
    function _giveSharersBack(LoanId loanId, Record storage record, uint64 part) private {
        record.toSharers += part;
        uint256 count = record.shares.length;
        uint64[] memory parts = new uint64[](count);
        uint64 left = part;
        for (uint256 i; i < count; ++i) {
            Share storage share = record.shares[i];
            uint64 entitled = uint64(uint256(share.paid) * record.toSharers / record.loss.fromSharers);
            if (entitled > share.returned) (parts[i], left) = _take(entitled - share.returned, left);
        }
        for (uint256 i; i < count; ++i) {
            Share storage share = record.shares[i];
            uint64 more;
            (more, left) = _take(share.paid - share.returned - parts[i], left);
            share.returned += parts[i] + more;
            _giveBack(loanId, record, share.sharer, "sharer", parts[i] + more);
        }
    }

    function _take(uint64 max, uint64 requested) private pure returns (uint64 part, uint64 left) {
        part = requested < max ? requested : max;
        left = requested - part;
    }
}
