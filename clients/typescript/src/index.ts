// A client of the Cession gateway; README.md shows its use.
export { Client, connect, type Options as ClientOptions } from "./client.js";
export { isUnderWay, type Command, type Operation } from "./operations.js";
export { GatewayRefused, StillUnderWay, WalletMismatch, type FieldError, type Problem } from "./problems.js";
export type { components, paths } from "./schema.js";
export { walletOf, type Ledger, type Review, type Wallet } from "./signing.js";
export type { BodyOf, OptionsOf, PathsOf } from "./types.js";
