/*
 * What was found wrong with events: each finding once, with how often it came
 * and where it came first.  Bounded, whatever the input holds.
 */
#ifndef MM_FINDINGS_H
#define MM_FINDINGS_H

#include "base/dict.h"

enum {
	FINDINGS_MAX = 1000,    /* told apart */
	FINDING_EXAMPLES = 3,   /* of each */
	FINDINGS_PLACES = 1000, /* files in which one was found, of all findings together */
	FINDING_TEXT_MAX = 256  /* bytes of a name or a text; longer ones are cut */
};

enum severity { SEVERITY_ERROR, SEVERITY_WARN };

/* "error", "warning". */
const char *severity_name(enum severity);

/* What one finding is about. */
struct finding_kind {
	enum severity severity;
	/* the event's name, unescaped; n is 0 when it is not known */
	struct span event;
	/* the field's name as it may stand inside a JSON string; n is 0 for
	   the line as a whole */
	struct span field;
	struct span text; /* for people: "Required" */
};

struct finding_example {
	const char *file; /* a name that outlives the findings */
	uint64_t line;
	uint32_t start, n; /* of its excerpt */
};

/* A file in which it was found. */
struct finding_place {
	uint32_t number; /* the finding's */
	const char *file;
	uint64_t line, count; /* the first line, and how many */
};

struct finding {
	uint32_t number; /* in the order they came */
	enum severity severity;
	uint32_t event_n, field_n;
	uint64_t count;
	unsigned examples;
	struct finding_example example[FINDING_EXAMPLES];
	uint32_t place; /* the last one in findings.place, plus 1; 0: none */
};

struct findings {
	struct finding *finding; /* n of them */
	uint32_t n;
	uint64_t more[2];            /* by severity: came and did not fit */
	struct finding_place *place; /* in the order they came */
	uint32_t places;
	uint64_t more_places; /* came and did not fit */
	/* what follows is the module's */
	struct dict kinds;
	struct buf key, excerpts;
};

/* False when memory is out. */
bool findings_init(struct findings *);
void findings_release(struct findings *);

/*
 * Counts one.  What does not fit any more is counted with others of its text,
 * under no event and the field FINDING_OTHERS; what does not fit even so, in
 * `more`, and NULL is returned.
 */
#define FINDING_OTHERS "(others)"
struct finding *findings_add(struct findings *, const struct finding_kind *);

/* Whether findings_example still takes one. */
static inline bool
finding_wants_example(const struct finding *g)
{
	return g && g->examples < FINDING_EXAMPLES;
}

/* Adds where it was found, and an excerpt of the line (UTF-8; may be empty). */
void findings_example(
    struct findings *, struct finding *, const char *file, uint64_t line, struct span excerpt);

/*
 * Notes the file and line of a finding that was just counted; the lines of a file
 * come one after the other.
 */
void findings_place(struct findings *, struct finding *, const char *file, uint64_t line);

/* Sorts them worst first: errors, then by count; findings_add must not follow. */
void findings_sort(struct findings *);

/* What it is about; valid until the next findings_add. */
struct finding_kind finding_kind(const struct findings *, const struct finding *);

struct span finding_excerpt(const struct findings *, const struct finding_example *);

/*
 * At most `max` bytes of the text, which may stand inside a JSON string:
 * no character and no escape is cut in two.
 */
struct span text_cut(struct span, size_t max);

#endif
