// A caller of the gateway.
import createClient, { type Client as HttpClient } from "openapi-fetch";
import { operationIn, waitFor, type Command, type Operation } from "./operations.js";
import { pagesOf, type ItemOf } from "./pages.js";
import { GatewayRefused, type Problem } from "./problems.js";
import type { paths } from "./schema.js";
import { patient } from "./sending.js";
import { Signing, type Ledger, type Review, type Wallet } from "./signing.js";
import type { BodyOf, Method, OptionsOf, PathsOf, Rest } from "./types.js";

const WAIT_SECONDS = 30;
const MAX_SIGNATURES = 20;
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

export interface Options {
  /** Signs what the gateway prepares for a party that keeps its key itself. */
  wallet?: Wallet;
  /** For which the wallet signs; needed with a wallet. */
  ledger?: Ledger;
  /** Sees what the wallet is to sign, and throws if it must not. */
  review?: Review;
  /** Allows an address without TLS that is not of this machine. */
  insecure?: boolean;
  /** Seconds in which a request is sent again while the gateway is busy or away; default 60. */
  patience?: number;
  /** Seconds in which an operation has to end; default 120. */
  endSeconds?: number;
  /** Sends requests; default: that of the platform. */
  fetch?: typeof fetch;
}

/** The idempotency key of a command, 8 to 190 characters; default: a new one. */
interface Keyed {
  key?: string;
}

interface Sent {
  path?: unknown;
  query?: object;
  body?: unknown;
  parseAs?: "arrayBuffer";
}

type Request = (
  method: string,
  path: string,
  init: object,
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

/** The paths of documents that are signed at an address below theirs. */
type Signable = {
  [P in PathsOf<"get">]: `${P}/signature` extends PathsOf<"post"> ? P : never;
}[PathsOf<"get">];

/** The paths at which a document is read and its signature is sent. */
type Confirmable = PathsOf<"get"> & PathsOf<"post"> & `${string}/confirmation`;

/**
 * A client of the gateway at an address.
 * @param apiKey `ck_…`
 * @throws TypeError if the key would go over the network unencrypted, or a wallet's ledger is missing
 */
export function connect(url: string, apiKey: string, options: Options = {}): Client {
  return new Client(url, apiKey, options);
}

/** One party's access to the gateway. */
export class Client {
  /** The requests as openapi-fetch types them, for what the methods here do not do. */
  readonly http: HttpClient<paths>;
  readonly #signing: Signing | undefined;
  readonly #endSeconds: number;

  constructor(url: string, apiKey: string, options: Options) {
    const { protocol, hostname } = new URL(url);
    if (protocol !== "https:" && !LOOPBACK.includes(hostname) && options.insecure !== true) {
      throw new TypeError(`${url}: the API key would be sent unencrypted; use https`);
    }
    if (options.wallet !== undefined) {
      if (options.ledger === undefined) {
        throw new TypeError("a wallet signs for one ledger: give the ledger that you stored");
      }
      this.#signing = new Signing(options.wallet, options.ledger, options.review);
    }
    this.#endSeconds = options.endSeconds ?? 120;
    this.http = createClient<paths>({
      baseUrl: url,
      headers: { "X-API-Key": apiKey },
      redirect: "manual", // another address must not get the key
      fetch: patient(options.fetch ?? fetch, options.patience ?? 60),
    });
  }

  /** Reads from the gateway. Throws GatewayRefused. */
  async get<P extends PathsOf<"get">>(
    path: P,
    ...[options]: Rest<OptionsOf<"get", P>>
  ): Promise<BodyOf<"get", P>> {
    return (await this.#send("get", path, sentIn(options))).body as BodyOf<"get", P>;
  }

  /** Reads a file: a PDF, a spreadsheet, a table. Throws GatewayRefused. */
  async content<P extends PathsOf<"get">>(
    path: P,
    ...[options]: Rest<OptionsOf<"get", P>>
  ): Promise<ArrayBuffer> {
    const sent = { ...sentIn(options), parseAs: "arrayBuffer" as const };
    return (await this.#send("get", path, sent)).body as ArrayBuffer;
  }

  /** Each page of a list, with its `asOf`. Throws GatewayRefused. */
  pages<P extends PathsOf<"get">>(
    path: P,
    ...[options]: Rest<OptionsOf<"get", P>>
  ): AsyncGenerator<BodyOf<"get", P>, void, undefined> {
    return this.#pages<BodyOf<"get", P>>(path, sentIn(options));
  }

  /** Each item of a list, over all its pages. Throws GatewayRefused. */
  async *items<P extends PathsOf<"get">>(
    path: P,
    ...[options]: Rest<OptionsOf<"get", P>>
  ): AsyncGenerator<ItemOf<BodyOf<"get", P>>, void, undefined> {
    const pages = this.#pages<{ items: ItemOf<BodyOf<"get", P>>[] }>(path, sentIn(options));
    for await (const page of pages) yield* page.items;
  }

  /** Sends a command and returns the first answer: nothing is signed, and no end awaited. */
  async post<P extends PathsOf<"post">>(
    path: P,
    ...[options]: Rest<OptionsOf<"post", P> & Keyed>
  ): Promise<BodyOf<"post", P>> {
    const { key, ...sent } = sentIn(options);
    return (await this.#send("post", path, sent, key ?? newKey())).body as BodyOf<"post", P>;
  }

  /** Sends a command that takes something back, and returns the first answer. */
  async delete<P extends PathsOf<"delete">>(
    path: P,
    ...[options]: Rest<OptionsOf<"delete", P> & Keyed>
  ): Promise<BodyOf<"delete", P>> {
    const { key, ...sent } = sentIn(options);
    return (await this.#send("delete", path, sent, key ?? newKey())).body as BodyOf<"delete", P>;
  }

  /**
   * Sends a command and waits until the ledger carried it out. The wallet signs what the gateway
   * prepares: first an approval if the command needs one, then the command. Without a wallet the
   * operation stays `prepared`. A program that keeps the key can send the same command again after
   * a crash, and nothing happens twice.
   *
   * Throws GatewayRefused, StillUnderWay if it did not end in time, and WalletMismatch.
   */
  async command<P extends PathsOf<"post">>(
    path: P,
    ...[options]: Rest<OptionsOf<"post", P> & Keyed>
  ): Promise<Command<BodyOf<"post", P>>> {
    return this.#carryOut(path, sentIn(options));
  }

  /**
   * Signs a document that waits for the party, and waits as `command` does: an offer, a proposal,
   * an agreement or a delivery, or a receivable's confirmation.
   * @param path where the document's `typedData` is
   */
  async sign<P extends Signable | Confirmable>(
    path: P,
    ...[options]: Rest<OptionsOf<"get", P> & Keyed>
  ): Promise<Command<unknown>> {
    const sent = sentIn(options);
    const body: { signature?: string } = {};
    if (this.#signing !== undefined) {
      const document = (await this.#send("get", path, { path: sent.path })).body;
      const { typedData } = document as { typedData?: unknown };
      body.signature = await this.#signing.document(path, typedData ?? document);
    }
    const to = path.endsWith("/confirmation") ? path : `${path}/signature`;
    return this.#carryOut(to, { ...sent, body });
  }

  /** The operation once it has ended, or once it waits for the wallet. Throws as `command`. */
  wait(operation: Operation): Promise<Operation> {
    return waitFor(operation, (id) => this.#operation(id, WAIT_SECONDS), this.#endSeconds);
  }

  async #carryOut<Body>(path: string, { key = newKey(), ...sent }: Sent & Keyed): Promise<Command<Body>> {
    for (let place = 0; ; place++) {
      const answer = await this.#send("post", path, sent, place === 0 ? key : `${key}.${place}`);
      let operation = operationIn(answer.body);
      if (operation !== null) {
        if (operation.state === "prepared" && this.#signing !== undefined) {
          operation = await this.#signed(path, this.#signing, answer, operation);
        }
        operation = await this.wait(operation);
      }
      const { repeat } = answer.body as { repeat?: boolean };
      const isLast = operation === null || operation.state === "prepared" || repeat !== true;
      if (isLast || place === MAX_SIGNATURES) {
        const result = (operation?.result ?? {}) as Record<string, unknown>;
        return { body: answer.body as Body, operation, result, replayed: answer.replayed };
      }
    }
  }

  /** The operation with the wallet's signature, which an earlier attempt may have sent. */
  async #signed(
    path: string,
    signing: Signing,
    answer: { body: unknown; replayed: boolean },
    prepared: Operation,
  ): Promise<Operation> {
    const operation = answer.replayed ? await this.#operation(prepared.id, 0) : prepared;
    if (operation.state !== "prepared") return operation;
    const { typedData } = answer.body as { typedData: unknown };
    const signature = await signing.operation(path, typedData);
    return this.post("/v1/operations/{operationId}/signature", {
      path: { operationId: operation.id },
      body: { signature },
    });
  }

  #pages<Page>(path: string, sent: Sent): AsyncGenerator<Page, void, undefined> {
    const query: { cursor?: string | number } = { ...sent.query };
    return pagesOf(
      async (cursor) =>
        (await this.#send("get", path, { ...sent, query: { ...query, cursor } })).body as Page,
      query.cursor,
    );
  }

  #operation(operationId: string, wait: number): Promise<Operation> {
    return this.get("/v1/operations/{operationId}", { path: { operationId }, query: { wait } });
  }

  async #send(
    method: Method,
    path: string,
    sent: Sent = {},
    key?: string,
  ): Promise<{ body: unknown; replayed: boolean }> {
    const { path: inPath, query, body, parseAs } = sent;
    const header =
      key === undefined ? {} : { "idempotency-key": key, prefer: `wait=${WAIT_SECONDS}` };
    const { data, error, response } = await (this.http.request as unknown as Request)(method, path, {
      params: { path: inPath, query, header },
      ...(method === "post" ? { body: body ?? {} } : {}),
      ...(parseAs === undefined ? {} : { parseAs }),
    });
    if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
      const detail = `the gateway's address leads to ${response.headers.get("Location") ?? "another"}`;
      throw new GatewayRefused({ status: response.status, detail, fix: "use its own address" });
    }
    if (!response.ok) throw new GatewayRefused(problemIn(error, response.status));
    return { body: data, replayed: response.headers.get("Idempotency-Replayed") === "true" };
  }
}

/** The options without the types of their path, which the methods' callers have seen. */
function sentIn(options: unknown): Sent & Keyed {
  return options ?? {};
}

/** The problem of a refusal; another text, as of a proxy, becomes its `detail`. */
function problemIn(error: unknown, status: number): Problem {
  if (typeof error === "object" && error !== null) return { ...error, status };
  return { status, detail: String(error).slice(0, 500) };
}

function newKey(): string {
  return crypto.randomUUID();
}
