/*
 * Records of other tools' exports, each read by its own function.
 */
#ifndef MM_EXPORT_RECORD_H
#define MM_EXPORT_RECORD_H

#include "import/draft.h"
#include "import/pageview.h"

/* What becomes of the records; counts are the owner's. */
struct export_sink {
	struct repeats *repeats;
	struct out *out;
	uint64_t events;
	uint64_t skipped; /* of another kind */
	uint64_t headers; /* first rows of CSV */
	void (*reject)(
	    void *context, struct span record, const struct complaint *, size_t complaints);
	void *context;
};

/* Starts as all zero but for the site. */
struct export_work {
	struct span site; /* host where a record has none; n is 0: none */
	struct draft draft;
	struct buf id; /* what ids are made of, where that is not the record alone */
	struct json_fields top, part, inner;
};

/* One complaint about a field of the record; `text` is constant. */
void export_reject(struct export_sink *, struct span record, const char *field, const char *text);

/* Writes the draft, or rejects the record for what is wrong with that. */
void export_event(struct export_work *, struct export_sink *, struct span record, struct span id);

/* Whether the times of the draft were read; else the record is rejected. */
bool export_has_time(struct export_work *, struct export_sink *, struct span record, bool read);

/* Each takes a record whose members w->top has. */
void export_segment(
    struct export_work *, struct export_sink *, struct span record, struct span sent_at);
void export_ga4(struct export_work *, struct export_sink *, struct span record);
void export_plausible(struct export_work *, struct export_sink *, struct span record);
void export_umami(struct export_work *, struct export_sink *, struct span record);
void export_matomo(struct export_work *, struct export_sink *, struct span record);

#endif
