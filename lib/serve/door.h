/*
 * The front door: from a request to its answer (SPEC 13): whose key it is, what
 * it may do, what becomes of it.  All of it runs on the server's loop; questions
 * to ClickHouse are handed to others.
 */
#ifndef MM_DOOR_H
#define MM_DOOR_H

#include "event/reject.h"
#include "http/forwarded.h"
#include "http/server.h"
#include "serve/denial.h"
#include "serve/keys.h"
#include "serve/meter.h"
#include "serve/take.h"

enum door_route {
	DOOR_NOWHERE,
	DOOR_TRACK,
	DOOR_BATCH,
	DOOR_IDENTIFY,
	DOOR_FORGET,
	DOOR_QUERY,
	DOOR_STATS,
	DOOR_SOURCES,
	DOOR_REPORT,
	DOOR_SCRIPT,
	DOOR_MCP,
	DOOR_MCP_ACCOUNT,
	DOOR_HEALTH,
	DOOR_METRICS,
	DOOR_ROUTES,
};

/* For questions: what is asked of ClickHouse by another thread. */
struct door_question {
	enum door_route route;
	char project[UUID_TEXT + 1];  /* of the key: the only one that may be seen */
	struct http_request *request; /* its fields, query and body may be read; nothing else */
	struct door *door;
	/* of DOOR_MCP and DOOR_MCP_ACCOUNT */
	bool may_send;       /* the key may send events */
	struct buf projects; /* with an ak, whose `project` is zeros: lines "UUID NAME" */

	/* the answer */
	unsigned status;
	const char *type; /* the media type */
	struct buf body;
};

/* For DOOR_MCP: an event in the body of a question. */
struct door_event {
	struct door_question *question;
	struct span text; /* an object */
	/* called on the loop, once: what the three below say is true then, and not before */
	void (*done)(struct door_event *);

	enum denial why; /* DENIAL_NONE: it is kept, as by /v1/track */
	const struct complaint
	    *complaint; /* that is wrong with it; NULL: nothing; goes after done */
	size_t complaints;
	struct span event_id; /* as it stood in the text, with quotes; p NULL: none */
};

struct door_config {
	struct http_trust trust;
	struct span prefix; /* "/stats", or empty */
	struct take *take;  /* started */
	bool private_only;  /* /healthz and /metrics by listeners with DOOR_PRIVATE alone */
	void *context;
	/* Keeps events: as journal_add. */
	enum journal_result (*keep)(
	    void *context, const struct journal_event *, size_t n, uint64_t *ticket);
	/* Takes a question over, to be given back to door_reply on the loop; false: there is no
	   room.  NULL: nothing can be asked. */
	bool (*ask)(void *context, struct door_question *);
	/* The status of /healthz, and its body. */
	unsigned (*health)(void *context, struct buf *body);
	/* Adds to /metrics. */
	void (*metrics)(void *context, struct buf *body);
	/* The first request whose forwarding header is of a peer that is not trusted. */
	void (*untrusted)(void *context);
};

enum { DOOR_PRIVATE = 1 }; /* the tag of a listener for /healthz and /metrics */

struct door {
	struct door_config config;
	struct meter meter;

	/* the module's */
	const struct keys *keys;
	uint64_t generation; /* counts door_use_keys */
	struct limits limits;
	struct failures failures;
	struct limits account;              /* of questions with an ak */
	struct http_request *first, **last; /* that wait for the journal */
	struct buf fields, body;
	struct tally tally;
	uint64_t questions; /* on their way */
};

/* All zero before; sodium_init has been called. */
void door_init(struct door *, const struct door_config *);
void door_release(struct door *);

/*
 * From now on these are the keys; the caller frees those before.  now: of a clock that never
 * goes back, ms.  False when memory is out: then the former ones stay.
 */
bool door_use_keys(struct door *, const struct keys *, uint64_t now);

/* Callbacks of the server, whose context is the door. */
void door_on_head(void *door, struct http_request *);
void door_on_request(void *door, struct http_request *);
void door_on_refused(void *door, unsigned status);

/* On the loop: as `settled` of the journal. */
void door_settled(struct door *, uint64_t group, int error);

/*
 * On the loop, while its question waits for its answer: takes an event as /v1/track does,
 * with the question's key, project and sender.
 */
void door_track(struct door_event *);

/* On the loop: answers a question and frees it. */
void door_reply(struct door_question *);

#endif
