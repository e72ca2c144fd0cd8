#include "quality/report.h"

#include <stdlib.h>

#include "quality/repo_path.h"

#include "base/banned.h"

enum {
	SHOWN_MAX = 10,  /* of errors, and of warnings, GitHub shows of one step */
	LOGGED_MAX = 50, /* stand in its log */
};

/*
 * Adds what a command's runner would read as its own signs, escaped: of a
 * message the per cent sign and line ends, of a property's value also colon
 * and comma.
 */
static void
add_escaped(struct buf *b, const char *p, size_t n, bool property)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '%' || c == '\n' || c == '\r' || (property && (c == ':' || c == ',')))
			buf_addf(b, "%%%02X", c);
		else
			buf_addc(b, c < 0x20 || c == 0x7f ? '?' : (char)c);
	}
}

/* A report, or the mistakes of a plan, in the making. */
struct commands {
	struct buf *b;
	const char *root;
	struct buf scratch, path;
};

/* Adds what stands in the scratch buffer, and empties it. */
static void
settle(struct commands *c, bool property)
{
	if (c->scratch.failed)
		c->b->failed = true;
	add_escaped(c->b, c->scratch.n ? c->scratch.p : "", c->scratch.n, property);
	buf_reset(&c->scratch);
}

/* Adds "file=..,line=..," where GitHub can show a line of the file; else false. */
static bool
add_file(struct commands *c, const char *file, uint64_t line)
{
	if (strcmp(file, "<stdin>") == 0)
		return false;
	buf_reset(&c->path);
	if (!c->root)
		buf_adds(&c->path, file);
	else if (!repo_path(&c->path, c->root, file))
		return false;
	buf_adds(c->b, "file=");
	quality_report_add_utf8(&c->scratch, c->path.n ? c->path.p : "", c->path.n);
	settle(c, true);
	buf_addf(c->b, ",line=%llu,", (unsigned long long)line);
	return true;
}

static void
release(struct commands *c)
{
	buf_release(&c->scratch);
	buf_release(&c->path);
}

/* ---- which annotations, in which order ---- */

/* A finding in one file, or one that is in none. */
struct annotation {
	const struct findings *of;
	const struct finding *finding;
	const struct finding_place *place; /* NULL: of the events as a whole */
	bool error, drift;
	uint32_t rank; /* how many about its file come before */
	uint32_t number;
};

struct annotations {
	struct annotation *v;
	uint32_t n;
};

static uint32_t
rank_of(const struct annotations *a, bool error, const struct finding_place *place)
{
	uint32_t i, rank = 0;

	for (i = 0; i < a->n; i++) {
		const struct annotation *x = &a->v[i];

		rank += x->error == error &&
		    (x->place ? x->place->file : NULL) == (place ? place->file : NULL);
	}
	return rank;
}

static void
add(struct annotations *a, struct annotation x)
{
	x.rank = rank_of(a, x.error, x.place);
	x.number = a->n;
	a->v[a->n++] = x;
}

/* The findings of one severity, each for every file that it is in. */
static void
collect(
    struct annotations *a, const struct findings *f, enum severity severity, bool error, bool drift)
{
	struct annotation x = { .of = f, .error = error, .drift = drift };
	uint32_t i, k;

	for (i = 0; f && i < f->n; i++) {
		x.finding = &f->finding[i];
		x.place = NULL;
		if (x.finding->severity != severity)
			continue;
		if (!x.finding->place)
			add(a, x);
		for (k = 0; x.finding->place && k < f->places; k++) {
			x.place = &f->place[k];
			if (x.place->number == x.finding->number)
				add(a, x);
		}
	}
}

/* Errors first; the worst of each file, then the second of each. */
static int
by_rank(const void *a, const void *b)
{
	const struct annotation *x = a, *y = b;

	if (x->error != y->error)
		return x->error ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

/* ---- one annotation ---- */

static void
add_lines(struct commands *c, const struct annotation *x, bool in_file)
{
	const struct finding *g = x->finding;
	uint64_t here = x->place ? x->place->count : g->count;
	const char *words = in_file ? ", also " : ", ";
	unsigned i;

	buf_addf(&c->scratch, " (%llu line%s", (unsigned long long)here, here == 1 ? "" : "s");
	if (here < g->count)
		buf_addf(&c->scratch, " of %llu in all files", (unsigned long long)g->count);
	for (i = 0; x->place && i < g->examples; i++) {
		if (g->example[i].file != x->place->file ||
		    (in_file && g->example[i].line == x->place->line))
			continue;
		buf_adds(&c->scratch, words);
		quality_report_add_place(&c->scratch, &g->example[i]);
		words = ", ";
	}
	buf_addc(&c->scratch, ')');
}

static void
add_annotation(struct commands *c, const struct annotation *x)
{
	struct finding_kind k = finding_kind(x->of, x->finding);
	bool in_file;

	buf_adds(c->b, x->error ? "::error " : "::warning ");
	in_file = x->place && add_file(c, x->place->file, x->place->line);
	buf_adds(c->b, "title=");
	if (x->drift)
		buf_adds(&c->scratch, "Drift: ");
	if (k.event.n)
		quality_report_add_plain(&c->scratch, k.event);
	else
		buf_adds(&c->scratch, "mm-validate");
	settle(c, true);
	buf_adds(c->b, "::");
	quality_report_add_what(&c->scratch, &k);
	if (!x->drift)
		add_lines(c, x, in_file);
	settle(c, false);
	buf_addc(c->b, '\n');
}

/* ---- the report ---- */

static void
add_notice(struct commands *c, const struct quality_report *r, bool more_logged, uint64_t left_out)
{
	buf_adds(c->b, "::notice title=mm-validate::");
	quality_report_add_counts(&c->scratch, r);
	if (more_logged)
		buf_adds(&c->scratch,
		    "; GitHub shows ten errors and ten warnings of a step, the "
		    "log has more");
	if (left_out)
		buf_addf(&c->scratch, "; left out: %llu annotation%s", (unsigned long long)left_out,
		    left_out == 1 ? "" : "s");
	quality_report_add_more(&c->scratch, r, "; and more: ");
	if (r->plan_version.p) {
		buf_adds(&c->scratch, "; plan ");
		quality_report_add_plain(&c->scratch, r->plan_version);
	}
	settle(c, false);
	buf_addc(c->b, '\n');
}

void
quality_report_github(const struct quality_report *r, struct buf *b)
{
	struct commands c = { .b = b, .root = r->root };
	struct annotations a = { .n = 0 };
	uint32_t i, told[2] = { 0, 0 };
	uint64_t left_out = r->findings->more_places;

	a.v =
	    calloc((size_t)r->findings->n + r->findings->places + (r->drift ? r->drift->n : 0) + 1,
		sizeof(*a.v));
	if (!a.v) {
		b->failed = true;
		return;
	}
	collect(&a, r->drift, SEVERITY_ERROR, true, true);
	/* within the allowance they do not fail the job */
	collect(&a, r->findings, SEVERITY_ERROR, r->too_many, false);
	collect(&a, r->findings, SEVERITY_WARN, false, false);
	collect(&a, r->drift, SEVERITY_WARN, false, true);
	qsort(a.v, a.n, sizeof(*a.v), by_rank);
	for (i = 0; i < a.n; i++) {
		if (++told[a.v[i].error] <= LOGGED_MAX)
			add_annotation(&c, &a.v[i]);
		else
			left_out++;
	}
	add_notice(&c, r, told[0] > SHOWN_MAX || told[1] > SHOWN_MAX, left_out);
	free(a.v);
	release(&c);
}

void
quality_report_github_plan(
    const char *file, const char *root, const struct jsonfile_errors *errors, struct buf *b)
{
	struct commands c = { .b = b, .root = root };
	size_t i, n = errors->n < LOGGED_MAX ? errors->n : LOGGED_MAX,
		  all = errors->n + errors->more;

	for (i = 0; i < n; i++) {
		const struct jsonfile_error *e = &errors->error[i];

		buf_adds(b, "::error ");
		add_file(&c, file, e->line);
		buf_adds(b, "title=Tracking plan::");
		if (e->where.n) {
			quality_report_add_plain(&c.scratch, e->where);
			buf_adds(&c.scratch, ": ");
		}
		quality_report_add_plain(&c.scratch, e->what);
		settle(&c, false);
		buf_addc(b, '\n');
	}
	buf_adds(b, "::notice title=mm-validate::The tracking plan ");
	quality_report_add_utf8(&c.scratch, file, strlen(file));
	buf_addf(&c.scratch, " has %zu error%s", all, all == 1 ? "" : "s");
	if (n < all)
		buf_addf(&c.scratch, "; left out: %zu annotations", all - n);
	settle(&c, false);
	buf_addc(b, '\n');
	release(&c);
}
