/*
 * Records of logs and exports, one after the other, into events.
 */
#ifndef MM_IMPORTER_H
#define MM_IMPORTER_H

#include "import/format.h"
#include "import/log_json.h"
#include "import/pageview.h"
#include "import/w3c.h"

/* Starts as all zero but for what the owner sets. */
struct importer {
	/* set by the owner; the format also later, when it was IMPORT_AUTO */
	enum import_format format;
	struct pageview pageview; /* its options */
	struct log_keys keys;

	uint64_t events, skipped[SKIP_REASONS];

	/* the module's */
	struct repeats repeats;
	struct log_json json;
	struct w3c w3c;
	struct buf scratch;
};

/* Makes ready, once the owner has set what it sets. */
void importer_begin(struct importer *);
void importer_release(struct importer *);

/* What was learnt of the file before counts no more. */
void importer_begin_file(struct importer *);

/*
 * Takes the record [p, p+n), of a format that is not IMPORT_AUTO, writes an
 * event to `out` where it becomes one, and counts it.  IMPORT_REJECT: *why is
 * valid until the next call.
 */
enum import_verdict importer_take(
    struct importer *, const char *p, size_t n, struct out *out, struct complaint *why);

#endif
