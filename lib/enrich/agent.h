/*
 * What a User-Agent header says of browser, operating system and device, in
 * the small sets of SPEC 6, and whether it is a robot's.  Pure functions: one
 * pass, no allocation.
 */
#ifndef MM_AGENT_H
#define MM_AGENT_H

#include "enrich/bots.h"
#include "base/buf.h"

struct agent {
	struct span browser; /* chrome firefox safari edge opera, or "" */
	struct span os;      /* windows macos android ios linux, or "" */
	struct span device;  /* mobile tablet desktop, or "" */
	enum bot_kind bot;   /* BOT_NONE or BOT_APP: people's */
};

/* Whether it is a robot. */
static inline bool
agent_is_bot(const struct agent *a)
{
	return a->bot != BOT_NONE && a->bot != BOT_APP;
}

/*
 * Parses the header's text.  The spans are constants.  An empty header is all
 * "" and no robot.
 */
void agent_parse_with(struct agent *, const struct bots *, const char *p, size_t n);

/* The same with the compiled-in robots: for tests and benchmarks; commands go through agents_find. */
void agent_parse(struct agent *, const char *p, size_t n);

/*
 * Refines the answer by the client hints (User-Agent Client Hints, W3C CG) that
 * the JSON object `hints` holds; what it does not say stays.  Keys:
 *
 *   brands    [{"brand":"Chromium","version":"126"}, …] as userAgentData gives
 *             them, or a string: the header Sec-CH-UA as it came
 *   mobile    true or false, or "?1" or "?0"
 *   platform  "Windows", or as in the header with quotes of its own
 *
 * The headers' names in lower case (sec-ch-ua, sec-ch-ua-mobile,
 * sec-ch-ua-platform) do as well.  Returns false, with nothing changed, when it
 * is no JSON object.
 */
bool agent_hints(struct agent *, struct span hints);

/* ---- those seen lately ---- */

/*
 * Agents repeat: a table of fixed size keeps what was found out about those
 * seen lately; newcomers overwrite.  A header is compared to its last byte, so
 * that an answer is never another's.
 */

/* Slots, and the longest header that is kept: 1.1 MiB in all. */
enum { AGENTS_SLOTS = 4096, AGENTS_TEXT = 216 };

struct known_agent {
	struct agent agent;
	uint16_t n; /* bytes of the header; 0: free */
	char text[AGENTS_TEXT];
};

struct agents {
	const struct bots *bots;
	uint64_t seed;
	struct known_agent *slot;
	uint64_t hits, misses; /* headers too long to be kept are misses */
};

/*
 * bots (NULL: the compiled-in tables) stay the caller's.  False when memory is
 * out.  Each thread has an `agents` of its own; they can share the bots.
 */
bool agents_init(struct agents *, const struct bots *);

/* Forgets all of it; the memory is wiped. */
void agents_release(struct agents *);

/* agent_parse_with, or what it said of the same header before. */
struct agent agents_find(struct agents *, const char *p, size_t n);

#endif
