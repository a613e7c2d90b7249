// What signs in the name of a party that keeps its key itself, and what it signs.
import type { Account, Address, Hex, TypedDataDefinition } from "viem";
import { WalletMismatch } from "./problems.js";
import type { components } from "./schema.js";

export type TypedData = components["schemas"]["TypedData"];

const APPROVE = "0x095ea7b3"; // approve(address,uint256)
const TRANSFER = "0xa9059cbb"; // transfer(address,uint256)
const TRANSFER_FROM = "0x23b872dd"; // transferFrom(address,address,uint256)

/** An account that signs typed data (EIP-712). A local account of viem is one. */
export interface Wallet {
  /** The account of the party on the ledger. */
  readonly address: Address;
  /** The signature; of a contract wallet, what its contract accepts (ERC-1271). */
  signTypedData(typedData: TypedDataDefinition): Promise<Hex>;
}

/**
 * The ledger for which a wallet signs, as `GET /v1/contracts` answers it: store it, so that no
 * later gateway can name another.
 */
export interface Ledger {
  readonly chainId: number;
  readonly items: readonly { readonly address: string }[];
}

/** Sees the path of a command and what is to be signed for it; throws if it must not be signed. */
export type Review = (path: string, typedData: TypedData) => void | Promise<void>;

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

/** A wallet, and the bounds of what it signs. */
export class Signing {
  readonly #wallet: Wallet;
  readonly #chainId: number;
  readonly #contracts: ReadonlySet<string>;
  readonly #review: Review | undefined;

  constructor(wallet: Wallet, ledger: Ledger, review?: Review) {
    this.#wallet = wallet;
    this.#chainId = ledger.chainId;
    this.#contracts = new Set(ledger.items.map(({ address }) => address.toLowerCase()));
    this.#review = review;
  }

  /**
   * The signature over what the gateway prepared for the command at this path.
   * @throws WalletMismatch
   */
  operation(path: string, typedData: TypedData): Promise<Hex> {
    const { primaryType, message } = typedData;
    if (primaryType !== "Intent") throw new WalletMismatch(`${path}: ${primaryType} is no operation`);
    const signer = String(message["from"]);
    if (signer.toLowerCase() !== this.#wallet.address.toLowerCase()) {
      throw new WalletMismatch(`the operation is for ${signer}; the wallet is ${this.#wallet.address}`);
    }
    this.#requireContract("the operation calls", message["to"]);
    const data = String(message["data"]).toLowerCase();
    if (data.startsWith(APPROVE)) {
      this.#requireContract("the operation lets take cash", `0x${data.slice(34, 74)}`);
    }
    const moves = data.startsWith(TRANSFER_FROM) || data.startsWith(TRANSFER);
    if (moves && !path.endsWith("/transfers")) {
      throw new WalletMismatch(`${path}: the operation transfers cash, which was not commanded`);
    }
    return this.#signed(path, typedData);
  }

  /**
   * The signature over terms at this path: an offer, a proposal, a confirmation.
   * @throws WalletMismatch
   */
  document(path: string, typedData: TypedData): Promise<Hex> {
    if (typedData.primaryType === "Intent") {
      throw new WalletMismatch(`${path}: an operation is not signed as a document`);
    }
    return this.#signed(path, typedData);
  }

  async #signed(path: string, typedData: TypedData): Promise<Hex> {
    const { chainId, verifyingContract } = typedData.domain;
    if (Number(chainId) !== this.#chainId) {
      throw new WalletMismatch(`it is for chain ${chainId}; the ledger's is ${this.#chainId}`);
    }
    this.#requireContract("it is valid at", verifyingContract);
    await this.#review?.(path, typedData);
    return this.#wallet.signTypedData(typedData as unknown as TypedDataDefinition);
  }

  #requireContract(what: string, address: unknown): void {
    if (!this.#contracts.has(String(address).toLowerCase())) {
      throw new WalletMismatch(`${what} ${String(address)}, which is no contract of the ledger`);
    }
  }
}
