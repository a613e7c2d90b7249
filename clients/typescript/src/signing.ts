// What signs in the name of a party that keeps its key itself, and what it signs.
import type { Account, Address, Hex, TypedDataDefinition } from "viem";
import { WalletMismatch } from "./problems.js";
import { accountOf, INTENT, read, type Message, type TypedData } from "./typed-data.js";

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
  readonly items: readonly { readonly name: string; readonly address: string }[];
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
  readonly #chainId: bigint;
  readonly #contracts: ReadonlyMap<string, string>;
  readonly #review: Review | undefined;

  /** @throws WalletMismatch if an address of the ledger's contracts is none */
  constructor(wallet: Wallet, ledger: Ledger, review?: Review) {
    this.#wallet = wallet;
    this.#chainId = BigInt(ledger.chainId);
    this.#contracts = new Map(ledger.items.map(({ name, address }) => [name, accountOf(address)]));
    this.#review = review;
  }

  /**
   * The signature over what the gateway prepared for the command at this path.
   * @throws WalletMismatch
   */
  async operation(path: string, typedData: unknown): Promise<Hex> {
    const message = read(typedData);
    if (message.type !== INTENT) throw new WalletMismatch(`${path}: ${message.type} is no operation`);
    const { from, to, data } = message.typedData.message;
    if (accountOf(from) !== accountOf(this.#wallet.address)) {
      throw new WalletMismatch(`the operation is for ${from}; the wallet is ${this.#wallet.address}`);
    }
    this.#requireContract("the operation calls", accountOf(to));
    this.#requireCommanded(path, data as string);
    return this.#signed(path, message);
  }

  /**
   * The signature over terms at this path: an offer, a proposal, a confirmation.
   * @throws WalletMismatch
   */
  async document(path: string, typedData: unknown): Promise<Hex> {
    const message = read(typedData);
    if (message.type === INTENT) {
      throw new WalletMismatch(`${path}: an operation is not signed as a document`);
    }
    return this.#signed(path, message);
  }

  async #signed(path: string, { type, contract, chainId, validAt, typedData }: Message): Promise<Hex> {
    if (chainId !== this.#chainId) {
      throw new WalletMismatch(`it is for chain ${chainId}; the ledger's is ${this.#chainId}`);
    }
    if (validAt !== this.#contracts.get(contract)) {
      throw new WalletMismatch(`${type} is valid at ${validAt}, which is not the ledger's ${contract}`);
    }
    await this.#review?.(path, typedData);
    return this.#wallet.signTypedData(typedData as unknown as TypedDataDefinition);
  }

  /** Refuses calls that hand over cash, unless they are what the command is about. */
  #requireCommanded(path: string, call: string): void {
    const selector = call.slice(0, 10);
    if (selector.length !== 10) throw new WalletMismatch(`${path}: the operation names no function`);
    if (selector === APPROVE) {
      this.#requireContract("the operation lets take cash", `0x${call.slice(34, 74)}`);
    }
    if ((selector === TRANSFER || selector === TRANSFER_FROM) && !path.endsWith("/transfers")) {
      throw new WalletMismatch(`${path}: the operation transfers cash, which was not commanded`);
    }
  }

  #requireContract(what: string, account: string): void {
    if (![...this.#contracts.values()].includes(account)) {
      throw new WalletMismatch(`${what} ${account}, which is no contract of the ledger`);
    }
  }
}
