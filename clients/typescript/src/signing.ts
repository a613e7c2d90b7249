// What signs in the name of a party that keeps its key itself.
import type { Account, Address, Hex, TypedDataDefinition } from "viem";
import { WalletMismatch } from "./problems.js";
import type { components } from "./schema.js";

export type TypedData = components["schemas"]["TypedData"];

/** An account that signs typed data (EIP-712). A local account of viem is one. */
export interface Wallet {
  /** The account of the party on the ledger. */
  readonly address: Address;
  /** The signature; of a contract wallet, what its contract accepts (ERC-1271). */
  signTypedData(typedData: TypedDataDefinition): Promise<Hex>;
}

/** A wallet client of viem, by its one method that is used; its own type takes long to compare. */
interface Signer {
  signTypedData(definition: never): Promise<Hex>;
}

/** The wallet of a client of viem, as over the provider that a browser's wallet injects. */
export function walletOf(client: Signer, account: Account | Address): Wallet {
  const address = typeof account === "string" ? account : account.address;
  return {
    address,
    signTypedData: (typedData) => client.signTypedData({ ...typedData, account } as never),
  };
}

/** The wallet's signature over typed data as the gateway writes it. */
export function signatureOver(wallet: Wallet, typedData: TypedData): Promise<Hex> {
  return wallet.signTypedData(typedData as unknown as TypedDataDefinition);
}

/**
 * The wallet's signature over a prepared operation.
 * @throws WalletMismatch if the operation is another account's
 */
export async function signPrepared(wallet: Wallet, typedData: TypedData): Promise<Hex> {
  const signer = String(typedData.message["from"]);
  if (signer.toLowerCase() !== wallet.address.toLowerCase()) {
    throw new WalletMismatch(`the operation is for ${signer}; the wallet is ${wallet.address}`);
  }
  return signatureOver(wallet, typedData);
}
