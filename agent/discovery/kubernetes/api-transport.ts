import { request as requestHttp, type IncomingMessage, type ClientRequest } from "node:http";
import { request as requestHttps } from "node:https";
import { z } from "zod";
import { parseRetryAfterMs } from "../../connection/backoff.ts";
import { describeStatus, type ApiCall, type CallReport, type Query } from "./api-call.ts";
import { KubernetesApiError } from "./api-error.ts";
import type { ClusterAccess } from "./cluster-access.ts";

/** Dead peers are found by the kernel after this and ten probes of a second. */
const TCP_KEEP_ALIVE_MS = 15_000;
const ERROR_BODY_MAX_BYTES = 64 * 1024;

const Status = z.object({ reason: z.string().optional() });

export interface ApiRequest {
  readonly call: ApiCall;
  readonly method: string;
  readonly path: string;
  readonly query: Query;
  /** Until the head of the answer. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  readonly body?: string;
  readonly contentType?: string;
  /** Default: plain JSON. */
  readonly accept?: string;
}

/** An answer of success, its body still to be read. */
export interface ApiResponse {
  /** The whole body. */
  text(maxBytes: number, deadline: AbortSignal): Promise<string>;
  /** The body as it comes. @throws KubernetesApiError `silent`: when nothing came for `silenceMs`. */
  chunks(silenceMs: number): AsyncGenerator<Buffer, void>;
  /** Ends what is left of it. Idempotent. */
  close(): void;
}

export interface ApiTransportOptions {
  readonly access: ClusterAccess;
  readonly userAgent: string;
  readonly onCall: (report: CallReport) => void;
}

/** Sends single requests, with credentials that are read again once when the server refuses them. */
export class ApiTransport {
  readonly #options: ApiTransportOptions;

  constructor(options: ApiTransportOptions) {
    this.#options = options;
  }

  /** @throws KubernetesApiError for every answer but success; the caller's own reason when its signal aborts. */
  async send(request: ApiRequest): Promise<ApiResponse> {
    try {
      return await this.#sendOnce(request);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // A token or a certificate was replaced since it was read: what lies on disk now may be good.
      this.#options.access.renew();
      return this.#sendOnce(request);
    }
  }

  async #sendOnce(request: ApiRequest): Promise<ApiResponse> {
    const { call, signal, deadlineMs } = request;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), deadlineMs);
    const stop = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
    let status = 0;
    try {
      const message = await this.#exchange(request, stop);
      status = message.statusCode ?? 0;
      if (status >= 200 && status < 300) return new HttpResponse(message, signal);
      throw await toError(message, call, stop);
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      throw toUnreachable(error, late.signal);
    } finally {
      // What follows the head may take longer: a watch lives for minutes.
      clearTimeout(timer);
      this.#options.onCall({ ...call, status });
    }
  }

  async #exchange(request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { access, userAgent } = this.#options;
    const { server, options } = await access.prepare();
    const url = new URL(server);
    url.pathname = `${url.pathname.replace(/\/+$/, "")}${request.path}`;
    for (const [name, value] of Object.entries(request.query)) {
      url.searchParams.set(name, String(value));
    }
    return new Promise((resolve, reject) => {
      const send = url.protocol === "http:" ? requestHttp : requestHttps;
      const sent: ClientRequest = send(url, {
        ...options,
        method: request.method,
        signal,
        headers: {
          ...options.headers,
          Accept: request.accept ?? "application/json",
          "User-Agent": userAgent,
          ...(request.contentType === undefined ? {} : { "Content-Type": request.contentType }),
        },
      });
      sent.once("socket", (socket) => socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS));
      sent.once("response", resolve);
      sent.on("error", reject);
      sent.end(request.body);
    });
  }
}

class HttpResponse implements ApiResponse {
  readonly #message: IncomingMessage;
  readonly #signal: AbortSignal | undefined;

  constructor(message: IncomingMessage, signal: AbortSignal | undefined) {
    this.#message = message;
    this.#signal = signal;
  }

  async text(maxBytes: number, deadline: AbortSignal): Promise<string> {
    try {
      return await readText(this.#message, maxBytes, deadline);
    } catch (error) {
      if (this.#signal?.aborted === true) throw this.#signal.reason;
      throw error;
    }
  }

  async *chunks(silenceMs: number): AsyncGenerator<Buffer, void> {
    const message = this.#message;
    const fail = (): void => {
      const text = `The API server has been silent for ${Math.round(silenceMs / 1_000)} s.`;
      message.destroy(new KubernetesApiError({ status: 0, code: "silent", message: text }));
    };
    let timer = setTimeout(fail, silenceMs);
    try {
      for await (const chunk of message) {
        clearTimeout(timer);
        yield chunk as Buffer;
        timer = setTimeout(fail, silenceMs);
      }
    } catch (error) {
      if (this.#signal?.aborted === true) throw this.#signal.reason;
      throw toUnreachable(error, null);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    // A body that was read to its end has given its socket back already.
    if (!this.#message.complete) this.#message.destroy();
  }
}

async function readText(
  message: IncomingMessage,
  maxBytes: number,
  deadline: AbortSignal,
): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const late = (): void => void message.destroy();
  deadline.addEventListener("abort", late, { once: true });
  try {
    for await (const chunk of message) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length <= maxBytes) continue;
      const text = `The API server sent an answer of more than ${maxBytes} bytes.`;
      throw new KubernetesApiError({ status: 0, code: "too_large", message: text });
    }
    return Buffer.concat(chunks, length).toString("utf8");
  } catch (error) {
    throw toUnreachable(error, deadline);
  } finally {
    deadline.removeEventListener("abort", late);
  }
}

async function toError(
  message: IncomingMessage,
  call: ApiCall,
  stop: AbortSignal,
): Promise<KubernetesApiError> {
  const status = message.statusCode ?? 0;
  const header = message.headers["retry-after"] ?? null;
  const text = await readText(message, ERROR_BODY_MAX_BYTES, stop).catch(() => "");
  return new KubernetesApiError({
    status,
    code: reasonIn(text) ?? String(status),
    message: describeStatus(status, call),
    retryAfterMs: parseRetryAfterMs(header, new Date()),
  });
}

function reasonIn(text: string): string | undefined {
  try {
    return Status.parse(JSON.parse(text)).reason;
  } catch {
    // Proxies answer with pages of their own; the status says enough.
    return undefined;
  }
}

function toUnreachable(error: unknown, deadline: AbortSignal | null): KubernetesApiError {
  if (error instanceof KubernetesApiError) return error;
  if (deadline?.aborted === true) {
    const message = "The API server did not answer in time.";
    return new KubernetesApiError({ status: 0, code: "timeout", message, cause: error });
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "unreachable";
  const message = `The API server cannot be reached (${code}).`;
  return new KubernetesApiError({ status: 0, code, message, cause: error });
}

/** Whether other credentials might help: a refused token, or a certificate that nobody vouches for. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof KubernetesApiError)) return false;
  return error.status === 401 || /CERT|SIGNATURE|ISSUER|_SSL_|_TLS_/.test(error.code);
}
