/*
 * A report on the quality of events, in four formats: what failed, how often
 * and where, worst first; what has changed since a baseline; each event's
 * name with its counts.
 */
#ifndef MM_QUALITY_REPORT_H
#define MM_QUALITY_REPORT_H

#include "quality/findings.h"
#include "quality/profile.h"
#include "text/jsonfile.h"

struct quality_report {
	const struct findings *findings; /* sorted */
	const struct findings *drift;    /* sorted; NULL: there is no baseline */
	const struct profile *profile;
	struct span plan_version; /* p is NULL when there is none */
	uint64_t lines, valid, rejected, warned, blank;
	bool failed;         /* the run's verdict */
	bool too_many;       /* lines were rejected, and more than are allowed */
	const char *allowed; /* as --max-errors has it; NULL: none */
	bool colour;         /* of text */
	/* of github, which names files relative to this directory; NULL: as they are given */
	const char *root;
};

/*
 * Each appends the whole report, or sets `failed` of the buffer.  Everything
 * that came from input is made harmless for the format: control characters and
 * invalid UTF-8 are replaced or escaped.
 */

/* For reading: aligned; of long lists the worst. */
void quality_report_text(const struct quality_report *, struct buf *);

/* All of it, an element a line, in a stable order; baseline.h reads it back. */
void quality_report_json(const struct quality_report *, struct buf *);

/* XML 1.0 as JUnit's, for Jenkins, GitLab and others: a case a finding. */
void quality_report_junit(const struct quality_report *, struct buf *);

/*
 * Workflow commands of GitHub Actions (::error file=..,line=..::..): a finding for
 * each file that it is in, files that are below r->root; at most fifty errors
 * and fifty warnings, of which it shows ten beside the lines, a file's worst
 * before another's second; a notice at the end.
 */
void quality_report_github(const struct quality_report *, struct buf *);

/* The same of what is wrong with the tracking plan in `file`. */
void quality_report_github_plan(
    const char *file, const char *root, const struct jsonfile_errors *, struct buf *);

/* ---- for the formats ---- */

/* Appends UTF-8, with U+FFFD for each byte that is none. */
void quality_report_add_utf8(struct buf *, const char *p, size_t n);

/* Appends a name or a text with control characters as \xNN. */
void quality_report_add_plain(struct buf *, struct span);

/* Appends "FILE:LINE". */
void quality_report_add_place(struct buf *, const struct finding_example *);

/* Appends "FIELD: TEXT", or the text. */
void quality_report_add_what(struct buf *, const struct finding_kind *);

/* Appends "10000 lines: 9963 valid, 37 rejected (0.4 %), 12 with warnings". */
void quality_report_add_counts(struct buf *, const struct quality_report *);

/* Appends what did not fit, in words: "; and more: ..."; nothing when all did. */
void quality_report_add_more(struct buf *, const struct quality_report *, const char *begin);

/* What a list of names is sorted by. */
struct quality_report_row {
	struct span name;
	uint64_t worse[3]; /* first the larger ones of [0], then of [1] .. */
	uint32_t number;
};

/*
 * The events, worst first or by name; those of names.n in the profile.  The
 * caller frees them; NULL: memory was out.
 */
struct quality_report_row *quality_report_events(const struct profile *, bool by_name);

void quality_report_sort(struct quality_report_row *, size_t n);

#endif
