import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MUX_LIMITS } from "../limits.ts";
import { ReceiveCredit, SendCredit } from "./credit.ts";

const { initialWindowBytes, creditReturnBytes, maxSendCreditBytes, windowBytes } = MUX_LIMITS;

describe("SendCredit", () => {
  it("starts with the initial window and counts what is in flight", () => {
    const credit = new SendCredit();
    credit.take(1_000);
    expect([credit.available, credit.inFlight]).toEqual([initialWindowBytes - 1_000, 1_000]);
    credit.giveBack(600);
    expect([credit.available, credit.inFlight]).toEqual([initialWindowBytes - 400, 400]);
    credit.giveBack(200);
    credit.giveBack(300);
    expect(credit.smallestReturn).toBe(200);
  });

  it("takes a larger window for no answer to bytes in flight", () => {
    const credit = new SendCredit();
    credit.take(10);
    credit.raise(500);
    expect([credit.available, credit.inFlight]).toEqual([initialWindowBytes + 490, 10]);
    expect(credit.smallestReturn).toBeNull();
  });

  it("never counts less than nothing in flight, whatever a peer returns", () => {
    const credit = new SendCredit();
    credit.giveBack(500);
    expect(credit.inFlight).toBe(0);
  });

  it("refuses to take more than there is", () => {
    const credit = new SendCredit();
    credit.take(initialWindowBytes);
    expect(() => credit.take(1)).toThrow(RangeError);
  });

  it("accepts credit up to 32 bits and not one byte more", () => {
    const credit = new SendCredit();
    credit.raise(maxSendCreditBytes - initialWindowBytes);
    expect(() => credit.giveBack(1)).toThrow(expect.objectContaining({ fault: "credit_exceeded" }));
    expect(credit.available).toBe(maxSendCreditBytes);
  });
});

describe("ReceiveCredit", () => {
  it("allows the whole window and not one byte more", () => {
    const credit = new ReceiveCredit(windowBytes);
    credit.reserve(windowBytes);
    expect(() => credit.reserve(1)).toThrow(expect.objectContaining({ fault: "credit_exceeded" }));
  });

  it("returns nothing for bytes that are not consumed, and all at the quantum", () => {
    const credit = new ReceiveCredit(windowBytes);
    credit.reserve(windowBytes);
    expect(credit.consume(creditReturnBytes - 1)).toBe(0);
    expect(credit.consume(1)).toBe(creditReturnBytes);
    credit.reserve(creditReturnBytes);
    expect(() => credit.reserve(1)).toThrow();
  });

  it("refuses to consume what never arrived", () => {
    const credit = new ReceiveCredit(windowBytes);
    credit.reserve(10);
    expect(() => credit.consume(11)).toThrow(RangeError);
  });

  it("keeps outstanding + held + unreturned equal to the window in every order of events", () => {
    const step = fc.record({ isReceive: fc.boolean(), bytes: fc.nat(200_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const credit = new ReceiveCredit(windowBytes);
        const model = { outstanding: windowBytes, held: 0, unreturned: 0 };
        for (const { isReceive, bytes } of steps) {
          if (isReceive && bytes > model.outstanding) {
            expect(() => credit.reserve(bytes)).toThrow();
          } else if (isReceive) {
            credit.reserve(bytes);
            model.outstanding -= bytes;
            model.held += bytes;
          } else {
            const consumed = Math.min(bytes, model.held);
            const grant = credit.consume(consumed);
            model.held -= consumed;
            model.unreturned += consumed - grant;
            model.outstanding += grant;
            expect(model.unreturned).toBeLessThan(creditReturnBytes);
            expect(model.unreturned).toBeGreaterThanOrEqual(0);
          }
          expect(model.outstanding + model.held + model.unreturned).toBe(windowBytes);
        }
      }),
    );
  });
});
