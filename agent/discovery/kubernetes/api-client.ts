import { z } from "zod";
import type { ApiCall, CallReport, Query } from "./api-call.ts";
import { KubernetesApiError, statusOf } from "./api-error.ts";
import { resourceOf } from "./api-path.ts";
import { ApiTransport, type ApiResponse } from "./api-transport.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { readLines } from "./read-lines.ts";

export interface CallOptions {
  readonly query?: Query;
  readonly signal?: AbortSignal;
  /** For the whole call; a page at a time for lists. Default 30 s. */
  readonly timeoutMs?: number;
}

export interface ListOptions extends CallOptions {
  /** Items of one page. Default 500. */
  readonly limit?: number;
  /** Rows of text in place of objects, as `kubectl get` shows them: for counting, at a fraction of the size. */
  readonly asRows?: boolean;
}

export interface ListPage {
  /** As the server sent them: parse before use. Items of built-in kinds bear no `kind`. */
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  /** Items that follow this page, where the server counts them; null when it does not say. */
  readonly remainingItemCount: number | null;
  readonly isLast: boolean;
}

export interface WatchOptions extends CallOptions {
  readonly resourceVersion: string;
  /** The server ends the watch after this time. */
  readonly timeoutSeconds: number;
  /** A watch without a byte for this long counts as broken: bookmarks come about every minute. */
  readonly silenceMs: number;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: unknown;
}

export type PatchType =
  | "application/merge-patch+json"
  | "application/json-patch+json"
  | "application/strategic-merge-patch+json"
  | "application/apply-patch+yaml";

/** The Kubernetes API, as far as the agent uses it. Every call has a deadline; errors are KubernetesApiError. */
export interface KubernetesApi {
  get(path: string, options?: CallOptions): Promise<unknown>;
  /**
   * The pages of a collection, each asked for when the one before has been taken.
   *
   * @throws KubernetesApiError 410: the pages no longer belong together; begin again.
   */
  listPages(path: string, options?: ListOptions): AsyncGenerator<ListPage, void>;
  /**
   * What changes in a collection, until the server ends the watch.
   *
   * @returns when the watch is open. It stays so until its events have been taken, or `signal` aborts.
   * @throws KubernetesApiError 410: too much has happened since `resourceVersion`; list again.
   */
  watch(path: string, options: WatchOptions): Promise<AsyncGenerator<WatchEvent, void>>;
  post(path: string, body: object, options?: CallOptions): Promise<unknown>;
  patch(path: string, type: PatchType, body: object, options?: CallOptions): Promise<unknown>;
}

/** What discovery needs besides. */
export interface DiscoveryApi extends KubernetesApi {
  /** Whether the server calls itself ready: one that has just started knows nothing of its CRDs. */
  isReady(options?: CallOptions): Promise<boolean>;
}

const CALL_TIMEOUT_MS = 30_000;
const PAGE_LIMIT = 500;
/** The largest object etcd takes is 1.5 MiB; a page holds hundreds of ordinary ones. */
const ANSWER_MAX_BYTES = 64 * 1024 * 1024;
const LINE_MAX_BYTES = 8 * 1024 * 1024;

const ROWS_ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io";

const List = z.object({
  metadata: z.object({
    resourceVersion: z.string().default(""),
    continue: z.string().nullish(),
    remainingItemCount: z.number().nullish(),
  }),
  items: z.array(z.unknown()).nullish(),
  rows: z.array(z.unknown()).nullish(),
});
const Event = z.object({
  type: z.enum(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]),
  object: z.unknown(),
});
const Status = z.object({ code: z.number().default(0), reason: z.string().default("") });

export interface HttpKubernetesApiOptions {
  readonly access: ClusterAccess;
  readonly userAgent: string;
  readonly onCall?: (report: CallReport) => void;
}

/** The Kubernetes API over HTTP. One for the whole agent: it keeps idle sockets for the next call. */
export class HttpKubernetesApi implements DiscoveryApi {
  readonly #transport: ApiTransport;
  readonly #access: ClusterAccess;

  constructor({ access, userAgent, onCall }: HttpKubernetesApiOptions) {
    this.#access = access;
    this.#transport = new ApiTransport({
      access,
      userAgent,
      onCall: onCall ?? ((): void => undefined),
    });
  }

  async isReady(options: CallOptions = {}): Promise<boolean> {
    try {
      await this.#read({ verb: "get", method: "GET", path: "/readyz" }, options);
      return true;
    } catch (error) {
      // Where it may not be asked, nobody knows better than the answers themselves.
      const status = statusOf(error);
      if (status === 0 || status === 401) throw error;
      return status === 403 || status === 404;
    }
  }

  async get(path: string, options: CallOptions = {}): Promise<unknown> {
    return this.#call({ verb: "get", method: "GET", path }, options);
  }

  async *listPages(path: string, options: ListOptions = {}): AsyncGenerator<ListPage, void> {
    const { limit = PAGE_LIMIT, query, asRows = false, ...rest } = options;
    const form = asRows ? { includeObject: "None" } : {};
    let next: string | undefined;
    do {
      const page = next === undefined ? { limit } : { limit, continue: next };
      const answer = await this.#call(
        { verb: "list", method: "GET", path, ...(asRows ? { accept: ROWS_ACCEPT } : {}) },
        { ...rest, query: { ...query, ...form, ...page } },
      );
      const { items, rows, metadata } = understand(List, answer, path);
      next = metadata.continue || undefined;
      yield {
        items: (asRows ? rows : items) ?? [],
        resourceVersion: metadata.resourceVersion,
        remainingItemCount: metadata.remainingItemCount ?? null,
        isLast: next === undefined,
      };
    } while (next !== undefined);
  }

  async watch(path: string, options: WatchOptions): Promise<AsyncGenerator<WatchEvent, void>> {
    const { resourceVersion, timeoutSeconds, silenceMs, query, signal } = options;
    const response = await this.#transport.send({
      call: { verb: "watch", resource: resourceOf(path) },
      method: "GET",
      path,
      query: { ...query, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds },
      deadlineMs: options.timeoutMs ?? CALL_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    return readEvents(response, path, silenceMs);
  }

  async post(path: string, body: object, options: CallOptions = {}): Promise<unknown> {
    return this.#call(
      { verb: "create", method: "POST", path, body, contentType: "application/json" },
      options,
    );
  }

  async patch(
    path: string,
    type: PatchType,
    body: object,
    options: CallOptions = {},
  ): Promise<unknown> {
    return this.#call({ verb: "patch", method: "PATCH", path, body, contentType: type }, options);
  }

  /** Ends every call. */
  close(): void {
    this.#access.close();
  }

  async #call(request: JsonRequest, options: CallOptions): Promise<unknown> {
    return parseJson(await this.#read(request, options), request.path);
  }

  async #read(request: JsonRequest, options: CallOptions): Promise<string> {
    const { verb, method, path, body, contentType, accept } = request;
    const deadline = AbortSignal.timeout(options.timeoutMs ?? CALL_TIMEOUT_MS);
    let response: ApiResponse | null = null;
    try {
      response = await this.#transport.send({
        call: { verb, resource: resourceOf(path) },
        method,
        path,
        query: options.query ?? {},
        deadlineMs: options.timeoutMs ?? CALL_TIMEOUT_MS,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(contentType === undefined ? {} : { contentType }),
        ...(accept === undefined ? {} : { accept }),
      });
      return await response.text(ANSWER_MAX_BYTES, deadline);
    } finally {
      response?.close();
    }
  }
}

interface JsonRequest {
  readonly verb: ApiCall["verb"];
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly contentType?: string;
  readonly accept?: string;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(path, cause);
  }
}

function understand<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw malformed(path, parsed.error);
  return parsed.data;
}

function malformed(path: string, cause: unknown): KubernetesApiError {
  const message = `The API server's answer about ${resourceOf(path)} cannot be understood.`;
  return new KubernetesApiError({ status: 0, code: "malformed", message, cause });
}

async function* readEvents(
  response: ApiResponse,
  path: string,
  silenceMs: number,
): AsyncGenerator<WatchEvent, void> {
  try {
    for await (const line of readLines(response.chunks(silenceMs), LINE_MAX_BYTES)) {
      const { type, object } = understand(Event, parseJson(line, path), path);
      if (type === "ERROR") throw toWatchError(object, path);
      yield { type, object };
    }
  } finally {
    response.close();
  }
}

function toWatchError(object: unknown, path: string): KubernetesApiError {
  const { code, reason } = understand(Status, object, path);
  const message = `The API server ended the watch of ${resourceOf(path)} (${code} ${reason}).`;
  return new KubernetesApiError({ status: code, code: reason, message });
}
