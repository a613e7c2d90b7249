// Typed data (EIP-712) as a gateway prepared it: read strictly, so that it has one meaning.
//
// A library that signs takes several spellings of a value: it fills up an odd number of digits, or
// takes text for a number. What is compared here and what is signed there must not differ.
import { WalletMismatch } from "./problems.js";
import type { components } from "./schema.js";

export type TypedData = components["schemas"]["TypedData"];
type Field = { name: string; type: string };
type Members = Readonly<Record<string, unknown>>;

export const INTENT = "Intent";

/** Names of the contracts that check signatures, by the type of the document that is signed. */
export const DOCUMENTS: ReadonlyMap<unknown, string> = new Map([
  ["ReceivableTerms", "Receivables"],
  ["CreditNote", "Receivables"],
  ["Quote", "ClaimMarket"],
  ["OrderTerms", "PurchaseOrders"],
  ["Delivery", "PurchaseOrders"],
  ["FacilityTerms", "Facilities"],
  ["Extension", "Facilities"],
  ["Restructuring", "Facilities"],
  ["SetOff", "Facilities"],
  ["Costs", "Facilities"],
  ["Correction", "Facilities"],
  ["SaleTerms", "Facilities"],
  ["ParticipationTerms", "Facilities"],
  ["InKind", "Facilities"],
  ["Hedge", "Facilities"],
  ["BuyBack", "Facilities"],
  ["SharingTerms", "RiskReserve"],
  ["SharingEnd", "RiskReserve"],
  ["InsuranceTerms", "RiskReserve"],
]);
const DOMAIN = "string name,string version,uint256 chainId,address verifyingContract";
const INTENT_FIELDS =
  "address from,address to,uint256 gas,uint256 nonce,uint48 deadline,bytes32 operation,bytes data";

/** What typed data says. */
export interface Message {
  /** Name of the struct that is signed. */
  readonly type: string;
  /** Name of the contract that checks the signature. */
  readonly contract: string;
  readonly chainId: bigint;
  /** Account of the contract that would check the signature, in lower case. */
  readonly validAt: string;
  /** The same in the one spelling that is signed: no more and no less than was read. */
  readonly typedData: TypedData;
}

/**
 * What the typed data says, if it is an operation or a document of the ledger.
 * @throws WalletMismatch if it is of another type, or has more than one meaning
 */
export function read(typedData: unknown): Message {
  const document = members(typedData, ["types", "primaryType", "domain", "message"]);
  const type = document["primaryType"];
  const contract = type === INTENT ? "Forwarder" : DOCUMENTS.get(type);
  if (contract === undefined || typeof type !== "string") {
    throw new WalletMismatch(`${shown(type)} is no document of the ledger`);
  }
  const types = members(document["types"], ["EIP712Domain", type]);
  const [ofDomain, fields] = [fieldsOf(types["EIP712Domain"]), fieldsOf(types[type])];
  if (words(ofDomain) !== DOMAIN || (type === INTENT && words(fields) !== INTENT_FIELDS)) {
    throw new WalletMismatch(`${type} has other fields than the ledger's`);
  }
  const { name, version, ...stated } = members(document["domain"], namesOf(ofDomain));
  if (name !== `Cession ${contract}` || version !== (type === INTENT ? "2" : "1")) {
    throw new WalletMismatch(`${type} is not for ${shown(name)}, version ${shown(version)}`);
  }
  const place = values(stated, ofDomain.slice(2));
  return {
    type,
    contract,
    chainId: BigInt(place["chainId"] as string | number),
    validAt: accountOf(place["verifyingContract"]),
    typedData: {
      types: { EIP712Domain: ofDomain, [type]: fields },
      primaryType: type,
      domain: { name, version, ...place } as TypedData["domain"],
      message: values(document["message"], fields) as TypedData["message"],
    },
  };
}

/**
 * An address in lower case.
 * @throws WalletMismatch
 */
export function accountOf(address: unknown): string {
  if (typeof address !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(address)) {
    throw new WalletMismatch(`${shown(address)} is no address`);
  }
  return address.toLowerCase();
}

/** An object with exactly these members. */
function members(value: unknown, names: readonly string[]): Members {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const found = isObject ? Object.keys(value) : [];
  if (found.length !== names.length || !names.every((name) => found.includes(name))) {
    throw new WalletMismatch(`the typed data needs an object of ${names.join(", ")}`);
  }
  return value as Members;
}

function fieldsOf(value: unknown): Field[] {
  if (!Array.isArray(value)) throw new WalletMismatch("a type of the typed data is no list of fields");
  const fields = value.map((item) => {
    const { name, type } = members(item, ["name", "type"]);
    if (typeof name !== "string" || typeof type !== "string" || !/^[A-Za-z][A-Za-z0-9]*$/.test(name)) {
      throw new WalletMismatch("a field of the typed data has no name and type");
    }
    return { name, type };
  });
  if (new Set(namesOf(fields)).size !== fields.length) {
    throw new WalletMismatch("two fields of the typed data have one name");
  }
  return fields;
}

function words(fields: readonly Field[]): string {
  return fields.map(({ name, type }) => `${type} ${name}`).join(",");
}

function namesOf(fields: readonly Field[]): string[] {
  return fields.map(({ name }) => name);
}

function values(object: unknown, fields: readonly Field[]): Members {
  const found = members(object, namesOf(fields));
  return Object.fromEntries(fields.map(({ name, type }) => [name, valueOf(name, type, found[name])]));
}

/** A value in its one spelling; that of an address stays, for who compares checksums. */
function valueOf(field: string, type: string, value: unknown): unknown {
  if (type === "address" && accountOf(value)) return value;
  if (type === "bool" && typeof value === "boolean") return value;
  const [, unsigned, bits] = /^(u?)int([1-9][0-9]{0,2})$/.exec(type) ?? [];
  if (bits !== undefined) return numberOf(field, value, Number(bits), unsigned !== "u");
  const [, size] = /^bytes([1-9][0-9]?)?$/.exec(type) ?? ["", "none"];
  if (size !== "none" && typeof value === "string" && /^0x(?:[0-9a-fA-F]{2})*$/.test(value)) {
    if (size === undefined || value.length === 2 + 2 * Number(size)) return value.toLowerCase();
  }
  throw new WalletMismatch(`${field}: ${shown(value)} is no ${type.slice(0, 20)}`);
}

/** A number as the API spells it: text in decimal digits if JSON would not keep it exact. */
function numberOf(field: string, value: unknown, bits: number, signed: boolean): number | string {
  const isText = typeof value === "string" && /^(?:0|-?[1-9][0-9]{0,77})$/.test(value);
  if (!isText && !Number.isSafeInteger(value)) {
    throw new WalletMismatch(`${field}: ${shown(value)} is no whole number`);
  }
  const number = BigInt(value as string | number);
  const fitting = signed ? BigInt.asIntN(bits, number) : BigInt.asUintN(bits, number);
  if (fitting !== number) throw new WalletMismatch(`${field}: ${number} is outside of ${bits} bits`);
  return Number.isSafeInteger(Number(number)) ? Number(number) : number.toString();
}

function shown(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 80);
}
