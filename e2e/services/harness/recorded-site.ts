import { ask } from "./http-client.ts";
import { HttpLab, type Site } from "./http-lab.ts";
import { RequestRecorder, type RecordedRequest } from "./request-recorder.ts";

const LAST = "/settled";

/** What a service was sent. */
export interface ServiceRecord {
  readonly requests: readonly RecordedRequest[];
  readonly garbage: readonly string[];
  readonly unfinished: readonly string[];
}

/** A site behind the edge whose service remembers what it was sent. */
export class RecordedSite {
  readonly lab: HttpLab;
  readonly site: Site;
  readonly #recorder: RequestRecorder;

  private constructor(lab: HttpLab, site: Site, recorder: RequestRecorder) {
    this.lab = lab;
    this.site = site;
    this.#recorder = recorder;
  }

  static async start(name: string): Promise<RecordedSite> {
    const recorder = new RequestRecorder();
    const lab = await HttpLab.start({ services: [{ name, port: await recorder.start() }] });
    return new RecordedSite(lab, lab.site(name), recorder);
  }

  /**
   * Asks for something else, and so sees that what was sent before has come as far as it will.
   *
   * @returns what came since the last time.
   */
  async settle(): Promise<ServiceRecord> {
    const { status } = await ask(this.site, { path: LAST });
    if (status !== 200) throw new Error(`the request after it was answered with ${status}`);
    const { requests, garbage, unfinished } = this.#recorder;
    const record = {
      requests: requests.filter(({ target }) => target !== LAST),
      garbage: [...garbage],
      unfinished: [...unfinished],
    };
    this.#recorder.clear();
    return record;
  }

  async stop(): Promise<void> {
    await this.lab.stop();
    await this.#recorder.close();
  }
}
