/*
 * The page view that a request was, or why it was none.
 */
#ifndef MM_PAGEVIEW_H
#define MM_PAGEVIEW_H

#include "base/out.h"
#include "event/complaint.h"
#include "text/client.h"
#include "import/hit.h"
#include "text/log_time.h"
#include "import/repeats.h"

/* Why a record becomes no event. */
enum skip {
	SKIP_ASSET,   /* the path's ending is that of a style sheet, an image .. */
	SKIP_COMMENT, /* a line that describes the file */
	SKIP_KIND,    /* a record of another kind than those that become events */
	SKIP_METHOD,  /* not GET */
	SKIP_PATH,    /* the user named the path */
	SKIP_REDIRECT,
	SKIP_REQUEST, /* no HTTP request: nothing, or bytes of another protocol */
	SKIP_STATUS,  /* 400 and above, or below 200 */
	SKIP_REASONS,
};

/* "asset", "comment" .. */
const char *skip_name(enum skip);

/* Set once, before the first line. */
struct pageview_options {
	struct span site; /* host where the line has none, a canonical name; n is 0: none */
	bool http;        /* the scheme where the line does not tell, else https */
	unsigned keep;    /* a bit for each enum skip that becomes an event nevertheless */
	const struct span *path;
	size_t paths; /* beginnings of paths that are skipped */
	struct client_trust trust;
};

/* Starts as all zero but for the options. */
struct pageview {
	struct pageview_options options;

	/* events written: whose peer is likely a proxy, see client.h; without a
	   host; with an address, referrer or agent that was too long, and cut */
	uint64_t untrusted, no_site, cut;

	/* what follows is the module's: answers for what the last line had, too */
	struct span target; /* that is chosen */
	struct buf joined;
	int status; /* -1: none */
	char time_text[40];
	size_t time_n;
	int64_t ms;
	char stamp[LOG_TIME_TEXT];
	size_t stamp_n;
	char host_text[URL_NAME_MAX];
	size_t host_n;
	char name[URL_NAME_MAX];
	size_t name_n;
};

enum import_verdict { IMPORT_EVENT, IMPORT_SKIP, IMPORT_REJECT };

/* Where the id stands in an event that pageview_write has written. */
enum { PAGEVIEW_ID_AT = sizeof("{\"event\":\"$pageview\",\"event_id\":\"") - 1 };

void pageview_release(struct pageview *);

/*
 * Decides about a request.  IMPORT_EVENT: the event is written to `out`, with
 * the id of the line.  IMPORT_SKIP: *skip says why.  IMPORT_REJECT: *why says
 * what is wrong with the line; its texts are constant.
 */
enum import_verdict pageview_write(struct pageview *, const struct hit *, struct repeats *,
    struct span line, struct out *out, enum skip *skip, struct complaint *why);

#endif
