// The types of the Node module: what is right compiles; each line below a @ts-expect-error does not.
import { Millimetric, MillimetricError, flush, identify, init, track } from "@millimetric/track-node";
import type { Options, Person, Refused, TrackEvent } from "@millimetric/track-node";

interface Plan {
	plan: "free" | "pro";
}
const plan: Plan = { plan: "pro" };
const options: Options = { key: "sk_live_x", url: "https://stats.example.org" };
new Millimetric({ ...options, interval: undefined, onError: undefined });
const mm = new Millimetric({ ...options, interval: 10, timeout: 10, maxQueue: 10, onError: (e) => void e.message });
const event: TrackEvent = {
	event: "purchase", event_id: "1", timestamp: new Date(), anonymous_id: null, user_id: undefined, session_id: "s",
	url: "https://example.org/", path: "/", referrer: "", properties: { amount_cents: 4900, nested: [plan] },
};
const person: Person = { anonymous_id: "v", user_id: "u", traits: plan };
const ids: string[] = [mm.track(event), mm.track({ event: "a", properties: plan }), mm.identify(person), track(event), identify(person)];
const client: Millimetric = init(options);
const waiting: number = client.pending;

export async function all(): Promise<Refused[]> {
	try {
		await Promise.all([flush(), mm.flush()]);
	} catch (e) {
		if (!(e instanceof MillimetricError)) throw e;
		const [code, status, wait]: [string, number, number] = [e.code, e.status, e.retryAfter];
		console.log(ids, waiting, code, status, wait, e.details, e.cause);
		for (const { event, why } of e.refused) if (why?.url?.[0]) mm.track({ ...event, url: null });
		return e.refused;
	}
	return [];
}

export function wrong(e: MillimetricError): void {
	// @ts-expect-error
	new Millimetric();
	// @ts-expect-error
	new Millimetric({ key: "sk_live_x" });
	// @ts-expect-error
	new Millimetric({ ...options, interval: "1s" });
	// @ts-expect-error
	new Millimetric({ ...options, secret: true });
	// @ts-expect-error
	mm.track("signup");
	// @ts-expect-error
	mm.track({});
	// @ts-expect-error
	mm.track({ event: "a", user_id: 42 });
	// @ts-expect-error
	mm.track({ event: "a", userId: "42" });
	// @ts-expect-error
	mm.track({ event: "a", properties: "plan" });
	// @ts-expect-error
	mm.track({ event: "a", timestamp: 1 });
	// @ts-expect-error
	mm.identify({ user_id: "u" });
	// @ts-expect-error
	mm.identify({ anonymous_id: "v", user_id: "u", properties: {} });
	// @ts-expect-error
	mm.track({ event: "a" }).then();
	// @ts-expect-error
	mm.pending = 1;
	// @ts-expect-error
	e.status = 1;
	// @ts-expect-error
	new MillimetricError("x");
	// @ts-expect-error
	mm.key;
}
