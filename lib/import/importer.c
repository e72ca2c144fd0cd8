#include "import/importer.h"

#include "import/alb.h"
#include "import/clf.h"
#include "import/haproxy.h"

#include "base/banned.h"

void
importer_begin(struct importer *im)
{
	im->json.keys = im->w3c.keys = &im->keys;
	im->exports.work.site = im->pageview.options.site;
	im->sink = (struct export_sink){
		.repeats = &im->repeats, .reject = im->reject, .context = im->context
	};
	repeats_init(&im->repeats, im->pageview.options.site);
}

void
importer_release(struct importer *im)
{
	pageview_release(&im->pageview);
	log_keys_release(&im->keys);
	log_json_release(&im->json);
	w3c_release(&im->w3c);
	exports_release(&im->exports);
	buf_release(&im->scratch);
}

bool
importer_may_share(enum import_format f)
{
	return f != IMPORT_AUTO && f != IMPORT_CLOUDFRONT && f != IMPORT_IIS && !exports_has(f);
}

void
importer_share(struct importer *im, const struct importer *first)
{
	im->format = first->format;
	im->pageview.options = first->pageview.options;
	im->json.keys = &first->keys;
	repeats_init(&im->repeats, im->pageview.options.site);
}

void
importer_unshare(struct importer *im)
{
	pageview_release(&im->pageview);
	log_json_release(&im->json);
	buf_release(&im->scratch);
}

void
importer_settle(struct importer *first, const struct buf *later, char *rows, size_t n)
{
	char *row = rows;
	size_t i, skip = 0;

	for (i = 0; i < later->n; i += REPEATS_DIGEST) {
		char id[UUID_TEXT];

		if (repeats_settle(&first->repeats, later->p + i, id)) {
			for (; skip > 0; skip--)
				row = (char *)memchr(row, '\n', (size_t)(rows + n - row)) + 1;
			memcpy(row + PAGEVIEW_ID_AT, id, sizeof(id));
		}
		skip++;
	}
}

void
importer_begin_file(struct importer *im)
{
	im->w3c.columns = 0;
	exports_begin_file(&im->exports, &im->sink);
	repeats_reset(&im->repeats);
}

/* A line of a log inside of another's JSON: as Docker, Filebeat and their kind wrap it. */
static void
read_inner(struct importer *im, struct hit *h, struct complaint *why)
{
	struct span line = h->v[HIT_LINE];
	struct hit outer = *h;

	while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
		line.n--;
	if (!line.n)
		return;
	if (hit_request_split(line).method.n) {
		hit_offer(h, HIT_REQUEST, HIT_RANK_MAX, line);
		return;
	}
	memset(h, 0, sizeof(*h));
	if (*line.p == '{')
		log_json_inner(&im->json, h, line);
	else if (!clf_parse(h, line.p, line.n, &im->scratch, why))
		*h = outer;
	if (!h->v[HIT_TIME].p)
		h->v[HIT_TIME] = outer.v[HIT_TIME];
}

static bool
read_json(struct importer *im, struct hit *h, const char *p, size_t n, struct complaint *why)
{
	if (!log_json_parse(&im->json, h, p, n, why))
		return false;
	if (h->v[HIT_LINE].n && !h->v[HIT_REQUEST].p && !h->v[HIT_TARGET].p)
		read_inner(im, h, why);
	return true;
}

static bool
read_line(struct importer *im, struct hit *h, const char *p, size_t n, struct complaint *why)
{
	switch (im->format) {
	case IMPORT_COMBINED:
	case IMPORT_COMMON:
		return clf_parse(h, p, n, &im->scratch, why);
	case IMPORT_CLOUDFRONT:
	case IMPORT_IIS:
		return w3c_parse(&im->w3c, h, p, n, why);
	case IMPORT_HAPROXY:
		return haproxy_parse(h, p, n, why);
	case IMPORT_ALB:
		return alb_parse(h, p, n, &im->scratch, why);
	default:
		return read_json(im, h, p, n, why);
	}
}

static enum import_verdict
take(struct importer *im, const char *p, size_t n, struct out *out, enum skip *skip,
    struct complaint *why)
{
	struct hit h;

	*skip = SKIP_COMMENT;
	if (*p == '#' && (im->format == IMPORT_CLOUDFRONT || im->format == IMPORT_IIS)) {
		if (w3c_describe(&im->w3c, p, n))
			return IMPORT_SKIP;
		*why = (struct complaint){ .text = SPAN("Invalid \"#Fields:\"") };
		return IMPORT_REJECT;
	}
	memset(&h, 0, sizeof(h));
	if (!read_line(im, &h, p, n, why))
		return IMPORT_REJECT;
	return pageview_write(
	    &im->pageview, &h, &im->repeats, (struct span){ p, n }, out, skip, why);
}

static void
take_export(struct importer *im, const char *p, size_t n, struct out *out)
{
	struct export_sink *s = &im->sink;

	s->out = out;
	s->events = s->skipped = s->headers = 0;
	exports_take(&im->exports, im->format, p, n, s);
	im->events += s->events;
	im->skipped[SKIP_KIND] += s->skipped;
	im->skipped[SKIP_COMMENT] += s->headers;
	im->skips += s->skipped + s->headers;
}

bool
importer_in_row(const struct importer *im)
{
	return csv_left(&im->exports.csv).n > 0;
}

void
importer_take(struct importer *im, const char *p, size_t n, struct out *out)
{
	struct complaint why;
	enum skip skip;

	if (exports_has(im->format)) {
		take_export(im, p, n, out);
		return;
	}
	switch (take(im, p, n, out, &skip, &why)) {
	case IMPORT_EVENT:
		im->events++;
		break;
	case IMPORT_SKIP:
		im->skipped[skip]++;
		im->skips++;
		break;
	case IMPORT_REJECT:
		im->reject(im->context, (struct span){ p, n }, &why, 1);
		break;
	}
}
