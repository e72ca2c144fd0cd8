/** An event, as POST /v1/track takes it. `null` is as good as absent. */
export interface TrackEvent {
	/** What happened: 1 to 128 characters. */
	event: string;
	/** By which it is stored once; a UUID where there is none. */
	event_id?: string | null | undefined;
	/** When it happened: a Date, or its text as RFC 3339 has it; now where there is none. */
	timestamp?: Date | string | null | undefined;
	anonymous_id?: string | null | undefined;
	user_id?: string | null | undefined;
	session_id?: string | null | undefined;
	/** Absolute, with its query: where the visitor came from is read of it. */
	url?: string | null | undefined;
	path?: string | null | undefined;
	referrer?: string | null | undefined;
	/** An object of at most 8192 bytes as JSON. */
	properties?: object | null | undefined;
}

/** Says that a visitor is a user. */
export interface Person {
	anonymous_id: string;
	user_id: string;
	/** What is known about the user: an object of at most 8192 bytes as JSON. */
	traits?: object | null | undefined;
	event_id?: string | null | undefined;
	timestamp?: Date | string | null | undefined;
}

export interface Options {
	/** An sk, or a pk. It shows up in no message and no dump of the client. */
	key: string;
	/** Where mm-serve is, its prefix included: https://stats.example.org or https://example.org/mm */
	url: string;
	/** Milliseconds from an event to the request that sends it, unless 1000 wait before: 1000. */
	interval?: number | undefined;
	/** Milliseconds for an answer: 10,000. */
	timeout?: number | undefined;
	/** Events that may wait: 10,000. */
	maxQueue?: number | undefined;
	/** Is told what goes wrong in the background; console.error is where there is none. */
	onError?: ((error: MillimetricError) => void) | undefined;
}

/** An event that the server refuses, as it was sent, and why: messages by field, "" for the event as a whole. */
export interface Refused {
	event: TrackEvent & { event_id: string; timestamp: string };
	why?: Record<string, string[]>;
}

export class MillimetricError extends Error {
	private constructor();
	/** The server's (`invalid_payload`, `invalid_api_key` …), or `network_error`, `timeout`, `unexpected_answer`, `queue_full`. */
	readonly code: string;
	/** Of HTTP; 0: there was no answer. */
	readonly status: number;
	/** What the server says about it. */
	readonly details?: unknown;
	/** Milliseconds, as the server wishes. */
	readonly retryAfter: number;
	/** Events that are handed back: they wait no more. All others do. */
	readonly refused: Refused[];
}

export class Millimetric {
	/** Throws TypeError when an option is wrong. */
	constructor(options: Options);
	/** Events that wait, those included that are under way. */
	get pending(): number;
	/**
	 * Takes an event, sends it later; returns its event_id. Throws TypeError when it is wrong, MillimetricError
	 * `queue_full` when too many wait.
	 */
	track(event: TrackEvent): string;
	/** Takes a $identify event; likewise. */
	identify(person: Person): string;
	/**
	 * Resolves when all that was taken before is stored. Rejects with a MillimetricError: `refused` has the events
	 * that the server does not want, the others wait and are sent again.
	 */
	flush(): Promise<void>;
}

/** Makes the client of track, identify and flush below. */
export function init(options: Options): Millimetric;
export function track(event: TrackEvent): string;
export function identify(person: Person): string;
export function flush(): Promise<void>;
