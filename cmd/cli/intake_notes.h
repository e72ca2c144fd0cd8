/*
 * What is to be told of lines once it is their turn: rejects and warnings, each with its
 * complaints, whose texts are copied.
 */
#ifndef MM_INTAKE_NOTES_H
#define MM_INTAKE_NOTES_H

#include <stdint.h>

#include "event/complaint.h"

enum intake_note_kind {
	INTAKE_NOTE_REJECT,
	INTAKE_NOTE_LONG, /* the line is longer than lines may be */
	INTAKE_NOTE_WARN,
};

struct intake_note {
	enum intake_note_kind kind;
	const char *name; /* of the file */
	uint64_t number;
	const char *p; /* the line, which is not copied */
	size_t n;
	const char *error; /* a constant: "invalid_payload" */
	size_t out;        /* bytes of output that stand before it */
	uint64_t taken;    /* lines that had been passed or dropped before it */
	const struct complaint *complaint;
	size_t complaints;
};

/* Starts as all zero. */
struct intake_notes {
	size_t n; /* notes */

	/* what follows is the module's */
	struct buf b;                /* notes, each with the texts of its complaints */
	struct complaint *complaint; /* of the note that was read last */
	size_t cap, at;
	bool failed;
};

/* Forgets all notes, keeps the memory. */
void intake_notes_reset(struct intake_notes *);
void intake_notes_release(struct intake_notes *);

/* Adds one, and copies its complaints; memory that is out shows in intake_notes_failed. */
void intake_notes_add(struct intake_notes *, const struct intake_note *);

/*
 * Reads the next one, from the first on; false: there is none.  Its complaints are valid
 * until the next call.
 */
bool intake_notes_next(struct intake_notes *, struct intake_note *);

/* Whether memory was out: what is there is not all. */
bool intake_notes_failed(const struct intake_notes *);

#endif
