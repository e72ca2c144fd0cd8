/*
 * Records of logs and exports, one after the other, into events.
 */
#ifndef MM_IMPORTER_H
#define MM_IMPORTER_H

#include "import/exports.h"
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
	/* called for each record that is rejected, which may be less than a line */
	void (*reject)(
	    void *context, struct span record, const struct complaint *, size_t complaints);
	void *context;

	uint64_t events, skips, skipped[SKIP_REASONS];

	/* the module's */
	struct repeats repeats;
	struct log_json json;
	struct w3c w3c;
	struct exports exports;
	struct export_sink sink;
	struct buf scratch;
};

/* Makes ready, once the owner has set what it sets. */
void importer_begin(struct importer *);
void importer_release(struct importer *);

/* Whether lines of the format can be taken by several importers, as each stands for itself. */
bool importer_may_share(enum import_format);

/*
 * Makes ready another importer, for another thread, of such a format: with the options and
 * keys of the first, which must stay; `later` as in repeats.h.  To be unshared.
 */
void importer_share(struct importer *, const struct importer *first);
void importer_unshare(struct importer *);

/*
 * Gives the events in [rows, rows+n), which importers that share have written, the ids that
 * they get when lines before them are known; `later` are the importer's notes of them.
 */
void importer_settle(struct importer *first, const struct buf *later, char *rows, size_t n);

/* At the start of each file, and at the end of all: what was learnt of the one before
   counts no more, and what it left is rejected. */
void importer_begin_file(struct importer *);

/* Whether the next line goes on with a row of CSV, of which a blank one is a part, too. */
bool importer_in_row(const struct importer *);

/*
 * Takes the line [p, p+n), of a format that is not IMPORT_AUTO: writes the
 * events that its records become to `out`, and counts them, and the skips.
 */
void importer_take(struct importer *, const char *p, size_t n, struct out *out);

#endif
