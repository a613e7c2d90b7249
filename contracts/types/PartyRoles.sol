// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// What a party is registered as, as bits of `IPartyRegistry.Party.roles`. A party may have several roles. What it is
// in one agreement (seller, debtor, lender, …) is a position, not a role. `app/domain/party_roles.py` has the same bits.

uint16 constant SUPPLIER = 1; // delivers goods and is owed for them
uint16 constant BUYER = 2; // orders goods and owes for them
uint16 constant FINANCIER = 4; // buys claims and lends: a bank or a fund
uint16 constant WAREHOUSE = 8; // issues warehouse receipts
uint16 constant PLATFORM = 16; // runs the platform and lends its own funds
uint16 constant RATER = 32; // attests credit tiers
uint16 constant APPRAISER = 64; // posts prices
uint16 constant AUDITOR = 128;
uint16 constant LEDGER = 256; // a contract of the ledger: holds liens, never owns a token
