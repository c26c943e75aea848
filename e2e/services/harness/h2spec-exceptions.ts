/**
 * What nghttp2, and so node:http2, does otherwise than h2spec wants, and why that is right or harmless. h2spec 2.2.1 is
 * older than RFC 9113.
 */
export const OF_NGHTTP2: Readonly<Record<string, string>> = {
  "http2/5.1 closed: Sends a DATA frame after sending RST_STREAM frame":
    "frames on a stream that was just reset are ignored, as RFC 9113 section 5.1 allows",
  "http2/5.1 closed: Sends a HEADERS frame after sending RST_STREAM frame":
    "frames on a stream that was just reset are ignored, as RFC 9113 section 5.1 allows",
  "http2/5.1 closed: Sends a DATA frame":
    "frames on a closed stream are ignored, since they may have been under way",
  "http2/5.1 closed: Sends a HEADERS frame":
    "frames on a closed stream are ignored, since they may have been under way",
  "http2/5.1.1 Sends stream identifier that is numerically smaller than previous":
    "the larger number closed the stream of the smaller one, and frames on a closed stream are ignored",
  "http2/5.3.1 Sends PRIORITY frame that depend on itself":
    "RFC 9113 took priorities away: PRIORITY frames are ignored",
  "http2/6.1 Sends a DATA frame on the stream that is not in &#34;open&#34; or &#34;half-closed (local)&#34; state":
    "frames on a closed stream are ignored; whether the connection's end comes first is a race",
  "http2/6.3 Sends a PRIORITY frame with 0x0 stream identifier":
    "RFC 9113 took priorities away: PRIORITY frames are ignored",
  "http2/6.7 Sends a PING frame with ACK":
    "whoever acknowledges a PING that was never sent loses the connection",
  "http2/6.9.1 Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 on a stream":
    "the connection is ended where the stream alone would do",
};

/** What the edge does otherwise than a server that speaks nothing but HTTP/2. */
export const OF_A_SHARED_PORT: Readonly<Record<string, string>> = {
  "http2/3.5 Sends invalid connection preface":
    "what is no preface is a request of HTTP/1.1 here, and gets 400 and the end in that version",
};
