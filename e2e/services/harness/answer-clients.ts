import type { ClientHttp2Session } from "node:http2";
import { constants } from "node:http2";
import { takeBody, takeHead } from "./http1-message.ts";
import type { Site } from "./http-lab.ts";
import { exchangeRaw } from "./raw-client.ts";

const DEADLINE_MS = 10_000;
const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/;

/** A whole answer as a client reads it who takes nothing that is not right to the letter. */
export interface SeenAnswer {
  readonly status: number;
  /** Status codes of interim answers, and their fields. */
  readonly interim: readonly number[];
  readonly interimFields: readonly string[];
  /** `name: value`, names in lower case. */
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

/** Null: what came was visibly not the whole. */
export type Seen = SeenAnswer | null;

export interface Asked {
  readonly path: string;
  /** GET by default. */
  readonly method?: string;
  readonly body?: string;
  /** 1.1 by default. */
  readonly version?: "1.0" | "1.1";
}

export interface Followed {
  /** What else is asked for, and its answer; null: nothing. */
  readonly next: string | null;
  /** The connection may be over by then. */
  readonly isLast?: boolean;
}

/**
 * Asks by HTTP/1.1, and behind it for something else on the same connection.
 *
 * @returns null also where the connection is over without a whole answer. @throws where anything else came.
 */
export async function askByHttp1(
  site: Site,
  asked: Asked,
  { next, isLast = false }: Followed,
): Promise<Seen> {
  const later = next === null ? {} : { later: requestOf(site, { path: next }, true) };
  const request = requestOf(site, asked, next === null);
  const { bytes, isClosedByPeer } = await exchangeRaw(site, request, later);
  const text = bytes.toString("latin1");
  const taken = takeAnswer(text, asked.method ?? "GET");
  if (!isClosedByPeer) throw new Error("nobody hung up");
  if (taken === null) return null;
  const rest = text.slice(taken.byteCount);
  if (next === null) {
    if (rest !== "") throw new Error(`something behind the answer: ${rest}`);
    return taken.answer;
  }
  if (isLast && rest === "") return taken.answer;
  const second = takeAnswer(rest, "GET");
  if (second?.answer.body !== next || second.byteCount !== rest.length) {
    throw new Error(`not the answer to the next request: ${rest.slice(0, 500)}`);
  }
  return taken.answer;
}

function requestOf({ host }: Site, asked: Asked, isLast: boolean): string {
  const { path, method = "GET", body = "", version = "1.1" } = asked;
  const fields = [`Host: ${host}`];
  if (body !== "") fields.push(`Content-Length: ${body.length}`);
  if (isLast) fields.push("Connection: close");
  return `${method} ${path} HTTP/${version}\r\n${fields.join("\r\n")}\r\n\r\n${body}`;
}

interface TakenAnswer {
  readonly answer: SeenAnswer;
  readonly byteCount: number;
}

/** @returns null while it is not whole. @throws where it can be read in two ways, or in none. */
function takeAnswer(text: string, method: string): TakenAnswer | null {
  const interim: number[] = [];
  const interimFields: string[] = [];
  for (let at = 0; ;) {
    const head = takeHead(text.slice(at));
    if (head === null) return null;
    const [, digits] = head === "garbage" ? [] : (STATUS_LINE.exec(head.startLine) ?? []);
    if (head === "garbage" || digits === undefined) throw new Error(`no answer: ${text.slice(at)}`);
    const { fields } = head;
    const status = Number(digits);
    at += head.byteCount;
    if (status < 200) {
      interim.push(status);
      interimFields.push(...fields);
      continue;
    }
    const hasBody = method !== "HEAD" && status !== 204 && status !== 304;
    const taken = takeBody(text.slice(at), hasBody ? fields : []);
    if (taken === "garbage") throw new Error(`no body: ${text.slice(at)}`);
    if (taken === null) return null;
    const { body, trailers, byteCount } = taken;
    const answer = { status, interim, interimFields, fields, body, trailers };
    return { answer, byteCount: at + byteCount };
  }
}

/** Asks as one stream of a session. */
export function askByHttp2(session: ClientHttp2Session, host: string, asked: Asked): Promise<Seen> {
  const { path, method = "GET", body = "" } = asked;
  return new Promise((resolve, reject) => {
    const stream = session.request(
      { ":authority": host, ":path": path, ":method": method },
      { endStream: body === "" },
    );
    const timer = setTimeout(() => {
      stream.destroy();
      reject(new Error("no end in time"));
    }, DEADLINE_MS);
    const seen = { interim: [] as number[], interimFields: [] as string[], text: "" };
    let head: Pick<SeenAnswer, "status" | "fields"> | null = null;
    let trailers: readonly string[] = [];
    stream.on("headers", (fields, _flags, raw: readonly string[]) => {
      seen.interim.push(Number(fields[":status"]));
      seen.interimFields.push(...toFields(raw));
    });
    stream.on("response", (fields, _flags, raw) => {
      head = { status: Number(fields[":status"]), fields: toFields(raw) };
    });
    stream.on("trailers", (_fields, _flags, raw: readonly string[]) => {
      trailers = toFields(raw);
    });
    stream.setEncoding("latin1").on("data", (text: string) => (seen.text += text));
    stream.on("error", () => undefined);
    stream.on("close", () => {
      clearTimeout(timer);
      const isWhole = stream.rstCode === constants.NGHTTP2_NO_ERROR && stream.readableEnded;
      const { interim, interimFields, text } = seen;
      if (!isWhole || head === null) return resolve(null);
      resolve({
        ...head,
        interim,
        interimFields,
        body: text,
        trailers,
      });
    });
    if (body !== "") stream.end(body);
  });
}

function toFields(raw: readonly string[]): string[] {
  const fields: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    if (!name.startsWith(":")) fields.push(`${name}: ${raw[at + 1]}`);
  }
  return fields;
}
