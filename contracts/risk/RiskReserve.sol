// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ForwardedAccess} from "../access/ForwardedAccess.sol";
import {Roles} from "../access/Roles.sol";
import {ClaimShares} from "../math/ClaimShares.sol";
import {IPartyRegistry} from "../registry/IPartyRegistry.sol";
import {FacilityId, LoanId, ProductId} from "../types/Ids.sol";
import {IRiskReserve} from "./IRiskReserve.sol";

/// @title Money set aside for losses, and who bears which part of one.
/// @dev Holds the reserves, and what could not be paid out; nothing else.
contract RiskReserve is IRiskReserve, ForwardedAccess, EIP712, ReentrancyGuard {
    using SafeERC20 for IERC20;

    struct Sharing {
        address sharer;
        address currency;
        uint24 part;
        uint40 validFrom;
        uint40 validUntil;
        uint64 left; // of its cap
    }

    struct Insurance {
        address insurer;
        address currency;
        uint64 left; // of its cover
        uint40 validFrom;
        uint40 validUntil;
    }

    struct Share {
        address sharer;
        uint64 owed;
        uint64 paid;
        uint64 returned;
    }

    struct Record {
        address lender;
        address currency;
        ProductId productId;
        uint64 insured; // what the insurer shall bear
        address insurer;
        uint64 toLender; // recovered money, to whom it went
        uint64 toInsurer;
        uint64 toSharers;
        uint64 toReserve;
        Loss loss;
        Share[] shares;
    }

    uint256 private constant WHOLE = 1_000_000;
    uint256 private constant MOST_SHARERS = 8;
    bytes32 private constant SHARING_TYPEHASH = keccak256(
        "SharingTerms(uint256 productId,address sharer,address currency,uint24 part,uint64 cap,uint40 validFrom,"
        "uint40 validUntil,bytes32 legalTextHash,uint256 nonce)"
    );
    bytes32 private constant INSURANCE_TYPEHASH = keccak256(
        "InsuranceTerms(uint256 facilityId,address insurer,address insured,address currency,uint64 cover,"
        "uint40 validFrom,uint40 validUntil,bytes32 legalTextHash,uint256 nonce)"
    );

    IPartyRegistry public immutable registry;
    mapping(ProductId => mapping(address currency => uint64)) private _caps;
    mapping(ProductId => mapping(address currency => uint64)) private _balances;
    mapping(ProductId => Sharing[]) private _sharings;
    /// @dev By insured too: what others sign for a line is not in its lender's way.
    mapping(FacilityId => mapping(address insured => Insurance)) private _insurances;
    mapping(LoanId => Record) private _records;
    mapping(bytes32 digest => bool) private _used;
    mapping(address party => mapping(address currency => uint256)) private _kept;

    modifier onlyFacilities() {
        (bool isMember,) = IAccessManager(authority()).hasRole(Roles.FACILITIES, msg.sender);
        if (!isMember) revert NotFacilities(msg.sender);
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
    function feed(ProductId productId, address currency, address from, uint64 amount)
        external
        onlyFacilities
        nonReentrant
    {
        _feed(productId, currency, from, amount);
    }

    /// @inheritdoc IRiskReserve
    function recordLoss(
        LoanId loanId,
        FacilityId facilityId,
        ProductId productId,
        address currency,
        address lender,
        uint64 loss
    ) external onlyFacilities nonReentrant returns (uint64 covered) {
        Record storage record = _records[loanId];
        if (record.lender != address(0)) revert LossRecordedAlready(loanId);
        if (loss == 0) revert AmountOutOfRange(0, 1, type(uint64).max);
        record.lender = lender;
        record.currency = currency;
        record.productId = productId;
        record.loss.loss = loss;
        record.loss.borne = loss;
        emit LossRecorded(loanId, productId, lender, loss);
        _fromReserve(loanId, record);
        uint64 left = _fromSharers(loanId, record);
        _openInsurance(loanId, facilityId, record, left);
        return loss - record.loss.borne;
    }

    /// @inheritdoc IRiskReserve
    function recover(LoanId loanId, uint64 amount) external onlyFacilities nonReentrant {
        Record storage record = _known(loanId);
        uint64 most = record.loss.loss - record.loss.recovered;
        if (amount == 0 || amount > most) revert AmountOutOfRange(amount, 1, most);
        record.loss.recovered += amount;
        uint64 left = amount;
        uint64 part;

        (part, left) = _take(record.loss.borne - record.toLender, left);
        record.toLender += part;
        _giveBack(loanId, record, record.lender, "lender", part);

        (part, left) = _take(record.loss.fromInsurer - record.toInsurer, left);
        record.toInsurer += part;
        _giveBack(loanId, record, record.insurer, "insurer", part);

        (part, left) = _take(record.loss.fromSharers - record.toSharers, left);
        if (part != 0) _giveSharersBack(loanId, record, part);

        record.toReserve += left;
        if (left != 0) {
            _balances[record.productId][record.currency] += left;
            emit LossRecovered(loanId, address(this), "reserve", left);
        }
    }

    // ------------------------------------------------------------------ agreements

    /// @inheritdoc IRiskReserve
    function setCap(ProductId productId, address currency, uint64 cap) external restricted {
        if (cap > ClaimShares.MAX_AMOUNT) revert AmountOutOfRange(cap, 0, ClaimShares.MAX_AMOUNT);
        _caps[productId][currency] = cap;
        emit ReserveCapSet(productId, currency, cap);
    }

    /// @inheritdoc IRiskReserve
    function topUp(ProductId productId, address currency, uint64 amount) external nonReentrant {
        registry.requireValidForRisk(_msgSender(), 0);
        if (amount == 0 || amount > room(productId, currency)) {
            revert ReserveFull(productId, currency, _caps[productId][currency]);
        }
        _feed(productId, currency, _msgSender(), amount);
    }

    /// @inheritdoc IRiskReserve
    function agreeSharing(SharingTerms calldata terms, bytes calldata sharerSignature) external restricted {
        registry.requireValidForRisk(terms.sharer, 0);
        _requireInTime(terms.validFrom, terms.validUntil);
        _within(terms.cap, ClaimShares.MAX_AMOUNT);
        _use(terms.sharer, sharingDigest(terms), sharerSignature);
        ProductId productId = ProductId.wrap(terms.productId);
        Sharing[] storage sharings = _sharings[productId];
        uint256 place = sharings.length;
        uint256 sum = terms.part;
        for (uint256 i; i < sharings.length; ++i) {
            if (sharings[i].validUntil <= block.timestamp) place = i;
            else sum += sharings[i].part;
        }
        if (terms.part == 0 || sum > WHOLE) revert PartsExceedWhole(productId, sum);
        if (place == MOST_SHARERS) revert SharersFull(productId, MOST_SHARERS);
        if (place == sharings.length) sharings.push();
        sharings[place] =
            Sharing(terms.sharer, terms.currency, terms.part, terms.validFrom, terms.validUntil, terms.cap);
        emit SharingAgreed(productId, terms.sharer, place, terms.part, terms.cap);
    }

    /// @inheritdoc IRiskReserve
    function agreeInsurance(
        InsuranceTerms calldata terms,
        bytes calldata insurerSignature,
        bytes calldata insuredSignature
    ) external {
        FacilityId facilityId = FacilityId.wrap(terms.facilityId);
        registry.requireValidForRisk(terms.insurer, 0);
        registry.requireValid(terms.insured, 0);
        if (terms.insurer == terms.insured) revert SamePartyBothSides(terms.insurer, terms.insured);
        _requireInTime(terms.validFrom, terms.validUntil);
        // Anyone may agree: numbers that no reader of the ledger has a place for are refused.
        _within(terms.cover, ClaimShares.MAX_AMOUNT);
        _within(terms.facilityId, type(uint40).max);
        Insurance storage held = _insurances[facilityId][terms.insured];
        if (held.validUntil > block.timestamp) revert InsuranceExists(facilityId, held.insurer);
        bytes32 digest = insuranceDigest(terms);
        if (!SignatureChecker.isValidSignatureNow(terms.insured, digest, insuredSignature)) {
            revert SignatureInvalid(terms.insured, digest);
        }
        _use(terms.insurer, digest, insurerSignature);
        _insurances[facilityId][terms.insured] =
            Insurance(terms.insurer, terms.currency, terms.cover, terms.validFrom, terms.validUntil);
        emit InsuranceAgreed(facilityId, terms.insurer, terms.insured, terms.cover);
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
        record.loss.borne -= amount;
        emit LossCovered(loanId, share.sharer, "sharer", amount);
        _pull(record.currency, _msgSender(), record.lender, amount);
    }

    /// @inheritdoc IRiskReserve
    function payInsurance(LoanId loanId, uint64 amount) external nonReentrant {
        (address insurer, uint64 open) = openInsuranceOf(loanId);
        if (insurer == address(0)) revert NotInsured(loanId);
        if (amount == 0 || amount > open) revert AmountOutOfRange(amount, 1, open);
        Record storage record = _records[loanId];
        record.loss.fromInsurer += amount;
        record.loss.borne -= amount;
        emit LossCovered(loanId, insurer, "insurer", amount);
        _pull(record.currency, _msgSender(), record.lender, amount);
    }

    /// @inheritdoc IRiskReserve
    function releaseKept(address party, address currency) external nonReentrant {
        uint256 amount = _kept[party][currency];
        if (amount == 0) revert NothingKept(party, currency);
        registry.requireValid(party, 0);
        _kept[party][currency] = 0;
        emit KeptReleased(party, currency, amount);
        IERC20(currency).safeTransfer(party, amount);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IRiskReserve
    function room(ProductId productId, address currency) public view returns (uint64) {
        (uint64 cap, uint64 balance) = (_caps[productId][currency], _balances[productId][currency]);
        return balance < cap ? cap - balance : 0;
    }

    /// @inheritdoc IRiskReserve
    function balanceOf(ProductId productId, address currency) external view returns (uint64) {
        return _balances[productId][currency];
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
    function keptOf(address party, address currency) external view returns (uint256) {
        return _kept[party][currency];
    }

    /// @inheritdoc IRiskReserve
    function sharingDigest(SharingTerms calldata terms) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(SHARING_TYPEHASH, terms)));
    }

    /// @inheritdoc IRiskReserve
    function insuranceDigest(InsuranceTerms calldata terms) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(INSURANCE_TYPEHASH, terms)));
    }

    // ------------------------------------------------------------------ parts of the above

    function _known(LoanId loanId) private view returns (Record storage record) {
        record = _records[loanId];
        if (record.lender == address(0)) revert LossUnknown(loanId);
    }

    /// @dev Nobody is paid twice: what was recovered for the lender need not be covered any more.
    function _openOf(Record storage record, uint64 owed) private view returns (uint64) {
        uint64 bearing = record.loss.borne - record.toLender;
        return owed < bearing ? owed : bearing;
    }

    function _feed(ProductId productId, address currency, address from, uint64 amount) private {
        uint64 balance = _balances[productId][currency] + amount;
        _balances[productId][currency] = balance;
        emit ReserveFed(productId, currency, from, amount, balance);
        _pull(currency, from, address(this), amount);
    }

    function _fromReserve(LoanId loanId, Record storage record) private {
        uint64 balance = _balances[record.productId][record.currency];
        (uint64 part,) = _take(balance, record.loss.loss);
        if (part == 0) return;
        _balances[record.productId][record.currency] = balance - part;
        record.loss.fromReserve = part;
        record.loss.borne -= part;
        emit LossCovered(loanId, address(this), "reserve", part);
        _send(record.currency, record.lender, part);
    }

    /// @dev Each by its part of what the reserve left, rounded down and up to its cap. One that cannot pay now owes it.
    function _fromSharers(LoanId loanId, Record storage record) private returns (uint64 left) {
        uint64 shared = record.loss.borne;
        left = shared;
        Sharing[] storage sharings = _sharings[record.productId];
        for (uint256 i; i < sharings.length && shared != 0; ++i) {
            Sharing storage sharing = sharings[i];
            if (
                sharing.currency != record.currency || sharing.validFrom > block.timestamp
                    || sharing.validUntil <= block.timestamp
            ) continue;
            uint64 owed = uint64(uint256(shared) * sharing.part / WHOLE);
            if (owed > sharing.left) owed = sharing.left;
            if (owed == 0) continue;
            sharing.left -= owed;
            left -= owed;
            _askSharer(loanId, record, sharing.sharer, owed);
        }
    }

    function _askSharer(LoanId loanId, Record storage record, address sharer, uint64 owed) private {
        Share storage share = record.shares.push();
        share.sharer = sharer;
        share.owed = owed;
        uint256 before = IERC20(record.currency).balanceOf(address(this));
        if (!IERC20(record.currency).trySafeTransferFrom(sharer, address(this), owed)) {
            emit SharerDidNotPay(loanId, sharer, owed);
            return;
        }
        uint256 received = IERC20(record.currency).balanceOf(address(this)) - before;
        if (received != owed) revert TransferTookFee(record.currency, owed, received);
        share.paid = owed;
        record.loss.fromSharers += owed;
        record.loss.borne -= owed;
        emit LossCovered(loanId, sharer, "sharer", owed);
        _send(record.currency, record.lender, owed);
    }

    function _openInsurance(LoanId loanId, FacilityId facilityId, Record storage record, uint64 left) private {
        Insurance storage held = _insurances[facilityId][record.lender];
        if (
            left == 0 || held.left == 0 || held.currency != record.currency || held.validFrom > block.timestamp
                || held.validUntil <= block.timestamp
        ) return;
        (uint64 claimed,) = _take(held.left, left);
        held.left -= claimed;
        record.insurer = held.insurer;
        record.insured = claimed;
        emit InsuranceClaimed(loanId, held.insurer, claimed);
    }

    function _giveBack(LoanId loanId, Record storage record, address to, bytes32 source, uint64 amount) private {
        if (amount == 0) return;
        emit LossRecovered(loanId, to, source, amount);
        _send(record.currency, to, amount);
    }

    /// @dev By what each has paid, reckoned on all that sharers got back and rounded down; cents that rounding leaves go to the
    /// first that is short of its own.
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

    function _take(uint64 most, uint64 wanted) private pure returns (uint64 part, uint64 left) {
        part = wanted < most ? wanted : most;
        left = wanted - part;
    }

    function _within(uint256 given, uint256 most) private pure {
        if (given == 0 || given > most) revert AmountOutOfRange(given, 1, most);
    }

    function _requireInTime(uint40 validFrom, uint40 validUntil) private view {
        if (validUntil <= block.timestamp || validUntil <= validFrom) {
            revert NotInTime(validFrom, validUntil, block.timestamp);
        }
    }

    function _use(address signer, bytes32 digest, bytes calldata signature) private {
        if (_used[digest]) revert TermsUsed(digest);
        if (!SignatureChecker.isValidSignatureNow(signer, digest, signature)) revert SignatureInvalid(signer, digest);
        _used[digest] = true;
    }

    /// @dev From here; a receiver that may not be paid now finds it kept.
    function _send(address currency, address to, uint256 amount) private {
        if (registry.isValid(to)) {
            IERC20(currency).safeTransfer(to, amount);
        } else {
            _kept[to][currency] += amount;
            emit Kept(to, currency, amount);
        }
    }

    /// @dev From outside, exactly; to one who may not be paid now: kept here.
    function _pull(address currency, address from, address to, uint256 amount) private {
        address receiver = to == address(this) || registry.isValid(to) ? to : address(this);
        if (receiver != to) {
            _kept[to][currency] += amount;
            emit Kept(to, currency, amount);
        }
        uint256 before = IERC20(currency).balanceOf(receiver);
        IERC20(currency).safeTransferFrom(from, receiver, amount);
        uint256 received = IERC20(currency).balanceOf(receiver) - before;
        if (received != amount) revert TransferTookFee(currency, amount, received);
    }
}
