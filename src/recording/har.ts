/**
 * HTTP Archive 1.2 as far as lwi writes it (http://www.softwareishard.com/blog/har-12-spec/). Members that begin with an underscore are
 * custom ones, which the specification allows and readers pass over.
 */
export interface HarEntry {
  /** ISO 8601: when the request was about to go out, waits for a permit included. */
  readonly startedDateTime: string;
  /** ms, the sum of the timings. */
  readonly time: number;
  readonly request: HarRequest;
  readonly response: HarResponse;
  readonly cache: Record<string, never>;
  readonly timings: HarTimings;
  readonly _lwi?: EntryExtra;
}

export interface HarRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly cookies: readonly [];
  readonly headers: readonly HarPair[];
  readonly queryString: readonly HarPair[];
  readonly postData?: HarPostData;
  readonly headersSize: -1;
  /** Bytes. */
  readonly bodySize: number;
}

export interface HarPair {
  readonly name: string;
  readonly value: string;
}

export interface HarPostData {
  readonly mimeType: string;
  readonly params?: readonly HarPair[];
  readonly text: string;
  /** `base64` where the body is no text; HAR 1.2 has a member for this in answers only. */
  readonly _encoding?: 'base64';
}

export interface HarResponse {
  /** 0: there was no answer. */
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly cookies: readonly [];
  readonly headers: readonly HarPair[];
  readonly content: HarContent;
  readonly redirectURL: string;
  readonly headersSize: -1;
  /** Bytes as sent; -1 where they were compressed. */
  readonly bodySize: number;
  /** What went wrong, as browsers write it. */
  readonly _error?: string;
}

export interface HarContent {
  /** Bytes. */
  readonly size: number;
  readonly mimeType: string;
  readonly text?: string;
  readonly encoding?: 'base64';
}

/** ms; -1: does not apply. */
export interface HarTimings {
  /** Waiting for a permit of the rate limit. */
  readonly blocked: number;
  readonly dns: -1;
  readonly connect: -1;
  readonly ssl: -1;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

/** What a replay needs beyond HAR: what the run was told since the exchange before, and how this one failed. */
export interface EntryExtra {
  readonly before?: readonly TapeEvent[];
  readonly error?: ErrorRecord;
}

/** One question of a run to the world outside, and what it was told. */
export interface TapeEvent {
  readonly ask: string;
  /** Absent where the answer was nothing. */
  readonly value?: unknown;
  readonly error?: ErrorRecord;
}

/** An LwiError as data. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** Whether it carried the answer of the last exchange. */
  readonly answered?: boolean;
}

/** `log._lwi`: written before the entries. */
export interface LogHead {
  /** Of these extensions. */
  readonly version: 1;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** `log._lwiEnd`: written behind the entries. */
export interface LogEnd {
  readonly after: readonly TapeEvent[];
  /** Why the run was stopped, where it was. */
  readonly stopped?: ErrorRecord;
}
