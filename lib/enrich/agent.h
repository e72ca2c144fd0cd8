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

/* The same with the compiled-in robots. */
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

#endif
