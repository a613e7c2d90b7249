// What the gateway's description says of each path, in the shape in which the client takes it.
import type { PathsWithMethod, RequiredKeysOf } from "openapi-typescript-helpers";
import type { paths } from "./schema.js";

export type Method = "get" | "post" | "delete";

/** The paths that have a method. */
export type PathsOf<M extends Method> = PathsWithMethod<paths, M> & string;

type Endpoint<M extends Method, P extends PathsOf<M>> = paths[P][M];

type Json<Response> = Response extends { content: { "application/json": infer Body } } ? Body : never;

/** The JSON that an endpoint answers. */
export type BodyOf<M extends Method, P extends PathsOf<M>> =
  Endpoint<M, P> extends { responses: infer Responses }
    ? Json<Responses[keyof Responses & (200 | 201 | 202)]>
    : never;

type Parameters<E> = E extends { parameters: infer All extends { path?: unknown; query?: unknown } }
  ? Pick<All, "path" | "query">
  : unknown;

type RequestBody<E> = E extends { requestBody: { content: infer Content } }
  ? Content extends { "application/json": infer Body }
    ? { body: Body }
    : { body: FormData }
  : E extends { requestBody?: { content: { "application/json": infer Body } } }
    ? { body?: Body }
    : { body?: never };

/** What a request to an endpoint needs beside its path. */
export type OptionsOf<M extends Method, P extends PathsOf<M>> = Parameters<Endpoint<M, P>> &
  RequestBody<Endpoint<M, P>>;

/** The options as the last argument, which may be left out if nothing in it is required. */
export type Rest<Options extends object> =
  RequiredKeysOf<Options> extends never ? [options?: Options] : [options: Options];
